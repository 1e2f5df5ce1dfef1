"""Checking a receipt outside the portal: does the list give it, and does it lie under the published root?

Written on its own, from the description of the format; it shares nothing with the portal or with the solver.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from matching.engine.canonical import sha256_hex
from matching.engine.reading import InputError, Place, Reader

__all__ = [
    "LARGEST_RECEIPT",
    "RECEIPT_FORMAT",
    "Receipt",
    "ReceiptError",
    "check_receipt",
    "read_receipt_parts",
]

RECEIPT_FORMAT = "ieum-receipt-1"
LARGEST_RECEIPT = 8 * 2**20  # bytes; a company that reviewed 50 000 people stays below it
MOST_STEPS = 64  # a tree of this height has more leaves than there will ever be receipts
SIDES = ("left", "right")
HEX = frozenset("0123456789abcdef")


class ReceiptError(InputError):
    """A broken receipt file; ``faults`` names every fault with its place."""


@dataclass(frozen=True)
class Receipt:
    """A list as its owner handed it in, and what proves that it counted.

    Attributes
    ----------
    call : int
    owner : str
        The trainee's pseudonym, or ``company:<id>``.
    items : tuple
        Project ids best first, or ``(alias, project id, score or refusal)``.
    at, nonce : str
        When it was certified; what keeps others from guessing it.
    receipt : str
        64 hexadecimal digits.
    path : tuple of (side, hash) or None
        The neighbours up to the root; ``None`` before lists are sealed.
    root : str or None
    """

    call: int
    owner: str
    items: tuple[Any, ...]
    at: str
    nonce: str
    receipt: str
    path: tuple[tuple[str, str], ...] | None
    root: str | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | bytes) -> Self:
        """Read a file of format ``ieum-receipt-1``.

        Raises
        ------
        ReceiptError
            With every fault of form that was found.
        """
        reader = Reader(ReceiptError)
        if isinstance(data, bytes | str) and len(data) > LARGEST_RECEIPT:
            reader.stop("too_big", bytes=LARGEST_RECEIPT)
        parts = read_receipt_parts(reader, reader.document(data), ())
        reader.finish()
        return cls(**parts)

    @property
    def list_sha256(self) -> str:
        """The receipt that the list gives."""
        told = {
            "format": RECEIPT_FORMAT,
            "call": self.call,
            "owner": self.owner,
            "items": list(self.items),
            "at": self.at,
            "nonce": self.nonce,
        }
        return sha256_hex(told)

    @property
    def top(self) -> str:
        """Where the path leads: the root, if the receipt lies under it."""
        digest = sha256(b"\x00" + bytes.fromhex(self.receipt)).digest()
        for side, neighbour in self.path or ():
            other = bytes.fromhex(neighbour)
            below = other + digest if side == "left" else digest + other
            digest = sha256(b"\x01" + below).digest()
        return digest.hex()


def check_receipt(receipt: Receipt, root: str | None = None) -> list[str]:
    """What is wrong with a receipt.

    Parameters
    ----------
    receipt : Receipt
    root : str, optional
        The root as it is published; without it the file's own is believed.

    Returns
    -------
    list of str
        Codes, none if it is proved: ``list_differs`` (the list does not give the receipt), ``not_sealed`` (the file
        has no root yet), ``not_under_root`` (the path leads elsewhere), ``other_root`` (the file's root is not the
        published one).

    Notes
    -----
    O(length of the list + length of the path).
    """
    found = [] if receipt.list_sha256 == receipt.receipt else ["list_differs"]
    if receipt.root is None or receipt.path is None:
        return [*found, "not_sealed"]
    if receipt.top != receipt.root:
        found.append("not_under_root")
    if root is not None and root.strip().lower() != receipt.root:
        found.append("other_root")
    return found


def read_receipt_parts(reader: Reader, document: object, place: Place) -> dict[str, Any]:
    """The parts of a `Receipt` inside any document; faults are left with the reader."""
    required = ("format", "call", "owner", "items", "at", "nonce", "receipt")
    top = reader.record(document, place, required, ("path", "root"))
    if top is None:
        return {}
    if top.get("format", RECEIPT_FORMAT) != RECEIPT_FORMAT:
        reader.fault((*place, "format"), "wrong_format", expected=RECEIPT_FORMAT)
    if ("path" in top) != ("root" in top):
        reader.fault(place, "missing", key="root" if "path" in top else "path")
    return {
        "call": reader.whole(top.get("call", 0), (*place, "call")),
        "items": tuple(_items(reader, top.get("items", []), (*place, "items"))),
        **{
            name: reader.text(top.get(name, "-"), (*place, name), may_be_empty=True)
            for name in ("owner", "at", "nonce")
        },
        "receipt": digest(reader, top["receipt"], (*place, "receipt")) if "receipt" in top else None,
        "path": tuple(read_path(reader, top["path"], (*place, "path"))) if "path" in top else None,
        "root": digest(reader, top["root"], (*place, "root")) if "root" in top else None,
    }


def digest(reader: Reader, value: object, place: Place) -> str:
    """64 lower-case hexadecimal digits."""
    text = reader.text(value, place)
    if text is not None and (len(text) != 64 or not HEX.issuperset(text)):
        reader.fault(place, "not_a_hash")
    return text or ""


def _items(reader: Reader, value: object, place: Place) -> list[Any]:
    items: list[Any] = []
    for at, item in reader.entries(value, place):
        if isinstance(item, list | tuple):
            if len(item) != 3:
                reader.fault((*place, at), "wrong_length", expected=3, found=len(item))
                continue
            alias, project, said = item
            items.append(
                [
                    reader.text(alias, (*place, at, 0)),
                    reader.whole(project, (*place, at, 1)),
                    reader.text(said, (*place, at, 2)),
                ]
            )
        else:
            items.append(reader.whole(item, (*place, at)))
    return items


def read_path(reader: Reader, value: object, place: Place) -> list[tuple[str, str]]:
    """Neighbours on the way up to a root, the lowest first."""
    steps: list[tuple[str, str]] = []
    if isinstance(value, Sequence) and len(value) > MOST_STEPS:
        reader.fault(place, "wrong_length", expected=MOST_STEPS, found=len(value))
        return steps
    for at, step in reader.entries(value, place):
        here = (*place, at)
        if not isinstance(step, list | tuple) or len(step) != 2:
            reader.fault(here, "wrong_length", expected=2, found=len(step) if isinstance(step, list) else 0)
            continue
        side = reader.text(step[0], (*here, 0))
        if side is not None and side not in SIDES:
            reader.fault((*here, 0), "not_a_side")
        steps.append((side or "", digest(reader, step[1], (*here, 1))))
    return steps
