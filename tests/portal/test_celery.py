"""The timetable at beat's start, without a broker."""

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
