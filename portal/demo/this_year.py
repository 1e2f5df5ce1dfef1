"""This year's call: hundreds or hundreds of thousands, loaded; and what comes after the match, acted."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.urls import reverse
from django.utils import timezone

from matching.actions import fill_vacancies
from portal.companies.models import CompanyMember
from portal.companies.states import MemberRole
from portal.demo.acting import Cast, announce, draw_lots, publish, seal, user
from portal.demo.clock import Dates, at, days, last_offers_on, moment, working_day
from portal.demo.crowd import Person, add_applications
from portal.demo.load import History, load
from portal.demo.meetings import meet, report
from portal.demo.offers import Firm, Wanted, add_projects
from portal.demo.questions import ask_about_results
from portal.demo.texts import CALL_SUMMARY, EVALUATIONS
from portal.demo.wishes import rank
from portal.notices.models import Notice
from portal.notices.states import NoticeState
from projects.actions import finish_call, set_company_cap, start_call
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.evaluations.actions import draft_evaluation, lock_evaluation, submit_evaluation
from projects.fit.actions import refresh_fits
from projects.models import Call, Participation, Project, RuleSet
from projects.obligations.actions import evaluations_to_owe, owe_obligation
from projects.placements.actions import (
    accept_placement,
    close_reserves,
    complete_placement,
    decline_placement,
    drop_out,
    expire_placement,
    fail_placement,
    start_placements,
    terminate_project,
    withdraw_placement,
)
from projects.placements.models import Placement
from projects.placements.states import DeclineReason, PlacementState
from projects.rankings.models import RankList
from projects.rankings.states import RankListState
from projects.states import ProjectState


def open_and_fill(
    rng: Random,
    title: str,
    dates: Dates,
    rule_set: RuleSet,
    firms: Sequence[Firm],
    people: Sequence[Person],
    projects: int,
    operator_firm: int,
    cast: Cast,
    history: History,
    *,
    is_open: bool,
    done: Callable[[str], None],
) -> Call:
    """The call with its projects, applicants and lists, as on the last day before they are due."""
    call = announce(rng, title, CALL_SUMMARY, dates, rule_set, operator_firm, cast)
    until = timezone.now() - days(1)
    wanted = add_projects(
        rng, call, firms, projects, at=dates.projects_due_at - days(4), operator=cast.agency1, history=history
    )
    done("과제")
    add_applications(
        rng, call, people, is_open=is_open, operator=cast.operator, history=history,
        first_at=dates.opened_at + days(14), last_at=min(until, dates.applications_due_at - timedelta(hours=1)),
    )  # fmt: skip
    done("참여 신청")
    rank(
        rng, call, people, wanted, history=history,
        first_at=dates.rankings_open_at + timedelta(hours=1),
        last_at=min(until, dates.rankings_due_at - timedelta(minutes=5)),
    )  # fmt: skip
    done("희망순위")
    meet(call, people, wanted, dates, history=history)
    done("면접")
    _cap(call, wanted, cast)
    load(Notice, NOTICE, _told(call, people, wanted), language="ko", state=NoticeState.SENT, attempts=1)
    done("보낸 알림")
    return call


def _cap(call: Call, wanted: Sequence[Wanted], cast: Cast) -> None:
    """Two of the companies with two projects can look after fewer people than their projects have places."""
    both = [one.firm.pk for one in wanted[:4:2]]
    for row in Participation.objects.filter(call=call, company__in=both).order_by("pk"):
        places = sum(one.places for one in wanted if one.firm.pk == row.company_id)
        if places > 2:
            set_company_cap(row, cap=places - 1, reason="멘토 인원에 맞춤", by=cast.agency1)


NOTICE = (
    "key",
    "recipient_id",
    "email",
    "kind",
    "params",
    "link",
    "leaves_at",
    "created_at",
    "sent_at",
    "read_at",
)


def _told(call: Call, people: Sequence[Person], wanted: Sequence[Wanted]) -> Iterator[tuple[Any, ...]]:
    """The messages that went with the loaded moves: eligibility, receipts, selected projects."""
    start, receipt = reverse("home:start"), reverse("rankings:rank-list-receipt", args=[call.pk])
    addresses = {person.application: person for person in people}
    decided = Application.objects.filter(
        call=call, state=ApplicationState.ELIGIBLE, submitted_at__isnull=False
    )
    for pk, submitted_at in decided.values_list("pk", "submitted_at").iterator():
        assert submitted_at is not None  # noqa: S101 -- filtered above
        facts = {"call": call.title, "reference": f"A-{call.pk:02d}-{pk:05d}"}
        person = addresses[pk]
        yield _sent(
            person.user,
            person.email,
            "application_accepted",
            pk,
            facts,
            start,
            submitted_at + timedelta(hours=20),
        )
    lists = RankList.objects.filter(call=call, state=RankListState.CERTIFIED, application__isnull=False)
    for pk, application, proof, at_ in lists.values_list(
        "pk", "application", "receipt", "certified_at"
    ).iterator():
        assert at_ is not None  # noqa: S101 -- a certified list has its moment
        facts = {"call": call.title, "receipt": proof, "certified_at": at_.isoformat()}
        person = addresses[application]
        yield _sent(person.user, person.email, "rank_list_certified", pk, facts, receipt, at_)
    managers = dict(
        CompanyMember.objects.filter(company__projects__call=call, role=MemberRole.OWNER).values_list(
            "user", "user__email"
        )
    )
    titles = dict(Project.objects.filter(call=call).values_list("pk", "title"))
    for one in wanted:
        facts = {"project": titles[one.pk], "state": "selected", "reason": ""}
        link = reverse("projects:project-manage", args=[one.pk])
        selected = (call.projects_due_at or timezone.now()) + days(2)
        yield _sent(
            one.firm.owner, managers[one.firm.owner], "project_decided", one.pk, facts, link, selected
        )


def _sent(
    to: int, email: str, kind: str, pk: int, facts: dict[str, str], link: str, at_: datetime
) -> tuple[Any, ...]:
    return f"{kind}:{pk}:seeded:{to}", to, email, kind, facts, link, at_, at_, at_, at_ + timedelta(hours=3)


# --- after the deadline -------------------------------------------------------------------------------


def advance(rng: Random, call: Call, dates: Dates, stage: str, cast: Cast, today: date) -> None:
    """Bring the call to ``stage`` by what the clock and people do on the way."""
    report(call, dates, cast, today)
    if stage == "rankings":
        refresh_fits(call)  # as last night left it
        return
    seal(call, dates)
    draw_lots(call, dates, cast)
    if stage == "matching":
        return
    publish(call, dates, cast)
    ask_about_results(call, dates, cast)
    if stage == "published":
        _first_answers(call, dates, today)
        return
    _answers(rng, call, dates)
    with at(moment(dates.starts_on, 2)):
        _expire(moment(dates.starts_on, 2))
        start_call(call)
        start_placements(call, dates.starts_on)
    if stage == "running":
        _a_seat_falls_free(call, cast, today)
    else:
        _end(rng, call, dates, cast, today)


def _owner(placement: Placement) -> Any:
    return user(placement.trainee.user_id)


def _offered(call: Call) -> list[Placement]:
    return list(call.placements.filter(state=PlacementState.OFFERED).select_related("trainee").order_by("pk"))


def _first_answers(call: Call, dates: Dates, today: date) -> None:
    """Two nights after the result a few have answered and most still can; seats that fell free go along their chains."""
    for number, placement in enumerate(_offered(call)):
        with at(dates.published_at + timedelta(minutes=40 + number)):
            if number % 5 == 1:
                accept_placement(placement, by=_owner(placement))
            elif number % 20 == 7:
                decline_placement(placement, reason=DeclineReason.OTHER_PROGRAMME, by=_owner(placement))
    first, second = working_day(dates.announce_on + days(1)), last_offers_on(today)
    with at(moment(first, 2)):
        asked = fill_vacancies(call, now=moment(first, 2))
    moved = False
    for offer in asked:  # the first who has a place moves, the others stay
        with at(offer.offered_at + timedelta(hours=3)):
            if offer.moves_from is None or not moved:
                moved = moved or offer.moves_from is not None
                accept_placement(offer, by=_owner(offer))
            else:
                decline_placement(offer, reason=DeclineReason.DISTANCE, by=_owner(offer))
    with at(moment(second, 2)):
        fill_vacancies(call, now=moment(second, 2))


def _answers(rng: Random, call: Call, dates: Dates) -> None:
    """Most accept, some decline, some stay silent; then the reserve list is called, night after night, until it is quiet."""
    night = dates.announce_on
    while _offered(call) and night < dates.starts_on:
        for placement in _offered(call):
            chance = rng.random()
            with at(placement.offered_at + timedelta(hours=1 + 5 * rng.random())):
                if chance < 0.88:
                    accept_placement(placement, by=_owner(placement))
                    if chance < 0.02:  # and thinks better of it
                        withdraw_placement(placement, reason=DeclineReason.JOB, by=_owner(placement))
                elif chance < 0.95:
                    decline_placement(
                        placement, reason=rng.choice(DeclineReason.values), by=_owner(placement)
                    )
        night += days(1)
        due = [placement.answer_due_at for placement in _offered(call)]
        if due:
            night = max(night, timezone.localtime(max(due)).date() + days(1))
        now = moment(night, 2)
        with at(now):
            _expire(now)
            fill_vacancies(call, now=now)


def _expire(now: datetime) -> None:
    for placement in Placement.objects.unanswered(now).order_by("pk"):
        expire_placement(placement)


def _a_seat_falls_free(call: Call, cast: Cast, today: date) -> None:
    """A company gives up; two people leave elsewhere, and whoever stands next has an offer that can be answered now."""
    last = call.projects.filter(state=ProjectState.RUNNING).order_by("pk").last()
    if last is not None:
        with at(moment(today - days(3), 11)):
            terminate_project(
                last, reason="회사가 공장을 옮기게 되어 과제를 이어 갈 수 없음", by=cast.agency1
            )
    running = call.placements.filter(state=PlacementState.RUNNING, project__reserves__left_at=None).distinct()
    for placement in list(running.order_by("pk")[:40:20]):
        with at(moment(today - days(2), 15)):
            drop_out(placement, reason="다른 회사에 취업", by=cast.operator)
    now = moment(today - days(1), 2)
    with at(now):
        fill_vacancies(call, now=now)


def _end(rng: Random, call: Call, dates: Dates, cast: Cast, today: date) -> None:
    """Projects end, companies rate, the office locks, the night owes."""
    end = dates.ends_on
    with at(moment(end + days(1), 2)):
        _expire(moment(end + days(1), 2))
        finish_call(call)
        close_reserves(call, end + days(1))
    for number, placement in enumerate(call.placements.filter(state=PlacementState.RUNNING).order_by("pk")):
        with at(moment(end + days(1), 11)):
            if number % 25 == 24:
                fail_placement(placement, reason="출석률 80% 미만", by=cast.operator)
                continue
            complete_placement(placement, by=cast.operator)
        _rate(rng, placement, number, end, cast)
    with at(moment(today - days(10), 3)):
        for evaluation in evaluations_to_owe(today - days(10)):
            owe_obligation(evaluation)


def _rate(rng: Random, placement: Placement, number: int, end: date, cast: Cast) -> None:
    """Three of four are excellent; a few evaluations are not handed in or not locked yet."""
    rater = user(placement.company.members.get(role=MemberRole.MANAGER).user_id)
    excellent = rng.random() < 0.75
    score = Decimal(rng.randrange(805, 985) if excellent else rng.randrange(620, 795)) / 10
    with at(moment(end + days(5), 14)):
        evaluation = draft_evaluation(
            placement,
            score=score,
            comment=rng.choice(EVALUATIONS[:-1]) if excellent else EVALUATIONS[-1],
            by=rater,
        )
        if number % 12 == 3:
            return
        evaluation = submit_evaluation(evaluation, by=rater)
    if number % 12 != 8:
        with at(moment(end + days(12), 16)):
            lock_evaluation(evaluation, by=cast.operator)
