"""What the parts of a fit are called."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.fit.models import FitRow

PARTS = {
    "required": _("필수 기술"),
    "preferred": _("우대 기술"),
    "interest": _("관심 분야"),
    "hours": _("교육 시간"),
    "place": _("지역·근무 방식"),
    "availability": _("시작할 수 있는 날"),
}


def said_parts(fit: FitRow) -> list[dict[str, Any]]:
    """Each part that counts, as parts of the percentage: ``label``, ``points``, ``most`` and both ``said``."""
    return [
        {"label": PARTS[name], "points": points, "most": most, "said": f"{points / 10:g} / {most / 10:g}"}
        for name, (points, most) in fit.parts.items()
        if most
    ]
