"""allauth's forms in our words: its own Korean is uneven, and a hint in a field disappears when one types."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actions import current_texts, give_consents
from portal.accounts.models import ConsentText, User
from portal.accounts.states import ConsentKind
from portal.audit.actions import record
from portal.ui.fields import one_line

PASSWORD_RULE = gettext_lazy("10자 이상으로, 이름이나 이메일과 다르게 정해 주세요. 숫자만으로는 안 됩니다.")
DIFFERENT = gettext_lazy("두 비밀번호가 다릅니다. 같은 비밀번호를 한 번 더 입력해 주세요.")


class OurWords:
    """Label, hint and attributes of each field, by its name; what a form does not name keeps only its label."""

    words: dict[str, dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            words = self.words.get(name, {})
            field.label = words.get("label", field.label)
            field.help_text = words.get("hint", "")
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs.update(words.get("attrs", {}))

    def add_error(self, field: str | None, error: Any) -> None:
        """allauth writes this one sentence into its forms; it is said in our words."""
        if field == "password2" and {"password1", "password2"} <= self.cleaned_data.keys():  # type: ignore[attr-defined]
            error = ValidationError(DIFFERENT, "password_mismatch")
        super().add_error(field, error)  # type: ignore[misc]


EMAIL = {"label": gettext_lazy("이메일"), "attrs": {"autocomplete": "username", "inputmode": "email"}}
PASSWORD = {"label": gettext_lazy("비밀번호")}
NEW_PASSWORD = {
    "password1": {"label": gettext_lazy("새 비밀번호"), "hint": PASSWORD_RULE},
    "password2": {"label": gettext_lazy("새 비밀번호 확인")},
}
CODE_ATTRS = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 20}
KEY_NAME = {
    "label": gettext_lazy("패스키 이름"),
    "hint": gettext_lazy("여러 개를 구별하는 이름입니다. 예: 업무용 노트북"),
    "attrs": {"maxlength": 100},
}


class LoginForm(OurWords, account.LoginForm):
    words = {"login": EMAIL, "password": PASSWORD}


class NameAndConsents(OurWords):
    """Joining: a name, and the consents nobody can do without, in the version in force."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, forms.Field]
        self.texts = current_texts([ConsentKind.TERMS, ConsentKind.PERSONAL_DATA])
        self.fields["name"] = forms.CharField(
            label=_("이름"),
            max_length=40,
            min_length=2,
            validators=[one_line],
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
        for text in self.texts:
            self.fields[f"consent_{text.kind}"] = forms.BooleanField(
                label=(
                    _("%(title)s에 동의합니다 (필수)")
                    if text.required
                    else _("%(title)s에 동의합니다 (선택)")
                )
                % {"title": text.title},
                required=text.required,
                error_messages={
                    "required": _("%(title)s에 동의해야 가입할 수 있습니다.") % {"title": text.title}
                },
            )
        self.order_fields(["name", "email", "password1", "password2"])  # type: ignore[attr-defined]

    def person(self) -> Iterator[forms.BoundField]:
        """The fields before the consents."""
        return (field for field in self if not field.name.startswith("consent_"))  # type: ignore[attr-defined]

    def consents(self) -> list[tuple[ConsentText, forms.BoundField]]:
        """Each text beside its box."""
        return [(text, self[f"consent_{text.kind}"]) for text in self.texts]  # type: ignore[index]

    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)  # type: ignore[misc]
        agreed = [text for text in self.texts if self.cleaned_data.get(f"consent_{text.kind}")]  # type: ignore[attr-defined]
        give_consents(user, agreed, by=user)
        return user


class SignupForm(NameAndConsents, account.SignupForm):
    words = {
        "email": EMAIL,
        "password1": {**PASSWORD, "hint": PASSWORD_RULE},
        "password2": {"label": gettext_lazy("비밀번호 확인")},
    }


class SocialSignupForm(NameAndConsents, social.SignupForm):
    words = {"email": EMAIL}


class AddEmailForm(OurWords, account.AddEmailForm):
    words = {
        "email": {
            "label": gettext_lazy("새 이메일"),
            "hint": gettext_lazy(
                "이 주소로 확인 메일을 보냅니다. 확인할 때까지는 지금 이메일로 로그인합니다."
            ),
            "attrs": {"autocomplete": "email", "inputmode": "email"},
        }
    }


class ChangePasswordForm(OurWords, account.ChangePasswordForm):
    words = {"oldpassword": {"label": gettext_lazy("지금 비밀번호")}, **NEW_PASSWORD}


class SetPasswordForm(OurWords, account.SetPasswordForm):
    words = NEW_PASSWORD


class ResetPasswordForm(OurWords, account.ResetPasswordForm):
    words = {"email": EMAIL}


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):
    words = NEW_PASSWORD


class PasswordAgainForm(OurWords, account.ReauthenticateForm):
    words = {"password": PASSWORD}


class Code(OurWords):
    """A wrong second factor leaves a trail like a wrong password does."""

    words = {
        "code": {
            "label": gettext_lazy("인증 번호"),
            "hint": gettext_lazy("인증 앱의 6자리 숫자, 또는 복구 코드"),
            "attrs": CODE_ATTRS | {"inputmode": "text"},
        }
    }

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            record("fail_second_factor", self.user, by=None)  # type: ignore[attr-defined]
            raise
        return code


class CodeForm(Code, mfa.AuthenticateForm):
    pass


class CodeAgainForm(Code, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(OurWords, totp.ActivateTOTPForm):
    words = {
        "code": {
            "label": gettext_lazy("인증 번호"),
            "hint": gettext_lazy("앱에 보이는 6자리 숫자를 입력해 주세요."),
            "attrs": CODE_ATTRS,
        }
    }


class CredentialField(forms.JSONField):
    """What the browser tells of a passkey: an object, whatever else a stranger sends."""

    def to_python(self, value: Any) -> Any:
        try:
            credential = super().to_python(value)
        except (ValidationError, RecursionError):  # no JSON, or nested without end
            raise _unknown_key() from None
        if credential is not None and not isinstance(credential, dict):
            raise _unknown_key()
        return credential

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial  # a form that is shown again asks for a new one


def _unknown_key() -> ValidationError:
    return ValidationError(_("패스키를 확인하지 못했습니다. 다른 방법을 써 주세요."), "incorrect_code")


class Passkey(OurWords):
    """fido2 breaks in many ways at an object that is no credential; here each is an error of the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)  # type: ignore[attr-defined]

    @contextmanager
    def understood(self) -> Iterator[None]:
        try:
            yield
        except ValidationError as error:
            if error.code != "incorrect_code":
                raise
            raise _unknown_key() from error
        except (LookupError, TypeError, ValueError, AttributeError, struct.error) as error:
            raise _unknown_key() from error


class ShowPasskey(Passkey):
    def clean_credential(self) -> Authenticator:
        with self.understood():
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        return authenticator


class LoginPasskeyForm(ShowPasskey, webauthn.LoginWebAuthnForm):
    pass


class PasskeyForm(ShowPasskey, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(ShowPasskey, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(Passkey, webauthn.AddWebAuthnForm):
    words = {
        "name": KEY_NAME,
        "passwordless": {
            "label": gettext_lazy("비밀번호 없이 이 패스키만으로 로그인합니다"),
            "hint": gettext_lazy("지문, 얼굴이나 기기의 잠금 번호를 함께 확인합니다."),
        },
    }

    def clean(self) -> dict[str, Any]:
        with self.understood():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class EditPasskeyForm(OurWords, webauthn.EditWebAuthnForm):
    words = {"name": KEY_NAME}


class SettingsForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("이름"),
        min_length=2,
        max_length=40,
        validators=[one_line],
        help_text=gettext_lazy("기업과 운영사가 보는 이름입니다. 증빙 서류의 이름과 같아야 합니다."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("언어"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("화면과 메일에 쓰는 언어입니다."),
        widget=forms.RadioSelect,
    )
