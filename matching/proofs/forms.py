from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy


class HashField(forms.CharField):
    """64 hexadecimal digits, as people copy them: with blanks around, in capitals."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").strip().lower()


class ReceiptForm(forms.Form):
    receipt = HashField(
        label=gettext_lazy("확인값"),
        max_length=80,
        validators=[
            RegexValidator(
                r"^[0-9a-f]{64}\Z",
                gettext_lazy("확인값은 0–9와 a–f로 된 64자리입니다. 제출확인서에서 복사해 붙여 넣어 주세요."),
            )
        ],
        help_text=gettext_lazy(
            "제출확인서에 적힌 64자리 값. 이 값만으로는 누구의 어떤 순위인지 알 수 없습니다."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
