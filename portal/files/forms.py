from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
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


class FileInput(forms.FileInput):
    """Takes several files; the page names what was chosen (``data-chosen``, see ``app.js``)."""

    allow_multiple_selected = True


class UploadsField(UploadField):
    """One to ``most`` private uploads, e.g. the photographed pages of one paper; the value is a list."""

    default_error_messages = {
        "too_many": _("파일은 %(most)d개까지 올릴 수 있습니다. 여러 장이면 PDF 하나로 묶어 주세요."),
    }

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        accept = ",".join(ENDINGS.values())
        kwargs.setdefault("widget", FileInput(attrs={"accept": accept, "data-chosen": ""}))
        kwargs.setdefault(
            "help_text",
            format_lazy(
                _("PDF, 사진(PNG·JPEG), 한글, 오피스 문서. 하나에 10 MB 이하, {most}개까지."), most=most
            ),
        )
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        chosen = data if isinstance(data, list) else [data]
        if len(chosen) > self.most:
            raise ValidationError(
                self.error_messages["too_many"], code="too_many", params={"most": self.most}
            )
        return [super(UploadsField, self).clean(one, initial) for one in chosen or [None]]
