from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portal.accounts.actions import current_texts, live_kinds
from portal.accounts.models import User
from portal.accounts.states import ConsentKind
from projects.applications.models import Application


class MotiveForm(forms.ModelForm):
    """Why and what for. As a draft anything is kept; to go on, there must be a motive."""

    class Meta:
        model = Application
        fields = ["motive", "goal"]
        widgets = {
            "motive": forms.Textarea(attrs={"rows": 8, "maxlength": 2000}),
            "goal": forms.Textarea(attrs={"rows": 6, "maxlength": 2000}),
        }
        help_texts = {
            "motive": _(
                "이 사업에 참여하려는 이유를 적어 주세요. 기업이 읽습니다. 2,000자까지 쓸 수 있습니다."
            ),
            "goal": _("어떤 데이터나 문제를 다루어 보고 싶은지 적으면 기업이 알아보기 쉽습니다."),
        }

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["motive"].required = not draft


class ConsentsForm(forms.Form):
    """One box per text: to share with companies is necessary to apply, the rest is free."""

    KINDS = (ConsentKind.SHARE_WITH_COMPANY, ConsentKind.SHARE_WITH_SCHOOL, ConsentKind.TALENT_POOL)
    mark_optional = False  # the labels say 필수 and 선택

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = current_texts(self.KINDS)
        live = live_kinds(user)
        for text in self.texts:
            needed = text.kind == ConsentKind.SHARE_WITH_COMPANY
            label = _("‘%(title)s’에 동의합니다 (필수)") if needed else _("‘%(title)s’에 동의합니다 (선택)")
            self.fields[text.kind] = forms.BooleanField(
                label=label % {"title": text.title},
                required=needed,
                initial=text.kind in live,
                error_messages={
                    "required": _("동의해야 신청할 수 있습니다. 기업이 지원자를 평가하는 데 꼭 필요합니다.")
                },
            )

    @property
    def with_texts(self) -> list[tuple[Any, forms.BoundField]]:
        return [(text, self[text.kind]) for text in self.texts]

    @cached_property
    def chosen(self) -> list[str]:
        return [kind for kind, agreed in self.cleaned_data.items() if agreed]
