from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from threading import Barrier, Thread

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from portal.audit.models import Event
from portal.notices import terms
from portal.notices.actions import (
    _claim,
    cancel_notice,
    deliver_pending,
    notice,
    owe,
    owe_secret,
    read_notice,
    retry_notice,
)
from portal.notices.models import Notice
from portal.workflow import IllegalMove
from tests.factories import NoticeFactory, UserFactory

KST = timezone.get_default_timezone()
LINK = "https://example.com/accounts/password/reset/key/live"
NOON = datetime(2026, 11, 23, 12, tzinfo=KST)


class BrokenServer(BaseEmailBackend):
    """Nobody answers."""

    asked = 0

    def send_messages(self, email_messages):
        type(self).asked += 1
        raise ConnectionRefusedError("no server")


class PickyServer(BaseEmailBackend):
    """Takes every message but those to ``nobody``."""

    def send_messages(self, email_messages):
        for message in email_messages:
            if message.to[0].startswith("nobody@"):
                raise SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
            mail.outbox.append(message)
        return len(email_messages)


@pytest.fixture
def broken(settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    BrokenServer.asked = 0
    return BrokenServer


def owed(count: int = 1, **facts) -> list[Notice]:
    return NoticeFactory.create_batch(count, leaves_at=timezone.now() - timedelta(minutes=1), **facts)


# --- owing --------------------------------------------------------------------------------------------


def test_a_key_is_owed_once(db):
    user = UserFactory()

    owe([notice(user, "company_verified", "verified:1", company="가온기업")])
    owe([notice(user, "company_verified", "verified:1", company="가온기업")])

    assert list(Notice.objects.values_list("key", flat=True)) == [f"verified:1:{user.pk}"]


def test_two_people_are_each_told(db):
    users = [UserFactory(), UserFactory()]

    owe(notice(user, "company_verified", "verified:1", company="가온기업") for user in users)

    assert Notice.objects.count() == 2


def test_facts_may_be_called_kind_and_key(db):
    owed_notice = notice(UserFactory(), "deadline_extended", "extended:1", kind="projects", key="x")

    assert (owed_notice.kind, owed_notice.params) == ("deadline_extended", {"kind": "projects", "key": "x"})


@pytest.mark.parametrize(
    ("owed_at", "leaves_at"),
    [
        (datetime(2026, 11, 23, 20, 59, tzinfo=KST), datetime(2026, 11, 23, 20, 59, tzinfo=KST)),
        (datetime(2026, 11, 23, 21, 0, tzinfo=KST), datetime(2026, 11, 24, 9, 0, tzinfo=KST)),
        (datetime(2026, 11, 24, 3, 0, tzinfo=KST), datetime(2026, 11, 24, 9, 0, tzinfo=KST)),
        (datetime(2026, 11, 24, 8, 59, tzinfo=KST), datetime(2026, 11, 24, 9, 0, tzinfo=KST)),
        (datetime(2026, 11, 24, 9, 0, tzinfo=KST), datetime(2026, 11, 24, 9, 0, tzinfo=KST)),
    ],
)
def test_nothing_leaves_between_nine_and_nine(db, owed_at, leaves_at):
    with time_machine.travel(owed_at, tick=False):
        message = notice(UserFactory(), "company_verified", "k")

    assert message.leaves_at == leaves_at


def test_what_is_owed_at_night_is_sent_in_the_morning(db):
    with time_machine.travel(datetime(2026, 11, 23, 23, 0, tzinfo=KST), tick=False):
        owe([notice(UserFactory(), "company_verified", "k", company="가온기업")])
        at_night = deliver_pending()
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, tzinfo=KST), tick=False):
        in_the_morning = deliver_pending()

    assert (at_night, in_the_morning) == (0, 1)


# --- leaving ------------------------------------------------------------------------------------------


def test_a_message_leaves_once(db):
    (message,) = owed()

    assert [deliver_pending(), deliver_pending()] == [1, 0]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.locked_until) == ("sent", 1, None)
    assert [sent.to for sent in mail.outbox] == [[message.email]]


def test_the_message_id_is_the_same_for_every_attempt(db, settings, broken):
    settings.DEFAULT_FROM_EMAIL = "이음 <no-reply@ieum.example>"
    (message,) = owed()
    before = message.message_id
    deliver_pending()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Notice.objects.update(locked_until=None)

    deliver_pending()

    message.refresh_from_db()
    assert message.attempts == 2
    assert mail.outbox[0].extra_headers == {"Message-ID": before}
    assert before == f"<notice-{message.pk}-{message.created_at:%Y%m%d%H%M%S}@ieum.example>"


def test_text_and_html_leave_together(db):
    owed(params={"company": "가온 & 기업"})

    deliver_pending()

    (sent,) = mail.outbox
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "가온 & 기업의" in sent.body
    assert "가온 &amp; 기업의" in html


def test_a_claimed_message_is_in_nobody_elses_hands(db):
    (message,) = owed()

    first, _ = _claim(10)
    second, _ = _claim(10)

    assert (first, second) == ([message.pk], [])


def test_a_lease_that_ended_is_taken_over(db):
    (message,) = owed()
    with time_machine.travel(NOON, tick=False):
        Notice.objects.update(leaves_at=NOON)
        _claim(10)
    with time_machine.travel(NOON + terms.LEASE + timedelta(seconds=1), tick=False):
        again, _ = _claim(10)

    assert again == [message.pk]


def test_a_batch_that_lost_its_lease_sends_nothing(db, monkeypatch):
    owed(2)
    claim = _claim

    def lose(limit):
        pks, until = claim(limit)
        Notice.objects.update(locked_until=until + timedelta(minutes=1))  # somebody else took over
        return pks, until

    monkeypatch.setattr("portal.notices.actions._claim", lose)

    assert deliver_pending() == 0
    assert mail.outbox == []


def test_cancelled_between_claim_and_leaving_stays_here(db, operator, monkeypatch):
    (message,) = owed()
    claim = _claim

    def cancel(limit):
        claimed = claim(limit)
        cancel_notice(message, reason="잘못 보냄", by=operator)
        return claimed

    monkeypatch.setattr("portal.notices.actions._claim", cancel)

    assert deliver_pending() == 0
    message.refresh_from_db()
    assert (message.state, message.sent_at) == ("cancelled", None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_every_message_once():
    owed(40)
    start, sent = Barrier(2), []

    def work():
        start.wait()
        try:
            sent.append(deliver_pending(limit=30))
            sent.append(deliver_pending(limit=30))
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(sent) == 40
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 40
    assert len(mail.outbox) == 40
    assert set(Notice.objects.values_list("state", "attempts")) == {("sent", 1)}


# --- failing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 4), (3, 9), (4, 16), (5, 25)])
def test_a_failed_message_waits_longer_each_time(attempts, minutes):
    assert terms.next_try(NOON, attempts) == NOON + timedelta(minutes=minutes)


def test_a_broken_server_delays_then_the_message_is_dead_until_retried(db, broken, operator, settings):
    now = NOON
    (message,) = NoticeFactory.create_batch(1, leaves_at=now)
    states = []
    for _ in range(terms.MAX_ATTEMPTS + 2):
        with time_machine.travel(now, tick=False):
            deliver_pending()
            deliver_pending()  # too early: nothing is tried
        message.refresh_from_db()
        states.append(message.state)
        now = (message.locked_until or now) + timedelta(seconds=1)

    assert states == ["owed"] * (terms.MAX_ATTEMPTS - 1) + ["failed"] * 3
    assert broken.asked == terms.MAX_ATTEMPTS
    assert message.error == "ConnectionRefusedError: no server"

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(now, tick=False):
        retry_notice(message, by=operator)
        assert deliver_pending() == 1
    assert [event.verb for event in Event.objects.about(message)] == ["retry_notice"]


def test_an_outage_costs_one_message_one_attempt(db, broken):
    owed(3)

    assert deliver_pending() == 0

    assert broken.asked == 1
    rows = Notice.objects.order_by("-attempts").values_list("attempts", "locked_until", "state")
    assert [attempts for attempts, _, _ in rows] == [1, 0, 0]
    assert [until for _, until, _ in rows][1:] == [None, None]
    assert {state for *_, state in rows} == {"owed"}


def test_a_bad_message_stops_nobody(db, settings):
    settings.EMAIL_BACKEND = f"{__name__}.PickyServer"
    owed(1)
    (bad,) = owed(1, recipient__email="nobody@example.com")
    owed(2)

    assert deliver_pending() == 3

    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("owed", 1)
    assert bad.error.startswith("SMTPRecipientsRefused")


def test_a_message_without_words_stops_nobody(db):
    (unknown,) = owed(kind="no_such_kind")
    owed()

    assert deliver_pending() == 1
    unknown.refresh_from_db()
    assert (unknown.state, unknown.attempts) == ("owed", 1)


@pytest.mark.parametrize("state", ["owed", "sent", "cancelled"])
def test_only_a_dead_message_is_retried(db, operator, state):
    message = NoticeFactory(state=state, sent_at=timezone.now() if state == "sent" else None)

    with pytest.raises(IllegalMove):
        retry_notice(message, by=operator)


def test_reading_twice_keeps_the_first_moment(db):
    message = NoticeFactory(leaves_at=NOON)
    with time_machine.travel(NOON, tick=False):
        read_notice(message, by=message.recipient)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        read_notice(message, by=message.recipient)

    message.refresh_from_db()
    assert message.read_at == NOON


# --- secrets ------------------------------------------------------------------------------------------


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
