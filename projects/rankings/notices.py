from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from portal.accounts.models import User
from portal.notices.actions import notice, owe
from portal.notices.models import Notice
from projects.applications.models import Application
from projects.models import Call, Project
from projects.rankings.models import RankList

#: The key of the message of a lost wish goes on with the project and the person.
WISH_LOST = "wish-lost"


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


def wishes_lost(lost: Iterable[tuple[Application, Project, int]]) -> int:
    """That a project on one's list was withdrawn, and how many are left there; returns how many messages."""
    owed: list[Notice] = [
        notice(
            application.trainee.user,
            "wish_lost",
            f"{WISH_LOST}:{project.pk}",
            link=reverse("rankings:rank-list-edit", args=[project.call_id]),
            project=project.title,
            company=project.company.name,
            left=left,
            open=project.call.takes_rankings,
            due_at=project.call.rankings_due_at.isoformat() if project.call.rankings_due_at else "",
        )
        for application, project, left in lost
    ]
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
