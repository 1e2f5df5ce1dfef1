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


class SchoolRefusal(TextChoices):
    NO_ACCOUNT = "no_account", _("이 이메일로 가입한 사람이 없습니다. 먼저 가입한 뒤 다시 더해 주세요.")
    ALREADY_MEMBER = "already_member", _("이미 이 교육기관의 담당자입니다.")
    NOT_MEMBER = "not_member", _("이 교육기관의 담당자가 아닙니다. 이메일을 확인해 주세요.")
    IS_OFFICE = (
        "is_office",
        _("진흥원과 운영사에서 일하는 사람은 교육기관 담당자가 될 수 없습니다. 다른 사람을 정해 주세요."),
    )
    IS_GRADUATE = (
        "is_graduate",
        _("수료생으로 등록된 사람은 교육기관 담당자가 될 수 없습니다. 다른 사람을 정해 주세요."),
    )


class GraduateRefusal(TextChoices):
    ALREADY_REGISTERED = (
        "already_registered",
        _("이 기수에 같은 이메일이나 학번으로 등록된 사람이 있습니다: %(name)s"),
    )
    HOURS_MISSING = "hours_missing", _("이수 시간을 1시간 이상 입력해 주세요.")
