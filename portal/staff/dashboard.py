"""What the office sees first: how far people came, what waits for a decision, what is due."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from matching.models import MatchRun
from matching.reviews.models import ReviewRequest
from matching.states import Outlook, RunKind, RunState
from portal.companies.models import Company
from portal.companies.states import CompanyState
from portal.notices.models import Notice
from portal.notices.states import NoticeState
from portal.schools.models import Graduate
from portal.schools.states import GraduateState
from portal.staff.forecast import Night
from portal.ui.admin import list_url
from portal.ui.korean import kdate, kdatetime
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EvaluationState
from projects.interviews.models import Report
from projects.models import Call, Draw, Project
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState
from projects.placements.models import Placement
from projects.placements.states import SEATED, PlacementState
from projects.states import BEFORE_RESULTS, CallState, DrawState, ProjectState

#: Courses that end within this time before a call begins send their graduates to it.
COHORT_WINDOW = timedelta(days=365)
DAYS_AHEAD = 90
DATES_SHOWN = 8


def calls_to_choose() -> list[Call]:
    return list(Call.objects.exclude(state=CallState.CANCELLED).select_related("rule_set")[:20])


def chosen_call(calls: list[Call], wanted: str) -> Call | None:
    """The call of ``?call=``, else the newest one that has opened, else the newest."""
    for call in calls:
        if str(call.pk) == wanted:
            return call
    return next((call for call in calls if call.state != CallState.DRAFT), calls[0] if calls else None)


def funnel(call: Call) -> list[dict[str, Any]]:
    """From the course to the hire, each number with the list behind it."""
    last = call.starts_on or timezone.localdate()
    window = {"cohort__ends_on__gte": last - COHORT_WINDOW, "cohort__ends_on__lt": last}
    graduates = Graduate.objects.filter(state=GraduateState.CONFIRMED, **window).count()
    applications = Application.objects.filter(call=call)
    came = {stage: applications.at_stage(stage).count() for stage in ("applied", "eligible", "ranked")}
    placed = Placement.objects.filter(call=call).aggregate(
        seated=Count("pk", filter=Q(state__in=SEATED)),
        completed=Count("pk", filter=Q(state=PlacementState.COMPLETED)),
    )
    hired = HiringObligation.objects.filter(placement__call=call, state=ObligationState.FULFILLED).count()
    of_call = {"call__id__exact": call.pk}
    steps = [
        (_("수료생"), graduates, list_url(Graduate, state__exact=GraduateState.CONFIRMED.value, **window)),
        (_("지원"), came["applied"], list_url(Application, stage="applied", **of_call)),
        (_("적격"), came["eligible"], list_url(Application, stage="eligible", **of_call)),
        (_("순위 제출"), came["ranked"], list_url(Application, stage="ranked", **of_call)),
        (pgettext("state", "배치"), placed["seated"], list_url(Placement, seat="taken", **of_call)),
        (
            _("프로젝트 수료"),
            placed["completed"],
            list_url(Placement, state__exact=PlacementState.COMPLETED.value, **of_call),
        ),
        (
            _("채용"),
            hired,
            list_url(
                HiringObligation,
                state__exact=ObligationState.FULFILLED.value,
                placement__call__id__exact=call.pk,
            ),
        ),
    ]
    rows: list[dict[str, Any]] = []
    for label, value, url in steps:
        before = rows[-1]["value"] if rows else 0
        rows.append(
            {
                "label": label,
                "value": value,
                "url": url,
                "note": f"{100 * value / before:.0f}%" if before else "",
            }
        )
    return rows


def decisions(today: date, user: Any) -> list[dict[str, Any]]:
    """What waits for ``user`` of the office, over all calls; nothing waiting is left out."""
    runs = MatchRun.objects.filter(kind=RunKind.FINAL).aggregate(
        verified=Count("pk", filter=Q(state=RunState.VERIFIED)),
        approved=Count("pk", filter=Q(state=RunState.APPROVED)),
    )
    ended = Placement.objects.filter(state=PlacementState.RUNNING, ends_on__lt=today).count()
    reports = Report.objects.visible_to(user)
    overdue_reports = reports.overdue(today).count()
    overdue_reviews = ReviewRequest.objects.overdue(today).count()
    lines = [
        (
            _("보내지 못한 알림"),
            _("다시 보내거나 취소"),
            Notice.objects.filter(state=NoticeState.FAILED).count(),
            list_url(Notice, state__exact=NoticeState.FAILED.value),
        ),
        (
            _("입력할 추첨 값"),
            _("공개 난수를 한 사람이 입력해야 최종 매칭을 계산"),
            Draw.objects.to_enter(today).count(),
            list_url(
                Draw,
                state__exact=DrawState.NAMED.value,
                call__state__exact=CallState.MATCHING.value,
                known_on__lte=today,
            ),
        ),
        (
            _("확인할 추첨 값"),
            _("입력하지 않은 담당자가 출처를 보고 확인"),
            Draw.objects.to_confirm().count(),
            list_url(Draw, state__exact=DrawState.ENTERED.value),
        ),
        (
            _("승인할 매칭"),
            _("수치와 검증서를 살핀 뒤 진흥원 담당자가 승인"),
            runs["verified"],
            list_url(MatchRun, state__exact=RunState.VERIFIED.value, kind__exact=RunKind.FINAL.value),
        ),
        (
            _("발표할 매칭"),
            _("승인한 사람이 아닌 진흥원 담당자가 발표"),
            runs["approved"],
            list_url(MatchRun, state__exact=RunState.APPROVED.value),
        ),
        (
            _("답할 신고"),
            _("답변 기한 지난 것 %(count)s건") % {"count": overdue_reports}
            if overdue_reports
            else _("30일 안에 살펴보고 답함"),
            reports.open().count(),
            list_url(Report, due="open"),
        ),
        (
            _("답할 설명·재검토 요청"),
            _("답변 기한 지난 것 %(count)s건") % {"count": overdue_reviews}
            if overdue_reviews
            else _("30일 안에 살펴보고 답함"),
            ReviewRequest.objects.open().count(),
            list_url(ReviewRequest, due="open"),
        ),
        (
            _("확인할 회사"),
            _("사업자등록 내용 확인"),
            Company.objects.filter(state=CompanyState.UNVERIFIED).count(),
            list_url(Company, state__exact=CompanyState.UNVERIFIED.value),
        ),
        (
            _("선정할 과제"),
            _("선정, 예비 선정, 보완 요청, 미선정"),
            Project.objects.filter(state=ProjectState.SUBMITTED).count(),
            list_url(Project, state__exact=ProjectState.SUBMITTED.value),
        ),
        (
            _("다시 살필 적격자"),
            _("적격 처리 뒤에 자격이나 동의가 바뀐 사람"),
            Application.objects.eligible().faulty().count(),
            list_url(Application, stage="faulty"),
        ),
        (
            _("심사할 참여 신청"),
            _("적격, 보완 요청, 부적격"),
            Application.objects.filter(state=ApplicationState.SUBMITTED).count(),
            list_url(Application, state__exact=ApplicationState.SUBMITTED.value),
        ),
        (
            _("수료를 처리할 배치"),
            _("종료일이 지난 배치를 수료나 미수료로"),
            ended,
            list_url(Placement, state__exact=PlacementState.RUNNING.value, ends_on__lt=today),
        ),
        (
            _("확정할 평가"),
            _("회사가 낸 평가를 확정"),
            Evaluation.objects.filter(state=EvaluationState.SUBMITTED).count(),
            list_url(Evaluation, state__exact=EvaluationState.SUBMITTED.value),
        ),
        (
            _("확인할 채용 증빙"),
            _("근로계약서와 4대보험 가입자 명부"),
            HiringObligation.objects.filter(state=ObligationState.EVIDENCE_SUBMITTED).count(),
            list_url(HiringObligation, urgency="evidence"),
        ),
    ]
    return [
        {"label": label, "hint": hint, "count": count, "url": url}
        for label, hint, count, url in lines
        if count
    ]


_DATES = (
    "projects_due_at",
    "applications_due_at",
    "rankings_open_at",
    "rankings_due_at",
    "announce_on",
    "starts_on",
    "ends_on",
)


def deadlines_ahead(calls: Iterable[Call], now: datetime) -> list[dict[str, Any]]:
    """The dates of all calls in the coming weeks, soonest first."""
    today, live = timezone.localtime(now).date(), []
    for call in calls:
        for name in _DATES:
            moment = getattr(call, name)
            is_past = isinstance(moment, datetime) and moment < now
            is_out = name == "announce_on" and call.state not in BEFORE_RESULTS  # published before its day
            if moment is None or is_past or is_out:
                continue
            day = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
            if today <= day <= today + timedelta(days=DAYS_AHEAD):
                label = Call._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                url = reverse("admin:projects_call_change", args=[call.pk])
                live.append({"day": day, "moment": moment, "label": label, "call": call, "url": url})
    return sorted(live, key=lambda line: (line["day"], str(line["moment"])))[:DATES_SHOWN]


def outbox(now: datetime) -> dict[str, Any]:
    """What leaves within a day, and what should have left already: then nobody is sending."""
    soon = Notice.objects.filter(state=NoticeState.OWED, leaves_at__lte=now + timedelta(days=1))
    return {
        "soon": soon.count(),
        "url": list_url(Notice, state__exact=NoticeState.OWED.value),
        "late": Notice.objects.late(now).count(),
        "late_url": list_url(Notice, late="yes"),
    }


def coming(nights: Sequence[Night]) -> list[dict[str, Any]]:
    """The nights on which anything will be owed, as bars."""
    page = reverse("admin:forecast")
    return [
        {"label": kdatetime(night.day), "value": night.count, "url": f"{page}?on={night.day}"}
        for night in nights
        if night.count
    ]


Danger = tuple[Any, int, str, str]


def in_danger(call: Call) -> dict[str, Any]:
    """Projects that will not run, or only just: by the newest answer until it is published, then by who has a seat."""
    lines: list[Danger] = []
    source = ""
    if call.state in (CallState.ANNOUNCED, CallState.RUNNING):
        lines, source = _short_of_people(call), _("지금 자리가 있는 사람을 셌습니다.")
    elif call.state in (CallState.OPEN, CallState.CLOSED, CallState.MATCHING):
        runs = MatchRun.objects.filter(call=call, figures__isnull=False).only("figures", "kind", "on")
        run = runs.order_by("-pk").first()
        if run is not None:
            lines = _left_out(run)
            source = _("%(on)s %(kind)s 매칭에서 셌습니다.") % {
                "on": kdate(run.on),
                "kind": run.get_kind_display(),
            }
    return {
        "source": source,
        "lines": [
            {"label": label, "count": count, "tone": tone, "url": url}
            for label, count, tone, url in lines
            if count
        ],
    }


def _short_of_people(call: Call) -> list[Danger]:
    live = Project.objects.filter(call=call, state__in=[ProjectState.SELECTED, ProjectState.RUNNING])
    found = live.aggregate(
        short=Count("pk", filter=Q(taken__lt=F("minimum"))), empty=Count("pk", filter=Q(taken=0))
    )
    of_call = {"call__id__exact": call.pk}
    return [
        (_("최소 인원에 못 미침"), found["short"], "danger", list_url(Project, seats="short", **of_call)),
        (_("아무도 없음"), found["empty"], "warn", list_url(Project, seats="empty", **of_call)),
    ]


def _left_out(run: MatchRun) -> list[Danger]:
    """A final answer in numbers; a provisional one keeps only the band of each project."""
    figures, url = run.figures or {}, reverse("admin:matching_matchrun_change", args=[run.pk])
    projects = figures["projects"]
    if run.kind == RunKind.PROVISIONAL:
        bands = Counter(line["band"] for line in projects)
        return [
            (Outlook.DANGER.label, bands[Outlook.DANGER], "danger", url),
            (Outlook.NOBODY.label, bands[Outlook.NOBODY], "warn", url),
        ]
    opening = [line for line in projects if not line["closed"]]
    bare = sum(1 for line in opening if line["minimum"] and line["size"] == line["minimum"])
    empty = sum(1 for line in opening if not line["size"])
    return [
        (_("최소 인원에 못 미쳐 열지 않음"), len(projects) - len(opening), "danger", url),
        (_("한 명이라도 거절하면 미달"), bare, "warn", url),
        (_("배치된 사람 없음"), empty, "warn", url),
    ]
