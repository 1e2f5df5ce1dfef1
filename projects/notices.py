from typing import Any

from django.urls import reverse

from portal.accounts.models import User
from portal.companies.notices import MANAGING, members_of
from portal.companies.states import CompanyState
from portal.notices.actions import notice, owe
from projects.models import Call, Project


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
