"""What stands beside the great call: companies to verify, and a second intake in which everything can still be done."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from random import Random

from portal.companies.actions import register_company, reject_company
from portal.companies.models import Company
from portal.demo.acting import Cast, announce, apply, draft, offer, user
from portal.demo.catalogue import SECOND_INTAKE
from portal.demo.clock import at, days, moment, second_intake
from portal.demo.crowd import Person
from portal.demo.offers import Firm, registration_no
from portal.demo.office import add_user
from portal.demo.texts import CALL_SUMMARY, RETURN_COMMENTS
from projects.actions import (
    reject_project,
    reserve_project,
    return_project,
    select_project,
    withdraw_project,
)
from projects.applications.actions import (
    accept_application,
    refuse_application,
    return_application,
    withdraw_application,
)
from projects.applications.models import Application
from projects.applications.states import IneligibleReason
from projects.models import Call, Project, RuleSet
from projects.rankings.actions import add_wish, certify_wishes, mark_interest, score_candidate

NEWCOMERS = [
    ("가로수길데이터", "데이터 분석", 9),
    ("물안개로보틱스", "로봇", 22),
    ("초롱꽃헬스", "의료 정보", 14),
    ("먼동소프트", "소프트웨어", 3),
]


def add_newcomers(rng: Random, names: Iterator[str], number: int, cast: Cast, today: date) -> None:
    """Four companies that registered lately; one was refused, three wait for the operator."""
    for place, (name, trade, employees) in enumerate(NEWCOMERS):
        boss = next(names)
        owner = add_user(f"new{place + 1}", boss)
        with at(moment(today - days(6 - place), 11)):
            company = register_company(
                by=owner, name=name, registration_no=registration_no(number + place), representative=boss,
                region="창원", address=f"경상남도 창원시 새빛로 {250 + place}", field=trade, employees=employees,
                about=f"{trade} 일을 하는 회사입니다.",
            )  # fmt: skip
    with at(moment(today - days(2), 10)):
        reject_company(company, reason="대표자 이름이 사업자등록 정보와 다릅니다.", by=cast.operator2)


def play_second_intake(
    rng: Random,
    title: str,
    rule_set: RuleSet,
    firms: Sequence[Firm],
    people: Sequence[Person],
    operator_firm: int,
    cast: Cast,
    today: date,
) -> Call:
    """A small open call: projects in every state of selection, people in every state of applying and ranking."""
    dates = second_intake(today)
    call = announce(rng, title, CALL_SUMMARY, dates, rule_set, operator_firm, cast)
    projects = _offer(call, firms, cast, today)
    eligible = _apply(rng, call, people, cast, today)
    _rank(rng, eligible, projects, firms[0], today)
    return call


def _offer(call: Call, firms: Sequence[Firm], cast: Cast, today: date) -> list[Project]:
    """Three selected, one waiting, one returned, one in reserve, one rejected, one withdrawn, one draft."""
    written = moment(today - days(12), 14)
    chosen = []
    for number, words in enumerate(SECOND_INTAKE):
        project = offer(
            call, firms[number % len(firms)], words, written, places=3, minimum=2 if number == 1 else 0
        )
        with at(moment(today - days(7), 10)):
            if number < 3:
                chosen.append(select_project(project, by=cast.agency1))
            elif number == 3:
                return_project(project, reason="멘토가 맡을 시간을 주 단위로 적어 주세요.", by=cast.operator)
    refused = SECOND_INTAKE[3]._replace(
        title="사내 홈페이지 유지 보수", summary="회사 홈페이지의 글과 그림을 바꿉니다."
    )
    project = offer(call, firms[-1], refused, written, places=2)
    with at(moment(today - days(6), 10)):
        reject_project(project, reason="AI를 배우고 쓰는 과제로 보기 어렵습니다.", by=cast.agency1)
    second = SECOND_INTAKE[1]._replace(title="부품 사진 분류", summary="창고의 부품 사진에 이름을 붙입니다.")
    project = offer(call, firms[1], second, written, places=2)
    with at(moment(today - days(6), 11)):
        reserve_project(
            project, reason="과제는 좋으나 같은 회사의 과제가 먼저 선정되었습니다.", by=cast.agency1
        )
    given_up = SECOND_INTAKE[2]._replace(title="상담 기록 요약", summary="상담 기록을 짧게 요약합니다.")
    project = offer(call, firms[2], given_up, written, places=2)
    with at(moment(today - days(8), 9)):
        withdraw_project(project, reason="맡기로 한 멘토가 회사를 떠났습니다.", by=user(firms[2].owner))
    draft(
        call,
        firms[0],
        SECOND_INTAKE[4]._replace(title="견적 데이터 사전 만들기"),
        moment(today - days(1), 17),
        places=2,
    )
    return chosen


def _apply(
    rng: Random, call: Call, people: Sequence[Person], cast: Cast, today: date
) -> list[tuple[Person, Application]]:
    """Most are eligible; some wait, were sent back, refused, withdrew or are still writing."""
    eligible = []
    for number, person in enumerate(people):
        writing = number % 8 == 7
        application = apply(rng, call, person, moment(today - days(5), 10 + number % 9), hand_in=not writing)
        with at(moment(today - days(2), 15)):
            if writing:
                continue
            if number % 8 == 6:
                if number % 16 == 6:
                    return_application(application, comment=rng.choice(RETURN_COMMENTS), by=cast.operator)
            elif number == 13:
                refuse_application(
                    application,
                    reason=IneligibleReason.EMPLOYED,
                    comment="고용보험 가입이 확인되었습니다.",
                    by=cast.operator,
                )
            elif number == 21:
                withdraw_application(application, by=user(person.user))
            else:
                eligible.append((person, accept_application(application, by=cast.operator)))
    return eligible


def _rank(
    rng: Random,
    eligible: Sequence[tuple[Person, Application]],
    projects: Sequence[Project],
    firm: Firm,
    today: date,
) -> None:
    """A third has certified, a third is still arranging, the others have marked interest; one company has begun to score."""
    own_project = next(project for project in projects if project.company_id == firm.pk)
    with at(moment(today - days(1), 13)):
        for number, (person, application) in enumerate(eligible):
            own, order = user(person.user), rng.sample(projects, k=len(projects))
            for project in order[:2]:
                mark_interest(application, project, by=own)
            if number % 3 < 2:
                for project in order[: 1 + number % 3 + 1]:
                    add_wish(application, project, by=own)
            if number % 3 == 0:
                certify_wishes(application, revision=None, by=own)
        company, owner = Company.objects.get(pk=firm.pk), user(firm.owner)
        for person, application in eligible[:5]:
            points = Decimal(max(30, min(98, 70 + 9 * person.ability))).quantize(Decimal("0.1"))
            score_candidate(company, own_project, application, score=points, by=owner)
