from celery import shared_task

from projects.rankings import actions


@shared_task(name="rankings.tell_of_lost_wishes")
def tell_of_lost_wishes() -> int:
    """A project is withdrawn by a step that knows no lists, so the clock tells those who have it on theirs."""
    return actions.tell_of_lost_wishes()
