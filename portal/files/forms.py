from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.files.actions import check_upload
from portal.files.rules import ENDINGS
from portal.ui.refusals import sentence
from portal.workflow import Refused


class UploadField(forms.FileField):
    """A private upload, checked by its content; the error stands beside the field."""

    default_error_messages = {
        "empty": _("빈 파일입니다. 내용이 있는 파일을 올려 주세요."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("PDF, 사진(PNG·JPEG), 한글, 오피스 문서. 10 MB 이하."))
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ",".join(ENDINGS.values())}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload:
            try:
                check_upload(upload)
            except Refused as refused:
                raise ValidationError(sentence(refused), code=str(refused.code)) from refused
        return upload
