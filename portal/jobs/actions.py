"""Running a night once: two beats, two workers, a late worker, a crashed worker give the same result."""

import logging
from collections.abc import Callable
from datetime import date, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Min
from django.utils import timezone

from portal.jobs import terms
from portal.jobs.models import NightRun

log = logging.getLogger(__name__)


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
    """
    run = claim_night(job, on, about)
    if run is None:
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


def run_due_nights(job: str, at: time, work: Callable[[date, bool], dict[str, Any]]) -> list[date]:
    """Run every night ``job`` still owes, oldest first; a night that fails stops the later ones.

    ``work`` takes the date and whether it is the newest one: only that night reminds people, so that after missed
    nights one message catches up for many.
    """
    newest = terms.last_night(timezone.localtime(), at)
    return [
        on
        for on in nights_due(job, at)
        if run_night(job, on, lambda on=on: work(on, on >= newest)) is not None  # type: ignore[misc]
    ]
