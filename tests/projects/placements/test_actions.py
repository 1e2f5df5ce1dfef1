import datetime as dt

import pytest
import time_machine
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.applications.models import Application
from projects.models import Project, RuleSet
from projects.placements import actions
from projects.placements.models import Placement, Reserve
from projects.placements.states import LIVE, PLACEMENT, SEATED, PlacementRefusal, PlacementState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    PlacementFactory,
    ProjectFactory,
    RuleSetFactory,
    days,
)
from tests.published import fill_lines

MOVES = {
    "accept_placement": lambda placement, by: actions.accept_placement(placement, by=by),
    "decline_placement": lambda placement, by: actions.decline_placement(placement, reason="job", by=by),
    "expire_placement": lambda placement, by: actions.expire_placement(placement, by=by),
    "withdraw_placement": lambda placement, by: actions.withdraw_placement(placement, reason="job", by=by),
    "complete_placement": lambda placement, by: actions.complete_placement(placement, by=by),
    "fail_placement": lambda placement, by: actions.fail_placement(placement, reason="출석 부족", by=by),
    "drop_out": lambda placement, by: actions.drop_out(placement, reason="개인 사정", by=by),
}
KST = timezone.get_default_timezone()


def at_state(state, **more):
    threshold = None if state in ("offered", "declined", "expired", "superseded") else 80
    facts = {"state": state, "threshold": threshold, "decline_reason": "job" if state == "declined" else ""}
    facts["ended_at"] = timezone.now() if state == "terminated" else None
    return PlacementFactory(**{**facts, **more})


def ended(state):
    """A placement whose last day is past, so that only the state decides."""
    today = timezone.localdate()
    return at_state(state, starts_on=today - days(90), ends_on=today - days(1))


def wait_for(project, *numbers):
    """People on a project's reserve list."""
    return [
        Reserve.objects.create(
            project=project,
            application=ApplicationFactory(call=project.call, state="reserve"),
            reserve_no=number,
        )
        for number in numbers
    ]


@pytest.mark.parametrize("state", PlacementState.values)
@pytest.mark.parametrize("verb", MOVES)
def test_each_move_is_legal_from_its_sources_only(db, verb, state):
    placement = at_state(state) if verb == "withdraw_placement" else ended(state)
    by = placement.trainee.user

    if state in PLACEMENT.moves[verb].sources:
        moved = MOVES[verb](placement, by)
        assert moved.state == Placement.objects.get().state == PLACEMENT.moves[verb].target
        event = Event.objects.about(placement).get()
        assert (event.verb, event.by, event.data["was"], event.data["now"]) == (verb, by, state, moved.state)
    else:
        with pytest.raises(IllegalMove):
            MOVES[verb](placement, by)
        assert Placement.objects.get().state == state


@pytest.mark.parametrize("verb", ["accept_placement", "decline_placement"])
@pytest.mark.parametrize(("late", "refused"), [(0, False), (1, True)])
def test_answers_are_refused_one_second_late(db, verb, late, refused):
    offer = PlacementFactory()

    with time_machine.travel(offer.answer_due_at + dt.timedelta(seconds=late), tick=False):
        if not refused:
            assert MOVES[verb](offer, offer.trainee.user).state == PLACEMENT.moves[verb].target
            return
        with pytest.raises(Refused) as why:
            MOVES[verb](offer, offer.trainee.user)

    assert (why.value.code, why.value.facts["deadline"]) == (PlacementRefusal.TOO_LATE, offer.answer_due_at)
    assert Placement.objects.get().state == "offered"


def test_accepting_freezes_the_threshold_of_the_calls_rule_set(db):
    project = ProjectFactory(
        call=CallFactory(rule_set=RuleSetFactory(excellence_threshold=85), state="announced")
    )
    offer = PlacementFactory(project=project)

    accepted = actions.accept_placement(offer, by=offer.trainee.user)
    RuleSet.objects.filter(pk=project.call.rule_set_id).update(excellence_threshold=10)

    assert Placement.objects.get().threshold == accepted.threshold == 85
    with pytest.raises(Error, match="threshold_frozen"), transaction.atomic():
        Placement.objects.update(threshold=10)


def test_accepting_leaves_every_reserve_list(db):
    offer = PlacementFactory()
    other = ProjectFactory(call=offer.call)
    Reserve.objects.create(project=other, application=offer.application, reserve_no=1)

    actions.accept_placement(offer, by=offer.trainee.user)

    assert not Reserve.objects.waiting().exists()


def test_accepting_tells_the_trainee_and_the_company(db):
    offer = PlacementFactory()
    owner = offer.company.members.get().user

    actions.accept_placement(offer, by=offer.trainee.user)

    told = {(notice.kind, notice.recipient) for notice in Notice.objects.all()}
    assert told == {("placement_accepted", offer.trainee.user), ("placement_joined", owner)}


@pytest.mark.parametrize(("waits", "state"), [(True, "reserve"), (False, "unmatched")])
def test_who_gives_up_a_seat_goes_back_to_waiting_or_is_unmatched(db, waits, state):
    offer = PlacementFactory()
    if waits:
        Reserve.objects.create(
            project=ProjectFactory(call=offer.call), application=offer.application, reserve_no=4
        )

    actions.decline_placement(offer, reason="job", by=offer.trainee.user)

    assert Application.objects.get(pk=offer.application_id).state == state


@pytest.mark.parametrize(("on", "refused"), [(-1, False), (0, True)])
def test_nobody_withdraws_from_the_first_day_on(db, on, refused):
    placement = PlacementFactory(accepted=True)
    noon = dt.datetime.combine(placement.starts_on + days(on), dt.time(23, 59, 59), tzinfo=KST)

    with time_machine.travel(noon, tick=False):
        if not refused:
            actions.withdraw_placement(placement, reason="job", by=placement.trainee.user)
            return
        with pytest.raises(Refused) as why:
            actions.withdraw_placement(placement, reason="job", by=placement.trainee.user)

    assert why.value.code == PlacementRefusal.STARTED


@pytest.mark.parametrize("verb", ["complete_placement", "fail_placement"])
@pytest.mark.parametrize(("after", "refused"), [(0, True), (1, False)])
def test_a_placement_ends_only_after_its_last_day(db, operator, verb, after, refused):
    placement = at_state("running", starts_on=dt.date(2026, 5, 4), ends_on=dt.date(2026, 11, 30))

    with time_machine.travel(dt.datetime(2026, 11, 30, 12, tzinfo=KST) + days(after), tick=False):
        if not refused:
            assert MOVES[verb](placement, operator).state == PLACEMENT.moves[verb].target
            return
        with pytest.raises(Refused) as why:
            MOVES[verb](placement, operator)

    assert (why.value.code, why.value.facts["ends"]) == (PlacementRefusal.NOT_ENDED, placement.ends_on)


def test_silence_expires_the_offer_and_frees_the_seat(db):
    offer = PlacementFactory(project__places=1)
    kept = PlacementFactory(accepted=True)

    with time_machine.travel(offer.answer_due_at, tick=False):
        early = list(Placement.objects.unanswered(timezone.now()))
    with time_machine.travel(offer.answer_due_at + dt.timedelta(seconds=1), tick=False):
        late = list(Placement.objects.unanswered(timezone.now()))
        actions.expire_placement(late[0])
        again = list(Placement.objects.unanswered(timezone.now()))

    assert (early, late, again) == ([], [offer], [])
    assert Placement.objects.get(pk=offer.pk).state == "expired"
    assert Placement.objects.get(pk=kept.pk).state == "accepted"
    assert Project.objects.get(pk=offer.project_id).taken == 0


def remind_at(offer, **left):
    """The clock's tick so long before the answer is due."""
    with time_machine.travel(offer.answer_due_at - dt.timedelta(**left), tick=False):
        return actions.remind_unanswered(timezone.now())


def stages_told():
    reminders = Notice.objects.filter(kind="placement_answer_due").order_by("pk")
    return [notice.params["hours"] for notice in reminders]


@pytest.mark.parametrize(
    ("ticks", "told"),
    [
        ([{"hours": 24, "seconds": 1}], []),
        ([{"hours": 24}], [24]),
        ([{"hours": 24}, {"hours": 20}, {"hours": 3, "seconds": 1}], [24]),
        ([{"hours": 24}, {"hours": 3}, {"minutes": 5}], [24, 3]),
        ([{"hours": 2}], [3]),  # the clock stood still: one message catches up
        ([{"seconds": 0}], [3]),
        ([{"seconds": -1}], []),
    ],
)
def test_each_stage_of_an_offer_is_told_once(db, ticks, told):
    offer = PlacementFactory()

    for left in ticks:
        remind_at(offer, **left)

    assert stages_told() == told


def test_reminding_twice_owes_nothing_new(db):
    offer = PlacementFactory()

    counts = [remind_at(offer, hours=5), remind_at(offer, hours=5)]

    assert counts == [1, 0]


def test_the_hours_come_from_the_calls_rule_set(db):
    call = CallFactory(state="announced", rule_set__answer_reminder_hours=[48])
    offer = PlacementFactory(project=ProjectFactory(call=call))

    remind_at(offer, hours=47)
    remind_at(offer, hours=2)

    assert stages_told() == [48]


@pytest.mark.parametrize("facts", [{"state": "accepted", "threshold": 80}, {"offered_at": "later"}])
def test_nobody_is_reminded_of_what_is_answered_or_not_offered_yet(db, facts):
    offer = PlacementFactory()
    if "offered_at" in facts:
        facts = {"offered_at": offer.answer_due_at - dt.timedelta(hours=1)}
    Placement.objects.update(**facts)

    remind_at(offer, hours=2)

    assert stages_told() == []


# --- filling ------------------------------------------------------------------------------------------


@pytest.fixture
def project(db):
    return ProjectFactory(call__state="announced", places=2)


def test_the_smallest_reserve_number_is_called_first(project):
    PlacementFactory(project=project, accepted=True)
    lines = wait_for(project, 3, 1, 2)

    placed = fill_lines(project.call, now=timezone.now())

    assert [(one.application_id, one.source) for one in placed] == [(lines[1].application_id, "reserve")]
    assert Application.objects.get(pk=lines[1].application_id).state == "placed"
    assert list(Reserve.objects.waiting().values_list("reserve_no", flat=True)) == [2, 3]


def test_calling_twice_calls_nobody_twice(project):
    wait_for(project, 1, 2, 3)

    first = fill_lines(project.call, now=timezone.now())
    second = fill_lines(project.call, now=timezone.now())

    assert (len(first), len(second)) == (2, 0)


def test_who_has_a_seat_is_passed_over_once_nobody_moves_and_keeps_the_number(project):
    RuleSet.objects.update(vacancy_mode="fill")
    first, second, third = wait_for(project, 1, 2, 3)
    elsewhere = ProjectFactory(call=project.call)
    PlacementFactory(project=elsewhere, application=first.application)

    placed = fill_lines(project.call, now=timezone.now())

    assert {one.application_id for one in placed} == {second.application_id, third.application_id}
    assert Reserve.objects.waiting().get() == first


def test_a_person_waiting_for_two_projects_gets_one_seat(project):
    other = ProjectFactory(call=project.call, places=1)
    [line] = wait_for(project, 1)
    Reserve.objects.create(project=other, application=line.application, reserve_no=1)

    placed = fill_lines(project.call, now=timezone.now())

    assert [one.application_id for one in placed] == [line.application_id]


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (dt.datetime(2026, 4, 14, 2, tzinfo=KST), dt.datetime(2026, 4, 14, 10, tzinfo=KST)),  # Tuesday night
        (dt.datetime(2026, 4, 18, 2, tzinfo=KST), dt.datetime(2026, 4, 20, 10, tzinfo=KST)),  # Saturday
        (dt.datetime(2026, 5, 5, 2, tzinfo=KST), dt.datetime(2026, 5, 6, 10, tzinfo=KST)),  # Children's Day
    ],
)
def test_an_offer_leaves_at_ten_on_a_working_day(db, now, offered):
    with time_machine.travel(now, tick=False):
        project = ProjectFactory(call__state="announced")
        wait_for(project, 1)
        [placed] = fill_lines(project.call, now=now)

    assert placed.offered_at == offered
    assert placed.answer_due_at == offered + dt.timedelta(hours=72)
    assert Notice.objects.get(kind="placement_offered").leaves_at == offered


@pytest.mark.parametrize(("after", "called"), [(0, 1), (1, 0)])
def test_nobody_is_called_after_the_time_to_fill(db, after, called):
    start = dt.date(2026, 5, 4)
    with time_machine.travel(dt.datetime(2026, 4, 20, 12, tzinfo=KST), tick=False):
        project = ProjectFactory(
            call=CallFactory(
                state="running",
                announce_on=dt.date(2026, 5, 1),
                starts_on=start,
                ends_on=dt.date(2026, 11, 30),
            )
        )
        wait_for(project, 1)
    until = actions.backfill_until(project.call)
    assert until == start + days(30)

    moment = dt.datetime.combine(until + days(after), dt.time(2), tzinfo=KST)
    with time_machine.travel(moment, tick=False):
        assert len(fill_lines(project.call, now=moment)) == called


@pytest.mark.parametrize(
    ("ends_on", "called"),
    [(dt.date(2026, 5, 12), 1), (dt.date(2026, 5, 11), 0)],  # an offer would be made on Monday the 11th
)
def test_nobody_is_offered_a_seat_that_ends_before_it_begins(db, ends_on, called):
    saturday = dt.datetime(2026, 5, 9, 2, tzinfo=KST)
    with time_machine.travel(saturday, tick=False):
        call = CallFactory(
            state="running", announce_on=dt.date(2026, 4, 1), starts_on=dt.date(2026, 4, 20), ends_on=ends_on
        )
        project = ProjectFactory(call=call, state="running")
        wait_for(project, 1)

        assert len(fill_lines(call, now=saturday)) == called


@pytest.mark.parametrize("state", ["open", "matching", "finished"])
def test_seats_are_filled_only_between_result_and_end(db, state):
    project = ProjectFactory(call__state=state)
    wait_for(project, 1)

    assert fill_lines(project.call, now=timezone.now()) == []


def test_the_companys_cap_keeps_its_seats_free_and_stops_nobody_else(project):
    project.company.participations.update(cap=1)
    PlacementFactory(project=project, accepted=True)
    wait_for(project, 1)
    other = ProjectFactory(call=project.call)
    [line] = wait_for(other, 1)

    placed = fill_lines(project.call, now=timezone.now())

    assert [one.application_id for one in placed] == [line.application_id]


def test_accepted_placements_run_from_their_first_day(project):
    today = timezone.localdate()
    due = PlacementFactory(project=project, accepted=True, starts_on=today)
    later = PlacementFactory(project=project, accepted=True, starts_on=today + days(1))

    counts = [actions.start_placements(project.call, today) for _twice in range(2)]

    due.refresh_from_db()
    later.refresh_from_db()
    assert (counts, due.state, later.state) == ([1, 0], "running", "accepted")


# --- what the database refuses --------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(LIVE))
def test_one_live_placement_per_person_and_call(db, state):
    first = at_state(state)

    with pytest.raises(IntegrityError, match="placement_one_live_per_call"), transaction.atomic():
        PlacementFactory(project=ProjectFactory(call=first.call), application=first.application)


def test_a_given_up_seat_does_not_stand_in_the_way_of_another(db):
    first = at_state("declined")

    PlacementFactory(project=ProjectFactory(call=first.call), application=first.application)

    assert Placement.objects.count() == 2


def test_never_more_people_than_places(db):
    project = ProjectFactory(call__state="announced", places=1)
    PlacementFactory(project=project)

    with pytest.raises(IntegrityError, match="project_taken_within_places"), transaction.atomic():
        PlacementFactory(project=project)


def test_never_more_people_than_the_companys_cap(db):
    project = ProjectFactory(call__state="announced", places=5)
    project.company.participations.update(cap=1)
    PlacementFactory(project=project)

    with pytest.raises(IntegrityError, match="participation_taken_within_cap"), transaction.atomic():
        PlacementFactory(project=project)


@pytest.mark.parametrize("state", PlacementState.values)
def test_seats_are_counted_by_the_database(db, state):
    placement = at_state(state)

    assert Project.objects.get(pk=placement.project_id).taken == (state in SEATED)


@pytest.mark.parametrize(
    ("constraint", "facts"),
    [
        ("placement_declined_has_reason", {"state": "declined"}),
        ("placement_threshold_frozen_when_accepted", {"state": "accepted"}),
        ("placement_ends_after_start", {"starts_on": dt.date(2026, 5, 2), "ends_on": dt.date(2026, 5, 1)}),
    ],
)
def test_the_database_refuses(db, constraint, facts):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PlacementFactory(**facts)


@pytest.mark.parametrize(
    ("constraint", "number", "same_person"),
    [
        ("reserve_number_once", 1, False),
        ("reserve_once_per_project", 2, True),
        ("reserve_number_positive", 0, False),
    ],
)
def test_the_database_refuses_a_muddled_reserve_list(project, constraint, number, same_person):
    [line] = wait_for(project, 1)
    application = line.application if same_person else ApplicationFactory(call=project.call)

    with pytest.raises(Error, match=constraint), transaction.atomic():
        Reserve.objects.create(project=project, application=application, reserve_no=number)


def test_a_placement_is_never_deleted(db):
    placement = PlacementFactory()

    with pytest.raises(Error), transaction.atomic():
        placement.delete()
