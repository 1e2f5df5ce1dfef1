from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Market, check, solve
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import documents, large_document, markets, shuffled


@settings(max_examples=300)
@given(markets())
def test_solve_finds_the_stable_matching_that_is_best_for_trainees(market):
    brute = Brute(market)

    result = solve(market)

    assert result.matching == brute.best()


@given(documents(minimums=True), st.integers())
def test_solve_does_not_see_the_order_of_the_input(document, seed):
    one = Market.from_json(document)
    other = Market.from_json(shuffled(document, seed))

    assert other.canonical() == one.canonical()
    assert solve(other) == solve(one)


@given(markets(minimums=True))
def test_solve_repeats_itself(market):
    assert solve(market).canonical() == solve(market).canonical()


@given(documents(minimums=True))
def test_solve_does_not_depend_on_ids_but_for_the_draw(document):
    """With draw numbers and scores given outright, other names change nothing for anybody."""
    people = [one["id"] for one in document["trainees"]]
    document["draw"] = {one: number for number, one in enumerate(people)}
    document["trainees"] = [{**one, "prefs": _untied(one["prefs"])} for one in document["trainees"]]
    renamed = _renamed(document, {one: f"x{len(people) - number}" for number, one in enumerate(people)})

    before, after = solve(Market.from_json(document)), solve(Market.from_json(renamed))

    assert [after.matching[f"x{len(people) - number}"] for number in range(len(people))] == [
        before.matching[one] for one in people
    ]


@settings(max_examples=60)
@given(documents(trainees=4, projects=3, ties=False))
def test_solve_never_rewards_an_untrue_list(document):
    market = Market.from_json(document)
    brute, honest = Brute(market), solve(market).matching

    for position, trainee in enumerate(document["trainees"]):
        for untrue in _all_lists([one["id"] for one in document["projects"]]):
            people = list(document["trainees"])
            people[position] = {**trainee, "prefs": untrue}
            got = solve(Market.from_json({**document, "trainees": people})).matching[trainee["id"]]
            assert not _gains(brute, trainee["id"], honest[trainee["id"]], got)


@settings(max_examples=150)
@given(markets(trainees=5, minimums=True))
def test_solve_leaves_no_open_project_below_its_minimum(market):
    result = solve(market)

    brute = Brute(market, result.closed)
    assert result.matching == brute.best()
    assert brute.reaches_minimums(result.matching)


@settings(max_examples=150)
@given(markets(trainees=5, minimums=True))
def test_solve_closes_nothing_that_could_open_alone(market):
    result = solve(market)

    for project in result.closed:
        reopened = Brute(market, set(result.closed) - {project})
        assert not reopened.reaches_minimums(reopened.best())


@settings(max_examples=100)
@given(markets(trainees=5, minimums=True))
def test_solve_searches_every_set_of_closures_of_a_small_market(market):
    result = solve(market)

    assert Brute.worth(market, result.matching, result.closed) == Brute.best_closures(market)


@settings(max_examples=100)
@given(markets(trainees=5, projects=5, companies=3, minimums=True), st.integers(0, 6))
def test_solve_is_proved_wherever_the_search_ends(market, search_runs):
    result = solve(market, search_runs=search_runs)

    assert check(market, result) == []


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from([0, 3]), st.sampled_from([3, 6, 100]))
def test_solve_is_proved_at_the_size_of_a_call(seed, minimum, cap):
    market = Market.from_json(large_document(150, 24, 12, minimum=minimum, cap=cap, seed=seed))

    result = solve(market, search_runs=20)

    assert check(market, result) == []


def test_solve_searches_beyond_the_greedy_closures():
    market = Market.from_json(large_document(483, 60, 30, places=(6, 8, 10), minimum=5, cap=14, seed=8))

    greedy, searched = solve(market, search_runs=0), solve(market)

    assert (greedy.size, searched.size) == (288, 294)
    assert check(market, searched) == []


def test_solve_refuses_an_unknown_rule():
    with pytest.raises(ValueError, match="unknown rule 'chance'"):
        solve(Market.from_json({"trainees": [], "projects": [], "companies": []}), rule="chance")


def test_solve_answers_a_market_with_nobody():
    market = Market.from_json({"trainees": [], "projects": [], "companies": []})

    result = solve(market)

    assert (result.matching, result.closed, result.size, result.rank_profile) == ({}, (), 0, ())
    assert check(market, result) == []


def _untied(prefs):
    return [name for tier in prefs for name in (tier if isinstance(tier, list) else [tier])]


def _renamed(document, names):
    def tiers(entries):
        return [[names[one] for one in tier] if isinstance(tier, list) else names[tier] for tier in entries]

    return {
        **document,
        "trainees": [{**one, "id": names[one["id"]]} for one in document["trainees"]],
        "projects": [
            {**one, "scores": {names[who]: score for who, score in one["scores"].items()}}
            if "scores" in one
            else one
            for one in document["projects"]
        ],
        "companies": [
            {**one, "ranking": tiers(one["ranking"])} if "ranking" in one else one
            for one in document["companies"]
        ],
        "school": {names[one]: school for one, school in document["school"].items()},
        "draw": {names[one]: number for one, number in document["draw"].items()},
        "fixed": [[names[one], project] for one, project in document.get("fixed", [])],
    }


def _all_lists(projects):
    return [list(some) for length in range(len(projects) + 1) for some in permutations(projects, length)]


def _gains(brute, trainee, honest, got):
    """Whether somebody who really has this list would rather have got the other project."""
    wishes = brute.lists[trainee]
    return (
        got in wishes
        and got != honest
        and (honest is None or honest not in wishes or wishes.index(got) < wishes.index(honest))
    )
