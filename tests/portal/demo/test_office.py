import re
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.accounts.models import User
from portal.demo.office import OFFICE, PASSWORD, add_office, address, totp_code
from portal.notices.actions import deliver_pending
from tests.factories import NoticeFactory

SMALL = {"trainees": 60, "companies": 6, "projects": 9}


def run(command, *arguments, **options):
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def office(db, settings):
    settings.DEMO = True
    return add_office()


def test_seeding_an_empty_portal_says_what_it_made(db, settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr("portal.demo.management.commands.seed.SLOW", 600)

    assert re.fullmatch(
        r"수료생 60명, 기업 6곳, 과제 9건을 만들었습니다\(rankings 단계, [0-9.]+초\)\.\n",
        run("seed", stage="rankings", **SMALL),
    )


def test_a_long_seed_tells_each_part_as_it_ends(db, settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr("portal.demo.management.commands.seed.SLOW", 0)

    told = run("seed", stage="matching", **SMALL).splitlines()

    assert [line.split(" ")[2:-1] for line in told[:-1]] == [
        ["지난", "공고"], ["수료생"], ["추가", "모집"], ["과제"], ["참여", "신청"], ["희망순위"], ["면접"], ["보낸", "알림"], ["이력"],
        ["마감부터", "오늘까지"], ["새", "기업과", "알림"], ["통계"],
    ]  # fmt: skip


def test_an_empty_portal_has_a_summary_too(db):
    assert run("demo_summary").startswith("아직 시연 자료가 없습니다.")


@pytest.mark.parametrize("who", [who for who, *_ in OFFICE])
def test_the_printed_code_is_the_one_asked_for(office, who):
    email = address(who)
    with time_machine.travel("2026-11-23T03:00:10+00:00", tick=False):
        code, seconds = totp_code(email)
        authenticator = Authenticator.objects.get(user__email=email, type="totp")

        assert authenticator.wrap().validate_code(code)
        assert seconds == 20
        assert run("demo_logins", otp=email) == f"{code}  (20초 남음)\n"


def test_staff_sign_in_with_password_and_code(office, client):
    email = address("agency1")

    asked = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    entered = client.post(asked["Location"], {"code": totp_code(email)[0]})

    assert asked["Location"] == "/accounts/2fa/authenticate/"
    assert entered.status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("command", "options"),
    [("seed", {}), ("demo_logins", {}), ("demo_logins", {"otp": "agency1@ieum.example"})],
)
def test_outside_the_demo_nothing_is_made_or_told(db, settings, command, options):
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(CommandError, match="DEMO=1"):
        run(command, **options)

    assert User.objects.count() == 0


@pytest.mark.parametrize("email", ["manager@ieum.example", "nobody@example.com", ""])
def test_codes_are_told_for_the_demo_s_office_only(db, settings, email):
    settings.DEMO = True

    with pytest.raises(CommandError, match="시연 계정이 아닙니다"):
        run("demo_logins", otp=email or "x")


@pytest.mark.parametrize(
    "size",
    [
        {"trainees": 39, "companies": 6, "projects": 9},
        {"trainees": 60, "companies": 4, "projects": 9},
        {"trainees": 60, "companies": 6, "projects": 8},
    ],
)
def test_a_demo_too_small_to_show_anything_is_refused(db, settings, size):
    settings.DEMO = True

    with pytest.raises(CommandError, match="부터이고"):
        run("seed", **size)

    assert User.objects.count() == 0


def test_in_the_demo_no_message_leaves_and_every_one_can_be_read(db, settings):
    settings.EMAIL_BACKEND = "portal.demo.mail.KeepBackend"
    message = NoticeFactory()

    assert deliver_pending() == 1

    message.refresh_from_db()
    assert (message.state, mail.outbox) == ("sent", [])
    assert "가온기업" in message.in_words().text
