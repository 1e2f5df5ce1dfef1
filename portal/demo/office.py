"""The people with a login of their own: office, one company, one school; and how they sign in."""

import base64
import hashlib
import time
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password

from portal.accounts.actions import appoint_staff, give_consents, publish_consent_text
from portal.accounts.models import ConsentText, StaffMember, User
from portal.accounts.states import Office
from portal.demo.texts import CONSENTS

PASSWORD = "ieum-demo-2026"  # noqa: S105 -- everybody's, in the demo only; it is printed
DOMAIN = "ieum.example"  # reserved for examples: no message can arrive there

OFFICE = [
    ("agency1", "서지안", Office.AGENCY, "사업총괄"),
    ("agency2", "노하람", Office.AGENCY, "매칭 담당"),
    ("operator", "문가온", Office.OPERATOR, "운영 총괄"),
    ("operator2", "임보라", Office.OPERATOR, "기업 지원"),
]
#: What each of them might try first.
ERRANDS = {
    "agency1": "운영 현황에서 매칭 결과를 살펴보고 승인합니다",
    "agency2": "다른 사람이 승인한 결과를 발표합니다(혼자서는 못 합니다)",
    "operator": "참여 신청과 과제를 심사하고 채용 증빙을 확인합니다",
    "operator2": "확인을 기다리는 회사를 살펴봅니다",
}
#: Who is asked for a code after the password.
WITH_CODE = (*(who for who, *_ in OFFICE), "school")


def address(who: str) -> str:
    return f"{who}@{DOMAIN}"


@cache
def password_hash() -> str:
    """One hash for everybody: hashing 100 000 times would take an hour and protect nothing."""
    return make_password(PASSWORD)


def totp_secret(email: str) -> str:
    """A fixed second factor per address, so that the demo can print its codes."""
    return base64.b32encode(hashlib.sha256(f"ieum demo {email}".encode()).digest()[:20]).decode()


def totp_code(email: str) -> tuple[str, int]:
    """The code that is valid now, and for how many more seconds it is the current one."""
    period = mfa_settings.TOTP_PERIOD
    now = int(time.time())
    return format_hotp_value(hotp_value(totp_secret(email), now // period)), period - now % period


def add_user(who: str, name: str) -> User:
    """An account with the demo's password and a verified address, and a second factor if it needs one."""
    user = User.objects.create(email=address(who), name=name, password=password_hash())
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if who in WITH_CODE:
        TOTP.activate(user, totp_secret(user.email))
    return user


def add_office() -> dict[str, User]:
    """Agency and operator, each with a second factor; and the consent texts the operator published."""
    people: dict[str, User] = {}
    for who, name, office, title in OFFICE:
        user = people[who] = add_user(who, name)
        appoint_staff(user, office=office, title=title, by=None)
    # read again: a user remembers that they were no staff when they were made
    people = {who: User.objects.get(pk=user.pk) for who, user in people.items()}
    StaffMember.objects.update(appointed_on="2024-01-02")
    for kind, (title, body, required) in CONSENTS.items():
        publish_consent_text(kind=kind, title=title, body=body, required=required, by=people["agency1"])
    return people


def agree(user: User) -> None:
    """Every text, as at the end of a sign-up."""
    give_consents(user, ConsentText.objects.all(), by=user)
