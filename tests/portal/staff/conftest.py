"""A row of every kind the admin shows, as many times as asked."""

import datetime as dt

import pytest
from django.utils import timezone

from matching.models import Match
from portal.accounts.models import Consent
from portal.audit.actions import record, record_access
from portal.files.models import StoredFile
from portal.jobs.models import NightRun
from projects.models import Deadline
from projects.placements.models import Reserve
from tests.factories import (
    ApplicationFactory,
    AuditorFactory,
    ConsentTextFactory,
    EvaluationFactory,
    FieldFactory,
    HiringObligationFactory,
    InterviewFactory,
    InterviewFormFactory,
    MatchRunFactory,
    NoticeFactory,
    PlacementFactory,
    ProjectFactory,
    ReportFactory,
    ReviewRequestFactory,
    ScenarioFactory,
    SchoolMemberFactory,
    SkillFactory,
    StaffFactory,
)


@pytest.fixture
def office(operator, log_in):
    return log_in(operator)


@pytest.fixture
def fill(db):
    """``fill(n)``: n more rows in every table that has a list."""
    made = iter(range(10_000))

    def fill(count: int) -> None:
        for _ in range(count):
            number = next(made)
            obligation = HiringObligationFactory()
            person = obligation.placement.trainee.user
            call = obligation.placement.call
            application = ApplicationFactory(call=call)
            Deadline.objects.create(call=call, kind="rankings", at=call.rankings_due_at, by=person)
            Reserve.objects.create(
                project=obligation.placement.project, application=application, reserve_no=number + 1
            )
            run = MatchRunFactory(requested_by=person)
            Match.objects.create(run=run, application=application)
            ScenarioFactory(run=run, made_by=person)
            SchoolMemberFactory()
            FieldFactory(code=f"field{number}")
            SkillFactory(code=f"skill{number}", parent=SkillFactory(code="root"))
            text = ConsentTextFactory(kind="terms", version=number + 1)
            Consent.objects.create(user=person, text=text)
            NoticeFactory(recipient=person)
            StoredFile.objects.create(
                owner=person,
                name="계약서.pdf",
                content_type="application/pdf",
                size=10,
                sha256="0" * 64,
                content="00/00",
            )
            NightRun.objects.create(
                job="matching.run_nightly_matching", on=timezone.localdate() - dt.timedelta(days=number)
            )
            StaffFactory()
            record("edit_company", obligation.company, by=person, changed=["name"])
            record_access("trainees.trainee", by=person, subjects=[application.trainee.user])
            EvaluationFactory()
            PlacementFactory()
            ProjectFactory(state="submitted")
            InterviewFormFactory(interview=InterviewFactory(booked=True, state="held"))
            ReportFactory(file=StoredFile.objects.first())
            AuditorFactory(call=call)
            ReviewRequestFactory(application=application)
            pool = ConsentTextFactory(kind="talent_pool", version=number + 1, required=False)
            Consent.objects.create(user=person, text=pool)

    return fill
