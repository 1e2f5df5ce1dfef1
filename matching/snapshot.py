"""Reads one call into a market, and names into rows again.

A trainee is known by the application's pseudonym, a project as ``p<id>``, a company as ``c<id>``. Only pairs that a
trainee ranked are written: what nobody asked for cannot matter.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from matching.engine import Market, Result, report
from matching.models import MatchRun
from matching.states import Adjustment
from projects.applications.models import Application
from projects.fit.actions import sealed_fits, wished_fits
from projects.models import Call, Participation, Project
from projects.placements.models import Placement, Reserve, takes_people
from projects.placements.states import SEATED
from projects.rankings.models import RankItem, RankList
from projects.states import VacancyMode

#: A reviewed candidate stands above every unreviewed one: their score is lifted over the largest fit (1000).
LIFT = 1001


def project_name(pk: int) -> str:
    return f"p{pk}"


def company_name(pk: int) -> str:
    return f"c{pk}"


def project_pk(name: str | None) -> int | None:
    return int(name[1:]) if name else None


def reviews_of(call: Call) -> dict[tuple[int, int], Decimal | None]:
    """(application id, project id) -> the company's score, or None for a refusal; the unreviewed are missing."""
    items = RankItem.objects.filter(
        rank_list__in=RankList.objects.binding().filter(call=call, company__isnull=False), position=None
    ).values_list("application_id", "project_id", "score")
    return {
        (application, project): score for application, project, score in items.iterator(chunk_size=10_000)
    }


def read_call(call: Call) -> Market:
    """The market of a call as its binding lists stand now; once they are sealed, by nothing but what was sealed.

    A candidate whom the company did not review stands by fit: by today's facts while lists are open, by the fit that
    was kept afterwards. A handful of bulk queries; O(people + total length of the lists).
    """
    projects = list(Project.objects.in_match().filter(call=call).order_by("pk"))
    scores: dict[int, dict[str, float]] = {project.pk: {} for project in projects}
    wishes = {
        application: [pk for pk in wished if pk in scores]
        for application, wished in RankItem.objects.wishes(call).items()
    }
    reviews = reviews_of(call)
    fits = dict(sealed_fits(call) if call.is_sealed else wished_fits(call, wishes))
    people = Application.objects.filter(call=call).candidates().order_by("pk")
    trainees = []
    for application, pseudonym in people.values_list("pk", "pseudonym").iterator(chunk_size=10_000):
        wished = wishes.get(application, [])
        trainees.append({"id": pseudonym.hex, "prefs": [project_name(pk) for pk in wished]})
        for pk in wished:
            if (application, pk) not in reviews:
                scores[pk][pseudonym.hex] = fits[application][pk]
            elif (score := reviews[application, pk]) is not None:
                scores[pk][pseudonym.hex] = float(score) + LIFT
    return Market.from_json(_document(call, projects, trainees, scores))


def _document(
    call: Call,
    projects: Iterable[Project],
    trainees: list[dict[str, Any]],
    scores: Mapping[int, Mapping[str, float]],
) -> dict[str, Any]:
    caps = dict(Participation.objects.filter(call=call).values_list("company", "cap"))
    places: dict[int, int] = {}
    for project in projects:
        places[project.company_id] = places.get(project.company_id, 0) + project.places
    return {
        "format": "ieum-market-1",
        "seed": call.draw.seed,
        "trainees": trainees,
        "projects": [
            {
                "id": project_name(project.pk),
                "company": company_name(project.company_id),
                "capacity": project.places,
                "minimum": project.minimum,
                "scores": scores[project.pk],
            }
            for project in projects
        ],
        "companies": [
            {"id": company_name(pk), "capacity": total if caps.get(pk) is None else caps[pk]}
            for pk, total in places.items()
        ],
    }


# --- the market of an adjusted run --------------------------------------------------------------------

Change = Mapping[str, Any]


class Misfit(LookupError):
    """A change names a person, project or company that is not in the market."""


def adjust(market: Market, changes: Sequence[Change]) -> Market:
    """The market with changes; it stays as it is without any.

    Parameters
    ----------
    changes : sequence of mappings
        ``kind`` is one of `Adjustment`. ``places`` and ``minimum`` name a ``project`` (its row's number) and the new
        number; the room of a company without a cap of its own (not ``capped``) follows its places. ``exclude`` takes a
        ``project`` out of the market and of every list. ``fix`` places the person called ``name`` at a ``project``.
        ``cap`` gives a ``company`` room for ``cap`` people; None is room for all its places.

    Raises
    ------
    Misfit
        If a change names somebody or something that is not there.
    MarketError
        If what comes out is no sound market, as with more people fixed than there are places.
    """
    if not changes:
        return market
    document = market.to_json()
    projects = {project["id"]: project for project in document["projects"]}
    companies = {company["id"]: company for company in document["companies"]}
    people = {trainee["id"] for trainee in document["trainees"]}
    fixed, capped = dict(document["fixed"]), {}
    for change in changes:
        kind = change["kind"]
        if kind == Adjustment.CAP:
            capped[_known(company_name(change["company"]), companies)] = change["cap"]
            continue
        project = _known(project_name(change["project"]), projects)
        if kind == Adjustment.FIX:
            fixed[_known(change["name"], people)] = project
        elif kind == Adjustment.EXCLUDE:
            del projects[project]
        else:
            projects[project]["capacity" if kind == Adjustment.PLACES else "minimum"] = change[kind]
            if kind == Adjustment.PLACES and not change["capped"]:
                capped.setdefault(projects[project]["company"], None)
    offering = {project["company"] for project in projects.values()}
    for name, cap in capped.items():
        places = sum(project["capacity"] for project in projects.values() if project["company"] == name)
        companies[name]["capacity"] = places if cap is None else cap
    return Market.from_json(
        document
        | {
            "trainees": [_without_absent(trainee, projects) for trainee in document["trainees"]],
            "projects": list(projects.values()),
            "companies": [company for name, company in companies.items() if name in offering],
            "fixed": [[name, project] for name, project in fixed.items() if project in projects],
            "school_caps": {name: caps for name, caps in document["school_caps"].items() if name in projects},
        }
    )


def _known(name: str, names: Iterable[str]) -> str:
    if name not in names:
        raise Misfit(name)
    return name


def _without_absent(trainee: dict[str, Any], projects: Mapping[str, Any]) -> dict[str, Any]:
    """A list without the projects that were taken out; who stood below them moves up."""
    tiers = [
        [project for project in ([tier] if isinstance(tier, str) else tier) if project in projects]
        for tier in trainee["prefs"]
    ]
    return trainee | {"prefs": [tier[0] if len(tier) == 1 else tier for tier in tiers if tier]}


def applications_by_name(call: Call) -> dict[str, Application]:
    """Pseudonym -> application, for the applicants of a call."""
    rows = Application.objects.filter(call=call).select_related("call__rule_set")
    return {row.pseudonym.hex: row for row in rows}


# --- a published run as it stands now -----------------------------------------------------------------


@dataclass(frozen=True)
class Present:
    """What the engine is asked about free seats: see `matching.engine.next_offers`.

    Attributes
    ----------
    market : Market
        As published, with the seats there are now: who holds one, and what is free besides.
    result : Result
        Who has which place, whether they answered for it yet or not.
    pending : mapping of name to project name
        Seats that fell free and are being asked about.
    refused : collection of (name, project name)
        Wishes nobody waits for any more.
    """

    market: Market
    result: Result
    pending: Mapping[str, str]
    refused: Collection[tuple[str, str]]


def read_present(run: MatchRun) -> Present:
    """Where a published run stands today; a handful of bulk queries, O(people + total length of the lists).

    People are asked only about what they hold a waiting number for, and only while they share with companies. Seats are
    free as the database counts them; a project that takes nobody now has none.
    """
    market, result = Market.from_json(run.market or {}), Result.from_json(run.result or {})
    names = {pk: name.hex for pk, name in _pseudonyms(run.call) if name.hex in market.trainees}
    has, pending = _held(run.call, names)
    waits = _waited_for(run.call, names)
    fixed = {name: project for name, project in market.fixed.items() if has.get(name) == project}
    gone = {
        name for name in market.trainees if name not in has and name not in pending and not waits.get(name)
    }
    refused = {
        (name, project)
        for name in _touched(run.call, names) - gone - fixed.keys()
        for tier in market.trainees[name].prefs
        for project in tier
        if project not in (has.get(name), pending.get(name)) and project not in waits.get(name, ())
    }
    now = _with_seats(replace(market, fixed=fixed), run.call, has, pending)
    matching = {name: has.get(name) for name in market.trainees}
    stands = Result.of(
        now,
        matching,
        result.closed,
        result.rule,
        side=result.side,
        withdrawn=tuple(gone),
        mode=VacancyMode.FILL.value,
    )
    return Present(now, stands, pending, refused)


def count_pairs_apart(run: MatchRun) -> int:
    """How many pairs of a placed person and a project would rather have each other than what they have today."""
    present = read_present(run)
    remarks = report(present.market, present.result).remarks
    return sum(remark.code == "blocking_pair" for remark in remarks)


def _pseudonyms(call: Call) -> Iterable[tuple[int, Any]]:
    return Application.objects.filter(call=call).values_list("pk", "pseudonym").iterator(chunk_size=10_000)


def _held(call: Call, names: Mapping[int, str]) -> tuple[dict[str, str], dict[str, str]]:
    """By name: the place people have, and the free seat they are asked about."""
    has: dict[str, str] = {}
    pending: dict[str, str] = {}
    for placement in Placement.objects.filter(call=call, state__in=SEATED).iterator(chunk_size=10_000):
        if (name := names.get(placement.application_id)) is not None:
            of = pending if placement.is_vacancy_offer else has
            of[name] = project_name(placement.project_id)
    return has, pending


def _waited_for(call: Call, names: Mapping[int, str]) -> dict[str, set[str]]:
    """Name -> the projects they may be called for, of those who share with companies."""
    sharing = Application.objects.filter(call=call).sharing()
    lines = Reserve.objects.waiting().filter(project__call=call, application__in=sharing)
    found: dict[str, set[str]] = {}
    for application, project in lines.values_list("application", "project").iterator(chunk_size=10_000):
        if application in names:
            found.setdefault(names[application], set()).add(project_name(project))
    return found


def _touched(call: Call, names: Mapping[int, str]) -> set[str]:
    """Who may not be asked about everything they ranked higher.

    A number was called or left, a place or an offer came to an end, or nothing is shared with companies.
    """
    lines = Reserve.objects.filter(project__call=call)
    people = set(lines.exclude(pk__in=lines.waiting()).values_list("application", flat=True))
    ended = Placement.objects.filter(call=call).exclude(state__in=SEATED)
    people |= set(ended.values_list("application", flat=True))
    everybody = Application.objects.filter(call=call)
    people |= set(everybody.exclude(pk__in=everybody.sharing()).values_list("pk", flat=True))
    return {names[one] for one in people if one in names}


def _with_seats(market: Market, call: Call, has: Mapping[str, str], pending: Mapping[str, str]) -> Market:
    """Room for who is known to sit there, and for as many more as there are free seats."""
    rows = {project_name(row.pk): row for row in Project.objects.filter(call=call).select_related("company")}
    caps = {company_name(row.company_id): row for row in Participation.objects.filter(call=call)}
    unbound = len(
        market.trainees
    )  # nobody ever waits for another's answer because of a company without a cap
    at_project: dict[str, set[str]] = {}
    at_company: dict[str, set[str]] = {}
    for people in (has, pending):
        for name, where in people.items():
            if where in market.projects:
                at_project.setdefault(where, set()).add(name)
                at_company.setdefault(market.projects[where].company, set()).add(name)
    projects = {}
    for name, project in market.projects.items():
        offered = rows[name]
        free = max(0, offered.places - offered.taken) if takes_people(offered) else 0
        projects[name] = project._replace(capacity=len(at_project.get(name, ())) + free)
    companies = {}
    for name, company in market.companies.items():
        part = caps[name]
        bound = len(at_company.get(name, ())) + max(0, (part.cap or 0) - part.taken)
        companies[name] = company._replace(capacity=unbound if part.cap is None else bound)
    return replace(market, projects=projects, companies=companies)
