"""The timetable at beat's start, and how the broker is reached, without one."""

import os
import ssl
import subprocess
import sys

import pytest
from celery import beat, signals

from portal.celery import app


class Noting(beat.Scheduler):
    """Notes what would be sent."""

    producer = None

    def apply_async(self, entry, **kwargs):
        self.sent = [*getattr(self, "sent", []), entry.name]


def test_the_nights_that_are_owed_are_run_at_the_start_and_once():
    service = beat.Service(app, scheduler_cls=Noting)

    signals.beat_init.send(sender=service)
    for _ in range(10):
        service.scheduler.tick()

    assert sorted(service.scheduler.sent) == ["catch-up-matching", "catch-up-reminders"]


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("rediss://:word@redis.example:6379/0", {"ssl_cert_reqs": ssl.CERT_REQUIRED}),
        ("redis://redis.example:6379/0", False),
        ("unix:///run/valkey.sock?db=0", False),
    ],
)
def test_the_certificate_of_the_broker_is_checked(url, checked):
    found = subprocess.run(
        [sys.executable, "-c", "from portal.celery import app; print(app.connection_for_write().ssl)"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "DEMO": "1", "REDIS_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == repr(checked)
