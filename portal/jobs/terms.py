"""Which nights a job still owes, as a pure function of dates."""

from datetime import date, datetime, time, timedelta

#: How far back missed nights are made up for.
CATCH_UP_NIGHTS = 7
LEASE = timedelta(minutes=30)


def last_night(now: datetime, at: time) -> date:
    """The newest business date whose night has begun: today from ``at`` on, yesterday before it."""
    return now.date() if now.time() >= at else now.date() - timedelta(days=1)


def nights_due(now: datetime, at: time, done: frozenset[date], since: date | None) -> list[date]:
    """The business dates to run now, oldest first.

    Parameters
    ----------
    now : datetime
        Aware, in the programme's zone.
    at : time
        When the night of a date begins; before it, that date is not due yet.
    done : frozenset of date
        Dates already finished.
    since : date or None
        The first date the portal existed on; earlier nights were never owed.

    Returns
    -------
    list of date
        At most ``CATCH_UP_NIGHTS`` dates.
    """
    last = last_night(now, at)
    first = last - timedelta(days=CATCH_UP_NIGHTS - 1)
    if since is not None:
        first = max(first, since)
    nights = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [night for night in nights if night not in done]
