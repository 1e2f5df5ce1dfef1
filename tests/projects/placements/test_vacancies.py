"""What happens to a seat that falls free: who is asked, what they keep, and what becomes of their own."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from matching.actions import fill_vacancies
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.actions import start_call
from projects.applications.models import Application
from projects.models import Participation, Project
from projects.placements import actions
from projects.placements.models import Placement, Reserve
from projects.placements.words import why_called
from tests.factories import RuleSetFactory
from tests.published import Published

KST = timezone.get_default_timezone()
#: A Tuesday at the offer hour; projects start on the Monday three weeks later.
TUESDAY = dt.datetime(2026, 4, 7, 10, tzinfo=KST)
START = dt.date(2026, 4, 27)


@pytest.fixture
def clock():
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def chain(db, clock):
    """a has one seat and so has b; Ahn sits at a, Bae at b, Cho nowhere. All want a, then b."""
    return Published(
        {"a": ("가", 1), "b": ("나", 1)},
        {"Ahn": "a b", "Bae": "a b", "Cho": "a b"},
        starts_on=START,
    )


def accept(world, name, **facts):
    return actions.accept_placement(world.of(name, **{"state": "offered", **facts}), by=world.by(name))


def decline(world, name, **facts):
    offer = world.of(name, **{"state": "offered", **facts})
    return actions.decline_placement(offer, reason="job", by=world.by(name))


def withdraw(world, name):
    return actions.withdraw_placement(world.of(name, state="accepted"), reason="job", by=world.by(name))


def numbers(world):
    lines = Reserve.objects.waiting().order_by("project__title", "reserve_no")
    return [
        (line.project.title, line.application.trainee.user.name, line.reserve_no)
        for line in lines.select_related("project", "application__trainee__user")
    ]


def the_seat_of_ahn_falls_free(world):
    """Everybody answered; Ahn leaves, and it is night."""
    accept(world, "Ahn")
    accept(world, "Bae")
    withdraw(world, "Ahn")
    return world.fill()


# --- who is asked ---------------------------------------------------------------------------------------


def test_numbers_are_held_by_whoever_would_rather_be_there_the_placed_too(chain):
    assert numbers(chain) == [("a", "Bae", 1), ("a", "Cho", 2), ("b", "Cho", 1)]


def test_if_nobody_moves_only_those_without_a_place_hold_numbers(db, clock):
    world = Published(
        {"a": ("가", 1), "b": ("나", 1)},
        {"Ahn": "a b", "Bae": "a b", "Cho": "a b"},
        starts_on=START,
        rule_set=RuleSetFactory(vacancy_mode="fill"),
    )

    before = numbers(world)
    called = the_seat_of_ahn_falls_free(world)

    assert before == [("a", "Cho", 1), ("b", "Cho", 1)]
    assert called == {("Cho", "a")}


def test_a_seat_that_falls_free_goes_along_the_chain(chain):
    first = the_seat_of_ahn_falls_free(chain)
    accept(chain, "Bae")
    second = chain.fill()
    accept(chain, "Cho")

    assert (first, second) == ({("Bae", "a")}, {("Cho", "b")})
    assert chain.states("Bae") == {"b": "moved", "a": "accepted"}
    assert chain.states("Cho") == {"b": "accepted"}
    assert list(Project.objects.order_by("title").values_list("taken", flat=True)) == [1, 1]


@pytest.mark.parametrize("times", [1, 2])
def test_the_night_asks_nobody_twice(chain, times):
    the_seat_of_ahn_falls_free(chain)

    assert [chain.fill() for _again in range(times)] == [set()] * times


def test_who_is_asked_to_move_keeps_the_place_until_the_answer(chain):
    the_seat_of_ahn_falls_free(chain)

    assert chain.states("Bae") == {"b": "accepted", "a": "offered"}
    offer = chain.of("Bae", state="offered")
    assert (offer.moves_from, offer.reserve_no, offer.source) == (
        chain.of("Bae", state="accepted"),
        1,
        "reserve",
    )
    assert list(Project.objects.order_by("title").values_list("taken", flat=True)) == [1, 1]


def test_declining_keeps_the_place_and_asks_the_next(chain):
    the_seat_of_ahn_falls_free(chain)
    decline(chain, "Bae")

    assert chain.states("Bae") == {"b": "accepted", "a": "declined"}
    assert Application.objects.get(pk=chain.people["Bae"].pk).state == "placed"
    assert chain.fill() == {("Cho", "a")}


def test_silence_keeps_the_place_and_says_so(chain, clock):
    the_seat_of_ahn_falls_free(chain)
    offer = chain.of("Bae", state="offered")
    clock.move_to(offer.answer_due_at + dt.timedelta(seconds=1))

    with pytest.raises(Refused):
        accept(chain, "Bae")
    actions.expire_placement(offer)

    assert chain.states("Bae") == {"b": "accepted", "a": "expired"}
    assert Notice.objects.get(kind="placement_expired").params["keeps"] == "b"
    assert chain.fill() == {("Cho", "a")}


def test_a_match_that_is_not_answered_yet_is_kept_beside_the_better_offer(chain):
    """The first offer has its own deadline; taking the better one answers it."""
    decline(chain, "Ahn")
    chain.fill()

    assert chain.states("Bae") == {"b": "offered", "a": "offered"}
    accept(chain, "Bae", source="reserve")
    assert chain.states("Bae") == {"b": "superseded", "a": "accepted"}
    assert chain.fill() == {("Cho", "b")}


def test_a_first_offer_that_runs_out_leaves_the_better_one_standing(chain):
    decline(chain, "Ahn")
    chain.fill()
    decline(chain, "Bae", source="match")

    offer = chain.of("Bae", state="offered")
    assert (offer.moves_from, Application.objects.get(pk=chain.people["Bae"].pk).state) == (None, "placed")
    assert chain.fill() == {("Cho", "b")}
    decline(chain, "Bae")
    assert Application.objects.get(pk=chain.people["Bae"].pk).state == "unmatched"


def test_a_better_offer_takes_the_place_of_one_that_is_not_answered(db, clock):
    """Dan waits for both; b falls free, then a: nobody is asked about two seats."""
    world = Published(
        {"a": ("가", 1), "b": ("나", 1)}, {"Ahn": "a", "Bae": "b", "Cho": "b", "Dan": "a b"}, starts_on=START
    )
    decline(world, "Bae")
    assert world.fill() == {("Cho", "b")}
    decline(world, "Cho")
    assert world.fill() == {("Dan", "b")}
    clock.shift(dt.timedelta(hours=1))
    decline(world, "Ahn")

    assert world.fill() == {("Dan", "a")}

    assert world.states("Dan") == {"b": "superseded", "a": "offered"}
    told = Notice.objects.get(kind="placement_superseded")
    assert (told.recipient, told.params["project"]) == (world.by("Dan"), "b")
    assert numbers(world) == [("b", "Dan", 2)]  # they said no to nothing: the number is theirs
    decline(world, "Dan")
    assert world.fill() == {("Dan", "b")}


def test_once_projects_start_nobody_moves(chain, clock):
    accept(chain, "Ahn")
    accept(chain, "Bae")
    clock.move_to(dt.datetime.combine(START, dt.time(2), tzinfo=KST))
    start_call(chain.call)
    actions.start_placements(chain.call, START)
    actions.drop_out(chain.of("Ahn"), reason="취업", by=chain.by("Ahn"))

    assert numbers(chain) == [("a", "Cho", 2), ("b", "Cho", 1)]
    assert chain.fill() == {("Cho", "a")}


@pytest.mark.parametrize(
    ("night", "called", "due"),
    [
        (dt.datetime(2026, 4, 23, 2, tzinfo=KST), {("Bae", "a")}, dt.datetime(2026, 4, 26, 10, tzinfo=KST)),
        (dt.datetime(2026, 4, 24, 2, tzinfo=KST), {("Bae", "a")}, dt.datetime(2026, 4, 27, tzinfo=KST)),
        (dt.datetime(2026, 4, 25, 2, tzinfo=KST), {("Cho", "a")}, dt.datetime(2026, 4, 30, 10, tzinfo=KST)),
    ],
)
def test_an_offer_to_move_is_answered_before_the_start(chain, clock, night, called, due):
    accept(chain, "Ahn")
    accept(chain, "Bae")
    clock.move_to(night)
    withdraw(chain, "Ahn")

    assert chain.fill() == called
    assert Placement.objects.get(state="offered").answer_due_at == due


def test_the_hours_to_answer_come_from_the_rule_set(db, clock):
    world = Published(
        {"a": ("가", 1)},
        {"Ahn": "a", "Bae": "a"},
        starts_on=START,
        rule_set=RuleSetFactory(vacancy_answer_hours=48, answer_reminder_hours=[40]),
    )
    decline(world, "Ahn")
    clock.move_to(TUESDAY + dt.timedelta(hours=16))
    world.fill()

    offer = world.of("Bae")
    assert (offer.offered_at, offer.answer_due_at) == (
        dt.datetime(2026, 4, 8, 10, tzinfo=KST),
        dt.datetime(2026, 4, 10, 10, tzinfo=KST),
    )
    clock.move_to(offer.answer_due_at - dt.timedelta(hours=39))
    assert actions.remind_unanswered(timezone.now()) == 1


def test_no_answer_is_due_beyond_the_time_to_fill(db, clock):
    world = Published(
        {"a": ("가", 1)},
        {"Ahn": "a", "Bae": "a"},
        starts_on=START,
        rule_set=RuleSetFactory(backfill_until_days=0),
    )
    clock.move_to(dt.datetime(2026, 4, 24, 2, tzinfo=KST))
    Placement.objects.update(answer_due_at=timezone.now() + dt.timedelta(hours=1))
    decline(world, "Ahn")
    clock.move_to(dt.datetime(2026, 4, 27, 2, tzinfo=KST))
    world.fill()

    assert world.of("Bae").answer_due_at == dt.datetime(2026, 4, 28, tzinfo=KST)


def test_who_shares_nothing_is_passed_over_and_keeps_the_number(chain):
    chain.by("Bae").consents.update(withdrawn_at=timezone.now())

    called = the_seat_of_ahn_falls_free(chain)

    assert called == {("Cho", "a")}
    assert ("a", "Bae", 1) in numbers(chain)


def test_accepting_lets_go_only_of_what_one_would_not_rather_have(db, clock):
    world = Published(
        {"a": ("가", 1), "b": ("나", 1), "c": ("다", 1)},
        {"Ahn": "a", "Bae": "b", "Cho": "c", "Dan": "a b c"},
        starts_on=START,
    )
    decline(world, "Bae")
    world.fill()

    accept(world, "Dan")

    assert numbers(world) == [("a", "Dan", 1)]
    ended = Reserve.objects.get(left_because="accepted")
    assert ended.project.title == "c"


def test_who_withdraws_leaves_everything(chain):
    the_seat_of_ahn_falls_free(chain)

    withdraw(chain, "Bae")

    assert chain.states("Bae") == {"b": "withdrawn", "a": "declined"}
    assert Application.objects.get(pk=chain.people["Bae"].pk).state == "unmatched"
    assert not Reserve.objects.waiting().filter(application=chain.people["Bae"]).exists()
    assert chain.fill() == {("Cho", "a")}


def test_nobody_is_asked_about_what_they_declined_or_left(chain):
    accept(chain, "Ahn")
    accept(chain, "Bae")
    actions.leave_reserves(chain.people["Bae"], project=chain.projects["a"], by=chain.by("Bae"))
    withdraw(chain, "Ahn")

    assert chain.fill() == {("Cho", "a")}
    assert chain.states("Bae") == {"b": "accepted"}
    assert Application.objects.get(pk=chain.people["Bae"].pk).state == "placed"


# --- inside one company ---------------------------------------------------------------------------------


@pytest.fixture
def inside(db, clock):
    """One company with two projects and room for two; Ahn sits at a, Bae at b, Cho waits for both."""
    return Published(
        {"a": ("가", 1), "b": ("가", 1)},
        {"Ahn": "a b", "Bae": "a b", "Cho": "a b"},
        caps={"가": 2},
        starts_on=START,
    )


def test_moving_inside_a_company_needs_no_second_seat_of_it(inside):
    the_seat_of_ahn_falls_free(inside)

    cap = Participation.objects.get(company=inside.companies["가"])
    assert (inside.of("Bae", state="offered").inside, cap.taken) == (True, 1)
    accept(inside, "Bae")
    cap.refresh_from_db()
    assert (inside.of("Bae", state="accepted").inside, cap.taken) == (False, 1)
    assert inside.fill() == {("Cho", "b")}


@pytest.mark.parametrize("end", ["decline", "expire", "supersede"])
def test_an_offer_inside_a_company_that_comes_to_nothing_changes_no_count(inside, end):
    the_seat_of_ahn_falls_free(inside)
    offer = inside.of("Bae", state="offered")
    if end == "decline":
        decline(inside, "Bae")
    else:
        Placement.objects.filter(pk=offer.pk).update(state={"expire": "expired"}.get(end, "superseded"))

    assert Participation.objects.get(company=inside.companies["가"]).taken == 1


def test_a_place_that_ends_while_its_owner_is_asked_inside_leaves_one_seat_of_the_company(inside):
    decline(inside, "Ahn")
    inside.fill()
    decline(inside, "Bae", source="match")

    offer = inside.of("Bae", state="offered")
    assert (offer.moves_from, offer.inside) == (None, False)
    assert Participation.objects.get(company=inside.companies["가"]).taken == 1


# --- who is told ----------------------------------------------------------------------------------------


def test_the_company_that_is_left_hears_of_it_and_of_nothing_that_was_ranked(chain):
    the_seat_of_ahn_falls_free(chain)
    Notice.objects.all().delete()
    accept(chain, "Bae")

    told = {(one.kind, one.recipient) for one in Notice.objects.all()}
    owners = {name: company.members.get().user for name, company in chain.companies.items()}
    assert told == {
        ("placement_accepted", chain.by("Bae")),
        ("placement_joined", owners["가"]),
        ("placement_moved", owners["나"]),
    }
    assert set(Notice.objects.get(kind="placement_moved").params) == {"project", "name", "filling"}
    assert Notice.objects.get(kind="placement_accepted").params["left"] == "b"


def test_the_offer_says_what_is_kept_and_why_it_is_their_turn(chain):
    the_seat_of_ahn_falls_free(chain)

    told = Notice.objects.filter(kind="placement_offered", recipient=chain.by("Bae")).latest("pk")
    assert told.params["keeps"] == "b"
    assert "예비 1번: 가장 앞선 순번입니다." in told.in_words().text


def test_each_move_is_written_down(chain):
    the_seat_of_ahn_falls_free(chain)
    accept(chain, "Bae")

    moved = Event.objects.get(verb="move_placement")
    assert (moved.data["was"], moved.data["now"], moved.by) == ("accepted", "moved", chain.by("Bae"))


# --- why it was somebody's turn -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passed", "line"),
    [
        ({}, "예비 3번: 가장 앞선 순번입니다."),
        ({"seated": 2}, "예비 3번: 앞선 2명이 다른 자리를 수락해 차례가 왔습니다."),
        ({"declined": 1}, "예비 3번: 앞선 1명이 거절하거나 답하지 않아 차례가 왔습니다."),
        (
            {"left": 1, "seated": 1},
            "예비 3번: 앞선 2명(다른 자리를 수락 1명, 예비에서 빠짐 1명)에 이어 차례가 왔습니다.",
        ),
    ],
)
def test_a_call_has_one_line_that_says_why(passed, line):
    assert why_called(3, passed) == line


def test_who_was_not_called_has_no_such_line():
    assert why_called(None, {}) == ""


def test_the_reason_counts_what_became_of_the_smaller_numbers(db, clock):
    """Of five before: one has another place, one said no, one left, one shares nothing, one is asked elsewhere."""
    world = Published(
        {"a": ("가", 1), "b": ("나", 1), "c": ("다", 1)},
        {
            "Top": "a",
            "Best": "c",
            "Seated": "b a",
            "Said": "a",
            "Left": "a",
            "Shy": "a",
            "Asked": "c a",
            "Last": "a",
        },
        starts_on=START,
    )
    assert world.states("Seated") == {"b": "offered"}
    world.by("Shy").consents.update(withdrawn_at=timezone.now())
    actions.leave_reserves(world.people["Left"], project=world.projects["a"], by=world.by("Left"))
    decline(world, "Top")
    assert world.fill() == {("Said", "a")}
    decline(world, "Said")
    decline(world, "Best")

    assert world.fill() == {("Asked", "c"), ("Last", "a")}

    assert world.of("Asked").passed == {}
    assert world.of("Last").passed == {"declined": 1, "left": 1, "paused": 1, "elsewhere": 1}


# --- what the database refuses --------------------------------------------------------------------------


def test_nobody_is_asked_about_two_free_seats(chain):
    the_seat_of_ahn_falls_free(chain)
    offer = chain.of("Bae", state="offered")

    with pytest.raises(IntegrityError, match="placement_one_vacancy_offer"), transaction.atomic():
        Placement.objects.bulk_create([copy_of(offer)])


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"state": "accepted", "threshold": 80}, "placement_one_live_per_call"),
        (
            {"state": "declined", "decline_reason": "job", "moves_from": None, "inside": True},
            "placement_inside",
        ),
        ({"source": "match", "state": "expired"}, "placement_moves_only_to_a_vacancy"),
    ],
)
def test_the_database_refuses(chain, facts, constraint):
    the_seat_of_ahn_falls_free(chain)
    offer = chain.of("Bae", state="offered")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Placement.objects.bulk_create([copy_of(offer, **facts)])


def copy_of(offer, **facts):
    kept = {
        field.attname: getattr(offer, field.attname)
        for field in Placement._meta.concrete_fields
        if not field.primary_key and not field.generated
    }
    foreign = {"moves_from": "moves_from_id"}
    return Placement(**{**kept, **{foreign.get(name, name): value for name, value in facts.items()}})


# --- two at once, in turn -------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["accept", "withdraw"])
def test_moving_and_withdrawing_are_one_or_the_other(chain, first):
    the_seat_of_ahn_falls_free(chain)
    offer, place = chain.of("Bae", state="offered"), chain.of("Bae", state="accepted")
    by = chain.by("Bae")

    if first == "accept":
        actions.accept_placement(offer, by=by)
        with pytest.raises(IllegalMove):
            actions.withdraw_placement(place, reason="job", by=by)
    else:
        actions.withdraw_placement(place, reason="job", by=by)
        with pytest.raises(IllegalMove):
            actions.accept_placement(offer, by=by)

    assert Placement.objects.filter(application=chain.people["Bae"], seated=True).count() == (
        first == "accept"
    )


def test_a_project_that_ends_leaves_its_people_what_they_are_asked_about(chain, agency):
    the_seat_of_ahn_falls_free(chain)

    actions.terminate_project(chain.projects["b"], reason="폐업", by=agency)

    offer = chain.of("Bae", state="offered")
    assert (offer.project.title, offer.moves_from, offer.inside) == ("a", None, False)
    assert Application.objects.get(pk=chain.people["Bae"].pk).state == "placed"


def test_a_project_that_ends_takes_its_offers_and_leaves_people_their_place(chain, agency):
    the_seat_of_ahn_falls_free(chain)

    actions.terminate_project(chain.projects["a"], reason="폐업", by=agency)

    assert chain.states("Bae") == {"b": "accepted", "a": "terminated"}
    assert Application.objects.get(pk=chain.people["Bae"].pk).state == "placed"
    assert Notice.objects.get(kind="placement_terminated", recipient=chain.by("Bae")).params["keeps"] == "b"
    assert chain.fill() == set()


# --- many at once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seats", [1, 6])
def test_more_seats_cost_no_more_queries(db, clock, seats, django_assert_num_queries):
    """However many seats fall free in a night, asked of people who have a place."""
    projects = {f"p{number}": (f"회사{number}", 1) for number in range(2 * seats)}
    people = {f"top{number}": f"p{number}" for number in range(seats)}
    people |= {f"low{number}": f"p{number} p{number + seats}" for number in range(seats)}
    world = Published(projects, people, starts_on=START)
    for number in range(seats):
        decline(world, f"top{number}")

    with django_assert_num_queries(35):
        made = fill_vacancies(world.call, now=timezone.now())

    assert {one.moves_from_id is not None for one in made} == {True}
    assert len(made) == seats
