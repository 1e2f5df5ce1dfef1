"""Companies, the people who act for them, and the projects they offer in this year's call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from allauth.account.models import EmailAddress

from portal.accounts.models import User
from portal.companies.models import Company, CompanyMember
from portal.companies.states import CompanyState, MemberRole
from portal.companies.terms import with_check_digit
from portal.demo.catalogue import THIS_YEAR, UNPOPULAR, Offer
from portal.demo.crowd import REGIONS
from portal.demo.load import History, load, reserve_ids
from portal.demo.names import companies
from portal.demo.office import address, password_hash
from portal.trainees.states import WorkMode
from projects.models import Call, Participation, Project, ProjectMentor, ProjectSkill
from projects.states import ProjectState


@dataclass(slots=True)
class Firm:
    """A company with its people: role -> (member id, user id)."""

    pk: int
    name: str
    trade: str
    region: str
    people: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def owner(self) -> int:
        return self.people[MemberRole.OWNER][1]

    @property
    def mentor(self) -> int:
        return self.people[MemberRole.MENTOR][0]


@dataclass(slots=True)
class Wanted:
    """A selected project, with what decides who wants it and whom it wants."""

    pk: int
    firm: Firm
    offer: Offer
    region: str
    places: int
    pull: float  # how often people put it on their list; 0 for the one nobody wants
    seen: list[int] = field(default_factory=list)  # indices of people who marked it


#: The first company's people have addresses one can remember.
LOGINS = {MemberRole.OWNER: "owner", MemberRole.MANAGER: "manager", MemberRole.MENTOR: "mentor"}


def registration_no(number: int) -> str:
    """A number whose check digit is right and that no tax office gives out: none begins with 00."""
    return with_check_digit(f"00{number // 10_000:01d}81{number % 10_000:04d}")


def add_firms(
    rng: Random,
    names: Iterator[str],
    fields: Sequence[str],
    *,
    since: datetime,
    operator: User,
    history: History,
) -> list[Firm]:
    """Load a verified company of each field, each with an owner, a manager and a mentor."""
    count = len(fields)
    firms: list[Firm] = []
    facts, users, members = [], [], []
    user_ids, member_ids = reserve_ids(User, 3 * count), reserve_ids(CompanyMember, 3 * count)
    for number, (pk, (name, trade)) in enumerate(
        zip(reserve_ids(Company, count), companies(rng, fields), strict=True)
    ):
        firm = Firm(pk, name, trade, rng.choice(REGIONS))
        boss = next(names)
        for role, word in LOGINS.items():
            user, member = next(user_ids), next(member_ids)
            email = address(word if number == 0 else f"c{number:04d}.{word}")
            users.append((user, email, boss if role == MemberRole.OWNER else next(names), since))
            members.append((member, pk, user, role, since))
            firm.people[role] = (member, user)
        employees = rng.choice([7, 12, 18, 24, 31, 45, 68, 110, 180])
        facts.append(
            (pk, name, registration_no(number), boss, firm.region, f"경상남도 {firm.region}시 새빛로 {rng.randrange(1, 240)}"
             if firm.region != "부산" else f"부산광역시 새빛로 {rng.randrange(1, 240)}",
             trade, employees, f"https://c{number:04d}.company.example",
             f"{firm.region}에서 {trade} 일을 하는 회사입니다. 함께 배우고 오래 일할 사람을 찾습니다.", since)
        )  # fmt: skip
        firms.append(firm)
        history.write("register_company", Company, pk, since, by=firm.owner)
        history.write(
            "verify_company", Company, pk, since + timedelta(days=1), by=operator.pk,
            was=CompanyState.UNVERIFIED, now=CompanyState.VERIFIED,
        )  # fmt: skip
    load(User, ("id", "email", "name", "date_joined"), users, password=password_hash(), language="ko")
    load(EmailAddress, ("user_id", "email"), ((row[0], row[1]) for row in users), verified=True, primary=True)
    load(
        Company,
        ("id", "name", "registration_no", "representative", "region", "address", "field", "employees", "website", "about", "created_at"),
        facts,
        state=CompanyState.VERIFIED,
    )  # fmt: skip
    load(CompanyMember, ("id", "company_id", "user_id", "role", "since"), members)
    return firms


def places_of(number: int) -> tuple[int, int]:
    """``(minimum, places)`` of the n-th project: about three places each, and some need two or three people."""
    places = (3, 4, 3, 2, 3, 3, 4, 2, 3, 4)[number % 10]
    return (3 if number % 7 == 0 and places >= 3 else 2 if number % 11 == 5 else 0), places


def offer_of(number: int, count: int) -> Offer:
    """The words of the n-th project of ``count``; the last one is the one nobody wants."""
    return THIS_YEAR[UNPOPULAR if number == count - 1 else number % len(THIS_YEAR)]


def fields_of_firms(firms: int, projects: int) -> list[str]:
    """What each company does, by the first project it will offer."""
    first = [min(2 * number if number < 3 else number + 3, projects - 1) for number in range(firms)]
    return [offer_of(number, projects).field for number in first]


def add_projects(
    rng: Random,
    call: Call,
    firms: Sequence[Firm],
    count: int,
    *,
    at: datetime,
    operator: User,
    history: History,
) -> list[Wanted]:
    """Load ``count`` selected projects; last year's companies come first and offer two each."""
    wanted: list[Wanted] = []
    rows, skills, mentors = [], [], []
    for number, pk in enumerate(reserve_ids(Project, count)):
        offer, again = offer_of(number, count), number // len(THIS_YEAR)
        firm = firms[_firm_of(number, len(firms))]
        is_last = number == count - 1
        minimum, places = (3, 4) if is_last else places_of(number)
        pay = rng.randrange(26, 38) * 100_000
        rows.append(
            (pk, firm.pk, offer.title + (f" {again + 1}" if again else ""), offer.summary, offer.description, offer.data,
             offer.field, firm.region, rng.choice([WorkMode.ONSITE, WorkMode.ONSITE, WorkMode.HYBRID, WorkMode.REMOTE]),
             minimum, places, rng.choice([None, None, 1, 2]), rng.choice(["정규직", "정규직", "정규직(수습 3개월)"]), pay,
             firm.region, at, at)
        )  # fmt: skip
        skills += [(pk, code, level, True) for code, level in offer.required.items()]
        skills += [(pk, code, level, False) for code, level in offer.preferred.items()]
        mentors.append((pk, firm.mentor, at.date()))
        pull = 0.0 if is_last else rng.lognormvariate(0, 0.5)
        wanted.append(Wanted(pk, firm, offer, firm.region, places, pull))
        submitted, selected = ProjectState.SUBMITTED, ProjectState.SELECTED
        history.write("submit_project", Project, pk, at, by=firm.owner, was=ProjectState.DRAFT, now=submitted)
        history.write(
            "select_project", Project, pk, at + timedelta(days=6), by=operator.pk, was=submitted, now=selected
        )
    load(
        Project,
        ("id", "company_id", "title", "summary", "description", "data_used", "field_id", "region", "work_mode", "minimum",
         "places", "pledged_hires", "hire_type", "hire_pay_won", "hire_place", "submitted_at", "updated_at"),
        rows,
        call_id=call.pk,
        state=ProjectState.SELECTED,
    )  # fmt: skip
    load(ProjectSkill, ("project_id", "skill_id", "level", "required"), skills)
    load(ProjectMentor, ("project_id", "member_id", "since"), mentors)
    offering = dict.fromkeys(one.firm.pk for one in wanted)
    load(Participation, ("company_id",), ((pk,) for pk in offering), call_id=call.pk)
    return wanted


def _firm_of(number: int, firms: int) -> int:
    """Two projects each for the three companies of last year, the others in turn."""
    return number // 2 if number < 6 else 3 + (number - 6) % (firms - 3)
