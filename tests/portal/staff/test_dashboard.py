"""The dashboard and the forecast."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.notices.models import Notice
from portal.schools.models import Graduate
from portal.staff import dashboard
from portal.staff.forecast import Forecast, described
from portal.trainees.models import Trainee
from projects.applications.actions import faults_of
from projects.applications.models import Application
from projects.obligations.actions import remind_due_obligations
from projects.rankings.actions import remind_uncertified, uncertified_people
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    EvaluationFactory,
    HiringObligationFactory,
    MatchRunFactory,
    NoticeFactory,
    PlacementFactory,
    ProjectFactory,
    StaffFactory,
    certified_scores,
    certified_wishes,
    days,
)

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield NOON


def foreseen():
    return Forecast(timezone.localtime(), reminders_at="03:00").nights()


def test_dashboard_opens_on_an_empty_portal(office, db):
    response = office.get(reverse("admin:index"))

    assert response.status_code == 200
    assert "모두 처리했습니다" in response.text
    assert "아직 공고가 없습니다" in response.text


def test_dashboard_costs_the_same_with_one_and_thirty_rows(office, fill):
    fill(1)
    office.get(reverse("admin:index"))
    with CaptureQueriesContext(connection) as few:
        office.get(reverse("admin:index"))

    fill(29)
    with CaptureQueriesContext(connection) as many:
        office.get(reverse("admin:index"))

    assert len(many) == len(few)


def test_every_number_of_the_funnel_is_the_length_of_its_list(office):
    call = CallFactory()
    project = ProjectFactory(call=call, places=5)
    certified_wishes(ApplicationFactory(call=call), project)
    ApplicationFactory(call=call)
    ApplicationFactory(call=call, state="submitted")
    ApplicationFactory(call=call, state="draft", submitted_at=None)
    PlacementFactory(project=project, application=ApplicationFactory(call=call, state="placed"))
    HiringObligationFactory()

    rows = dashboard.funnel(call)

    assert [row["value"] for row in rows] == [6, 4, 3, 1, 1, 0, 0]
    for row in rows:
        assert office.get(row["url"]).context["cl"].result_count == row["value"], row["label"]


def test_every_decision_leads_to_what_waits(office):
    CompanyFactory(state="unverified")
    ProjectFactory(state="submitted")
    ApplicationFactory(state="submitted")
    NoticeFactory(state="failed")
    EvaluationFactory(state="submitted", locked_at=None, locked_by=None, appeal_until=None)
    PlacementFactory(
        accepted=True,
        state="running",
        starts_on=timezone.localdate() - days(9),
        ends_on=timezone.localdate() - days(1),
    )

    lines = dashboard.decisions(timezone.localdate(), StaffFactory().user)

    assert [line["count"] for line in lines] == [1] * 6
    assert str(lines[0]["label"]) == "보내지 못한 알림"
    for line in lines:
        assert office.get(line["url"]).context["cl"].result_count == 1, line["label"]


def test_urgency_tiles_lead_to_the_obligations_they_count(office):
    for left in (-1, 0, 30, 31, 60, 61, 90, 91):
        HiringObligationFactory(due_on=timezone.localdate() + days(left))

    tiles = office.get(reverse("admin:index")).context["stats"]

    assert [tile["value"] for tile in tiles] == [0, 1, 2, 2, 2]
    for tile in tiles:
        assert office.get(tile["url"]).context["cl"].result_count == tile["value"], tile["label"]


@pytest.mark.parametrize("wanted", ["", "abc", "99999999999999999999", "-1"])
def test_unknown_call_shows_the_newest_open_one(office, wanted):
    older, newer = CallFactory(), CallFactory()
    CallFactory(state="draft")

    shown = office.get(reverse("admin:index"), {"call": wanted}).context["call"]

    assert shown == newer
    assert office.get(reverse("admin:index"), {"call": older.pk}).context["call"] == older


def test_forecast_is_what_the_nights_then_do(noon, db):
    """Each night in turn does exactly what was foreseen for it."""
    for left in (-20, 1, 7, 8, 14, 30, 91):
        member = CompanyMemberFactory()
        HiringObligationFactory(due_on=noon.date() + days(left), company=member.company)
    EvaluationFactory(appeal_until=noon.date() + days(3), placement__threshold=80)
    call = CallFactory(rankings_open_at=noon - days(1), rankings_due_at=noon + days(6))
    ApplicationFactory.create_batch(3, call=call)
    ProjectFactory(call=call)

    plan = {night.day: night.count for night in foreseen()}

    done = {}
    for day in plan:
        before = Notice.objects.count()
        with time_machine.travel(dt.datetime.combine(day, dt.time(3), tzinfo=NOON.tzinfo), tick=False):
            remind_due_obligations(day)
            remind_uncertified(call, day)
        done[day] = Notice.objects.count() - before
    assert sum(plan.values()) > 10
    assert plan == done


def test_forecast_does_not_count_what_is_owed_already(noon, db):
    HiringObligationFactory(due_on=noon.date() + days(1), company=CompanyMemberFactory().company)
    remind_due_obligations(noon.date())

    nights = foreseen()

    assert nights[0].count == 0
    assert [night.day for night in nights if night.count] == [noon.date() + days(2), noon.date() + days(8)]


def test_forecast_page_names_who_and_why(noon, office):
    member = CompanyMemberFactory(user__name="박대표", company__name="한빛정밀")
    HiringObligationFactory(due_on=noon.date() + days(8), company=member.company)

    response = office.get(reverse("admin:forecast"), {"on": noon.date() + days(1)})

    assert response.context["on"] == noon.date() + days(1)
    assert [(line.about, line.why, line.reader) for line in response.context["sendings"]] == [
        ("채용의무: 한빛정밀", "기한 7일 전", "박대표")
    ]


@pytest.mark.parametrize("on", ["", "2020-01-01", "2026-02-30", "abc", "99999-01-01"])
def test_forecast_of_no_such_night_shows_the_next_one(noon, office, on):
    response = office.get(reverse("admin:forecast"), {"on": on})

    assert (response.status_code, response.context["on"]) == (200, noon.date())
    assert "이 밤에는 생길 알림이 없습니다" in response.text


def test_forecast_is_paged_and_costs_the_same(noon, office, monkeypatch):
    monkeypatch.setattr("portal.staff.views.MESSAGES_PER_PAGE", 3)
    call = CallFactory(rankings_open_at=noon - days(1), rankings_due_at=noon + days(6))
    ApplicationFactory.create_batch(2, call=call)
    office.get(reverse("admin:forecast"))
    with CaptureQueriesContext(connection) as few:
        office.get(reverse("admin:forecast"))

    ApplicationFactory.create_batch(5, call=call)
    with CaptureQueriesContext(connection) as many:
        last = office.get(reverse("admin:forecast"), {"page": 3})

    assert len(many) == len(few)
    assert (last.context["page"].paginator.count, len(last.context["sendings"])) == (7, 1)


def test_forecast_reads_every_kind_of_message(noon, db):
    """Each row of a night in words, as many as were counted."""
    for left in (-20, 1, 8, 30):
        HiringObligationFactory(due_on=noon.date() + days(left), company=CompanyMemberFactory().company)
    EvaluationFactory(appeal_until=noon.date() + days(3), placement__threshold=80)
    ApplicationFactory(call=CallFactory(rankings_open_at=noon - days(1), rankings_due_at=noon + days(6)))
    plan = Forecast(timezone.localtime(), reminders_at="03:00")

    read = {day: described(plan.messages(day)) for day in plan.days}

    assert {night.day: night.count for night in plan.nights()} == {
        day: len(lines) for day, lines in read.items()
    }
    assert {line.about.split(":")[0] for lines in read.values() for line in lines} == {
        "채용의무",
        "새 채용의무",
        "희망순위 미제출",
    }


def test_company_is_reminded_only_of_the_call_it_has_not_certified(db):
    member = CompanyMemberFactory()
    done, open_ = [ProjectFactory(company=member.company) for _ in range(2)]
    certified_scores(member.company, {(done, ApplicationFactory(call=done.call)): 80})

    people = uncertified_people([done.call, open_.call])

    assert {call: [side for _user, side in found] for call, found in people.items()} == {
        done.call.pk: ["trainee"],
        open_.call.pk: ["company"],
    }


# --- people and projects that need a look -----------------------------------------------------------------


def test_eligible_people_whose_facts_changed_are_counted_as_their_list_finds_them(office):
    call = CallFactory()
    people = [ApplicationFactory(call=call, consent=number > 0) for number in range(5)]
    Trainee.objects.filter(pk=people[1].trainee_id).update(employment="employed")
    Graduate.objects.filter(pk=people[2].trainee.graduate_id).update(state="withdrawn")
    ApplicationFactory(trainee=people[3].trainee, state="placed", call__state="running")

    faulty = Application.objects.eligible().faulty()

    read = list(Application.objects.eligible())
    assert set(faulty.values_list("pk", flat=True)) == {
        key for key, found in faults_of(read).items() if found
    }
    assert faulty.count() == 4
    line = next(
        line
        for line in dashboard.decisions(timezone.localdate(), StaffFactory().user)
        if "적격자" in str(line["label"])
    )
    assert (line["count"], office.get(line["url"]).context["cl"].result_count) == (4, 4)


def test_projects_in_danger_come_from_the_newest_answer(db):
    call = CallFactory(state="closed")
    line = {"capacity": 4, "listings": 3, "first_choices": 1, "reached": None, "waiting": 0}
    projects = [
        {**line, "project": 1, "minimum": 3, "size": 0, "closed": True, "reached": 1},
        {**line, "project": 2, "minimum": 3, "size": 3, "closed": False},
        {**line, "project": 3, "minimum": 0, "size": 0, "closed": False},
        {**line, "project": 4, "minimum": 0, "size": 2, "closed": False},
    ]
    run = MatchRunFactory(call=call, figures={"projects": projects})

    found = dashboard.in_danger(call)

    assert [line["count"] for line in found["lines"]] == [1, 1, 1]
    assert {line["url"] for line in found["lines"]} == {
        reverse("admin:matching_matchrun_change", args=[run.pk])
    }


def test_after_the_results_projects_in_danger_are_those_with_too_few_people(office):
    call = CallFactory(state="running")
    ProjectFactory(call=call, state="running", places=4, minimum=2)
    PlacementFactory(
        project=ProjectFactory(call=call, state="running", places=4, minimum=1),
        application=ApplicationFactory(call=call, state="placed"),
    )

    found = dashboard.in_danger(call)

    assert [line["count"] for line in found["lines"]] == [1, 1]
    for line in found["lines"]:
        assert office.get(line["url"]).context["cl"].result_count == line["count"], line["label"]


def test_call_without_an_answer_has_no_figures_yet(office):
    CallFactory(state="open")

    assert "매칭을 계산한 뒤부터" in office.get(reverse("admin:index")).text


# --- the outbox ---------------------------------------------------------------------------------------------


def test_messages_that_should_have_left_are_loud(office):
    NoticeFactory(leaves_at=timezone.now() - dt.timedelta(minutes=31))
    NoticeFactory(leaves_at=timezone.now() - dt.timedelta(minutes=1))
    NoticeFactory(leaves_at=timezone.now() + days(3))

    response = office.get(reverse("admin:index"))

    outbox = response.context["outbox"]
    assert (outbox["soon"], outbox["late"]) == (2, 1)
    assert "알림이 나가지 않고 있습니다" in response.text
    assert office.get(outbox["late_url"]).context["cl"].result_count == 1
    assert office.get(outbox["url"]).context["cl"].result_count == 3


@pytest.mark.parametrize(("state", "shown"), [("matching", True), ("announced", False), ("running", False)])
def test_the_day_of_results_is_ahead_until_they_are_out(db, state, shown):
    call = CallFactory(state=state, announce_on=timezone.localdate() + days(3))

    ahead = dashboard.deadlines_ahead([call], timezone.now())

    assert (call.announce_on in [line["day"] for line in ahead]) is shown
