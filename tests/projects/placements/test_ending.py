"""Ending early: a project that is stopped, a call that is cancelled, a person who leaves a reserve list."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions import withdraw_consent
from portal.accounts.states import ConsentKind
from portal.audit.models import Event
from portal.companies.models import Company
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.actions import extend_deadline, select_project, set_company_cap, withdraw_project
from projects.applications.models import Application
from projects.applications.states import ApplicationState
from projects.models import Call, Participation, Project
from projects.placements import actions
from projects.placements.models import Placement, Reserve
from projects.placements.states import PlacementRefusal
from projects.rankings.models import RankList
from projects.states import CallRefusal, CallState, ProjectRefusal, ProjectState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    PlacementFactory,
    ProjectFactory,
    certified_scores,
    certified_wishes,
    days,
)
from tests.published import fill_lines

pytestmark = pytest.mark.django_db
REASON = "참여기업의 사업장이 문을 닫았습니다."


@pytest.fixture
def call():
    return CallFactory(state="announced")


@pytest.fixture
def project(call):
    return ProjectFactory(call=call, places=5)


def wait(project, number, application=None, **facts):
    application = application or ApplicationFactory(call=project.call, state="reserve")
    return Reserve.objects.create(project=project, application=application, reserve_no=number, **facts)


def state_of(application):
    return Application.objects.get(pk=application.pk).state


def told(kind):
    return {notice.recipient_id: notice.params for notice in Notice.objects.filter(kind=kind)}


# --- withdrawing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "closed", "matching"])
def test_a_company_takes_its_project_back_until_the_result_is_out(state, operator):
    project = ProjectFactory(call__state=state)

    assert withdraw_project(project, reason=REASON, by=operator).state == "withdrawn"


@pytest.mark.parametrize("seats", [0, 1])
def test_a_project_people_are_on_or_wait_for_is_not_withdrawn(project, operator, seats):
    if seats:
        PlacementFactory(project=project)
    wait(project, 1)

    with pytest.raises(Refused) as refused:
        withdraw_project(project, reason=REASON, by=operator)

    assert refused.value.code == ProjectRefusal.PEOPLE_WAIT
    assert Project.objects.get().state == "selected"


# --- what stays fixed between sealing and publication -----------------------------------------------------


def test_no_project_joins_a_sealed_call(agency):
    project = ProjectFactory(state="submitted", call__state="matching")

    with pytest.raises(Refused) as refused:
        select_project(project, by=agency)

    assert refused.value.code == ProjectRefusal.SEALED


@pytest.mark.parametrize(
    ("state", "refused"),
    [("open", False), ("closed", False), ("matching", True), ("announced", False), ("finished", True)],
)
def test_a_companys_cap_stands_still_while_a_run_is_decided(agency, state, refused):
    row = Participation.objects.get(company=ProjectFactory(call__state=state).company)

    if not refused:
        assert set_company_cap(row, cap=3, reason="예산", by=agency).cap == 3
        return
    with pytest.raises(Refused) as why:
        set_company_cap(row, cap=3, reason="예산", by=agency)
    assert why.value.code == ProjectRefusal.SEALED


def test_a_cap_bounds_who_is_called_from_the_reserve_list(project, agency):
    wait(project, 1)
    wait(project, 2)
    set_company_cap(project.company.participations.get(), cap=1, reason="예산", by=agency)

    placed = fill_lines(project.call, now=timezone.now())

    assert [one.application_id for one in placed] == [Reserve.objects.get(reserve_no=1).application_id]
    with pytest.raises(Refused) as why:
        set_company_cap(project.company.participations.get(), cap=0, reason="예산", by=agency)
    assert (why.value.code, why.value.facts["taken"]) == (ProjectRefusal.CAP_TAKEN, 1)


@pytest.mark.parametrize("kind", ["projects", "applications"])
def test_a_closed_call_gets_no_more_time_to_apply(kind, operator):
    call = CallFactory(state="closed")

    with pytest.raises(Refused) as refused:
        extend_deadline(call, kind=kind, at=timezone.now() + days(1), reason="점검", by=operator)

    assert refused.value.code == CallRefusal.ALREADY_CLOSED


def test_a_closed_calls_lists_get_more_time(operator):
    call = CallFactory(state="closed")

    later = extend_deadline(
        call, kind="rankings", at=call.rankings_due_at + days(1), reason="점검", by=operator
    )

    assert later.rankings_due_at == call.rankings_due_at + days(1)


# --- offering and accepting -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(set(ProjectState.values) - {"selected", "running"}))
def test_nothing_is_offered_on_a_project_that_takes_nobody(state, operator):
    project = ProjectFactory(call__state="announced", state=state)
    application = ApplicationFactory(call=project.call)

    with pytest.raises(Refused) as refused:
        actions.offer_placements(
            project.call, [(application, project)], source="match", at=timezone.now(), by=operator
        )

    assert refused.value.code == PlacementRefusal.NOT_TAKING
    assert (state_of(application), Placement.objects.count()) == ("eligible", 0)


@pytest.fixture
def suspended(project):
    """An offer of a company that was barred after it was made."""
    offer = PlacementFactory(project=project)
    Company.objects.filter(pk=project.company_id).update(
        state="suspended", suspended_until=timezone.localdate() + days(90)
    )
    return offer


def test_a_suspended_companys_seats_are_neither_accepted_nor_offered(suspended):
    line = wait(suspended.project, 1)

    with pytest.raises(Refused) as refused:
        actions.accept_placement(suspended, by=suspended.trainee.user)
    placed = fill_lines(suspended.call, now=timezone.now())

    assert refused.value.code == PlacementRefusal.PROJECT_OVER
    assert (placed, list(Reserve.objects.waiting())) == ([], [line])


def test_silence_where_nobody_could_accept_is_nobodys_fault(suspended):
    with time_machine.travel(suspended.answer_due_at + dt.timedelta(seconds=1), tick=False):
        actions.expire_placement(suspended)

    assert Placement.objects.get().state == "terminated"
    assert state_of(suspended.application) == "unmatched"
    assert told("placement_terminated")[suspended.trainee.user_id]["reason"] == ""
    assert told("placement_expired") == {}


def test_a_suspended_companys_offer_can_still_be_declined(suspended):
    declined = actions.decline_placement(suspended, reason="job", by=suspended.trainee.user)

    assert declined.state == "declined"


# --- stopping a project -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(set(ProjectState.values) - {"selected", "running"}))
def test_only_a_project_under_way_is_stopped(state, agency):
    project = ProjectFactory(state=state, call__state="announced")

    with pytest.raises(IllegalMove):
        actions.terminate_project(project, reason=REASON, by=agency)

    assert Project.objects.get().state == state


@pytest.mark.parametrize("state", ["open", "closed", "matching"])
def test_before_the_result_a_project_is_withdrawn_not_stopped(state, agency):
    project = ProjectFactory(call__state=state)

    with pytest.raises(Refused) as refused:
        actions.terminate_project(project, reason=REASON, by=agency)

    assert refused.value.code == ProjectRefusal.NOT_ANNOUNCED


def test_stopping_ends_every_live_placement_through_no_fault_of_its_person(project, agency):
    Project.objects.filter(pk=project.pk).update(state="running")
    offered = PlacementFactory(project=project)
    accepted = PlacementFactory(project=project, accepted=True)
    running = PlacementFactory(project=project, state="running", threshold=80)
    gone = PlacementFactory(project=project, state="declined", decline_reason="job")
    elsewhere = PlacementFactory(project=ProjectFactory(call=project.call), accepted=True)

    stopped = actions.terminate_project(project, reason=REASON, by=agency)

    states = dict(Placement.objects.values_list("pk", "state"))
    assert {states[one.pk] for one in (offered, accepted, running)} == {"terminated"}
    assert (states[gone.pk], states[elsewhere.pk]) == ("declined", "accepted")
    assert {state_of(one.application) for one in (offered, accepted, running)} == {"unmatched"}
    project.refresh_from_db()
    assert (stopped.state, project.state, project.taken) == ("terminated", "terminated", 0)
    assert Participation.objects.get(company=project.company).taken == 0
    events = Event.objects.filter(verb="terminate_placement")
    assert {event.data["was"] for event in events} == {"offered", "accepted", "running"}
    assert {event.data["reason"] for event in events} == {REASON}
    assert Placement.objects.get(pk=running.pk).ended_at is not None


def test_who_finished_keeps_what_they_have(project, agency):
    Project.objects.filter(pk=project.pk).update(state="running")
    completed = PlacementFactory(project=project, completed=True)

    actions.terminate_project(project, reason=REASON, by=agency)

    assert Placement.objects.get(pk=completed.pk).state == "completed"
    assert told("placement_terminated") == {}


@pytest.mark.parametrize("state", ["offered", "accepted"])
def test_who_loses_a_seat_waits_again_where_they_waited(project, agency, state):
    other = ProjectFactory(call=project.call)
    offer = PlacementFactory(project=project)
    line = wait(other, 3, application=offer.application)
    if state == "accepted":
        actions.accept_placement(offer, by=offer.trainee.user)
        assert not Reserve.objects.waiting().exists()

    actions.terminate_project(project, reason=REASON, by=agency)

    assert list(Reserve.objects.waiting()) == [line]
    assert state_of(offer.application) == "reserve"
    assert told("placement_terminated")[offer.trainee.user_id]["waiting"] == 1


def test_numbers_are_given_back_only_for_projects_that_still_take_people(project, agency):
    other = ProjectFactory(call=project.call)
    offer = PlacementFactory(project=project)
    wait(other, 1, application=offer.application)
    actions.accept_placement(offer, by=offer.trainee.user)
    actions.terminate_project(other, reason=REASON, by=agency)

    actions.terminate_project(project, reason=REASON, by=agency)

    assert not Reserve.objects.waiting().exists()
    assert state_of(offer.application) == "unmatched"


def test_numbers_left_by_choice_are_not_given_back(project, agency):
    offer = PlacementFactory(project=project)
    wait(ProjectFactory(call=project.call), 1, application=offer.application)
    actions.leave_reserves(offer.application, by=offer.trainee.user)
    actions.accept_placement(offer, by=offer.trainee.user)

    actions.terminate_project(project, reason=REASON, by=agency)

    assert state_of(offer.application) == "unmatched"


def test_the_reserve_list_is_struck_and_each_person_is_told_what_is_left(project, agency):
    other = ProjectFactory(call=project.call)
    only = wait(project, 1)
    both = wait(project, 2)
    wait(other, 1, application=both.application)
    holder = PlacementFactory(project=other)
    wait(project, 3, application=holder.application)

    actions.terminate_project(project, reason=REASON, by=agency)

    assert set(Reserve.objects.waiting().values_list("project", flat=True)) == {other.pk}
    assert set(Reserve.objects.filter(project=project).values_list("left_because", flat=True)) == {
        "terminated"
    }
    assert [state_of(one.application) for one in (only, both, holder)] == ["unmatched", "reserve", "placed"]
    said = told("reserve_ended")
    people = [one.application.trainee.user_id for one in (only, both, holder)]
    assert [(said[pk]["waiting"], said[pk]["seated"]) for pk in people] == [(0, False), (1, False), (0, True)]
    assert {params["reason"] for params in said.values()} == {REASON}


def test_everybody_at_the_company_is_told_with_the_numbers(project, agency):
    people = [CompanyMemberFactory(company=project.company, role=role) for role in ("mentor", "accountant")]
    owner = project.company.members.get(role="owner")
    PlacementFactory(project=project)
    wait(project, 1)

    actions.terminate_project(project, reason=REASON, by=agency)

    said = told("project_terminated")
    assert set(said) == {member.user_id for member in (owner, *people)}
    assert {(params["placed"], params["waiting"], params["reason"]) for params in said.values()} == {
        (1, 1, REASON)
    }


def test_an_offer_whose_moment_has_not_come_is_called_back_unread(project, agency):
    with time_machine.travel(dt.datetime(2026, 4, 14, 2, tzinfo=timezone.get_default_timezone()), tick=False):
        call = CallFactory(state="announced")
        project = ProjectFactory(call=call, places=1)
        line = wait(project, 1)
        [placed] = fill_lines(call, now=timezone.now())

        actions.terminate_project(project, reason=REASON, by=agency)

    assert Notice.objects.get(kind="placement_offered").state == "cancelled"
    assert told("placement_terminated") == {}
    assert set(told("reserve_ended")) == {line.application.trainee.user_id}
    assert Placement.objects.get(pk=placed.pk).state == "terminated"
    assert state_of(line.application) == "unmatched"


def test_stopping_twice_is_refused_and_tells_nobody_twice(project, agency):
    PlacementFactory(project=project)
    actions.terminate_project(project, reason=REASON, by=agency)
    before = Notice.objects.count()

    with pytest.raises(IllegalMove):
        actions.terminate_project(project, reason=REASON, by=agency)

    assert Notice.objects.count() == before


def test_the_effects_of_stopping_are_counted_before(project):
    PlacementFactory(project=project)
    PlacementFactory(project=project, accepted=True)
    PlacementFactory(project=project, accepted=True)
    wait(project, 1)
    both = wait(project, 2)
    wait(ProjectFactory(call=project.call), 1, application=both.application)

    effects = actions.effects_of_terminating(project)

    assert effects == {"offered": 1, "accepted": 2, "waiting": 2, "last": 1}


def test_staff_read_the_numbers_before_they_stop_a_project(project, agency, operator, log_in):
    PlacementFactory(project=project, accepted=True)
    wait(project, 1)
    url = f"/admin/projects/project/{project.pk}/terminate_project/"

    asked = log_in(agency).get(url)
    done = log_in(agency).post(url, {"reason": REASON})
    again = log_in(agency).post(url, {"reason": REASON})

    assert "수락한 배치 1건" in asked.text
    assert "예비순번 1개" in asked.text
    assert (asked.status_code, done.status_code, again.status_code) == (200, 302, 409)
    assert Project.objects.get().state == "terminated"
    assert log_in(operator).get(url).status_code == 403


# --- cancelling a call --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", CallState.values)
def test_a_call_is_cancelled_before_its_match_only(state, agency):
    call = CallFactory(state=state)

    if state in ("draft", "open", "closed"):
        cancelled = actions.cancel_call(call, reason=REASON, by=agency)
        assert (cancelled.state, Call.objects.get().cancel_reason) == ("cancelled", REASON)
        return
    with pytest.raises(IllegalMove):
        actions.cancel_call(call, reason=REASON, by=agency)
    assert Call.objects.get().state == state


def test_cancelling_closes_what_was_under_way_and_leaves_what_was_decided(agency):
    call = CallFactory()
    projects = {state: ProjectFactory(call=call, state=state) for state in ProjectState.values}
    applications = {
        state: ApplicationFactory(
            call=call, state=state, ineligible_reason="employed" if state == "ineligible" else ""
        )
        for state in ("draft", "submitted", "returned", "eligible", "ineligible", "withdrawn")
    }

    actions.cancel_call(call, reason=REASON, by=agency)

    after = {state: Project.objects.get(pk=one.pk).state for state, one in projects.items()}
    assert {state for state, now in after.items() if now == "cancelled"} == {
        "draft", "submitted", "reserve", "selected", "cancelled",
    }  # fmt: skip
    assert all(now in (state, "cancelled") for state, now in after.items())
    assert {state: state_of(one) for state, one in applications.items()} == {
        "draft": "cancelled", "submitted": "cancelled", "returned": "cancelled", "eligible": "cancelled",
        "ineligible": "ineligible", "withdrawn": "withdrawn",
    }  # fmt: skip


def test_cancelling_voids_the_lists_of_both_sides(agency):
    project = ProjectFactory()
    application = ApplicationFactory(call=project.call)
    certified_wishes(application, project)
    certified_scores(project.company, {(project, application): 80})

    actions.cancel_call(project.call, reason=REASON, by=agency)

    assert set(RankList.objects.values_list("state", flat=True)) == {"void"}


def test_everybody_on_both_sides_is_told_why_once(agency):
    call = CallFactory()
    first, second = ProjectFactory(call=call), ProjectFactory(call=call, state="submitted")
    third = ProjectFactory(call=call, company=first.company)
    mentor = CompanyMemberFactory(company=first.company, role="mentor")
    rejected = ProjectFactory(call=call, state="rejected")
    application = ApplicationFactory(call=call)
    ApplicationFactory(call=call, state="withdrawn")
    ApplicationFactory()

    actions.cancel_call(call, reason=REASON, by=agency)

    said = told("call_cancelled")
    owners = [one.company.members.get(role="owner").user_id for one in (first, second)]
    assert set(said) == {application.trainee.user_id, *owners}
    assert {params["reason"] for params in said.values()} == {REASON}
    assert said[owners[0]]["side"] == "company"
    assert said[application.trainee.user_id]["side"] == "trainee"
    assert Notice.objects.filter(recipient=owners[0]).count() == 1
    assert mentor.user_id not in said
    assert rejected.company.members.get().user_id not in said
    assert Project.objects.get(pk=third.pk).state == "cancelled"


def test_a_persons_page_of_a_cancelled_call_says_so_and_why(agency, log_in):
    application = ApplicationFactory()
    project = ProjectFactory(call=application.call)
    actions.cancel_call(application.call, reason=REASON, by=agency)
    trainee, owner = application.trainee.user, project.company.members.get().user

    pages = [
        log_in(trainee).get("/my/"),
        log_in(trainee).get(f"/my/application/{application.call_id}/done/"),
        log_in(trainee).get(f"/results/{application.call_id}/"),
        log_in(owner).get(f"/projects/mine/{project.pk}/"),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    for page in pages:
        assert "취소" in page.text
        assert REASON in page.text


def test_staff_read_the_numbers_before_they_cancel(agency, operator, log_in):
    project = ProjectFactory()
    application = ApplicationFactory(call=project.call)
    certified_wishes(application, project)
    url = f"/admin/projects/call/{project.call_id}/cancel_call/"

    asked = log_in(agency).get(url)
    without = log_in(agency).post(url, {"reason": ""})
    done = log_in(agency).post(url, {"reason": REASON})
    again = log_in(agency).post(url, {"reason": REASON})

    assert "기업 1곳의 과제 1개" in asked.text
    assert "참여 신청 1건" in asked.text
    assert "순위표 1건" in asked.text
    assert [one.status_code for one in (asked, without, done, again)] == [200, 422, 302, 409]
    assert log_in(operator).get(url).status_code == 403


def test_a_cancelled_application_goes_nowhere_any_more():
    from projects.applications.states import APPLICATION

    assert APPLICATION.verbs_from(ApplicationState.CANCELLED) == []


# --- leaving a reserve list -------------------------------------------------------------------------------


def test_leaving_one_list_keeps_the_others(project):
    other = ProjectFactory(call=project.call)
    line = wait(project, 1)
    kept = wait(other, 1, application=line.application)

    count = actions.leave_reserves(line.application, project=project, by=line.application.trainee.user)

    assert (count, list(Reserve.objects.waiting())) == (1, [kept])
    assert Reserve.objects.get(pk=line.pk).left_because == "left"
    assert state_of(line.application) == "reserve"
    event = Event.objects.get(verb="leave_reserves")
    assert (event.by, event.data["reserve_no"]) == (line.application.trainee.user, 1)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_who_leaves_the_last_list_is_unmatched(project, one_by_one):
    line = wait(project, 1)
    wait(ProjectFactory(call=project.call), 1, application=line.application)
    by = line.application.trainee.user

    for place in Project.objects.all() if one_by_one else [None]:
        actions.leave_reserves(line.application, project=place, by=by)

    assert state_of(line.application) == "unmatched"
    assert Notice.objects.count() == 0


def test_who_leaves_with_an_offer_in_hand_keeps_the_offer(project):
    offer = PlacementFactory(project=ProjectFactory(call=project.call))
    wait(project, 1, application=offer.application)

    actions.leave_reserves(offer.application, by=offer.trainee.user)

    assert state_of(offer.application) == "placed"
    actions.decline_placement(offer, reason="job", by=offer.trainee.user)
    assert state_of(offer.application) == "unmatched"


def test_leaving_what_one_does_not_wait_for_is_refused(project):
    line = wait(project, 1)
    actions.leave_reserves(line.application, by=line.application.trainee.user)

    with pytest.raises(Refused) as refused:
        actions.leave_reserves(line.application, by=line.application.trainee.user)

    assert refused.value.code == PlacementRefusal.NOT_WAITING


def test_who_left_is_not_called(project):
    first, second = wait(project, 1), wait(project, 2)
    actions.leave_reserves(first.application, by=first.application.trainee.user)

    placed = fill_lines(project.call, now=timezone.now())

    assert [one.application_id for one in placed] == [second.application_id]


def test_people_before_one_are_those_who_may_still_come(project):
    gone, holder, waiting, last = (wait(project, number) for number in (1, 2, 3, 4))
    actions.leave_reserves(gone.application, by=gone.application.trainee.user)
    PlacementFactory(project=ProjectFactory(call=project.call), application=holder.application)

    ahead = dict(Reserve.objects.waiting().with_ahead().values_list("pk", "ahead"))

    assert (ahead[holder.pk], ahead[waiting.pk], ahead[last.pk]) == (0, 1, 2)


# --- the end of waiting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "left"), [(0, 0), (1, 2)])
def test_waiting_ends_when_seats_are_given_on_no_more_and_everybody_is_told_once(call, project, after, left):
    first, second = wait(project, 1), wait(project, 2)
    wait(ProjectFactory(call=call), 1, application=first.application)
    on = actions.backfill_until(call) + days(after)

    counts = [actions.close_reserves(call, on) for _twice in range(2)]

    people = {line.application for line in (first, second)}
    assert counts == [left, 0]
    assert {state_of(one) for one in people} == {"unmatched" if left else "reserve"}
    assert Reserve.objects.waiting().count() == (0 if left else 3)
    assert set(told("reserves_closed")) == ({one.trainee.user_id for one in people} if left else set())


def test_who_can_still_answer_an_offer_is_settled_when_it_expires(call, project):
    offer = PlacementFactory(project=project)
    wait(ProjectFactory(call=call), 1, application=offer.application)
    Application.objects.filter(pk=offer.application_id).update(state="placed")

    left = actions.close_reserves(call, actions.backfill_until(call) + days(1))

    assert (left, state_of(offer.application), told("reserves_closed")) == (0, "placed", {})
    actions.expire_placement(offer)
    assert state_of(offer.application) == "unmatched"


@pytest.mark.parametrize("state", ["open", "matching"])
def test_waiting_does_not_end_before_there_is_a_result(state):
    call = CallFactory(state=state)
    wait(ProjectFactory(call=call), 1)

    assert actions.close_reserves(call, call.ends_on) == 0


def test_who_shares_nothing_is_not_called_and_keeps_the_number(call, project):
    first, second = wait(project, 1), wait(project, 2)
    user = first.application.trainee.user
    withdraw_consent(user, ConsentKind.SHARE_WITH_COMPANY, by=user)
    Project.objects.filter(pk=project.pk).update(places=1)

    [placed] = fill_lines(call, now=timezone.now())

    assert placed.application_id == second.application_id
    assert Reserve.objects.waiting().get() == first


# --- the end of a placement -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "outcome", "why"),
    [
        (actions.complete_placement, "completed", {}),
        (actions.fail_placement, "not_completed", {"reason": "출석률 80% 미만"}),
        (actions.drop_out, "dropped_out", {"reason": "다른 회사에 취업"}),
    ],
)
def test_people_are_told_how_their_placement_ended_and_why(operator, end, outcome, why):
    today = timezone.localdate()
    placement = PlacementFactory(
        accepted=True, state="running", starts_on=today - days(60), ends_on=today - days(1)
    )

    end(placement, **why, by=operator)

    params = told("placement_ended")[placement.trainee.user_id]
    assert (params["outcome"], params["reason"]) == (outcome, why.get("reason", ""))


def running(project, *, ended):
    today = timezone.localdate()
    ends_on = today - days(1) if ended else today + days(60)
    return PlacementFactory(
        project=project, accepted=True, state="running", starts_on=today - days(60), ends_on=ends_on
    )


def test_whoever_may_evaluate_is_asked_to_when_somebody_completes(operator, project):
    placement = running(project, ended=True)
    asked = {member.user_id for member in project.company.members.all()}
    asked |= {
        CompanyMemberFactory(company=project.company, role=role).user_id for role in ("manager", "mentor")
    }
    CompanyMemberFactory(company=project.company, role="accountant")
    CompanyMemberFactory(company=project.company, user=placement.trainee.user, role="mentor")

    actions.complete_placement(placement, by=operator)

    assert set(told("evaluation_due")) == asked
    link = reverse("evaluations:evaluation-edit", args=[placement.pk])
    assert set(Notice.objects.filter(kind="evaluation_due").values_list("link", flat=True)) == {link}


@pytest.mark.parametrize(("began", "filling"), [(30, True), (31, False)])
def test_a_company_is_told_when_somebody_drops_out(operator, project, began, filling):
    placement, member = running(project, ended=False), project.company.members.get()
    starts_on = timezone.localdate() - days(began)
    Call.objects.filter(pk=project.call_id).update(
        state="running", announce_on=starts_on - days(7), starts_on=starts_on
    )

    actions.drop_out(placement, reason="다른 회사에 취업", by=operator)

    params = told("placement_left")[member.user_id]
    assert (params["name"], params["filling"]) == (placement.trainee.user.name, filling)
    assert "다른 회사에 취업" not in str(params)


def test_a_company_is_not_asked_to_evaluate_who_did_not_complete(operator, project):
    actions.fail_placement(running(project, ended=True), reason="출석률 80% 미만", by=operator)

    assert told("evaluation_due") == {}
