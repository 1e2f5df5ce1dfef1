"""Two people, two workers at the same moment: one effect, and the other reads where things stand now."""

import re
import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching import actions
from matching.actions import approve_run, compute_queued_runs, compute_run, queue_run, run_matching
from matching.models import Match, MatchRun
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.ui.admin import stamp
from projects.models import Call
from projects.placements.models import Placement, Reserve
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    ProjectFactory,
    StaffFactory,
    certified_scores,
    certified_wishes,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = 4


@pytest.fixture
def call():
    """Three people want the one place: one gets it, two stand on the reserve list."""
    call = CallFactory(sealed=True)
    project = ProjectFactory(call=call, places=1)
    people = [ApplicationFactory(call=call) for _ in range(3)]
    for person in people:
        certified_wishes(person, project, state="sealed")
    certified_scores(project.company, {(project, people[0]): 90}, state="sealed")
    return call


@pytest.fixture
def run(call):
    return compute_run(queue_run(call, on=timezone.localdate()))


@pytest.fixture
def office():
    """Three members of the agency, each in a browser of their own."""
    return [StaffFactory(office="agency").user for _ in range(3)]


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["staff_mfa"] = True
    session.save()
    return client


def at_once(*calls):
    """What each call returned, or raised; all begin at the same moment."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def work(number, call):
        start.wait()
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def press(user, verb, run, **typed):
    """A press of the button on a page that was opened before, to be made in a thread."""
    run.refresh_from_db()
    client = signed_in(user)
    address = reverse(f"admin:matching_matchrun_{verb}", args=[run.pk])
    return lambda: client.post(address, {"note": "검증서 확인", "_seen": stamp(run), **typed})


def says_how_it_stands(response, run):
    """Refused, with the state the run has come to by then."""
    return response.status_code == 409 and f">{run.get_state_display()}<" in re.sub(
        r"<svg.*?</svg>", "", response.text
    )


def said(verb):
    return Event.objects.filter(verb=verb, label="matching.MatchRun").count()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_approvers_at_once_make_one_approval(run, office, _round):
    first, second = at_once(press(office[0], "approve_run", run), press(office[1], "approve_run", run))

    assert sorted([first.status_code, second.status_code]) == [302, 409]
    run.refresh_from_db()
    assert says_how_it_stands(first if first.status_code == 409 else second, run)
    assert (run.state, said("approve_run")) == ("approved", 1)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_approval_and_discard_at_once_have_one_effect(run, office, _round):
    approving, discarding = at_once(
        press(office[0], "approve_run", run),
        press(office[1], "discard_run", run, reason="다시 계산"),
    )

    assert sorted([approving.status_code, discarding.status_code]) == [302, 409]
    run.refresh_from_db()
    assert run.state == ("approved" if approving.status_code == 302 else "discarded")
    refused = discarding if approving.status_code == 302 else approving
    assert says_how_it_stands(refused, run)
    assert said("approve_run") + said("discard_run") == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_publishing_twice_at_once_offers_every_place_once(run, office, _round):
    approve_run(run, note="확인", by=office[0])

    first, second = at_once(press(office[1], "publish_run", run), press(office[2], "publish_run", run))

    assert sorted([first.status_code, second.status_code]) == [302, 409]
    run.refresh_from_db()
    assert says_how_it_stands(first if first.status_code == 409 else second, run)
    assert (Placement.objects.count(), Reserve.objects.count(), said("publish_run")) == (1, 2, 1)
    assert Notice.objects.filter(kind__in=["placement_offered", "result_unmatched"]).count() == 3


def test_publication_and_discard_at_once_have_one_effect(run, office):
    approve_run(run, note="확인", by=office[0])

    publishing, discarding = at_once(
        press(office[1], "publish_run", run),
        press(office[2], "discard_run", run, reason="다시"),
    )

    assert sorted([publishing.status_code, discarding.status_code]) == [302, 409]
    run.refresh_from_db()
    assert run.state == ("published" if publishing.status_code == 302 else "discarded")
    assert Placement.objects.count() == (run.state == "published")


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_workers_make_one_run_of_a_night(call, _round):
    today = timezone.localdate()

    first, second, _ = at_once(
        lambda: run_matching(call, on=today), lambda: run_matching(call, on=today), compute_queued_runs
    )

    run = MatchRun.objects.get()
    assert {found.pk for found in (first, second) if found is not None} == {run.pk}
    assert (run.state, Match.objects.count(), said("compute_run")) == ("verified", 3, 1)


def test_call_is_free_while_its_match_is_computed(call, monkeypatch):
    run, computing, looked = queue_run(call, on=timezone.localdate()), threading.Event(), threading.Event()
    solve = actions.solve

    def slowly(market, rule):
        computing.set()
        assert looked.wait(20)
        return solve(market, rule=rule)

    def change_the_call():
        assert computing.wait(20)
        try:
            with transaction.atomic():
                return Call.objects.select_for_update(nowait=True).get(pk=call.pk)
        finally:
            looked.set()

    monkeypatch.setattr(actions, "solve", slowly)

    computed, changed = at_once(lambda: compute_run(run), change_the_call)

    assert (computed.state, changed) == ("verified", call)
