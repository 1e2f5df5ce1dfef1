"""What the published match says of a call, for pages of the steps before it.

``{% load matching %}`` · ``{% closed_projects call as closed %}`` ·
``{{ closed|told_of:project }}``
"""

from collections.abc import Mapping
from typing import Any

from django import template

from matching.models import MatchRun
from matching.states import RunState
from projects.models import Call, Project

register = template.Library()


@register.simple_tag
def closed_projects(call: Call) -> dict[int, dict[str, Any]]:
    """Project id -> ``reached`` and ``minimum``, of those that did not reach it: as the certificate shows everybody."""
    run = MatchRun.objects.light().filter(call=call, state=RunState.PUBLISHED).first()
    lines = (run.figures or {}).get("projects", []) if run is not None else []
    return {line["project"]: line for line in lines if line["closed"]}


@register.filter
def told_of(closed: Mapping[int, dict[str, Any]], project: Project) -> dict[str, Any] | None:
    return closed.get(project.pk)
