from celery import shared_task
from django.conf import settings
from django.utils.dateparse import parse_time

from portal.jobs.actions import run_due_nights
from projects.obligations import actions

JOB = "obligations.remind_due_obligations"


@shared_task(name=JOB)
def remind_due_obligations() -> list[str]:
    """Run every night not done yet, oldest first."""
    at = parse_time(settings.OBLIGATION_REMINDERS_AT)
    assert at is not None  # noqa: S101 -- settings are wrong, not data
    return [on.isoformat() for on in run_due_nights(JOB, at, actions.remind_due_obligations)]
