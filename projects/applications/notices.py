from typing import Any

from django.urls import reverse

from portal.notices.actions import notice, owe
from projects.applications.models import Application


def _tell(application: Application, kind: str, event_id: int, **params: Any) -> None:
    user = application.trainee.user
    owe(
        [
            notice(
                user,
                kind,
                f"{kind}:{application.pk}:{event_id}",
                link=reverse("home:start"),
                call=application.call.title,
                reference=application.reference,
                **params,
            )
        ]
    )


def application_submitted(application: Application, event_id: int) -> None:
    moment = application.call.rankings_due_at
    _tell(
        application, "application_submitted", event_id, rankings_due_at=moment.isoformat() if moment else ""
    )


def application_returned(application: Application, event_id: int) -> None:
    _tell(application, "application_returned", event_id, comment=application.comment)


def application_accepted(application: Application, event_id: int) -> None:
    _tell(application, "application_accepted", event_id)


def application_refused(application: Application, event_id: int) -> None:
    _tell(
        application,
        "application_refused",
        event_id,
        reason=application.ineligible_reason,
        comment=application.comment,
    )


def application_withdrawn(application: Application, event_id: int) -> None:
    _tell(application, "application_withdrawn", event_id)
