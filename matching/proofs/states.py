from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Workflow


class AuditorState(TextChoices):
    NAMED = "named", _("지정됨")
    REVOKED = "revoked", _("지정 취소")


AUDITOR = Workflow({"revoke_auditor": ({AuditorState.NAMED}, AuditorState.REVOKED)})


class AuditorRefusal(TextChoices):
    NOT_AGENCY = "not_agency", _("진흥원 담당자만 할 수 있습니다.")
    NO_ACCOUNT = "no_account", _("이 이메일로 가입한 사람이 없습니다. 먼저 가입해 달라고 해 주세요.")
    TAKES_PART = (
        "takes_part",
        _(
            "이 공고에 참여하거나 참여기업에서 일하는 사람은 감사인이 될 수 없습니다. 모두의 순위를 보게 됩니다."
        ),
    )
    OF_OFFICE = (
        "of_office",
        _("진흥원과 운영사에서 일하는 사람은 감사인이 될 수 없습니다. 밖에서 확인해야 합니다."),
    )
    ALREADY = "already", _("이미 이 공고의 감사인입니다. 기한을 바꾸려면 먼저 지정을 취소해 주세요.")
    NOT_PUBLISHED = "not_published", _("결과가 발표된 공고만 감사할 수 있습니다.")
    ENDS_TOO_EARLY = "ends_too_early", _("기한은 오늘이거나 그 뒤여야 합니다.")
