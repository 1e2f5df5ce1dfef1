import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.utils import timezone

from tests.factories import UserFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def verified(db):
    """``verified(user)``: the address is theirs, so they may sign in with it."""

    def verified(user=None, **fields):
        user = user or UserFactory(**fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    return verified


@pytest.fixture
def with_totp(db):
    """``with_totp(user)`` has an authenticator app; returns what gives the code it shows now."""

    def with_totp(user):
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        RecoveryCodes.activate(user)
        return lambda: format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))

    return with_totp


@pytest.fixture
def sign_in(client):
    """``sign_in(user)``: through the form, as a person does."""

    def sign_in(user, password=PASSWORD, **extra):
        return client.post("/accounts/login/", {"login": user.email, "password": password, **extra})

    return sign_in
