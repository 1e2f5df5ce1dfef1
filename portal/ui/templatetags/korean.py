"""Filters for words, money, dates and names; what they mean stands in ``portal/ui/korean.py``."""

from datetime import date, datetime

from django import template

from portal.ui import korean

register = template.Library()

for function in (korean.josa, korean.won, korean.points, korean.dday, korean.mask_name, korean.mask_phone):
    register.filter(function)


def _glued(text: str, autoescape: bool) -> str:
    """A date on a page stays on one line, with its particle; plain text (a mail, without escaping) keeps plain signs."""
    if not autoescape:
        return text
    return korean.unbroken(text) + (korean.JOINER if text.endswith(")") else "")


@register.filter(needs_autoescape=True)
def kdate(day: date | None, autoescape: bool = True) -> str:
    return _glued(korean.kdate(day), autoescape)


@register.filter(needs_autoescape=True)
def kdatetime(moment: date | None, autoescape: bool = True) -> str:
    return _glued(korean.kdatetime(moment), autoescape)


@register.filter(needs_autoescape=True)
def kstamp(moment: datetime | None, autoescape: bool = True) -> str:
    return _glued(korean.kstamp(moment), autoescape)


@register.filter(needs_autoescape=True)
def kperiod(first: date | None, last: date | None, autoescape: bool = True) -> str:
    """``{{ placement.starts_on|kperiod:placement.ends_on }}``."""
    return _glued(korean.kperiod(first, last), autoescape)


@register.filter(needs_autoescape=True, is_safe=True)
def unbroken(text: object, autoescape: bool = True) -> str:
    return korean.unbroken(text) if autoescape else str(text)
