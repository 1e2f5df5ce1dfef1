"""Adding a colleague tells nobody who owns an address."""

import pytest
from django.urls import reverse

from portal.audit.models import Access
from portal.companies import actions
from portal.companies.models import CompanyMember
from portal.companies.states import CompanyRefusal
from portal.workflow import Refused
from tests.factories import CompanyFactory, CompanyMemberFactory, UserFactory

ADD = reverse("companies:member-add")


def add(client, email):
    return client.post(ADD, {"email": email, "role": "manager"}, follow=True)


@pytest.fixture
def victim(db):
    return UserFactory(email="victim@example.com", name="나비밀")


@pytest.mark.parametrize("state", ["unverified", "rejected"])
@pytest.mark.parametrize("email", ["victim@example.com", "nobody@example.com"])
def test_who_is_not_verified_learns_nothing_about_an_address(log_in, victim, state, email):
    client = log_in(CompanyMemberFactory(company=CompanyFactory(state=state)).user)

    answer = add(client, email)

    assert answer.status_code == 422
    assert "운영사가 회사를 확인한 뒤에 담당자를 더할 수 있습니다" in answer.text
    assert "나비밀" not in answer.text
    assert not CompanyMember.objects.filter(user=victim).exists()


def test_a_company_that_is_not_verified_is_not_asked_for_addresses(log_in, victim):
    client = log_in(CompanyMemberFactory(company=CompanyFactory(state="unverified")).user)

    page = client.get(reverse("companies:company-detail")).text

    assert f'action="{ADD}?' not in page
    assert "운영사가 회사를 확인한 뒤에 담당자를 더할 수 있습니다" in page


def test_whose_name_was_shown_is_written_down(log_in, owner, victim):
    answer = add(log_in(owner), victim.email)

    assert "victim@example.com 님을 담당자로 더했습니다" in answer.text
    access = Access.objects.get(subject=victim)
    assert (access.by, access.what) == (owner, "companies.companymember")


def test_addresses_are_not_tried_one_after_the_other(log_in, owner, victim):
    client = log_in(owner)
    for number in range(10):
        assert add(client, f"nobody{number}@example.com").status_code == 422

    assert add(client, victim.email).status_code == 429
    assert not CompanyMember.objects.filter(user=victim).exists()


def test_the_action_refuses_before_it_looks(victim):
    company = CompanyFactory(state="suspended", suspended_until="2099-01-01")

    with pytest.raises(Refused) as refused:
        actions.add_member(company, email="nobody@example.com", role="manager", by=victim)

    assert refused.value.code == CompanyRefusal.NOT_VERIFIED
