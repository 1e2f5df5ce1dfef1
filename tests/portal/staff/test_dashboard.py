"""The dashboard and the forecast."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.notices.models import Notice
from portal.staff import dashboard
from portal.staff.forecast import forecast
from projects.obligations.actions import remind_due_obligations
from projects.rankings.actions import remind_uncertified, uncertified_people
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    EvaluationFactory,
    HiringObligationFactory,
    NoticeFactory,
    PlacementFactory,
    ProjectFactory,
    certified_scores,
    certified_wishes,
    days,
)

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield NOON


def foreseen(now=None):
    return forecast(now or timezone.localtime(), reminders_at="03:00")


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

    lines = dashboard.decisions(timezone.localdate())

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

    response = office.get(reverse("admin:forecast"))

    assert "한빛정밀" in response.text
    assert "기한 7일 전" in response.text
    assert "박대표" in response.text


def test_company_is_reminded_only_of_the_call_it_has_not_certified(db):
    member = CompanyMemberFactory()
    done, open_ = [ProjectFactory(company=member.company) for _ in range(2)]
    certified_scores(member.company, {(done, ApplicationFactory(call=done.call)): 80})

    people = uncertified_people([done.call, open_.call])

    assert {call: [side for _user, side in found] for call, found in people.items()} == {
        done.call.pk: ["trainee"],
        open_.call.pk: ["company"],
    }
