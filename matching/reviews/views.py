"""A trainee asks for an explanation or for a person to look again, and reads the answer."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from matching.reviews import actions, terms
from matching.reviews.forms import ReviewForm
from matching.reviews.models import ReviewRequest
from matching.reviews.states import REVIEW_REQUEST, ReviewState
from portal.accounts.models import SignedIn
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused
from projects.applications.models import Application


def _own(request: SignedIn) -> Any:
    """Only the person's own: the office reads requests where it works."""
    own = ReviewRequest.objects.filter(application__trainee__user=request.user)
    return own.select_related("application__call")


@require_http_methods(["GET", "POST"])
def review_add(request: SignedIn, call: int) -> HttpResponse:
    """The form, below what was asked before."""
    own = Application.objects.filter(trainee__user=request.user).select_related("call")
    application = get_object_or_404(own, call=call)
    if not actions.may_ask(application):
        raise Http404
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and "token" not in request.POST:
        raise BadRequest
    if form.is_valid():
        try:
            asked = actions.ask_review(application, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("reviews:review-detail", asked.pk)
    earlier = list(_own(request).filter(application=application).order_by("-pk"))
    context = {
        "call": application.call,
        "form": form,
        "days": terms.ANSWER_DAYS,
        "earlier": earlier,
        "open": next((asked for asked in earlier if asked.state == ReviewState.RECEIVED), None),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/reviews/review_add.html", context, status=status)


@require_GET
def review_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The receipt, and later the answer."""
    asked = get_object_or_404(_own(request), pk=pk)
    context = {
        "asked": asked,
        "call": asked.application.call,
        "facts": [
            {"label": _("공고"), "value": asked.application.call.title},
            {"label": _("요청"), "value": asked.get_kind_display()},
            {"label": _("알고 싶은 것"), "value": asked.text},
        ],
        "is_open": asked.state == ReviewState.RECEIVED,
        "may_withdraw": REVIEW_REQUEST.may(asked, "withdraw_review"),
    }
    return render(request, "matching/reviews/review_detail.html", context)


@require_http_methods(["GET", "POST"])
def review_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    asked = get_object_or_404(_own(request), pk=pk)
    if request.method == "POST":
        try:
            actions.withdraw_review(asked, by=request.user)
        except IllegalMove as refusal:
            messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("요청을 취소했습니다."))
        return redirect("reviews:review-detail", asked.pk)
    context = {
        "heading": _("요청을 취소할까요?"),
        "lead": asked.reference,
        "submit": _("요청 취소하기"),
        "cancel_url": reverse("reviews:review-detail", args=[asked.pk]),
        "notes": [_("더 살피지 않고, 답도 드리지 않습니다."), _("다시 요청할 수 있습니다.")],
        "danger": True,
    }
    return render(request, "components/confirm_page.html", context)
