"""What people do, by clicking, as they would."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from matching.actions import compute_run, queue_run
from projects.applications.models import Application
from projects.obligations.models import HiringObligation
from projects.placements.models import Placement
from projects.rankings.actions import add_wish, order_of
from projects.rankings.models import RankItem, RankList
from tests.browser.conftest import NARROW
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    ConsentTextFactory,
    HiringObligationFactory,
    PlacementFactory,
    ProjectFactory,
    TraineeFactory,
    certified_scores,
    certified_wishes,
    days,
)
from tests.world import PDF

pytestmark = pytest.mark.browser

EDITOR = "/rankings/mine/"


@pytest.fixture
def wishes(transactional_db):
    """Three wishes in the order of their titles, not yet handed in."""
    call = CallFactory()
    projects = [ProjectFactory(call=call, title=title) for title in ("가 과제", "나 과제", "다 과제")]
    application = ApplicationFactory(call=call)
    for project in projects:
        rank_list = add_wish(application, project, by=application.trainee.user)
    return rank_list


def shown(page) -> list[str]:
    return page.locator(".i-rank__body a").all_inner_texts()


def kept(rank_list) -> list[str]:
    titles = dict(rank_list.items.values_list("project", "project__title"))
    return [titles[pk] for pk in order_of(rank_list)]


def drag(page, grip, target):
    """By hand, in small steps, as a person's mouse moves."""
    start, end = grip.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 12, start["y"] - 10, steps=6)
    page.mouse.move(end["x"] + 30, end["y"] + 6, steps=12)
    page.mouse.up()


def test_a_wish_is_dragged_to_the_top(visit, wishes):
    page = visit(wishes.application.trainee.user)
    page.goto(EDITOR)

    drag(page, page.locator("[data-rank-grip]").last, page.locator("[data-rank-list] > li").first)

    expect(page.locator("#toast")).to_have_text("‘다 과제’를 1순위로 옮겼습니다.")
    assert shown(page) == kept(wishes) == ["다 과제", "가 과제", "나 과제"]


def test_a_wish_is_moved_by_keyboard_and_the_focus_goes_with_it(visit, wishes):
    page = visit(wishes.application.trainee.user)
    page.goto(EDITOR)

    page.get_by_role("button", name="다 과제 한 순위 위로").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_have_text("‘다 과제’를 2순위로 옮겼습니다.")
    expect(page.get_by_role("button", name="다 과제 한 순위 위로")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#toast")).to_have_text("‘다 과제’를 1순위로 옮겼습니다.")
    expect(page.get_by_role("button", name="다 과제 한 순위 아래로")).to_be_focused()
    assert shown(page) == kept(wishes) == ["다 과제", "가 과제", "나 과제"]


def test_wishes_are_ordered_and_handed_in_without_javascript(visit, wishes):
    page = visit(wishes.application.trainee.user, java_script_enabled=False)
    page.goto(EDITOR)

    page.get_by_role("button", name="나 과제 한 순위 위로").click()
    expect(page.get_by_text("‘나 과제’를 1순위로 옮겼습니다.")).to_be_visible()
    page.get_by_role("button", name=re.compile("빼기.*다 과제")).click()
    page.get_by_role("link", name="순위 확인하고 제출").click()
    page.get_by_role("button", name="제출", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("희망 순위 제출확인서")
    binding = RankList.objects.get(application=wishes.application, state="certified")
    assert kept(binding) == ["나 과제", "가 과제"]


def test_what_was_taken_off_is_put_back(visit, wishes):
    page = visit(wishes.application.trainee.user, viewport=NARROW)
    page.goto(EDITOR)

    page.get_by_role("button", name=re.compile("빼기.*나 과제")).click()
    expect(page.locator("#toast")).to_have_text("‘나 과제’를 뺐습니다.")
    assert kept(wishes) == ["가 과제", "다 과제"]
    page.get_by_role("button", name=re.compile("되돌리기")).click()

    expect(page.locator("#toast")).to_have_text("‘나 과제’를 2순위에 다시 담았습니다.")
    expect(page.get_by_role("button", name=re.compile("빼기.*나 과제"))).to_be_focused()
    assert shown(page) == kept(wishes) == ["가 과제", "나 과제", "다 과제"]


def test_a_second_window_with_an_old_order_changes_nothing(visit, wishes, faults):
    faults.allowed.add(409)
    page = visit(wishes.application.trainee.user)
    page.goto(EDITOR)
    second = page.context.new_page()
    second.goto(EDITOR)
    page.get_by_role("button", name="나 과제 한 순위 위로").click()
    expect(page.locator("#toast")).to_contain_text("1순위로 옮겼습니다")

    with second.expect_response("**/rankings/calls/*/mine/") as answer:
        second.get_by_role("button", name="다 과제 한 순위 위로").click()

    assert answer.value.status == 409
    expect(second.locator("#toast")).to_have_class(re.compile("i-toast--danger"))
    expect(second.get_by_role("region", name="다른 창에서 먼저 순위를 바꾸었습니다")).to_be_focused()
    assert kept(wishes) == ["나 과제", "가 과제", "다 과제"]
    expect(second.get_by_role("region", name="저장된 순위").get_by_role("listitem").first).to_contain_text(
        "나 과제"
    )
    second.get_by_role("button", name="이 창의 순위로 바꾸기").click()

    expect(second.locator("#toast")).to_have_text("이 창의 순위로 바꾸었습니다.")
    assert shown(second) == kept(wishes) == ["가 과제", "다 과제", "나 과제"]


def test_projects_are_filtered_without_a_reload_and_the_address_can_be_shared(visit, transactional_db):
    call = CallFactory()
    ProjectFactory(call=call, title="먼 과제", work_mode="remote")
    ProjectFactory(call=call, title="가까운 과제", work_mode="onsite")
    page = visit()
    page.goto("/projects/")
    page.evaluate("window.sameDocument = true")

    page.get_by_label("원격").check()

    expect(page.get_by_role("link", name="가까운 과제")).to_have_count(0)
    expect(page.get_by_role("link", name="먼 과제")).to_be_visible()
    assert page.evaluate("window.sameDocument")
    shared = visit()
    shared.goto(page.url)
    expect(shared.get_by_label("원격")).to_be_checked()
    expect(shared.get_by_role("link", name="가까운 과제")).to_have_count(0)


def test_staff_sign_in_with_password_and_code(visit, transactional_db, operator):
    EmailAddress.objects.create(user=operator, email=operator.email, verified=True, primary=True)
    secret = generate_totp_secret()
    TOTP.activate(operator, secret)
    page = visit()

    page.goto("/admin/")
    page.get_by_label("이메일").fill(operator.email)
    page.get_by_label("비밀번호").fill("correct horse battery")
    page.get_by_role("main").get_by_role("button", name="로그인", exact=True).click()
    code = format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))
    page.get_by_label("인증 번호").fill(code)
    page.get_by_role("button", name="로그인", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("운영 현황")


def test_a_graduate_applies_ranks_and_keeps_the_receipt(visit, transactional_db):
    ConsentTextFactory()
    call = CallFactory(taking_applications=True)
    for title in ("견적 도우미", "도면 검색"):
        ProjectFactory(call=call, title=title)
    trainee = TraineeFactory()
    page = visit(trainee.user, viewport=NARROW)

    page.goto("/my/")
    page.get_by_role("link", name="신청서 쓰기").click()
    page.get_by_label("지원 동기").fill("현장의 데이터로 일해 보고 싶습니다.")
    page.get_by_role("button", name="저장하고 계속").click()
    page.get_by_label("에 동의합니다 (필수)").check()
    page.get_by_role("button", name="저장하고 계속").click()
    page.get_by_role("button", name="참여 신청 제출").click()
    expect(page.get_by_text("A-")).to_be_visible()
    page.goto("/projects/")
    for title in ("도면 검색", "견적 도우미"):
        page.get_by_role("button", name=re.compile(f"담기.*{title}")).click()
        expect(page.get_by_role("button", name=re.compile(f"담음.*{title}"))).to_be_visible()
    page.goto(EDITOR)
    page.get_by_role("link", name="순위 확인하고 제출").click()
    page.get_by_role("button", name="제출", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("희망 순위 제출확인서")
    application = Application.objects.get(trainee=trainee)
    binding = RankList.objects.get(application=application, state="certified")
    assert application.state == "submitted"
    assert kept(binding) == ["도면 검색", "견적 도우미"]
    expect(page.get_by_text(binding.receipt)).to_be_visible()


def test_a_trainee_accepts_an_offer(visit, transactional_db):
    placement = PlacementFactory()
    page = visit(placement.trainee.user, viewport=NARROW)

    page.goto(reverse("placements:placement-detail", args=[placement.pk]))
    page.get_by_role("button", name="수락하기").click()

    expect(page.get_by_text("수락했습니다", exact=True)).to_be_visible()
    assert Placement.objects.get().state == "accepted"


def test_a_company_scores_with_the_keyboard_and_hands_the_scores_in(visit, transactional_db, faults):
    faults.allowed.add(422)
    project = ProjectFactory()
    application = ApplicationFactory(call=project.call, trainee__user__name="나지원")
    ApplicationFactory(call=project.call, trainee__user__name="라온유")
    page = visit(project.company.members.get().user)
    first, second = (page.get_by_role("group", name=name) for name in ("나지원", "라온유"))

    page.goto("/company/")
    page.get_by_role("link", name="지원자 평가하기").click()
    first.get_by_label("점수").fill("101")
    page.keyboard.press("Enter")
    expect(first.get_by_label("점수")).to_have_attribute("aria-invalid", "true")
    expect(first.get_by_label("점수")).to_be_focused()
    first.get_by_label("점수").fill("87.5")
    expect(first.get_by_text("아직 저장하지 않음")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_have_text("나지원: 87.5점")
    expect(first.get_by_text("저장됨: 87.5점")).to_be_visible()
    expect(first.get_by_text("아직 저장하지 않음")).to_be_hidden()
    expect(second.get_by_label("점수")).to_be_focused()
    expect(page.locator("#reviewed")).to_contain_text("1")
    page.get_by_role("link", name="확인하고 최종 제출").click()
    page.get_by_role("button", name="최종 제출").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("지원자 평가 제출확인서")
    item = RankItem.objects.get(rank_list__state="certified")
    assert (item.application, item.score) == (application, 87.5)


def test_a_company_proves_a_hiring_and_the_office_verifies_it(visit, transactional_db, operator):
    member = CompanyMemberFactory()
    obligation = HiringObligationFactory(
        evaluation__placement__project__company=member.company,
        evaluation__placement__starts_on=timezone.localdate() - days(150),
    )
    company, office = visit(member.user), visit(operator)

    company.goto("/obligations/")
    company.get_by_role("link", name=obligation.placement.trainee.user.name).first.click()
    company.get_by_role("link", name="증빙 올리기").first.click()
    company.get_by_label("채용일").fill(timezone.localdate().isoformat())
    for paper in ("근로계약서", "4대보험"):
        company.get_by_label(paper).set_input_files(
            {"name": f"{paper}.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
    company.get_by_role("button", name="증빙 올리기").click()
    expect(company.get_by_role("heading", level=1)).to_be_visible()
    obligation.refresh_from_db()
    handed_in = obligation.state
    office.goto(reverse("admin:obligations_hiringobligation_change", args=[obligation.pk]))
    office.get_by_role("link", name="이행 확인").click()
    office.get_by_role("button", name="이행 확인").click()

    expect(office.get_by_text("이행을 확인했습니다.")).to_be_visible()
    assert handed_in == "evidence_submitted"
    assert HiringObligation.objects.get().state == "fulfilled"


def test_a_run_is_approved_by_one_and_published_by_another(
    visit, transactional_db, agency, second_agency, faults
):
    faults.allowed.add(422)
    project = ProjectFactory(call__sealed=True)
    application = ApplicationFactory(call=project.call)
    certified_wishes(application, project, state="sealed")
    certified_scores(project.company, {(project, application): 90}, state="sealed")
    run = compute_run(queue_run(project.call, on=timezone.localdate()))
    review = reverse("admin:matching_matchrun_change", args=[run.pk])
    first, second = visit(agency), visit(second_agency)

    first.goto(review)
    first.get_by_role("link", name="승인").click()
    first.get_by_label("무엇을 확인했나").fill("검증서와 수치를 확인했습니다.")
    first.get_by_role("button", name="승인").click()
    first.get_by_role("link", name="발표").click()
    first.get_by_label("무엇을 확인했나").fill("혼자 발표합니다.")
    first.get_by_role("button", name="발표").click()
    expect(first.get_by_text("다른 진흥원 담당자에게")).to_be_visible()
    second.goto(review)
    second.get_by_role("link", name="발표").click()
    second.get_by_label("무엇을 확인했나").fill("승인한 기록과 수치를 확인했습니다.")
    second.get_by_role("button", name="발표").click()

    expect(second.get_by_text("결과를 발표했습니다.")).to_be_visible()
    run.refresh_from_db()
    assert (run.state, run.approved_by, run.published_by) == ("published", agency, second_agency)
    assert Placement.objects.get().application == application
