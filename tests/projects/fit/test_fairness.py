"""What fit must never use: two worlds whose people differ in nothing else get the same rows."""

import datetime as dt

import pytest

from portal.trainees.models import Trainee
from projects.fit import terms
from projects.fit.actions import fits_of_page, refresh_fits, seal_fits
from projects.fit.models import FitRow, SealedFit
from projects.models import Project
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CohortFactory,
    FieldFactory,
    ProjectFactory,
    SchoolFactory,
    TraineeFactory,
)

pytestmark = pytest.mark.django_db
#: Facts that count, person by person.
FACTS = [
    {"region": "창원", "work_mode": "onsite", "skills": {"python": 5, "sql": 2}, "hours": 900},
    {"region": "진주", "work_mode": "hybrid", "skills": {"python": 3}, "hours": 400},
    {"region": "창원", "work_mode": "remote", "skills": {"sql": 4, "opencv": 1}, "hours": 640},
    {"region": "김해", "work_mode": "onsite", "skills": {}, "hours": 60},
]
#: What must not count: name, sex, age, photo, school, class, contact, employment and words about oneself. The portal
#: keeps no sex, birthday or photo; what comes near them is a name, an address of mail and a certificate of another year.
WHO = [
    {
        "name": "김민준",
        "email": "minjun.1999@example.com",
        "school": "한빛대학교 AI교육원",
        "course": "1기",
        "year": 2026,
    },
    {
        "name": "이서연",
        "email": "seoyeon.woman.1961@example.com",
        "school": "바다여자전문학교",
        "course": "야간반",
        "year": 2019,
    },
]
#: Every column of a trainee, and whether fit may know it.
COUNTS = {"region", "work_mode", "available_from", "graduate"}
IGNORED = {"id", "user", "phone", "weekly_hours", "employment", "intro", "portfolio", "updated_at"}


def people_of(call, who):
    school = SchoolFactory(name=who["school"])
    cohort = CohortFactory(school=school, course=who["course"])
    for number, facts in enumerate(FACTS):
        trainee = TraineeFactory(
            user__name=f"{who['name']}{number}",
            user__email=f"{number}.{who['email']}",
            graduate__cohort=cohort,
            graduate__hours=facts["hours"],
            graduate__confirmed_on=dt.date(who["year"], 6, 30),
            region=facts["region"],
            work_mode=facts["work_mode"],
            skills=facts["skills"],
            phone=f"+8210{who['year']}{number:04d}",
            intro=f"{who['name']}입니다. {who['school']} 졸업.",
            portfolio=f"https://example.com/{who['year']}/photo.jpg",
        )
        trainee.interests.add(FieldFactory(code="vision"))
        yield ApplicationFactory(call=call, trainee=trainee, motive=who["school"], goal=who["name"])


def world(who):
    """Two projects and four people; what fit keeps of them, by their places in the world."""
    call = CallFactory()
    projects = [
        ProjectFactory(call=call, region="창원", work_mode="onsite"),
        ProjectFactory(call=call, region="진주", work_mode="hybrid"),
    ]
    people = list(people_of(call, who))
    refresh_fits(call)
    seal_fits(call, {one.pk: [project.pk for project in projects] for one in people})
    at = {one.pk: number for number, one in enumerate(people)}
    of = {project.pk: number for number, project in enumerate(projects)}
    rows = FitRow.objects.filter(project__in=projects)
    shown = [fits_of_page(people, project) for project in Project.objects.filter(pk__in=of).order_by("pk")]
    return {
        "kept": {
            (at[row.application_id], of[row.project_id]): (
                row.score,
                row.parts,
                row.required_met,
                row.required_of,
            )
            for row in rows
        },
        "sealed": {
            (at[row.application_id], of[row.project_id]): row.score
            for row in SealedFit.objects.filter(project__in=projects)
        },
        "shown": [[(at[pk], row.score, row.parts) for pk, row in sorted(page.items())] for page in shown],
        "order": [
            [
                at[pk]
                for pk in rows.filter(project=project)
                .order_by("-score", "application")
                .values_list("application", flat=True)
            ]
            for project in projects
        ],
    }


def test_who_somebody_is_changes_no_fit():
    first, second = (world(who) for who in WHO)

    assert len(first["kept"]) == len(first["sealed"]) == 8
    assert len({score for score, *_ in first["kept"].values()}) > 2
    assert first == second


def test_fit_knows_no_more_of_a_person_than_these_facts():
    assert set(terms.Person.__dataclass_fields__) == {
        "skills", "interests", "hours", "region", "work_mode", "available_from",
    }  # fmt: skip


def test_every_column_of_a_person_is_counted_or_ignored_on_purpose():
    columns = {field.name for field in Trainee._meta.fields}

    assert columns == COUNTS | IGNORED
