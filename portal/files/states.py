from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FileRefusal(TextChoices):
    EMPTY = "empty", _("빈 파일입니다. 내용이 있는 파일을 올려 주세요.")
    TOO_LARGE = "too_large", _("파일이 너무 큽니다(%(size)s MB). %(limit)s MB 이하로 줄여서 올려 주세요.")
    WRONG_TYPE = (
        "wrong_type",
        _("받을 수 없는 형식입니다. PDF, PNG, JPEG, DOCX, XLSX, PPTX, HWP, HWPX 파일을 올려 주세요."),
    )
    BROKEN = "broken", _("파일이 손상되어 열 수 없습니다. 다시 저장해서 올려 주세요.")
