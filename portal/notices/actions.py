"""Owing a message, and sending what is owed.

Owing writes a row in the caller's transaction; nothing here is called by a request to reach a server. The clock
claims rows with a lease, sends them one by one and marks them, so a broken mail server delays and loses nothing.
The honest promise for mail: never lost, and at most one extra copy (same Message-ID) per crash between the
server's yes and our mark.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from smtplib import SMTPConnectError, SMTPServerDisconnected
from socket import gaierror
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone

from portal.audit.actions import record
from portal.notices import terms
from portal.notices.models import Notice
from portal.notices.states import NOTICE, NoticeState

log = logging.getLogger(__name__)


def notice(
    recipient: Any,
    kind: str,
    key: str,
    /,
    *,
    link: str = "",
    leaves_at: datetime | None = None,
    **params: Any,
) -> Notice:
    """An unsaved notice to ``recipient``; give it to :func:`owe`.

    ``params`` must be JSON (numbers, texts, ISO dates). Without ``leaves_at`` it leaves now, or at 09:00 if it is night.
    """
    return Notice(
        key=f"{key}:{recipient.pk}",
        recipient=recipient,
        email=recipient.email,
        language=recipient.language,
        kind=kind,
        link=link,
        params=params,
        leaves_at=leaves_at or terms.leaves_at(timezone.localtime()),
    )


def owe(notices: Iterable[Notice]) -> None:
    """Owe every message whose key is new, in one statement; the rows commit or roll back with the caller's change."""
    Notice.objects.bulk_create(list(notices), ignore_conflicts=True, batch_size=1000)


def owe_secret(
    email: str, kind: str, *, recipient: Any | None, language: str, key: str, link: str, **params: Any
) -> None:
    """Owe a message only its reader may see (confirm an address, reset a password); it leaves at any hour."""
    Notice.objects.create(
        key=key,
        recipient=recipient,
        email=email,
        kind=kind,
        params=params,
        link=link,
        language=language,
        secret=True,
    )


def deliver_pending(*, limit: int = 200) -> int:
    """Send what is due, at most ``limit`` messages; return how many left.

    A bad message counts against itself alone. A server that is gone counts against the message it failed on; the
    others are given back untried, so that an outage kills none of them.
    """
    sent = 0
    claimed, until = _claim(limit)
    connection = get_connection()
    try:
        for pk in claimed:
            sent += _deliver(pk, until, connection)
    except ServerGone:
        Notice.objects.filter(pk__in=claimed, locked_until=until).update(locked_until=None)
    else:
        connection.close()
    return sent


class ServerGone(Exception):
    """The mail server cannot be reached or hung up: no use trying the next message now."""


#: What says that the server, not the message, is the trouble.
GONE = (ConnectionError, TimeoutError, gaierror, SMTPConnectError, SMTPServerDisconnected)


@transaction.atomic
def _claim(limit: int) -> tuple[list[int], datetime]:
    """Take a lease on what is due; the moment it ends is the proof of holding it."""
    now = timezone.now()
    until = now + terms.LEASE
    pks = list(
        Notice.objects.due(now)
        .order_by("leaves_at", "pk")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[:limit]
    )
    Notice.objects.filter(pk__in=pks).update(locked_until=until)
    return pks, until


def _deliver(pk: int, until: datetime, connection: Any) -> bool:
    """Send one claimed message, if the claim still holds: a slow batch may have lost it, a person cancelled it."""
    held = Notice.objects.filter(pk=pk, state=NoticeState.OWED, locked_until=until)
    if not held.update(locked_until=timezone.now() + terms.LEASE):
        return False
    owed = Notice.objects.select_related("recipient").get(pk=pk)
    try:
        words = owed.in_words()
        mail = EmailMultiAlternatives(
            words.subject,
            words.text,
            to=[owed.email],
            headers={"Message-ID": owed.message_id},
            connection=connection,
        )
        mail.attach_alternative(words.html, "text/html")
        mail.send()
    except Exception as error:
        log.warning("notice %s not sent: %s", pk, type(error).__name__)
        _failed(pk, error)
        if isinstance(error, GONE):
            raise ServerGone from error
        return False
    _left(pk)
    return True


@transaction.atomic
def _left(pk: int) -> None:
    owed = Notice.objects.select_for_update().get(pk=pk)
    owed.attempts, owed.locked_until, owed.error = owed.attempts + 1, None, ""
    if NOTICE.may(owed, "send_notice"):  # cancelled while it was leaving: it stays cancelled
        NOTICE.move(owed, "send_notice")
        owed.sent_at = timezone.now()
        _wipe_secret(owed)
    owed.save()


def _wipe_secret(owed: Notice) -> None:
    """A link that opens an account is kept only until it has left; in the demo none leaves, so it stays to be read."""
    if owed.secret and not settings.DEMO:
        owed.link, owed.params = "", {}


@transaction.atomic
def _failed(pk: int, error: Exception) -> None:
    owed = Notice.objects.select_for_update().get(pk=pk)
    owed.attempts += 1
    owed.error = f"{type(error).__name__}: {error}"[:300]
    owed.locked_until = terms.next_try(timezone.now(), owed.attempts)
    if owed.attempts >= terms.MAX_ATTEMPTS and NOTICE.may(owed, "give_up_notice"):
        NOTICE.move(owed, "give_up_notice")
        owed.locked_until = None
    owed.save()


@transaction.atomic
def retry_notice(notice: Notice, *, by: Any) -> Notice:
    """Try a dead message again from the start."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    was = NOTICE.move(notice, "retry_notice")
    notice.attempts, notice.error = 0, ""
    notice.save()
    record("retry_notice", notice, by=by, was=was)
    return notice


@transaction.atomic
def cancel_notice(notice: Notice, *, reason: str, by: Any) -> Notice:
    """Never send it; the row stays as proof that it was owed."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    was = NOTICE.move(notice, "cancel_notice")
    _wipe_secret(notice)
    notice.save()
    record("cancel_notice", notice, by=by, was=was, reason=reason)
    return notice


def read_notice(notice: Notice, *, by: Any) -> None:
    """The recipient has opened it; a second opening changes nothing."""
    Notice.objects.filter(pk=notice.pk, recipient=by, read_at=None).update(read_at=timezone.now())


def read_all_notices(*, by: Any) -> int:
    """Mark everything in a person's inbox as read."""
    return Notice.objects.visible_to(by).unread().update(read_at=timezone.now())
