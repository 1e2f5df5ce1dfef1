"""The rule ``fill``, and the matching that is best for companies."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Market, check, solve
from matching.engine.acceptance import free_seats, propose
from matching.engine.arrays import flatten, with_second_round
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import documents, large_document, markets, result_of, shuffled

RULES = st.sampled_from(["draw", "fill"])
SIDES = st.sampled_from(["trainee", "company"])


class ByScore(Brute):
    """Only different scores tell pairs apart: "prefers" is strict (weak stability)."""

    def standing(self, trainee, project):
        found = super().standing(trainee, project)
        return found and (found[0], 0)


@settings(max_examples=200)
@given(markets(trainees=5), SIDES)
def test_fill_is_weakly_stable_and_places_two_thirds_of_what_is_possible(market, side):
    result = solve(market, "fill", side)

    weak = ByScore(market)
    assert weak.fits(result.matching)
    assert weak.stable(result.matching)
    strict_lists = Market.from_json({**market.to_json(), "trainees": _strict(market)})
    possible = max(map(_size, ByScore(strict_lists).stable_matchings()))
    assert 3 * result.size >= 2 * possible


@settings(max_examples=200)
@given(markets(trainees=5, minimums=True), RULES, SIDES)
def test_every_rule_and_side_is_proved(market, rule, side):
    result = solve(market, rule, side)

    assert check(market, result) == []
    assert (result.rule, result.side) == (rule, side)


@settings(max_examples=150)
@given(documents(minimums=True), RULES, SIDES, st.integers())
def test_no_rule_sees_the_order_of_the_input(document, rule, side, seed):
    one, other = Market.from_json(document), Market.from_json(shuffled(document, seed))

    assert solve(one, rule, side) == solve(other, rule, side)


@settings(max_examples=100)
@given(markets(trainees=6), st.integers())
def test_fill_does_not_depend_on_who_asks_first(market, seed):
    arrays = with_second_round(flatten(market, "fill"))
    asked = [one for one, name in enumerate(arrays.trainees) if name not in market.fixed]
    seats, other = free_seats(arrays, set()), free_seats(arrays, set())

    propose(arrays, seats, asked)
    propose(arrays, other, random.Random(seed).sample(asked, len(asked)))

    assert other.wish == seats.wish


@settings(max_examples=200)
@given(markets())
def test_the_best_matching_for_companies_is_the_worst_stable_one_for_every_trainee(market):
    brute = Brute(market)

    result = solve(market, side="company")

    assert brute.stable(result.matching)
    assert all(brute.all_like(other, result.matching) for other in brute.stable_matchings())


@settings(max_examples=100)
@given(markets(trainees=5), RULES, SIDES, st.data())
def test_another_rule_or_side_is_not_taken_for_this_one(market, rule, side, data):
    """Wherever two promises lead to different matchings, neither passes for the other."""
    result = solve(market, rule, side)
    other = solve(market, data.draw(RULES), data.draw(SIDES))

    disguised = result_of(market, other.matching, rule=rule, side=side)

    assert (check(market, disguised) == []) == (other.matching == result.matching)


def test_fill_seats_more_where_scores_tie():
    """Cooper & Manlove 2018, section 1: by the draw a stable matching may leave half the seats empty.

    Their point in the smallest instance: both stand equal at a; if the one with another choice is taken there,
    the other is left with nothing.
    """
    market = Market.from_json(
        {
            "trainees": [{"id": "free", "prefs": ["a", "b"]}, {"id": "bound", "prefs": ["a"]}],
            "projects": [
                {"id": "a", "company": "c", "capacity": 1, "scores": {"free": 5, "bound": 5}},
                {"id": "b", "company": "d", "capacity": 1, "scores": {"free": 5}},
            ],
            "companies": [{"id": "c", "capacity": 1}, {"id": "d", "capacity": 1}],
            "draw": {"free": 1, "bound": 2},
        }
    )

    drawn, filled = solve(market), solve(market, "fill")

    assert drawn.matching == {"bound": None, "free": "a"}
    assert filled.matching == {"bound": "a", "free": "b"}
    assert sorted(map(_size, ByScore(market).stable_matchings())) == [1, 2]
    assert (check(market, drawn), check(market, filled)) == ([], [])


def test_fill_fills_more_of_a_call_with_coarse_scores():
    document = large_document(483, 36, 28, places=(2, 3, 4, 5), cap=12, seed=3)
    for project in document["projects"]:
        project["scores"] = {one: score // 20 for one, score in project["scores"].items()}
    market = Market.from_json(document)

    drawn, filled = solve(market), solve(market, "fill")

    assert filled.size >= drawn.size
    assert check(market, filled) == []


@pytest.mark.parametrize(
    ("rule", "side", "said"), [("luck", "trainee", "rule 'luck'"), ("draw", "x", "side 'x'")]
)
def test_solve_refuses_what_it_does_not_know(rule, side, said):
    with pytest.raises(ValueError, match=f"unknown {said}"):
        solve(Market.from_json({"trainees": [], "projects": [], "companies": []}), rule, side)


def _size(matching):
    return sum(project is not None for project in matching.values())


def _strict(market):
    """Lists with their ties broken as the engine breaks them: the bound speaks of strict lists."""
    brute = Brute(market)
    order = {one: brute._digest(one)[:6] for one in market.projects}
    return [
        {"id": one.id, "prefs": [wish for tier in one.prefs for wish in sorted(tier, key=order.get)]}
        for one in market.trainees.values()
    ]
