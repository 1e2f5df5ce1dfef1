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
