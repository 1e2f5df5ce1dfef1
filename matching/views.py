"""What a trainee reads: the result, why, and what can be done now."""

from typing import Any

from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from matching.models import Match
from matching.snapshot import LIFT
from portal.accounts.models import SignedIn
from portal.ui.korean import kdate, kdatetime
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.models import Call, Participation, Project
from projects.placements.actions import backfill_until, is_filling
from projects.placements.models import Placement, Reserve
from projects.placements.states import LOST, PlacementSource, PlacementState
from projects.states import PUBLIC

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
    match = matches.defer("run__market", "run__result").filter(application=application).first()
    if match is None:
        context = {
            "application": application,
            "call": application.call,
            "today": timezone.localdate(),
            "is_out": _is_out(application),
            "is_paused": application.is_paused,
            "other_calls": _open_calls(request).exclude(pk=call),
        }
        return render(request, "matching/match_pending.html", context)
    placement = Placement.objects.newest_of(application)
    reserves = _reserves(application)
    reasons = _reasons(match, reserves)
    given_up = placement is not None and placement.state in LOST
    best = min(reserves.values(), key=lambda reserve: (reserve.ahead, reserve.reserve_no), default=None)
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
        "figures": match.run.figures,
        "best_reserve": best,
        "kept": placement.keeps if placement is not None and not given_up else None,
        "waits_at": len(reserves),
        "no_reserve": "" if best else _why_no_reserve(application, match, placement),
        "steps": _steps_of_waiting(application.call, match) if best else [],
        "backfill_until": backfill_until(application.call),
        "other_calls": _open_calls(request).exclude(pk=call),
    }
    return render(request, "matching/match_detail.html", context)


def _is_out(application: Application) -> bool:
    """Whether the person will not be in the match: withdrawn, not eligible, or never handed in."""
    if application.state in (ApplicationState.WITHDRAWN, ApplicationState.INELIGIBLE):
        return True
    return application.call.is_sealed and application.state in (
        ApplicationState.DRAFT,
        ApplicationState.RETURNED,
    )


def _open_calls(request: SignedIn) -> Any:
    return Call.objects.visible_to(request.user).taking_applications(timezone.now())


def _reserves(application: Application) -> dict[int, Any]:
    """Project id -> the person's waiting line there, while seats are still filled."""
    if not is_filling(application.call, timezone.localdate()):
        return {}
    waiting = Reserve.objects.waiting_as_told(timezone.now()).filter(application=application)
    return {reserve.project_id: reserve for reserve in waiting.with_ahead().select_related("project")}


def _why_no_reserve(application: Application, match: Match, placement: Placement | None) -> str:
    """Why somebody stands on no reserve list, as the first of these that holds."""
    if not is_filling(application.call, timezone.localdate()):
        return "over"
    if not match.reasons:
        return "no_list"
    if Reserve.objects.filter(application=application).exists():
        return "left"
    if placement is None:
        return "lost_choices" if all(one["code"] == "not_in_match" for one in match.reasons) else "none"
    return "stopped" if placement.state == PlacementState.TERMINATED else "lost"


def _steps_of_waiting(call: Call, match: Match) -> list[dict[str, Any]]:
    """What happens next to who waits, and when."""
    now = timezone.now()
    offers = Placement.objects.filter(call=call, source=PlacementSource.MATCH)
    due = offers.aggregate(due=Max("answer_due_at"))["due"]
    answering = due is not None and now <= due
    return [
        {"label": _("결과 발표"), "state": "done", "note": kdatetime(match.run.published_at)},
        {
            "label": _("배치된 사람들이 답합니다"),
            "state": "now" if answering else "done",
            "note": _("%(due)s까지") % {"due": kdatetime(due)} if due else "",
        },
        {
            "label": _("빈자리를 순번대로 제안합니다"),
            "state": "next" if answering else "now",
            "note": _("매일 밤 살펴보고 알림으로 알려 드립니다. 제안을 받으면 %(hours)d시간 안에 답합니다.")
            % {"hours": call.rule_set.vacancy_answer_hours},
        },
        {"label": _("충원이 끝납니다"), "state": "next", "note": kdate(backfill_until(call))},
    ]


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
        "unreviewed": standing is not None and standing["score"] is not None and standing["score"] < LIFT,
        "lost": reason["code"] == "not_in_match",
        "won": reason["code"] in ("matched", "fixed"),
        "unread": reason["code"] in ("lower_choice", "fixed_elsewhere"),
        "reserve": reserve,
    }
