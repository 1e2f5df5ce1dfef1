"""One call from opening to a verified hire, through the actions and the clock, in one go."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from matching.actions import approve_run, publish_run, run_nightly_matching
from matching.models import MatchRun
from portal.accounts.actions import give_consents
from portal.notices.models import Notice
from projects.actions import (
    add_call,
    confirm_draw_value,
    draft_project,
    enter_draw_value,
    name_draw_source,
    open_call,
    select_project,
    submit_project,
)
from projects.applications.actions import (
    accept_application,
    draft_application,
    edit_application,
    submit_application,
)
from projects.evaluations.actions import draft_evaluation, lock_evaluation, submit_evaluation
from projects.obligations.actions import (
    remind_due_obligations,
    replayed_state,
    submit_evidence,
    verify_evidence,
)
from projects.obligations.models import HiringObligation
from projects.placements.actions import accept_placement, complete_placement
from projects.placements.models import Placement, Reserve
from projects.rankings.actions import add_wish, certify_scores, certify_wishes, mark_interest, score_candidate
from tests.factories import (
    CompanyMemberFactory,
    ConsentTextFactory,
    FieldFactory,
    RuleSetFactory,
    SkillFactory,
    TraineeFactory,
)

KST = timezone.get_default_timezone()
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def at(month: int, day: int, hour: int = 12, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=KST)


@pytest.fixture
def call(db):
    return add_call(
        by=None,
        title="기업 협력 AI 프로젝트",
        year=2026,
        rule_set=RuleSetFactory(),
        projects_due_at=at(3, 10),
        applications_due_at=at(3, 20),
        rankings_open_at=at(3, 15),
        rankings_due_at=at(4, 1, 18),
        announce_on=dt.date(2026, 4, 10),
        starts_on=dt.date(2026, 5, 4),
        ends_on=dt.date(2026, 11, 30),
    )


def test_a_year_ends_with_a_verified_hire(call, operator, agency, second_agency):
    member = CompanyMemberFactory()
    text = ConsentTextFactory()
    skill, field = SkillFactory(), FieldFactory()

    with time_machine.travel(at(3, 2), tick=False):
        name_draw_source(
            call.draw, source="로또 6/45 제1217회 당첨번호", known_on=dt.date(2026, 4, 4), by=operator
        )
        open_call(call, by=operator)
        call.refresh_from_db()
        project = draft_project(
            call,
            member.company,
            skills={skill.pk: (3, True)},
            mentors=[member],
            by=member.user,
            title="이상음 탐지",
            summary="소리로 고장을 찾습니다.",
            description="설비의 소리로 고장을 찾는 모델을 만듭니다.",
            field=field,
            region="창원",
            work_mode="onsite",
            minimum=1,
            places=1,
            hire_type="정규직",
            hire_pay_won=3_000_000,
            hire_place="창원",
        )
        submit_project(project, by=member.user)
        select_project(project, by=agency)
        people = [TraineeFactory(), TraineeFactory()]
        applications = []
        for person in people:
            give_consents(person.user, [text], by=person.user)
            application = draft_application(call, person, by=person.user)
            edit_application(application, motive="배우고 싶습니다.", by=person.user)
            submit_application(application, by=person.user)
            applications.append(accept_application(application, by=operator))

    with time_machine.travel(at(3, 16), tick=False):
        project.refresh_from_db()
        for person, application in zip(people, applications, strict=True):
            mark_interest(application, project, by=person.user)
            add_wish(application, project, by=person.user)
            certify_wishes(application, revision=None, by=person.user)
        score_candidate(member.company, project, applications[1], score=Decimal("91.5"), by=member.user)
        certify_scores(member.company, call, revision=None, by=member.user)
        run_nightly_matching(dt.date(2026, 3, 16))
        assert [(run.kind, run.state) for run in MatchRun.objects.all()] == [("provisional", "verified")]

    with time_machine.travel(at(4, 2, 2), tick=False):
        run_nightly_matching(dt.date(2026, 4, 2))
    assert not MatchRun.objects.filter(kind="final").exists()

    with time_machine.travel(at(4, 5), tick=False):
        draw = enter_draw_value(
            call.draw, value="3 11 15  29 35 44", read_from="https://lottery.example/1217", by=operator
        )
        confirm_draw_value(draw, value="3 11 15 29 35 44", by=agency)
    with time_machine.travel(at(4, 6, 2), tick=False):
        run_nightly_matching(dt.date(2026, 4, 6))
    run = MatchRun.objects.get(kind="final")
    assert (run.state, run.figures["size"]) == ("verified", 1)

    with time_machine.travel(at(4, 10, 10), tick=False):
        approve_run(run, note="배정표와 검증서를 확인함", by=agency)
        publish_run(run, note="승인 내용을 확인함", by=second_agency)
        placement = Placement.objects.get()
        assert placement.application == applications[1]
        assert [(row.application, row.reserve_no) for row in Reserve.objects.all()] == [(applications[0], 1)]
        accept_placement(placement, by=people[1].user)

    with time_machine.travel(at(5, 4, 2), tick=False):
        run_nightly_matching(dt.date(2026, 5, 4))
    placement.refresh_from_db()
    assert placement.state == "running"

    with time_machine.travel(at(12, 1), tick=False):
        run_nightly_matching(dt.date(2026, 12, 1))
        complete_placement(placement, by=operator)
        evaluation = draft_evaluation(placement, score=Decimal(88), comment="잘했습니다.", by=member.user)
        submit_evaluation(evaluation, by=member.user)
        lock_evaluation(evaluation, by=operator)
        assert remind_due_obligations(dt.date(2026, 12, 1))["owed"] == 0

    with time_machine.travel(at(12, 20), tick=False):
        assert remind_due_obligations(dt.date(2026, 12, 20))["owed"] == 1
        obligation = HiringObligation.objects.get()
        assert obligation.due_on == dt.date(2027, 5, 29)
        files = {
            kind: [SimpleUploadedFile(f"{kind}.pdf", PDF, content_type="application/pdf")]
            for kind in ("contract", "insurance")
        }
        obligation = submit_evidence(obligation, hired_on=dt.date(2026, 12, 10), files=files, by=member.user)
        obligation = verify_evidence(obligation, by=operator)

    assert (obligation.state, replayed_state(obligation)) == ("fulfilled", "fulfilled")
    assert Notice.objects.filter(kind="placement_offered", recipient=people[1].user).count() == 1
    assert Notice.objects.filter(kind="result_unmatched", recipient=people[0].user).count() == 1
    assert Notice.objects.filter(kind="obligation_fulfilled").count() == 2
