from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import SignedIn
from portal.audit.actions import record_access
from portal.companies.models import Company
from portal.companies.states import CompanyState, MemberRole
from portal.ui.htmx import render_page, toast, wants_part
from portal.ui.korean import josa
from portal.ui.refusals import sentence
from portal.workflow import Refused, Stale
from projects.applications.models import Application, ApplicationQuerySet
from projects.applications.states import RANKING, ApplicationState
from projects.fit.actions import fits_of_page
from projects.fit.models import FitRow
from projects.interviews.actions import shortlist_candidate, unlist_candidate
from projects.interviews.models import Interview
from projects.interviews.words import FORBIDDEN, result_of
from projects.models import Call, Project, ProjectSkill
from projects.rankings import actions
from projects.rankings.forms import CandidateFilter, MoveForm, ScoreForm, ShortlistForm, VersionForm
from projects.rankings.models import RankItem, RankList
from projects.rankings.states import RankListState, RankRefusal
from projects.states import BEFORE_RESULTS, PUBLIC, PUBLISHED, ProjectState

# --- a trainee's wishes ---------------------------------------------------------------------------------


def _own_applications(request: SignedIn) -> list[Application]:
    """A trainee's applications, the newest first; 404 for anybody else."""
    if not hasattr(request.user, "trainee"):
        raise Http404
    return list(
        Application.objects.filter(trainee__user=request.user, call__state__in=PUBLISHED)
        .exclude(state=ApplicationState.WITHDRAWN)
        .select_related("call__rule_set")
        .order_by("-pk")
    )


def _own_application(request: SignedIn, call: int, own: Sequence[Application]) -> Application | None:
    """The one of the trainee's ``own`` applications to a call that can be seen."""
    found = next((row for row in own if row.call_id == call), None)
    if found is None:
        get_object_or_404(Call.objects.visible_to(request.user), pk=call)
    return found


def _application_to(project: Project, request: SignedIn) -> Application:
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
    return list(rank_list.items.select_related("project__company", "project__call").order_by("position"))


def _listed(items: Sequence[RankItem]) -> list[dict[str, Any]]:
    """What the ranking component draws."""
    return [
        {
            "pk": item.project_id,
            "title": item.project.title,
            "company": item.project.company.name,
            "subtitle": " · ".join(
                [
                    item.project.company.name,
                    item.project.region,
                    _("%(places)s명 모집") % {"places": item.project.places},
                    *([_("더는 모집하지 않음")] if _is_lost(item.project) else []),
                ]
            ),
            "url": reverse("projects:project-detail", args=[item.project_id])
            if item.project.is_public
            else "",
        }
        for item in items
    ]


def _is_lost(project: Project) -> bool:
    """Put on a list, and out of the match since."""
    return project.call.state in BEFORE_RESULTS and not project.is_in_match


def _phase(application: Application | None) -> str:
    """Where this person's ranking stands: none, unsent, missed, barred, early, open or late."""
    if application is None:
        return "none"
    call = application.call
    if application.state == ApplicationState.INELIGIBLE:
        return "barred"
    if application.state in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        return "unsent" if application.is_editable else "missed"
    if application.state in RANKING and call.takes_rankings:
        return "open"
    return "late" if call.is_ranked else "early"


def _odds(call: Call, listed: int) -> dict[str, int] | None:
    """How many people, places and projects: what a short list should be weighed against; None if nothing is left to add."""
    offered = Project.objects.in_match().filter(call=call)
    found = offered.aggregate(places=Sum("places", default=0), projects=Count("pk"))
    if listed >= found["projects"]:
        return None
    return {
        "applicants": Application.objects.filter(call=call, state__in=RANKING).count(),
        "places": found["places"],
        "advised": min(call.rule_set.rank_advised, found["projects"]),
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
    changed = (
        binding is not None and working != binding and actions.order_of(binding) != actions.order_of(working)
    )
    rules = application.call.rule_set
    short = phase == "open" and 0 < len(items) < rules.rank_advised
    return context | {
        "call": application.call,
        "is_out": application.call.state not in BEFORE_RESULTS,
        "is_paused": application.is_paused,
        "items": _listed(items),
        "seen": ",".join(str(item.project_id) for item in items),
        "version": working.revision if working else 0,
        "updated_at": working.updated_at if working else None,
        "binding": binding,
        "changed": changed,
        "limit": rules.rank_max,
        "odds": _odds(application.call, len(items)) if short else None,
    }


EDIT = "projects/rankings/rank_list_edit.html"
#: So many of the night's best fits are shown beside a list.
SUGGESTED = 5


def _suggested(context: dict[str, Any]) -> list[FitRow]:
    """What suits the person best of what is not on the list, as of last night: advice, while it can be followed."""
    if context["phase"] not in ("early", "open"):
        return []
    rows = FitRow.objects.filter(application=context["application"], project__in=Project.objects.in_match())
    rows = rows.exclude(project__in=[item["pk"] for item in context["items"]])
    return list(rows.select_related("project__company").order_by("-score", "project")[:SUGGESTED])


class Moved(NamedTuple):
    """What a change did: said aloud, where the focus goes, and what can be undone (project id, its place)."""

    said: str
    focus: str
    removed: tuple[int, int] | None = None


def _tabs(own: Sequence[Application], call: int) -> list[dict[str, Any]]:
    """The person's lists whose result is still to come, beside the one on the page; empty if there is no other."""
    rows = [row for row in own if row.call_id == call or row.call.state in BEFORE_RESULTS]
    tabs = [
        {
            "label": row.call.title,
            "url": reverse("rankings:rank-list-edit", args=[row.call_id]),
            "current": row.call_id == call,
        }
        for row in rows
    ]
    return tabs if len(tabs) > 1 else []


@require_GET
def rank_list_latest(request: SignedIn) -> HttpResponse:
    """To the list of the newest application, one that can be ranked for now before others."""
    own = _own_applications(request)
    open_now = [row for row in own if row.call.takes_rankings]
    newest = next((row for row in open_now if row.state in RANKING), next(iter(open_now or own), None))
    if newest is None:
        return render(request, EDIT, _editor(None))
    return redirect("rankings:rank-list-edit", newest.call_id)


@require_http_methods(["GET", "POST"])
def rank_list_edit(request: SignedIn, call: int) -> HttpResponse:
    own = _own_applications(request)
    application, tabs = _own_application(request, call, own), _tabs(own, call)
    if request.method == "GET":
        context = _editor(application) | {"calls": tabs}
        context |= _undo(request, context) | {"suggested": _suggested(context)}
        return render_page(request, EDIT, context, partial="rank")
    form = MoveForm(request.POST)
    if application is None or not form.is_valid():
        raise BadRequest
    try:
        moved = _move(application, form.cleaned_data, request)
    except (Stale, Refused) as refusal:
        said = sentence(refusal)
        context = _editor(application) | {"calls": tabs, "refused": "" if wants_part(request) else said}
        if isinstance(refusal, Stale):
            context |= _conflict(application, form.cleaned_data, context)
        return toast(render_page(request, EDIT, context, partial="rank", status=409), said, "danger")
    if not wants_part(request):
        messages.success(request, moved.said)
        query = "?removed={}&at={}".format(*moved.removed) if moved.removed else ""
        return HttpResponseRedirect(reverse("rankings:rank-list-edit", args=[call]) + query)
    context = _editor(application) | {"focus": moved.focus}
    if moved.removed:
        context |= _undo_of(application, *moved.removed)
    return toast(render_page(request, EDIT, context, partial="rank"), moved.said)


def _undo(request: SignedIn, context: dict[str, Any]) -> dict[str, Any]:
    """Without JavaScript the address remembers what was just taken off."""
    removed, at = request.GET.get("removed", ""), request.GET.get("at", "")
    known = removed.isdecimal() and at.isdecimal() and len(removed) < 19 and len(at) < 4
    if context["phase"] != "open" or not known or removed in context["seen"].split(","):
        return {}
    return _undo_of(context["application"], int(removed), int(at))


def _undo_of(application: Application, pk: int, at: int) -> dict[str, Any]:
    project = Project.objects.in_match().filter(pk=pk, call=application.call_id).first()
    return {"removed": {"pk": pk, "at": at, "title": project.title}} if project else {}


def _moved(order: list[int], asked: dict[str, Any]) -> list[int]:
    """``order`` after the change that is asked for; a change that no longer fits does nothing."""
    if asked["move"] == "mine":
        return list(asked["wanted"])
    if asked["order"]:
        return list(asked["order"])
    part, verb, *rest = asked["move"].split(":")
    pk, wanted = int(part), list(order)
    if verb == "restore":
        if pk not in wanted:
            wanted.insert(max(int(rest[0]) - 1, 0), pk)
    elif pk in wanted:
        place = wanted.index(pk)
        wanted.pop(place)
        if verb != "remove":
            wanted.insert(max(place - 1, 0) if verb == "up" else place + 1, pk)
    return wanted


def _conflict(application: Application, asked: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """The order this window wanted, beside the one that was saved elsewhere; nothing if they are the same."""
    wanted = _moved(asked["seen"], asked) if asked["seen"] or asked["move"] == "mine" else []
    listed = RankItem.objects.filter(rank_list__application=application).values("project")
    shown = Project.objects.filter(pk__in=listed) | Project.objects.filter(pk__in=Project.objects.in_match())
    known = shown.filter(call=application.call_id, pk__in=wanted).select_related("company").in_bulk()
    mine = [known[pk] for pk in wanted if pk in known]
    order = ",".join(str(project.pk) for project in mine)
    if context["phase"] != "open" or not mine or order == context["seen"]:
        return {}
    return {"mine": mine, "wanted": order}


def _move(application: Application, asked: dict[str, Any], request: SignedIn) -> Moved:
    """Do what one button or one drag asks for, and say it."""
    version, by = asked["version"], request.user
    if asked["move"] == "mine":
        actions.replace_wishes(application, asked["wanted"], revision=version, by=by)
        return Moved(_("이 창의 순위로 바꾸었습니다."), "")
    order = actions.order_of(RankList.objects.filter(application=application).working().first())
    wanted = _moved(order, asked)
    pk = asked["moved"] if asked["order"] else int(asked["move"].split(":")[0])
    verb = "drag" if asked["order"] else asked["move"].split(":")[1]
    project = Project.objects.filter(pk=pk, call=application.call_id).first()
    if project is None or (verb != "restore" and pk not in order):
        raise Stale
    words = {"project": josa(f"‘{project}’", "을")}
    if verb == "remove":
        actions.remove_wish(application, project, revision=version, by=by)
        at = order.index(pk)
        beside = wanted[min(at, len(wanted) - 1)] if wanted else None
        focus = f"remove-{beside}" if beside else "rank-empty"
        return Moved(_("%(project)s 뺐습니다.") % words, focus, (pk, at + 1))
    if verb == "restore":
        position = int(asked["move"].split(":")[2])
        actions.add_wish(application, project, position=position, revision=version, by=by)
        said = _("%(project)s %(number)s순위에 다시 담았습니다.") % {**words, "number": wanted.index(pk) + 1}
        return Moved(said, f"remove-{pk}")
    actions.reorder_wishes(application, wanted, revision=version, by=by)
    said = _("%(project)s %(number)s순위로 옮겼습니다.") % {**words, "number": wanted.index(pk) + 1}
    return Moved(said, f"{'down' if verb == 'down' else 'up'}-{pk}")


def _public_project(request: SignedIn, pk: int) -> Project:
    return get_object_or_404(Project.objects.visible_to(request.user).select_related("call__rule_set"), pk=pk)


def _back(request: SignedIn, project: Project) -> HttpResponse:
    """To the page the button stood on."""
    following = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    if following.startswith("/") and safe:
        return HttpResponseRedirect(following)
    return redirect("projects:project-detail", project.pk)


def _button(request: SignedIn, name: str, project: Project, said: str, **context: Any) -> HttpResponse:
    """The button that was pressed as it looks now, with one sentence; a page without htmx is shown again."""
    if not wants_part(request):
        messages.success(request, said)
        return _back(request, project)
    context |= {"project": project, "swapped": True, "primary": "primary" in request.POST}
    return toast(render(request, f"components/{name}.html#button", context), said)


@require_POST
def wish_add(request: SignedIn, project: int) -> HttpResponse:
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
def wish_remove(request: SignedIn, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    rank_list = actions.remove_wish(_application_to(wanted, request), wanted, by=request.user)
    said = _("뺐습니다 (%(count)s/%(limit)s)") % {
        "count": rank_list.items.count(),
        "limit": wanted.call.rule_set.rank_max,
    }
    return _button(request, "wish_button", wanted, said, listed=frozenset())


@require_POST
def interest_mark(request: SignedIn, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    actions.mark_interest(_application_to(wanted, request), wanted, by=request.user)
    said = _("관심을 표시했습니다. 기업이 볼 수 있습니다.")
    return _button(request, "interest_button", wanted, said, interested=True)


@require_POST
def interest_unmark(request: SignedIn, project: int) -> HttpResponse:
    wanted = _public_project(request, project)
    actions.unmark_interest(_application_to(wanted, request), wanted, by=request.user)
    return _button(request, "interest_button", wanted, _("관심 표시를 지웠습니다."), interested=False)


@require_http_methods(["GET", "POST"])
def rank_list_certify(request: SignedIn, call: int) -> HttpResponse:
    """Check your answers, then make them binding."""
    application = _own_application(request, call, _own_applications(request))
    context = _editor(application)
    nothing_to_do = context["phase"] != "open" and request.method == "GET"
    if application is None or nothing_to_do or (context["phase"] == "open" and not context["items"]):
        return redirect("rankings:rank-list-edit", call)
    template = "projects/rankings/rank_list_certify.html"
    context["form"] = VersionForm(initial={"version": context["version"]})
    if request.method == "GET":
        return render(request, template, context)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    try:
        actions.certify_wishes(application, revision=form.cleaned_data["version"], by=request.user)
    except Stale as refusal:
        return render(request, template, context | {"refused": sentence(refusal)}, status=409)
    return redirect("rankings:rank-list-receipt", call)


def _own_certified(request: SignedIn, call: int) -> tuple[Application, RankList]:
    application = _own_application(request, call, _own_applications(request))
    rank_list = _last_certified(application=application) if application else None
    if application is None or rank_list is None:
        raise Http404
    return application, rank_list


def _last_certified(**owner: Any) -> RankList | None:
    return RankList.objects.filter(certified_at__isnull=False, **owner).order_by("-version").first()


def _receipt(request: SignedIn, rank_list: RankList) -> dict[str, Any]:
    """The certified version, and what came of working its receipt out again, if that was asked for."""
    check = actions.check_receipt(rank_list) if "check" in request.GET else None
    return {"rank_list": rank_list, "check": check, "is_sealed": rank_list.state == RankListState.SEALED}


def _receipt_file(rank_list: RankList) -> HttpResponse:
    """The owner's own file, to be kept and checked outside."""
    return JsonResponse(
        actions.receipt_file(rank_list),
        headers={"Content-Disposition": f'attachment; filename="ieum-receipt-{rank_list.reference}.json"'},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )


@require_GET
def rank_list_receipt_file(request: SignedIn, call: int) -> HttpResponse:
    _application, rank_list = _own_certified(request, call)
    return _receipt_file(rank_list)


@require_GET
def rank_list_receipt(request: SignedIn, call: int) -> HttpResponse:
    """Proof of the last certified version, whatever has been drafted since."""
    application, rank_list = _own_certified(request, call)
    context = {
        **_receipt(request, rank_list),
        "file_url": reverse("rankings:rank-list-receipt-file", args=[call]),
        "call": application.call,
        "items": _listed(_items_of(rank_list)),
        "is_open": application.call.takes_rankings,
    }
    return render(request, "projects/rankings/rank_list_receipt.html", context)


# --- a company's candidates -----------------------------------------------------------------------------

PER_PAGE = 30
#: Up to so many people their fit is computed on the spot; above it the best 20 of last night come first.
SORTED_LIVE = 1000
CANDIDATES = "projects/rankings/candidate_list.html"


def _managed(request: SignedIn, pk: int) -> Project:
    """A project of the user's company whose candidates this member may see."""
    own = Project.objects.managed_by(request.user).select_related("company", "call__rule_set", "field")
    project = get_object_or_404(own, pk=pk)
    if not request.user.has_perm("projects.see_candidates", project):
        raise PermissionDenied
    return project


def _company_phase(call: Call, company: Company, project: Project | None = None) -> str:
    """Where a company's scoring stands: over, unselected, barred, early, open or late."""
    if call.state not in BEFORE_RESULTS:
        return "over"
    if project is not None and project.state != ProjectState.SELECTED:
        return "unselected"
    if company.state != CompanyState.VERIFIED:
        return "barred"
    if call.takes_rankings:
        return "open"
    return "late" if call.is_ranked else "early"


def _working_list(company: Company, call: Call) -> RankList | None:
    return RankList.objects.filter(company=company, call=call).working().first()


def _judged(project: Project) -> dict[int, RankItem]:
    """What the company said of each candidate for one project: application id -> line. Who left is left out."""
    working = _working_list(project.company, project.call)
    return {item.application_id: item for item in _on_candidates(working).filter(project=project)}


def _on_candidates(working: RankList | None) -> QuerySet[RankItem]:
    """Lines about people the company may see now."""
    if working is None:
        return RankItem.objects.none()
    return RankItem.objects.filter(
        rank_list=working, application__in=Application.objects.candidates().values("pk")
    )


def _goal(project: Project, people: int) -> int:
    """How many candidates a company is asked to review."""
    return min(project.places * project.call.rule_set.review_multiple, people)


def _candidate_form(application: Application, item: RankItem | None) -> ScoreForm:
    initial = {}
    if item is not None:
        score = "" if item.score is None else f"{item.score.normalize():f}"
        initial = {"score": score, "refusal": item.refusal, "seen": item.judgement}
    return ScoreForm(initial=initial, auto_id=f"id_{application.pk}_%s")


def _rows(
    project: Project,
    people: Sequence[Application],
    judged: dict[int, RankItem],
    fits: dict[int, FitRow],
    bound: dict[int, ScoreForm] | None = None,
) -> list[dict[str, Any]]:
    """What one row shows of each candidate: nothing about wishes, contact or school."""
    met = {
        one.application_id: one
        for one in Interview.objects.filter(project=project, application__in=people).select_related(
            "form__by", "slot"
        )
    }
    listed = set(project.shortlist.filter(application__in=people).values_list("application", flat=True))
    asked = {row.skill_id: row for row in project.project_skills.select_related("skill")}
    needed = [row for row in asked.values() if row.required]
    following = [application.pk for application in people[1:]] + [None]
    keen = set(project.marks.filter(application__in=people).values_list("application", flat=True))
    return [
        {
            "application": application,
            "name": application.trainee.user.name,
            "course": application.trainee.graduate.cohort.course if application.trainee.graduate else "",
            "needs": _needs(needed, application),
            "skills": [
                {
                    "name": str(skill.skill),
                    "level": skill.get_level_display(),
                    "asked": skill.skill_id in asked,
                }
                for skill in sorted(
                    application.trainee.skills.all(), key=lambda row: (row.skill_id not in asked, -row.level)
                )
            ],
            "fit": fits[application.pk],
            "interested": application.pk in keen,
            "listed": application.pk in listed,
            "interview": met.get(application.pk),
            "result": result_of(getattr(met.get(application.pk), "form", None)),
            "item": judged.get(application.pk),
            "said": said_of(judged.get(application.pk)),
            "following": after,
            "form": (bound or {}).get(application.pk)
            or _candidate_form(application, judged.get(application.pk)),
        }
        for application, after in zip(people, following, strict=False)
    ]


def _needs(needed: Sequence[ProjectSkill], application: Application) -> list[dict[str, Any]]:
    """Each required skill: met, known but below the level asked for, or missing."""
    levels = {skill.skill_id: skill.level for skill in application.trainee.skills.all()}
    return [
        {
            "name": str(need.skill),
            "met": levels.get(need.skill_id, 0) >= need.level,
            "known": need.skill_id in levels,
        }
        for need in needed
    ]


def said_of(item: RankItem | None) -> str:
    """What the company said of a candidate, in words; empty if nothing."""
    if item is None:
        return ""
    if item.refusal:
        return str(item.get_refusal_display())
    return _("%(score)s점") % {"score": item.judgement}


def _loaded(pks: Sequence[int]) -> list[Application]:
    """The applications with what a row shows, in the order of ``pks``."""
    found = (
        Application.objects.filter(pk__in=pks)
        .select_related("trainee__user", "trainee__graduate__cohort")
        .prefetch_related("trainee__skills__skill")
        .in_bulk()
    )
    return [found[pk] for pk in pks if pk in found]


def _in_order(people: ApplicationQuerySet, order: str, project: Project, judged: dict[int, RankItem]) -> Any:
    """Ids in the chosen order, for the paginator."""
    if order == "name":
        return people.order_by("trainee__user__name", "pk").values_list("pk", flat=True)
    if order == "score":
        points = {pk: item.score for pk, item in judged.items() if item.score is not None}
        refused = {pk for pk, item in judged.items() if item.refusal}
        pks = people.order_by("pk").values_list("pk", flat=True)
        return sorted(pks, key=lambda pk: (pk in refused, -points.get(pk, Decimal(-1)), pk))
    everybody = dict.fromkeys(people.order_by("pk").values_list("pk", flat=True))
    if len(everybody) > SORTED_LIVE:
        stored = FitRow.objects.filter(project=project).order_by("-score", "application")
        first = dict.fromkeys(stored.values_list("application", flat=True))
        return [pk for pk in first if pk in everybody] + [pk for pk in everybody if pk not in first]
    fits = fits_of_page([Application(pk=pk) for pk in everybody], project)
    return sorted(fits, key=lambda pk: (-fits[pk].score, pk))


def _candidates(
    request: SignedIn, project: Project, bound: dict[int, ScoreForm] | None = None
) -> dict[str, Any]:
    """One page of candidates under the filters of the address."""
    phase, filters = _company_phase(project.call, project.company, project), CandidateFilter(request.GET)
    context: dict[str, Any] = {
        "project": project,
        "call": project.call,
        "phase": phase,
        "filters": filters,
        "may_score": phase == "open" and request.user.has_perm("rankings.score_candidates", project),
        "may_shortlist": phase in ("early", "open")
        and request.user.has_perm("interviews.shortlist_candidate", project),
        "forbidden": FORBIDDEN,
    }
    if phase in ("over", "unselected", "barred"):
        return context
    everybody = Application.objects.candidates_for(project.company, project.call)
    judged, total = _judged(project), everybody.count()
    chosen = filters.cleaned_data if filters.is_valid() else {}
    people = filters.narrowed(everybody, project, judged)
    pks = _in_order(people, chosen.get("order", ""), project, judged)
    page = Paginator(pks, PER_PAGE).get_page(request.GET.get("page"))
    shown = _loaded(list(page.object_list))
    siblings = Project.objects.filter(company=project.company, call=project.call, state=ProjectState.SELECTED)
    return context | {
        "page": page,
        "views": _views(request, project, everybody, total, len(judged)),
        "rows": _rows(project, shown, judged, fits_of_page(shown, project), bound),
        "total": total,
        "reviewed": len(judged),
        "goal": _goal(project, total),
        "tabs": [
            {
                "label": other.title,
                "url": reverse("rankings:candidate-list", args=[other.pk]),
                "current": other == project,
            }
            for other in siblings
        ],
    }


def _views(
    request: SignedIn, project: Project, everybody: ApplicationQuerySet, total: int, reviewed: int
) -> list[dict[str, Any]]:
    """Everybody, who is left, who is done, who is keen: with numbers, the other filters kept."""
    counts = {
        "": total,
        "unreviewed": total - reviewed,
        "reviewed": reviewed,
        "interested": everybody.filter(marks__project=project).count(),
        "shortlisted": everybody.filter(shortlisted__project=project).count(),
    }
    chosen = request.GET.get("show", "")
    views = []
    for show, label in CandidateFilter.VIEWS:
        query = request.GET.copy()
        query.pop("page", None)
        query["show"] = show
        views.append(
            {
                "label": label,
                "count": counts[show],
                "url": f"{request.path}?{query.urlencode()}",
                "current": show == chosen or (not show and chosen not in counts),
            }
        )
    return views


@require_GET
def candidate_projects(request: SignedIn) -> HttpResponse:
    """To the candidates of the company's first project, or an explanation why there are none."""
    if not request.user.company_memberships.exists():
        raise Http404
    own = Project.objects.managed_by(request.user).filter(
        state=ProjectState.SELECTED, call__state__in=BEFORE_RESULTS
    )
    project = own.order_by("call__rankings_due_at", "title", "pk").first()
    if project is not None:
        return redirect("rankings:candidate-list", project.pk)
    return render(request, "projects/rankings/candidate_projects.html")


@require_GET
def candidate_list(request: SignedIn, pk: int) -> HttpResponse:
    """Everybody who may be placed here; whoever's profile is shown is written down as read."""
    project = _managed(request, pk)
    context = _candidates(request, project)
    seen = [row["application"].trainee.user for row in context.get("rows", [])]
    record_access("candidates", by=request.user, subjects=seen, reason=project.title)
    return render_page(request, CANDIDATES, context, partial="rows")


@require_POST
def candidate_score(request: SignedIn, pk: int, application: int) -> HttpResponse:
    """Save one row: points, a refusal with its reason, or neither."""
    project = _managed(request, pk)
    if not request.user.has_perm("rankings.score_candidates", project):
        raise PermissionDenied
    everybody = Application.objects.candidates_for(project.company, project.call)
    candidate = get_object_or_404(everybody, pk=application)
    form, refused = ScoreForm(request.POST, auto_id=f"id_{candidate.pk}_%s"), ""
    if form.is_valid():
        try:
            judgement = {name: form.cleaned_data[name] for name in ("score", "refusal", "seen")}
            actions.score_candidate(project.company, project, candidate, **judgement, by=request.user)
        except Stale as stale:  # the row is shown as it is now
            refused = sentence(stale)
    status = 409 if refused else 200 if form.is_valid() else 422
    bound = {} if form.is_valid() else {candidate.pk: form}
    if not wants_part(request):
        if status == 200:
            messages.success(request, _("저장했습니다."))
            here = reverse("rankings:candidate-list", args=[project.pk])
            return redirect(f"{here}?{request.GET.urlencode()}#candidate-{candidate.pk}")
        context = _candidates(request, project, bound) | {"form": form, "refused": refused}
        return render(request, CANDIDATES, context, status=status)
    judged, total = _judged(project), everybody.count()
    shown = _loaded([candidate.pk])
    row = _rows(project, shown, judged, fits_of_page(shown, project), bound)[0]
    context = {
        "project": project,
        "call": project.call,
        "row": row,
        "may_score": True,
        "may_shortlist": request.user.has_perm("interviews.shortlist_candidate", project),
        "swapped": True,
        "conflict": refused,
        "focus": _focus(form, candidate, status),
        "reviewed": len(judged),
        "goal": _goal(project, total),
    }
    response = render(request, f"{CANDIDATES}#candidate", context, status=status)
    if refused:
        return toast(response, refused, "danger")
    if not form.is_valid():
        return response
    said = _("%(name)s: %(said)s") % {"name": row["name"], "said": row["said"] or _("평가를 지웠습니다")}
    return toast(response, said)


@require_POST
def candidate_shortlist(request: SignedIn, pk: int, application: int) -> HttpResponse:
    """Put somebody on the shortlist of a project, or take them off; the answer is the button as it looks now."""
    project = _managed(request, pk)
    if not request.user.has_perm("interviews.shortlist_candidate", project):
        raise PermissionDenied
    everybody = Application.objects.candidates_for(project.company, project.call)
    candidate = get_object_or_404(everybody.select_related("trainee__user"), pk=application)
    form = ShortlistForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    listing = form.cleaned_data["listed"] == "on"
    (shortlist_candidate if listing else unlist_candidate)(project, candidate, by=request.user)
    said = (
        _("%(name)s 님을 후보 명단에 올렸습니다.")
        if listing
        else _("%(name)s 님을 후보 명단에서 내렸습니다.")
    )
    said %= {"name": candidate.trainee.user.name}
    if not wants_part(request):
        messages.success(request, said)
        here = reverse("rankings:candidate-list", args=[project.pk])
        return redirect(f"{here}?{request.GET.urlencode()}#candidate-{candidate.pk}")
    met = Interview.objects.filter(project=project, application=candidate).first()
    row = {"application": candidate, "name": candidate.trainee.user.name, "listed": listing, "interview": met}
    context = {"project": project, "row": row, "may_shortlist": True}
    return toast(render(request, "projects/rankings/_shortlist.html", context), said)


def _focus(form: ScoreForm, candidate: Application, status: int) -> str:
    """The faulty field, or the next person's points: saved with Enter, one goes through a page without the mouse."""
    if form.errors:
        return form[next(iter(form.errors))].id_for_label
    following = form.cleaned_data["following"]
    if status == 409 or not following:
        return f"id_{candidate.pk}_score"
    return f"id_{following}_score"


def _own_call(request: SignedIn, company: int, call: int) -> tuple[Company, Call]:
    """A company the user acts for, and a call in which it has a project that was selected."""
    acting = get_object_or_404(Company.objects.filter(members__user=request.user), pk=company)
    offered = Project.objects.filter(company=acting, state__in=PUBLIC).values("call")
    found = Call.objects.visible_to(request.user).filter(pk__in=offered).select_related("rule_set")
    return acting, get_object_or_404(found, pk=call)


def _summary(company: Company, call: Call, lines: QuerySet[RankItem]) -> list[dict[str, Any]]:
    """Per project: how many were scored, refused, and left for the last tier."""
    people = Application.objects.candidates().filter(call=call).count()
    counts = {
        row["project"]: row
        for row in lines.values("project")
        .annotate(scored=Count("score"), refused=Count("pk", filter=~Q(refusal="")))
        .order_by()
    }
    rows = []
    projects = Project.objects.filter(company=company, call=call, state__in=PUBLIC).select_related(
        "call__rule_set"
    )
    for project in projects:
        found = counts.get(project.pk, {"scored": 0, "refused": 0})
        reviewed = found["scored"] + found["refused"]
        rows.append(
            {
                "project": project,
                "scored": found["scored"],
                "refused": found["refused"],
                "unreviewed": max(people - reviewed, 0),
                "goal": _goal(project, people),
                "short": reviewed < _goal(project, people),
            }
        )
    return rows


@require_http_methods(["GET", "POST"])
def scores_certify(request: SignedIn, company: int, call: int) -> HttpResponse:
    """What is about to bind the company; every member reads it, the owner submits it."""
    acting, own_call = _own_call(request, company, call)
    may_certify = request.user.has_perm("rankings.certify_company_list", acting)
    if request.method == "POST" and not may_certify:
        raise PermissionDenied
    working = _working_list(acting, own_call)
    version = working.revision if working else 0
    context: dict[str, Any] = {
        "company": acting,
        "call": own_call,
        "phase": _company_phase(own_call, acting),
        "may_certify": may_certify,
        "owners": acting.members.filter(role=MemberRole.OWNER).values_list("user__name", flat=True),
        "summary": _summary(acting, own_call, _on_candidates(working)),
        "binding": RankList.objects.filter(company=acting, call=own_call).binding().first(),
        "working": working,
        "form": VersionForm(initial={"version": version}),
    }
    context["unchanged"] = working is not None and working == context["binding"]
    template = "projects/rankings/scores_certify.html"
    if request.method == "GET":
        return render(request, template, context)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    try:
        actions.certify_scores(acting, own_call, revision=form.cleaned_data["version"], by=request.user)
    except (Stale, Refused) as refusal:
        status = 422 if isinstance(refusal, Refused) and refusal.code == RankRefusal.EMPTY else 409
        said = sentence(refusal)
        if status == 422:
            said = _("평가한 지원자가 아직 없습니다. 한 명 이상 평가한 뒤 제출해 주세요.")
        return render(request, template, context | {"refused": said}, status=status)
    return redirect("rankings:scores-receipt", acting.pk, own_call.pk)


@require_GET
def scores_receipt(request: SignedIn, company: int, call: int) -> HttpResponse:
    """Proof of the company's last certified version, in numbers: names go when the results come."""
    acting, own_call = _own_call(request, company, call)
    rank_list = _last_certified(company=acting, call=own_call)
    if rank_list is None:
        raise Http404
    context = {
        "company": acting,
        "call": own_call,
        **_receipt(request, rank_list),
        "file_url": reverse("rankings:scores-receipt-file", args=[acting.pk, own_call.pk]),
        "summary": _summary(acting, own_call, RankItem.objects.filter(rank_list=rank_list)),
        "is_open": own_call.takes_rankings,
    }
    return render(request, "projects/rankings/scores_receipt.html", context)


@require_GET
def scores_receipt_file(request: SignedIn, company: int, call: int) -> HttpResponse:
    acting, own_call = _own_call(request, company, call)
    rank_list = _last_certified(company=acting, call=own_call)
    if rank_list is None:
        raise Http404
    return _receipt_file(rank_list)
