"""A receipt checked outside the portal, against the portal's own way of making it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.receipt import LARGEST_RECEIPT, Receipt, ReceiptError, check_receipt
from projects.rankings.terms import path_of, receipt_of, root_of
from tests.matching.engine.test_main import run

OTHERS = [f"{number:064x}" for number in range(7)]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WISHES = st.lists(st.integers(1, 2**53 - 1), max_size=10)
SCORES = st.lists(
    st.tuples(TEXT.filter(bool), st.integers(1, 999), st.sampled_from(["90.00", "skill"])).map(list),
    max_size=5,
)


def file_of(items=(3, 1, 2), *, others=OTHERS, **changes):
    """A sealed receipt as the portal writes it."""
    told = {"call": 4, "owner": "ab12", "at": "2026-11-23T09:00:00+00:00", "nonce": "0f" * 16, **changes}
    receipt = receipt_of(told["call"], told["owner"], list(items), told["at"], told["nonce"])
    receipts = [*others, receipt]
    return {
        "format": "ieum-receipt-1",
        **told,
        "items": list(items),
        "receipt": receipt,
        "root": root_of(receipts),
        "path": [list(step) for step in path_of(receipts, receipt)],
    }


def faults_of(document, root=None):
    return check_receipt(Receipt.from_json(json.dumps(document)), root)


@given(WISHES | SCORES, TEXT, TEXT, st.integers(0, 40))
def test_what_the_portal_seals_is_proved(items, owner, nonce, others):
    document = file_of(items, owner=owner, nonce=nonce, others=[f"{n:064x}" for n in range(others)])

    assert faults_of(document, document["root"]) == []


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"items": [1, 3, 2]}, ["list_differs"]),
        ({"items": [3, 1]}, ["list_differs"]),
        ({"call": 5}, ["list_differs"]),
        ({"owner": "ab13"}, ["list_differs"]),
        ({"at": "2026-11-23T09:00:01+00:00"}, ["list_differs"]),
        ({"nonce": "1f" * 16}, ["list_differs"]),
        ({"receipt": "0" * 64}, ["list_differs", "not_under_root"]),
        ({"root": "0" * 64}, ["not_under_root", "other_root"]),
        ({"path": []}, ["not_under_root"]),
    ],
)
def test_change_is_found(change, faults):
    document = file_of()

    assert faults_of({**document, **change}, document["root"]) == faults


@given(st.data())
def test_every_changed_digit_of_the_path_is_found(data):
    document = file_of()
    step = data.draw(st.integers(0, len(document["path"]) - 1))
    digit = data.draw(st.integers(0, 63))
    side, neighbour = document["path"][step]
    other = "0" if neighbour[digit] != "0" else "1"
    document["path"][step] = [side, neighbour[:digit] + other + neighbour[digit + 1 :]]

    assert faults_of(document) == ["not_under_root"]


def test_published_root_is_compared():
    assert faults_of(file_of(), "1" * 64) == ["other_root"]
    assert faults_of(file_of(), f" {file_of()['root'].upper()} ") == []


def test_receipt_before_sealing_proves_nothing():
    document = file_of()
    del document["root"], document["path"]

    assert faults_of(document) == ["not_sealed"]


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"format": "ieum-receipt-2"}, "/format", "wrong_format"),
        ({"receipt": "F" * 64}, "/receipt", "not_a_hash"),
        ({"receipt": 7}, "/receipt", "wrong_type"),
        ({"root": "ab"}, "/root", "not_a_hash"),
        ({"path": [["up", "0" * 64]]}, "/path/0/0", "not_a_side"),
        ({"path": [["left"]]}, "/path/0", "wrong_length"),
        ({"path": ["left"]}, "/path/0", "wrong_length"),
        ({"path": [["left", "0" * 64]] * 65}, "/path", "wrong_length"),
        ({"items": [[1, 2]]}, "/items/0", "wrong_length"),
        ({"items": ["p1"]}, "/items/0", "wrong_type"),
        ({"items": [float("nan")]}, "/items/0", "not_finite"),
        ({"items": [-1]}, "/items/0", "negative"),
        ({"call": True}, "/call", "wrong_type"),
        ({"nonce": "\0"}, "/nonce", "control_character"),
        ({"more": 1}, "", "unknown_key"),
    ],
)
def test_fault_is_named_with_its_place(change, place, code):
    with pytest.raises(ReceiptError) as error:
        Receipt.from_json(json.dumps({**file_of(), **change}))

    assert (place, code) in [(fault.place, fault.code) for fault in error.value.faults]


@pytest.mark.parametrize(
    "key", ["format", "call", "owner", "items", "at", "nonce", "receipt", "path", "root"]
)
def test_missing_key_is_named(key):
    document = file_of()
    del document[key]

    if key == "format":
        with pytest.raises(ReceiptError, match="missing"):
            Receipt.from_json(document)
    else:
        with pytest.raises(ReceiptError) as error:
            Receipt.from_json(document)
        assert [fault.details.get("key") for fault in error.value.faults] == [key]


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b" " * (LARGEST_RECEIPT + 1)],
    ids=["nothing", "array", "null", "broken", "not utf-8", "deep", "nan", "big"],
)
def test_hostile_file_is_refused(text):
    with pytest.raises(ReceiptError):
        Receipt.from_json(text)


@pytest.mark.parametrize(
    ("change", "status", "proved"), [({}, 0, True), ({"items": [1]}, 1, False), ({"items": "x"}, 2, None)]
)
def test_command_says_so(tmp_path, change, status, proved):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**file_of(), **change}))

    done = run("receipt", path, "--root", file_of()["root"])

    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    if proved is not None:
        assert json.loads(done.stdout)["proved"] is proved
    words = {0: "증명됨", 1: "다름", 2: "/items: wrong_type"}[status]
    assert words in done.stderr.decode()


def test_command_speaks_english_and_asks_to_compare_the_root(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(file_of()))

    done = run("receipt", path, "--lang", "en")

    assert done.stderr.decode().splitlines()[0].startswith("Proved")
    assert file_of()["root"] in done.stderr.decode()


def test_command_reads_no_endless_device():
    done = run("receipt", "/dev/zero")

    assert done.returncode == 2
