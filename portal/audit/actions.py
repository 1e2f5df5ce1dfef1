"""Writing history. Called inside the transaction of what it tells about."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.db import models, transaction

from portal.audit.models import Access, Event, Origin

#: (origin, ip) of the request being answered; the clock has none.
request_origin: ContextVar[tuple[str, str | None]] = ContextVar(
    "request_origin", default=(Origin.CLOCK.value, None)
)


def _plain(value: Any) -> Any:
    """A value JSON can hold; rows become their key."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _event(verb: str, label: str, pk: Any, by: Any, data: dict[str, Any]) -> Event:
    origin, ip = request_origin.get()
    return Event(verb=verb, label=label, object_id=str(pk), by=by, origin=origin, ip=ip, data=_plain(data))


def record(verb: str, about: models.Model, *, by: Any, was: str | None = None, **data: Any) -> Event:
    """Write that ``by`` did ``verb`` to ``about``; ``was`` is the state it came from, if it moved."""
    if was is not None:
        data = {"was": was, "now": str(about.state), **data}  # type: ignore[attr-defined]
    event = _event(verb, about._meta.label, about.pk, by, data)
    event.save(force_insert=True)
    return event


def record_all(
    verb: str,
    model: type[models.Model],
    moved: Iterable[tuple[Any, str]],
    *,
    to: str,
    by: Any = None,
    **data: Any,
) -> None:
    """The same for every ``(pk, former state)`` that ``Workflow.move_all`` returned, in one statement."""
    Event.objects.bulk_create(
        [_event(verb, model._meta.label, pk, by, {"was": was, "now": to, **data}) for pk, was in moved],
        batch_size=2000,
    )


def record_access(what: str, *, by: Any, subjects: Iterable[Any], reason: str = "") -> None:
    """Write that ``by`` saw personal data of ``subjects``; seeing one's own is not an access."""
    _, ip = request_origin.get()
    Access.objects.bulk_create(
        [
            Access(by=by, subject=subject, what=what, reason=reason, ip=ip)
            for subject in subjects
            if subject.pk != by.pk
        ]
    )


@transaction.atomic
def open_contact(kind: str, row: Any, *, reason: str, by: Any) -> None:
    """Show how a person is reached, which lists and pages mask; ``kind`` is the noun as ``app.model``."""
    subject = row if row._meta.label_lower == "accounts.user" else row.user
    record("open_contact", row, by=by, reason=reason)
    if subject is not None:
        record_access(f"{kind}.contact", by=by, subjects=[subject], reason=reason)
