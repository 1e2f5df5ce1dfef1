"""Turns what an action refused into the sentence a person reads: the edge knows words, actions don't."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from portal.ui.korean import kdate, kdatetime
from portal.workflow import IllegalMove, Refused, Stale


def _worded(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return kdatetime(fact)
    if isinstance(fact, date):
        return kdate(fact)
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(str(_worded(item)) for item in fact)
    return fact


def sentence(refusal: IllegalMove | Refused | Stale) -> str:
    """What happened and what to do, in the reader's language."""
    if isinstance(refusal, Stale):
        return _("다른 창이나 다른 사람이 먼저 바꾸었습니다. 지금 내용을 확인하고 다시 해 주세요.")
    if isinstance(refusal, IllegalMove):
        if not refusal.state:
            return _("이미 했거나 지금은 할 수 없는 일입니다. 지금 내용을 확인해 주세요.")
        display = getattr(refusal.obj, "get_state_display", lambda: refusal.state)()
        return _("지금은 할 수 없습니다. 현재 상태: %(state)s") % {"state": display}
    return str(refusal.code.label) % {key: _worded(fact) for key, fact in refusal.facts.items()}
