from celery import shared_task
from django.conf import settings
from django.utils.dateparse import parse_time

from matching import actions
from portal.jobs.actions import run_due_nights


@shared_task(name=actions.JOB)
def run_nightly_matching() -> list[str]:
    """Run every night not done yet, oldest first."""
    at = parse_time(settings.NIGHTLY_MATCHING_AT)
    assert at is not None  # noqa: S101 -- settings are wrong, not data
    return [on.isoformat() for on in run_due_nights(actions.JOB, at, actions.run_nightly_matching)]


@shared_task(name="matching.compute_queued_runs")
def compute_queued_runs() -> int:
    """What staff asked for in the admin."""
    return actions.compute_queued_runs()
