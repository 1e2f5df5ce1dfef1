from celery import shared_task
from django.utils import timezone

from projects.interviews import actions


@shared_task(name="interviews.tend_interviews")
def tend_interviews() -> int:
    """End what nothing can come of, remind of what is tomorrow; what was told is not told again."""
    now = timezone.now()
    return actions.lapse_interviews(now) + actions.remind_interviews(now)
