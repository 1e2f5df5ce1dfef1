"""What a certified list proves, and what the root over all of them proves, as pure functions."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Literal


def receipt_of(call: int, owner: str, items: Sequence[object], certified_at: str, nonce: str) -> str:
    """The receipt of one certified list: who, for which call, in which order, when.

    Parameters
    ----------
    call : int
    owner : str
        Pseudonym of the trainee, or ``company:<id>``.
    items : sequence of JSON values
        Project ids best first, or ``[alias, project id, score or refusal code]`` in order; see `alias_of`.
    certified_at : str
        ISO moment with offset.
    nonce : str
        Random text kept with the list, so that nobody can guess a list from its receipt.

    Returns
    -------
    str
        SHA-256 in hex of the canonical JSON (sorted keys, no blanks, UTF-8).
    """
    told = {
        "format": "ieum-receipt-1",
        "call": call,
        "owner": owner,
        "items": list(items),
        "at": certified_at,
        "nonce": nonce,
    }
    return hashlib.sha256(
        json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def alias_of(pseudonym: str, nonce: str) -> str:
    """What a company's list calls a person: nobody but who holds the list's nonce can make it.

    Parameters
    ----------
    pseudonym : str
        What the match knows the person by.
    nonce : str
        Of the list.

    Returns
    -------
    str
        The first 32 digits of SHA-256(nonce, colon, pseudonym) in hex.

    Notes
    -----
    A company keeps its receipt's file; under their pseudonyms it could find people again in a market that it is shown.
    """
    return hashlib.sha256(f"{nonce}:{pseudonym}".encode()).hexdigest()[:32]


# --- the root over all receipts -----------------------------------------------------------------------

#: Where a neighbour stands, and its hash in hex.
Step = tuple[Literal["left", "right"], str]


def root_of(receipts: Iterable[str]) -> str:
    """One hash that stands for all receipts: the root of their Merkle tree.

    Parameters
    ----------
    receipts : iterable of str
        64 hexadecimal digits each, in any order: they are sorted first. n in number.

    Returns
    -------
    str
        64 hexadecimal digits.

    Notes
    -----
    A leaf is SHA-256 of the byte 0 and the receipt's 32 bytes, a node SHA-256 of the byte 1 and the bytes of both below
    it: no node can be passed off as a receipt. A row that cannot be split evenly is split at the largest power of two.
    The root of none is SHA-256 of nothing. O(n log n).

    References
    ----------
    RFC 6962, section 2.1.
    """
    return _root(_leaves(receipts)).hex()


def path_of(receipts: Iterable[str], receipt: str) -> list[Step]:
    """The neighbours that lead from one receipt up to the root, the lowest first.

    Parameters
    ----------
    receipts : iterable of str
        As in `root_of`.
    receipt : str
        One of them.

    Raises
    ------
    ValueError
        If it is none of them.

    Notes
    -----
    At most ⌈log2 n⌉ steps; a single receipt has none. O(n log n).
    """
    leaves = _leaves(receipts)
    return [(side, digest.hex()) for side, digest in _path(leaves, leaves.index(_leaf(receipt)))]


def is_under(receipt: str, path: Sequence[Step], root: str) -> bool:
    """Whether ``path`` leads from ``receipt`` to ``root``.

    Notes
    -----
    O(len(path)). Malformed hexadecimal digits lead nowhere.
    """
    try:
        digest = _leaf(receipt)
        for side, neighbour in path:
            other = bytes.fromhex(neighbour)
            digest = _node(other, digest) if side == "left" else _node(digest, other)
    except ValueError:
        return False
    return digest.hex() == root


def _leaf(receipt: str) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(receipt)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _leaves(receipts: Iterable[str]) -> list[bytes]:
    return [_leaf(receipt) for receipt in sorted(receipts)]


def _split(count: int) -> int:
    """The largest power of two below ``count``, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def _root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return _node(_root(leaves[:middle]), _root(leaves[middle:]))


def _path(leaves: Sequence[bytes], index: int) -> list[tuple[Literal["left", "right"], bytes]]:
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*_path(leaves[:middle], index), ("right", _root(leaves[middle:]))]
    return [*_path(leaves[middle:], index - middle), ("left", _root(leaves[:middle]))]
