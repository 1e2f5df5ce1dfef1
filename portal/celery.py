"""The Celery app and its timetable (Asia/Seoul).

The broker is a hint, PostgreSQL is the truth: every entry may run twice, late or beside itself.
"""

import os
from typing import Any

from celery import Celery
from celery.beat import Service
from celery.schedules import crontab
from celery.signals import beat_init
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
    # Runs whatever night has not been run yet, oldest first: after a stop, a crash, a late start; see run_owed_nights.
    "catch-up-matching": {"task": "matching.run_nightly_matching", "schedule": settings.NIGHT_TICK_SECONDS},
    "catch-up-reminders": {
        "task": "obligations.remind_due_obligations",
        "schedule": settings.NIGHT_TICK_SECONDS,
    },
    "offer-reminders": {"task": "placements.remind_unanswered_offers", "schedule": 300.0},
    "interviews": {"task": "interviews.tend_interviews", "schedule": 300.0},
    "lost-wishes": {"task": "rankings.tell_of_lost_wishes", "schedule": 300.0},
    "queued-match-runs": {"task": "matching.compute_queued_runs", "schedule": 10.0},
    "queued-scenarios": {"task": "scenarios.compute_queued_scenarios", "schedule": 10.0},
    "deliver-notices": {"task": "notices.deliver_pending_notices", "schedule": 10.0},
}


@beat_init.connect
def run_owed_nights(sender: Service, **kwargs: Any) -> None:
    """Beat counts an interval from its own start: without this, one that is started anew every hour never catches up.

    Made due rather than sent, so that beat sends it with the rest, and waits for the broker as it always does.
    """
    for name in ("catch-up-matching", "catch-up-reminders"):
        entry = sender.scheduler.schedule[name]
        entry.last_run_at -= entry.schedule.run_every
