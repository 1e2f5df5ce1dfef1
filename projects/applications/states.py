from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow
from projects.states import CallState


class ApplicationState(TextChoices):
    DRAFT = "draft", _("작성 중")
    SUBMITTED = "submitted", _("심사 중")
    RETURNED = "returned", _("보완 요청")
    ELIGIBLE = "eligible", _("적격")
    INELIGIBLE = "ineligible", _("부적격")
    PLACED = "placed", pgettext_lazy("state", "배치")
    RESERVE = "reserve", _("예비")
    UNMATCHED = "unmatched", _("미배치")
    WITHDRAWN = "withdrawn", _("신청 취소")
    CANCELLED = "cancelled", pgettext_lazy("state", "공고 취소")


class IneligibleReason(TextChoices):
    NOT_GRADUATE = "not_graduate", _("수료 정보가 연결되지 않음")
    NOT_COMPLETED = "not_completed", _("수료가 확인되지 않음")
    EMPLOYED = "employed", _("재직 중")
    PLACED_ELSEWHERE = "placed_elsewhere", _("다른 공고에서 이미 배치됨")
    NO_CONSENT = "no_consent", _("필수 동의 없음")
    UNANSWERED = "unanswered", _("보완 요청에 기한까지 답하지 않음")
    OTHER = "other", _("그 밖의 사유")


BEFORE_PUBLICATION = {
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.ELIGIBLE,
    ApplicationState.INELIGIBLE,
}

APPLICATION = Workflow(
    {
        "submit_application": (
            {ApplicationState.DRAFT, ApplicationState.RETURNED},
            ApplicationState.SUBMITTED,
        ),
        "return_application": ({ApplicationState.SUBMITTED}, ApplicationState.RETURNED),
        "accept_application": (
            {ApplicationState.SUBMITTED, ApplicationState.INELIGIBLE},
            ApplicationState.ELIGIBLE,
        ),
        "refuse_application": (
            {ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.ELIGIBLE},
            ApplicationState.INELIGIBLE,
        ),
        "withdraw_application": (
            BEFORE_PUBLICATION - {ApplicationState.INELIGIBLE},
            ApplicationState.WITHDRAWN,
        ),
        "reopen_application": ({ApplicationState.WITHDRAWN}, ApplicationState.DRAFT),
        "cancel_application": (
            BEFORE_PUBLICATION - {ApplicationState.INELIGIBLE},
            ApplicationState.CANCELLED,
        ),
        "place_application": (
            {ApplicationState.ELIGIBLE, ApplicationState.RESERVE, ApplicationState.UNMATCHED},
            ApplicationState.PLACED,
        ),
        "hold_application": ({ApplicationState.ELIGIBLE, ApplicationState.PLACED}, ApplicationState.RESERVE),
        "leave_application_unmatched": (
            {ApplicationState.ELIGIBLE, ApplicationState.PLACED, ApplicationState.RESERVE},
            ApplicationState.UNMATCHED,
        ),
    }
)

#: May rank, and be seen by companies once eligible.
RANKING = frozenset({ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE})

#: Was found eligible, whatever came of it.
WAS_ELIGIBLE = frozenset(
    {
        ApplicationState.ELIGIBLE,
        ApplicationState.PLACED,
        ApplicationState.RESERVE,
        ApplicationState.UNMATCHED,
    }
)

#: Calls whose results everybody has read: nobody's eligibility changes any more.
RESULTS_OUT = frozenset({CallState.ANNOUNCED, CallState.RUNNING, CallState.FINISHED, CallState.ARCHIVED})


class ApplicationRefusal(TextChoices):
    NOT_OPEN = "not_open", _("지금은 참여 신청 기간이 아닙니다.")
    TOO_LATE = "too_late", _("참여 신청 마감(%(deadline)s)이 지났습니다.")
    PROFILE_INCOMPLETE = (
        "profile_incomplete",
        _("프로필을 먼저 채워 주세요. 연락처, 사는 지역, 시작할 수 있는 날, 기술 한 가지가 필요합니다."),
    )
    NO_MOTIVE = "no_motive", _("지원 동기를 적어 주세요.")
    NO_CONSENT = "no_consent", _("참여기업에 정보를 제공하는 데 동의해야 신청할 수 있습니다.")
    FAULTS = "faults", _("자격을 확인할 수 없습니다: %(faults)s")
    SEALED = (
        "sealed",
        _("순위 마감(%(deadline)s)이 지나 취소할 수 없습니다. 결과 발표 뒤에 배치를 거절할 수 있습니다."),
    )
    NO_TIME_TO_COMPLETE = (
        "no_time_to_complete",
        _("순위 마감(%(deadline)s)이 지나 보완을 요청할 수 없습니다. 적격이나 부적격으로 정해 주세요."),
    )
    PUBLISHED = "published", _("이 공고의 결과가 이미 발표되어 자격을 바꿀 수 없습니다.")
    CALL_OVER = "call_over", _("진행 중인 공고가 아니어서 자격을 정할 수 없습니다.")
