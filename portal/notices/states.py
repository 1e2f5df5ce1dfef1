from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.workflow import Workflow


class NoticeState(TextChoices):
    OWED = "owed", _("보낼 예정")
    SENT = "sent", _("보냄")
    FAILED = "failed", _("보내지 못함")
    CANCELLED = "cancelled", _("취소됨")


NOTICE = Workflow(
    {
        "send_notice": ({NoticeState.OWED}, NoticeState.SENT),
        "give_up_notice": ({NoticeState.OWED}, NoticeState.FAILED),
        "retry_notice": ({NoticeState.FAILED}, NoticeState.OWED),
        "cancel_notice": ({NoticeState.OWED, NoticeState.FAILED}, NoticeState.CANCELLED),
    }
)
