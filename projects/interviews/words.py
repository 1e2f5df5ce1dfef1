"""How a form of an interview is told, and what must not stand on one."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.interviews.models import InterviewForm
from projects.interviews.states import Criterion, FormState

#: What must not be asked, as people are told.
FORBIDDEN = _("성별, 나이, 결혼과 가족, 출신 지역, 종교, 외모는 묻지도 적지도 마세요.")


def result_of(form: InterviewForm | None) -> dict[str, Any] | None:
    """What a finished form says, beside a candidate; None while it is a draft, which only its page shows."""
    if form is None or form.state != FormState.FINAL:
        return None
    return {
        "points": [
            {"label": Criterion(name).label, "points": points, "most": 5}
            for name, points in form.points.items()
        ],
        "notes": form.notes,
        "by": form.by.name,
    }
