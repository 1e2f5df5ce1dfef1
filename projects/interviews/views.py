from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import SignedIn
from portal.audit.actions import record_access
from portal.companies.states import CompanyState
from portal.ui.htmx import render_page
from portal.ui.korean import kdate, kdatetime, unbroken
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused, Stale
from projects.applications.models import Application
from projects.fit.actions import fits_of_page
from projects.interviews import actions, terms
from projects.interviews.forms import (
    ChooseSlotForm,
    CorrectForm,
    DeclineForm,
    JudgementForm,
    PlaceForm,
    ReportForm,
    SlotForm,
    reportable,
)
from projects.interviews.models import Interview, InterviewSlot, Report
from projects.interviews.states import (
    INTERVIEW,
    REPORT,
    SEATED,
    InterviewState,
    ReportState,
    SlotState,
)
from projects.interviews.words import FORBIDDEN, result_of
from projects.models import Project
from projects.states import BEFORE_RESULTS, UNSEALED, ProjectState

PER_PAGE = 30


def _length(interview_or_slot: Any) -> int:
    return (interview_or_slot.ends_at - interview_or_slot.starts_at) // timedelta(minutes=1)


def _when(row: Any) -> str:
    """``11월 22일(일) 14:00 · 30분``, or nothing."""
    if row is None or row.starts_at is None:
        return ""
    return _("%(moment)s · %(minutes)s분") % {"moment": kdatetime(row.starts_at), "minutes": _length(row)}


# --- a trainee's interviews -----------------------------------------------------------------------------

#: Where an interview stands in the list: to answer, to come, over.
_PARTS = {InterviewState.INVITED: 0, InterviewState.BOOKED: 1}


def _own(request: SignedIn) -> Any:
    """The interviews of the trainee who looks; 404 for anybody else."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    return Interview.objects.filter(trainee__user=request.user).with_names()


@require_GET
def interview_list(request: SignedIn) -> HttpResponse:
    """Invitations to answer, then what is to come, then what is over."""
    rows = sorted(_own(request), key=lambda one: (_PARTS.get(one.state, 2), one.starts_at or one.invited_at))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"interview": one, "when": _when(one) if one.state in SEATED else ""} for one in page],
    }
    return render_page(request, "projects/interviews/interview_list.html", context, partial="rows")


def _own_interview(request: SignedIn, pk: int) -> Interview:
    return get_object_or_404(_own(request), pk=pk)


def _detail(interview: Interview) -> dict[str, Any]:
    """Facts of one's own interview, and what can still be done about it."""
    call, now = interview.project.call, timezone.now()
    open_still = (
        call.state in UNSEALED
        and call.rankings_due_at is not None
        and now <= call.rankings_due_at
        and Application.objects.candidates_for(interview.company, call)
        .filter(pk=interview.application_id)
        .exists()
        and interview.project.state == ProjectState.SELECTED
    )
    may_book = open_still and INTERVIEW.may(interview, "book_interview") and not interview.is_firm
    slots = InterviewSlot.objects.free(now).filter(project=interview.project_id)
    booked = interview.state == InterviewState.BOOKED
    slot = interview.slot if interview.state in SEATED else None
    facts = [
        (_("회사"), interview.company.name),
        (_("과제"), interview.project.title),
        (_("면접 시간"), unbroken(_when(interview)) if slot else ""),
        (_("장소"), slot.place if slot and booked else ""),
    ]
    return {
        "interview": interview,
        "call": call,
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "video_url": slot.video_url if slot and booked else "",
        "is_open": open_still,
        "may_book": may_book,
        "may_leave": INTERVIEW.may(interview, "decline_interview")
        and not interview.is_firm
        and not interview.has_begun,
        "has_slots": may_book and slots.exists(),
        "form": ChooseSlotForm(slots=slots) if may_book else None,
        "has_calendar": interview.slot is not None
        and interview.state not in (InterviewState.HELD, InterviewState.MISSED),
    }


DETAIL = "projects/interviews/interview_detail.html"


@require_GET
def interview_detail(request: SignedIn, pk: int) -> HttpResponse:
    return render(request, DETAIL, _detail(_own_interview(request, pk)))


def _try(
    request: SignedIn, interview: Interview, do: Callable[[], Any], said: str, status: int = 409
) -> HttpResponse:
    """Do something to one's own interview; what is refused is said on its page as it stands now."""
    try:
        do()
    except (Refused, IllegalMove) as refusal:
        context = _detail(_own_interview(request, interview.pk)) | {"refused": sentence(refusal)}
        return render(request, DETAIL, context, status=status)
    messages.success(request, said)
    return redirect("interviews:interview-detail", interview.pk)


@require_POST
def interview_book(request: SignedIn, pk: int) -> HttpResponse:
    """Choose one of the free times, or another one than before."""
    interview = _own_interview(request, pk)
    own_slots = InterviewSlot.objects.filter(project=interview.project_id, state=SlotState.OPEN)
    form = ChooseSlotForm(request.POST, slots=own_slots)
    if not form.is_valid():
        context = _detail(interview)
        shown = context["form"]
        if shown is not None:  # the times as they are now, with what was wrong
            shown = ChooseSlotForm(request.POST, slots=shown.fields["slot"].queryset)
            shown.is_valid()
        return render(request, DETAIL, context | {"form": shown}, status=422)
    slot = form.cleaned_data["slot"]
    said = _("%(when)s에 면접을 예약했습니다.") % {"when": kdatetime(slot.starts_at)}
    return _try(request, interview, lambda: actions.book_interview(interview, slot, by=request.user), said)


CONFIRM = "projects/interviews/interview_confirm.html"


def _asks(interview: Interview, heading: str, submit: str, back: str, **more: Any) -> dict[str, Any]:
    """What a page shows that asks before something weighty."""
    return {
        "interview": interview,
        "heading": heading,
        "submit": submit,
        "cancel_url": reverse(f"interviews:{back}", args=[interview.pk]),
        **more,
    }


@require_http_methods(["GET", "POST"])
def interview_release(request: SignedIn, pk: int) -> HttpResponse:
    """Give the time back, and choose another later."""
    interview = _own_interview(request, pk)
    if request.method == "POST":
        said = _("면접 시간을 취소했습니다. 다른 시간을 고를 수 있습니다.")
        return _try(request, interview, lambda: actions.release_interview(interview, by=request.user), said)
    notes = [
        _("비운 시간은 다른 사람이 고를 수 있습니다."),
        _("초대는 그대로 남아 다른 시간을 고를 수 있습니다."),
    ]
    context = _asks(
        interview,
        _("면접 시간을 취소할까요?"),
        _("시간 취소하기"),
        "interview-detail",
        lead=_when(interview),
        notes=notes,
    )
    return render(request, CONFIRM, context)


@require_http_methods(["GET", "POST"])
def interview_decline(request: SignedIn, pk: int) -> HttpResponse:
    """Say no to an invitation, with or without a word."""
    interview = _own_interview(request, pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        word = form.cleaned_data["word"]
        said = _("면접을 거절했습니다.")
        return _try(
            request, interview, lambda: actions.decline_interview(interview, word=word, by=request.user), said
        )
    notes = [
        _("되돌릴 수 없습니다. 이 회사는 이 과제로 다시 초대할 수 없습니다."),
        _("면접을 보지 않아도 이 과제에 관심을 표시하고 희망 순위에 담을 수 있습니다."),
    ]
    context = _asks(
        interview,
        _("면접을 거절할까요?"),
        _("거절하기"),
        "interview-detail",
        form=form,
        notes=notes,
        danger=True,
    )
    return render(request, CONFIRM, context, status=422 if request.method == "POST" else 200)


@require_GET
def interview_calendar(request: SignedIn, pk: int) -> HttpResponse:
    """The interview for one's calendar, or, once it is cancelled, what takes it out again; for both sides."""
    interview = Interview.objects.managed_by(request.user).with_names().filter(pk=pk).first()
    for_company = interview is not None
    if interview is not None and not request.user.has_perm("projects.see_candidates", interview.project):
        raise PermissionDenied
    if interview is None:
        interview = get_object_or_404(
            Interview.objects.filter(trainee__user=request.user).with_names(), pk=pk
        )
    if interview.slot is None:
        raise Http404
    response = HttpResponse(
        _calendar(interview, for_company=for_company), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="interview-{interview.pk}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


def _calendar(interview: Interview, *, for_company: bool) -> str:
    slot = interview.slot
    assert slot is not None  # noqa: S101 -- asked by the view
    cancelled = interview.state not in SEATED
    page = reverse(f"interviews:interview-{'manage' if for_company else 'detail'}", args=[interview.pk])
    url = settings.SITE_URL.rstrip("/") + page
    facts = {"project": interview.project.title, "company": interview.company.name}
    summary = _("면접: %(project)s (%(company)s)") % facts
    if for_company:
        summary = _("면접: %(person)s 님 (%(project)s)") % {**facts, "person": interview.trainee.user.name}
    shown = "" if cancelled else slot.video_url
    lines = [shown and _("화상 면접: %(url)s") % {"url": shown}, _("자세히: %(url)s") % {"url": url}]
    host = urlsplit(settings.SITE_URL).hostname or "ieum"
    return terms.calendar(
        terms.Appointment(
            uid=f"interview-{interview.pk}@{host}",
            sequence=interview.sequence,
            starts_at=timezone.localtime(slot.starts_at),
            ends_at=timezone.localtime(slot.ends_at),
            stamped_at=interview.updated_at,
            summary=summary,
            description="\n".join(line for line in lines if line),
            location="" if cancelled else slot.place or slot.video_url,
            url=url,
            organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
            cancelled=cancelled,
        )
    )


# --- a company's interviews -----------------------------------------------------------------------------


def _managed(request: SignedIn, pk: int) -> Project:
    """A project of the user's company whose candidates this member may see."""
    own = Project.objects.managed_by(request.user).select_related("company", "call__rule_set")
    project = get_object_or_404(own, pk=pk)
    if not request.user.has_perm("projects.see_candidates", project):
        raise PermissionDenied
    return project


def phase_of(project: Project) -> str:
    """Where a project's interviews stand: over, unselected, barred, late or open."""
    call = project.call
    if call.state not in BEFORE_RESULTS:
        return "over"
    if project.state != ProjectState.SELECTED:
        return "unselected"
    if project.company.state != CompanyState.VERIFIED:
        return "barred"
    return "late" if call.is_ranked else "open"


BOARD = "projects/interviews/interview_board.html"


def _board(request: SignedIn, project: Project) -> dict[str, Any]:
    """Times, who comes when, and the shortlist with what became of each invitation."""
    phase, now = phase_of(project), timezone.now()
    context: dict[str, Any] = {
        "project": project,
        "call": project.call,
        "phase": phase,
        "forbidden": FORBIDDEN,
    }
    if phase in ("over", "unselected", "barred"):
        return context
    people = Application.objects.candidates_for(project.company, project.call)
    interviews = list(
        Interview.objects.filter(project=project, application__in=people)
        .with_names()
        .order_by("starts_at", "pk")
    )
    listed = set(project.shortlist.values_list("application", flat=True))
    of_person = {one.application_id: one for one in interviews}
    shown = list(
        people.filter(pk__in=listed | set(of_person))
        .select_related("trainee__user")
        .order_by("trainee__user__name", "pk")
    )
    fits = fits_of_page(shown, project)
    of_slot = {one.slot_id: one for one in interviews if one.state in SEATED}
    rules = project.call.rule_set
    slots = list(project.interview_slots.filter(state=SlotState.OPEN))
    counted = sum(1 for slot in slots if slot.starts_at > now or slot.pk in of_slot)
    # whoever booked and is no candidate any more still takes the time until the clock ends it
    taken = set(Interview.objects.filter(slot__in=slots, state__in=SEATED).values_list("slot", flat=True))
    return context | {
        "may_choose": phase == "open" and request.user.has_perm("interviews.invite_candidate", project),
        "least": terms.most_interviews(project.places, rules.interview_least_multiple),
        "most": terms.most_interviews(project.places, rules.interview_most_multiple),
        "opened": counted,
        "invited": Interview.objects.filter(project=project).counted().count(),
        "held": sum(1 for one in interviews if one.state == InterviewState.HELD),
        "has_free": any(slot.starts_at > now and slot.pk not in taken for slot in slots),
        "slots": [
            {
                "slot": slot,
                "when": _when(slot),
                "interview": of_slot.get(slot.pk),
                "is_past": slot.starts_at <= now,
                "is_taken": slot.pk in taken,
            }
            for slot in slots
        ],
        "rows": [_row(person, of_person.get(person.pk), fits) for person in shown],
        "seen": [person.trainee.user for person in shown],
    }


def _row(person: Application, interview: Interview | None, fits: dict[int, Any]) -> dict[str, Any]:
    kept = getattr(interview, "form", None) if interview else None
    return {
        "application": person,
        "name": person.trainee.user.name,
        "fit": fits[person.pk],
        "interview": interview,
        "when": _when(interview) if interview and interview.state in SEATED else "",
        "form": kept,
        "may_invite": interview is None or INTERVIEW.may(interview, "invite_candidate"),
    }


@require_GET
def interview_board(request: SignedIn, pk: int) -> HttpResponse:
    project = _managed(request, pk)
    context = _board(request, project)
    record_access("interviews", by=request.user, subjects=context.get("seen", []), reason=project.title)
    return render(request, BOARD, context)


def _on_board(request: SignedIn, project: Project, do: Callable[[], Any], said: str) -> HttpResponse:
    """Do something from the board; what is refused is said on it."""
    try:
        do()
    except (Refused, IllegalMove, Stale) as refusal:
        context = _board(request, project) | {"refused": sentence(refusal)}
        return render(request, BOARD, context, status=409)
    messages.success(request, said)
    return redirect("interviews:interview-board", project.pk)


def _choosing(request: SignedIn, project: Project, verb: str) -> None:
    if not request.user.has_perm(f"interviews.{verb}", project):
        raise PermissionDenied


@require_http_methods(["GET", "POST"])
def slot_add(request: SignedIn, pk: int) -> HttpResponse:
    """Open one time, or some one after the other."""
    project = _managed(request, pk)
    _choosing(request, project, "open_slots")
    last = project.interview_slots.filter(state=SlotState.OPEN).last()
    known = {"video_url": last.video_url, "place": last.place} if last else {}
    form = SlotForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in ("minutes", "count", "video_url", "place")}
        try:
            slots = actions.open_slots(project, starts_at=form.starts_at, **chosen, by=request.user)
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("면접 시간 %(count)s개를 열었습니다.") % {"count": len(slots)})
            return redirect("interviews:interview-board", project.pk)
    rules = project.call.rule_set
    context = {
        "project": project,
        "call": project.call,
        "form": form,
        "opened": project.interview_slots.counted(timezone.now()).count(),
        "least": terms.most_interviews(project.places, rules.interview_least_multiple),
        "most": terms.most_interviews(project.places, rules.interview_most_multiple),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/interviews/slot_add.html", context, status=status)


def _managed_slot(request: SignedIn, pk: int, verb: str) -> InterviewSlot:
    own = InterviewSlot.objects.managed_by(request.user)
    slot = get_object_or_404(own.select_related("project__company", "project__call__rule_set"), pk=pk)
    _choosing(request, slot.project, verb)
    return slot


@require_http_methods(["GET", "POST"])
def slot_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Say anew where it is."""
    slot = _managed_slot(request, pk, "change_slot")
    kept = {"video_url": slot.video_url, "place": slot.place}
    form = PlaceForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        where = {name: form.cleaned_data[name] for name in kept}
        try:
            actions.change_slot(slot, **where, by=request.user)
        except (Refused, Stale) as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("면접 장소를 바꾸었습니다. 예약한 사람에게 알렸습니다."))
            return redirect("interviews:interview-board", slot.project_id)
    context = {"slot": slot, "project": slot.project, "form": form, "when": _when(slot)}
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/interviews/slot_edit.html", context, status=status)


@require_POST
def slot_cancel(request: SignedIn, pk: int) -> HttpResponse:
    slot = _managed_slot(request, pk, "cancel_slot")
    said = _("면접 시간을 취소했습니다. 예약한 사람이 있었으면 다른 시간을 고르라고 알렸습니다.")
    return _on_board(request, slot.project, lambda: actions.cancel_slot(slot, by=request.user), said)


@require_POST
def interview_invite(request: SignedIn, pk: int, application: int) -> HttpResponse:
    project = _managed(request, pk)
    _choosing(request, project, "invite_candidate")
    people = Application.objects.candidates_for(project.company, project.call).select_related("trainee__user")
    person = get_object_or_404(people, pk=application)
    said = _("%(name)s 님을 면접에 초대했습니다.") % {"name": person.trainee.user.name}
    return _on_board(
        request, project, lambda: actions.invite_candidate(project, person, by=request.user), said
    )


def _managed_interview(request: SignedIn, pk: int) -> Interview:
    interview = get_object_or_404(Interview.objects.managed_by(request.user).with_names(), pk=pk)
    if not request.user.has_perm("projects.see_candidates", interview.project):
        raise PermissionDenied
    return interview


MANAGE = "projects/interviews/interview_manage.html"


def _managing(request: SignedIn, interview: Interview) -> dict[str, Any]:
    """One interview as the company sees it, and what it may do about it."""
    slot = interview.slot if interview.state in SEATED else None
    form = getattr(interview, "form", None)
    facts = [
        (_("과제"), interview.project.title),
        (_("면접 시간"), unbroken(_when(interview)) if slot else ""),
        (_("장소"), slot.place if slot else ""),
        (_("지원자가 남긴 말"), interview.word),
        (_("불참을 바로잡은 사유"), interview.correction),
    ]
    may = {
        verb: request.user.has_perm(f"interviews.{verb}_interview", interview.project)
        and INTERVIEW.may(interview, f"{verb}_interview")
        for verb in ("withdraw", "hold", "miss", "correct")
    }
    begun = interview.has_begun
    return {
        "interview": interview,
        "project": interview.project,
        "name": interview.trainee.user.name,
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "video_url": slot.video_url if slot and interview.state == InterviewState.BOOKED else "",
        "may_withdraw": may["withdraw"] and not begun,
        "may_hold": may["hold"] and begun,
        "may_miss": may["miss"] and begun,
        "may_correct": may["correct"],
        "may_judge": interview.may_be_judged
        and request.user.has_perm("interviews.change_form", interview.project),
        "kept": form,
        "result": result_of(form),
        "forbidden": FORBIDDEN,
    }


@require_GET
def interview_manage(request: SignedIn, pk: int) -> HttpResponse:
    interview = _managed_interview(request, pk)
    record_access(
        "interview", by=request.user, subjects=[interview.trainee.user], reason=interview.project.title
    )
    return render(request, MANAGE, _managing(request, interview))


def _manage(
    request: SignedIn, interview: Interview, verb: str, do: Callable[[], Any], said: str
) -> HttpResponse:
    """Do something to an interview of the company; what is refused is said on its page."""
    _choosing(request, interview.project, verb)
    try:
        do()
    except (Refused, IllegalMove) as refusal:
        context = _managing(request, _managed_interview(request, interview.pk)) | {
            "refused": sentence(refusal)
        }
        return render(request, MANAGE, context, status=409)
    messages.success(request, said)
    return redirect("interviews:interview-manage", interview.pk)


@require_POST
def interview_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    interview = _managed_interview(request, pk)
    return _manage(
        request, interview, "withdraw_interview",
        lambda: actions.withdraw_interview(interview, by=request.user), _("면접 초대를 취소하고 알렸습니다."),
    )  # fmt: skip


@require_POST
def interview_hold(request: SignedIn, pk: int) -> HttpResponse:
    interview = _managed_interview(request, pk)
    return _manage(
        request, interview, "hold_interview",
        lambda: actions.hold_interview(interview, by=request.user), _("면접을 본 것으로 적었습니다."),
    )  # fmt: skip


@require_POST
def interview_miss(request: SignedIn, pk: int) -> HttpResponse:
    interview = _managed_interview(request, pk)
    return _manage(
        request, interview, "miss_interview", lambda: actions.miss_interview(interview, by=request.user),
        _("불참으로 적고 본인에게 알렸습니다. 잘못 적었으면 바로잡을 수 있습니다."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def interview_correct(request: SignedIn, pk: int) -> HttpResponse:
    """The person did come after all."""
    interview = _managed_interview(request, pk)
    _choosing(request, interview.project, "correct_interview")
    form = CorrectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _manage(
            request, interview, "correct_interview",
            lambda: actions.correct_interview(interview, reason=reason, by=request.user),
            _("면접을 본 것으로 바로잡고 알렸습니다."),
        )  # fmt: skip
    heading = _("불참을 바로잡을까요?")
    context = _asks(interview, heading, _("바로잡기"), "interview-manage", lead=_when(interview), form=form)
    return render(request, CONFIRM, context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def form_edit(request: SignedIn, pk: int) -> HttpResponse:
    """What was noted in an interview: kept for later, or finished."""
    interview = _managed_interview(request, pk)
    _choosing(request, interview.project, "change_form")
    kept, refused = getattr(interview, "form", None), ""
    if not interview.may_be_judged:
        return redirect("interviews:interview-manage", interview.pk)
    form = JudgementForm(request.POST) if request.method == "POST" else JudgementForm.showing(kept)
    status = 200
    if request.method == "POST":
        status, final = 422, "finish" in request.POST
        if form.is_valid():
            write = actions.finish_form if final else actions.draft_form
            noted = {"points": form.points} | {
                name: form.cleaned_data[name] for name in ("notes", "revision")
            }
            try:
                write(interview, **noted, by=request.user)
            except Stale as stale:
                status, refused = 409, sentence(stale)
            except Refused as refusal:
                form.add_error(None, sentence(refusal))
            else:
                messages.success(request, _("평가지를 저장했습니다."))
                return redirect("interviews:interview-manage", interview.pk)
    context = {
        "interview": interview,
        "name": interview.trainee.user.name,
        "form": form,
        "kept": kept,
        "refused": refused,
        "when": _when(interview),
        "forbidden": FORBIDDEN,
    }
    return render(request, "projects/interviews/form_edit.html", context, status=status)


# --- reports --------------------------------------------------------------------------------------------


def _own_reports(request: SignedIn) -> Any:
    if not hasattr(request.user, "trainee"):
        raise Http404
    return Report.objects.filter(trainee__user=request.user).select_related("company", "project", "file")


@require_GET
def report_list(request: SignedIn) -> HttpResponse:
    page = Paginator(_own_reports(request).order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render_page(request, "projects/interviews/report_list.html", {"page": page}, partial="rows")


@require_http_methods(["GET", "POST"])
def report_add(request: SignedIn) -> HttpResponse:
    """Tell the office; what was typed is kept if something is missing, the file is not."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    asked = request.POST.get("project", "") or request.GET.get("project", "")
    projects = reportable(request.user.trainee, asked)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ReportForm(*sent, projects=projects, initial={"project": asked})
    if request.method == "POST" and "token" not in request.POST:
        raise BadRequest
    if request.method == "POST" and form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("kind", "happened_on", "text", "upload", "token")}
        try:
            report = actions.file_report(
                request.user.trainee, form.cleaned_data["project"], **told, by=request.user
            )
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("interviews:report-detail", report.pk)
    context = {"form": form, "days": terms.ANSWER_DAYS, "has_projects": projects.exists()}
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/interviews/report_add.html", context, status=status)


def _told(report: Report) -> list[dict[str, Any]]:
    facts = [
        (_("회사"), report.company.name),
        (_("과제"), report.project.title),
        (_("무슨 일"), report.get_kind_display()),
        (_("있었던 날"), unbroken(kdate(report.happened_on))),
        (_("있었던 일"), report.text),
        (_("파일"), report.file.name if report.file else ""),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


@require_GET
def report_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The receipt, and later the answer."""
    report = get_object_or_404(_own_reports(request), pk=pk)
    context = {
        "report": report,
        "facts": _told(report),
        "is_open": report.state == ReportState.RECEIVED,
        "may_withdraw": REPORT.may(report, "withdraw_report"),
    }
    return render(request, "projects/interviews/report_detail.html", context)


@require_http_methods(["GET", "POST"])
def report_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    report = get_object_or_404(_own_reports(request), pk=pk)
    if request.method == "POST":
        try:
            actions.withdraw_report(report, by=request.user)
        except IllegalMove as refusal:
            messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("신고를 취소했습니다."))
        return redirect("interviews:report-detail", report.pk)
    context = {
        "heading": _("신고를 취소할까요?"),
        "lead": report.reference,
        "submit": _("신고 취소하기"),
        "cancel_url": reverse("interviews:report-detail", args=[report.pk]),
        "notes": [_("운영사가 더 살피지 않습니다."), _("같은 일을 다시 신고할 수 있습니다.")],
        "danger": True,
    }
    return render(request, CONFIRM, context)
