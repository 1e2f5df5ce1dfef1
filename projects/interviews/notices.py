from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import StaffMember, User
from portal.companies.notices import MANAGING, members_of
from portal.companies.states import MemberRole
from portal.notices.actions import notice, owe
from portal.notices.models import Notice
from projects.interviews.models import Interview, Report
from projects.models import Project


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _to_trainee(interview: Interview, kind: str, key: str, **params: Any) -> Notice:
    return notice(
        interview.trainee.user,
        kind,
        f"{key}:{interview.pk}",
        link=reverse("interviews:interview-detail", args=[interview.pk]),
        project=interview.project.title,
        company=interview.company.name,
        **params,
    )


def _to_company(interview: Interview, kind: str, key: str, **params: Any) -> list[Notice]:
    """Never to the person it is about, who may work there."""
    link = reverse("interviews:interview-board", args=[interview.project_id])
    return [
        notice(
            user,
            kind,
            f"{key}:{interview.pk}",
            link=link,
            project=interview.project.title,
            name=interview.trainee.user.name,
            **params,
        )
        for user in members_of(interview.company, MANAGING)
        if user.pk != interview.trainee.user_id
    ]


def interview_invited(interview: Interview, event_id: int) -> None:
    due_at = _moment(interview.project.call.rankings_due_at)
    owe([_to_trainee(interview, "interview_invited", f"interview-invited:{event_id}", due_at=due_at)])


def interview_booked(interview: Interview, event_id: int, *, moved: bool) -> None:
    """To both sides: when, and whether it was another time before."""
    facts = {"starts_at": _moment(interview.starts_at), "moved": moved}
    owe(
        [
            _to_trainee(interview, "interview_booked", f"interview-booked:{event_id}", **facts),
            *_to_company(interview, "interview_taken", f"interview-taken:{event_id}", **facts),
        ]
    )


def interview_left(interview: Interview, event_id: int, *, declined: bool) -> None:
    """The person cancelled the time, or declined altogether; what they said about it is read inside."""
    owe(_to_company(interview, "interview_left", f"interview-left:{event_id}", declined=declined))


def interview_called_off(
    interview: Interview, event_id: int, *, starts_at: datetime | None, ended: bool
) -> None:
    """A time that was booked falls away; unless it has ``ended``, another one can be chosen."""
    params = {"starts_at": _moment(starts_at), "ended": ended}
    owe([_to_trainee(interview, "interview_called_off", f"interview-called-off:{event_id}", **params)])


def interview_stranded(interview: Interview, event_id: int) -> None:
    owe(_to_company(interview, "interview_stranded", f"interview-stranded:{event_id}"))


def interview_moved_place(interview: Interview, event_id: int) -> None:
    """Where it is has changed, when has not."""
    facts = {"starts_at": _moment(interview.starts_at)}
    owe([_to_trainee(interview, "interview_place", f"interview-place:{event_id}:{interview.pk}", **facts)])


def interview_missed(interview: Interview, event_id: int, *, corrected: bool) -> None:
    """That one is said not to have come, or that this was put right."""
    facts = {"starts_at": _moment(interview.starts_at), "corrected": corrected}
    owe([_to_trainee(interview, "interview_missed", f"interview-missed:{event_id}", **facts)])


def interviews_due(interviews: Iterable[Interview]) -> int:
    """The day before: each person once per time they booked, each company once per project and day."""
    owed: list[Notice] = []
    days: dict[tuple[Project, date], int] = {}
    for interview in interviews:
        assert interview.starts_at is not None  # noqa: S101 -- booked, says interview_booked_has_slot
        starts_at = timezone.localtime(interview.starts_at)
        key = f"interview-due:{starts_at:%Y%m%dT%H%M}"
        owed.append(_to_trainee(interview, "interview_due", key, starts_at=_moment(starts_at)))
        day = (interview.project, starts_at.date())
        days[day] = days.get(day, 0) + 1
    for (project, on), count in days.items():
        link = reverse("interviews:interview-board", args=[project.pk])
        owed += [
            notice(
                user,
                "interviews_due",
                f"interviews-due:{project.pk}:{on}",
                link=link,
                project=project.title,
                day_on=on.isoformat(),
                count=count,
            )
            for user in members_of(project.company, (*MANAGING, MemberRole.MENTOR))
        ]
    told = set(Notice.objects.filter(key__in=[one.key for one in owed]).values_list("key", flat=True))
    fresh = [one for one in owed if one.key not in told]
    owe(fresh)
    return len(fresh)


# --- reports ------------------------------------------------------------------------------------------


def _office() -> list[User]:
    working = StaffMember.objects.filter(ended_on=None, user__is_active=True)
    return [member.user for member in working.select_related("user")]


def report_filed(report: Report) -> None:
    """The number to the person; to the office, without saying about whom: mail is read by others too."""
    page = reverse("interviews:report-detail", args=[report.pk])
    facts: dict[str, Any] = {"reference": report.reference, "due_on": report.due_on.isoformat()}
    desk = reverse("admin:interviews_report_change", args=[report.pk])
    inside = set(report.company.members.values_list("user", flat=True))
    person = report.trainee.user
    owe(
        [
            notice(person, "report_received", f"report-received:{report.pk}", link=page, **facts),
            *(
                notice(user, "report_filed", f"report-filed:{report.pk}", link=desk, **facts)
                for user in _office()
                if user.pk not in inside
            ),
        ]
    )


def report_answered(report: Report) -> None:
    page = reverse("interviews:report-detail", args=[report.pk])
    owe(
        [
            notice(
                report.trainee.user,
                "report_answered",
                f"report-answered:{report.pk}",
                link=page,
                reference=report.reference,
            )
        ]
    )
