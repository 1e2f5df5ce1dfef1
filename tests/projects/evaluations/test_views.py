from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access, Event
from projects.evaluations.actions import return_evaluation
from projects.evaluations.models import Evaluation
from tests.factories import CompanyMemberFactory, EvaluationFactory, PlacementFactory, days

WORDS = {"score": "88.5", "comment": "맡은 일을 끝까지 해냈습니다."}


@pytest.fixture
def placement(db):
    return PlacementFactory(completed=True)


@pytest.fixture
def rater(placement):
    return placement.company.members.get().user


@pytest.fixture
def edit(placement):
    return reverse("evaluations:evaluation-edit", args=[placement.pk])


@pytest.fixture
def submit(placement):
    return reverse("evaluations:evaluation-submit", args=[placement.pk])


def drafted(placement, rater, **fields):
    facts = {
        "state": "draft",
        "submitted_at": None,
        "locked_at": None,
        "locked_by": None,
        "appeal_until": None,
    }
    return EvaluationFactory(placement=placement, rater=rater, **(facts | fields))


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("manager", 200), ("mentor", 200), ("accountant", 403)]
)
def test_raters_of_the_company_judge(log_in, placement, edit, role, status):
    member = CompanyMemberFactory(company=placement.company, role=role)

    assert log_in(member.user).get(edit).status_code == status


def test_page_says_the_threshold_and_whose_data_was_seen(log_in, placement, rater, edit):
    page = log_in(rater).get(edit).content.decode()

    assert "우수 기준은 80점입니다" in page
    access = Access.objects.get()
    assert (access.by, access.subject, access.what) == (rater, placement.trainee.user, "evaluation")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["evaluation-edit", "evaluation-submit"])
def test_another_company_finds_nothing(log_in, placement, rater, owner, method, page):
    evaluation = drafted(placement, rater)

    response = getattr(log_in(owner), method)(reverse(f"evaluations:{page}", args=[placement.pk]), WORDS)

    assert response.status_code == 404
    evaluation.refresh_from_db()
    assert (evaluation.score, evaluation.state) == (Decimal(90), "draft")


def test_the_trainee_does_not_judge_their_own_placement(log_in, placement, edit):
    assert log_in(placement.trainee.user).get(edit).status_code == 403


def test_a_trainee_who_joined_the_company_does_not_judge_themselves(log_in, placement, edit):
    CompanyMemberFactory(company=placement.company, user=placement.trainee.user, role="mentor")

    assert log_in(placement.trainee.user).post(edit, WORDS).status_code == 403


def test_draft_may_be_incomplete(log_in, rater, edit):
    response = log_in(rater).post(edit, {"score": "", "comment": "아직 쓰는 중", "save": ""})

    assert (response.status_code, response["Location"]) == (302, edit)
    assert Evaluation.objects.get().comment == "아직 쓰는 중"


def test_going_on_to_submit_needs_both(log_in, rater, edit):
    response = log_in(rater).post(edit, {"score": "", "comment": "의견", "submit": ""})

    assert response.status_code == 422
    assert "점수를 입력해 주세요" in response.content.decode()
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("score", ["-1", "100.01", "80.123", "NaN", "1e999", "여든"])
def test_impossible_scores_are_refused_and_what_was_typed_stays(log_in, rater, edit, score):
    response = log_in(rater).post(edit, {**WORDS, "score": score, "save": ""})

    assert response.status_code == 422
    assert WORDS["comment"] in response.content.decode()
    assert not Evaluation.objects.exists()


def test_draft_confirm_submit(log_in, rater, edit, submit):
    client = log_in(rater)

    saved = client.post(edit, {**WORDS, "submit": ""})
    asked = client.get(submit)
    done = client.post(submit)

    assert (saved["Location"], done["Location"]) == (submit, edit)
    assert "88.5점" in asked.content.decode()
    assert "우수 기준 80점 이상입니다" in asked.content.decode()
    evaluation = Evaluation.objects.get()
    assert (evaluation.state, evaluation.rater) == ("submitted", rater)


def test_submitting_twice_is_one_submission(log_in, placement, rater, submit):
    drafted(placement, rater)
    client = log_in(rater)

    assert [client.post(submit).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(verb="submit_evaluation").count() == 1


def test_submit_without_a_draft_leads_to_writing_one(log_in, rater, edit, submit):
    response = log_in(rater).post(submit)

    assert response["Location"] == edit
    assert not Evaluation.objects.exists()


def test_submitting_an_incomplete_draft_is_refused(log_in, placement, rater, submit):
    drafted(placement, rater, score=None)

    response = log_in(rater).post(submit)

    assert response.status_code == 422
    assert "점수와 평가 의견을 모두" in response.content.decode()


@pytest.mark.parametrize("state", ["submitted", "locked"])
def test_a_handed_in_evaluation_is_only_read(log_in, placement, rater, edit, state):
    facts = {} if state == "submitted" else {"locked_at": None}
    evaluation = (
        EvaluationFactory(placement=placement, rater=rater)
        if state == "locked"
        else drafted(placement, rater, state=state, **facts)
    )
    client = log_in(rater)

    page = client.get(edit)
    posted = client.post(edit, {**WORDS, "save": ""})

    assert (page.status_code, posted.status_code) == (200, 409)
    assert 'name="score"' not in page.content.decode()
    evaluation.refresh_from_db()
    assert evaluation.score == Decimal(90)


@pytest.mark.parametrize(
    ("facts", "states"),
    [
        (None, ["now", "next", "next", "next"]),
        ({}, ["now", "next", "next", "next"]),
        ({"state": "submitted"}, ["done", "done", "now", "next"]),
        ({"state": "locked", "left": 0}, ["done", "done", "done", "now"]),
        ({"state": "locked", "left": -1}, ["done", "done", "done", "done"]),
    ],
)
def test_the_steps_of_a_judgement_follow_it(log_in, placement, rater, agency, edit, facts, states):
    if facts is not None:
        now, left = timezone.now(), facts.pop("left", None)
        locked = {"locked_at": now, "locked_by": agency} if left is not None else {}
        until = timezone.localdate() + days(left) if left is not None else None
        submitted = now if facts else None
        drafted(placement, rater, submitted_at=submitted, appeal_until=until, **facts, **locked)

    steps = log_in(rater).get(edit).context["steps"]

    assert [step["state"] for step in steps] == states


def test_a_drafted_score_is_shown_without_zeros(log_in, placement, rater, edit):
    drafted(placement, rater, score=Decimal("88.50"))

    assert log_in(rater).get(edit).context["form"]["score"].value() == "88.5"


def test_a_placement_that_still_runs_says_so(log_in, db):
    placement = PlacementFactory(accepted=True)
    client = log_in(placement.company.members.get().user)
    url = reverse("evaluations:evaluation-edit", args=[placement.pk])

    assert "아직 평가할 수 없습니다" in client.get(url).content.decode()
    assert client.post(url, {**WORDS, "save": ""}).status_code == 409


def test_what_came_back_shows_why(log_in, placement, rater, agency, edit):
    evaluation = drafted(placement, rater, state="submitted")
    return_evaluation(evaluation, reason="근거를 더 적어 주세요.", by=agency)

    assert "근거를 더 적어 주세요." in log_in(rater).get(edit).content.decode()


def test_an_empty_draft_may_be_saved(log_in, rater, edit):
    assert log_in(rater).post(edit).status_code == 302
