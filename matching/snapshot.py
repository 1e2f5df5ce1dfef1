"""Reads one call into a market, and names into rows again.

A trainee is known by the application's pseudonym, a project as ``p<id>``, a company as ``c<id>``. Only pairs that a
trainee ranked are written: what nobody asked for cannot matter.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from matching.engine import Market
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
        "seed": call.seed,
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


def applications_by_name(call: Call) -> dict[str, Application]:
    """Pseudonym -> application, for the applicants of a call."""
    rows = Application.objects.filter(call=call).select_related("call__rule_set")
    return {row.pseudonym.hex: row for row in rows}
