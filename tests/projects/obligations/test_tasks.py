"""The reminders' night: each stage once, to the right people, and one message after missed nights."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from portal.jobs.models import NightRun
from portal.notices.models import Notice
from projects.obligations import actions
from projects.obligations.models import HiringObligation
from projects.obligations.tasks import JOB, remind_due_obligations
from tests.factories import EvaluationFactory, HiringObligationFactory, PlacementFactory, StaffFactory, days

pytestmark = pytest.mark.django_db
DUE = dt.date(2027, 5, 31)


def night(day, hour=4):
    return time_machine.travel(
        dt.datetime.combine(day, dt.time(hour), timezone.get_default_timezone()), tick=False
    )


@pytest.fixture
def people():
    """One obligation, and everybody who might be told of it by name of their side."""
    with night(DUE - days(200)):
        obligation = HiringObligationFactory(due_on=DUE)
    operator, agency = StaffFactory(office="operator").user, StaffFactory(office="agency").user
    return {
        obligation.company.members.get().user: "company",
        obligation.placement.trainee.user: "trainee",
        operator: "operator",
        agency: "agency",
    }


def reminders(people):
    return [
        (notice.params["stage"], people[notice.recipient])
        for notice in Notice.objects.filter(kind="obligation_due").order_by("pk")
    ]


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (-90, ["company"]),
        (-30, ["company"]),
        (-14, ["company"]),
        (-7, ["company"]),
        (-1, ["company"]),
        (1, ["company", "trainee"]),
        (7, ["company", "operator"]),
        (14, ["company", "operator", "agency"]),
    ],
)
def test_each_stage_reaches_its_people_once(stage, told, people):
    for _twice in range(2):
        actions.remind_due_obligations(DUE + days(stage))

    assert reminders(people) == [(stage, side) for side in told]


def test_the_whole_year_of_nights_sends_each_stage_once(people):
    for day in range(-100, 30):
        actions.remind_due_obligations(DUE + days(day))

    stages = [stage for stage, side in reminders(people) if side == "company"]
    assert stages == [-90, -30, -14, -7, -1, 1, 7, 14]


@pytest.mark.parametrize("verb", ["submit", "waive"])
def test_nobody_is_reminded_while_the_company_has_nothing_to_do(verb, people):
    obligation = HiringObligation.objects.get()
    if verb == "waive":
        actions.waive_obligation(
            obligation, reason="other", note="의결", by=StaffFactory(office="agency").user
        )
    else:
        type(obligation).objects.update(state="evidence_submitted")

    assert actions.remind_due_obligations(DUE - days(7))["reminded"] == 0


def test_a_disabled_person_is_not_reminded(people):
    member = next(person for person, side in people.items() if side == "company")
    type(member).objects.filter(pk=member.pk).update(is_active=False)

    actions.remind_due_obligations(DUE - days(7))

    assert reminders(people) == []


def test_a_new_due_date_is_reminded_of_anew(people):
    actions.remind_due_obligations(DUE - days(7))
    HiringObligation.objects.update(due_on=DUE + days(10))

    actions.remind_due_obligations(DUE + days(3))

    assert reminders(people) == [(-7, "company"), (-7, "company")]


def test_missed_nights_are_made_up_for_with_one_message(people):
    with night(DUE - days(8)):
        assert remind_due_obligations() == [(DUE - days(8)).isoformat()]
    Notice.objects.all().delete()

    with night(DUE + days(2)):
        done = remind_due_obligations()
        again = remind_due_obligations()

    # ten nights passed, seven are made up for: D-1 and D+1 went by, D+1 alone is told
    assert done == [(DUE + days(day)).isoformat() for day in range(-4, 3)]
    assert again == []
    assert reminders(people) == [(1, "company"), (1, "trainee")]
    assert HiringObligation.objects.get().state == "overdue"


def test_an_hour_before_the_night_only_earlier_nights_are_due(people):
    with night(DUE - days(7), hour=2):
        assert remind_due_obligations() == [(DUE - days(8)).isoformat()]
    with night(DUE - days(7), hour=3):
        assert remind_due_obligations() == [(DUE - days(7)).isoformat()]

    assert reminders(people) == [(-14, "company"), (-7, "company")]


def test_a_failed_night_is_run_again_before_later_ones(people, monkeypatch):
    with night(DUE - days(8)):
        remind_due_obligations()
    work, broken = actions.remind_due_obligations, DUE - days(7)

    def fail(today, newest=True):
        if today == broken:
            raise RuntimeError("broken pipe")
        return work(today, newest)

    with night(DUE - days(6)):
        monkeypatch.setattr(actions, "remind_due_obligations", fail)
        with pytest.raises(RuntimeError):
            remind_due_obligations()
        monkeypatch.setattr(actions, "remind_due_obligations", work)
        assert NightRun.objects.get(job=JOB, on=broken).error == "RuntimeError: broken pipe"
    with night(DUE - days(6), hour=5):
        done = remind_due_obligations()

    assert done == [(DUE - days(7)).isoformat(), (DUE - days(6)).isoformat()]
    assert NightRun.objects.filter(job=JOB, finished_at=None).count() == 0


def test_the_night_owes_marks_and_reminds_in_one_go(people):
    placement = PlacementFactory(completed=True, starts_on=DUE - days(100), ends_on=DUE - days(20))
    evaluation = EvaluationFactory(placement=placement, appeal_until=DUE - days(5))

    with night(DUE + days(1)):
        remind_due_obligations()

    outcome = NightRun.objects.get(job=JOB).outcome
    assert (outcome["owed"], outcome["overdue"]) == (1, 1)
    assert HiringObligation.objects.filter(evaluation=evaluation).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_reminding_costs_the_same_for_one_and_many(rows, django_assert_num_queries):
    for _row in range(rows):
        HiringObligationFactory(due_on=DUE)

    with django_assert_num_queries(4):
        actions.notices.obligations_due(actions.due_stages(DUE - days(7)), DUE - days(7))
