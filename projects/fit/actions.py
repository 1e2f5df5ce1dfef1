"""Reading facts and writing fit rows, in bounded memory: people are read in blocks."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from portal.trainees.models import Skill
from projects.applications.models import Application, ApplicationQuerySet
from projects.applications.states import RANKING
from projects.fit import terms
from projects.fit.models import FitRow, SealedFit
from projects.models import Call, Project
from projects.states import ProjectState

BLOCK = 500
ROWS_AT_ONCE = 5000
TOP_PROJECTS = 10
TOP_CANDIDATES = 20
#: Application id and, per project id, the score in per mille.
Fits = Iterator[tuple[int, dict[int, int]]]


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


def refresh_fits(call: Call) -> int:
    """Bring a call's fit rows up to date: the best 10 projects of each applicant, the best 20 applicants of each project.

    Returns the number of rows. Once lists are sealed nothing is touched: advice is over. Every block of people is
    written in a transaction of its own and a row that says the same stays as it is, so that readers never meet an
    empty table. O(applicants * projects) time, O(block * projects + kept rows) memory.
    """
    from projects.fit.blocks import (
        BestPeople,
        Scorer,
        best_offers,
    )  # numpy, 26 MB: the night's, not the pages'

    if call.is_sealed:
        return 0
    projects = (
        Project.objects.filter(call=call, state=ProjectState.SELECTED)
        .select_related("call")
        .prefetch_related("project_skills")
        .order_by("pk")
    )
    offers, parents, weights = offers_of(projects), skill_parents(), weights_of(call)
    keys, facts = list(offers), list(offers.values())
    scorer, best = Scorer(facts, parents, weights), BestPeople(len(keys), TOP_CANDIDATES)
    numbers: list[int] = []  # application ids in the order they came
    wanted: list[list[int]] = []  # of each application, the projects it keeps a row with
    people: dict[int, terms.Person] = {}  # those who are among the best of a project

    for block in blocks(Application.objects.filter(call=call, state__in=RANKING)):
        came = [person_of(application) for application in block]
        scores = scorer.scores(came)
        own = best_offers(scores, TOP_PROJECTS)
        _write(
            _row(application.pk, keys[offer], terms.fit(person, facts[offer], parents, weights))
            for application, person, kept in zip(block, came, own, strict=True)
            for offer in kept
        )
        best.add(scores)
        people.update(enumerate(came, start=len(numbers)))
        people = {number: people[number] for number in best.numbers()}
        numbers += [application.pk for application in block]
        wanted += [[keys[offer] for offer in kept] for kept in own]
    rest = [(number, offer) for number, offer in best.pairs() if keys[offer] not in wanted[number]]
    for some in batched(sorted(rest)):
        _write(
            _row(numbers[number], keys[offer], terms.fit(people[number], facts[offer], parents, weights))
            for number, offer in some
        )
    for number, offer in rest:
        wanted[number].append(keys[offer])
    _forget(call, numbers, wanted)
    return sum(map(len, wanted))


def batched(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[first : first + ROWS_AT_ONCE]


WRITE = """
    INSERT INTO fit_fitrow AS kept (application_id, project_id, score, parts, required_met, required_of)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::jsonb[], %s::smallint[], %s::smallint[])
    ON CONFLICT (application_id, project_id) DO UPDATE
    SET score = excluded.score, parts = excluded.parts,
        required_met = excluded.required_met, required_of = excluded.required_of
    WHERE (kept.score, kept.parts, kept.required_met, kept.required_of)
        IS DISTINCT FROM (excluded.score, excluded.parts, excluded.required_met, excluded.required_of)
"""
#: Rows of these applications that are not among the pairs given.
FORGET = """
    DELETE FROM fit_fitrow AS kept
    WHERE kept.application_id = ANY(%s) AND NOT EXISTS (
        SELECT FROM unnest(%s::bigint[], %s::bigint[]) AS wanted(application, project)
        WHERE wanted.application = kept.application_id AND wanted.project = kept.project_id
    )
"""


def _write(rows: Iterable[FitRow]) -> None:
    """Insert the rows, or change those that are there and say otherwise: one statement."""
    columns = list(
        zip(
            *(
                (
                    row.application_id,
                    row.project_id,
                    row.score,
                    json.dumps(row.parts),
                    row.required_met,
                    row.required_of,
                )
                for row in rows
            ),
            strict=True,
        )
    )
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(column) for column in columns])


def _forget(call: Call, applications: Sequence[int], wanted: Sequence[Sequence[int]]) -> None:
    """Delete the rows of people who left the call, and every pair that is not wanted any more."""
    FitRow.objects.filter(application__call=call).exclude(application__state__in=RANKING).delete()
    with connection.cursor() as cursor:
        for first in range(0, len(applications), BLOCK):
            some = range(first, min(first + BLOCK, len(applications)))
            pairs = [(applications[number], project) for number in some for project in wanted[number]]
            ids = [[pair[side] for pair in pairs] for side in (0, 1)]
            cursor.execute(FORGET, [[applications[number] for number in some], *ids])


def _row(application_id: int, project_id: int, found: terms.Fit) -> FitRow:
    return FitRow(
        application_id=application_id,
        project_id=project_id,
        score=found.score,
        parts={name: list(part) for name, part in found.parts.items()},
        required_met=found.required_met,
        required_of=found.required_of,
    )


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


# --- what the match reads -----------------------------------------------------------------------------


def wished_fits(call: Call, wishes: Mapping[int, Sequence[int]]) -> Fits:
    """Fit of the wished pairs (application id -> project ids) by the facts as they are now."""
    projects = Project.objects.filter(call=call).select_related("call").prefetch_related("project_skills")
    offers, parents, weights = offers_of(projects), skill_parents(), weights_of(call)
    for block in blocks(Application.objects.filter(call=call)):
        for application in block:
            if wished := wishes.get(application.pk):
                person = person_of(application)
                yield (
                    application.pk,
                    {pk: terms.fit(person, offers[pk], parents, weights).score for pk in wished},
                )


@transaction.atomic
def seal_fits(call: Call, wishes: Mapping[int, Sequence[int]]) -> int:
    """Keep the fit of the wished pairs as it is now, so that nothing edited later moves the match.

    Returns the number of pairs. O(pairs) time; people and pairs are read and written in blocks.
    """
    pairs = (
        SealedFit(application_id=application, project_id=project, score=score)
        for application, fits in wished_fits(call, wishes)
        for project, score in fits.items()
    )
    count = 0
    while batch := list(islice(pairs, ROWS_AT_ONCE)):
        count += len(SealedFit.objects.bulk_create(batch))
    return count


def sealed_fits(call: Call) -> Fits:
    """Fit of the wished pairs as it was when lists were sealed."""
    rows = SealedFit.objects.filter(application__call=call).order_by("application")
    values = rows.values_list("application", "project", "score").iterator(chunk_size=10_000)
    for application, pairs in groupby(values, key=itemgetter(0)):
        yield application, {project: score for _, project, score in pairs}
