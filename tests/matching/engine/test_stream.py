import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Market, MarketError, solve
from matching.engine.solve import solve_arrays
from matching.engine.stream import MOST_FAULTS, read_stream
from tests.matching.engine.markets import large_document

COMPANIES = [("c1", 3), ("c2", 1)]
PROJECTS = [("p1", "c1", 1, 0), ("p2", "c1", 2, 0), ("p3", "c2", 2, 2)]
TRAINEES = [("t1", ["p1", "p2"], [7, 0]), ("t2", ["p1"], [9]), ("t3", [], [])]


@given(st.integers(0, 10**6), st.sampled_from([0, 2]))
def test_a_stream_is_matched_like_its_document(seed, minimum):
    document = large_document(60, 12, 5, minimum=minimum, cap=7, seed=seed)
    scores = {one["id"]: one["scores"] for one in document["projects"]}

    random.Random(seed).shuffle(document["trainees"])
    arrays = read_stream(
        ((one["id"], one["capacity"]) for one in document["companies"]),
        ((one["id"], one["company"], one["capacity"], one["minimum"]) for one in document["projects"]),
        (
            (one["id"], one["prefs"], [scores[wish][one["id"]] for wish in one["prefs"]])
            for one in document["trainees"]
        ),
        document["seed"],
    )
    closed, seats = solve_arrays(arrays)

    names = [*arrays.projects, None]
    found = [names[project] for project in seats.project_of_trainee(arrays)]
    result = solve(Market.from_json(document))
    assert dict(zip(arrays.trainees, found, strict=True)) == result.matching
    assert {arrays.projects[project] for project in closed} == set(result.closed)
    assert seats.rank_profile(arrays) == result.rank_profile


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("t4", ["p9"], [1]), "/trainees/3/prefs/0: unknown_project: project 'p9' is not in this market"),
        (
            ("t4", ["p1", "p1"], [1, 2]),
            "/trainees/3/prefs/1: duplicate_wish: project 'p1' is already ranked further up",
        ),
        (("t4", ["p1", "p2"], [1]), "/trainees/3/scores: wrong_length: expected 2 entries, found 1"),
        (("t4", ["p1"], [-1]), "/trainees/3/scores/0: negative: -1 is negative"),
        (("t4", ["p1"], [2**31]), "/trainees/3/scores/0: too_large: a number here is at most 2147483647"),
        (("t4", ["p1"], [0.5]), "/trainees/3/scores/0: wrong_type: expected a number, found float"),
        (("t4", ["p1"], [None]), "/trainees/3/scores/0: wrong_type: expected a number, found NoneType"),
        (("t1", [], []), "/trainees/3: duplicate_id: 't1' is listed twice"),
        ((None, [], []), "/trainees/3: wrong_type: expected a text, found NoneType"),
    ],
)
def test_a_fault_in_a_stream_is_named_with_its_place(row, said):
    with pytest.raises(MarketError) as error:
        read_stream(COMPANIES, PROJECTS, [*TRAINEES, row])

    assert str(error.value) == said


def test_faults_of_projects_and_companies_come_together():
    with pytest.raises(MarketError) as error:
        read_stream([("c1", -1), ("c1", True)], [("p1", "c9", 1, 0), ("p2", "c1", 2**31, "x")], [])

    assert [f"{one.place} {one.code}" for one in error.value.faults] == [
        "/companies/0/capacity negative",
        "/companies/1 duplicate_id",
        "/companies/1/capacity wrong_type",
        "/projects/0/company unknown_company",
        "/projects/1/capacity too_large",
        "/projects/1/minimum wrong_type",
    ]


def test_a_stream_of_nothing_but_faults_stops_early():
    read = 0

    def rows():
        nonlocal read
        while True:
            read += 1
            yield f"t{read}", ["p1"], [-1]

    with pytest.raises(MarketError) as error:
        read_stream(COMPANIES, PROJECTS, rows())

    assert (len(error.value.faults), read) == (MOST_FAULTS, MOST_FAULTS)
