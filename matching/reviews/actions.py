"""Asking why a result is as it is, or for a person to look again; answering within thirty days."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from matching.models import Match, MatchRun
from matching.reviews import notices
from matching.reviews.models import ReviewRequest
from matching.reviews.states import REVIEW_REQUEST, ReviewKind, ReviewRefusal
from matching.reviews.terms import answer_due_on
from matching.states import RunState
from portal.accounts.models import User
from portal.audit.actions import record
from portal.workflow import Refused
from projects.applications.models import Application
from projects.applications.states import ApplicationState


def may_ask(application: Application) -> bool:
    """Whether there is something to ask about: a published result, or a refusal."""
    return (
        application.state == ApplicationState.INELIGIBLE
        or Match.objects.filter(application=application, run__state=RunState.PUBLISHED).exists()
    )


@transaction.atomic
def ask_review(application: Application, *, kind: str, text: str, token: UUID, by: User) -> ReviewRequest:
    """The same press twice is one request; while one is open there is no second."""
    held = Application.objects.select_for_update(of=("self",), no_key=True)
    application = held.select_related("trainee__user").get(pk=application.pk)
    known = ReviewRequest.objects.filter(application=application, token=token).first()
    if known is not None:
        return known
    if not may_ask(application):
        raise Refused(ReviewRefusal.NO_RESULT)
    if ReviewRequest.objects.open().filter(application=application).exists():
        raise Refused(ReviewRefusal.OPEN)
    asked = ReviewRequest.objects.create(
        application=application,
        token=token,
        kind=kind,
        text=text,
        due_on=answer_due_on(timezone.localdate()),
    )
    record("ask_review", asked, by=by, kind=kind)
    notices.review_asked(asked)
    return asked


def _locked(asked: ReviewRequest) -> ReviewRequest:
    held = ReviewRequest.objects.select_for_update(of=("self",))
    return held.select_related("application__trainee__user").get(pk=asked.pk)


@transaction.atomic
def withdraw_review(asked: ReviewRequest, *, by: User) -> ReviewRequest:
    """The person takes it back; the office still reads that it was there."""
    asked = _locked(asked)
    was = REVIEW_REQUEST.move(asked, "withdraw_review")
    asked.closed_at = timezone.now()
    asked.save()
    record("withdraw_review", asked, by=by, was=was)
    return asked


@transaction.atomic
def answer_review(asked: ReviewRequest, *, reply: str, by: User) -> ReviewRequest:
    """Tell the person. Who approved or published the result does not look at it again."""
    if not reply.strip():
        raise Refused(ReviewRefusal.NO_REPLY)
    asked = _locked(asked)
    if asked.kind == ReviewKind.HUMAN and _decided(asked, by):
        raise Refused(ReviewRefusal.DECIDED)
    was = REVIEW_REQUEST.move(asked, "answer_review")
    asked.reply, asked.answered_by, asked.closed_at = reply, by, timezone.now()
    asked.save()
    record("answer_review", asked, by=by, was=was)
    notices.review_answered(asked)
    return asked


def _decided(asked: ReviewRequest, by: User) -> bool:
    runs = MatchRun.objects.filter(call=asked.application.call_id, state=RunState.PUBLISHED)
    return runs.filter(approved_by=by).exists() or runs.filter(published_by=by).exists()
