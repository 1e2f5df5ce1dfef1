"""How well a project suits the person who reads, for pages of earlier steps and of later ones.

``{% load fit %}`` · ``{% fit_of project as fit %}`` · ``{{ fit|fit_parts }}``
"""

from typing import Any

from django import template

from projects.applications.models import Application
from projects.applications.states import RANKING
from projects.fit.actions import fits_of_page
from projects.fit.models import FitRow
from projects.fit.words import said_parts
from projects.models import Project

register = template.Library()
register.filter("fit_parts", said_parts)


@register.simple_tag(takes_context=True)
def fit_of(context: dict[str, Any], project: Project) -> FitRow | None:
    """Of a trainee who applied to the project's call, by today's profile, while projects are chosen."""
    user = context["request"].user
    if not user.is_authenticated or not hasattr(user, "trainee") or not project.is_offered:
        return None
    if project.call.is_sealed:
        return None
    own = Application.objects.filter(trainee=user.trainee, call=project.call_id, state__in=RANKING).first()
    return fits_of_page([own], project)[own.pk] if own else None
