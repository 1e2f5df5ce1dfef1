import ast
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from matching.engine import Market, certificate, check, solve
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import markets, result_of


def codes(violations):
    return {violation.code for violation in violations}


@settings(max_examples=150)
@given(markets())
def test_check_proves_the_best_stable_matching_and_nothing_else(market):
    """Over all assignments: silence means best, a ring means stable but not best, anything else blocks."""
    brute = Brute(market)
    best = brute.best()

    for matching in brute.assignments():
        found = codes(check(market, result_of(market, matching)))

        if matching == best:
            assert found == set()
        elif brute.stable(matching):
            assert found == {"not_best_for_trainees"}
        else:
            assert found == {"blocking_pair"}


@given(markets(), st.data())
def test_check_lists_exactly_the_blocking_pairs(market, data):
    brute = Brute(market)
    matching = data.draw(st.sampled_from(list(brute.assignments())))

    found = check(market, result_of(market, matching))

    assert {
        (one.details["trainee"], one.details["project"]) for one in found if one.code == "blocking_pair"
    } == {
        (trainee, project)
        for trainee, wishes in brute.lists.items()
        for project in wishes
        if brute.blocks(matching, trainee, project)
    }


@settings(max_examples=150)
@given(markets(trainees=5, minimums=True), st.data())
def test_check_judges_every_set_of_closures(market, data):
    closable = [one for one, project in market.projects.items() if project.minimum]
    closed = data.draw(st.sets(st.sampled_from(closable))) if closable else set()
    brute = Brute(market, closed)
    best = brute.best()
    reopened = {one: Brute(market, closed - {one}) for one in closed}

    found = codes(check(market, result_of(market, best, closed)))

    if not brute.reaches_minimums(best):
        assert found == {"below_minimum"}
    elif any(one.reaches_minimums(one.best()) for one in reopened.values()):
        assert found == {"could_reopen"}
    else:
        assert found == set()


@settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(markets(trainees=5, minimums=True), st.data())
def test_check_catches_two_placements_swapped(market, data):
    result = solve(market)
    apart = [
        pair for pair in combinations(market.trainees, 2) if len({result.matching[one] for one in pair}) == 2
    ]
    assume(apart)
    one, other = data.draw(st.sampled_from(apart))
    swapped = {**result.matching, one: result.matching[other], other: result.matching[one]}

    assert check(market, result_of(market, swapped, result.closed))


@settings(max_examples=100)
@given(markets(trainees=5, minimums=True), st.data())
def test_check_catches_anybody_moved(market, data):
    result = solve(market)
    trainee = data.draw(st.sampled_from(list(market.trainees)))
    project = data.draw(st.sampled_from([None, *market.projects]))
    assume(project != result.matching[trainee])
    moved = {**result.matching, trainee: project}

    assert check(market, result_of(market, moved, result.closed))


@given(markets(minimums=True), st.data())
def test_check_catches_a_person_left_out(market, data):
    result = solve(market)
    left_out = data.draw(st.sampled_from(list(market.trainees)))
    fewer = {one: project for one, project in result.matching.items() if one != left_out}

    assert "missing_trainee" in codes(check(market, result_of(market, fewer, result.closed)))


@given(markets(minimums=True), st.data())
def test_check_catches_an_innocent_project_closed(market, data):
    result = solve(market)
    open_projects = sorted(set(market.projects) - set(result.closed))
    assume(open_projects)
    closed = {*result.closed, data.draw(st.sampled_from(open_projects))}

    assume(closed != set(result.closed))
    assert check(market, replace(result, closed=tuple(sorted(closed))))


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(markets(minimums=True), st.data())
def test_check_catches_a_closed_project_called_open(market, data):
    result = solve(market)
    assume(result.closed)
    still = set(result.closed) - {data.draw(st.sampled_from(result.closed))}

    assert check(market, replace(result, closed=tuple(sorted(still))))


def test_certificate_shares_nothing_with_the_solver_but_the_data_classes():
    tree = ast.parse(Path(certificate.__file__).read_text())
    imported = {
        name.name if isinstance(node, ast.Import) else f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }

    assert {name for name in imported if name.startswith("matching")} == {
        "matching.engine.market.Market",
        "matching.engine.result.MODES",
        "matching.engine.result.RULES",
        "matching.engine.result.Result",
        "matching.engine.result.SIDES",
    }


MARKET = {
    "trainees": [
        {"id": "ann", "prefs": ["p1", "p2"]},
        {"id": "bob", "prefs": ["p1", "p2"]},
        {"id": "cho", "prefs": ["p2"]},
        {"id": "dan", "prefs": ["p1", "p3"]},
    ],
    "projects": [
        {"id": "p1", "company": "c1", "capacity": 1, "scores": {"ann": 9, "bob": 7}},
        {"id": "p2", "company": "c1", "capacity": 2, "scores": {"ann": 5, "bob": 6, "cho": 4}},
        {"id": "p3", "company": "c2", "capacity": 5, "minimum": 2, "scores": {"dan": 1}},
    ],
    "companies": [{"id": "c1", "capacity": 2}, {"id": "c2", "capacity": 3}],
}
PROVED = {"ann": "p1", "bob": "p2", "cho": None, "dan": None}


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        ({}, None),
        (
            {"ann": "p2", "bob": "p1"},
            {"code": "blocking_pair", "place": "/matching/ann", "trainee": "ann", "project": "p1"},
        ),
        (
            {"bob": None, "cho": "p2"},
            {"code": "blocking_pair", "place": "/matching/bob", "trainee": "bob", "project": "p2"},
        ),
        (
            {"cho": "p2"},
            {"code": "over_company", "place": "/matching", "circle": "c1", "taken": 3, "left": 2},
        ),
        (
            {"bob": "p1"},
            {"code": "over_project", "place": "/matching", "circle": "p1", "taken": 2, "left": 1},
        ),
        ({"cho": "p1"}, {"code": "not_ranked", "place": "/matching/cho", "trainee": "cho", "project": "p1"}),
        (
            {"dan": "p1"},
            {"code": "not_acceptable", "place": "/matching/dan", "trainee": "dan", "project": "p1"},
        ),
        (
            {"dan": "p3"},
            {"code": "matched_to_closed", "place": "/matching/dan", "trainee": "dan", "project": "p3"},
        ),
        (
            {"dan": "p9"},
            {"code": "unknown_project", "place": "/matching/dan", "trainee": "dan", "project": "p9"},
        ),
        (
            {"eve/~": None},
            {"code": "unknown_trainee", "place": "/matching/eve~1~0", "trainee": "eve/~", "project": ""},
        ),
    ],
)
def test_check_says_what_is_wrong_and_where(change, violation):
    market = Market.from_json(MARKET)

    found = check(market, result_of(market, {**PROVED, **change}, ["p3"]))

    assert [one.to_json() for one in found] == ([violation] if violation else [])


@pytest.mark.parametrize(
    ("field", "value", "code", "place"),
    [
        ("answers", "0" * 64, "wrong_market", "/market_sha256"),
        ("rule", "chance", "unknown_rule", "/rule"),
        ("size", 3, "wrong_size", "/size"),
        ("rank_profile", (2,), "wrong_rank_profile", "/rank_profile"),
        ("rank_profile", (1, 1, 0), "wrong_rank_profile", "/rank_profile"),
        ("closed", ("p3", "p9"), "unknown_project", "/closed/1"),
        ("closed", ("p3", "p3"), "closed_twice", "/closed/1"),
    ],
)
def test_check_reads_the_figures_too(field, value, code, place):
    market = Market.from_json(MARKET)
    result = replace(result_of(market, PROVED, ["p3"]), **{field: value})

    assert [(one.code, one.place) for one in check(market, result)] == [(code, place)]


def test_check_closes_nothing_without_a_minimum():
    market = Market.from_json({**MARKET, "projects": [{**one, "minimum": 0} for one in MARKET["projects"]]})

    found = check(market, result_of(market, PROVED, ["p3"]))

    assert [(one.code, one.place) for one in found] == [("closed_without_minimum", "/closed/0")]


def test_check_holds_fixed_people_where_they_are():
    market = Market.from_json({**MARKET, "fixed": [["cho", "p1"]]})

    result = solve(market)

    assert result.matching == {"ann": None, "bob": "p2", "cho": "p1", "dan": None}
    assert check(market, result) == []
    moved = result_of(market, {**result.matching, "cho": "p2", "ann": "p1"}, ["p3"])
    assert [one.code for one in check(market, moved)] == ["fixed_moved"]


@settings(max_examples=300)
@given(markets(trainees=5, minimums=True, fixed=False), st.data())
def test_check_knows_exactly_which_closed_projects_could_open(market, data):
    """Without matching anew where too few people ask for a project: that shortcut is held against brute force."""
    closable = [one for one, project in market.projects.items() if project.minimum]
    closed = frozenset(data.draw(st.lists(st.sampled_from(closable), unique=True)) if closable else ())
    matching = Brute(market, closed).best()
    assume(Brute(market, closed).reaches_minimums(matching))

    found = check(market, result_of(market, matching, closed))

    could = {one for one in closed if Brute(market).reaches_minimums(Brute(market, closed - {one}).best())}
    assert {one.details["project"] for one in found if one.code == "could_reopen"} == could
    assert {one.code for one in found} <= {"could_reopen"}
