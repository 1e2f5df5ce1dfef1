from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EvaluationForm(forms.Form):
    """A score and its reason. A draft may be half empty; to hand in, both are needed."""

    score = forms.DecimalField(
        label=_("점수"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text=_("0점부터 100점까지, 소수 둘째 자리까지 쓸 수 있습니다."),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
    )
    comment = forms.CharField(
        label=_("평가 의견"),
        max_length=2000,
        help_text=_("무엇을 해냈고 무엇이 아쉬웠는지 사실로 적어 주세요. 확정되면 참여자가 그대로 읽습니다."),
        widget=forms.Textarea(attrs={"rows": 8, "maxlength": 2000}),
    )

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].unit = _("점")  # type: ignore[attr-defined]
        if draft:
            for field in self.fields.values():
                field.required = False
