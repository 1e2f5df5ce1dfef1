import copy
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from portal.ui.htmx import redirect_page, render_page, toast
from portal.ui.views import conflict, page_not_found

pytestmark = pytest.mark.django_db  # the menu may ask who is there

PAGE = """{% load partials %}<main>{% partialdef rows inline %}<p id="rows">{{ count }}</p>{% endpartialdef %}</main>"""


@pytest.fixture
def page(settings, tmp_path):
    """A template with one named part, found before the site's own."""
    (tmp_path / "plain_page.html").write_text(PAGE, encoding="utf-8")
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    return "plain_page.html"


def request_with(**headers):
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)
    return request


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, '<main><p id="rows">3</p></main>'),
        ({"HX-Request": "true"}, '<p id="rows">3</p>'),
        ({"HX-Request": "true", "HX-Boosted": "true"}, '<main><p id="rows">3</p></main>'),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, '<main><p id="rows">3</p></main>'),
    ],
)
def test_render_page_answers_whole_or_in_part(page, headers, expected):
    response = render_page(request_with(**headers), page, {"count": 3}, partial="rows")

    assert response.content.decode() == expected
    assert response["Vary"] == "HX-Request"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_render_page_keeps_the_status(page, headers):
    response = render_page(request_with(**headers), page, {"count": 0}, partial="rows", status=422)

    assert response.status_code == 422


def test_redirect_page_sends_a_browser():
    response = redirect_page(request_with(), "/somewhere/")

    assert (response.status_code, response["Location"]) == (302, "/somewhere/")


def test_redirect_page_tells_htmx():
    response = redirect_page(request_with(**{"HX-Request": "true"}), "/somewhere/")

    assert (response.status_code, response["HX-Redirect"]) == (200, "/somewhere/")


def test_toast_travels_in_a_header():
    response = toast(HttpResponse(), "담았습니다")

    assert json.loads(response["HX-Trigger"]) == {"toast": {"text": "담았습니다", "tone": "good"}}


def test_conflict_says_what_is_true_now_on_a_page():
    response = conflict(request_with(), "이미 제출했습니다.")

    assert response.status_code == 409
    assert "이미 제출했습니다." in response.content.decode()


def test_errors_leave_the_page_alone_and_speak_for_htmx():
    response = page_not_found(request_with(**{"HX-Request": "true"}), Exception())

    assert response.status_code == 404
    assert response["HX-Reswap"] == "none"
    assert json.loads(response["HX-Trigger"])["toast"]["tone"] == "danger"
