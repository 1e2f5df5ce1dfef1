"""What a trainee reads: the result, why, and what can be done now."""

from typing import Any

from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from matching.actions import find_changes, may_find_changes
from matching.engine.explain import FULL
from matching.engine.proof import FEWEST
from matching.models import Match
from matching.snapshot import LIFT, company_name, project_name
from matching.words import company_points, fit_percent, said_standing
from portal.accounts.actions import current_texts
from portal.accounts.models import SignedIn
from portal.accounts.states import ConsentKind
from portal.trainees.models import PoolMember
from portal.ui.korean import kdate, kdatetime
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.models import Call, Participation, Project
from projects.placements.actions import backfill_until, is_filling
from projects.placements.models import Placement, Reserve
from projects.placements.states import LOST, PlacementSource, PlacementState
from projects.states import PUBLIC


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
    matches = Match.objects.visible_to(request.user).select_related(
        "run__call__rule_set", "application", "project"
    )
    match = matches.defer("run__market", "run__result").filter(application=application).first()
    if match is None:
        context = {
            "application": application,
            "call": application.call,
            "today": timezone.localdate(),
            "is_out": _is_out(application),
            "is_paused": application.is_paused,
            "other_calls": _open_calls(request).exclude(pk=call),
            "pool": _pool(request),
        }
        return render(request, "matching/match_pending.html", context)
    placement = Placement.objects.newest_of(application)
    reserves = _reserves(application)
    on_demand = may_find_changes(match)
    changes = find_changes(match) if on_demand and "changes" in request.GET else {}
    reasons = _with_last_year(application.call, _reasons(match, reserves, changes or {}))
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
        "asks_changes": on_demand and not changes,
        "busy": changes is None,
        "figures": match.run.figures,
        "best_reserve": best,
        "kept": placement.keeps if placement is not None and not given_up else None,
        "waits_at": len(reserves),
        "no_reserve": "" if best else _why_no_reserve(application, match, placement),
        "steps": _steps_of_waiting(application.call, match) if best else [],
        "backfill_until": backfill_until(application.call),
        "other_calls": _open_calls(request).exclude(pk=call),
        "pool": _pool(request),
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


def _pool(request: SignedIn) -> dict[str, bool]:
    """Whether the person can be in the talent pool, and is."""
    return {
        "offered": any(text.kind == ConsentKind.TALENT_POOL for text in current_texts()),
        "joined": PoolMember.objects.filter(user=request.user).exists(),
    }


def _open_calls(request: SignedIn) -> Any:
    return Call.objects.visible_to(request.user).taking_applications(timezone.now())


def _reserves(application: Application) -> dict[int, Any]:
    """Project id -> the person's waiting line there, while seats are still filled."""
    if not is_filling(application.call, timezone.localdate()):
        return {}
    waiting = Reserve.objects.waiting_as_told(timezone.now()).filter(application=application)
    return {reserve.project_id: reserve for reserve in waiting.with_ahead().select_related("project")}


def _with_last_year(call: Call, reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Beside each number one waits with: how far such lists were called the year before."""
    last = Reserve.objects.last_called(call) if any(reason["reserve"] for reason in reasons) else None
    if last is None:
        return reasons
    return [
        {**reason, "last_called": last.of(reason["project"].company_id) if reason["reserve"] else None}
        for reason in reasons
    ]


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


def _reasons(match: Match, reserves: dict[int, Any], changes: dict[int, Any]) -> list[dict[str, Any]]:
    """The engine's reasons with the rows they speak of; sentences are the template's."""
    projects = Project.objects.select_related("company").in_bulk(
        [reason["project"] for reason in match.reasons]
    )
    lines = _Lines(match, projects)
    return [
        _reason(
            {"change": changes[pk], **reason} if (pk := reason["project"]) in changes else reason,
            projects[pk],
            lines,
            reserves.get(pk),
        )
        for reason in match.reasons
    ]


def _reason(
    reason: dict[str, Any], project: Project, lines: "_Lines", reserve: Reserve | None
) -> dict[str, Any]:
    standing: dict[str, Any] = reason.get("standing") or {}
    code, score = reason["code"], standing.get("score")
    asked = code in ("matched", *FULL)
    last = lines.shown(reason, project) if asked else None
    level = last is not None and last["score"] == score
    unreviewed = score is not None and score < LIFT
    promoted = level and bool(last and last.get("promoted")) and not standing.get("promoted")
    return {
        **reason,
        "project": project,
        "is_public": project.state in PUBLIC,
        "own": said_standing(score),
        "last": last,
        "few": code in ("project_full", "company_full")
        and bool((reason.get("cutoff") or {}).get("last"))
        and not last,
        "line": last and said_standing(last["score"]),
        "drawn": level and code in FULL and not promoted,
        "promoted": promoted and code in FULL,
        "unreviewed": unreviewed,
        "behind": unreviewed and last is not None and last["score"] >= LIFT,
        "lost": code == "not_in_match",
        "won": code in ("matched", "fixed"),
        "unread": code in ("lower_choice", "fixed_elsewhere"),
        "facts": _standing_facts(code, standing, last, level) if asked and standing else [],
        "changes": _said_changes(reason["change"], last) if "change" in reason else None,
        "reserve": reserve,
    }


class _Lines:
    """Which lines of admission a person may read: those that are public, of three places or more."""

    def __init__(self, match: Match, projects: dict[int, Project]) -> None:
        figures = match.run.figures or {}
        self.public = (
            {(line["circle"], line["id"]) for line in figures["lines"] if line["full"] is not None}
            if "lines" in figures
            else None
        )
        self.places = {line["project"]: line["capacity"] for line in figures.get("projects", [])}
        self.caps = dict(
            Participation.objects.filter(
                call=match.run.call_id, company__in={project.company_id for project in projects.values()}
            ).values_list("company", "cap")
        )

    def shown(self, reason: dict[str, Any], project: Project) -> dict[str, Any] | None:
        cutoff = reason.get("cutoff") or {}
        if not cutoff.get("full") or reason["code"] == "school_cap":
            return None
        return cutoff["last"] if self._is_public(reason["code"], project) else None

    def _is_public(self, code: str, project: Project) -> bool:
        """As the certificate shows them; by the rule ``fill`` there are none for everybody, but the number is the same."""
        if code == "company_full":
            if self.public is not None:
                return ("company", company_name(project.company_id)) in self.public
            return (self.caps.get(project.company_id) or 0) >= FEWEST
        if self.public is not None:
            return ("project", project_name(project.pk)) in self.public
        return self.places.get(project.pk, 0) >= FEWEST


def _standing_facts(
    code: str, standing: dict[str, Any], last: dict[str, Any] | None, level: bool
) -> list[dict[str, str]]:
    facts = [
        (_("지원자님"), said_standing(standing["score"])),
        (
            _("이 회사를 희망한 사람 가운데") if code == "company_full" else _("기업 평가 순위"),
            _("%(of)s명 가운데 %(position)s위") % {"of": standing["of"], "position": standing["position"]},
        ),
    ]
    if last:
        facts.append((_("합격선"), f"{said_standing(last['score'])} ({_('%s위') % last['position']})"))
    if last and level and code in FULL:
        facts += [
            (_("지원자님 추첨 번호"), f"{standing['draw']:,}"),
            (_("합격선의 추첨 번호"), f"{last['draw']:,}"),
        ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _said_changes(change: dict[str, Any], last: dict[str, Any] | None) -> list[str]:
    """What alone would have been enough. A score is told only where it is the line that may be read anyway."""
    found = []
    score = change.get("score")
    if score is not None and (last is None or score != last["score"]):
        found.append(
            _("기업 평가가 더 높았다면 (얼마나 높아야 했는지는 다른 사람의 점수가 드러나 적지 않습니다)")
        )
    elif score is not None and score >= LIFT:
        at = {"points": company_points(score)}
        if change.get("above"):
            found.append(_("기업 점수가 %(points)s점보다 높았다면") % at)
        else:
            found.append(_("기업 점수가 %(points)s점 이상이었다면") % at)
    elif score is not None:
        at = {"fit": fit_percent(score)}
        if change.get("above"):
            found.append(_("적합도가 %(fit)s%%보다 높았다면") % at)
        else:
            found.append(_("적합도가 %(fit)s%% 이상이었다면") % at)
    if change.get("places"):
        found.append(
            ngettext("자리가 %(count)d개 더 있었다면", "자리가 %(count)d개 더 있었다면", change["places"])
            % {"count": change["places"]}
        )
    return found
