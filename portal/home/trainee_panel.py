"""The panel on top of a trainee's day: where one stands, the one thing to do and by when, and what comes next."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.states import ConsentKind
from portal.trainees.models import Trainee
from portal.ui.korean import josa, kdate, kdatetime, kperiod, points
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EvaluationState
from projects.models import Call
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState
from projects.placements.actions import backfill_until
from projects.placements.models import Placement
from projects.placements.states import PlacementSource, PlacementState

#: So many waiting lines are told on the panel; the page of the result has all.
LINES_SHOWN = 3

Link = tuple[str, str]


def say(
    title: str,
    *texts: str,
    tone: str = "info",
    action: Link,
    more: Link | None = None,
    subject: str = "",
    rows: tuple[dict[str, str], ...] = (),
    due: tuple[str, date | datetime | None] | None = None,
) -> dict[str, Any]:
    """One panel. ``subject`` is the project it is about, ``rows`` are facts, ``due`` is what ends when.

    ``action`` is the page's only primary one.
    """
    return {
        "title": title,
        "subject": subject,
        "texts": [text for text in texts if text],
        "rows": rows,
        "due": {"label": due[0], "at": due[1]} if due else None,
        "tone": tone,
        "action": action[0],
        "url": action[1],
        "more": {"label": more[0], "url": more[1]} if more else None,
    }


def _browse() -> Link:
    return _("프로젝트 둘러보기"), reverse("projects:project-list")


def _result(call_id: int) -> Link:
    return _("결과와 이유 보기"), reverse("matching:match-detail", args=[call_id])


def _own_application(call_id: int) -> Link:
    return _("내 참여 신청 보기"), reverse("applications:application-done", args=[call_id])


def apply_url(trainee: Trainee, call: Call) -> str:
    """Where applying begins: at the profile while that is missing, so that nobody writes motives in vain."""
    first = reverse("applications:application-edit", args=[call.pk, "motive"])
    return first if trainee.is_complete else f"{reverse('trainees:profile-edit')}?next={first}"


# --- before and while applying --------------------------------------------------------------------------


def without_a_call(trainee: Trainee) -> dict[str, Any]:
    profile = reverse("trainees:profile-edit")
    return say(
        _("지금은 모집 중인 공고가 없습니다"),
        _("새 모집이 시작되면 이곳에서 바로 신청할 수 있습니다.")
        if trainee.is_complete
        else _("새 모집이 시작되면 이곳에서 바로 신청할 수 있습니다. 그동안 프로필을 채워 두세요."),
        action=(_("프로필 다듬기") if trainee.is_complete else _("프로필 채우기"), profile),
    )


def not_applied(trainee: Trainee, call: Call, application: Application | None) -> dict[str, Any]:
    """No application, a draft, or one that was taken back."""
    state = application.state if application else ""
    if not call.takes_applications:
        return say(
            _("이번 모집은 신청이 끝났습니다"),
            _("쓰던 신청서는 제출되지 않아 심사하지 않습니다.") if state == ApplicationState.DRAFT else "",
            _("%(due)s에 마감되었습니다. 다음 모집을 기다려 주세요.") % {"due": kdatetime(call.applications_due_at)},
            action=_browse(),
        )  # fmt: skip
    due = _("%(due)s까지 신청을 받습니다.") % {"due": kdatetime(call.applications_due_at)}
    if state == ApplicationState.DRAFT:
        title, said, label = _("쓰던 신청서를 제출해 주세요"), "", _("이어서 쓰기")
    elif state == ApplicationState.WITHDRAWN:
        title, said = _("참여 신청을 취소했습니다"), _("적어 둔 내용으로 다시 신청할 수 있습니다.")
        label = _("다시 신청하기")
    else:
        title, said, label = _("참여를 신청하세요"), _("10분쯤 걸립니다."), _("신청서 쓰기")
    ends = (_("신청 마감"), call.applications_due_at)
    return say(title, due, said, action=(label, apply_url(trainee, call)), more=_browse(), due=ends)


def returned(call: Call, application: Application) -> dict[str, Any]:
    comment = _("운영사 의견: %(comment)s") % {"comment": application.comment}
    if not application.may_be_completed:
        return say(
            _("보완 기한이 지났습니다"), comment, _("이번 매칭에는 들어가지 않습니다. 궁금한 점은 운영사에 물어봐 주세요."),
            tone="danger", action=_own_application(call.pk),
        )  # fmt: skip
    due = _("%(due)s까지 고쳐서 다시 제출해 주세요.") % {"due": kdatetime(call.rankings_due_at)}
    edit = reverse("applications:application-edit", args=[call.pk, "motive"])
    return say(
        _("참여 신청에 보완할 것이 있습니다"),
        comment,
        due,
        tone="warn",
        action=(_("고쳐서 다시 제출하기"), edit),
        due=(_("보완 마감"), call.rankings_due_at),
    )


def ineligible(call: Call, application: Application) -> dict[str, Any]:
    return say(
        _("이번 공고에는 참여할 수 없습니다"),
        _("심사 결과: %(reason)s") % {"reason": application.get_ineligible_reason_display()},
        application.comment,
        _("사실과 다르면 운영사에 알려 주세요. 결과를 발표하기 전까지 다시 심사할 수 있습니다.")
        if application.may_be_corrected
        else _("결과가 발표되어 이번 공고에서는 더 바꿀 수 없습니다."),
        tone="danger",
        action=_own_application(call.pk),
    )


def cancelled(call: Call) -> dict[str, Any]:
    """The call came to nothing before its match."""
    reason = _("취소 사유: %(reason)s") % {"reason": call.cancel_reason} if call.cancel_reason else ""
    return say(
        _("공고가 취소되었습니다"), reason, _("프로필을 그대로 두면 다음 모집 때 바로 신청할 수 있습니다."),
        tone="warn", action=_own_application(call.pk), more=_browse(),
    )  # fmt: skip


# --- ranking and waiting for the result -----------------------------------------------------------------


def consent_url() -> str:
    return reverse("accounts:consent-change", args=[ConsentKind.SHARE_WITH_COMPANY])


def paused(call: Call) -> dict[str, Any]:
    """Under way, but the person no longer lets companies see them."""
    until = _("매칭하기 전에 다시 동의하지 않으면 이번 공고에서는 부적격으로 처리됩니다.")
    if not call.is_ranked:
        until = _("%(due)s까지 다시 동의하지 않으면 이번 공고에서는 부적격으로 처리됩니다.") % {
            "due": kdatetime(call.rankings_due_at)
        }
    return say(
        _("동의를 철회해 매칭에서 빠져 있습니다"),
        _(
            "참여기업에 정보를 제공하는 데 다시 동의하면 기업이 다시 볼 수 있고 매칭에 들어갑니다. 신청서와 희망 순위는 그대로 있습니다."
        ),
        until,
        tone="warn",
        action=(_("읽고 다시 동의하기"), consent_url()),
        more=_own_application(call.pk),
    )


def ranking(
    trainee: Trainee, call: Call, application: Application, lists: dict[str, Any], following: Call | None
) -> dict[str, Any]:
    """Handed in or eligible: rank now, wait, or too late, when another call may come first."""
    edit, due = reverse("rankings:rank-list-edit", args=[call.pk]), kdatetime(call.rankings_due_at)
    review = "" if application.state == ApplicationState.ELIGIBLE else _("참여 신청은 심사하고 있습니다.")
    ends = (_("제출 마감"), call.rankings_due_at)
    if call.takes_rankings and lists["changed"]:
        return say(
            _("바꾼 순위를 아직 제출하지 않았습니다"),
            _("%(due)s까지 다시 제출해 주세요. 그전에는 앞서 제출한 순위가 유효합니다.") % {"due": due},
            tone="warn", action=(_("바꾼 순위 확인하고 제출"), edit), due=ends,
        )  # fmt: skip
    if lists["binding"]:
        again = _("%(due)s까지 바꿔서 다시 제출할 수 있습니다.") % {"due": due} if call.takes_rankings else ""
        change = (_("희망 순위 바꾸기"), edit) if call.takes_rankings else None
        receipt = (_("제출확인서 보기"), reverse("rankings:rank-list-receipt", args=[call.pk]))
        return say(
            _("희망 순위를 제출했습니다"),
            review,
            again,
            announcing(call),
            tone="good",
            action=receipt,
            more=change,
        )
    if call.takes_rankings:
        return say(
            _("희망 순위를 정해서 제출하세요"),
            review,
            _("%(due)s에 마감합니다. 제출하지 않으면 매칭에 들어가지 않습니다.") % {"due": due},
            tone="warn", action=(_("희망 순위 정하기"), edit), more=_browse(), due=ends,
        )  # fmt: skip
    if call.rankings_open_at and timezone.now() < call.rankings_open_at:
        return say(
            _("참여 신청을 제출했습니다") if review else _("참여 자격이 확인되었습니다"),
            review,
            _("%(opens)s부터 희망 순위를 정합니다. 그때까지 관심 가는 프로젝트에 표시해 두세요.")
            % {"opens": kdatetime(call.rankings_open_at)},
            tone="good", action=_browse(),
        )  # fmt: skip
    title, was = (
        _("희망 순위를 제출하지 않아 매칭에 들어가지 않습니다"),
        _("마감은 %(due)s이었습니다.") % {"due": due},
    )
    if following is not None:
        said, action = _onward(trainee, following)
        return say(title, was, said, tone="danger", action=action, more=_browse())
    return say(title, was, _("다음 모집 때 다시 신청해 주세요."), tone="danger", action=_browse())


def _onward(trainee: Trainee, following: Call) -> tuple[str, tuple[str, str]]:
    """Until when another call can be applied to, and the way there."""
    facts = {"call": josa(f"‘{following}’", "은"), "due": kdatetime(following.applications_due_at)}
    said = _("%(call)s %(due)s까지 신청을 받습니다.") % facts
    return said, (_("새 공고 신청하기"), apply_url(trainee, following))


def announcing(call: Call) -> str:
    """When the result comes; a day that has passed is not promised again."""
    if call.announce_on and call.announce_on >= timezone.localdate():
        return _("결과는 %(day)s에 발표할 예정입니다.") % {"day": kdate(call.announce_on)}
    return _("결과를 확인하고 있습니다. 발표하면 이메일과 알림함으로 알려 드립니다.")


# --- after the result -----------------------------------------------------------------------------------


def waiting(call: Call, lines: list[Any]) -> dict[str, Any]:
    """On reserve lists: the nearest ones, rows of ``Reserve`` with how many are ``ahead``."""
    shown, rest = lines[:LINES_SHOWN], len(lines) - LINES_SHOWN
    rows = tuple(
        {
            "label": line.project.title,
            "value": _("예비 %(number)s번 · 다음 차례") % {"number": line.reserve_no}
            if not line.ahead
            else _("예비 %(number)s번 · 앞에 %(ahead)s명") % {"number": line.reserve_no, "ahead": line.ahead},
        }
        for line in shown
    )
    until = backfill_until(call)
    return say(
        _("예비순번으로 기다리고 있습니다"),
        _("그 밖에 %(count)s곳에서도 기다립니다.") % {"count": rest} if rest > 0 else "",
        _("자리가 나면 순번대로 제안하고, 이메일과 알림함으로 알려 드립니다. 충원은 %(until)s까지 합니다.")
        % {"until": kdate(until)},
        rows=rows,
        action=_result(call.pk),
        more=(_("내 예비순번 보기, 빠지기"), reverse("placements:reserve-list", args=[call.pk])),
    )


def without_a_seat(
    trainee: Trainee, call: Call, lists: dict[str, Any], placement: Placement | None, following: Call | None
) -> dict[str, Any]:
    """Nothing came of this call; another one that can be applied to comes first now."""
    gone = _gone(placement)
    if gone:
        said = _("기다리는 예비순번이 없어 이번 공고는 여기에서 끝납니다.")
    elif lists["binding"]:
        said = _("희망한 프로젝트마다 이유를 결과에 적어 두었습니다.")
    else:
        said = _("희망 순위를 제출하지 않아 매칭에 들어가지 않았습니다.")
    texts, action, more = [said], _result(call.pk), _browse()
    if following is not None:
        said, onward = _onward(trainee, following)
        texts.append(said)
        action, more = onward, action
    else:
        texts.append(_("프로필을 그대로 두면 다음 모집 때 바로 신청할 수 있습니다."))
    subject = placement.project.title if placement is not None and gone else ""
    if placement is not None and placement.state == PlacementState.TERMINATED:
        texts.insert(0, _("본인의 잘못이 아니며, 기록에도 그렇게 남습니다."))
    return say(gone or _("이번에는 배치되지 않았습니다"), *texts, subject=subject, action=action, more=more)


def _gone(placement: Placement | None) -> str:
    if placement is None:
        return ""
    return {
        PlacementState.DECLINED: _("배치를 거절했습니다"),
        PlacementState.EXPIRED: _("응답 기한이 지나 자리가 넘어갔습니다"),
        PlacementState.WITHDRAWN: _("참여를 철회했습니다"),
        PlacementState.TERMINATED: _("프로젝트가 중단되었습니다"),
    }.get(PlacementState(placement.state), "")


def placed(placement: Placement, evaluation: Evaluation | None) -> dict[str, Any]:
    """From the offer to the end of the project."""
    where = f"{placement.company} · {kperiod(placement.starts_on, placement.ends_on)}"
    seat = (_("내 배치 보기"), reverse("placements:placement-detail", args=[placement.pk]))
    about: dict[str, Any] = {"subject": placement.project.title, "action": seat}
    if placement.is_on_hold and placement.is_answerable:
        said = _("회사 사정으로 지금은 수락할 수 없습니다. 답하지 못해도 본인의 잘못으로 남지 않습니다.")
        return say(_("배치를 제안받았지만 기다려 주세요"), where, said, **about | {"tone": "warn"})
    if placement.is_answerable:
        due = {"due": kdatetime(placement.answer_due_at)}
        reserve = placement.source == PlacementSource.RESERVE
        if placement.keeps is not None:
            return _asked_to_move(placement, where, due, about)
        return say(
            _("자리가 나서 배치를 제안받았습니다") if reserve else _("배치를 제안받았습니다"),
            where,
            _("%(due)s까지 수락하거나 거절해 주세요. 답이 없으면 자리가 다음 사람에게 갑니다.") % due,
            due=(_("응답 마감"), placement.answer_due_at),
            **about | {"tone": "warn", "action": (_("보고 답하기"), seat[1]), "more": _result(placement.call_id)},
        )  # fmt: skip
    if placement.state == PlacementState.OFFERED and placement.keeps is not None:
        late = _("%(due)s까지 답이 없어 이 제안은 끝났습니다. 지금 자리(‘%(old)s’)는 그대로 있습니다.") % {
            "due": kdatetime(placement.answer_due_at),
            "old": placement.keeps.project.title,
        }
        return say(_("응답 기한이 지났습니다"), where, late, **about)
    if placement.state == PlacementState.OFFERED:
        late = _("%(due)s까지 답이 없어 자리는 다음 사람에게 갑니다.") % {
            "due": kdatetime(placement.answer_due_at)
        }
        return say(_("응답 기한이 지났습니다"), where, late, **about | {"tone": "danger"})
    if placement.state == PlacementState.ACCEPTED:
        said = _("%(day)s에 시작합니다. 그전에 회사가 첫날 안내를 드립니다.") % {
            "day": kdate(placement.starts_on)
        }
        return say(
            _("참여가 정해졌습니다"),
            where,
            said,
            **about | {"tone": "good", "due": (_("시작"), placement.starts_on)},
        )
    if placement.state == PlacementState.RUNNING:
        said = _("%(day)s에 끝납니다. 마치면 회사가 평가합니다.") % {"day": kdate(placement.ends_on)}
        return say(_("프로젝트를 하고 있습니다"), where, said, **about | {"tone": "good"})
    if placement.state == PlacementState.COMPLETED:
        return say(_("프로젝트를 마쳤습니다"), where, _judged(evaluation), **about | {"tone": "good"})
    ended = {
        PlacementState.NOT_COMPLETED: _("프로젝트를 마치지 못했습니다"),
        PlacementState.DROPPED_OUT: _("프로젝트를 그만두었습니다"),
    }.get(PlacementState(placement.state), str(placement.get_state_display()))
    return say(ended, where, **about)


def _asked_to_move(
    placement: Placement, where: str, due: dict[str, str], about: dict[str, Any]
) -> dict[str, Any]:
    """A seat the person would rather have fell free; the one they have stays theirs until they accept."""
    assert placement.keeps is not None  # noqa: S101 -- asked of such placements only
    url = reverse("placements:placement-detail", args=[placement.pk])
    return say(
        _("더 희망한 자리를 제안받았습니다"),
        where,
        _("지금 자리(‘%(old)s’)는 그대로 있습니다. 수락하면 이 자리로 옮깁니다.")
        % {"old": placement.keeps.project.title},
        _("%(due)s까지 답해 주세요. 거절하거나 답하지 않으면 지금 자리를 그대로 지킵니다.") % due,
        due=(_("응답 마감"), placement.answer_due_at),
        **about | {"tone": "warn", "action": (_("보고 답하기"), url), "more": _result(placement.call_id)},
    )


def _judged(evaluation: Evaluation | None) -> str:
    if evaluation is None or evaluation.state != EvaluationState.LOCKED:
        return _("회사의 평가를 기다리고 있습니다.")
    facts = {"score": points(evaluation.score), "day": kdate(evaluation.appeal_until)}
    if evaluation.is_excellent:
        return (
            _("평가 %(score)s점으로 우수 기준에 들었습니다. 회사의 채용 의무는 %(day)s이 지나면 정해집니다.")
            % facts
        )
    return _("평가는 %(score)s점입니다.") % facts


def hire(obligation: HiringObligation) -> dict[str, Any]:
    """A hire that is owed, or has come about."""
    detail = (_("약속 내용 보기"), reverse("obligations:obligation-detail", args=[obligation.pk]))
    project, company = obligation.placement.project.title, obligation.company.name
    facts = {"company": josa(company, "이"), "due": kdate(obligation.due_on)}
    if obligation.state == ObligationState.FULFILLED:
        day = _("채용일: %(day)s") % {"day": kdate(obligation.hired_on)}
        title = _("%(company)s에 채용되었습니다") % {"company": company}
        return say(title, day, subject=project, tone="good", action=detail)
    if obligation.state == ObligationState.EVIDENCE_SUBMITTED:
        title, tone = _("회사가 채용했다고 알려 왔습니다"), "good"
        said = _("운영사가 근로계약서와 보험 가입을 확인하고 있습니다. 사실과 다르면 운영사에 알려 주세요.")
    elif obligation.due_on < timezone.localdate():
        title, tone = _("약속한 채용 기한이 지났습니다"), "warn"
        said = (
            _("%(company)s %(due)s까지 채용하기로 했습니다. 연락을 받지 못했으면 운영사에 알려 주세요.")
            % facts
        )
    else:
        title, tone = _("회사가 채용을 약속했습니다"), "good"
        said = (
            _("%(company)s %(due)s까지 채용하기로 했습니다. 근로계약서가 약속과 다르면 운영사에 알려 주세요.")
            % facts
        )
    return say(title, said, subject=project, tone=tone, action=detail)
