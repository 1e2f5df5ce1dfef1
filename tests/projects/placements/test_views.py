import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access, Event
from projects.placements.models import Placement
from projects.placements.states import PlacementState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    EvaluationFactory,
    PlacementFactory,
    ProjectFactory,
)

LIST = "/placements/"


def url(page, placement):
    return reverse(f"placements:placement-{page}", args=[placement.pk])


@pytest.fixture
def offer(db):
    return PlacementFactory()


def facts(state):
    """What a placement of each state must have."""
    threshold = None if state in ("offered", "declined", "expired") else 80
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
    assert shown == (state not in ("offered", "declined", "expired", "withdrawn", "terminated"))
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

    with django_assert_num_queries(14):
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
