from datetime import date, timedelta

import pytest
from django.utils import timezone

from portal.demo.clock import (
    STAGES,
    Dates,
    at,
    last_day,
    last_year,
    moment,
    november_end,
    second_intake,
    this_year,
    working_day,
)
from projects.terms import KOREAN_HOLIDAYS, is_working_day

#: Every day of two years, a leap day among them.
DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(760)]


def in_order(dates: Dates) -> bool:
    return (
        dates.opened_at < dates.projects_due_at <= dates.applications_due_at <= dates.rankings_due_at
        and dates.rankings_open_at < dates.applications_due_at
        and timezone.localtime(dates.rankings_due_at).date()
        < dates.announce_on
        < dates.starts_on
        < dates.ends_on
        and is_working_day(dates.announce_on, KOREAN_HOLIDAYS)
    )


@pytest.mark.parametrize("stage", STAGES)
def test_dates_are_in_order_on_every_day(stage):
    assert [day for day in DAYS if not in_order(this_year(stage, day))] == []


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_works_longer_than_six_months_or_shorter_than_three(stage):
    for day in DAYS:
        for dates in (this_year(stage, day), second_intake(day)):
            assert timedelta(days=90) <= dates.ends_on - dates.starts_on <= timedelta(days=183)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 6, 1), date(2026, 11, 30)),
        (date(2026, 5, 25), date(2026, 11, 6)),
        (date(2026, 12, 14), date(2027, 5, 28)),
    ],
)
def test_projects_end_in_november_or_on_a_friday(starts_on, ends_on):
    assert last_day(starts_on) == ends_on


def test_the_call_beside_it_can_be_used_on_every_day():
    for day in DAYS:
        dates = second_intake(day)
        assert in_order(dates)
        assert dates.rankings_open_at < moment(day, 0) < dates.projects_due_at


def test_a_stage_has_come_as_far_as_its_name_says():
    for day in DAYS:
        now = moment(day, 0)
        assert (
            this_year("rankings", day).rankings_open_at < now < this_year("rankings", day).applications_due_at
        )
        assert now - timedelta(days=2) < this_year("matching", day).rankings_due_at < now
        assert (
            this_year("published", day).published_at < now < moment(this_year("published", day).starts_on, 0)
        )
        assert this_year("running", day).starts_on < day - timedelta(days=5)
        assert day - timedelta(days=30) < this_year("running", day).starts_on
        assert this_year("obligations", day).ends_on == day - timedelta(days=35)


def test_last_year_ended_on_a_30_november_long_enough_ago():
    for day in DAYS:
        ended = last_year(day).ends_on
        assert (ended.month, ended.day) == (11, 30)
        assert timedelta(days=45) <= day - ended <= timedelta(days=411)


@pytest.mark.parametrize(
    ("not_before", "end"),
    [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2027, 11, 30)),
        (date(2027, 1, 1), date(2027, 11, 30)),
    ],
)
def test_november_ends_once_a_year(not_before, end):
    assert november_end(not_before) == end


def test_a_holiday_gives_way_to_the_next_working_day():
    assert working_day(date(2026, 12, 25)) == date(2026, 12, 28)


def test_the_clock_goes_back_and_returns():
    before = timezone.now()
    with at(moment(date(2025, 3, 2), 9)):
        then, day = timezone.now(), timezone.localdate()

    assert (then.isoformat(), day) == ("2025-03-02T00:00:00+00:00", date(2025, 3, 2))
    assert timezone.now() >= before


def test_the_clock_returns_after_a_fault():
    real = timezone.now
    with pytest.raises(ZeroDivisionError), at(moment(date(2025, 3, 2), 9)):
        _ = 1 / 0

    assert timezone.now is real
