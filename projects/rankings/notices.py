from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256

from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import StaffMember, User
from portal.notices.actions import notice, owe
from portal.notices.models import Notice
from portal.notices.terms import leaves_at
from projects.applications.models import Application
from projects.models import Call, Project
from projects.rankings.models import RankList

#: How keys of messages of lost wishes begin; they go on with the project and the person.
WISH_LOST, WISH_BARRED = "wish-lost", "wish-barred"


def rank_list_certified(rank_list: RankList, people: Iterable[User], link: str) -> None:
    """The receipt, sent to whoever it binds."""
    owe(
        notice(
            user,
            "rank_list_certified",
            f"rank-list-certified:{rank_list.pk}",
            link=link,
            call=rank_list.call.title,
            receipt=rank_list.receipt,
            certified_at=rank_list.certified_at.isoformat() if rank_list.certified_at else "",
        )
        for user in people
    )


def wishes_lost(occasion: str, lost: Iterable[tuple[Application, Project, int]]) -> int:
    """That a project on one's list left the match, and how many are left there; returns how many messages.

    At night it waits for the morning, unless lists are due before: then it is told while something can be done.
    """
    now = timezone.localtime()
    morning = leaves_at(now)
    owed: list[Notice] = []
    for application, project, left in lost:
        call = project.call
        hurry = call.takes_rankings and call.rankings_due_at is not None and call.rankings_due_at < morning
        owed.append(
            notice(
                application.trainee.user,
                "wish_lost",
                f"{occasion}:{project.pk}",
                link=reverse("rankings:rank-list-edit", args=[project.call_id]),
                leaves_at=now if hurry else morning,
                project=project.title,
                company=project.company.name,
                left=left,
                open=call.takes_rankings,
                barred=occasion == WISH_BARRED,
                due_at=call.rankings_due_at.isoformat() if call.rankings_due_at else "",
            )
        )
    owe(owed)
    return len(owed)


def ranking_due(call: Call, people: Iterable[tuple[User, str]], stage: int, due_on: date) -> int:
    """One message per person, stage and due date, to those who have certified nothing; returns how many."""
    owed: list[Notice] = [
        notice(
            user,
            "ranking_due",
            f"ranking-due:{call.pk}:{due_on}:{stage}",
            link=reverse("rankings:rank-list-edit", args=[call.pk])
            if side == "trainee"
            else reverse("home:start"),
            call=call.title,
            side=side,
            due_at=call.rankings_due_at.isoformat() if call.rankings_due_at else "",
            days_left=-stage,
        )
        for user, side in people
    ]
    owe(owed)
    return len(owed)


def lists_tampered(references: Sequence[str], count: int) -> None:
    """Tell the office which lists no longer are what was certified; never what stands in them."""
    told = sha256(" ".join(references).encode()).hexdigest()[:16]
    owe(
        notice(
            member.user,
            "lists_tampered",
            f"lists-tampered:{told}",
            link=reverse("admin:index"),
            count=count,
            references=list(references[:20]),
        )
        for member in StaffMember.objects.filter(ended_on=None, user__is_active=True).select_related("user")
    )
