"""Why it was somebody's turn, in one line."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.placements.states import PassedOver

#: What became of all who stood before, if it is the same of all.
_ALL: Mapping[str, Callable[[int], str]] = {
    PassedOver.SEATED: lambda count: ngettext(
        "앞선 %(count)d명이 다른 자리를 수락해 차례가 왔습니다.",
        "앞선 %(count)d명이 다른 자리를 수락해 차례가 왔습니다.",
        count,
    ),
    PassedOver.HERE: lambda count: ngettext(
        "앞선 %(count)d명이 먼저 차례를 받았고, 자리가 더 있어 차례가 왔습니다.",
        "앞선 %(count)d명이 먼저 차례를 받았고, 자리가 더 있어 차례가 왔습니다.",
        count,
    ),
    PassedOver.ELSEWHERE: lambda count: ngettext(
        "앞선 %(count)d명이 더 희망한 자리를 제안받아 차례가 왔습니다.",
        "앞선 %(count)d명이 더 희망한 자리를 제안받아 차례가 왔습니다.",
        count,
    ),
    PassedOver.DECLINED: lambda count: ngettext(
        "앞선 %(count)d명이 거절하거나 답하지 않아 차례가 왔습니다.",
        "앞선 %(count)d명이 거절하거나 답하지 않아 차례가 왔습니다.",
        count,
    ),
    PassedOver.LEFT: lambda count: ngettext(
        "앞선 %(count)d명이 예비에서 빠져 차례가 왔습니다.",
        "앞선 %(count)d명이 예비에서 빠져 차례가 왔습니다.",
        count,
    ),
    PassedOver.PAUSED: lambda count: ngettext(
        "앞선 %(count)d명을 지금은 부를 수 없어 차례가 왔습니다.",
        "앞선 %(count)d명을 지금은 부를 수 없어 차례가 왔습니다.",
        count,
    ),
    PassedOver.FULL: lambda count: ngettext(
        "이 회사가 더 받을 수 있는 인원이 없어, 앞선 %(count)d명 대신 같은 회사에 자리가 있는 사람에게 차례가 왔습니다.",
        "이 회사가 더 받을 수 있는 인원이 없어, 앞선 %(count)d명 대신 같은 회사에 자리가 있는 사람에게 차례가 왔습니다.",
        count,
    ),
}


def why_called(reserve_no: int | None, passed: Mapping[str, int]) -> str:
    """``예비 3번: 앞선 2명이 …`` from the number and what became of those before it; empty for who was not called."""
    if not reserve_no:
        return ""
    count = sum(passed.values())
    if not count:
        why = _("가장 앞선 순번입니다.")
    elif len(passed) == 1:
        [(code, _count)] = passed.items()
        why = _ALL[code](count) % {"count": count}
    else:
        parts = [
            _("%(what)s %(count)d명") % {"what": PassedOver(code).label, "count": passed[code]}
            for code in PassedOver.values
            if code in passed
        ]
        why = _("앞선 %(count)d명(%(parts)s)에 이어 차례가 왔습니다.") % {
            "count": count,
            "parts": ", ".join(parts),
        }
    return _("예비 %(number)d번: %(why)s") % {"number": reserve_no, "why": why}


def why_called_of(facts: Mapping[str, Any]) -> str:
    """The same from what a message keeps."""
    return why_called(facts.get("reserve_no"), facts.get("passed") or {})
