"""``manage.py nightly``: the night in process."""

import datetime as dt
import io

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from matching import actions
from matching.models import MatchRun
from portal.jobs.models import NightRun
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    EvaluationFactory,
    HiringObligationFactory,
    ProjectFactory,
    certified_wishes,
    days,
)


def nightly(*arguments):
    out = io.StringIO()
    call_command("nightly", *arguments, stdout=out)
    return out.getvalue()


def counts():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


@pytest.fixture
def call(db):
    call = CallFactory(state="closed", rankings_due_at=timezone.now() - dt.timedelta(hours=1))
    project = ProjectFactory(call=call)
    certified_wishes(ApplicationFactory(call=call), project)
    return call


@pytest.fixture
def ledger(db):
    """One evaluation whose appeal is over, one obligation past due, one near its day."""
    return (
        EvaluationFactory(),
        HiringObligationFactory(due_on=timezone.localdate() - days(1)),
        HiringObligationFactory(due_on=timezone.localdate() + days(7)),
    )


def test_nightly_does_both_jobs_and_says_what(call, ledger, operator):
    said = nightly()

    assert MatchRun.objects.get().state == "verified"
    assert NightRun.objects.filter(about="", finished_at__isnull=False).count() == 2
    for line in (
        "seal_rank_list 1",
        "start_matching 1",
        "verify_run 1",
        "owe_obligation 1",
        "mark_obligation_overdue 1",
        "obligation_due -7: 1",
    ):
        assert line in said


def test_nightly_twice_changes_nothing(call, ledger, operator):
    nightly()
    before = counts()

    said = nightly()

    assert counts() == before
    assert said.count("이미 끝났습니다") == 2


def test_dry_run_says_the_same_and_changes_nothing(call, ledger, operator):
    before = counts()

    dry = nightly("--dry-run")

    assert counts() == before
    call.refresh_from_db()
    assert call.state == "closed"
    wet = nightly()
    assert [line.split("(")[0] for line in dry.splitlines()[1:]] == [
        line.split("(")[0] for line in wet.splitlines()[1:]
    ]


def test_nightly_runs_a_date_of_its_own(ledger, operator):
    on = timezone.localdate() - days(7)

    nightly("--on", on.isoformat())

    assert set(NightRun.objects.values_list("on", flat=True)) == {on}


def test_nightly_refuses_a_night_to_come_unless_it_only_looks(ledger, operator):
    on = (timezone.localdate() + days(200)).isoformat()

    with pytest.raises(CommandError, match="아직 오지 않은"):
        nightly("--on", on)
    nightly("--on", on, "--dry-run")

    assert not NightRun.objects.exists()


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "0000-01-01", "99999-01-01"])
def test_nightly_refuses_what_is_no_date(db, text):
    with pytest.raises(CommandError, match="날짜"):
        nightly("--on", text)

    assert not NightRun.objects.exists()


def test_failed_matching_leaves_the_reminders_done(call, ledger, operator, monkeypatch):
    def stumble(*args, **kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr(actions, "match_call", stumble)

    with pytest.raises(CommandError, match="matching"):
        nightly()

    assert NightRun.objects.get(job="obligations.remind_due_obligations").finished_at
    monkeypatch.undo()
    assert "verify_run 1" in nightly()
