"""What will go out on the coming nights: the nights' own questions, asked in SQL and never row by row.

A *part* is one reason at one stage for one side (a company's people, the trainee, the office); each of its rows is one
message. Parts are counted or paged together, whatever their number of rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.companies.notices import MANAGING
from portal.jobs.actions import nights_due
from portal.notices.models import Notice
from projects.evaluations.models import Evaluation
from projects.models import Call
from projects.obligations import tasks
from projects.obligations.models import HiringObligation
from projects.obligations.notices import office_people
from projects.obligations.terms import audience
from projects.placements.states import PlacementState
from projects.rankings.actions import uncertified_applications, uncertified_members
from projects.states import CallState
from projects.terms import latest_stage

DAYS = 14
COLUMNS = ("reason", "about", "stage", "reader")


@dataclass(frozen=True, eq=False)
class Part:
    """Messages of one reason, stage and side: rows with ``about`` and ``reader``, and their ``day`` unless all have one."""

    rows: QuerySet[Any]
    reason: str
    stage: int = 0
    on: date | None = None

    def listed(self, day: date) -> QuerySet[Any, Any]:
        """The rows of one day as ``COLUMNS``."""
        rows = self.rows if self.on else self.rows.filter(day=day)
        return rows.annotate(
            reason=Value(self.reason), stage=Value(self.stage, output_field=models.IntegerField())
        ).values_list(*COLUMNS)


@dataclass(frozen=True)
class Night:
    day: date
    count: int


@dataclass(frozen=True)
class Sending:
    """One message that will be owed: what about, why, to whom."""

    about: str
    why: str
    url: str
    reader: str


class Forecast:
    """The next ``DAYS`` nights, each with what it will owe if nothing changes until then.

    A message already owed has a row with its key, so what went out is never counted again.
    """

    def __init__(self, now: datetime, *, reminders_at: str) -> None:
        first = next_night(tasks.JOB, reminders_at, now)
        self.days = [first + timedelta(days=count) for count in range(DAYS)]
        self.parts = [
            *_hire_reminders(self.days),
            *_ranking_reminders(self.days, now),
            *_new_obligations(self.days),
        ]

    def nights(self) -> list[Night]:
        """How many messages each night will owe: two queries."""
        counts = Counter[date]()
        spread = [part.rows.values("day").annotate(count=Count("*")) for part in self.parts if not part.on]
        for day, count in _all([rows.values_list("day", "count") for rows in spread]):
            counts[day] += count
        # the same people are told again at every stage to come: counted once
        people = {id(part.rows): part.rows for part in self.parts if part.on}
        sizes = dict(
            _all(
                [
                    rows.values(key=Value(key, output_field=models.BigIntegerField()))
                    .annotate(count=Count("*"))
                    .values_list("key", "count")
                    for key, rows in people.items()
                ]
            )
        )
        for part in self.parts:
            if part.on:
                counts[part.on] += sizes[id(part.rows)]
        return [Night(day, counts[day]) for day in self.days]

    def messages(self, day: date) -> Any:
        """The rows of one night, to be counted and sliced: those about one thing stand together."""
        parts = [part.listed(day) for part in self.parts if part.on in (None, day)]
        return _all(parts).order_by(*COLUMNS) if parts else []


def _all(rows: Sequence[QuerySet[Any, Any]]) -> Any:
    return rows[0].union(*rows[1:], all=True) if rows else []


def next_night(job: str, at: str, now: datetime) -> date:
    """The first business date ``job`` has still to run: tonight's, or the oldest one that is owed."""
    moment = parse_time(at)
    assert moment is not None  # noqa: S101 -- settings are wrong, not data
    owed = nights_due(job, moment)
    return owed[0] if owed else now.date() + timedelta(days=1 if now.time() >= moment else 0)


# --- parts ----------------------------------------------------------------------------------------------


def _sent(*key: Any) -> Exists:
    """Whether it is owed already: there is a notice with that key."""
    pieces = [Value(piece) if isinstance(piece, str) else Cast(piece, models.CharField()) for piece in key]
    return Exists(Notice.objects.filter(key=Concat(*pieces, output_field=models.CharField())))


def _later_of(day: Any, first: date) -> Any:
    """A day that has passed is made up for in the first night."""
    return Greatest(Cast(day, models.DateField()), Value(first, output_field=models.DateField()))


def _hire_reminders(days: Sequence[date]) -> Iterator[Part]:
    first, last = days[0], days[-1]
    waiting, office = HiringObligation.objects.waiting().order_by(), office_people()
    rule = "placement__call__rule_set__hire_reminder_days"
    for stages in waiting.values_list(rule, flat=True).distinct():
        ordered = sorted(set(stages))
        for stage, following in zip(ordered, [*ordered[1:], None], strict=True):
            reached = waiting.filter(**{rule: stages}, due_on__lte=last - timedelta(days=stage))
            if following is not None:  # by then the next stage has been reached, and that alone is sent
                reached = reached.filter(due_on__gt=first - timedelta(days=following))
            day = _later_of(F("due_on") + Value(timedelta(days=stage)), first)
            # a stage still to come has been sent to nobody; of the others the database looks up the keys
            to_come = Q(due_on__gt=first - timedelta(days=stage))
            sent = _sent(
                "obligation-due:", OuterRef("pk"), f":{stage}:", OuterRef("due_on"), ":", OuterRef("reader")
            )
            for rows, reader in _audience(reached, stage, office):
                told = rows.annotate(day=day, about=F("pk"), reader=reader)
                yield Part(told.filter(to_come | ~sent), "hire", stage)


def _audience(
    rows: QuerySet[HiringObligation], stage: int, office: dict[str, list[User]]
) -> Iterator[tuple[QuerySet[HiringObligation], Any]]:
    """Each side that is told at a stage, with whom of it."""
    for side in audience(stage):
        if side == "company":
            yield _of_company(rows, "company"), F("company__members__user")
        elif side == "trainee":
            yield rows, F("placement__trainee__user")
        else:
            for person in office[side]:
                yield rows, Value(person.pk, output_field=models.BigIntegerField())


def _of_company(rows: QuerySet[Any], company: str) -> QuerySet[Any]:
    """Once per person a company's messages go to."""
    return rows.filter(
        **{f"{company}__members__role__in": MANAGING, f"{company}__members__user__is_active": True}
    )


def _ranking_reminders(days: Sequence[date], now: datetime) -> Iterator[Part]:
    calls = Call.objects.filter(
        state__in=[CallState.OPEN, CallState.CLOSED],
        rankings_open_at__isnull=False,
        rankings_due_at__gt=now,
    )
    for call in calls.select_related("rule_set"):
        assert call.rankings_due_at is not None  # noqa: S101 -- filtered above
        assert call.rankings_open_at is not None  # noqa: S101
        due_on = timezone.localtime(call.rankings_due_at).date()
        people = User.objects.filter(
            Q(pk__in=uncertified_applications([call]).values("trainee__user"))
            | Q(pk__in=uncertified_members([call]).values("user"))
        ).annotate(about=Value(call.pk, output_field=models.BigIntegerField()), reader=F("pk"))
        reached: dict[int, date] = {}
        for day in days:
            if timezone.localtime(call.rankings_open_at).date() <= day <= due_on:
                stage = latest_stage(due_on, day, tuple(call.rule_set.rank_reminder_days))
                if stage is not None:
                    reached.setdefault(stage, day)
        for stage, day in reached.items():
            to_come = due_on + timedelta(days=stage) > days[0]
            sent = _sent(f"ranking-due:{call.pk}:{due_on}:{stage}:", OuterRef("pk"))
            yield Part(people if to_come else people.filter(~sent), "ranking", stage, day)


def _new_obligations(days: Sequence[date]) -> Iterator[Part]:
    """Evaluations whose time to appeal ends: the night after, the company owes a hire and reads so."""
    rows = Evaluation.objects.binding(days[-1]).filter(
        obligation=None, placement__state=PlacementState.COMPLETED, score__gte=F("placement__threshold")
    )
    rows = rows.order_by().annotate(
        day=_later_of(F("appeal_until") + Value(timedelta(days=1)), days[0]), about=F("pk")
    )
    members = _of_company(rows, "placement__company")
    yield Part(members.annotate(reader=F("placement__company__members__user")), "owed")
    yield Part(rows.annotate(reader=F("placement__trainee__user")), "owed")


# --- words ----------------------------------------------------------------------------------------------


def stage_words(stage: int) -> str:
    if stage < 0:
        return _("기한 %(days)d일 전") % {"days": -stage}
    return _("기한 당일") if stage == 0 else _("기한 %(days)d일 지남") % {"days": stage}


def described(rows: Iterable[tuple[str, int, int, int]]) -> list[Sending]:
    """The rows of one page in words: four queries whatever is on it."""
    rows = list(rows)

    def about(reason: str) -> set[int]:
        return {row[1] for row in rows if row[0] == reason}

    people = User.objects.in_bulk({row[3] for row in rows})
    hires = HiringObligation.objects.select_related("company").in_bulk(about("hire"))
    calls = Call.objects.in_bulk(about("ranking"))
    judged = Evaluation.objects.select_related("placement__company").in_bulk(about("owed"))
    found = []
    for reason, key, stage, reader in rows:
        if reason == "hire":
            what = _("채용의무: %(company)s") % {"company": hires[key].company}
            page, why = "admin:obligations_hiringobligation_change", stage_words(stage)
        elif reason == "ranking":
            what = _("희망순위 미제출: %(call)s") % {"call": calls[key]}
            page, why = "admin:projects_call_change", stage_words(stage)
        else:
            what = _("새 채용의무: %(company)s") % {"company": judged[key].placement.company}
            page, why = "admin:evaluations_evaluation_change", _("이의신청 기간 끝")
        found.append(Sending(what, why, reverse(page, args=[key]), str(people[reader])))
    return found
