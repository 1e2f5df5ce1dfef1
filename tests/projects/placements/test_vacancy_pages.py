"""What people, companies and the office read while seats are given on."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Event
from portal.ui.korean import JOINER, NO_BREAK, kdatetime
from projects.actions import start_call
from projects.models import Project
from projects.placements import actions
from projects.placements.models import LastCalled, Placement, Reserve
from tests.factories import ApplicationFactory, CallFactory, PlacementFactory, ProjectFactory
from tests.projects.placements.test_vacancies import (
    KST,
    START,
    TUESDAY,
    accept,
    decline,
    the_seat_of_ahn_falls_free,
    withdraw,
)
from tests.published import Published

KEEPS = "지금 자리(‘나 과제’)는 그대로 있습니다."


@pytest.fixture
def clock():
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def chain(db, clock):
    """Bae sits at 나 과제 and is asked about 가 과제, which Ahn has left; Cho waits for both."""
    world = Published(
        {"가_과제": ("가온", 1), "나_과제": ("나래", 1)},
        dict.fromkeys(("Ahn", "Bae", "Cho"), "가_과제 나_과제"),
        starts_on=START,
    )
    for project in world.projects.values():
        Project.objects.filter(pk=project.pk).update(title=project.title.replace("_", " "))
    the_seat_of_ahn_falls_free(world)
    return world


def url(page, placement):
    return reverse(f"placements:placement-{page}", args=[placement.pk])


def offer_of(world, name="Bae"):
    return world.of(name, state="offered")


# --- who is asked to move -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["result", "detail"])
def test_an_offer_to_move_says_what_is_kept_and_why_it_is_their_turn(log_in, chain, page):
    offer = offer_of(chain)
    client = log_in(chain.by("Bae"))

    addresses = {
        "result": reverse("matching:match-detail", args=[chain.call.pk]),
        "detail": url("detail", offer),
    }
    text = client.get(addresses[page]).text

    assert KEEPS in text
    assert "수락하면 ‘가 과제’ 자리로 옮기고 지금 자리는 다른 사람에게 갑니다." in text
    assert "예비 1번: 가장 앞선 순번입니다." in text
    assert url("move", offer) in text
    assert f'action="{url("accept", offer)}"' not in text  # moving is asked twice


def test_moving_shows_both_places_before_and_happens_once(log_in, chain):
    offer, place = offer_of(chain), chain.of("Bae", state="accepted")
    client = log_in(chain.by("Bae"))

    asked = client.get(url("move", offer))
    untouched = Placement.objects.get(pk=place.pk).state
    answers = [client.post(url("accept", offer)) for _twice in range(2)]
    stale = client.get(url("move", offer))

    assert ("가 과제" in asked.text, "나 과제" in asked.text, untouched) == (True, True, "accepted")
    assert "되돌릴 수 없습니다" in asked.text
    assert [answer.url for answer in answers] == [url("detail", offer)] * 2
    assert stale.url == url("detail", offer)
    assert chain.states("Bae") == {"나 과제": "moved", "가 과제": "accepted"}
    assert Event.objects.filter(verb="move_placement").count() == 1


def test_the_place_that_is_kept_leads_to_the_offer_and_the_one_that_was_left_says_so(log_in, chain):
    place = chain.of("Bae", state="accepted")
    client = log_in(chain.by("Bae"))

    kept = client.get(url("detail", place)).text
    accept(chain, "Bae")
    left = client.get(url("detail", place)).text

    assert url("detail", offer_of_any(chain)) in kept
    assert "다른 자리로 옮겼습니다" in left


def offer_of_any(world):
    return world.of("Bae", source="reserve")


def test_declining_a_move_shows_that_the_place_stays(log_in, chain):
    client = log_in(chain.by("Bae"))

    asked = client.get(url("decline", offer_of(chain))).text
    said = client.post(url("decline", offer_of(chain)), {"reason": "distance"}, follow=True).text

    assert KEEPS in asked
    assert "미배치로 끝납니다" not in asked
    assert "제안을 거절했습니다. 지금 자리는 그대로 있습니다." in said
    assert "나래에 매칭되었습니다" in said


def test_withdrawing_shows_that_everything_ends(log_in, chain):
    asked = log_in(chain.by("Bae")).get(url("withdraw", chain.of("Bae", state="accepted"))).text

    assert "제안받은 ‘가 과제’ 자리도 함께 거절됩니다." in asked
    assert "이 공고에서는 미배치로 끝납니다." in asked


def test_too_late_the_page_says_that_the_place_stays(log_in, chain, clock):
    offer = offer_of(chain)
    client = log_in(chain.by("Bae"))
    clock.move_to(offer.answer_due_at + dt.timedelta(seconds=1))

    page = client.get(url("detail", offer))
    moving = client.get(url("move", offer))
    pressed = client.post(url("accept", offer))

    assert "이 제안은 끝났습니다. " + KEEPS in page.text
    assert moving.url == url("detail", offer)
    assert pressed.status_code == 409
    assert chain.states("Bae") == {"나 과제": "accepted", "가 과제": "offered"}


def test_the_day_of_who_is_asked_to_move_leads_with_the_offer(log_in, chain):
    text = log_in(chain.by("Bae")).get("/my/").text.replace(JOINER, "")

    assert "더 희망한 자리를 제안받았습니다" in text
    assert KEEPS in text


def test_a_place_that_is_not_answered_yet_has_a_deadline_of_its_own(log_in, db, clock):
    """Bae has not answered the match when 가 falls free: both have to be answered, and the pages say so."""
    world = Published(
        {"가": ("가온", 1), "나": ("나래", 1)}, dict.fromkeys(("Ahn", "Bae"), "가 나"), starts_on=START
    )
    decline(world, "Ahn")
    world.fill()
    offer, place = world.of("Bae", source="reserve"), world.of("Bae", source="match")
    client = log_in(world.by("Bae"))

    pages = [url("detail", offer), url("move", offer), reverse("matching:match-detail", args=[world.call.pk])]
    texts = [client.get(page).text.replace(NO_BREAK, " ").replace(JOINER, "") for page in pages]

    assert [kdatetime(place.answer_due_at) in text for text in texts] == [True] * 3


def test_who_is_placed_reads_that_they_wait_for_something_better(log_in, db, clock):
    world = Published(
        {"가": ("가온", 1), "나": ("나래", 1)}, dict.fromkeys(("Ahn", "Bae"), "가 나"), starts_on=START
    )
    client = log_in(world.by("Bae"))

    result = client.get(reverse("matching:match-detail", args=[world.call.pk])).text
    numbers = client.get(reverse("placements:reserve-list", args=[world.call.pk])).text

    assert "더 희망한 프로젝트 1곳에서 예비순번으로 기다립니다." in result
    assert "배치된 자리를 그대로 둔 채" in numbers
    assert "바로 다음 차례" in numbers


def test_a_replaced_offer_says_so(log_in, chain):
    placement = PlacementFactory(state="superseded", answered_at=timezone.now())

    text = log_in(placement.trainee.user).get(url("detail", placement)).text

    assert "더 희망한 자리로 바뀌었습니다" in text


# --- who waits ------------------------------------------------------------------------------------------


def year_before(call, *lines):
    """Last year's call: per project its company and the numbers that were called, of three."""
    before = CallFactory(state="finished", year=call.year - 1)
    for company, called in lines:
        project = ProjectFactory(call=before, state="finished", **({"company": company} if company else {}))
        for number in (1, 2, 3):
            Reserve.objects.create(
                project=project,
                application=ApplicationFactory(call=before, state="unmatched"),
                reserve_no=number,
                called_at=timezone.now() if number <= called else None,
                left_at=timezone.now(),
            )


@pytest.mark.parametrize(
    ("own", "others", "said"),
    [
        ([2], [1], "2025년 이 회사의 과제에서는 예비 2번까지 불렀습니다."),
        ([1, 3], [0], "2025년 이 회사의 과제에서는 예비 1번~3번까지 불렀습니다."),
        ([0, 3], [0], "2025년 이 회사의 과제에서는 많게는 예비 3번까지 불렀고, 부르지 않은 곳도 있습니다."),
        ([0], [3], "2025년 이 회사의 과제에서는 예비를 부르지 않았습니다."),
        ([], [0, 2, 3], "마지막으로 부른 예비순번의 가운데 값은 2번입니다(이 회사의 지난 기록은 없습니다)."),
        ([], [0, 0, 3], "과제의 절반 이상이 예비를 부르지 않았습니다(이 회사의 지난 기록은 없습니다)."),
        ([], [], None),
    ],
)
def test_who_waits_reads_how_far_lists_were_called_last_year(log_in, chain, own, others, said):
    company = chain.companies["가온"]
    year_before(chain.call, *[(company, called) for called in own], *[(None, called) for called in others])

    client = log_in(chain.by("Cho"))

    numbers = client.get(reverse("placements:reserve-list", args=[chain.call.pk])).text
    result = client.get(reverse("matching:match-detail", args=[chain.call.pk])).text

    for text in (numbers, result):
        assert said in text if said else "2025년" not in text


def test_only_the_newest_year_before_counts(chain):
    year_before(chain.call, (None, 2))
    older = CallFactory(state="archived", year=2019)
    Reserve.objects.create(
        project=ProjectFactory(call=older), application=ApplicationFactory(call=older), reserve_no=9,
        called_at=timezone.now(),
    )  # fmt: skip

    assert [number for _, number in Reserve.objects.last_called(chain.call).numbers] == [2]
    assert Reserve.objects.last_called(older) is None


def test_the_median_is_a_number_that_was_called():
    assert LastCalled(2025, [(1, 1), (2, 4)]).of(9).low == 1


def test_numbers_of_last_year_cost_the_same_for_one_and_for_many(log_in, chain, django_assert_num_queries):
    year_before(chain.call, (chain.companies["가온"], 1))
    client = log_in(chain.by("Cho"))
    address = reverse("placements:reserve-list", args=[chain.call.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5):
        project = ProjectFactory(call=chain.call, title=f"더 {number}")
        Reserve.objects.create(project=project, application=chain.people["Cho"], reserve_no=1)

    with django_assert_num_queries(len(few)):
        client.get(address)


# --- the company and the office -------------------------------------------------------------------------


def test_the_company_that_was_left_sees_the_seat_free_and_nobody_in_it(log_in, chain):
    chain.people["Bae"].trainee.user.name = "배옮김"
    chain.people["Bae"].trainee.user.save()
    accept(chain, "Bae")
    place = chain.of("Bae", state="moved")
    owner = log_in(chain.companies["나래"].members.get().user)

    page = owner.get(reverse("placements:placement-list"))
    person = owner.get(url("detail", place))

    assert "배옮김" not in page.text
    assert page.context["projects"][0]["free"] == 1
    assert "010-1234-5678" not in person.text
    assert "가 과제" not in person.text


def test_the_office_sees_each_call_with_its_reason_and_no_name(log_in, chain, operator):
    decline(chain, "Bae")
    chain.fill()

    text = (
        log_in(operator)
        .get(reverse("admin:projects_project_change", args=[chain.projects["가_과제"].pk]))
        .text
    )

    assert "예비 1번: 가장 앞선 순번입니다." in text
    assert "예비 2번: 앞선 1명이 거절하거나 답하지 않아 차례가 왔습니다." in text
    assert text.index("예비 1번:") < text.index("예비 2번:")
    assert "자리를 둔 채 제안" in text
    assert "Bae" not in text


def test_the_office_sees_what_fell_below_its_minimum_and_why(log_in, db, clock, operator):
    world = Published(
        {"가": ("가온", 2), "나": ("나래", 1)}, {"Ahn": "가", "Bae": "가", "Cho": "나"}, starts_on=START
    )
    Project.objects.filter(pk=world.projects["가"].pk).update(minimum=2)
    accept(world, "Ahn")
    withdraw(world, "Ahn")
    client = log_in(operator)

    call = client.get(reverse("admin:projects_call_change", args=[world.call.pk])).text
    project = client.get(reverse("admin:projects_project_change", args=[world.projects["가"].pk])).text
    fine = client.get(reverse("admin:projects_project_change", args=[world.projects["나"].pk])).text

    said = "최소 2명에 1명 모자랍니다. (참여 철회 1명)"
    assert (said in call, said in project, "모자랍니다" in fine) == (True, True, False)


def test_the_run_says_how_vacancies_are_filled_and_what_that_leaves(log_in, chain, clock, agency):
    """Once projects run, Bae would rather be at 가 과제, where Cho sits now: nobody moves, and it is counted."""
    decline(chain, "Bae")
    client = log_in(agency)
    address = reverse("admin:matching_matchrun_change", args=[chain.run.pk])

    before = client.get(address).text
    chain.fill()
    accept(chain, "Cho")
    clock.move_to(dt.datetime.combine(START, dt.time(12), tzinfo=KST))
    start_call(chain.call)
    actions.start_placements(chain.call, START)
    after = log_in(agency).get(address).text

    assert "지금 충원 방식: 연쇄 충원" in before
    assert "지금 충원 방식: 자리가 없는 사람에게만 제안" in after
    assert "짝이 1쌍 있습니다" in after


def test_a_free_seat_that_the_companys_cap_keeps_free_is_explained(log_in, db, clock, operator):
    world = Published(
        {"가": ("가온", 1), "나": ("가온", 1)}, {"Ahn": "가", "Bae": "나"}, caps={"가온": 1}, starts_on=START
    )

    text = log_in(operator).get(reverse("admin:projects_call_change", args=[world.call.pk])).text

    assert text.count("회사 상한이 참") == 1


@pytest.mark.parametrize("page", ["admin:projects_call_change", "admin:placements_placement_changelist"])
def test_more_calls_cost_the_office_no_more_queries(log_in, chain, operator, page, django_assert_num_queries):
    client = log_in(operator)
    address = reverse(page, args=[chain.call.pk] if "call" in page else [])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5):
        other = ProjectFactory(call=chain.call, title=f"더 {number}", company=chain.companies["가온"])
        PlacementFactory(project=other, source="reserve", reserve_no=1, passed={"left": 2})

    with django_assert_num_queries(len(few)):
        client.get(address)
