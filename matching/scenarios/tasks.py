from celery import shared_task

from matching.scenarios import actions


@shared_task(name="scenarios.compute_queued_scenarios")
def compute_queued_scenarios() -> int:
    """Scenarios too large to be solved while somebody waits."""
    return actions.compute_queued_scenarios()
