"""The ledger: when a hire is owed, what may happen to it, what the database keeps."""

import datetime as dt
from unittest.mock import patch

import pgtrigger
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import Event
from portal.files.models import StoredFile
from portal.jobs.actions import NightFailed
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.obligations import actions
from projects.obligations.models import Evidence, HiringObligation, ObligationEvent
from projects.obligations.states import OBLIGATION, ObligationRefusal, ObligationState
from tests.factories import (
    CompanyMemberFactory,
    EvaluationFactory,
    HiringObligationFactory,
    PlacementFactory,
    StaffFactory,
    UserFactory,
    days,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def papers(**changes):
    kinds = {"contract": PDF, "insurance": PDF, **changes}
    return {
        kind: [SimpleUploadedFile(f"{kind}.pdf", content, content_type="application/pdf")]
        for kind, content in kinds.items()
        if content is not None
    }


def act(obligation, verb, by):
    """Do one move through its action with the plainest valid arguments."""
    extra = {
        "submit_evidence": {"hired_on": timezone.localdate(), "files": papers()},
        "return_evidence": {"reason": "명부가 흐립니다."},
        "waive_obligation": {"reason": "company_closed", "note": "폐업사실증명 확인"},
    }
    return getattr(actions, verb)(obligation, by=by, **extra.get(verb, {}))


#: How a fresh obligation gets into each state.
WAY = {
    "owed": [],
    "overdue": ["mark_obligation_overdue"],
    "evidence_submitted": ["submit_evidence"],
    "fulfilled": ["submit_evidence", "verify_evidence"],
    "waived": ["waive_obligation"],
}


night = actions.remind_due_obligations


def obligation_in(state, submitter):
    obligation = HiringObligationFactory()
    for verb in WAY[state]:
        obligation = act(obligation, verb, submitter if verb == "submit_evidence" else UserFactory())
    return obligation


# --- moves --------------------------------------------------------------------------------------------

LEGAL = {
    ("owed", "mark_obligation_overdue"): "overdue",
    ("owed", "submit_evidence"): "evidence_submitted",
    ("overdue", "submit_evidence"): "evidence_submitted",
    ("evidence_submitted", "return_evidence"): "owed",
    ("evidence_submitted", "verify_evidence"): "fulfilled",
    ("owed", "waive_obligation"): "waived",
    ("overdue", "waive_obligation"): "waived",
    ("evidence_submitted", "waive_obligation"): "waived",
}


@pytest.mark.parametrize("verb", OBLIGATION.moves)
@pytest.mark.parametrize("state", ObligationState.values)
def test_obligation_moves_only_along_its_table(state, verb, agency):
    obligation = obligation_in(state, UserFactory())
    events = obligation.events.count()

    if (state, verb) in LEGAL:
        moved = act(obligation, verb, agency)

        assert moved.state == LEGAL[state, verb]
        assert (moved.closed_at is not None) is (moved.state in ("fulfilled", "waived"))
        assert actions.replayed_state(moved) == moved.state
        last = moved.events.last()
        assert (last.verb, last.state, last.by) == (verb, moved.state, agency)
        told = Event.objects.about(moved).first()
        assert (told.verb, told.by, told.data["was"], told.data["now"]) == (verb, agency, state, moved.state)
    else:
        with pytest.raises(IllegalMove):
            act(obligation, verb, agency)

        obligation.refresh_from_db()
        assert (obligation.state, obligation.events.count()) == (state, events)
        assert actions.replayed_state(obligation) == state


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_events_alone_lead_to_the_state(data):
    submitter, office = UserFactory(), StaffFactory(office="agency").user
    obligation = HiringObligationFactory(due_on=timezone.localdate() + days(data.draw(st.integers(-20, 20))))

    for _step in range(data.draw(st.integers(0, 8))):
        legal = OBLIGATION.verbs_from(obligation.state)
        if not legal:
            break
        verb = data.draw(st.sampled_from(legal))
        obligation = act(obligation, verb, submitter if verb == "submit_evidence" else office)

    obligation.refresh_from_db()
    assert actions.replayed_state(obligation) == obligation.state
    assert obligation.events.last().state == obligation.state
    assert not HiringObligation.objects.astray().exists()


def tampered(obligation, kind):
    """Do from outside what no action does."""
    rows = HiringObligation.objects.filter(pk=obligation.pk)
    add = lambda verb, state, **more: ObligationEvent.objects.create(  # noqa: E731 -- one line, used below
        obligation=obligation, verb=verb, state=state, **more
    )
    {
        "nothing": lambda: None,
        "state": lambda: rows.update(state="evidence_submitted"),
        "hired_on": lambda: rows.update(hired_on=timezone.localdate()),
        "illegal event": lambda: add("verify_evidence", "fulfilled"),
        "second beginning": lambda: add("owe_obligation", "owed"),
        "unknown verb": lambda: add("forget_obligation", "owed"),
        "wrong state": lambda: add("mark_obligation_overdue", "owed"),
        "event alone": lambda: add("mark_obligation_overdue", "overdue"),
        "hidden detour": lambda: (add("verify_evidence", "fulfilled"), add("return_evidence", "owed")),
    }[kind]()
    return HiringObligation.objects.get(pk=obligation.pk)


@pytest.mark.parametrize(
    ("kind", "replayed"),
    [
        ("nothing", "owed"),
        ("state", "owed"),
        ("hired_on", "owed"),
        ("illegal event", "illegal verify_evidence from owed"),
        ("second beginning", "illegal owe_obligation from owed"),
        ("unknown verb", "illegal forget_obligation from owed"),
        ("wrong state", "illegal mark_obligation_overdue from owed"),
        ("event alone", "overdue"),
        ("hidden detour", "illegal return_evidence from illegal verify_evidence from owed"),
    ],
)
def test_what_was_changed_from_outside_is_found_and_the_rest_is_not(kind, replayed):
    HiringObligationFactory()
    obligation = tampered(HiringObligationFactory(), kind)

    assert actions.replayed_state(obligation) == replayed
    assert list(HiringObligation.objects.astray()) == ([] if kind == "nothing" else [obligation])


def test_an_obligation_without_a_ledger_is_found():
    obligation = HiringObligationFactory()
    with pgtrigger.ignore("obligations.ObligationEvent:append_only"):
        ObligationEvent.objects.all().delete()

    assert list(HiringObligation.objects.astray()) == [obligation]


def test_the_night_tells_the_office_of_a_broken_ledger_once_and_goes_on(operator, agency):
    late, bad = HiringObligationFactory(), HiringObligationFactory()
    tampered(bad, "state")

    outcomes = [night(late.due_on + days(1))["astray"] for _ in range(2)]
    worse = HiringObligationFactory()
    tampered(worse, "illegal event")
    night(late.due_on + days(2))

    late.refresh_from_db()
    assert (outcomes, late.state) == ([1, 1], "overdue")
    told = Notice.objects.filter(kind="ledger_astray").order_by("pk")
    assert [(notice.recipient, notice.params["count"]) for notice in told] == [
        (operator, 1), (agency, 1), (operator, 2), (agency, 2),
    ]  # fmt: skip


def test_checking_the_ledger_costs_one_query_for_any_number(django_assert_num_queries):
    for _ in range(3):
        obligation_in("fulfilled", UserFactory())

    with django_assert_num_queries(1):
        assert list(HiringObligation.objects.astray()) == []


# --- owing --------------------------------------------------------------------------------------------


def test_a_hire_is_owed_exactly_once():
    evaluation = EvaluationFactory()

    first = actions.owe_obligation(evaluation)
    second = actions.owe_obligation(evaluation)

    assert first == second
    assert first.due_on == evaluation.placement.ends_on + days(180)
    assert [event.verb for event in first.events.all()] == ["owe_obligation"]
    assert Notice.objects.filter(kind="obligation_owed_trainee").count() == 1


@pytest.mark.parametrize(
    ("score", "threshold", "owed"),
    [("79.99", 80, 0), ("80.00", 80, 1), ("100", 80, 1), ("84.99", 85, 0), ("0", 0, 1)],
)
def test_a_hire_is_owed_from_the_frozen_threshold_on(score, threshold, owed):
    EvaluationFactory(score=score, placement=PlacementFactory(completed=True, threshold=threshold))

    assert night(timezone.localdate())["owed"] == owed
    assert HiringObligation.objects.count() == owed


def test_a_threshold_raised_in_the_rules_later_changes_nothing():
    evaluation = EvaluationFactory(score=81)
    type(evaluation.placement.call.rule_set).objects.update(excellence_threshold=95)

    assert night(timezone.localdate())["owed"] == 1


@pytest.mark.parametrize(("day", "owed"), [(-1, 0), (0, 0), (1, 1)])
def test_a_hire_is_owed_only_after_the_time_to_appeal(day, owed):
    last_day = timezone.localdate()
    EvaluationFactory(appeal_until=last_day)

    assert night(last_day + days(day))["owed"] == owed


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_nothing_is_owed_before_the_evaluation_is_locked(state):
    EvaluationFactory(state=state)

    assert night(timezone.localdate())["owed"] == 0


@pytest.mark.parametrize("state", ["running", "not_completed", "dropped_out"])
def test_nothing_is_owed_for_a_placement_that_was_not_completed(state):
    evaluation = EvaluationFactory(placement=PlacementFactory(completed=True, state=state))

    assert night(timezone.localdate())["owed"] == 0
    assert actions.owe_obligation(evaluation) is None


def test_the_database_refuses_a_second_obligation_for_a_placement():
    first = HiringObligationFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        HiringObligation.objects.create(
            placement=first.placement, evaluation=first.evaluation, company=first.company, due_on=first.due_on
        )


# --- overdue and the night ----------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "state"), [(-1, "owed"), (0, "owed"), (1, "overdue")])
def test_an_obligation_is_overdue_the_day_after(day, state):
    obligation = HiringObligationFactory()

    assert night(obligation.due_on + days(day))["overdue"] == (state == "overdue")

    obligation.refresh_from_db()
    assert obligation.state == state


def test_evidence_being_verified_is_never_overdue():
    obligation = obligation_in("evidence_submitted", UserFactory())

    assert night(obligation.due_on + days(30))["overdue"] == 0


def test_one_bad_row_stops_only_itself_and_the_next_tick_tries_again(caplog):
    bad, good = HiringObligationFactory(), HiringObligationFactory()
    late, mark = good.due_on + days(1), actions.mark_obligation_overdue

    with patch.object(actions, "mark_obligation_overdue") as broken:
        broken.side_effect = lambda row: 1 / 0 if row == bad else mark(row)
        with pytest.raises(NightFailed, match=rf"^overdue obligations.HiringObligation {bad.pk}$"):
            night(late)
    told = Notice.objects.filter(kind="obligation_due").count()
    after = night(late)

    assert (
        told == 4
    )  # one manager and one trainee for each, the bad row's too: it stops nothing but its own step
    assert (after["overdue"], Notice.objects.filter(kind="obligation_due").count()) == (1, told)
    assert set(HiringObligation.objects.values_list("state", flat=True)) == {"overdue"}
    assert ObligationEvent.objects.filter(verb="mark_obligation_overdue").count() == 2
    assert f"obligations.HiringObligation {bad.pk}" in caplog.text


def test_reminders_that_break_down_stop_neither_owing_nor_marking(monkeypatch):
    evaluation, late = EvaluationFactory(), HiringObligationFactory(due_on=timezone.localdate() - days(1))
    monkeypatch.setattr(actions.notices, "obligations_due", lambda stages, today: 1 / 0)

    with pytest.raises(NightFailed, match=r"^reminded$"):
        night(timezone.localdate())

    late.refresh_from_db()
    assert (late.state, HiringObligation.objects.filter(evaluation=evaluation).count()) == ("overdue", 1)


def test_a_row_that_moved_since_it_was_found_is_no_failure():
    obligation = HiringObligationFactory()
    late, mark = obligation.due_on + days(1), actions.mark_obligation_overdue

    def overtaken(row):
        actions.submit_evidence(row, hired_on=timezone.localdate(), files=papers(), by=UserFactory())
        return mark(row)

    with patch.object(actions, "mark_obligation_overdue", overtaken):
        assert night(late)["overdue"] == 0


# --- evidence -----------------------------------------------------------------------------------------


def test_evidence_is_kept_with_its_event_and_the_office_is_told(operator):
    obligation, by = HiringObligationFactory(), UserFactory()

    actions.submit_evidence(obligation, hired_on=timezone.localdate(), files=papers(), by=by)

    event = obligation.events.last()
    assert [(one.kind, one.file.owner) for one in event.evidence.order_by("kind")] == [
        ("contract", by),
        ("insurance", by),
    ]
    assert [notice.recipient for notice in Notice.objects.filter(kind="evidence_submitted")] == [operator]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"contract": None}, ObligationRefusal.FILES_MISSING),
        ({"insurance": None}, ObligationRefusal.FILES_MISSING),
        ({"contract": None, "insurance": None}, ObligationRefusal.FILES_MISSING),
        ({"other": PDF}, ObligationRefusal.FILES_MISSING),
    ],
)
def test_both_papers_are_needed(files, code):
    obligation = HiringObligationFactory()

    with pytest.raises(Refused) as refused:
        actions.submit_evidence(
            obligation, hired_on=timezone.localdate(), files=papers(**files), by=UserFactory()
        )

    assert refused.value.code == code
    obligation.refresh_from_db()
    assert (obligation.state, StoredFile.objects.count()) == ("owed", 0)


def test_one_bad_file_leaves_nothing_behind():
    obligation = HiringObligationFactory()

    with pytest.raises(Refused):
        actions.submit_evidence(
            obligation, hired_on=timezone.localdate(), files=papers(insurance=b"<html>"), by=UserFactory()
        )

    obligation.refresh_from_db()
    assert (obligation.state, obligation.hired_on, obligation.events.count()) == ("owed", None, 1)
    assert (StoredFile.objects.count(), Evidence.objects.count()) == (0, 0)


def test_a_hire_is_proved_only_for_days_between_start_and_today():
    obligation = HiringObligationFactory()
    starts_on, today = obligation.placement.starts_on, timezone.localdate()

    for hired_on, code in [
        (today + days(1), ObligationRefusal.HIRED_IN_FUTURE),
        (starts_on - days(1), ObligationRefusal.HIRED_TOO_EARLY),
    ]:
        with pytest.raises(Refused) as refused:
            actions.submit_evidence(obligation, hired_on=hired_on, files=papers(), by=UserFactory())
        assert refused.value.code == code

    assert (
        actions.submit_evidence(obligation, hired_on=starts_on, files=papers(), by=UserFactory()).hired_on
        == starts_on
    )


@pytest.mark.parametrize(("left", "state"), [(1, "owed"), (0, "owed"), (-1, "overdue")])
def test_returned_evidence_is_handed_in_again_and_a_past_date_shows(left, state):
    obligation = obligation_in("evidence_submitted", UserFactory())
    owner = CompanyMemberFactory(company=obligation.company).user
    today = obligation.due_on - days(left)

    with time_machine.travel(
        dt.datetime.combine(today, dt.time(12), timezone.get_default_timezone()), tick=False
    ):
        returned = actions.return_evidence(obligation, reason="명부가 흐립니다.", by=StaffFactory().user)

    assert (returned.state, returned.hired_on) == (state, None)
    assert actions.replayed_state(returned) == state
    notice = Notice.objects.get(kind="evidence_returned", recipient=owner)
    assert notice.params["late"] is (state == "overdue")
    assert "명부가 흐립니다." not in str(notice.params)


def test_evidence_is_not_returned_without_a_reason():
    obligation = obligation_in("evidence_submitted", UserFactory())

    with pytest.raises(Refused) as refused:
        actions.return_evidence(obligation, reason="  ", by=StaffFactory().user)

    assert refused.value.code == ObligationRefusal.NO_REASON


DECISIONS = pytest.mark.parametrize("verb", ["verify_evidence", "return_evidence", "waive_obligation"])


@DECISIONS
@pytest.mark.parametrize("role", ["owner", "manager", "mentor", "accountant"])
def test_nobody_decides_about_what_their_own_company_owes(agency, verb, role):
    obligation = obligation_in("evidence_submitted", UserFactory())
    CompanyMemberFactory(company=obligation.company, user=agency, role=role)

    with pytest.raises(Refused) as refused:
        act(obligation, verb, agency)

    assert refused.value.code == ObligationRefusal.CONFLICT
    obligation.refresh_from_db()
    assert (obligation.state, obligation.events.count()) == ("evidence_submitted", 2)


def test_the_office_reads_why_it_may_not_decide_for_its_own_company(agency, log_in):
    obligation = obligation_in("evidence_submitted", UserFactory())
    CompanyMemberFactory(company=obligation.company, user=agency)
    url = reverse("admin:obligations_hiringobligation_verify_evidence", args=[obligation.pk])

    response = log_in(agency).post(url, follow=True)

    assert "자신이 담당자로 있는 회사의 채용의무는 처리할 수 없습니다." in response.text


@DECISIONS
def test_nobody_decides_about_what_they_handed_in(agency, verb):
    obligation = obligation_in("evidence_submitted", agency)

    with pytest.raises(Refused) as refused:
        act(obligation, verb, agency)

    assert refused.value.code == ObligationRefusal.OWN_SUBMISSION
    obligation.refresh_from_db()
    assert (obligation.state, obligation.events.count()) == ("evidence_submitted", 2)


def test_only_the_last_submission_counts_for_who_may_verify(agency):
    obligation = obligation_in("evidence_submitted", agency)
    obligation = actions.return_evidence(obligation, reason="다시", by=StaffFactory().user)
    obligation = actions.submit_evidence(
        obligation, hired_on=timezone.localdate(), files=papers(), by=UserFactory()
    )

    assert actions.verify_evidence(obligation, by=agency).state == "fulfilled"


# --- waiving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("note", ["", "   "])
def test_a_waiver_says_what_was_examined(note, agency):
    obligation = HiringObligationFactory()

    with pytest.raises(Refused) as refused:
        actions.waive_obligation(obligation, reason="company_closed", note=note, by=agency)

    assert refused.value.code == ObligationRefusal.NO_REASON


def test_only_the_agency_may_waive(agency, operator):
    obligation = HiringObligationFactory()
    owner = obligation.company.members.get().user

    may = [
        person.has_perm("obligations.waive_obligation", obligation) for person in (agency, operator, owner)
    ]

    assert may == [True, False, False]


@pytest.mark.parametrize(
    "values", [{"waiver_reason": ""}, {"waiver_reason": "other", "state": "owed", "closed_at": None}]
)
def test_the_database_refuses_a_waiver_without_a_reason_or_a_reason_without_a_waiver(values, agency):
    obligation = actions.waive_obligation(HiringObligationFactory(), reason="other", note="의결", by=agency)

    with pytest.raises(IntegrityError, match="obligation_waived_iff_reason"), transaction.atomic():
        HiringObligation.objects.filter(pk=obligation.pk).update(**values)


# --- what never changes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda: ObligationEvent.objects.update(verb="verify_evidence"),
        lambda: ObligationEvent.objects.all()._raw_delete("default"),
        lambda: Evidence.objects.update(kind="contract"),
        lambda: Evidence.objects.all()._raw_delete("default"),
        lambda: Event.objects.update(verb="verify_evidence"),
        lambda: Event.objects.all()._raw_delete("default"),
    ],
    ids=[
        "event-update",
        "event-delete",
        "evidence-update",
        "evidence-delete",
        "audit-update",
        "audit-delete",
    ],
)
def test_what_was_written_is_never_changed_or_removed(change):
    obligation_in("evidence_submitted", UserFactory())

    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        change()


def test_an_obligation_is_never_removed():
    obligation = HiringObligationFactory()

    with pytest.raises(DatabaseError, match="Cannot delete rows"), transaction.atomic():
        HiringObligation.objects.filter(pk=obligation.pk)._raw_delete("default")


# --- counts -------------------------------------------------------------------------------------------


def test_the_worklist_counts_by_urgency():
    today = timezone.localdate()
    for left in (-5, 0, 30, 31, 60, 61, 90, 91):
        HiringObligationFactory(due_on=today + days(left))
    obligation_in("evidence_submitted", UserFactory())
    obligation_in("waived", UserFactory())

    assert HiringObligation.objects.by_urgency(today) == {
        "overdue": 1, "days_30": 2, "days_60": 2, "days_90": 2, "to_verify": 1,
    }  # fmt: skip
