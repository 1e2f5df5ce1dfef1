from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow


class SlotState(TextChoices):
    OPEN = "open", pgettext_lazy("slot", "열림")
    CANCELLED = "cancelled", pgettext_lazy("slot", "취소")


SLOT = Workflow({"cancel_slot": ({SlotState.OPEN}, SlotState.CANCELLED)})


class InterviewState(TextChoices):
    INVITED = "invited", _("면접 초대")
    BOOKED = "booked", _("면접 예정")
    HELD = "held", _("면접함")
    MISSED = "missed", _("면접 불참")
    DECLINED = "declined", _("면접 거절")
    WITHDRAWN = "withdrawn", _("초대 취소")
    LAPSED = "lapsed", pgettext_lazy("interview", "기한 지남")


INTERVIEW = Workflow(
    {
        "invite_candidate": ({InterviewState.WITHDRAWN, InterviewState.LAPSED}, InterviewState.INVITED),
        "book_interview": ({InterviewState.INVITED, InterviewState.BOOKED}, InterviewState.BOOKED),
        "release_interview": ({InterviewState.BOOKED}, InterviewState.INVITED),
        "call_off_interview": ({InterviewState.BOOKED}, InterviewState.INVITED),
        "decline_interview": ({InterviewState.INVITED, InterviewState.BOOKED}, InterviewState.DECLINED),
        "withdraw_interview": ({InterviewState.INVITED, InterviewState.BOOKED}, InterviewState.WITHDRAWN),
        "hold_interview": ({InterviewState.BOOKED}, InterviewState.HELD),
        "miss_interview": ({InterviewState.BOOKED}, InterviewState.MISSED),
        "correct_interview": ({InterviewState.MISSED}, InterviewState.HELD),
        "lapse_interview": ({InterviewState.INVITED, InterviewState.BOOKED}, InterviewState.LAPSED),
    }
)

#: Takes up its slot, and the person's time.
SEATED = frozenset({InterviewState.BOOKED, InterviewState.HELD, InterviewState.MISSED})
#: Something is still to come of it.
LIVE = frozenset({InterviewState.INVITED, InterviewState.BOOKED})
#: Counts against the most a project may interview.
COUNTED = LIVE | SEATED


class FormState(TextChoices):
    DRAFT = "draft", _("작성 중")
    FINAL = "final", _("작성 완료")


INTERVIEW_FORM = Workflow(
    {
        "draft_form": ({FormState.DRAFT, FormState.FINAL}, FormState.DRAFT),
        "finish_form": ({FormState.DRAFT, FormState.FINAL}, FormState.FINAL),
    }
)

#: Which wording of the criteria a form was filled in under; another wording is another number.
FORM_VERSION = 1


class Criterion(TextChoices):
    """What every company looks at, and nothing else; the columns of a form."""

    TECHNIQUE = "technique", _("기술 이해")
    SOLVING = "solving", _("문제 해결")
    TEAMWORK = "teamwork", _("협업")
    GRASP = "grasp", _("과제 이해")
    TIME = "time", _("참여 가능 시간")


#: Criterion -> what is meant by 1, 3 and 5. A new wording is a new version.
ANCHORS: Mapping[str, tuple[object, object, object]] = {
    Criterion.TECHNIQUE: (
        _("과제에 쓰는 기술을 설명하지 못함"),
        _("기본 개념을 자기 말로 설명함"),
        _("한계와 대안까지 근거를 들어 설명함"),
    ),
    Criterion.SOLVING: (
        _("문제를 나누지 못하고 답을 짐작함"),
        _("도움을 받아 문제를 나누고 순서대로 풂"),
        _("스스로 문제를 나누고 확인하며 풂"),
    ),
    Criterion.TEAMWORK: (
        _("함께 일한 경험을 구체적으로 말하지 못함"),
        _("맡은 역할과 한 일을 말함"),
        _("의견이 다를 때 어떻게 맞추었는지까지 말함"),
    ),
    Criterion.GRASP: (
        _("과제 내용을 읽지 않음"),
        _("과제의 목표를 이해함"),
        _("목표와 데이터를 이해하고 첫 단계를 제안함"),
    ),
    Criterion.TIME: (
        _("과제 기간에 참여하기 어려움"),
        _("일부 시간을 조정하면 참여할 수 있음"),
        _("과제 기간 내내 참여할 수 있음"),
    ),
}


class ReportKind(TextChoices):
    RANKING = "ranking", _("희망 순위를 묻거나 밝히라고 함")
    PROMISE = "promise", _("순위를 조건으로 약속하거나 압박함")
    QUESTION = "question", _("성별·나이·가족·출신 지역·종교·외모를 물음")
    OTHER = "other", _("그 밖의 부당한 일")


class ReportState(TextChoices):
    RECEIVED = "received", _("접수")
    UPHELD = "upheld", _("사실로 확인")
    DISMISSED = "dismissed", _("사실로 확인되지 않음")
    WITHDRAWN = "withdrawn", _("신고 취소")


REPORT = Workflow(
    {
        "uphold_report": ({ReportState.RECEIVED}, ReportState.UPHELD),
        "dismiss_report": ({ReportState.RECEIVED}, ReportState.DISMISSED),
        "withdraw_report": ({ReportState.RECEIVED}, ReportState.WITHDRAWN),
    }
)


class InterviewRefusal(TextChoices):
    NOT_OFFERED = "not_offered", _("선정되어 모집 중인 과제만 면접을 열 수 있습니다.")
    TOO_LATE = "too_late", _("희망순위 제출 마감(%(deadline)s)이 지나 바꿀 수 없습니다.")
    NOT_CANDIDATE = "not_candidate", _("지금은 이 과제의 후보가 아닙니다.")
    SLOT_PAST = "slot_past", _("지난 시각에는 면접을 열 수 없습니다. 앞으로의 시각을 골라 주세요.")
    SLOT_AFTER_DEADLINE = (
        "slot_after_deadline",
        _("면접은 희망순위 제출 마감(%(deadline)s) 전에 끝나야 합니다."),
    )
    SLOT_OVERLAPS = "slot_overlaps", _("이 과제에 이미 연 면접 시간과 겹칩니다: %(starts)s")
    TOO_MANY_SLOTS = (
        "too_many_slots",
        _("면접 시간은 모집 인원의 %(multiple)s배인 %(most)s개까지 열 수 있습니다. 지금 %(open)s개입니다."),
    )
    SLOT_TAKEN = "slot_taken", _("방금 다른 사람이 고른 시간입니다. 다른 시간을 골라 주세요.")
    SLOT_GONE = "slot_gone", _("더는 고를 수 없는 시간입니다. 다른 시간을 골라 주세요.")
    SLOT_BEGUN = "slot_begun", _("이미 시작한 면접 시간은 취소할 수 없습니다.")
    NOT_SHORTLISTED = "not_shortlisted", _("후보 명단에 올린 사람만 면접에 초대할 수 있습니다.")
    STILL_INVITED = (
        "still_invited",
        _("면접에 초대한 사람입니다. 초대를 먼저 취소한 뒤 명단에서 내려 주세요."),
    )
    NO_SLOT = "no_slot", _("고를 수 있는 면접 시간이 없습니다. 시간을 먼저 연 뒤 초대해 주세요.")
    TOO_MANY_INVITED = (
        "too_many_invited",
        _("면접은 모집 인원의 %(multiple)s배인 %(most)s명까지 초대할 수 있습니다."),
    )
    DECLINED_BEFORE = "declined_before", _("면접을 거절한 사람은 다시 초대할 수 없습니다.")
    CAP = (
        "cap",
        _(
            "이 공고에서 볼 수 있는 면접은 %(cap)s번까지입니다. 다른 면접을 취소하면 이 면접을 예약할 수 있습니다."
        ),
    )
    OVERLAPS = "overlaps", _("같은 시간에 다른 면접이 있습니다. 다른 시간을 골라 주세요.")
    TOO_CLOSE = (
        "too_close",
        _("면접 %(hours)s시간 전부터는 옮기거나 취소할 수 없습니다. 급한 일이면 회사에 알려 주세요."),
    )
    NOT_BEGUN = "not_begun", _("면접이 시작된 뒤에 적을 수 있습니다(%(starts)s).")
    BEGUN = "begun", _("이미 시작한 면접의 초대는 취소할 수 없습니다.")
    UNFINISHED = "unfinished", _("작성 완료하려면 다섯 항목을 모두 매겨 주세요.")
    NO_REASON = "no_reason", _("사유를 적어 주세요.")


class ReportRefusal(TextChoices):
    OWN_COMPANY = "own_company", _("본인이 속한 회사에 관한 신고는 처리할 수 없습니다.")
    IN_FUTURE = "in_future", _("오늘보다 뒤의 날짜입니다. 있었던 날을 적어 주세요.")
    NO_REPLY = "no_reply", _("신고한 사람에게 보낼 답을 적어 주세요.")
