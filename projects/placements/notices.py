from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from portal.companies.notices import members_of
from portal.notices.actions import notice, owe
from portal.notices.models import Notice
from projects.placements.models import Placement
from projects.placements.states import PlacementSource


def _to_trainee(placement: Placement, kind: str, key: str, **params: Any) -> Notice:
    return notice(
        placement.trainee.user,
        kind,
        f"{key}:{placement.pk}",
        link=reverse("placements:placement-detail", args=[placement.pk]),
        leaves_at=placement.offered_at if kind == "placement_offered" else None,
        project=placement.project.title,
        company=placement.company.name,
        answer_due_at=placement.answer_due_at.isoformat(),
        **params,
    )


def placements_offered(placements: Iterable[Placement]) -> None:
    """The offer, and whether it is a match or a reserve number that was called."""
    owe(
        _to_trainee(
            placement,
            "placement_offered",
            "placement-offered",
            reserve=placement.source == PlacementSource.RESERVE,
        )
        for placement in placements
    )


def _to_company(placement: Placement, kind: str) -> None:
    owe(
        notice(
            user,
            kind,
            f"{kind}:{placement.pk}",
            link=reverse("placements:placement-list"),
            project=placement.project.title,
            name=placement.trainee.user.name,
        )
        for user in members_of(placement.company)
    )


def placement_accepted(placement: Placement) -> None:
    owe(
        [
            _to_trainee(
                placement,
                "placement_accepted",
                "placement-accepted",
                starts_on=placement.starts_on.isoformat(),
            )
        ]
    )
    _to_company(placement, "placement_joined")


def placement_left(placement: Placement) -> None:
    """Declined, expired or withdrawn: the seat is free again."""
    _to_company(placement, "placement_left")


def placement_expired(placement: Placement) -> None:
    owe([_to_trainee(placement, "placement_expired", "placement-expired")])


def answer_due_soon(placements: Iterable[Placement], stage: str) -> None:
    owe(
        _to_trainee(placement, "placement_answer_due", f"placement-answer-due:{stage}")
        for placement in placements
    )
