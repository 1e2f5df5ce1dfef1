"""What the dashboard says about last night."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.jobs.models import NightRun
from portal.staff.nights import JOBS, last_nights

ZONE = timezone.get_default_timezone()
TODAY = dt.date(2026, 11, 23)
MATCHING = JOBS[0][0]


def at(hour, minute=0, day=23):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def night(on=TODAY, started=None, job=MATCHING, **facts):
    run = NightRun.objects.create(job=job, on=on, **facts)
    if started:
        NightRun.objects.filter(pk=run.pk).update(started_at=started)
    return run


def matching(now):
    with time_machine.travel(now, tick=False):
        return last_nights(now)[0]


@pytest.mark.parametrize(
    ("facts", "tone", "loud"),
    [
        ({"finished_at": at(2, 1)}, "good", False),
        ({"finished_at": at(5)}, "warn", False),
        ({"error": "MarketError: 0", "locked_until": at(2, 1)}, "danger", True),
        ({"locked_until": at(9, 30)}, "info", False),
        ({"locked_until": at(2, 30)}, "danger", True),
    ],
    ids=["well", "late", "failed", "under way", "died"],
)
def test_night_is_told_by_how_it_ended(db, facts, tone, loud):
    run = night(**facts)

    health = matching(at(9))

    assert (health.on, health.verdict.tone, bool(health.verdict.loud)) == (TODAY, tone, loud)
    assert health.url == reverse("admin:jobs_nightrun_change", args=[run.pk])


@pytest.mark.parametrize(
    ("now", "on", "tone", "loud"),
    [
        (at(1, 59), TODAY - dt.timedelta(days=1), "danger", True),
        (at(2), TODAY, "neutral", False),
        (at(3, 9), TODAY, "neutral", False),
        (at(3, 10), TODAY, "danger", True),
    ],
)
def test_night_that_did_not_run_is_loud_once_the_clock_should_have_looked(db, now, on, tone, loud):
    night(on=TODAY - dt.timedelta(days=2), finished_at=at(2, day=21))

    health = matching(now)

    assert (health.on, health.verdict.tone, bool(health.verdict.loud)) == (on, tone, loud)


def test_older_nights_that_are_owed_are_named(db):
    night(on=TODAY - dt.timedelta(days=3), finished_at=at(2, day=20))
    night(finished_at=at(2, 1))

    health = matching(at(9))

    assert health.verdict.tone == "good"
    assert health.owed == [TODAY - dt.timedelta(days=2), TODAY - dt.timedelta(days=1)]


def test_part_of_a_night_that_failed_says_why(db):
    night(locked_until=at(9, 30))
    night(about="call:3", error="MarketError: 3 faults", locked_until=at(2, 1))

    health = matching(at(9))

    assert (health.verdict.tone, health.verdict.hint) == ("danger", "MarketError: 3 faults")


def test_dashboard_says_loudly_what_did_not_run(office):
    with time_machine.travel(at(9), tick=False):
        response = office.get(reverse("admin:index"))

    assert "11월 23일(월) 밤 매칭 작업이 돌지 않았습니다" in response.text
    assert response.text.count("돌지 않음") == 2
