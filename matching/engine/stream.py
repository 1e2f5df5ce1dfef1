"""A market that is too large for one document: read row by row into flat arrays."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain, repeat
from operator import add, mul, sub

from matching.engine.arrays import Arrays
from matching.engine.market import MarketError
from matching.engine.reading import Fault, Place, pointer

__all__ = ["MOST_FAULTS", "read_stream"]

MOST_FAULTS = 100  # a broken source repeats itself; nobody reads more
LARGEST_SCORE = 2**31 - 1
LARGEST_COUNT = 2**31 - 1


class _Numbering:
    """Ids by number, in the order they come; remembers what was wrong with them."""

    def __init__(self, noun: str, faults: "_Faults") -> None:
        self.noun = noun
        self.faults = faults
        self.number: dict[str, int] = {}

    def add(self, name: object) -> None:
        place: Place = (self.noun, len(self.number))
        if not isinstance(name, str) or not name:
            self.faults.add(place, "wrong_type", expected="a text", found=type(name).__name__)
        elif name in self.number:
            self.faults.add(place, "duplicate_id", id=name)
        self.number[name if isinstance(name, str) else f"\0{len(self.number)}"] = len(self.number)


class _Faults:
    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, place: Place, code: str, **details: str | int) -> None:
        self.found.append(Fault(pointer(place), code, details))
        if len(self.found) >= MOST_FAULTS:
            self.finish()

    def finish(self) -> None:
        if self.found:
            raise MarketError(self.found)


def read_stream(
    companies: Iterable[tuple[str, int]],
    projects: Iterable[tuple[str, str, int, int]],
    trainees: Iterable[tuple[str, Sequence[str], Sequence[int]]],
    seed: str = "",
) -> Arrays:
    """Read a market of scores whose rows come one at a time.

    Parameters
    ----------
    companies : iterable of (id, capacity)
    projects : iterable of (id, company id, capacity, minimum)
    trainees : iterable of (id, project ids best first, scores)
        One whole score from 0 to 2**31 - 1 per project: how the company sees the pair, on one scale over all
        its projects. Projects whose company does not accept the trainee are left out.
    seed : str
        For the draw; see `draw_numbers`.

    Returns
    -------
    Arrays
        The order of the rows makes no difference to the match.

    Raises
    ------
    MarketError
        With the first hundred faults and their places.

    Notes
    -----
    One pass; 12 bytes per wish and about 150 per trainee are kept. O(L + n log n) for n trainees with lists of
    total length L.
    """
    faults = _Faults()
    owners, offers, people = (_Numbering(noun, faults) for noun in ("companies", "projects", "trainees"))
    company_cap = list(_companies(companies, owners, faults))
    company_of, project_cap, minimum = _projects(projects, owners.number, offers, faults)
    start, cell, score = array("q", [0]), array("i"), array("i")
    lookup = offers.number.__getitem__
    for name, wishes, scores in trainees:
        people.add(name)
        try:
            cell.extend(map(lookup, wishes))
            score.extend(scores)
        except (KeyError, TypeError, OverflowError):
            _find_faults(len(people.number) - 1, wishes, scores, offers.number, faults)
            faults.finish()
        own = score[start[-1] :]
        if len(cell) != len(score) or len(set(wishes)) < len(wishes) or (own and min(own) < 0):
            _find_faults(len(people.number) - 1, wishes, scores, offers.number, faults)
            del cell[start[-1] :], score[start[-1] :]
        start.append(len(cell))
    faults.finish()
    names = list(people.number)
    owner = _by_luck(names, seed)
    return Arrays(
        trainees=names,
        projects=list(offers.number),
        companies=list(owners.number),
        owner=owner,
        grades=1,
        wish_start=start,
        wish_cell=cell,
        wish_key=_keys(start, score, owner),
        wish_rank=None,
        wished=cell,
        cell_project=list(range(len(project_cap))),
        cell_cap=list(project_cap),
        cells_of_project=[(project,) for project in range(len(project_cap))],
        cells_of_company=_grouped(company_of, len(company_cap)),
        company_of=company_of,
        project_cap=project_cap,
        minimum=minimum,
        company_cap=company_cap,
        levels=[[] for _ in company_cap],
        tiers=[0] * len(company_cap),
        fixed=[],
    )


def _companies(rows: Iterable[tuple[str, int]], numbering: _Numbering, faults: _Faults) -> Iterator[int]:
    for position, (name, capacity) in enumerate(rows):
        numbering.add(name)
        yield _count(capacity, ("companies", position, "capacity"), faults)


def _projects(
    rows: Iterable[tuple[str, str, int, int]], owners: dict[str, int], numbering: _Numbering, faults: _Faults
) -> tuple[list[int], list[int], list[int]]:
    """Owner, places and minimum by number, which is the order of the ids: it decides between equal projects."""
    found = []
    for position, (name, owner, capacity, minimum) in enumerate(rows):
        numbering.add(name)
        if owner not in owners:
            faults.add(("projects", position, "company"), "unknown_company", company=str(owner))
        places = _count(capacity, ("projects", position, "capacity"), faults)
        least = _count(minimum, ("projects", position, "minimum"), faults)
        found.append((str(name), owners.get(owner, 0), places, least))
    found.sort()
    numbering.number = {name: number for number, (name, *_) in enumerate(found)}
    return [row[1] for row in found], [row[2] for row in found], [row[3] for row in found]


def _count(number: object, place: Place, faults: _Faults) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        faults.add(place, "wrong_type", expected="a number", found=type(number).__name__)
    elif number < 0:
        faults.add(place, "negative", number=number)
    elif number > LARGEST_COUNT:
        faults.add(place, "too_large", largest=LARGEST_COUNT)
    else:
        return number
    return 0


def _find_faults(
    position: int, wishes: Sequence[str], scores: Sequence[int], known: dict[str, int], faults: _Faults
) -> None:
    """Say what is wrong with a row that could not be taken as it is."""
    place: Place = ("trainees", position)
    if len(wishes) != len(scores):
        faults.add((*place, "scores"), "wrong_length", expected=len(wishes), found=len(scores))
    for at, wish in enumerate(wishes):
        if wish not in known:
            faults.add((*place, "prefs", at), "unknown_project", project=str(wish))
        elif wish in wishes[:at]:
            faults.add((*place, "prefs", at), "duplicate_wish", project=wish)
    for at, score in enumerate(scores):
        _count(score, (*place, "scores", at), faults)


def _by_luck(names: list[str], seed: str) -> "array[int]":
    """Trainees by number, the worst draw first; the same numbers as for a market that fits into a document."""
    drawn = [sha256(f"{seed}\0{name}".encode()).digest() for name in names]
    # The first six bytes decide, and should two be equal, the digest they were cut from: one comparison for both.
    return array("i", sorted(range(len(names)), key=drawn.__getitem__, reverse=True))


def _keys(start: "array[int]", score: "array[int]", owner: "array[int]") -> "array[int]":
    """Score · n + luck for every wish."""
    luck = array("i", bytes(owner.itemsize * len(owner)))
    for position, trainee in enumerate(owner):
        luck[trainee] = position
    lengths = map(sub, start[1:], start)
    lucks = chain.from_iterable(map(repeat, luck, lengths))
    return array("q", map(add, map(mul, score, repeat(len(owner))), lucks))


def _grouped(owners: Iterable[int], count: int) -> list[tuple[int, ...]]:
    held: list[list[int]] = [[] for _ in range(count)]
    for position, owner in enumerate(owners):
        held[owner].append(position)
    return [tuple(positions) for positions in held]
