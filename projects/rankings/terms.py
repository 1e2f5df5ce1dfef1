"""What a certified list proves, as a pure function."""

import hashlib
import json
from collections.abc import Sequence


def receipt_of(call: int, owner: str, items: Sequence[object], certified_at: str, nonce: str) -> str:
    """The receipt of one certified list: who, for which call, in which order, when.

    Parameters
    ----------
    call : int
    owner : str
        Pseudonym of the trainee, or ``company:<id>``.
    items : sequence of JSON values
        Project ids best first, or ``[application pseudonym, project id, score or refusal code]`` in order.
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
