import pytest
from django.urls import reverse

from portal.audit.models import Event
from projects.evaluations.actions import return_evaluation
from projects.evaluations.models import Evaluation
from tests.factories import CompanyMemberFactory, EvaluationFactory, PlacementFactory, UserFactory

WHOLE = {"score": "87.5", "comment": "맡은 일을 끝까지 해냈습니다."}


@pytest.fixture
def placement(db):
    return PlacementFactory(completed=True)


@pytest.fixture
def rater(placement):
    return placement.company.members.get().user


def url(page, placement):
    return reverse(f"evaluations:evaluation-{page}", args=[placement.pk])


def written(placement, rater, **facts):
    empty = {"locked_at": None, "locked_by": None, "appeal_until": None, "submitted_at": None}
    return EvaluationFactory(**{"placement": placement, "rater": rater, "state": "draft", **empty, **facts})


def test_an_evaluation_is_written_confirmed_and_handed_in(log_in, placement, rater):
    client = log_in(rater)

    written = client.post(url("edit", placement), {**WHOLE, "submit": "1"})
    asked = client.get(url("submit", placement))
    before = Evaluation.objects.get().state
    handed = client.post(url("submit", placement), follow=True)

    evaluation = Evaluation.objects.get()
    assert written.url == url("submit", placement)
    assert "채용 의무가 생깁니다" in asked.text
    assert before == "draft"
    assert (evaluation.state, str(evaluation.score), evaluation.rater) == ("submitted", "87.50", rater)
    assert "87.5점" in handed.text
    assert '<form method="post" novalidate data-guard' not in handed.text


def test_below_the_threshold_the_page_says_so(log_in, placement, rater):
    written(placement, rater, score=79.99)

    assert "채용 의무가 생기지 않습니다" in log_in(rater).get(url("submit", placement)).text


@pytest.mark.parametrize("data", [{}, {"score": "50"}, {"comment": "쓰다 만 글"}])
def test_a_draft_may_be_half_empty(log_in, placement, rater, data):
    response = log_in(rater).post(url("edit", placement), data)

    assert response.url == url("edit", placement)
    assert Evaluation.objects.get().state == "draft"


@pytest.mark.parametrize(
    "change",
    [
        {"score": ""},
        {"comment": ""},
        {"score": "-1"},
        {"score": "100.01"},
        {"score": "80.001"},
        {"score": "NaN"},
        {"score": "1e999"},
        {"score": "팔십"},
        {"comment": "가" * 2001},
    ],
)
def test_bad_input_is_asked_for_again(log_in, placement, rater, change):
    response = log_in(rater).post(url("edit", placement), {**WHOLE, "submit": "1", **change})

    assert response.status_code == 422
    assert "<title>오류:" in response.text
    assert not Evaluation.objects.exists()


def test_an_unfinished_draft_is_not_handed_in(log_in, placement, rater):
    written(placement, rater, score=None)

    response = log_in(rater).post(url("submit", placement))

    assert response.status_code == 422
    assert "점수와 평가 의견을 모두" in response.text
    assert Evaluation.objects.get().state == "draft"


def test_handing_in_twice_has_one_effect(log_in, placement, rater):
    written(placement, rater)
    client = log_in(rater)

    answers = [client.post(url("submit", placement)) for _twice in range(2)]

    assert [answer.url for answer in answers] == [url("edit", placement)] * 2
    assert Event.objects.filter(verb="submit_evaluation").count() == 1


@pytest.mark.parametrize("state", ["submitted", "locked"])
def test_what_was_handed_in_is_read_only(log_in, placement, rater, state):
    EvaluationFactory(placement=placement, rater=rater, state=state)
    client = log_in(rater)

    shown = client.get(url("edit", placement))
    refused = client.post(url("edit", placement), WHOLE)

    assert "90점" in shown.text
    assert 'name="score"' not in shown.text
    assert refused.status_code == 409
    assert client.get(url("submit", placement)).url == url("edit", placement)
    assert Evaluation.objects.get().score == 90


def test_handing_in_a_locked_one_is_refused(log_in, placement, rater):
    EvaluationFactory(placement=placement, rater=rater)

    assert log_in(rater).post(url("submit", placement)).status_code == 409


def test_what_came_back_shows_why(log_in, placement, rater, operator):
    evaluation = written(placement, rater, state="submitted")
    return_evaluation(evaluation, reason="근거를 더 적어 주세요.", by=operator)

    assert "근거를 더 적어 주세요." in log_in(rater).get(url("edit", placement)).text


def test_the_threshold_is_shown(log_in, placement, rater):
    assert "우수 기준은 80점입니다" in log_in(rater).get(url("edit", placement)).text


@pytest.mark.parametrize("state", ["accepted", "running", "not_completed"])
def test_nobody_is_rated_before_completion(log_in, db, state):
    placement = PlacementFactory(state=state, threshold=80)
    client = log_in(placement.company.members.get().user)

    shown = client.get(url("edit", placement))
    refused = client.post(url("edit", placement), WHOLE)

    assert "아직 평가할 수 없습니다" in shown.text
    assert refused.status_code == 422
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("manager", 200), ("mentor", 200), ("accountant", 403)]
)
def test_raters_are_owner_manager_and_mentor(log_in, placement, role, status):
    member = CompanyMemberFactory(company=placement.company, role=role)

    assert log_in(member.user).get(url("edit", placement)).status_code == status


def test_the_trainee_does_not_rate_themselves(log_in, placement):
    client = log_in(placement.trainee.user)

    assert client.get(url("edit", placement)).status_code == 403
    assert client.post(url("submit", placement)).status_code == 403


def test_strangers_find_nothing(log_in, placement, rater):
    written(placement, rater)
    for user in (CompanyMemberFactory().user, UserFactory()):
        client = log_in(user)
        for page_name in ("edit", "submit"):
            assert client.get(url(page_name, placement)).status_code == 404
            assert client.post(url(page_name, placement), WHOLE).status_code == 404
