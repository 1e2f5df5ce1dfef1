from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EvaluationForm(forms.Form):
    """A judgement; what is still missing matters only when it is handed in (``complete``)."""

    score = forms.DecimalField(
        label=_("점수"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text=_("0점부터 100점까지, 소수 둘째 자리까지 적을 수 있습니다."),
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    comment = forms.CharField(
        label=_("평가 의견"),
        max_length=2000,
        help_text=_(
            "맡은 일, 해낸 것, 더 배우면 좋을 것을 사실대로 적어 주세요. 확정되면 참여자가 읽습니다. 2,000자까지."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    mark_optional = False

    def __init__(self, *args: Any, complete: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].unit = _("점")  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.required = complete
