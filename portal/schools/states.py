from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Workflow


class GraduateState(TextChoices):
    EXPECTED = "expected", _("수료 예정")
    CONFIRMED = "confirmed", _("수료 확인")
    NOT_COMPLETED = "not_completed", _("미수료")
    WITHDRAWN = "withdrawn", _("등록 취소")


GRADUATE = Workflow(
    {
        "confirm_completion": (
            {GraduateState.EXPECTED, GraduateState.NOT_COMPLETED},
            GraduateState.CONFIRMED,
        ),
        "refuse_completion": ({GraduateState.EXPECTED, GraduateState.CONFIRMED}, GraduateState.NOT_COMPLETED),
        "withdraw_graduate": (
            {GraduateState.EXPECTED, GraduateState.CONFIRMED, GraduateState.NOT_COMPLETED},
            GraduateState.WITHDRAWN,
        ),
    }
)


class GraduateRefusal(TextChoices):
    ALREADY_REGISTERED = (
        "already_registered",
        _("이 기수에 같은 이메일이나 학번으로 등록된 사람이 있습니다: %(name)s"),
    )
    HOURS_MISSING = "hours_missing", _("이수 시간을 1시간 이상 입력해 주세요.")
