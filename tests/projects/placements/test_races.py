"""Two tabs, two people, two workers at the same moment: one effect, never too many people, nobody in a circle."""

import datetime as dt
import threading
import time

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from portal.audit import actions as audit
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.actions import set_company_cap, withdraw_project
from projects.applications.models import Application
from projects.models import Call, Participation, Project
from projects.placements import actions
from projects.placements.models import Placement, Reserve
from projects.placements.states import LIVE
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    PlacementFactory,
    ProjectFactory,
    StaffFactory,
    UserFactory,
)
from tests.published import fill_lines, publish_lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REASON = "사업장이 문을 닫았습니다."
EXPECTED = (IllegalMove, Refused)


def waiting_for_locks():
    """Sessions of this database that stand still behind a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def race(*calls, behind):
    """Run the calls at once, each in a thread and a session of its own; return what each gave or raised.

    They are let go together: the rows of ``behind`` are held until all of them stand at a lock.
    """
    results = [None] * len(calls)

    def run(number, call):
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    with transaction.atomic():
        list(behind.select_for_update())
        for thread in threads:
            thread.start()
        patience = time.monotonic() + 3
        while waiting_for_locks() < len(threads) and time.monotonic() < patience:
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    return results


def names(results):
    unexpected = [one for one in results if isinstance(one, Exception) and not isinstance(one, EXPECTED)]
    assert unexpected == []
    return sorted(type(one).__name__ for one in results)


def check_seats():
    """Never more people than places or cap, one live seat each, and the counters are true."""
    live = Placement.objects.filter(state__in=LIVE)
    for project in Project.objects.all():
        assert project.taken == project.placements.filter(seated=True).count() <= project.places
    for row in Participation.objects.all():
        seated = Placement.objects.filter(call=row.call_id, company=row.company_id, seated=True).count()
        assert row.taken == seated
        assert row.cap is None or seated <= row.cap
    people = list(live.values_list("call", "trainee"))
    assert len(people) == len(set(people))
    for application in Application.objects.all():
        seat = live.filter(application=application).exists()
        number = Reserve.objects.waiting().filter(application=application).exists()
        expected = "placed" if seat else "reserve" if number else "unmatched"
        assert application.state == expected, (application.state, seat, number)


def wait(project, *numbers, application=None):
    return [
        Reserve.objects.create(
            project=project,
            application=application or ApplicationFactory(call=project.call, state="reserve"),
            reserve_no=number,
        )
        for number in numbers
    ]


@pytest.fixture
def call():
    return CallFactory(state="announced")


@pytest.fixture
def project(call):
    return ProjectFactory(call=call, places=2)


@pytest.fixture
def offer(project):
    return PlacementFactory(project=project)


@pytest.fixture
def slow(monkeypatch):
    """Every action dawdles between its first write and its last, so that two of them overlap for certain."""

    def record(*args, **facts):
        time.sleep(0.3)
        return audit.record(*args, **facts)

    monkeypatch.setattr(actions, "record", record)


def call_reserves(call):
    publish_lines(call)
    return lambda: fill_lines(call, now=timezone.now())


def placements(offer):
    return Placement.objects.filter(pk=offer.pk)


def test_accepting_twice_has_one_effect(offer):
    by = offer.trainee.user

    results = race(*[lambda: actions.accept_placement(offer, by=by)] * 3, behind=placements(offer))

    assert names(results) == ["IllegalMove", "IllegalMove", "Placement"]
    assert Event.objects.filter(verb="accept_placement").count() == 1
    assert Notice.objects.filter(kind="placement_accepted").count() == 1
    check_seats()


def test_the_same_button_in_two_tabs_shows_the_same_page(offer):
    def press():
        client = Client(raise_request_exception=False)
        client.force_login(offer.trainee.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client.post(f"/placements/{offer.pk}/accept/").status_code

    statuses = race(press, press, behind=placements(offer))

    assert statuses == [302, 302]
    assert Event.objects.filter(verb="accept_placement").count() == 1


@pytest.mark.parametrize("verb", ["decline", "expire"])
def test_accepting_against_letting_go_leaves_one_truth(project, offer, slow, verb):
    other = ProjectFactory(call=project.call)
    wait(other, 1, application=offer.application)
    by = offer.trainee.user
    let_go = {
        "decline": lambda: actions.decline_placement(offer, reason="job", by=by),
        "expire": lambda: actions.expire_placement(offer),
    }[verb]

    results = race(lambda: actions.accept_placement(offer, by=by), let_go, behind=placements(offer))

    assert names(results) == ["IllegalMove", "Placement"]
    accepted = Placement.objects.get().state == "accepted"
    assert Reserve.objects.waiting().exists() != accepted
    check_seats()


def test_an_answer_at_the_last_second_against_the_night(offer):
    by = offer.trainee.user
    with time_machine.travel(offer.answer_due_at + dt.timedelta(seconds=1), tick=False):
        results = race(
            lambda: actions.accept_placement(offer, by=by),
            lambda: actions.expire_placement(offer),
            behind=placements(offer),
        )

    assert names(results)[1:] == ["Refused"] or names(results) == ["IllegalMove", "Placement"]
    assert Placement.objects.get().state == "expired"
    check_seats()


def test_declining_against_calling_the_next(project):
    """The freed seat is either seen by this worker or by the next one, and is given once."""
    offers = [PlacementFactory(project=project) for _ in range(2)]
    wait(project, 1, 2, 3)

    results = race(
        *[
            lambda one=one: actions.decline_placement(one, reason="job", by=one.trainee.user)
            for one in offers
        ],
        call_reserves(project.call),
        behind=Project.objects.filter(pk=project.pk),
    )
    fill_lines(project.call, now=timezone.now())

    assert names(results) == ["Placement", "Placement", "list"]
    assert list(Reserve.objects.waiting().values_list("reserve_no", flat=True)) == [3]
    check_seats()


def test_who_gives_a_seat_back_is_not_called_to_two_at_once(project):
    """The person declines and waits elsewhere while that other project calls."""
    offer = PlacementFactory(project=project)
    other = ProjectFactory(call=project.call, places=1)
    wait(other, 1, application=offer.application)
    wait(other, 2)

    results = race(
        lambda: actions.decline_placement(offer, reason="job", by=offer.trainee.user),
        call_reserves(project.call),
        behind=Project.objects.all(),
    )

    assert names(results) == ["Placement", "list"]
    check_seats()


def test_workers_call_each_number_once(project):
    wait(project, 1, 2, 3)

    results = race(*[call_reserves(project.call)] * 3, behind=Call.objects.all())

    assert sorted(len(result) for result in results) == [0, 0, 2]
    assert list(Reserve.objects.waiting().values_list("reserve_no", flat=True)) == [3]
    check_seats()


def test_two_projects_call_one_person_once_within_the_companys_cap(project):
    second = ProjectFactory(call=project.call, company=project.company, places=2)
    project.company.participations.update(cap=3)
    for number in (1, 2, 3):
        [line] = wait(project, number)
        wait(second, number, application=line.application)
    wait(second, 4, 5)

    results = race(*[call_reserves(project.call)] * 2, behind=Project.objects.all())

    assert sum(len(result) for result in results) == 3
    check_seats()


def test_the_last_seat_is_given_once(call):
    project = ProjectFactory(call=call, places=1)
    applications = [ApplicationFactory(call=call, state="unmatched") for _ in range(3)]
    by = UserFactory()

    def offer(application):
        return actions.offer_placements(
            call, [(application, project)], source="match", at=timezone.now(), by=by
        )

    results = race(
        *[lambda application=application: offer(application) for application in applications],
        behind=Project.objects.all(),
    )

    assert names(results) == ["Refused", "Refused", "list"]
    check_seats()


def test_one_person_is_offered_one_seat(call):
    projects = [ProjectFactory(call=call, places=1) for _ in range(3)]
    application = ApplicationFactory(call=call, state="unmatched")
    by = UserFactory()

    results = race(
        *[
            lambda one=one: actions.offer_placements(
                call, [(application, one)], source="match", at=timezone.now(), by=by
            )
            for one in projects
        ],
        behind=Project.objects.all(),
    )

    assert names(results) == ["Refused", "Refused", "list"]
    check_seats()


@pytest.mark.parametrize("verb", ["accept", "decline", "leave", "expire"])
def test_stopping_a_project_against_its_people(project, offer, slow, verb):
    other = ProjectFactory(call=project.call)
    wait(other, 1, application=offer.application)
    [line] = wait(project, 1)
    by, agency = offer.trainee.user, StaffFactory(office="agency").user
    act = {
        "accept": lambda: actions.accept_placement(offer, by=by),
        "decline": lambda: actions.decline_placement(offer, reason="job", by=by),
        "expire": lambda: actions.expire_placement(offer),
        "leave": lambda: actions.leave_reserves(line.application, by=line.application.trainee.user),
    }[verb]

    results = race(
        act,
        lambda: actions.terminate_project(project, reason=REASON, by=agency),
        behind=placements(offer) if verb != "leave" else Reserve.objects.all(),
    )

    names(results)
    assert isinstance(results[1], Project)
    assert not Placement.objects.filter(project=project, state__in=LIVE).exists()
    assert not Reserve.objects.waiting().filter(project=project).exists()
    check_seats()


def test_stopping_a_project_against_calling_its_reserves(project):
    wait(project, 1, 2, 3)
    agency = StaffFactory(office="agency").user

    results = race(
        call_reserves(project.call),
        lambda: actions.terminate_project(project, reason=REASON, by=agency),
        behind=Call.objects.all(),
    )

    names(results)
    assert not Placement.objects.filter(state__in=LIVE).exists()
    assert not Reserve.objects.waiting().exists()
    check_seats()


def test_two_tabs_of_staff_stop_a_project_once(project, offer):
    by = StaffFactory(office="agency").user

    def press():
        client = Client(raise_request_exception=False)
        client.force_login(by, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["staff_mfa"] = True
        session.save()
        url = f"/admin/projects/project/{project.pk}/terminate_project/"
        return client.post(url, {"reason": REASON}).status_code

    statuses = race(press, press, behind=Call.objects.all())

    assert sorted(statuses) == [302, 409]
    assert Notice.objects.filter(kind="placement_terminated").count() == 1
    check_seats()


def test_two_tabs_of_staff_cancel_a_call_once():
    call = CallFactory()
    application = ApplicationFactory(call=call)
    by = StaffFactory(office="agency").user

    results = race(*[lambda: actions.cancel_call(call, reason=REASON, by=by)] * 2, behind=Call.objects.all())

    assert names(results) == ["Call", "IllegalMove"]
    assert Notice.objects.filter(recipient=application.trainee.user).count() == 1


def test_withdrawing_against_an_offer(call):
    """Whoever is first: no seat on a withdrawn project, no withdrawal from under a seat."""
    call = CallFactory(state="matching")
    project = ProjectFactory(call=call, places=1)
    application = ApplicationFactory(call=call)
    by = UserFactory()

    results = race(
        lambda: withdraw_project(project, reason=REASON, by=by),
        lambda: actions.offer_placements(
            call, [(application, project)], source="match", at=timezone.now(), by=by
        ),
        behind=Project.objects.all(),
    )

    assert names(results) in (["Project", "Refused"], ["Refused", "list"])
    project.refresh_from_db()
    assert (project.state == "withdrawn") != Placement.objects.exists()


def test_lowering_a_cap_against_calling_reserves(project):
    wait(project, 1, 2)
    row = project.company.participations.get()
    by = StaffFactory(office="operator").user

    results = race(
        call_reserves(project.call),
        lambda: set_company_cap(row, cap=1, reason="예산", by=by),
        behind=Call.objects.all(),
    )

    assert names(results) in (["Participation", "list"], ["Refused", "list"])
    check_seats()


@pytest.mark.parametrize("against", ["leave", "decline", "call"])
def test_leaving_the_last_list_against_everything_else(project, slow, against):
    [line] = wait(project, 1)
    other = ProjectFactory(call=project.call)
    person, by = line.application, line.application.trainee.user
    if against != "call":
        wait(other, 1, application=person)
    if against == "decline":
        Application.objects.filter(pk=person.pk).update(state="placed")
        offer = PlacementFactory(project=ProjectFactory(call=project.call), application=person)
    act = {
        "leave": lambda: actions.leave_reserves(person, project=other, by=by),
        "decline": lambda: actions.decline_placement(offer, reason="job", by=by),
        "call": call_reserves(project.call),
    }[against]

    results = race(
        lambda: actions.leave_reserves(person, project=project if against == "leave" else None, by=by),
        act,
        behind=Reserve.objects.filter(application=person),
    )

    names(results)
    check_seats()


# --- moving ---------------------------------------------------------------------------------------------


@pytest.fixture
def moving(call, project):
    """Somebody with a place who is asked about a better one, and the night has yet to ask the next."""
    place = PlacementFactory(project=ProjectFactory(call=call, places=1), accepted=True)
    for number in (1, 2):
        wait(project, number, application=place.application if number == 1 else None)
    Project.objects.filter(pk=project.pk).update(places=1)
    [offer] = fill_lines(call, now=timezone.now() - dt.timedelta(days=4))
    Placement.objects.filter(pk=offer.pk).update(
        offered_at=timezone.now(), answer_due_at=timezone.now() + dt.timedelta(days=1)
    )
    offer.refresh_from_db()
    assert (offer.application, offer.moves_from) == (place.application, place)
    return offer


def theirs(offer):
    return Placement.objects.filter(application=offer.application_id)


def states_of(offer):
    return tuple(theirs(offer).order_by("pk").values_list("state", flat=True))


def test_moving_twice_has_one_effect(moving):
    by = moving.trainee.user

    results = race(*[lambda: actions.accept_placement(moving, by=by)] * 3, behind=theirs(moving))

    assert names(results) == ["IllegalMove", "IllegalMove", "Placement"]
    assert states_of(moving) == ("moved", "accepted")
    assert Event.objects.filter(verb="move_placement").count() == 1
    check_seats()


@pytest.mark.parametrize("other", ["withdraw", "decline", "expire", "terminate_old", "terminate_new", "fill"])
def test_moving_against_whatever_else_happens_leaves_one_truth(call, moving, slow, other):
    by, agency = moving.trainee.user, StaffFactory(office="agency").user
    old = moving.moves_from
    against = {
        "withdraw": lambda: actions.withdraw_placement(old, reason="job", by=by),
        "decline": lambda: actions.decline_placement(moving, reason="job", by=by),
        "expire": lambda: actions.expire_placement(moving),
        "terminate_old": lambda: actions.terminate_project(old.project, reason=REASON, by=agency),
        "terminate_new": lambda: actions.terminate_project(moving.project, reason=REASON, by=agency),
        "fill": call_reserves(call),
    }[other]

    results = race(lambda: actions.accept_placement(moving, by=by), against, behind=theirs(moving))

    assert "IllegalMove" in names(results) or other in ("fill", "terminate_old", "terminate_new")
    assert states_of(moving) in {
        "withdraw": [("moved", "accepted"), ("withdrawn", "declined")],
        "decline": [("moved", "accepted"), ("accepted", "declined")],
        "expire": [("moved", "accepted"), ("accepted", "expired")],
        "terminate_old": [("moved", "accepted"), ("terminated", "accepted")],
        "terminate_new": [("moved", "terminated"), ("accepted", "terminated")],
        "fill": [("moved", "accepted")],
    }[other]  # fmt: skip
    check_seats()


def test_two_nights_replace_an_offer_once(call, project):
    """Somebody is asked about one seat; now a better one is free, and two workers see it."""
    better = ProjectFactory(call=call, places=1)
    line = ApplicationFactory(call=call, state="reserve")
    wait(better, 1, application=line)
    wait(project, 1, application=line)
    kept = PlacementFactory(project=better)
    publish_lines(call)
    fill_lines(call, now=timezone.now())
    actions.decline_placement(kept, reason="job", by=kept.trainee.user)

    results = race(*[call_reserves(call)] * 2, behind=Call.objects.filter(pk=call.pk))

    assert sorted(len(made) for made in results) == [0, 1]
    own = dict(Placement.objects.filter(application=line).values_list("project", "state"))
    assert own == {project.pk: "superseded", better.pk: "offered"}
    check_seats()
