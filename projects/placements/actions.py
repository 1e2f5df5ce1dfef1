"""Offering seats, answering, filling the ones that fall free, and ending early what people are on."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record, record_all
from portal.companies.states import CompanyState
from portal.workflow import IllegalMove, Refused
from projects.actions import lock_call
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationState
from projects.models import Call, Participation, Project
from projects.placements import notices
from projects.placements.models import TAKING, Placement, Reserve, takes_people
from projects.placements.states import (
    LIVE,
    PLACEMENT,
    PassedOver,
    PlacementRefusal,
    PlacementSource,
    PlacementState,
    ReserveEnd,
)
from projects.rankings.models import RankItem, RankList
from projects.rankings.states import RANK_LIST, RankListState
from projects.states import CALL, FILLING, PROJECT, CallState, ProjectRefusal, ProjectState, VacancyMode
from projects.terms import KOREAN_HOLIDAYS, answer_due, answer_stage, next_offer_moment, vacancy_due

# Rows are locked in one order, so that nobody waits in a circle: call, placement, project, participation,
# reserve numbers (by key), application.


#: Whoever is asked to move has at least so long to answer before everything starts.
LEAST_TIME_TO_MOVE = timedelta(hours=24)


def _locked(placement: Placement) -> Placement:
    """A placement, held together with whatever else the person has: their place, and the one they are asked about."""
    _hold([placement.application_id])
    return (
        Placement.objects.select_for_update(of=("self",))
        .select_related("application", "project__company", "company", "trainee__user", "call__rule_set")
        .get(pk=placement.pk)
    )


def _hold(people: Iterable[int]) -> list[Placement]:
    """Every place and offer of these people (application ids), locked in one order."""
    live = Placement.objects.live().filter(application__in=people)
    return list(live.select_for_update(of=("self",)).order_by("pk"))


def _lock_waiting(people: Iterable[int]) -> list[Reserve]:
    """Every number these people (application ids) wait with. Who holds them decides what becomes of the people."""
    waiting = Reserve.objects.waiting().filter(application__in=people)
    return list(waiting.select_for_update(of=("self",)).order_by("pk"))


def _leave(lines: Iterable[Reserve], because: ReserveEnd) -> None:
    rows = Reserve.objects.filter(pk__in=[line.pk for line in lines])
    rows.update(left_at=timezone.now(), left_because=because)


def _settle(people: Collection[int], *, by: User | None) -> None:
    """People (application ids) without a seat: with a number they wait, without one they are unmatched.

    Who has another place, or is being asked about one, stays placed.
    """
    holding = Placement.objects.live().filter(application__in=people).values_list("application", flat=True)
    people = set(people) - set(holding)
    waiting = {line.application_id for line in _lock_waiting(people)}
    rows = Application.objects.filter(pk__in=people)
    held = APPLICATION.move_all(rows.filter(pk__in=waiting), "hold_application")
    left = APPLICATION.move_all(rows.exclude(pk__in=waiting), "leave_application_unmatched")
    record_all("hold_application", Application, held, to=ApplicationState.RESERVE, by=by)
    record_all("leave_application_unmatched", Application, left, to=ApplicationState.UNMATCHED, by=by)


def _new(application: Application, project: Project, *, offered_at: datetime, **facts: Any) -> Placement:
    call = application.call
    assert call.starts_on is not None  # noqa: S101 -- an open call has its dates, says call_dates_in_order
    assert call.ends_on is not None  # noqa: S101
    return Placement(
        application=application,
        trainee_id=application.trainee_id,
        project=project,
        company_id=project.company_id,
        call=call,
        offered_at=offered_at,
        starts_on=max(call.starts_on, timezone.localtime(offered_at).date()),
        ends_on=call.ends_on,
        **facts,
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
    due = answer_due(
        timezone.localtime(at), call.rule_set.answer_working_days, call.rule_set.answer_hour, KOREAN_HOLIDAYS
    )
    why = exceptions or {}
    placements = _seat(
        [
            _new(
                application,
                project,
                source=source,
                offered_at=at,
                answer_due_at=due,
                exception=why.get(application.pk, ""),
                exception_by_id=signed_by if application.pk in why else None,
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
_NO_ROOM = (
    "project_taken_within_places",
    "participation_taken_within_cap",
    "placement_one_live_per_call",
    "placement_one_vacancy_offer",
)


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
    """The trainee takes the seat; the threshold for 우수 is frozen, and what they would not rather have is let go.

    Who had a place moves: it falls free in the same moment. While chains go on they keep waiting for what they would
    rather have than the new one.
    """
    placement = _locked(placement)
    _check_time_to_answer(placement)
    if placement.is_on_hold:
        raise Refused(PlacementRefusal.PROJECT_OVER)
    kept = placement.moves_from
    was = PLACEMENT.move(placement, "accept_placement")
    if kept is not None:
        _leave_for(placement, kept, by=by)
    placement.answered_at, placement.inside = timezone.now(), False
    placement.threshold = placement.call.rule_set.excellence_threshold
    placement.save()
    _leave(_not_rather(placement), ReserveEnd.ACCEPTED)
    record("accept_placement", placement, by=by, was=was, threshold=placement.threshold)
    notices.placement_accepted(placement)
    return placement


def _leave_for(placement: Placement, kept: Placement, *, by: User) -> None:
    """Give up the place that was kept until now; one that was never answered is answered by this."""
    verb = "move_placement" if kept.state == PlacementState.ACCEPTED else "supersede_placement"
    was = PLACEMENT.move(kept, verb)
    kept.answered_at = kept.answered_at or timezone.now()
    kept.save()
    record(verb, kept, by=by, was=was, to=placement.project_id)
    notices.placement_moved(kept, filling=is_filling(kept.call, timezone.localdate()))


def _not_rather(placement: Placement) -> list[Reserve]:
    """Where a person waits in vain once they have a place: what they ranked below it; all of it if nobody moves."""
    waiting = _lock_waiting([placement.application_id])
    if vacancy_mode(placement.call, timezone.now()) == VacancyMode.FILL:
        return waiting
    own = RankList.objects.binding().filter(application=placement.application_id)
    place_of = dict(RankItem.objects.filter(rank_list__in=own).values_list("project", "position"))
    here = place_of.get(placement.project_id)
    rather = {project for project, place in place_of.items() if here and place and place < here}
    return [line for line in waiting if line.project_id not in rather]


def _give_up(placement: Placement, verb: str, *, by: User | None, reason: str = "") -> Placement:
    """Free the seat; who has nothing else goes back to waiting, if they stand on a reserve list."""
    was = PLACEMENT.move(placement, verb)
    placement.answered_at, placement.decline_reason = timezone.now(), reason
    placement.save()
    record(verb, placement, by=by, was=was, reason=reason)
    _stand_alone([placement.pk])
    _settle([placement.application_id], by=by)
    _tell_of_free_seat(placement)
    return placement


def _stand_alone(ended: Collection[int]) -> None:
    """Whoever was asked to leave these placements for something better is now asked like somebody without a place."""
    asked = Placement.objects.filter(moves_from__in=ended, state=PlacementState.OFFERED)
    asked.update(moves_from=None, inside=False)


def _tell_of_free_seat(placement: Placement) -> None:
    notices.placement_left(placement, filling=is_filling(placement.call, timezone.localdate()))


@transaction.atomic
def decline_placement(placement: Placement, *, reason: str, by: User) -> Placement:
    """The trainee does not take the seat, and keeps the place they have; the coming night asks the next."""
    placement = _locked(placement)
    _check_time_to_answer(placement)
    return _give_up(placement, "decline_placement", by=by, reason=reason)


@transaction.atomic
def withdraw_placement(placement: Placement, *, reason: str, by: User) -> Placement:
    """Having accepted, the trainee leaves the call before the project starts, with all they wait for."""
    placement = _locked(placement)
    if placement.state == PlacementState.ACCEPTED and timezone.localdate() >= placement.starts_on:
        raise Refused(PlacementRefusal.STARTED, starts=placement.starts_on)
    if not PLACEMENT.may(placement, "withdraw_placement"):
        raise IllegalMove(placement, "withdraw_placement")
    for asked in Placement.objects.filter(moves_from=placement, state=PlacementState.OFFERED).with_names():
        _give_up(asked, "decline_placement", by=by, reason=reason)
    _leave(_lock_waiting([placement.application_id]), ReserveEnd.WITHDREW)
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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


def vacancy_mode(call: Call, at: datetime) -> VacancyMode:
    """Who is asked about free seats by an offer made ``at``: until projects start, people with a place too.

    In the last day before the start nobody is asked to move: there would be no time to answer.
    """
    if call.rule_set.vacancy_mode == VacancyMode.FILL or call.starts_on is None:
        return VacancyMode.FILL
    in_time = at + LEAST_TIME_TO_MOVE <= _midnight(call.starts_on)
    return VacancyMode.CHAIN if in_time else VacancyMode.FILL


def next_vacancy_offers_at(call: Call, now: datetime) -> datetime | None:
    """When offers decided ``now`` are made; None if seats are given on no more, or there is none to give.

    Nobody is offered a seat whose last day has come by then.
    """
    moment = next_offer_moment(
        now, call.rule_set.offer_hour, KOREAN_HOLIDAYS, timezone.get_current_timezone()
    )
    if call.ends_on is None or moment.date() >= call.ends_on:
        return None
    if not is_filling(call, timezone.localtime(now).date()):
        return None
    vacant = Project.objects.filter(
        call=call, taken__lt=F("places"), state__in=TAKING, company__state=CompanyState.VERIFIED
    )
    return moment if Reserve.objects.waiting().filter(project__in=vacant).exists() else None


@transaction.atomic
def offer_vacancies(
    call: Call, pairs: Collection[tuple[int, int]], *, at: datetime, by: User | None = None
) -> list[Placement]:
    """Offer free seats to people (application id, project id) whose turn it is by their reserve numbers.

    Who has a place keeps it until they accept. A better offer takes the place of one that is not answered yet. Whoever
    answered or left since the turns were worked out is not asked; the next night works them out anew.
    """
    call = lock_call(call)
    held: dict[int, list[Placement]] = {}
    for one in _hold([application for application, _ in pairs]):
        held.setdefault(one.application_id, []).append(one)
    projects = _lock_vacant(call, {project for _, project in pairs})
    asked = set(pairs)
    lines = [
        line
        for line in _lock_waiting({application for application, _ in pairs})
        if (line.application_id, line.project_id) in asked and line.project_id in projects
    ]
    people = Application.objects.select_related("call__rule_set").in_bulk(
        [line.application_id for line in lines]
    )
    new = []
    for line in lines:
        has = held.get(line.application_id, [])
        kept = next((one for one in has if not one.is_vacancy_offer), None)
        if kept is not None and vacancy_mode(call, at) == VacancyMode.FILL:
            continue
        for pending in has:
            if pending.is_vacancy_offer:
                _supersede(pending, line, at, by=by)
        new.append(_vacancy(people[line.application_id], projects[line.project_id], line, kept, at))
    placements = _seat(new)
    rows = Reserve.objects.filter(pk__in=[line.pk for line in lines])
    rows.filter(application__in=[one.application_id for one in placements]).update(called_at=timezone.now())
    _say_why(call, placements)
    moved = APPLICATION.move_all(
        Application.objects.filter(pk__in=[one.application_id for one in placements]), "place_application"
    )
    record_all("place_application", Application, moved, to=ApplicationState.PLACED, by=by)
    made = [(placement.pk, "") for placement in placements]
    record_all("offer_placement", Placement, made, to=PlacementState.OFFERED, by=by)
    offered = Placement.objects.filter(pk__in=[placement.pk for placement in placements]).with_names()
    notices.placements_offered(offered)
    return list(offered)


def _lock_vacant(call: Call, projects: Collection[int]) -> dict[int, Project]:
    """Those of the projects that take people, with their company's row of the call, held in one order."""
    rows = Project.objects.filter(call=call, pk__in=projects).select_related("company")
    locked = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    taking = {project.pk: project for project in locked if takes_people(project)}
    companies = {project.company_id for project in taking.values()}
    caps = Participation.objects.filter(call=call, company__in=companies)
    list(caps.select_for_update(of=("self",)).order_by("pk"))
    return taking


def _vacancy(
    application: Application, project: Project, line: Reserve, kept: Placement | None, at: datetime
) -> Placement:
    call = application.call
    last = backfill_until(call)
    until = call.starts_on if kept is not None else last and last + timedelta(days=1)
    assert until is not None  # noqa: S101 -- a call that is filled has its dates
    return _new(
        application,
        project,
        source=PlacementSource.RESERVE,
        offered_at=at,
        answer_due_at=vacancy_due(at, call.rule_set.vacancy_answer_hours, _midnight(until)),
        moves_from=kept,
        inside=kept is not None and kept.company_id == project.company_id,
        reserve_no=line.reserve_no,
    )


def _supersede(pending: Placement, line: Reserve, at: datetime, *, by: User | None) -> None:
    """Nobody is asked about two free seats at once. They said no to nothing, so the number stays theirs."""
    was = PLACEMENT.move(pending, "supersede_placement")
    pending.save()
    Reserve.objects.filter(application=pending.application_id, project=pending.project_id).update(
        called_at=None
    )
    record("supersede_placement", pending, by=by, was=was, to=line.project_id)
    if pending.offered_at > timezone.now():
        notices.offers_called_back([pending], by=by)
    else:
        notices.placement_superseded(pending, offered_at=at)


def _say_why(call: Call, placements: Sequence[Placement]) -> None:
    """Keep with every call what became of the smaller numbers."""
    largest: dict[int, int] = {}
    for one in placements:
        largest[one.project_id] = max(one.reserve_no or 0, largest.get(one.project_id, 0))
    sharing = set(Application.objects.filter(call=call).sharing().values_list("pk", flat=True))
    has: dict[int, list[tuple[int, str]]] = {}
    everything = Placement.objects.filter(call=call).order_by("pk")
    for application, project, state in everything.values_list("application", "project", "state"):
        has.setdefault(application, []).append((project, state))
    before: dict[int, list[tuple[int, str]]] = {}
    for line in Reserve.objects.filter(project__in=largest).order_by("project", "reserve_no"):
        if line.reserve_no < largest[line.project_id]:
            why = _why_not(line, has.get(line.application_id, []), line.application_id in sharing)
            before.setdefault(line.project_id, []).append((line.reserve_no, why))
    for one in placements:
        smaller = before.get(one.project_id, [])
        one.passed = dict(Counter(why for number, why in smaller if number < (one.reserve_no or 0)))
    Placement.objects.bulk_update(placements, ["passed"], batch_size=500)


def _why_not(line: Reserve, has: Sequence[tuple[int, str]], sharing: bool) -> str:
    """Why a smaller number is not called now, as the first of these that holds."""
    here = [state for project, state in has if project == line.project_id]
    if line.left_because == ReserveEnd.ACCEPTED:
        return PassedOver.SEATED
    if line.left_at is not None:
        return PassedOver.LEFT
    if line.called_at is not None:
        answered = here[-1] if here else ""
        return PassedOver.HERE if answered in LIVE else PassedOver.DECLINED
    if not sharing:
        return PassedOver.PAUSED
    elsewhere = [state for project, state in has if project != line.project_id and state in LIVE]
    if PlacementState.OFFERED in elsewhere:
        return PassedOver.ELSEWHERE
    return PassedOver.SEATED if elsewhere else PassedOver.FULL


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
    """Accepted placements whose first day has come are running; from then on nobody moves, or waits to."""
    rows = Placement.objects.filter(call=call, starts_on__lte=today)
    moved = PLACEMENT.move_all(rows, "start_placement")
    record_all("start_placement", Placement, moved, to=PlacementState.RUNNING)
    started = Placement.objects.filter(pk__in=[pk for pk, _ in moved])
    _leave(_lock_waiting(started.values_list("application", flat=True)), ReserveEnd.ACCEPTED)
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
    _stand_alone([placement.pk])
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
    _hold(Placement.objects.live().filter(project=project).values_list("application", flat=True))
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
