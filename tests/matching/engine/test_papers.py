"""Worked examples of the sources."""

import pytest

from matching.engine import Market, check, solve
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import result_of


def spa(students, lecturers, projects):
    """An SPA-S instance: lists as text, {lecturer: (capacity, list)}, {project: (capacity, lecturer)}."""
    return Market.from_json(
        {
            "trainees": [{"id": one, "prefs": wishes.split()} for one, wishes in students.items()],
            "projects": [
                {"id": one, "company": lecturer, "capacity": places}
                for one, (places, lecturer) in projects.items()
            ],
            "companies": [
                {"id": one, "capacity": places, "ranking": ranked.split()}
                for one, (places, ranked) in lecturers.items()
            ],
        }
    )


def test_solve_answers_the_instance_of_abraham_irving_and_manlove():
    """Two algorithms for the Student-Project Allocation problem (2007), figure 1."""
    market = spa(
        {
            "s1": "p1 p7",
            "s2": "p1 p2 p3 p4 p5 p6",
            "s3": "p2 p1 p4",
            "s4": "p2",
            "s5": "p1 p2 p3 p4",
            "s6": "p2 p3 p4 p5 p6",
            "s7": "p5 p3 p8",
        },
        {"l1": (3, "s7 s4 s1 s3 s2 s5 s6"), "l2": (2, "s3 s2 s6 s7 s5"), "l3": (2, "s1 s7")},
        {
            "p1": (2, "l1"),
            "p2": (1, "l1"),
            "p3": (1, "l1"),
            "p4": (1, "l2"),
            "p5": (1, "l2"),
            "p6": (1, "l2"),
            "p7": (1, "l3"),
            "p8": (1, "l3"),
        },
    )
    expected = {"s1": "p1", "s2": "p5", "s3": "p4", "s4": "p2", "s5": None, "s6": None, "s7": "p3"}

    result = solve(market)

    assert result.matching == expected
    assert Brute(market).stable_matchings() == [expected]
    assert solve(market, side="company").matching == expected
    assert check(market, result) == []


MARRIAGES = spa(
    {"α": "A B C", "β": "B C A", "γ": "C A B"},
    {"a": (1, "β γ α"), "b": (1, "γ α β"), "c": (1, "α β γ")},
    {"A": (1, "a"), "B": (1, "b"), "C": (1, "c")},
)


@pytest.mark.parametrize(
    ("matching", "codes"),
    [
        ({"α": "A", "β": "B", "γ": "C"}, []),
        ({"α": "B", "β": "C", "γ": "A"}, ["not_best_for_trainees"]),
        ({"α": "C", "β": "A", "γ": "B"}, ["not_best_for_trainees"]),
        ({"α": "A", "β": "C", "γ": "B"}, ["blocking_pair"]),
    ],
)
def test_check_knows_the_three_stable_marriages_of_gale_and_shapley(matching, codes):
    """College admissions and the stability of marriage (1962), example 1: the two sides' optima differ."""
    found = check(MARRIAGES, result_of(MARRIAGES, matching))

    assert [one.code for one in found] == codes
    assert Brute(MARRIAGES).stable(matching) == (codes != ["blocking_pair"])


def test_solve_gives_every_proposer_the_first_choice_of_gale_and_shapley():
    assert solve(MARRIAGES).matching == {"α": "A", "β": "B", "γ": "C"}


def test_the_best_for_either_side_differ_in_the_marriages_of_gale_and_shapley():
    """The other side proposes, and gets its first choice."""
    best_for_companies = solve(MARRIAGES, side="company")

    assert best_for_companies.matching == {"α": "C", "β": "A", "γ": "B"}
    assert check(MARRIAGES, best_for_companies) == []
    assert [
        one.code
        for one in check(MARRIAGES, result_of(MARRIAGES, {"α": "B", "β": "C", "γ": "A"}, side="company"))
    ] == ["not_best_for_companies"] * 3


def test_one_scale_decides_inside_a_company():
    """Pair standings (after Abu El-Atta & Moussa 2009; the instance is ours).

    The company has two seats for three projects. Its best pair is (t1, p2), yet t1 prefers p1, where they
    stand lowest: they are pushed out there by (t3, p3) and then admitted at p2.
    """
    market = Market.from_json(
        {
            "trainees": [
                {"id": "t1", "prefs": ["p1", "p2"]},
                {"id": "t2", "prefs": ["p2"]},
                {"id": "t3", "prefs": ["p3"]},
            ],
            "projects": [
                {"id": "p1", "company": "c", "capacity": 1, "scores": {"t1": 10}},
                {"id": "p2", "company": "c", "capacity": 2, "scores": {"t1": 90, "t2": 20}},
                {"id": "p3", "company": "c", "capacity": 1, "scores": {"t3": 30}},
            ],
            "companies": [{"id": "c", "capacity": 2}],
        }
    )

    result = solve(market)

    assert result.matching == {"t1": "p2", "t2": None, "t3": "p3"}
    assert Brute(market).stable_matchings() == [result.matching]


def test_lower_quotas_close_the_project_that_cannot_fill():
    """After Biró, Fleiner, Irving & Manlove (2010): with minimums, no stable matching of all projects need exist.

    Both trainees like the pair's project best, which needs two; one of them is not acceptable elsewhere.
    """
    market = Market.from_json(
        {
            "trainees": [{"id": "t1", "prefs": ["duo", "solo"]}, {"id": "t2", "prefs": ["solo", "duo"]}],
            "projects": [
                {"id": "duo", "company": "c1", "capacity": 2, "minimum": 2},
                {"id": "solo", "company": "c2", "capacity": 1},
            ],
            "companies": [
                {"id": "c1", "capacity": 2, "ranking": ["t1", "t2"]},
                {"id": "c2", "capacity": 1, "ranking": ["t1", "t2"]},
            ],
        }
    )

    result = solve(market)

    assert (result.closed, result.matching) == (("duo",), {"t1": "solo", "t2": None})
    assert check(market, result) == []
    assert not [one for one in Brute(market).stable_matchings() if Brute(market).reaches_minimums(one)]
