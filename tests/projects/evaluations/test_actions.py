import datetime as dt
from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.evaluations import actions
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EVALUATION, EvaluationRefusal, EvaluationState
from tests.factories import CompanyMemberFactory, EvaluationFactory, PlacementFactory

MOVES = {
    "submit_evaluation": lambda evaluation, by: actions.submit_evaluation(evaluation, by=by),
    "return_evaluation": lambda evaluation, by: actions.return_evaluation(evaluation, reason="보완", by=by),
    "lock_evaluation": lambda evaluation, by: actions.lock_evaluation(evaluation, by=by),
}


def at_state(state, **more):
    if state == "locked":
        return EvaluationFactory(**more)
    empty = {"locked_at": None, "locked_by": None, "appeal_until": None}
    return EvaluationFactory(**{"state": state, **empty, **more})


@pytest.mark.parametrize("state", EvaluationState.values)
@pytest.mark.parametrize("verb", MOVES)
def test_each_move_is_legal_from_its_sources_only(operator, verb, state):
    evaluation = at_state(state)

    if state in EVALUATION.moves[verb].sources:
        moved = MOVES[verb](evaluation, operator)
        assert moved.state == Evaluation.objects.get().state == EVALUATION.moves[verb].target
        event = Event.objects.about(evaluation).get()
        assert (event.verb, event.by, event.data["was"], event.data["now"]) == (
            verb,
            operator,
            state,
            moved.state,
        )
    else:
        with pytest.raises(IllegalMove):
            MOVES[verb](evaluation, operator)
        assert Evaluation.objects.get().state == state


@pytest.mark.parametrize("state", ["submitted", "locked"])
def test_what_was_handed_in_is_not_written_again(db, state):
    evaluation = at_state(state)

    with pytest.raises(Refused) as why:
        actions.draft_evaluation(evaluation.placement, score=Decimal(1), comment="다시", by=evaluation.rater)

    assert why.value.code == EvaluationRefusal.NOT_EDITABLE


@pytest.mark.parametrize("state", ["accepted", "running", "not_completed", "dropped_out"])
def test_only_completed_placements_are_rated(db, state):
    placement = PlacementFactory(state=state, threshold=80)

    with pytest.raises(Refused) as why:
        actions.draft_evaluation(placement, score=None, comment="", by=placement.trainee.user)

    assert why.value.code == EvaluationRefusal.NOT_ENDED


@pytest.mark.parametrize("facts", [{"score": None}, {"comment": " "}])
def test_handing_in_needs_score_and_comment(db, facts):
    evaluation = at_state("draft", **facts)

    with pytest.raises(Refused) as why:
        actions.submit_evaluation(evaluation, by=evaluation.rater)

    assert why.value.code == EvaluationRefusal.NO_SCORE


def test_nobody_locks_what_they_rated(operator):
    evaluation = at_state("submitted", rater=operator)

    with pytest.raises(Refused) as why:
        actions.lock_evaluation(evaluation, by=operator)

    assert why.value.code == EvaluationRefusal.CONFLICT


def test_nobody_locks_what_concerns_their_company(operator):
    evaluation = at_state("submitted")
    CompanyMemberFactory(company=evaluation.placement.company, user=operator)

    with pytest.raises(Refused) as why:
        actions.lock_evaluation(evaluation, by=operator)

    assert why.value.code == EvaluationRefusal.CONFLICT


def test_locking_opens_the_time_to_appeal_and_tells_the_trainee(operator):
    evaluation = at_state("submitted")

    locked = actions.lock_evaluation(evaluation, by=operator)

    assert locked.appeal_until == timezone.localdate() + dt.timedelta(days=7)
    assert Notice.objects.get().recipient == evaluation.placement.trainee.user
    assert not Evaluation.objects.binding(locked.appeal_until).exists()
    assert Evaluation.objects.binding(locked.appeal_until + dt.timedelta(days=1)).get() == locked


@pytest.mark.parametrize(("score", "excellent"), [("79.99", False), ("80.00", True), (None, False)])
def test_excellence_is_reaching_the_frozen_threshold(db, score, excellent):
    evaluation = at_state("draft", score=score and Decimal(score))

    assert evaluation.is_excellent == excellent


@pytest.mark.parametrize("change", [{"score": 10}, {"comment": "바꿈"}, {"state": "draft"}])
def test_the_database_keeps_a_locked_evaluation(db, change):
    EvaluationFactory()

    with pytest.raises(Error), transaction.atomic():
        Evaluation.objects.update(**change)
    with pytest.raises(Error), transaction.atomic():
        Evaluation.objects.all().delete()


@pytest.mark.parametrize("score", [-1, 100.01])
def test_the_database_refuses_a_score_out_of_range(db, score):
    with pytest.raises(IntegrityError, match="evaluation_score_in_range"), transaction.atomic():
        at_state("draft", score=score)


@pytest.mark.parametrize("missing", ["score", "locked_at", "locked_by", "appeal_until"])
def test_the_database_refuses_a_locked_evaluation_that_is_not_whole(db, missing):
    with pytest.raises(IntegrityError, match="evaluation_locked_is_whole"), transaction.atomic():
        EvaluationFactory(**{missing: None})
