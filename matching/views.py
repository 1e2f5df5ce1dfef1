"""What a trainee reads: the result, why, and what can be done now."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from matching.models import Match
from portal.accounts.models import SignedIn
from projects.applications.models import Application
from projects.models import Call, Participation, Project
from projects.placements.actions import backfill_until
from projects.placements.models import Placement, Reserve
from projects.placements.states import GIVEN_UP, PlacementState
from projects.states import PUBLIC, CallState

#: With fewer seats than this the last standing admitted would be one person's standing.
SEATS_TO_SHOW_THE_LINE = 3


def _own_applications(request: SignedIn) -> Any:
    """Only the person's own: the office reads results where it works, and never with reasons."""
    if not request.user.has_perm("trainees.become_trainee"):
        raise Http404
    return Application.objects.filter(trainee__user=request.user).select_related("call__rule_set")


@require_GET
def match_latest(request: SignedIn) -> HttpResponse:
    """The newest published result of the person, else the call they wait for."""
    applications = _own_applications(request)
    published = Match.objects.visible_to(request.user).order_by("-run__published_at")
    call = published.values_list("run__call", flat=True).first()
    if call is None:
        call = applications.order_by("-pk").values_list("call", flat=True).first()
    if call is None:
        return render(request, "matching/match_none.html", {"other_calls": _open_calls(request)})
    return redirect("matching:match-detail", call)


@require_GET
def match_detail(request: SignedIn, call: int) -> HttpResponse:
    application = get_object_or_404(_own_applications(request), call=call)
    matches = Match.objects.visible_to(request.user).select_related("run", "project")
    match = matches.filter(application=application).first()
    if match is None:
        context = {"application": application, "call": application.call, "today": timezone.localdate()}
        return render(request, "matching/match_pending.html", context)
    placement = Placement.objects.newest_of(application)
    reserves = _reserves(application)
    reasons = _reasons(match, reserves)
    given_up = placement is not None and placement.state in GIVEN_UP
    context = {
        "application": application,
        "call": application.call,
        "match": match,
        "placement": None if given_up else placement,
        "given_up": placement if given_up else None,
        "late": bool(placement and placement.state == PlacementState.OFFERED and not placement.is_answerable),
        "rank": next(
            (one["rank"] for one in reasons if placement and one["project"] == placement.project), None
        ),
        "reasons": reasons,
        "best_reserve": min(
            reserves.values(), key=lambda reserve: (reserve.ahead, reserve.reserve_no), default=None
        ),
        "backfill_until": backfill_until(application.call),
        "other_calls": _open_calls(request).exclude(pk=call),
    }
    return render(request, "matching/match_detail.html", context)


def _open_calls(request: SignedIn) -> Any:
    return Call.objects.visible_to(request.user).filter(
        state=CallState.OPEN, applications_due_at__gte=timezone.now()
    )


def _reserves(application: Application) -> dict[int, Any]:
    """Project id -> the person's waiting line there, while seats are still filled."""
    if application.call.state not in (CallState.ANNOUNCED, CallState.RUNNING):
        return {}
    until = backfill_until(application.call)
    if until is None or timezone.localdate() > until:
        return {}
    waiting = Reserve.objects.waiting().filter(application=application)
    return {reserve.project_id: reserve for reserve in waiting.with_ahead().select_related("project")}


def _reasons(match: Match, reserves: dict[int, Any]) -> list[dict[str, Any]]:
    """The engine's reasons with the rows they speak of; sentences are the template's."""
    projects = Project.objects.select_related("company").in_bulk(
        [reason["project"] for reason in match.reasons]
    )
    caps = dict(
        Participation.objects.filter(
            call=match.run.call_id, company__in={project.company_id for project in projects.values()}
        ).values_list("company", "cap")
    )
    return [
        _reason(reason, projects[reason["project"]], caps, reserves.get(reason["project"]))
        for reason in match.reasons
    ]


def _reason(
    reason: dict[str, Any], project: Project, caps: dict[int, int | None], reserve: Reserve | None
) -> dict[str, Any]:
    standing, last = reason.get("standing"), (reason.get("cutoff") or {}).get("last")
    seats = (caps.get(project.company_id) or 0) if reason["code"] == "company_full" else project.places
    shown = bool(last) and seats >= SEATS_TO_SHOW_THE_LINE and reason["code"] != "school_cap"
    return {
        **reason,
        "project": project,
        "is_public": project.state in PUBLIC,
        "seats": seats,
        "last": last if shown else None,
        "drawn": bool(shown and last and standing and last["score"] == standing["score"]),
        "won": reason["code"] in ("matched", "fixed"),
        "unread": reason["code"] in ("lower_choice", "fixed_elsewhere"),
        "reserve": reserve,
    }
