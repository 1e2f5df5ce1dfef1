import pytest
import time_machine
from django.utils import timezone

from matching.models import MatchRun
from matching.tasks import run_nightly_matching
from portal.notices.models import Notice
from tests.factories import ApplicationFactory, CallFactory, days

pytestmark = pytest.mark.django_db


def test_missed_nights_are_matched_each_and_reminded_of_once():
    due = timezone.localtime().replace(hour=18, minute=0) + days(8)
    applied = ApplicationFactory(call=CallFactory(rankings_due_at=due))
    with time_machine.travel(due - days(8), tick=False):
        run_nightly_matching()

    with time_machine.travel(due - days(3), tick=False):
        done = run_nightly_matching()

    # D-7 and D-3 went by; one message, and it names D-3
    assert len(done) == 5
    assert MatchRun.objects.filter(kind="provisional").count() == 6
    told = Notice.objects.filter(kind="ranking_due", recipient=applied.trainee.user)
    assert [notice.params["days_left"] for notice in told] == [3]
