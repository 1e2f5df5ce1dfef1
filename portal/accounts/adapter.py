"""allauth's messages go through our outbox, so a request never talks to a mail server."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import get_language

from portal.accounts.models import User
from portal.notices.actions import owe_secret

#: allauth's template prefix -> our kind of notice, and which context value is the link to open
KINDS = {
    "account/email/email_confirmation": ("account_confirm_email", "activate_url"),
    "account/email/email_confirmation_signup": ("account_confirm_email", "activate_url"),
    "account/email/password_reset_key": ("account_reset_password", "password_reset_url"),
    "account/email/unknown_account": ("account_unknown", "signup_url"),
    "account/email/account_already_exists": ("account_exists", "password_reset_url"),
}


class AccountAdapter(DefaultAccountAdapter):
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

    def save_user(self, request: Any, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "")
        user.language = get_language() or "ko"
        return super().save_user(request, user, form, commit)

    def clean_email(self, email: str) -> str:
        return super().clean_email(email).lower()

    def is_open_for_signup(self, request: Any) -> bool:
        return True


class MFAAdapter(DefaultMFAAdapter):
    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return str(user.email)  # type: ignore[attr-defined]
