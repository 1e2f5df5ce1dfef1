"""What a run's adjustments and standings are called."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from matching.snapshot import LIFT
from matching.states import Adjustment
from portal.companies.models import Company
from portal.ui.admin import link
from portal.ui.korean import points
from projects.applications.models import Application
from projects.models import Project


def adjustment_lines(changes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One line per change: ``what`` kind, ``about`` whom, ``how`` it changes, and ``why``."""
    changes = list(changes)
    projects = Project.objects.in_bulk({change["project"] for change in changes if "project" in change})
    companies = Company.objects.in_bulk({change["company"] for change in changes if "company" in change})
    people = Application.objects.select_related("trainee__user").in_bulk(
        {change["application"] for change in changes if "application" in change}
    )
    return [
        {
            "what": Adjustment(change["kind"]).label,
            "about": link(_subject(change, projects, companies, people)),
            "how": _how(change, projects),
            "why": [text for text in (change.get("reason", ""), change["note"]) if text],
        }
        for change in changes
    ]


def _subject(change: Mapping[str, Any], projects: Any, companies: Any, people: Any) -> Any:
    if change["kind"] == Adjustment.FIX:
        return people[change["application"]]
    return companies[change["company"]] if change["kind"] == Adjustment.CAP else projects[change["project"]]


def _how(change: Mapping[str, Any], projects: Mapping[int, Project]) -> Any:
    kind = change["kind"]
    if kind == Adjustment.PLACES:
        return _("%(count)d명으로") % {"count": change["places"]}
    if kind == Adjustment.MINIMUM:
        if not change["minimum"]:
            return _("최소 인원 없이")
        return _("%(count)d명으로") % {"count": change["minimum"]}
    if kind == Adjustment.EXCLUDE:
        return _("이 매칭에서 뺌")
    if kind == Adjustment.FIX:
        return link(projects[change["project"]])
    return _("%(count)d명까지") % {"count": change["cap"]} if change["cap"] is not None else _("상한 없이")


# --- standings ----------------------------------------------------------------------------------------


def company_points(score: float) -> str:
    """A score of the market as the company gave it: two decimals, and none that the sum of floats left."""
    return points(round(score - LIFT, 2))


def fit_percent(score: float) -> str:
    return points(round(score / 10, 1))


def said_standing(score: float | None) -> str:
    """A score of the market in the scale people know: the company's points, or fit where it gave none."""
    if score is None:
        return ""
    if score >= LIFT:
        return _("%(points)s점") % {"points": company_points(score)}
    return _("적합도 %(fit)s%%") % {"fit": fit_percent(score)}
