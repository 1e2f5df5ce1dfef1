"""Where allauth meets the portal: its messages go through our outbox, its sentences are ours, its logins leave a trail."""

import io
import secrets
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathFillImage

from portal.accounts.actions import may_join, record_failed_login
from portal.accounts.models import User
from portal.accounts.states import SCHOOL_ROLE
from portal.audit.actions import record
from portal.notices.actions import owe_secret
from portal.ui.views import too_many_requests

#: allauth's template prefix -> our kind of notice, and which context value is the link to open
KINDS = {
    "account/email/email_confirmation": ("account_confirm_email", "activate_url"),
    "account/email/email_confirmation_signup": ("account_confirm_email", "activate_url"),
    "account/email/password_reset_key": ("account_reset_password", "password_reset_url"),
    "account/email/unknown_account": ("account_unknown", "signup_url"),
    "account/email/account_already_exists": ("account_exists", "password_reset_url"),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("사용이 중지된 계정입니다. 운영사에 문의해 주세요."),
        "duplicate_email": gettext_lazy("지금 쓰고 있는 이메일입니다. 다른 주소를 입력해 주세요."),
        "email_password_mismatch": gettext_lazy("이메일이나 비밀번호가 맞지 않습니다. 다시 확인해 주세요."),
        "enter_current_password": gettext_lazy("지금 비밀번호가 맞지 않습니다."),
        "incorrect_code": gettext_lazy("인증 번호가 맞지 않습니다. 새 번호를 입력해 주세요."),
        "incorrect_password": gettext_lazy("비밀번호가 맞지 않습니다."),
        "max_email_addresses": gettext_lazy("이메일은 %d개까지 쓸 수 있습니다."),
        "too_many_login_attempts": gettext_lazy("시도가 너무 많았습니다. 5분 뒤에 다시 해 주세요."),
        "rate_limited": gettext_lazy("시도가 너무 많았습니다. 잠시 뒤에 다시 해 주세요."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        kind, link = KINDS.get(template_prefix, ("account_changed", ""))
        recipient = context.get("user") or User.objects.filter(email=email.lower()).first()
        owe_secret(
            email,
            kind,
            recipient=recipient if isinstance(recipient, User) else None,
            language=getattr(recipient, "language", None) or get_language() or "ko",
            key=f"{kind}:{secrets.token_hex(12)}",
            link=context.get(link, "") if link else "",
            change=template_prefix.rsplit("/", 1)[-1],
        )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return may_join()

    def save_user(self, request: Any, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "")
        user.language = get_language() or "ko"
        return super().save_user(request, user, form, commit)

    def clean_email(self, email: str) -> str:
        return super().clean_email(email).lower()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """After too many failures the door stays shut for a while, whoever knocks and whether the account exists."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(too_many_requests(request)) from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_failed_login(str(credentials.get("email", "")))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Every login ends here: with a password, a passkey, a second factor, another service."""
        methods = [used.get("type") or used["method"] for used in get_authentication_records(request, user)]
        record("log_in", user, by=user, methods=methods)
        request.session[SCHOOL_ROLE] = user.school_memberships.exists()
        return super().post_login(request, user, **kwargs)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record("log_out", request.user, by=request.user)
        super().logout(request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        said = {
            "reauthenticate": _("비밀번호로 확인"),
            "mfa_reauthenticate": _("인증 번호로 확인"),
            "mfa_reauthenticate:webauthn": _("패스키로 확인"),
        }
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**way, "description": said.get(way["id"], way["description"])} for way in methods]


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": gettext_lazy(
            "2단계 인증을 쓰는 동안에는 이메일을 바꿀 수 없습니다. 2단계 인증을 끄고 이메일을 바꾼 뒤 다시 켜 주세요."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("2단계 인증을 먼저 켜 주세요."),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": gettext_lazy(
            "이메일 주소를 먼저 확인해 주세요. 보내 드린 메일의 단추를 누르면 됩니다."
        ),
    }

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return str(user.email)  # type: ignore[attr-defined]

    def build_totp_svg(self, url: str) -> str:
        """Black on white of its own: a camera reads it on any background."""
        picture = io.BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage, border=2).save(picture)
        return picture.getvalue().decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("패스키 %(number)s") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": _("이음")}
