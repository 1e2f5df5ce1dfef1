"""The server's log, as it is printed: which page was asked for, and nothing that opens an account or names a person."""

import io
import json
import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client, RequestFactory

from portal.log import said_path
from portal.notices.models import Notice
from tests.factories import UserFactory


@pytest.fixture
def printed(monkeypatch):
    """What the handler of the root has written so far."""
    handler = next(one for one in logging.getLogger().handlers if one.get_name() == "console")
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream.getvalue


def requests_in(text):
    return [line["request"] for line in map(json.loads, text.splitlines()) if "request" in line]


@pytest.fixture
def reset_link(db, client):
    user = UserFactory(email="hong@a.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post("/accounts/password/reset/", {"email": user.email})
    return re.sub(r"^https?://[^/]+", "", Notice.objects.get(kind="account_reset_password").link)


def test_a_reset_link_is_not_in_the_log(client, reset_link, printed):
    secret = reset_link.rstrip("/").rpartition("/")[2]

    client.get(reset_link, follow=True)

    assert secret not in printed()
    assert requests_in(printed())[0] == "GET /accounts/password/reset/key/<uidb36>-<key>/"


@pytest.mark.parametrize("ending", ["", "%20", "/x"], ids=["no slash", "a blank", "more"])
def test_a_broken_reset_link_is_not_in_the_log(client, reset_link, printed, ending):
    secret = reset_link.rstrip("/").rpartition("/")[2].rpartition("-")[2]

    client.get(reset_link.rstrip("/") + ending)

    assert printed()
    assert secret not in printed()


def test_a_confirm_link_is_not_in_the_log(db, client, printed):
    client.get("/accounts/confirm-email/Mq:1abcde:s3cr3tvalue/")

    assert "s3cr3tvalue" not in printed()
    assert "GET /accounts/confirm-email/<key>/" in requests_in(printed())


def test_a_search_is_not_in_the_log(log_in, operator, printed):
    log_in(operator).get("/admin/accounts/user/?q=hong@a.example")

    assert "hong" not in printed()
    assert "GET /admin/accounts/user/" in requests_in(printed())


@pytest.mark.parametrize(
    "path", ["/no/such/hong@a.example/", "/admin/hong@a.example/", "/accounts/hong@a.example", "/홍길동hong/"]
)
def test_an_address_that_is_no_page_is_not_in_the_log(log_in, operator, printed, path):
    log_in(operator).get(path)

    assert '"code": 404' in printed()
    assert "Not Found: " in printed()
    assert "hong" not in printed()


def test_a_refused_form_tells_the_page_and_no_foreign_address(db, printed):
    client = Client(enforce_csrf_checks=True)

    client.post(
        "/accounts/login/?next=/secret", secure=True, headers={"Referer": "https://evil.example/s3cr3t?x=1"}
    )

    assert "https://evil.example" in printed()
    assert "s3cr3t" not in printed()
    assert "/secret" not in printed()
    assert "): /accounts/login/" in printed()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/projects/17/", "/projects/17/"),
        ("/admin/accounts/user/17/change/", "/admin/accounts/user/17/change/"),
        ("/accounts/settings/consents/terms/", "/accounts/settings/consents/<kind>/"),
        ("/nothing", "(no page)"),
    ],
)
def test_said_path_keeps_numbers_and_leaves_out_words(path, said):
    assert said_path(RequestFactory().get(path)) == said


def test_the_log_of_a_request_is_ours_alone():
    assert "portal.log.LogRequests" in settings.MIDDLEWARE
    assert "django_structlog.middlewares.RequestMiddleware" not in settings.MIDDLEWARE
