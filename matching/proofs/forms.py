from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy


class ReceiptForm(forms.Form):
    receipt = forms.CharField(
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

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        data = self.data.copy()
        if "receipt" in data:
            data["receipt"] = str(data["receipt"]).strip().lower()
        self.data = data
