from typing import Any

from allauth.account.forms import SignupForm as BaseSignupForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.actions import current_texts, give_consents
from portal.accounts.models import User
from portal.accounts.states import ConsentKind


class SignupForm(BaseSignupForm):
    """Name, e-mail, password and the two consents nobody can do without."""

    name = forms.CharField(
        label=_("이름"),
        max_length=40,
        min_length=2,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = current_texts([ConsentKind.TERMS, ConsentKind.PERSONAL_DATA])
        for text in self.texts:
            self.fields[f"consent_{text.kind}"] = forms.BooleanField(
                label=_("%(title)s에 동의합니다 (필수)") % {"title": text.title},
                error_messages={"required": _("동의해야 가입할 수 있습니다.")},
            )
        order = ["name", "email", "password1", "password2"]
        self.order_fields(order + [name for name in self.fields if name not in order])

    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        give_consents(user, self.texts, by=user)
        return user
