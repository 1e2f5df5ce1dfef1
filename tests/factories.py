"""One factory per model. Each makes the plainest valid row; traits and arguments say the rest.

The default call is open for rankings now: applications closed a week ago, lists are due in a week.
"""

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from matching.models import MatchRun
from matching.proofs.models import Auditor
from matching.reviews.models import ReviewRequest
from matching.scenarios.models import Scenario
from portal.accounts.models import ConsentText, StaffMember, User
from portal.companies.models import Company, CompanyMember
from portal.companies.terms import with_check_digit
from portal.notices.models import Notice
from portal.schools.models import Cohort, Graduate, School, SchoolMember
from portal.trainees.models import Field, Skill, Trainee, TraineeSkill
from projects.applications.models import Application
from projects.evaluations.models import Evaluation
from projects.fit.actions import seal_fits
from projects.interviews.models import Interview, InterviewForm, InterviewSlot, Report
from projects.models import Call, Draw, Participation, Project, ProjectMentor, ProjectSkill, RuleSet
from projects.obligations.models import HiringObligation, ObligationEvent
from projects.placements.models import Placement
from projects.rankings.actions import new_nonce, told
from projects.rankings.models import RankItem, RankList
from projects.rankings.terms import receipt_of


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    name = factory.Sequence(lambda n: f"김사람{n}")
    password = factory.django.Password("correct horse battery")


class StaffFactory(DjangoModelFactory):
    """A person of the office: ``StaffFactory(office="agency").user``."""

    class Meta:
        model = StaffMember

    user = factory.SubFactory(UserFactory, is_staff=True)
    office = "operator"


class ConsentTextFactory(DjangoModelFactory):
    """To share with companies; the same version is made once."""

    class Meta:
        model = ConsentText
        django_get_or_create = ["kind", "version"]

    kind = "share_with_company"
    version = 1
    title = "참여기업에 개인정보 제공"
    body = "선정된 참여기업에 프로필을 제공합니다."
    sha256 = "0" * 64


class SchoolFactory(DjangoModelFactory):
    class Meta:
        model = School

    name = factory.Sequence(lambda n: f"교육원{n}")
    region = "창원"


class SchoolMemberFactory(DjangoModelFactory):
    class Meta:
        model = SchoolMember

    school = factory.SubFactory(SchoolFactory)
    user = factory.SubFactory(UserFactory)


class CohortFactory(DjangoModelFactory):
    class Meta:
        model = Cohort

    school = factory.SubFactory(SchoolFactory)
    name = factory.Sequence(lambda n: f"{n}기")
    course = "AI 개발자 과정"
    course_hours = 800
    starts_on = dt.date(2026, 1, 5)
    ends_on = dt.date(2026, 6, 30)


class GraduateFactory(DjangoModelFactory):
    class Meta:
        model = Graduate

    cohort = factory.SubFactory(CohortFactory)
    external_id = factory.Sequence(lambda n: f"S{n:05d}")
    name = factory.Sequence(lambda n: f"이수료{n}")
    email = factory.Sequence(lambda n: f"graduate{n}@example.com")
    state = "confirmed"
    hours = 800
    confirmed_on = dt.date(2026, 6, 30)


class FieldFactory(DjangoModelFactory):
    class Meta:
        model = Field
        django_get_or_create = ["code"]

    code = "nlp"
    name = "자연어 처리"
    name_en = "Natural language"


class SkillFactory(DjangoModelFactory):
    class Meta:
        model = Skill
        django_get_or_create = ["code"]

    code = "python"
    name = name_en = factory.LazyAttribute(lambda skill: skill.code.title())


class TraineeFactory(DjangoModelFactory):
    """A trainee whose profile is complete and whose school has confirmed the course."""

    class Meta:
        model = Trainee
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    graduate = factory.SubFactory(
        GraduateFactory,
        email=factory.SelfAttribute("..user.email"),
        name=factory.SelfAttribute("..user.name"),
    )
    phone = "+821012345678"
    region = "창원"
    available_from = dt.date(2026, 1, 1)

    @factory.post_generation
    def skills(self, create, extracted, **kwargs):
        for code, level in (extracted if extracted is not None else {"python": 3}).items():
            TraineeSkill.objects.create(trainee=self, skill=SkillFactory(code=code), level=level)


class CompanyFactory(DjangoModelFactory):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"가온기업{n}")
    registration_no = factory.Sequence(lambda n: with_check_digit(f"{n + 100_000_000:09d}"))
    representative = "박대표"
    region = "창원"
    address = "경상남도 창원시 어느길 1"
    field = "제조"
    employees = 30
    state = "verified"


class CompanyMemberFactory(DjangoModelFactory):
    class Meta:
        model = CompanyMember

    company = factory.SubFactory(CompanyFactory)
    user = factory.SubFactory(UserFactory)
    role = "owner"


class RuleSetFactory(DjangoModelFactory):
    class Meta:
        model = RuleSet

    name = factory.Sequence(lambda n: f"운영 기준 {n}")


class CallFactory(DjangoModelFactory):
    class Meta:
        model = Call
        skip_postgeneration_save = True

    class Params:
        taking_projects = factory.Trait(
            projects_due_at=factory.LazyFunction(lambda: timezone.now() + days(2))
        )
        taking_applications = factory.Trait(
            applications_due_at=factory.LazyFunction(lambda: timezone.now() + days(3))
        )
        sealed = factory.Trait(
            state="matching", rankings_due_at=factory.LazyFunction(lambda: timezone.now() - days(1))
        )

    title = factory.Sequence(lambda n: f"AI 프로젝트 {n}차")
    year = 2026
    rule_set = factory.SubFactory(RuleSetFactory)
    state = "open"
    projects_due_at = factory.LazyFunction(lambda: timezone.now() - days(14))
    applications_due_at = factory.LazyFunction(lambda: timezone.now() - days(7))
    rankings_open_at = factory.LazyFunction(lambda: timezone.now() - days(10))
    rankings_due_at = factory.LazyFunction(lambda: timezone.now() + days(7))
    announce_on = factory.LazyFunction(lambda: timezone.localdate() + days(14))
    starts_on = factory.LazyFunction(lambda: timezone.localdate() + days(21))
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + days(120))

    @factory.post_generation
    def draw(self, create, extracted, **kwargs):
        """Its source is named; once lists are due the public value is confirmed too."""
        DrawFactory(call=self, **{"confirmed": self.rankings_due_at is not None and self.is_ranked, **kwargs})


class DrawFactory(DjangoModelFactory):
    """Of a ``call`` that has none yet, as ``add_call`` leaves it; every call of the factory has one."""

    class Meta:
        model = Draw

    class Params:
        entered = factory.Trait(
            state="entered",
            value="3 11 15 29 35 44",
            read_from="https://lottery.example/1234",
            entered_by=factory.SubFactory(UserFactory),
            entered_at=factory.LazyFunction(timezone.now),
        )
        confirmed = factory.Trait(
            entered=True,
            state="confirmed",
            confirmed_by=factory.SubFactory(UserFactory),
            confirmed_at=factory.LazyFunction(timezone.now),
        )

    state = "named"
    secret = "0" * 64
    source = "로또 6/45 제1234회 당첨번호"
    known_on = factory.LazyAttribute(lambda draw: draw.call.announce_on or timezone.localdate() + days(8))


class ProjectFactory(DjangoModelFactory):
    """A selected project with a mentor and one required skill."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    call = factory.SubFactory(CallFactory)
    company = factory.SubFactory(CompanyFactory)
    title = factory.Sequence(lambda n: f"불량 검출 모델 {n}")
    summary = "사진에서 불량을 찾습니다."
    description = "생산 라인의 사진에서 불량을 찾는 모델을 만듭니다."
    field = factory.SubFactory(FieldFactory)
    region = "창원"
    work_mode = "hybrid"
    places = 2
    hire_type = "정규직"
    hire_pay_won = 2_800_000
    hire_place = "창원"
    state = "selected"
    submitted_at = factory.LazyAttribute(
        lambda project: None if project.state == "draft" else timezone.now() - days(20)
    )

    @factory.post_generation
    def parts(self, create, extracted, **kwargs):
        Participation.objects.get_or_create(call=self.call, company=self.company)
        ProjectSkill.objects.create(project=self, skill=SkillFactory(code="python"), level=3)
        member = self.company.members.first() or CompanyMemberFactory(company=self.company)
        ProjectMentor.objects.create(project=self, member=member)


class ApplicationFactory(DjangoModelFactory):
    """An eligible application of a person who lets companies see them (``consent=False``: who does not)."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    call = factory.SubFactory(CallFactory)
    trainee = factory.SubFactory(TraineeFactory)
    motive = "현장의 데이터로 일해 보고 싶습니다."
    state = "eligible"
    submitted_at = factory.LazyFunction(lambda: timezone.now() - days(8))

    @factory.post_generation
    def consent(self, create, extracted, **kwargs):
        live = self.trainee.user.consents.live().filter(text__kind="share_with_company")
        handed_in = self.state not in ("draft", "withdrawn")
        if (handed_in if extracted is None else extracted) and not live.exists():
            self.trainee.user.consents.create(text=ConsentTextFactory())


def _certify(rank_list: RankList, state: str) -> None:
    """With the receipt its rows give."""
    rank_list.state, rank_list.certified_at, rank_list.nonce = state, timezone.now(), new_nonce()
    rank_list.receipt = receipt_of(**told(rank_list))
    rank_list.save()


def certified_wishes(application: Application, *projects: Project, state: str = "certified") -> RankList:
    """A binding list of a trainee, best first, as the action leaves it; a sealed one with its sealed fit."""
    rank_list = RankList.objects.create(call=application.call, application=application, version=1)
    RankItem.objects.bulk_create(
        RankItem(rank_list=rank_list, application=application, project=project, position=position)
        for position, project in enumerate(projects, start=1)
    )
    _certify(rank_list, state)
    if state == "sealed":
        seal_fits(application.call, {application.pk: [project.pk for project in projects]})
    return rank_list


def certified_scores(company: Company, lines: dict, *, state: str = "certified") -> RankList:
    """A binding list of a company: ``{(project, application): score or refusal code}``."""
    call = next(iter(lines))[0].call
    rank_list = RankList.objects.create(call=call, company=company, version=1)
    RankItem.objects.bulk_create(
        RankItem(
            rank_list=rank_list,
            project=project,
            application=application,
            score=None if isinstance(value, str) else value,
            refusal=value if isinstance(value, str) else "",
        )
        for (project, application), value in lines.items()
    )
    _certify(rank_list, state)
    return rank_list


class MatchRunFactory(DjangoModelFactory):
    class Meta:
        model = MatchRun

    call = factory.SubFactory(CallFactory, sealed=True)
    kind = "final"
    on = factory.LazyFunction(timezone.localdate)


class ScenarioFactory(DjangoModelFactory):
    """One that was never solved."""

    class Meta:
        model = Scenario

    run = factory.SubFactory(MatchRunFactory)
    base = factory.SelfAttribute("run")
    name = factory.Sequence(lambda n: f"모의 {n}")
    rule = "draw"
    made_by = factory.SubFactory(UserFactory)


class AuditorFactory(DjangoModelFactory):
    class Meta:
        model = Auditor

    user = factory.SubFactory(UserFactory)
    call = factory.SubFactory(CallFactory, sealed=True)
    until = factory.LazyFunction(lambda: timezone.localdate() + days(30))
    reason = "외부 감사"
    named_by = factory.SubFactory(UserFactory)


class PlacementFactory(DjangoModelFactory):
    """An offer waiting for an answer."""

    class Meta:
        model = Placement

    class Params:
        accepted = factory.Trait(state="accepted", threshold=80)
        completed = factory.Trait(
            state="completed",
            threshold=80,
            starts_on=factory.LazyFunction(lambda: timezone.localdate() - days(150)),
            ends_on=factory.LazyFunction(lambda: timezone.localdate() - days(30)),
        )

    project = factory.SubFactory(ProjectFactory, call__state="announced")
    application = factory.SubFactory(
        ApplicationFactory, call=factory.SelfAttribute("..project.call"), state="placed"
    )
    trainee = factory.SelfAttribute("application.trainee")
    company = factory.SelfAttribute("project.company")
    call = factory.SelfAttribute("project.call")
    offered_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(hours=1))
    answer_due_at = factory.LazyFunction(lambda: timezone.now() + days(3))
    starts_on = factory.LazyFunction(lambda: timezone.localdate() + days(7))
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + days(100))


class EvaluationFactory(DjangoModelFactory):
    """Locked, excellent, and past its time to appeal."""

    class Meta:
        model = Evaluation

    placement = factory.SubFactory(PlacementFactory, completed=True)
    rater = factory.SubFactory(UserFactory)
    score = 90
    comment = "맡은 일을 끝까지 해냈습니다."
    state = "locked"
    submitted_at = factory.LazyFunction(lambda: timezone.now() - days(20))
    locked_at = factory.LazyFunction(lambda: timezone.now() - days(18))
    locked_by = factory.SubFactory(UserFactory)
    appeal_until = factory.LazyFunction(lambda: timezone.localdate() - days(10))


class HiringObligationFactory(DjangoModelFactory):
    """Owed, as the night leaves it."""

    class Meta:
        model = HiringObligation
        skip_postgeneration_save = True

    evaluation = factory.SubFactory(EvaluationFactory)
    placement = factory.SelfAttribute("evaluation.placement")
    company = factory.SelfAttribute("placement.company")
    due_on = factory.LazyFunction(lambda: timezone.localdate() + days(60))

    @factory.post_generation
    def events(self, create, extracted, **kwargs):
        ObligationEvent.objects.create(obligation=self, verb="owe_obligation", state="owed")


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = Notice

    key = factory.Sequence(lambda n: f"test:{n}")
    recipient = factory.SubFactory(UserFactory)
    email = factory.SelfAttribute("recipient.email")
    kind = "company_verified"
    params = factory.LazyFunction(lambda: {"company": "가온기업"})
    link = "/start/"


class InterviewSlotFactory(DjangoModelFactory):
    """Half an hour by video, the day after tomorrow."""

    class Meta:
        model = InterviewSlot

    project = factory.SubFactory(ProjectFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() + days(2))
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + dt.timedelta(minutes=30))
    video_url = "https://meet.example.com/abc"
    opened_by = factory.SubFactory(UserFactory)


class InterviewFactory(DjangoModelFactory):
    """An invitation; ``booked=True`` has chosen a slot (``slot=``, or one of its own)."""

    class Meta:
        model = Interview

    class Params:
        booked = factory.Trait(
            state="booked",
            slot=factory.SubFactory(InterviewSlotFactory, project=factory.SelfAttribute("..project")),
            booked_at=factory.LazyFunction(lambda: timezone.now() - days(1)),
            sequence=1,
        )

    project = factory.SubFactory(ProjectFactory)
    company = factory.SelfAttribute("project.company")
    application = factory.SubFactory(ApplicationFactory, call=factory.SelfAttribute("..project.call"))
    trainee = factory.SelfAttribute("application.trainee")
    starts_at = factory.LazyAttribute(lambda interview: interview.slot and interview.slot.starts_at)
    ends_at = factory.LazyAttribute(lambda interview: interview.slot and interview.slot.ends_at)
    slot = None
    invited_by = factory.SubFactory(UserFactory)


class InterviewFormFactory(DjangoModelFactory):
    """Finished; of an interview that was held."""

    class Meta:
        model = InterviewForm

    interview = factory.SubFactory(InterviewFactory, booked=True, state="held")
    state = "final"
    technique, solving, teamwork, grasp, time = 4, 3, 5, 4, 2
    notes = "데이터를 꼼꼼히 보는 분."
    revision = 1
    by = factory.SubFactory(UserFactory)


class ReviewRequestFactory(DjangoModelFactory):
    class Meta:
        model = ReviewRequest

    application = factory.SubFactory(ApplicationFactory)
    kind = "explanation"
    text = "왜 2순위에 배치되었는지 알고 싶습니다."
    due_on = factory.LazyFunction(lambda: timezone.localdate() + days(30))


class ReportFactory(DjangoModelFactory):
    class Meta:
        model = Report

    trainee = factory.SubFactory(TraineeFactory)
    project = factory.SubFactory(ProjectFactory)
    company = factory.SelfAttribute("project.company")
    kind = "ranking"
    happened_on = factory.LazyFunction(lambda: timezone.localdate() - days(1))
    text = "몇 순위로 적을지 말해 달라고 했습니다."
    due_on = factory.LazyFunction(lambda: timezone.localdate() + days(30))
