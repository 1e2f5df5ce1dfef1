import pytest
from hypothesis import given

from matching.engine import Market, Result, ResultError, solve
from matching.engine.result import rank_profile
from tests.matching.engine.markets import markets

SOUND = {
    "format": "ieum-result-1",
    "matching": {"t1": "p1", "t2": None},
    "closed": ["p2"],
    "market_sha256": "0" * 64,
    "rule": "draw",
    "engine": "1.0",
    "size": 1,
    "rank_profile": [0, 1],
}


@given(markets(minimums=True))
def test_result_reads_back_what_it_wrote(market):
    result = solve(market)

    assert Result.from_json(result.to_json()) == result
    assert Result.from_json(result.canonical()) == result


def test_result_is_written_as_agreed():
    assert Result.from_json(SOUND).to_json() == SOUND


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"format": "ieum-result-2"}, "/format", "wrong_format"),
        ({"matching": []}, "/matching", "wrong_type"),
        ({"matching": {"t1": 1}}, "/matching/t1", "wrong_type"),
        ({"matching": {"t1": ""}}, "/matching/t1", "empty"),
        ({"closed": "p2"}, "/closed", "wrong_type"),
        ({"closed": [None]}, "/closed/0", "wrong_type"),
        ({"market_sha256": 7}, "/market_sha256", "wrong_type"),
        ({"size": True}, "/size", "wrong_type"),
        ({"size": -1}, "/size", "negative"),
        ({"rank_profile": [0.5]}, "/rank_profile/0", "not_whole"),
        ({"sizes": 1}, "", "unknown_key"),
    ],
)
def test_result_names_each_fault_with_its_place(change, place, code):
    with pytest.raises(ResultError) as raised:
        Result.from_json({**SOUND, **change})

    assert [(fault.place, fault.code) for fault in raised.value.faults] == [(place, code)]


@pytest.mark.parametrize("key", [key for key in SOUND if key != "format"])
def test_result_needs_every_part(key):
    with pytest.raises(ResultError) as raised:
        Result.from_json({name: value for name, value in SOUND.items() if name != key})

    assert [(fault.place, fault.code, fault.details) for fault in raised.value.faults] == [
        ("", "missing", {"key": key})
    ]


def test_result_collects_every_fault():
    with pytest.raises(ResultError) as raised:
        Result.from_json({"matching": 1, "closed": 2})

    assert len(raised.value.faults) == 7


def test_rank_profile_counts_tiers_and_no_unranked_placement():
    market = Market.from_json(
        {
            "trainees": [
                {"id": "t1", "prefs": [["p1", "p2"], "p3"]},
                {"id": "t2", "prefs": ["p2", "p3"]},
                {"id": "t3", "prefs": ["p1"]},
            ],
            "projects": [{"id": f"p{n}", "company": "c", "capacity": 1} for n in (1, 2, 3)],
            "companies": [{"id": "c", "capacity": 3}],
        }
    )

    assert rank_profile(market, {"t1": "p2", "t2": "p3", "t3": None}) == (1, 1)
    assert rank_profile(market, {"t1": None, "t2": "p1", "t3": None}) == ()
