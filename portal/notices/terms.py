"""When a message may leave, as pure functions of a moment."""

from datetime import datetime, time, timedelta

#: Lease on a claimed row: longer than the slowest honest mail server, shorter than anyone's patience.
LEASE = timedelta(minutes=5)
#: After this many failures a message is dead until a member of staff retries it.
MAX_ATTEMPTS = 6
#: What is owed for longer than this is shown to staff: no message counts an outage against itself.
LATE = timedelta(minutes=30)
QUIET_FROM, QUIET_UNTIL = time(21), time(9)


def leaves_at(now: datetime) -> datetime:
    """The earliest moment at which a message owed ``now`` may leave: never between 21:00 and 09:00.

    Parameters
    ----------
    now : datetime
        Aware, in the zone whose nights are meant (Asia/Seoul).

    Returns
    -------
    datetime
        ``now``, or the next 09:00 in the same zone.
    """
    if QUIET_UNTIL <= now.timetz().replace(tzinfo=None) < QUIET_FROM:
        return now
    day = now.date() + timedelta(days=1) if now.time() >= QUIET_FROM else now.date()
    return datetime.combine(day, QUIET_UNTIL, tzinfo=now.tzinfo)


def next_try(now: datetime, attempts: int) -> datetime:
    """When a failed message is tried again: 1, 4, 9, 16, 25 minutes after its failures."""
    return now + timedelta(minutes=attempts**2)
