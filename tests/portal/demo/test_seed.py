"""The demo is what it says at every stage, and breaks none of the programme's rules."""

import datetime as dt
from collections import Counter

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import Count, F, Q
from django.template import engines
from django.test import override_settings
from django.utils import timezone

from matching.actions import prove, run_matching, run_nightly_matching
from matching.models import Match, MatchRun
from matching.reviews.models import ReviewRequest
from matching.scenarios.models import Scenario
from portal.accounts.models import ConsentText, User
from portal.accounts.states import ConsentKind
from portal.audit.models import Event
from portal.companies.models import Company
from portal.companies.terms import is_registration_no
from portal.demo.clock import STAGES
from portal.demo.figures import seeded_call
from portal.files.rules import PDF, content_type_of
from portal.notices.models import Notice
from portal.schools.models import Cohort, Graduate
from projects.actions import check_dates
from projects.applications.models import Application
from projects.fit.models import FitRow
from projects.interviews.models import Interview, InterviewForm, InterviewSlot, Report
from projects.models import Call, Participation, Project
from projects.obligations.actions import remind_due_obligations, replayed_state
from projects.obligations.models import Evidence, HiringObligation
from projects.obligations.states import ObligationState
from projects.placements.models import Placement
from projects.rankings.actions import tampered_lists, told
from projects.rankings.models import RankItem, RankList
from projects.rankings.terms import receipt_of
from tests.portal.demo.conftest import SMALL

pytestmark = pytest.mark.django_db  # each test in a transaction of its own, inside that of the seed

CALL_STATES = dict(zip(STAGES, ["open", "matching", "announced", "running", "finished"], strict=True))


@pytest.fixture(scope="module", params=STAGES)
def stage(request, seeded):
    with seeded(request.param) as demo:
        yield demo


def test_the_calls_stand_where_the_stage_says(stage):
    calls = list(Call.objects.order_by("rankings_due_at").values_list("state", flat=True))

    beside = [] if stage.stage == "rankings" else ["open"]
    assert calls == ["finished", CALL_STATES[stage.stage], *beside]
    for call in Call.objects.all():
        check_dates(call)


def test_the_sizes_are_as_asked(stage):
    call = seeded_call()

    assert Graduate.objects.exclude(cohort__name="1기").count() == SMALL.trainees
    assert Application.objects.filter(call=call).count() == SMALL.applicants
    assert Project.objects.filter(call=call).count() == SMALL.projects
    assert Participation.objects.filter(call=call).count() == SMALL.companies
    assert Cohort.objects.count() == 7
    assert set(ConsentText.objects.values_list("kind", flat=True)) == set(ConsentKind.values)


def test_every_foreign_key_and_deferred_constraint_holds(stage):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_nobody_and_no_company_is_real(stage):
    assert User.objects.exclude(email__endswith="@ieum.example").count() == 0
    numbers = Company.objects.values_list("registration_no", flat=True)
    assert {(number[:2], is_registration_no(number)) for number in numbers} == {("00", True)}


def test_everybody_can_sign_in_and_has_proved_the_address(stage):
    proved = EmailAddress.objects.filter(verified=True, primary=True, email=F("user__email"))

    assert proved.count() == User.objects.count()
    assert not User.objects.filter(password="").exists()


def test_nothing_happened_in_the_future(stage):
    now = timezone.now()

    assert Event.objects.filter(at__gt=now).count() == 0
    assert Notice.objects.filter(Q(created_at__gt=now) | Q(sent_at__gt=now)).count() == 0
    assert Application.objects.filter(submitted_at__gt=now).count() == 0
    assert RankList.objects.filter(certified_at__gt=now).count() == 0
    assert RankList.objects.filter(certified_at__gt=F("call__rankings_due_at")).count() == 0
    assert RankList.objects.filter(certified_at__lt=F("call__rankings_open_at")).count() == 0


def test_results_were_asked_about_once_they_are_out(stage):
    asked = list(ReviewRequest.objects.order_by("pk").values_list("kind", "state"))

    is_out = stage.stage not in ("rankings", "matching")
    assert asked == ([("explanation", "answered"), ("human", "received")] if is_out else [])


def test_history_tells_of_every_application_list_and_project(stage):
    for model in (Application, Project, Company):
        told = set(Event.objects.filter(label=model._meta.label).values_list("object_id", flat=True))
        assert {str(pk) for pk in model.objects.values_list("pk", flat=True)} <= told
    certified = set(Event.objects.filter(verb="certify_rank_list").values_list("object_id", flat=True))
    assert {
        str(pk) for pk in RankList.objects.exclude(certified_at=None).values_list("pk", flat=True)
    } == certified


def test_interviews_are_as_far_as_the_stage(stage):
    """Nothing is to come once lists are due; while they are open something of everything is there to be seen."""
    call, now = seeded_call(), timezone.now()
    found = Counter(Interview.objects.filter(project__call=call).values_list("state", flat=True))
    report = Report.objects.get(project__call=call)

    if stage.stage == "rankings":
        assert {"invited", "booked", "held"} <= set(found)
        assert report.state == "received"
        assert InterviewSlot.objects.filter(project__call=call).free(now).exists()
    else:
        assert {"invited", "booked"} & set(found) == set()
        assert report.state == (
            "received" if stage.stage == "matching" and report.closed_at is None else "upheld"
        )
    assert Interview.objects.filter(booked_at__gt=now).count() == 0
    assert Interview.objects.filter(booked_at__gt=F("starts_at")).count() == 0
    assert InterviewForm.objects.filter(interview__state="held").count() == InterviewForm.objects.count() > 0
    cap = call.rule_set.interviews_per_trainee
    busy = (
        Interview.objects.filter(project__call=call, slot__isnull=False)
        .values("application")
        .annotate(times=Count("pk"))
    )
    assert max(row["times"] for row in busy) <= cap
    told = set(Event.objects.filter(label=Interview._meta.label).values_list("object_id", flat=True))
    assert {str(pk) for pk in Interview.objects.values_list("pk", flat=True)} == told


def test_receipts_prove_the_lists(stage):
    certified = RankList.objects.exclude(certified_at=None).select_related("application", "company")

    assert certified.count() > 40
    assert [row.reference for row in certified if receipt_of(**told(row)) != row.receipt] == []
    assert [found for call in Call.objects.all() for found in tampered_lists(call)] == []


def test_lists_are_as_varied_as_life(stage):
    lists = RankList.objects.filter(call=seeded_call())
    states = Counter(lists.values_list("state", flat=True))

    assert states["draft" if stage.stage == "rankings" else "void"] >= 2
    assert states["certified" if stage.stage == "rankings" else "sealed"] >= 20
    assert states["replaced"] >= 1
    scores = RankItem.objects.filter(rank_list__in=lists).exclude(score=None)
    assert scores.values("score").distinct().count() > scores.count() / 2
    assert RankItem.objects.filter(rank_list__in=lists).exclude(refusal="").exists()


def test_seats_are_counted_as_they_are_taken(stage):
    for project in Project.objects.annotate(seated=Count("placements", filter=Q(placements__seated=True))):
        assert project.taken == project.seated <= project.places
    for row in Participation.objects.all():
        seated = Placement.objects.filter(call=row.call_id, company=row.company_id, seated=True).count()
        assert row.taken == seated <= (row.cap or seated)


def test_obligations_are_in_every_state_and_follow_from_their_events(stage):
    obligations = list(HiringObligation.objects.all())

    assert {row.state for row in obligations} == set(ObligationState.values)
    assert [row for row in obligations if replayed_state(row) != row.state] == []
    today = timezone.localdate()
    urgency = HiringObligation.objects.by_urgency(today)
    assert min(urgency["overdue"], urgency["days_30"], urgency["days_60"], urgency["days_90"]) >= 1


def test_evidence_opens(stage):
    with override_settings(MEDIA_ROOT=stage.media):
        for evidence in Evidence.objects.select_related("file"):
            with evidence.file.content.open("rb") as content:
                assert content_type_of(content) == PDF
    assert Evidence.objects.count() == 12


def test_every_run_is_proved_and_published_by_two(stage):
    runs = list(MatchRun.objects.select_related("call"))

    assert all(prove(run) for run in runs)
    for run in runs:
        assert run.approved_by_id != run.published_by_id
    closed = Project.objects.filter(state="not_opened", call=seeded_call())
    assert closed.count() == (stage.stage not in ("rankings", "matching"))


def test_every_published_run_has_two_scenarios_that_were_proved(stage):
    for run in MatchRun.objects.filter(state="published"):
        scenarios = Scenario.objects.filter(run=run)

        assert [(one.state, len(one.changes)) for one in scenarios] == [("verified", 1)] * 2
        assert {one.market_sha256 for one in scenarios}.isdisjoint({run.market_sha256})
        assert all(one.matches.count() == run.matches.count() for one in scenarios)
    assert MatchRun.objects.filter(state="published").exists()


def test_every_message_can_be_read(stage):
    engine = engines["django"].engine
    before, engine.string_if_invalid = engine.string_if_invalid, "⟦%s⟧"
    try:
        kinds = {}
        for notice in Notice.objects.select_related("recipient"):
            kinds.setdefault((notice.kind, tuple(sorted(notice.params))), notice)
        for notice in kinds.values():
            for notice.language in ("ko", "en"):
                assert "⟦" not in notice.in_words().html
    finally:
        engine.string_if_invalid = before
    assert len({kind for kind, _ in kinds}) >= 20


def test_past_messages_have_left_and_old_ones_are_read(stage):
    now = timezone.now()

    assert not Notice.objects.filter(state="owed", leaves_at__lte=now).exists()
    assert not Notice.objects.filter(read_at=None, leaves_at__lt=now - dt.timedelta(days=5)).exists()
    assert Notice.objects.filter(read_at=None).exists()


def test_the_night_after_runs_and_runs_once(stage):
    today = timezone.localdate()

    run_nightly_matching(today)
    remind_due_obligations(today)
    once = [MatchRun.objects.count(), Notice.objects.count(), Match.objects.count(), FitRow.objects.count()]
    run_nightly_matching(today)
    remind_due_obligations(today)

    assert [
        MatchRun.objects.count(),
        Notice.objects.count(),
        Match.objects.count(),
        FitRow.objects.count(),
    ] == once
    kinds = list(MatchRun.objects.filter(call=seeded_call(), on=today).values_list("kind", "state"))
    expected = {"rankings": [("provisional", "verified")], "matching": [("final", "verified")]}
    assert kinds == expected.get(stage.stage, [])
    assert Notice.objects.filter(kind="obligation_due", state="owed").exists()


def test_draw_is_confirmed_once_lists_are_sealed_so_that_the_night_can_match(stage):
    call = seeded_call()

    assert call.draw.state == ("named" if stage.stage == "rankings" else "confirmed")
    if stage.stage == "matching":
        run = run_matching(call, on=timezone.localdate())
        assert (run.kind, run.state) == ("final", "verified")
