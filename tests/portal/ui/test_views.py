import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from portal.ui.gallery import gallery
from portal.ui.views import set_mode

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def gallery_page(rf, db):
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/ui/")
    request.user = AnonymousUser()
    with translation.override("ko"):
        return gallery(request).content.decode()


def test_gallery_shows_every_component(gallery_page):
    used = set(re.findall(r'class="(i-[a-z]+)', gallery_page))

    assert {
        "i-badge", "i-bars", "i-btn", "i-cards", "i-count", "i-crumbs", "i-disclosure", "i-empty", "i-errors", "i-facts",
        "i-field", "i-file", "i-filters", "i-hero", "i-note", "i-pages", "i-progress", "i-rank", "i-receipt", "i-stats",
        "i-steps", "i-table", "i-tabs", "i-tags", "i-tasks", "i-timeline", "i-why",
    } - used == {"i-count"}  # fmt: skip


def test_a_page_has_nothing_inline(gallery_page):
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", gallery_page) == []


def test_a_page_has_one_heading_and_is_private_by_default(gallery_page):
    assert len(re.findall(r"<h1[ >]", gallery_page)) == 1
    assert '<meta name="robots" content="noindex">' in gallery_page
    assert '<html lang="ko">' in gallery_page


def test_title_says_first_that_there_are_errors(db):
    request = RequestFactory().get("/")
    context = {"form": type("Form", (), {"errors": {"name": ["!"]}})()}

    html = render_to_string("404.html", context, request)

    assert re.search(r"<title>(.*)</title>", html)[1].startswith("오류: ")


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429])
def test_error_pages_say_what_to_do(status, db):
    request = RequestFactory().get("/")
    with translation.override("ko"):
        html = render_to_string(f"{status}.html", {}, request)

    assert len(re.findall(r"<h1>", html)) == 1
    assert 'href="/"' in html


@pytest.mark.parametrize("status", [500, 503])
def test_last_resort_pages_stand_without_context(status):
    html = render_to_string(f"{status}.html")

    assert "{%" not in html
    for address in re.findall(r'(?:href|src)="/static/([^"]+)"', html):
        assert (ROOT / "static" / address).is_file()


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ("/my/", "/my/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_mode_is_remembered_and_the_page_kept(rf, sent, where):
    response = set_mode(rf.post("/ui/mode/", {"mode": "hc", "next": sent}))

    assert response["Location"] == where
    assert response.cookies["mode"].value == "hc"


def test_mode_is_forgotten_again(rf):
    response = set_mode(rf.post("/ui/mode/", {"mode": "plain", "next": "/"}))

    assert response.cookies["mode"]["max-age"] == 0


def test_mode_is_not_switched_by_a_link(rf):
    assert set_mode(rf.get("/ui/mode/")).status_code == 405


@pytest.mark.parametrize("sheet", sorted((ROOT / "static" / "css").glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_fetch_nothing_from_outside(sheet):
    addresses = re.findall(r'url\("?([^")]+)"?\)', sheet.read_text(encoding="utf-8"))

    assert [address for address in addresses if not (sheet.parent / address).is_file()] == []


def test_component_classes_carry_our_prefix():
    text = (ROOT / "static" / "css" / "components.css").read_text(encoding="utf-8")

    classes = set(re.findall(r"(?<![\w)])\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", text, flags=re.S)))
    assert {name for name in classes if not name.startswith("i-")} == {"htmx-request"}


def test_our_script_stays_small():
    import gzip

    assert len(gzip.compress((ROOT / "static" / "js" / "app.js").read_bytes())) <= 2560
