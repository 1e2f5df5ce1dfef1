import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import Event
from portal.companies import actions
from portal.companies.models import Company, CompanyMember
from portal.companies.states import COMPANY, CompanyRefusal, CompanyState
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from tests.factories import CompanyFactory, CompanyMemberFactory, ProjectFactory, UserFactory

LEGAL = {
    ("unverified", "verify_company"): "verified",
    ("rejected", "verify_company"): "verified",
    ("unverified", "reject_company"): "rejected",
    ("rejected", "ask_verification"): "unverified",
    ("verified", "suspend_company"): "suspended",
    ("suspended", "reinstate_company"): "verified",
}


def _until():
    return timezone.localdate() + dt.timedelta(days=30)


def _do(company, verb, by):
    extra = {} if verb in ("verify_company", "ask_verification") else {"reason": "서류를 확인함"}
    if verb == "suspend_company":
        extra["until"] = _until()
    return getattr(actions, verb)(company, by=by, **extra)


@pytest.mark.parametrize("verb", COMPANY.moves)
@pytest.mark.parametrize("state", CompanyState.values)
def test_company_moves_only_along_its_table(state, verb, agency):
    company = CompanyFactory(state=state, suspended_until=_until() if state == "suspended" else None)
    owner = CompanyMemberFactory(company=company).user

    if (state, verb) in LEGAL:
        moved = _do(company, verb, agency)

        assert moved.state == LEGAL[state, verb]
        assert moved.suspended_until == (_until() if verb == "suspend_company" else None)
        event = Event.objects.about(company).get()
        assert (event.verb, event.by, event.data["was"]) == (verb, agency, state)
        told = [] if verb == "ask_verification" else [owner]  # the company itself asked
        assert [notice.recipient for notice in Notice.objects.all()] == told
    else:
        with pytest.raises(IllegalMove):
            _do(company, verb, agency)

        company.refresh_from_db()
        assert (company.state, Event.objects.count(), Notice.objects.count()) == (state, 0, 0)


@pytest.mark.parametrize("shift", [0, -1])
def test_suspension_ends_after_today(shift, agency):
    company = CompanyFactory()

    with pytest.raises(Refused) as refused:
        actions.suspend_company(
            company, until=timezone.localdate() + dt.timedelta(days=shift), reason="위반", by=agency
        )

    assert refused.value.code == CompanyRefusal.PAST_DATE


def facts(**changes):
    return {
        "name": "가온", "registration_no": "9990000016", "representative": "박대표", "region": "창원",
        "address": "어느길 1", "field": "제조", "employees": 12, **changes,
    }  # fmt: skip


def test_registering_makes_an_unverified_company_and_its_owner(db):
    person = UserFactory()

    company = actions.register_company(by=person, **facts())

    assert (company.state, company.registration_no_shown) == ("unverified", "999-00-00016")
    assert [(member.user, member.role) for member in company.members.all()] == [(person, "owner")]


@pytest.mark.parametrize(
    ("number", "code"),
    [("9990000017", CompanyRefusal.WRONG_NUMBER), ("1234567891", CompanyRefusal.NUMBER_TAKEN)],
)
def test_a_wrong_or_taken_number_is_refused_and_nothing_is_written(number, code, db):
    CompanyFactory(registration_no="1234567891")

    with pytest.raises(Refused) as refused:
        actions.register_company(by=UserFactory(), **facts(registration_no=number))

    assert refused.value.code == code
    assert (Company.objects.count(), CompanyMember.objects.count()) == (1, 0)


def test_the_database_refuses_a_number_that_is_not_ten_digits(db):
    with pytest.raises(IntegrityError, match="ten_digits"), transaction.atomic():
        CompanyFactory(registration_no="12345")


def test_editing_never_changes_the_number(owner):
    company = owner.company_memberships.get().company

    edited = actions.edit_company(company, by=owner, name="새 이름", registration_no="9990000016")

    assert (edited.name, edited.registration_no) == ("새 이름", company.registration_no)
    assert Event.objects.get().data["changed"] == ["name"]


def test_who_was_rejected_and_corrects_it_is_looked_at_again(owner, operator):
    company = owner.company_memberships.get().company
    Company.objects.update(state="rejected", decision_reason="대표자가 다릅니다.")

    edited = actions.edit_company(company, by=owner, representative="김대표")

    assert (edited.state, edited.decision_reason) == ("unverified", "대표자가 다릅니다.")
    asked = Event.objects.get(verb="ask_verification")
    assert (asked.by, asked.data) == (owner, {"was": "rejected", "now": "unverified"})
    assert actions.verify_company(company, by=operator).decision_reason == ""


@pytest.mark.parametrize("state", CompanyState.values)
def test_only_a_change_of_a_rejected_company_asks_again(state, owner):
    company = owner.company_memberships.get().company
    until = _until() if state == "suspended" else None
    Company.objects.update(state=state, suspended_until=until)

    same = actions.edit_company(company, by=owner, representative=company.representative)
    changed = actions.edit_company(company, by=owner, representative="김대표")

    assert (same.state, changed.state) == (state, "unverified" if state == "rejected" else state)


def test_a_colleague_is_added_by_the_address_of_an_account(owner):
    company, person = owner.company_memberships.get().company, UserFactory(email="kim@example.com")

    member = actions.add_member(company, email=" KIM@example.com ", role="manager", by=owner)

    assert (member.user, member.role) == (person, "manager")


@pytest.mark.parametrize(
    ("email", "code"),
    [("nobody@example.com", CompanyRefusal.NO_ACCOUNT), ("gone@example.com", CompanyRefusal.NO_ACCOUNT)],
)
def test_adding_somebody_without_an_account_is_refused(email, code, owner):
    UserFactory(email="gone@example.com", is_active=False)

    with pytest.raises(Refused) as refused:
        actions.add_member(owner.company_memberships.get().company, email=email, role="manager", by=owner)

    assert refused.value.code == code


def test_adding_a_member_twice_is_refused(owner):
    with pytest.raises(Refused) as refused:
        actions.add_member(
            owner.company_memberships.get().company, email=owner.email, role="mentor", by=owner
        )

    assert refused.value.code == CompanyRefusal.ALREADY_MEMBER


@pytest.mark.parametrize("leave", [True, False])
def test_the_last_owner_stays_owner(leave, owner):
    member = owner.company_memberships.get()
    CompanyMemberFactory(company=member.company, role="manager")

    with pytest.raises(Refused) as refused:
        actions.remove_member(member, by=owner) if leave else actions.change_role(
            member, role="manager", by=owner
        )

    assert refused.value.code == CompanyRefusal.LAST_OWNER
    member.refresh_from_db()
    assert member.role == "owner"


def test_one_of_two_owners_may_leave_or_step_down(owner):
    member = owner.company_memberships.get()
    second = CompanyMemberFactory(company=member.company, role="owner")

    stepped = actions.change_role(second, role="mentor", by=owner)
    assert stepped.role == "mentor"
    actions.change_role(second, role="owner", by=owner)
    actions.remove_member(member, by=owner)

    assert list(second.company.members.values_list("user", "role")) == [(second.user_id, "owner")]
    assert Event.objects.filter(verb="remove_member").get().data["user"] == owner.pk


def test_a_projects_mentor_stays_on_record(owner):
    member = owner.company_memberships.get()
    mentor = CompanyMemberFactory(company=member.company, role="mentor")
    project = ProjectFactory(company=member.company)
    project.mentors.update(member=mentor)

    with pytest.raises(Refused) as refused:
        actions.remove_member(mentor, by=owner)

    assert refused.value.code == CompanyRefusal.IS_MENTOR
    assert CompanyMember.objects.filter(pk=mentor.pk).exists()
