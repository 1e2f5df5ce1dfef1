from collections.abc import Mapping
from typing import Any

from django import template

from projects.placements import words
from projects.placements.models import Placement

register = template.Library()


@register.filter
def why_called(called: Placement | Mapping[str, Any] | str) -> str:
    """Why it was this one's turn: of a placement, or of what a message keeps of one."""
    if isinstance(called, Placement):
        return words.why_called(called.reserve_no, called.passed)
    return words.why_called_of(called) if isinstance(called, Mapping) else ""
