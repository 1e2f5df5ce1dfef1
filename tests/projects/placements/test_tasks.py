import datetime as dt

import time_machine

from portal.celery import app
from portal.notices.models import Notice
from projects.placements.tasks import remind_unanswered_offers
from tests.factories import PlacementFactory


def test_the_clock_reminds_of_offers_every_few_minutes(db):
    offer = PlacementFactory()
    [entry] = [one for one in app.conf.beat_schedule.values() if one["task"] == remind_unanswered_offers.name]

    with time_machine.travel(offer.answer_due_at - dt.timedelta(hours=3), tick=False):
        counts = [remind_unanswered_offers.run() for _twice in range(2)]

    assert entry["schedule"] <= 600
    assert counts == [1, 0]
    assert Notice.objects.get(kind="placement_answer_due").params["hours"] == 3
