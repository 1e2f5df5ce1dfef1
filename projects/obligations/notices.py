import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from portal.accounts.models import StaffMember, User
from portal.companies.models import CompanyMember
from portal.companies.notices import MANAGING, members_of
from portal.notices.actions import notice, owe
from portal.notices.models import Notice
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState
from projects.obligations.terms import audience


def office_people() -> dict[str, list[User]]:
    """``operator`` and ``agency`` -> the people working there now."""
    people: dict[str, list[User]] = {"operator": [], "agency": []}
    for member in StaffMember.objects.filter(ended_on=None, user__is_active=True).select_related("user"):
        people[member.office].append(member.user)
    return people


def company_people(company_ids: Iterable[int]) -> dict[int, list[User]]:
    """Company id -> the people its messages go to; one query for all companies."""
    people: dict[int, list[User]] = {}
    members = CompanyMember.objects.filter(
        company__in=set(company_ids), role__in=MANAGING, user__is_active=True
    )
    for member in members.select_related("user"):
        people.setdefault(member.company_id, []).append(member.user)
    return people


def _page(obligation: HiringObligation) -> str:
    return reverse("obligations:obligation-detail", args=[obligation.pk])


def _facts(obligation: HiringObligation) -> dict[str, Any]:
    """What a person of the company or the office needs to know which hire it is."""
    return {"name": obligation.placement.trainee.user.name, **_own_facts(obligation)}


def _own_facts(obligation: HiringObligation) -> dict[str, Any]:
    """The same for the trainee, who needs no telling who they are."""
    return {
        "company": obligation.company.name,
        "project": obligation.placement.project.title,
        "due_on": obligation.due_on.isoformat(),
    }


def obligations_due(stages: Mapping[HiringObligation, int], today: date) -> int:
    """Owe the reminder each obligation has reached, once per stage, due date and person; returns how many were new or old.

    After missed nights a stage is told late, so the message says the days that are really left or past.
    """
    office, members = office_people(), company_people(row.company_id for row in stages)
    owed: list[Notice] = []
    for obligation, stage in stages.items():
        people = {
            "company": members.get(obligation.company_id, []),
            "trainee": [obligation.placement.trainee.user],
            **office,
        }
        owed += [
            notice(
                user,
                "obligation_due",
                f"obligation-due:{obligation.pk}:{stage}:{obligation.due_on}",
                link=_page(obligation)
                if side in ("company", "trainee")
                else reverse("admin:obligations_hiringobligation_change", args=[obligation.pk]),
                side=side,
                stage=stage,
                days=abs((obligation.due_on - today).days),
                **(_own_facts if side == "trainee" else _facts)(obligation),
            )
            for side in audience(stage)
            for user in people[side]
        ]
    owe(owed)
    return len(owed)


def ledger_astray(found: Sequence[tuple[int, str]]) -> None:
    """The office learns of exactly this set of ``(pk, state)`` once."""
    news = hashlib.sha256(repr(found).encode()).hexdigest()[:32]
    link = f"{reverse('admin:obligations_hiringobligation_changelist')}?urgency=astray"
    owe(
        notice(user, "ledger_astray", f"ledger-astray:{news}", link=link, count=len(found))
        for side in office_people().values()
        for user in side
    )


def history_broken(links: Sequence[int]) -> None:
    """The office learns of exactly this set of links once."""
    news = hashlib.sha256(repr(links).encode()).hexdigest()[:32]
    owe(
        notice(
            user,
            "history_broken",
            f"history-broken:{news}",
            link=reverse("admin:audit_event_changelist"),
            count=len(links),
        )
        for side in office_people().values()
        for user in side
    )


def _to_company(obligation: HiringObligation, kind: str, event_id: int, **params: Any) -> list[Notice]:
    return [
        notice(
            user,
            kind,
            f"{kind}:{obligation.pk}:{event_id}",
            link=_page(obligation),
            **_facts(obligation),
            **params,
        )
        for user in members_of(obligation.company)
    ]


def _to_trainee(obligation: HiringObligation, kind: str, event_id: int, **params: Any) -> Notice:
    return notice(
        obligation.placement.trainee.user,
        kind,
        f"{kind}:{obligation.pk}:{event_id}",
        link=_page(obligation),
        **_own_facts(obligation),
        **params,
    )


def obligation_owed(obligation: HiringObligation) -> None:
    owe(
        [
            *_to_company(obligation, "obligation_owed", 0),
            _to_trainee(obligation, "obligation_owed_trainee", 0),
        ]
    )


def evidence_submitted(obligation: HiringObligation, event_id: int) -> None:
    link = reverse("admin:obligations_hiringobligation_change", args=[obligation.pk])
    owe(
        notice(
            user,
            "evidence_submitted",
            f"evidence-submitted:{obligation.pk}:{event_id}",
            link=link,
            **_facts(obligation),
        )
        for user in office_people()["operator"]
    )


def evidence_returned(obligation: HiringObligation, event_id: int) -> None:
    """That it came back, not why: the reason may tell of a person and stays inside."""
    late = obligation.state == ObligationState.OVERDUE
    owe(_to_company(obligation, "evidence_returned", event_id, late=late))


def obligation_fulfilled(obligation: HiringObligation, event_id: int) -> None:
    hired_on = obligation.hired_on.isoformat() if obligation.hired_on else ""
    owe(
        [
            *_to_company(obligation, "obligation_fulfilled", event_id, side="company"),
            _to_trainee(obligation, "obligation_fulfilled", event_id, side="trainee", hired_on=hired_on),
        ]
    )


def obligation_waived(obligation: HiringObligation, event_id: int) -> None:
    """That it was waived; the reason, which may be the other side's affair, stays inside."""
    owe(
        [
            *_to_company(obligation, "obligation_waived", event_id, side="company"),
            _to_trainee(obligation, "obligation_waived", event_id, side="trainee"),
        ]
    )
