"""From a queued run to a published result, and the night that makes it."""

import datetime as dt

import pgtrigger
import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.utils import InternalError
from django.utils import timezone

from matching import actions
from matching.actions import (
    approve_run,
    compute_queued_runs,
    compute_run,
    discard_run,
    prove,
    publish_run,
    queue_run,
    run_matching,
    run_nightly_matching,
)
from matching.engine import Result
from matching.engine.result import ENGINE
from matching.models import Match, MatchRun
from matching.states import MatchRefusal
from portal.accounts.actions import withdraw_consent
from portal.audit.models import Event
from portal.jobs.actions import NightFailed, run_due_nights
from portal.jobs.models import NightRun
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.applications.actions import refuse_application
from projects.fit.models import FitRow
from projects.models import Call, Participation, Project
from projects.placements.models import Placement, Reserve
from projects.rankings.actions import seal_rankings
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    PlacementFactory,
    ProjectFactory,
    StaffFactory,
    UserFactory,
    certified_scores,
    certified_wishes,
    days,
)

TODAY = timezone.localdate


class SmallMarket:
    """Four people, two places: the first two are taken, the third waits, the fourth ranked nothing.

    A third project needs two people and is ranked by one only.
    """

    def __init__(self, **call):
        self.call = CallFactory(**call)
        self.wide = ProjectFactory(call=self.call, places=1)
        self.other = ProjectFactory(call=self.call, places=1)
        self.short = ProjectFactory(call=self.call, places=3, minimum=2)
        self.best, self.second, self.third, self.silent = [
            ApplicationFactory(call=self.call) for _ in range(4)
        ]
        state = "sealed" if self.call.state == "matching" else "certified"
        certified_wishes(self.best, self.wide, state=state)
        certified_wishes(self.second, self.wide, self.other, state=state)
        certified_wishes(self.third, self.short, self.wide, state=state)
        lines = {(self.wide, self.best): 95, (self.wide, self.second): 80, (self.wide, self.third): 70}
        certified_scores(self.wide.company, lines, state=state)

    def run(self):
        return compute_run(queue_run(self.call, on=TODAY()))


@pytest.fixture
def market(db):
    return SmallMarket(sealed=True)


@pytest.fixture
def run(market):
    return market.run()


@pytest.fixture
def published(run, agency, second_agency):
    approve_run(run, note="배정표와 검증서를 확인함", by=agency)
    return publish_run(run, note="승인 내용을 확인함", by=second_agency)


def counts():
    """How many rows every table has."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


# --- computing ----------------------------------------------------------------------------------------


def test_queue_run_is_final_once_lists_are_sealed(market, operator):
    run = queue_run(market.call, on=TODAY(), by=operator)

    assert (run.kind, run.state, run.requested_by) == ("final", "queued", operator)


def test_queue_run_is_provisional_while_lists_are_open(db, operator):
    assert queue_run(CallFactory(), on=TODAY(), by=operator).kind == "provisional"


@pytest.mark.parametrize("state", ["draft", "announced", "running", "finished", "cancelled"])
def test_queue_run_is_refused_outside_the_time_to_match(db, state):
    with pytest.raises(Refused) as refused:
        queue_run(CallFactory(state=state), on=TODAY())

    assert refused.value.code == MatchRefusal.NOT_OPEN
    assert not MatchRun.objects.exists()


def test_queue_run_waits_for_the_one_before(market, operator):
    queue_run(market.call, on=TODAY(), by=operator)

    with pytest.raises(Refused) as refused:
        queue_run(market.call, on=TODAY(), by=operator)

    assert refused.value.code == MatchRefusal.RUNNING


def test_compute_run_proves_its_answer_and_keeps_it(run, market):
    assert (run.state, run.violations) == ("verified", [])
    assert prove(run)
    assert run.figures["size"] == 2
    assert run.figures["rank_profile"] == [1, 1]
    assert run.figures["closed"] == [market.short.pk]
    assert (run.figures["reserve_numbers"], run.figures["reserve_people"]) == (1, 1)
    assert {
        match.application: (match.project, match.rank)
        for match in run.matches.select_related("application", "project")
    } == {
        market.best: (market.wide, 1),
        market.second: (market.other, 2),
        market.third: (None, None),
        market.silent: (None, None),
    }


def test_provisional_run_writes_nobodys_match(db):
    run = SmallMarket().run()

    assert (run.kind, run.state, Match.objects.count()) == ("provisional", "verified", 0)


def test_compute_queued_runs_computes_what_staff_asked_for_once(market, operator):
    queue_run(market.call, on=TODAY(), by=operator)

    assert [compute_queued_runs(), compute_queued_runs()] == [1, 0]
    assert [event.verb for event in Event.objects.filter(label="matching.MatchRun").order_by("pk")] == [
        "queue_run", "compute_run", "verify_run",
    ]  # fmt: skip


def test_answer_the_check_refuses_fails_the_run_and_tells_the_office(market, operator, monkeypatch):
    solve = actions.solve

    def cheat(read, rule):
        honest = solve(read, rule=rule)
        return Result.of(read, dict.fromkeys(honest.matching), honest.closed, rule)

    monkeypatch.setattr(actions, "solve", cheat)

    run = market.run()

    assert run.state == "failed"
    assert {violation["code"] for violation in run.violations} == {"blocking_pair"}
    assert Notice.objects.get(kind="match_run_finished").recipient == operator
    assert not Match.objects.exists()


# --- four eyes ----------------------------------------------------------------------------------------


def test_run_is_approved_by_one_and_published_by_another(published, agency, second_agency):
    published.refresh_from_db()

    assert (published.state, published.approved_by, published.published_by) == (
        "published",
        agency,
        second_agency,
    )
    assert [event.by for event in Event.objects.filter(verb__in=["approve_run", "publish_run"]).order_by("pk")] == [
        agency, second_agency,
    ]  # fmt: skip


def people():
    superuser = UserFactory(is_staff=True, is_superuser=True)
    dismissed = StaffFactory(office="agency", ended_on=TODAY()).user
    return {"operator": StaffFactory(office="operator").user, "superuser": superuser, "dismissed": dismissed}


@pytest.mark.parametrize("who", ["operator", "superuser", "dismissed"])
def test_only_the_agency_approves_and_publishes(run, agency, who):
    person = people()[who]

    with pytest.raises(Refused) as approving:
        approve_run(run, note="확인", by=person)
    approve_run(run, note="확인", by=agency)
    with pytest.raises(Refused) as publishing:
        publish_run(run, note="확인", by=person)

    assert approving.value.code == publishing.value.code == MatchRefusal.NOT_AGENCY
    assert not Placement.objects.exists()


def test_nobody_publishes_what_they_approved(run, agency):
    approve_run(run, note="확인", by=agency)

    with pytest.raises(Refused) as refused:
        publish_run(run, note="확인", by=agency)

    assert refused.value.code == MatchRefusal.SAME_PERSON
    assert not Placement.objects.exists()


def test_database_refuses_one_pair_of_eyes(run, agency):
    approve_run(run, note="확인", by=agency)

    with pytest.raises(IntegrityError, match="match_run_two_people"), transaction.atomic():
        MatchRun.objects.filter(pk=run.pk).update(published_by=agency)


def test_database_refuses_publication_without_approval(run, agency):
    with (
        pytest.raises(IntegrityError, match="match_run_published_is_approved_and_proved"),
        transaction.atomic(),
    ):
        MatchRun.objects.filter(pk=run.pk).update(state="published", published_by=agency)


@pytest.mark.parametrize("note", ["", "   "])
def test_both_say_what_they_examined(run, agency, second_agency, note):
    with pytest.raises(Refused) as approving:
        approve_run(run, note=note, by=agency)
    approve_run(run, note="확인", by=agency)
    with pytest.raises(Refused) as publishing:
        publish_run(run, note=note, by=second_agency)

    assert approving.value.code == publishing.value.code == MatchRefusal.NO_NOTE


def test_provisional_run_is_never_approved(db, agency):
    run = SmallMarket().run()

    with pytest.raises(Refused) as refused:
        approve_run(run, note="확인", by=agency)

    assert refused.value.code == MatchRefusal.PROVISIONAL


def test_run_is_not_published_twice(published, second_agency):
    with pytest.raises(IllegalMove):
        publish_run(published, note="확인", by=second_agency)

    assert Placement.objects.count() == 2


def test_discarded_run_makes_room_for_another(run, market, operator):
    discard_run(run, reason="과제 하나가 철회됨", by=operator)

    again = run_matching(market.call, on=TODAY())

    assert again is not None
    assert (again.pk != run.pk, again.state) == (True, "verified")


# --- what changes between the run and its publication ---------------------------------------------------


def test_run_is_neither_approved_nor_published_over_the_heads_of_the_unjudged(
    run, market, agency, second_agency
):
    waiting = ApplicationFactory(call=market.call, state="submitted")

    with pytest.raises(Refused) as approving:
        approve_run(run, note="확인", by=agency)
    waiting.delete()
    approve_run(run, note="확인", by=agency)
    ApplicationFactory(call=market.call, state="submitted")
    with pytest.raises(Refused) as publishing:
        publish_run(run, note="확인", by=second_agency)

    assert approving.value.code == publishing.value.code == MatchRefusal.UNDECIDED
    assert approving.value.facts == publishing.value.facts == {"count": 1}
    assert not Placement.objects.exists()


def test_night_throws_an_outdated_run_away_and_computes_anew(run, market, operator):
    refuse_application(market.silent, reason="other", by=operator)

    again = run_matching(market.call, on=TODAY())

    run.refresh_from_db()
    event = Event.objects.get(verb="discard_run")
    assert (run.state, event.by, event.data["reason"]) == ("discarded", None, "outdated")
    assert (again.state, again.figures["applicants"]) == ("verified", 3)
    assert run_matching(market.call, on=TODAY()) is None


def test_night_leaves_an_approved_run_to_the_agency(run, market, operator, agency, second_agency):
    approve_run(run, note="확인", by=agency)
    refuse_application(market.silent, reason="other", by=operator)

    again = run_matching(market.call, on=TODAY())
    with pytest.raises(Refused) as refused:
        publish_run(run, note="확인", by=second_agency)

    run.refresh_from_db()
    assert (again, run.state, refused.value.code) == (None, "approved", MatchRefusal.OUTDATED)


def test_who_withdrew_the_consent_is_left_out_and_reads_why(market, agency, second_agency):
    user = market.best.trainee.user
    withdraw_consent(user, "share_with_company", by=user)

    run = market.run()
    publish_run(approve_run(run, note="확인", by=agency), note="확인", by=second_agency)

    market.best.refresh_from_db()
    assert (market.best.state, market.best.ineligible_reason) == ("ineligible", "no_consent")
    assert [notice.kind for notice in Notice.objects.filter(recipient=user)] == ["application_refused"]
    assert not Match.objects.filter(application=market.best).exists()
    assert not Placement.objects.filter(application=market.best).exists()


def test_a_consent_withdrawn_after_approval_stops_publication(run, market, agency, second_agency):
    approve_run(run, note="확인", by=agency)
    user = market.best.trainee.user
    withdraw_consent(user, "share_with_company", by=user)

    with pytest.raises(Refused) as refused:
        publish_run(run, note="확인", by=second_agency)

    assert refused.value.code == MatchRefusal.OUTDATED


# --- tampering ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["market", "result", "market_sha256", "result_sha256"])
def test_database_refuses_to_change_a_computed_answer(run, field):
    value = "0" * 64 if field.endswith("sha256") else {}

    with pytest.raises(InternalError), transaction.atomic():
        MatchRun.objects.filter(pk=run.pk).update(**{field: value})


@pytest.mark.parametrize("decide", [approve_run, publish_run])
def test_tampered_answer_is_neither_approved_nor_published(run, market, agency, second_agency, decide):
    if decide is publish_run:
        approve_run(run, note="확인", by=agency)
    result = {**run.result, "matching": {**run.result["matching"], market.best.pseudonym.hex: None}}
    with pgtrigger.ignore("matching.MatchRun:answer_frozen"):
        MatchRun.objects.filter(pk=run.pk).update(result=result)
    run.refresh_from_db()

    with pytest.raises(Refused) as refused:
        decide(run, note="확인", by=second_agency)

    assert not prove(run)
    assert refused.value.code == MatchRefusal.NOT_PROVED
    assert not Placement.objects.exists()


def refuse_a_matched_person(market):
    market.best.state, market.best.ineligible_reason = "ineligible", "employed"
    market.best.save()


def withdraw_a_project(market):
    market.wide.state = "withdrawn"
    market.wide.save()


def suspend_a_company(market):
    company = market.wide.company
    company.state, company.suspended_until = "suspended", TODAY() + days(30)
    company.save()


def lower_a_cap(market):
    Participation.objects.filter(call=market.call, company=market.wide.company).update(cap=0)


CHANGES = [refuse_a_matched_person, withdraw_a_project, suspend_a_company, lower_a_cap]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("approved", [False, True], ids=["before approval", "after approval"])
def test_answer_to_an_older_market_is_refused(run, market, agency, second_agency, change, approved):
    if approved:
        run = approve_run(run, note="확인함", by=agency)
    change(market)

    with pytest.raises(Refused) as refused:
        (publish_run if approved else approve_run)(run, note="확인함", by=second_agency)

    assert refused.value.code == MatchRefusal.OUTDATED
    assert not Placement.objects.exists()


@pytest.mark.parametrize("change", CHANGES)
def test_changed_market_is_matched_again_without_what_is_gone(run, market, operator, change):
    discard_run(run, reason="바뀜", by=operator)
    change(market)

    again = market.run()

    assert again.state == "verified"
    assert again.result["matching"].get(market.best.pseudonym.hex) is None


@pytest.mark.parametrize("lose", [withdraw_a_project, suspend_a_company])
def test_a_lost_choice_keeps_its_line_and_makes_no_second_choice_the_first(market, lose):
    lose(market)  # the wide one: everybody's first choice but one

    run = market.run()

    said = Match.objects.get(run=run, application=market.second)
    assert [(line["rank"], line["project"], line["code"]) for line in said.reasons] == [
        (1, market.wide.pk, "not_in_match"),
        (2, market.other.pk, "matched"),
    ]
    assert (said.rank, said.project) == (2, market.other)
    only = Match.objects.get(run=run, application=market.best)
    assert [(line["rank"], line["code"]) for line in only.reasons] == [(1, "not_in_match")]
    assert (run.figures["rank_profile"], run.figures["with_list"]) == ([0, 1], 3)


def test_publication_closes_the_projects_of_a_barred_company(market, agency, second_agency):
    owner = CompanyMemberFactory(company=market.wide.company, role="owner").user
    suspend_a_company(market)
    run = approve_run(market.run(), note="확인", by=agency)

    publish_run(run, note="확인", by=second_agency)

    market.wide.refresh_from_db()
    assert market.wide.state == "not_opened"
    assert Event.objects.about(market.wide).first().verb == "exclude_project"
    notice = Notice.objects.get(kind="project_decided", recipient=owner)
    assert (notice.params["state"], notice.params["barred"]) == ("not_opened", True)
    assert not Notice.objects.filter(kind="result_company", recipient=owner).exists()
    assert not Project.objects.filter(call=market.call, state="selected").exclude(taken__gt=0).exists()


def test_operator_does_not_take_back_what_the_agency_approved(run, agency, operator):
    run = approve_run(run, note="확인함", by=agency)

    with pytest.raises(Refused) as refused:
        discard_run(run, reason="다시", by=operator)

    assert refused.value.code == MatchRefusal.NOT_AGENCY
    assert discard_run(run, reason="다시", by=agency).state == "discarded"


def test_run_that_cannot_be_computed_fails_and_the_next_one_is_computed(market, operator, monkeypatch):
    broken, whole = (
        queue_run(market.call, on=TODAY(), by=operator),
        queue_run(CallFactory(), on=TODAY(), by=operator),
    )
    real = actions.read_call
    monkeypatch.setattr(actions, "read_call", lambda call: {}["x"] if call == market.call else real(call))

    done = compute_queued_runs()

    assert done == 1
    broken.refresh_from_db()
    whole.refresh_from_db()
    assert (broken.state, whole.state) == ("failed", "verified")
    assert "KeyError" in broken.error


def test_run_is_never_deleted(db):
    run = SmallMarket().run()

    with pytest.raises(InternalError), transaction.atomic():
        run.delete()


# --- what publication means ---------------------------------------------------------------------------


def test_publication_offers_holds_and_leaves(published, market):
    states = {}
    for name in ("best", "second", "third", "silent"):
        application = getattr(market, name)
        application.refresh_from_db()
        states[name] = application.state

    assert states == {"best": "placed", "second": "placed", "third": "reserve", "silent": "unmatched"}
    assert {placement.application: placement.project for placement in Placement.objects.all()} == {
        market.best: market.wide,
        market.second: market.other,
    }
    assert [(row.project, row.application, row.reserve_no) for row in Reserve.objects.all()] == [
        (market.wide, market.second, 1),
        (market.wide, market.third, 2),
    ]


def test_publication_closes_what_stays_below_its_minimum(published, market):
    for project in (market.wide, market.short):
        project.refresh_from_db()
    market.call.refresh_from_db()

    assert (market.wide.state, market.short.state, market.call.state) == (
        "selected",
        "not_opened",
        "announced",
    )


def test_publication_tells_everybody_once_and_at_the_same_moment(published, market):
    told = {
        application.pk: [notice.kind for notice in Notice.objects.filter(recipient=application.trainee.user)]
        for application in (market.best, market.second, market.third, market.silent)
    }

    assert list(told.values()) == [
        ["placement_offered"],
        ["placement_offered"],
        ["result_unmatched"],
        ["result_unmatched"],
    ]
    reserve = Notice.objects.get(recipient=market.third.trainee.user)
    assert reserve.params["reserve_no"] == 2
    assert Notice.objects.get(recipient=market.silent.trainee.user).params["reserve_no"] is None
    leaving = Notice.objects.filter(kind__in=["placement_offered", "result_unmatched"]).values_list(
        "leaves_at", flat=True
    )
    assert max(leaving) - min(leaving) < dt.timedelta(seconds=5) or timezone.localtime().hour in (
        *range(9),
        *range(21, 24),
    )


def test_publication_counts_seats_against_caps(published, market):
    rows = Participation.objects.filter(call=market.call).values_list("company__projects", "taken")

    assert {market.wide.pk: 1, market.other.pk: 1, market.short.pk: 0} == dict(rows)


# --- the night ----------------------------------------------------------------------------------------


def test_night_run_twice_changes_nothing(db, operator):
    SmallMarket()
    SmallMarket(rankings_due_at=timezone.now() - days(1), state="closed")
    run_nightly_matching(TODAY())
    before = counts()

    run_nightly_matching(TODAY())

    assert counts() == before
    assert sorted(MatchRun.objects.values_list("kind", flat=True)) == ["final", "provisional"]


def test_next_night_leaves_a_standing_answer_alone(db, operator):
    SmallMarket(rankings_due_at=timezone.now() - days(1), state="closed")
    run_nightly_matching(TODAY())

    run_nightly_matching(TODAY() + days(1))

    assert MatchRun.objects.filter(kind="final").count() == 1


def test_missed_nights_run_oldest_first(db):
    SmallMarket()
    last = TODAY() - days(4)
    NightRun.objects.create(job=actions.JOB, on=last, finished_at=timezone.now())

    ran = run_due_nights(actions.JOB, dt.time(0), run_nightly_matching)

    assert ran == [last + days(count) for count in range(1, 5)]
    assert list(MatchRun.objects.order_by("pk").values_list("on", flat=True)) == ran


def test_failed_call_does_not_stop_the_others(db, monkeypatch):
    broken, sound = SmallMarket(), SmallMarket()
    match_call = actions.match_call

    def stumble(call, *rest, **options):
        if call == broken.call:
            raise RuntimeError("no")
        return match_call(call, *rest, **options)

    monkeypatch.setattr(actions, "match_call", stumble)

    with pytest.raises(NightFailed):
        run_nightly_matching(TODAY())

    assert [run.call for run in MatchRun.objects.all()] == [sound.call]
    monkeypatch.undo()
    run_nightly_matching(TODAY())
    assert {run.call for run in MatchRun.objects.all()} == {broken.call, sound.call}
    assert MatchRun.objects.count() == 2


def test_night_with_a_part_in_somebodys_hands_fails_until_it_is_done(db):
    market = SmallMarket()
    part = NightRun.objects.create(
        job=actions.JOB, on=TODAY(), about="advance", locked_until=timezone.now() + dt.timedelta(minutes=5)
    )

    with pytest.raises(NightFailed, match="advance"):
        run_nightly_matching(TODAY())

    assert [run.call for run in MatchRun.objects.all()] == [market.call]
    NightRun.objects.filter(pk=part.pk).update(locked_until=timezone.now())
    assert run_nightly_matching(TODAY())["advance"]


def test_reminders_that_cannot_be_made_stop_nothing_else(db, monkeypatch):
    silent = PlacementFactory(
        project__call__state="announced",
        offered_at=timezone.now() - days(5),
        answer_due_at=timezone.now() - days(1),
    )
    monkeypatch.setattr(actions, "remind_unanswered", lambda now: 1 / 0)

    with pytest.raises(NightFailed, match="reminded_to_answer"):
        actions.advance_calls(TODAY())

    assert Placement.objects.get(pk=silent.pk).state == "expired"


def test_night_seals_before_it_matches(db, operator):
    market = SmallMarket(rankings_due_at=timezone.now() - dt.timedelta(seconds=1), state="open")

    run_nightly_matching(TODAY())

    assert Call.objects.get(pk=market.call.pk).state == "matching"
    assert MatchRun.objects.get().kind == "final"


def test_night_tells_companies_whose_projects_waited_in_vain(db):
    market = SmallMarket(rankings_due_at=timezone.now() - dt.timedelta(seconds=1), state="closed")
    owner = CompanyMemberFactory(role="owner")
    states = ("submitted", "reserve", "draft")
    waiting = {
        state: ProjectFactory(call=market.call, company=owner.company, state=state) for state in states
    }

    run_nightly_matching(TODAY())

    found = {state: Project.objects.get(pk=project.pk).state for state, project in waiting.items()}
    assert found == {"submitted": "rejected", "reserve": "rejected", "draft": "draft"}
    told = Notice.objects.filter(kind="project_decided", recipient=owner.user)
    assert {notice.params["project"] for notice in told} == {
        waiting["submitted"].title,
        waiting["reserve"].title,
    }
    assert Event.objects.about(waiting["reserve"]).first().verb == "pass_over_project"


@pytest.mark.parametrize(("left", "state"), [(-1, "verified"), (0, "suspended")])
def test_a_bar_ends_with_its_last_day_before_the_match(market, left, state):
    suspend_a_company(market)
    company = market.wide.company
    type(company).objects.filter(pk=company.pk).update(suspended_until=TODAY() + days(left))
    owner = CompanyMemberFactory(company=company, role="owner").user

    run_nightly_matching(TODAY())

    company.refresh_from_db()
    ended = state == "verified"
    assert (company.state, Notice.objects.filter(kind="company_reinstated", recipient=owner).exists()) == (
        state,
        ended,
    )
    placed = Match.objects.get(application=market.best).project
    assert placed == (market.wide if ended else None)


# --- what a provisional run keeps ---------------------------------------------------------------------


def test_run_breaks_ties_by_the_rule_of_its_call(db, operator):
    """Both suit ``wanted`` equally; by the rule that fills seats the one with nowhere else to go is taken there."""
    for rule, placed in (("draw", {1, 2}), ("fill", {2})):
        sizes = set()
        for _ in range(6):
            call = CallFactory(sealed=True, rule_set__tie_rule=rule)
            wanted, other = ProjectFactory.create_batch(2, call=call, places=1)
            certified_wishes(ApplicationFactory(call=call), wanted, other, state="sealed")
            certified_wishes(ApplicationFactory(call=call), wanted, state="sealed")

            run = compute_run(queue_run(call, on=TODAY(), by=operator))

            assert (run.state, run.violations, run.result["rule"]) == ("verified", [], rule)
            sizes.add(run.figures["size"])
        assert sizes <= placed


class OpenCall:
    """Lists are open; ``people`` have applied, ``wanted`` has two places, ``endangered`` needs three people."""

    def __init__(self, people=12):
        self.call = CallFactory()
        self.wanted = ProjectFactory(call=self.call, places=2)
        self.endangered = ProjectFactory(call=self.call, places=4, minimum=3)
        self.people = [ApplicationFactory(call=self.call) for _ in range(people)]

    def certify(self, *numbers, wishes=None):
        for number in numbers:
            certified_wishes(self.people[number], *(wishes or [self.wanted]), state="certified")

    def run(self, operator):
        return compute_run(queue_run(self.call, on=TODAY(), by=operator))


@pytest.fixture
def open_call(db):
    return OpenCall()


def picture(run):
    return {name: run.figures[name] for name in ("looked_at", "about", "projects")}


def test_provisional_run_keeps_neither_lists_nor_their_hashes(open_call, operator):
    open_call.certify(*range(6))

    run = open_call.run(operator)

    assert (run.kind, run.state, run.violations, run.engine) == ("provisional", "verified", [], ENGINE)
    assert (run.market, run.result, run.market_sha256, run.result_sha256) == (None, None, "", "")
    assert run.figures == {
        "applicants": 12,
        "with_list": 6,
        "places": 6,
        "looked_at": run.figures["looked_at"],
        "about": 0,
        "projects": [
            {"project": open_call.wanted.pk, "band": "wanted"},
            {"project": open_call.endangered.pk, "band": "danger"},
        ],
    }
    told = Event.objects.filter(label="matching.MatchRun", object_id=run.pk).values_list("data", flat=True)
    assert not [data for data in told if "market" in data or "result" in data]


def test_picture_needs_five_lists(open_call, operator):
    open_call.certify(*range(4))

    run = open_call.run(operator)

    assert (run.figures["with_list"], picture(run)) == (
        4,
        {"looked_at": None, "about": None, "projects": []},
    )


@pytest.mark.parametrize("change", ["a new list", "another list", "a list less"])
def test_two_runs_around_one_change_show_the_same_picture(open_call, operator, change):
    open_call.certify(*range(6))
    before = open_call.run(operator)

    if change == "a new list":
        open_call.certify(7, wishes=[open_call.endangered])
    elif change == "another list":
        open_call.people[0].rank_lists.update(state="replaced", version=0)
        open_call.certify(0, wishes=[open_call.endangered])
    else:
        open_call.people[0].state = "withdrawn"
        open_call.people[0].save()
    after = open_call.run(operator)

    assert picture(after) == picture(before)


def test_picture_changes_once_five_people_have_certified(open_call, operator):
    open_call.certify(*range(6))
    before = open_call.run(operator)
    open_call.certify(*range(6, 10), wishes=[open_call.endangered])
    still = open_call.run(operator)
    open_call.certify(10, wishes=[open_call.endangered])

    after = open_call.run(operator)

    assert picture(still) == picture(before)
    assert after.figures["looked_at"] > before.figures["looked_at"]
    assert {line["band"] for line in after.figures["projects"]} == {"wanted", "filled"}


def test_discarded_look_still_counts_as_seen(open_call, operator):
    open_call.certify(*range(6))
    before = discard_run(open_call.run(operator), reason="다시", by=operator)
    open_call.certify(7, wishes=[open_call.endangered])

    assert picture(open_call.run(operator)) == picture(before)


def test_database_refuses_lists_in_a_provisional_run(open_call, operator):
    run = queue_run(open_call.call, on=TODAY(), by=operator)

    with (
        pytest.raises(IntegrityError, match="match_run_provisional_keeps_no_lists"),
        transaction.atomic(),
    ):
        MatchRun.objects.filter(pk=run.pk).update(market={})


def test_failed_provisional_run_says_no_more_than_what_kind_of_error(open_call, operator, monkeypatch):
    run = queue_run(open_call.call, on=TODAY(), by=operator)
    monkeypatch.setattr(actions, "read_call", lambda call: {}[f"wish of {open_call.people[0].pseudonym}"])

    compute_queued_runs()

    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "KeyError")


def test_refuted_provisional_run_keeps_the_kinds_of_faults_only(open_call, operator, monkeypatch):
    open_call.certify(*range(6))
    solve = actions.solve

    def cheat(read, rule):
        honest = solve(read, rule=rule)
        return Result.of(read, dict.fromkeys(honest.matching), honest.closed, rule)

    monkeypatch.setattr(actions, "solve", cheat)

    run = open_call.run(operator)

    assert (run.state, run.figures) == ("failed", None)
    assert {tuple(violation) for violation in run.violations} == {("code",)}


# --- a crash in between -------------------------------------------------------------------------------


def crash_while_computing(monkeypatch):
    """The process dies after the run was asked for: what is committed by then is what stays."""

    def die(run):
        raise SystemExit

    monkeypatch.setattr(actions, "compute_run", die)


@pytest.mark.parametrize("sealed", [False, True])
def test_night_takes_up_the_run_a_crash_left(db, monkeypatch, sealed):
    market = SmallMarket(sealed=sealed) if sealed else SmallMarket()
    crash_while_computing(monkeypatch)
    with pytest.raises(SystemExit):
        run_matching(market.call, on=TODAY())
    left = MatchRun.objects.get()
    monkeypatch.undo()

    run = run_matching(market.call, on=TODAY())

    assert left.state == "queued"
    assert (run.pk, run.state, MatchRun.objects.count()) == (left.pk, "verified", 1)


def test_clock_computes_what_a_crash_left_and_the_night_makes_no_second(db, monkeypatch):
    market = SmallMarket()
    crash_while_computing(monkeypatch)
    with pytest.raises(SystemExit):
        run_nightly_matching(TODAY())
    monkeypatch.undo()
    NightRun.objects.update(locked_until=timezone.now() - dt.timedelta(seconds=1))

    computed = compute_queued_runs()
    run_nightly_matching(TODAY())

    assert computed == 1
    assert [(run.call, run.state) for run in MatchRun.objects.all()] == [(market.call, "verified")]


def test_run_left_waiting_while_lists_were_sealed_is_final(db, monkeypatch):
    market = SmallMarket(draw__confirmed=True)
    left = queue_run(market.call, on=TODAY())
    Call.objects.update(state="closed")
    with time_machine.travel(market.call.rankings_due_at + dt.timedelta(seconds=1), tick=False):
        seal_rankings(market.call)

    run = run_matching(market.call, on=TODAY() + days(1))

    assert (run.pk, run.kind, run.state) == (left.pk, "final", "verified")
    assert (run.matches.count(), MatchRun.objects.count()) == (4, 1)


def test_database_refuses_two_runs_of_one_night(db):
    call = CallFactory()
    MatchRun.objects.create(call=call, kind="provisional", on=TODAY())

    with pytest.raises(IntegrityError, match="match_run_one_a_night"), transaction.atomic():
        MatchRun.objects.create(call=call, kind="provisional", on=TODAY())


def test_crash_in_fit_leaves_the_match_done_and_is_made_up_for(db, monkeypatch):
    SmallMarket()
    monkeypatch.setattr(actions, "refresh_fits", lambda call: 1 / 0)
    with pytest.raises(NightFailed, match="fit:"):
        run_nightly_matching(TODAY())
    before = list(MatchRun.objects.values_list("pk", "state"))
    monkeypatch.undo()

    run_nightly_matching(TODAY())

    assert [state for _, state in before] == ["verified"]
    assert list(MatchRun.objects.values_list("pk", "state")) == before
    assert NightRun.objects.filter(about__startswith="fit:", finished_at__isnull=False).count() == 1
    assert FitRow.objects.exists()


def test_night_matches_before_it_refreshes_fit_and_leaves_sealed_calls_alone(db, monkeypatch):
    SmallMarket(), SmallMarket(sealed=True)
    done = []
    for name in ("run_matching", "refresh_fits"):
        real = getattr(actions, name)

        def noted(call, *rest, name=name, real=real, **options):
            done.append((name, call.is_sealed))
            return real(call, *rest, **options)

        monkeypatch.setattr(actions, name, noted)

    run_nightly_matching(TODAY())

    assert done == [("run_matching", False), ("run_matching", True), ("refresh_fits", False)]


def test_run_seen_before_its_approval_is_not_discarded_after(run, agency, second_agency):
    approve_run(run, note="확인함", by=agency)

    with pytest.raises(IllegalMove):
        discard_run(run, reason="다시", by=second_agency)

    run.refresh_from_db()
    assert run.state == "approved"
