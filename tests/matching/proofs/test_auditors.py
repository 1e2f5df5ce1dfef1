"""Auditors: who may be one, what they take along, and when it ends."""

import hashlib

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from matching.engine import Market, Result, check, solve
from matching.proofs.actions import name_auditor, revoke_auditor
from matching.proofs.models import Auditor
from matching.proofs.states import AuditorRefusal
from portal.audit.models import Access, Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from tests.factories import CallFactory, StaffFactory, UserFactory, days

PAGES = ("audit-detail", "audit-market", "audit-result")


@pytest.fixture
def outsider(db):
    return UserFactory(name="바깥사람")


def name(published, user, *, until=30, by=None):
    return name_auditor(
        published.call,
        email=user.email.upper(),
        until=timezone.localdate() + days(until),
        reason="외부 감사",
        by=by or published.agency,
    )


def url(published, page):
    return reverse(f"proofs:{page}", args=[published.call.pk])


def refusal_of(*arguments, **facts):
    with pytest.raises(Refused) as refusal:
        name(*arguments, **facts)
    return refusal.value.code


def test_agency_names_somebody_from_outside(published, outsider):
    auditor = name(published, outsider)

    assert (auditor.user, auditor.state, auditor.named_by) == (outsider, "named", published.agency)
    assert Event.objects.get(verb="name_auditor").data["reason"] == "외부 감사"
    assert Notice.objects.get(kind="auditor_named").recipient == outsider


def test_whoever_takes_part_or_decides_is_no_auditor(published, operator, outsider):
    takes_part = AuditorRefusal.TAKES_PART
    assert refusal_of(published, published.people[0].trainee.user) == takes_part
    assert refusal_of(published, published.owner.user) == takes_part
    assert refusal_of(published, operator) == AuditorRefusal.OF_OFFICE
    assert refusal_of(published, published.second) == AuditorRefusal.OF_OFFICE
    assert refusal_of(published, outsider, by=operator) == AuditorRefusal.NOT_AGENCY
    assert refusal_of(published, outsider, until=-1) == AuditorRefusal.ENDS_TOO_EARLY
    assert refusal_of(published, UserFactory.build(email="nobody@example.com")) == AuditorRefusal.NO_ACCOUNT
    assert refusal_of(published, UserFactory(is_active=False)) == AuditorRefusal.NO_ACCOUNT
    assert not Auditor.objects.exists()


def test_only_a_published_result_is_audited(computed, outsider):
    assert refusal_of(computed, outsider) == AuditorRefusal.NOT_PUBLISHED


def test_one_person_is_named_once_and_again_when_it_is_over(published, outsider):
    first = name(published, outsider, until=0)

    assert refusal_of(published, outsider) == AuditorRefusal.ALREADY
    with time_machine.travel(timezone.now() + days(1), tick=False):
        again = name(published, outsider)

    first.refresh_from_db()
    assert (first.state, again.state) == ("revoked", "named")


def test_database_keeps_one_live_row(published, outsider):
    auditor = name(published, outsider)
    copy = Auditor(
        user=outsider, call=auditor.call, until=auditor.until, reason="x", named_by=published.agency
    )

    with pytest.raises(IntegrityError, match="auditor_once"), transaction.atomic():
        copy.save()
    with pytest.raises(IntegrityError, match="auditor_named_by_somebody_else"), transaction.atomic():
        Auditor.objects.create(
            user=published.agency,
            call=auditor.call,
            until=auditor.until,
            reason="x",
            named_by=published.agency,
        )


def test_auditor_re_proves_everything(published, outsider, log_in):
    name(published, outsider)

    page = log_in(outsider).get(url(published, "audit-detail")).text
    market, result = (log_in(outsider).get(url(published, page)).content for page in PAGES[1:])

    run = published.run
    assert hashlib.sha256(market).hexdigest() == run.market_sha256
    assert hashlib.sha256(result).hexdigest() == run.result_sha256
    assert check(Market.from_json(market), Result.from_json(result)) == []
    assert solve(Market.from_json(market)).canonical() == result
    for said in (run.market_sha256, published.sealing.root, "matching.engine check"):
        assert said in page
    for person in published.people:
        assert person.trainee.user.name not in market.decode()


def test_each_download_is_written_down_for_everybody_in_it(published, outsider, log_in):
    name(published, outsider)
    log_in(outsider).get(url(published, "audit-detail"))
    assert not Access.objects.filter(what__startswith="audit.").exists()

    log_in(outsider).get(url(published, "audit-market"))
    log_in(outsider).get(url(published, "audit-market"))
    log_in(outsider).get(url(published, "audit-result"))

    looked = Access.objects.filter(by=outsider)
    assert looked.filter(what="audit.market").count() == 2 * len(published.people)
    assert set(looked.filter(what="audit.result").values_list("subject", flat=True)) == {
        person.trainee.user_id for person in published.people
    }


@pytest.mark.parametrize(
    "who", ["stranger", "agency", "owner", "trainee", "revoked", "expired", "of another call"]
)
def test_nobody_else_finds_anything(published, outsider, log_in, who):
    auditor = name(published, outsider)
    user, now = outsider, timezone.now()
    match who:
        case "stranger":
            user = UserFactory()
        case "agency":
            user = published.agency
        case "owner":
            user = published.owner.user
        case "trainee":
            user = published.people[0].trainee.user
        case "revoked":
            revoke_auditor(auditor, reason="끝남", by=published.second)
        case "expired":
            now += days(31)
        case "of another call":
            user = UserFactory()
            Auditor.objects.create(
                user=user,
                call=CallFactory(state="announced"),
                until=auditor.until,
                reason="x",
                named_by=published.agency,
            )

    with time_machine.travel(now, tick=False):
        answers = [log_in(user).get(url(published, page)).status_code for page in PAGES]

    assert answers == [404, 404, 404]
    assert not Access.objects.filter(what__startswith="audit.").exists()


def test_last_day_counts(published, outsider, log_in):
    name(published, outsider, until=0)
    midnight = timezone.localtime().replace(hour=23, minute=59, second=59)

    with time_machine.travel(midnight, tick=False):
        assert log_in(outsider).get(url(published, "audit-detail")).status_code == 200
    with time_machine.travel(midnight + days(1), tick=False):
        assert log_in(outsider).get(url(published, "audit-detail")).status_code == 404


def test_own_audits_are_listed(published, outsider, log_in):
    assert log_in(outsider).get(reverse("proofs:audit-list")).status_code == 404
    name(published, outsider)

    assert published.call.title in log_in(outsider).get(reverse("proofs:audit-list")).text


def test_revoking_twice_is_refused(published, outsider):
    auditor = revoke_auditor(name(published, outsider), reason="끝남", by=published.second)

    with pytest.raises(IllegalMove):
        revoke_auditor(auditor, reason="끝남", by=published.agency)


def test_agency_names_and_revokes_in_the_admin(published, outsider, log_in):
    body = {
        "call": published.call.pk, "email": outsider.email, "reason": "외부 감사",
        "until": (timezone.localdate() + days(9)).isoformat(),
    }  # fmt: skip
    address = reverse("admin:proofs_auditor_name_auditor")

    forbidden = log_in(StaffFactory(office="operator").user).post(address, body)
    named = log_in(published.agency).post(address, body)
    twice = log_in(published.agency).post(address, body)
    auditor = Auditor.objects.get()
    revoked = log_in(published.second).post(
        reverse("admin:proofs_auditor_revoke_auditor", args=[auditor.pk]), {"reason": "끝남"}
    )

    assert [one.status_code for one in (forbidden, named, twice, revoked)] == [403, 302, 422, 302]
