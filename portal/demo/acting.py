"""Pieces of a call's life that several parts of the demo act out with the portal's own actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from uuid import UUID

from matching.actions import approve_run, publish_run, run_matching
from matching.models import MatchRun
from matching.proofs.actions import name_auditor
from portal.accounts.models import User
from portal.companies.models import Company, CompanyMember
from portal.demo.bench import prepare_scenarios
from portal.demo.catalogue import Offer
from portal.demo.clock import Dates, at, moment
from portal.demo.crowd import Person
from portal.demo.offers import Firm
from portal.demo.office import add_user, address
from portal.demo.texts import GOALS, MOTIVES
from portal.trainees.models import Trainee
from portal.trainees.states import WorkMode
from projects.actions import (
    close_call,
    confirm_draw_value,
    draft_project,
    enter_draw_value,
    name_draw_source,
    open_call,
    submit_project,
)
from projects.applications.actions import draft_application, edit_application, submit_application
from projects.applications.models import Application
from projects.fit.actions import refresh_fits
from projects.models import Call, Draw, Project, RuleSet
from projects.rankings.actions import seal_rankings


@dataclass(frozen=True)
class Cast:
    """Who acts for the office."""

    agency1: User
    agency2: User
    operator: User
    operator2: User


def user(pk: int) -> User:
    return User.objects.get(pk=pk)


def announce(
    rng: Random, title: str, summary: str, dates: Dates, rule_set: RuleSet, operator_firm: int, cast: Cast
) -> Call:
    """A call, opened on its day; its year is that of its projects' last day but for a start late in the year."""
    call = Call.objects.create(
        title=title,
        year=int(title[:4]),
        summary=summary,
        rule_set=rule_set,
        operator_company_id=operator_firm,
        projects_due_at=dates.projects_due_at,
        applications_due_at=dates.applications_due_at,
        rankings_open_at=dates.rankings_open_at,
        rankings_due_at=dates.rankings_due_at,
        announce_on=dates.announce_on,
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
    )
    secret = sha256(f"{rng.getrandbits(128):032x}".encode()).hexdigest()
    draw = Draw.objects.create(call=call, secret=secret)
    with at(dates.opened_at - timedelta(hours=20)):
        name_draw_source(draw, source=_lottery(dates), known_on=dates.draw_known_on, by=cast.operator)
    with at(dates.opened_at):
        return open_call(call, by=cast.agency1)


def _lottery(dates: Dates) -> str:
    """A source as an office would name it; the numbers of the demo are made up."""
    return f"시연용 공개 추첨 제{dates.draw_known_on:%y%m%d}회 당첨번호 여섯 개, 작은 수부터 ({dates.draw_known_on})"


def draft(call: Call, firm: Firm, offer: Offer, when: datetime, *, places: int, minimum: int = 0) -> Project:
    """A company writes down a project."""
    with at(when):
        return draft_project(
            call,
            Company.objects.get(pk=firm.pk),
            skills={code: (level, True) for code, level in offer.required.items()}
            | {code: (level, False) for code, level in offer.preferred.items()},
            mentors=[CompanyMember.objects.get(pk=firm.mentor)],
            by=user(firm.owner),
            title=offer.title,
            summary=offer.summary,
            description=offer.description,
            data_used=offer.data,
            field_id=offer.field,
            region=firm.region,
            work_mode=WorkMode.HYBRID,
            minimum=minimum,
            places=places,
            hire_type="정규직",
            hire_pay_won=3_000_000,
            hire_place=firm.region,
        )


def offer(call: Call, firm: Firm, words: Offer, when: datetime, *, places: int, minimum: int = 0) -> Project:
    """… and hands it in."""
    project = draft(call, firm, words, when, places=places, minimum=minimum)
    with at(when):
        return submit_project(project, by=user(firm.owner))


def apply(rng: Random, call: Call, person: Person, when: datetime, *, hand_in: bool = True) -> Application:
    """A person fills in an application; its pseudonym is the seed's, so that the draw is the same every time."""
    trainee = Trainee.objects.select_related("user").get(pk=person.trainee)
    with at(when):
        application = draft_application(call, trainee, by=trainee.user)
        Application.objects.filter(pk=application.pk).update(
            pseudonym=UUID(int=rng.getrandbits(128), version=4)
        )
        application = edit_application(
            application, by=trainee.user, motive=rng.choice(MOTIVES), goal=rng.choice(GOALS)
        )
        person.application, person.pseudonym = application.pk, application.pseudonym.hex
        return submit_application(application, by=trainee.user) if hand_in else application


def seal(call: Call, dates: Dates) -> None:
    """What the clock does when applications, then lists are due."""
    with at(moment(dates.applications_due_at.date(), 23, 30)):
        close_call(call)
    with at(moment(dates.rankings_due_at.date(), 2)):
        refresh_fits(call)
    with at(moment(dates.rankings_due_at.date(), 18, 1)):
        seal_rankings(call)


def draw_lots(call: Call, dates: Dates, cast: Cast) -> None:
    """The public half of the seed: typed in by one of the office, confirmed by another."""
    numbers = Random(f"{dates.draw_known_on}").sample(range(1, 46), 6)
    value = " ".join(map(str, sorted(numbers)))
    with at(moment(dates.draw_known_on, 9, 20)):
        draw = enter_draw_value(
            Draw.objects.get(call=call),
            value=value,
            read_from="https://draw.example/latest",
            by=cast.operator,
        )
    with at(moment(dates.draw_known_on, 9, 50)):
        confirm_draw_value(draw, value=value, by=cast.agency1)


def publish(call: Call, dates: Dates, cast: Cast) -> MatchRun:
    """The night's final run, approved by one member of the agency and published by another."""
    with at(moment(dates.announce_on, 2)):
        run = run_matching(call, on=dates.announce_on)
    assert run is not None  # noqa: S101 -- sealed a moment ago, so there is no other run
    with at(moment(dates.announce_on, 8, 40)):
        prepare_scenarios(run, cast.operator)
    with at(moment(dates.announce_on, 9, 10)):
        approve_run(
            run,
            note="미개설 과제는 회사와 한 번 더 확인했습니다.",
            checks=["root", "seed", "closed", "lines"],
            by=cast.agency1,
        )
    with at(dates.published_at):
        run = publish_run(
            run, note="승인 내용을 대조했습니다.", checks=["root", "closed", "hashes"], by=cast.agency2
        )
    with at(dates.published_at + timedelta(hours=3)):
        who = User.objects.filter(email=address("auditor")).first() or add_user("auditor", "정바른")
        name_auditor(
            call,
            email=who.email,
            until=dates.announce_on + timedelta(days=90),
            reason="외부 감사(시연)",
            by=cast.agency1,
        )
    return run
