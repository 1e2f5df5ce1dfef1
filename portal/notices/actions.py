"""Owing a message, and sending what is owed.

Owing writes a row in the caller's transaction; nothing here is called by a request to reach a server. The clock
claims rows with a lease, sends them one by one and marks them, so a broken mail server delays and loses nothing.
The honest promise for mail: never lost, and at most one extra copy (same Message-ID) per crash between the
server's yes and our mark.
"""

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone

from portal.audit.actions import record
from portal.notices import terms
from portal.notices.models import Notice
from portal.notices.states import NOTICE, NoticeState
from portal.ui.korean import mask_email

log = logging.getLogger(__name__)
_ADDRESS = re.compile(r"""[^\s<>(){}\[\]'",;:]+@[\w.-]+""")
CLOSING = 421  # RFC 5321, 3.8: the server is about to hang up


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
    """Send what is due over one connection, at most ``limit`` messages; return how many left.

    A bad message counts against itself alone. A server that hangs up counts against the message it hung up on, and
    the rest goes on over a new connection. A server that cannot be reached, or takes nothing, counts against nobody
    else: the rest is given back untried with the reason beside it, so that no outage kills a message.
    """
    rest, until = _claim(limit)
    connection, sent, trouble = get_connection(), 0, ""
    while rest and not trouble:
        left, rest, trouble = _deliver_over(connection, rest, until)
        sent += left
    if rest:
        log.warning("%s notices wait: %s", len(rest), trouble)
        Notice.objects.filter(pk__in=rest, locked_until=until).update(locked_until=None, error=trouble)
    return sent


def _deliver_over(connection: Any, pks: list[int], until: datetime) -> tuple[int, list[int], str]:
    """Send over one connection: how many left, who is still untried, and what speaks against another connection."""
    sent, rest = 0, pks.copy()
    try:
        connection.open()
    except OSError as error:
        return sent, rest, _said(error)
    try:
        while rest:
            sent += _deliver(rest.pop(0), until, connection)
    except ServerGone as gone:
        return sent, rest, "" if sent else str(gone)
    finally:
        with suppress(OSError):  # all of SMTP's troubles are; what left has left
            connection.close()
    return sent, rest, ""


class ServerGone(Exception):
    """The mail server hung up: no use trying the next message over this connection."""


def _hung_up(error: Exception) -> bool:
    """The server, not the message, is the trouble: the line is dead, or it said 421 (closing)."""
    if isinstance(error, SMTPRecipientsRefused):
        return any(code == CLOSING for code, _ in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return error.smtp_code == CLOSING
    return isinstance(error, ConnectionError | TimeoutError | SMTPServerDisconnected)


def _said(error: Exception) -> str:
    """What went wrong, without whom: staff see addresses masked, and mail servers like to repeat them."""
    masked = _ADDRESS.sub(lambda found: mask_email(found[0]), str(error))
    return f"{type(error).__name__}: {masked}"[:300]


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
        if _hung_up(error):
            raise ServerGone(_said(error)) from error
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
    owed.error = _said(error)
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
