import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching import actions
from matching.actions import approve_run, compute_run, fill_vacancies, publish_run
from matching.engine.explain import Explainer
from matching.models import Match
from portal.companies.models import Company
from portal.home.trainee_day import panel_of, parts_of
from portal.ui.korean import kdate, kdatetime
from projects.fit.models import SealedFit
from projects.models import Project
from projects.placements.actions import (
    accept_placement,
    backfill_until,
    decline_placement,
    terminate_project,
)
from projects.placements.models import Placement, Reserve
from projects.states import CallState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    MatchRunFactory,
    ProjectFactory,
    TraineeFactory,
    certified_scores,
    certified_wishes,
    days,
)

LATEST = "/results/"


def detail(call):
    return reverse("matching:match-detail", args=[call.pk])


class Market:
    """A sealed call: people rank projects, companies score, the agency publishes."""

    def __init__(self, call):
        self.call = call
        self.people, self.wishes, self.scores = {}, {}, {}

    def person(self, name, *wishes):
        application = ApplicationFactory(call=self.call, trainee__user__name=name)
        self.people[name] = application
        if wishes:
            certified_wishes(application, *wishes, state="sealed")
        return application

    def score(self, project, **points):
        for name, value in points.items():
            self.scores.setdefault(project.company, {})[project, self.people[name]] = value

    def publish(self, first, second):
        for company, lines in self.scores.items():
            certified_scores(company, lines, state="sealed")
        run = compute_run(MatchRunFactory(call=self.call))
        assert run.state == "verified", run.error
        run = publish_run(approve_run(run, note="확인", by=first), note="확인", by=second)
        self.call.refresh_from_db()
        return run


@pytest.fixture
def market(db):
    return Market(CallFactory(sealed=True))


@pytest.fixture
def two(market, agency, second_agency):
    """Best takes the only seat of the wanted project; Next stands on its reserve list and gets the other."""
    wanted = ProjectFactory(call=market.call, places=1, title="이상음 탐지")
    other = ProjectFactory(call=market.call, places=1, title="수요 예측")
    market.person("Best", wanted, other)
    market.person("Next", wanted, other)
    market.person("Last", wanted)
    market.person("Silent")
    market.score(wanted, Best=90, Next=80, Last=70)
    market.score(other, Best=50, Next=50)
    market.publish(agency, second_agency)
    return market


def page(log_in, market, name):
    return log_in(market.people[name].trainee.user).get(detail(market.call))


def facts(response, line):
    return {fact["label"]: fact["value"] for fact in response.context["reasons"][line]["facts"]}


def codes(response):
    return [reason["code"] for reason in response.context["reasons"]]


def test_the_matched_reads_to_whom_until_when_and_why(log_in, two):
    response = page(log_in, two, "Best")

    placement = Placement.objects.get(application=two.people["Best"])
    assert f"{placement.company.name}에 매칭되었습니다" in response.text
    assert reverse("placements:placement-accept", args=[placement.pk]) in response.text
    assert codes(response) == ["matched", "lower_choice"]
    assert "기업 평가 순위 <strong>1위</strong>" in response.text
    assert "더 높은 순위에서 매칭되어 확인하지 않았습니다" in response.text


def test_the_reserve_reads_their_number_and_how_many_stand_before(log_in, two, second_agency):
    response = page(log_in, two, "Last")

    assert "예비순번 2번입니다" in response.text
    assert "앞에 1명" in response.text
    assert codes(response) == ["project_full"]
    assert "지금 할 수 있는 일" in response.text


def test_a_project_with_few_seats_does_not_show_whose_standing_was_last(log_in, two):
    response = page(log_in, two, "Last")

    assert response.context["reasons"][0]["last"] is None
    assert "<strong>3위</strong>로, 배치된 순위에 닿지 않았습니다" in response.text
    assert "마지막으로 배치된 사람" not in response.text


def test_a_project_with_three_seats_shows_the_last_standing(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=3)
    for name in ("A", "B", "C", "D"):
        market.person(name, project)
    market.score(project, A=90, B=80, C=70, D=60)
    market.publish(agency, second_agency)

    response = page(log_in, market, "D")

    assert (
        "마지막으로 배치된 사람은 <strong>70점</strong>, 지원자님은 <strong>60점</strong>입니다"
        in response.text
    )
    assert facts(response, 0) == {
        "지원자님": "60점",
        "기업 평가 순위": "4명 가운데 4위",
        "합격선": "70점 (3위)",
    }
    assert response.context["reasons"][0]["changes"][1:] == ["자리가 1개 더 있었다면"]
    assert response.context["reasons"][0]["changes"][0] in (
        "기업 점수가 70점보다 높았다면",
        "기업 점수가 70점 이상이었다면",
    )


def test_points_are_told_as_the_company_gave_them(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=3)
    for name in ("A", "B", "C", "D"):
        market.person(name, project)
    market.score(project, A=90, B=80, C=Decimal("82.37"), D=Decimal("82.36"))
    project.call.refresh_from_db()
    market.publish(agency, second_agency)

    response = page(log_in, market, "B")

    assert facts(response, 0)["합격선"] == "82.36점 (3위)"


def test_who_was_not_reviewed_is_told_in_fit(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=3)
    for name in ("A", "B", "C", "D"):
        market.person(name, project)
    market.score(project, A=90, B=80, C=70)
    market.publish(agency, second_agency)
    fit = SealedFit.objects.get(application=market.people["D"]).score

    response = page(log_in, market, "D")

    assert facts(response, 0)["지원자님"] == f"적합도 {fit / 10:g}%"
    assert f"그다음에 <strong>적합도 {fit / 10:g}%</strong> 순서로 섰습니다" in response.text
    assert "합격선 <strong>70점</strong>" in response.text
    assert response.context["reasons"][0]["changes"][0].startswith("기업 점수가 70점")


def test_a_line_of_few_seats_is_in_no_word_of_the_page(log_in, two):
    response = page(log_in, two, "Last")

    why = response.text.partition('id="why"')[2].partition("</ol>")[0]
    assert facts(response, 0) == {"지원자님": "70점", "기업 평가 순위": "3명 가운데 3위"}
    assert "80점" not in why
    assert "90점" not in why
    assert "자리가 세 개보다 적어" in why
    assert [change[:10] for change in response.context["reasons"][0]["changes"]] == [
        "기업 평가가 더 높",
        "자리가 2개 더 있",
    ]


@pytest.fixture
def large(monkeypatch):
    """No market is small enough to look for changes with the run."""
    monkeypatch.setattr(actions, "CHANGES_WITH_RUN", 0)


def test_changes_of_a_large_market_are_found_when_asked_for(log_in, large, two):
    plain = page(log_in, two, "Last")
    client = log_in(two.people["Last"].trainee.user)
    asked = client.get(detail(two.call), {"changes": "1"})
    with CaptureQueriesContext(connection) as again:
        client.get(detail(two.call), {"changes": "1"})

    assert "?changes=1#why" in plain.text
    assert plain.context["reasons"][0]["changes"] is None
    assert "자리가 2개 더 있었다면" in asked.text
    assert "?changes=1#why" not in asked.text
    assert not [query for query in again if '"market"' in query["sql"]]


def test_changes_are_found_for_one_person_at_a_time(log_in, large, two):
    cache.add("match-changes-busy", 1, timeout=60)

    response = log_in(two.people["Last"].trainee.user).get(detail(two.call), {"changes": "1"})

    assert "잠시 뒤 다시 눌러 주세요" in response.text
    assert response.context["reasons"][0]["changes"] is None


def test_changes_of_a_huge_market_are_not_offered(log_in, large, two, monkeypatch):
    monkeypatch.setattr(actions, "PEOPLE_FOR_CHANGES", 3)

    assert "?changes=1#why" not in page(log_in, two, "Last").text


def test_changes_found_with_the_run_are_those_found_on_demand(two, large):
    for name in two.people:
        match = Match.objects.select_related("run", "application").get(application=two.people[name])

        kept = {one["project"]: one["change"] for one in match.reasons if "change" in one}

        assert actions.find_changes(match) == kept


def test_provisional_runs_look_for_no_changes(db, monkeypatch):
    monkeypatch.setattr(Explainer, "reasons", None)
    call = CallFactory()
    certified_wishes(ApplicationFactory(call=call), ProjectFactory(call=call))

    assert compute_run(MatchRunFactory(call=call, kind="provisional")).state == "verified"


def test_equal_scores_are_explained_by_the_draw(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=3)
    for name in ("A", "B", "C", "D"):
        market.person(name, project)
    market.score(project, A=60, B=60, C=60, D=60)
    market.publish(agency, second_agency)
    loser = Match.objects.get(project=None).application

    response = log_in(loser.trainee.user).get(detail(market.call))

    assert "추첨 번호로 앞뒤를 정했습니다" in response.text


def test_a_refused_person_is_told_so_without_the_other_sides_words(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call)
    market.person("A", project)
    market.score(project, A="skill")
    market.publish(agency, second_agency)

    response = page(log_in, market, "A")

    assert codes(response) == ["not_acceptable"]
    assert "함께하기 어렵다고" in response.text
    assert "필수 기술이 부족함" not in response.text


def test_a_project_that_did_not_open_is_explained_and_not_linked(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, minimum=2, places=2)
    market.person("A", project)
    market.score(project, A=90)
    market.publish(agency, second_agency)

    response = page(log_in, market, "A")

    assert codes(response) == ["closed"]
    assert "최소 인원 2명을 채우지 못해 열리지 않았습니다. 열었다면 1명이었습니다" in response.text
    assert reverse("projects:project-detail", args=[project.pk]) not in response.text


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (lambda project: Project.objects.filter(pk=project.pk).update(state="withdrawn"), "거두어들여"),
        (
            lambda project: Company.objects.filter(pk=project.company_id).update(
                state="suspended", suspended_until=timezone.localdate() + days(90)
            ),
            "참여할 수 없게 되어",
        ),
    ],
)
def test_a_choice_that_left_the_match_is_told_on_its_line(log_in, market, agency, second_agency, lose, said):
    wanted, other = (ProjectFactory(call=market.call, places=1, title=title) for title in ("첫째", "둘째"))
    market.person("Placed", wanted, other)
    market.person("Left", wanted)
    market.score(other, Placed=80)
    lose(wanted)
    market.publish(agency, second_agency)

    placed, left = page(log_in, market, "Placed"), page(log_in, market, "Left")

    assert codes(placed) == ["not_in_match", "matched"]
    assert placed.context["rank"] == 2
    assert said in placed.text
    assert reverse("projects:project-detail", args=[wanted.pk]) not in placed.text
    assert codes(left) == ["not_in_match"]
    assert "제출한 희망 순위가 없어" not in left.text


def test_company_reads_why_its_project_did_not_open(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, minimum=2, places=2)
    market.person("A", project)
    market.score(project, A=90)
    market.publish(agency, second_agency)
    owner = CompanyMemberFactory(company=project.company, role="owner")

    response = log_in(owner.user).get(reverse("placements:placement-list"))

    assert "최소 인원 2명을 채우지 못해 열지 않았습니다. 열었다면 1명이었습니다." in response.text


def test_a_company_cap_is_explained(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=2)
    project.company.participations.update(cap=1)
    for name in ("A", "B"):
        market.person(name, project)
    market.score(project, A=90, B=80)
    market.publish(agency, second_agency)

    response = page(log_in, market, "B")

    assert codes(response) == ["company_full"]
    assert "이 회사가 받을 수 있는 전체 인원이 찼습니다" in response.text
    assert response.context["reasons"][0]["last"] is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fixed", "이미 이 프로젝트로 정해져 있었습니다"),
        ("fixed_elsewhere", "이미 다른 프로젝트로 정해져 있어"),
        ("school_cap", "한 교육기관에서 받을 수 있는 인원이 찼습니다"),
    ],
)
def test_the_rare_reasons_have_words_too(code, said):
    standing = {"position": 2, "of": 5, "score": 1.0, "tier": None, "draw": 1}

    assert said in render_to_string("matching/_reason.html", {"reason": {"code": code, "standing": standing}})


def test_who_handed_in_no_list_is_told(log_in, two):
    response = page(log_in, two, "Silent")

    assert "제출한 희망 순위가 없어" in response.text
    assert codes(response) == []


def test_nobody_else_is_named(log_in, two):
    for reader in two.people:
        text = page(log_in, two, reader).text
        for other, application in two.people.items():
            if other != reader:
                assert str(application.pseudonym) not in text
                assert f">{other}" not in text


def test_declining_leads_to_the_reserve_number_and_the_next_is_called(log_in, two, operator):
    placement = Placement.objects.get(application=two.people["Best"])
    decline_placement(placement, reason="job", by=placement.trainee.user)
    two.people["Next"].trainee.user.consents.update(withdrawn_at=timezone.now())
    called = fill_vacancies(two.call, now=timezone.now())

    given_up = page(log_in, two, "Best")
    before = page(log_in, two, "Last")
    with time_machine.travel(called[0].offered_at + dt.timedelta(minutes=1), tick=False):
        after = page(log_in, two, "Last")

    assert "거절" in given_up.text
    assert [one.application for one in called] == [two.people["Last"]]
    assert "자리가 났습니다" not in before.text
    assert "자리가 났습니다" in after.text


def test_numbers_ahead_fall_when_people_leave(log_in, market, agency, second_agency):
    wanted, other = ProjectFactory(call=market.call, places=1), ProjectFactory(call=market.call, places=1)
    for name in ("A", "B", "C", "D"):
        market.person(name, wanted, other) if name != "D" else market.person(name, wanted)
    market.score(wanted, A=90, B=80, C=70, D=60)
    market.score(other, B=90)
    market.publish(agency, second_agency)
    decline_placement(Placement.objects.get(application=market.people["A"]), reason="job", by=agency)

    first = page(log_in, market, "D").context["best_reserve"]
    called = fill_vacancies(market.call, now=timezone.now())
    second = page(log_in, market, "D").context["best_reserve"]

    assert (first.reserve_no, first.ahead) == (3, 2)
    assert [one.application for one in called] == [market.people["B"]]
    assert (second.reserve_no, second.ahead) == (3, 1)


def test_an_accepted_seat_leads_to_the_placement(log_in, two):
    placement = Placement.objects.get(application=two.people["Best"])
    accept_placement(placement, by=placement.trainee.user)

    response = page(log_in, two, "Best")

    assert reverse("placements:placement-detail", args=[placement.pk]) in response.text
    assert reverse("placements:placement-accept", args=[placement.pk]) not in response.text


def test_after_the_deadline_there_is_no_button(log_in, two):
    placement = Placement.objects.get(application=two.people["Best"])

    with time_machine.travel(placement.answer_due_at + dt.timedelta(seconds=1), tick=False):
        response = page(log_in, two, "Best")

    assert "응답 기한" in response.text
    assert reverse("placements:placement-accept", args=[placement.pk]) not in response.text


def test_before_publication_the_day_is_announced_and_nothing_else(log_in, market, agency):
    project = ProjectFactory(call=market.call)
    market.person("A", project)
    market.score(project, A=90)
    certified_scores(project.company, market.scores[project.company], state="sealed")
    approve_run(compute_run(MatchRunFactory(call=market.call)), note="확인", by=agency)

    response = page(log_in, market, "A")

    assert Match.objects.count() == 1
    assert "발표할 예정입니다" in response.text
    assert project.title not in response.text


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": "withdrawn"}, "참여 신청을 취소했습니다"),
        ({"state": "ineligible", "ineligible_reason": "employed"}, "재직 중"),
        ({"state": "draft", "submitted_at": None}, "제출되지 않았습니다"),
        ({"state": "eligible"}, "발표할 예정입니다"),
    ],
)
def test_people_outside_the_match_read_why(log_in, market, facts, said):
    application = ApplicationFactory(call=market.call, **facts)

    assert said in log_in(application.trainee.user).get(detail(market.call)).text


def test_strangers_and_staff_find_no_result(log_in, two, operator, agency):
    for user in (operator, agency, CompanyMemberFactory().user, TraineeFactory().user):
        assert log_in(user).get(detail(two.call)).status_code == 404


def test_the_newest_published_result_opens(log_in, two):
    trainee = two.people["Best"].trainee
    newer = ApplicationFactory(
        trainee=trainee, call=CallFactory(taking_applications=True), state="draft", submitted_at=None
    )

    assert log_in(trainee.user).get(LATEST).url == detail(two.call)
    assert newer.call.state == CallState.OPEN


def test_without_a_result_the_awaited_call_opens(log_in, trainee):
    application = ApplicationFactory(trainee=trainee)

    assert log_in(trainee.user).get(LATEST).url == detail(application.call)


def test_without_an_application_the_page_says_how_to_get_one(log_in, trainee):
    call = CallFactory(taking_applications=True)

    response = log_in(trainee.user).get(LATEST)

    assert "아직 매칭 결과가 없습니다" in response.text
    assert call.title in response.text


def test_the_latest_result_is_for_people_who_may_apply(log_in, operator, owner):
    assert log_in(operator).get(LATEST).status_code == 404
    assert log_in(owner).get(LATEST).status_code == 404


@pytest.mark.parametrize("wishes", [1, 3])
def test_more_reasons_cost_no_more_queries(
    log_in, market, agency, second_agency, django_assert_num_queries, wishes
):
    projects = [ProjectFactory(call=market.call, places=1) for _number in range(wishes)]
    market.person("A", *projects)
    market.person("B", *projects)
    for project in projects:
        market.score(project, A="skill", B=60)
    market.publish(agency, second_agency)
    client = log_in(market.people["A"].trainee.user)
    client.get(detail(market.call))

    with django_assert_num_queries(15):
        client.get(detail(market.call))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": "declined", "decline_reason": "job"}, "배치를 거절했습니다"),
        ({"state": "expired"}, "자리가 넘어갔습니다"),
        ({"state": "withdrawn", "threshold": 80}, "참여를 철회했습니다"),
    ],
)
def test_who_gave_the_seat_back_reads_how(log_in, two, facts, said):
    Placement.objects.filter(application=two.people["Best"]).update(**facts)

    assert said in page(log_in, two, "Best").text


# --- who was left without a place -----------------------------------------------------------------------


def test_who_waits_reads_what_happens_next_and_when(log_in, two):
    due = Placement.objects.first().answer_due_at

    before = page(log_in, two, "Last")
    with time_machine.travel(due + dt.timedelta(seconds=1), tick=False):
        after = page(log_in, two, "Last")

    assert "이번에는 배치되지 않았고, 예비순번 2번입니다" in before.text
    assert [step["state"] for step in before.context["steps"]] == ["done", "now", "next", "next"]
    assert [step["state"] for step in after.context["steps"]] == ["done", "done", "now", "next"]
    assert kdatetime(due) in before.context["steps"][1]["note"]
    assert kdate(backfill_until(two.call)) == before.context["steps"][3]["note"]


def test_who_is_placed_or_waits_nowhere_reads_no_steps_of_waiting(log_in, two):
    assert [page(log_in, two, name).context["steps"] for name in ("Best", "Silent")] == [[], []]


def test_who_is_left_reads_how_many_wanted_the_places(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=1)
    market.person("A", project)
    market.person("B", project)
    market.score(project, A=90, B="skill")
    market.publish(agency, second_agency)

    response = page(log_in, market, "B")

    assert "자리 1개에 2명이 신청해 1명이 배치되었습니다" in response.text
    assert "왜 매칭되지 않았나요?" in response.text
    assert response.context["no_reserve"] == "none"


@pytest.mark.parametrize(("name", "why"), [("Silent", "no_list"), ("Best", "lost"), ("Last", "left")])
def test_why_there_is_no_reserve_number(log_in, two, operator, name, why):
    if name == "Best":
        placement = Placement.objects.get(application=two.people["Best"])
        decline_placement(placement, reason="job", by=placement.trainee.user)
    elif name == "Last":
        Reserve.objects.filter(application=two.people["Last"]).update(left_at=timezone.now())

    assert page(log_in, two, name).context["no_reserve"] == why


def test_who_lost_the_seat_with_its_project_reads_that_they_did_not_give_it_up(log_in, two, agency):
    lost = Placement.objects.get(application=two.people["Best"])
    terminate_project(lost.project, reason="폐업", by=agency)

    response = page(log_in, two, "Best")

    assert response.context["no_reserve"] == "stopped"
    assert "내려놓으면" not in response.text


SATURDAY_NIGHT = dt.datetime(2026, 4, 18, 2, tzinfo=timezone.get_default_timezone())


def test_a_number_that_is_called_before_the_offers_moment_still_waits(log_in, market, agency, second_agency):
    with time_machine.travel(SATURDAY_NIGHT - days(1) + dt.timedelta(hours=9), tick=False) as clock:
        market.call.starts_on, market.call.ends_on = dt.date(2026, 5, 4), dt.date(2026, 9, 1)
        market.call.announce_on = dt.date(2026, 4, 20)
        market.call.save()
        wanted = ProjectFactory(call=market.call, places=1)
        market.person("Best", wanted)
        market.person("Next", wanted)
        market.score(wanted, Best=90, Next=80)
        market.publish(agency, second_agency)
        decline_placement(
            Placement.objects.get(application=market.people["Best"]),
            reason="job",
            by=market.people["Best"].trainee.user,
        )
        clock.move_to(SATURDAY_NIGHT)
        [called] = fill_vacancies(market.call, now=timezone.now())

        response = page(log_in, market, "Next")
        client = log_in(called.trainee.user)
        numbers = client.get(reverse("placements:reserve-list", args=[market.call.pk]))
        home, own = (
            client.get("/my/"),
            client.get(reverse("applications:application-done", args=[market.call.pk])),
        )
        [part] = parts_of(called.trainee)

        assert called.offered_at > timezone.now()
        assert response.context["best_reserve"].reserve_no == 1
        assert "예비순번 1번입니다" in response.text
        assert [row["line"].reserve_no for row in numbers.context["numbers"]] == [1]
        assert not numbers.context["holds"]
        assert panel_of(called.trainee, part, None)["title"] == "예비순번으로 기다리고 있습니다"
        for told in (home, own):  # nowhere is the person placed yet
            assert re.search(r">\s*배치\s*<", told.text) is None


def test_after_the_last_day_nobody_waits(log_in, two):
    end = backfill_until(two.call) + dt.timedelta(days=1)

    with time_machine.travel(timezone.make_aware(dt.datetime.combine(end, dt.time(9))), tick=False):
        response = page(log_in, two, "Last")

    assert response.context["no_reserve"] == "over"
    assert "충원은 끝났습니다" in response.text


def test_who_was_not_scored_reads_by_what_order_they_stood(log_in, market, agency, second_agency):
    project = ProjectFactory(call=market.call, places=1)
    for name in ("A", "B", "C"):
        market.person(name, project)
    market.score(project, A=90, B=80)
    market.publish(agency, second_agency)
    words = "기업이 매긴 점수가 없어, 점수를 받은 사람 다음에 적합도 순서로 섰습니다"

    assert [words in page(log_in, market, name).text for name in ("A", "B", "C")] == [False, False, True]


def test_standing_at_a_full_company_is_counted_over_the_company(log_in, market, agency, second_agency):
    first = ProjectFactory(call=market.call, places=3)
    second = ProjectFactory(call=market.call, company=first.company, places=3)
    first.company.participations.update(cap=3)
    for name in ("A", "B", "C"):
        market.person(name, first)
    market.person("D", second)
    market.score(first, A=90, B=80, C=70)
    market.score(second, D=60)
    market.publish(agency, second_agency)

    response = page(log_in, market, "D")

    assert codes(response) == ["company_full"]
    assert (
        "마지막으로 배치된 사람은 <strong>70점</strong>, 지원자님은 <strong>60점</strong>입니다"
        in response.text
    )
    assert facts(response, 0) == {
        "지원자님": "60점",
        "이 회사를 희망한 사람 가운데": "4명 가운데 4위",
        "합격선": "70점 (3위)",
    }


def test_a_result_reads_neither_the_market_nor_the_whole_answer(log_in, two):
    client = log_in(two.people["Last"].trainee.user)

    with CaptureQueriesContext(connection) as queries:
        client.get(detail(two.call))

    assert not [query for query in queries if '"matching_matchrun"."market",' in query["sql"]]


@pytest.mark.parametrize(
    "facts", [{"state": "withdrawn"}, {"state": "ineligible", "ineligible_reason": "employed"}]
)
def test_who_is_not_in_the_match_reads_of_other_calls(log_in, market, facts):
    application = ApplicationFactory(call=market.call, **facts)
    other = CallFactory(taking_applications=True, title="추가 모집")

    response = log_in(application.trainee.user).get(detail(market.call))

    assert reverse("applications:application-edit", args=[other.pk, "motive"]) in response.text
    assert ("사실과 다르다면" in response.text) is (facts["state"] == "ineligible")
