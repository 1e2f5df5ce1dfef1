"""Before ranking: whom a company looks at, when they meet, what is noted, and what is reported.

Rows are locked in one order: project, application, interview, slot.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record
from portal.companies.rules import role_in
from portal.files.actions import store_file
from portal.trainees.models import Trainee
from portal.workflow import Refused, Stale
from projects.actions import check_company
from projects.applications.actions import lock_application
from projects.applications.models import Application
from projects.interviews import notices, terms
from projects.interviews.models import Interview, InterviewForm, InterviewSlot, Report, ShortlistEntry
from projects.interviews.states import (
    INTERVIEW,
    INTERVIEW_FORM,
    LIVE,
    REPORT,
    SEATED,
    SLOT,
    Criterion,
    InterviewRefusal,
    InterviewState,
    ReportRefusal,
)
from projects.models import Project
from projects.states import UNSEALED, ProjectState


def _locked_project(project: Project) -> Project:
    held = Project.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("company", "call__rule_set").get(pk=project.pk)


def _locked(interview: Interview) -> Interview:
    held = Interview.objects.select_for_update(of=("self",))
    return held.select_related("company", "project__call__rule_set", "trainee__user", "slot").get(
        pk=interview.pk
    )


def _check_offered(project: Project) -> None:
    """The project takes part in the match, and lists are not due."""
    check_company(project.company)
    if project.state != ProjectState.SELECTED or project.call.state not in UNSEALED:
        raise Refused(InterviewRefusal.NOT_OFFERED)
    due_at = project.call.rankings_due_at
    if due_at is None or timezone.now() > due_at:
        raise Refused(InterviewRefusal.TOO_LATE, deadline=due_at or "-")


def _check_candidate(project: Project, application: Application) -> None:
    """As the person and the project stand now, not as the page showed them."""
    if (
        not Application.objects.candidates_for(project.company, project.call)
        .filter(pk=application.pk)
        .exists()
    ):
        raise Refused(InterviewRefusal.NOT_CANDIDATE)


# --- the shortlist ------------------------------------------------------------------------------------


@transaction.atomic
def shortlist_candidate(project: Project, application: Application, *, by: User) -> None:
    """Look at a candidate more closely; doing it twice is doing it once."""
    project = _locked_project(project)
    _check_offered(project)
    _check_candidate(project, application)
    entry, created = ShortlistEntry.objects.get_or_create(
        project=project, application=application, defaults={"by": by}
    )
    if created:
        record("shortlist_candidate", entry, by=by, project=project, application=application)


@transaction.atomic
def unlist_candidate(project: Project, application: Application, *, by: User) -> None:
    """Take a candidate off the shortlist; whoever is invited is not left hanging."""
    project = _locked_project(project)
    _check_offered(project)
    if Interview.objects.filter(project=project, application=application, state__in=LIVE).exists():
        raise Refused(InterviewRefusal.STILL_INVITED)
    for entry in ShortlistEntry.objects.filter(project=project, application=application):
        record("unlist_candidate", entry, by=by, project=project, application=application)
        entry.delete()


# --- slots --------------------------------------------------------------------------------------------


@transaction.atomic
def open_slots(
    project: Project,
    *,
    starts_at: datetime,
    minutes: int,
    count: int,
    video_url: str,
    place: str,
    by: User,
) -> list[InterviewSlot]:
    """Open ``count`` slots one after the other, each ``minutes`` long; all of them or none."""
    project = _locked_project(project)
    _check_offered(project)
    now, length = timezone.now(), timedelta(minutes=minutes)
    if starts_at <= now:
        raise Refused(InterviewRefusal.SLOT_PAST)
    due_at = project.call.rankings_due_at
    if due_at is None or starts_at >= due_at or starts_at + count * length > due_at:
        raise Refused(InterviewRefusal.SLOT_AFTER_DEADLINE, deadline=due_at or "-")
    multiple = project.call.rule_set.interview_most_multiple
    most, opened = (
        terms.most_interviews(project.places, multiple),
        project.interview_slots.counted(now).count(),
    )
    if opened + count > most:
        raise Refused(InterviewRefusal.TOO_MANY_SLOTS, multiple=multiple, most=most, open=opened)
    same = {"project": project, "video_url": video_url, "place": place, "opened_by": by}
    slots = [
        InterviewSlot(
            starts_at=starts_at + number * length, ends_at=starts_at + (number + 1) * length, **same
        )
        for number in range(count)
    ]
    for slot in slots:
        try:
            with transaction.atomic():
                slot.save(force_insert=True)
        except IntegrityError as error:
            if "slots_of_a_project_apart" not in str(error):
                raise
            raise Refused(InterviewRefusal.SLOT_OVERLAPS, starts=slot.starts_at) from error
        record("open_slots", slot, by=by, project=project, at=slot.starts_at)
    return slots


def _locked_slot(slot: InterviewSlot) -> tuple[InterviewSlot, Interview | None]:
    """A slot and whoever has booked it; the interview is held first, as everywhere."""
    booked = Interview.objects.filter(slot=slot, state__in=SEATED).first()
    held = _locked(booked) if booked else None
    own = InterviewSlot.objects.select_for_update(of=("self",)).select_related("project__call__rule_set")
    slot = own.select_related("project__company").get(pk=slot.pk)
    now_booked = Interview.objects.filter(slot=slot, state__in=SEATED).first()
    if (now_booked and now_booked.pk) != (held and held.pk):
        raise Stale
    return slot, held


@transaction.atomic
def change_slot(slot: InterviewSlot, *, video_url: str, place: str, by: User) -> InterviewSlot:
    """Say anew where it is; whoever has booked it is told."""
    slot, booked = _locked_slot(slot)
    _check_offered(slot.project)
    if slot.starts_at <= timezone.now():
        raise Refused(InterviewRefusal.SLOT_BEGUN)
    if (slot.video_url, slot.place) == (video_url, place):
        return slot
    slot.video_url, slot.place = video_url, place
    slot.save(update_fields=["video_url", "place"])
    event = record("change_slot", slot, by=by)
    if booked is not None:
        booked.sequence += 1
        booked.save(update_fields=["sequence", "updated_at"])
        notices.interview_moved_place(booked, event.pk)
    return slot


@transaction.atomic
def cancel_slot(slot: InterviewSlot, *, by: User) -> InterviewSlot:
    """Take a time back; whoever has booked it may choose another."""
    slot, booked = _locked_slot(slot)
    if slot.starts_at <= timezone.now():
        raise Refused(InterviewRefusal.SLOT_BEGUN)
    was = SLOT.move(slot, "cancel_slot")
    slot.save(update_fields=["state"])
    record("cancel_slot", slot, by=by, was=was)
    if booked is not None:
        was, starts_at = INTERVIEW.move(booked, "call_off_interview"), booked.starts_at
        booked.sequence += 1
        booked.save()
        event = record("call_off_interview", booked, by=by, was=was)
        notices.interview_called_off(booked, event.pk, starts_at=starts_at, ended=False)
    return slot


# --- interviews ---------------------------------------------------------------------------------------


@transaction.atomic
def invite_candidate(project: Project, application: Application, *, by: User) -> Interview:
    """Ask somebody on the shortlist to choose a time. Inviting twice is inviting once."""
    project = _locked_project(project)
    _check_offered(project)
    application = lock_application(application)
    _check_candidate(project, application)
    if not ShortlistEntry.objects.filter(project=project, application=application).exists():
        raise Refused(InterviewRefusal.NOT_SHORTLISTED)
    known = Interview.objects.select_for_update(of=("self",)).filter(project=project, application=application)
    interview = known.first()
    if interview is not None and interview.state == InterviewState.DECLINED:
        raise Refused(InterviewRefusal.DECLINED_BEFORE)
    if interview is not None and not INTERVIEW.may(interview, "invite_candidate"):
        return interview
    multiple = project.call.rule_set.interview_most_multiple
    most = terms.most_interviews(project.places, multiple)
    if Interview.objects.filter(project=project).counted().count() >= most:
        raise Refused(InterviewRefusal.TOO_MANY_INVITED, multiple=multiple, most=most)
    if not project.interview_slots.free(timezone.now()).exists():
        raise Refused(InterviewRefusal.NO_SLOT)
    was = None
    if interview is None:
        interview = Interview(
            project=project, company=project.company, application=application, trainee=application.trainee
        )
    else:
        was = INTERVIEW.move(interview, "invite_candidate")
    interview.invited_by, interview.invited_at, interview.word = by, timezone.now(), ""
    interview.save()
    event = record("invite_candidate", interview, by=by, was=was)
    notices.interview_invited(interview, event.pk)
    return interview


def _check_still_open(interview: Interview) -> None:
    """The invitation can still be answered: the project and the person take part, lists are not due."""
    _check_offered(interview.project)
    _check_candidate(interview.project, interview.application)


def _check_not_firm(interview: Interview) -> None:
    if interview.is_firm:
        raise Refused(InterviewRefusal.TOO_CLOSE, hours=int(terms.FIRM.total_seconds() // 3600))


#: What the database says when two people, or one person twice, wanted the same time.
_TAKEN = {
    "interview_slot_taken_once": InterviewRefusal.SLOT_TAKEN,
    "interview_one_at_a_time": InterviewRefusal.OVERLAPS,
}


@transaction.atomic
def book_interview(interview: Interview, slot: InterviewSlot, *, by: User) -> Interview:
    """Choose a time, or another one; choosing the same again changes nothing."""
    lock_application(Application(pk=interview.application_id))
    interview = _locked(interview)
    if interview.state == InterviewState.BOOKED and interview.slot_id == slot.pk:
        return interview
    was, moved = str(interview.state), interview.state == InterviewState.BOOKED
    _check_not_firm(interview)
    INTERVIEW.move(interview, "book_interview")
    _check_still_open(interview)
    slot = InterviewSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    free = InterviewSlot.objects.free(timezone.now()).filter(project=interview.project_id)
    if not free.filter(pk=slot.pk).exists():
        taken = Interview.objects.filter(slot=slot, state__in=SEATED).exists()
        raise Refused(InterviewRefusal.SLOT_TAKEN if taken else InterviewRefusal.SLOT_GONE)
    cap = interview.project.call.rule_set.interviews_per_trainee
    others = Interview.objects.filter(application=interview.application_id, state__in=SEATED)
    if others.exclude(pk=interview.pk).count() >= cap:
        raise Refused(InterviewRefusal.CAP, cap=cap)
    interview.slot, interview.starts_at, interview.ends_at = slot, slot.starts_at, slot.ends_at
    interview.booked_at, interview.sequence = timezone.now(), interview.sequence + 1
    try:
        with transaction.atomic():
            interview.save()
    except IntegrityError as error:
        code = next((code for name, code in _TAKEN.items() if name in str(error)), None)
        if code is None:
            raise
        raise Refused(code) from error
    event = record("book_interview", interview, by=by, was=was, at=slot.starts_at)
    notices.interview_booked(interview, event.pk, moved=moved)
    return interview


@transaction.atomic
def release_interview(interview: Interview, *, by: User) -> Interview:
    """Give the time back and stay invited."""
    interview = _locked(interview)
    _check_not_firm(interview)
    was = INTERVIEW.move(interview, "release_interview")
    interview.sequence += 1
    interview.save()
    event = record("release_interview", interview, by=by, was=was)
    notices.interview_left(interview, event.pk, declined=False)
    return interview


@transaction.atomic
def decline_interview(interview: Interview, *, word: str, by: User) -> Interview:
    """Say no, with or without a word; a time that was booked is free again. Final."""
    interview = _locked(interview)
    _check_not_firm(interview)
    was = INTERVIEW.move(interview, "decline_interview")
    interview.word, interview.sequence = word, interview.sequence + 1
    interview.save()
    event = record("decline_interview", interview, by=by, was=was)
    notices.interview_left(interview, event.pk, declined=True)
    return interview


@transaction.atomic
def withdraw_interview(interview: Interview, *, by: User) -> Interview:
    """The company takes an invitation back, until the interview begins."""
    interview = _locked(interview)
    if interview.has_begun:
        raise Refused(InterviewRefusal.BEGUN)
    was, starts_at = INTERVIEW.move(interview, "withdraw_interview"), interview.starts_at
    interview.sequence += 1
    interview.save()
    event = record("withdraw_interview", interview, by=by, was=was)
    told = starts_at if was == InterviewState.BOOKED else None
    notices.interview_called_off(interview, event.pk, starts_at=told, ended=True)
    return interview


def _check_begun(interview: Interview) -> None:
    if interview.starts_at is None or interview.starts_at > timezone.now():
        raise Refused(InterviewRefusal.NOT_BEGUN, starts=interview.starts_at or "-")


@transaction.atomic
def hold_interview(interview: Interview, *, by: User) -> Interview:
    """Write down that it took place."""
    interview = _locked(interview)
    was = INTERVIEW.move(interview, "hold_interview")
    _check_begun(interview)
    interview.save(update_fields=["state", "updated_at"])
    record("hold_interview", interview, by=by, was=was)
    return interview


@transaction.atomic
def miss_interview(interview: Interview, *, by: User) -> Interview:
    """Write down that the person did not come, and tell them so."""
    interview = _locked(interview)
    was = INTERVIEW.move(interview, "miss_interview")
    _check_begun(interview)
    interview.save(update_fields=["state", "updated_at"])
    event = record("miss_interview", interview, by=by, was=was)
    notices.interview_missed(interview, event.pk, corrected=False)
    return interview


@transaction.atomic
def correct_interview(interview: Interview, *, reason: str, by: User) -> Interview:
    """The person did come: put it right, saying why it was written otherwise."""
    if not reason.strip():
        raise Refused(InterviewRefusal.NO_REASON)
    interview = _locked(interview)
    was = INTERVIEW.move(interview, "correct_interview")
    interview.correction = reason
    interview.save(update_fields=["state", "correction", "updated_at"])
    event = record("correct_interview", interview, by=by, was=was, reason=reason)
    notices.interview_missed(interview, event.pk, corrected=True)
    return interview


# --- forms --------------------------------------------------------------------------------------------


def _write_form(
    interview: Interview, points: Mapping[str, int | None], notes: str, revision: int, verb: str, by: User
) -> InterviewForm:
    interview = _locked(interview)
    due_at = interview.project.call.rankings_due_at
    if due_at is None or timezone.now() > due_at:
        raise Refused(InterviewRefusal.TOO_LATE, deadline=due_at or "-")
    if interview.state != InterviewState.HELD:
        hold_interview(interview, by=by)  # who writes down how it was says that it was
    form = InterviewForm.objects.select_for_update().filter(interview=interview).first()
    form = form or InterviewForm(interview=interview)
    if form.revision != revision:
        raise Stale
    was = INTERVIEW_FORM.move(form, verb)
    for name in Criterion.values:
        setattr(form, name, points.get(name))
    form.notes, form.by, form.revision = notes, by, form.revision + 1
    form.save()
    record(verb, form, by=by, was=was)
    return form


@transaction.atomic
def draft_form(
    interview: Interview, *, points: Mapping[str, int | None], notes: str, revision: int, by: User
) -> InterviewForm:
    """Keep what has been noted so far.

    Raises
    ------
    Stale
        If a colleague has saved since ``revision``.
    """
    return _write_form(interview, points, notes, revision, "draft_form", by)


@transaction.atomic
def finish_form(
    interview: Interview, *, points: Mapping[str, int | None], notes: str, revision: int, by: User
) -> InterviewForm:
    """The same, with every criterion; it can still be changed until lists are due."""
    if any(points.get(name) is None for name in Criterion.values):
        raise Refused(InterviewRefusal.UNFINISHED)
    return _write_form(interview, points, notes, revision, "finish_form", by)


# --- the clock ----------------------------------------------------------------------------------------


def remind_interviews(now: datetime) -> int:
    """The day before, from nine o'clock: both sides, once. Whoever booked later than that was told then."""
    coming = Interview.objects.filter(
        state=InterviewState.BOOKED, starts_at__gt=now, starts_at__lte=now + timedelta(days=2)
    )
    due = []
    for interview in coming.with_names().order_by("starts_at", "pk"):
        assert interview.starts_at is not None  # noqa: S101 -- filtered above
        assert interview.booked_at is not None  # noqa: S101 -- booked, says interview_booked_has_slot
        moment = terms.remind_at(timezone.localtime(interview.starts_at))
        if interview.booked_at < moment <= now:
            due.append(interview)
    return notices.interviews_due(due)


@transaction.atomic
def lapse_interview(interview: Interview, *, now: datetime) -> Interview | None:
    """End one that nothing can come of, if that is still so; whoever had booked a time is told."""
    interview = _locked(interview)
    if not Interview.objects.filter(pk=interview.pk).stranded(now).exists():
        return None
    was, starts_at = INTERVIEW.move(interview, "lapse_interview"), interview.starts_at
    interview.sequence += 1
    interview.save()
    event = record("lapse_interview", interview, by=None, was=was)
    if was == InterviewState.BOOKED:
        notices.interview_called_off(interview, event.pk, starts_at=starts_at, ended=True)
        notices.interview_stranded(interview, event.pk)
    return interview


def lapse_interviews(now: datetime) -> int:
    """End every invitation that was not answered when lists were due, and what is out of the match."""
    stranded = Interview.objects.stranded(now).order_by("pk")
    return sum(lapse_interview(interview, now=now) is not None for interview in stranded.iterator())


# --- reports ------------------------------------------------------------------------------------------


@transaction.atomic
def file_report(
    trainee: Trainee,
    project: Project,
    *,
    kind: str,
    happened_on: date,
    text: str,
    upload: UploadedFile | None,
    token: UUID,
    by: User,
) -> Report:
    """Tell the office; the same press twice is one report."""
    if happened_on > timezone.localdate():
        raise Refused(ReportRefusal.IN_FUTURE)
    Trainee.objects.select_for_update(of=("self",), no_key=True).get(pk=trainee.pk)  # two presses at once
    known = Report.objects.filter(token=token, trainee=trainee).first()
    if known is not None:
        return known
    report = Report.objects.create(
        token=token,
        trainee=trainee,
        project=project,
        company=project.company,
        kind=kind,
        happened_on=happened_on,
        text=text,
        file=store_file(upload, by=by) if upload else None,
        due_on=terms.answer_due_on(timezone.localdate()),
    )
    record("file_report", report, by=by)
    notices.report_filed(report)
    return report


def _locked_report(report: Report) -> Report:
    held = Report.objects.select_for_update(of=("self",))
    return held.select_related("trainee__user", "company").get(pk=report.pk)


@transaction.atomic
def withdraw_report(report: Report, *, by: User) -> Report:
    """The person takes it back; the office still reads that it was there."""
    report = _locked_report(report)
    was = REPORT.move(report, "withdraw_report")
    report.closed_at = timezone.now()
    report.save()
    record("withdraw_report", report, by=by, was=was)
    return report


def _answer(report: Report, verb: str, reply: str, by: Any) -> Report:
    if not reply.strip():
        raise Refused(ReportRefusal.NO_REPLY)
    report = _locked_report(report)
    if role_in(by, report.company_id):
        raise Refused(ReportRefusal.OWN_COMPANY)
    was = REPORT.move(report, verb)
    report.reply, report.decided_by, report.closed_at = reply, by, timezone.now()
    report.save()
    record(verb, report, by=by, was=was)
    notices.report_answered(report)
    return report


@transaction.atomic
def uphold_report(report: Report, *, reply: str, by: User) -> Report:
    """It was so; what follows for the company is decided where companies are."""
    return _answer(report, "uphold_report", reply, by)


@transaction.atomic
def dismiss_report(report: Report, *, reply: str, by: User) -> Report:
    """It could not be shown to be so."""
    return _answer(report, "dismiss_report", reply, by)
