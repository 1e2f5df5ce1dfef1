"""What this step knows of a project, for pages of the steps before it: their templates ask, their code never imports.

``{% load rankings %}`` · ``{% wishes as wishes %}`` · ``{% standing_on project as standing %}`` ·
``{% review_of project as review %}``
"""

from typing import Any

from django import template
from django.utils import timezone

from projects.applications.models import Application
from projects.applications.states import RANKING, ApplicationState
from projects.models import Project
from projects.rankings.actions import review_progress
from projects.rankings.models import Interest, RankList

register = template.Library()
#: Nobody was judged yet: the person can still hand in.
WRITING = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN})


@register.simple_tag(takes_context=True)
def wishes(context: dict[str, Any]) -> dict[str, Any]:
    """Of the person who reads: the calls they may choose projects in now, and the projects on their lists.

    Asked once per request, two queries at most; none for people who rank nothing.
    """
    request = context["request"]
    found: dict[str, Any] | None = getattr(request, "_wishes", None)
    if found is None:
        user, found = request.user, {"calls": frozenset(), "listed": frozenset()}
        if user.is_authenticated and hasattr(user, "trainee"):
            own = Application.objects.filter(trainee=user.trainee).ranking(timezone.now())
            found["calls"] = frozenset(own.values_list("call", flat=True))
        if found["calls"]:
            found["listed"] = RankList.objects.listed_by(user)
        request._wishes = found
    return found


@register.simple_tag(takes_context=True)
def standing_on(context: dict[str, Any], project: Project) -> dict[str, bool]:
    """What a trainee may do with an offered project: mark it once they applied to its call, else apply first."""
    user = context["request"].user
    if not user.is_authenticated or not hasattr(user, "trainee") or not project.is_offered:
        return {}
    application = Application.objects.filter(trainee=user.trainee, call=project.call_id).first()
    if application is not None and application.state in RANKING:
        interested = Interest.objects.filter(application=application, project=project).exists()
        return {"may_mark": True, "interested": interested}
    # who was refused or placed is not sent round in circles
    applying = application is None or application.state in WRITING
    return {"should_apply": applying and project.call.takes_applications}


@register.simple_tag
def review_of(project: Project) -> dict[str, int]:
    """How far the company is with judging the candidates of one project."""
    return review_progress([project])[project.pk]
