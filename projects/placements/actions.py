"""Offering seats, answering, and filling the ones that fall free."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record, record_all
from portal.workflow import Refused
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationState
from projects.models import Call, Project
from projects.placements import notices
from projects.placements.models import Placement, Reserve
from projects.placements.states import LIVE, PLACEMENT, PlacementRefusal, PlacementSource, PlacementState
from projects.states import CallState
from projects.terms import KOREAN_HOLIDAYS, answer_due, next_offer_moment


def _locked(placement: Placement) -> Placement:
    return (
        Placement.objects.select_for_update(of=("self",))
        .select_related("application", "project", "company", "trainee__user", "call__rule_set")
        .get(pk=placement.pk)
    )


def _new(
    application: Application, project: Project, *, source: PlacementSource, offered_at: datetime
) -> Placement:
    call = application.call
    rules = call.rule_set
    assert call.starts_on is not None  # noqa: S101 -- an open call has its dates, says call_dates_in_order
    assert call.ends_on is not None  # noqa: S101
    return Placement(
        application=application,
        trainee_id=application.trainee_id,
        project=project,
        company_id=project.company_id,
        call=call,
        source=source,
        offered_at=offered_at,
        answer_due_at=answer_due(
            timezone.localtime(offered_at), rules.answer_working_days, rules.answer_hour, KOREAN_HOLIDAYS
        ),
        starts_on=max(call.starts_on, timezone.localtime(offered_at).date()),
        ends_on=call.ends_on,
    )


@transaction.atomic
def offer_placements(
    call: Call,
    pairs: Sequence[tuple[Application, Project]],
    *,
    source: PlacementSource,
    at: datetime,
    by: User | None,
) -> list[Placement]:
    """Offer many seats at once; the database refuses the whole lot if one does not fit."""
    placements = Placement.objects.bulk_create(
        [_new(application, project, source=source, offered_at=at) for application, project in pairs],
        batch_size=1000,
    )
    moved = APPLICATION.move_all(
        Application.objects.filter(pk__in=[application.pk for application, _ in pairs]), "place_application"
    )
    record_all("place_application", Application, moved, to=ApplicationState.PLACED, by=by)
    record_all(
        "offer_placement",
        Placement,
        [(placement.pk, "") for placement in placements],
        to=PlacementState.OFFERED,
        by=by,
    )
    offered = Placement.objects.filter(pk__in=[placement.pk for placement in placements]).with_names()
    notices.placements_offered(offered)
    return list(offered)


@transaction.atomic
def number_reserves(call: Call, lines: Iterable[tuple[int, int, int]]) -> int:
    """Write reserve numbers: ``(project id, application id, number)``; returns how many."""
    rows = [
        Reserve(project_id=project, application_id=application, reserve_no=number)
        for project, application, number in lines
    ]
    Reserve.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def _check_time_to_answer(placement: Placement) -> None:
    if placement.state == PlacementState.OFFERED and timezone.now() > placement.answer_due_at:
        raise Refused(PlacementRefusal.TOO_LATE, deadline=placement.answer_due_at)


@transaction.atomic
def accept_placement(placement: Placement, *, by: User) -> Placement:
    """The trainee takes the seat; the threshold for 우수 is frozen, and the person leaves every reserve list."""
    placement = _locked(placement)
    _check_time_to_answer(placement)
    was = PLACEMENT.move(placement, "accept_placement")
    placement.answered_at = timezone.now()
    placement.threshold = placement.call.rule_set.excellence_threshold
    placement.save()
    Reserve.objects.waiting().filter(application_id=placement.application_id).update(left_at=timezone.now())
    record("accept_placement", placement, by=by, was=was, threshold=placement.threshold)
    notices.placement_accepted(placement)
    return placement


def _give_up(placement: Placement, verb: str, *, by: User | None, reason: str = "") -> Placement:
    """Free the seat; the person goes back to waiting if they stand on a reserve list."""
    was = PLACEMENT.move(placement, verb)
    placement.answered_at, placement.decline_reason = timezone.now(), reason
    placement.save()
    record(verb, placement, by=by, was=was, reason=reason)
    waits = Reserve.objects.waiting().filter(application_id=placement.application_id).exists()
    rows = Application.objects.filter(pk=placement.application_id)
    move, state = (
        ("hold_application", ApplicationState.RESERVE)
        if waits
        else ("leave_application_unmatched", ApplicationState.UNMATCHED)
    )
    record_all(move, Application, APPLICATION.move_all(rows, move), to=state, by=by)
    notices.placement_left(placement)
    return placement


@transaction.atomic
def decline_placement(placement: Placement, *, reason: str, by: User) -> Placement:
    """The trainee does not take the seat; the next on the reserve list is called the coming night."""
    placement = _locked(placement)
    _check_time_to_answer(placement)
    return _give_up(placement, "decline_placement", by=by, reason=reason)


@transaction.atomic
def withdraw_placement(placement: Placement, *, reason: str, by: User) -> Placement:
    """Having accepted, the trainee gives the seat back before the project starts."""
    placement = _locked(placement)
    if placement.state == PlacementState.ACCEPTED and timezone.localdate() >= placement.starts_on:
        raise Refused(PlacementRefusal.STARTED, starts=placement.starts_on)
    return _give_up(placement, "withdraw_placement", by=by, reason=reason)


@transaction.atomic
def expire_placement(placement: Placement, *, by: User | None = None) -> Placement:
    """Silence until the deadline frees the seat."""
    placement = _give_up(_locked(placement), "expire_placement", by=by)
    notices.placement_expired(placement)
    return placement


def expire_unanswered(now: datetime) -> int:
    """Expire every offer whose time is over; one small transaction each, so that one bad row stops nobody."""
    unanswered = list(Placement.objects.unanswered(now).order_by("pk"))
    for placement in unanswered:
        expire_placement(placement)
    return len(unanswered)


def remind_unanswered(now: datetime) -> int:
    """One message when less than a day is left to answer."""
    soon = list(
        Placement.objects.filter(
            state=PlacementState.OFFERED,
            answer_due_at__gt=now,
            answer_due_at__lte=now + timedelta(hours=24),
            offered_at__lte=now,
        ).with_names()
    )
    notices.answer_due_soon(soon, "-24h")
    return len(soon)


# --- filling what fell free ---------------------------------------------------------------------------


def backfill_until(call: Call) -> date | None:
    return call.starts_on + timedelta(days=call.rule_set.backfill_until_days) if call.starts_on else None


@transaction.atomic
def call_next_reserves(call: Call, *, now: datetime, by: User | None = None) -> list[Placement]:
    """Offer each free seat to the smallest waiting reserve number of its project (fill only: nobody moves).

    People who hold an offer or a seat are passed over and keep their number.
    """
    call = Call.objects.select_for_update(of=("self",)).select_related("rule_set").get(pk=call.pk)
    until = backfill_until(call)
    if (
        call.state not in (CallState.ANNOUNCED, CallState.RUNNING)
        or until is None
        or timezone.localtime(now).date() > until
    ):
        return []
    moment = next_offer_moment(
        now, call.rule_set.offer_hour, KOREAN_HOLIDAYS, timezone.get_current_timezone()
    )
    placed: list[Placement] = []
    vacant = Project.objects.filter(call=call, taken__lt=F("places"), state__in=["selected", "running"])
    for project in vacant.select_for_update(of=("self",)).order_by("pk"):
        placed += _fill(project, project.places - project.taken, moment, by)
    return placed


def _fill(project: Project, seats: int, moment: datetime, by: User | None) -> list[Placement]:
    holds = Placement.objects.filter(application=OuterRef("application"), state__in=LIVE)
    waiting = Reserve.objects.waiting().filter(project=project).exclude(Exists(holds)).order_by("reserve_no")
    called = list(
        waiting.select_related("application__call__rule_set").select_for_update(of=("self",))[:seats]
    )
    if not called:
        return []
    pairs = [(reserve.application, project) for reserve in called]
    try:
        with transaction.atomic():
            placed = offer_placements(project.call, pairs, source=PlacementSource.RESERVE, at=moment, by=by)
    except IntegrityError:  # the company's own cap is reached: its seats stay free, the others go on
        return []
    Reserve.objects.filter(pk__in=[reserve.pk for reserve in called]).update(called_at=timezone.now())
    return placed


# --- running and ending -------------------------------------------------------------------------------


@transaction.atomic
def start_placements(call: Call, today: date) -> int:
    """Accepted placements whose first day has come are running."""
    rows = Placement.objects.filter(call=call, starts_on__lte=today)
    moved = PLACEMENT.move_all(rows, "start_placement")
    record_all("start_placement", Placement, moved, to=PlacementState.RUNNING)
    return len(moved)


def _end(placement: Placement, verb: str, *, by: User, reason: str = "") -> Placement:
    placement = _locked(placement)
    if verb != "drop_out" and timezone.localdate() <= placement.ends_on:
        raise Refused(PlacementRefusal.NOT_ENDED, ends=placement.ends_on)
    was = PLACEMENT.move(placement, verb)
    placement.save()
    record(verb, placement, by=by, was=was, reason=reason)
    return placement


@transaction.atomic
def complete_placement(placement: Placement, *, by: User) -> Placement:
    """수료: the project has ended and the person stayed and attended."""
    return _end(placement, "complete_placement", by=by)


@transaction.atomic
def fail_placement(placement: Placement, *, reason: str, by: User) -> Placement:
    """미수료, with a reason."""
    return _end(placement, "fail_placement", by=by, reason=reason)


@transaction.atomic
def drop_out(placement: Placement, *, reason: str, by: User) -> Placement:
    """중도 포기 before the end; the seat is free."""
    return _end(placement, "drop_out", by=by, reason=reason)
