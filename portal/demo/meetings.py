"""Before ranking in this year's call: shortlists, interview times, who came, what was noted, and one report."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from portal.companies.states import MemberRole
from portal.demo.acting import Cast, user
from portal.demo.clock import Dates, at, days, moment
from portal.demo.crowd import Person
from portal.demo.load import History, load, reserve_ids
from portal.demo.offers import Wanted
from portal.notices.models import Notice
from portal.notices.states import NoticeState
from portal.trainees.models import Trainee
from projects.applications.states import ApplicationState
from projects.interviews.actions import file_report, uphold_report
from projects.interviews.models import Interview, InterviewForm, InterviewSlot, Report, ShortlistEntry
from projects.interviews.states import FormState, InterviewState, ReportKind
from projects.interviews.terms import most_interviews
from projects.models import Call, Project
from projects.terms import KOREAN_HOLIDAYS, is_working_day

LENGTH = timedelta(minutes=30)
#: A company interviews from ten to five.
FIRST_HOUR, PER_DAY = 10, 14
NOTES = (
    "과제의 데이터를 미리 살펴보고 질문을 준비해 옴. 전처리 경험이 구체적임.",
    "모델보다 데이터 정리에 시간을 더 썼다는 설명이 설득력 있었음.",
    "협업 도구를 써 본 경험이 많고, 막혔을 때 어떻게 물어보는지 잘 설명함.",
    "기본 개념은 탄탄하나 현장 데이터를 다뤄 본 경험은 아직 적음.",
    "주 40시간 참여가 가능하고 바로 시작할 수 있음.",
)
WORDS = ("그날은 다른 일정이 있어 어렵습니다.", "다른 분야를 더 알아보려고 합니다.", "")

Row = tuple[Any, ...]


@dataclass
class _Rows:
    """What is loaded, collected."""

    listed: list[Row] = field(default_factory=list)
    slots: list[Row] = field(default_factory=list)
    interviews: list[Row] = field(default_factory=list)
    forms: list[tuple[int, Row]] = field(default_factory=list)  # index of the interview, what was noted
    notices: list[Row] = field(default_factory=list)
    told: list[tuple[int, str, datetime, int]] = field(
        default_factory=list
    )  # index, what was done, when, by whom


def meet(
    call: Call, people: Sequence[Person], wanted: Sequence[Wanted], dates: Dates, *, history: History
) -> None:
    """Load what stood on the eve of the deadline: as much of it as lies in the past has happened."""
    able = [one for one in people if one.state in (ApplicationState.ELIGIBLE, ApplicationState.SUBMITTED)]
    rng = Random(
        f"interviews {people[0].pseudonym if people else call.pk}"
    )  # its own, so that what is drawn elsewhere stays as it was
    rows, busy = _Rows(), defaultdict[int, set[datetime]](set)
    times = list(_times(dates))
    titles = dict(Project.objects.filter(call=call).values_list("pk", "title"))
    for number, one in enumerate(wanted):
        seen = [able[index] for index in one.seen if able[index].state == ApplicationState.ELIGIBLE]
        if seen and number % 9 != 8:  # some companies do without
            _meet_for(rng, call, one, seen, times, dates, busy, rows, titles[one.pk])
    _save(rows, history)


def _times(dates: Dates) -> Iterator[datetime]:
    """Every half hour of the working days between the opening of rankings and the day before they are due.

    That last day counts though it were a holiday: while lists are open, something is always to come.
    """
    day, due_on = (timezone.localtime(one).date() for one in (dates.rankings_open_at, dates.rankings_due_at))
    while (day := day + days(1)) < due_on:
        if is_working_day(day, KOREAN_HOLIDAYS) or day + days(1) == due_on:
            for number in range(PER_DAY):
                yield moment(day, FIRST_HOUR) + number * LENGTH


def _meet_for(
    rng: Random,
    call: Call,
    one: Wanted,
    seen: Sequence[Person],
    times: Sequence[datetime],
    dates: Dates,
    busy: dict[int, set[datetime]],
    rows: _Rows,
    title: str,
) -> None:
    """One project: five times as many on its list as it has places, three times as many invited."""
    now, opened_at = timezone.now(), dates.rankings_open_at + timedelta(minutes=40)
    most = most_interviews(one.places, call.rule_set.interview_most_multiple)
    listed = rng.sample(list(seen), k=min(most, len(seen)))
    invited = listed[: max(2, most_interviews(one.places, call.rule_set.interview_least_multiple))]
    slots = sorted(rng.sample(list(times), k=min(most, len(times))))
    is_place = rng.random() < 0.4
    where = ("", f"{one.region} 본사 회의실") if is_place else (f"https://meet.example.com/{one.pk}", "")
    first = len(rows.slots)
    rows.slots += [(one.pk, start, start + LENGTH, *where, one.firm.owner, opened_at) for start in slots]
    rows.listed += [(one.pk, person.application, one.firm.owner, opened_at) for person in listed]
    free = dict(enumerate(slots, start=first))
    cap = call.rule_set.interviews_per_trainee
    for number, person in enumerate(invited):
        invited_at = opened_at + timedelta(minutes=20 + 7 * number)
        booked_at = invited_at + timedelta(minutes=rng.randrange(30, 18 * 60))
        chance, chosen = rng.random(), None
        if chance < 0.82 and len(busy[person.trainee]) < cap:
            # Most take the first time that suits, some the last one, so that there is always somebody still to come.
            keys = list(free)[:: -1 if number % 3 == 2 else 1]
            chosen = next((key for key in keys if free[key] not in busy[person.trainee]), None)
        start = free.pop(chosen) if chosen is not None else None
        word = ""
        if start is None:
            state = InterviewState.DECLINED if chance > 0.94 else InterviewState.INVITED
            word = rng.choice(WORDS) if state == InterviewState.DECLINED else ""
            if state == InterviewState.INVITED and now > dates.rankings_due_at:
                state = InterviewState.LAPSED
        else:
            busy[person.trainee].add(start)
            state = InterviewState.BOOKED
            if start + LENGTH < now:
                state = InterviewState.MISSED if chance < 0.05 else InterviewState.HELD
        index = len(rows.interviews)
        rows.interviews.append(
            (
                one.pk,
                one.firm.pk,
                person.application,
                person.trainee,
                chosen,
                start,
                start and start + LENGTH,
                state,
                int(chosen is not None),
                word,
                one.firm.owner,
                invited_at,
                booked_at if chosen is not None else None,
            )
        )
        if state == InterviewState.HELD and chance < 0.75:
            assert start is not None  # noqa: S101 -- held at a time
            rows.forms.append((index, _noted(rng, person, one, start)))
        if state == InterviewState.INVITED:
            rows.notices.append(_invitation(call, person, one, title, index, invited_at))
        rows.told.append((index, "invite_candidate", invited_at, one.firm.owner))
        if start is not None:
            rows.told.append((index, "book_interview", booked_at, person.user))
            if state in (InterviewState.HELD, InterviewState.MISSED):
                verb = "hold_interview" if state == InterviewState.HELD else "miss_interview"
                rows.told.append((index, verb, start + LENGTH, one.firm.owner))
        elif state == InterviewState.DECLINED:
            rows.told.append((index, "decline_interview", booked_at, person.user))


def _noted(rng: Random, person: Person, one: Wanted, start: datetime) -> Row:
    """A finished form: abler people get more, nobody gets the same everywhere."""
    middle = 3 + person.ability * 0.6
    points = [max(1, min(5, round(middle + rng.gauss(0, 0.7)))) for _ in range(5)]
    return (
        FormState.FINAL,
        *points,
        rng.choice(NOTES),
        1,
        one.firm.people[MemberRole.MENTOR][1],
        start + timedelta(hours=2),
    )


def _invitation(call: Call, person: Person, one: Wanted, title: str, index: int, sent_at: datetime) -> Row:
    facts = {
        "project": title,
        "company": one.firm.name,
        "due_at": (call.rankings_due_at or sent_at).isoformat(),
    }
    return (index, person.user, person.email, facts, sent_at)


def _save(rows: _Rows, history: History) -> None:
    """Times first, then who chose them: the database copies a time from its slot."""
    slots = list(reserve_ids(InterviewSlot, len(rows.slots)))
    load(
        InterviewSlot,
        ("id", "project_id", "starts_at", "ends_at", "video_url", "place", "opened_by_id", "created_at"),
        ((pk, *row) for pk, row in zip(slots, rows.slots, strict=True)),
    )
    load(ShortlistEntry, ("project_id", "application_id", "by_id", "at"), rows.listed)
    own = list(reserve_ids(Interview, len(rows.interviews)))
    load(
        Interview,
        ("id", "project_id", "company_id", "application_id", "trainee_id", "slot_id", "starts_at", "ends_at", "state",
         "sequence", "word", "invited_by_id", "invited_at", "booked_at"),
        (
            (pk, *row[:4], None if row[4] is None else slots[row[4]], *row[5:])
            for pk, row in zip(own, rows.interviews, strict=True)
        ),
        correction="",
    )  # fmt: skip
    load(
        InterviewForm,
        ("interview_id", "state", "technique", "solving", "teamwork", "grasp", "time", "notes", "revision", "by_id",
         "updated_at"),
        ((own[index], *row) for index, row in rows.forms),
    )  # fmt: skip
    for index, verb, when, by in rows.told:
        history.write(verb, Interview, own[index], when, by=by)
    load(
        Notice,
        ("key", "recipient_id", "email", "params", "link", "leaves_at", "created_at", "sent_at", "read_at"),
        (
            (
                f"interview-invited:{own[index]}:{person}",
                person,
                email,
                facts,
                reverse("interviews:interview-detail", args=[own[index]]),
                at_,
                at_,
                at_,
                at_ + timedelta(hours=6),
            )
            for index, person, email, facts, at_ in rows.notices
        ),
        kind="interview_invited",
        language="ko",
        state=NoticeState.SENT,
        attempts=1,
    )


# --- one report -----------------------------------------------------------------------------------------


def report(call: Call, dates: Dates, cast: Cast, today: date) -> None:
    """Somebody was asked for their ranking; while lists are open nobody has answered yet, later it was upheld."""
    held = Interview.objects.filter(
        project__call=call, state=InterviewState.HELD, starts_at__lt=timezone.now() - days(2)
    )
    interview = (
        held.select_related("project__company", "trainee", "application").order_by("starts_at", "pk").first()
    )
    if interview is None or interview.starts_at is None:
        return
    token = UUID(
        int=Random(f"report {interview.application.pseudonym}").getrandbits(128), version=4
    )  # the same in every demo of a seed
    with at(interview.starts_at + days(1)):
        filed = file_report(
            Trainee.objects.get(pk=interview.trainee_id),
            interview.project,
            kind=ReportKind.RANKING,
            happened_on=timezone.localtime(interview.starts_at).date(),
            text="면접이 끝날 무렵 면접관이 우리 과제를 1순위로 적을 수 있느냐고 물었고, 대답을 망설이자 1순위로 적지 않으면 "
            "점수를 줄 이유가 없다고 했습니다.",
            upload=None,
            token=token,
            by=user(interview.trainee.user_id),
        )
    answered_at = moment(timezone.localtime(dates.rankings_due_at).date() + days(1), 14)
    if answered_at < timezone.now():
        with at(answered_at):
            _answer(filed, cast)


def _answer(filed: Report, cast: Cast) -> None:
    uphold_report(
        filed,
        reply="면접관과 통화해 사실을 확인했습니다. 회사 대표 담당자에게 경고하고 면접관을 바꾸게 했습니다. 알려 주셔서 고맙습니다.",
        by=cast.operator,
    )
