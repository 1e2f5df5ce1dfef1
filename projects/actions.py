"""What can be done to rule sets, calls and projects. Every write with more than one effect stands here."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record
from portal.companies.models import Company, CompanyMember
from portal.companies.states import CompanyState
from portal.workflow import Refused, Stale
from projects import notices
from projects.models import (
    Call,
    Deadline,
    Draw,
    DrawSource,
    Participation,
    Project,
    ProjectMentor,
    ProjectSkill,
    RuleSet,
)
from projects.states import (
    BEFORE_RESULTS,
    CALL,
    DRAW,
    FILLING,
    PROJECT,
    UNSEALED,
    CallRefusal,
    CallState,
    DeadlineKind,
    DrawRefusal,
    DrawState,
    ProjectRefusal,
    ProjectState,
)
from projects.terms import normal_value


def lock_call(call: Call) -> Call:
    """The call, held against other changes of itself; rows that refer to it can still be written meanwhile."""
    return (
        Call.objects.select_for_update(of=("self",), no_key=True).select_related("rule_set").get(pk=call.pk)
    )


def _locked(project: Project) -> Project:
    return (
        Project.objects.select_for_update(of=("self",)).select_related("call", "company").get(pk=project.pk)
    )


# --- rule sets ----------------------------------------------------------------------------------------


@transaction.atomic
def add_rule_set(*, by: User | None, **numbers: Any) -> RuleSet:
    """The first version of a rule set; it can be changed until a call opens with it."""
    rule_set = RuleSet.objects.create(**numbers)
    record("add_rule_set", rule_set, by=by)
    return rule_set


@transaction.atomic
def change_rule_set(rule_set: RuleSet, *, by: User | None, **numbers: Any) -> RuleSet:
    rule_set = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if rule_set.frozen_at is not None:
        raise Refused(CallRefusal.RULES_FROZEN)
    for name, value in numbers.items():
        setattr(rule_set, name, value)
    rule_set.save()
    record("change_rule_set", rule_set, by=by, changed=sorted(numbers))
    return rule_set


@transaction.atomic
def revise_rule_set(rule_set: RuleSet, *, by: User | None, **changes: Any) -> RuleSet:
    """A frozen rule set is never changed: a new version takes over its values and the changes, one at a time."""
    versions = RuleSet.objects.filter(name=rule_set.name).order_by("version")
    versions.select_for_update().first()  # the first version stands for all: whoever holds it may add one
    latest = versions.last() or rule_set
    if latest.frozen_at is None:
        raise Refused(CallRefusal.REVISION_OPEN, version=latest.version)
    revised = RuleSet.objects.get(pk=rule_set.pk)
    revised.pk, revised.version, revised.frozen_at = None, latest.version + 1, None
    revised._state.adding = True
    for name, value in changes.items():
        setattr(revised, name, value)
    revised.full_clean()
    revised.save()
    record("revise_rule_set", revised, by=by, revises=rule_set, changed=sorted(changes))
    return revised


# --- calls --------------------------------------------------------------------------------------------

ORDERED_DATES = (
    "projects_due_at",
    "applications_due_at",
    "rankings_due_at",
    "announce_on",
    "starts_on",
    "ends_on",
)


def _day(moment: date | datetime) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


def check_dates(call: Call) -> None:
    """Refuse a call whose dates are missing or out of order."""
    names = (*ORDERED_DATES, "rankings_open_at")
    missing = [str(Call._meta.get_field(name).verbose_name) for name in names if getattr(call, name) is None]  # type: ignore[union-attr]
    if missing:
        raise Refused(CallRefusal.DATES_MISSING, missing=missing)
    pairs = [*pairwise(ORDERED_DATES), ("rankings_open_at", "rankings_due_at")]
    for earlier, later in pairs:
        first, second = getattr(call, earlier), getattr(call, later)
        if isinstance(second, datetime):
            in_order = first < second if earlier == "rankings_open_at" else first <= second
        else:
            in_order = _day(first) < second
        if not in_order:
            label = {name: str(Call._meta.get_field(name).verbose_name) for name in (earlier, later)}  # type: ignore[union-attr]
            raise Refused(CallRefusal.DATES_OUT_OF_ORDER, earlier=label[earlier], later=label[later])
    _check_ranking_time(call)


def _check_ranking_time(call: Call) -> None:
    """Whoever was interviewed late has days left to rank; a date that is not decided yet is in nobody's way."""
    opens, due, days = call.rankings_open_at, call.rankings_due_at, call.rule_set.ranking_days
    if opens is None or due is None:
        return
    latest = due - timedelta(days=days)
    if opens > latest:
        raise Refused(CallRefusal.RANKING_TOO_SHORT, days=days, due=due, latest=latest)


@transaction.atomic
def add_call(*, by: User | None, **facts: Any) -> Call:
    """Begin a call; nobody outside the office sees it before it opens. The secret half of its draw is drawn now."""
    call = Call(**facts)
    _check_ranking_time(call)
    call.save(force_insert=True)
    draw = Draw.objects.create(call=call)
    record("add_call", call, by=by, commitment=draw.commitment)
    return call


@transaction.atomic
def change_call(call: Call, *, by: User | None, **facts: Any) -> Call:
    """Change a call that has not opened; afterwards only deadlines move, and only later."""
    call = lock_call(call)
    if call.state != CallState.DRAFT:
        raise Refused(CallRefusal.TOO_LATE)
    for name, value in facts.items():
        setattr(call, name, value)
    _check_ranking_time(call)
    call.save()
    record("change_call", call, by=by, changed=sorted(facts))
    return call


@transaction.atomic
def open_call(call: Call, *, by: User | None) -> Call:
    """Publish the call: its rule set is frozen, its first deadlines and how its ties will fall are written down."""
    call = lock_call(call)
    was = CALL.move(call, "open_call")
    check_dates(call)
    draw = Draw.objects.filter(call=call).first()
    if draw is None or draw.known_on is None:
        raise Refused(DrawRefusal.NO_SOURCE)
    check_known_on(call, draw.known_on)
    RuleSet.objects.filter(pk=call.rule_set_id, frozen_at=None).update(frozen_at=timezone.now())
    call.save()
    Deadline.objects.bulk_create(
        [
            Deadline(call=call, kind=kind, at=getattr(call, f"{kind}_due_at"), by=by)
            for kind in DeadlineKind.values
        ]
    )
    facts = {"commitment": draw.commitment, "source": draw.source, "known_on": draw.known_on}
    record("open_call", call, by=by, was=was, rule_set=call.rule_set, **facts)
    return call


@transaction.atomic
def extend_deadline(call: Call, *, kind: str, at: datetime, reason: str, by: User) -> Call:
    """Move a deadline later, for everybody, with a reason; the earlier ones stay on record.

    A closed call takes no projects and no applications any more, so there only lists can be given more time.
    """
    call = lock_call(call)
    if call.state not in UNSEALED:
        raise Refused(CallRefusal.TOO_LATE)
    if call.state == CallState.CLOSED and kind != DeadlineKind.RANKINGS:
        raise Refused(CallRefusal.ALREADY_CLOSED)
    if not reason.strip():
        raise Refused(CallRefusal.NO_REASON)
    now_due = getattr(call, f"{kind}_due_at")
    if at <= max(now_due, timezone.now()):
        raise Refused(CallRefusal.ONLY_LATER, deadline=max(now_due, timezone.now()))
    setattr(call, f"{kind}_due_at", at)
    check_dates(call)
    check_known_on(call, Draw.objects.values_list("known_on", flat=True).get(call=call))
    call.save()
    Deadline.objects.create(call=call, kind=kind, at=at, reason=reason, by=by)
    event = record("extend_deadline", call, by=by, kind=kind, at=at, reason=reason)
    notices.deadline_extended(call, kind, list(_people_of(call)), event.pk)
    return call


@transaction.atomic
def postpone_results(call: Call, *, on: date, reason: str, by: User) -> Call:
    """Move the day of the results later, with a reason; everybody who takes part is told.

    Lists can then be given more time than before: they are due before that day.
    """
    call = lock_call(call)
    if call.state not in BEFORE_RESULTS:
        raise Refused(CallRefusal.TOO_LATE)
    if not reason.strip():
        raise Refused(CallRefusal.NO_REASON)
    if call.announce_on is not None and on <= call.announce_on:
        raise Refused(CallRefusal.ONLY_LATER, deadline=call.announce_on)
    was, call.announce_on = call.announce_on, on
    check_dates(call)
    call.save()
    event = record("postpone_results", call, by=by, before=was, on=on, reason=reason)
    notices.results_postponed(call, reason, list(_people_of(call)), event.pk)
    return call


def _people_of(call: Call) -> Any:
    """Everybody who takes part in a call on either side."""
    return User.objects.filter(
        Q(trainee__applications__call=call) | Q(company_memberships__company__projects__call=call),
        is_active=True,
    ).distinct()


def _simple_move(call: Call, verb: str, by: User | None, **data: Any) -> Call:
    call = lock_call(call)
    was = CALL.move(call, verb)
    call.save()
    record(verb, call, by=by, was=was, **data)
    return call


@transaction.atomic
def close_call(call: Call, *, by: User | None = None) -> Call:
    """The time to apply is over; rankings go on until their own deadline."""
    return _simple_move(call, "close_call", by)


@transaction.atomic
def start_matching(call: Call, *, by: User | None = None) -> Call:
    """Lists are sealed: from here on nobody's wish changes, and the public half of the draw is waited for."""
    call = _simple_move(call, "start_matching", by)
    notices.draw_value_due(Draw.objects.get(call=call))
    return call


@transaction.atomic
def announce_call(call: Call, *, by: User | None) -> Call:
    return _simple_move(call, "announce_call", by)


@transaction.atomic
def start_call(call: Call, *, by: User | None = None) -> Call:
    """Its selected projects begin."""
    call = _simple_move(call, "start_call", by)
    _move_projects(call, "start_project", by)
    return call


@transaction.atomic
def finish_call(call: Call, *, by: User | None = None) -> Call:
    call = _simple_move(call, "finish_call", by)
    _move_projects(call, "finish_project", by)
    return call


@transaction.atomic
def archive_call(call: Call, *, by: User) -> Call:
    return _simple_move(call, "archive_call", by)


def _move_projects(call: Call, verb: str, by: User | None) -> None:
    from_state = {"start_project": ProjectState.SELECTED, "finish_project": ProjectState.RUNNING}[verb]
    for project in Project.objects.filter(call=call, state=from_state).order_by("pk"):
        {"start_project": start_project, "finish_project": finish_project}[verb](project, by=by)


def calls_to_close(now: datetime) -> list[Call]:
    """Open calls whose time to apply is over."""
    return list(Call.objects.filter(state=CallState.OPEN, applications_due_at__lt=now).order_by("pk"))


# --- the draw -----------------------------------------------------------------------------------------


def check_known_on(call: Call, known_on: date | None) -> None:
    """Refuse a public value that somebody could know while ranking, or that comes after the results.

    The day after lists are due at the earliest: an hour is not asked for, because sources publish late.
    """
    if known_on is None:
        return
    if call.rankings_due_at is not None and known_on <= _day(call.rankings_due_at):
        raise Refused(DrawRefusal.KNOWN_TOO_EARLY, due=call.rankings_due_at)
    if call.announce_on is not None and known_on > call.announce_on:
        raise Refused(DrawRefusal.KNOWN_TOO_LATE, announce=call.announce_on)


def _locked_draw(draw: Draw) -> Draw:
    """The draw, its call held before it."""
    call = lock_call(draw.call)
    draw = Draw.objects.select_for_update(of=("self",)).get(pk=draw.pk)
    draw.call = call
    return draw


@transaction.atomic
def name_draw_source(draw: Draw, *, source: str, known_on: date, reason: str = "", by: User | None) -> Draw:
    """Say beforehand where the public half of the seed will come from, and on which day it can be read.

    Once the call is open another source needs a reason that everybody reads, and only one whose value nobody knows
    yet will do; every source stays on record, with the moment it was named.
    """
    draw = _locked_draw(draw)
    was = DRAW.move(draw, "name_draw_source")
    if draw.call.state != CallState.DRAFT:
        if draw.call.state not in BEFORE_RESULTS:
            raise Refused(DrawRefusal.OVER)
        if not reason.strip():
            raise Refused(DrawRefusal.NO_REASON)
    if known_on <= timezone.localdate():
        raise Refused(DrawRefusal.KNOWN_ALREADY)
    check_known_on(draw.call, known_on)
    draw.source, draw.known_on = normal_value(source), known_on
    draw.save()
    DrawSource.objects.create(draw=draw, source=draw.source, known_on=known_on, reason=reason, by=by)
    record("name_draw_source", draw, by=by, was=was, source=draw.source, known_on=known_on, reason=reason)
    return draw


@transaction.atomic
def enter_draw_value(draw: Draw, *, value: str, read_from: str, by: User) -> Draw:
    """First pair of eyes: the value as its source published it, once nobody's wish can change any more."""
    draw = _locked_draw(draw)
    was = DRAW.move(draw, "enter_draw_value")
    if draw.call.state != CallState.MATCHING:
        raise Refused(DrawRefusal.NOT_SEALED)
    if draw.known_on is None or timezone.localdate() < draw.known_on:
        raise Refused(DrawRefusal.NOT_KNOWN_YET, known=draw.known_on or "-")
    if not normal_value(value):
        raise Refused(DrawRefusal.EMPTY)
    draw.value, draw.read_from = normal_value(value), read_from.strip()
    draw.entered_by, draw.entered_at = by, timezone.now()
    draw.save()
    event = record("enter_draw_value", draw, by=by, was=was, value=draw.value, read_from=draw.read_from)
    notices.draw_value_entered(draw, by, event.pk)
    return draw


@transaction.atomic
def reject_draw_value(draw: Draw, *, reason: str, by: User) -> Draw:
    """The value was mistyped: it is taken out and typed in again; what it was stays in the history."""
    draw = _locked_draw(draw)
    was, rejected = DRAW.move(draw, "reject_draw_value"), draw.value
    draw.value = draw.read_from = ""
    draw.entered_by = draw.entered_at = None
    draw.save()
    record("reject_draw_value", draw, by=by, was=was, value=rejected, reason=reason)
    return draw


@transaction.atomic
def confirm_draw_value(draw: Draw, *, value: str, by: User) -> Draw:
    """Second pair of eyes: somebody else reads the source and types the same. From here on nothing of it changes."""
    draw = _locked_draw(draw)
    if draw.state == DrawState.ENTERED and draw.entered_by_id == by.pk:
        raise Refused(DrawRefusal.SAME_PERSON)
    was = DRAW.move(draw, "confirm_draw_value")
    if normal_value(value) != draw.value:
        raise Refused(DrawRefusal.DIFFERS)
    draw.confirmed_by, draw.confirmed_at = by, timezone.now()
    draw.save()
    record("confirm_draw_value", draw, by=by, was=was, value=draw.value, seed=draw.seed)
    return draw


# --- projects -----------------------------------------------------------------------------------------


def _save_parts(
    project: Project, skills: Mapping[str, tuple[int, bool]], mentors: Collection[CompanyMember]
) -> None:
    project.project_skills.exclude(skill__in=skills).delete()
    ProjectSkill.objects.bulk_create(
        [
            ProjectSkill(project=project, skill_id=code, level=level, required=required)
            for code, (level, required) in skills.items()
        ],
        update_conflicts=True,
        unique_fields=["project", "skill"],
        update_fields=["level", "required"],
    )
    project.mentors.filter(until=None).exclude(member__in=mentors).update(until=timezone.localdate())
    named = set(project.mentors.filter(until=None).values_list("member_id", flat=True))
    ProjectMentor.objects.bulk_create(
        [ProjectMentor(project=project, member=member) for member in mentors if member.pk not in named]
    )


def check_time(call: Call) -> None:
    """Refuse projects before the call opens, after it closes and one second after they are due."""
    if call.state != CallState.OPEN:
        raise Refused(ProjectRefusal.CALL_NOT_OPEN)
    if not call.takes_projects:
        raise Refused(ProjectRefusal.TOO_LATE, deadline=call.projects_due_at)


def _check_completion(project: Project) -> None:
    """Refuse what was sent back for completion once there is no time left to answer."""
    if project.call.state not in UNSEALED:
        raise Refused(ProjectRefusal.CALL_NOT_OPEN)
    if not project.may_be_completed:
        raise Refused(ProjectRefusal.NOT_COMPLETED, deadline=project.completion_due_at)


def _save_named(project: Project) -> None:
    """Save, unless the company already has a project of that name in the call."""
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError as error:
        if "project_title_once" not in str(error):
            raise
        raise Refused(ProjectRefusal.TITLE_TAKEN) from error


@transaction.atomic
def draft_project(
    call: Call,
    company: Company,
    *,
    skills: Mapping[str, tuple[int, bool]],
    mentors: Collection[CompanyMember],
    by: User,
    **facts: Any,
) -> Project:
    """Begin a project; nobody outside the company sees it until it is submitted.

    Parameters
    ----------
    skills : mapping of skill code to (level 1-5, required)
    mentors : members of the company
    """
    call = lock_call(call)
    check_time(call)
    if call.operator_company_id == company.pk:
        raise Refused(ProjectRefusal.OPERATOR_COMPANY)
    project = Project(call=call, company=company, **facts)
    _save_named(project)
    _save_parts(project, skills, mentors)
    record("draft_project", project, by=by)
    return project


@transaction.atomic
def edit_project(
    project: Project,
    *,
    skills: Mapping[str, tuple[int, bool]],
    mentors: Collection[CompanyMember],
    seen: datetime | None = None,
    by: User,
    **facts: Any,
) -> Project:
    """Change a draft; what was submitted is changed only after it was returned.

    ``seen`` is ``updated_at`` as the editor read it: Stale if somebody saved since.
    """
    project = _locked(project)
    if project.state != ProjectState.DRAFT:
        raise Refused(ProjectRefusal.NOT_EDITABLE)
    if seen is not None and seen != project.updated_at:
        raise Stale
    changed = sorted(name for name, value in facts.items() if getattr(project, name) != value)
    for name in changed:
        setattr(project, name, facts[name])
    _save_named(project)
    _save_parts(project, skills, mentors)
    record("edit_project", project, by=by, changed=changed)
    return project


def check_company(company: Company) -> None:
    """Refuse a company that is not verified or is barred."""
    if company.state == CompanyState.SUSPENDED:
        raise Refused(ProjectRefusal.COMPANY_SUSPENDED, until=company.suspended_until)
    if company.state != CompanyState.VERIFIED:
        raise Refused(ProjectRefusal.COMPANY_NOT_VERIFIED)


@transaction.atomic
def submit_project(project: Project, *, by: User) -> Project:
    """Hand the project in for selection."""
    project = _locked(project)
    returned = project.is_returned
    was = PROJECT.move(project, "submit_project")
    if returned:
        _check_completion(project)
    else:
        check_time(project.call)
    check_company(project.company)
    if project.call.operator_company_id == project.company_id:
        raise Refused(ProjectRefusal.OPERATOR_COMPANY)
    if project.missing:
        raise Refused(ProjectRefusal.INCOMPLETE, missing=", ".join(project.missing))
    if not project.mentors.filter(until=None).exists():
        raise Refused(ProjectRefusal.NO_MENTOR)
    if not project.project_skills.filter(required=True).exists():
        raise Refused(ProjectRefusal.NO_SKILL)
    project.submitted_at, project.decision_reason = timezone.now(), ""
    project.save()
    event = record("submit_project", project, by=by, was=was)
    notices.project_submitted(project, event.pk)
    return project


@transaction.atomic
def return_project(project: Project, *, reason: str, by: User) -> Project:
    """보완 요청: back to draft with a comment; the company can answer until rankings open, so there must be time to."""
    project = _locked(project)
    was = PROJECT.move(project, "return_project")
    if not project.may_be_completed:
        raise Refused(ProjectRefusal.NO_TIME_TO_COMPLETE, deadline=project.completion_due_at)
    project.decision_reason = reason
    project.save()
    event = record("return_project", project, by=by, was=was, reason=reason)
    notices.project_returned(project, event.pk)
    return project


def _decide(project: Project, verb: str, *, reason: str, by: User | None) -> Project:
    project = _locked(project)
    was = PROJECT.move(project, verb)
    project.decision_reason = reason
    project.save()
    event = record(verb, project, by=by, was=was, reason=reason)
    notices.project_decided(project, event.pk, excluded=verb == "exclude_project")
    return project


@transaction.atomic
def select_project(project: Project, *, reason: str = "", by: User | None) -> Project:
    """선정: the project is public from now on and takes part in the match; too late once lists are sealed."""
    if lock_call(project.call).state not in UNSEALED:
        raise Refused(ProjectRefusal.SEALED)
    company = Company.objects.select_for_update().get(pk=project.company_id)
    check_company(company)
    Participation.objects.get_or_create(call_id=project.call_id, company=company)
    return _decide(project, "select_project", reason=reason, by=by)


@transaction.atomic
def reserve_project(project: Project, *, reason: str = "", by: User) -> Project:
    return _decide(project, "reserve_project", reason=reason, by=by)


@transaction.atomic
def reject_project(project: Project, *, reason: str, by: User) -> Project:
    return _decide(project, "reject_project", reason=reason, by=by)


@transaction.atomic
def pass_over_projects(call: Call, *, by: User | None = None) -> int:
    """Once lists are sealed no project is selected any more: the companies of those that wait are told; how many."""
    waiting = call.projects.filter(state__in=PROJECT.moves["pass_over_project"].sources).order_by("pk")
    return len([_decide(project, "pass_over_project", reason="", by=by) for project in waiting])


@transaction.atomic
def withdraw_project(project: Project, *, reason: str, by: User) -> Project:
    """The company takes it back; refused once people hold seats on it or wait for one.

    The call is held, so that a publication under way either has not offered anything yet or has finished.
    """
    lock_call(project.call)
    project = _locked(project)
    if project.has_people:
        raise Refused(ProjectRefusal.PEOPLE_WAIT)
    return _decide(project, "withdraw_project", reason=reason, by=by)


@transaction.atomic
def close_project(project: Project, *, by: User | None) -> Project:
    """미개설: the published match did not reach its minimum."""
    return _decide(project, "close_project", reason="", by=by)


@transaction.atomic
def exclude_project(project: Project, *, reason: str = "", by: User | None) -> Project:
    """미개설: its company was barred when the match was published, or the published match was made without it."""
    return _decide(project, "exclude_project", reason=reason, by=by)


@transaction.atomic
def adjust_project(
    project: Project,
    *,
    places: int | None = None,
    minimum: int | None = None,
    reason: str,
    by: User,
) -> Project:
    """Take over places and minimum of the match that is published: part of publishing it, and of nothing else."""
    project = _locked(project)
    if project.call.state != CallState.MATCHING:
        raise Refused(CallRefusal.TOO_LATE)
    before = {"places": project.places, "minimum": project.minimum}
    project.places = project.places if places is None else places
    project.minimum = project.minimum if minimum is None else minimum
    project.save()
    now = {"places": project.places, "minimum": project.minimum}
    record("adjust_project", project, by=by, before=before, after=now, reason=reason)
    return project


@transaction.atomic
def start_project(project: Project, *, by: User | None = None) -> Project:
    project = _locked(project)
    was = PROJECT.move(project, "start_project")
    project.save()
    record("start_project", project, by=by, was=was)
    return project


@transaction.atomic
def finish_project(project: Project, *, by: User | None = None) -> Project:
    project = _locked(project)
    was = PROJECT.move(project, "finish_project")
    project.save()
    record("finish_project", project, by=by, was=was)
    return project


@transaction.atomic
def adjust_company_cap(
    participation: Participation, *, cap: int | None, reason: str, by: User
) -> Participation:
    """Take over a company's cap of the match that is published: part of publishing it, and of nothing else."""
    participation = Participation.objects.select_for_update().select_related("call").get(pk=participation.pk)
    if participation.call.state != CallState.MATCHING:
        raise Refused(CallRefusal.TOO_LATE)
    before, participation.cap = participation.cap, cap
    participation.save()
    record("adjust_company_cap", participation, by=by, before=before, cap=cap, reason=reason)
    return participation


@transaction.atomic
def set_company_cap(participation: Participation, *, cap: int | None, reason: str, by: User) -> Participation:
    """How many placements a company may have over all its projects of a call.

    Between sealing and publication nothing of the match is changed; afterwards the cap bounds who is called from
    the reserve lists, and never falls below those who are there.
    """
    if lock_call(participation.call).state not in UNSEALED | FILLING:
        raise Refused(ProjectRefusal.SEALED)
    participation = Participation.objects.select_for_update().get(pk=participation.pk)
    if cap is not None and cap < participation.taken:
        raise Refused(ProjectRefusal.CAP_TAKEN, taken=participation.taken)
    participation.cap = cap
    participation.save()
    record("set_company_cap", participation, by=by, cap=cap, reason=reason)
    return participation
