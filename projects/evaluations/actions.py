from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actions import record
from portal.companies.rules import role_in
from portal.workflow import Refused
from projects.evaluations import notices
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EVALUATION, EvaluationRefusal, EvaluationState
from projects.placements.models import Placement
from projects.placements.states import PlacementState


def _locked(evaluation: Evaluation) -> Evaluation:
    return (
        Evaluation.objects.select_for_update(of=("self",))
        .select_related(
            "placement__call__rule_set", "placement__trainee__user", "placement__project", "rater"
        )
        .get(pk=evaluation.pk)
    )


@transaction.atomic
def draft_evaluation(placement: Placement, *, score: Decimal | None, comment: str, by: User) -> Evaluation:
    """Write down a judgement; it can be changed until it is submitted."""
    placement = Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
    if placement.state != PlacementState.COMPLETED:
        raise Refused(EvaluationRefusal.NOT_ENDED)
    evaluation = Evaluation.objects.select_for_update().filter(placement=placement).first() or Evaluation(
        placement=placement, rater=by
    )
    if evaluation.state != EvaluationState.DRAFT:
        raise Refused(EvaluationRefusal.NOT_EDITABLE)
    if evaluation.pk and (evaluation.score, evaluation.comment) == (score, comment):
        return evaluation
    evaluation.score, evaluation.comment, evaluation.rater = score, comment, by
    evaluation.save()
    record("draft_evaluation", evaluation, by=by)
    return evaluation


@transaction.atomic
def submit_evaluation(evaluation: Evaluation, *, by: User) -> Evaluation:
    """Hand it in; from here on only the office can send it back."""
    evaluation = _locked(evaluation)
    was = EVALUATION.move(evaluation, "submit_evaluation")
    if evaluation.score is None or not evaluation.comment.strip():
        raise Refused(EvaluationRefusal.NO_SCORE)
    evaluation.submitted_at = timezone.now()
    evaluation.save()
    record("submit_evaluation", evaluation, by=by, was=was)
    return evaluation


@transaction.atomic
def return_evaluation(evaluation: Evaluation, *, reason: str, by: User) -> Evaluation:
    evaluation = _locked(evaluation)
    was = EVALUATION.move(evaluation, "return_evaluation")
    evaluation.save()
    event = record("return_evaluation", evaluation, by=by, was=was, reason=reason)
    notices.evaluation_returned(evaluation, event.pk)
    return evaluation


@transaction.atomic
def lock_evaluation(evaluation: Evaluation, *, by: User) -> Evaluation:
    """Make it final; the time to appeal begins. Nobody locks what they rated or what concerns their company."""
    evaluation = _locked(evaluation)
    if evaluation.rater_id == by.pk or role_in(by, evaluation.placement.company_id):
        raise Refused(EvaluationRefusal.CONFLICT)
    was = EVALUATION.move(evaluation, "lock_evaluation")
    evaluation.locked_at, evaluation.locked_by = timezone.now(), by
    evaluation.appeal_until = timezone.localdate() + timedelta(
        days=evaluation.placement.call.rule_set.appeal_days
    )
    evaluation.save()
    record(
        "lock_evaluation",
        evaluation,
        by=by,
        was=was,
        score=evaluation.score,
        threshold=evaluation.placement.threshold,
    )
    notices.evaluation_locked(evaluation)
    return evaluation
