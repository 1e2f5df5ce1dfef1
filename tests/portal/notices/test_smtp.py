"""Messages over real SMTP: one connection for many, and what happens when the server hangs up."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from portal.notices import terms
from portal.notices.actions import deliver_pending
from portal.notices.models import Notice
from tests.factories import NoticeFactory
from tests.portal.notices.mail_server import MailServer


@pytest.fixture
def server(settings):
    with MailServer() as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server
        server.shutdown()
        serving.join()


@pytest.fixture
def owed(db):
    """Five messages to be sent in this order."""
    since = timezone.now() - timedelta(minutes=10)
    return [NoticeFactory(leaves_at=since + timedelta(minutes=number)) for number in range(5)]


def states():
    return list(Notice.objects.order_by("pk").values_list("state", "attempts"))


def at_once():
    """Whatever waits for its next try is tried now."""
    Notice.objects.update(locked_until=None)


def only(recipient, step, reply):
    """Obey everybody but give ``recipient`` that reply at that step."""
    return lambda now, whom: reply if (now, whom) == (step, recipient) else ""


def test_a_sweep_takes_one_connection_and_says_goodbye(server, owed):
    assert deliver_pending() == 5

    assert (server.connections, server.goodbyes) == (1, 1)
    assert [recipient for recipient, _ in server.taken] == [notice.email for notice in owed]
    assert server.ids == [notice.message_id for notice in owed]
    assert states() == [("sent", 1)] * 5


def test_a_sweep_with_nothing_to_send_connects_to_nobody(server, db):
    assert deliver_pending() == 0
    assert server.connections == 0


def test_text_and_html_arrive_in_korean(server, owed):
    deliver_pending()

    message = server.taken[0][1]
    text, html = message.get_payload()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert "가온기업의 사업자등록" in text.get_payload(decode=True).decode()
    assert 'lang="ko"' in html.get_payload(decode=True).decode()


@pytest.mark.parametrize("reply", [MailServer.HANG_UP, "421 too many messages"])
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_server_that_hangs_up_in_the_middle_costs_one_message_one_attempt(server, owed, step, reply):
    server.obey = only(owed[2].email, step, reply)

    assert deliver_pending() == 4

    assert server.connections == 2
    assert states() == [("sent", 1), ("sent", 1), ("owed", 1), ("sent", 1), ("sent", 1)]

    server.obey = lambda step, recipient: ""
    assert deliver_pending() == 0  # its next try is a minute away
    at_once()
    assert deliver_pending() == 1
    assert sorted(server.ids) == sorted(notice.message_id for notice in owed)


def test_a_line_cut_after_the_message_was_taken_sends_one_copy_more_under_the_same_id(server, owed):
    server.obey = only(owed[0].email, "TAKEN", MailServer.HANG_UP)

    deliver_pending()
    server.obey = lambda step, recipient: ""
    at_once()
    deliver_pending()

    copies = [server.ids.count(notice.message_id) for notice in owed]
    assert copies == [2, 1, 1, 1, 1]
    assert states() == [("sent", 2), *[("sent", 1)] * 4]


def test_a_server_that_hangs_up_on_everybody_kills_nobody(server, owed):
    server.obey = lambda step, recipient: MailServer.HANG_UP if step == "RCPT" else ""

    assert deliver_pending() == 0

    assert server.connections == 1
    assert states() == [("owed", 1), *[("owed", 0)] * 4]
    rest = Notice.objects.filter(attempts=0)
    assert set(rest.values_list("locked_until", flat=True)) == {None}
    assert all(error.startswith("SMTPServerDisconnected") for error in rest.values_list("error", flat=True))


def test_a_server_that_cannot_be_reached_counts_against_nobody(server, owed, settings):
    settings.EMAIL_PORT = 1  # nobody listens

    for _ in range(terms.MAX_ATTEMPTS + 1):
        assert deliver_pending() == 0

    assert states() == [("owed", 0)] * 5
    assert {error.split(":")[0] for error in Notice.objects.values_list("error", flat=True)} == {
        "ConnectionRefusedError"
    }
    settings.EMAIL_PORT = server.port
    assert deliver_pending() == 5
    assert set(Notice.objects.values_list("error", flat=True)) == {""}


@pytest.mark.parametrize("reply", ["550 no such user", "452 mailbox full"])
def test_a_refused_recipient_costs_the_others_nothing(server, owed, reply):
    server.obey = only(owed[1].email, "RCPT", reply)

    assert deliver_pending() == 4

    assert server.connections == 1
    assert states() == [("sent", 1), ("owed", 1), *[("sent", 1)] * 3]
    assert Notice.objects.get(pk=owed[1].pk).error.startswith("SMTPRecipientsRefused")


def test_what_the_server_said_is_kept_without_the_address(server, owed):
    address = owed[1].email
    server.obey = only(address, "RCPT", f"550 5.1.1 <{address.upper()}>: no such user {address}")

    deliver_pending()

    error = Notice.objects.get(pk=owed[1].pk).error
    assert error.startswith("SMTPRecipientsRefused: ")
    assert "550" in error
    assert "5.1.1" in error
    assert f"{address[:2]}***@{address.partition('@')[2]}" in error
    assert address.lower() not in error.lower()


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_what_is_due_and_send_nothing_twice(server):
    NoticeFactory.create_batch(60, leaves_at=timezone.now() - timedelta(minutes=1))
    start, sent = Barrier(2), []

    def work():
        start.wait()
        try:
            sent.append(deliver_pending(limit=30))
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sent == [30, 30]  # neither waited for the other's rows
    assert server.connections == 2
    assert len(set(server.ids)) == len(server.ids) == 60
    assert set(Notice.objects.values_list("state", "attempts")) == {("sent", 1)}
