"""The programme's numbers for calls, as pure functions; the values come from the call's rule set."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta, tzinfo

import holidays as public_holidays

#: Korea's public holidays, substitute holidays included.
KOREAN_HOLIDAYS: Container[date] = public_holidays.country_holidays("KR")


def is_working_day(day: date, holidays: Container[date]) -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() < 5 and day not in holidays


def working_day_after(day: date, count: int, holidays: Container[date]) -> date:
    """The ``count``-th working day after ``day``.

    Parameters
    ----------
    day : date
        Itself never counted.
    count : int
        At least 1.
    holidays : container of date
        Public holidays, substitute holidays included.

    Returns
    -------
    date

    Raises
    ------
    ValueError
        If ``count`` is below 1.

    Notes
    -----
    O(count). Deterministic; no clock, no database.
    """
    if count < 1:
        raise ValueError("count must be at least 1")
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def answer_due(offered: datetime, working_days: int, hour: int, holidays: Container[date]) -> datetime:
    """Until when an offer can be answered: ``hour`` o'clock on the ``working_days``-th working day after it.

    ``offered`` is aware; the answer is in the same zone. Programme rule set, "Offers".
    """
    day = working_day_after(offered.date(), working_days, holidays)
    return datetime.combine(day, time(hour), tzinfo=offered.tzinfo)


def next_offer_moment(after: datetime, hour: int, holidays: Container[date], zone: tzinfo) -> datetime:
    """When an offer decided at ``after`` is published: at ``hour`` o'clock of that working day, else of the next one."""
    local = after.astimezone(zone)
    day = local.date()
    if not (is_working_day(day, holidays) and local.time() <= time(hour)):
        day = working_day_after(day, 1, holidays)
    return datetime.combine(day, time(hour), tzinfo=zone)


def latest_stage(due_on: date, today: date, stages: tuple[int, ...]) -> int | None:
    """The latest reminder stage already reached, in days from the due date; None before the first.

    Parameters
    ----------
    stages : tuple of int
        Days relative to ``due_on``, negative before it: ``(-90, -30, 1, 7)``. Any order.

    Notes
    -----
    After missed nights the latest stage alone is returned, so one message catches up for many. O(len(stages)).
    """
    passed = (today - due_on).days
    return max((stage for stage in stages if stage <= passed), default=None)
