from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.evaluations.actions import (
    draft_evaluation,
    lock_evaluation,
    return_evaluation,
    submit_evaluation,
)
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EVALUATION, EvaluationRefusal, EvaluationState
from tests.factories import CompanyMemberFactory, EvaluationFactory, PlacementFactory

MOVES = {
    "submit_evaluation": submit_evaluation,
    "return_evaluation": lambda evaluation, by: return_evaluation(evaluation, reason="점수의 근거", by=by),
    "lock_evaluation": lock_evaluation,
}


def in_state(state, **fields):
    if state != EvaluationState.LOCKED:
        fields |= {"locked_at": None, "locked_by": None, "appeal_until": None}
    return EvaluationFactory(state=state, **fields)


@pytest.fixture
def placement(db):
    return PlacementFactory(completed=True)


@pytest.fixture
def rater(placement):
    return placement.company.members.first().user


@pytest.mark.parametrize("verb", MOVES)
@pytest.mark.parametrize("state", EvaluationState.values)
def test_every_move_is_legal_exactly_where_the_table_says(agency, verb, state):
    evaluation = in_state(state)

    if state in EVALUATION.moves[verb].sources:
        moved = MOVES[verb](evaluation, by=agency)
        assert moved.state == EVALUATION.moves[verb].target
        assert Event.objects.about(evaluation).get().verb == verb
    else:
        with pytest.raises(IllegalMove):
            MOVES[verb](evaluation, by=agency)
        assert not Event.objects.about(evaluation).exists()


def test_draft_may_be_written_in_pieces_and_changed(placement, rater):
    draft_evaluation(placement, score=None, comment="꾸준했습니다.", by=rater)
    evaluation = draft_evaluation(placement, score=Decimal("81.5"), comment="꾸준했습니다.", by=rater)

    assert Evaluation.objects.get() == evaluation
    assert (evaluation.score, evaluation.state, evaluation.rater) == (Decimal("81.5"), "draft", rater)


@pytest.mark.parametrize("state", ["offered", "accepted", "active", "left"])
def test_only_a_completed_placement_is_judged(db, rater, state):
    placement = PlacementFactory(accepted=True)
    type(placement).objects.filter(pk=placement.pk).update(state=state)

    with pytest.raises(Refused) as refused:
        draft_evaluation(placement, score=Decimal(90), comment="좋음", by=rater)

    assert refused.value.code == EvaluationRefusal.NOT_ENDED


@pytest.mark.parametrize("state", [EvaluationState.SUBMITTED, EvaluationState.LOCKED])
def test_draft_is_refused_once_it_was_handed_in(db, state):
    evaluation = in_state(state)

    with pytest.raises(Refused) as refused:
        draft_evaluation(evaluation.placement, score=Decimal(10), comment="다시", by=evaluation.rater)

    assert refused.value.code == EvaluationRefusal.NOT_EDITABLE


@pytest.mark.parametrize(("score", "comment"), [(None, "의견"), (Decimal(90), "  ")])
def test_submit_needs_score_and_comment(placement, rater, score, comment):
    evaluation = draft_evaluation(placement, score=score, comment=comment, by=rater)

    with pytest.raises(Refused) as refused:
        submit_evaluation(evaluation, by=rater)

    assert refused.value.code == EvaluationRefusal.NO_SCORE
    evaluation.refresh_from_db()
    assert evaluation.state == "draft"


def test_return_tells_the_rater_and_keeps_the_reason_inside(agency):
    evaluation = in_state("submitted")

    return_evaluation(evaluation, reason="근거를 적어 주세요.", by=agency)

    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (evaluation.rater, "evaluation_returned")
    assert "근거를 적어 주세요." not in str(notice.params)
    assert (
        Event.objects.about(evaluation).get(verb="return_evaluation").data["reason"] == "근거를 적어 주세요."
    )


def test_lock_fixes_the_time_to_appeal_and_tells_the_trainee(agency):
    evaluation = in_state("submitted")

    locked = lock_evaluation(evaluation, by=agency)

    days = evaluation.placement.call.rule_set.appeal_days
    assert locked.appeal_until == timezone.localdate() + timedelta(days=days)
    assert (locked.locked_by, Notice.objects.get().recipient) == (agency, evaluation.placement.trainee.user)


def test_nobody_locks_what_they_rated(agency):
    evaluation = in_state("submitted", rater=agency)

    with pytest.raises(Refused) as refused:
        lock_evaluation(evaluation, by=agency)

    assert refused.value.code == EvaluationRefusal.CONFLICT


@pytest.mark.parametrize("role", ["owner", "manager", "mentor", "accountant"])
def test_nobody_locks_an_evaluation_of_their_own_company(agency, role):
    evaluation = in_state("submitted")
    CompanyMemberFactory(company=evaluation.placement.company, user=agency, role=role)

    with pytest.raises(Refused) as refused:
        lock_evaluation(evaluation, by=agency)

    assert refused.value.code == EvaluationRefusal.CONFLICT


@pytest.mark.parametrize(
    "change", [{"score": 10}, {"comment": "바뀐 말"}, {"state": "draft"}, {"appeal_until": None}]
)
def test_the_database_refuses_to_change_a_locked_evaluation(db, change):
    evaluation = EvaluationFactory()

    with pytest.raises(DatabaseError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(**change)


def test_the_database_refuses_to_delete_a_locked_evaluation(db):
    evaluation = EvaluationFactory()

    with pytest.raises(DatabaseError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).delete()


@pytest.mark.parametrize("score", ["-0.01", "100.01"])
def test_the_database_refuses_a_score_out_of_range(placement, rater, score):
    with pytest.raises(DatabaseError), transaction.atomic():
        draft_evaluation(placement, score=Decimal(score), comment="", by=rater)


@pytest.mark.parametrize(("score", "excellent"), [("79.99", False), ("80", True), ("80.01", True)])
def test_excellent_is_reaching_the_threshold(db, score, excellent):
    evaluation = in_state("submitted", score=Decimal(score))

    assert evaluation.is_excellent is excellent


@pytest.mark.parametrize(("state", "seen"), [("draft", False), ("submitted", False), ("locked", True)])
def test_a_trainee_sees_only_a_locked_evaluation(db, state, seen):
    evaluation = in_state(state)

    visible = Evaluation.objects.visible_to(evaluation.placement.trainee.user)

    assert visible.exists() is seen
