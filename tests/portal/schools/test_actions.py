"""Who completes a course, who says so, and what can be taken back."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.schools.actions import confirm_completion, refuse_completion, register_graduate, withdraw_graduate
from portal.schools.models import Graduate, School
from portal.schools.rules import is_own_school
from portal.schools.states import GRADUATE, GraduateRefusal
from portal.workflow import IllegalMove, Refused
from tests.factories import CohortFactory, GraduateFactory, SchoolMemberFactory

JUNE = dt.date(2026, 6, 30)
ACTS = {
    "confirm_completion": lambda graduate, by: confirm_completion(graduate, hours=960, on=JUNE, by=by),
    "refuse_completion": lambda graduate, by: refuse_completion(graduate, reason="출석 부족", by=by),
    "withdraw_graduate": lambda graduate, by: withdraw_graduate(graduate, reason="잘못 등록", by=by),
}


def at_state(state):
    facts = {} if state == "confirmed" else {"hours": None, "confirmed_on": None}
    return GraduateFactory(state=state, **facts)


@pytest.mark.parametrize("state", ["expected", "confirmed", "not_completed", "withdrawn"])
@pytest.mark.parametrize("verb", ACTS)
def test_every_move_is_made_or_refused_as_the_table_says(verb, state, operator):
    graduate = at_state(state)

    if state in GRADUATE.moves[verb].sources:
        ACTS[verb](graduate, operator)
        expected = (GRADUATE.moves[verb].target, [verb])
    else:
        with pytest.raises(IllegalMove):
            ACTS[verb](graduate, operator)
        expected = (state, [])

    graduate.refresh_from_db()
    assert (graduate.state, [event.verb for event in Event.objects.all()]) == expected


def test_the_same_person_is_registered_once_in_a_cohort(operator):
    cohort = CohortFactory()
    register_graduate(cohort, external_id="S1", name="이서연", email=" Seo@Example.com ", by=operator)

    for external_id, email in (("S1", "other@example.com"), ("S2", "SEO@example.com")):
        with pytest.raises(Refused) as refused:
            register_graduate(cohort, external_id=external_id, name="이서연", email=email, by=operator)
        assert refused.value.code == GraduateRefusal.ALREADY_REGISTERED

    assert Graduate.objects.get().email == "seo@example.com"
    register_graduate(CohortFactory(), external_id="S1", name="이서연", email="seo@example.com", by=operator)


def test_a_person_registered_wrongly_is_registered_again(operator):
    cohort = CohortFactory()
    facts = {"external_id": "S1", "name": "이서연", "email": "seo@example.com", "by": operator}
    wrong = register_graduate(cohort, **facts)
    withdraw_graduate(wrong, reason="다른 과정의 사람", by=operator)

    again = register_graduate(cohort, **facts)

    assert sorted(Graduate.objects.values_list("pk", "state")) == [
        (wrong.pk, "withdrawn"), (again.pk, "expected"),
    ]  # fmt: skip
    with pytest.raises(Refused):
        register_graduate(cohort, **facts)


@pytest.mark.parametrize("hours", [0, -1])
def test_completion_needs_hours(hours, operator):
    graduate = at_state("expected")

    with pytest.raises(Refused) as refused:
        confirm_completion(graduate, hours=hours, on=JUNE, by=operator)

    assert refused.value.code == GraduateRefusal.HOURS_MISSING


def test_database_refuses_a_completion_without_date_or_hours(db):
    graduate = at_state("expected")

    with pytest.raises(IntegrityError, match="graduate_confirmed_has_date_and_hours"), transaction.atomic():
        Graduate.objects.filter(pk=graduate.pk).update(state="confirmed")


def test_completion_refused_later_loses_its_date(operator):
    graduate = refuse_completion(at_state("confirmed"), reason="출석 정정", by=operator)

    assert graduate.confirmed_on is None


def test_a_school_sees_its_own_people_only(operator):
    member = SchoolMemberFactory()
    own = GraduateFactory(cohort__school=member.school)
    other = GraduateFactory()

    assert list(Graduate.objects.visible_to(member.user)) == [own]
    assert list(School.objects.visible_to(member.user)) == [member.school]
    assert set(Graduate.objects.visible_to(operator)) == {own, other}
    assert [is_own_school(member.user, one) for one in (own, own.cohort, member.school, other)] == [
        True,
        True,
        True,
        False,
    ]


def test_database_refuses_a_cohort_that_ends_before_it_starts(db):
    with pytest.raises(IntegrityError, match="cohort_ends_after_start"):
        CohortFactory(starts_on=JUNE, ends_on=JUNE)
