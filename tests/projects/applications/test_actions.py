import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from portal.accounts.actions import give_consents, withdraw_consent
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.applications import actions
from projects.applications.models import Application
from projects.applications.states import APPLICATION, ApplicationRefusal, ApplicationState, IneligibleReason
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    ConsentTextFactory,
    ProjectFactory,
    TraineeFactory,
)

#: What a person or the office may ask for; the match itself moves the rest.
ASKED = {
    "submit_application": lambda application, by: actions.submit_application(application, by=by),
    "return_application": lambda application, by: actions.return_application(
        application, comment="보완", by=by
    ),
    "accept_application": lambda application, by: actions.accept_application(application, by=by),
    "refuse_application": lambda application, by: actions.refuse_application(
        application, reason="employed", by=by
    ),
    "withdraw_application": lambda application, by: actions.withdraw_application(application, by=by),
    "reopen_application": lambda application, by: actions.reopen_application(application, by=by),
}


@pytest.fixture
def call(db):
    return CallFactory(taking_applications=True)


@pytest.fixture
def text(db):
    return ConsentTextFactory()


@pytest.fixture
def ready(call, text, trainee):
    """A draft that only needs to be handed in."""
    give_consents(trainee.user, [text], by=trainee.user)
    return ApplicationFactory(call=call, trainee=trainee, state="draft", submitted_at=None)


@pytest.mark.parametrize("state", ApplicationState.values)
@pytest.mark.parametrize("verb", ASKED)
def test_each_move_is_legal_from_its_sources_only(call, text, trainee, operator, verb, state):
    give_consents(trainee.user, [text], by=trainee.user)
    reason = "other" if state == "ineligible" else ""
    application = ApplicationFactory(call=call, trainee=trainee, state=state, ineligible_reason=reason)

    if state in APPLICATION.moves[verb].sources:
        moved = ASKED[verb](application, operator)
        assert moved.state == APPLICATION.moves[verb].target
        event = Event.objects.about(application).get()
        assert (event.verb, event.by, event.data["was"], event.data["now"]) == (
            verb,
            operator,
            state,
            moved.state,
        )
    else:
        with pytest.raises(IllegalMove) as refused:
            ASKED[verb](application, operator)
        assert refused.value.state == state
        assert Application.objects.get().state == state
        assert not Event.objects.about(application).exists()


def test_beginning_twice_gives_the_same_application(call, trainee):
    first = actions.draft_application(call, trainee, by=trainee.user)

    assert actions.draft_application(call, trainee, by=trainee.user) == first
    assert Event.objects.filter(verb="draft_application").count() == 1


@pytest.mark.parametrize(("late", "refused"), [(0, False), (1, True)])
def test_a_draft_is_refused_one_second_late(ready, late, refused):
    by = ready.trainee.user
    with time_machine.travel(ready.call.applications_due_at + dt.timedelta(seconds=late), tick=False):
        if not refused:
            assert actions.submit_application(ready, by=by).state == "submitted"
            return
        with pytest.raises(Refused) as why:
            actions.submit_application(ready, by=by)

    assert (why.value.code, why.value.facts["deadline"]) == (
        ApplicationRefusal.TOO_LATE,
        ready.call.applications_due_at,
    )
    assert Application.objects.get().state == "draft"


@pytest.mark.parametrize(("late", "refused"), [(0, False), (1, True)])
def test_what_was_sent_back_can_be_completed_until_lists_are_sealed(trainee, text, late, refused):
    call = CallFactory()
    give_consents(trainee.user, [text], by=trainee.user)
    returned = ApplicationFactory(call=call, trainee=trainee, state="returned")

    with time_machine.travel(call.rankings_due_at + dt.timedelta(seconds=late), tick=False):
        if not refused:
            assert actions.submit_application(returned, by=trainee.user).state == "submitted"
            return
        with pytest.raises(Refused) as why:
            actions.submit_application(returned, by=trainee.user)

    assert why.value.code == ApplicationRefusal.TOO_LATE


def test_submitting_needs_a_whole_profile(ready):
    ready.trainee.skills.all().delete()

    with pytest.raises(Refused) as why:
        actions.submit_application(ready, by=ready.trainee.user)

    assert why.value.code == ApplicationRefusal.PROFILE_INCOMPLETE


def test_submitting_needs_a_motive(ready):
    actions.edit_application(ready, motive="  ", by=ready.trainee.user)

    with pytest.raises(Refused) as why:
        actions.submit_application(ready, by=ready.trainee.user)

    assert why.value.code == ApplicationRefusal.NO_MOTIVE


def test_submitting_needs_a_consent_to_the_version_in_force(ready):
    ConsentTextFactory(version=2)

    with pytest.raises(Refused) as why:
        actions.submit_application(ready, by=ready.trainee.user)

    assert why.value.code == ApplicationRefusal.NO_CONSENT


def test_submitting_owes_one_notice(ready):
    actions.submit_application(ready, by=ready.trainee.user)

    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (ready.trainee.user, "application_submitted")


def _graduate_unconfirmed(application):
    application.trainee.graduate.state = "expected"
    application.trainee.graduate.save()


def _graduate_missing(application):
    application.trainee.graduate = None
    application.trainee.save()


def _employed(application):
    application.trainee.employment = "employed"
    application.trainee.save()


def _no_consent(application):
    withdraw_consent(application.trainee.user, "share_with_company", by=application.trainee.user)


def _placed_elsewhere(application):
    ApplicationFactory(trainee=application.trainee, state="placed", call__state="running")


@pytest.mark.parametrize(
    ("breaks", "fault"),
    [
        (_graduate_unconfirmed, IneligibleReason.NOT_COMPLETED),
        (_graduate_missing, IneligibleReason.NOT_GRADUATE),
        (_employed, IneligibleReason.EMPLOYED),
        (_no_consent, IneligibleReason.NO_CONSENT),
        (_placed_elsewhere, IneligibleReason.PLACED_ELSEWHERE),
    ],
)
def test_a_fault_the_rows_show_keeps_from_being_accepted(ready, operator, breaks, fault):
    submitted = actions.submit_application(ready, by=ready.trainee.user)
    breaks(submitted)

    with pytest.raises(Refused) as why:
        actions.accept_application(submitted, by=operator)

    assert why.value.code == ApplicationRefusal.FAULTS
    assert why.value.facts["faults"] == [fault.label]
    assert Application.objects.get(pk=submitted.pk).state == "submitted"


def test_a_placement_in_a_finished_call_is_no_fault(ready, operator):
    ApplicationFactory(trainee=ready.trainee, state="placed", call__state="finished")
    submitted = actions.submit_application(ready, by=ready.trainee.user)

    assert actions.accept_application(submitted, by=operator).state == "eligible"


@pytest.mark.parametrize("how", ["sealed", "late"])
def test_nobody_withdraws_after_sealing(trainee, how):
    call = CallFactory(sealed=True) if how == "sealed" else CallFactory()
    application = ApplicationFactory(call=call, trainee=trainee)
    moment = call.rankings_due_at + dt.timedelta(seconds=1)

    with time_machine.travel(moment, tick=False), pytest.raises(Refused) as why:
        actions.withdraw_application(application, by=trainee.user)

    assert why.value.code == ApplicationRefusal.SEALED


@pytest.mark.parametrize(
    ("constraint", "rows"),
    [
        ("application_once_per_call", lambda one: [{"call": one.call, "trainee": one.trainee}]),
        ("application_ineligible_iff_reason", lambda one: [{"call": one.call, "state": "ineligible"}]),
        ("application_ineligible_iff_reason", lambda one: [{"call": one.call, "ineligible_reason": "other"}]),
        ("application_submitted_has_moment", lambda one: [{"call": one.call, "submitted_at": None}]),
    ],
)
def test_the_database_refuses(ready, constraint, rows):
    for row in rows(ready):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            ApplicationFactory(**row)


def test_candidates_are_the_eligible_of_a_call_the_company_has_a_project_in(ready):
    project = ProjectFactory(call=ready.call)
    eligible = ApplicationFactory(call=ready.call)
    ApplicationFactory(trainee=TraineeFactory())

    assert list(Application.objects.candidates_for(project.company, ready.call)) == [eligible]
    assert not Application.objects.candidates_for(ProjectFactory().company, ready.call).exists()


# --- consent ------------------------------------------------------------------------------------------


def test_who_takes_the_consent_back_is_no_candidate_until_they_give_it_again(ready, text):
    project = ProjectFactory(call=ready.call)
    eligible = ApplicationFactory(call=ready.call)
    user = eligible.trainee.user
    candidates = Application.objects.candidates_for(project.company, ready.call)

    withdraw_consent(user, text.kind, by=user)
    seen_without = list(candidates.all())
    give_consents(user, [text], by=user)

    assert (seen_without, list(candidates.all())) == ([], [eligible])


def test_a_new_wording_takes_nobody_out(ready):
    eligible = ApplicationFactory(call=ready.call)
    ConsentTextFactory(version=2)

    assert list(Application.objects.candidates()) == [eligible]
    assert actions.eligibility_faults(eligible) == []


@pytest.mark.parametrize(
    ("state", "call", "paused"),
    [
        ("submitted", {}, True),
        ("eligible", {}, True),
        ("eligible", {"sealed": True}, True),
        ("draft", {}, False),
        ("withdrawn", {}, False),
        ("placed", {"state": "announced"}, False),
    ],
)
def test_an_application_under_way_pauses_without_the_consent(db, state, call, paused):
    application = ApplicationFactory(state=state, call=CallFactory(**call), consent=True)
    before = application.is_paused
    _no_consent(application)

    assert (before, application.is_paused) == (False, paused)


# --- people who become faulty -------------------------------------------------------------------------

FAULTY = [
    (_graduate_unconfirmed, "not_completed"),
    (_graduate_missing, "not_graduate"),
    (_employed, "employed"),
    (_no_consent, "no_consent"),
    (_placed_elsewhere, "placed_elsewhere"),
]


@pytest.mark.parametrize(("breaks", "fault"), FAULTY)
def test_the_office_finds_who_became_faulty_after_being_found_eligible(db, breaks, fault):
    call = CallFactory()
    fine, broken = ApplicationFactory(call=call), ApplicationFactory(call=call)
    waiting = ApplicationFactory(call=call, state="submitted")
    for application in (broken, waiting):
        breaks(application)

    assert list(Application.objects.eligible().faulty()) == [broken]
    assert actions.faults_of([fine, broken]) == {fine.pk: [], broken.pk: [fault]}


def test_faults_of_many_are_one_query(db, django_assert_num_queries):
    applications = [ApplicationFactory() for _ in range(3)]

    with django_assert_num_queries(1):
        found = actions.faults_of(applications)

    assert found == {application.pk: [] for application in applications}


@pytest.mark.parametrize(("breaks", "fault"), FAULTY)
def test_settling_refuses_the_faulty_with_the_reason_and_tells_them(db, breaks, fault):
    fine = ApplicationFactory()
    broken = ApplicationFactory(call=fine.call, comment="보완해 주세요")
    breaks(broken)

    settled = actions.settle_applications(fine.call)

    broken.refresh_from_db()
    notice = Notice.objects.get()
    event = Event.objects.about(broken).get(verb="refuse_application")
    assert (settled, broken.state, broken.ineligible_reason, broken.comment) == (1, "ineligible", fault, "")
    assert (notice.recipient, notice.kind, notice.params["reason"]) == (
        broken.trainee.user, "application_refused", fault,
    )  # fmt: skip
    assert (event.by, event.data["was"], event.data["reason"]) == (None, "eligible", fault)
    assert Application.objects.get(pk=fine.pk).state == "eligible"


def test_settling_refuses_who_did_not_answer_and_leaves_the_unjudged(db):
    returned = ApplicationFactory(state="returned", comment="경력을 적어 주세요")
    submitted = ApplicationFactory(call=returned.call, state="submitted")
    _employed(submitted)

    settled = actions.settle_applications(returned.call)

    returned.refresh_from_db()
    submitted.refresh_from_db()
    assert (settled, returned.state, returned.ineligible_reason) == (1, "ineligible", "unanswered")
    assert Notice.objects.get().params["comment"] == "경력을 적어 주세요"
    assert submitted.state == "submitted"


def test_settling_twice_changes_nothing(db):
    returned = ApplicationFactory(state="returned")

    assert [actions.settle_applications(returned.call) for _ in range(2)] == [1, 0]
    assert Notice.objects.count() == 1


# --- until when the office decides --------------------------------------------------------------------


@pytest.mark.parametrize(("late", "refused"), [(0, False), (1, True)])
def test_nothing_is_sent_back_that_cannot_be_completed_any_more(db, operator, late, refused):
    submitted = ApplicationFactory(state="submitted")
    due_at = submitted.call.rankings_due_at

    with time_machine.travel(due_at + dt.timedelta(seconds=late), tick=False):
        if not refused:
            assert actions.return_application(submitted, comment="보완", by=operator).state == "returned"
            return
        with pytest.raises(Refused) as why:
            actions.return_application(submitted, comment="보완", by=operator)

    assert (why.value.code, why.value.facts) == (
        ApplicationRefusal.NO_TIME_TO_COMPLETE, {"deadline": due_at},
    )  # fmt: skip
    assert Application.objects.get().state == "submitted"


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("accept_application", "submitted"),
        ("accept_application", "ineligible"),
        ("refuse_application", "submitted"),
        ("refuse_application", "eligible"),
    ],
)
@pytest.mark.parametrize(
    ("call", "refused"),
    [("matching", False), ("announced", True), ("running", True), ("finished", True), ("archived", True)],
)
def test_the_office_decides_until_results_are_out(db, operator, verb, state, call, refused):
    reason = "other" if state == "ineligible" else ""
    application = ApplicationFactory(call__state=call, state=state, ineligible_reason=reason)

    if not refused:
        assert ASKED[verb](application, operator).state == APPLICATION.moves[verb].target
        return
    with pytest.raises(Refused) as why:
        ASKED[verb](application, operator)

    assert why.value.code == ApplicationRefusal.PUBLISHED
    assert Application.objects.get().state == state


@pytest.mark.parametrize("state", ["cancelled", "draft"])
@pytest.mark.parametrize(
    ("verb", "facts"),
    [
        ("accept_application", {"state": "ineligible", "ineligible_reason": "other"}),
        ("refuse_application", {"state": "submitted"}),
    ],
)
def test_nobody_is_judged_in_a_call_that_is_not_on(text, trainee, operator, state, verb, facts):
    give_consents(trainee.user, [text], by=trainee.user)
    application = ApplicationFactory(call__state=state, trainee=trainee, **facts)

    with pytest.raises(Refused) as why:
        ASKED[verb](application, operator)

    assert why.value.code == ApplicationRefusal.CALL_OVER
    assert Application.objects.get().state == facts["state"]
    assert not Notice.objects.exists()
