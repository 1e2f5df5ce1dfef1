"""Offering seats, answering, filling the ones that fall free, and ending early what people are on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record, record_all
from portal.companies.states import CompanyState
from portal.workflow import Refused
from projects.actions import lock_call
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationState
from projects.models import Call, Participation, Project
from projects.placements import notices
from projects.placements.models import TAKING, Placement, Reserve, takes_people
from projects.placements.states import (
    LIVE,
    PLACEMENT,
    PlacementRefusal,
    PlacementSource,
    PlacementState,
    ReserveEnd,
)
from projects.rankings.models import RankList
from projects.rankings.states import RANK_LIST, RankListState
from projects.states import CALL, FILLING, PROJECT, CallState, ProjectRefusal, ProjectState
from projects.terms import KOREAN_HOLIDAYS, answer_due, answer_stage, next_offer_moment

# Rows are locked in one order, so that nobody waits in a circle: call, placement, project, participation,
# reserve numbers (by key), application.


def _locked(placement: Placement) -> Placement:
    return (
        Placement.objects.select_for_update(of=("self",))
        .select_related("application", "project__company", "company", "trainee__user", "call__rule_set")
        .get(pk=placement.pk)
    )


def _lock_waiting(people: Iterable[int]) -> list[Reserve]:
    """Every number these people (application ids) wait with. Who holds them decides what becomes of the people."""
    waiting = Reserve.objects.waiting().filter(application__in=people)
    return list(waiting.select_for_update(of=("self",)).order_by("pk"))


def _leave(lines: Iterable[Reserve], because: ReserveEnd) -> None:
    rows = Reserve.objects.filter(pk__in=[line.pk for line in lines])
    rows.update(left_at=timezone.now(), left_because=because)


def _settle(people: Collection[int], *, by: User | None) -> None:
    """People (application ids) without a seat: with a number they wait, without one they are unmatched."""
    waiting = {line.application_id for line in _lock_waiting(people)}
    rows = Application.objects.filter(pk__in=people)
    held = APPLICATION.move_all(rows.filter(pk__in=waiting), "hold_application")
    left = APPLICATION.move_all(rows.exclude(pk__in=waiting), "leave_application_unmatched")
    record_all("hold_application", Application, held, to=ApplicationState.RESERVE, by=by)
    record_all("leave_application_unmatched", Application, left, to=ApplicationState.UNMATCHED, by=by)


def _new(
    application: Application,
    project: Project,
    *,
    source: PlacementSource,
    offered_at: datetime,
    exception: str = "",
    signed_by: int | None = None,
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
        exception=exception,
        exception_by_id=signed_by if exception else None,
    )


@transaction.atomic
def offer_placements(
    call: Call,
    pairs: Sequence[tuple[Application, Project]],
    *,
    source: PlacementSource,
    at: datetime,
    exceptions: Mapping[int, str] | None = None,
    signed_by: int | None = None,
    by: User | None,
) -> list[Placement]:
    """Offer many seats at once; the whole lot is refused if one project takes nobody or one seat does not fit.

    ``exceptions`` are the people (application ids) who are placed by decision, with the reason; ``signed_by`` is the
    account of who decided it.
    """
    wanted = Project.objects.filter(pk__in={project.pk for _, project in pairs}).select_related("company")
    for project in wanted.select_for_update(of=("self",), no_key=True).order_by("pk"):
        if not takes_people(project):
            raise Refused(PlacementRefusal.NOT_TAKING, project=project.title)
    placements = _seat(
        [
            _new(
                application,
                project,
                source=source,
                offered_at=at,
                exception=(exceptions or {}).get(application.pk, ""),
                signed_by=signed_by,
            )
            for application, project in pairs
        ]
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


#: What the database says when a seat is not there, or the person has one.
_NO_ROOM = ("project_taken_within_places", "participation_taken_within_cap", "placement_one_live_per_call")


def _seat(placements: list[Placement]) -> list[Placement]:
    try:
        with transaction.atomic():
            return Placement.objects.bulk_create(placements, batch_size=1000)
    except IntegrityError as error:
        if not any(name in str(error) for name in _NO_ROOM):
            raise
        raise Refused(PlacementRefusal.NO_ROOM) from error


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
    if placement.is_on_hold:
        raise Refused(PlacementRefusal.PROJECT_OVER)
    was = PLACEMENT.move(placement, "accept_placement")
    placement.answered_at = timezone.now()
    placement.threshold = placement.call.rule_set.excellence_threshold
    placement.save()
    _leave(_lock_waiting([placement.application_id]), ReserveEnd.ACCEPTED)
    record("accept_placement", placement, by=by, was=was, threshold=placement.threshold)
    notices.placement_accepted(placement)
    return placement


def _give_up(placement: Placement, verb: str, *, by: User | None, reason: str = "") -> Placement:
    """Free the seat; the person goes back to waiting if they stand on a reserve list."""
    was = PLACEMENT.move(placement, verb)
    placement.answered_at, placement.decline_reason = timezone.now(), reason
    placement.save()
    record(verb, placement, by=by, was=was, reason=reason)
    _settle([placement.application_id], by=by)
    _tell_of_free_seat(placement)
    return placement


def _tell_of_free_seat(placement: Placement) -> None:
    notices.placement_left(placement, filling=is_filling(placement.call, timezone.localdate()))


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
    """Silence until the deadline frees the seat; where accepting was not possible, silence is nobody's fault."""
    placement = _locked(placement)
    if placement.is_on_hold:
        _terminate(placement, reason="", by=by)
        _settle([placement.application_id], by=by)
        notices.placements_terminated([placement], "")
        return placement
    placement = _give_up(placement, "expire_placement", by=by)
    notices.placement_expired(placement)
    return placement


def remind_unanswered(now: datetime) -> int:
    """Remind of offers whose answer is due soon, each stage of the rule set once; how many messages are new.

    Only the latest stage reached is told, so after a stop one message catches up.
    """
    new = 0
    for call in Call.objects.filter(state__in=FILLING).select_related("rule_set").order_by("pk"):
        hours = tuple(call.rule_set.answer_reminder_hours)
        soon = Placement.objects.filter(
            call=call,
            state=PlacementState.OFFERED,
            offered_at__lte=now,
            answer_due_at__gte=now,
            answer_due_at__lte=now + timedelta(hours=max(hours, default=0)),
        ).with_names()
        due = [(placement, answer_stage(placement.answer_due_at, now, hours)) for placement in soon]
        new += notices.answers_due_soon((placement, stage) for placement, stage in due if stage is not None)
    return new


# --- filling what fell free ---------------------------------------------------------------------------


def backfill_until(call: Call) -> date | None:
    """The last night on which seats are given on: so many days after the start, and before the last day."""
    if call.starts_on is None or call.ends_on is None:
        return None
    until = call.starts_on + timedelta(days=call.rule_set.backfill_until_days)
    return min(until, call.ends_on - timedelta(days=1))


def is_filling(call: Call, today: date) -> bool:
    """The result is out and seats that fall free are still given to the reserve lists."""
    until = backfill_until(call)
    return call.state in FILLING and until is not None and today <= until


@transaction.atomic
def leave_reserves(application: Application, *, project: Project | None = None, by: User) -> int:
    """Stop waiting for one project, or for all of them; final, because the numbers behind move up."""
    lines = _lock_waiting([application.pk])
    leaving = [line for line in lines if project is None or line.project_id == project.pk]
    if not leaving:
        raise Refused(PlacementRefusal.NOT_WAITING)
    _leave(leaving, ReserveEnd.LEFT)
    for line in leaving:
        record("leave_reserves", line, by=by, project=line.project_id, reserve_no=line.reserve_no)
    if not Placement.objects.live().filter(application=application).exists():
        _settle([application.pk], by=by)
    return len(leaving)


@transaction.atomic
def call_next_reserves(call: Call, *, now: datetime, by: User | None = None) -> list[Placement]:
    """Offer each free seat to the smallest waiting reserve number of its project (fill only: nobody moves).

    People who hold an offer or a seat, or share nothing with companies, are passed over and keep their number. Nobody is offered a seat whose last day
    has come by the moment of the offer.
    """
    call = lock_call(call)
    moment = next_offer_moment(
        now, call.rule_set.offer_hour, KOREAN_HOLIDAYS, timezone.get_current_timezone()
    )
    ended = call.ends_on is None or moment.date() >= call.ends_on
    if ended or not is_filling(call, timezone.localtime(now).date()):
        return []
    placed: list[Placement] = []
    vacant = Project.objects.filter(
        call=call, taken__lt=F("places"), state__in=TAKING, company__state=CompanyState.VERIFIED
    )
    for project in vacant.select_for_update(of=("self",)).order_by("pk"):
        placed += _fill(call, project, _room(project), moment, by)
    return placed


def _room(project: Project) -> int:
    """Seats that can be offered: the project's own, within what the company may have in the call."""
    company = Participation.objects.select_for_update().get(call=project.call_id, company=project.company_id)
    free = project.places - project.taken
    return free if company.cap is None else min(free, company.cap - company.taken)


def _fill(call: Call, project: Project, seats: int, moment: datetime, by: User | None) -> list[Placement]:
    holds = Placement.objects.filter(application=OuterRef("application"), state__in=LIVE)
    sharing = Application.objects.filter(call=call).sharing()
    waiting = Reserve.objects.waiting().filter(project=project, application__in=sharing)
    waiting = waiting.exclude(Exists(holds)).order_by("reserve_no")
    called = list(
        waiting.select_related("application__call__rule_set").select_for_update(of=("self",))[:seats]
    )
    if not called:
        return []
    pairs = [(reserve.application, project) for reserve in called]
    placed = offer_placements(call, pairs, source=PlacementSource.RESERVE, at=moment, by=by)
    Reserve.objects.filter(pk__in=[reserve.pk for reserve in called]).update(called_at=timezone.now())
    return placed


@transaction.atomic
def close_reserves(call: Call, on: date, *, by: User | None = None) -> int:
    """End the waiting once seats are given on no more: who holds no seat is unmatched, and is told. How many were."""
    call = lock_call(call)
    if call.state not in FILLING | {CallState.FINISHED} or is_filling(call, on):
        return 0
    lines = _lock_waiting(Application.objects.filter(call=call).values_list("pk", flat=True))
    _leave(lines, ReserveEnd.OVER)
    people = {line.application_id for line in lines}
    holding = Placement.objects.live().filter(application__in=people).values_list("application", flat=True)
    left = people - set(holding)
    _settle(left, by=by)
    record_all("close_reserves", Reserve, [(line.pk, "") for line in lines], to=ReserveEnd.OVER, by=by)
    notices.reserves_closed(call, left)
    return len(left)


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
    if verb == "drop_out":
        placement.ended_at = timezone.now()
    placement.save()
    record(verb, placement, by=by, was=was, reason=reason)
    notices.placement_ended(placement, reason)
    return placement


@transaction.atomic
def complete_placement(placement: Placement, *, by: User) -> Placement:
    """수료: the project has ended and the person stayed and attended; the company evaluates them now."""
    placement = _end(placement, "complete_placement", by=by)
    notices.evaluation_due(placement)
    return placement


@transaction.atomic
def fail_placement(placement: Placement, *, reason: str, by: User) -> Placement:
    """미수료, with a reason."""
    return _end(placement, "fail_placement", by=by, reason=reason)


@transaction.atomic
def drop_out(placement: Placement, *, reason: str, by: User) -> Placement:
    """중도 포기 before the end; the seat is free."""
    placement = _end(placement, "drop_out", by=by, reason=reason)
    _tell_of_free_seat(placement)
    return placement


# --- ending early -------------------------------------------------------------------------------------


def _terminate(placement: Placement, *, reason: str, by: User | None) -> None:
    """The seat ends through no fault of the person, who gets back the numbers they gave up for it."""
    was = PLACEMENT.move(placement, "terminate_placement")
    placement.ended_at = timezone.now()
    placement.save()
    record("terminate_placement", placement, by=by, was=was, reason=reason)
    if was != PlacementState.OFFERED and is_filling(placement.call, timezone.localdate()):
        given_up = Reserve.objects.filter(
            application=placement.application_id,
            left_because=ReserveEnd.ACCEPTED,
            project__state__in=TAKING,
        )
        given_up.exclude(project=placement.project_id).update(left_at=None, left_because="")


def effects_of_terminating(project: Project) -> dict[str, int]:
    """Who is on a project and who waits for it, before it is ended: counts by state, ``waiting`` and ``last``.

    ``last`` are those without a seat and without another number: they will be unmatched.
    """
    states = Placement.objects.live().filter(project=project).order_by().values_list("state")
    here = Reserve.objects.waiting().filter(project=project)
    others = Reserve.objects.waiting().filter(application=OuterRef("application")).exclude(project=project)
    holds = Placement.objects.live().filter(application=OuterRef("application"))
    return {
        **dict(states.annotate(count=Count("pk"))),
        "waiting": here.count(),
        "last": here.exclude(Exists(others)).exclude(Exists(holds)).count(),
    }


@transaction.atomic
def terminate_project(project: Project, *, reason: str, by: User) -> Project:
    """중단: end a project whose result is out, with everything people hold on it, and tell everybody.

    Offers and seats end as terminated, people go back to waiting or are unmatched, its reserve list is struck.
    """
    call = lock_call(project.call)
    placements = list(
        Placement.objects.live()
        .filter(project=project)
        .select_for_update(of=("self",))
        .select_related("trainee__user", "company", "project", "call__rule_set")
        .order_by("pk")
    )
    project = Project.objects.select_for_update(of=("self",)).select_related("company").get(pk=project.pk)
    was = PROJECT.move(project, "terminate_project")
    if was == ProjectState.SELECTED and call.state not in FILLING:
        raise Refused(ProjectRefusal.NOT_ANNOUNCED)
    project.decision_reason = reason
    project.save()
    event = record("terminate_project", project, by=by, was=was, reason=reason)
    for placement in placements:
        _terminate(placement, reason=reason, by=by)
    struck = _strike(project, [placement.application_id for placement in placements], by=by)
    now = timezone.now()
    known = [placement for placement in placements if placement.offered_at <= now]
    unknown = [placement for placement in placements if placement.offered_at > now]
    notices.offers_called_back(unknown, by=by)
    notices.placements_terminated(known, reason)
    notices.reserves_ended(project, struck | {one.application_id for one in unknown}, reason)
    notices.project_terminated(project, event.pk, placed=len(known), waiting=len(struck))
    return project


def _strike(project: Project, seated: Collection[int], *, by: User) -> set[int]:
    """Take everybody off the project's reserve list and settle them and those who just lost their seat."""
    here = Reserve.objects.waiting().filter(project=project)
    people = {*seated, *here.values_list("application", flat=True)}
    lines = [line for line in _lock_waiting(people) if line.project_id == project.pk]
    _leave(lines, ReserveEnd.TERMINATED)
    holding = Placement.objects.live().filter(application__in=people).values_list("application", flat=True)
    _settle(people - set(holding), by=by)
    return {line.application_id for line in lines}


#: Applications and projects that a cancelled call closes; the others were decided or taken back before.
_APPLYING = APPLICATION.moves["cancel_application"].sources
_OFFERING = PROJECT.moves["cancel_project"].sources


def effects_of_cancelling(call: Call) -> dict[str, int]:
    """What a call closes when it is cancelled: ``projects``, ``companies``, ``applications``, ``lists``."""
    projects = Project.objects.filter(call=call, state__in=_OFFERING)
    return {
        "projects": projects.count(),
        "companies": projects.values("company").distinct().count(),
        "applications": Application.objects.filter(call=call, state__in=_APPLYING).count(),
        "lists": RankList.objects.filter(call=call, state=RankListState.CERTIFIED).count(),
    }


@transaction.atomic
def cancel_call(call: Call, *, reason: str, by: User) -> Call:
    """Before the match: the call's projects and applications are closed, its lists void, everybody is told why."""
    call = lock_call(call)
    was = CALL.move(call, "cancel_call")
    call.cancel_reason = reason
    call.save()
    record("cancel_call", call, by=by, was=was, reason=reason)
    projects = PROJECT.move_all(Project.objects.filter(call=call), "cancel_project", decision_reason=reason)
    applications = APPLICATION.move_all(Application.objects.filter(call=call), "cancel_application")
    lists = RANK_LIST.move_all(RankList.objects.filter(call=call), "void_rank_list")
    record_all("cancel_project", Project, projects, to=ProjectState.CANCELLED, by=by, reason=reason)
    record_all("cancel_application", Application, applications, to=ApplicationState.CANCELLED, by=by)
    record_all("void_rank_list", RankList, lists, to=RankListState.VOID, by=by)
    notices.call_cancelled(call, [pk for pk, _ in applications], [pk for pk, _ in projects])
    return call
