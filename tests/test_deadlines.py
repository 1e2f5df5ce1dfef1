"""A deadline is a moment: at it one is in time, one second later one is told when it was, as clocks in Korea showed it."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.ui.korean import kdate, kdatetime
from projects.applications.models import Application
from tests.deeds import DEEDS, Deed
from tests.factories import days
from tests.visiting import BACKEND, send, sign_in
from tests.world import World

SECOND = dt.timedelta(seconds=1)


def deed_of(name: str, which: int = 0) -> Deed:
    return [deed for deed in DEEDS if deed.page == name][which]


def sent_back(world: World) -> None:
    Application.objects.filter(pk=world.begun.pk).update(state="returned", submitted_at=timezone.now())


class Due(NamedTuple):
    deed: Deed
    at: Callable[[World], dt.datetime]
    arrange: Callable[[World], None] = lambda world: None


DUE = {
    "a new project": Due(deed_of("projects:project-add"), lambda w: w.fresh.projects_due_at),
    "handing a project in": Due(deed_of("projects:project-submit"), lambda w: w.call.projects_due_at),
    "writing an application": Due(
        deed_of("applications:application-edit"), lambda w: w.fresh.applications_due_at
    ),
    "applying": Due(deed_of("applications:application-check"), lambda w: w.fresh.applications_due_at),
    "completing an application": Due(
        deed_of("applications:application-edit"), lambda w: w.fresh.rankings_due_at, sent_back
    ),
    "handing it in again": Due(
        deed_of("applications:application-check"), lambda w: w.fresh.rankings_due_at, sent_back
    ),
    "taking an application back": Due(
        deed_of("applications:application-withdraw"), lambda w: w.fresh.rankings_due_at
    ),
    "adding a wish": Due(deed_of("rankings:wish-add"), lambda w: w.call.rankings_due_at),
    "removing a wish": Due(deed_of("rankings:wish-remove"), lambda w: w.call.rankings_due_at),
    "moving a wish": Due(deed_of("rankings:rank-list-edit"), lambda w: w.call.rankings_due_at),
    "certifying wishes": Due(deed_of("rankings:rank-list-certify"), lambda w: w.call.rankings_due_at),
    "interest": Due(deed_of("rankings:interest-mark"), lambda w: w.call.rankings_due_at),
    "no interest": Due(deed_of("rankings:interest-unmark"), lambda w: w.call.rankings_due_at),
    "scoring": Due(deed_of("rankings:candidate-score"), lambda w: w.call.rankings_due_at),
    "certifying scores": Due(deed_of("rankings:scores-certify"), lambda w: w.call.rankings_due_at),
    "accepting": Due(deed_of("placements:placement-accept"), lambda w: w.placement.answer_due_at),
    "declining": Due(deed_of("placements:placement-decline"), lambda w: w.placement.answer_due_at),
}
EVERY_DEADLINE = pytest.mark.parametrize("name", DUE)


@EVERY_DEADLINE
@pytest.mark.parametrize("early", [SECOND, dt.timedelta(0)], ids=["one second before", "at the deadline"])
def test_in_time(world, name, early):
    due = DUE[name]
    due.arrange(world)
    due.deed.arrange(world)
    url, body, at = due.deed.url(world), due.deed.body(world), due.at(world)

    with time_machine.travel(at - early, tick=False):
        answer = send(sign_in(world, due.deed.by), "POST", url, body)

    assert answer.status == 302
    assert answer.changed


@EVERY_DEADLINE
def test_one_second_late(world, name):
    due = DUE[name]
    due.arrange(world)
    due.deed.arrange(world)
    url, body, at = due.deed.url(world), due.deed.body(world), due.at(world)

    with time_machine.travel(at + SECOND, tick=False):
        answer = send(sign_in(world, due.deed.by), "POST", url, body)

    assert answer.status in (409, 422)
    assert answer.changed == set()
    assert kdatetime(at) in answer.response.text


def test_the_last_day_to_give_a_seat_back_ends_at_midnight_in_seoul(world):
    deed, starts_on = deed_of("placements:placement-withdraw"), world.accepted.starts_on
    midnight = timezone.make_aware(dt.datetime.combine(starts_on, dt.time()))
    client, url, body = sign_in(world, deed.by), deed.url(world), deed.body(world)

    with time_machine.travel(midnight, tick=False):
        late = send(client, "POST", url, body)
    with time_machine.travel(midnight - SECOND, tick=False):
        in_time = send(client, "POST", url, body)

    assert (late.status, late.changed) == (422, set())
    assert kdate(starts_on) in late.response.text
    assert in_time.status == 302


def test_evidence_is_taken_after_its_day_too(world):
    """A hire made late still has to be proved; that it was late stays on record."""
    deed, after = deed_of("obligations:evidence-submit"), days(1)
    midnight = timezone.make_aware(dt.datetime.combine(world.obligation.due_on + after, dt.time()))
    url, body = deed.url(world), deed.body(world)
    client = Client()

    with time_machine.travel(midnight, tick=False):
        client.force_login(world.people[deed.by], backend=BACKEND)  # twenty days later the session is over
        late = send(client, "POST", url, body)

    assert late.status == 302
