from celery import shared_task
from django.utils import timezone

from projects.placements import actions


@shared_task(name="placements.remind_unanswered_offers")
def remind_unanswered_offers() -> int:
    """Hours count here, so this runs all day; a stage that was told is not told again."""
    return actions.remind_unanswered(timezone.now())
