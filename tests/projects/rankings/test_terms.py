"""The root over all receipts."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.rankings.terms import alias_of, is_under, path_of, root_of

RECEIPT = st.binary(min_size=32, max_size=32).map(bytes.hex)
RECEIPTS = st.lists(RECEIPT, min_size=1, max_size=70)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def test_root_of_none_is_the_hash_of_nothing():
    assert root_of([]) == hashlib.sha256(b"").hexdigest()


def test_root_of_three_is_worked_out_by_hand():
    a, b, c = (bytes([digit]) * 32 for digit in (1, 2, 3))
    leaves = [sha(b"\0", one) for one in (a, b, c)]

    by_hand = sha(b"\1", sha(b"\1", leaves[0], leaves[1]), leaves[2])

    assert root_of([c.hex(), a.hex(), b.hex()]) == by_hand.hex()
    assert path_of([c.hex(), a.hex(), b.hex()], c.hex()) == [("left", sha(b"\1", leaves[0], leaves[1]).hex())]


@given(RECEIPTS, st.randoms())
def test_root_does_not_depend_on_the_order(receipts, random):
    shuffled = random.sample(receipts, len(receipts))

    assert root_of(shuffled) == root_of(receipts)


@given(RECEIPTS)
def test_every_receipt_lies_under_the_root(receipts):
    root = root_of(receipts)

    paths = {receipt: path_of(receipts, receipt) for receipt in receipts}

    assert all(is_under(receipt, path, root) for receipt, path in paths.items())
    assert max(map(len, paths.values())) <= (len(receipts) - 1).bit_length()


@given(RECEIPTS, RECEIPT)
def test_no_other_receipt_lies_under_the_root(receipts, other):
    root = root_of(receipts)
    if other in receipts:
        return

    assert not any(is_under(other, path_of(receipts, one), root) for one in receipts)


@given(RECEIPTS, RECEIPT)
def test_one_receipt_more_less_or_other_changes_the_root(receipts, other):
    if other in receipts:
        return

    roots = [
        root_of(receipts),
        root_of([*receipts, other]),
        root_of(receipts[1:]),
        root_of([other, *receipts[1:]]),
    ]

    assert len({*roots}) == 4


@given(st.lists(RECEIPT, min_size=2, max_size=40, unique=True))
def test_no_node_passes_for_a_receipt(receipts):
    """A node's own bytes, given as if they were a receipt, lead nowhere: leaves and nodes begin differently."""
    root, receipt = root_of(receipts), receipts[0]
    path = path_of(receipts, receipt)
    (side, neighbour), *above = path
    leaf = sha(b"\0", bytes.fromhex(receipt))
    below = bytes.fromhex(neighbour) + leaf if side == "left" else leaf + bytes.fromhex(neighbour)

    assert is_under(receipt, path, root)
    assert not is_under(below.hex(), above, root)
    assert not is_under(sha(b"\1", below).hex(), above, root)


@pytest.mark.parametrize("step", [("left", "zz"), ("right", "0"), ("left", "한")])
def test_malformed_path_leads_nowhere(step):
    assert not is_under("0" * 64, [step], "0" * 64)


def test_alias_is_another_in_every_list():
    names = {alias_of("ab" * 16, nonce) for nonce in ("1", "2", "3")}

    assert len(names) == 3
    assert all(len(name) == 32 for name in names)
