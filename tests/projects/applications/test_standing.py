"""What a trainee reads of an application's fate, in every state and on every page that speaks of it."""

import re

import pytest
import time_machine
from django.urls import reverse

from portal.accounts.actions import give_consents, withdraw_consent
from portal.accounts.models import ConsentText
from tests.factories import ApplicationFactory, CallFactory, ProjectFactory, certified_wishes, days

PAUSED = "동의를 철회해 매칭에서 빠져 있습니다"
AGAIN = "참여기업에 정보 제공 다시 동의하기"
JUDGED_AGAIN = "결과를 발표하기 전까지 다시 심사할 수 있습니다"
SETTLED = "결과가 발표되어 이번 공고에서는 더 바꿀 수 없습니다"


def pages_of(call):
    return {
        "home": "/my/",
        "application": reverse("applications:application-done", args=[call.pk]),
        "list": reverse("rankings:rank-list-edit", args=[call.pk]),
        "result": reverse("matching:match-detail", args=[call.pk]),
    }


def read(client, call, name):
    return re.sub(r"\s+", " ", client.get(pages_of(call)[name], follow=True).text)


def stop_sharing(application):
    user = application.trainee.user
    withdraw_consent(user, "share_with_company", by=user)


@pytest.mark.parametrize("page", ["home", "application", "list", "result"])
@pytest.mark.parametrize("state", ["submitted", "eligible"])
@pytest.mark.parametrize("sealed", [False, True])
def test_who_took_the_consent_back_reads_it_everywhere_until_it_is_given_again(
    log_in, db, page, state, sealed
):
    call = CallFactory(sealed=sealed)
    application = ApplicationFactory(call=call, state=state)
    certified_wishes(application, ProjectFactory(call=call), state="sealed" if sealed else "certified")
    user = application.trainee.user
    client = log_in(user)
    before = read(client, call, page)

    stop_sharing(application)
    without = read(client, call, page)
    give_consents(user, ConsentText.objects.all(), by=user)

    assert (PAUSED in before, PAUSED in without, PAUSED in read(client, call, page)) == (False, True, False)
    assert reverse("accounts:consent-change", args=["share_with_company"]) in without
    assert ("매칭하기 전에 다시 동의하지 않으면" in without) is sealed


def test_a_closed_list_counts_only_once_the_consent_is_back(log_in, db):
    call = CallFactory(sealed=True)
    application = ApplicationFactory(call=call)
    certified_wishes(application, ProjectFactory(call=call), state="sealed")

    stop_sharing(application)
    text = read(log_in(application.trainee.user), call, "list")

    assert "다시 동의하면 제출한 순위로 매칭합니다" in text
    assert "</svg>제출한 순위로 매칭합니다" not in text


def test_the_consent_is_a_task_while_the_application_lives(log_in, db):
    application = ApplicationFactory()
    client = log_in(application.trainee.user)

    stop_sharing(application)

    assert AGAIN in client.get("/my/").text
    application.state, application.ineligible_reason = "ineligible", "no_consent"
    application.save()
    assert AGAIN not in client.get("/my/").text


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("application", "운영사가 아직 자격을 확인하고 있습니다. 적격이면 제출한 희망 순위로 매칭하고"),
        ("list", "참여 자격이 확인되면 제출한 순위로 매칭합니다"),
        ("result", "운영사가 아직 참여 자격을 확인하고 있습니다"),
        ("home", "참여 신청은 심사하고 있습니다"),
    ],
)
def test_who_is_not_judged_yet_at_sealing_reads_so(log_in, db, page, said):
    call = CallFactory(sealed=True)
    application = ApplicationFactory(call=call, state="submitted")
    certified_wishes(application, ProjectFactory(call=call), state="sealed")

    assert said in read(log_in(application.trainee.user), call, page)


@pytest.mark.parametrize("page", ["home", "application", "list"])
@pytest.mark.parametrize(
    ("call", "corrected"), [("open", True), ("matching", True), ("announced", False), ("finished", False)]
)
def test_a_refused_person_reads_whether_it_can_still_be_put_right(log_in, db, page, call, corrected):
    application = ApplicationFactory(call__state=call, state="ineligible", ineligible_reason="unanswered")

    text = read(log_in(application.trainee.user), application.call, page)

    assert "보완 요청에 기한까지 답하지 않음" in text
    assert (JUDGED_AGAIN in text) is corrected
    if page != "list":
        assert (SETTLED in text) is not corrected


def test_who_was_refused_for_the_consent_is_led_back_to_it(log_in, db):
    application = ApplicationFactory(state="ineligible", ineligible_reason="no_consent")

    text = read(log_in(application.trainee.user), application.call, "application")

    assert "다시 동의한 뒤 운영사에 알려 주세요" in text
    assert reverse("accounts:consent-change", args=["share_with_company"]) in text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("draft", "참여 신청을 제출하지 않은 채 신청 마감이 지났습니다"),
        ("returned", "보완하지 않은 참여 신청은 매칭에 들어가지 않습니다"),
    ],
)
def test_who_did_not_hand_in_is_not_asked_to_any_more(log_in, db, state, said):
    call = CallFactory()
    application = ApplicationFactory(call=call, state=state)

    with time_machine.travel(call.rankings_due_at + days(1), tick=False):
        client = log_in(application.trainee.user)
        text = read(client, call, "list")

    assert said in text
    assert "제출하면 바로 희망 순위를 정할 수 있습니다" not in text
