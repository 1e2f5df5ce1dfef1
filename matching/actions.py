"""Computing, approving and publishing a match."""

import csv
import io
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from matching import notices, terms
from matching.engine import Market, MarketError, Result, Violation, check, next_offers, solve
from matching.engine.explain import FULL, Explainer, Reason
from matching.engine.figures import Figures
from matching.engine.proof import Prover
from matching.models import Match, MatchRun
from matching.snapshot import (
    Misfit,
    Present,
    adjust,
    applications_by_name,
    project_name,
    project_pk,
    read_call,
    read_present,
)
from matching.states import MATCH_RUN, STANDING, Adjustment, Examined, MatchRefusal, RunKind, RunState
from portal.accounts.models import User
from portal.accounts.rules import is_agency
from portal.audit.actions import record, record_all
from portal.companies.actions import reinstate_company
from portal.companies.models import Company
from portal.jobs.actions import NightFailed, Steps, run_night
from portal.workflow import IllegalMove, Refused
from projects.actions import (
    adjust_company_cap,
    adjust_project,
    announce_call,
    calls_to_close,
    close_call,
    close_project,
    exclude_project,
    finish_call,
    lock_call,
    start_call,
)
from projects.applications.actions import refuse_applications
from projects.applications.models import Application
from projects.applications.notices import AT_PUBLICATION
from projects.applications.states import APPLICATION, ApplicationState, IneligibleReason
from projects.fit.actions import refresh_fits
from projects.models import Call, Participation, Project
from projects.placements.actions import (
    close_reserves,
    expire_placement,
    next_vacancy_offers_at,
    number_reserves,
    offer_placements,
    offer_vacancies,
    remind_unanswered,
    start_placements,
    vacancy_mode,
)
from projects.placements.models import Placement
from projects.placements.states import PlacementSource
from projects.rankings.actions import (
    remind_uncertified,
    seal_rankings,
    tampered_lists,
    tell_of_lost_wishes,
)
from projects.rankings.models import RankItem, RankList
from projects.states import CallState, ProjectState, VacancyMode

log = logging.getLogger(__name__)
JOB = "matching.run_nightly_matching"
#: Refused wishes times the length of all lists: up to here the nearest changes are found with the run, in 3 s or less.
CHANGES_WITH_RUN = 2_000_000
#: In a market of more people one person's changes take longer than a page may (10 000: 2 s).
PEOPLE_FOR_CHANGES = 20_000
CHANGES_KEPT = timedelta(days=7)


def _locked(run: MatchRun) -> MatchRun:
    return MatchRun.objects.select_for_update(of=("self",)).select_related("call__rule_set").get(pk=run.pk)


# --- computing ----------------------------------------------------------------------------------------


def read_run(run: MatchRun) -> Market:
    """The market of a run as its call stands now, with the run's own changes.

    Raises
    ------
    Misfit
        If what a change is about has left the call.
    """
    return adjust(read_call(run.call), run.changes)


@transaction.atomic
def queue_run(call: Call, *, on: date, by: User | None = None) -> MatchRun:
    """Ask for a run; provisional while lists are open, final once they are sealed. A clock computes it."""
    call = lock_call(call)
    if call not in Call.objects.awaiting_match(timezone.now()):
        raise Refused(MatchRefusal.NOT_OPEN)
    if MatchRun.objects.filter(call=call, state=RunState.QUEUED).exists():
        raise Refused(MatchRefusal.RUNNING)
    kind = _kind_of(call)
    if kind == RunKind.FINAL and MatchRun.objects.filter(call=call, kind=kind, state__in=STANDING).exists():
        raise Refused(MatchRefusal.STANDS)
    if kind == RunKind.FINAL and not call.draw.is_confirmed:
        raise Refused(MatchRefusal.NO_DRAW_VALUE)
    run = MatchRun.objects.create(call=call, kind=kind, on=on, requested_by=by)
    record("queue_run", run, by=by, kind=kind)
    return run


@transaction.atomic
def compute_run(run: MatchRun) -> MatchRun:
    """Solve a queued run, prove it, and keep what a run of its kind may keep.

    Only the run is locked: lists can be certified and sealed meanwhile. A run asked for while lists were open and
    computed once they are sealed is final. A market that cannot be read or an answer that the check refuses leaves
    the run failed, with what was found.
    """
    run = _locked(run)
    if not MATCH_RUN.may(run, "compute_run"):
        raise IllegalMove(run, "compute_run")
    if run.call.state == CallState.MATCHING:
        run.kind = RunKind.FINAL
        if not run.call.draw.is_confirmed:
            return _fail(run, MatchRefusal.NO_DRAW_VALUE)
    moment = timezone.now()
    try:
        market = read_run(run)
        result = solve(market, rule=run.call.rule_set.tie_rule)
    except (MarketError, Misfit) as error:
        return _fail(run, error)
    run.engine, violations = result.engine, check(market, result)
    if run.kind == RunKind.FINAL:
        return _keep_final(run, market, result, violations)
    return _keep_provisional(run, market, result, violations, moment)


def _keep_final(run: MatchRun, market: Market, result: Result, violations: Sequence[Violation]) -> MatchRun:
    """Everything: market, result, proof, figures, and everybody's line with its reasons."""
    run.market, run.result = market.to_json(), result.to_json()
    run.market_sha256, run.result_sha256 = market.sha256, result.sha256
    applications = _application_pks(run.call)
    lists = RankItem.objects.wishes(run.call)
    wishes = {name: lists.get(applications[name], []) for name in market.trainees}
    figures = None if violations else Figures(market, result)
    run.figures = figures and figures_of(market, result, figures, wishes)
    found = [violation.to_json() for violation in violations]
    run = _keep(run, found, market=run.market_sha256, result=run.result_sha256)
    if figures is not None:
        _write_matches(run, figures, applications, wishes)
        notices.run_finished(run)
    return run


def _keep_provisional(
    run: MatchRun, market: Market, result: Result, violations: Sequence[Violation], moment: datetime
) -> MatchRun:
    """That it was proved, and a picture from which nobody's list can be read."""
    if not violations:
        run.figures = _outlook(run, market, result, moment)
    return _keep(run, [{"code": violation.code} for violation in violations])


def _keep(run: MatchRun, violations: list[Any], **hashes: str) -> MatchRun:
    run.violations, run.computed_at = violations, timezone.now()
    was = MATCH_RUN.move(run, "compute_run")
    run.save()
    record("compute_run", run, by=None, was=was, **hashes)
    if violations:
        return _fail(run, f"{len(violations)} violations")
    was = MATCH_RUN.move(run, "verify_run")
    run.save()
    record("verify_run", run, by=None, was=was)
    return run


def _fail(run: MatchRun, error: Exception | str) -> MatchRun:
    """Write down what went wrong; of an error in lists that can still change only its kind."""
    if isinstance(error, Exception):
        name = type(error).__name__
        error = f"{name}: {error}" if run.kind == RunKind.FINAL else name
    was = MATCH_RUN.move(run, "fail_run")
    run.error = error[:500]
    run.save()
    record("fail_run", run, by=None, was=was)
    notices.run_finished(run)
    return run


def _totals(market: Market) -> dict[str, Any]:
    return {
        "applicants": len(market.trainees),
        "with_list": sum(1 for trainee in market.trainees.values() if trainee.prefs),
        "places": sum(project.capacity for project in market.projects.values()),
    }


def figures_of(
    market: Market, result: Result, figures: Figures, wishes: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """What staff look at once lists are sealed: whole numbers, and one line per project.

    Choices are counted as people numbered them (``wishes``), also where a project above has left the match since.
    """
    lines = _reserve_lines(figures, result, VacancyMode.FILL)
    got, assigned = Counter[int](), []
    for name, project in result.matching.items():
        if project and int(project[1:]) in wishes[name]:
            got[wishes[name].index(int(project[1:]))] += 1
        elif project:
            assigned.append(name)
    firsts = Counter(wished[0] for wished in wishes.values() if wished)
    return {
        **_totals(market),
        "with_list": sum(1 for wished in wishes.values() if wished),
        "without": sum(1 for name, wished in wishes.items() if not wished and name not in assigned),
        "size": result.size,
        "assigned": len(assigned),
        "rank_profile": [got[rank] for rank in range(max(got, default=-1) + 1)],
        "closed": [project_pk(name) for name in result.closed],
        **_lines(market, result),
        "reserve_numbers": sum(len(people) for people in lines.values()),
        "reserve_people": len({person for people in lines.values() for person in people}),
        "projects": [
            {
                "project": project_pk(name),
                "capacity": line.capacity,
                "minimum": line.minimum,
                "listings": line.listings,
                "first_choices": firsts[int(name[1:])],
                "size": line.size,
                "closed": line.closed,
                "reached": line.reached,
                "waiting": len(figures.waiting[name]),
            }
            for name, line in figures.projects.items()
        ],
    }


def _lines(market: Market, result: Result) -> dict[str, Any]:
    """The lines of admission as everybody may see them, and their root; by another rule there is none for everybody."""
    if result.rule != "draw":
        return {}
    prover = Prover(market, result)
    return {"lines": prover.lines, "lines_root": prover.tree.root}


def _outlook(run: MatchRun, market: Market, result: Result, moment: datetime) -> dict[str, Any]:
    """What staff look at while lists are open: totals as they are, and a picture that changes only with many lists.

    ``looked_at`` is when the picture was made, ``about`` how many would be placed, to the nearest five, ``projects``
    the band of each. Until enough people have certified a list since then, the last run's picture stays.
    """
    totals, kept = _totals(market), _last_picture(run.call)
    lists = RankList.objects.binding().filter(
        call=run.call, application__state=ApplicationState.ELIGIBLE, certified_at__lt=moment
    )
    if kept["looked_at"]:
        lists = lists.filter(certified_at__gte=kept["looked_at"])
    if lists.count() < terms.LISTS_PER_LOOK:
        return {**totals, **kept}
    figures = Figures(market, result)
    return {
        **totals,
        "looked_at": moment.isoformat(),
        "about": min(terms.about(result.size), totals["places"]),
        "projects": [
            {
                "project": project_pk(name),
                "band": terms.outlook(
                    size=line.size,
                    demand=line.size + len(figures.waiting[name]),
                    places=line.capacity,
                    minimum=line.minimum,
                    closed=line.closed,
                ),
            }
            for name, line in figures.projects.items()
        ],
    }


def _last_picture(call: Call) -> dict[str, Any]:
    """The picture of the newest provisional run that has one, whatever became of the run."""
    runs = MatchRun.objects.filter(call=call, kind=RunKind.PROVISIONAL).exclude(figures=None)
    figures = runs.order_by("-computed_at").values_list("figures", flat=True).first() or {}
    return {"looked_at": None, "about": None, "projects": []} | {
        name: figures[name] for name in ("looked_at", "about", "projects") if name in figures
    }


def _application_pks(call: Call) -> dict[str, int]:
    """Pseudonym -> id, for the applicants of a call."""
    rows = Application.objects.filter(call=call).values_list("pseudonym", "pk")
    return {pseudonym.hex: pk for pseudonym, pk in rows}


def _write_matches(
    run: MatchRun, figures: Figures, applications: Mapping[str, int], wishes: Mapping[str, Sequence[int]]
) -> None:
    """Everybody's line at once, straight into the table: at 100 000 people a model per row takes longer than the match."""
    explainer, changes = Explainer(figures), _may_look_for_changes(figures)
    rows = io.StringIO(newline="")
    write = csv.writer(rows).writerow
    for name, got in figures.result.matching.items():
        reasons = _reasons(explainer.reasons(name, changes=changes), wishes[name])
        granted = (reason["rank"] for reason in reasons if reason["code"] in ("matched", "fixed"))
        write((run.pk, applications[name], project_pk(got), next(granted, None), json.dumps(reasons)))
    rows.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY matching_match (run_id, application_id, project_id, rank, reasons) FROM STDIN (FORMAT csv)",
            rows,
        )


def _reasons(reasons: Iterable[Reason], wished: Sequence[int]) -> list[dict[str, Any]]:
    """One reason per line of the person's list, with the rank it has there.

    The market knows only what took part. What was withdrawn, or whose company was barred, after lists were certified
    keeps its line and says so: nobody's second choice becomes the first.
    """
    said = {project_pk(reason.project): reason.to_json() for reason in reasons}
    absent = {"code": "not_in_match"}
    return [{**said.get(pk, absent), "project": pk, "rank": rank} for rank, pk in enumerate(wished, start=1)]


def _may_look_for_changes(figures: Figures) -> bool:
    """Whether everybody's nearest changes can be found while the run is computed."""
    most = CHANGES_WITH_RUN // max(len(figures.arrays.wish_key), 1)
    refused = (wish for one in range(len(figures.arrays.trainees)) for wish in figures.envied(one))
    return next(islice(refused, most, None), None) is None


def may_find_changes(match: Match) -> bool:
    """Whether the nearest changes, which the run did not keep, can be found for one person on demand."""
    run = match.run
    return (
        run.call.rule_set.tie_rule == "draw"
        and (run.figures or {}).get("applicants", 0) <= PEOPLE_FOR_CHANGES
        and any(reason["code"] in FULL and "change" not in reason for reason in match.reasons)
    )


def find_changes(match: Match) -> dict[int, dict[str, Any]] | None:
    """The nearest changes of one person by project id, from the market the run stored; None while another's are found.

    They are kept for some days, because a large market takes a second or two; one is asked at a time, so that a
    publication that everybody opens at once does not stop the portal.
    """
    key, busy = f"match-changes:{match.pk}", "match-changes-busy"
    kept = cache.get(key)
    if kept is not None:
        return {int(project): change for project, change in kept.items()}
    if not cache.add(busy, match.pk, timeout=60):
        return None
    try:
        run = MatchRun.objects.get(pk=match.run_id)
        figures = Figures(Market.from_json(run.market or {}), Result.from_json(run.result or {}))
        name = match.application.pseudonym.hex
        reasons = Explainer(figures).reasons(name, changes=True)
        found = {
            int(reason.project[1:]): reason.change.to_json()
            for reason in reasons
            if reason.change is not None
        }
        cache.set(key, found, timeout=CHANGES_KEPT.total_seconds())
    finally:
        cache.delete(busy)
    return found


def run_matching(call: Call, *, on: date) -> MatchRun | None:
    """The night's run of one call: asked for in one transaction, computed in the next.

    A final answer that stands is left alone, unless the call has changed since and nobody has approved it. What a
    crash left waiting is computed, and no date has two of the night's runs: done twice, the second time changes
    nothing.
    """
    _discard_outdated(call)
    run = _run_of_night(call, on)
    if run is None or run.state != RunState.QUEUED:
        return run
    try:
        return compute_run(run)
    except IllegalMove:  # another worker was faster
        return MatchRun.objects.light().get(pk=run.pk)


@transaction.atomic
def _run_of_night(call: Call, on: date) -> MatchRun | None:
    """One that waits, the one this night made before, or a new one.

    None if a final answer stands, and while the public half of the seed is not confirmed.
    """
    call = lock_call(call)
    runs = MatchRun.objects.light().filter(call=call)
    if _kind_of(call) == RunKind.FINAL and not call.draw.is_confirmed:
        return None
    waiting = runs.filter(state=RunState.QUEUED).first()
    if waiting is not None:
        return waiting
    kind = _kind_of(call)
    if kind == RunKind.FINAL and runs.filter(kind=kind, state__in=STANDING).exists():
        return None
    made = runs.filter(on=on, kind=kind, requested_by=None).exclude(state=RunState.DISCARDED).first()
    return made or queue_run(call, on=on)


def _kind_of(call: Call) -> RunKind:
    return RunKind.FINAL if call.state == CallState.MATCHING else RunKind.PROVISIONAL


def _discard_outdated(call: Call) -> None:
    """Throw away a final run that nobody has approved yet and whose call has changed since.

    One that somebody made from a scenario is their decision, and waits for theirs.
    """
    final = MatchRun.objects.light().filter(call=call, call__state=CallState.MATCHING, kind=RunKind.FINAL)
    for run in final.filter(state=RunState.VERIFIED, adjustments__isnull=True):
        if not is_current(run):
            with transaction.atomic():
                run = _locked(run)
                if run.state == RunState.VERIFIED:  # who approved it a moment ago decides about it now
                    was = MATCH_RUN.move(run, "discard_run")
                    run.save()
                    record("discard_run", run, by=None, was=was, reason=MatchRefusal.OUTDATED)


def compute_queued_runs() -> int:
    """Compute what staff asked for; another worker's run is skipped."""
    done = 0
    for pk in list(
        MatchRun.objects.filter(state=RunState.QUEUED).order_by("pk").values_list("pk", flat=True)
    ):
        try:
            done += _compute_if_queued(pk)
        except Exception as error:
            log.exception("match run %s", pk)
            _give_up_run(pk, error)
    return done


@transaction.atomic
def _give_up_run(pk: int, error: Exception) -> None:
    """A run that cannot be computed is failed, so that it never stands in the way of the next one."""
    run = MatchRun.objects.select_for_update(of=("self",)).select_related("call").get(pk=pk)
    if MATCH_RUN.may(run, "fail_run"):
        _fail(run, error)


@transaction.atomic
def _compute_if_queued(pk: int) -> bool:
    run = (
        MatchRun.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=pk, state=RunState.QUEUED)
        .first()
    )
    if run is not None:
        compute_run(run)
    return run is not None


# --- deciding -----------------------------------------------------------------------------------------


def prove(run: MatchRun) -> bool:
    """Check the stored answer again, from the stored files and their hashes."""
    if run.market is None or run.result is None:
        return False
    market, result = Market.from_json(run.market), Result.from_json(run.result)
    return (market.sha256, result.sha256) == (run.market_sha256, run.result_sha256) and not check(
        market, result
    )


def is_current(run: MatchRun) -> bool:
    """Whether people, projects, places and caps, with the run's own changes, are still those it was computed from."""
    try:
        return read_run(run).sha256 == run.market_sha256
    except (MarketError, Misfit):
        return False


def check_current(run: MatchRun) -> None:
    if not is_current(run):
        raise Refused(MatchRefusal.OUTDATED)


def check_decided(call: Call) -> None:
    """Refuse to go on while somebody who handed in an application has no decision: they would have no result."""
    undecided = Application.objects.filter(call=call).undecided().count()
    if undecided:
        raise Refused(MatchRefusal.UNDECIDED, count=undecided)


def check_untouched(call: Call) -> None:
    """Refuse a result of lists that no longer are what was certified and sealed."""
    found = tampered_lists(call)
    if found:
        raise Refused(MatchRefusal.TAMPERED, references=", ".join(sorted({one.about for one in found})[:5]))


@transaction.atomic
def approve_run(run: MatchRun, *, note: str, checks: Iterable[str] = (), by: User) -> MatchRun:
    """First pair of eyes: a member of the agency examined the figures and the certificate, and says what of them."""
    run = _locked(run)
    if not is_agency(by):
        raise Refused(MatchRefusal.NOT_AGENCY)
    if run.kind != RunKind.FINAL:
        raise Refused(MatchRefusal.PROVISIONAL)
    if not note.strip():
        raise Refused(MatchRefusal.NO_NOTE)
    was = MATCH_RUN.move(run, "approve_run")
    if not prove(run):
        raise Refused(MatchRefusal.NOT_PROVED)
    check_decided(run.call)
    check_current(run)
    check_untouched(run.call)
    run.approval_checks = sorted(Examined(code).value for code in set(checks))
    run.approved_by, run.approved_at, run.approval_note = by, timezone.now(), note
    run.save()
    record("approve_run", run, by=by, was=was, note=note, checks=run.approval_checks)
    return run


@transaction.atomic
def publish_run(run: MatchRun, *, note: str, checks: Iterable[str] = (), by: User) -> MatchRun:
    """Second pair of eyes, and the moment everybody reads their result: offers, reserve numbers, messages."""
    call = lock_call(run.call)
    run = _locked(run)
    if not is_agency(by):
        raise Refused(MatchRefusal.NOT_AGENCY)
    if run.approved_by_id == by.pk:
        raise Refused(MatchRefusal.SAME_PERSON)
    if not note.strip():
        raise Refused(MatchRefusal.NO_NOTE)
    was = MATCH_RUN.move(run, "publish_run")
    if call.state != CallState.MATCHING:
        raise Refused(MatchRefusal.NOT_SEALED)
    if not prove(run):
        raise Refused(MatchRefusal.NOT_PROVED)
    check_decided(run.call)
    check_current(run)
    check_untouched(call)
    run.publication_checks = sorted(Examined(code).value for code in set(checks))
    run.published_by, run.published_at, run.publication_note = by, timezone.now(), note
    run.save()
    record("publish_run", run, by=by, was=was, note=note, checks=run.publication_checks)
    _apply_adjustments(run, by)
    _carry_out(run, call, by)
    announce_call(call, by=by)
    return run


def _apply_adjustments(run: MatchRun, by: User) -> None:
    """Make the call what the run was computed from: places, minimums, caps, and projects that take no part."""
    why = (run.adjustments or {}).get("reason", "")
    numbers: dict[int, dict[str, Any]] = {}
    for change in run.changes:
        kind, reason = change["kind"], change.get("note") or why
        if kind in (Adjustment.PLACES, Adjustment.MINIMUM):
            numbers.setdefault(change["project"], {"reason": reason})[kind] = change[kind]
        elif kind == Adjustment.EXCLUDE:
            exclude_project(Project.objects.get(pk=change["project"]), reason=reason, by=by)
        elif kind == Adjustment.CAP:
            row = Participation.objects.get(call=run.call_id, company=change["company"])
            adjust_company_cap(row, cap=change["cap"], reason=reason, by=by)
    for pk, facts in numbers.items():
        adjust_project(Project.objects.get(pk=pk), **facts, by=by)


def _exceptions(run: MatchRun, pairs: Iterable[tuple[Application, Project]]) -> dict[int, str]:
    """Application id -> why that person was placed by decision, of those who got the place they were fixed to."""
    got = {application.pk: project.pk for application, project in pairs}
    return {
        change["application"]: "\n".join(filter(None, (change["reason"], change["note"])))
        for change in run.changes
        if change["kind"] == Adjustment.FIX and got.get(change["application"]) == change["project"]
    }


def _carry_out(run: MatchRun, call: Call, by: User) -> None:
    """Write what the published result means for every person, project and company of the call."""
    market, result = Market.from_json(run.market or {}), Result.from_json(run.result or {})
    figures = Figures(market, result)
    applications = applications_by_name(call)
    projects = Project.objects.filter(call=call).select_related("company").in_bulk()
    pairs = [
        (applications[name], projects[int(got[1:])])
        for name, got in result.matching.items()
        if got is not None
    ]
    best = _best_numbers(figures, result, applications, call.rule_set.vacancy_mode)
    number_reserves(call, best["lines"])
    offer_placements(
        call,
        pairs,
        source=PlacementSource.MATCH,
        at=timezone.now(),
        exceptions=_exceptions(run, pairs),
        signed_by=(run.adjustments or {}).get("by"),
        by=by,
    )
    left_out = Application.objects.filter(call=call).eligible().exclude(matches__run=run)
    refuse_applications(left_out, reason=IneligibleReason.NO_CONSENT, occasion=AT_PUBLICATION, by=by)
    _settle_the_rest(call, best["numbers"], by)
    closed: dict[int, list[Project]] = {}
    for name in result.closed:
        project = close_project(projects[int(name[1:])], by=by)
        closed.setdefault(project.company_id, []).append(project)
    for project in projects.values():
        if project.state == ProjectState.SELECTED and project_name(project.pk) not in market.projects:
            exclude_project(project, by=by)
    placed: dict[int, int] = {}
    for _application, project in pairs:
        placed[project.company_id] = placed.get(project.company_id, 0) + 1
    companies = Company.objects.filter(
        pk__in={projects[int(name[1:])].company_id for name in market.projects}
    )
    notices.results_for_companies(call, companies, placed, closed)


def _reserve_lines(figures: Figures, result: Result, mode: str) -> dict[str, list[str]]:
    """Open project -> who would rather be there, best standing first; if nobody moves, only who has no place."""
    return {
        name: [person for person in waiting if mode == VacancyMode.CHAIN or result.matching[person] is None]
        for name, waiting in figures.reserves.items()
    }


def _best_numbers(
    figures: Figures, result: Result, applications: dict[str, Application], mode: str
) -> dict[str, Any]:
    """Reserve lines per open project, and each person's smallest number."""
    lines: list[tuple[int, int, int]] = []
    numbers: dict[int, int] = {}
    for name, people in _reserve_lines(figures, result, mode).items():
        for number, person in enumerate(people, start=1):
            application = applications[person].pk
            lines.append((int(name[1:]), application, number))
            numbers[application] = min(number, numbers.get(application, number))
    return {"lines": lines, "numbers": numbers}


def _settle_the_rest(call: Call, numbers: dict[int, int], by: User) -> None:
    rest = Application.objects.filter(call=call, state=ApplicationState.ELIGIBLE)
    people = list(rest.select_related("trainee__user"))
    held = APPLICATION.move_all(rest.filter(pk__in=numbers), "hold_application")
    left = APPLICATION.move_all(rest, "leave_application_unmatched")
    record_all("hold_application", Application, held, to=ApplicationState.RESERVE, by=by)
    record_all("leave_application_unmatched", Application, left, to=ApplicationState.UNMATCHED, by=by)
    notices.results_unmatched(call, [(person, numbers.get(person.pk)) for person in people])


@transaction.atomic
def discard_run(run: MatchRun, *, reason: str, by: User) -> MatchRun:
    """Do not use it; the next night computes another one. What the agency approved only the agency takes back.

    Whoever saw the run before it was approved decided about another one: a run whose state has changed since
    ``run`` was read is not thrown away.
    """
    seen, run = run.state, _locked(run)
    if run.state == RunState.APPROVED and not is_agency(by):
        raise Refused(MatchRefusal.NOT_AGENCY)
    if run.state != seen:
        raise IllegalMove(run, "discard_run")
    was = MATCH_RUN.move(run, "discard_run")
    run.save()
    record("discard_run", run, by=by, was=was, reason=reason)
    return run


@transaction.atomic
def replace_run(run: MatchRun, *, adjustments: Mapping[str, Any], by: User) -> MatchRun:
    """Put a run with adjustments in the place of the one that stands; it is to be computed, approved and published.

    Whoever decided saw ``run`` as it was read: one whose state has changed since is not replaced.
    """
    call, seen = lock_call(run.call), run.state
    run = _locked(run)
    if not is_agency(by):
        raise Refused(MatchRefusal.NOT_AGENCY)
    if call.state != CallState.MATCHING or run.kind != RunKind.FINAL:
        raise IllegalMove(run, "replace_run")
    if run.state != seen or run.state not in (RunState.VERIFIED, RunState.APPROVED):
        raise IllegalMove(run, "replace_run")
    was = MATCH_RUN.move(run, "discard_run")
    run.save()
    record("discard_run", run, by=by, was=was, reason=adjustments["reason"])
    replacing = MatchRun.objects.create(
        call=call, kind=RunKind.FINAL, on=timezone.localdate(), requested_by=by, adjustments=adjustments
    )
    record("queue_run", replacing, by=by, kind=replacing.kind, replaces=run)
    return replacing


# --- filling what fell free ---------------------------------------------------------------------------


@transaction.atomic
def fill_vacancies(call: Call, *, now: datetime, by: User | None = None) -> list[Placement]:
    """Ask whoever's turn it is about every seat that is free, by the standings of the published run.

    Until projects start people are asked who have a place but would rather be there; then only who has none. The
    market is read once per call, and only if there is a free seat somebody waits for.
    """
    call = lock_call(call)
    moment = next_vacancy_offers_at(call, now)
    run = MatchRun.objects.filter(call=call, state=RunState.PUBLISHED).first()
    if moment is None or run is None:
        return []
    turns = _turns(read_present(run), vacancy_mode(call, moment))
    asked = Application.objects.filter(call=call, pseudonym__in=[name for name, _ in turns])
    people = {pseudonym.hex: pk for pk, pseudonym in asked.values_list("pk", "pseudonym")}
    pairs = [(people[name], int(project[1:])) for name, project in turns]
    return offer_vacancies(call, pairs, at=moment, by=by)


def _turns(present: Present, mode: str) -> list[tuple[str, str]]:
    """Who is asked about what, by name. A better offer frees the seat of the one it replaces, which is given on too."""
    pending, freed = dict(present.pending), True
    while freed:
        moves = next_offers(
            present.market, present.result, pending=pending, refused=present.refused, mode=mode
        )
        pending |= {move.trainee: move.project for move in moves}
        freed = any(move.before is not None for move in moves)
    return sorted(pending.items() - present.pending.items())


# --- the night ----------------------------------------------------------------------------------------


def advance_calls(on: date) -> dict[str, int]:
    """What the calendar brings before the match: calls close, lists are sealed, offers expire, seats are filled.

    Raises
    ------
    NightFailed
        If a row failed; everything else is done, and the next tick tries again.
    """
    now, steps = timezone.now(), Steps()
    calls = Call.objects.order_by("pk")
    steps.each("reinstated", Company.objects.barred_until_before(on).order_by("pk"), _reinstate)
    steps.each("closed", calls_to_close(now), close_call)
    steps.each("sealed", calls.filter(state=CallState.CLOSED, rankings_due_at__lt=now), seal_rankings)
    steps.once("told_of_lost_wishes", tell_of_lost_wishes)
    steps.once("reminded_to_answer", lambda: remind_unanswered(now))
    steps.each("expired", Placement.objects.unanswered(now).order_by("pk"), expire_placement)
    steps.each("calls_started", calls.filter(state=CallState.ANNOUNCED, starts_on__lte=on), start_call)
    filling = calls.filter(state__in=[CallState.ANNOUNCED, CallState.RUNNING])
    steps.each("called_from_reserve", filling, lambda call: fill_vacancies(call, now=now))
    filled = calls.filter(state__in=[CallState.ANNOUNCED, CallState.RUNNING, CallState.FINISHED])
    steps.each("reserves_closed", filled, lambda call: close_reserves(call, on))
    steps.each("started", calls.filter(state=CallState.RUNNING), lambda call: start_placements(call, on))
    steps.each("finished", calls.filter(state=CallState.RUNNING, ends_on__lt=on), finish_call)
    return steps.finish()


def _reinstate(company: Company) -> Company:
    """A bar that was set until a day ends with it."""
    return reinstate_company(company, reason="", by=None)


def match_call(call: Call, on: date) -> dict[str, Any]:
    run = run_matching(call, on=on)
    return {"run": run.pk if run else None, "state": run.state if run else ""}


def remind_call(call: Call, on: date) -> dict[str, Any]:
    return {"reminded_to_rank": remind_uncertified(call, on)}


def refresh_call(call: Call, on: date) -> dict[str, Any]:
    return {"fits": refresh_fits(call)}


def run_nightly_matching(on: date, newest: bool = True) -> dict[str, Any]:
    """The whole night ``on``: the match of every call, then reminders to rank, then fit, which is only advice.

    Each part of each call has a run row of its own, so that a crash undoes nothing and a retry does only what is
    missing. A night made up for later (not the ``newest``) sends no reminders: one message catches up for many.

    Raises
    ------
    NightFailed
        If a part failed; the others are done and stay done.
    """
    outcome: dict[str, Any] = {}
    failed = []

    def part(about: str, work: Callable[[], dict[str, Any]]) -> None:
        try:
            outcome[about] = run_night(JOB, on, work, about=about)
        except NightFailed as error:
            failed.append(str(error))
        except Exception:
            log.exception("nightly matching: %s", about)
            failed.append(about)

    part("advance", partial(advance_calls, on))
    calls = list(Call.objects.awaiting_match(timezone.now()).order_by("pk"))
    for call in calls:
        part(f"match:{call.pk}", partial(match_call, call, on))
    for call in calls if newest else []:
        part(f"remind:{call.pk}", partial(remind_call, call, on))
    for call in calls:
        if not call.is_sealed:
            part(f"fit:{call.pk}", partial(refresh_call, call, on))
    if failed:
        raise NightFailed(", ".join(failed))
    return outcome
