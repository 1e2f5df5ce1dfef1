"""A page asks the database the same number of questions whether there is one row of each kind or thirty.

The admin's lists are counted in ``tests/portal/staff/test_admins.py``.
"""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from projects.interviews.models import ShortlistEntry
from projects.models import Project, ProjectMentor, ProjectSkill, RuleSet
from projects.obligations.models import Evidence, ObligationEvent
from projects.placements.models import Reserve
from projects.rankings.models import Interest, RankItem, RankList
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    EvaluationFactory,
    FieldFactory,
    HiringObligationFactory,
    InterviewFactory,
    InterviewFormFactory,
    InterviewSlotFactory,
    NoticeFactory,
    PlacementFactory,
    ProjectFactory,
    ReportFactory,
    SkillFactory,
    TraineeFactory,
    days,
)
from tests.test_access import LOOKED_AT, PAGES, expected
from tests.visiting import sign_in
from tests.world import World, completed_placement

#: Pages that show one thing, or send on; every other page lists something, and must have grown.
ALONE = {
    "home:start", "home:help", "home:privacy", "home:terms", "home:accessibility", "healthz",
    "readyz", "accounts:settings", "accounts:consent-change", "accounts:consent-withdraw",
    "notices:notice-detail", "companies:company-register", "companies:company-edit",
    "companies:member-remove", "projects:project-manage", "projects:project-withdraw",
    "applications:application-edit", "applications:application-check", "applications:application-done",
    "applications:application-withdraw", "rankings:rank-list-receipt", "rankings:rank-list-receipt-file",
    "rankings:scores-receipt-file", "proofs:call-proof", "proofs:receipt-check", "proofs:personal-proof-file",
    "proofs:audit-list", "proofs:audit-detail", "proofs:audit-market", "proofs:audit-result", "rankings:rank-list-latest", "rankings:candidate-projects",
    "interviews:interview-release", "interviews:interview-decline", "interviews:interview-calendar",
    "interviews:slot-add", "interviews:slot-edit", "interviews:interview-manage", "interviews:interview-correct",
    "interviews:form-edit", "interviews:report-detail", "interviews:report-withdraw", "reviews:review-add", "reviews:review-detail", "reviews:review-withdraw",
    "matching:match-latest", "matching:match-detail", "placements:placement-detail",
    "placements:placement-decline", "placements:placement-move", "placements:placement-withdraw", "placements:reserve-leave",
    "evaluations:evaluation-edit", "evaluations:evaluation-submit", "obligations:evidence-submit",
    "obligations:evidence-file",
}  # fmt: skip


def crowd(world: World, count: int, made: list[int]) -> None:
    """So many more rows of every kind that stands on somebody's page."""
    company, call = world.company, world.call
    for _ in range(count):
        number = len(made)
        made.append(number)
        skill = SkillFactory(code=f"skill{number}", name=f"기술{number}")
        field = FieldFactory(code=f"field{number}", name=f"분야{number}")
        member = CompanyMemberFactory(company=company)
        person = TraineeFactory(skills={"python": 3, skill.pk: 2})
        application = ApplicationFactory(call=call, trainee=person, goal="일")

        # the call that is open: offers, wishes, marks, judgements
        own = ProjectFactory(call=call, company=company, field=field, title=f"우리 과제 {number}")
        for project in (own, world.project, world.draft):
            ProjectSkill.objects.create(project=project, skill=skill, level=2, required=number % 2 == 0)
            ProjectMentor.objects.create(project=project, member=member)
        ProjectFactory(call=call, field=field, title=f"다른 과제 {number}")
        Interest.objects.create(application=application, project=world.project)
        Interest.objects.create(application=world.application, project=own)
        wishes = RankList.objects.filter(application=world.application, state="draft").first() or RankList(
            call=call, application=world.application, version=2
        )
        wishes.save()
        RankItem.objects.create(
            rank_list=wishes, application=world.application, project=own, position=wishes.items.count() + 1
        )
        scores = RankList.objects.filter(company=company, call=call, state="draft").first() or RankList(
            call=call, company=company, version=2
        )
        scores.save()
        for project in (world.project, own):
            RankItem.objects.create(rank_list=scores, application=application, project=project, score=50)

        # whom the company meets, when, and what was noted; what the trainee is invited to, and reported
        ShortlistEntry.objects.create(project=world.project, application=application, by=member.user)
        later = timezone.now() + days(10) + timedelta(hours=number)
        held = InterviewFactory(
            project=world.project, application=application, booked=True, state="held", slot__starts_at=later
        )
        InterviewFormFactory(interview=held)
        InterviewSlotFactory(project=world.project, starts_at=later + timedelta(minutes=30))
        InterviewFactory(project=own, application=world.application)
        ReportFactory(trainee=world.trainee, project=own)

        # the call that was announced: who comes, who waits
        Project.objects.filter(pk=world.offered.pk).update(places=100)
        PlacementFactory(
            project=world.offered,
            application=ApplicationFactory(call=world.announced, trainee=person, state="placed"),
        )
        elsewhere = ProjectFactory(call=world.announced, title=f"발표된 과제 {number}", company=company)
        Reserve.objects.create(project=elsewhere, application=world.placement.application, reserve_no=1)
        waiting = world.announced.applications.get(trainee__user=world.people["other"])
        Reserve.objects.create(project=elsewhere, application=waiting, reserve_no=2)
        # hires that are owed, and what was handed in for one of them
        evaluation = EvaluationFactory(placement=completed_placement(person, company))
        HiringObligationFactory(evaluation=evaluation, due_on=timezone.localdate() + days(10))
        own_evaluation = EvaluationFactory(placement=completed_placement(world.trainee, company))
        HiringObligationFactory(evaluation=own_evaluation, due_on=timezone.localdate() + days(10))
        event = ObligationEvent.objects.create(
            obligation=world.obligation,
            verb="return_evidence",
            state="owed",
            note="다시",
            by=world.people["operator"],
        )
        Evidence.objects.create(event=event, kind="contract", file=world.evidence.file)

        CallFactory(title=f"열린 공고 {number}", taking_projects=True, taking_applications=True)
        for who in world.people.values():
            if who is not None:
                NoticeFactory(recipient=who)


def whose(name: str) -> str:
    """Who has most to see there."""
    answers = expected(PAGES[name].answers)
    return next(who for who in ("owner", "trainee", "other", "newcomer") if answers[who] in (200, 302))


def cost(world: World, name: str) -> tuple[int, int]:
    """How many questions a page asks, and how long it is."""
    client = sign_in(world, whose(name))
    url = reverse(name, args=PAGES[name].arguments(world))
    client.get(url)  # what is asked once and kept, is asked now
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code < 400
    return len(queries), 0 if response.streaming else len(response.content)


def test_pages_cost_the_same_with_one_row_and_with_thirty(world):
    made: list[int] = []
    RuleSet.objects.filter(pk=world.call.rule_set_id).update(rank_max=50, rank_advised=1)
    crowd(world, 1, made)
    few = {name: cost(world, name) for name in LOOKED_AT}

    crowd(world, 29, made)
    many = {name: cost(world, name) for name in LOOKED_AT}

    assert {name: (few[name][0], many[name][0]) for name in LOOKED_AT if few[name][0] != many[name][0]} == {}
    assert {name for name in LOOKED_AT if many[name][1] < few[name][1] + 500} == ALONE
