import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Market, MarketError
from matching.engine.arrays import draw_numbers
from matching.engine.reading import LARGEST_FILE
from tests.matching.engine.markets import documents

SOUND = {
    "format": "ieum-market-1",
    "trainees": [{"id": "t1", "prefs": ["p2", ["p1", "p3"]]}, {"id": "t2", "prefs": ["p1"]}],
    "projects": [
        {"id": "p1", "company": "c1", "capacity": 2, "minimum": 1, "scores": {"t1": 87.5, "t2": 60}},
        {"id": "p2", "company": "c2", "capacity": 1},
        {"id": "p3", "company": "c2", "capacity": 1},
    ],
    "companies": [{"id": "c1", "capacity": 2}, {"id": "c2", "capacity": 1, "ranking": ["t2", "t1"]}],
    "fixed": [["t2", "p1"]],
    "school": {"t1": "s1", "t2": "s1"},
    "school_caps": {"p1": {"s1": 2}},
    "draw": {"t1": 17},
    "seed": "announced beforehand",
}


def broken(path, value):
    """The sound market with one value replaced, added or (``...``) left out."""
    document = json.loads(json.dumps(SOUND))
    *way, last = path
    inner = document
    for step in way:
        inner = inner[step]
    if value is ...:
        del inner[last]
    elif isinstance(inner, list) and last == len(inner):
        inner.append(value)
    else:
        inner[last] = value
    return document


def read(data):
    try:
        return Market.from_json(data), ()
    except MarketError as error:
        return None, error.faults


def faults(data):
    with pytest.raises(MarketError) as raised:
        Market.from_json(data)
    return [(fault.place, fault.code) for fault in raised.value.faults]


@given(documents(minimums=True))
def test_market_reads_back_what_it_wrote(document):
    market = Market.from_json(document)

    assert Market.from_json(market.to_json()) == market
    assert Market.from_json(market.canonical()) == market
    assert Market.from_json(market.canonical().decode()) == market


def test_market_is_written_sorted_and_complete():
    market = Market.from_json(
        {
            "trainees": [{"id": "t2", "prefs": [["p2", "p1"]]}, {"id": "t1", "prefs": [["p1"]]}],
            "projects": [
                {"id": "p2", "company": "c", "capacity": 1.0, "scores": {"t2": 2, "t1": -0.0}},
                {"id": "p1", "company": "c", "capacity": 1},
            ],
            "companies": [{"id": "c", "capacity": 2}],
        }
    )

    assert market.canonical().decode() == (
        '{"companies":[{"capacity":2,"id":"c"}],"draw":{},"fixed":[],"format":"ieum-market-1","projects":['
        '{"capacity":1,"company":"c","id":"p1","minimum":0},'
        '{"capacity":1,"company":"c","id":"p2","minimum":0,"scores":{"t1":0,"t2":2}}],'
        '"school":{},"school_caps":{},"seed":"","trainees":['
        '{"id":"t1","prefs":["p1"]},{"id":"t2","prefs":[["p1","p2"]]}]}'
    )
    assert market.sha256 == sha256(market.canonical()).hexdigest()


def test_draw_numbers_come_from_the_seed_unless_given():
    market = Market.from_json(SOUND)

    numbers = draw_numbers(market)

    digest = sha256(b"announced beforehand\x00t2").digest()
    assert numbers == {"t1": 17, "t2": int.from_bytes(digest[:6], "big")}


@pytest.mark.parametrize(
    ("path", "value", "place", "code"),
    [
        (["format"], "ieum-market-2", "/format", "wrong_format"),
        (["trainees"], ..., "", "missing"),
        (["trainees"], {}, "/trainees", "wrong_type"),
        (["trainees"], None, "/trainees", "wrong_type"),
        (["trainees", 2], "t3", "/trainees/2", "wrong_type"),
        (["trainees", 2], {"id": "t1", "prefs": []}, "/trainees/2/id", "duplicate_id"),
        (["trainees", 2], {"prefs": []}, "/trainees/2", "missing"),
        (["trainees", 2], {"id": 3, "prefs": []}, "/trainees/2/id", "wrong_type"),
        (["trainees", 2], {"id": "", "prefs": []}, "/trainees/2/id", "empty"),
        (["trainees", 2], {"id": "a\0b", "prefs": []}, "/trainees/2/id", "control_character"),
        (["trainees", 2], {"id": "\ud800", "prefs": []}, "/trainees/2/id", "lone_surrogate"),
        (["trainees", 0, "prefs"], ..., "/trainees/0", "missing"),
        (["trainees", 0, "prefs"], "p1", "/trainees/0/prefs", "wrong_type"),
        (["trainees", 0, "prefs", 0], "p9", "/trainees/0/prefs/0", "unknown_project"),
        (["trainees", 0, "prefs", 0], 1, "/trainees/0/prefs/0", "wrong_type"),
        (["trainees", 0, "prefs", 0], [], "/trainees/0/prefs/0", "empty"),
        (["trainees", 0, "prefs", 2], "p3", "/trainees/0/prefs/2", "duplicate_wish"),
        (["trainees", 0, "prefs", 1, 0], "p2", "/trainees/0/prefs/1/0", "duplicate_wish"),
        (["trainees", 0, "prefs", 1, 0], ["p1"], "/trainees/0/prefs/1/0", "wrong_type"),
        (["trainees", 0, "wishes"], [], "/trainees/0", "unknown_key"),
        (["projects", 0, "company"], "c9", "/projects/0/company", "unknown_company"),
        (["projects", 0, "company"], ..., "/projects/0", "missing"),
        (["projects", 0, "company"], None, "/projects/0/company", "wrong_type"),
        (["projects", 0, "capacity"], ..., "/projects/0", "missing"),
        (["projects", 1, "capacity"], -1, "/projects/1/capacity", "negative"),
        (["projects", 1, "capacity"], 1.5, "/projects/1/capacity", "not_whole"),
        (["projects", 1, "capacity"], True, "/projects/1/capacity", "wrong_type"),
        (["projects", 1, "capacity"], "1", "/projects/1/capacity", "wrong_type"),
        (["projects", 1, "capacity"], 2**53, "/projects/1/capacity", "too_large"),
        (["projects", 1, "capacity"], 10**400, "/projects/1/capacity", "too_large"),
        (["projects", 1, "capacity"], 1e300, "/projects/1/capacity", "too_large"),
        (["projects", 1, "minimum"], -(10**400), "/projects/1/minimum", "negative"),
        (["projects", 0, "scores", "t1"], float("nan"), "/projects/0/scores/t1", "not_finite"),
        (["projects", 0, "scores", "t1"], float("inf"), "/projects/0/scores/t1", "not_finite"),
        (["projects", 0, "scores", "t1"], -0.5, "/projects/0/scores/t1", "negative"),
        (["projects", 0, "scores", "t1"], False, "/projects/0/scores/t1", "wrong_type"),
        (["projects", 0, "scores", "t/~"], 1, "/projects/0/scores/t~1~0", "unknown_trainee"),
        (["projects", 0, "scores"], [], "/projects/0/scores", "wrong_type"),
        (["projects", 1, "scores"], {}, "/projects/1/scores", "both_forms"),
        (["companies", 0, "capacity"], ..., "/companies/0", "missing"),
        (["companies", 1, "ranking"], None, "/companies/1/ranking", "wrong_type"),
        (["companies", 1, "ranking", 2], "t9", "/companies/1/ranking/2", "unknown_trainee"),
        (["companies", 1, "ranking", 2], ["t1"], "/companies/1/ranking/2/0", "duplicate_rank"),
        (["fixed", 1], ["t2", "p2"], "/fixed/1", "fixed_twice"),
        (["fixed", 1], ["t1"], "/fixed/1", "wrong_length"),
        (["fixed", 1], "t1", "/fixed/1", "wrong_type"),
        (["fixed", 0, 0], "t9", "/fixed/0/0", "unknown_trainee"),
        (["fixed", 0, 1], "p9", "/fixed/0/1", "unknown_project"),
        (["projects", 0, "capacity"], 0, "/fixed", "fixed_over_project"),
        (["companies", 0, "capacity"], 0, "/fixed", "fixed_over_company"),
        (["school_caps", "p1", "s1"], 0, "/fixed", "fixed_over_school_cap"),
        (["school_caps", "p9"], {}, "/school_caps/p9", "unknown_project"),
        (["school_caps", "p1"], 3, "/school_caps/p1", "wrong_type"),
        (["school_caps", "p2"], {"s1": -1}, "/school_caps/p2/s1", "negative"),
        (["school", "t9"], "s1", "/school/t9", "unknown_trainee"),
        (["school", "t1"], None, "/school/t1", "wrong_type"),
        (["draw", "t2"], 17, "/draw/t2", "duplicate_draw"),
        (["draw", "t9"], 1, "/draw/t9", "unknown_trainee"),
        (["draw", "t1"], -1, "/draw/t1", "negative"),
        (["seed"], 7, "/seed", "wrong_type"),
        (["seed"], "\udfff", "/seed", "lone_surrogate"),
        (["extra"], 1, "", "unknown_key"),
    ],
)
def test_market_names_each_fault_with_its_place(path, value, place, code):
    assert faults(broken(path, value)) == [(place, code)]


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        (b"", "", "not_json"),
        (b"{", "", "not_json"),
        (b"\xff{}", "", "not_utf8"),
        ("[" * 100_000, "", "too_deep"),
        ('{"a":' * 100_000, "", "too_deep"),
        ("[]", "", "wrong_type"),
        ("null", "", "wrong_type"),
        ("7", "", "wrong_type"),
        (" " * (LARGEST_FILE + 1), "", "too_big"),
    ],
)
def test_market_refuses_what_is_no_document(text, place, code):
    assert faults(text) == [(place, code)]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("NaN", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e999", "not_finite"),
        ("9" * 5000, "too_large"),
        ("-" + "9" * 5000, "negative"),
    ],
)
def test_market_refuses_numbers_beyond_json(number, code):
    text = json.dumps(broken(["projects", 1, "capacity"], "NUMBER")).replace('"NUMBER"', number)

    assert faults(text) == [("/projects/1/capacity", code)]


def test_market_finds_doubled_keys_at_any_depth():
    text = json.dumps(SOUND)
    text = text.replace('"t1": 87.5', '"t1": 87.5, "t1": 12').replace('"seed"', '"seed": "first", "seed"')

    assert faults(text) == [("/projects/0/scores", "duplicate_key"), ("", "duplicate_key")]


def test_market_collects_every_fault():
    document = broken(["trainees", 0, "prefs", 0], "p9")
    document["projects"][0]["capacity"] = -1
    document["companies"].append({"id": "c2", "capacity": True})

    with pytest.raises(MarketError) as raised:
        Market.from_json(document)

    assert {(fault.place, fault.code) for fault in raised.value.faults} == {
        ("/trainees/0/prefs/0", "unknown_project"),
        ("/projects/0/capacity", "negative"),
        ("/companies/2/id", "duplicate_id"),
        ("/companies/2/capacity", "wrong_type"),
    }
    assert "/trainees/0/prefs/0: unknown_project: project 'p9' is not in this market" in str(raised.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters()) | st.sampled_from(list(SOUND)), inner)
    ),
)
PATHS = st.sampled_from(
    [
        [noun] if step is None else [noun, step] if key is None else [noun, step, key]
        for noun in SOUND
        for step in [None, *range(len(SOUND[noun]) if isinstance(SOUND[noun], list) else 0)]
        for key in [
            None,
            *(SOUND[noun][step] if step is not None and isinstance(SOUND[noun][step], dict) else ()),
        ]
    ]
)


@given(PATHS, JSON)
def test_market_reads_anything_or_says_why_not(path, value):
    market, found = read(broken(path, value))

    assert (market is None) == bool(found)
    assert all(fault.message for fault in found)
    assert market is None or Market.from_json(market.canonical()) == market


@given(st.binary() | st.text())
def test_market_reads_any_bytes_or_says_why_not(content):
    with pytest.raises(MarketError) as raised:
        Market.from_json(content)

    assert str(raised.value).isprintable() or "\n" in str(raised.value)
