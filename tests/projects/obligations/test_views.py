"""What a company owes, what a trainee is owed, and the papers in between."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access
from portal.files.models import StoredFile
from portal.ui.korean import kdate
from projects.obligations import actions
from projects.obligations.models import Evidence, HiringObligation
from tests.factories import (
    CompanyMemberFactory,
    HiringObligationFactory,
    StaffFactory,
    TraineeFactory,
    UserFactory,
    days,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def upload(name="서류.pdf", content=PDF, content_type="application/pdf"):
    return SimpleUploadedFile(name, content, content_type=content_type)


def sent(**changes):
    return {
        "hired_on": timezone.localdate().isoformat(), "contract": upload("계약서.pdf"), "insurance": upload("명부.pdf"), **changes,
    }  # fmt: skip


@pytest.fixture
def obligation(db):
    return HiringObligationFactory()


@pytest.fixture
def member(obligation):
    return obligation.company.members.get()


@pytest.fixture
def handed_in(obligation, member):
    files = {"contract": [upload("계약서.pdf")], "insurance": [upload("명부.pdf")]}
    return actions.submit_evidence(obligation, hired_on=timezone.localdate(), files=files, by=member.user)


def walk(obligation, way, member, agency):
    """Bring the obligation along its steps."""
    for step in way:
        if step == "submit":
            files = {"contract": [upload()], "insurance": [upload()]}
            actions.submit_evidence(obligation, hired_on=timezone.localdate(), files=files, by=member.user)
        elif step == "waive":
            actions.waive_obligation(obligation, reason="other", note="의결", by=agency)
        else:
            getattr(actions, step)(obligation, by=agency)


def urls(obligation, evidence=None):
    detail = reverse("obligations:obligation-detail", args=[obligation.pk])
    submit = reverse("obligations:evidence-submit", args=[obligation.pk])
    if evidence is None:
        return detail, submit
    return detail, submit, reverse("obligations:evidence-file", args=[obligation.pk, evidence.pk])


# --- the list -----------------------------------------------------------------------------------------


def test_the_list_has_what_is_mine_and_the_most_urgent_first(member, obligation, log_in, agency):
    today = timezone.localdate()

    def owe(due):
        made = HiringObligationFactory(due_on=today + days(due))
        HiringObligation.objects.filter(pk=made.pk).update(company=member.company)
        made.refresh_from_db()
        return made

    late, soon, waived = owe(-3), owe(5), owe(1)
    actions.mark_obligation_overdue(late)
    actions.waive_obligation(waived, reason="other", note="의결", by=agency)

    response = log_in(member.user).get(reverse("obligations:obligation-list"))

    assert list(response.context["page"]) == [late, soon, obligation, waived]
    assert [(str(tab["label"]), tab["count"]) for tab in response.context["tabs"]] == [
        ("모두", 4), ("이행할 것", 3), ("확인 중", 0), ("끝난 것", 1),
    ]  # fmt: skip
    assert "3일 지남" in response.content.decode()
    assert "D-5" in response.content.decode()


@pytest.mark.parametrize(
    ("part", "count"), [("", 1), ("waiting", 0), ("submitted", 1), ("closed", 0), ("nonsense", 1)]
)
def test_a_part_of_the_list(part, count, handed_in, member, log_in):
    response = log_in(member.user).get(reverse("obligations:obligation-list"), {"part": part})

    assert len(response.context["page"]) == count


def test_a_trainee_sees_what_is_owed_and_can_only_read(obligation, log_in):
    client = log_in(obligation.placement.trainee.user)
    detail, submit = urls(obligation)

    listed, one = client.get(reverse("obligations:obligation-list")), client.get(detail)

    assert list(listed.context["page"]) == [obligation]
    for response in (listed, one):
        assert submit not in response.content.decode()
    assert (client.get(submit).status_code, client.post(submit, sent()).status_code) == (403, 403)


@pytest.mark.parametrize("role", ["mentor", "accountant"])
def test_a_colleague_without_the_right_can_only_read(role, obligation, log_in):
    client = log_in(CompanyMemberFactory(company=obligation.company, role=role).user)
    detail, submit = urls(obligation)

    assert submit not in client.get(detail).content.decode()
    assert client.post(submit, sent()).status_code == 403


def test_nothing_owed_says_so(log_in, owner):
    assert "채용의무가 없습니다" in log_in(owner).get(reverse("obligations:obligation-list")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_many(rows, owner, log_in, django_assert_num_queries):
    company, client = owner.company_memberships.get().company, log_in(owner)
    for _row in range(rows):
        made = HiringObligationFactory()
        HiringObligation.objects.filter(pk=made.pk).update(company=company)
    url = reverse("obligations:obligation-list")
    client.get(url)

    with django_assert_num_queries(9):
        client.get(url)


# --- handing in ---------------------------------------------------------------------------------------


def test_both_papers_are_handed_in_once(obligation, member, log_in):
    client, (detail, submit) = log_in(member.user), urls(obligation)

    first = client.post(submit, sent())
    told = client.get(detail).content.decode()
    second = client.post(submit, sent())

    assert (first.status_code, first.url, second.status_code) == (302, detail, 409)
    assert "증빙 확인 중" in second.content.decode()
    assert sorted(Evidence.objects.values_list("kind", "file__name")) == [
        ("contract", "계약서.pdf"),
        ("insurance", "명부.pdf"),
    ]
    assert "운영사가 확인 중입니다" in told
    assert "회사가 증빙을 올렸습니다" in told


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"hired_on": ""}, "hired_on", "채용일을 입력해 주세요."),
        ({"hired_on": "0000-01-01"}, "hired_on", "올바른 날짜를 입력하세요."),
        ({"hired_on": "2026-02-30"}, "hired_on", "올바른 날짜를 입력하세요."),
        ({"hired_on": "어제"}, "hired_on", "올바른 날짜를 입력하세요."),
        (
            {"hired_on": "2099-01-01"},
            "hired_on",
            "채용일이 오늘보다 뒤입니다. 입사한 뒤에 증빙을 올려 주세요.",
        ),
        ({"hired_on": "2001-01-01"}, "hired_on", None),
        ({"contract": ""}, "contract", "근로계약서를 올려 주세요."),
        ({"insurance": ""}, "insurance", "4대보험 가입자 명부를 올려 주세요."),
        ({"contract": upload(content=b"")}, "contract", "빈 파일입니다. 내용이 있는 파일을 올려 주세요."),
        (
            {"contract": upload(content=b"MZ\x90", content_type="application/pdf")},
            "contract",
            "받을 수 없는 형식입니다. PDF, PNG, JPEG, DOCX, XLSX, PPTX, HWP, HWPX 파일을 올려 주세요.",
        ),
        (
            {"insurance": upload("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image/png")},
            "insurance",
            "파일이 손상되어 열 수 없습니다. 다시 저장해서 올려 주세요.",
        ),
    ],
)
def test_a_wrong_answer_is_422_beside_its_field(changes, field, error, obligation, member, log_in):
    for kept in changes.values():  # an upload of the table is read by the test before it too
        if isinstance(kept, SimpleUploadedFile):
            kept.seek(0)

    response = log_in(member.user).post(urls(obligation)[1], sent(**changes))

    assert response.status_code == 422
    expected = (
        error or f"채용일은 프로젝트 시작일({kdate(obligation.placement.starts_on)})보다 뒤여야 합니다."
    )
    assert expected in response.content.decode()
    assert list(response.context["form"].errors) == [field]
    assert StoredFile.objects.count() == 0
    obligation.refresh_from_db()
    assert obligation.state == "owed"


def test_a_file_too_large_is_refused_and_the_date_is_kept(obligation, member, log_in, settings):
    settings.UPLOAD_MAX_BYTES = 100

    response = log_in(member.user).post(urls(obligation)[1], sent(contract=upload(content=PDF + b"\0" * 100)))

    html = response.content.decode()
    assert response.status_code == 422
    assert "파일이 너무 큽니다" in html
    assert f'value="{timezone.localdate().isoformat()}"' in html
    assert "두 서류의 파일을 다시 골라 주세요." in html


def test_a_paper_may_come_in_several_files(obligation, member, log_in):
    pages = [upload("1쪽.pdf"), upload("2쪽.pdf")]

    response = log_in(member.user).post(urls(obligation)[1], sent(contract=pages))

    assert response.status_code == 302
    assert list(Evidence.objects.values_list("kind", "file__name")) == [
        ("contract", "1쪽.pdf"),
        ("contract", "2쪽.pdf"),
        ("insurance", "명부.pdf"),
    ]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        (6, "파일은 5개까지 올릴 수 있습니다. 여러 장이면 PDF 하나로 묶어 주세요."),
        (["good", "bad"], "받을 수 없는 형식입니다."),
    ],
)
def test_one_bad_or_one_too_many_keeps_all_of_them_out(files, error, obligation, member, log_in):
    contents = [PDF] * files if isinstance(files, int) else [PDF, b"MZ"]
    contract = [upload(f"{number}.pdf", content) for number, content in enumerate(contents)]

    response = log_in(member.user).post(urls(obligation)[1], sent(contract=contract))

    assert response.status_code == 422
    assert error in response.content.decode()
    assert list(response.context["form"].errors) == ["contract"]
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize(
    "name",
    ["계약\x00서.pdf", "../../manage.py", "a" * 400 + ".pdf", "\u202egpj.exe", "줄\r\nSet-Cookie: a=b.pdf"],
)
def test_a_hostile_file_name_is_cleaned(name, obligation, member, log_in):
    client = log_in(member.user)

    response = client.post(urls(obligation)[1], sent(contract=upload(name)))

    assert response.status_code == 302
    stored = Evidence.objects.get(kind="contract").file
    assert stored.name.endswith(".pdf")
    assert len(stored.name) <= 120
    assert not set(stored.name) & set("\x00/\\\r\n\u202e:")
    got = client.get(urls(obligation, Evidence.objects.get(kind="contract"))[2])
    assert (got.status_code, "Set-Cookie: a=b" in str(got.headers)) == (200, False)
    got.close()


def test_a_nul_in_the_date_is_400(obligation, member, log_in):
    assert log_in(member.user).post(urls(obligation)[1], sent(hired_on="2026\x00-01-01")).status_code == 400


def test_returned_evidence_says_why_and_can_be_handed_in_again(handed_in, member, log_in):
    actions.return_evidence(handed_in, reason="취득일이 보이지 않습니다.", by=StaffFactory().user)
    client, (detail, submit) = log_in(member.user), urls(handed_in)

    assert "취득일이 보이지 않습니다." in client.get(detail).content.decode()
    assert "취득일이 보이지 않습니다." in client.get(submit).content.decode()
    assert client.post(submit, sent()).status_code == 302
    assert Evidence.objects.count() == 4
    assert client.get(detail).context["returned"] is None


def test_a_request_to_hand_in_again_stands_after_the_deadline_too(handed_in, member, log_in):
    actions.return_evidence(handed_in, reason="취득일이 보이지 않습니다.", by=StaffFactory().user)
    actions.mark_obligation_overdue(handed_in)

    assert "취득일이 보이지 않습니다." in log_in(member.user).get(urls(handed_in)[0]).context["returned"].note


@pytest.mark.parametrize("who", ["company", "trainee"])
def test_what_the_office_examined_for_a_waiver_stays_with_the_office(who, obligation, member, log_in, agency):
    actions.waive_obligation(obligation, reason="trainee_employed", note="재직 증명: 다도해소프트", by=agency)
    reader = member.user if who == "company" else obligation.placement.trainee.user

    html = log_in(reader).get(urls(obligation)[0]).content.decode()

    assert "참여자가 다른 곳에 취업함" in html
    assert "다도해소프트" not in html


def test_the_trainee_does_not_read_what_the_office_wrote_to_the_company(handed_in, log_in):
    actions.return_evidence(handed_in, reason="급여가 계약과 다릅니다.", by=StaffFactory().user)

    html = log_in(handed_in.placement.trainee.user).get(urls(handed_in)[0]).content.decode()

    assert "운영사가 보완을 요청했습니다" in html
    assert "급여가 계약과 다릅니다." not in html
    assert "계약서.pdf" not in html


# --- the papers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200), ("mentor", 200), ("operator", 200), ("agency", 200),
        ("trainee", 404), ("other_company", 404), ("other_trainee", 404), ("nobody_yet", 404), ("anonymous", 302),
    ],
)  # fmt: skip
def test_a_paper_is_sent_to_its_company_and_the_office_only(
    who, status, handed_in, member, client, log_in, operator, agency
):
    people = {
        "owner": lambda: member.user,
        "mentor": lambda: CompanyMemberFactory(company=handed_in.company, role="mentor").user,
        "operator": lambda: operator,
        "agency": lambda: agency,
        "trainee": lambda: handed_in.placement.trainee.user,
        "other_company": lambda: HiringObligationFactory().company.members.get().user,
        "other_trainee": lambda: TraineeFactory().user,
        "nobody_yet": UserFactory,
    }
    evidence = Evidence.objects.get(kind="contract")
    visitor = log_in(people[who]()) if who != "anonymous" else client

    response = visitor.get(urls(handed_in, evidence)[2])

    assert response.status_code == status
    if status == 200:
        assert b"".join(response) == PDF
        access = Access.objects.get()
        assert (access.subject, access.what, access.reason) == (
            handed_in.placement.trainee.user, f"evidence:{evidence.pk}", "contract",
        )  # fmt: skip
        response.close()
    else:
        assert not Access.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("명부.pdf", PDF, True),
        ("명부.hwp", bytes.fromhex("d0cf11e0a1b11ae1") + b"HWP Document File", False),
    ],
)
def test_what_a_browser_can_draw_is_looked_at_in_a_page_of_its_own(
    name, content, shown, obligation, member, log_in
):
    files = {"contract": [upload()], "insurance": [upload(name, content)]}
    actions.submit_evidence(obligation, hired_on=timezone.localdate(), files=files, by=member.user)
    url = urls(obligation, Evidence.objects.get(kind="insurance"))[2]
    client = log_in(member.user)

    look, fetch = client.get(url, {"show": ""}), client.get(url)

    assert look["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert look["Content-Security-Policy"].startswith("default-src 'none'") is shown
    assert fetch["Content-Disposition"].startswith("attachment")
    assert {response["X-Content-Type-Options"] for response in (look, fetch)} == {"nosniff"}
    assert (f"{url}?show" in client.get(urls(obligation)[0]).content.decode()) is shown
    look.close()
    fetch.close()


def test_a_paper_is_found_only_under_its_own_obligation(handed_in, member, log_in):
    other = HiringObligationFactory()
    HiringObligation.objects.filter(pk=other.pk).update(company=handed_in.company)
    evidence = Evidence.objects.first()

    assert log_in(member.user).get(urls(other, evidence)[2]).status_code == 404


@pytest.mark.parametrize("who", ["other_company", "other_trainee", "nobody_yet"])
def test_strangers_do_not_learn_that_it_exists(who, handed_in, log_in):
    people = {
        "other_company": lambda: HiringObligationFactory().company.members.get().user,
        "other_trainee": lambda: TraineeFactory().user,
        "nobody_yet": UserFactory,
    }
    client, (detail, submit) = log_in(people[who]()), urls(handed_in)

    assert (
        client.get(detail).status_code,
        client.get(submit).status_code,
        client.post(submit, sent()).status_code,
    ) == (404,) * 3
    assert handed_in not in client.get(reverse("obligations:obligation-list")).context["page"]


def test_a_trainee_reads_the_name_of_the_company_not_their_own(obligation, log_in):
    client = log_in(obligation.placement.trainee.user)

    listed = client.get(reverse("obligations:obligation-list")).content.decode()
    one = client.get(urls(obligation)[0])

    assert f">{obligation.company.name}</a></th>" in listed
    assert f"<h1>{obligation.company.name}의 채용의무</h1>" in one.content.decode()
    assert "채용할 사람" not in [fact["label"] for fact in one.context["facts"]]


@pytest.mark.parametrize(
    ("way", "states"),
    [
        ([], ["done", "now", "next", "next"]),
        (["mark_obligation_overdue"], ["done", "now", "next", "next"]),
        (["submit"], ["done", "done", "now", "next"]),
        (["submit", "verify_evidence"], ["done"] * 4),
        (["waive"], []),
    ],
)
def test_the_steps_show_where_it_stands(way, states, obligation, member, log_in, agency):
    walk(obligation, way, member, agency)

    steps = log_in(member.user).get(urls(obligation)[0]).context["steps"]

    assert [step["state"] for step in steps] == states


# --- what comes next ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "company_reads", "trainee_reads"),
    [
        (
            [],
            "채용한 뒤 근로계약서와 4대보험 가입자 명부를 올려 주세요.",
            "연락이 없으면 운영사에 알려 주세요.",
        ),
        (["mark_obligation_overdue"], "이행 기한이 지났습니다.", "운영사가 확인하고 있습니다."),
        (["submit"], "운영사가 증빙을 확인하고 있습니다.", "운영사가 확인하고 있습니다."),
        (["submit", "verify_evidence"], "의무를 이행했습니다.", "채용이 확인되었습니다."),
        (["waive"], "진흥원이 면제를 결정했습니다.", "이 의무는 면제되었습니다."),
    ],
)
def test_the_page_says_in_words_what_comes_next(
    way, company_reads, trainee_reads, obligation, member, log_in, agency
):
    walk(obligation, way, member, agency)
    url = urls(obligation)[0]

    assert company_reads in log_in(member.user).get(url).content.decode()
    assert trainee_reads in log_in(obligation.placement.trainee.user).get(url).content.decode()
