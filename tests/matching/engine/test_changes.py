from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.engine import Market, explain, solve
from matching.engine.changes import Changes
from matching.engine.explain import FULL
from matching.engine.figures import Figures
from matching.engine.market import Company
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import large_document, markets


@settings(max_examples=150)
@given(markets(trainees=5), st.data())
def test_one_place_fewer_than_said_would_not_have_been_enough(market, data):
    trainee, reason = _some_refusal(market, data)

    more = reason.change.places

    assert _gets(_wider(market, trainee, reason.project, more), trainee, reason)
    assert more == 1 or not _gets(_wider(market, trainee, reason.project, more - 1), trainee, reason)


@settings(max_examples=150)
@given(markets(trainees=5), st.data())
def test_the_score_said_is_the_least_that_would_have_been_enough(market, data):
    trainee, reason = _some_refusal(market, data)
    project = market.projects[reason.project]
    assume(project.scores is not None)
    change = reason.change
    others = [one.scores or {} for one in market.projects.values() if one.company == project.company]
    levels = sorted({score for scores in others for score in scores.values()})
    tries = [score + more for score in levels for more in (0, 0.25) if score + more > project.scores[trainee]]

    enough = [score for score in tries if _gets(_rescored(market, trainee, project, score), trainee, reason)]

    if change.score is None:
        assert enough == []
    else:
        assert enough[0] == change.score + (0.25 if change.above else 0)


def test_changes_know_that_whoever_is_pushed_out_may_push_back():
    """The line at a is 6. With 7, t would push out u, who pushes v out of b, who comes back to a with 9."""
    market = Market.from_json(
        {
            "trainees": [
                {"id": "t", "prefs": ["a"]},
                {"id": "u", "prefs": ["a", "b"]},
                {"id": "v", "prefs": ["b", "a"]},
            ],
            "projects": [
                {"id": "a", "company": "c", "capacity": 1, "scores": {"t": 5, "u": 6, "v": 9}},
                {"id": "b", "company": "d", "capacity": 1, "scores": {"u": 2, "v": 1}},
            ],
            "companies": [{"id": "c", "capacity": 1}, {"id": "d", "capacity": 1}],
            "draw": {"t": 1, "u": 2, "v": 3},
        }
    )

    (reason,) = explain(market, solve(market), "t")

    assert (reason.cutoff.last.score, reason.change.score, reason.change.above) == (6, 9, False)
    assert reason.change.places == 1


def test_changes_are_told_in_tiers_where_a_company_ranks():
    market = Market.from_json(
        {
            "trainees": [{"id": one, "prefs": ["a"]} for one in ("t", "u", "v")],
            "projects": [{"id": "a", "company": "c", "capacity": 1}],
            "companies": [{"id": "c", "capacity": 1, "ranking": [["u", "v"], "t"]}],
            "draw": {"u": 1, "t": 2, "v": 3},
        }
    )

    found = {one: explain(market, solve(market), one)[0] for one in ("t", "v")}

    assert found["t"].to_json()["change"] == {"tier": 1, "above": True, "places": 2}
    assert found["v"].to_json()["change"] == {"tier": 1, "above": True, "places": 1}


def test_changes_of_a_whole_call_are_quick_enough_to_be_told_to_everybody():
    """Counted in runs, not in seconds: nearly always the line itself is enough."""
    market = Market.from_json(large_document(300, 36, 28, places=(2, 3, 4, 5), cap=12, seed=3))
    result = solve(market)
    lines = {one: explain(market, result, one) for one in list(market.trainees)[:40]}

    told = [reason for reasons in lines.values() for reason in reasons if reason.code in FULL]

    assert told
    assert all(reason.change.places is not None for reason in told)
    at_line = [reason.change.score == reason.cutoff.last.score for reason in told if reason.cutoff.last]
    assert sum(at_line) >= 0.8 * len(at_line)


@pytest.mark.parametrize(("rule", "side"), [("fill", "trainee"), ("draw", "company")])
def test_no_changes_are_told_where_more_places_may_harm(rule, side):
    market = Market.from_json(large_document(30, 6, 3, seed=2))
    result = solve(market, rule, side)

    told = [reason for one in market.trainees for reason in explain(market, result, one)]

    assert [reason for reason in told if reason.code in FULL]
    assert not [reason for reason in told if reason.change]
    with pytest.raises(ValueError, match="changes can be told"):
        Changes(Figures(market, result))


def _some_refusal(market, data):
    result = solve(market)
    refused = [
        (trainee, reason)
        for trainee in market.trainees
        for reason in explain(market, result, trainee)
        if reason.code in FULL
    ]
    assume(refused)
    trainee, reason = data.draw(st.sampled_from(refused))
    return trainee, reason


def _gets(market, trainee, reason):
    """Whether in this market the trainee gets the project or a better one."""
    got = solve(market).matching[trainee]
    wishes = Brute(market).lists[trainee]
    return got is not None and wishes.index(got) <= wishes.index(reason.project)


def _wider(market, trainee, project, more):
    offered = market.projects[project]
    owner = market.companies[offered.company]
    caps = {one: dict(own) for one, own in market.school_caps.items()}
    school = market.school.get(trainee)
    if school in caps.get(project, {}):
        caps[project][school] += more
    return replace(
        market,
        projects={**market.projects, project: offered._replace(capacity=offered.capacity + more)},
        companies={**market.companies, owner.id: Company(owner.id, owner.capacity + more, owner.ranked)},
        school_caps=caps,
    )


def _rescored(market, trainee, project, score):
    changed = project._replace(scores={**project.scores, trainee: score})
    return replace(market, projects={**market.projects, project.id: changed})
