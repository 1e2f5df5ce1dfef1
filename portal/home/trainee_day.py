"""A trainee's day: which of their calls comes first, what there is to do in it, and what is still to come.

Facts for one page; nothing is written. The words of the panel stand in ``trainee_panel``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.home import trainee_panel
from portal.trainees.models import Trainee
from portal.ui.korean import days_left, kdate, kdatetime
from projects.applications.models import Application
from projects.applications.states import RANKING, WAS_ELIGIBLE, ApplicationState
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EvaluationState
from projects.interviews.models import Interview
from projects.interviews.states import InterviewState
from projects.models import Call
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState
from projects.placements.actions import backfill_until
from projects.placements.models import Placement, Reserve
from projects.placements.states import LIVE, LOST, PlacementState
from projects.rankings.actions import order_of
from projects.rankings.models import RankList
from projects.states import PUBLISHED, CallState

#: A call somebody may still take part in, or is waiting for.
CURRENT = (CallState.OPEN, CallState.CLOSED, CallState.MATCHING)
OVER = (CallState.FINISHED, CallState.ARCHIVED)
#: Nothing came of an application, or something that has ended.
NO_SEAT = (ApplicationState.UNMATCHED, ApplicationState.PLACED)
#: So many days before a date its badge appears.
NEAR = 30


@dataclass
class Part:
    """One call in a trainee's life: the application, what became of it, the hire that follows."""

    call: Call
    application: Application | None = None
    placement: Placement | None = None
    evaluation: Evaluation | None = None
    obligation: HiringObligation | None = None
    lists: dict[str, Any] = field(default_factory=lambda: {"count": 0, "binding": None, "changed": False})

    @property
    def state(self) -> str:
        """Of the application, as the person knows it: until an offer's moment comes they wait."""
        if self.application is None:
            return ""
        told = self.placement is not None and self.placement.state not in LOST
        if self.application.state == ApplicationState.PLACED and not told:
            return ApplicationState.RESERVE
        return self.application.state

    @cached_property
    def interviews(self) -> list[Interview]:
        """Every invitation of this call and what became of it, the next first; none once results are out."""
        if self.application is None or self.call.state not in CURRENT:
            return []
        own = Interview.objects.filter(application=self.application)
        return list(own.select_related("company").order_by("starts_at", "pk"))

    @cached_property
    def is_paused(self) -> bool:
        return self.application is not None and self.application.is_paused

    @property
    def is_settled(self) -> bool:
        """Nothing more will come of it: the next call may take its place on the page."""
        if self.obligation is not None:
            return self.obligation.state == ObligationState.WAIVED
        if self.placement is not None and self.placement.state == PlacementState.COMPLETED:
            judged = self.evaluation is not None and self.evaluation.state == EvaluationState.LOCKED
            return judged and not (self.evaluation and self.evaluation.is_excellent)
        return self.call.state in OVER or self.state in (
            ApplicationState.WITHDRAWN,
            ApplicationState.CANCELLED,
        )

    def urgency(self) -> tuple[int, float]:
        """What somebody has to answer comes first, then what they wait for; the newest before older ones."""
        if self.placement is not None and self.placement.is_answerable:
            return 0, self.placement.answer_due_at.timestamp()
        if self.application is not None and self.application.may_be_completed:
            return 1, -self.call.pk
        if self.placement is not None and self.placement.state in LIVE:
            return 2, -self.call.pk
        if self.is_settled:
            return 7, -self.call.pk
        if self.state == ApplicationState.DRAFT and self.call.takes_applications:
            return 3, -self.call.pk
        if self.state in RANKING:
            return 4, -self.call.pk
        return (5 if self.obligation is not None else 6), -self.call.pk


def parts_of(trainee: Trainee) -> list[Part]:
    """Every call the trainee applied to, the most urgent first."""
    shown = Q(call__state__in=PUBLISHED) | Q(state=ApplicationState.CANCELLED)
    applications = Application.objects.filter(shown, trainee=trainee)
    parts = {row.pk: Part(row.call, row) for row in applications.select_related("call__rule_set")}
    now = timezone.now()
    placements = Placement.objects.filter(trainee=trainee, offered_at__lte=now).with_names()
    for placement in placements.select_related("evaluation", "project__company").by_weight().reverse():
        if (part := parts.get(placement.application_id)) is not None:
            part.placement, part.evaluation = placement, getattr(placement, "evaluation", None)
            if part.evaluation is not None:
                part.evaluation.placement = placement
    for obligation in HiringObligation.objects.filter(placement__trainee=trainee).with_names():
        if (part := parts.get(obligation.placement.application_id)) is not None:
            part.obligation = obligation
    return sorted(parts.values(), key=Part.urgency)


def open_call() -> Call | None:
    """A call one can apply to now, else one that is on."""
    calls = list(Call.objects.filter(state__in=CURRENT).select_related("rule_set"))
    return next((call for call in calls if call.takes_applications), calls[0] if calls else None)


def focus_of(parts: list[Part], call: Call | None) -> Part | None:
    """What the page is about: the most urgent part, or the call one can apply to now when all else is settled."""
    first = parts[0] if parts else None
    if call is None or (first is not None and not first.is_settled):
        return first
    if first is None or call.takes_applications or first.state == ApplicationState.WITHDRAWN:
        return next((part for part in parts if part.call == call), Part(call))
    return first


def may_follow(parts: list[Part], call: Call | None) -> Call | None:
    """The call that takes applications now, for somebody who has neither applied to it nor a seat or a hire elsewhere."""
    if call is None or not call.takes_applications:
        return None
    for part in parts:
        applied = part.call == call and part.state != ApplicationState.WITHDRAWN
        seated = part.placement is not None and part.placement.state in LIVE
        hired = part.obligation is not None and part.obligation.state == ObligationState.FULFILLED
        if applied or seated or hired:
            return None
    return call


def lists_of(application: Application | None) -> dict[str, Any]:
    """The wishes of an application: how many are drafted, what is certified, whether they differ."""
    if application is None:
        return {"count": 0, "binding": None, "changed": False}
    own = RankList.objects.filter(application=application)
    working, binding = own.working().first(), own.binding().first()
    order = order_of(working)
    changed = binding is not None and working != binding and order_of(binding) != order
    return {"count": len(order), "binding": binding, "changed": changed}


def panel_of(trainee: Trainee, part: Part | None, following: Call | None) -> dict[str, Any]:
    """The panel of what the page is about; every state has one, with one thing to do."""
    if part is None:
        return trainee_panel.without_a_call(trainee)
    call, application, placement = part.call, part.application, part.placement
    if application is None or part.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
        return trainee_panel.not_applied(trainee, call, application)
    if part.state == ApplicationState.CANCELLED:
        return trainee_panel.cancelled(call)
    if part.obligation is not None and part.obligation.state != ObligationState.WAIVED:
        return trainee_panel.hire(part.obligation)
    if placement is not None and part.state == ApplicationState.PLACED:
        return trainee_panel.placed(placement, part.evaluation)
    if part.state == ApplicationState.RETURNED:
        return trainee_panel.returned(call, application)
    if part.state == ApplicationState.INELIGIBLE:
        return trainee_panel.ineligible(call, application)
    if part.state == ApplicationState.RESERVE and (lines := _lines_of(application)):
        return trainee_panel.waiting(call, lines)
    if part.state in (*NO_SEAT, ApplicationState.RESERVE):
        return trainee_panel.without_a_seat(trainee, call, part.lists, placement, following)
    if part.is_paused:
        return trainee_panel.paused(call)
    return trainee_panel.ranking(trainee, call, application, part.lists, following)


def _lines_of(application: Application) -> list[Any]:
    """Where one still waits while seats are given on; the nearest first."""
    until = backfill_until(application.call)
    if application.call.state in OVER or until is None or timezone.localdate() > until:
        return []
    told = Reserve.objects.waiting_as_told(timezone.now()).filter(application=application)
    lines: Any = told.with_ahead().select_related("project")
    return sorted(lines, key=lambda line: (line.ahead, line.reserve_no))


def others_of(
    trainee: Trainee, parts: list[Part], focus: Part | None, following: Call | None, led_to: str = ""
) -> list[dict[str, Any]]:
    """What else there is: other calls one takes part in, and the one that takes applications.

    ``led_to`` is where the panel leads already.
    """
    rows = [
        _other(part)
        for part in parts
        if part is not focus and part.state not in ("", ApplicationState.WITHDRAWN)
    ]
    url = trainee_panel.apply_url(trainee, following) if following is not None else ""
    if following is not None and url != led_to and (focus is None or focus.call != following):
        due = _("%(due)s까지 신청을 받습니다.") % {"due": kdatetime(following.applications_due_at)}
        rows.insert(
            0, {"title": following.title, "text": due, "url": url, "due_on": following.applications_due_at}
        )
    return rows


def _other(part: Part) -> dict[str, Any]:
    call, placement = part.call, part.placement
    row = {"title": call.title, "text": str(ApplicationState(part.state).label if part.state else "")}
    if part.obligation is not None:
        text = trainee_panel.hire(part.obligation)["title"]
        return row | {
            "text": text,
            "url": reverse("obligations:obligation-detail", args=[part.obligation.pk]),
        }
    if placement is not None and part.state == ApplicationState.PLACED:
        text = f"{placement.project.title} · {placement.get_state_display()}"
        return row | {"text": text, "url": reverse("placements:placement-detail", args=[placement.pk])}
    if part.state in (*NO_SEAT, ApplicationState.RESERVE):
        return row | {"url": reverse("matching:match-detail", args=[call.pk])}
    if part.state == ApplicationState.DRAFT and call.takes_applications:
        edit = reverse("applications:application-edit", args=[call.pk, "motive"])
        return row | {"url": edit, "due_on": call.applications_due_at}
    return row | {"url": reverse("applications:application-done", args=[call.pk])}


def tasks_of(trainee: Trainee, part: Part) -> list[dict[str, Any]]:
    """The four things of a call in their order, interviews one is invited to, and the consent that was taken back.

    None for whoever cannot take part in it any more.
    """
    application, call = part.application, part.call
    if part.state in ("", ApplicationState.WITHDRAWN):
        application = None
    closed = (ApplicationState.INELIGIBLE, ApplicationState.CANCELLED)
    if part.state in closed or (application is None and not call.takes_applications):
        return []
    profile = {
        "label": _("프로필 채우기"),
        "state": "done" if trainee.is_complete else "progress" if trainee.phone or trainee.region else "todo",
        "url": reverse("trainees:profile-edit"),
        "hint": "" if trainee.is_complete else _("연락처, 사는 지역, 시작할 수 있는 날, 기술 한 가지"),
    }
    again = {
        "label": _("참여기업에 정보 제공 다시 동의하기"),
        "state": "todo",
        "url": trainee_panel.consent_url(),
        "hint": _("동의를 다시 하면 기업이 다시 볼 수 있고 매칭에 들어갑니다."),
    }
    return [
        profile,
        _apply_task(call, application),
        *([again] if part.is_paused else []),
        *_interview_tasks(part),
        _rank_task(call, application, part.lists),
        _result_task(part),
    ]


def _apply_task(call: Call, application: Application | None) -> dict[str, Any]:
    task: dict[str, Any] = {"label": _("참여 신청"), "hint": "", "url": ""}
    edit = reverse("applications:application-edit", args=[call.pk, "motive"])
    if application is not None and application.may_be_completed:
        said = _("보완 요청을 받았습니다. %(due)s까지 고쳐서 다시 제출하세요.")
        return task | {
            "state": "progress",
            "url": edit,
            "hint": said % {"due": kdatetime(call.rankings_due_at)},
        }
    if application is not None and application.state not in (
        ApplicationState.DRAFT,
        ApplicationState.RETURNED,
    ):
        done = reverse("applications:application-done", args=[call.pk])
        fine = (
            application.state in WAS_ELIGIBLE
        )  # what became of it is the task of the result, in its own time
        said = str(ApplicationState.ELIGIBLE.label if fine else application.get_state_display())
        return task | {"state": "done", "url": done, "hint": said}
    due = {"due": kdatetime(call.applications_due_at)}
    if not call.takes_applications:
        return task | {"state": "late", "hint": _("%(due)s에 마감되었습니다.") % due}
    hint = _("%(due)s까지 제출하세요. 10분쯤 걸립니다.") % due
    return task | {"state": "progress" if application else "todo", "url": edit, "hint": hint}


def _interview_tasks(part: Part) -> list[dict[str, Any]]:
    """One line: an invitation to answer, else the next interview, else what has been; nothing for who was never invited."""
    if not part.interviews:
        return []
    waiting = [one for one in part.interviews if one.state == InterviewState.INVITED]
    coming = [one for one in part.interviews if one.state == InterviewState.BOOKED and not one.has_begun]
    first = (waiting or coming or part.interviews)[0]
    only = len(part.interviews) == 1
    url = (
        reverse("interviews:interview-detail", args=[first.pk])
        if only
        else reverse("interviews:interview-list")
    )
    if waiting:
        due = {"due": kdatetime(part.call.rankings_due_at)}
        hint = _("%(due)s까지 시간을 고르거나 거절해 주세요.") % due
        if len(waiting) > 1:
            hint = _("초대 %(count)s건 · %(hint)s") % {"count": len(waiting), "hint": hint}
        return [{"label": _("면접 시간 고르기"), "state": "todo", "url": url, "hint": hint}]
    if coming:
        hint = f"{kdatetime(first.starts_at)} · {first.company.name}"
        return [{"label": _("면접 보기"), "state": "progress", "url": url, "hint": hint}]
    hint = _("초대 %(count)s건") % {"count": len(part.interviews)}
    return [{"label": _("면접"), "state": "done", "url": url, "hint": hint}]


def _rank_task(call: Call, application: Application | None, lists: dict[str, Any]) -> dict[str, Any]:
    edit = reverse("rankings:rank-list-edit", args=[call.pk])
    task: dict[str, Any] = {"label": _("희망 순위 정하고 제출"), "url": edit}
    count = _("%(count)s개 담음") % {"count": lists["count"]}
    if lists["binding"] and not lists["changed"]:
        return task | {"state": "done", "hint": _("%(count)s · 제출함") % {"count": count}}
    if call.takes_rankings and application is not None and application.state in RANKING:
        said = _("제출한 뒤 바꾸었습니다. 다시 제출해야 바뀐 순위가 쓰입니다.") if lists["changed"] else ""
        until = _("%(count)s · %(due)s까지 제출하세요.") % {
            "count": count,
            "due": kdatetime(call.rankings_due_at),
        }
        return task | {"state": "progress" if lists["count"] else "todo", "hint": said or until}
    if call.rankings_due_at and timezone.now() > call.rankings_due_at:
        state = "done" if lists["binding"] else "late"
        hint = _("%(due)s에 마감되었습니다.") % {"due": kdatetime(call.rankings_due_at)}
        return task | {"state": state, "hint": hint, "url": task["url"] if application else ""}
    opens = _("%(opens)s부터 정할 수 있습니다.") % {"opens": kdatetime(call.rankings_open_at)}
    if call.takes_rankings:
        opens = _("참여 신청을 제출한 사람이 정할 수 있습니다.")
    return task | {"state": "locked", "url": "", "hint": opens}


def _result_task(part: Part) -> dict[str, Any]:
    call, placement = part.call, part.placement
    task: dict[str, Any] = {
        "label": _("결과 확인하고 답하기"),
        "url": reverse("matching:match-detail", args=[call.pk]),
    }
    if placement is not None and placement.is_answerable:
        url = reverse("placements:placement-detail", args=[placement.pk])
        due = kdatetime(placement.answer_due_at)
        return task | {"state": "todo", "url": url, "hint": _("%(due)s까지 답해 주세요.") % {"due": due}}
    decided = (ApplicationState.PLACED, ApplicationState.RESERVE, ApplicationState.UNMATCHED)
    if part.state in decided:
        return task | {"state": "done", "hint": str(ApplicationState(part.state).label)}
    hint = _("결과를 확인하고 있습니다.")
    if call.announce_on and call.announce_on >= timezone.localdate():
        hint = _("%(day)s 발표 예정") % {"day": kdate(call.announce_on)}
    return task | {"state": "locked", "url": "", "hint": hint}


def are_over(tasks: list[dict[str, Any]]) -> bool:
    """Nothing is left to do or to wait for: the list is history and may be folded."""
    return all(task["state"] in ("done", "late") for task in tasks)


def agenda_of(part: Part) -> list[dict[str, Any]]:
    """What is still to come, soonest first; only what concerns this person."""
    call, placement = part.call, part.placement
    before: list[tuple[date | datetime | None, str]] = [
        (call.rankings_open_at, _("희망 순위 제출 시작")),
        (call.rankings_due_at, _("희망 순위 제출 마감")),
        (call.announce_on, _("결과 발표 예정")),
    ]
    project: list[tuple[date | datetime | None, str]] = [
        (call.starts_on, _("프로젝트 시작")),
        (call.ends_on, _("프로젝트 종료")),
    ]
    rows: list[tuple[date | datetime | None, str]]
    if placement is not None and placement.state in LIVE:
        rows = [(placement.starts_on, _("프로젝트 시작")), (placement.ends_on, _("프로젝트 종료"))]
        if placement.state == PlacementState.OFFERED:
            rows.append((placement.answer_due_at, _("배치 수락 마감")))
    elif part.state == ApplicationState.RESERVE:
        rows = [(backfill_until(call), _("예비순번 충원 마감"))]
    elif part.state in RANKING or (part.application is not None and part.application.may_be_completed):
        booked = [one for one in part.interviews if one.state == InterviewState.BOOKED]
        met = [(one.starts_at, _("면접: %(company)s") % {"company": one.company.name}) for one in booked]
        rows = [*met, *before, *project]
    elif part.state in ("", ApplicationState.DRAFT, ApplicationState.WITHDRAWN) and call.takes_applications:
        rows = [(call.applications_due_at, _("참여 신청 마감")), *before, *project]
    else:
        rows = []
    now, today = timezone.now(), timezone.localdate()
    coming = [
        {"at": at, "label": label, "near": days_left(at) <= NEAR}
        for at, label in rows
        if at is not None and (at >= now if isinstance(at, datetime) else at >= today)
    ]
    return sorted(coming, key=lambda row: _day(row["at"]))


def _day(at: date | datetime) -> datetime:
    if isinstance(at, datetime):
        return timezone.localtime(at)
    return datetime.combine(at, datetime.min.time(), tzinfo=timezone.get_current_timezone())
