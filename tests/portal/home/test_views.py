import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from portal.trainees.models import Trainee
from portal.ui.korean import kdate, kdatetime
from projects.models import Call
from projects.placements.models import Reserve
from projects.rankings.actions import add_wish, certify_scores, certify_wishes, score_candidate
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    ConsentTextFactory,
    HiringObligationFactory,
    PlacementFactory,
    ProjectFactory,
    SchoolMemberFactory,
    StaffFactory,
    TraineeFactory,
    UserFactory,
    certified_wishes,
    days,
)


def text_of(response):
    return response.content.decode()


# --- for everybody ------------------------------------------------------------------------------------


def test_home_without_a_call_says_so(client, db):
    response = client.get("/")

    assert response.status_code == 200
    assert "지금은 모집 중인 공고가 없습니다" in text_of(response)


def test_home_shows_the_call_that_is_on_and_its_figures(client, db):
    call = CallFactory(title="봄 모집")
    ProjectFactory(call=call, places=3)
    ProjectFactory(call=call, places=4)
    ProjectFactory(call=call, state="submitted")
    CallFactory(title="준비 중인 모집", year=2027, state="draft")

    response = client.get("/")

    assert response.context["offered"] == {"projects": 2, "companies": 2, "places": 7}
    assert "봄 모집 희망 순위 제출 중" in text_of(response)
    assert "준비 중인 모집" not in text_of(response)
    assert [step["state"] for step in response.context["steps"]] == [
        "done",
        "done",
        "now",
        "next",
        "next",
        "next",
    ]


@pytest.mark.parametrize(
    ("moment", "news"),
    [
        (-days(8), " 신청 마감"),
        (-days(5), "참여 신청 마감"),
        (days(1), "희망 순위 제출 중"),
        (days(8), "매칭 중"),
    ],
)
def test_home_says_where_the_call_stands(client, db, moment, news):
    now = timezone.now()
    CallFactory(rankings_open_at=now)

    with time_machine.travel(now + moment, tick=False):
        response = client.get("/")

    assert news in response.context["news"]


def test_home_names_every_other_call_one_can_apply_to(client, db):
    leading = CallFactory(year=2030, sealed=True)
    later = CallFactory(year=2029, taking_applications=True, title="추가 모집")
    CallFactory(year=2028)

    response = client.get("/")

    assert (response.context["call"], list(response.context["others"])) == (leading, [later])
    assert f"/my/application/{later.pk}/motive/" in response.text


def test_home_sends_nobody_to_an_application_they_cannot_make(log_in, db, operator):
    later = CallFactory(taking_applications=True)
    CallFactory(year=2030)
    apply = f"/my/application/{later.pk}/motive/"

    pages = {name: log_in(user).get("/").text for name, user in [
        ("newcomer", UserFactory()), ("trainee", TraineeFactory().user), ("owner", CompanyMemberFactory().user),
        ("school", SchoolMemberFactory().user), ("office", operator),
    ]}  # fmt: skip

    assert {name: apply in page for name, page in pages.items()} == {
        "newcomer": True, "trainee": True, "owner": False, "school": False, "office": False,
    }  # fmt: skip
    assert all(later.title in page for page in pages.values())


def test_home_shows_what_became_of_the_last_call(client, db):
    call = CallFactory(state="finished", year=2025)
    for state in ("fulfilled", "owed"):
        obligation = HiringObligationFactory(evaluation__placement__project__call=call)
        if state == "fulfilled":
            obligation.state, obligation.hired_on, obligation.closed_at = (
                state,
                dt.date(2026, 1, 5),
                timezone.now(),
            )
            obligation.save()
    PlacementFactory(project__call=call, state="declined", decline_reason="job")
    ApplicationFactory(call=call, state="draft", submitted_at=None)

    outcome = client.get("/").context["outcome"]

    assert [row["value"] for row in outcome] == [3, 2, 2, 1]


@pytest.mark.parametrize(("threshold", "came"), [(80, 1), (None, 0)])
def test_home_counts_who_was_there_when_a_project_was_stopped(client, db, threshold, came):
    PlacementFactory(
        project__call__state="finished", state="terminated", threshold=threshold, ended_at=timezone.now()
    )

    outcome = client.get("/").context["outcome"]

    assert outcome[1]["value"] == came


@pytest.mark.parametrize("count", [1, 3])
def test_home_asks_the_same_number_of_questions(client, db, count, django_assert_num_queries):
    call = CallFactory()
    for _ in range(count):
        ProjectFactory(call=call)

    with django_assert_num_queries(4):
        client.get("/")


@pytest.mark.parametrize("url", ["/help/", "/privacy/", "/terms/", "/accessibility/"])
def test_everybody_may_read_the_small_print(client, db, url):
    assert client.get(url).status_code == 200


def test_the_consent_in_force_is_public(client, db):
    ConsentTextFactory(version=1, body="옛 글")
    ConsentTextFactory(version=2, body="새 글")
    ConsentTextFactory(kind="terms", title="이용약관", body="약관 글")

    privacy, terms = text_of(client.get("/privacy/")), text_of(client.get("/terms/"))

    assert ("새 글" in privacy, "옛 글" in privacy, "약관 글" in privacy) == (True, False, False)
    assert "약관 글" in terms


# --- where one begins ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "url"),
    [
        (lambda: TraineeFactory().user, "/my/"),
        (lambda: CompanyMemberFactory().user, "/company/"),
        (lambda: StaffFactory().user, "/admin/"),
    ],
    ids=["trainee", "company", "staff"],
)
def test_start_leads_each_to_their_own_page(log_in, db, who, url):
    assert log_in(who()).get("/start/").url == url


def test_start_asks_people_without_a_role_to_choose(log_in, db):
    client = log_in(UserFactory())
    assert "참여자로 시작" in text_of(client.get("/start/"))
    assert not Trainee.objects.exists()

    response = client.post("/start/trainee/")

    assert response.url == "/my/profile/"
    assert Trainee.objects.count() == 1
    assert client.get("/start/").url == "/my/"


@pytest.mark.parametrize(
    "who",
    [lambda: StaffFactory().user, lambda: SchoolMemberFactory().user, lambda: CompanyMemberFactory().user],
    ids=["staff", "school", "company"],
)
def test_people_who_act_for_others_do_not_become_trainees(log_in, db, who):
    assert log_in(who()).post("/start/trainee/").status_code == 403
    assert not Trainee.objects.exists()


@pytest.mark.parametrize("url", ["/start/trainee/", "/start/as/"])
def test_reading_never_writes(log_in, trainee, url):
    assert log_in(trainee.user).get(url).status_code == 405


@pytest.mark.parametrize("url", ["/start/", "/my/", "/company/"])
def test_strangers_sign_in_first(client, db, url):
    assert client.get(url).status_code == 302


# --- a trainee's day ----------------------------------------------------------------------------------


def states_of(response):
    return [task["state"] for task in response.context["tasks"]]


@pytest.fixture
def call(db):
    return CallFactory(title="가을 모집")


@pytest.fixture
def application(call):
    return ApplicationFactory(call=call)


@pytest.fixture
def me(log_in, application):
    return log_in(application.trainee.user)


def panel_of(client):
    response = client.get("/my/")
    assert response.status_code == 200
    assert response.context["panel"]["title"] in text_of(response)
    return response.context["panel"]


def test_without_a_call_there_is_nothing_to_do(log_in, trainee):
    assert panel_of(log_in(trainee.user))["title"] == "지금은 모집 중인 공고가 없습니다"


def test_before_applying(log_in, db):
    CallFactory(title="가을 모집", taking_applications=True)
    client = log_in(TraineeFactory(skills={}, phone="", region="").user)

    response = client.get("/my/")

    panel = response.context["panel"]
    assert (panel["title"], panel["url"].split("?")[0]) == (
        "참여를 신청하세요",
        "/my/profile/",
    )  # the profile first
    assert states_of(response) == ["todo", "todo", "locked", "locked"]


def test_whoever_did_not_apply_in_time_is_told(log_in, trainee, call):
    response = log_in(trainee.user).get("/my/")

    assert response.context["panel"]["title"] == "이번 모집은 신청이 끝났습니다"
    assert states_of(response) == []


@pytest.mark.parametrize(
    ("state", "extra", "title"),
    [
        ("returned", {"comment": "동기를 더 적어 주세요."}, "참여 신청에 보완할 것이 있습니다"),
        ("ineligible", {"ineligible_reason": "employed"}, "이번 공고에는 참여할 수 없습니다"),
        ("submitted", {}, "희망 순위를 정해서 제출하세요"),
        ("eligible", {}, "희망 순위를 정해서 제출하세요"),
        ("unmatched", {}, "이번에는 배치되지 않았습니다"),
        ("withdrawn", {}, "이번 모집은 신청이 끝났습니다"),
    ],
)
def test_every_state_of_an_application_has_its_panel(me, application, state, extra, title):
    application.state = state
    for name, value in extra.items():
        setattr(application, name, value)
    application.save()

    panel = panel_of(me)

    assert panel["title"] == title
    assert panel["action"]
    if "comment" in extra:
        comment, due = panel["texts"]
        assert comment == "운영사 의견: 동기를 더 적어 주세요."
        assert due.startswith(kdatetime(application.call.rankings_due_at))


def test_a_draft_is_asked_for(log_in, db):
    application = ApplicationFactory(
        call=CallFactory(taking_applications=True), state="draft", submitted_at=None
    )

    response = log_in(application.trainee.user).get("/my/")

    assert response.context["panel"]["title"] == "쓰던 신청서를 제출해 주세요"
    assert states_of(response)[1] == "progress"


def test_from_the_first_wish_to_certification(me, application, call):
    by = application.trainee.user
    add_wish(application, ProjectFactory(call=call), by=by)
    assert states_of(me.get("/my/")) == ["done", "done", "progress", "locked"]

    certify_wishes(application, revision=None, by=by)
    assert panel_of(me)["title"] == "희망 순위를 제출했습니다"
    assert states_of(me.get("/my/")) == ["done", "done", "done", "locked"]

    add_wish(application, ProjectFactory(call=call), by=by)
    assert panel_of(me)["title"] == "바꾼 순위를 아직 제출하지 않았습니다"
    assert states_of(me.get("/my/"))[2] == "progress"


def test_whoever_certified_nothing_in_time_is_told(me, call):
    with time_machine.travel(call.rankings_due_at + dt.timedelta(seconds=1), tick=False):
        response = me.get("/my/")

    assert response.context["panel"]["title"] == "희망 순위를 제출하지 않아 매칭에 들어가지 않습니다"
    assert response.context["panel"]["action"] == "프로젝트 둘러보기"
    assert states_of(response)[2] == "late"


def test_whoever_missed_one_call_is_led_to_the_next(me, call):
    Call.objects.filter(pk=call.pk).update(rankings_due_at=timezone.now() - dt.timedelta(hours=1))
    following = CallFactory(taking_applications=True, title="추가 모집")

    panel = me.get("/my/").context["panel"]

    assert (panel["action"], panel["url"]) == ("새 공고 신청하기", f"/my/application/{following.pk}/motive/")
    assert panel["texts"][1].startswith("‘추가 모집’은 ")


def test_whoever_certified_waits_for_the_result(me, application, call):
    certified_wishes(application, ProjectFactory(call=call), state="sealed")
    Call.objects.update(state="matching")

    with time_machine.travel(call.rankings_due_at + days(1), tick=False):
        assert panel_of(me)["title"] == "희망 순위를 제출했습니다"


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("offered", "배치를 제안받았습니다"),
        ("accepted", "참여가 정해졌습니다"),
        ("running", "프로젝트를 하고 있습니다"),
        ("completed", "프로젝트를 마쳤습니다"),
        ("not_completed", "프로젝트를 마치지 못했습니다"),
        ("dropped_out", "프로젝트를 그만두었습니다"),
    ],
)
def test_every_state_of_a_placement_has_its_panel(log_in, db, state, title):
    placement = PlacementFactory(
        project__title="이상음 탐지", state=state, threshold=80 if state != "offered" else None
    )

    response = log_in(placement.trainee.user).get("/my/")

    panel = response.context["panel"]
    assert (panel["title"], panel["subject"]) == (title, "이상음 탐지")
    assert states_of(response)[3] == ("todo" if state == "offered" else "done")


def test_an_offer_on_hold_is_not_asked_to_be_answered(log_in, db):
    company = CompanyFactory(state="suspended", suspended_until=timezone.localdate() + days(90))
    placement = PlacementFactory(project__company=company)

    panel = panel_of(log_in(placement.trainee.user))

    assert (panel["title"], panel["due"]) == ("배치를 제안받았지만 기다려 주세요", None)


def test_reserves_are_told_how_many_stand_before_them(log_in, db):
    project = ProjectFactory(call__state="announced", title="이상음 탐지")
    people = [ApplicationFactory(call=project.call, state="reserve") for _ in range(4)]
    for number, person in enumerate(people, start=1):
        Reserve.objects.create(project=project, application=person, reserve_no=number)
    Reserve.objects.filter(reserve_no=1).update(left_at=timezone.now())

    panel = panel_of(log_in(people[3].trainee.user))

    assert panel["title"] == "예비순번으로 기다리고 있습니다"
    assert panel["rows"] == ({"label": "이상음 탐지", "value": "예비 4번 · 앞에 2명"},)
    assert panel_of(log_in(people[1].trainee.user))["rows"][0]["value"] == "예비 2번 · 다음 차례"


def test_many_waiting_lines_are_counted(log_in, db):
    call = CallFactory(state="announced")
    person = ApplicationFactory(call=call, state="reserve")
    for _ in range(5):
        Reserve.objects.create(project=ProjectFactory(call=call), application=person, reserve_no=1)

    panel = panel_of(log_in(person.trainee.user))

    assert len(panel["rows"]) == 3
    assert panel["texts"][0] == "그 밖에 2곳에서도 기다립니다."


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("declined", "배치를 거절했습니다"),
        ("expired", "응답 기한이 지나 자리가 넘어갔습니다"),
        ("withdrawn", "참여를 철회했습니다"),
    ],
)
def test_whoever_gave_a_seat_back_is_told_so(log_in, db, state, title):
    placement = PlacementFactory(
        state=state,
        threshold=80 if state == "withdrawn" else None,
        decline_reason="job" if state == "declined" else "",
    )
    placement.application.state = "unmatched"
    placement.application.save()

    assert panel_of(log_in(placement.trainee.user))["title"] == title


def test_whoever_handed_in_no_list_is_not_told_that_others_were_better(log_in, db):
    application = ApplicationFactory(call__state="announced", state="unmatched")

    assert panel_of(log_in(application.trainee.user))["texts"][0] == (
        "희망 순위를 제출하지 않아 매칭에 들어가지 않았습니다."
    )


@pytest.mark.parametrize(
    ("state", "left", "title"),
    [
        ("owed", 20, "회사가 채용을 약속했습니다"),
        ("overdue", -1, "약속한 채용 기한이 지났습니다"),
        ("evidence_submitted", -1, "회사가 채용했다고 알려 왔습니다"),
        ("fulfilled", 20, "다듬정밀에 채용되었습니다"),
    ],
)
def test_a_hire_that_is_owed_comes_before_a_new_call(log_in, db, state, left, title):
    today = timezone.localdate()
    closed = {"hired_on": today, "closed_at": timezone.now()} if state == "fulfilled" else {}
    obligation = HiringObligationFactory(
        evaluation__placement__project__call__state="finished",
        evaluation__placement__project__company__name="다듬정밀",
        state=state, due_on=today + days(left), **closed,
    )  # fmt: skip
    CallFactory(title="새 모집", taking_applications=True)

    response = log_in(obligation.placement.trainee.user).get("/my/")

    assert response.context["panel"]["title"] == title
    others = [row["title"] for row in response.context["others"]]
    assert others == ([] if state == "fulfilled" else ["새 모집"])  # who has been hired is not asked to apply


def test_an_offer_comes_before_another_call(log_in, db):
    placement = PlacementFactory(project__call__title="이번 모집")
    other = CallFactory(title="추가 모집", taking_applications=True)
    ApplicationFactory(call=other, trainee=placement.trainee, state="draft", submitted_at=None)

    response = log_in(placement.trainee.user).get("/my/")

    assert response.context["panel"]["title"] == "배치를 제안받았습니다"
    assert [row["title"] for row in response.context["others"]] == ["추가 모집"]


def test_the_unmatched_are_led_to_the_call_that_is_open(log_in, db):
    application = ApplicationFactory(call__state="announced", state="unmatched")
    call = CallFactory(title="추가 모집", taking_applications=True)

    response = log_in(application.trainee.user).get("/my/")

    panel = response.context["panel"]
    assert response.context["others"] == []  # not twice
    assert panel["action"] == "새 공고 신청하기"
    assert panel["url"] == f"/my/application/{call.pk}/motive/"
    assert panel["more"]["url"] == f"/results/{application.call_id}/"


def test_whoever_took_the_application_back_may_apply_again(log_in, db):
    application = ApplicationFactory(call=CallFactory(taking_applications=True), state="withdrawn")

    response = log_in(application.trainee.user).get("/my/")

    assert response.context["panel"]["title"] == "참여 신청을 취소했습니다"
    assert states_of(response)[1] == "todo"


def test_a_result_that_is_late_is_not_promised_for_a_past_day(log_in, application, call):
    certified_wishes(application, ProjectFactory(call=call), state="sealed")
    Call.objects.update(state="matching")

    with time_machine.travel(call.rankings_due_at + days(40), tick=False):
        texts = panel_of(log_in(application.trainee.user))["texts"]

    assert texts == ["결과를 확인하고 있습니다. 발표하면 이메일과 알림함으로 알려 드립니다."]


def test_a_finished_call_makes_room_for_the_next(log_in, db):
    application = ApplicationFactory(call=CallFactory(state="finished", year=2025), state="unmatched")
    CallFactory(title="새 모집", taking_applications=True)

    response = log_in(application.trainee.user).get("/my/")

    assert response.context["call"].title == "새 모집"
    assert response.context["panel"]["title"] == "참여를 신청하세요"
    assert [row["title"] for row in response.context["others"]] == [application.call.title]


def test_a_finished_call_stays_in_sight_while_one_cannot_apply(log_in, call):
    placement = PlacementFactory(completed=True, project__call=CallFactory(state="finished", year=2025))

    assert panel_of(log_in(placement.trainee.user))["title"] == "프로젝트를 마쳤습니다"


def test_people_without_school_data_are_told(log_in, call):
    trainee = TraineeFactory(graduate=None)

    assert "수료 정보가 아직 연결되지 않았습니다" in text_of(log_in(trainee.user).get("/my/"))


def test_the_agenda_holds_what_is_to_come(me, call):
    agenda = me.get("/my/").context["agenda"]

    assert [row["label"] for row in agenda] == [
        "희망 순위 제출 마감",
        "결과 발표 예정",
        "프로젝트 시작",
        "프로젝트 종료",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_tasks_ask_the_same_number_of_questions(me, application, call, count, django_assert_num_queries):
    for _ in range(count):
        add_wish(application, ProjectFactory(call=call), by=application.trainee.user)

    with django_assert_num_queries(17):
        me.get("/my/")


def test_only_trainees_have_tasks(log_in, owner):
    assert log_in(owner).get("/my/").status_code == 404


# --- a company's day ----------------------------------------------------------------------------------


@pytest.fixture
def taking(db):
    """A call that takes projects now."""
    return CallFactory(taking_projects=True, taking_applications=True)


def test_a_new_company_is_asked_for_its_first_project(log_in, owner, taking):
    panel = log_in(owner).get("/company/").context["panel"]

    assert (panel["title"], panel["action"]) == ("아직 과제가 없습니다", "과제 쓰기")


def test_a_new_company_browses_while_no_call_takes_projects(log_in, owner):
    panel = log_in(owner).get("/company/").context["panel"]

    assert panel["texts"] == [
        "지금은 과제를 받는 공고가 없습니다. 새 공고가 열리면 이곳에서 바로 쓸 수 있습니다."
    ]
    assert panel["action"] == "다른 회사의 프로젝트 보기"


@pytest.mark.parametrize(
    ("facts", "said", "action"),
    [
        ({"state": "unverified"}, "회사 확인을 기다리고 있습니다", "과제 쓰기"),
        ({"state": "rejected", "decision_reason": "번호가 다릅니다."}, "회사를 확인하지 못했습니다", "회사 정보 고치기"),
        ({"state": "suspended", "suspended_until": dt.date(2099, 1, 1)}, "참여가 제한되었습니다", "다른 회사의 프로젝트 보기"),
    ],
)  # fmt: skip
def test_a_company_that_may_not_take_part_is_told_why(log_in, taking, facts, said, action):
    member = CompanyMemberFactory(company=CompanyFactory(**facts))

    response = log_in(member.user).get("/company/")

    assert said in text_of(response)
    assert facts.get("decision_reason", "") in text_of(response)
    assert response.context["panel"]["action"] == action


def test_what_is_due_first_is_the_one_thing_to_do(log_in, db):
    company = CompanyFactory()
    member = CompanyMemberFactory(company=company)
    today = timezone.localdate()
    for left in (20, -3, 60):
        HiringObligationFactory(
            evaluation__placement__project__company=company, due_on=today + days(left), state="owed"
        )
    HiringObligationFactory(due_on=today)

    response = log_in(member.user).get("/company/")

    assert [task["due_on"] for task in response.context["tasks"]] == [today - days(3), today + days(20)]
    assert response.context["panel"]["tone"] == "danger"
    assert response.context["panel"]["action"] == "채용 증빙 올리기"
    assert [stat["value"] for stat in response.context["stats"]] == [3, 0, 0, 3]
    assert response.context["stats"][3]["note"] == "기한 지남 1건"
    assert text_of(response).count("i-btn--primary") == 1


def reviewing(call, reviewed, *, role="owner", certified=False):
    """A company with one place, two eligible people and so many of them reviewed; one of its members."""
    project = ProjectFactory(call=call, places=1)
    owner = project.company.members.get()
    people = [ApplicationFactory(call=call) for _ in range(2)]
    for application in people[:reviewed]:
        score_candidate(project.company, project, application, score=50, by=owner.user)
    if certified:
        certify_scores(project.company, call, revision=None, by=owner.user)
    return project, CompanyMemberFactory(company=project.company, role=role)


@pytest.mark.parametrize(
    ("reviewed", "role", "title", "action"),
    [
        (1, "owner", "지원자 평가하고 최종 제출하기", "지원자 평가하기"),
        (1, "manager", "지원자 평가하기", "지원자 평가하기"),
        (2, "owner", "지원자 평가 최종 제출하기", "확인하고 최종 제출"),
        (2, "manager", "지원자 평가 확인하기", "평가 확인하기"),
    ],
)
def test_candidates_to_review_show_how_far_one_is(log_in, call, reviewed, role, title, action):
    project, member = reviewing(call, reviewed, role=role)

    panel = log_in(member.user).get("/company/").context["panel"]

    assert (panel["title"], panel["action"]) == (title, action)
    assert panel["texts"][0] == f"‘{project.title}’ {reviewed}/2명 검토"
    assert panel["due_on"] == timezone.localtime(call.rankings_due_at).date()


def test_a_mentor_is_not_asked_for_what_a_mentor_may_not_do(log_in, call):
    _project, member = reviewing(call, 1, role="mentor")

    response = log_in(member.user).get("/company/")

    assert response.context["tasks"] == []
    assert response.context["panel"]["title"] == "지금 할 일이 없습니다"
    due = kdatetime(call.rankings_due_at)
    assert response.context["panel"]["texts"] == [f"{call.title}: 대표 담당자가 {due}까지 평가를 제출합니다."]


def test_certified_scores_leave_nothing_to_do_until_they_are_changed(log_in, call):
    project, member = reviewing(call, 2, certified=True)
    client = log_in(member.user)

    panel = client.get("/company/").context["panel"]
    assert panel["title"] == "지금 할 일이 없습니다"
    assert panel["texts"] == [
        f"{call.title}: 평가를 제출했습니다. {kdatetime(call.rankings_due_at)}까지 바꿔서 다시 제출할 수 있습니다."
    ]

    candidate = call.applications.first()
    score_candidate(project.company, project, candidate, score=60, by=member.user)
    panel = client.get("/company/").context["panel"]
    assert (panel["title"], panel["action"]) == ("바꾼 지원자 평가 다시 제출하기", "확인하고 제출")


@pytest.mark.parametrize(
    ("reason", "title", "action"),
    [
        ("", "‘설비 점검’ 마저 쓰고 제출하기", "이어 쓰기"),
        ("멘토 시간을 적어 주세요.", "‘설비 점검’ 보완해서 다시 제출하기", "보완하기"),
    ],
)
def test_a_draft_is_to_be_handed_in_while_its_call_takes_projects(log_in, taking, reason, title, action):
    project = ProjectFactory(
        call=taking, title="설비 점검", state="draft", decision_reason=reason,
        submitted_at=timezone.now() if reason else None,
    )  # fmt: skip
    member = project.company.members.get()
    client = log_in(member.user)

    panel = client.get("/company/").context["panel"]
    Call.objects.update(projects_due_at=timezone.now() - days(1))
    late = client.get("/company/").context["tasks"]

    assert (panel["title"], panel["action"]) == (title, action)
    assert late == []


def test_a_returned_project_is_to_be_completed_until_rankings_open(log_in, db):
    opens_at = timezone.now() + days(1)
    project = ProjectFactory(
        call__rankings_open_at=opens_at, state="draft", submitted_at=timezone.now(), decision_reason="고쳐 주세요."
    )  # fmt: skip
    client = log_in(project.company.members.get().user)

    tasks = client.get("/company/").context["tasks"]
    Call.objects.update(rankings_open_at=timezone.now() - days(1))
    late = client.get("/company/").context["tasks"]

    assert [(task["action"], task["due"]) for task in tasks] == [("보완하기", opens_at)]
    assert late == []


@pytest.mark.parametrize(("count", "title"), [(1, "{} 님 평가하기"), (2, "수료한 2명 평가하기")])
def test_people_who_completed_are_to_be_evaluated(log_in, db, count, title):
    company = CompanyFactory()
    member = CompanyMemberFactory(company=company, role="mentor")
    project = ProjectFactory(company=company, places=3)
    seats = [PlacementFactory(project=project, completed=True) for _ in range(count)]

    panel = log_in(member.user).get("/company/").context["panel"]

    assert panel["title"] == title.format(seats[0].trainee.user.name)
    assert panel["action"] == "평가하기"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("matching", "{call.title}: {announce}에 결과를 발표할 예정입니다."),
        ("announced", "{call.title}: {starts}에 프로젝트를 시작합니다."),
        ("running", "{call.title}: {ends}까지 프로젝트를 진행합니다."),
    ],
)
def test_a_company_without_anything_to_do_reads_what_comes_next(log_in, db, state, said):
    project = ProjectFactory(call__state=state, call__rankings_due_at=timezone.now() - days(1))
    call = project.call

    panel = log_in(project.company.members.get().user).get("/company/").context["panel"]

    assert panel["texts"] == [
        said.format(
            call=call,
            announce=kdate(call.announce_on),
            starts=kdate(call.starts_on),
            ends=kdate(call.ends_on),
        )
    ]


def test_people_who_come_are_listed(log_in, db):
    placement = PlacementFactory()
    PlacementFactory()
    member = placement.company.members.get()

    response = log_in(member.user).get("/company/")

    assert list(response.context["people"]) == [placement]
    assert placement.trainee.user.name in text_of(response)


@pytest.mark.parametrize("count", [1, 3])
def test_company_home_asks_the_same_number_of_questions(log_in, call, count, django_assert_num_queries):
    company = CompanyFactory()
    member = CompanyMemberFactory(company=company)
    for _ in range(count):
        ProjectFactory(call=call, company=company)
        PlacementFactory(project__company=company)
        HiringObligationFactory(evaluation__placement__project__company=company, due_on=timezone.localdate())
    client = log_in(member.user)

    with django_assert_num_queries(24):
        client.get("/company/")


def test_a_person_of_two_companies_chooses(log_in, db):
    first = CompanyMemberFactory()
    second = CompanyMemberFactory(user=first.user)
    client = log_in(first.user)

    assert client.get("/company/").context["company"] == first.company
    assert client.get("/company/", {"company": second.company_id}).context["company"] == second.company
    assert client.get("/company/", {"company": CompanyFactory().pk}).status_code == 404
    assert client.get("/company/", {"company": "9" * 30}).status_code == 404


def test_only_companies_have_a_company_page(log_in, trainee):
    assert log_in(trainee.user).get("/company/").status_code == 404
