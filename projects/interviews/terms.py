"""When to remind, how many to interview, and an interview as a calendar file; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

#: Until so long before it a person may move or cancel an interview.
FIRM = timedelta(hours=24)
#: A reminder leaves at this hour of the day before.
REMINDED_AT = time(9)
#: A report is answered within so many days.
ANSWER_DAYS = 30
_FOLD = 75


def remind_at(starts_at: datetime) -> datetime:
    """Nine o'clock of the day before, in the zone of ``starts_at``."""
    return datetime.combine(starts_at.date() - timedelta(days=1), REMINDED_AT, tzinfo=starts_at.tzinfo)


def is_firm(starts_at: datetime, now: datetime) -> bool:
    """Less than :data:`FIRM` is left, so the person may no longer move or cancel; exactly as much still may."""
    return starts_at - now < FIRM


def most_interviews(places: int, multiple: int) -> int:
    """How many people a project may interview at most, and how many slots it may have: ``multiple`` times its places."""
    return places * multiple


def answer_due_on(filed_on: date) -> date:
    """The last day on which a report is answered in time."""
    return filed_on + timedelta(days=ANSWER_DAYS)


# --- a calendar file (RFC 5545) -----------------------------------------------------------------------


@dataclass(frozen=True)
class Appointment:
    """One interview for a calendar. ``uid`` stays the same for life, ``sequence`` grows with every change."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    summary: str
    description: str
    location: str
    url: str
    organizer: str
    cancelled: bool = False


def escape_text(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line breaks escaped, other control characters left out."""
    kept = "".join(
        char for char in text.replace("\r\n", "\n").replace("\r", "\n") if char >= " " or char in "\n\t"
    )
    for char, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        kept = kept.replace(char, written)
    return kept


def fold(line: str) -> str:
    """A content line in pieces of at most 75 octets, none cut through a character; later pieces begin with a blank."""
    pieces, piece, size = [], "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _FOLD:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + char, size + octets
    return "\r\n".join([*pieces, piece])


def _moment(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


#: Seoul has kept the same time all year since 1988.
SEOUL_ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Asia/Seoul", "BEGIN:STANDARD", "DTSTART:19881009T030000", "TZOFFSETFROM:+1000",
    "TZOFFSETTO:+0900", "TZNAME:KST", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


def calendar(appointment: Appointment) -> str:
    """An .ics file that adds an interview to a calendar, or takes it out again.

    Parameters
    ----------
    appointment : Appointment
        ``starts_at`` and ``ends_at`` in Asia/Seoul, ``stamped_at`` in any zone. ``url`` and ``organizer`` are
        URIs and are written as they are; every other text is escaped.

    Returns
    -------
    str
        CRLF line ends, lines of at most 75 octets. ``METHOD:PUBLISH``, or ``METHOD:CANCEL`` of the same UID.

    References
    ----------
    RFC 5545, 3.1 (folding), 3.3.11 (TEXT); RFC 5546, 3.2.
    """
    one = appointment
    lines: Sequence[str] = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ieum//Interviews//KO", "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if one.cancelled else 'PUBLISH'}", *SEOUL_ZONE, "BEGIN:VEVENT", f"UID:{one.uid}",
        f"SEQUENCE:{one.sequence}", f"DTSTAMP:{_moment(one.stamped_at.astimezone(UTC))}Z",
        f"DTSTART;TZID=Asia/Seoul:{_moment(one.starts_at)}", f"DTEND;TZID=Asia/Seoul:{_moment(one.ends_at)}",
        f"STATUS:{'CANCELLED' if one.cancelled else 'CONFIRMED'}", f"SUMMARY:{escape_text(one.summary)}",
        f"DESCRIPTION:{escape_text(one.description)}",
        *([f"LOCATION:{escape_text(one.location)}"] if one.location else []),
        *([f"URL:{one.url}"] if one.url else []),
        f"ORGANIZER:mailto:{one.organizer}", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(fold(line) + "\r\n" for line in lines)
