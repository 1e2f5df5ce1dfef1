"""Making what-if scenarios of a run, solving them, and making one of them the run that is decided about."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from matching.actions import compute_run, figures_of, read_run, replace_run
from matching.engine import Market, MarketError, Result, check, solve
from matching.engine.figures import Figures
from matching.engine.result import RULES
from matching.models import MatchRun
from matching.scenarios.models import Scenario, ScenarioMatch
from matching.scenarios.states import SCENARIO, ScenarioRefusal, ScenarioState
from matching.scenarios.terms import outcome
from matching.snapshot import Change, Misfit, adjust, applications_by_name, project_name, project_pk
from matching.states import Adjustment, RunKind, RunState
from portal.accounts.models import User
from portal.accounts.rules import is_agency
from portal.audit.actions import record
from portal.workflow import IllegalMove, Refused, Stale
from projects.models import Project
from projects.rankings.models import RankItem
from projects.states import CallState

log = logging.getLogger(__name__)

#: What is solved while one waits: wishes times the projects that can close (and one), because each closed project is
#: proved by a matching of its own. A second or two; what is larger is left to the clock.
AT_ONCE = 100_000
#: Runs whose market is kept and whose answer was proved.
COMPARABLE = frozenset({RunState.VERIFIED, RunState.APPROVED, RunState.PUBLISHED, RunState.DISCARDED})


def _locked(scenario: Scenario) -> Scenario:
    rows = Scenario.objects.select_for_update(of=("self",)).select_related("run__call__rule_set")
    return rows.get(pk=scenario.pk)


def base_of(run: MatchRun) -> MatchRun:
    """The run that was solved as the call stood: the run itself, or what it was made from."""
    base = (run.adjustments or {}).get("base")
    run = MatchRun.objects.get(pk=base or run.pk)
    if run.kind != RunKind.FINAL or run.market is None:
        raise Refused(ScenarioRefusal.NO_MARKET)
    return run


# --- making -------------------------------------------------------------------------------------------


def make_scenario(
    run: MatchRun, *, name: str, note: str = "", rule: str, changes: Sequence[Change], by: User
) -> Scenario:
    """A what-if copy of a final run; a small one is solved at once, a large one by the clock."""
    return _solve_soon(_make(run, name=name, note=note, rule=rule, changes=changes, by=by))


@transaction.atomic
def _make(run: MatchRun, *, name: str, note: str, rule: str, changes: Sequence[Change], by: User) -> Scenario:
    if run.kind != RunKind.FINAL or run.state not in COMPARABLE:
        raise Refused(ScenarioRefusal.NO_MARKET)
    base = base_of(run)
    _check_fit(base, rule, changes)
    scenario = Scenario(run=run, base=base, name=name, note=note, rule=rule, changes=changes, made_by=by)
    _save_named(scenario)
    record("make_scenario", scenario, by=by, run=run, rule=rule, changes=_told(changes))
    return scenario


def change_scenario(
    scenario: Scenario, *, name: str, note: str = "", rule: str, changes: Sequence[Change], by: User
) -> Scenario:
    """Change what it asks, and solve it anew; Stale if somebody changed it since ``scenario`` was read."""
    return _solve_soon(_change(scenario, name=name, note=note, rule=rule, changes=changes, by=by))


@transaction.atomic
def _change(
    scenario: Scenario, *, name: str, note: str, rule: str, changes: Sequence[Change], by: User
) -> Scenario:
    seen, scenario = scenario.changed_at, _locked(scenario)
    if scenario.state == ScenarioState.PROMOTED:
        raise Refused(ScenarioRefusal.PROMOTED)
    if scenario.changed_at != seen:
        raise Stale
    _check_fit(base_of(scenario.run), rule, changes)
    was = SCENARIO.move(scenario, "change_scenario")
    scenario.name, scenario.note, scenario.rule, scenario.changes = name, note, rule, list(changes)
    scenario.result = scenario.violations = scenario.figures = scenario.computed_at = None
    scenario.market_sha256 = scenario.result_sha256 = scenario.engine = scenario.error = ""
    _save_named(scenario)
    scenario.matches.all().delete()
    record("change_scenario", scenario, by=by, was=was, rule=rule, changes=_told(changes))
    return scenario


def _told(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Changes for the history, which joins nobody to what the match knows them by."""
    return [{key: value for key, value in change.items() if key != "name"} for change in changes]


def _check_fit(base: MatchRun, rule: str, changes: Sequence[Change]) -> None:
    if rule not in RULES:
        raise Refused(ScenarioRefusal.UNKNOWN_RULE)
    try:
        adjust(Market.from_json(base.market or {}), changes)
    except (MarketError, Misfit) as error:
        raise Refused(ScenarioRefusal.UNFIT) from error


def _save_named(scenario: Scenario) -> None:
    """Save, unless the run already has a scenario of that name."""
    try:
        with transaction.atomic():
            scenario.save()
    except IntegrityError as error:
        if "scenario_name_once_per_run" not in str(error):
            raise
        raise Refused(ScenarioRefusal.NAME_TAKEN) from error


@transaction.atomic
def delete_scenario(scenario: Scenario, *, by: User) -> Scenario:
    """Its maker throws it away; one that was promoted stays for good."""
    scenario = _locked(scenario)
    if scenario.state == ScenarioState.PROMOTED:
        raise Refused(ScenarioRefusal.PROMOTED)
    if scenario.made_by_id != by.pk:
        raise Refused(ScenarioRefusal.NOT_MAKER)
    changes = _told(scenario.changes)
    record("delete_scenario", scenario, by=by, name=scenario.name, run=scenario.run, changes=changes)
    scenario.delete()
    return scenario


# --- solving ------------------------------------------------------------------------------------------


def _solve_soon(scenario: Scenario) -> Scenario:
    """Solve a small one now. One that fails to be solved, and a large one, are the clock's."""
    if not _is_small(scenario.base):
        return scenario
    try:
        return compute_scenario(scenario)
    except Exception as error:
        log.exception("scenario %s", scenario.pk)
        return _give_up(scenario.pk, error)


def _is_small(run: MatchRun) -> bool:
    market = run.market or {}
    wishes = sum(len(trainee["prefs"]) for trainee in market["trainees"])
    return wishes * (1 + sum(project["minimum"] > 0 for project in market["projects"])) <= AT_ONCE


@transaction.atomic
def compute_scenario(scenario: Scenario) -> Scenario:
    """Solve it on the run's stored market with its changes, prove it, and keep where everybody goes.

    Neither the run nor the call is written, locked or read anew: only lists that were sealed and cannot change.
    """
    scenario = _locked(scenario)
    if not SCENARIO.may(scenario, "compute_scenario"):
        raise IllegalMove(scenario, "compute_scenario")
    try:
        market = adjust(Market.from_json(scenario.base.market or {}), scenario.changes)
    except (MarketError, Misfit) as error:
        return _fail(scenario, f"{type(error).__name__}: {error}")
    result = solve(market, rule=scenario.rule)
    found = check(market, result)
    scenario.violations = [violation.to_json() for violation in found]
    scenario.result, scenario.engine = result.to_json(), result.engine
    scenario.market_sha256, scenario.result_sha256 = market.sha256, result.sha256
    scenario.computed_at = timezone.now()
    if found:
        return _fail(scenario, f"{len(found)} violations")
    was = SCENARIO.move(scenario, "compute_scenario")
    lines = _lines(scenario, market, result)
    scenario.figures = lines.figures
    scenario.save()
    ScenarioMatch.objects.bulk_create(lines.rows, batch_size=2000)
    record(
        "compute_scenario", scenario, by=None, was=was, market=market.sha256, result=scenario.result_sha256
    )
    return scenario


class _Lines:
    """Everybody's line of a scenario, and its figures."""

    def __init__(self, rows: list[ScenarioMatch], figures: dict[str, Any]) -> None:
        self.rows, self.figures = rows, figures


def _lines(scenario: Scenario, market: Market, result: Result) -> _Lines:
    """Choices are counted as people numbered them, also where a project above has left."""
    applications, lists = applications_by_name(scenario.run.call), RankItem.objects.wishes(scenario.run.call)
    wishes = {name: lists.get(applications[name].pk, []) for name in market.trainees}
    before = Result.from_json(scenario.run.result or {}).matching
    rows = []
    for name, got in result.matching.items():
        now, was = project_pk(got), project_pk(before[name])
        rank, was_rank = _choice(wishes[name], now), _choice(wishes[name], was)
        rows.append(
            ScenarioMatch(
                scenario=scenario,
                application=applications[name],
                project_id=now,
                rank=rank,
                was_project_id=was,
                was_rank=was_rank,
                outcome=outcome(now, rank, was, was_rank),
                listed=bool(wishes[name]),
            )
        )
    figures = figures_of(market, result, Figures(market, result), wishes)
    return _Lines(rows, {**figures, "outcomes": Counter(row.outcome for row in rows)})


def _choice(wished: Sequence[int], project: int | None) -> int | None:
    return wished.index(project) + 1 if project in wished else None


def _fail(scenario: Scenario, error: str) -> Scenario:
    was = SCENARIO.move(scenario, "fail_scenario")
    scenario.error = error[:500]
    scenario.save()
    record("fail_scenario", scenario, by=None, was=was)
    return scenario


@transaction.atomic
def _give_up(pk: int, error: Exception) -> Scenario:
    """One that cannot be solved says so, and does not come up again and again."""
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=pk)
    if SCENARIO.may(scenario, "fail_scenario"):
        scenario = _fail(scenario, f"{type(error).__name__}: {error}")
    return scenario


def compute_queued_scenarios() -> int:
    """Solve what is waiting, oldest first; another worker's is skipped."""
    done = 0
    waiting = Scenario.objects.filter(state=ScenarioState.QUEUED).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            done += _compute_if_queued(pk)
        except Exception as error:
            log.exception("scenario %s", pk)
            _give_up(pk, error)
    return done


@transaction.atomic
def _compute_if_queued(pk: int) -> bool:
    rows = Scenario.objects.select_for_update(of=("self",), skip_locked=True)
    scenario = rows.filter(pk=pk, state=ScenarioState.QUEUED).first()
    if scenario is not None:
        compute_scenario(scenario)
    return scenario is not None


# --- promoting ----------------------------------------------------------------------------------------


@transaction.atomic
def promote_scenario(scenario: Scenario, *, reason: str, seen: str = "", by: User) -> Scenario:
    """채택: the scenario becomes a run, proved anew and to be approved and published by two people like any other.

    It takes the place of the run it was made from, which is thrown away in the same transaction. A large one is proved
    by the clock; one that it cannot prove fails, and the night makes a plain run again. ``seen`` is the
    state of that run on the page that was read: whoever saw it before it was approved decided about another one.
    """
    run = MatchRun.objects.select_related("call__rule_set").get(pk=scenario.run_id)
    _check_promotion(scenario, run, reason=reason, by=by)
    if seen and run.state != seen:
        raise Stale
    adjustments = {
        "scenario": scenario.pk,
        "name": scenario.name,
        "base": scenario.base_id,
        "replaces": run.pk,
        "changes": scenario.changes,
        "reason": reason,
        "by": by.pk,
        "by_name": by.name,
        "made_by": scenario.made_by_id,
        "at": timezone.now().isoformat(),
    }
    promoted = replace_run(run, adjustments=adjustments, by=by)
    changed_at, scenario = scenario.changed_at, _locked(scenario)
    if scenario.changed_at != changed_at:
        raise Stale
    try:
        current = read_run(promoted).sha256 == scenario.market_sha256
    except (MarketError, Misfit):
        current = False
    if not current:
        raise Refused(ScenarioRefusal.OUTDATED)
    if _is_small(scenario.base):
        promoted = compute_run(promoted)
        if promoted.state != RunState.VERIFIED:
            raise Refused(ScenarioRefusal.UNPROVED)
    was = SCENARIO.move(scenario, "promote_scenario")
    scenario.promoted_to = promoted
    scenario.save()
    record("promote_scenario", scenario, by=by, was=was, run=promoted, replaces=run, reason=reason)
    return scenario


def _check_promotion(scenario: Scenario, run: MatchRun, *, reason: str, by: User) -> None:
    if not is_agency(by):
        raise Refused(ScenarioRefusal.NOT_AGENCY)
    if not reason.strip():
        raise Refused(ScenarioRefusal.NO_REASON)
    if not scenario.changes:
        raise Refused(ScenarioRefusal.UNCHANGED)
    if run.call.state != CallState.MATCHING:
        raise Refused(ScenarioRefusal.PUBLISHED)
    if scenario.rule != run.call.rule_set.tie_rule:
        raise Refused(ScenarioRefusal.ANNOUNCED_RULE, rule=run.call.rule_set.get_tie_rule_display())
    if run.state not in (RunState.VERIFIED, RunState.APPROVED):
        raise Refused(ScenarioRefusal.NOT_STANDING)
    if not SCENARIO.may(scenario, "promote_scenario"):
        raise IllegalMove(scenario, "promote_scenario")
    _check_words(scenario)


def _check_words(scenario: Scenario) -> None:
    """Whoever is asked for more than they offered or chose has agreed, and that is written down."""
    offered = {project["id"]: project["capacity"] for project in (scenario.base.market or {})["projects"]}
    for change in scenario.changes:
        if change["kind"] not in (Adjustment.PLACES, Adjustment.FIX) or change["note"].strip():
            continue
        before = offered[project_name(change["project"])]
        title = Project.objects.get(pk=change["project"]).title
        if change["kind"] == Adjustment.FIX:
            raise Refused(ScenarioRefusal.NO_GROUND, project=title)
        if change["places"] > before:
            raise Refused(ScenarioRefusal.NO_CONSENT, project=title, offered=before)
