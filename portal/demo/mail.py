"""Where the demo's mail goes: nowhere. The Notice row keeps every message, to be read inside."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class KeepBackend(BaseEmailBackend):
    """Accepts every message and drops it, so that none leaves the machine and none piles up in a worker's memory."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return len(email_messages)
