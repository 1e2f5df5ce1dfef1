"""Reading facts and writing fit rows, in bounded memory: people are read in blocks."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import transaction

from portal.trainees.models import Skill
from projects.applications.models import Application, ApplicationQuerySet
from projects.applications.states import RANKING
from projects.fit import terms
from projects.fit.models import FitRow
from projects.models import Call, Project
from projects.states import ProjectState

BLOCK = 500
TOP_PROJECTS = 10
TOP_CANDIDATES = 20


def skill_parents() -> dict[str, str]:
    return {code: parent for code, parent in Skill.objects.values_list("code", "parent") if parent}


def weights_of(call: Call) -> Mapping[str, int]:
    return {**terms.DEFAULT_WEIGHTS, **(call.rule_set.fit_weights or {})}


def offers_of(projects: Iterable[Project]) -> dict[int, terms.Offer]:
    """Facts of projects, read with ``prefetch_related("project_skills")`` and their call."""
    return {
        project.pk: terms.Offer(
            required={
                skill.skill_id: skill.level for skill in project.project_skills.all() if skill.required
            },
            preferred={
                skill.skill_id: skill.level for skill in project.project_skills.all() if not skill.required
            },
            field=project.field_id,
            region=project.region,
            work_mode=project.work_mode,
            starts_on=project.call.starts_on,
        )
        for project in projects
    }


def person_of(application: Application) -> terms.Person:
    """Facts of one applicant, read with :func:`with_facts`."""
    trainee = application.trainee
    return terms.Person(
        skills={row.skill_id: row.level for row in trainee.skills.all()},
        interests=frozenset(field.pk for field in trainee.interests.all()),
        hours=(trainee.graduate.hours or 0) if trainee.graduate else 0,
        region=trainee.region,
        work_mode=trainee.work_mode,
        available_from=trainee.available_from,
    )


def with_facts(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    return applications.select_related("trainee__graduate").prefetch_related(
        "trainee__skills", "trainee__interests"
    )


def blocks(applications: ApplicationQuerySet) -> Iterator[Sequence[Application]]:
    """Applications with their facts, 500 at a time, in order of id."""
    last = 0
    while block := list(with_facts(applications.filter(pk__gt=last).order_by("pk"))[:BLOCK]):
        yield block
        last = block[-1].pk


@transaction.atomic
def refresh_fits(call: Call) -> int:
    """Replace a call's fit rows: the best 10 projects of each applicant and the best 20 applicants of each project.

    Returns the number of rows. O(applicants * projects) time, O(block * projects) memory beside the kept rows.
    """
    projects = list(
        Project.objects.filter(call=call, state=ProjectState.SELECTED)
        .select_related("call")
        .prefetch_related("project_skills")
    )
    offers, parents, weights = offers_of(projects), skill_parents(), weights_of(call)
    best: dict[int, list[tuple[int, int, FitRow]]] = {pk: [] for pk in offers}
    FitRow.objects.filter(application__call=call).delete()
    written: set[tuple[int, int]] = set()
    for block in blocks(Application.objects.filter(call=call, state__in=RANKING)):
        rows = []
        for application in block:
            person = person_of(application)
            fits = [
                _row(application.pk, pk, terms.fit(person, offer, parents, weights))
                for pk, offer in offers.items()
            ]
            rows += heapq.nsmallest(TOP_PROJECTS, fits, key=lambda row: (-row.score, row.project_id))
            for row in fits:
                _keep(best[row.project_id], row)
        FitRow.objects.bulk_create(rows, batch_size=2000)
        written.update((row.application_id, row.project_id) for row in rows)
    rest = [
        row
        for kept in best.values()
        for _, _, row in kept
        if (row.application_id, row.project_id) not in written
    ]
    FitRow.objects.bulk_create(rest, batch_size=2000)
    return len(written) + len(rest)


def _row(application_id: int, project_id: int, found: terms.Fit) -> FitRow:
    return FitRow(
        application_id=application_id,
        project_id=project_id,
        score=found.score,
        parts={name: list(part) for name, part in found.parts.items()},
        required_met=found.required_met,
        required_of=found.required_of,
    )


def _keep(kept: list[tuple[int, int, FitRow]], row: FitRow) -> None:
    """Keep the best ``TOP_CANDIDATES`` of a project in a heap; ties by the smaller application."""
    item = (row.score, -row.application_id, row)
    if len(kept) < TOP_CANDIDATES:
        heapq.heappush(kept, item)
    elif item[:2] > kept[0][:2]:
        heapq.heapreplace(kept, item)


def fits_of_page(applications: Sequence[Application], project: Project) -> dict[int, FitRow]:
    """Fit of each application on one page to one project, computed now (not saved): three queries whatever the size."""
    found = list(with_facts(Application.objects.filter(pk__in=[row.pk for row in applications])))
    full = (
        Project.objects.select_related("call__rule_set").prefetch_related("project_skills").get(pk=project.pk)
    )
    offer, parents, weights = offers_of([full])[full.pk], skill_parents(), weights_of(full.call)
    return {
        row.pk: _row(row.pk, full.pk, terms.fit(person_of(row), offer, parents, weights)) for row in found
    }
