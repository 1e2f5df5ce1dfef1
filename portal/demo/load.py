"""Many rows at once: COPY into the real tables, so that every constraint and trigger still has its say."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection, models
from django.utils import timezone

from portal.audit.models import Event, Origin

CHUNK = 50_000
MANY = 5_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def spare_triggers() -> None:
    """Say, until the transaction ends, that no trigger is to be ignored.

    Every trigger first looks for such a list; where there is none, each row pays for a caught exception, ten times
    what the trigger itself costs.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")


def reserve_ids(model: type[models.Model], count: int) -> Iterator[int]:
    """The next ``count`` ids of a table, taken from its sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return iter([row[0] for row in cursor.fetchall()])


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return str(value)


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY ``rows`` into a table in chunks of bounded memory; returns how many."""
    names = ", ".join(f'"{column}"' for column in columns)
    rows, count = iter(rows), 0
    with connection.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK)):
            text = io.StringIO("".join("\t".join(map(_cell, row)) + "\n" for row in chunk))
            with connection.wrap_database_errors:  # psycopg's own errors become Django's
                cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', text)
            count += len(chunk)
        if count > MANY:  # triggers look rows up: a plan made while the table was small would read all of it
            cursor.execute(f'ANALYZE "{table}"')
    return count


def load(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], **same: Any
) -> int:
    """COPY rows of ``columns``; ``same`` and the fields' own defaults fill the other columns."""
    fields = {field.column: field for field in model._meta.concrete_fields if not field.generated}
    rest = {
        name: field.get_default()
        for name, field in fields.items()
        if name not in columns and not field.primary_key and name not in same
    }
    rest |= {
        name: timezone.now()
        for name in rest
        if getattr(fields[name], "auto_now", False) or getattr(fields[name], "auto_now_add", False)
    }
    tail = tuple((rest | same).values())
    return copy_rows(model._meta.db_table, [*columns, *rest, *same], ((*row, *tail) for row in rows))


class History:
    """The audit lines of moves that were loaded and not acted; each says so."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []

    def write(
        self,
        verb: str,
        model: type[models.Model],
        pk: object,
        at: datetime,
        by: int | None = None,
        **data: Any,
    ) -> None:
        facts = {"seeded": True, **data}
        self._rows.append((verb, model._meta.label, str(pk), by, at, facts))

    def save(self) -> int:
        """Write the lines, the oldest first."""
        self._rows.sort(key=lambda row: row[4])
        count = load(
            Event,
            ("verb", "label", "object_id", "by_id", "at", "data"),
            self._rows,
            origin=Origin.CLOCK,
            ip=None,
        )
        self._rows.clear()
        return count
