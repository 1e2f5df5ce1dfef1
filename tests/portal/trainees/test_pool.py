"""The talent pool: who agreed within a year, and nobody else; looked at for a reason, and written down."""

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.models import Match
from portal.accounts.actions import give_consents, withdraw_consent
from portal.accounts.models import Consent
from portal.audit.models import Access
from portal.trainees.models import PoolMember
from tests.factories import ApplicationFactory, ConsentTextFactory, MatchRunFactory, TraineeFactory, days

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return ConsentTextFactory(kind="talent_pool", title="인재풀", required=False)


def agree(trainee, text):
    give_consents(trainee.user, [text], by=trainee.user)


def pool():
    return list(PoolMember.objects.values_list("user", flat=True))


def test_who_agrees_is_in_and_who_takes_it_back_is_out(text):
    trainee, other = TraineeFactory(), TraineeFactory()
    assert pool() == []

    agree(trainee, text)
    assert pool() == [trainee.user_id]

    withdraw_consent(trainee.user, "talent_pool", by=trainee.user)
    assert pool() == []
    assert not PoolMember.objects.filter(pk=other.pk).exists()


def test_a_consent_holds_for_a_year(text):
    trainee = TraineeFactory()
    agree(trainee, text)

    for age, found in ((364, [trainee.user_id]), (366, [])):
        Consent.objects.filter(text=text).update(given_at=timezone.now() - days(age))
        assert pool() == found


def test_a_disabled_account_is_in_no_pool(text):
    trainee = TraineeFactory(user__is_active=False)
    agree(trainee, text)

    assert pool() == []


def test_office_reads_the_pool_and_that_is_written_down(log_in, operator, text):
    trainee, other = TraineeFactory(), TraineeFactory()
    agree(trainee, text)
    client = log_in(operator)

    listed = client.get(reverse("admin:trainees_poolmember_changelist"))
    gone = client.get(reverse("admin:trainees_poolmember_change", args=[other.pk]))

    assert trainee.user.name in listed.text
    assert other.user.name not in listed.text
    assert gone.status_code in (302, 404)
    assert Access.objects.filter(what="trainees.poolmember.list").exists()


def test_contact_of_the_pool_is_opened_with_a_reason(log_in, operator, text):
    trainee = TraineeFactory()
    agree(trainee, text)
    url = reverse("admin:trainees_poolmember_open_contact", args=[trainee.pk])

    shown = log_in(operator).post(url, {"reason": "참여기업에 소개"}, follow=True)

    assert trainee.user.email in shown.text
    assert Access.objects.get(what="trainees.poolmember.contact").reason == "참여기업에 소개"


def test_unmatched_people_are_led_to_the_pool(log_in, agency, second_agency, text):
    application = ApplicationFactory(call__state="announced", state="unmatched")
    run = MatchRunFactory(
        call=application.call, state="published", kind="final", violations=[],
        figures={"applicants": 1, "places": 0, "size": 0}, computed_at=timezone.now(),
        approved_by=agency, approved_at=timezone.now(), published_by=second_agency, published_at=timezone.now(),
    )  # fmt: skip
    Match.objects.create(run=run, application=application)
    client = log_in(application.trainee.user)
    result = reverse("matching:match-detail", args=[application.call_id])

    before = client.get(result).text
    client.post(reverse("accounts:consent-change", args=["talent_pool"]))
    after = client.get(result).text

    assert "읽어 보고 인재풀에 동의하기" in before
    assert "인재풀에 있습니다" in after
    assert pool() == [application.trainee.user_id]
