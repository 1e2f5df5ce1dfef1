"""The Celery app and its timetable (Asia/Seoul).

The broker is a hint, PostgreSQL is the truth: every entry may run twice, late or beside itself.
"""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def daily(at: str) -> crontab:
    """``"02:00"`` as a daily schedule."""
    hour, minute = at.split(":")
    return crontab(hour=int(hour), minute=int(minute))


app.conf.beat_schedule = {
    # name                     what runs                                                        when
    "nightly-matching": {
        "task": "matching.run_nightly_matching",
        "schedule": daily(settings.NIGHTLY_MATCHING_AT),
    },
    "obligation-reminders": {
        "task": "obligations.remind_due_obligations",
        "schedule": daily(settings.OBLIGATION_REMINDERS_AT),
    },
    # Runs whatever night has not been run yet, oldest first: after a stop, a crash, a late start.
    "catch-up-matching": {"task": "matching.run_nightly_matching", "schedule": settings.NIGHT_TICK_SECONDS},
    "catch-up-reminders": {
        "task": "obligations.remind_due_obligations",
        "schedule": settings.NIGHT_TICK_SECONDS,
    },
    "offer-reminders": {"task": "placements.remind_unanswered_offers", "schedule": 300.0},
    "lost-wishes": {"task": "rankings.tell_of_lost_wishes", "schedule": 300.0},
    "queued-match-runs": {"task": "matching.compute_queued_runs", "schedule": 10.0},
    "deliver-notices": {"task": "notices.deliver_pending_notices", "schedule": 10.0},
}
