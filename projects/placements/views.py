"""A trainee answers an offer; a company sees who comes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import SignedIn
from portal.audit.actions import record_access
from portal.companies.models import Company
from portal.companies.views import own_companies, own_company
from portal.ui.korean import josa, kdatetime, kperiod, points
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused
from projects.applications.models import Application
from projects.models import Call, Project
from projects.placements.actions import (
    accept_placement,
    backfill_until,
    decline_placement,
    is_filling,
    leave_reserves,
    vacancy_mode,
    withdraw_placement,
)
from projects.placements.forms import DeclineForm
from projects.placements.models import TAKING, Placement, Reserve
from projects.placements.states import (
    BETTERED,
    GIVEN_UP,
    PLACEMENT,
    PlacementRefusal,
    PlacementState,
)
from projects.states import FILLING, PUBLIC, CallState, ProjectState, VacancyMode

PER_PAGE = 20
#: Calls whose result the company has read, and its projects that went into the match.
PUBLISHED_RESULT = (CallState.ANNOUNCED, CallState.RUNNING, CallState.FINISHED, CallState.ARCHIVED)
DECIDED = PUBLIC | {ProjectState.NOT_OPENED, ProjectState.TERMINATED}
#: Seats nobody ever came to; the company need not see who it would have been.
NEVER_CAME = Q(state__in=GIVEN_UP | BETTERED) | Q(state=PlacementState.TERMINATED, threshold=None)


def _placement(request: SignedIn, pk: int) -> Placement:
    placements = Placement.objects.visible_to(request.user).with_names()
    return get_object_or_404(placements.select_related("evaluation", "application__trainee__graduate"), pk=pk)


# --- the trainee ----------------------------------------------------------------------------------------


@require_GET
def placement_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The trainee's own seat; for the company the same facts and, once accepted, how to reach the person."""
    placement = _placement(request, pk)
    if not request.user.has_perm("placements.view_placement", placement):
        raise PermissionDenied
    mentors = placement.project.mentors.filter(until=None).select_related("member__user")
    context = {
        "placement": placement,
        "facts": _facts(placement, [str(mentor) for mentor in mentors]),
        "evaluation": getattr(placement, "evaluation", None),
        "numbers": Reserve.objects.waiting().filter(application=placement.application_id).count(),
    }
    if placement.trainee.user_id == request.user.pk:
        context["better"] = _better_offer(placement)
        return render(request, "projects/placements/placement_detail.html", context)
    record_access(
        "placement", by=request.user, subjects=[placement.trainee.user], reason=placement.project.title
    )
    may_rate = request.user.has_perm("evaluations.change_evaluation", placement)
    context["may_rate"] = may_rate and placement.state == PlacementState.COMPLETED
    return render(request, "projects/placements/placement_person.html", context)


def _better_offer(placement: Placement) -> Placement | None:
    """What the person is asked to leave this place for."""
    asked = placement.moves_to.filter(state=PlacementState.OFFERED, offered_at__lte=timezone.now())
    return asked.with_names().first()


def _facts(placement: Placement, mentors: list[str]) -> list[dict[str, str]]:
    facts = [
        (_("회사"), placement.company.name),
        (_("프로젝트"), placement.project.title),
        (_("멘토"), ", ".join(mentors) or _("정하는 중")),
        (_("근무"), f"{placement.project.region} · {placement.project.get_work_mode_display()}"),
        (_("기간"), kperiod(placement.starts_on, placement.ends_on)),
        (_("우수 기준"), _("평가 %(score)s점 이상") % {"score": _score(placement)}),
    ]
    if placement.answered_at:
        facts.append((_("응답"), kdatetime(placement.answered_at)))
    if placement.ended_at:
        facts.append((_("중단"), kdatetime(placement.ended_at)))
    return [{"label": label, "value": value} for label, value in facts]


def _score(placement: Placement) -> str:
    """The threshold frozen at acceptance; before it, the one that would be."""
    threshold = placement.threshold
    if threshold is None:
        threshold = placement.call.rule_set.excellence_threshold
    return points(threshold)


@require_POST
def placement_accept(request: SignedIn, pk: int) -> HttpResponse:
    placement = _placement(request, pk)
    if not request.user.has_perm("placements.accept_placement", placement):
        raise PermissionDenied
    try:
        accept_placement(placement, by=request.user)
    except IllegalMove as illegal:  # accepted already, in another tab or by a second click
        if illegal.state != PlacementState.ACCEPTED:
            raise
    except Refused as refusal:  # the company was barred while the page was open; the page says how it stands
        if refusal.code != PlacementRefusal.PROJECT_OVER:
            raise
        messages.error(request, sentence(refusal))
    else:
        company = josa(placement.company.name, "과")
        messages.success(request, _("수락했습니다. %(company)s 함께하게 되었습니다.") % {"company": company})
    return redirect("placements:placement-detail", pk)


@require_GET
def placement_move(request: SignedIn, pk: int) -> HttpResponse:
    """Both places side by side, before one is left for the other; the button accepts."""
    placement = _placement(request, pk)
    if not request.user.has_perm("placements.accept_placement", placement):
        raise PermissionDenied
    if placement.keeps is None or not placement.is_answerable or placement.is_on_hold:
        return redirect("placements:placement-detail", pk)
    better = Reserve.objects.waiting().filter(application=placement.application_id)
    context = {
        "heading": _("이 자리로 옮길까요?"),
        "placement": placement,
        "kept": placement.keeps,
        "waiting": better.count(),
        "action": reverse("placements:placement-accept", args=[pk]),
        "submit": _("옮기기"),
        "cancel_url": reverse("placements:placement-detail", args=[pk]),
    }
    return render(request, "projects/placements/placement_move.html", context)


@require_http_methods(["GET", "POST"])
def placement_decline(request: SignedIn, pk: int) -> HttpResponse:
    return _give_up(request, pk, "decline_placement", decline_placement)


@require_http_methods(["GET", "POST"])
def placement_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    return _give_up(request, pk, "withdraw_placement", withdraw_placement)


def _give_up(request: SignedIn, pk: int, verb: str, action: Callable[..., Placement]) -> HttpResponse:
    """Ask once more, with the effect in sight, then give the seat back."""
    placement = _placement(request, pk)
    if not request.user.has_perm(f"placements.{verb}", placement):
        raise PermissionDenied
    if not PLACEMENT.may(placement, verb):
        raise IllegalMove(placement, verb)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            action(placement, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            kept = placement.keeps is not None
            said = (
                _("제안을 거절했습니다. 지금 자리는 그대로 있습니다.")
                if kept
                else _("자리를 돌려주었습니다. 다음 예비순번에게 갑니다.")
            )
            messages.success(request, said)
            return redirect("matching:match-detail", placement.call_id)
    declining = verb == "decline_placement"
    context = {
        "heading": _("배치를 거절할까요?") if declining else _("참여를 철회할까요?"),
        "declining": declining,
        "placement": placement,
        "kept": placement.keeps,
        "better": _better_offer(placement),
        "own_numbers": Reserve.objects.waiting().filter(application=placement.application_id).count(),
        "form": form,
        "submit": _("거절하기") if declining else _("철회하기"),
        "cancel_url": reverse("placements:placement-detail", args=[pk]),
        "danger": True,
    }
    status = 422 if form.errors else 200
    return render(request, "projects/placements/placement_give_up.html", context, status=status)


# --- waiting --------------------------------------------------------------------------------------------


def _waiting_application(request: SignedIn, call: int) -> Application:
    """The person's own application to a call whose result is out."""
    own = Application.objects.filter(trainee__user=request.user, call__state__in=PUBLISHED_RESULT)
    return get_object_or_404(own.select_related("call__rule_set", "trainee"), call=call)


def _numbers(application: Application) -> list[Reserve]:
    """Where the person waits while seats are still filled, the nearest turn first."""
    if not is_filling(application.call, timezone.localdate()):
        return []
    waiting = Reserve.objects.waiting_as_told(timezone.now()).filter(application=application).with_ahead()
    return list(
        waiting.select_related("project__company", "project__call").order_by("ahead", "reserve_no", "pk")
    )


def _holds(application: Application) -> bool:
    """An offer or a seat that the person knows of."""
    known = Placement.objects.live().filter(application=application, offered_at__lte=timezone.now())
    return known.exists()


def _with_last_year(application: Application, numbers: list[Reserve]) -> list[dict[str, Any]]:
    """Each number with how far the lists of comparable projects were called the last time."""
    last = Reserve.objects.last_called(application.call)
    return [
        {"line": number, "last": last.of(number.project.company_id) if last else None} for number in numbers
    ]


@require_GET
def reserve_list(request: SignedIn, call: int) -> HttpResponse:
    """Every reserve number of the person, how many are before them, and the way out."""
    application = _waiting_application(request, call)
    numbers = _numbers(application)
    context = {
        "call": application.call,
        "numbers": _with_last_year(application, numbers),
        "until": backfill_until(application.call),
        "holds": _holds(application),
        "moving": vacancy_mode(application.call, timezone.now()) == VacancyMode.CHAIN,
    }
    return render(request, "projects/placements/reserve_list.html", context)


@require_http_methods(["GET", "POST"])
def reserve_leave(request: SignedIn, call: int, project: int | None = None) -> HttpResponse:
    """Leave one reserve list, or all of them, with the effect in sight."""
    application = _waiting_application(request, call)
    if not request.user.has_perm("placements.leave_reserves", application):
        raise PermissionDenied
    numbers = _numbers(application)
    leaving = [number for number in numbers if project in (None, number.project_id)]
    one = leaving[0].project if leaving and project is not None else None
    if request.method == "POST" or not leaving:
        _leave(request, application, one, leaving)
        return redirect("placements:reserve-list", call)
    context = {
        "heading": _("이 예비순번에서 빠질까요?") if one else _("모든 예비순번에서 빠질까요?"),
        "call": application.call,
        "leaving": leaving,
        "kept": len(numbers) - len(leaving),
        "holds": _holds(application),
        "submit": _("예비에서 빠지기"),
        "cancel_url": reverse("placements:reserve-list", args=[call]),
        "danger": True,
    }
    return render(request, "projects/placements/reserve_leave.html", context)


def _leave(
    request: SignedIn, application: Application, project: Project | None, leaving: list[Reserve]
) -> None:
    """Once; who left already, in another tab or by a second click, or was called meanwhile, is told so."""
    try:
        count = leave_reserves(application, project=project, by=request.user) if leaving else 0
    except Refused:
        count = 0
    if not count:
        messages.info(request, PlacementRefusal.NOT_WAITING.label)
        return
    words = ngettext("예비순번 %(count)d개에서 빠졌습니다.", "예비순번 %(count)d개에서 빠졌습니다.", count)
    messages.success(request, words % {"count": count})


# --- the company ----------------------------------------------------------------------------------------


@require_GET
def placement_list(request: SignedIn) -> HttpResponse:
    """Who comes to the company in one call, and how its seats stand."""
    company = own_company(request)
    calls = list(
        Call.objects.filter(
            projects__company=company, projects__state__in=DECIDED, state__in=PUBLISHED_RESULT
        )
        .distinct()
        .order_by("-year", "-pk")
    )
    call = next((one for one in calls if str(one.pk) == request.GET.get("call", str(one.pk))), None)
    context = {
        "company": company,
        "companies": own_companies(request, company),
        "call": call,
        "calls": _call_tabs(request, company, calls, call),
    }
    if call is None:
        return render(request, "projects/placements/placement_list.html", context)
    rows = (
        Placement.objects.visible_to(request.user)
        .filter(company=company, call=call)
        .exclude(NEVER_CAME)
        .select_related("project", "trainee__user", "trainee__graduate__cohort__school", "evaluation")
        .order_by("project__title", "trainee__user__name", "pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    record_access(
        "placements", by=request.user, subjects=[row.trainee.user for row in page], reason=call.title
    )
    context |= {
        "page": page,
        "projects": _seats(company, call),
        "may_rate": any(request.user.has_perm("evaluations.change_evaluation", row) for row in page[:1]),
    }
    return render(request, "projects/placements/placement_list.html", context)


def _call_tabs(
    request: SignedIn, company: Company, calls: list[Call], current: Call | None
) -> list[dict[str, Any]]:
    return [
        {
            "label": call.title,
            "url": f"{request.path}?company={company.pk}&call={call.pk}",
            "current": call == current,
        }
        for call in calls
        if len(calls) > 1
    ]


def _seats(company: Company, call: Call) -> list[dict[str, Any]]:
    """Per project: seats, who has them, how many wait behind while seats are filled."""
    projects = list(Project.objects.filter(company=company, call=call, state__in=DECIDED).order_by("title"))
    offered = _counted(Placement.objects.filter(project__in=projects, state=PlacementState.OFFERED))
    waiting = _counted(Reserve.objects.waiting().filter(project__in=projects))
    return [
        {
            "project": project,
            "offered": offered.get(project.pk, 0),
            "taken": project.taken - offered.get(project.pk, 0),
            "free": project.places - project.taken if project.state in TAKING else None,
            "waiting": waiting.get(project.pk, 0)
            if call.state in FILLING and project.state in TAKING
            else None,
        }
        for project in projects
    ]


def _counted(rows: QuerySet[Any]) -> dict[int, int]:
    """Project id -> number of rows."""
    return dict(rows.order_by().values_list("project").annotate(count=Count("pk")))
