"""Last year's call, acted from its opening to yesterday: every row is written by the actions people use."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from random import Random

from matching.actions import fill_vacancies
from portal.accounts.models import User
from portal.companies.actions import suspend_company
from portal.companies.models import Company
from portal.companies.states import MemberRole
from portal.demo.acting import Cast, announce, apply, draw_lots, offer, publish, seal, user
from portal.demo.catalogue import LAST_YEAR
from portal.demo.clock import WAVES, Dates, at, days, moment
from portal.demo.crowd import Person
from portal.demo.offers import Firm
from portal.demo.papers import hiring_papers
from portal.demo.texts import EVALUATIONS
from portal.trainees.models import Trainee
from portal.trainees.states import Employment
from projects.actions import finish_call, select_project, start_call
from projects.applications.actions import accept_application
from projects.evaluations.actions import draft_evaluation, lock_evaluation, submit_evaluation
from projects.models import Call, Project, RuleSet
from projects.obligations.actions import (
    remind_due_obligations,
    return_evidence,
    submit_evidence,
    verify_evidence,
    waive_obligation,
)
from projects.obligations.models import HiringObligation
from projects.obligations.states import ObligationState, WaiverReason
from projects.placements.actions import (
    accept_placement,
    backfill_until,
    close_reserves,
    complete_placement,
    decline_placement,
    drop_out,
    fail_placement,
    start_placements,
)
from projects.placements.models import Placement
from projects.placements.states import SEATED, DeclineReason, PlacementState
from projects.rankings.actions import (
    add_wish,
    certify_scores,
    certify_wishes,
    mark_interest,
    score_candidate,
)

#: How many applied, and how many each of the four projects took.
APPLICANTS, PLACES = 24, 5
#: Which wave each of a project's five people was in, and what became of them.
WAVE_OF = (0, 1, 2, 3, 3)
FATES = (
    ("overdue", "owed", "handed in again", "fulfilled", "to rate"),
    ("fulfilled", "handed in", "owed", "below", "to lock"),
    ("waived", "failed", "owed", "owed", "owed"),
    ("overdue", "owed", "fulfilled", "dropped out", "below"),
)
Step = tuple[datetime, Callable[[], object]]


def play(
    rng: Random,
    dates: Dates,
    rule_set: RuleSet,
    firms: Sequence[Firm],
    people: Sequence[Person],
    operator_firm: int,
    cast: Cast,
    today: date,
) -> Call:
    """Run the whole call; ``firms`` are its four companies, in the order of the catalogue."""
    title = f"{dates.ends_on.year}년 지역 AI 프로젝트"
    call = announce(
        rng, title, "지역 기업 네 곳과 함께한 첫해의 공고입니다.", dates, rule_set, operator_firm, cast
    )
    projects = []
    for firm, words in zip(firms, LAST_YEAR, strict=True):
        project = offer(call, firm, words, dates.opened_at + days(5), places=PLACES)
        with at(dates.opened_at + days(12)):
            projects.append(
                select_project(project, reason="지역 산업과의 관련성과 멘토 계획이 뛰어남", by=cast.agency1)
            )
    _apply_and_rank(rng, call, projects, firms, people, dates, cast)
    seal(call, dates)
    draw_lots(call, dates, cast)
    publish(call, dates, cast)
    _answer(call, dates)
    with at(moment(dates.starts_on, 2)):
        start_call(call)
        start_placements(call, dates.starts_on)
    _run(_working(projects, firms, dates, cast, rng))
    _run(_keeping(projects, firms, dates, cast, today))
    at_work = [ObligationState.FULFILLED, ObligationState.WAIVED]
    Trainee.objects.filter(placements__obligation__state__in=at_work).update(employment=Employment.EMPLOYED)
    with at(moment(today - days(10), 11)):
        suspend_company(
            Company.objects.get(pk=firms[3].pk), until=today + days(120),
            reason="채용의무 이행 협의에 응하지 않음(운영 기준 채용의무 조항)", by=cast.agency1,
        )  # fmt: skip
    return call


def _run(steps: Iterator[Step]) -> None:
    """Act the steps in the order of their moments."""
    for when, step in sorted(steps, key=itemgetter(0)):
        with at(when):
            step()


def _apply_and_rank(
    rng: Random,
    call: Call,
    projects: Sequence[Project],
    firms: Sequence[Firm],
    people: Sequence[Person],
    dates: Dates,
    cast: Cast,
) -> None:
    applied = dates.projects_due_at + days(4)
    applications = []
    for person in people:
        application = apply(rng, call, person, applied)
        with at(applied + days(1)):
            applications.append(accept_application(application, by=cast.operator))
    with at(dates.rankings_open_at + days(2)):
        for person, application in zip(people, applications, strict=True):
            own = user(person.user)
            for project in sorted(
                projects, key=lambda one: (one.field_id not in person.interests, rng.random())
            ):
                add_wish(application, project, by=own)
            mark_interest(application, projects[rng.randrange(4)], by=own)
            certify_wishes(application, revision=None, by=own)
    with at(dates.rankings_open_at + days(9)):
        for firm, project in zip(firms, projects, strict=True):
            company, owner = Company.objects.get(pk=firm.pk), user(firm.owner)
            for person, application in zip(people, applications, strict=True):
                points = Decimal(max(30, min(98, 70 + 9 * person.ability + rng.gauss(0, 6)))).quantize(
                    Decimal("0.1")
                )
                if rng.random() < 0.6:
                    score_candidate(company, project, application, score=points, by=owner)
            certify_scores(company, call, revision=None, by=owner)


def _answer(call: Call, dates: Dates) -> None:
    """Everybody accepts but one; the seat goes along the chain, night after night, until it is quiet."""
    for number, placement in enumerate(call.placements.order_by("pk")):
        own = user(placement.trainee.user_id)
        with at(dates.published_at + timedelta(hours=3 + number)):
            if number == 7:
                decline_placement(placement, reason=DeclineReason.JOB, by=own)
            else:
                accept_placement(placement, by=own)
    night = dates.published_at + timedelta(hours=40)
    while asked := _fill(call, night):
        for placement in asked:
            with at(placement.offered_at + timedelta(hours=4)):
                accept_placement(placement, by=user(placement.trainee.user_id))
        night += days(1)


def _fill(call: Call, night: datetime) -> list[Placement]:
    with at(night):
        return fill_vacancies(call, now=night)


def _crew(projects: Sequence[Project]) -> Iterator[tuple[int, Placement, int, str]]:
    """``(project, placement, wave, fate)`` of everybody who started."""
    for number, project in enumerate(projects):
        started = project.placements.filter(state__in=SEATED | {PlacementState.DROPPED_OUT})
        for place, placement in enumerate(started.select_related("trainee__user").order_by("application")):
            yield number, placement, WAVE_OF[place], FATES[number][place]


def _working(
    projects: Sequence[Project], firms: Sequence[Firm], dates: Dates, cast: Cast, rng: Random
) -> Iterator[Step]:
    """From the first day to the locked evaluations. Nobody may take part for more than six months, so people came
    in waves; the portal knows the waves by each placement's own dates."""
    year, end = dates.ends_on.year, dates.ends_on
    call = Call.objects.get(pk=projects[0].call_id)
    over = (backfill_until(call) or end) + days(1)
    yield moment(over, 2), lambda: close_reserves(call, over)
    yield moment(end + days(1), 2), lambda: finish_call(call)
    for number, placement, wave, fate in _crew(projects):
        (first, last), pk = WAVES[wave], placement.pk
        Placement.objects.filter(pk=pk).update(starts_on=date(year, *first), ends_on=date(year, *last))
        if fate == "dropped out":
            yield (
                moment(date(year, 8, 12), 15),
                partial(drop_out, placement, reason="다른 회사에 취업", by=cast.operator),
            )
        elif fate == "failed":
            yield (
                moment(end + days(1), 10),
                partial(fail_placement, placement, reason="출석률 80% 미만", by=cast.operator),
            )
        else:
            yield moment(end + days(1), 10), partial(complete_placement, placement, by=cast.operator)
            yield from _rating(placement, fate, firms[number], end, cast, rng)


def _rating(
    placement: Placement, fate: str, firm: Firm, end: date, cast: Cast, rng: Random
) -> Iterator[Step]:
    rater = user(firm.people[MemberRole.MANAGER][1])
    score = Decimal(rng.randrange(640, 780) if fate == "below" else rng.randrange(820, 970)) / 10
    comment = EVALUATIONS[-1] if fate == "below" else rng.choice(EVALUATIONS[:-1])
    yield (
        moment(end + days(5), 14),
        lambda: draft_evaluation(placement, score=score, comment=comment, by=rater),
    )
    if fate != "to rate":
        yield moment(end + days(6), 11), lambda: submit_evaluation(placement.evaluation, by=rater)
    if fate not in ("to rate", "to lock"):
        yield moment(end + days(15), 16), lambda: lock_evaluation(placement.evaluation, by=cast.operator)


def _keeping(
    projects: Sequence[Project], firms: Sequence[Firm], dates: Dates, cast: Cast, today: date
) -> Iterator[Step]:
    """From the night that owes the obligations to yesterday: reminders, evidence, decisions."""
    owed_on = dates.ends_on + days(23)
    rules = projects[0].call.rule_set
    due = {date(dates.ends_on.year, *last) + days(rules.hire_within_days) for _, last in WAVES}
    reminders = {day + days(stage) for day in due for stage in rules.hire_reminder_days}
    nights = {owed_on} | {day for day in reminders | {day + days(1) for day in due} if owed_on < day < today}
    for night in sorted(nights):
        yield moment(night, 3), partial(remind_due_obligations, night)
    for number, placement, _wave, fate in _crew(projects):
        yield from _fate(placement, fate, user(firms[number].owner), owed_on, cast, today)


def _fate(
    placement: Placement, fate: str, owner: User, owed_on: date, cast: Cast, today: date
) -> Iterator[Step]:
    """What one company did about one hire."""

    def hand_in(hired_on: date) -> None:
        submit_evidence(_owed(placement), hired_on=hired_on, files=hiring_papers(hired_on), by=owner)

    match fate:
        case "fulfilled":
            yield moment(owed_on + days(4), 15), lambda: hand_in(owed_on + days(1))
            yield moment(owed_on + days(7), 10), lambda: verify_evidence(_owed(placement), by=cast.operator)
        case "handed in":
            yield moment(today - days(3), 15), lambda: hand_in(today - days(12))
        case "handed in again":
            reason = "근로계약서에 서명이 보이지 않습니다. 서명한 면이 나오게 다시 올려 주세요."
            yield moment(today - days(9), 16), lambda: hand_in(today - days(20))
            yield (
                moment(today - days(7), 10),
                lambda: return_evidence(_owed(placement), reason=reason, by=cast.operator),
            )
            yield moment(today - days(2), 13), lambda: hand_in(today - days(20))
        case "waived":
            note = "본인이 서명한 취업 확인서와 재직 증명을 대조함"
            yield (
                moment(today - days(15), 14),
                lambda: waive_obligation(
                    _owed(placement), reason=WaiverReason.TRAINEE_EMPLOYED, note=note, by=cast.agency1
                ),
            )


def _owed(placement: Placement) -> HiringObligation:
    return HiringObligation.objects.get(placement=placement)
