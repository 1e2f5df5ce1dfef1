"""Asking, answering in time, and by whom."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse
from django.utils import timezone

from matching.models import Match
from matching.reviews.actions import answer_review, ask_review, withdraw_review
from matching.reviews.models import ReviewRequest
from matching.states import RunState
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from tests.factories import ApplicationFactory, MatchRunFactory, ReviewRequestFactory, days

pytestmark = pytest.mark.django_db
TEXT = "왜 2순위에 배치되었는지 알고 싶습니다."


@pytest.fixture
def application(agency, second_agency):
    """Whose result is out."""
    application = ApplicationFactory(call__state="announced", state="reserve")
    run = MatchRunFactory(
        call=application.call, state=RunState.PUBLISHED, kind="final", violations=[], figures={"applicants": 1},
        computed_at=timezone.now(), approved_by=agency, approved_at=timezone.now(),
        published_by=second_agency, published_at=timezone.now(),
    )  # fmt: skip
    Match.objects.create(run=run, application=application)
    return application


def ask(application, kind="explanation", token=None):
    user = application.trainee.user
    return ask_review(application, kind=kind, text=TEXT, token=token or uuid.uuid4(), by=user)


@time_machine.travel("2026-11-23 10:00+09:00", tick=False)
def test_a_request_is_answered_within_thirty_days(application, operator):
    asked = ask(application)

    assert asked.due_on == dt.date(2026, 12, 23)
    assert asked.reference == f"R-{asked.pk:05d}"
    told = dict(Notice.objects.filter(key__startswith="review-").values_list("recipient", "kind"))
    assert told[application.trainee.user_id] == "review_received"
    assert told[operator.pk] == "review_asked"
    assert not ReviewRequest.objects.overdue(dt.date(2026, 12, 23)).exists()
    assert ReviewRequest.objects.overdue(dt.date(2026, 12, 24)).get() == asked


def test_the_same_press_twice_is_one_request(application):
    token = uuid.uuid4()

    assert ask(application, token=token) == ask(application, token=token)
    assert ReviewRequest.objects.count() == 1
    assert Event.objects.filter(verb="ask_review").count() == 1


def test_there_is_one_open_request(application, operator):
    first = ask(application)

    with pytest.raises(Refused) as refusal:
        ask(application)
    assert refusal.value.code == "open"

    answer_review(first, reply="이렇게 정해졌습니다.", by=operator)
    assert ask(application).state == "received"


def test_nothing_is_asked_before_there_is_a_result():
    with pytest.raises(Refused) as refusal:
        ask(ApplicationFactory())

    assert refusal.value.code == "no_result"


def test_who_was_refused_may_ask():
    assert ask(ApplicationFactory(state="ineligible", ineligible_reason="employed")).state == "received"


def test_an_answer_reaches_the_person(application, operator):
    asked = answer_review(ask(application), reply="이렇게 정해졌습니다.", by=operator)

    assert (asked.state, asked.reply, asked.answered_by) == ("answered", "이렇게 정해졌습니다.", operator)
    assert Notice.objects.get(kind="review_answered").recipient == application.trainee.user
    with pytest.raises(IllegalMove):
        answer_review(asked, reply="다시", by=operator)
    with pytest.raises(IllegalMove):
        withdraw_review(asked, by=application.trainee.user)


def test_an_empty_answer_is_none(application, operator):
    with pytest.raises(Refused):
        answer_review(ask(application), reply="  ", by=operator)


def test_who_decided_about_the_result_does_not_look_at_it_again(application, agency, second_agency, operator):
    asked = ask(application, kind="human")

    for decider in (agency, second_agency):
        with pytest.raises(Refused) as refusal:
            answer_review(asked, reply="그대로입니다.", by=decider)
        assert refusal.value.code == "decided"

    assert answer_review(asked, reply="다시 살폈습니다.", by=operator).state == "answered"


def test_who_decided_may_explain(application, agency):
    assert answer_review(ask(application), reply="이렇게 정해졌습니다.", by=agency).state == "answered"


def test_database_keeps_what_was_asked(application):
    asked = ask(application)

    for change in ({"text": "다른 말"}, {"due_on": timezone.localdate() + days(90)}):
        with pytest.raises(InternalError), transaction.atomic():
            ReviewRequest.objects.filter(pk=asked.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        asked.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewRequestFactory(application=application)


def test_the_person_asks_reads_the_number_and_takes_it_back(log_in, application):
    client = log_in(application.trainee.user)
    form = reverse("reviews:review-add", args=[application.call_id])

    empty = client.post(form, {"token": uuid.uuid4(), "text": "짧음"})
    sent = client.post(form, {"token": uuid.uuid4(), "kind": "human", "text": TEXT}, follow=True)
    asked = ReviewRequest.objects.get()
    again = client.get(form)
    client.post(reverse("reviews:review-withdraw", args=[asked.pk]))

    assert empty.status_code == 422
    assert asked.reference in sent.text
    assert TEXT in sent.text
    assert "답을 드린 뒤에 다시 요청할 수 있습니다" in again.text
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_office_answers_in_the_admin(log_in, application, operator):
    asked = ask(application)
    client = log_in(operator)
    page = reverse("admin:reviews_reviewrequest_change", args=[asked.pk])

    assert TEXT in client.get(page).text
    assert (
        asked.reference in client.get(reverse("admin:reviews_reviewrequest_changelist"), {"due": "open"}).text
    )
