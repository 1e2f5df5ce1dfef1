"""Reads one call into a market, and names into rows again.

A trainee is known by the application's pseudonym, a project as ``p<id>``, a company as ``c<id>``. Only pairs that a
trainee ranked are written: what nobody asked for cannot matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from matching.engine import Market
from matching.states import Adjustment
from projects.applications.models import Application
from projects.fit.actions import sealed_fits, wished_fits
from projects.models import Call, Participation, Project
from projects.rankings.models import RankItem, RankList

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
