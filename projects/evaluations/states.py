from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.workflow import Workflow


class EvaluationState(TextChoices):
    DRAFT = "draft", _("작성 중")
    SUBMITTED = "submitted", pgettext_lazy("state", "제출")
    LOCKED = "locked", _("확정")


EVALUATION = Workflow(
    {
        "submit_evaluation": ({EvaluationState.DRAFT}, EvaluationState.SUBMITTED),
        "return_evaluation": ({EvaluationState.SUBMITTED}, EvaluationState.DRAFT),
        "lock_evaluation": ({EvaluationState.SUBMITTED}, EvaluationState.LOCKED),
    }
)


class EvaluationRefusal(TextChoices):
    NOT_ENDED = "not_ended", _("프로젝트를 수료한 사람만 평가할 수 있습니다.")
    NO_SCORE = "no_score", _("점수와 평가 의견을 모두 적은 뒤 제출해 주세요.")
    NOT_EDITABLE = "not_editable", _("제출한 평가는 고칠 수 없습니다. 고쳐야 하면 운영사에 문의해 주세요.")
    CONFLICT = "conflict", _("자신이 관계된 평가는 확정할 수 없습니다.")
