import json

import pytest
from hypothesis import given, settings

from matching.engine import Market, explain, solve
from matching.engine.explain import Explainer
from matching.engine.figures import Cutoff, Figures
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import markets, result_of

MARKET = {
    "trainees": [
        {"id": "ann", "prefs": ["p1", "p2"]},
        {"id": "bob", "prefs": ["p1", "p2"]},
        {"id": "cho", "prefs": ["p5", "p3", "p2", "p4", "p1"]},
        {"id": "dan", "prefs": ["p1", "p3"]},
        {"id": "eun", "prefs": ["p4", ["p2", "p5"]]},
        {"id": "fay", "prefs": ["p4"]},
    ],
    "projects": [
        {"id": "p1", "company": "c1", "capacity": 1, "scores": {"ann": 9, "bob": 7, "cho": 3}},
        {"id": "p2", "company": "c1", "capacity": 2, "scores": {"ann": 5, "bob": 6, "cho": 4, "eun": 8}},
        {"id": "p3", "company": "c2", "capacity": 5, "minimum": 3},
        {"id": "p4", "company": "c3", "capacity": 2, "scores": {"cho": 1, "eun": 2, "fay": 0}},
        {"id": "p5", "company": "c4", "capacity": 1},
    ],
    "companies": [
        {"id": "c1", "capacity": 2},
        {"id": "c2", "capacity": 9, "ranking": ["dan", "cho"]},
        {"id": "c3", "capacity": 9},
        {"id": "c4", "capacity": 1, "ranking": [["cho", "eun"]]},
    ],
    "fixed": [["eun", "p5"]],
    "school": {"cho": "s1", "fay": "s1"},
    "school_caps": {"p4": {"s1": 1}},
    "draw": {"ann": 1, "bob": 2, "cho": 3, "dan": 4, "eun": 5, "fay": 6},
}


def codes(reasons):
    return [(reason.project, reason.rank, reason.code) for reason in reasons]


def test_explain_gives_one_reason_per_ranked_project():
    market = Market.from_json(MARKET)
    result = solve(market)

    told = {trainee: codes(explain(market, result, trainee)) for trainee in market.trainees}

    assert told == {
        "ann": [("p1", 1, "matched"), ("p2", 2, "lower_choice")],
        "bob": [("p1", 1, "project_full"), ("p2", 2, "matched")],
        "cho": [
            ("p5", 1, "project_full"),
            ("p3", 2, "closed"),
            ("p2", 3, "company_full"),
            ("p4", 4, "matched"),
            ("p1", 5, "lower_choice"),
        ],
        "dan": [("p1", 1, "not_acceptable"), ("p3", 2, "closed")],
        "eun": [("p4", 1, "fixed_elsewhere"), ("p5", 2, "fixed"), ("p2", 2, "fixed_elsewhere")],
        "fay": [("p4", 1, "school_cap")],
    }


def test_explain_compares_like_with_like():
    market = Market.from_json(MARKET)
    result = solve(market)

    def told(trainee):
        return [reason.to_json() for reason in explain(market, result, trainee, changes=False)]

    project_full, matched = told("bob")
    company_full, closed, school_cap = told("cho")[2], told("dan")[1], told("fay")[0]

    assert project_full == {
        "project": "p1",
        "rank": 1,
        "code": "project_full",
        "standing": {"position": 2, "of": 3, "score": 7, "tier": None, "draw": 2},
        "cutoff": {"full": True, "last": {"position": 1, "of": 3, "score": 9, "tier": None, "draw": 1}},
    }
    assert matched["cutoff"] == {"full": False, "last": matched["standing"]}
    assert company_full["standing"] == {"position": 6, "of": 7, "score": 4, "tier": None, "draw": 3}
    assert company_full["cutoff"]["last"] == {"position": 4, "of": 7, "score": 6, "tier": None, "draw": 2}
    assert closed == {
        "project": "p3",
        "rank": 2,
        "code": "closed",
        "standing": {"position": 1, "of": 2, "score": None, "tier": 1, "draw": 4},
        "minimum": 3,
        "reached": 2,
        "harmed": 0,
    }
    assert school_cap["standing"] == {"position": 3, "of": 3, "score": 0, "tier": None, "draw": 6}
    assert school_cap["cutoff"]["last"] == {"position": 2, "of": 3, "score": 1, "tier": None, "draw": 3}


def test_explain_has_no_last_one_where_only_fixed_people_sit():
    market = Market.from_json(MARKET)

    reason = explain(market, solve(market), "cho")[0]

    assert (reason.code, reason.cutoff) == ("project_full", Cutoff(full=True, last=None))


@settings(max_examples=200)
@given(markets(trainees=5, minimums=True))
def test_explain_tells_the_truth(market):
    result = solve(market)
    brute = Brute(market, result.closed)
    explainer = Explainer(Figures(market, result))

    for trainee, record in market.trainees.items():
        reasons = explainer.reasons(trainee)
        assert sorted(one.project for one in reasons) == sorted(p for tier in record.prefs for p in tier)
        for reason in reasons:
            assert reason.project in record.prefs[reason.rank - 1]
            assert_true(reason, market, result, brute, trainee)


def assert_true(reason, market, result, brute, trainee):
    """The code follows from the definitions, and the standing compares with its line as the code says."""
    got = result.matching[trainee]
    project = market.projects[reason.project]
    refused = reason.code in {"project_full", "company_full", "school_cap"}
    if reason.code in {"matched", "fixed"}:
        assert reason.project == got
        assert (reason.code == "fixed") == (brute.fixed.get(trainee) == got)
    elif reason.code == "not_acceptable":
        assert brute.standing(trainee, reason.project) is None
    elif reason.code == "closed":
        reopened = Brute(market, set(result.closed) - {reason.project})
        assert reason.reached == len(reopened.at(reopened.best(), reason.project))
        assert reason.reached < reason.minimum == project.minimum or reason.harmed
    elif reason.code == "fixed_elsewhere":
        assert trainee in brute.fixed
    else:
        assert refused == brute.prefers(trainee, reason.project, got)
    if refused:
        assert reason.cutoff.full
        last = reason.cutoff.last
        assert last is None or last.position < reason.standing.position <= reason.standing.of == last.of


@given(markets(trainees=5, minimums=True))
def test_explain_names_nobody_else(market):
    result = solve(market)

    for trainee in market.trainees:
        told = json.dumps([reason.to_json() for reason in explain(market, result, trainee)])
        assert not any(f'"{other}"' in told for other in market.trainees)


def test_explain_knows_only_the_trainees_of_its_market():
    market = Market.from_json(MARKET)

    with pytest.raises(ValueError, match="no trainee 'gil'"):
        explain(market, solve(market), "gil")


def test_explain_has_no_reason_for_an_unstable_result():
    market = Market.from_json(MARKET)
    unstable = result_of(market, {**solve(market).matching, "ann": None}, ["p3"])

    with pytest.raises(ValueError, match="not stable"):
        explain(market, unstable, "ann")
