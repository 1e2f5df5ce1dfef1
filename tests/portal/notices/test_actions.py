import pytest
from django.core import mail

from portal.notices.actions import cancel_notice, deliver_pending, owe_secret
from portal.notices.models import Notice

LINK = "https://example.com/accounts/password/reset/key/live"


@pytest.fixture
def secret(operator):
    owe_secret(
        "person@example.com",
        "account_reset_password",
        recipient=None,
        language="ko",
        key="k",
        link=LINK,
        change="x",
    )
    return Notice.objects.get()


def test_a_secret_link_is_wiped_once_it_has_left(secret):
    deliver_pending()

    assert LINK in mail.outbox[0].body
    secret.refresh_from_db()
    assert (secret.state, secret.link, secret.params) == ("sent", "", {})


def test_a_cancelled_secret_is_wiped_too(secret, operator):
    cancel_notice(secret, reason="잘못 보냄", by=operator)

    secret.refresh_from_db()
    assert (secret.state, secret.link, secret.params) == ("cancelled", "", {})


def test_in_the_demo_the_link_stays_to_be_read_inside(secret, settings):
    settings.DEMO = True

    deliver_pending()

    secret.refresh_from_db()
    assert (secret.state, secret.link) == ("sent", LINK)
