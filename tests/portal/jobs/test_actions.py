"""A night runs once, in order, and only the newest one is told that it is."""

import contextlib
import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from portal.jobs.actions import NightFailed, NightInHands, Steps, run_due_nights, run_night
from portal.jobs.models import NightRun
from portal.jobs.terms import last_night, nights_due

KST = timezone.get_default_timezone()
AT = dt.time(2)
DAY = dt.date(2026, 3, 10)


def moment(day, hour, minute=0):
    return dt.datetime.combine(day, dt.time(hour, minute), KST)


def night(number):
    return DAY + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (moment(DAY, 1, 59), night(-1)),
        (moment(DAY, 2), DAY),
        (moment(DAY, 23, 59), DAY),
        (moment(night(1), 0), DAY),
    ],
)
def test_a_date_is_due_from_the_hour_its_night_begins(now, last):
    assert last_night(now, AT) == last
    assert nights_due(now, AT, frozenset(), None)[-1] == last


@pytest.mark.parametrize(
    ("done", "since", "due"),
    [
        (set(), None, range(-6, 1)),
        (set(), -2, range(-2, 1)),
        (set(), 1, []),
        ({0}, -2, [-2, -1]),
        ({-2, -1, 0}, -2, []),
        ({-1}, -2, [-2, 0]),
        (set(), -400, range(-6, 1)),
    ],
)
def test_missed_nights_are_due_oldest_first_and_seven_at_most(done, since, due):
    known = frozenset(night(number) for number in done)

    assert nights_due(moment(DAY, 3), AT, known, None if since is None else night(since)) == [
        night(number) for number in due
    ]


@pytest.fixture
def ran(db):
    """The nights the work was done for, and whether each was called the newest."""
    return []


def work(ran):
    def work(on, newest):
        ran.append((on, newest))
        return {"on": on.isoformat()}

    return work


def test_only_the_newest_of_several_nights_is_told_so(ran):
    with time_machine.travel(moment(night(-3), 3), tick=False):
        run_due_nights("job", AT, work(ran))
    with time_machine.travel(moment(DAY, 3), tick=False):
        run_due_nights("job", AT, work(ran))
        assert run_due_nights("job", AT, work(ran)) == []

    assert ran == [(night(-3), True), (night(-2), False), (night(-1), False), (DAY, True)]


def test_a_night_made_up_for_after_a_later_one_is_not_the_newest(ran):
    NightRun.objects.create(job="job", on=night(-2), finished_at=timezone.now())
    NightRun.objects.create(job="job", on=DAY, finished_at=timezone.now())

    with time_machine.travel(moment(DAY, 3), tick=False):
        run_due_nights("job", AT, work(ran))

    assert ran == [(night(-1), False)]


def test_a_night_in_somebodys_hands_is_left_until_the_lease_ends(db):
    def slow():
        with pytest.raises(NightInHands):
            run_night("job", DAY, lambda: {"second": True})
        return {"first": True}

    assert run_night("job", DAY, slow) == {"first": True}
    assert run_night("job", DAY, lambda: {"again": True}) is None


@pytest.mark.parametrize(("minutes", "taken"), [(29, False), (31, True)])
def test_a_crashed_night_is_taken_over_when_its_lease_ends(minutes, taken, db):
    with time_machine.travel(moment(DAY, 2), tick=False):
        NightRun.objects.create(job="job", on=DAY, locked_until=timezone.now() + dt.timedelta(minutes=30))

    with time_machine.travel(moment(DAY, 2, minutes), tick=False):
        done = run_due_nights("job", AT, lambda on, newest: {"done": True})

    assert done == ([DAY] if taken else [])
    assert NightRun.objects.get().attempts == (2 if taken else 1)


def test_a_part_in_somebodys_hands_leaves_the_whole_night_undone(db):
    """The lease of a whole night ends before those of its parts, so it may be taken over between the two."""

    def whole(on, newest):
        return {"part": run_night("job", on, lambda: {"done": True}, about="part")}

    with time_machine.travel(moment(DAY, 2), tick=False):
        NightRun.objects.create(job="job", on=DAY, locked_until=timezone.now())
        NightRun.objects.create(job="job", on=DAY, about="part", locked_until=moment(DAY, 2, 20))

    with time_machine.travel(moment(DAY, 2, 1), tick=False):
        with pytest.raises(NightInHands):
            run_night("job", DAY, lambda: whole(DAY, True))
        assert NightRun.objects.get(about="").finished_at is None
    with time_machine.travel(moment(DAY, 2, 21), tick=False):
        assert run_due_nights("job", AT, whole) == [DAY]

    assert NightRun.objects.get(about="").outcome == {"part": {"done": True}}


def test_a_failed_night_is_written_down_and_can_be_run_again_at_once(db):
    with time_machine.travel(moment(DAY, 2), tick=False), pytest.raises(ZeroDivisionError):
        run_night("job", DAY, lambda: {"never": 1 // 0})
    run = NightRun.objects.get()
    assert (run.error, run.finished_at) == ("ZeroDivisionError: integer division or modulo by zero", None)

    with time_machine.travel(moment(DAY, 2, 1), tick=False):
        assert run_night("job", DAY, lambda: {"done": True}) == {"done": True}

    run.refresh_from_db()
    assert (run.attempts, run.error, run.outcome) == (2, "", {"done": True})


def test_a_night_of_which_rows_failed_is_owed_still_and_stops_no_later_one(ran):
    with time_machine.travel(moment(night(-2), 3), tick=False):
        run_due_nights("job", AT, work(ran))

    def stumble(on, newest):
        if on == night(-1):
            raise NightFailed("overdue 7")
        return work(ran)(on, newest)

    with time_machine.travel(moment(DAY, 3), tick=False):
        with pytest.raises(NightFailed, match=r"^2026-03-09: overdue 7$"):
            run_due_nights("job", AT, stumble)
        failed = NightRun.objects.get(on=night(-1))
        assert (failed.finished_at, failed.error) == (None, "NightFailed: overdue 7")
    with time_machine.travel(moment(DAY, 4), tick=False):
        assert run_due_nights("job", AT, work(ran)) == [night(-1)]

    assert ran == [(night(-2), True), (DAY, True), (night(-1), False)]


@pytest.mark.parametrize("part", ["", "match:1"])
def test_a_night_in_somebodys_hands_is_not_overtaken(part, ran):
    NightRun.objects.create(job="job", on=night(-3), finished_at=timezone.now())
    NightRun.objects.create(job="job", on=night(-2), about=part, locked_until=moment(DAY, 3, 20))

    def whole(on, newest):
        run_night("job", on, dict, about="match:1")
        return work(ran)(on, newest)

    with time_machine.travel(moment(DAY, 3), tick=False), contextlib.suppress(NightFailed):
        run_due_nights("job", AT, whole)
    assert ran == []
    with time_machine.travel(moment(DAY, 4), tick=False):
        assert run_due_nights("job", AT, whole) == [night(-2), night(-1), DAY]


# --- steps --------------------------------------------------------------------------------------------


def test_steps_add_up_what_each_row_says(ran):
    steps, rows = Steps(), [NightRun(pk=number) for number in (1, 2, 3)]

    steps.each("numbers", rows, lambda row: row.pk)
    steps.each("lists", rows, lambda row: [row] * row.pk)
    steps.each("rows", rows, lambda row: None)
    steps.once("whole", lambda: 5)
    steps.each("none", [], lambda row: 1 / 0)

    assert steps.finish() == {"numbers": 6, "lists": 6, "rows": 3, "whole": 5, "none": 0}


def test_a_step_that_fails_is_named_and_stops_nothing(ran, caplog):
    steps, rows = Steps(), [NightRun(pk=number) for number in (1, 2, 3)]

    steps.each("odd", rows, lambda row: 1 / (row.pk % 2))
    steps.once("whole", lambda: {}["gone"])

    assert steps.counts == {"odd": 2, "whole": 0}
    with pytest.raises(NightFailed, match=r"^odd jobs\.NightRun 2, whole$"):
        steps.finish()
    assert caplog.text.count("ZeroDivisionError") == 1
