from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from portal.notices.actions import notice, owe
from portal.notices.models import Notice
from projects.applications.models import Application

#: When many are refused at once. Each comes once in a call; after the second nothing can be put right.
AT_SEALING, AT_PUBLICATION = "sealing", "publication"


def _to_trainee(application: Application, kind: str, key: int | str, **params: Any) -> Notice:
    return notice(
        application.trainee.user,
        kind,
        f"{kind}:{application.pk}:{key}",
        link=reverse("home:start"),
        call=application.call.title,
        reference=application.reference,
        **params,
    )


def application_submitted(application: Application, event_id: int) -> None:
    moment = application.call.rankings_due_at
    due_at = moment.isoformat() if moment else ""
    owe([_to_trainee(application, "application_submitted", event_id, rankings_due_at=due_at)])


def application_returned(application: Application, event_id: int) -> None:
    due_at = application.call.rankings_due_at  # what was sent back is answered until lists are sealed
    facts = {"comment": application.comment, "due_at": due_at.isoformat() if due_at else ""}
    owe([_to_trainee(application, "application_returned", event_id, **facts)])


def application_accepted(application: Application, event_id: int) -> None:
    owe([_to_trainee(application, "application_accepted", event_id)])


def _refused(application: Application, key: int | str) -> Notice:
    return _to_trainee(
        application,
        "application_refused",
        key,
        reason=application.ineligible_reason,
        comment=application.comment,
        final=key == AT_PUBLICATION,
    )


def application_refused(application: Application, event_id: int) -> None:
    owe([_refused(application, event_id)])


def applications_refused(applications: Iterable[Application], occasion: str) -> None:
    """The same for many at once, on an occasion that comes once in a call: one message for each."""
    owe(_refused(application, occasion) for application in applications)


def application_withdrawn(application: Application, event_id: int) -> None:
    owe([_to_trainee(application, "application_withdrawn", event_id)])
