"""Graduates by the hundred or the hundred thousand: people, what they know, whether they apply."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress

from portal.accounts.models import Consent, ConsentText, User
from portal.accounts.states import ConsentKind
from portal.demo.clock import days, moment
from portal.demo.load import History, load, reserve_ids
from portal.demo.office import address, password_hash
from portal.demo.skills import COURSES
from portal.demo.texts import GOALS, INTROS, MOTIVES, RETURN_COMMENTS
from portal.schools.models import Cohort, Graduate
from portal.schools.states import GraduateState
from portal.trainees.models import Trainee, TraineeSkill
from portal.trainees.states import Employment, WorkMode
from portal.trainees.words import FIELDS
from projects.applications.models import Application
from projects.applications.states import ApplicationState, IneligibleReason
from projects.models import Call

REGIONS = ["창원", "창원", "창원", "김해", "김해", "진주", "진주", "양산", "거제", "통영", "부산", "부산"]


@dataclass(slots=True)
class Person:
    """A graduate with an account; what the seed needs to know of them later."""

    user: int
    trainee: int
    email: str
    skills: dict[str, int]
    interests: list[str]
    region: str
    work_mode: str
    ability: float
    application: int = 0
    pseudonym: str = ""
    state: str = ""


def share(total: int, sizes: Sequence[int]) -> list[int]:
    """``total`` divided in the proportion of ``sizes``; what rounding leaves over goes to the first."""
    parts = [total * size // sum(sizes) for size in sizes]
    parts[0] += total - sum(parts)
    return parts


def add_graduates(
    rng: Random,
    names: Iterator[str],
    cohorts: Sequence[tuple[Cohort, int, Sequence[str]]],
    *,
    accounts: int,
    prefix: str,
    joined_on: date,
    history: History,
) -> list[Person]:
    """Load every graduate of ``(cohort, how many, its fields)``; the first ``accounts`` of a shuffle have an account.

    Accounts come with verified address, profile, skills, interests and consents, as after a careful sign-up.
    """
    total = sum(count for _, count, _ in cohorts)
    order = list(range(total))
    rng.shuffle(order)
    user_ids, trainee_ids = iter(reserve_ids(User, accounts)), iter(reserve_ids(Trainee, accounts))
    graduate_ids = reserve_ids(Graduate, total)
    owners = {number: (next(user_ids), next(trainee_ids)) for number in order[:accounts]}
    users: list[tuple[Any, ...]] = []
    graduates: list[tuple[Any, ...]] = []
    trainees: list[tuple[Any, ...]] = []
    people: dict[int, Person] = {}
    number = 0
    for cohort, count, fields in cohorts:
        for place in range(count):
            name, email = next(names), address(f"{prefix}{number + 1:05d}")
            user, trainee = owners.get(number, (None, None))
            late = user is None and rng.random() < 0.12
            state = (
                rng.choice([GraduateState.EXPECTED, GraduateState.NOT_COMPLETED])
                if late
                else GraduateState.CONFIRMED
            )
            hours = cohort.course_hours - rng.randrange(0, 60) if state == GraduateState.CONFIRMED else None
            graduate = next(graduate_ids)
            graduates.append(
                (graduate, cohort.pk, f"{cohort.pk}-{place + 1:04d}", name, email, hours, state,
                 cohort.ends_on if hours else None, user)
            )  # fmt: skip
            if user and trainee:
                joined = moment(
                    joined_on + days(rng.randrange(0, 14)), rng.randrange(9, 22), rng.randrange(60)
                )
                person = _person(rng, user, trainee, email, fields)
                people[number] = person
                users.append((user, email, name, joined))
                trainees.append((trainee, user, graduate, *_profile(rng, person, joined)))
                history.write("become_trainee", Trainee, trainee, joined, by=user)
                history.write("claim_graduate", Trainee, trainee, joined, by=user, graduate=graduate)
            number += 1
    ordered = [people[number] for number in order[:accounts]]
    load(User, ("id", "email", "name", "date_joined"), users, password=password_hash(), language="ko")
    load(EmailAddress, ("user_id", "email"), ((row[0], row[1]) for row in users), verified=True, primary=True)
    load(
        Graduate,
        ("id", "cohort_id", "external_id", "name", "email", "hours", "state", "confirmed_on", "user_id"),
        graduates,
    )
    load(
        Trainee,
        ("id", "user_id", "graduate_id", "phone", "region", "work_mode", "available_from", "employment", "intro", "portfolio", "updated_at"),
        trainees,
    )  # fmt: skip
    load(
        TraineeSkill,
        ("trainee_id", "skill_id", "level"),
        ((person.trainee, code, level) for person in ordered for code, level in person.skills.items()),
    )
    load(
        Trainee.interests.through,
        ("trainee_id", "field_id"),
        ((person.trainee, field) for person in ordered for field in person.interests),
    )
    _consents(rng, users)
    return ordered


def _person(rng: Random, user: int, trainee: int, email: str, fields: Sequence[str]) -> Person:
    """Ability shows in levels; a course shows in skills; taste in interests."""
    ability = max(-2.0, min(2.0, rng.gauss(0, 0.8)))
    interests = list(
        dict.fromkeys(
            rng.choice(fields) if rng.random() < 0.8 else rng.choice(list(FIELDS)) for _ in range(3)
        )
    )
    known = ["python"]
    for field in interests[:2]:
        known += rng.sample(COURSES[field], k=min(len(COURSES[field]), 3))
    known += rng.sample(["git", "sql", "docker", "documentation", "presentation", "opencv", "pandas"], k=2)
    skills = {
        code: max(1, min(5, round(2.6 + ability * 0.9 + rng.gauss(0, 0.7)))) for code in dict.fromkeys(known)
    }
    return Person(
        user=user, trainee=trainee, email=email, skills=skills, interests=interests, region=rng.choice(REGIONS),
        work_mode=rng.choice([WorkMode.HYBRID, WorkMode.HYBRID, WorkMode.ONSITE, WorkMode.REMOTE]), ability=ability,
    )  # fmt: skip


def _profile(rng: Random, person: Person, joined: datetime) -> tuple[Any, ...]:
    portfolio = f"https://portfolio.example/{person.trainee}" if rng.random() < 0.4 else ""
    available = joined.date() + days(rng.choice([0, 7, 14, 30]))
    phone = f"+82100{rng.randrange(10**7):07d}"  # 010-0…: given to nobody
    return (
        phone, person.region, person.work_mode, available, Employment.UNEMPLOYED, rng.choice(INTROS), portfolio, joined,
    )  # fmt: skip


def _consents(rng: Random, users: Sequence[tuple[Any, ...]]) -> None:
    texts = list(ConsentText.objects.order_by("pk"))
    likely: dict[str, float] = {ConsentKind.SHARE_WITH_SCHOOL: 0.8, ConsentKind.TALENT_POOL: 0.6}
    load(
        Consent,
        ("user_id", "text_id", "given_at"),
        (
            (user, text.pk, joined)
            for user, _, _, joined in users
            for text in texts
            if rng.random() < likely.get(text.kind, 1.0)
        ),
    )


# --- applications -------------------------------------------------------------------------------------

#: Out of 1000 applicants, how many are in which state while applications are open, and once they are decided.
OPEN_STATES = {
    ApplicationState.SUBMITTED: 40,
    ApplicationState.RETURNED: 13,
    ApplicationState.INELIGIBLE: 22,
    ApplicationState.WITHDRAWN: 20,
    ApplicationState.DRAFT: 18,
}
DECIDED_STATES = {ApplicationState.INELIGIBLE: 26, ApplicationState.WITHDRAWN: 20}


def spread(total: int, shares: Mapping[ApplicationState, int]) -> list[str]:
    """``total`` states: those of ``shares`` (per mille, at least one each), then eligible people."""
    states: list[str] = []
    for state, per_mille in shares.items():
        states += [state] * max(1, total * per_mille // 1000)
    return [ApplicationState.ELIGIBLE] * (total - len(states)) + states


def add_applications(
    rng: Random,
    call: Call,
    people: Sequence[Person],
    *,
    is_open: bool,
    first_at: datetime,
    last_at: datetime,
    operator: User,
    history: History,
) -> None:
    """Load one application per person, decided or (while the call is open) not yet."""
    states = spread(len(people), OPEN_STATES if is_open else DECIDED_STATES)
    span = int((last_at - first_at).total_seconds())
    rows = []
    for person, pk, state in zip(people, reserve_ids(Application, len(people)), states, strict=True):
        person.application, person.state = pk, state
        pseudonym = UUID(int=rng.getrandbits(128), version=4)
        person.pseudonym = pseudonym.hex
        handed_in = first_at + timedelta(seconds=int(span * rng.betavariate(2, 1.4)))
        submitted_at = None if state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN) else handed_in
        reason = (
            rng.choice([IneligibleReason.EMPLOYED, IneligibleReason.OTHER])
            if state == ApplicationState.INELIGIBLE
            else ""
        )
        comment = rng.choice(RETURN_COMMENTS) if state == ApplicationState.RETURNED else ""
        rows.append(
            (pk, person.trainee, pseudonym, rng.choice(MOTIVES), rng.choice(GOALS), state, reason, comment, submitted_at, handed_in)
        )  # fmt: skip
        _tell_history(history, pk, state, handed_in, person.user, operator.pk, reason)
    load(
        Application,
        ("id", "trainee_id", "pseudonym", "motive", "goal", "state", "ineligible_reason", "comment", "submitted_at", "updated_at"),
        rows,
        call_id=call.pk,
    )  # fmt: skip


def _tell_history(
    history: History, pk: int, state: str, at: datetime, user: int, operator: int, reason: str
) -> None:
    draft, submitted = ApplicationState.DRAFT, ApplicationState.SUBMITTED
    history.write("draft_application", Application, pk, at - timedelta(minutes=50), by=user)
    if state == draft:
        return
    history.write("submit_application", Application, pk, at, by=user, was=draft, now=submitted)
    decided = at + timedelta(hours=20)
    match state:
        case ApplicationState.ELIGIBLE:
            history.write(
                "accept_application", Application, pk, decided, by=operator, was=submitted, now=state
            )
        case ApplicationState.INELIGIBLE:
            history.write(
                "refuse_application",
                Application,
                pk,
                decided,
                by=operator,
                was=submitted,
                now=state,
                reason=reason,
            )
        case ApplicationState.RETURNED:
            history.write(
                "return_application", Application, pk, decided, by=operator, was=submitted, now=state
            )
        case ApplicationState.WITHDRAWN:
            history.write("withdraw_application", Application, pk, decided, by=user, was=submitted, now=state)
