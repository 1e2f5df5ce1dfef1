"""What-if copies of a run: solved, proved, compared; and one made the run that is decided about."""

import pytest
from django.db import transaction
from django.db.utils import InternalError

from matching.actions import (
    approve_run,
    discard_run,
    is_current,
    prove,
    publish_run,
    run_matching,
)
from matching.models import MatchRun
from matching.scenarios import actions
from matching.scenarios.actions import (
    change_scenario,
    compute_queued_scenarios,
    delete_scenario,
    promote_scenario,
)
from matching.scenarios.models import Scenario
from matching.scenarios.states import ScenarioRefusal
from matching.states import MatchRefusal
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused, Stale
from projects.actions import withdraw_project
from projects.models import Participation, Project
from projects.placements.models import Placement
from tests.factories import ApplicationFactory, CallFactory, MatchRunFactory
from tests.matching.scenarios.conftest import where

WHY = "대기자가 많아 회사가 한 자리를 더 냈습니다."


def verbs_of(row):
    return list(Event.objects.filter(object_id=row.pk, label=row._meta.label).values_list("verb", flat=True))


def run_row(run):
    return MatchRun.objects.filter(pk=run.pk).values().get()


# --- making and solving -------------------------------------------------------------------------------


def test_one_more_place_moves_who_wanted_it(bench, operator):
    scenario = bench.make(bench.places(bench.wide, 2), by=operator)

    assert (scenario.state, scenario.violations) == ("verified", [])
    assert where(scenario) == {
        bench.best: (bench.wide, 1, "same"),
        bench.second: (bench.wide, 1, "better"),
        bench.third: (None, None, "same"),
        bench.silent: (None, None, "same"),
    }
    assert scenario.figures["outcomes"] == {"same": 3, "better": 1}
    assert scenario.figures["rank_profile"] == [2]
    assert verbs_of(scenario)[::-1] == ["make_scenario", "compute_scenario"]


def test_a_project_without_minimum_opens(bench, operator):
    scenario = bench.make(bench.minimum(bench.short, 0), by=operator)

    assert scenario.figures["closed"] == []
    assert where(scenario)[bench.third] == (bench.short, 1, "placed")


def test_a_project_taken_out_loses_its_people(bench, operator):
    scenario = bench.make(bench.exclude(bench.wide), by=operator)

    assert where(scenario)[bench.best] == (None, None, "lost")
    assert [line["project"] for line in scenario.figures["projects"]] == [bench.other.pk, bench.short.pk]


def test_a_person_is_fixed_where_they_did_not_ask_to_be(bench, operator):
    scenario = bench.make(bench.fix(bench.silent, bench.other), by=operator)

    assert where(scenario)[bench.silent] == (bench.other, None, "placed")
    assert where(scenario)[bench.second] == (None, None, "lost")
    assert (scenario.figures["assigned"], scenario.figures["without"], scenario.figures["size"]) == (1, 0, 2)


def test_the_history_joins_nobody_to_a_pseudonym(bench, operator):
    scenario = bench.make(bench.fix(bench.silent, bench.other), by=operator)

    told = Event.objects.get(verb="make_scenario", object_id=scenario.pk).data["changes"]
    assert [change["application"] for change in told] == [bench.silent.pk]
    assert bench.silent.pseudonym.hex not in str(told)


def test_a_company_without_room_takes_nobody(bench, operator):
    scenario = bench.make(bench.cap(bench.wide.company, 0), by=operator)

    assert where(scenario)[bench.best] == (None, None, "lost")


def test_a_companys_own_cap_stays_when_places_grow(bench, operator):
    Participation.objects.filter(company=bench.wide.company).update(cap=1)

    scenario = bench.make(bench.places(bench.wide, 2, capped=True), by=operator)

    assert where(scenario)[bench.second] == (bench.other, 2, "same")


def test_a_scenario_touches_nothing_of_the_run(bench, operator):
    before, matches = run_row(bench.run), list(bench.run.matches.order_by("pk").values())
    projects = list(Project.objects.order_by("pk").values())

    bench.make(bench.places(bench.wide, 3), bench.minimum(bench.short, 0), by=operator)

    assert run_row(bench.run) == before
    assert list(bench.run.matches.order_by("pk").values()) == matches
    assert list(Project.objects.order_by("pk").values()) == projects


def test_the_same_changes_give_the_same_answer(bench, operator):
    first, second = (
        bench.make(bench.places(bench.wide, 2), bench.minimum(bench.short, 0), by=operator, name=name)
        for name in ("가", "나")
    )

    assert first.result_sha256 == second.result_sha256 != ""
    assert first.market_sha256 == second.market_sha256 != bench.run.market_sha256


def test_no_change_gives_the_answer_of_the_run(bench, operator):
    scenario = bench.make(by=operator)

    assert (scenario.market_sha256, scenario.result_sha256) == (
        bench.run.market_sha256,
        bench.run.result_sha256,
    )
    assert scenario.figures["outcomes"] == {"same": 4}


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_runs_without_a_proved_answer_have_no_scenarios(bench, operator, state):
    run = MatchRunFactory(call=CallFactory(sealed=True), state=state)

    with pytest.raises(Refused) as refused:
        bench.make(by=operator, run=run)

    assert refused.value.code == ScenarioRefusal.NO_MARKET


def test_provisional_runs_keep_no_market_to_change(db, bench, operator):
    run = MatchRunFactory(kind="provisional", state="verified", violations=[])

    with pytest.raises(Refused) as refused:
        bench.make(by=operator, run=run)

    assert refused.value.code == ScenarioRefusal.NO_MARKET


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bench: bench.places(bench.wide, -1),
        lambda bench: {**bench.places(bench.wide, 2), "project": 999_999},
        lambda bench: bench.places(bench.wide, 2**60),
        lambda bench: bench.fix(ApplicationFactory(), bench.wide),
        lambda bench: {**bench.cap(bench.wide.company, 3), "company": 999_999},
        lambda bench: bench.cap(bench.wide.company, -1),
    ],
    ids=["negative", "unknown project", "huge", "unknown person", "unknown company", "negative cap"],
)
def test_what_cannot_be_is_refused_and_not_saved(bench, operator, spoil):
    with pytest.raises(Refused) as refused:
        bench.make(spoil(bench), by=operator)

    assert refused.value.code == ScenarioRefusal.UNFIT
    assert not Scenario.objects.exists()


def test_more_people_fixed_than_places_is_refused(bench, operator):
    with pytest.raises(Refused) as refused:
        bench.make(bench.fix(bench.silent, bench.other), bench.fix(bench.third, bench.other), by=operator)

    assert refused.value.code == ScenarioRefusal.UNFIT


def test_unknown_rules_and_taken_names_are_refused(bench, operator):
    bench.make(by=operator)

    for code, asked in [("unknown_rule", {"rule": "chance"}), ("name_taken", {})]:
        with pytest.raises(Refused) as refused:
            bench.make(by=operator, **asked)
        assert refused.value.code == code


def test_a_large_one_waits_for_the_clock(bench, operator, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    scenario = bench.make(bench.places(bench.wide, 2), by=operator)

    assert (scenario.state, compute_queued_scenarios(), compute_queued_scenarios()) == ("queued", 1, 0)
    scenario.refresh_from_db()
    assert scenario.state == "verified"


def test_one_that_breaks_the_engine_fails_alone(bench, operator, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    broken, sound = bench.make(by=operator, name="가"), bench.make(by=operator, name="나")
    solve, calls = actions.solve, []

    def solve_but_once(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            raise MemoryError("too large")
        return solve(*args, **kwargs)

    monkeypatch.setattr(actions, "solve", solve_but_once)

    assert compute_queued_scenarios() == 1
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, broken.error, sound.state) == ("failed", "MemoryError: too large", "verified")


# --- changing and deleting ----------------------------------------------------------------------------


def test_changing_it_solves_it_anew(bench, operator, agency):
    scenario = bench.make(bench.places(bench.wide, 2), by=operator)

    changed = change_scenario(
        scenario, name="최소 인원 없이", rule="draw", changes=[bench.minimum(bench.short, 0)], by=agency
    )

    assert (changed.name, changed.state) == ("최소 인원 없이", "verified")
    assert where(changed)[bench.second] == (bench.other, 2, "same")
    assert where(changed)[bench.third] == (bench.short, 1, "placed")
    assert verbs_of(scenario)[::-1] == [
        "make_scenario", "compute_scenario", "change_scenario", "compute_scenario",
    ]  # fmt: skip


def test_changing_an_old_page_is_stale(bench, operator):
    scenario = bench.make(by=operator)
    seen = Scenario.objects.get(pk=scenario.pk)
    change_scenario(
        Scenario.objects.get(pk=scenario.pk), name="다른 이름", rule="draw", changes=[], by=operator
    )

    with pytest.raises(Stale):
        change_scenario(seen, name="또 다른 이름", rule="draw", changes=[], by=operator)


def test_only_its_maker_deletes_a_scenario(bench, operator, agency):
    scenario = bench.make(by=operator)

    with pytest.raises(Refused) as refused:
        delete_scenario(scenario, by=agency)
    assert refused.value.code == ScenarioRefusal.NOT_MAKER

    pk = scenario.pk
    delete_scenario(scenario, by=operator)
    assert not Scenario.objects.exists()
    assert Event.objects.get(verb="delete_scenario", object_id=pk).data["name"] == "한 자리 더"


# --- promoting ----------------------------------------------------------------------------------------


@pytest.fixture
def better(bench, operator):
    """One more place, agreed with the company; no minimum; the silent one fixed, as both sides wish."""
    return bench.make(
        bench.places(bench.wide, 2, note="대표가 전화로 동의함"),
        bench.minimum(bench.short, 0),
        bench.fix(bench.silent, bench.other, note="본인과 회사가 서면으로 동의함"),
        by=operator,
    )


def test_promotion_makes_a_run_that_is_proved_and_waits_for_approval(bench, better, agency):
    run = promote_scenario(better, reason=WHY, by=agency).promoted_to

    bench.run.refresh_from_db()
    assert (bench.run.state, run.state, run.kind, run.requested_by) == (
        "discarded",
        "verified",
        "final",
        agency,
    )
    assert (run.market_sha256, run.result_sha256) == (better.market_sha256, better.result_sha256)
    assert (run.adjustments["reason"], run.adjustments["by"], run.changes) == (WHY, agency.pk, better.changes)
    assert (prove(run), is_current(run)) == (True, True)
    assert run.matches.get(application=bench.silent).project == bench.other
    assert verbs_of(better)[0] == "promote_scenario"
    assert Event.objects.get(verb="discard_run").data["reason"] == WHY


def test_a_large_promotion_is_proved_by_the_clock(bench, better, agency, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 0)

    run = promote_scenario(better, reason=WHY, by=agency).promoted_to

    assert (run.state, run_matching(bench.call, on=run.on).pk) == ("queued", run.pk)
    run.refresh_from_db()
    assert (run.state, run.result_sha256) == ("verified", better.result_sha256)


def test_a_rule_that_fills_more_is_solved_and_proved(bench, operator):
    scenario = bench.make(by=operator, rule="fill")

    assert (scenario.state, scenario.result["rule"]) == ("verified", "fill")
    assert scenario.figures["size"] >= bench.run.figures["size"]


def test_publication_applies_what_was_changed(bench, better, agency, second_agency, operator):
    run = promote_scenario(better, reason=WHY, by=agency).promoted_to
    approve_run(run, note="조정과 검증서를 확인함", by=agency)

    publish_run(run, note="승인 내용을 확인함", by=second_agency)

    for project in (bench.wide, bench.other, bench.short):
        project.refresh_from_db()
    assert (bench.wide.places, bench.wide.taken) == (2, 2)
    assert (bench.short.minimum, bench.short.taken, bench.short.state) == (0, 1, "selected")
    placed = Placement.objects.get(application=bench.silent)
    assert (placed.project, placed.exception_by) == (bench.other, agency)
    assert placed.exception == "지역 거주 요건\n본인과 회사가 서면으로 동의함"
    assert Placement.objects.exclude(application=bench.silent).filter(exception="").count() == 3
    assert Event.objects.filter(verb="adjust_project").count() == 2
    change = Event.objects.get(verb="adjust_project", object_id=bench.wide.pk).data
    assert (change["before"]["places"], change["after"]["places"]) == (1, 2)
    assert change["reason"] == "대표가 전화로 동의함"


def test_publication_takes_a_project_out_and_tells_its_company(bench, agency, second_agency, operator):
    scenario = bench.make(
        bench.exclude(bench.wide, note="안전 점검이 끝나지 않음"),
        bench.cap(bench.other.company, 1),
        by=operator,
    )
    run = promote_scenario(scenario, reason=WHY, by=agency).promoted_to
    approve_run(run, note="확인함", by=agency)
    publish_run(run, note="확인함", by=second_agency)

    bench.wide.refresh_from_db()
    assert (bench.wide.state, bench.wide.decision_reason) == ("not_opened", "안전 점검이 끝나지 않음")
    told = Notice.objects.get(kind="project_decided", params__project="넓은 과제")
    assert (told.params["excluded"], told.params["reason"]) == (True, "안전 점검이 끝나지 않음")
    assert Participation.objects.get(company=bench.other.company).cap == 1
    codes = [reason["code"] for reason in run.matches.get(application=bench.second).reasons]
    assert codes == ["not_in_match", "matched"]


def test_published_caps_and_seats_agree(bench, agency, second_agency):
    """The company's cap grows with its places, so that the database lets in whom the match placed."""
    Participation.objects.filter(company=bench.wide.company).update(cap=1)
    scenario = bench.make(
        bench.places(bench.wide, 2, note="동의함", capped=True), bench.cap(bench.wide.company, 2), by=agency
    )
    run = promote_scenario(scenario, reason=WHY, by=agency).promoted_to
    approve_run(run, note="확인함", by=agency)

    publish_run(run, note="확인함", by=second_agency)

    row = Participation.objects.get(company=bench.wide.company)
    assert (row.cap, row.taken) == (2, 2)
    told = Event.objects.get(verb="adjust_company_cap").data
    assert (told["before"], told["cap"], told["reason"]) == (1, 2, WHY)


def test_people_read_what_was_decided_apart_from_their_ranks(bench, agency, second_agency, client, log_in):
    scenario = bench.make(
        bench.exclude(bench.wide, note="안전 점검"),
        bench.fix(bench.silent, bench.other, note="둘 다 동의함"),
        by=agency,
    )
    run = promote_scenario(scenario, reason=WHY, by=agency).promoted_to
    approve_run(run, note="확인함", by=agency)
    publish_run(run, note="확인함", by=second_agency)

    fixed = log_in(bench.silent.trainee.user).get(f"/results/{bench.call.pk}/").text
    lost = log_in(bench.best.trainee.user).get(f"/results/{bench.call.pk}/").text

    assert "순위와 따로 정한 예외 배치입니다" in fixed
    assert "이번 매칭에서 이 과제를 빼기로 하여" in lost
    assert "둘 다 동의함" not in fixed + lost


@pytest.mark.parametrize(
    ("code", "arrange"),
    [
        ("no_consent", lambda bench, by: bench.make(bench.places(bench.wide, 2), by=by)),
        ("no_ground", lambda bench, by: bench.make(bench.fix(bench.silent, bench.other), by=by)),
        ("unchanged", lambda bench, by: bench.make(by=by)),
    ],
)
def test_promotion_asks_for_what_it_needs(bench, agency, code, arrange):
    with pytest.raises(Refused) as refused:
        promote_scenario(arrange(bench, agency), reason=WHY, by=agency)

    bench.run.refresh_from_db()
    assert (refused.value.code, bench.run.state) == (code, "verified")


def test_fewer_places_need_nobodys_consent(bench, agency):
    scenario = bench.make(bench.places(bench.short, 2), by=agency)

    assert promote_scenario(scenario, reason=WHY, by=agency).state == "promoted"


def test_promotion_is_the_agencys_and_has_a_reason(bench, better, operator, agency):
    for code, asked in [
        ("not_agency", {"reason": WHY, "by": operator}),
        ("no_reason", {"reason": " ", "by": agency}),
    ]:
        with pytest.raises(Refused) as refused:
            promote_scenario(better, **asked)
        assert refused.value.code == code


def test_another_tie_rule_is_compared_only(bench, better, agency):
    Scenario.objects.filter(pk=better.pk).update(rule="fill")
    better.refresh_from_db()

    with pytest.raises(Refused) as refused:
        promote_scenario(better, reason=WHY, by=agency)

    assert refused.value.code == ScenarioRefusal.ANNOUNCED_RULE


def test_a_published_call_is_compared_only(bench, better, agency, second_agency):
    approve_run(bench.run, note="확인함", by=agency)
    publish_run(bench.run, note="확인함", by=second_agency)

    with pytest.raises(Refused) as refused:
        promote_scenario(better, reason=WHY, by=agency)

    assert refused.value.code == ScenarioRefusal.PUBLISHED


def test_a_run_that_was_thrown_away_is_not_built_upon(bench, better, agency):
    discard_run(bench.run, reason="다시", by=agency)

    with pytest.raises(Refused) as refused:
        promote_scenario(better, reason=WHY, by=agency)

    assert refused.value.code == ScenarioRefusal.NOT_STANDING


def test_a_call_that_changed_since_is_not_promoted(bench, agency):
    scenario = bench.make(bench.minimum(bench.short, 0), by=agency)
    withdraw_project(bench.other, reason="사정", by=agency)

    with pytest.raises(Refused) as refused, transaction.atomic():
        promote_scenario(scenario, reason=WHY, by=agency)

    bench.run.refresh_from_db()
    assert (refused.value.code, bench.run.state) == (ScenarioRefusal.OUTDATED, "verified")


def test_who_saw_it_before_it_was_approved_decided_about_another_one(bench, better, agency, second_agency):
    approve_run(bench.run, note="확인함", by=second_agency)

    with pytest.raises(Stale):
        promote_scenario(better, reason=WHY, seen="verified", by=agency)

    assert promote_scenario(better, reason=WHY, seen="approved", by=agency).state == "promoted"


def test_the_night_leaves_a_promoted_run_alone(bench, better, agency):
    run = promote_scenario(better, reason=WHY, by=agency).promoted_to

    assert run_matching(bench.call, on=run.on) is None
    withdraw_project(bench.wide, reason="사정", by=agency)
    assert run_matching(bench.call, on=run.on) is None

    run.refresh_from_db()
    assert (run.state, is_current(run), MatchRun.objects.count()) == ("verified", False, 2)
    with pytest.raises(Refused) as refused:
        approve_run(run, note="확인함", by=agency)
    assert refused.value.code == MatchRefusal.OUTDATED


def test_the_night_makes_a_plain_run_once_a_promoted_one_is_thrown_away(bench, better, agency):
    run = promote_scenario(better, reason=WHY, by=agency).promoted_to
    discard_run(run, reason="회사가 동의를 거둠", by=agency)

    made = run_matching(bench.call, on=run.on)

    assert (made.state, made.adjustments, made.result_sha256) == ("verified", None, bench.run.result_sha256)


def test_a_scenario_of_a_promoted_run_counts_from_the_call(bench, better, agency):
    """What was taken out can come back in, because the lists of the first run still have it."""
    out = bench.make(bench.exclude(bench.wide), by=agency, name="빼기")
    run = promote_scenario(out, reason=WHY, by=agency).promoted_to

    back = bench.make(bench.minimum(bench.short, 0), by=agency, run=run, name="되돌리기")

    assert back.base == bench.run
    assert where(back)[bench.best] == (bench.wide, 1, "placed")
    assert promote_scenario(back, reason=WHY, by=agency).promoted_to.changes == back.changes


def test_a_promoted_scenario_stays_as_it_is(bench, better, agency, operator):
    promoted = promote_scenario(better, reason=WHY, by=agency)

    with pytest.raises(Refused):
        delete_scenario(promoted, by=operator)
    with pytest.raises(Refused):
        change_scenario(promoted, name="다른", rule="draw", changes=[], by=operator)
    with pytest.raises(IllegalMove):
        actions.compute_scenario(promoted)
    with pytest.raises(InternalError), transaction.atomic():
        Scenario.objects.filter(pk=promoted.pk).update(name="다른")


def test_adjustments_of_a_run_never_change(bench, better, agency):
    run = promote_scenario(better, reason=WHY, by=agency).promoted_to

    with pytest.raises(InternalError), transaction.atomic():
        MatchRun.objects.filter(pk=run.pk).update(adjustments=None)
