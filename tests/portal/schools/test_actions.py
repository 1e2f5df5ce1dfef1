"""Who completes a course, who says so, and what can be taken back."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.audit.models import Event
from portal.schools.actions import (
    add_school_member,
    confirm_completion,
    refuse_completion,
    register_graduate,
    remove_school_member,
    withdraw_graduate,
)
from portal.schools.models import Graduate, School, SchoolMember
from portal.schools.rules import is_own_school
from portal.schools.states import GRADUATE, GraduateRefusal, SchoolRefusal
from portal.workflow import IllegalMove, Refused
from tests.factories import (
    CohortFactory,
    GraduateFactory,
    SchoolFactory,
    SchoolMemberFactory,
    StaffFactory,
    TraineeFactory,
    UserFactory,
)

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


# --- who acts for a school --------------------------------------------------------------------------------


@pytest.fixture
def school(db):
    return SchoolFactory()


def test_a_person_with_an_account_acts_for_a_school_until_removed(school, operator):
    user = UserFactory()

    member = add_school_member(school, email=f" {user.email.upper()} ", by=operator)

    graduate = GraduateFactory(cohort__school=school)
    assert (member.school, member.user, is_own_school(user, graduate)) == (school, user, True)
    remove_school_member(school, email=user.email, reason="퇴사", by=operator)
    assert not is_own_school(user, graduate)
    assert [(event.verb, event.data) for event in Event.objects.order_by("pk")] == [
        ("add_school_member", {"school": school.pk, "user": user.pk}),
        ("remove_school_member", {"school": school.pk, "user": user.pk, "reason": "퇴사"}),
    ]


@pytest.mark.parametrize("act", ["add", "remove"])
def test_a_changed_role_ends_the_sessions_of_before(school, operator, act, client):
    user = UserFactory()
    if act == "remove":
        SchoolMemberFactory(school=school, user=user)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    if act == "add":
        add_school_member(school, email=user.email, by=operator)
    else:
        remove_school_member(school, email=user.email, reason="퇴사", by=operator)

    assert client.get("/start/").status_code == 302


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (lambda school: UserFactory.build(), SchoolRefusal.NO_ACCOUNT),
        (lambda school: UserFactory(is_active=False), SchoolRefusal.NO_ACCOUNT),
        (lambda school: StaffFactory().user, SchoolRefusal.IS_OFFICE),
        (lambda school: TraineeFactory().user, SchoolRefusal.IS_GRADUATE),
        (lambda school: GraduateFactory(user=UserFactory()).user, SchoolRefusal.IS_GRADUATE),
        (lambda school: SchoolMemberFactory(school=school).user, SchoolRefusal.ALREADY_MEMBER),
    ],
    ids=["nobody", "disabled", "office", "waiting graduate", "graduate", "member"],
)
def test_who_may_not_act_for_a_school_is_refused(school, operator, person, code):
    user = person(school)
    before = SchoolMember.objects.count()

    with pytest.raises(Refused) as refused:
        add_school_member(school, email=user.email, by=operator)

    assert (refused.value.code, SchoolMember.objects.count()) == (code, before)
    assert not Event.objects.filter(verb="add_school_member").exists()


def test_a_person_of_another_school_is_not_removed(school, operator):
    other = SchoolMemberFactory()

    with pytest.raises(Refused) as refused:
        remove_school_member(school, email=other.user.email, reason="퇴사", by=operator)

    assert refused.value.code == SchoolRefusal.NOT_MEMBER
    assert SchoolMember.objects.get() == other


def test_the_office_adds_and_removes_a_schools_person_on_its_page(school, operator, log_in):
    user, office = UserFactory(), log_in(operator)
    page = {
        verb: reverse(f"admin:schools_school_{verb}", args=[school.pk])
        for verb in ("change", "add_school_member", "remove_school_member")
    }

    nobody = office.post(page["add_school_member"], {"email": "nobody@example.com"})
    added = office.post(page["add_school_member"], {"email": user.email})
    shown = office.get(page["change"])
    without_reason = office.post(page["remove_school_member"], {"email": user.email, "reason": ""})
    removed = office.post(page["remove_school_member"], {"email": user.email, "reason": "퇴사"})

    assert (nobody.status_code, "이 이메일로 가입한 사람이 없습니다." in nobody.text) == (422, True)
    assert (added.url, user.email in shown.text) == (page["change"], True)
    assert (without_reason.status_code, removed.url) == (422, page["change"])
    assert not SchoolMember.objects.exists()
