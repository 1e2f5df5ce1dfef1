import re
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from portal.notices import terms
from portal.notices.states import NoticeState
from portal.ui.korean import mask_email


class Block(NamedTuple):
    """A paragraph, or the items of a list."""

    lines: list[str]
    is_list: bool


class Message(NamedTuple):
    """A notice in words. ``text`` and ``html`` are the mail; ``blocks`` and ``button`` are its parts, for a page."""

    subject: str
    text: str
    html: str
    blocks: list[Block]
    button: str


def parse_words(text: str) -> tuple[str, list[Block], str]:
    """Take a rendered ``notices/<kind>.txt`` apart.

    The first line is the subject; an empty line ends a paragraph; lines beginning with ``- `` are a list; a last
    line beginning with ``> `` is what the button says.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    subject, rest = lines[0], lines[1:]
    button = rest.pop()[2:] if rest and rest[-1].startswith("> ") else ""
    blocks: list[Block] = []
    follows = False  # the line before was text too
    for line in rest:
        is_list = line.startswith("- ")
        if line and (follows or is_list) and blocks and blocks[-1].is_list == is_list:
            blocks[-1].lines.append(line[2:] if is_list else line)
        elif line:
            blocks.append(Block([line[2:] if is_list else line], is_list))
        follows = bool(line)
    return subject, blocks, button


def _fact(name: str, value: Any) -> Any:
    """Moments (``…_at``) and dates (``…_on``, ``appeal_until``) come back from the text JSON keeps them as."""
    if not isinstance(value, str):
        return value
    if name.endswith("_at"):
        return parse_datetime(value)
    return parse_date(value) if name.endswith(("_on", "_until")) else value


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> "NoticeQuerySet":
        """A person's own inbox: what has left or may leave now, never what was cancelled.

        Secret ones prove who reads the mailbox, so an open screen must not show them; in the demo no mail leaves.
        """
        inbox = self.filter(recipient=user, leaves_at__lte=timezone.now()).exclude(
            state=NoticeState.CANCELLED
        )
        return inbox if settings.DEMO else inbox.filter(secret=False)

    def unread_first(self) -> "NoticeQuerySet":
        """Unread above read, the newest first in both."""
        unread = Case(When(read_at=None, then=0), default=1)
        return self.order_by(unread, "-leaves_at", "-pk")

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def due(self, now: Any) -> "NoticeQuerySet":
        """Owed, allowed to leave, and not in another worker's hands."""
        return self.filter(
            Q(locked_until=None) | Q(locked_until__lt=now), state=NoticeState.OWED, leaves_at__lte=now
        )

    def late(self, now: datetime) -> "NoticeQuerySet":
        """Owed for so long that something must be wrong with the clock or the mail server."""
        return self.filter(state=NoticeState.OWED, leaves_at__lt=now - terms.LATE)


class Notice(models.Model):
    """A message owed to one person. The row is the queue; ``key`` makes owing it twice impossible.

    ``kind`` names the template ``notices/<kind>.txt``, from which text and HTML are made (:func:`parse_words`);
    ``params`` are the facts it needs, frozen when it was owed.
    """

    key = models.CharField(max_length=200, unique=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="notices",
        verbose_name=_("받는 사람"),
    )
    email = models.EmailField(_("받는 주소"))
    kind = models.CharField(_("종류"), max_length=60)
    params = models.JSONField(default=dict)
    link = models.CharField(_("열 화면"), max_length=300, blank=True)
    language = models.CharField(max_length=5, default="ko")
    secret = models.BooleanField(
        default=False,
        help_text=_("비밀번호 재설정처럼 본인만 보아야 하는 메시지. 보낸 뒤에는 내용을 지웁니다."),
    )
    state = models.CharField(_("상태"), max_length=10, choices=NoticeState, default=NoticeState.OWED)
    leaves_at = models.DateTimeField(_("보낼 시각"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("시도"), default=0)
    locked_until = models.DateTimeField(null=True, editable=False)
    error = models.CharField(_("오류"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("만든 시각"), auto_now_add=True)
    sent_at = models.DateTimeField(_("보낸 시각"), null=True)
    read_at = models.DateTimeField(_("읽은 시각"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("알림")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="notice_sent_iff_sent_at",
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False)
                | (~Q(state=NoticeState.SENT) & Q(sent_at=None)),
            )
        ]
        indexes = [
            models.Index(fields=["leaves_at"], name="notice_queue", condition=Q(state=NoticeState.OWED)),
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {mask_email(self.email)}"

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a second copy after a crash is recognised as one."""
        domain = settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].strip("> ")
        return f"<notice-{self.pk}-{self.created_at:%Y%m%d%H%M%S}@{domain}>"

    @property
    def url(self) -> str:
        """Where the message leads, as an address that works in a mail."""
        return settings.SITE_URL.rstrip("/") + self.link if self.link.startswith("/") else self.link

    @property
    def facts(self) -> dict[str, Any]:
        """``params`` with moments and dates read from their ISO text."""
        return {name: _fact(name, value) for name, value in self.params.items()}

    @property
    def about(self) -> str:
        """For lists inside the portal, where the reader is known: the person, project, company and call in full."""
        facts = (str(self.params.get(name, "")) for name in ("name", "project", "company", "call"))
        return " · ".join(fact for fact in facts if fact)

    def _parts(self) -> tuple[str, list[Block], str]:
        """Subject, blocks and button in the active language; plain text, so nothing is escaped yet."""
        text = get_template(f"notices/{self.kind}.txt").template  # type: ignore[attr-defined]
        return parse_words(text.render(Context({**self.facts, "notice": self}, autoescape=False)))

    def in_words(self) -> Message:
        """Render the message in the recipient's language."""
        with translation.override(self.language):
            subject, blocks, button = self._parts()
            context = {
                "subject": subject,
                "blocks": blocks,
                "button_label": button,
                "button_url": self.url if button else "",
                "recipient_name": self.recipient.name if self.recipient else "",
            }
            text = render_to_string("notices/_layout.txt", context).strip() + "\n"
            html = render_to_string("notices/_layout.html", context)
        return Message(subject, re.sub(r"\n{3,}", "\n\n", text), html, blocks, button)

    @property
    def subject(self) -> str:
        """For lists: the first line alone, without dressing the mail."""
        with translation.override(self.language):
            return self._parts()[0]
