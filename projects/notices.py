from typing import Any

from django.urls import reverse

from portal.accounts.models import StaffMember, User
from portal.companies.notices import MANAGING, members_of
from portal.companies.states import CompanyState
from portal.notices.actions import notice, owe
from projects.models import Call, Draw, Project


def _tell(project: Project, kind: str, event_id: int, **params: Any) -> None:
    link = reverse("projects:project-manage", args=[project.pk])
    owe(
        notice(user, kind, f"{kind}:{project.pk}:{event_id}", link=link, project=project.title, **params)
        for user in members_of(project.company, MANAGING)
    )


def project_submitted(project: Project, event_id: int) -> None:
    _tell(project, "project_submitted", event_id)


def project_returned(project: Project, event_id: int) -> None:
    due_at = project.completion_due_at
    _tell(
        project,
        "project_returned",
        event_id,
        reason=project.decision_reason,
        due_at=due_at.isoformat() if due_at else "",
    )


def project_decided(project: Project, event_id: int, *, excluded: bool = False) -> None:
    _tell(
        project,
        "project_decided",
        event_id,
        state=project.state,
        reason=project.decision_reason,
        barred=project.company.state == CompanyState.SUSPENDED,
        excluded=excluded,
    )


def results_postponed(call: Call, reason: str, people: list[User], event_id: int) -> None:
    day = call.announce_on.isoformat() if call.announce_on else ""
    owe(
        notice(
            user,
            "results_postponed",
            f"results-postponed:{event_id}",
            link=reverse("home:start"),
            call=call.title,
            announce_on=day,
            reason=reason,
        )
        for user in people
    )


def deadline_extended(call: Call, kind: str, people: list[User], event_id: int) -> None:
    """An extension applies to everybody: everybody who takes part is told."""
    due_at = getattr(call, f"{kind}_due_at").isoformat()
    owe(
        notice(
            user,
            "deadline_extended",
            f"deadline-extended:{event_id}",
            link=reverse("home:start"),
            call=call.title,
            kind=kind,
            due_at=due_at,
        )
        for user in people
    )


def _office() -> list[User]:
    return [
        member.user
        for member in StaffMember.objects.filter(ended_on=None, user__is_active=True).select_related("user")
    ]


def draw_value_due(draw: Draw) -> None:
    """Lists are sealed: no final match before the office has typed in and confirmed the public value."""
    owe(
        notice(
            user,
            "draw_value_due",
            f"draw-value-due:{draw.pk}",
            link=reverse("admin:projects_draw_change", args=[draw.pk]),
            call=draw.call.title,
            source=draw.source,
            known_on=draw.known_on.isoformat() if draw.known_on else "",
        )
        for user in _office()
    )


def draw_value_entered(draw: Draw, by: User, event_id: int) -> None:
    """Everybody of the office but the one who typed it can confirm."""
    owe(
        notice(
            user,
            "draw_value_entered",
            f"draw-value-entered:{event_id}",
            link=reverse("admin:projects_draw_change", args=[draw.pk]),
            call=draw.call.title,
            source=draw.source,
        )
        for user in _office()
        if user.pk != by.pk
    )
