from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Level(IntegerChoices):
    AWARE = 1, _("배운 적 있음")
    PRACTISED = 2, _("실습해 봄")
    USED = 3, _("프로젝트에 써 봄")
    FLUENT = 4, _("혼자 쓸 수 있음")
    EXPERT = 5, _("남을 가르칠 수 있음")


class WorkMode(TextChoices):
    ONSITE = "onsite", _("출근")
    HYBRID = "hybrid", _("혼합")
    REMOTE = "remote", _("원격")


class Employment(TextChoices):
    UNEMPLOYED = "unemployed", _("미취업")
    EMPLOYED = "employed", _("재직 중")
    STUDENT = "student", _("재학 중(졸업 예정 포함)")


class TraineeRefusal(TextChoices):
    NO_GRADUATE = (
        "no_graduate",
        _(
            "이 이메일로 등록된 수료생이 없습니다. 교육기관에 등록을 요청하거나, 등록된 이메일로 가입해 주세요."
        ),
    )
    IN_USE = "in_use", _("이미 다른 참여자에게 연결된 수료 정보입니다. 운영사에 문의해 주세요.")
    NESTED = (
        "nested",
        _(
            "상위 기술은 한 단계만 둡니다. 다른 기술 아래에 있지 않은 기술을 상위로 고르고, 아래에 기술이 있는 기술은 그대로 두세요."
        ),
    )
