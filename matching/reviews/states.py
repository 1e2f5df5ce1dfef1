from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow


class ReviewKind(TextChoices):
    EXPLANATION = "explanation", _("설명: 왜 이런 결과인지 더 알고 싶음")
    HUMAN = "human", _("재검토: 사람이 다시 살펴 주기를 바람")


class ReviewState(TextChoices):
    RECEIVED = "received", pgettext_lazy("review", "접수")
    ANSWERED = "answered", pgettext_lazy("review", "답변함")
    WITHDRAWN = "withdrawn", pgettext_lazy("review", "요청 취소")


REVIEW_REQUEST = Workflow(
    {
        "answer_review": ({ReviewState.RECEIVED}, ReviewState.ANSWERED),
        "withdraw_review": ({ReviewState.RECEIVED}, ReviewState.WITHDRAWN),
    }
)


class ReviewRefusal(TextChoices):
    NO_RESULT = "no_result", _("결과가 나온 뒤에 요청할 수 있습니다.")
    OPEN = "open", _("이미 접수한 요청이 있습니다. 답을 받은 뒤에 다시 요청할 수 있습니다.")
    NO_REPLY = "no_reply", _("요청한 사람에게 보낼 답을 적어 주세요.")
    DECIDED = (
        "decided",
        _("이 결과를 승인하거나 발표한 사람은 재검토에 답할 수 없습니다. 다른 담당자에게 맡겨 주세요."),
    )
