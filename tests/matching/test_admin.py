"""The review of a run: what the office sees, decides and takes away."""

import json

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.actions import approve_run, compute_run, queue_run
from matching.models import MatchRun
from projects.placements.models import Placement
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    ProjectFactory,
    certified_scores,
    certified_wishes,
)


def page(run, name="change"):
    return reverse(f"admin:matching_matchrun_{name}", args=[run.pk])


@pytest.fixture
def call(db):
    call = CallFactory(sealed=True, title="2026 2차")
    first, short = (
        ProjectFactory(call=call, places=1, title="이상음 탐지"),
        ProjectFactory(call=call, places=3, minimum=3, title="배차 최적화"),
    )
    people = [ApplicationFactory(call=call) for _ in range(3)]
    for person, wishes in zip(people, ([first], [short, first], [short]), strict=True):
        certified_wishes(person, *wishes, state="sealed")
    certified_scores(first.company, {(first, people[0]): 90}, state="sealed")
    return call


@pytest.fixture
def run(call):
    return compute_run(queue_run(call, on=timezone.localdate()))


def test_review_shows_figures_proof_and_projects_in_danger(run, operator, log_in):
    response = log_in(operator).get(page(run))

    assert response.status_code == 200
    for words in (
        "이 결과는 증명되었습니다",
        run.market_sha256,
        run.result_sha256,
        "1지망",
        "열지 않음: 2명에 그침(최소 3명)",
        "배치되지 않음",
    ):
        assert words in response.text


def test_review_reads_neither_market_nor_result(run, operator, log_in):
    client = log_in(operator)

    with CaptureQueriesContext(connection) as queries:
        client.get(page(run))
        client.get(reverse("admin:matching_matchrun_changelist"))

    assert not [query for query in queries if '"matching_matchrun"."market",' in query["sql"]]


def test_run_is_approved_and_published_in_the_admin_by_two(run, agency, second_agency, log_in):
    approving = log_in(agency).post(page(run, "approve_run"), {"note": "검증서 확인"})
    alone = log_in(agency).post(page(run, "publish_run"), {"note": "확인"})
    asked = log_in(second_agency).get(page(run, "publish_run"))
    publishing = log_in(second_agency).post(page(run, "publish_run"), {"note": "확인"})
    again = log_in(second_agency).post(page(run, "publish_run"), {"note": "확인"})

    assert (approving.status_code, alone.status_code, publishing.status_code, again.status_code) == (
        302,
        422,
        302,
        409,
    )
    assert "다른 진흥원 담당자에게" in alone.text
    for words in (
        "1명에게 배치를 제안합니다. 제안받은 사람은",
        "2명에게 배치되지 않았음을",
        "1개 과제는 최소 인원에 못 미쳐",
    ):
        assert words in asked.text
    assert Placement.objects.count() == 1


@pytest.mark.parametrize("verb", ["approve_run", "publish_run"])
def test_operator_decides_nothing(run, operator, log_in, verb):
    client = log_in(operator)

    assert client.get(page(run, verb)).status_code == 403
    assert client.post(page(run, verb), {"note": "확인"}).status_code == 403


def test_provisional_run_offers_no_approval(db, agency, log_in):
    run = compute_run(queue_run(CallFactory(), on=timezone.localdate()))
    client = log_in(agency)

    assert [str(verb["label"]) for verb in client.get(page(run)).context["verbs"]] == ["버리기"]
    assert client.get(page(run, "approve_run")).status_code == 409
    assert client.post(page(run, "approve_run"), {"note": "확인"}).status_code == 409


def test_run_is_queued_by_staff_and_watched(call, operator, log_in):
    client = log_in(operator)

    queued = client.post(reverse("admin:matching_matchrun_queue_run"), {"call": call.pk})
    run = MatchRun.objects.get()
    waiting = client.get(page(run))
    polled = client.get(page(run, "progress"))
    twice = client.post(reverse("admin:matching_matchrun_queue_run"), {"call": call.pk})
    compute_run(run)
    done = client.get(page(run, "progress"))

    assert (queued["Location"], run.requested_by) == (page(run), operator)
    assert "매칭을 계산하고 있습니다" in waiting.text
    assert f'hx-get="{page(run, "progress")}"' in polled.text
    assert twice.status_code == 422
    assert done["HX-Refresh"] == "true"


@pytest.mark.parametrize("chosen", ["", "abc", "0", "99999999999999999999999"])
def test_run_of_no_call_is_refused(call, operator, log_in, chosen):
    assert (
        log_in(operator).post(reverse("admin:matching_matchrun_queue_run"), {"call": chosen}).status_code
        == 422
    )


def test_certificate_holds_no_wishes(run, operator, log_in):
    response = log_in(operator).get(page(run, "certificate"))

    certificate = json.loads(response.content)
    assert certificate["proved"] is True
    assert certificate["market_sha256"] == run.market_sha256
    assert certificate["figures"]["size"] == 1
    for match in run.matches.select_related("application"):
        assert match.application.pseudonym.hex not in response.text


def test_matches_show_the_choice_and_no_other_wish(run, operator, log_in):
    client = log_in(operator)

    response = client.get(page(run, "matches"))

    assert "이상음 탐지" in response.text
    assert "배차 최적화" not in response.text  # wished by two, given to none
    assert response.text.count("지망</td>") == 1


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("rank=1", 1),
        ("rank=none", 2),
        ("rank=unlisted", 0),
        ("rank=9", 0),
        ("rank=x", 3),
        ("page=99999999999999999999", 3),
        ("project=99999999999999999999999", 3),
    ],
)
def test_matches_are_narrowed(run, operator, log_in, query, lines):
    response = log_in(operator).get(f"{page(run, 'matches')}?{query}")

    assert (response.status_code, len(response.context["lines"])) == (200, lines)


def test_matches_cost_the_same_with_three_and_thirty(run, call, operator, log_in):
    client = log_in(operator)
    client.get(page(run, "matches"))
    with CaptureQueriesContext(connection) as few:
        client.get(page(run, "matches"))
    for _ in range(30):
        run.matches.create(application=ApplicationFactory(call=call))

    with CaptureQueriesContext(connection) as many:
        client.get(page(run, "matches"))

    assert len(few) == len(many)


@pytest.mark.parametrize("name", ["change", "matches", "certificate", "progress", "approve_run"])
def test_nobody_else_sees_a_run(run, trainee, owner, log_in, name):
    assert {log_in(user).get(page(run, name)).status_code for user in (trainee.user, owner)} == {403}


@pytest.mark.parametrize("verb", ["approve_run", "publish_run"])
@pytest.mark.parametrize(
    ("moment", "warned"),
    [
        ("2027-01-12T10:00:00+09:00", False),
        ("2027-01-12T17:59:59+09:00", False),
        ("2027-01-12T18:00:00+09:00", True),
        ("2027-01-12T09:59:59+09:00", True),
        ("2027-01-16T11:00:00+09:00", True),  # Saturday
    ],
)
def test_confirmation_says_by_when_people_answer_and_warns_outside_office_hours(
    run, agency, second_agency, log_in, verb, moment, warned
):
    if verb == "publish_run":
        approve_run(run, note="확인", by=second_agency)
    with time_machine.travel(moment, tick=False):
        response = log_in(agency).get(page(run, verb))

    assert response.status_code == 200
    assert ("발표하기 좋은 때(근무일 10:00–18:00)가 아닙니다" in response.text) is warned
    assert "제안받은 사람은" in response.text


def test_publication_outside_office_hours_is_not_refused(run, agency, second_agency, log_in):
    approve_run(run, note="확인", by=agency)
    with time_machine.travel("2027-01-16T23:00:00+09:00", tick=False):
        response = log_in(second_agency).post(page(run, "publish_run"), {"note": "확인"})

    assert response.status_code == 302


@pytest.fixture
def open_run(db):
    """Six lists of an open call: one project is wanted by all, the other by nobody and has a minimum."""
    call = CallFactory(title="2026 3차")
    wanted = ProjectFactory(call=call, places=2, title="이상음 탐지")
    ProjectFactory(call=call, places=3, minimum=3, title="배차 최적화")
    for person in [ApplicationFactory(call=call) for _ in range(6)]:
        certified_wishes(person, wanted)
    return compute_run(queue_run(call, on=timezone.localdate()))


def test_provisional_review_shows_bands_and_round_numbers(open_run, operator, log_in):
    client = log_in(operator)

    response = client.get(page(open_run))
    listed = client.get(reverse("admin:matching_matchrun_changelist"))

    assert [(line["capacity"], line["minimum"]) for line in response.context["bands"]] == [(3, 3), (2, 0)]
    for words in ("최소 인원 미달 위험", "자리보다 희망이 많음", "한 사람의 순위를 읽어 낼 수 없도록"):
        assert words in response.text
    for words in ("1지망", "담은 사람", "대기</th>", "입력 해시"):
        assert words not in response.text
    assert "약 0 / 6" in listed.text


def test_provisional_review_waits_for_lists(db, operator, log_in):
    run = compute_run(queue_run(CallFactory(), on=timezone.localdate()))

    response = log_in(operator).get(page(run))

    assert "아직 전망을 보일 만큼 순위표가 모이지 않았습니다" in response.text


def test_provisional_run_has_no_list_of_matches_and_a_certificate_without_hashes(open_run, operator, log_in):
    client = log_in(operator)

    certificate = client.get(page(open_run, "certificate")).json()

    assert client.get(page(open_run, "matches")).status_code == 404
    assert (certificate["proved"], certificate["market_sha256"], certificate["result_sha256"]) == (
        True,
        "",
        "",
    )
    assert certificate["figures"] == open_run.figures
