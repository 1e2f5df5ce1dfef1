"""Writing history. Called inside the transaction of what it tells about."""

from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from portal.audit.models import APPEND_ONLY, Access, ChainLink, Event, Origin

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


# --- the chain ----------------------------------------------------------------------------------------

#: So long after a link its newest rows are surely committed, with every number drawn before them.
SETTLED = timedelta(hours=1)
#: So many numbers go into one link at most: a digest of 32 bytes a row is gathered in memory.
MOST = 1_000_000


def kept_tables() -> list[type[models.Model]]:
    """Tables whose rows are added and never changed."""
    append_only = APPEND_ONLY[0]
    return [
        model
        for model in apps.get_models()
        if model is not ChainLink and append_only in getattr(model._meta, "triggers", ())
    ]


def _digest(link: ChainLink, after: ChainLink | None) -> tuple[int, str]:
    """Rows and digest of what ``link`` covers, as the table stands now."""
    columns = ", ".join(map(connection.ops.quote_name, link.columns))
    with connection.cursor() as cursor:
        # moments are written in the zone of the session
        cursor.execute("SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true)")
        cursor.execute(
            f"""
            SELECT count(*), encode(sha256(convert_to(%s, 'UTF8') || coalesce(string_agg(
                sha256(convert_to(ROW({columns})::text, 'UTF8')), ''::bytea ORDER BY id), ''::bytea)), 'hex')
            FROM {connection.ops.quote_name(link.table)} WHERE id > %s AND id <= %s
            """,  # noqa: S608 -- names of our own tables and columns, quoted
            [after.digest if after else link.table, after.last_id if after else 0, link.last_id],
        )
        rows, digest = cursor.fetchone()
    return rows, digest


@transaction.atomic
def extend_chain() -> int:
    """Add a link to every table with new rows; how many links. Rows come in with the link after the one that saw them.

    Doing it again within the hour adds nothing. O(new rows), one statement a link.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit.chain'))")
    return sum(1 for model in kept_tables() for _link in _extend(model))


def _extend(model: type[models.Model]) -> Iterator[ChainLink]:
    table = model._meta.db_table
    newest = model._base_manager.aggregate(newest=models.Max("pk"))["newest"] or 0
    last = ChainLink.objects.filter(table=table).last()
    if last is not None and (last.at > timezone.now() - SETTLED or last.last_id == newest):
        return
    columns = [field.column for field in model._meta.concrete_fields]
    seen, covered = (last.seen_id, last.last_id) if last else (0, 0)
    while True:
        link = ChainLink(table=table, columns=columns, last_id=min(seen, covered + MOST), seen_id=newest)
        link.rows, link.digest = _digest(link, last)
        link.save(force_insert=True)
        yield link
        last, covered = link, link.last_id
        if covered == seen:
            return


def broken_links() -> list[ChainLink]:
    """Every link that its table no longer bears out: a row was changed, added or taken away. O(rows)."""
    broken, known = [], {model._meta.db_table: model for model in kept_tables()}
    last: ChainLink | None = None
    with transaction.atomic():
        for link in ChainLink.objects.order_by("table", "pk"):
            before = last if last is not None and last.table == link.table else None
            model = known.get(link.table)
            there = {field.column for field in model._meta.concrete_fields} if model else set()
            if not there.issuperset(link.columns) or _digest(link, before) != (link.rows, link.digest):
                broken.append(link)
            last = link
    return broken
