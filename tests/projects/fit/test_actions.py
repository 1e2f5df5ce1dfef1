"""Refreshing the rows of a call."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.fit import actions, terms
from projects.fit.actions import refresh_fits
from projects.fit.models import FitRow
from tests.factories import ApplicationFactory, CallFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    """Seven people and four projects that differ in what they ask, in blocks of three and best lists of two."""
    call = CallFactory()
    for number in range(4):
        project = ProjectFactory(
            call=call, region=f"r{number % 2}", work_mode=("onsite", "remote")[number // 2]
        )
        project.project_skills.update(level=1 + number)
    for number in range(7):
        application = ApplicationFactory(
            call=call, trainee__region=f"r{number % 2}", trainee__work_mode=("onsite", "hybrid")[number % 2]
        )
        application.trainee.skills.update(level=1 + number % 5)
    return call


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(actions, "BLOCK", 3)
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(actions, "TOP_PROJECTS", 2)
    monkeypatch.setattr(actions, "TOP_CANDIDATES", 2)


def by_definition(call):
    """Everything ``refresh_fits`` has to leave, worked out pair by pair."""
    projects = list(call.projects.filter(state="selected").prefetch_related("project_skills").order_by("pk"))
    offers, parents, weights = actions.offers_of(projects), actions.skill_parents(), actions.weights_of(call)
    people = {
        application.pk: actions.person_of(application)
        for application in actions.with_facts(call.applications.filter(state="eligible"))
    }
    found = {
        (one, pk): terms.fit(person, offer, parents, weights)
        for one, person in people.items()
        for pk, offer in offers.items()
    }
    kept = set()
    for one in people:
        kept |= {(one, pk) for pk in sorted(offers, key=lambda pk, one=one: (-found[one, pk].score, pk))[:2]}
    for pk in offers:
        kept |= {(one, pk) for one in sorted(people, key=lambda one, pk=pk: (-found[one, pk].score, one))[:2]}
    return {pair: found[pair] for pair in kept}


def stored():
    return {
        (row.application_id, row.project_id): terms.Fit(
            row.score,
            {name: tuple(part) for name, part in row.parts.items()},
            row.required_met,
            row.required_of,
        )
        for row in FitRow.objects.all()
    }


def test_rows_are_the_best_of_both_sides(call):
    count = refresh_fits(call)

    expected = by_definition(call)
    assert stored() == expected
    assert count == len(expected)


def test_refreshing_again_writes_nothing(call):
    refresh_fits(call)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text FROM fit_fitrow ORDER BY id")
        before = cursor.fetchall()
        refresh_fits(call)
        cursor.execute("SELECT id, xmin::text, xmax::text FROM fit_fitrow ORDER BY id")
        after = cursor.fetchall()

    assert [row[:2] for row in after] == before


def test_what_changed_is_followed(call):
    refresh_fits(call)
    first, second, *_ = call.applications.order_by("pk")
    first.state = "withdrawn"
    first.save()
    second.trainee.skills.all().delete()
    gone = call.projects.order_by("pk").last()
    gone.state = "withdrawn"
    gone.save()

    refresh_fits(call)

    assert stored() == by_definition(call)
    assert not FitRow.objects.filter(application=first).exists()
    assert not FitRow.objects.filter(project=gone).exists()


def test_call_without_projects_keeps_no_rows(call):
    refresh_fits(call)
    call.projects.update(state="withdrawn")

    assert refresh_fits(call) == 0
    assert not FitRow.objects.exists()


def test_other_calls_keep_their_rows(call):
    other = ApplicationFactory(call__title="다른 공고")
    ProjectFactory(call=other.call)
    refresh_fits(other.call)

    refresh_fits(call)

    assert FitRow.objects.filter(application=other).count() == 1


def test_sealed_call_keeps_the_fit_it_was_sealed_with(call):
    refresh_fits(call)
    before = stored()
    call.state = "matching"
    call.save()
    for application in call.applications.all():
        application.trainee.skills.all().delete()

    assert refresh_fits(call) == 0
    assert stored() == before


def test_statements_do_not_grow_with_the_people_of_a_block(call, monkeypatch):
    monkeypatch.setattr(actions, "BLOCK", 500)
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 5000)
    with CaptureQueriesContext(connection) as few:
        refresh_fits(call)
    for _ in range(10):
        ApplicationFactory(call=call)

    with CaptureQueriesContext(connection) as many:
        refresh_fits(call)

    assert len(few) == len(many)
