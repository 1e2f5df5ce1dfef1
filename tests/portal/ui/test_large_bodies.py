"""A body that is too large is answered before a byte of it is read."""

import pytest
from django.conf import settings

from projects.obligations.states import MOST_FILES, EvidenceKind

MB = 1024 * 1024
MULTIPART, FORM = "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"


class Unread:
    """A body nobody may touch."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


def send(client, size, *, kind=MULTIPART, path="/accounts/login/", **more):
    body = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(size)}
    return client.generic("POST", path, b"x", kind, **body, **more)


@pytest.mark.parametrize("kind", [MULTIPART, FORM, "application/json"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/no-such-page/", "/admin/"])
def test_a_stranger_sends_nothing_large(client, db, kind, path):
    answer = send(client, 60 * MB, kind=kind, path=path)

    assert answer.status_code == 413
    assert "보내신 내용이 너무 큽니다" in answer.text


def test_a_cookie_that_is_no_session_opens_nothing(client, db):
    client.cookies["sessionid"] = "x" * 32

    assert send(client, 60 * MB).status_code == 413


def test_a_session_that_is_not_signed_in_opens_nothing(client, db):
    session = client.session
    session["seen"] = 1
    session.save()

    assert send(client, 60 * MB).status_code == 413


def test_who_is_signed_in_sends_no_more_than_the_largest_form(log_in, owner):
    client = log_in(owner)

    assert send(client, settings.FILES_MAX_BYTES + 1).status_code == 413
    assert send(client, 2 * MB, kind=FORM).status_code == 413
    with pytest.raises(AssertionError, match="the body was read"):
        send(client, settings.FILES_MAX_BYTES)


def test_the_largest_form_fits():
    assert len(EvidenceKind) * MOST_FILES * settings.UPLOAD_MAX_BYTES < settings.FILES_MAX_BYTES


def test_part_of_a_page_gets_a_sentence(client, db):
    answer = send(client, 60 * MB, HTTP_HX_REQUEST="true")

    assert (answer.status_code, answer["Content-Type"]) == (413, "text/plain; charset=utf-8")
