"""The public list and page of projects, and a company's own projects."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Event
from portal.ui.korean import kdatetime, unbroken
from projects import actions
from projects.models import Project, ProjectSkill
from projects.rankings.models import RankList
from projects.states import ProjectState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    FieldFactory,
    ProjectFactory,
    SkillFactory,
    TraineeFactory,
    UserFactory,
    certified_wishes,
    days,
)

pytestmark = pytest.mark.django_db
LIST = "projects:project-list"


def titles(response):
    return [card["project"].title for card in response.context["cards"]]


def page(client, name, *args, **query):
    return client.get(reverse(f"projects:{name}", args=args), query)


# --- the public list ----------------------------------------------------------------------------------


def test_what_can_still_be_chosen_comes_first(client):
    choosing = CallFactory()
    newer = CallFactory(sealed=True, year=choosing.year + 1)
    ProjectFactory(call=newer, title="가 마감")
    ProjectFactory(call=choosing, title="나 모집")
    ProjectFactory(call=choosing, title="다 모집")

    assert titles(page(client, "project-list")) == ["나 모집", "다 모집", "가 마감"]


@pytest.mark.parametrize("state", ProjectState.values)
@pytest.mark.parametrize("call", ["draft", "open", "announced", "finished", "cancelled"])
def test_only_selected_projects_of_published_calls_are_public(state, call, client):
    project = ProjectFactory(title="숨은 카나리아", state=state, call__state=call)
    shown = call not in ("draft", "cancelled")

    assert titles(page(client, "project-list")) == (
        ["숨은 카나리아"] if shown and state == "selected" else []
    )
    past = page(client, "project-list", past="on")
    assert titles(past) == (
        ["숨은 카나리아"] if shown and state in ("selected", "running", "finished") else []
    )
    found = page(client, "project-list", q="카나리아", past="on")
    assert len(titles(found)) == len(titles(past))
    detail = page(client, "project-detail", project.pk)
    assert detail.status_code == (200 if titles(past) else 404)


@pytest.fixture
def market(db):
    """Three projects that differ in everything a filter can ask for."""
    vision = FieldFactory(code="vision", name="영상 인식")
    call = CallFactory()
    one = ProjectFactory(call=call, title="하나", region="창원", work_mode="onsite")
    two = ProjectFactory(
        call=call, title="둘", region="김해", work_mode="remote", field=vision, pledged_hires=1
    )
    three = ProjectFactory(
        call=call, title="셋", region="창원", work_mode="hybrid", summary="100% 자동 발주를 만듭니다."
    )
    ProjectSkill.objects.create(
        project=two, skill=SkillFactory(code="rag", name="RAG"), level=2, required=False
    )
    three.company.name = "남해푸드"
    three.company.save()
    return [one, two, three]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"하나", "둘", "셋"}),
        ({"region": "창원"}, {"하나", "셋"}),
        ({"field": "vision"}, {"둘"}),
        ({"skill": "rag"}, {"둘"}),
        ({"work_mode": ["onsite", "remote"]}, {"하나", "둘"}),
        ({"hires": "on"}, {"둘"}),
        ({"q": "남해"}, {"셋"}),
        ({"q": "rag"}, {"둘"}),
        ({"q": "100%"}, {"셋"}),
        ({"q": "1_0%"}, set()),
        ({"q": "  하나  "}, {"하나"}),
        ({"region": "김해", "hires": "on"}, {"둘"}),
        ({"region": "없는 곳"}, {"하나", "둘", "셋"}),
        ({"work_mode": ["onsite", "nowhere"]}, {"하나", "둘", "셋"}),
        ({"page": "99"}, {"하나", "둘", "셋"}),
        ({"page": "-1; drop table"}, {"하나", "둘", "셋"}),
        ({"q": "x" * 500}, {"하나", "둘", "셋"}),
    ],
)
def test_filters_narrow_the_list_and_nonsense_filters_nothing(query, found, client, market):
    response = page(client, "project-list", **query)

    assert response.status_code == 200
    assert set(titles(response)) == found


def test_each_chosen_filter_can_be_taken_back_alone(client, market):
    response = page(client, "project-list", q="하나", region="창원", work_mode=["onsite", "remote"], page=1)

    chips = {chip.label: chip.url for chip in response.context["chips"]}
    assert list(chips) == ["하나", "창원", "출근", "원격"]
    assert dict(zip(["출근"], [chips["출근"]], strict=True)) == {
        "출근": "?q=%ED%95%98%EB%82%98&region=%EC%B0%BD%EC%9B%90&work_mode=remote"
    }
    assert titles(client.get(reverse(LIST) + chips["하나"])) == ["하나"]


def test_nothing_found_offers_to_clear_the_filters(client, market):
    html = page(client, "project-list", q="없는말").content.decode()

    assert "조건에 맞는 프로젝트가 없습니다" in html
    assert f'<a class="i-btn" href="{reverse(LIST)}">조건 지우기</a>' in html


def test_an_empty_programme_says_so_without_blaming_filters(client):
    assert "지금 모집하는 프로젝트가 없습니다" in page(client, "project-list").content.decode()


def test_htmx_gets_the_rows_alone(client, market):
    response = client.get(reverse(LIST), {"region": "창원"}, headers={"HX-Request": "true"})

    html = response.content.decode()
    assert html.count('<div id="rows"') == 1
    assert '<p id="found" hx-swap-oob="innerHTML">프로젝트 2건</p>' in html
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]


def test_the_list_is_paged_and_pages_keep_the_filters(client):
    call, company = CallFactory(), CompanyFactory()
    for number in range(14):
        ProjectFactory(call=call, company=company, title=f"과제 {number:02d}")

    first, second = page(client, "project-list", q="과제"), page(client, "project-list", q="과제", page=2)

    assert (len(titles(first)), titles(second)) == (12, ["과제 12", "과제 13"])
    assert "?q=%EA%B3%BC%EC%A0%9C&amp;page=2" in first.content.decode()


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_the_list_costs_the_same_for_one_and_many(rows, client, django_assert_num_queries):
    call = CallFactory()
    for _row in range(rows):
        ProjectFactory(call=call)

    with django_assert_num_queries(8):
        page(client, "project-list")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_a_trainee_the_same_for_one_and_many(rows, log_in, trainee, django_assert_num_queries):
    application = ApplicationFactory(trainee=trainee)
    projects = [ProjectFactory(call=application.call) for _row in range(rows)]
    certified_wishes(application, *projects)
    client = log_in(trainee.user)
    page(client, "project-list")

    with django_assert_num_queries(16):
        page(client, "project-list")


# --- who may put a project on a list ------------------------------------------------------------------

WISH = re.compile(r'id="wish-button-(\d+)" aria-pressed="(true|false)"')


def test_a_trainee_whose_call_ranks_sees_what_is_on_the_list(log_in, trainee):
    application = ApplicationFactory(trainee=trainee)
    listed, free = ProjectFactory(call=application.call), ProjectFactory(call=application.call)
    elsewhere = ProjectFactory()
    certified_wishes(application, listed)
    certified_wishes(ApplicationFactory(call=application.call), free)

    html = page(log_in(trainee.user), "project-list").content.decode()

    assert dict(WISH.findall(html)) == {str(listed.pk): "true", str(free.pk): "false"}
    assert elsewhere.title in html


def test_the_newest_version_of_a_list_counts_even_when_it_is_empty(trainee):
    application = ApplicationFactory(trainee=trainee)
    project = ProjectFactory(call=application.call)
    certified_wishes(application, project)
    application.rank_lists.create(call=application.call, version=2)

    assert RankList.objects.listed_by(trainee.user) == frozenset()


@pytest.mark.parametrize(
    ("state", "call", "shown"),
    [
        ("eligible", {}, True),
        ("submitted", {}, True),
        ("draft", {}, False),
        ("withdrawn", {}, False),
        ("eligible", {"rankings_due_at": timezone.now() - days(1)}, False),
        ("eligible", {"rankings_open_at": timezone.now() + days(1)}, False),
        ("placed", {"state": "announced"}, False),
    ],
)
def test_the_button_is_there_only_while_it_works(state, call, shown, log_in, trainee):
    project = ProjectFactory(call=CallFactory(**call))
    ApplicationFactory(trainee=trainee, call=project.call, state=state)

    client = log_in(trainee.user)

    for response in (page(client, "project-list"), page(client, "project-detail", project.pk)):
        assert bool(WISH.search(response.content.decode())) is shown


INTEREST = re.compile(r'id="interest-button-\d+"')
APPLY = "참여 신청하기"


@pytest.mark.parametrize(
    ("state", "call", "interest", "apply"),
    [
        ("eligible", {}, True, False),
        ("submitted", {"rankings_open_at": timezone.now() + days(1)}, True, False),
        ("draft", {"taking_applications": True}, False, True),
        (None, {"taking_applications": True}, False, True),
        ("withdrawn", {"taking_applications": True}, False, True),
        ("ineligible", {"taking_applications": True}, False, False),
        (None, {}, False, False),
    ],
)
def test_a_trainee_finds_the_one_thing_to_do(state, call, interest, apply, log_in, trainee):
    project = ProjectFactory(call=CallFactory(**call))
    if state:
        why = {"ineligible_reason": "employed"} if state == "ineligible" else {}
        ApplicationFactory(trainee=trainee, call=project.call, state=state, **why)

    html = page(log_in(trainee.user), "project-detail", project.pk).content.decode()

    assert bool(INTEREST.search(html)) is interest
    assert (APPLY in html) is apply
    assert not (apply and WISH.search(html))


def test_others_see_no_button(client, log_in, owner, operator):
    project = ProjectFactory()

    for visitor in (client, log_in(owner), log_in(operator)):
        assert not WISH.search(page(visitor, "project-detail", project.pk).content.decode())


# --- one project --------------------------------------------------------------------------------------


def test_the_page_says_what_one_decides_by(client):
    project = ProjectFactory(
        minimum=1, places=3, pledged_hires=2, hire_pay_won=2_850_000, data_used="영상 12만 장"
    )

    html = page(client, "project-detail", project.pk).content.decode()

    for fact in (
        "1~3명",
        "<dd>우수 수료자 전원, 최소 2명</dd>",
        "2,850,000원",
        "영상 12만 장",
        "Python · 프로젝트에 써 봄",
        project.company.name,
    ):
        assert fact in html


def test_the_summary_is_not_said_twice(client):
    project = ProjectFactory(
        summary="소리를 듣고 고장을 찾습니다.", description="소리를 듣고 고장을 찾습니다.\n하는 일"
    )

    response = page(client, "project-detail", project.pk)

    assert response.context["description"] == "하는 일"


def test_the_shared_card_tells_only_what_is_public(client):
    project = ProjectFactory(title="소리 <진단>")
    mentor = project.mentors.get().member.user

    html = page(client, "project-detail", project.pk).content.decode()

    assert f'<meta property="og:title" content="소리 &lt;진단&gt; · {project.company.name}">' in html
    assert f'<meta property="og:description" content="{project.summary}">' in html
    assert '<meta name="robots"' not in html
    assert mentor.name not in html
    assert mentor.email not in html


def test_a_preview_is_for_its_company_and_never_indexed(client, log_in):
    project = ProjectFactory(state="draft", title="비밀 과제")
    member = project.company.members.get()

    assert page(client, "project-detail", project.pk).status_code == 404
    assert page(log_in(CompanyMemberFactory().user), "project-detail", project.pk).status_code == 404
    html = page(log_in(member.user), "project-detail", project.pk).content.decode()
    assert '<meta name="robots" content="noindex">' in html
    assert 'property="og:title" content="이음"' in html


def test_a_closed_project_points_to_similar_ones(client):
    closed = ProjectFactory(state="finished", call__state="finished")
    similar = ProjectFactory(title="비슷한 과제")
    ProjectFactory(
        title="다른 과제", field=FieldFactory(code="audio", name="소리")
    ).project_skills.all().delete()
    ProjectFactory(title="아직 아님", state="submitted")

    response = page(client, "project-detail", closed.pk)

    assert "모집이 끝난 프로젝트입니다" in response.content.decode()
    assert [card["project"] for card in response.context["similar"]] == [similar]


@pytest.mark.parametrize("pk", [0, 2**31, 2**63, 10**30])
def test_a_number_that_is_nobodys_is_404(pk, client):
    assert page(client, "project-detail", pk).status_code == 404


# --- the company's own --------------------------------------------------------------------------------

DUE = dt.datetime(2026, 3, 10, 18, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def call(db):
    return CallFactory(
        projects_due_at=DUE, applications_due_at=DUE + days(5), rankings_open_at=DUE + days(6),
        rankings_due_at=DUE + days(20), announce_on=dt.date(2026, 4, 10), starts_on=dt.date(2026, 5, 4),
        ends_on=dt.date(2026, 11, 30),
    )  # fmt: skip


@pytest.fixture
def before_due():
    with time_machine.travel(DUE - days(1), tick=False):
        yield


def typed(call, **changes):
    SkillFactory(), SkillFactory(code="sql"), FieldFactory()
    return {
        "call": call.pk, "title": "용접 비드 판정", "summary": "용접 사진을 봅니다.", "description": "사진을 모읍니다.",
        "data_used": "", "field": "nlp", "region": "창원", "work_mode": "onsite", "minimum": "1", "places": "2",
        "pledged_hires": "", "hire_type": "정규직", "hire_pay_won": "2900000", "hire_place": "창원",
        "skills-TOTAL_FORMS": "3", "skills-INITIAL_FORMS": "0",
        "skills-0-skill": "python", "skills-0-level": "4", "skills-0-need": "required",
        "skills-1-skill": "sql", "skills-1-level": "2", "skills-1-need": "preferred",
        "skills-2-skill": "", "skills-2-level": "3", "skills-2-need": "required",
        **changes,
    }  # fmt: skip


@pytest.mark.usefixtures("before_due")
def test_a_project_is_written_and_opened_again_with_everything_in_it(call, owner, log_in):
    client, member = log_in(owner), owner.company_memberships.get()

    response = client.post(reverse("projects:project-add"), typed(call, mentors=[member.pk]))

    project = Project.objects.get()
    assert response.url == reverse("projects:project-manage", args=[project.pk])
    assert (project.company, project.state, project.hire_pay_won) == (member.company, "draft", 2_900_000)
    assert list(project.project_skills.order_by("skill").values_list("skill", "level", "required")) == [
        ("python", 4, True),
        ("sql", 2, False),
    ]
    edit = page(client, "project-edit", project.pk)
    assert edit.context["form"].initial["mentors"] == [member.pk]
    assert [line.initial for line in edit.context["skills"].forms[:2]] == [
        {"skill": "python", "level": 4, "need": "required"},
        {"skill": "sql", "level": 2, "need": "preferred"},
    ]


@pytest.mark.usefixtures("before_due")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": ""}, "과제 이름을 입력해 주세요."),
        ({"title": "가" * 101}, "이 값이 최대 100 개의 글자인지 확인하세요(입력값 101 자)."),
        ({"title": "용접\u202e 검사"}, "줄 바꿈이나 보이지 않는 글자가 들어 있습니다."),
        ({"minimum": "3"}, "최소 인원은 모집 인원보다 클 수 없습니다."),
        ({"pledged_hires": "3"}, "최소 채용 인원은 모집 인원(2명)보다 클 수 없습니다."),
        ({"pledged_hires": "0"}, "1 이상의 값을 입력해 주세요."),
        ({"places": "0"}, "1 이상의 값을 입력해 주세요."),
        ({"places": "1e999"}, "정수를 입력하세요."),
        ({"places": "99999999999999999999"}, "50 이하의 값을 입력해 주세요."),
        ({"hire_pay_won": "300"}, "1000000 이상의 값을 입력해 주세요."),
        ({"work_mode": "moon"}, "moon"),
        ({"mentors": ["999999"]}, "999999"),
        ({"skills-1-skill": "python"}, "위에서 이미 고른 기술입니다. 한 줄만 남겨 주세요."),
        ({"skills-1-skill": "telepathy"}, "telepathy"),
        ({"skills-1-level": "9"}, "9"),
    ],
)
def test_a_wrong_answer_is_422_with_a_sentence_and_keeps_what_was_typed(changes, error, call, owner, log_in):
    response = log_in(owner).post(reverse("projects:project-add"), typed(call, **changes))

    html = response.content.decode()
    assert response.status_code == 422
    assert error in html
    assert "오류:" in html
    assert "용접 사진을 봅니다." in html
    assert not Project.objects.exists()


HOLES = dict.fromkeys(
    ("summary", "description", "region", "work_mode", "hire_type", "hire_pay_won", "hire_place"), ""
)


@pytest.mark.usefixtures("before_due")
def test_a_draft_is_saved_with_holes_and_written_on(call, owner, log_in):
    client = log_in(owner)

    response = client.post(
        reverse("projects:project-add"), typed(call, save="1", **HOLES, **{"skills-0-skill": ""}), follow=True
    )

    project = Project.objects.get()
    assert response.redirect_chain == [(reverse("projects:project-edit", args=[project.pk]), 302)]
    assert (project.title, project.state, project.hire_pay_won) == ("용접 비드 판정", "draft", 0)
    assert response.context["form"]["hire_pay_won"].value() is None
    assert [step["state"] for step in response.context["form"].steps()] == ["next"] * 5
    assert "아직 적지 않음" in page(client, "project-submit", project.pk).content.decode()


@pytest.mark.usefixtures("before_due")
@pytest.mark.parametrize("name", ["title", "field", "places"])
def test_even_a_draft_needs_a_name_a_field_and_places(name, call, owner, log_in):
    response = log_in(owner).post(
        reverse("projects:project-add"), typed(call, save="1", **{**HOLES, name: ""})
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]
    assert "(선택)" not in str(response.context["form"]["summary"].as_field_group())


@pytest.mark.usefixtures("before_due")
def test_a_draft_with_holes_is_not_handed_in(call, owner, log_in):
    client, member = log_in(owner), owner.company_memberships.get()
    client.post(reverse("projects:project-add"), typed(call, save="1", mentors=[member.pk], **HOLES))
    project = Project.objects.get()

    response = client.post(reverse("projects:project-submit", args=[project.pk]))

    assert response.status_code == 422
    assert (
        "아직 적지 않은 항목이 있습니다: 한 줄 소개, 하는 일, 근무 지역, 근무 방식, 채용 형태, 채용 뒤 월 급여(원), 채용 뒤 근무지"
        in response.content.decode()
    )
    project.refresh_from_db()
    assert project.state == "draft"


@pytest.mark.usefixtures("before_due")
def test_a_complete_project_goes_on_to_be_checked(call, owner, log_in):
    client, member = log_in(owner), owner.company_memberships.get()

    response = client.post(reverse("projects:project-add"), typed(call, check="1", mentors=[member.pk]))

    project = Project.objects.get()
    assert response.url == reverse("projects:project-submit", args=[project.pk])
    steps = page(client, "project-edit", project.pk).context["form"].steps()
    assert [step["state"] for step in steps] == ["done"] * 5


@pytest.mark.usefixtures("before_due")
def test_a_broken_list_of_lines_is_refused_not_an_error(call, owner, log_in):
    for total in ("", "x", "1000000", "9" * 40):
        response = log_in(owner).post(
            reverse("projects:project-add"), typed(call, **{"skills-TOTAL_FORMS": total})
        )
        more = log_in(owner).post(
            reverse("projects:project-add"), typed(call, more="1", **{"skills-TOTAL_FORMS": total})
        )
        assert (response.status_code, more.status_code) == (422, 200)


@pytest.mark.usefixtures("before_due")
def test_more_lines_are_shown_without_saving_or_complaining(call, owner, log_in):
    response = log_in(owner).post(reverse("projects:project-add"), typed(call, title="", more="1"))

    assert response.status_code == 200
    assert "i-field__error" not in response.content.decode()
    assert len(response.context["skills"].forms) == 6
    assert response.context["skills"].forms[0]["skill"].value() == "python"
    assert response.context["form"]["region"].value() == "창원"
    assert not Project.objects.exists()


@pytest.mark.usefixtures("before_due")
def test_a_title_taken_meanwhile_stands_beside_the_title(call, owner, log_in):
    client = log_in(owner)
    client.post(reverse("projects:project-add"), typed(call))

    response = client.post(reverse("projects:project-add"), typed(call))

    assert response.status_code == 422
    assert response.context["form"].errors["title"] == [
        "이 공고에 같은 이름의 과제가 이미 있습니다. 다른 이름을 정해 주세요."
    ]
    assert Project.objects.count() == 1


@pytest.mark.usefixtures("before_due")
def test_two_windows_the_second_save_is_409_and_can_be_repeated_knowingly(call, owner, log_in):
    client = log_in(owner)
    client.post(reverse("projects:project-add"), typed(call))
    project = Project.objects.get()
    url = reverse("projects:project-edit", args=[project.pk])
    seen = client.get(url).context["form"].initial["seen"]
    with time_machine.travel(DUE - dt.timedelta(hours=2), tick=False):
        assert client.post(url, typed(call, seen=seen, region="김해")).status_code == 302

    stale = client.post(url, typed(call, seen=seen, region="진주"))

    project.refresh_from_db()
    assert (stale.status_code, project.region) == (409, "김해")
    again = client.post(url, typed(call, seen=stale.context["form"]["seen"].value(), region="진주"))
    project.refresh_from_db()
    assert (again.status_code, project.region) == (302, "진주")


def test_without_an_open_call_nothing_can_be_begun(owner, log_in):
    CallFactory(state="closed", taking_projects=True, taking_applications=True)

    response = page(log_in(owner), "project-add")

    assert response.status_code == 200
    assert "지금은 과제를 신청할 수 있는 기간이 아닙니다" in response.content.decode()


def test_a_form_left_open_over_the_deadline_is_refused(call, owner, log_in):
    with time_machine.travel(DUE + dt.timedelta(seconds=1), tick=False):
        response = log_in(owner).post(reverse("projects:project-add"), typed(call))

    assert response.status_code == 422
    assert not Project.objects.exists()


@pytest.fixture
def draft(call, owner):
    member, skill = owner.company_memberships.get(), SkillFactory()
    with time_machine.travel(DUE - days(2), tick=False):
        return actions.draft_project(
            call, member.company, skills={skill.pk: (3, True)}, mentors=[member], by=owner, title="비드 판정",
            summary="사진", description="모델", field=FieldFactory(), region="창원", work_mode="onsite", minimum=1, places=2,
            hire_type="정규직", hire_pay_won=3_000_000, hire_place="창원",
        )  # fmt: skip


def test_answers_are_checked_then_handed_in_once(draft, owner, log_in):
    client, url = log_in(owner), reverse("projects:project-submit", args=[draft.pk])
    with time_machine.travel(DUE, tick=False):
        check = client.get(url)
        first = client.post(url)
        second = client.post(url)

    assert "Python (프로젝트에 써 봄)" in check.content.decode()
    assert (first.status_code, second.status_code) == (302, 409)
    assert "심사 중" in second.content.decode()
    assert Event.objects.filter(verb="submit_project").count() == 1
    assert client.get(url).status_code == 302


def test_one_second_late_is_refused_with_the_deadline_in_seoul(draft, owner, log_in):
    with time_machine.travel(DUE + dt.timedelta(seconds=1), tick=False):
        response = log_in(owner).post(reverse("projects:project-submit", args=[draft.pk]))

    assert response.status_code == 422
    assert (
        "과제 신청 마감(3월 10일(화) 18:00)이 지났습니다. 운영사에 문의해 주세요."
        in response.content.decode()
    )
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_an_unverified_company_learns_what_is_missing(draft, owner, log_in):
    type(draft.company).objects.update(state="unverified")

    with time_machine.travel(DUE - days(1), tick=False):
        response = log_in(owner).post(reverse("projects:project-submit", args=[draft.pk]))

    assert response.status_code == 422
    assert "회사 확인이 끝나야 합니다" in response.content.decode()


def test_what_was_submitted_cannot_be_edited(owner, log_in):
    project = ProjectFactory(state="submitted", company=owner.company_memberships.get().company)

    response = page(log_in(owner), "project-edit", project.pk)

    assert response.status_code == 409
    assert "보완 요청을 부탁해 주세요" in response.content.decode()


def test_a_returned_project_shows_the_comment_and_its_history(draft, owner, operator, log_in):
    with time_machine.travel(DUE - days(1), tick=False):
        actions.submit_project(draft, by=owner)
        actions.return_project(draft, reason="데이터의 양을 적어 주세요.", by=operator)

        response = page(log_in(owner), "project-manage", draft.pk)

    assert "데이터의 양을 적어 주세요." in response.content.decode()
    assert [str(event["title"]) for event in response.context["events"]] == [
        "운영사가 보완을 요청했습니다", "제출했습니다", "작성을 시작했습니다",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("after", "shown", "offered"),
    [
        (days(1), "까지 내용을 고친 뒤 다시 제출해 주세요.", True),
        (days(7), "이었습니다. 운영사에 문의해 주세요.", False),
    ],
)
def test_a_returned_project_tells_until_when_it_can_be_completed(
    after, shown, offered, draft, owner, operator, log_in
):
    with time_machine.travel(DUE - days(1), tick=False):
        actions.submit_project(draft, by=owner)
        actions.return_project(draft, reason="데이터의 양을 적어 주세요.", by=operator)

    with time_machine.travel(DUE + after, tick=False):
        html = page(log_in(owner), "project-manage", draft.pk).content.decode()

    assert unbroken(kdatetime(DUE + days(6))) + shown in html
    assert (reverse("projects:project-submit", args=[draft.pk]) in html) is offered


def test_a_selected_project_links_to_its_candidates_with_progress(owner, log_in):
    project = ProjectFactory(company=owner.company_memberships.get().company, places=1)
    for _person in range(7):
        ApplicationFactory(call=project.call)
    ApplicationFactory(call=project.call, state="ineligible", ineligible_reason="employed")

    response = page(log_in(owner), "project-manage", project.pk)

    html = response.content.decode()
    assert "이 공고의 적격 지원자는 7명입니다" in html
    assert '<progress value="0" max="5"' in html
    assert reverse("rankings:candidate-list", args=[project.pk]) in html


def test_withdrawing_asks_first_and_needs_a_reason(owner, log_in):
    project = ProjectFactory(company=owner.company_memberships.get().company)
    client, url = log_in(owner), reverse("projects:project-withdraw", args=[project.pk])

    asked, empty = client.get(url), client.post(url, {"reason": " "})
    project.refresh_from_db()
    assert (asked.status_code, empty.status_code, project.state) == (200, 422, "selected")
    assert "이 과제를 담은 지원자" in asked.content.decode()

    done, again = client.post(url, {"reason": "예산이 없어졌습니다."}), client.post(url, {"reason": "두 번"})
    project.refresh_from_db()
    assert (done.status_code, again.status_code) == (302, 409)
    assert (project.state, project.decision_reason) == ("withdrawn", "예산이 없어졌습니다.")


OWN = ["project-manage", "project-edit", "project-submit", "project-withdraw"]


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["other_company", "trainee", "nobody_yet", "operator"])
def test_strangers_do_not_learn_that_it_exists(who, method, name, log_in, operator):
    project = ProjectFactory(state="draft")
    people = {
        "other_company": lambda: CompanyMemberFactory().user,
        "trainee": lambda: TraineeFactory().user,
        "nobody_yet": UserFactory,
        "operator": lambda: operator,
    }
    client = log_in(people[who]())

    response = getattr(client, method)(reverse(f"projects:{name}", args=[project.pk]))

    assert response.status_code == (405 if (method, name) == ("post", "project-manage") else 404)
    project.refresh_from_db()
    assert project.state == "draft"


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("owner", (200, 200, 302, 200)),
        ("manager", (200, 200, 302, 403)),
        ("mentor", (200, 403, 403, 403)),
        ("accountant", (200, 403, 403, 403)),
    ],
)
def test_what_a_role_may_do(role, statuses, log_in):
    project = ProjectFactory(state="draft", call__taking_projects=True, call__taking_applications=True)
    member = CompanyMemberFactory(company=project.company, role=role)
    client = log_in(member.user)

    got = [page(client, name, project.pk).status_code for name in ("project-manage", "project-edit")]
    got.append(client.post(reverse("projects:project-submit", args=[project.pk])).status_code)
    got.append(page(client, "project-withdraw", project.pk).status_code)

    assert tuple(got) == statuses


def test_pages_of_the_company_ask_for_a_login(client):
    project = ProjectFactory()

    for name, args in [
        ("project-manage-list", []),
        ("project-add", []),
        *((name, [project.pk]) for name in OWN),
    ]:
        response = page(client, name, *args)
        assert (response.status_code, response.url.startswith("/accounts/login/")) == (302, True)


def test_a_person_of_two_companies_chooses(owner, log_in):
    second = CompanyMemberFactory(user=owner)
    mine, other = (
        ProjectFactory(company=owner.company_memberships.first().company),
        ProjectFactory(company=second.company),
    )
    stranger = ProjectFactory()
    client = log_in(owner)

    first = page(client, "project-manage-list")
    chosen = page(client, "project-manage-list", company=second.company_id)

    assert ([*first.context["page"]], [*chosen.context["page"]]) == ([mine], [other])
    assert [tab["current"] for tab in chosen.context["company_tabs"]] == [False, True]
    for asked in (stranger.company_id, "x", ""):
        assert page(client, "project-manage-list", company=asked).status_code == 404


def test_somebody_without_a_company_has_no_list(trainee, log_in):
    assert page(log_in(trainee.user), "project-manage-list").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_companys_list_costs_the_same_for_one_and_many(rows, owner, log_in, django_assert_num_queries):
    company, client = owner.company_memberships.get().company, log_in(owner)
    for _row in range(rows):
        ProjectFactory(company=company)
    page(client, "project-manage-list")

    with django_assert_num_queries(10):
        page(client, "project-manage-list")


@pytest.mark.parametrize(
    ("state", "call", "shown", "hidden"),
    [
        ("selected", "open", "적격 지원자는", "찬 자리"),
        ("selected", "announced", "찬 자리", "적격 지원자는"),
        ("running", "running", "찬 자리", "적격 지원자는"),
        ("not_opened", "announced", "진행 기록", "찬 자리"),
    ],
)
def test_a_projects_page_speaks_of_candidates_or_of_people(log_in, db, state, call, shown, hidden):
    project = ProjectFactory(state=state, call__state=call)

    page = log_in(project.company.members.get().user).get(f"/projects/mine/{project.pk}/").text

    assert shown in page
    assert hidden not in page


def test_a_project_with_people_is_not_withdrawn_by_its_company(log_in, db):
    project = ProjectFactory(call__state="announced")
    client = log_in(project.company.members.get().user)

    page = client.get(f"/projects/mine/{project.pk}/")
    asked = client.get(f"/projects/mine/{project.pk}/withdraw/")
    pressed = client.post(f"/projects/mine/{project.pk}/withdraw/", {"reason": "사정이 생겼습니다"})

    assert f"/projects/mine/{project.pk}/withdraw/" not in page.text
    assert "중단을 요청해 주세요" in page.text
    assert (asked.status_code, pressed.status_code) == (409, 422)
    assert "과제 중단을 요청해 주세요" in pressed.text
    assert Project.objects.get().state == "selected"
