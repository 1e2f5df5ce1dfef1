"""Two people at the same moment: one run stands, and the other person is told where things are."""

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.actions import approve_run, run_matching
from matching.models import MatchRun
from matching.scenarios.actions import change_scenario, compute_queued_scenarios, promote_scenario
from matching.scenarios.models import Scenario
from portal.audit.models import Event
from portal.workflow import IllegalMove, Refused, Stale
from tests.factories import StaffFactory
from tests.matching.scenarios.conftest import Bench
from tests.matching.test_races import at_once, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WHY = "대기자가 많음"


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def office():
    return [StaffFactory(office="agency").user for _ in range(3)]


def fresh(scenario):
    return Scenario.objects.select_related("run__call__rule_set", "base").get(pk=scenario.pk)


def standing():
    """Final runs that are the answer, or on their way to be."""
    return MatchRun.objects.exclude(state="discarded")


def test_two_promotions_at_once_make_one_run(bench, office):
    one, two = (
        bench.make(bench.minimum(bench.short, 0), by=office[0], name="가"),
        bench.make(bench.exclude(bench.wide), by=office[0], name="나"),
    )

    results = at_once(
        lambda: promote_scenario(fresh(one), reason=WHY, by=office[0]),
        lambda: promote_scenario(fresh(two), reason=WHY, by=office[1]),
    )

    won = [result for result in results if isinstance(result, Scenario)]
    assert len(won) == 1
    (lost,) = (result for result in results if result not in won)
    assert (type(lost), getattr(lost, "code", "not_standing")) in [
        (IllegalMove, "not_standing"),
        (Refused, "not_standing"),
    ]
    assert standing().get() == won[0].promoted_to
    assert Event.objects.filter(verb="promote_scenario").count() == 1
    assert Event.objects.filter(verb="discard_run").count() == 1


def test_the_same_promotion_pressed_twice_makes_one_run(bench, office):
    scenario = bench.make(bench.minimum(bench.short, 0), by=office[0])
    clients = [signed_in(user) for user in office[:2]]
    url = reverse("admin:scenarios_scenario_promote_scenario", args=[scenario.pk])

    answers = at_once(
        *(lambda client=client: client.post(url, {"reason": WHY, "seen": "verified"}) for client in clients)
    )

    assert sorted(answer.status_code for answer in answers) in ([302, 409], [302, 422])
    assert MatchRun.objects.count() == 2
    assert standing().count() == 1


def test_promotion_and_approval_at_once_never_both_stand(bench, office):
    """Approved first, and the page said verified: the promotion is refused. Promoted first: nothing to approve."""
    scenario = bench.make(bench.minimum(bench.short, 0), by=office[0])

    promoted, approved = at_once(
        lambda: promote_scenario(fresh(scenario), reason=WHY, seen="verified", by=office[0]),
        lambda: approve_run(MatchRun.objects.get(pk=bench.run.pk), note="확인함", by=office[1]),
    )

    run = standing().get()
    if isinstance(promoted, Scenario):
        assert isinstance(approved, IllegalMove)
        assert (run.state, run.adjustments["scenario"]) == ("verified", scenario.pk)
    else:
        assert isinstance(promoted, IllegalMove | Stale)
        assert (run.pk, run.state) == (bench.run.pk, "approved")


def test_promotion_and_the_night_at_once_leave_one_final_run(bench, office):
    scenario = bench.make(bench.minimum(bench.short, 0), by=office[0])

    promoted, made = at_once(
        lambda: promote_scenario(fresh(scenario), reason=WHY, by=office[0]),
        lambda: run_matching(bench.call, on=timezone.localdate()),
    )

    assert (type(promoted), made) == (Scenario, None)
    assert standing().get() == promoted.promoted_to


def test_two_changes_at_once_keep_one(bench, office):
    scenario = bench.make(by=office[0])
    seen = [fresh(scenario), fresh(scenario)]

    results = at_once(
        *(
            lambda name=name, one=one: change_scenario(one, name=name, rule="draw", changes=[], by=office[0])
            for name, one in zip("가나", seen, strict=True)
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["Scenario", "Stale"]
    scenario.refresh_from_db()
    assert (scenario.state, scenario.matches.count()) == ("verified", 4)


def test_two_workers_solve_a_waiting_one_once(bench, office, monkeypatch):
    monkeypatch.setattr("matching.scenarios.actions.AT_ONCE", 0)
    scenario = bench.make(by=office[0])

    done = at_once(compute_queued_scenarios, compute_queued_scenarios)

    scenario.refresh_from_db()
    assert (sorted(done), scenario.state, scenario.matches.count()) == ([0, 1], "verified", 4)
