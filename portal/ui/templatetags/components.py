"""Components of the page. Each is described in ``portal/ui/README.md`` and shown in the gallery."""

from datetime import date

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import badges, forms, icons, korean

register = template.Library()


# --- pictures and badges ------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    return icons.icon(name, extra, str(label))


@register.simple_tag
def badge(text: object, tone: str = "neutral", icon: str = "") -> SafeString:
    picture = icons.icon(icon) if icon else ""
    return format_html('<span class="i-badge i-badge--{}">{}{}</span>', tone, picture, text)


@register.simple_tag
def state_badge(obj: object, field: str = "state") -> SafeString:
    """The state of an object in its words, colour and picture."""
    look = badges.look_of(getattr(obj, field))
    return badge(getattr(obj, f"get_{field}_display")(), look.tone, look.icon)


@register.simple_tag
def value_badge(value: str, text: object) -> SafeString:
    """A state that is a bare value, in words of your own."""
    look = badges.look_of(value)
    return badge(text, look.tone, look.icon)


@register.simple_tag
def dday_badge(day: date | None, prefix: object = "", today: date | None = None) -> SafeString:
    if day is None:
        return mark_safe("")
    look = badges.look_of_deadline(day, today)
    text = korean.dday(day, today)
    return badge(f"{prefix} {text}" if prefix else text, look.tone, look.icon)


@register.simple_tag
def count_badge(count: int | None, label: object = "") -> SafeString:
    """A small number beside a word; nothing when there is nothing."""
    if not count:
        return mark_safe("")
    shown = "99+" if count > 99 else count
    return format_html(
        '<span class="i-count">{}<span class="i-sr"> {}</span></span>', shown, label or _("건")
    )


# --- wrappers -----------------------------------------------------------------------------------

NOTE_ICONS = {"info": "info", "good": "circle-check", "warn": "triangle-alert", "danger": "shield-alert"}


@register.simple_block_tag
def note(content: str, tone: str = "info", title: object = "", role: str = "") -> SafeString:
    """``{% note "warn" title="…" %}<p>…</p>{% endnote %}``."""
    return format_html(
        '<div class="i-note i-note--{}"{}>{}<div class="i-note__text">{}{}</div></div>',
        tone,
        format_html(' role="{}"', role) if role else "",
        icons.icon(NOTE_ICONS[tone]),
        format_html('<p class="i-note__title">{}</p>', title) if title else "",
        content,
    )


@register.simple_block_tag
def empty_state(content: str, heading: object, icon: str = "inbox", level: int = 2) -> SafeString:
    """``{% empty_state heading="…" icon="search" %}<p>…</p>{% endempty_state %}``; actions go inside."""
    return format_html(
        '<div class="i-empty"><span class="i-empty__picture">{}</span>'
        '<h{} class="i-empty__heading">{}</h{}><div class="i-empty__text">{}</div></div>',
        icons.icon(icon), level, heading, level, content,
    )  # fmt: skip


@register.simple_block_tag
def disclosure(content: str, summary: object, opened: bool = False) -> SafeString:
    """``{% disclosure "표로 보기" %}…{% enddisclosure %}``: folded, works without JavaScript."""
    return format_html(
        '<details class="i-disclosure"{}><summary>{}{}</summary><div class="i-disclosure__body">{}</div></details>',
        mark_safe(" open") if opened else "", icons.icon("chevron-right"), summary, content,
    )  # fmt: skip


@register.simple_block_tag
def table_region(content: str, label: object) -> SafeString:
    """Around a ``<table class="i-table">``: scrolls sideways by itself, with the keyboard too."""
    return format_html(
        '<div class="i-table-region" role="region" aria-label="{}" tabindex="0">{}</div>', label, content
    )


# --- forms --------------------------------------------------------------------------------------


register.filter(forms.said_errors)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*bound) -> dict:
    """``{% error_summary form formset %}``: takes the focus when the page opens or the part is swapped."""
    links = forms.error_links(*(one for one in bound if one))
    heading = ngettext(
        "입력한 내용에 고칠 곳이 %(count)d개 있습니다",
        "입력한 내용에 고칠 곳이 %(count)d개 있습니다",
        len(links),
    )
    return {"links": links, "heading": heading % {"count": len(links)}}


# --- finding one's way --------------------------------------------------------------------------


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*pairs) -> dict:
    """``{% breadcrumbs "프로젝트" list_url project.title %}``: label and address in turn, the last is where we are."""
    crumbs = [{"label": label, "url": url} for label, url in zip(pairs[0:-1:2], pairs[1::2], strict=True)]
    try:
        crumbs.insert(0, {"label": _("홈"), "url": reverse("home:home")})
    except NoReverseMatch:  # the gallery stands alone
        crumbs.insert(0, {"label": _("홈"), "url": "/"})
    return {"crumbs": crumbs, "here": pairs[-1]}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context, page, target: str = "") -> dict:
    """Pages of a Django ``Page``; with ``target`` htmx swaps the element of that id. Keeps the other GET parameters."""
    numbers = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return {
        "request": context["request"],
        "page": page,
        "numbers": numbers,
        "gap": page.paginator.ELLIPSIS,
        "target": target,
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def keyset_pagination(context, previous: str = "", following: str = "", target: str = "") -> dict:
    """Earlier and later of a keyset list: the two values of ``after``/``before`` links, already as query strings."""
    return {"request": context["request"], "previous": previous, "following": following, "target": target}


# --- figures ------------------------------------------------------------------------------------


def _read(row, key: str, default=None):
    return row.get(key, default) if isinstance(row, dict) else getattr(row, key, default)


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}" if whole else "0"


@register.inclusion_tag("components/bars.html")
def bars(
    rows, caption: object, unit: object = "", show_caption: bool = True, top: float | None = None
) -> dict:
    """A table that is a bar chart. Row: label, value, and perhaps url, note, tone."""
    rows = list(rows)
    top = top or max((_read(row, "value") or 0 for row in rows), default=0)
    drawn = [
        {
            "label": _read(row, "label"),
            "value": _read(row, "value") or 0,
            "width": _share(_read(row, "value") or 0, top),
            "url": _read(row, "url", ""),
            "note": _read(row, "note", ""),
            "tone": _read(row, "tone", ""),
        }
        for row in rows
    ]
    return {
        "rows": drawn,
        "caption": caption,
        "unit": unit,
        "show_caption": show_caption,
        "has_notes": any(row["note"] for row in drawn),
    }


@register.inclusion_tag("components/stacked_bars.html")
def stacked_bars(rows, series, caption: object, unit: object = "") -> dict:
    """Rows with ``label``, ``values`` (one per series) and perhaps ``url``; up to five series."""
    rows = list(rows)
    series = [{"label": label, "number": number} for number, label in enumerate(series, start=1)]
    top = max((sum(_read(row, "values")) for row in rows), default=0)
    drawn = []
    for row in rows:
        values, start, parts = list(_read(row, "values")), 0, []
        for number, value in enumerate(values, start=1):
            parts.append(
                {"number": number, "value": value, "x": _share(start, top), "width": _share(value, top)}
            )
            start += value
        drawn.append(
            {"label": _read(row, "label"), "url": _read(row, "url", ""), "parts": parts, "total": start}
        )
    return {"rows": drawn, "series": series, "caption": caption, "unit": unit}


@register.inclusion_tag("components/progress.html")
def progress(value: int, maximum: int, label: object, unit: object = "", stage: object = "") -> dict:
    """How much is done, as a bar and in words."""
    percent = round(100 * value / maximum) if maximum else 0
    return {
        "value": value,
        "maximum": maximum or 1,
        "label": label,
        "unit": unit,
        "stage": stage,
        "percent": percent,
    }


# --- tasks --------------------------------------------------------------------------------------


@register.simple_tag
def task_badge(state: str) -> SafeString:
    """The five states of a task in a task list: todo, progress, done, locked, late."""
    words = {
        "todo": _("시작 전"),
        "progress": _("작성 중"),
        "done": _("완료"),
        "locked": _("아직 할 수 없음"),
        "late": _("기한 지남"),
    }
    look = badges.RESTING if state == "locked" else badges.look_of(state)
    return badge(words[state], look.tone, "lock" if state == "locked" else look.icon)
