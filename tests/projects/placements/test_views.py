import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access, Event
from portal.companies.models import Company
from projects.applications.models import Application
from projects.placements.actions import terminate_project
from projects.placements.models import Placement, Reserve
from projects.placements.states import PlacementState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    EvaluationFactory,
    PlacementFactory,
    ProjectFactory,
    days,
)

LIST = "/placements/"


def url(page, placement):
    return reverse(f"placements:placement-{page}", args=[placement.pk])


@pytest.fixture
def offer(db):
    return PlacementFactory()


def facts(state):
    """What a placement of each state must have."""
    threshold = None if state in ("offered", "declined", "expired", "superseded") else 80
    return {
        "state": state,
        "threshold": threshold,
        "decline_reason": "job" if state == "declined" else "",
        "ended_at": timezone.now() if state == "terminated" else None,
    }


# --- the trainee ----------------------------------------------------------------------------------------


def test_an_offer_shows_the_deadline_and_both_answers(log_in, offer):
    response = log_in(offer.trainee.user).get(url("detail", offer))

    assert url("accept", offer) in response.text
    assert url("decline", offer) in response.text
    assert "평가 80점 이상" in response.text
    assert not Access.objects.exists()


@pytest.mark.parametrize("state", PlacementState.values)
def test_every_state_has_a_page_for_both_sides(db, log_in, state):
    placement = PlacementFactory(**facts(state))

    for user in (placement.trainee.user, placement.company.members.first().user):
        response = log_in(user).get(url("detail", placement))
        assert response.status_code == 200
        assert placement.get_state_display() in response.text


def test_accepting_has_one_effect_however_often_it_is_pressed(log_in, offer):
    client = log_in(offer.trainee.user)

    answers = [client.post(url("accept", offer)) for _twice in range(2)]

    assert [answer.url for answer in answers] == [url("detail", offer)] * 2
    assert Placement.objects.get().state == "accepted"
    assert Event.objects.filter(verb="accept_placement").count() == 1


def test_accepting_after_declining_is_refused_with_the_state(log_in, offer):
    client = log_in(offer.trainee.user)
    client.post(url("decline", offer), {"reason": "job"})

    response = client.post(url("accept", offer))

    assert response.status_code == 409
    assert "현재 상태: 거절" in response.text


@pytest.mark.parametrize("page_name", ["accept", "decline"])
def test_one_second_late_no_answer_is_taken(log_in, offer, page_name):
    with time_machine.travel(offer.answer_due_at + dt.timedelta(seconds=1), tick=False):
        response = log_in(offer.trainee.user).post(url(page_name, offer), {"reason": "job"})

    assert response.status_code == (409 if page_name == "accept" else 422)
    assert "응답 기한" in response.text
    assert Placement.objects.get().state == "offered"


def test_declining_shows_the_effect_before_it_happens(log_in, offer):
    client = log_in(offer.trainee.user)

    asked = client.get(url("decline", offer))

    assert "예비순번이 가장 앞선 사람" in asked.text
    assert "미배치로 끝납니다" in asked.text
    assert Placement.objects.get().state == "offered"


@pytest.mark.parametrize("reason", ["", "none"])
def test_declining_needs_a_reason(log_in, offer, reason):
    response = log_in(offer.trainee.user).post(url("decline", offer), {"reason": reason})

    assert response.status_code == 422
    assert "<title>오류:" in response.text
    assert Placement.objects.get().state == "offered"


def test_declining_leads_back_to_the_result(log_in, offer):
    response = log_in(offer.trainee.user).post(url("decline", offer), {"reason": "distance"})

    assert response.url == reverse("matching:match-detail", args=[offer.call_id])
    assert (Placement.objects.get().state, Placement.objects.get().decline_reason) == ("declined", "distance")


def test_an_accepted_seat_can_be_given_back_until_the_project_starts(db, log_in):
    placement = PlacementFactory(accepted=True)
    client = log_in(placement.trainee.user)

    seen = client.get(url("detail", placement))
    client.post(url("withdraw", placement), {"reason": "job"})

    assert url("withdraw", placement) in seen.text
    assert Placement.objects.get().state == "withdrawn"


def test_from_the_first_day_on_nobody_withdraws(db, log_in):
    placement = PlacementFactory(accepted=True, starts_on=timezone.localdate())
    client = log_in(placement.trainee.user)

    response = client.post(url("withdraw", placement), {"reason": "job"})

    assert response.status_code == 422
    assert "시작되어 철회할 수 없습니다" in response.text
    assert url("withdraw", placement) not in client.get(url("detail", placement)).text


@pytest.mark.parametrize("page_name", ["detail", "accept", "decline", "withdraw"])
def test_strangers_find_nothing(log_in, offer, page_name):
    for stranger in (PlacementFactory().trainee.user, CompanyMemberFactory().user):
        client = log_in(stranger)
        assert client.get(url(page_name, offer)).status_code in (404, 405)
        assert client.post(url(page_name, offer), {"reason": "job"}).status_code in (404, 405)
    assert Placement.objects.get(pk=offer.pk).state == "offered"


@pytest.mark.parametrize("page_name", ["accept", "decline", "withdraw"])
def test_the_company_may_not_answer_for_the_trainee(log_in, offer, page_name):
    response = log_in(offer.company.members.first().user).post(url(page_name, offer), {"reason": "job"})

    assert response.status_code == 403
    assert Placement.objects.get().state == "offered"


def test_an_offer_is_not_there_before_its_moment(log_in, db):
    offer = PlacementFactory(offered_at=timezone.now() + dt.timedelta(hours=3))

    for user in (offer.trainee.user, offer.company.members.first().user):
        assert log_in(user).get(url("detail", offer)).status_code == 404
    assert log_in(offer.trainee.user).post(url("accept", offer)).status_code == 404


def test_a_locked_evaluation_is_shown_to_the_trainee(log_in, db):
    evaluation = EvaluationFactory()

    response = log_in(evaluation.placement.trainee.user).get(url("detail", evaluation.placement))

    assert "평가 90점" in response.text
    assert evaluation.comment in response.text


@pytest.mark.parametrize(
    ("left", "trainee_reads", "company_reads"),
    [
        (0, "까지 운영사에 할 수 있습니다", "이의신청 기간이 지나면 회사에 채용의무가 생기고"),
        (-1, "에 끝났습니다", "이의신청 기간이 지나 채용의무가 생겼습니다"),
    ],
)
def test_the_time_to_appeal_is_told_as_it_is(log_in, db, left, trainee_reads, company_reads):
    evaluation = EvaluationFactory(appeal_until=timezone.localdate() + days(left))
    owner = CompanyMemberFactory(company=evaluation.placement.company, role="owner").user

    trainee = log_in(evaluation.placement.trainee.user).get(url("detail", evaluation.placement))
    company = log_in(owner).get(reverse("evaluations:evaluation-edit", args=[evaluation.placement.pk]))

    assert trainee_reads in trainee.text
    assert company_reads in company.text


def test_an_evaluation_that_is_not_locked_is_not_shown(log_in, db):
    evaluation = EvaluationFactory(state="submitted", locked_at=None, locked_by=None, appeal_until=None)

    response = log_in(evaluation.placement.trainee.user).get(url("detail", evaluation.placement))

    assert evaluation.comment not in response.text


# --- the company ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", PlacementState.values)
def test_contact_is_shown_only_after_acceptance_and_each_look_is_logged(db, log_in, state):
    placement = PlacementFactory(**facts(state))
    member = placement.company.members.first().user

    response = log_in(member).get(url("detail", placement))

    shown = "010-1234-5678" in response.text
    assert shown == (state in ("accepted", "running", "completed", "not_completed", "dropped_out"))
    assert (placement.trainee.user.email in response.text) == shown
    seen = Access.objects.get()
    assert (seen.by, seen.subject, seen.what, seen.reason) == (
        member, placement.trainee.user, "placement", placement.project.title,
    )  # fmt: skip


def test_the_list_shows_who_comes_and_how_seats_stand(log_in, db):
    project = ProjectFactory(call__state="announced", places=4)
    coming = PlacementFactory(project=project, accepted=True)
    asked = PlacementFactory(project=project)
    gone = PlacementFactory(project=project, **facts("declined"))
    for number in (1, 2):
        project.reserves.create(application=ApplicationFactory(call=project.call), reserve_no=number)

    response = log_in(project.company.members.first().user).get(LIST)

    assert {row.pk for row in response.context["page"]} == {coming.pk, asked.pk}
    assert gone.trainee.user.name not in response.text
    assert coming.trainee.user.email not in response.text
    [line] = response.context["projects"]
    assert {name: line[name] for name in ("taken", "offered", "free", "waiting")} == {
        "taken": 1, "offered": 1, "free": 2, "waiting": 2,
    }  # fmt: skip
    assert {access.subject for access in Access.objects.all()} == {coming.trainee.user, asked.trainee.user}


def test_before_the_result_the_list_is_empty_with_a_reason(log_in, db):
    project = ProjectFactory(call=CallFactory(sealed=True))

    response = log_in(project.company.members.first().user).get(LIST)

    assert "아직 발표된 결과가 없습니다" in response.text


def test_another_companys_people_never_appear(log_in, offer):
    own = PlacementFactory()
    client = log_in(own.company.members.first().user)

    assert offer.trainee.user.name not in client.get(LIST).text
    assert offer.trainee.user.name not in client.get(LIST, {"call": offer.call_id}).text
    assert client.get(LIST, {"company": offer.company_id}).status_code == 404


def test_the_list_is_for_companies(log_in, offer, operator):
    assert log_in(offer.trainee.user).get(LIST).status_code == 404
    assert log_in(operator).get(LIST).status_code == 404


def test_a_completed_person_can_be_rated_by_raters_only(log_in, db):
    placement = PlacementFactory(completed=True, project__call__state="finished")
    accountant = CompanyMemberFactory(company=placement.company, role="accountant").user
    edit = reverse("evaluations:evaluation-edit", args=[placement.pk])

    assert edit in log_in(placement.company.members.get(role="owner").user).get(LIST).text
    assert edit not in log_in(accountant).get(LIST).text


@pytest.mark.parametrize("count", [1, 3])
def test_more_people_cost_no_more_queries(db, log_in, django_assert_num_queries, count):
    project = ProjectFactory(call__state="announced", places=5)
    for _number in range(count):
        PlacementFactory(project=project, accepted=True)
    client = log_in(project.company.members.first().user)

    with django_assert_num_queries(15):
        client.get(LIST)


def test_long_lists_are_paged(log_in, db):
    project = ProjectFactory(call__state="announced", places=30)
    for _number in range(21):
        PlacementFactory(project=project)

    client = log_in(project.company.members.first().user)

    assert len(client.get(LIST).context["page"]) == 20
    assert len(client.get(LIST, {"page": 2}).context["page"]) == 1
    assert client.get(LIST, {"page": "1e999"}).status_code == 200


def test_calls_can_be_chosen(log_in, db):
    member = CompanyMemberFactory()
    older = PlacementFactory(
        project=ProjectFactory(company=member.company, call__state="finished", call__year=2025), accepted=True
    )
    newer = PlacementFactory(
        project=ProjectFactory(company=member.company, call__state="announced"), accepted=True
    )
    client = log_in(member.user)

    assert [row.pk for row in client.get(LIST).context["page"]] == [newer.pk]
    assert [row.pk for row in client.get(LIST, {"call": older.call_id}).context["page"]] == [older.pk]


# --- waiting --------------------------------------------------------------------------------------------


@pytest.fixture
def line(db):
    """A person who waits for two projects, first in one of them, second in the other."""
    call = CallFactory(state="announced")
    first, second = (ProjectFactory(call=call, title=title) for title in ("첫째 과제", "둘째 과제"))
    person, before = (ApplicationFactory(call=call, state="reserve") for _ in range(2))
    Reserve.objects.create(project=second, application=before, reserve_no=1)
    Reserve.objects.create(project=second, application=person, reserve_no=2)
    return Reserve.objects.create(project=first, application=person, reserve_no=1)


def reserves(line, page="list", *more):
    return reverse(f"placements:reserve-{page}", args=[line.project.call_id, *more])


def person_of(line):
    return line.application.trainee.user


def test_a_person_sees_every_number_and_how_many_are_before_them(log_in, line):
    response = log_in(person_of(line)).get(reserves(line))

    text = response.text
    assert text.index("첫째 과제") < text.index("둘째 과제")
    assert "바로 다음 차례" in text
    assert "앞에 1명" in text


def test_leaving_is_asked_first_and_done_once(log_in, line):
    client = log_in(person_of(line))

    asked = client.get(reserves(line, "leave", line.project_id))
    untouched = Reserve.objects.waiting().filter(application=line.application).count()
    done = client.post(reserves(line, "leave", line.project_id), follow=True)
    again = client.post(reserves(line, "leave", line.project_id), follow=True)

    assert "되돌릴 수 없습니다" in asked.text
    assert untouched == 2
    assert "예비순번 1개에서 빠졌습니다" in done.text
    assert "첫째 과제" not in done.text
    assert "기다리는 예비순번이 없습니다." in again.text
    assert Reserve.objects.waiting().filter(application=line.application).count() == 1


def test_leaving_all_ends_in_an_empty_page(log_in, line):
    response = log_in(person_of(line)).post(reserves(line, "leave-all"), follow=True)

    assert "예비순번 2개에서 빠졌습니다" in response.text
    assert "기다리는 예비순번이 없습니다" in response.text
    assert Application.objects.get(pk=line.application_id).state == "unmatched"


@pytest.mark.parametrize("page", ["list", "leave-all", "leave"])
def test_nobody_leaves_for_somebody_else(log_in, line, page):
    """A stranger who applied to another call, with this one's address."""
    stranger = ApplicationFactory(call=CallFactory(state="announced"))
    more = [line.project_id] if page == "leave" else []

    client = log_in(stranger.trainee.user)

    assert client.get(reserves(line, page, *more)).status_code == 404
    assert client.post(reserves(line, page, *more)).status_code in (404, 405)
    assert Reserve.objects.waiting().count() == 3


def test_after_the_time_to_fill_nobody_waits(log_in, line):
    call = line.project.call
    later = dt.datetime.combine(call.starts_on, dt.time(12), tzinfo=dt.UTC) + dt.timedelta(days=31)

    with time_machine.travel(later, tick=False):
        response = log_in(person_of(line)).get(reserves(line))

    assert "기다리는 예비순번이 없습니다" in response.text


def test_the_numbers_cost_the_same_for_one_and_for_many(log_in, line, django_assert_num_queries):
    client = log_in(person_of(line))
    client.get(reserves(line))
    with CaptureQueriesContext(connection) as two:
        client.get(reserves(line))
    for number in range(8):
        project = ProjectFactory(call=line.project.call, title=f"더 {number}")
        Reserve.objects.create(project=project, application=line.application, reserve_no=1)

    with django_assert_num_queries(len(two)):
        client.get(reserves(line))


# --- when the company or the project falls away -----------------------------------------------------------


def test_an_offer_of_a_suspended_company_says_that_it_cannot_be_accepted(log_in, offer):
    Company.objects.filter(pk=offer.company_id).update(
        state="suspended", suspended_until=timezone.localdate() + dt.timedelta(days=90)
    )
    client = log_in(offer.trainee.user)

    page = client.get(url("detail", offer))
    pressed = client.post(url("accept", offer), follow=True)

    assert "수락하기" not in page.text
    assert "본인의 잘못으로 남지 않습니다" in page.text
    assert "회사 사정으로 지금은 이 자리를 수락할 수 없습니다" in pressed.text
    assert Placement.objects.get().state == "offered"


def test_a_stopped_project_says_so_with_the_reason_and_never_blames(log_in, agency):
    placement = PlacementFactory(accepted=True)
    terminate_project(placement.project, reason="사업장이 문을 닫았습니다.", by=agency)

    page = log_in(placement.trainee.user).get(url("detail", placement))

    assert "프로젝트가 중단되었습니다" in page.text
    assert "사업장이 문을 닫았습니다." in page.text
    assert "본인의 잘못이 아니며" in page.text


def test_the_company_sees_who_was_there_but_not_who_was_only_offered_a_seat(log_in, agency):
    accepted = PlacementFactory(accepted=True, application__trainee__user__name="왔던사람")
    offered = PlacementFactory(project=accepted.project, application__trainee__user__name="안온사람")
    owner = accepted.company.members.first().user
    terminate_project(accepted.project, reason="폐업", by=agency)

    page = log_in(owner).get(reverse("placements:placement-list"))

    assert "왔던사람" in page.text
    assert offered.trainee.user.name not in page.text
