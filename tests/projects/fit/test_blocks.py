"""Fit in blocks against its definition, pair by pair."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.fit.blocks import BestPeople, Scorer, best_offers
from projects.fit.terms import DEFAULT_WEIGHTS, Offer, Person, fit

CODES = ["python", "pytorch", "tensorflow", "sql", "opencv", "mlops", "nlp"]
PARENTS = {"pytorch": "deep", "tensorflow": "deep", "opencv": "vision", "nlp": "deep"}
PARTS = list(DEFAULT_WEIGHTS)
SKILLS = st.dictionaries(st.sampled_from(CODES), st.integers(1, 5), max_size=6)
REGIONS, MODES = st.sampled_from(["jeonnam", "gwangju"]), st.sampled_from(["onsite", "remote", "hybrid"])
DAYS = st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 3))
PEOPLE = st.builds(
    Person,
    skills=SKILLS,
    interests=st.frozensets(st.sampled_from(["data", "vision"])),
    hours=st.integers(0, 1200),
    region=REGIONS,
    work_mode=MODES,
    available_from=DAYS,
)
OFFERS = st.builds(
    Offer,
    required=SKILLS,
    preferred=SKILLS,
    field=st.sampled_from(["data", "vision", "language"]),
    region=REGIONS,
    work_mode=MODES,
    starts_on=DAYS,
)
WEIGHTS = st.fixed_dictionaries({name: st.integers(0, 97) for name in PARTS}).filter(
    lambda weights: sum(weights.values()) > 0
)


def plain(people, offers, weights):
    return [[fit(person, offer, PARENTS, weights).score for person in people] for offer in offers]


@given(people=st.lists(PEOPLE, max_size=6), offers=st.lists(OFFERS, max_size=6), weights=WEIGHTS)
def test_scores_of_a_block_equal_the_definition(people, offers, weights):
    scores = Scorer(offers, PARENTS, weights).scores(people)

    assert scores.tolist() == plain(people, offers, weights)


@given(
    people=st.lists(PEOPLE, min_size=1, max_size=4),
    offers=st.lists(OFFERS, min_size=1, max_size=4),
    weights=st.dictionaries(st.sampled_from([*PARTS, "unknown"]), st.integers(1, 50), min_size=1),
)
def test_weights_that_are_left_out_count_nothing(people, offers, weights):
    scores = Scorer(offers, PARENTS, weights).scores(people)

    assert scores.tolist() == plain(people, offers, weights)


def test_more_offers_than_are_scored_at_a_time_are_all_scored():
    people = [
        Person({"python": level}, frozenset({"data"}), 300, "gwangju", "onsite", None) for level in (1, 3)
    ]
    offers = [
        Offer({"python": 1 + number % 5}, {"sql": 2}, "data", "gwangju", "onsite", None)
        for number in range(600)
    ]

    scores = Scorer(offers, PARENTS, DEFAULT_WEIGHTS).scores(people)

    assert scores.tolist() == plain(people, offers, DEFAULT_WEIGHTS)


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match="weights"):
        Scorer([], PARENTS, {"required": 0})


@given(
    blocks=st.lists(st.lists(PEOPLE, max_size=5), max_size=4),
    offers=st.lists(OFFERS, max_size=5),
    count=st.integers(1, 3),
)
def test_best_of_both_sides_are_those_of_the_full_table(blocks, offers, count):
    scorer, best, own = Scorer(offers, PARENTS, DEFAULT_WEIGHTS), BestPeople(len(offers), count), []
    for block in blocks:
        scores = scorer.scores(block)
        own += best_offers(scores, count)
        best.add(scores)

    people = [person for block in blocks for person in block]
    table = plain(people, offers, DEFAULT_WEIGHTS)
    numbers = range(len(people))
    assert own == [
        sorted(range(len(offers)), key=lambda offer, one=one: (-table[offer][one], offer))[:count]
        for one in numbers
    ]
    pairs = {
        (one, offer)
        for offer in range(len(offers))
        for one in sorted(numbers, key=lambda one, offer=offer: (-table[offer][one], one))[:count]
    }
    assert set(best.pairs()) == pairs
    assert best.numbers() == {one for one, _ in pairs}
