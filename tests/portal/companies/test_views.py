"""A company's own pages, and what the public sees of it."""

import pytest
from django.urls import reverse

from portal.companies.models import Company, CompanyMember
from portal.ui.korean import unbroken
from projects.obligations.models import HiringObligation
from tests.factories import (
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    HiringObligationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
REGISTER, DETAIL = reverse("companies:company-register"), reverse("companies:company-detail")
UNSEEN = "줄 바꿈이나 보이지 않는 글자가 들어 있습니다. 지우고 다시 입력해 주세요."
EDIT, ADD = reverse("companies:company-edit"), reverse("companies:member-add")


def public(company):
    return reverse("companies_public:company-public", args=[company.pk])


def typed(**changes):
    return {
        "registration_no": "999-00-00016", "name": "가온정밀", "representative": "박대표", "region": "창원",
        "address": "어느길 1", "field": "제조", "employees": "12", "website": "", "about": "", **changes,
    }  # fmt: skip


# --- registering --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["9990000016", "999-00-00016", " 999 00 00016 "])
def test_a_person_registers_a_company_and_learns_what_happens_next(number, log_in):
    person = UserFactory()
    client = log_in(person)

    response = client.post(REGISTER, typed(registration_no=number))

    company = Company.objects.get()
    assert response.url == f"{DETAIL}?company={company.pk}"
    assert (company.registration_no, company.state) == ("9990000016", "unverified")
    assert company.members.get().user == person
    assert "운영사가 회사를 확인하고 있습니다" in client.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        (
            {"registration_no": "9990000017"},
            "registration_no",
            "사업자등록번호가 올바르지 않습니다. 10자리 번호를 다시 확인해 주세요.",
        ),
        (
            {"registration_no": "12345"},
            "registration_no",
            "사업자등록번호가 올바르지 않습니다. 10자리 번호를 다시 확인해 주세요.",
        ),
        (
            {"registration_no": "９９９0000016"},
            "registration_no",
            "사업자등록번호가 올바르지 않습니다. 10자리 번호를 다시 확인해 주세요.",
        ),
        ({"registration_no": ""}, "registration_no", "사업자등록번호를 입력해 주세요."),
        ({"name": ""}, "name", "회사 이름을 입력해 주세요."),
        ({"name": "가온\n정밀"}, "name", UNSEEN),
        ({"representative": "박\u202e대표"}, "representative", UNSEEN),
        ({"employees": "-3"}, "employees", "0 이상의 값을 입력해 주세요."),
        ({"employees": "NaN"}, "employees", "정수를 입력하세요."),
        ({"employees": "9" * 30}, "employees", "2147483647 이하의 값을 입력해 주세요."),
        ({"website": "javascript:alert(1)"}, "website", "올바른 URL을 입력하세요."),
    ],
)
def test_a_wrong_answer_is_422_with_what_to_do(changes, field, error, log_in):
    response = log_in(UserFactory()).post(REGISTER, typed(**changes))

    assert response.status_code == 422
    assert error in response.content.decode()
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["address"].value() == "어느길 1"
    assert not Company.objects.exists()


def test_a_number_already_there_is_told_with_whom_to_ask(log_in):
    CompanyFactory(registration_no="9990000016")

    response = log_in(UserFactory()).post(REGISTER, typed())

    assert response.status_code == 422
    assert response.context["form"].errors["registration_no"] == [
        "이미 등록된 사업자등록번호입니다. 회사의 대표 담당자에게 초대를 부탁해 주세요."
    ]
    assert Company.objects.count() == 1


def test_an_empty_form_is_422_not_an_error(log_in):
    assert log_in(UserFactory()).post(REGISTER).status_code == 422


# --- the company's own page ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"state": "unverified"}, "운영사가 회사를 확인하고 있습니다"),
        ({"state": "rejected", "decision_reason": "대표자가 다릅니다."}, "대표자가 다릅니다."),
        (
            {"state": "suspended", "suspended_until": "2030-01-02", "decision_reason": "미이행"},
            unbroken("2030년 1월 2일(수)까지"),
        ),
        ({"state": "verified"}, "공개 화면 보기"),
    ],
)
def test_the_page_says_where_the_company_stands(state, told, log_in):
    member = CompanyMemberFactory(company=CompanyFactory(**state))

    assert told in log_in(member.user).get(DETAIL).content.decode()


def test_somebody_without_a_company_is_led_to_register(log_in, trainee):
    client = log_in(trainee.user)

    assert client.get(DETAIL).url == REGISTER
    assert (client.get(EDIT).status_code, client.post(ADD, {}).status_code) == (404, 404)


def test_another_company_is_404(log_in, owner):
    other = CompanyMemberFactory()
    client = log_in(owner)

    for url in (DETAIL, EDIT, ADD):
        method = client.post if url == ADD else client.get
        assert method(f"{url}?company={other.company_id}").status_code == 404


def test_the_form_changes_everything_but_the_number(log_in, owner):
    company = owner.company_memberships.get().company

    response = log_in(owner).post(EDIT, typed(name="새 이름"))

    number = company.registration_no
    company.refresh_from_db()
    assert (response.status_code, company.name, company.registration_no) == (302, "새 이름", number)


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("owner", (200, 200, 302)),
        ("manager", (200, 200, 403)),
        ("mentor", (200, 403, 403)),
        ("accountant", (200, 403, 403)),
    ],
)
def test_what_a_role_may_do(role, statuses, log_in):
    member = CompanyMemberFactory(role=role)
    person, client = UserFactory(), log_in(member.user)

    got = (
        client.get(DETAIL).status_code,
        client.get(EDIT).status_code,
        client.post(ADD, {"email": person.email, "role": "mentor"}).status_code,
    )

    assert got == statuses


# --- members ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "role", "error"),
    [
        (
            "nobody@example.com",
            "manager",
            "이 이메일로 가입한 사람이 없습니다. 먼저 가입한 뒤 다시 초대해 주세요.",
        ),
        ("not an address", "manager", "올바른 이메일 주소를 입력하세요."),
        ("", "manager", "이메일을 입력해 주세요."),
        ("kim@example.com", "king", "king"),
    ],
)
def test_adding_a_colleague_says_what_is_wrong(email, role, error, log_in, owner):
    UserFactory(email="kim@example.com")

    response = log_in(owner).post(ADD, {"email": email, "role": role})

    assert response.status_code == 422
    assert error in response.content.decode()
    assert CompanyMember.objects.count() == 1


def test_a_colleague_is_added_once(log_in, owner):
    person, client = UserFactory(), log_in(owner)

    first, second = (client.post(ADD, {"email": person.email, "role": "manager"}) for _twice in range(2))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "이미 이 회사의 담당자입니다." in second.content.decode()
    assert CompanyMember.objects.filter(user=person).count() == 1


def remove(member):
    return reverse("companies:member-remove", args=[member.pk])


def change(member):
    return reverse("companies:member-change", args=[member.pk])


def test_a_member_is_removed_after_asking(log_in, owner):
    member = CompanyMemberFactory(company=owner.company_memberships.get().company, role="mentor")
    client = log_in(owner)

    asked = client.get(remove(member))
    assert (asked.status_code, CompanyMember.objects.filter(pk=member.pk).exists()) == (200, True)

    assert client.post(remove(member)).status_code == 302
    assert not CompanyMember.objects.filter(pk=member.pk).exists()
    assert client.post(remove(member)).status_code == 404


def test_a_mentor_may_leave_but_remove_nobody(log_in, owner):
    company = owner.company_memberships.get().company
    member = CompanyMemberFactory(company=company, role="mentor")
    client = log_in(member.user)

    assert client.post(remove(owner.company_memberships.get())).status_code == 403
    assert client.post(change(owner.company_memberships.get()), {}).status_code == 403
    assert client.post(remove(member)).url == reverse("home:start")


def test_the_last_owner_stays_and_is_told_why(log_in, owner):
    member = owner.company_memberships.get()
    client = log_in(owner)

    left = client.post(remove(member))
    stepped = client.post(change(member), {f"member-{member.pk}-role": "mentor"}, follow=True)

    sentence = "대표 담당자가 한 명뿐입니다. 다른 사람을 대표 담당자로 정한 뒤 다시 해 주세요."
    assert (left.status_code, sentence in left.content.decode()) == (422, True)
    assert sentence in stepped.content.decode()
    member.refresh_from_db()
    assert member.role == "owner"


@pytest.mark.parametrize(("role", "now"), [("manager", "manager"), ("king", "mentor")])
def test_a_role_is_changed_to_one_that_exists(role, now, log_in, owner):
    member = CompanyMemberFactory(company=owner.company_memberships.get().company, role="mentor")

    response = log_in(owner).post(change(member), {f"member-{member.pk}-role": role})

    member.refresh_from_db()
    assert (response.status_code, member.role) == (302, now)


def test_members_of_another_company_are_404(log_in, owner):
    stranger = CompanyMemberFactory(role="mentor")
    client = log_in(owner)

    for response in (
        client.get(remove(stranger)),
        client.post(remove(stranger)),
        client.post(change(stranger), {}),
    ):
        assert response.status_code == 404
    assert CompanyMember.objects.filter(pk=stranger.pk).exists()


@pytest.mark.parametrize("url", [REGISTER, DETAIL, EDIT])
def test_the_companys_pages_ask_for_a_login(url, client):
    assert client.get(url).url == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_and_many_members(rows, log_in, owner, django_assert_num_queries):
    for _row in range(rows):
        CompanyMemberFactory(company=owner.company_memberships.get().company, role="mentor")
    client = log_in(owner)
    client.get(DETAIL)

    with django_assert_num_queries(8):
        client.get(DETAIL)


# --- for everybody ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status"), [("verified", 200), ("unverified", 404), ("rejected", 404), ("suspended", 404)]
)
def test_only_verified_companies_are_public(state, status, client):
    company = CompanyFactory(state=state, suspended_until="2030-01-01" if state == "suspended" else None)

    assert client.get(public(company)).status_code == status


def test_the_public_page_shows_open_projects_and_nothing_private(client):
    company = CompanyFactory(website="https://gaon.example", about="설비를 만듭니다.")
    member = CompanyMemberFactory(company=company)
    call = CallFactory()
    ProjectFactory(company=company, call=call, title="공개 과제")
    ProjectFactory(company=company, call=call, title="비밀 과제", state="submitted")
    ProjectFactory(company=company, title="준비 중 과제", call__state="draft")

    html = client.get(public(company)).content.decode()

    assert ("공개 과제" in html, "비밀 과제" in html, "준비 중 과제" in html) == (True, False, False)
    for private in (
        company.registration_no,
        company.registration_no_shown,
        member.user.email,
        member.user.name,
    ):
        assert private not in html


@pytest.mark.parametrize(("kept", "shown"), [(0, False), (2, False), (3, True)])
def test_kept_hires_are_told_only_when_they_point_at_nobody(kept, shown, client):
    company = CompanyFactory()
    for _hire in range(kept):
        made = HiringObligationFactory()
        HiringObligation.objects.filter(pk=made.pk).update(
            company=company, state="fulfilled", hired_on="2026-01-02", closed_at="2026-01-03T00:00Z"
        )
    HiringObligation.objects.filter(pk=HiringObligationFactory().pk).update(company=company)

    html = client.get(public(company)).content.decode()

    assert (f"약속한 채용 {kept}명 이행" in html) is shown
    assert ("약속한 채용" in html) is shown


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_a_number_that_is_nobodys_is_404(pk, client):
    assert client.get(f"/companies/{pk}/").status_code == 404


def test_a_company_without_projects_points_elsewhere(client):
    assert "공개된 프로젝트가 없습니다" in client.get(public(CompanyFactory())).content.decode()


# --- rejected and corrected -----------------------------------------------------------------------------------


def test_a_rejected_company_corrects_itself_and_the_office_sees_it_again(owner, operator, log_in):
    company = owner.company_memberships.get().company
    Company.objects.update(state="rejected", decision_reason="대표자가 다릅니다.")
    client = log_in(owner)
    asked = client.get(EDIT).text
    facts = typed(representative="김대표")
    del facts["registration_no"]

    saved = client.post(EDIT, facts, follow=True).text

    office = log_in(operator)
    waiting = office.get(reverse("admin:companies_company_changelist"), {"state__exact": "unverified"}).text
    row = office.get(reverse("admin:companies_company_change", args=[company.pk])).text
    assert "대표자가 다릅니다." in asked
    assert "운영사에 다시 확인을 요청합니다." in asked
    assert "운영사가 다시 확인하고 결과를 알려 드립니다." in saved
    assert "운영사가 회사를 확인하고 있습니다" in saved
    assert Company.objects.get().name in waiting
    assert "거절한 사유: 대표자가 다릅니다." in row
