"""The portal as a person's browser sees it: Debian's chromium, a real server, real static files."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

# Playwright's loop lives in the thread that also asks the database: Django would see it and refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: What chromium itself writes when an answer is 409 or 422: the page says it better.
REFUSED = "Failed to load resource: the server responded with a status of "


def chromium() -> str | None:
    places = (os.environ.get("CHROMIUM"), shutil.which("chromium"), "/usr/bin/chromium")
    return next((place for place in places if place and Path(place).is_file()), None)


def pytest_collection_modifyitems(items):
    if chromium() is not None:
        return
    absent = pytest.mark.skip(reason="no chromium: install it or say where it is in CHROMIUM")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(absent)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": chromium(), "args": ARGUMENTS}


class Faults(list):
    """What went wrong in any page of a test. ``allowed`` holds the statuses a test asks for on purpose."""

    def __init__(self):
        self.allowed: set[int] = set()
        self.deaf = False  # while axe measures: it tries inline styles of its own, which our policy refuses

    def watch(self, context):
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.append(f"{error.page.url}: {error.error}"))

    def _hear(self, message):
        asked_for = any(message.text.startswith(f"{REFUSED}{status} ") for status in self.allowed)
        if message.type == "error" and not asked_for and not self.deaf:
            self.append(f"{message.page.url}: {message.text}")


@pytest.fixture
def faults():
    """Fails the test when a page broke its own security policy, wrote an error or threw one."""
    faults = Faults()

    yield faults

    assert list(dict.fromkeys(faults)) == []


def session_of(user) -> str:
    """A session as signing in leaves it; staff have shown their second factor."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session: SessionStore = client.session
    session["staff_mfa"] = True
    session.save()
    return session.session_key


@pytest.fixture
def visit(browser, live_server, faults):
    """``visit(user)``: a page in a window of its own, signed in; ``visit()`` for nobody."""
    contexts = []

    def visit(user=None, *, viewport=WIDE, **options):
        context = browser.new_context(
            base_url=live_server.url, locale="ko-KR", timezone_id="Asia/Seoul", reduced_motion="reduce",
            viewport=viewport, **options,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(10_000)
        faults.watch(context)
        if user is not None:
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": session_of(user),
                        "url": live_server.url,
                    }
                ]
            )
        return context.new_page()

    yield visit

    for context in contexts:
        context.close()


@pytest.fixture
def axe(faults):
    """``axe(page)``: which accessibility rules the page breaks, and where; ``axe(page, "color-contrast")``: only of these."""
    runner = Axe()

    def broken(page, *rules) -> list[str]:
        options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
        faults.deaf = True
        found = runner.run(page, options={**options, "resultTypes": ["violations"]}).response["violations"]
        faults.deaf = False
        return [f"{rule['id']} {node['target'][0]}" for rule in found for node in rule["nodes"][:3]]

    return broken
