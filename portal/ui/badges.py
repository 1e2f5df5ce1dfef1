"""The one place that says which colour and which picture a state has."""

from datetime import date
from typing import NamedTuple

from portal.ui.korean import days_left


class Look(NamedTuple):
    tone: str  # neutral, info, good, warn or danger: the modifier of .i-badge
    icon: str


RESTING = Look("neutral", "circle-dashed")
WRITING = Look("neutral", "pencil")
WAITING = Look("info", "hourglass")
MOVING = Look("info", "play")
GOOD = Look("good", "circle-check")
PROVED = Look("good", "badge-check")
LOCKED = Look("good", "lock")
ASKED = Look("warn", "circle-alert")
DUE = Look("warn", "clock")
REFUSED = Look("danger", "circle-x")
LATE = Look("danger", "triangle-alert")
ENDED = Look("neutral", "circle-minus")

STATES: dict[str, Look] = {
    # being written, handed in, sent back
    "draft": WRITING, "todo": RESTING, "expected": RESTING, "unverified": RESTING, "queued": RESTING, "assigned": RESTING,
    "progress": WRITING, "requested": WAITING, "submitted": WAITING, "returned": ASKED, "needs_mentor": ASKED,
    # decided for
    "eligible": GOOD, "selected": GOOD, "confirmed": GOOD, "approved": GOOD, "accepted": GOOD, "placed": GOOD, "promoted": GOOD,
    "completed": GOOD, "signed": GOOD, "done": GOOD, "sent": GOOD, "paid": GOOD, "retained": GOOD, "settled": GOOD,
    "held": GOOD, "final": GOOD, "upheld": PROVED,
    "verified": PROVED, "certified": PROVED, "fulfilled": PROVED, "published": PROVED, "issued": PROVED,
    "sealed": LOCKED, "locked": LOCKED, "unnamed": ASKED, "named": RESTING, "entered": WAITING,
    # decided against, or broken
    "rejected": REFUSED, "ineligible": REFUSED, "refused": REFUSED, "declined": REFUSED, "failed": REFUSED, "dead": REFUSED,
    "not_completed": REFUSED, "dropped_out": REFUSED, "missed": REFUSED, "void": REFUSED, "revoked": REFUSED,
    "suspended": Look("danger", "ban"), "sanctioned": Look("danger", "ban"), "breach_confirmed": LATE,
    "overdue": LATE, "late": LATE, "demanded": LATE,
    # in motion
    "open": MOVING, "running": MOVING, "matching": MOVING, "announced": Look("info", "bell"), "computed": Look("info", "scale"),
    "invited": Look("info", "mail"), "booked": Look("info", "calendar"), "received": WAITING,
    "offered": Look("info", "mail"), "out_for_signature": WAITING, "reserve": Look("info", "list-ordered"),
    "owed": WAITING, "explained": WAITING, "waiver_requested": WAITING, "retention_check": WAITING, "retried": WAITING,
    "offer_due": DUE, "evidence_due": DUE, "deferred": DUE, "reopened": DUE,
    # over
    "closed": ENDED, "finished": ENDED, "archived": ENDED, "cancelled": ENDED, "dismissed": ENDED, "withdrawn": ENDED, "expired": ENDED, "terminated": ENDED,
    "superseded": ENDED, "discarded": ENDED, "moved": ENDED, "unmatched": ENDED, "waived": ENDED, "lapsed": ENDED,
    "left_by_own_will": ENDED, "declined_by_trainee": ENDED, "recused": ENDED, "amended": ENDED,
}  # fmt: skip
UNKNOWN = Look("neutral", "circle-dot")


def look_of(state: str) -> Look:
    return STATES.get(str(state), UNKNOWN)


def look_of_deadline(day: date, today: date | None = None) -> Look:
    """Past is danger, a week is danger too, a month is a warning."""
    left = days_left(day, today)
    if left < 0:
        return LATE
    return Look("danger" if left <= 7 else "warn" if left <= 30 else "info", "clock")
