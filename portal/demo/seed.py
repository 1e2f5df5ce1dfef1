"""The demo from nothing: the same seed gives the same people, projects, wishes and results."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from portal.audit.actions import record
from portal.demo import beside, last_year, this_year
from portal.demo.acting import Cast
from portal.demo.clock import LAST_WAVE_DUE_IN, STAGES, Dates, at, days, moment
from portal.demo.clock import last_year as dates_of_last_year
from portal.demo.clock import this_year as dates_of_this_year
from portal.demo.crowd import Person, add_graduates, share
from portal.demo.load import History, spare_triggers
from portal.demo.names import people
from portal.demo.offers import add_firms, fields_of_firms
from portal.demo.office import add_office, add_user
from portal.notices.models import Notice
from portal.notices.states import NoticeState
from portal.schools.models import Cohort, School, SchoolMember
from portal.trainees.models import Field, Skill
from portal.trainees.words import FIELDS, listed_fields, listed_skills
from projects.actions import revise_rule_set
from projects.models import Call, RuleSet

__all__ = ["STAGES", "Size", "is_seeded", "seed"]

APPLICANTS_OF_483 = 310


@dataclass(frozen=True)
class Size:
    """How large this year's call is."""

    trainees: int = 483
    companies: int = 28
    projects: int = 36

    @property
    def applicants(self) -> int:
        return round(self.trainees * APPLICANTS_OF_483 / 483)

    @property
    def accounts(self) -> int:
        """Applicants, and people who have signed up and not applied."""
        return min(self.trainees, self.applicants + max(4, self.trainees // 10))


#: This year's courses: (school, name, course, hours, how many of 483, its fields).
COURSES = [
    ("새결 AI 아카데미", "2기", "AI 개발자 심화 과정", 960, 150, ("nlp", "generative", "vision", "platform")),
    ("한물결 인재개발원", "창원 3기", "제조 데이터 분석 과정", 720, 92, ("manufacturing", "data", "vision")),
    ("한물결 인재개발원", "김해 2기", "의료·바이오 AI 과정", 640, 75, ("health", "data", "nlp")),
    ("남새터 직업교육원", "진주 1기", "음성·언어 AI 과정", 600, 68, ("audio", "nlp", "generative")),
    ("남새터 직업교육원", "양산 2기", "지능형 로봇 과정", 720, 52, ("robotics", "vision", "manufacturing")),
    (
        "바다품 디지털배움터",
        "거제 1기",
        "데이터 서비스 과정",
        560,
        46,
        ("recommendation", "data", "platform"),
    ),
]
SCHOOL_REGIONS = {
    "새결 AI 아카데미": "부산",
    "한물결 인재개발원": "창원",
    "남새터 직업교육원": "진주",
    "바다품 디지털배움터": "거제",
}
CLAUSES = {
    "excellence_threshold": "시연용 값입니다. 실제 조항을 확인해 주세요.",
    "hire_within_days": "시연용 값입니다. 오늘과 가까운 기한을 보여 주려고 정했습니다. 실제 조항을 확인해 주세요.",
}


def is_seeded() -> bool:
    return Call.objects.exists()


class Phases:
    """``phases("사람")`` tells that this part is over and how many seconds it took."""

    def __init__(self, tell: Callable[[str, float], None]) -> None:
        self._tell, self._since = tell, time.monotonic()

    def __call__(self, name: str) -> None:
        now = time.monotonic()
        self._tell(name, now - self._since)
        self._since = now


def silent(name: str, seconds: float) -> None:
    """Nobody is waiting."""


@transaction.atomic
def seed(
    stage: str, size: Size, number: int, today: date, tell: Callable[[str, float], None] = silent
) -> None:
    """Write the whole demo, or nothing.

    Parameters
    ----------
    stage : one of :data:`STAGES`
        How far this year's call has come; last year's is always in its obligations.
    number : int
        The seed of everything made up.
    tell : called after each part with its name and the seconds it took
    """
    done = Phases(tell)
    rng, history = Random(f"ieum {number}"), History()
    names = people(rng)
    spare_triggers()
    then, now = dates_of_last_year(today), dates_of_this_year(stage, today)
    with at(then.opened_at - days(30)):
        cast = Cast(**add_office())
        _add_skills()
        rule_set = _rule_set(then, today)
        cohorts = _add_schools(then, now)
        firms = add_firms(
            rng, names, [*fields_of_firms(size.companies, size.projects), "nlp", "platform"],
            since=then.opened_at - days(20), operator=cast.operator, history=history,
        )  # fmt: skip
    *firms, fourth, operator_firm = firms
    crew = add_graduates(
        rng, names, [(cohorts[0], last_year.APPLICANTS, list(FIELDS))], accounts=last_year.APPLICANTS,
        prefix="y", joined_on=then.opened_at.date() + days(3), history=history,
    )  # fmt: skip
    last_year.play(rng, then, rule_set, [*firms[:3], fourth], crew, operator_firm.pk, cast, today)
    done("지난 공고")
    with at(now.opened_at - days(3)):
        rule_set = revise_rule_set(rule_set, by=cast.agency1, hire_within_days=180)
    # frozen by the first call that uses it, which is not the first one written
    RuleSet.objects.filter(pk=rule_set.pk).update(frozen_at=now.opened_at)
    crowd = _add_crowd(rng, names, cohorts[1:], size, now, history)
    done("수료생")
    applicants, others = crowd[: size.applicants], crowd[size.applicants :]
    title = f"{then.ends_on.year + 1}년 지역 AI 프로젝트"
    if stage != "rankings":  # written first: of two calls of a year the later row stands above
        beside.play_second_intake(
            rng, f"{title} 추가 모집", rule_set, firms[:4], others[:-2][:32], operator_firm.pk, cast, today
        )
        done("추가 모집")
    call = this_year.open_and_fill(
        rng, title, now, rule_set, firms, applicants, size.projects, operator_firm.pk, cast, history,
        is_open=stage == "rankings", done=done,
    )  # fmt: skip
    history.save()
    done("이력")
    this_year.advance(rng, call, now, stage, cast, today)
    done("마감부터 오늘까지")
    beside.add_newcomers(rng, names, len(firms) + 2, cast, today)
    _settle_messages()
    done("새 기업과 알림")
    record("seed_demo", call, by=None, stage=stage, seed=number)


def analyze() -> None:
    """Tell the planner about the new rows."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _add_skills() -> None:
    Field.objects.bulk_create(listed_fields())
    Skill.objects.bulk_create(listed_skills())


def _rule_set(then: Dates, today: date) -> RuleSet:
    """Last year's numbers; the hire is due so that today lies in the middle of what there is to do."""
    within = (today - then.ends_on).days + LAST_WAVE_DUE_IN
    return RuleSet.objects.create(name="지역 AI 프로젝트 운영 기준", hire_within_days=within, clauses=CLAUSES)


def _add_schools(then: Dates, now: Dates) -> list[Cohort]:
    """Last year's first class, then this year's courses."""
    schools = {
        name: School.objects.create(name=name, region=region) for name, region in SCHOOL_REGIONS.items()
    }
    academy = schools["새결 AI 아카데미"]
    SchoolMember.objects.create(school=academy, user=add_user("school", "유다온"))
    first = Cohort.objects.create(
        school=academy, name="1기", course="AI 개발자 심화 과정", course_hours=960,
        starts_on=then.opened_at.date() - days(270), ends_on=then.opened_at.date() - days(20),
    )  # fmt: skip
    end = now.opened_at.date() - days(5)
    return [first] + [
        Cohort.objects.create(
            school=schools[school],
            name=name,
            course=course,
            course_hours=hours,
            starts_on=end - days(hours // 4),
            ends_on=end - days(3 * number),
        )
        for number, (school, name, course, hours, _, _) in enumerate(COURSES)
    ]


def _add_crowd(
    rng: Random, names: Any, cohorts: list[Cohort], size: Size, now: Dates, history: History
) -> list[Person]:
    sizes = share(size.trainees, [course[4] for course in COURSES])
    classes = [
        (cohort, count, course[5]) for cohort, count, course in zip(cohorts, sizes, COURSES, strict=True)
    ]
    joined_on = now.opened_at.date()
    return add_graduates(
        rng, names, classes, accounts=size.accounts, prefix="t", joined_on=joined_on, history=history
    )


def _settle_messages() -> None:
    """What was owed in the past has left, and what is older than three days has been read."""
    now = timezone.now()
    gone = Notice.objects.filter(state=NoticeState.OWED, leaves_at__lte=now)
    gone.update(state=NoticeState.SENT, sent_at=F("leaves_at"), attempts=1)
    # one address has gone dead: the office sees what could not be sent, and to whom
    dead = Notice.objects.filter(kind="application_accepted", recipient__email__startswith="t").order_by("pk")
    Notice.objects.filter(pk__in=dead.values("pk")[:1]).update(
        state=NoticeState.FAILED, sent_at=None, read_at=None, attempts=6, error="550 받는 메일함이 없습니다"
    )
    old = Notice.objects.filter(read_at=None, leaves_at__lt=moment(timezone.localdate(now) - days(3), 0))
    old.update(read_at=F("leaves_at") + timedelta(hours=5))
