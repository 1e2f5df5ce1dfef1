"""One seed, one demo; on any day of any year."""

import datetime as dt

import pytest
import time_machine

from matching.models import MatchRun
from portal.accounts.models import User
from portal.demo.figures import summary
from projects.obligations.actions import remind_due_obligations
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState

pytestmark = pytest.mark.django_db


def test_the_same_seed_gives_the_same_demo_and_another_another(seeded):
    told = []
    for number in (7, 7, 8):
        with seeded("published", number):
            names = list(User.objects.order_by("pk").values_list("name", flat=True))
            ranks = list(MatchRun.objects.order_by("pk").values_list("figures__rank_profile", flat=True))
            told.append(([*summary()], names, ranks))

    assert told[0] == told[1]
    assert told[0] != told[2]


#: A Saturday, leap day, the last day of a year, a holiday, a Sunday, the day projects end.
@pytest.mark.parametrize(
    "day", ["2027-01-09", "2028-02-29", "2026-12-31", "2027-02-08", "2027-03-07", "2026-11-30"]
)
def test_it_can_be_seeded_on_any_day(seeded, day):
    with time_machine.travel(f"{day}T05:00:00+00:00"), seeded("obligations"):
        assert set(HiringObligation.objects.values_list("state", flat=True)) == set(ObligationState.values)
        assert remind_due_obligations(dt.date.fromisoformat(day))["reminded"] >= 1
