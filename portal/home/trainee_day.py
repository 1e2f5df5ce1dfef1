"""What a trainee has to do and how their year stands, in words: facts for one page, nothing is written."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.trainees.models import Trainee
from portal.ui.korean import dday, josa, kdate, kdatetime
from projects.applications.models import Application
from projects.applications.states import RANKING, ApplicationState
from projects.models import Call
from projects.obligations.models import HiringObligation
from projects.placements.models import Placement, Reserve
from projects.placements.states import PlacementState
from projects.rankings.actions import order_of
from projects.rankings.models import RankList
from projects.states import PUBLISHED, CallState

#: A call somebody may still take part in, or is waiting for.
CURRENT = (CallState.OPEN, CallState.CLOSED, CallState.MATCHING)


def _left(day: date | datetime | None) -> str:
    """``D-3`` inside a sentence: no line ends after its hyphen."""
    if day is None:
        return ""
    return dday(day).replace("-", "-\u2060")


def application_of(trainee: Trainee) -> Application | None:
    """The newest application; one whose call is over makes room as soon as one can apply again."""
    own = Application.objects.filter(trainee=trainee, call__state__in=PUBLISHED)
    application = own.exclude(state=ApplicationState.WITHDRAWN).select_related("call__rule_set").first()
    over = application is not None and application.call.state in (CallState.FINISHED, CallState.ARCHIVED)
    following = open_call() if over else None
    return None if following and following.takes_applications else application


def open_call() -> Call | None:
    """A call one can apply to now, else one that is on."""
    calls = list(Call.objects.filter(state__in=CURRENT).select_related("rule_set"))
    return next((call for call in calls if call.takes_applications), calls[0] if calls else None)


def lists_of(application: Application | None) -> dict[str, Any]:
    """The wishes of an application: how many are drafted, what is certified, whether they differ."""
    if application is None:
        return {"count": 0, "binding": None, "changed": False}
    own = RankList.objects.filter(application=application)
    working, binding = own.working().first(), own.binding().first()
    order = order_of(working)
    changed = binding is not None and working != binding and order_of(binding) != order
    return {"count": len(order), "binding": binding, "changed": changed}


def placement_of(application: Application | None) -> Placement | None:
    if application is None:
        return None
    return Placement.objects.filter(application=application).with_names().first()


def tasks_of(
    trainee: Trainee,
    call: Call,
    application: Application | None,
    lists: dict[str, Any],
    placement: Placement | None,
) -> list[dict[str, Any]]:
    profile = {
        "label": _("프로필 채우기"),
        "state": "done" if trainee.is_complete else "progress" if trainee.phone or trainee.region else "todo",
        "url": reverse("trainees:profile-edit"),
        "hint": "" if trainee.is_complete else _("연락처, 사는 지역, 시작할 수 있는 날, 기술 한 가지"),
    }
    return [
        profile,
        _apply_task(call, application),
        _rank_task(call, application, lists),
        _result_task(call, application, placement),
    ]


def _apply_task(call: Call, application: Application | None) -> dict[str, Any]:
    task: dict[str, Any] = {"label": _("참여 신청"), "hint": "", "url": ""}
    edit = reverse("applications:application-edit", args=[call.pk, "motive"])
    due = kdatetime(call.applications_due_at)
    if application is not None and application.state == ApplicationState.RETURNED:
        return task | {
            "state": "progress",
            "url": edit,
            "hint": _("보완 요청을 받았습니다. 고쳐서 다시 제출하세요."),
        }
    if application is not None and application.state != ApplicationState.DRAFT:
        done = reverse("applications:application-done", args=[call.pk])
        return task | {"state": "done", "url": done, "hint": str(application.get_state_display())}
    if not call.takes_applications:
        return task | {"state": "late", "hint": _("%(due)s에 마감되었습니다.") % {"due": due}}
    hint = _("%(due)s까지 제출하세요. 10분쯤 걸립니다.") % {"due": due}
    return task | {"state": "progress" if application else "todo", "url": edit, "hint": hint}


def _rank_task(call: Call, application: Application | None, lists: dict[str, Any]) -> dict[str, Any]:
    task: dict[str, Any] = {"label": _("희망 순위 정하고 제출"), "url": reverse("rankings:rank-list-edit")}
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


def _result_task(call: Call, application: Application | None, placement: Placement | None) -> dict[str, Any]:
    task: dict[str, Any] = {
        "label": _("결과 확인하고 답하기"),
        "url": reverse("matching:match-detail", args=[call.pk]),
    }
    if placement is not None and placement.state == PlacementState.OFFERED:
        url = reverse("placements:placement-detail", args=[placement.pk])
        due = kdatetime(placement.answer_due_at)
        return task | {"state": "todo", "url": url, "hint": _("%(due)s까지 답해 주세요.") % {"due": due}}
    decided = (ApplicationState.PLACED, ApplicationState.RESERVE, ApplicationState.UNMATCHED)
    if application is not None and application.state in decided:
        return task | {"state": "done", "hint": str(application.get_state_display())}
    hint = _("%(day)s 발표 예정") % {"day": kdate(call.announce_on)}
    return task | {"state": "locked", "url": "", "hint": hint}


def _say(
    title: str,
    *texts: str,
    tone: str = "info",
    action: str = "",
    url: str = "",
    more: tuple[str, str] = ("", ""),
) -> dict[str, Any]:
    """The panel on top: how it stands and the one thing to do."""
    return {
        "title": title,
        "texts": [text for text in texts if text],
        "tone": tone,
        "action": action,
        "url": url,
        "more": {"label": more[0], "url": more[1]},
    }


def panel_of(
    call: Call | None, application: Application | None, lists: dict[str, Any], placement: Placement | None
) -> dict[str, Any]:
    """The state of a person's year in words; every state has one panel."""
    browse = (_("프로젝트 둘러보기"), reverse("projects:project-list"))
    if call is None:
        text = _("새 모집이 시작되면 이곳에서 바로 신청할 수 있습니다. 그동안 프로필을 채워 두세요.")
        return _say(
            _("지금은 모집 중인 공고가 없습니다"),
            text,
            action=_("프로필 채우기"),
            url=reverse("trainees:profile-edit"),
        )
    if application is None or application.state == ApplicationState.DRAFT:
        return _not_applied(call, application, browse)
    if placement is not None and placement.state not in (PlacementState.DECLINED, PlacementState.EXPIRED):
        return _placed(placement)
    edit = reverse("applications:application-edit", args=[call.pk, "motive"])
    if application.state == ApplicationState.RETURNED:
        return _say(
            _("참여 신청에 보완할 것이 있습니다"),
            _("운영사 의견: %(comment)s") % {"comment": application.comment},
            tone="warn", action=_("고쳐서 다시 제출하기"), url=edit,
        )  # fmt: skip
    if application.state == ApplicationState.INELIGIBLE:
        return _say(
            _("이번 공고에는 참여할 수 없습니다"),
            _("심사 결과: %(reason)s") % {"reason": application.get_ineligible_reason_display()},
            application.comment,
            _("사실과 다르면 운영사에 알려 주세요. 다시 심사할 수 있습니다."),
            tone="danger",
        )
    if application.state == ApplicationState.RESERVE:
        return _waiting(application)
    if application.state in (ApplicationState.UNMATCHED, ApplicationState.PLACED):
        return _say(
            _("이번에는 배치되지 않았습니다"),
            _("신청한 사람이 모집 인원보다 많았습니다. 프로젝트마다 이유를 결과 화면에 적어 두었습니다."),
            _("프로필을 그대로 두면 다음 모집 때 바로 다시 신청할 수 있습니다."),
            action=_("결과와 이유 보기"), url=reverse("matching:match-detail", args=[call.pk]), more=browse,
        )  # fmt: skip
    return _ranking(call, application, lists, browse)


def _not_applied(call: Call, application: Application | None, browse: tuple[str, str]) -> dict[str, Any]:
    if not call.takes_applications:
        return _say(
            _("이번 모집은 신청이 끝났습니다"),
            _("%(due)s에 마감되었습니다. 다음 모집을 기다려 주세요.") % {"due": kdatetime(call.applications_due_at)},
            action=browse[0], url=browse[1],
        )  # fmt: skip
    return _say(
        _("쓰던 신청서를 제출해 주세요") if application else _("‘%(call)s’에 신청하세요") % {"call": call},
        _("신청 마감은 %(due)s입니다 (%(left)s).")
        % {"due": kdatetime(call.applications_due_at), "left": _left(call.applications_due_at)},
        action=_("이어서 쓰기") if application else _("신청서 쓰기"),
        url=reverse("applications:application-edit", args=[call.pk, "motive"]),
        more=browse,
    )


def _ranking(
    call: Call, application: Application, lists: dict[str, Any], browse: tuple[str, str]
) -> dict[str, Any]:
    """Handed in or eligible: rank now, wait, or too late."""
    edit, due = reverse("rankings:rank-list-edit"), kdatetime(call.rankings_due_at)
    review = "" if application.state == ApplicationState.ELIGIBLE else _("참여 신청은 심사하고 있습니다.")
    result = _("결과는 %(day)s에 발표할 예정입니다.") % {"day": kdate(call.announce_on)}
    if call.takes_rankings and lists["changed"]:
        return _say(
            _("바꾼 순위를 아직 제출하지 않았습니다"),
            _("제출한 순위가 그대로 유효합니다. 바꾼 순위를 쓰려면 다시 제출하세요."),
            _("마감은 %(due)s입니다 (%(left)s).") % {"due": due, "left": _left(call.rankings_due_at)},
            tone="warn", action=_("희망 순위 보기"), url=edit,
        )  # fmt: skip
    if lists["binding"]:
        again = _("%(due)s까지 바꿔서 다시 제출할 수 있습니다.") % {"due": due} if call.takes_rankings else ""
        return _say(
            _("희망 순위를 제출했습니다"), review, again, result, tone="good",
            action=_("제출확인서 보기"), url=reverse("rankings:rank-list-receipt"), more=(_("희망 순위 보기"), edit),
        )  # fmt: skip
    if call.takes_rankings:
        return _say(
            _("희망 순위를 정해서 제출하세요"),
            review,
            _("마감은 %(due)s입니다 (%(left)s). 제출하지 않으면 매칭에 들어가지 않습니다.")
            % {"due": due, "left": _left(call.rankings_due_at)},
            tone="warn", action=_("희망 순위 정하기"), url=edit, more=browse,
        )  # fmt: skip
    if call.rankings_open_at and timezone.now() < call.rankings_open_at:
        return _say(
            _("참여 신청을 제출했습니다") if review else _("참여 자격이 확인되었습니다"),
            review,
            _("%(opens)s부터 희망 순위를 정합니다. 그때까지 관심 가는 프로젝트에 표시해 두세요.")
            % {"opens": kdatetime(call.rankings_open_at)},
            tone="good", action=browse[0], url=browse[1],
        )  # fmt: skip
    return _say(
        _("희망 순위를 제출하지 않아 매칭에 들어가지 않습니다"),
        _("마감은 %(due)s이었습니다. 다음 모집 때 다시 신청해 주세요.") % {"due": due},
        tone="danger", action=browse[0], url=browse[1],
    )  # fmt: skip


def _placed(placement: Placement) -> dict[str, Any]:
    """From the offer to the end of the project."""
    project = placement.project.title
    where = f"{placement.company} · {kdate(placement.starts_on)} ~ {kdate(placement.ends_on)}"
    detail = reverse("placements:placement-detail", args=[placement.pk])
    result = (_("결과와 이유 보기"), reverse("matching:match-detail", args=[placement.call_id]))
    if placement.state == PlacementState.OFFERED:
        return _say(
            _("‘%(project)s’에 배치되었습니다") % {"project": project},
            where,
            _("%(due)s까지 수락하거나 거절해 주세요 (%(left)s). 답이 없으면 자리가 다음 사람에게 갑니다.")
            % {"due": kdatetime(placement.answer_due_at), "left": _left(placement.answer_due_at)},
            tone="warn", action=_("보고 답하기"), url=detail, more=result,
        )  # fmt: skip
    if placement.state == PlacementState.ACCEPTED:
        starts = _("%(day)s에 시작합니다 (%(left)s).") % {
            "day": kdate(placement.starts_on),
            "left": _left(placement.starts_on),
        }
        title = _("‘%(project)s’에 참여하기로 했습니다") % {"project": project}
        return _say(title, where, starts, tone="good", action=_("내 배치 보기"), url=detail, more=result)
    if placement.state == PlacementState.RUNNING:
        title = _("%(project)s 하고 있습니다") % {"project": josa(f"‘{project}’", "을")}
        return _say(title, where, tone="good", action=_("내 배치 보기"), url=detail)
    state = placement.get_state_display()
    title = _("%(project)s 끝났습니다: %(state)s") % {"project": josa(f"‘{project}’", "이"), "state": state}
    tone = "good" if placement.state == PlacementState.COMPLETED else "info"
    return _say(title, where, tone=tone, action=_("내 배치 보기"), url=detail)


def _waiting(application: Application) -> dict[str, Any]:
    """On reserve lists: which number, and how many are before one."""
    ahead = Count(
        "project__reserves",
        filter=Q(
            project__reserves__called_at=None,
            project__reserves__left_at=None,
            project__reserves__reserve_no__lt=F("reserve_no"),
        ),
    )
    rows = Reserve.objects.waiting().filter(application=application).annotate(before=ahead)
    lines = [
        _("%(project__title)s: 예비 %(reserve_no)s번, 앞에 %(before)s명") % row
        for row in rows.order_by("before", "reserve_no").values("project__title", "reserve_no", "before")
    ]
    return _say(
        _("예비 순번을 받았습니다"),
        *lines,
        _("자리가 나면 순번대로 다음 근무일 오전에 제안하고, 이메일과 알림함으로 알려 드립니다."),
        action=_("결과와 이유 보기"),
        url=reverse("matching:match-detail", args=[application.call_id]),
    )


def agenda_of(call: Call, placement: Placement | None) -> list[dict[str, Any]]:
    """What is still to come, soonest first."""
    rows: list[tuple[date | datetime | None, str]] = [
        (call.applications_due_at, _("참여 신청 마감")),
        (call.rankings_open_at, _("희망 순위 제출 시작")),
        (call.rankings_due_at, _("희망 순위 제출 마감")),
        (call.announce_on, _("결과 발표 예정")),
        (call.starts_on, _("프로젝트 시작")),
        (call.ends_on, _("프로젝트 종료")),
    ]
    if placement is not None and placement.state == PlacementState.OFFERED:
        rows.append((placement.answer_due_at, _("배치 수락 마감")))
    now, today = timezone.now(), timezone.localdate()
    coming = [
        {"at": at, "label": label}
        for at, label in rows
        if at is not None and (at >= now if isinstance(at, datetime) else at >= today)
    ]
    return sorted(coming, key=lambda row: _day(row["at"]))


def _day(at: date | datetime) -> datetime:
    if isinstance(at, datetime):
        return timezone.localtime(at)
    return datetime.combine(at, datetime.min.time(), tzinfo=timezone.get_current_timezone())


def owed_to(trainee: Trainee) -> HiringObligation | None:
    """A hire that a company owes this person."""
    owed = HiringObligation.objects.open().filter(placement__trainee=trainee)
    return owed.with_names().first()
