import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from matching.reviews.states import ReviewKind


class ReviewForm(forms.Form):
    """What somebody wants to know, or has looked at again."""

    kind = forms.ChoiceField(
        label=gettext_lazy("무엇을 요청하나요?"), choices=ReviewKind.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("알고 싶은 것이나 사실과 다르다고 보는 것"),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("어느 프로젝트의 어떤 점인지 적어 주세요."),
        error_messages={"min_length": gettext_lazy("알고 싶은 것을 열 글자 이상 적어 주세요.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
