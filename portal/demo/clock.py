"""The demo's calendar: every date stands at a fixed distance from today, so the demo never grows old."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.utils import timezone

from projects.terms import KOREAN_HOLIDAYS, is_working_day, working_day_after

#: The longest a project may take.
SIX_MONTHS = timedelta(days=183)
STAGES = ("rankings", "matching", "published", "running", "obligations")
#: The hour of the rule set at which offers are made.
OFFERS_AT = 10


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time in Asia/Seoul."""
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


@contextmanager
def at(when: datetime) -> Iterator[None]:
    """Let the portal's own actions run as if it were ``when``.

    Only the seed does this: last year's history is then written by the same code as tomorrow's, with the dates it
    would have had. The portal asks ``timezone.now`` everywhere, so this one name is enough.
    """
    real = timezone.now
    timezone.now = lambda: when.astimezone(UTC)
    try:
        yield
    finally:
        timezone.now = real


def days(count: int) -> timedelta:
    return timedelta(days=count)


def working_day(day: date) -> date:
    """``day``, or the next working day."""
    return day if is_working_day(day, KOREAN_HOLIDAYS) else working_day_after(day, 1, KOREAN_HOLIDAYS)


def last_working_day(before: date) -> date:
    day = before - days(1)
    while not is_working_day(day, KOREAN_HOLIDAYS):
        day -= days(1)
    return day


def last_offers_on(today: date) -> date:
    """The newest working day whose offers people can have read by now."""
    read = timezone.localtime().hour >= OFFERS_AT and is_working_day(today, KOREAN_HOLIDAYS)
    return today if read else last_working_day(today)


def monday(day: date) -> date:
    """``day``, or the Monday after it."""
    return day + days(-day.weekday() % 7)


def november_end(not_before: date) -> date:
    """The first 30 November, the programme's last day, that is not before a date."""
    end = date(not_before.year, 11, 30)
    return end if end >= not_before else date(not_before.year + 1, 11, 30)


def last_day(starts_on: date) -> date:
    """30 November, the programme's last day, if at most six months lie before it; else the Friday of the 24th week."""
    end = november_end(starts_on + days(90))
    return end if end <= starts_on + SIX_MONTHS else starts_on + days(7 * 24 - 3)


@dataclass(frozen=True)
class Dates:
    """The dates of one call, in their order."""

    opened_at: datetime
    projects_due_at: datetime
    rankings_open_at: datetime
    applications_due_at: datetime
    rankings_due_at: datetime
    announce_on: date
    starts_on: date
    ends_on: date

    @classmethod
    def around(
        cls, rankings_due: date, *, announce_on: date | None = None, ends_on: date | None = None
    ) -> Self:
        """The usual distances from the day on which lists are due."""
        announce_on = announce_on or working_day(rankings_due + days(7))
        starts_on = monday(announce_on + days(14))
        return cls(
            opened_at=moment(rankings_due - days(50), 10),
            projects_due_at=moment(rankings_due - days(25), 18),
            rankings_open_at=moment(rankings_due - days(13), 10),
            applications_due_at=moment(rankings_due - days(3), 18),
            rankings_due_at=moment(rankings_due, 18),
            announce_on=announce_on,
            starts_on=starts_on,
            ends_on=ends_on or last_day(starts_on),
        )

    @property
    def draw_known_on(self) -> date:
        """When the public half of the draw's seed can be read."""
        return timezone.localtime(self.rankings_due_at).date() + days(1)

    @property
    def published_at(self) -> datetime:
        return moment(self.announce_on, 10)


def this_year(stage: str, today: date) -> Dates:
    """This year's call as it stands at a stage."""
    if stage == "rankings":
        return Dates.around(today + days(5))
    if stage == "matching":
        return Dates.around(today - days(2))  # the draw could be read yesterday, so this night matches
    if stage == "published":
        announce_on = last_working_day(last_working_day(last_offers_on(today)))
        return Dates.around(announce_on - days(3), announce_on=announce_on)
    if stage == "running":
        return Dates.around(today - days(50))
    return Dates.around(today - days(235), ends_on=today - days(35))


def second_intake(today: date) -> Dates:
    """A small call beside it in which everything can still be done: projects, applications, wishes."""
    announce_on = working_day(today + days(15))
    starts_on = monday(announce_on + days(14))
    return Dates(
        opened_at=moment(today - days(20), 10),
        projects_due_at=moment(today + days(2), 18),
        rankings_open_at=moment(today - days(3), 10),
        applications_due_at=moment(today + days(4), 18),
        rankings_due_at=moment(today + days(7), 18),
        announce_on=announce_on,
        starts_on=starts_on,
        ends_on=last_day(starts_on),
    )


def last_year(today: date) -> Dates:
    """The call whose projects ended on the last 30 November that is long enough ago to have been evaluated."""
    enough = today - days(45)
    ends_on = date(november_end(enough + days(1)).year - 1, 11, 30)
    return Dates.around(date(ends_on.year, 2, 1), ends_on=ends_on)


#: Last year people took part in four waves, each at most six months: (first day, last day) as (month, day).
WAVES = (((3, 2), (8, 31)), ((4, 1), (9, 30)), ((5, 4), (10, 31)), ((6, 1), (11, 30)))
#: Days from today until the hire of the last wave is due; the waves before are then due in about 38 and 7 days, and
#: the first is overdue by three weeks: every bucket of the worklist has something in it on any day of the year.
LAST_WAVE_DUE_IN = 68
