"""The company judges who finished a project: write, hand in, and from then on only read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.audit.actions import record_access
from portal.audit.models import Event
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused
from projects.evaluations.actions import draft_evaluation, submit_evaluation
from projects.evaluations.forms import EvaluationForm
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EVALUATION, EvaluationState
from projects.placements.models import Placement
from projects.placements.states import PlacementState


def _placement(request: HttpRequest, pk: int) -> Placement:
    """A placement the person may rate; others of the company know that it exists, strangers do not."""
    placements = Placement.objects.visible_to(request.user).with_names()
    placement = get_object_or_404(placements, pk=pk)
    if not request.user.has_perm("evaluations.change_evaluation", placement):
        raise PermissionDenied
    return placement


def _evaluation(request: HttpRequest, placement: Placement) -> Evaluation | None:
    own = Evaluation.objects.visible_to(request.user).select_related("rater", "placement")
    return own.filter(placement=placement).first()


@require_http_methods(["GET", "POST"])
def evaluation_edit(request: HttpRequest, placement: int) -> HttpResponse:
    rated = _placement(request, placement)
    evaluation = _evaluation(request, rated)
    record_access("evaluation", by=request.user, subjects=[rated.trainee.user], reason=rated.project.title)
    if evaluation and evaluation.state != EvaluationState.DRAFT:
        if request.method == "POST":
            raise IllegalMove(evaluation, "draft_evaluation")
        return render(request, "projects/evaluations/evaluation_detail.html", _facts(rated, evaluation))
    handing_in = "submit" in request.POST
    initial = {"score": evaluation.score, "comment": evaluation.comment} if evaluation else None
    data = request.POST if request.method == "POST" else None
    form = EvaluationForm(data, initial=initial, draft=not handing_in)
    if form.is_valid():
        try:
            draft_evaluation(rated, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            if handing_in:
                return redirect("evaluations:evaluation-submit", placement)
            messages.success(request, _("초안을 저장했습니다. 제출해야 확정 절차가 시작됩니다."))
            return redirect("evaluations:evaluation-edit", placement)
    context = {
        **_facts(rated, evaluation),
        "form": form,
        "may_be_rated": rated.state == PlacementState.COMPLETED,
        "returned": evaluation and Event.objects.about(evaluation).filter(verb="return_evaluation").first(),
    }
    template = "projects/evaluations/evaluation_edit.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _facts(placement: Placement, evaluation: Evaluation | None) -> dict[str, Any]:
    facts = [
        (_("이름"), placement.trainee.user.name),
        (_("프로젝트"), placement.project.title),
        (_("우수 기준"), _("%(score)s점 이상") % {"score": _score(placement.threshold)}),
    ]
    if evaluation:
        facts += [
            (
                _("점수"),
                _("%(score)s점") % {"score": _score(evaluation.score)}
                if evaluation.score is not None
                else "–",
            ),
            (_("평가 의견"), evaluation.comment or "–"),
            (_("평가자"), str(evaluation.rater)),
        ]
    return {
        "placement": placement,
        "evaluation": evaluation,
        "facts": [{"label": label, "value": value} for label, value in facts],
    }


def _score(score: Any) -> str:
    return f"{score.normalize():f}"


@require_http_methods(["GET", "POST"])
def evaluation_submit(request: HttpRequest, placement: int) -> HttpResponse:
    """What will be handed in and what follows from it, then the button."""
    rated = _placement(request, placement)
    evaluation = _evaluation(request, rated)
    if evaluation is None:
        return redirect("evaluations:evaluation-edit", placement)
    refused = ""
    if request.method == "POST":
        try:
            submit_evaluation(evaluation, by=request.user)
        except Refused as refusal:
            refused = sentence(refusal)
        except IllegalMove as illegal:  # handed in already, in another tab or by a second click
            if illegal.state != EvaluationState.SUBMITTED:
                raise
        else:
            messages.success(request, _("평가를 제출했습니다. 운영사가 확인한 뒤 확정합니다."))
        if not refused:
            return redirect("evaluations:evaluation-edit", placement)
    elif not EVALUATION.may(evaluation, "submit_evaluation"):
        return redirect("evaluations:evaluation-edit", placement)
    context = {
        **_facts(rated, evaluation),
        "heading": _("평가를 제출할까요?"),
        "refused": refused,
        "submit": _("제출하기"),
        "cancel_url": reverse("evaluations:evaluation-edit", args=[placement]),
    }
    template = "projects/evaluations/evaluation_submit.html"
    return render(request, template, context, status=422 if refused else 200)
