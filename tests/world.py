"""One small world with everything in it that could leak: two of each kind of person, three calls, every noun once.

``own`` things belong to the trainee and the company whose people are in :attr:`World.people`; the strangers have
things of their own, so that a 404 is never an empty table.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from matching.engine import Market, solve
from matching.models import Match
from matching.proofs.models import Auditor
from portal.accounts.models import User
from portal.audit.actions import record_access
from portal.files.actions import store_file
from portal.jobs.models import NightRun
from projects.interviews.models import ShortlistEntry
from projects.models import Deadline
from projects.obligations.models import Evidence, ObligationEvent
from projects.placements.models import Reserve
from projects.rankings.models import Interest
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    ConsentTextFactory,
    EvaluationFactory,
    HiringObligationFactory,
    InterviewFactory,
    InterviewFormFactory,
    InterviewSlotFactory,
    MatchRunFactory,
    NoticeFactory,
    PlacementFactory,
    ProjectFactory,
    ReportFactory,
    ReviewRequestFactory,
    ScenarioFactory,
    SchoolMemberFactory,
    StaffFactory,
    TraineeFactory,
    UserFactory,
    certified_scores,
    certified_wishes,
    days,
)

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass
class World:
    """What the tests point at, by name."""

    people: dict[str, User | None] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError:
            raise AttributeError(name) from None


def market_of(project, *applications):
    """The engine's file of one project that everybody ranked."""
    names = [application.pseudonym.hex for application in applications]
    return {
        "format": "ieum-market-1",
        "trainees": [{"id": name, "prefs": [f"p{project.pk}"]} for name in names],
        "projects": [
            {
                "id": f"p{project.pk}",
                "company": f"c{project.company_id}",
                "capacity": project.places,
                "scores": dict.fromkeys(names, 90),
            }
        ],
        "companies": [{"id": f"c{project.company_id}", "capacity": project.places}],
    }


def published(call, application, project):
    """A published run of ``call`` with one line."""
    one, two = StaffFactory(office="agency").user, StaffFactory(office="agency").user
    market = Market.from_json({**market_of(project, application), "seed": call.draw.seed})
    result = solve(market)
    run = MatchRunFactory(
        market=market.to_json(), result=result.to_json(), market_sha256=market.sha256, result_sha256=result.sha256,
        call=call, state="published", approved_by=one, published_by=two, approved_at=timezone.now(), published_at=timezone.now(),
        violations=[], figures={"applicants": 2, "size": 1, "places": 2, "rank_profile": [1], "closed": [], "projects": [], "with_list": 2},
    )  # fmt: skip
    reasons = [
        {
            "project": project.pk,
            "rank": 1,
            "code": "matched",
            "standing": {"position": 1, "of": 2, "score": 90.0, "tier": None, "draw": 5},
        }
    ]
    match = Match.objects.create(run=run, application=application, project=project, rank=1, reasons=reasons)
    return run, match


def completed_placement(trainee, company):
    project = ProjectFactory(company=company, state="finished", call__state="finished")
    application = ApplicationFactory(call=project.call, trainee=trainee, state="placed")
    return PlacementFactory(project=project, application=application, completed=True)


def ended(trainee, company, rater):
    """A finished call with a completed placement, a locked evaluation and an obligation with evidence."""
    placement = completed_placement(trainee, company)
    evaluation = EvaluationFactory(placement=placement, rater=rater)
    obligation = HiringObligationFactory(evaluation=evaluation, due_on=timezone.localdate() + days(20))
    event = ObligationEvent.objects.create(
        obligation=obligation, verb="submit_evidence", state="evidence_submitted", by=rater
    )
    stored = store_file(SimpleUploadedFile("계약서.pdf", PDF), by=rater)
    evidence = Evidence.objects.create(event=event, kind="contract", file=stored)
    return placement, evaluation, obligation, evidence


def build() -> World:
    world = World()
    consent_text = ConsentTextFactory(required=False)
    company, foreign_company = CompanyFactory(name="우리기업"), CompanyFactory(name="남의기업")
    owner, mentor = (
        CompanyMemberFactory(company=company),
        CompanyMemberFactory(company=company, role="mentor"),
    )
    rival = CompanyMemberFactory(company=foreign_company)
    trainee, other = TraineeFactory(user__name="나참여"), TraineeFactory(user__name="남참여")
    for person in (trainee, other):
        person.user.consents.create(text=consent_text)
    world.people = {
        "nobody": None,
        "newcomer": UserFactory(),
        "trainee": trainee.user,
        "other": other.user,
        "owner": owner.user,
        "mentor": mentor.user,
        "rival": rival.user,
        "school": SchoolMemberFactory().user,
        "operator": StaffFactory(office="operator").user,
        "agency": StaffFactory(office="agency").user,
    }

    call = CallFactory(title="이번 공고", taking_projects=True, taking_applications=True)
    project = ProjectFactory(call=call, company=company, title="우리 과제")
    foreign = ProjectFactory(call=call, company=foreign_company, title="남의 과제")
    draft = ProjectFactory(call=call, company=company, title="쓰는 과제", state="draft")
    application = ApplicationFactory(call=call, trainee=trainee)
    foreign_application = ApplicationFactory(call=call, trainee=other)
    certified_wishes(application, project)
    certified_wishes(foreign_application, foreign, project)
    certified_scores(company, {(project, application): 90})
    Interest.objects.create(application=application, project=project)

    ShortlistEntry.objects.create(project=project, application=application, by=owner.user)
    interview = InterviewFactory(project=project, application=application, booked=True, invited_by=owner.user)
    invited = InterviewFactory(project=project, application=foreign_application, invited_by=owner.user)
    slot = InterviewSlotFactory(project=project, starts_at=timezone.now() + days(3), opened_by=owner.user)
    met = [
        InterviewFactory(
            project=project,
            application=ApplicationFactory(call=call),
            booked=True,
            slot__starts_at=timezone.now() - timedelta(hours=hours),
            state=state,
        )
        for hours, state in ((1, "booked"), (2, "missed"), (3, "held"))
    ]
    InterviewFormFactory(interview=met[2])
    report = ReportFactory(trainee=trainee, project=project)
    report.file = store_file(SimpleUploadedFile("대화.pdf", PDF), by=trainee.user)
    report.save()
    ReportFactory(trainee=other, project=foreign)

    announced = CallFactory(title="발표된 공고", state="announced")
    offered = ProjectFactory(call=announced, company=company, title="발표된 과제")
    placed = ApplicationFactory(call=announced, trainee=trainee, state="placed")
    ApplicationFactory(call=announced, trainee=other, state="reserve")
    run, match = published(announced, placed, offered)
    asked = ReviewRequestFactory(application=placed)
    trainee.user.consents.create(text=ConsentTextFactory(kind="talent_pool", title="인재풀", required=False))
    scenario = ScenarioFactory(run=run, state="failed", made_by=world.people["operator"])
    Auditor.objects.create(
        user=world.people["newcomer"], call=announced, until=timezone.localdate() + days(30), reason="외부 감사",
        named_by=world.people["agency"],
    )  # fmt: skip
    placement = PlacementFactory(project=offered, application=placed)
    Reserve.objects.create(
        project=offered, application=announced.applications.get(trainee=other), reserve_no=1
    )

    taken = CallFactory(title="수락한 공고", state="announced")
    accepted = PlacementFactory(
        project=ProjectFactory(call=taken, company=company),
        application=ApplicationFactory(call=taken, trainee=trainee, state="placed"),
        accepted=True,
    )

    fresh = CallFactory(
        title="새 공고",
        taking_projects=True,
        taking_applications=True,
        rankings_open_at=timezone.now() + days(4),
    )
    begun = ApplicationFactory(call=fresh, trainee=trainee, state="draft", submitted_at=None)

    completed, evaluation, obligation, evidence = ended(trainee, company, owner.user)
    _, _, foreign_obligation, _ = ended(other, foreign_company, rival.user)
    unrated = completed_placement(trainee, company)
    drafted = EvaluationFactory(
        placement=completed_placement(trainee, company), rater=owner.user, state="draft",
        submitted_at=None, locked_at=None, locked_by=None, appeal_until=None,
    )  # fmt: skip
    Deadline.objects.create(call=call, kind="rankings", at=call.rankings_due_at, by=owner.user)
    NightRun.objects.create(job="matching.run_nightly_matching", on=timezone.localdate())
    record_access("candidates", by=owner.user, subjects=[trainee.user])
    notice = NoticeFactory(recipient=trainee.user)
    NoticeFactory(recipient=other.user)

    world.things = {
        "company": company, "mentor_member": mentor, "call": call, "project": project, "foreign": foreign, "draft": draft, "trainee": trainee,
        "application": application, "announced": announced, "offered": offered, "run": run, "match": match, "scenario": scenario,
        "placement": placement, "accepted": accepted, "completed": completed, "unrated": unrated, "drafted": drafted.placement,
        "fresh": fresh, "begun": begun, "evaluation": evaluation, "obligation": obligation,
        "interview": interview, "invited": invited, "slot": slot, "begun_interview": met[0], "missed": met[1],
        "report": report, "asked": asked, "foreign_obligation": foreign_obligation, "evidence": evidence, "notice": notice,
    }  # fmt: skip
    return world
