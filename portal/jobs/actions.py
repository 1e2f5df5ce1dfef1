"""Running a night once: two beats, two workers, a late worker, a crashed worker give the same result."""

import logging
from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Min
from django.utils import timezone

from portal.jobs import terms
from portal.jobs.models import NightRun
from portal.workflow import IllegalMove

log = logging.getLogger(__name__)


class NightFailed(Exception):
    """Some rows could not be done; everything else is, and the next tick tries those again."""


class NightInHands(NightFailed):
    """Somebody else is at it, or died at it, and it is not done: whoever needs it done has to come again."""


class Steps:
    """The steps of one night: each row by itself, so that a bad one stops nothing but its own step.

    ``counts`` : step -> how much was done; ``failed`` : what could not be done, by step and key.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.failed: list[str] = []

    def each(self, name: str, rows: Iterable[Any], act: Callable[[Any], Any]) -> None:
        """Do ``act`` to every row and add up what it says (a number, or something with a length, else one)."""
        self.counts[name] = 0
        for row in list(rows):
            self._do(name, f"{row._meta.label} {row.pk}", lambda row=row: act(row))  # type: ignore[misc]

    def once(self, name: str, act: Callable[[], Any]) -> None:
        """A step that is one piece of work for all rows."""
        self.counts[name] = 0
        self._do(name, "", act)

    def _do(self, name: str, about: str, act: Callable[[], Any]) -> None:
        try:
            done = act()
        except IllegalMove:
            return  # somebody moved the row since it was found: the step has nothing left to do there
        except Exception:
            log.exception("night: %s %s", name, about)
            self.failed.append(f"{name} {about}".strip())
        else:
            self.counts[name] += done if isinstance(done, int) else len(done) if isinstance(done, list) else 1

    def finish(self) -> dict[str, int]:
        """What was done.

        Raises
        ------
        NightFailed
            If anything could not be done.
        """
        if self.failed:
            raise NightFailed(", ".join(self.failed))
        return self.counts


def claim_night(job: str, on: date, about: str = "") -> NightRun | None:
    """The run row if this caller may run that night now; None if it is done or in somebody's hands."""
    now = timezone.now()
    try:
        with transaction.atomic():
            return NightRun.objects.create(job=job, on=on, about=about, locked_until=now + terms.LEASE)
    except IntegrityError:
        taken_over = NightRun.objects.filter(
            job=job, on=on, about=about, finished_at=None, locked_until__lt=now
        ).update(locked_until=now + terms.LEASE, attempts=F("attempts") + 1, error="")
        return NightRun.objects.get(job=job, on=on, about=about) if taken_over else None


def run_night(
    job: str, on: date, work: Callable[[], dict[str, Any]], *, about: str = ""
) -> dict[str, Any] | None:
    """Do ``work`` for the night ``on`` unless it is done; return what it did, or None if there was nothing to do.

    A failure is written on the run row, the lease is given back at once and the error goes on to the caller.

    Raises
    ------
    NightInHands
        If it is neither done nor this caller's to do. A whole night that meets a part in such a state is not done
        either: the leases of the two end at different times.
    """
    run = claim_night(job, on, about)
    if run is None:
        if NightRun.objects.filter(job=job, on=on, about=about, finished_at=None).exists():
            raise NightInHands(f"{about or job} {on} in hand")
        return None
    try:
        outcome = work()
    except Exception as error:
        NightRun.objects.filter(pk=run.pk).update(
            error=f"{type(error).__name__}: {error}"[:2000], locked_until=timezone.now()
        )
        raise
    NightRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), locked_until=None, outcome=outcome)
    return outcome


def nights_due(job: str, at: time) -> list[date]:
    """The dates ``job`` still owes, oldest first; a portal that never ran it owes only the last one."""
    now = timezone.localtime()
    finished = NightRun.objects.filter(job=job, about="", finished_at__isnull=False)
    since = NightRun.objects.filter(job=job, about="").aggregate(first=Min("on"))["first"]
    if since is None:
        since = terms.last_night(now, at)
    return terms.nights_due(now, at, frozenset(finished.values_list("on", flat=True)), since)


def _in_hands(job: str, on: date) -> bool:
    """Whether a part of the night is somebody's; what failed has been given back."""
    return NightRun.objects.filter(job=job, on=on, finished_at=None, locked_until__gt=timezone.now()).exists()


def run_due_nights(job: str, at: time, work: Callable[[date, bool], dict[str, Any]]) -> list[date]:
    """Run every night ``job`` still owes, oldest first.

    A night whose work broke down, and one that is in somebody's hands, stops the later ones; a night of which only
    some rows failed does not, or one row that never succeeds would stop every night to come. ``work`` takes the date and whether it is the newest one: only
    that night reminds people, so that after missed nights one message catches up for many.

    Raises
    ------
    NightFailed
        After the last night, if rows of any of them failed.
    """
    newest = terms.last_night(timezone.localtime(), at)
    done, failed = [], []
    for on in nights_due(job, at):
        try:
            outcome = run_night(job, on, lambda on=on: work(on, on >= newest))  # type: ignore[misc]
        except NightInHands:
            break
        except NightFailed as error:
            failed.append(f"{on}: {error}")
            if _in_hands(job, on):
                break
        else:
            done += [on] if outcome is not None else []
    if failed:
        raise NightFailed("; ".join(failed))
    return done
