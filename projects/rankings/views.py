from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.ui.htmx import render_page, toast, wants_part
from portal.ui.korean import josa
from portal.ui.refusals import sentence
from portal.workflow import Refused, Stale
from projects.applications.models import Application
from projects.applications.states import RANKING, ApplicationState
from projects.models import Call, Project
from projects.rankings import actions
from projects.rankings.forms import MoveForm, VersionForm
from projects.rankings.models import RankItem, RankList
from projects.rankings.states import RankRefusal
from projects.states import PUBLISHED, ProjectState

# --- a trainee's wishes ---------------------------------------------------------------------------------


def _own_application(request: HttpRequest) -> Application | None:
    """The newest application of a trainee, one whose lists can be changed now before others; 404 for anybody else."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    own = list(
        Application.objects.filter(trainee__user=request.user, call__state__in=PUBLISHED)
        .exclude(state=ApplicationState.WITHDRAWN)
        .select_related("call__rule_set")
    )
    return next((row for row in own if row.call.takes_rankings), own[0] if own else None)


def _application_to(project: Project, request: HttpRequest) -> Application:
    """The trainee's application to the call of ``project``."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    application = Application.objects.filter(trainee__user=request.user, call=project.call_id).first()
    if application is None:
        raise Refused(RankRefusal.NOT_APPLIED)
    return application


def _items_of(rank_list: RankList | None) -> list[RankItem]:
    if rank_list is None:
        return []
    return list(rank_list.items.select_related("project__company").order_by("position"))


def _listed(items: Sequence[RankItem]) -> list[dict[str, Any]]:
    """What the ranking component draws."""
    return [
        {
            "pk": item.project_id,
            "title": item.project.title,
            "subtitle": " · ".join(
                [
                    item.project.company.name,
                    item.project.region,
                    _("%(places)s명 모집") % {"places": item.project.places},
                    *([_("더는 모집하지 않음")] if item.project.state == ProjectState.WITHDRAWN else []),
                ]
            ),
            "url": reverse("projects:project-detail", args=[item.project_id]),
            "withdrawn": item.project.state == ProjectState.WITHDRAWN,
        }
        for item in items
    ]


def _is_past(call: Call) -> bool:
    return call.rankings_due_at is not None and timezone.now() > call.rankings_due_at


def _phase(application: Application | None) -> str:
    """Where this person's ranking stands: none, unsent, barred, early, open or late."""
    if application is None:
        return "none"
    call = application.call
    if application.state == ApplicationState.INELIGIBLE:
        return "barred"
    if application.state in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        return "unsent"
    if application.state in RANKING and call.takes_rankings:
        return "open"
    return "late" if call.is_sealed or _is_past(call) else "early"


def _odds(call: Call) -> dict[str, int]:
    """How many people and how many places: what a short list should be weighed against."""
    return {
        "applicants": Application.objects.filter(call=call, state__in=RANKING).count(),
        "places": Project.objects.filter(call=call, state=ProjectState.SELECTED).aggregate(sum=Sum("places"))["sum"]
        or 0,
    }


def _editor(application: Application | None) -> dict[str, Any]:
    """Facts of the ranking page: the list as it is now, and what has been certified of it."""
    phase = _phase(application)
    context: dict[str, Any] = {"application": application, "phase": phase, "items": [], "version": 0}
    if application is None:
        return context
    own = RankList.objects.filter(application=application)
    working, binding = own.working().first(), own.binding().first()
    items = _items_of(working)
    changed = binding is not None and working != binding and actions.order_of(binding) != actions.order_of(working)
    rules = application.call.rule_set
    short = phase == "open" and 0 < len(items) < rules.rank_advised
    return context | {
        "call": application.call,
        "items": _listed(items),
        "version": working.revision if working else 0,
        "binding": binding,
        "changed": changed,
        "limit": rules.rank_max,
        "advised": rules.rank_advised,
        "odds": _odds(application.call) if short else None,
    }


EDIT = "projects/rankings/rank_list_edit.html"


class Moved(NamedTuple):
    said: str
    focus: str


@require_http_methods(["GET", "POST"])
def rank_list_edit(request: HttpRequest) -> HttpResponse:
    application = _own_application(request)
    if request.method == "GET":
        return render_page(request, EDIT, _editor(application), partial="rank")
    form = MoveForm(request.POST)
    if application is None or not form.is_valid():
        raise BadRequest
    try:
        moved = _move(application, form.cleaned_data, request)
    except (Stale, Refused) as refusal:
        said = sentence(refusal)
        context = _editor(application) | {"refused": "" if wants_part(request) else said}
        return toast(render_page(request, EDIT, context, partial="rank", status=409), said, "danger")
    if not wants_part(request):
        messages.success(request, moved.said)
        return redirect("rankings:rank-list-edit")
    context = _editor(application) | {"focus": moved.focus}
    return toast(render_page(request, EDIT, context, partial="rank"), moved.said)


def _move(application: Application, asked: dict[str, Any], request: HttpRequest) -> Moved:
    """Do what one button or one drag asks for, and say it."""
    version, by = asked["version"], request.user
    order = actions.order_of(RankList.objects.filter(application=application).working().first())
    if asked["order"]:
        wanted, pk, verb = [int(part) for part in asked["order"].split(",")], asked["moved"], "drag"
    else:
        part, verb = asked["move"].split(":")
        wanted, pk = list(order), int(part)
    if pk not in order:
        raise Stale
    project = Project.objects.get(pk=pk)
    if verb == "remove":
        actions.remove_wish(application, project, revision=version, by=by)
        rest = [other for other in order if other != pk]
        beside = rest[min(order.index(pk), len(rest) - 1)] if rest else None
        return Moved(
            _("%(project)s 뺐습니다.") % {"project": josa(f"‘{project}’", "을")},
            f"remove-{beside}" if beside else "rank-empty",
        )
    if verb in ("up", "down"):
        place = wanted.index(pk)
        other = max(place - 1, 0) if verb == "up" else min(place + 1, len(wanted) - 1)
        wanted[place], wanted[other] = wanted[other], wanted[place]
    actions.reorder_wishes(application, wanted, revision=version, by=by)
    said = _("%(project)s %(number)s순위로 옮겼습니다.") % {
        "project": josa(f"‘{project}’", "을"),
        "number": wanted.index(pk) + 1,
    }
    return Moved(said, f"{'down' if verb == 'down' else 'up'}-{pk}")


def _public_project(request: HttpRequest, pk: int) -> Project:
    return get_object_or_404(Project.objects.visible_to(request.user).select_related("call__rule_set"), pk=pk)


def _back(request: HttpRequest, project: Project) -> HttpResponse:
    """To the page the button stood on."""
    following = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure()):
        return redirect(following)
    return redirect("projects:project-detail", project.pk)


def _button(request: HttpRequest, name: str, project: Project, said: str, **context: Any) -> HttpResponse:
    """The button that was pressed as it looks now, with one sentence; a page without htmx is shown again."""
    if not wants_part(request):
        messages.success(request, said)
        return _back(request, project)
    context |= {"project": project, "swapped": True}
    return toast(render(request, f"components/{name}.html#button", context), said)


@require_POST
def wish_add(request: HttpRequest, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    application = _application_to(wanted, request)
    try:
        rank_list = actions.add_wish(application, wanted, by=request.user)
    except Refused as refusal:
        if refusal.code != RankRefusal.ALREADY_LISTED:
            raise
        rank_list = RankList.objects.filter(application=application).working()[0]
    said = _("담았습니다 (%(count)s/%(limit)s)") % {
        "count": rank_list.items.count(),
        "limit": wanted.call.rule_set.rank_max,
    }
    return _button(request, "wish_button", wanted, said, listed={wanted.pk})


@require_POST
def wish_remove(request: HttpRequest, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    rank_list = actions.remove_wish(_application_to(wanted, request), wanted, by=request.user)
    said = _("뺐습니다 (%(count)s/%(limit)s)") % {
        "count": rank_list.items.count(),
        "limit": wanted.call.rule_set.rank_max,
    }
    return _button(request, "wish_button", wanted, said, listed=frozenset())


@require_POST
def interest_mark(request: HttpRequest, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    actions.mark_interest(_application_to(wanted, request), wanted, by=request.user)
    said = _("관심을 표시했습니다. 기업이 볼 수 있습니다.")
    return _button(request, "interest_button", wanted, said, interested=True)


@require_POST
def interest_unmark(request: HttpRequest, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    actions.unmark_interest(_application_to(wanted, request), wanted, by=request.user)
    return _button(request, "interest_button", wanted, _("관심 표시를 지웠습니다."), interested=False)


@require_http_methods(["GET", "POST"])
def rank_list_certify(request: HttpRequest) -> HttpResponse:
    """Check your answers, then make them binding."""
    application = _own_application(request)
    context = _editor(application)
    if application is None or (context["phase"] == "open" and not context["items"]):
        return redirect("rankings:rank-list-edit")
    context["form"] = form = VersionForm(request.POST or None, initial={"version": context["version"]})
    context["updated_at"] = RankList.objects.filter(application=application).working()[0].updated_at
    if request.method == "GET":
        if context["phase"] != "open":
            return redirect("rankings:rank-list-edit")
        return render(request, "projects/rankings/rank_list_certify.html", context)
    if not form.is_valid():
        raise BadRequest
    try:
        actions.certify_wishes(application, revision=form.cleaned_data["version"], by=request.user)
    except Stale as refusal:
        context["form"] = VersionForm(initial={"version": context["version"]})
        context["refused"] = sentence(refusal)
        return render(request, "projects/rankings/rank_list_certify.html", context, status=409)
    return redirect("rankings:rank-list-receipt")


@require_GET
def rank_list_receipt(request: HttpRequest) -> HttpResponse:
    """Proof of the last certified version, whatever has been drafted since."""
    application = _own_application(request)
    certified = RankList.objects.filter(application=application, certified_at__isnull=False)
    rank_list = certified.order_by("-version").first() if application else None
    if application is None or rank_list is None:
        raise Http404
    context = {
        "rank_list": rank_list,
        "call": application.call,
        "items": _listed(_items_of(rank_list)),
        "is_open": application.call.takes_rankings,
    }
    return render(request, "projects/rankings/rank_list_receipt.html", context)
