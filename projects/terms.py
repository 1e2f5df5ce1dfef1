"""The programme's numbers for calls, as pure functions; the values come from the call's rule set."""

import hashlib
import unicodedata
from collections.abc import Container
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import holidays as public_holidays

#: Where every deadline of the programme is decided.
SEOUL = ZoneInfo("Asia/Seoul")
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

    An offer made on a day off, or on a working day after ``hour`` o'clock, counts as made on the next working day:
    whenever the office publishes, everybody has ``working_days`` whole working days. ``offered`` is aware; the
    answer is in the same zone. Programme rule set, "Offers".
    """
    day = offered.date()
    if not is_working_day(day, holidays) or offered.time() > time(hour):
        day = working_day_after(day, 1, holidays)
    return datetime.combine(working_day_after(day, working_days, holidays), time(hour), tzinfo=offered.tzinfo)


def vacancy_due(offered: datetime, hours: int, until: datetime) -> datetime:
    """Until when the offer of a seat that fell free can be answered: so many hours, but never beyond ``until``.

    Hours count days off too: the seat is somebody's training, and people are asked at the offer hour of a working
    day. ``offered`` and ``until`` are aware. Programme rule set, "Vacancies".
    """
    return min(offered + timedelta(hours=hours), until)


def is_publication_time(
    now: datetime, holidays: Container[date], *, offer_hour: int = 10, answer_hour: int = 18
) -> bool:
    """Whether a result published ``now`` reaches people when the office can be asked about it.

    Parameters
    ----------
    now : datetime
        Aware, in any zone.
    holidays : container of date
        Public holidays, substitute holidays included.
    offer_hour, answer_hour : int
        The call's rule set: published from the first hour on, answered until the second. The defaults are the
        rule set's own.

    Returns
    -------
    bool
        True on a working day in Seoul from ``offer_hour`` o'clock until before ``answer_hour`` o'clock.

    Notes
    -----
    O(1). Pure; the programme publishes at 10:00 on a working day, and two people press the button by hand.
    """
    local = now.astimezone(SEOUL)
    return is_working_day(local.date(), holidays) and time(offer_hour) <= local.time() < time(answer_hour)


def answer_stage(answer_due_at: datetime, now: datetime, hours: tuple[int, ...]) -> int | None:
    """How many hours before the answer is due the latest reminder reached by ``now`` stands; None before the first.

    Parameters
    ----------
    answer_due_at, now : datetime
        Aware.
    hours : tuple of int
        Hours before the deadline, positive: ``(24, 3)``. Any order.

    Notes
    -----
    After a stop the latest stage alone is returned, so one message catches up for many; one second after the
    deadline there is nothing to remind of. O(len(hours)).
    """
    if now > answer_due_at:
        return None
    left = answer_due_at - now
    return min((stage for stage in hours if left <= timedelta(hours=stage)), default=None)


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


# --- the draw -----------------------------------------------------------------------------------------


def commitment_of(secret: str) -> str:
    """What is published of the secret half of a draw before anybody ranks.

    Parameters
    ----------
    secret : str
        64 hexadecimal digits, drawn by chance when the call was made.

    Returns
    -------
    str
        SHA-256 of the UTF-8 of ``secret``, in hex.

    Notes
    -----
    Whoever has seen the commitment notices every later change of the secret. Pure; O(1).
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def normal_value(text: str) -> str:
    """A public random value in the one spelling that counts: NFC, trimmed, single blanks.

    Parameters
    ----------
    text : str
        As somebody typed it.

    Notes
    -----
    Two people who read the same numbers from the same page type the same value. Idempotent; O(len(text)).
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def seed_of(secret: str, value: str) -> str:
    """The seed of a call's draw: ``secret``, a colon, the public value in its normal spelling.

    Parameters
    ----------
    secret : str
        The half that was committed before the call opened.
    value : str
        The half nobody could know before lists were sealed; see `normal_value`.

    Notes
    -----
    Neither half can be chosen by somebody who knows the other, so nobody can look for a seed that suits them.
    Pure; O(len(value)).
    """
    return f"{secret}:{normal_value(value)}"


def provisional_seed(secret: str) -> str:
    """The seed while the public half is not known: nothing that is published is drawn with it.

    Notes
    -----
    Made of the commitment alone, so that no provisional answer says anything about the secret.
    """
    return f"provisional:{commitment_of(secret)}"
