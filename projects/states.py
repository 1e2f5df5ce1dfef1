from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow


class CallState(TextChoices):
    DRAFT = "draft", _("준비 중")
    OPEN = "open", _("모집 중")
    CLOSED = "closed", _("모집 마감")
    MATCHING = "matching", _("매칭 중")
    ANNOUNCED = "announced", _("결과 발표")
    RUNNING = "running", _("진행 중")
    FINISHED = "finished", _("종료")
    ARCHIVED = "archived", _("보관")
    CANCELLED = "cancelled", _("취소")


class DeadlineKind(TextChoices):
    PROJECTS = "projects", _("과제 신청 마감")
    APPLICATIONS = "applications", _("참여 신청 마감")
    RANKINGS = "rankings", _("희망순위 제출 마감")


class ProjectState(TextChoices):
    DRAFT = "draft", _("작성 중")
    SUBMITTED = "submitted", _("심사 중")
    SELECTED = "selected", _("선정")
    RESERVE = "reserve", _("예비 선정")
    REJECTED = "rejected", _("미선정")
    RUNNING = "running", _("진행 중")
    FINISHED = "finished", _("종료")
    WITHDRAWN = "withdrawn", _("철회")
    TERMINATED = "terminated", _("중단")
    NOT_OPENED = "not_opened", _("미개설")
    CANCELLED = "cancelled", pgettext_lazy("state", "공고 취소")


class DrawState(TextChoices):
    UNNAMED = "unnamed", _("출처 미정")
    NAMED = "named", _("값을 기다림")
    ENTERED = "entered", _("확인을 기다림")
    CONFIRMED = "confirmed", _("확정")


CALL = Workflow(
    {
        "open_call": ({CallState.DRAFT}, CallState.OPEN),
        "close_call": ({CallState.OPEN}, CallState.CLOSED),
        "start_matching": ({CallState.CLOSED}, CallState.MATCHING),
        "announce_call": ({CallState.MATCHING}, CallState.ANNOUNCED),
        "start_call": ({CallState.ANNOUNCED}, CallState.RUNNING),
        "finish_call": ({CallState.RUNNING}, CallState.FINISHED),
        "archive_call": ({CallState.FINISHED}, CallState.ARCHIVED),
        "cancel_call": ({CallState.DRAFT, CallState.OPEN, CallState.CLOSED}, CallState.CANCELLED),
    }
)

#: Half of the seed is committed from the start; the public half is named, typed in by one and confirmed by another.
DRAW = Workflow(
    {
        "name_draw_source": ({DrawState.UNNAMED, DrawState.NAMED}, DrawState.NAMED),
        "enter_draw_value": ({DrawState.NAMED}, DrawState.ENTERED),
        "reject_draw_value": ({DrawState.ENTERED}, DrawState.NAMED),
        "confirm_draw_value": ({DrawState.ENTERED}, DrawState.CONFIRMED),
    }
)

PROJECT = Workflow(
    {
        "submit_project": ({ProjectState.DRAFT}, ProjectState.SUBMITTED),
        "return_project": ({ProjectState.SUBMITTED}, ProjectState.DRAFT),
        "select_project": ({ProjectState.SUBMITTED, ProjectState.RESERVE}, ProjectState.SELECTED),
        "reserve_project": ({ProjectState.SUBMITTED}, ProjectState.RESERVE),
        "pass_over_project": ({ProjectState.SUBMITTED, ProjectState.RESERVE}, ProjectState.REJECTED),
        "reject_project": ({ProjectState.SUBMITTED, ProjectState.RESERVE}, ProjectState.REJECTED),
        "start_project": ({ProjectState.SELECTED}, ProjectState.RUNNING),
        "close_project": ({ProjectState.SELECTED}, ProjectState.NOT_OPENED),
        "exclude_project": ({ProjectState.SELECTED}, ProjectState.NOT_OPENED),
        "finish_project": ({ProjectState.RUNNING}, ProjectState.FINISHED),
        "withdraw_project": (
            {ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.RESERVE, ProjectState.SELECTED},
            ProjectState.WITHDRAWN,
        ),
        "terminate_project": ({ProjectState.SELECTED, ProjectState.RUNNING}, ProjectState.TERMINATED),
        "cancel_project": (
            {ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.RESERVE, ProjectState.SELECTED},
            ProjectState.CANCELLED,
        ),
    }
)

#: Projects everybody may see.
PUBLIC = frozenset({ProjectState.SELECTED, ProjectState.RUNNING, ProjectState.FINISHED})
#: Calls everybody may see.
PUBLISHED = frozenset(CallState) - {CallState.DRAFT, CallState.CANCELLED}
#: Calls whose result is still to come: eligibility can change, companies look at applicants, projects are offered.
BEFORE_RESULTS = frozenset({CallState.OPEN, CallState.CLOSED, CallState.MATCHING})
#: Calls whose result everybody has read and whose seats are still filled.
FILLING = frozenset({CallState.ANNOUNCED, CallState.RUNNING})
#: Calls in which it can still be decided what takes part in the match.
UNSEALED = frozenset({CallState.OPEN, CallState.CLOSED})


class VacancyMode(TextChoices):
    """Who is asked about a seat that fell free before projects start; afterwards nobody moves."""

    CHAIN = "chain", _("연쇄 충원: 배치된 사람도 더 희망한 자리로 옮길 수 있음")
    FILL = "fill", _("미배치자 충원: 자리가 없는 사람에게만 제안")


class ProjectRefusal(TextChoices):
    CALL_NOT_OPEN = "call_not_open", _("지금은 과제를 신청할 수 있는 기간이 아닙니다.")
    TOO_LATE = "too_late", _("과제 신청 마감(%(deadline)s)이 지났습니다. 운영사에 문의해 주세요.")
    NOT_COMPLETED = "not_completed", _("보완 기한(%(deadline)s)이 지났습니다. 운영사에 문의해 주세요.")
    NO_TIME_TO_COMPLETE = (
        "no_time_to_complete",
        _(
            "희망순위 제출이 시작되어(%(deadline)s) 회사가 보완할 시간이 없습니다. "
            "선정이나 미선정으로 정해 주세요."
        ),
    )
    COMPANY_NOT_VERIFIED = (
        "company_not_verified",
        _("회사 확인이 끝나야 합니다. 확인이 끝나면 알려 드립니다."),
    )
    COMPANY_SUSPENDED = "company_suspended", _("참여제한 중인 회사입니다(%(until)s까지).")
    INCOMPLETE = "incomplete", _("아직 적지 않은 항목이 있습니다: %(missing)s")
    NO_MENTOR = "no_mentor", _("멘토를 한 명 이상 정해 주세요.")
    NO_SKILL = "no_skill", _("필수 기술을 한 가지 이상 정해 주세요.")
    MINIMUM_ABOVE_PLACES = "minimum_above_places", _("최소 인원은 모집 인원보다 클 수 없습니다.")
    CAP_TAKEN = "cap_taken", _("이미 배치된 사람이 있어 상한을 %(taken)s명보다 줄일 수 없습니다.")
    SEALED = (
        "sealed",
        _("순위가 마감된 공고입니다. 매칭에 들어가는 과제와 기업별 상한은 더 바꿀 수 없습니다."),
    )
    PEOPLE_WAIT = (
        "people_wait",
        _(
            "결과가 발표되어 배치되었거나 예비순번을 기다리는 사람이 있습니다. "
            "철회할 수 없으니 운영사에 과제 중단을 요청해 주세요."
        ),
    )
    NOT_ANNOUNCED = (
        "not_announced",
        _("결과가 발표되지 않은 공고의 과제입니다. 중단이 아니라 철회로 처리해 주세요."),
    )
    TITLE_TAKEN = "title_taken", _("이 공고에 같은 이름의 과제가 이미 있습니다. 다른 이름을 정해 주세요.")
    OPERATOR_COMPANY = "operator_company", _("이 공고를 맡은 운영사는 과제를 낼 수 없습니다.")
    NOT_EDITABLE = (
        "not_editable",
        _("제출한 과제는 고칠 수 없습니다. 고쳐야 하면 운영사에 보완 요청을 부탁해 주세요."),
    )


class CallRefusal(TextChoices):
    DATES_OUT_OF_ORDER = (
        "dates_out_of_order",
        _("날짜 순서가 맞지 않습니다: %(earlier)s 다음에 %(later)s이(가) 와야 합니다."),
    )
    DATES_MISSING = "dates_missing", _("날짜를 모두 정한 뒤에 공고를 열 수 있습니다: %(missing)s")
    RANKING_TOO_SHORT = (
        "ranking_too_short",
        _(
            "희망순위 제출은 마감 %(days)s일 전까지 열어야 합니다. 마감이 %(due)s이면 제출 시작은 %(latest)s까지입니다."
        ),
    )
    ONLY_LATER = "only_later", _("마감은 늦추는 것만 할 수 있습니다. 지금 마감: %(deadline)s")
    NO_REASON = "no_reason", _("사유를 적어 주세요.")
    TOO_EARLY = "too_early", _("아직 할 수 없습니다. 가능한 시각: %(moment)s")
    TOO_LATE = "too_late", _("이미 지난 단계입니다.")
    REVISION_OPEN = (
        "revision_open",
        _("아직 확정하지 않은 새 판(%(version)s판)이 있습니다. 그 판을 고쳐 주세요."),
    )
    ALREADY_CLOSED = (
        "already_closed",
        _("모집이 마감된 공고입니다. 희망순위 제출 마감만 늦출 수 있습니다."),
    )
    RULES_FROZEN = "rules_frozen", _("공고가 열리며 확정된 운영 기준입니다. 새 판을 만들어 고쳐 주세요.")


class DrawRefusal(TextChoices):
    NO_SOURCE = (
        "no_source",
        _("공고를 열기 전에 추첨에 쓸 공개 난수의 출처와 값이 나오는 날을 정해 주세요(‘추첨’ 화면)."),
    )
    KNOWN_TOO_EARLY = (
        "known_too_early",
        _(
            "추첨 값이 나오는 날은 희망순위 제출 마감(%(due)s)의 다음 날부터여야 합니다. "
            "값을 아는 사람이 순위를 낼 수 있으면 안 됩니다."
        ),
    )
    KNOWN_TOO_LATE = (
        "known_too_late",
        _("추첨 값이 나오는 날은 결과 발표 예정일(%(announce)s)을 넘을 수 없습니다."),
    )
    KNOWN_ALREADY = (
        "known_already",
        _("이미 값이 나온 출처는 고를 수 없습니다. 내일부터의 날짜로 정해 주세요."),
    )
    NO_REASON = "no_reason", _("공고가 열린 뒤에 출처를 바꾸려면 모두에게 공개할 사유를 적어 주세요.")
    OVER = "over", _("취소되었거나 결과를 발표한 공고의 추첨은 바꿀 수 없습니다.")
    NOT_SEALED = "not_sealed", _("희망순위가 마감(봉인)된 뒤에 입력할 수 있습니다.")
    NOT_KNOWN_YET = "not_known_yet", _("추첨 값은 %(known)s에 나옵니다. 그날부터 입력할 수 있습니다.")
    EMPTY = "empty", _("값을 입력해 주세요.")
    SAME_PERSON = (
        "same_person",
        _("값을 입력한 사람은 확인할 수 없습니다. 다른 담당자에게 확인을 부탁해 주세요."),
    )
    DIFFERS = (
        "differs",
        _(
            "먼저 입력된 값과 다릅니다. 출처를 다시 보고, 먼저 입력된 값이 틀렸으면 "
            "‘값 되돌리기’로 지운 뒤 다시 입력하게 해 주세요."
        ),
    )


class TieRule(TextChoices):
    """What decides between candidates of the same score; promised before a call opens."""

    DRAW = "draw", _("추첨 번호")
    FILL = "fill", _("동점이면 더 많이 배치되게")
