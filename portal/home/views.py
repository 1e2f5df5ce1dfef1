"""What each kind of person sees first."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.actions import current_texts
from portal.accounts.models import SignedIn
from portal.accounts.states import ConsentKind
from portal.companies.states import CompanyState
from portal.companies.views import own_companies, own_company
from portal.home import company_day, menu, trainee_day
from portal.home.forms import RoleForm
from portal.trainees.actions import become_trainee
from portal.trainees.models import Trainee
from portal.ui.korean import kdate, kdatetime
from projects.applications.models import Application
from projects.models import Call, Project
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState
from projects.placements.models import Placement
from projects.placements.states import LIVE, PlacementState
from projects.states import CallState, ProjectState

# --- for everybody ------------------------------------------------------------------------------------

#: Placements that came about: people who really were, or are, on a project.
CAME = (
    PlacementState.ACCEPTED,
    PlacementState.RUNNING,
    PlacementState.COMPLETED,
    PlacementState.NOT_COMPLETED,
    PlacementState.DROPPED_OUT,
)
#: Or were, until the project was stopped: who had accepted has a threshold, an offer that was called back has none.
WERE_THERE = Q(state__in=CAME) | Q(state=PlacementState.TERMINATED, threshold__isnull=False)


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The call that is on, how a match is made, and what became of the last one."""
    call = Call.objects.filter(state__in=trainee_day.CURRENT).first()
    last = Call.objects.filter(state__in=[CallState.FINISHED, CallState.ARCHIVED]).first()
    context = {
        "call": call,
        "news": _news(call) if call else "",
        "offered": _offered(call) if call else None,
        "may_apply": not request.user.is_authenticated or request.user.has_perm("trainees.become_trainee"),
        "others": Call.objects.taking_applications(timezone.now()).exclude(pk=call.pk if call else 0),
        "steps": _steps(call) if call else [],
        "last": last,
        "outcome": _outcome(last) if last else [],
    }
    return render(request, "portal/home/home.html", context)


def _news(call: Call) -> str:
    """Where the call stands, in one line."""
    if call.takes_applications:
        due = kdatetime(call.applications_due_at)
        return _("%(call)s · %(due)s 신청 마감") % {"call": call, "due": due}
    if call.takes_rankings:
        due = kdatetime(call.rankings_due_at)
        return _("%(call)s 희망 순위 제출 중 · %(due)s 마감") % {"call": call, "due": due}
    if call.rankings_open_at and timezone.now() < call.rankings_open_at:
        opens = kdatetime(call.rankings_open_at)
        return _("%(call)s 참여 신청 마감 · %(opens)s 희망 순위 시작") % {"call": call, "opens": opens}
    return _("%(call)s 매칭 중 · %(day)s 발표 예정") % {"call": call, "day": kdate(call.announce_on)}


def _offered(call: Call) -> dict[str, int]:
    """Projects, companies and places of a call that everybody may see."""
    selected = Project.objects.public().filter(call=call, state=ProjectState.SELECTED)
    found = selected.aggregate(
        projects=Count("pk"), companies=Count("company", distinct=True), places=Sum("places", default=0)
    )
    return {name: int(value) for name, value in found.items()}


def _steps(call: Call) -> list[dict[str, Any]]:
    """The year of a call; the first step whose end has not passed is the one we are in."""
    today = timezone.localdate()
    rows: list[tuple[str, str, date | datetime | None]] = [
        (_("과제 신청"), _until(call.projects_due_at), call.projects_due_at),
        (_("참여 신청"), _until(call.applications_due_at), call.applications_due_at),
        (_("희망 순위"), _until(call.rankings_due_at), call.rankings_due_at),
        (_("결과 발표"), _short(call.announce_on), call.announce_on),
        (_("프로젝트"), _("%(day)s 시작") % {"day": _short(call.starts_on)}, call.ends_on),
        (_("채용"), _("우수 수료자 채용"), None),
    ]
    steps, now_given = [], False
    for label, note, end in rows:
        last_day = timezone.localtime(end).date() if isinstance(end, datetime) else end
        state = "done" if last_day is not None and last_day < today else "next"
        if state == "next" and not now_given:
            state, now_given = "now", True
        steps.append({"label": label, "note": note, "state": state})
    return steps


def _short(day: date | datetime | None) -> str:
    """``11월 22일(일)``, without the hour."""
    return kdatetime(timezone.localtime(day).date() if isinstance(day, datetime) else day)


def _until(moment: datetime | None) -> str:
    return _("%(day)s까지") % {"day": _short(moment)}


def _outcome(call: Call) -> list[dict[str, Any]]:
    """How many applied, came, completed and were hired: the bars of a finished call."""
    applied = Application.objects.filter(call=call, submitted_at__isnull=False).count()
    placements = Placement.objects.filter(call=call).aggregate(
        came=Count("trainee", filter=WERE_THERE, distinct=True),
        completed=Count("trainee", filter=Q(state=PlacementState.COMPLETED), distinct=True),
    )
    hired = HiringObligation.objects.filter(placement__call=call, state=ObligationState.FULFILLED).count()
    rows = [
        (_("참여 신청"), applied),
        (pgettext("state", "배치"), placements["came"]),
        (_("수료"), placements["completed"]),
        (_("채용"), hired),
    ]
    outcome: list[dict[str, Any]] = []
    for label, value in rows:
        before = outcome[-1]["value"] if outcome else 0
        note = _("앞 단계의 %(share)s%%") % {"share": round(100 * value / before)} if before else ""
        outcome.append({"label": label, "value": value, "note": note})
    return outcome


@require_GET
def start(request: SignedIn) -> HttpResponse:
    """The door everybody comes through after signing in."""
    role = menu.role_of(request)
    if role == menu.STAFF:
        return redirect("admin:index")
    if role == menu.COMPANY:
        return redirect("home:company-home")
    if role == menu.TRAINEE:
        return redirect("home:trainee-tasks")
    return render(request, "portal/home/start.html")


@require_POST
def trainee_start(request: SignedIn) -> HttpResponse:
    """참여자로 시작: the account gets a trainee's profile."""
    if not request.user.has_perm("trainees.become_trainee"):
        raise PermissionDenied
    become_trainee(by=request.user)
    return redirect("trainees:profile-edit")


@require_POST
def role_choose(request: SignedIn) -> HttpResponse:
    """A person with two roles looks through the other one."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    role = form.cleaned_data["role"]
    if role not in menu.roles_of(request.user):
        raise PermissionDenied
    request.session[menu.CHOSEN] = role
    return redirect("home:start")


@login_not_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/help.html")


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about whom, with the texts people agree to as they are in force."""
    kinds = [kind for kind in ConsentKind.values if kind != ConsentKind.TERMS]
    return render(request, "portal/home/privacy.html", {"texts": current_texts(kinds)})


@login_not_required
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/terms.html", {"texts": current_texts([ConsentKind.TERMS])})


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/accessibility.html")


# --- a trainee's day ----------------------------------------------------------------------------------


@require_GET
def trainee_tasks(request: SignedIn) -> HttpResponse:
    """What to do next, until when, and how things stand."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    trainee: Trainee = request.user.trainee
    call, parts = trainee_day.open_call(), trainee_day.parts_of(trainee)
    part, following = trainee_day.focus_of(parts, call), trainee_day.may_follow(parts, call)
    if part is not None:
        part.lists = trainee_day.lists_of(part.application)
    tasks = trainee_day.tasks_of(trainee, part) if part else []
    panel = trainee_day.panel_of(trainee, part, following)
    context = {
        "trainee": trainee,
        "call": part.call if part else None,
        "tasks": tasks,
        "tasks_over": trainee_day.are_over(tasks),
        "done": sum(task["state"] == "done" for task in tasks),
        "panel": panel,
        "others": trainee_day.others_of(trainee, parts, part, following, panel["url"]),
        "agenda": trainee_day.agenda_of(part) if part else [],
        "graduate_missing": trainee.lacks_graduate,
    }
    return render(request, "portal/home/trainee_tasks.html", context)


# --- a company's day ----------------------------------------------------------------------------------


@require_GET
def company_home(request: SignedIn) -> HttpResponse:
    """The one thing to do now and by when, then the rest of it, then how people and projects stand."""
    company = own_company(request)
    projects = list(company.projects.select_related("call").newest_first()[: company_day.KNOWN])
    placements = Placement.objects.visible_to(request.user).filter(company=company, state__in=LIVE)
    call = Call.objects.taking_projects(timezone.now()).first()
    tasks = company_day.tasks_of(company, request.user)
    context = {
        "company": company,
        "company_tabs": own_companies(request, company),
        "may_add": projects
        and call
        and company.state != CompanyState.SUSPENDED
        and request.user.has_perm("projects.add_project", company),
        "barred": company_day.barred_of(company),
        "panel": company_day.panel_of(company, request.user, tasks, projects, call),
        "tasks": tasks,
        "stats": company_day.stats_of(company),
        "projects": projects[: company_day.SHOWN],
        "people": placements.with_names().order_by("starts_on", "pk")[: company_day.SHOWN],
    }
    return render(request, "portal/home/company_home.html", context)
