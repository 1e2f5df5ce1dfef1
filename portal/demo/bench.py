"""Two what-if scenarios of a run, as an operator prepares them before the agency decides."""

from typing import Any

from matching.models import MatchRun
from matching.scenarios.actions import make_scenario
from matching.states import Adjustment
from portal.accounts.models import User
from projects.models import Participation, Project


def prepare_scenarios(run: MatchRun, by: User) -> None:
    """One more place where most people wait; and a project below its minimum opened all the same, or else left out."""
    lines = sorted((run.figures or {})["projects"], key=lambda line: (-line["waiting"], line["project"]))
    if not lines:
        return
    wanted = Project.objects.select_related("company").get(pk=lines[0]["project"])
    capped = Participation.objects.filter(call=run.call_id, company=wanted.company_id, cap__isnull=False)
    one_more: dict[str, Any] = {
        "kind": Adjustment.PLACES.value,
        "project": wanted.pk,
        "places": lines[0]["capacity"] + 1,
        "capped": capped.exists(),
        "note": "회사 대표가 한 명을 더 받겠다고 전화로 동의함",
    }
    _make(run, "가장 붐비는 과제 한 자리 더", "대기자가 가장 많은 과제에 한 자리를 더하면?", one_more, by)
    closed = [line for line in lines if line["closed"]]
    last = closed[0] if closed else lines[-1]
    if closed:
        change = {"kind": Adjustment.MINIMUM.value, "project": last["project"], "minimum": 0, "note": ""}
        _make(run, "최소 인원 없이 열기", "최소 인원에 못 미친 과제를 그대로 열면?", change, by)
    else:
        change = {"kind": Adjustment.EXCLUDE.value, "project": last["project"], "note": ""}
        _make(run, "한산한 과제 빼기", "대기자가 가장 적은 과제를 빼면?", change, by)


def _make(run: MatchRun, name: str, note: str, change: dict[str, Any], by: User) -> None:
    make_scenario(run, name=name, note=note, rule=run.call.rule_set.tie_rule, changes=[change], by=by)
