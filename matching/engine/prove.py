"""Checking a personal proof outside the portal; shares nothing with what made it, nor with the solver.

The best project on the list whose line was reached must be the result, on lines that everybody was shown alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from matching.engine.canonical import canonical_json
from matching.engine.reading import InputError, Place, Reader
from matching.engine.receipt import (
    LARGEST_RECEIPT,
    Receipt,
    check_receipt,
    digest,
    read_path,
    read_receipt_parts,
)

__all__ = ["Line", "Proof", "ProofError", "Wish", "check_proof"]

PROOF_FORMAT = "ieum-proof-1"
CIRCLES = ("school", "project", "company", "closed")
#: A circle with fewer places may keep its line to itself.
FEWEST = 3
STATES = ("open", "closed", "refused", "absent")
MOST_WISHES = 10_000


class ProofError(InputError):
    """A broken proof file; ``faults`` names every fault with its place."""


@dataclass(frozen=True)
class Line:
    """A line of admission with its path to the root over all lines.

    Attributes
    ----------
    circle, id, company : str
        Whose seats: of a project, of all projects of a company, of one school in a project; or of a closed project.
    capacity : int
    full : bool or None
        With a seat left everybody acceptable is taken. ``None``: the line is hidden, or the project closed.
    last : (score, draw) or None
        The last one admitted; ``None`` if there is room, or nobody was admitted by standing.
    written : mapping
        The line as the file has it, which is what was hashed.
    path : tuple of (side, hash)
    """

    circle: str
    id: str
    company: str
    capacity: int
    full: bool | None
    last: tuple[float, int] | None
    written: Mapping[str, object]
    path: tuple[tuple[str, str], ...]

    @property
    def top(self) -> str:
        """Where the path leads."""
        found = sha256(b"\x00" + canonical_json(self.written)).digest()
        for side, neighbour in self.path:
            other = bytes.fromhex(neighbour)
            found = sha256(b"\x01" + (other + found if side == "left" else found + other)).digest()
        return found.hex()


@dataclass(frozen=True)
class Wish:
    """One project of the list and how the person stood there; ``admitted`` is told where the line is hidden."""

    project: str
    state: str
    score: float | None
    lines: tuple[Line, ...]
    admitted: bool | None
    numbers: tuple[int, int] | None


@dataclass(frozen=True)
class Proof:
    """What one person downloads. See `check_proof`."""

    trainee: str
    seed: str
    draw: int
    matched: str | None
    fixed: bool
    wishes: tuple[Wish, ...]
    lines_root: str
    market_sha256: str
    result_sha256: str
    engine: str
    commitment: str
    secret: str
    value: str
    receipt: Receipt | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | bytes) -> Self:
        """Read a file of format ``ieum-proof-1``.

        Raises
        ------
        ProofError
            With every fault of form that was found.
        """
        reader = Reader(ProofError)
        if isinstance(data, bytes | str) and len(data) > LARGEST_RECEIPT:
            reader.stop("too_big", bytes=LARGEST_RECEIPT)
        parts = _parts(reader, reader.document(data))
        reader.finish()
        return cls(**parts)


def check_proof(
    proof: Proof, *, root: str | None = None, lines: str | None = None, commitment: str | None = None
) -> list[str]:
    """What is wrong with a proof.

    Parameters
    ----------
    proof : Proof
    root, lines, commitment : str, optional
        The root of the receipts, the root of the lines and the commitment as they are published; without them the
        file's own are believed.

    Returns
    -------
    list of str
        Codes, none if it is proved. ``commitment_differs``, ``other_commitment``, ``seed_differs``, ``draw_differs``:
        the draw; ``no_receipt``, ``other_owner``, ``other_list`` and the codes of `check_receipt`: the list;
        ``line_not_under_root``, ``line_of_another``, ``other_lines``: the lines; ``not_listed``, ``not_reached``,
        ``better_reached``: the result.

    Notes
    -----
    O(length of the list · height of the tree).
    """
    return [
        *_faults_of_draw(proof, commitment),
        *_faults_of_list(proof, root),
        *_faults_of_lines(proof, lines),
        *([] if proof.fixed else _faults_of_result(proof)),
    ]


def _faults_of_draw(proof: Proof, commitment: str | None) -> list[str]:
    found = []
    if sha256(proof.secret.encode()).hexdigest() != proof.commitment:
        found.append("commitment_differs")
    if commitment is not None and commitment.strip().lower() != proof.commitment:
        found.append("other_commitment")
    if proof.seed != f"{proof.secret}:{proof.value}":
        found.append("seed_differs")
    if int.from_bytes(sha256(f"{proof.seed}\0{proof.trainee}".encode()).digest()[:6], "big") != proof.draw:
        found.append("draw_differs")
    return found


def _faults_of_list(proof: Proof, root: str | None) -> list[str]:
    if proof.receipt is None:
        return ["no_receipt"] if proof.wishes else []
    found = check_receipt(proof.receipt, root)
    if proof.receipt.owner != proof.trainee:
        found.append("other_owner")
    if [f"p{item}" for item in proof.receipt.items] != [wish.project for wish in proof.wishes]:
        found.append("other_list")
    return found


def _faults_of_lines(proof: Proof, published: str | None) -> list[str]:
    shown = [(wish, line) for wish in proof.wishes for line in wish.lines]
    found = []
    if any(line.top != proof.lines_root for _, line in shown):
        found.append("line_not_under_root")
    if not all(_is_of(line, wish) for wish, line in shown) or not all(map(_in_order, proof.wishes)):
        found.append("line_of_another")
    if published is not None and published.strip().lower() != proof.lines_root:
        found.append("other_lines")
    return found


def _is_of(line: Line, wish: Wish) -> bool:
    """A school's line is ``project/school``; a company's must be that of the project's own line."""
    match line.circle:
        case "project" | "closed":
            return line.id == wish.project
        case "school":
            return line.id.startswith(f"{wish.project}/")
    return line.id == line.company and all(line.company == other.company for other in wish.lines)


def _in_order(wish: Wish) -> bool:
    """From the smallest circle outwards, none left out, up to the first that is full or hidden, or the company's."""
    circles = [line.circle for line in wish.lines]
    if wish.state == "closed":
        return circles == ["closed"]
    if wish.state != "open":
        return not circles
    *before, last = wish.lines or [None]
    if last is None or "closed" in circles or any(line is None or line.full is not False for line in before):
        return False
    outwards = circles if circles[0] == "school" else ["school", *circles]
    if outwards != list(CIRCLES[: len(outwards)]):
        return False
    if last.full is None:
        return last.capacity < FEWEST and wish.admitted is not None
    return wish.admitted is None and (last.full or last.circle == "company")


def _faults_of_result(proof: Proof) -> list[str]:
    names = [wish.project for wish in proof.wishes]
    if proof.matched is not None and proof.matched not in names:
        return ["not_listed"]
    above = names.index(proof.matched) if proof.matched is not None else len(names)
    found = []
    if any(_reaches(proof, wish) for wish in proof.wishes[:above]):
        found.append("better_reached")
    if proof.matched is not None and not _reaches(proof, proof.wishes[above]):
        found.append("not_reached")
    return found


def _reaches(proof: Proof, wish: Wish) -> bool:
    """Whether the person stands at or above the line that decides there; the last one admitted stands at it."""
    if wish.state != "open" or not wish.lines:
        return False
    deciding = wish.lines[-1]
    if deciding.full is None:
        return wish.admitted is True
    if not deciding.full:
        return True
    if deciding.last is None or wish.score is None:
        return False
    score, draw = deciding.last
    return wish.score > score or (wish.score == score and proof.draw <= draw)


# --- reading ------------------------------------------------------------------------------------------

_TEXTS = ("trainee", "seed", "engine", "rule", "secret", "value")
_HASHES = ("lines_root", "market_sha256", "result_sha256", "commitment")


def _parts(reader: Reader, document: object) -> dict[str, Any]:
    required = ("format", *_TEXTS, *_HASHES, "draw", "matched", "fixed", "wishes")
    top = reader.record(document, (), required, ("call", "receipt"))
    if top is None:
        return {}
    reader.format(top, PROOF_FORMAT)
    if top.get("rule", "draw") != "draw":
        reader.fault(("rule",), "wrong_format", expected="draw")
    parts: dict[str, Any] = {
        name: reader.text(top.get(name, "-"), (name,), may_be_empty=True) for name in _TEXTS if name != "rule"
    }
    parts |= {name: digest(reader, top.get(name, "0" * 64), (name,)) for name in _HASHES}
    parts["draw"] = reader.whole(top.get("draw", 0), ("draw",))
    matched = top.get("matched")
    parts["matched"] = None if matched is None else reader.text(matched, ("matched",))
    parts["fixed"] = _flag(reader, top.get("fixed", False), ("fixed",))
    parts["wishes"] = tuple(_wishes(reader, top.get("wishes", [])))
    inside = read_receipt_parts(reader, top["receipt"], ("receipt",)) if "receipt" in top else None
    parts["receipt"] = None if inside is None or reader.faults else Receipt(**inside)
    return parts


def _flag(reader: Reader, value: object, place: Place) -> bool:
    if not isinstance(value, bool):
        reader.fault(place, "wrong_type", expected="true or false", found=type(value).__name__)
    return value is True


def _wishes(reader: Reader, value: object) -> list[Wish]:
    found: list[Wish] = []
    for at, item in reader.entries(value, ("wishes",)):
        place: Place = ("wishes", at)
        if at >= MOST_WISHES:
            reader.fault(place, "wrong_length", expected=MOST_WISHES, found=at)
            break
        record = reader.record(
            item, place, ("project", "state"), ("score", "lines", "admitted", "reached", "minimum")
        )
        if record is not None:
            found.append(_wish(reader, record, place))
    return found


def _wish(reader: Reader, record: Mapping[str, object], place: Place) -> Wish:
    state = reader.text(record.get("state", "-"), (*place, "state")) or ""
    if state and state not in STATES:
        reader.fault((*place, "state"), "not_a_state")
    closed = state == "closed"
    numbers = (
        tuple(reader.whole(record.get(name, 0), (*place, name)) or 0 for name in ("reached", "minimum"))
        if closed
        else None
    )
    return Wish(
        project=reader.text(record.get("project", "-"), (*place, "project")) or "",
        state=state,
        score=reader.number(record["score"], (*place, "score")) if "score" in record else None,
        lines=tuple(_lines(reader, record.get("lines", []), (*place, "lines"))),
        admitted=_flag(reader, record["admitted"], (*place, "admitted")) if "admitted" in record else None,
        numbers=(numbers[0], numbers[1]) if numbers is not None else None,
    )


def _lines(reader: Reader, value: object, place: Place) -> list[Line]:
    found: list[Line] = []
    for at, item in reader.entries(value, place):
        record = reader.record(item, (*place, at), ("line", "path"))
        if record is None or "line" not in record or "path" not in record:
            continue
        here: Place = (*place, at, "line")
        line = reader.record(record["line"], here, ("circle", "id", "company", "capacity", "full", "last"))
        if line is None:
            continue
        circle = reader.text(line.get("circle", "-"), (*here, "circle")) or ""
        if circle and circle not in CIRCLES:
            reader.fault((*here, "circle"), "not_a_circle")
        found.append(
            Line(
                circle=circle,
                id=reader.text(line.get("id", "-"), (*here, "id")) or "",
                company=reader.text(line.get("company", "-"), (*here, "company")) or "",
                capacity=reader.whole(line.get("capacity", 0), (*here, "capacity")) or 0,
                full=None if line.get("full") is None else _flag(reader, line["full"], (*here, "full")),
                last=_last(reader, line.get("last"), (*here, "last")),
                written=dict(line),
                path=tuple(read_path(reader, record["path"], (*place, at, "path"))),
            )
        )
    return found


def _last(reader: Reader, value: object, place: Place) -> tuple[float, int] | None:
    if value is None:
        return None
    record = reader.record(value, place, ("score", "draw"))
    if record is None:
        return None
    score = reader.number(record.get("score", 0), (*place, "score"))
    draw = reader.whole(record.get("draw", 0), (*place, "draw"))
    return (score or 0, draw or 0)
