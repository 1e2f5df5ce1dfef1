"""Lucide pictures, drawn into the page: no request, no flash, the colour of the text around them."""

import re
from functools import cache

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

FOLDER = settings.BASE_DIR / "static" / "vendor" / "lucide"


@cache
def _shapes(name: str) -> SafeString:
    """What stands inside ``<svg>`` in the vendored file; an unknown name is a slip of ours and raises."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(f"not the name of an icon: {name!r}")
    source = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    inside = source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]
    return mark_safe(" ".join(inside.split()))  # noqa: S308 -- our own vendored file


@cache
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """One icon as SVG. Without a label it is decoration; with one it is read aloud."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="i-icon{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" focusable="false" {}>{}</svg>',
        f" {extra}" if extra else "", spoken, _shapes(name),
    )  # fmt: skip
