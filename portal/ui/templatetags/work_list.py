"""What the admin's lists need beside Django's own tags."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_CELL = re.compile(r"^<t[dh]")


@register.filter
def labelled(cells: Iterable[str], headers: Iterable[dict[str, Any]]) -> Iterator[SafeString]:
    """Django's cells of one row, each with the name of its column: on a phone, where rows are cards, it stands there."""
    for cell, header in zip(cells, headers, strict=False):
        name = "" if "checkbox" in str(header.get("class_attrib", "")) else header["text"]
        empty = mark_safe(" data-empty") if strip_tags(cell).strip() in ("", "-") else ""
        extra = format_html(' data-label="{}"{}', name, empty)
        opening = _CELL.match(cell)
        end = opening.end() if opening else 0
        yield mark_safe(cell[:end] + extra + cell[end:])  # noqa: S308 -- Django's own cell, and what was escaped above
