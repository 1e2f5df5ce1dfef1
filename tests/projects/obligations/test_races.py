"""Two people, or a person and the night, at the same moment: one effect, no broken page, a ledger that still adds up."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.files.models import StoredFile
from portal.notices.models import Notice
from projects.obligations import actions
from projects.obligations.models import Evidence, HiringObligation
from tests.factories import CompanyMemberFactory, HiringObligationFactory, StaffFactory, days

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PATIENCE = 2


@pytest.fixture
def together(monkeypatch):
    """``together(*works)``: each in a thread of its own, all waiting for each other at the row's lock."""

    def together(*works):
        meet, lock, said = Barrier(len(works)), actions._locked, {}

        def wait_and_lock(obligation):
            with suppress(BrokenBarrierError):  # the others are through already
                meet.wait(PATIENCE)
            return lock(obligation)

        def run(number, work):
            try:
                said[number] = work()
            except Exception as error:
                said[number] = error
            finally:
                connection.close()

        monkeypatch.setattr(actions, "_locked", wait_and_lock)
        threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        monkeypatch.setattr(actions, "_locked", lock)
        return [said[number] for number in range(len(works))]

    return together


@pytest.fixture
def owed():
    return HiringObligationFactory(due_on=timezone.localdate() - days(1))


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if user.is_staff:
        session = client.session
        session["staff_mfa"] = True
        session.save()
    return client


def papers():
    return {kind: [SimpleUploadedFile(f"{kind}.pdf", PDF)] for kind in ("contract", "insurance")}


def handing_in(obligation, user):
    """A browser about to press the button."""
    client, url = signed_in(user), reverse("obligations:evidence-submit", args=[obligation.pk])
    sent = {"hired_on": timezone.localdate().isoformat(), **papers()}
    return lambda: client.post(url, sent).status_code


def pressing(obligation, verb, office="agency"):
    """A member of staff about to press the button of a verb."""
    client = signed_in(StaffFactory(office=office).user)
    url = reverse(f"admin:obligations_hiringobligation_{verb}", args=[obligation.pk])
    asked = {
        "return_evidence": {"reason": "명부가 흐립니다."},
        "waive_obligation": {"reason": "company_closed", "note": "폐업사실증명 확인"},
    }
    return lambda: client.post(url, asked.get(verb, {})).status_code


def story(obligation):
    """The verbs of the ledger after its beginning; the row, its events and their replay must agree."""
    obligation.refresh_from_db()
    assert actions.replayed_state(obligation) == obligation.state
    assert not HiringObligation.objects.astray().exists()
    return list(obligation.events.values_list("verb", flat=True))[1:]


def test_evidence_sent_twice_at_once_is_kept_once(owed, together):
    first = owed.company.members.get().user
    second = CompanyMemberFactory(company=owed.company, role="manager").user

    answers = together(handing_in(owed, first), handing_in(owed, second))

    assert sorted(answers) == [302, 409]
    assert story(owed) == ["submit_evidence"]
    assert (Evidence.objects.count(), StoredFile.objects.count()) == (2, 2)


def test_a_double_click_hands_in_once(owed, together):
    user = owed.company.members.get().user

    assert sorted(together(handing_in(owed, user), handing_in(owed, user))) == [302, 409]
    assert story(owed) == ["submit_evidence"]


@pytest.fixture
def handed_in(owed):
    user = owed.company.members.get().user
    return actions.submit_evidence(owed, hired_on=timezone.localdate(), files=papers(), by=user)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("verify_evidence", "verify_evidence"),
        ("verify_evidence", "waive_obligation"),
        ("verify_evidence", "return_evidence"),
        ("return_evidence", "return_evidence"),
        ("waive_obligation", "waive_obligation"),
    ],
)
def test_two_of_the_office_at_once_decide_once(one, other, handed_in, together):
    answers = together(pressing(handed_in, one), pressing(handed_in, other))

    assert sorted(answers) == [302, 409]
    done = story(handed_in)[1:]
    assert done[0] == (one if answers[0] == 302 else other)
    assert done[1:] == (["mark_obligation_overdue"] if done[0] == "return_evidence" else [])
    told = {"verify_evidence": "obligation_fulfilled", "waive_obligation": "obligation_waived"}
    for verb, kind in told.items():
        assert Notice.objects.filter(kind=kind).count() == (2 if verb == done[0] else 0)


def test_waiving_and_returning_at_once_end_waived(handed_in, together):
    """A waiver may follow a return, never the other way round."""
    answers = together(pressing(handed_in, "waive_obligation"), pressing(handed_in, "return_evidence"))

    assert answers in ([302, 409], [302, 302])
    assert story(handed_in)[-1] == "waive_obligation"


@pytest.mark.parametrize("time", ["first", "second", "third"])
def test_evidence_that_arrives_as_the_night_marks_it_overdue_is_there_in_the_morning(owed, together, time):
    user = owed.company.members.get().user

    answer, night = together(
        handing_in(owed, user), lambda: actions.remind_due_obligations(timezone.localdate())
    )

    assert answer == 302
    assert story(owed) == ["mark_obligation_overdue"] * night["overdue"] + ["submit_evidence"]


def test_two_nights_at_once_mark_and_remind_once(owed, together):
    nights = [lambda: actions.remind_due_obligations(timezone.localdate())] * 2

    outcomes = together(*nights)

    assert sorted(outcome["overdue"] for outcome in outcomes) == [0, 1]
    assert story(owed) == ["mark_obligation_overdue"]
    keys = Notice.objects.filter(kind="obligation_due").values_list("key", flat=True)
    assert len(keys) == len(set(keys)) == 2
