from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.companies.models import Company, CompanyMember
from portal.companies.notices import MANAGING, members_of
from portal.companies.states import MemberRole
from portal.notices import terms
from portal.notices.actions import cancel_notice, notice, owe
from portal.notices.models import Notice
from portal.notices.states import NOTICE
from projects.applications.models import Application
from projects.models import Call, Project
from projects.placements.models import Placement, Reserve
from projects.placements.states import PlacementSource


def _to_trainee(placement: Placement, kind: str, key: str, **params: Any) -> Notice:
    """An offer leaves at its moment, but never at night."""
    moment = terms.leaves_at(timezone.localtime())
    return notice(
        placement.trainee.user,
        kind,
        f"{key}:{placement.pk}",
        link=reverse("placements:placement-detail", args=[placement.pk]),
        leaves_at=max(moment, placement.offered_at) if kind == "placement_offered" else moment,
        project=placement.project.title,
        company=placement.company.name,
        answer_due_at=placement.answer_due_at.isoformat(),
        **params,
    )


def placements_offered(placements: Iterable[Placement]) -> None:
    """The offer, and whether it is a match or a reserve number that was called, and why it was this one's turn."""
    owe(
        _to_trainee(
            placement,
            "placement_offered",
            "placement-offered",
            reserve=placement.source == PlacementSource.RESERVE,
            keeps=_kept(placement),
            called={"reserve_no": placement.reserve_no, "passed": placement.passed},
        )
        for placement in placements
    )


def _kept(placement: Placement) -> str:
    """The place somebody keeps until they accept a better one; empty for who has none."""
    return placement.moves_from.project.title if placement.moves_from is not None else ""


def _to_company(
    placement: Placement, kind: str, *, roles: tuple[str, ...] = MANAGING, link: str = "", **params: Any
) -> None:
    """Never to the person it is about, who may work there by now."""
    owe(
        notice(
            user,
            kind,
            f"{kind}:{placement.pk}",
            link=link or reverse("placements:placement-list"),
            project=placement.project.title,
            name=placement.trainee.user.name,
            **params,
        )
        for user in members_of(placement.company, roles)
        if user != placement.trainee.user
    )


def placement_accepted(placement: Placement) -> None:
    owe(
        [
            _to_trainee(
                placement,
                "placement_accepted",
                "placement-accepted",
                starts_on=placement.starts_on.isoformat(),
                left=_kept(placement),
            )
        ]
    )
    _to_company(placement, "placement_joined")


def placement_moved(placement: Placement, *, filling: bool) -> None:
    """To the company of the place that was left for another one: that, and nothing of what anybody ranked."""
    _to_company(placement, "placement_moved", filling=filling)


def placement_superseded(placement: Placement, *, offered_at: datetime) -> None:
    """An offer gives way to one the person would rather have, which is made at a moment of its own."""
    owe(
        [
            _to_trainee(
                placement,
                "placement_superseded",
                "placement-superseded",
                offered_at=offered_at.isoformat(),
            )
        ]
    )


def placement_left(placement: Placement, *, filling: bool) -> None:
    """Declined, expired, withdrawn or dropped out: the seat is free again, and given on while ``filling``."""
    _to_company(placement, "placement_left", filling=filling)


def placement_expired(placement: Placement) -> None:
    owe([_to_trainee(placement, "placement_expired", "placement-expired", keeps=_kept(placement))])


def answers_due_soon(due: Iterable[tuple[Placement, int]]) -> int:
    """Each offer with the stage reached, in hours before the answer is due; how many had not been told yet."""
    owed = [
        _to_trainee(placement, "placement_answer_due", f"placement-answer-due:-{hours}h", hours=hours)
        for placement, hours in due
    ]
    told = set(Notice.objects.filter(key__in=[one.key for one in owed]).values_list("key", flat=True))
    fresh = [one for one in owed if one.key not in told]
    owe(fresh)
    return len(fresh)


def placement_ended(placement: Placement, reason: str) -> None:
    """수료, 미수료 or 중도 포기, to the person it is about; the reason is theirs to read and to answer."""
    outcome = {"reason": reason, "ends_on": placement.ends_on.isoformat(), "outcome": str(placement.state)}
    owe([_to_trainee(placement, "placement_ended", "placement-ended", **outcome)])


def evaluation_due(placement: Placement) -> None:
    """To everybody at the company who may evaluate the person who completed."""
    link = reverse("evaluations:evaluation-edit", args=[placement.pk])
    roles = (*MANAGING, MemberRole.MENTOR)
    _to_company(placement, "evaluation_due", roles=roles, link=link, ends_on=placement.ends_on.isoformat())


def reserves_closed(call: Call, people: Collection[int]) -> None:
    """To people who waited to the last night on which seats were given on."""
    owe(
        notice(
            person.trainee.user,
            "reserves_closed",
            f"reserves-closed:{person.pk}",
            link=reverse("matching:match-detail", args=[call.pk]),
            call=call.title,
        )
        for person in Application.objects.filter(pk__in=people).select_related("trainee__user")
    )


# --- ending early -------------------------------------------------------------------------------------


def _waiting_of(people: Collection[int]) -> dict[int, int]:
    """Application id -> how many numbers the person still waits with."""
    waiting = Reserve.objects.waiting().filter(application__in=people).order_by()
    return dict(waiting.values_list("application").annotate(count=Count("pk")))


def placements_terminated(placements: Collection[Placement], reason: str) -> None:
    """To people whose seat or offer ended through no fault of theirs."""
    left = _waiting_of([placement.application_id for placement in placements])
    owe(
        _to_trainee(
            placement,
            "placement_terminated",
            "placement-terminated",
            reason=reason,
            waiting=left.get(placement.application_id, 0),
            keeps=_kept(placement),
        )
        for placement in placements
    )


def reserves_ended(project: Project, people: Collection[int], reason: str) -> None:
    """To people who waited for a project that was ended: whether they wait on, hold a seat, or are unmatched."""
    left = _waiting_of(people)
    seated = set(
        Placement.objects.live()
        .filter(application__in=people, offered_at__lte=timezone.now())
        .values_list("application", flat=True)
    )
    owe(
        notice(
            person.trainee.user,
            "reserve_ended",
            f"reserve-ended:{project.pk}:{person.pk}",
            link=reverse("matching:match-detail", args=[project.call_id]),
            project=project.title,
            company=project.company.name,
            reason=reason,
            waiting=left.get(person.pk, 0),
            seated=person.pk in seated,
        )
        for person in Application.objects.filter(pk__in=people).select_related("trainee__user")
    )


def offers_called_back(placements: Collection[Placement], *, by: User | None) -> None:
    """Offers whose moment has not come: the message that was to leave then never does."""
    keys = [f"placement-offered:{placement.pk}:{placement.trainee.user_id}" for placement in placements]
    for owed in Notice.objects.filter(key__in=keys):
        if NOTICE.may(owed, "cancel_notice"):
            cancel_notice(owed, reason="", by=by)


def project_terminated(project: Project, event_id: int, *, placed: int, waiting: int) -> None:
    """To everybody who works on it at the company, mentors too."""
    link = reverse("projects:project-manage", args=[project.pk])
    owe(
        notice(
            user,
            "project_terminated",
            f"project-terminated:{project.pk}:{event_id}",
            link=link,
            project=project.title,
            reason=project.decision_reason,
            placed=placed,
            waiting=waiting,
        )
        for user in members_of(project.company, tuple(MemberRole.values))
    )


def call_cancelled(call: Call, applications: Collection[int], projects: Collection[int]) -> None:
    """To everybody whose application or project the cancelled call closed, on both sides, with the reason."""
    people = User.objects.filter(trainee__applications__in=applications, is_active=True)
    members = CompanyMember.objects.filter(role__in=MANAGING, user__is_active=True).filter(
        company__in=Company.objects.filter(projects__in=projects)
    )
    links = {
        "trainee": reverse("home:start"),
        "company": reverse("projects:project-manage-list"),
    }
    told = [("trainee", user) for user in people.distinct()]
    told += [("company", member.user) for member in members.select_related("user")]
    owe(
        notice(
            user,
            "call_cancelled",
            f"call-cancelled:{call.pk}:{side}",
            link=links[side],
            call=call.title,
            reason=call.cancel_reason,
            side=side,
        )
        for side, user in told
    )
