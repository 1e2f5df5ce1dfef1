"""A company judges a completed placement: draft, submit, read what was submitted."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from portal.accounts.models import SignedIn
from portal.audit.actions import record_access
from portal.audit.models import Event
from portal.ui.korean import kdate, kdatetime, points
from portal.ui.refusals import sentence
from portal.workflow import Refused
from projects.evaluations.actions import draft_evaluation, submit_evaluation
from projects.evaluations.forms import EvaluationForm
from projects.evaluations.models import Evaluation
from projects.evaluations.states import EvaluationState
from projects.placements.models import Placement
from projects.placements.states import PlacementState


def _placement(request: SignedIn, pk: int) -> Placement:
    """One of the company's own; the trainee of it knows that it exists, but does not judge."""
    placements = Placement.objects.visible_to(request.user).with_names().select_related("call__rule_set")
    placement = get_object_or_404(placements, pk=pk)
    if not request.user.has_perm("evaluations.change_evaluation", placement):
        raise PermissionDenied
    record_access(
        "evaluation", by=request.user, subjects=[placement.trainee.user], reason=placement.project.title
    )
    return placement


def _evaluation(request: SignedIn, placement: Placement) -> Evaluation | None:
    found = Evaluation.objects.visible_to(request.user).filter(placement=placement)
    return found.select_related("rater", "placement").first()


def _points(score: Decimal | None) -> str:
    return "-" if score is None else _("%(score)s점") % {"score": points(score)}


@require_http_methods(["GET", "POST"])
def evaluation_edit(request: SignedIn, placement: int) -> HttpResponse:
    seat = _placement(request, placement)
    evaluation = _evaluation(request, seat)
    context: dict[str, Any] = {
        "placement": seat,
        "threshold": _points(seat.threshold),
        "steps": _steps(evaluation),
    }
    if request.method == "GET" and seat.state != PlacementState.COMPLETED:
        return render(request, "projects/evaluations/evaluation_early.html", context)
    if request.method == "GET" and evaluation is not None and evaluation.state != EvaluationState.DRAFT:
        context |= {"evaluation": evaluation, "facts": _facts(evaluation)}
        return render(request, "projects/evaluations/evaluation_detail.html", context)
    initial = {"comment": evaluation.comment} if evaluation else {}
    if evaluation is not None and evaluation.score is not None:
        initial["score"] = points(evaluation.score)
    data = request.POST if request.method == "POST" else None
    form = EvaluationForm(data, initial=initial, complete="submit" in request.POST)
    if form.is_valid():
        draft_evaluation(seat, **form.cleaned_data, by=request.user)
        if "submit" in request.POST:
            return redirect("evaluations:evaluation-submit", seat.pk)
        messages.success(request, _("저장했습니다. 제출하기 전까지 고칠 수 있습니다."))
        return redirect("evaluations:evaluation-edit", seat.pk)
    context |= {"form": form, "evaluation": evaluation, "returned": _returned(evaluation)}
    status = 422 if form.errors else 200
    return render(request, "projects/evaluations/evaluation_edit.html", context, status=status)


def _steps(evaluation: Evaluation | None) -> list[dict[str, Any]]:
    """From the first word to the day nobody can object any more."""
    reached = {None: 0, EvaluationState.DRAFT: 0, EvaluationState.SUBMITTED: 2, EvaluationState.LOCKED: 3}
    now = reached[EvaluationState(evaluation.state) if evaluation else None]
    until = evaluation.appeal_until if evaluation else None
    if until is not None and until < timezone.localdate():
        now = 4
    labels = (_("작성"), pgettext("state", "제출"), _("확정"), _("이의신청 끝"))
    notes = ("", "", "", _("%(day)s까지") % {"day": kdate(until)} if until else "")
    return [
        {
            "label": label,
            "note": note,
            "state": "done" if place < now else "now" if place == now else "next",
        }
        for place, (label, note) in enumerate(zip(labels, notes, strict=True))
    ]


def _returned(evaluation: Evaluation | None) -> Event | None:
    """The last time the office sent it back, with its reason."""
    if evaluation is None:
        return None
    return Event.objects.about(evaluation).filter(verb="return_evaluation").first()


def _facts(evaluation: Evaluation) -> list[dict[str, str]]:
    facts = [
        (_("점수"), _points(evaluation.score)),
        (_("우수 기준"), _points(evaluation.placement.threshold)),
        (_("평가 의견"), evaluation.comment),
        (_("평가자"), evaluation.rater.name),
    ]
    if evaluation.submitted_at:
        facts.append((_("제출"), kdatetime(evaluation.submitted_at)))
    if evaluation.locked_at:
        facts.append((_("확정"), kdatetime(evaluation.locked_at)))
    if evaluation.appeal_until:
        facts.append((_("이의신청 기한"), kdate(evaluation.appeal_until)))
    return [{"label": label, "value": value} for label, value in facts]


@require_http_methods(["GET", "POST"])
def evaluation_submit(request: SignedIn, placement: int) -> HttpResponse:
    """Read it once more and hand it in."""
    seat = _placement(request, placement)
    evaluation = _evaluation(request, seat)
    back = reverse("evaluations:evaluation-edit", args=[seat.pk])
    if evaluation is None:
        messages.info(request, _("먼저 평가를 적어 주세요."))
        return redirect(back)
    if evaluation.state != EvaluationState.DRAFT:  # a second click, or another tab: it is done
        return redirect(back)
    refused = ""
    if request.method == "POST":
        try:
            submit_evaluation(evaluation, by=request.user)
        except Refused as refusal:
            refused = sentence(refusal)
        else:
            messages.success(request, _("평가를 제출했습니다."))
            return redirect(back)
    facts = [
        {"label": _("참여자"), "value": seat.trainee.user.name},
        {"label": _("프로젝트"), "value": seat.project.title},
        {"label": _("점수"), "value": _points(evaluation.score), "url": back},
        {"label": _("평가 의견"), "value": evaluation.comment or "-", "url": back},
    ]
    context = {
        "heading": _("평가를 제출할까요?"),
        "facts": facts,
        "submit": _("평가 제출"),
        "cancel_url": back,
        "evaluation": evaluation,
        "threshold": _points(seat.threshold),
        "refused": refused,
    }
    status = 422 if refused else 200
    return render(request, "projects/evaluations/evaluation_submit.html", context, status=status)
