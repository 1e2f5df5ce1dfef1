"""What will go out on the coming nights, worked out with the very functions the night uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _

from portal.jobs.actions import nights_due
from portal.notices.models import Notice
from projects.evaluations.models import Evaluation
from projects.models import Call
from projects.obligations import tasks
from projects.obligations.actions import due_stages
from projects.obligations.notices import company_people, office_people
from projects.obligations.terms import audience
from projects.placements.states import PlacementState
from projects.rankings.actions import uncertified_people
from projects.states import CallState
from projects.terms import latest_stage

DAYS = 14
NAMES_SHOWN = 10


@dataclass(frozen=True)
class Sending:
    """One reason why people are written to on one day."""

    day: date
    about: str
    why: str
    url: str
    people: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.people)

    @property
    def names(self) -> str:
        """The first few by name, the rest as a number."""
        shown = ", ".join(self.people[:NAMES_SHOWN])
        rest = len(self.people) - NAMES_SHOWN
        return shown if rest <= 0 else _("%(names)s 외 %(rest)d명") % {"names": shown, "rest": rest}


@dataclass
class Night:
    day: date
    sendings: list[Sending] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(sending.count for sending in self.sendings)


def next_night(job: str, at: str, now: datetime) -> date:
    """The first business date ``job`` has still to run: tonight's, or the oldest one that is owed."""
    moment = parse_time(at)
    assert moment is not None  # noqa: S101 -- settings are wrong, not data
    owed = nights_due(job, moment)
    return owed[0] if owed else now.date() + timedelta(days=1 if now.time() >= moment else 0)


def stage_words(stage: int) -> str:
    if stage < 0:
        return _("기한 %(days)d일 전") % {"days": -stage}
    return _("기한 당일") if stage == 0 else _("기한 %(days)d일 지남") % {"days": stage}


def forecast(now: datetime, *, reminders_at: str) -> list[Night]:
    """The next ``DAYS`` nights, each with what it will owe if nothing changes until then.

    A message already owed has a row with its key, so what went out is never counted again. Constant
    queries.
    """
    first = next_night(tasks.JOB, reminders_at, now)
    days = [first + timedelta(days=count) for count in range(DAYS)]
    nights = {day: Night(day) for day in days}
    for sending in [*_hire_reminders(days), *_ranking_reminders(days, now), *_new_obligations(days)]:
        nights[sending.day].sendings.append(sending)
    return list(nights.values())


def _unsent(planned: Iterable[tuple[str, Any]]) -> list[Any]:
    """What of ``(key, sending)`` is not owed yet, first come first: one query."""
    first: dict[str, Any] = {}
    for key, item in planned:
        first.setdefault(key, item)
    known = set(Notice.objects.filter(key__in=list(first)).values_list("key", flat=True))
    return [item for key, item in first.items() if key not in known]


def _hire_reminders(days: Sequence[date]) -> list[Sending]:
    reached = due_stages(days[-1])  # what has reached a stage by the last day holds every earlier one
    office, members = office_people(), company_people(row.company_id for row in reached)
    planned = []
    for row in reached:
        sides = {
            "company": members.get(row.company_id, []),
            "trainee": [row.placement.trainee.user],
            **office,
        }
        for day in days:
            stage = latest_stage(row.due_on, day, tuple(row.placement.call.rule_set.hire_reminder_days))
            if stage is None:
                continue
            for side in audience(stage):
                for user in sides[side]:
                    key = f"obligation-due:{row.pk}:{stage}:{row.due_on}:{user.pk}"
                    planned.append((key, (day, row, stage, str(user))))
    return _grouped(
        (
            day,
            _("채용의무: %(company)s") % {"company": row.company},
            stage_words(stage),
            reverse("admin:obligations_hiringobligation_change", args=[row.pk]),
            name,
        )
        for day, row, stage, name in _unsent(planned)
    )


def _ranking_reminders(days: Sequence[date], now: datetime) -> list[Sending]:
    planned = []
    calls = list(
        Call.objects.filter(
            state__in=[CallState.OPEN, CallState.CLOSED],
            rankings_open_at__isnull=False,
            rankings_due_at__gt=now,
        ).select_related("rule_set")
    )
    people = uncertified_people(calls)
    for call in calls:
        assert call.rankings_due_at is not None  # noqa: S101 -- filtered above
        assert call.rankings_open_at is not None  # noqa: S101
        opens = timezone.localtime(call.rankings_open_at).date()
        due_on = timezone.localtime(call.rankings_due_at).date()
        for day in days:
            stage = latest_stage(due_on, day, tuple(call.rule_set.rank_reminder_days))
            if stage is None or day > due_on or day < opens:
                continue
            for user, _side in people[call.pk]:
                planned.append(
                    (f"ranking-due:{call.pk}:{due_on}:{stage}:{user.pk}", (day, call, stage, str(user)))
                )
    return _grouped(
        (
            day,
            _("희망순위 미제출: %(call)s") % {"call": call},
            stage_words(stage),
            reverse("admin:projects_call_change", args=[call.pk]),
            name,
        )
        for day, call, stage, name in _unsent(planned)
    )


def _new_obligations(days: Sequence[date]) -> list[Sending]:
    """Evaluations whose time to appeal ends: the night after, the company owes a hire and reads so."""
    rows = Evaluation.objects.binding(days[-1]).filter(
        obligation=None, placement__state=PlacementState.COMPLETED, score__gte=F("placement__threshold")
    )
    found = list(rows.select_related("placement__company", "placement__trainee__user"))
    members = company_people(row.placement.company_id for row in found)
    return _grouped(
        (
            max(row.appeal_until + timedelta(days=1), days[0]),
            _("새 채용의무: %(company)s") % {"company": row.placement.company},
            _("이의신청 기간 끝"),
            reverse("admin:evaluations_evaluation_change", args=[row.pk]),
            str(user),
        )
        for row in found
        if row.appeal_until is not None
        for user in [*members.get(row.placement.company_id, []), row.placement.trainee.user]
    )


def _grouped(lines: Iterable[tuple[date, str, str, str, str]]) -> list[Sending]:
    groups: dict[tuple[date, str, str, str], list[str]] = {}
    for *head, name in lines:
        groups.setdefault(tuple(head), []).append(name)  # type: ignore[arg-type]
    return [Sending(day, about, why, url, tuple(names)) for (day, about, why, url), names in groups.items()]
