"""Working days, answers and publication, over weekends and the holidays in a row (연휴)."""

import datetime as dt

import pytest

from projects.terms import (
    KOREAN_HOLIDAYS,
    SEOUL,
    answer_due,
    answer_stage,
    is_publication_time,
    working_day_after,
)


def kst(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("offered", "due"),
    [
        ("2026-11-02 10:00", "2026-11-05 18:00"),  # Monday, as planned: Tuesday, Wednesday, Thursday
        ("2026-11-02 09:59", "2026-11-05 18:00"),
        ("2026-11-02 18:00", "2026-11-05 18:00"),
        ("2026-11-02 18:01", "2026-11-06 18:00"),  # after hours: as if on Tuesday
        ("2026-11-05 10:00", "2026-11-10 18:00"),  # over a weekend
        ("2026-11-06 23:00", "2026-11-12 18:00"),  # Friday night: as if on Monday
        ("2026-11-07 22:00", "2026-11-12 18:00"),  # Saturday night
        ("2026-11-08 10:00", "2026-11-12 18:00"),  # Sunday
        ("2026-09-23 10:00", "2026-09-30 18:00"),  # the day before 추석 (24-26 September) and the weekend
        ("2026-09-24 10:00", "2026-10-01 18:00"),  # in the middle of it: as if on Monday 28
        ("2026-02-13 10:00", "2026-02-23 18:00"),  # Friday before 설 (16-18 February): 19, 20, 23
        ("2026-02-15 02:00", "2026-02-24 18:00"),  # Sunday before it: as if on Thursday 19
        (
            "2026-10-02 20:00",
            "2026-10-12 18:00",
        ),  # 개천절 on Saturday, its substitute on Monday 5, 한글날 on Friday 9
        ("2026-12-31 10:00", "2027-01-06 18:00"),  # over New Year
    ],
)
def test_everybody_has_three_whole_working_days_to_answer(offered, due):
    assert answer_due(kst(offered), 3, 18, KOREAN_HOLIDAYS) == kst(due)


def test_nobody_published_later_has_less_time():
    start = kst("2026-09-18 00:00")
    moments = [start + dt.timedelta(hours=hours) for hours in range(24 * 28)]

    dues = [answer_due(moment, 3, 18, KOREAN_HOLIDAYS) for moment in moments]

    assert dues == sorted(dues)
    assert min(due - moment for moment, due in zip(moments, dues, strict=True)) >= dt.timedelta(days=3)


@pytest.mark.parametrize(
    ("now", "good"),
    [
        ("2026-11-02 10:00", True),
        ("2026-11-02 09:59", False),
        ("2026-11-02 17:59", True),
        ("2026-11-02 18:00", False),
        ("2026-11-07 10:00", False),  # Saturday
        ("2026-09-25 10:00", False),  # 추석
        ("2026-10-05 10:00", False),  # a substitute holiday
    ],
)
def test_results_are_published_in_office_hours(now, good):
    moment = kst(now)

    assert is_publication_time(moment, KOREAN_HOLIDAYS) is good
    assert is_publication_time(moment.astimezone(dt.UTC), KOREAN_HOLIDAYS) is good


def test_the_hours_of_publication_come_from_the_rule_set():
    assert not is_publication_time(kst("2026-11-02 10:00"), KOREAN_HOLIDAYS, offer_hour=13)
    assert is_publication_time(kst("2026-11-02 19:00"), KOREAN_HOLIDAYS, answer_hour=20)


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        ({"hours": 24, "seconds": 1}, None),
        ({"hours": 24}, 24),
        ({"hours": 3, "seconds": 1}, 24),
        ({"hours": 3}, 3),
        ({"seconds": 0}, 3),
        ({"seconds": -1}, None),
    ],
)
def test_the_latest_stage_reached_is_the_one_told(left, stage):
    due = kst("2026-11-05 18:00")

    for hours in ((24, 3), (3, 24)):
        assert answer_stage(due, due - dt.timedelta(**left), hours) == stage
    assert answer_stage(due, due - dt.timedelta(**left), ()) is None


@pytest.mark.parametrize("count", [0, -1])
def test_working_days_are_counted_from_one(count):
    with pytest.raises(ValueError, match="at least 1"):
        working_day_after(dt.date(2026, 11, 2), count, KOREAN_HOLIDAYS)
