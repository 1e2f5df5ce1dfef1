"""What a match starts from: trainees with wishes, projects with places, companies with rankings."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, repeat
from math import isfinite
from operator import itemgetter
from typing import Any, NamedTuple, Self, TypeVar

from matching.engine.canonical import LARGEST_INTEGER, canonical_json, sha256_hex
from matching.engine.reading import InputError, Place, Reader

__all__ = ["MARKET_FORMAT", "Company", "Listed", "Market", "MarketError", "Project", "Tiers", "Trainee"]

MARKET_FORMAT = "ieum-market-1"

Tiers = tuple[tuple[str, ...], ...]
"""Ids best first; ids in one inner tuple are tied and stand in the order of their text."""

Listed = tuple[str | tuple[str, ...], ...]
"""The same as it is written: an id, or a tuple of at least two that are tied."""


class MarketError(InputError):
    """A broken market; ``faults`` names every fault with its place."""


class Trainee(NamedTuple):
    id: str
    wishes: Listed

    @property
    def prefs(self) -> Tiers:
        return _tiers_of(self.wishes)


class Project(NamedTuple):
    """``scores`` is ``None`` if the company gives one ranking for all its projects."""

    id: str
    company: str
    capacity: int
    minimum: int
    scores: Mapping[str, float] | None


class Company(NamedTuple):
    """``ranked`` is ``None`` if the company's projects give scores."""

    id: str
    capacity: int
    ranked: Listed | None

    @property
    def ranking(self) -> Tiers | None:
        return None if self.ranked is None else _tiers_of(self.ranked)


@dataclass(frozen=True)
class Market:
    """All rankings, places and minimums of one call at one moment; read it with `from_json`.

    Attributes
    ----------
    trainees, projects, companies : mapping of id to record
        Sorted by id (code points). Every id a record mentions exists.
    fixed : mapping of trainee id to project id
        Placements decided beforehand; within every capacity.
    school : mapping of trainee id to school id
        Who is missing belongs to no school and to no cap.
    school_caps : mapping of project id to mapping of school id to most trainees of that school
    draw : mapping of trainee id to draw number
        Numbers given outright, all different; who is missing draws from the seed.
    seed : str
        The text announced beforehand.
    wish_numbers : sequence of int, or None
        The projects of all lists one after the other, numbered in the order of ``projects``; known if no list
        has a tie. Saves looking them up again.
    ranked_steps : mapping of company id to mapping of trainee id to int, or None
        How high each trainee stands in the company's ranking, times the number of trainees; 0 is the lowest. Known
        if no ranking has a tie.
    """

    trainees: Mapping[str, Trainee]
    projects: Mapping[str, Project]
    companies: Mapping[str, Company]
    fixed: Mapping[str, str] = field(default_factory=dict)
    school: Mapping[str, str] = field(default_factory=dict)
    school_caps: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    draw: Mapping[str, int] = field(default_factory=dict)
    seed: str = ""
    wish_numbers: Sequence[int] | None = field(default=None, compare=False, repr=False)
    ranked_steps: Mapping[str, dict[str, int]] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | bytes) -> Self:
        """Read a market file.

        Parameters
        ----------
        data : mapping, str or bytes
            The document of format ``ieum-market-1`` or its JSON text.

        Returns
        -------
        Market
            Sorted by id, so that the order of the input leaves no trace.

        Raises
        ------
        MarketError
            With every fault that was found: wrong types and numbers, doubled ids or keys, unknown ids,
            a company giving both a ranking and scores, fixed placements beyond a capacity.

        Notes
        -----
        A project whose minimum exceeds its places is no fault: it can only close.
        A company giving neither ranking nor scores accepts nobody. O(size of the document · log). A sound
        document without ties and extras is read in bulk; whatever else it is, the reader of faults decides.
        """
        reader = Reader(MarketError)
        document = reader.document(data)
        if not reader.faults and (plain := _plain_parts(document)) is not None:
            return cls(**plain)
        parts = _MarketReader(reader).parts(document)
        reader.finish()
        return cls(**parts)

    def to_json(self) -> dict[str, Any]:
        """The normalised document: sorted by id, defaults written out, no tie of one."""
        return {
            "format": MARKET_FORMAT,
            "trainees": [{"id": one.id, "prefs": _listed_json(one.wishes)} for one in self.trainees.values()],
            "projects": [_project_json(one) for one in self.projects.values()],
            "companies": [_company_json(one) for one in self.companies.values()],
            "fixed": [list(pair) for pair in sorted(self.fixed.items())],
            "school": dict(self.school),
            "school_caps": {project: dict(caps) for project, caps in self.school_caps.items()},
            "draw": dict(self.draw),
            "seed": self.seed,
        }

    def canonical(self) -> bytes:
        """The normalised document as canonical JSON (RFC 8785)."""
        return canonical_json(self.to_json())

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of `canonical`: the market's name in results and certificates."""
        return sha256_hex(self.to_json())


Record = TypeVar("Record", Trainee, Project, Company)

_NEW = tuple.__new__  # of many records at once, without a call of Python's for each

_TOP = frozenset({"trainees", "projects", "companies"})
_EXTRAS = ("fixed", "school", "school_caps", "draw")
_TRAINEE = frozenset({"id", "prefs"})
_PROJECT = frozenset({"id", "company", "capacity"})
_COMPANY = frozenset({"id", "capacity"})


class _NotPlainError(Exception):
    """The document has a fault, a tie or an extra."""


def _plain_parts(document: object) -> dict[str, Any] | None:
    """The arguments of `Market` for a document that is sound and plain, at a few looks per list; else ``None``.

    Whatever is only possibly wrong counts as not plain: `_MarketReader` then says what it is.
    """
    try:
        return _read_plainly(document)
    except (_NotPlainError, TypeError, KeyError, OverflowError):
        return None


def _read_plainly(document: Any) -> dict[str, Any]:
    _must(type(document) is dict and document.keys() >= _TOP)
    _must(document.keys() <= {*_TOP, *_EXTRAS, "format", "seed"})
    _must(document.get("format", MARKET_FORMAT) == MARKET_FORMAT)
    _must(not any(document.get(extra) for extra in _EXTRAS))
    _must(all(type(document[extra]) in (dict, list) for extra in _EXTRAS if extra in document))
    seed = document.get("seed", "")
    _must_be_texts([seed, "-"])
    trainees = _plain_records(document["trainees"], _TRAINEE, ())
    projects = _plain_records(document["projects"], _PROJECT, ("minimum", "scores"))
    companies = _plain_records(document["companies"], _COMPANY, ("ranking",))
    wishes = [tuple(one["prefs"]) for one in trainees.values()]
    _must({type(one["prefs"]) for one in trainees.values()} <= {list, tuple})
    _must(sum(map(len, map(set, wishes))) == sum(map(len, wishes)))
    number = {project: position for position, project in enumerate(projects)}
    steps = {
        one: _plain_steps(record["ranking"], trainees)
        for one, record in companies.items()
        if "ranking" in record
    }
    return {
        "trainees": dict(
            zip(trainees, map(_NEW, repeat(Trainee), zip(trainees, wishes, strict=True)), strict=False)
        ),
        "projects": {one: _plain_project(record, trainees, companies) for one, record in projects.items()},
        "companies": {one: _plain_company(record) for one, record in companies.items()},
        "seed": seed,
        "ranked_steps": steps,
        "wish_numbers": list(map(number.__getitem__, chain.from_iterable(wishes))),
    }


def _plain_records(entries: Any, required: frozenset[str], optional: Sequence[str]) -> dict[str, Any]:
    """Records by id, sorted by it; their keys and ids are sound."""
    _must(type(entries) in (list, tuple) and set(map(type, entries)) <= {dict})
    known = required.union(optional)
    _must(all(required <= entry.keys() <= known for entry in entries))
    ordered = sorted(entries, key=itemgetter("id"))
    ids = [entry["id"] for entry in ordered]
    _must_be_texts(ids)
    records = dict(zip(ids, ordered, strict=True))
    _must(len(records) == len(ids) and "" not in records)
    return records


def _plain_project(
    record: Mapping[str, Any], trainees: Mapping[str, Any], companies: Mapping[str, Any]
) -> Project:
    scores: dict[str, float] | None = None
    if "scores" in record:
        scores = _plain_object(record["scores"])
        numbers = scores.values()
        _must(scores.keys() <= trainees.keys())
        _must("ranking" not in companies[record["company"]] and set(map(type, numbers)) <= {int, float})
        if scores:
            _must(isfinite(sum(numbers)) and min(numbers) >= 0 and max(numbers) <= LARGEST_INTEGER)
        scores = {one: scores[one] or 0 for one in sorted(scores)}
    _must(type(record["company"]) is str and record["company"] in companies)
    return Project(
        record["id"],
        record["company"],
        _plain_number(record["capacity"]),
        _plain_number(record.get("minimum", 0)),
        scores,
    )


def _plain_company(record: Mapping[str, Any]) -> Company:
    ranked = tuple(record["ranking"]) if "ranking" in record else None
    return Company(record["id"], _plain_number(record["capacity"]), ranked)


def _plain_steps(ranking: Any, trainees: Mapping[str, Any]) -> dict[str, int]:
    _must(type(ranking) in (list, tuple))
    people = len(trainees)
    steps = dict(zip(ranking, range((len(ranking) - 1) * people, -1, -people), strict=False))
    _must(len(steps) == len(ranking) and steps.keys() <= trainees.keys())
    return steps


def _plain_object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _NotPlainError
    return value


def _plain_number(number: Any) -> int:
    _must(type(number) is int and 0 <= number <= LARGEST_INTEGER)
    return int(number)


def _must_be_texts(texts: list[Any]) -> None:
    _must(set(map(type, texts)) <= {str})
    together = "".join(texts)
    try:
        together.encode()
    except UnicodeEncodeError:
        raise _NotPlainError from None
    _must("\0" not in together)


def _must(plain: bool) -> None:
    if not plain:
        raise _NotPlainError


def _tiers_of(listed: Listed) -> Tiers:
    return tuple((entry,) if isinstance(entry, str) else entry for entry in listed)


def _listed_json(listed: Listed) -> list[str | list[str]]:
    return [entry if isinstance(entry, str) else list(entry) for entry in listed]


def _project_json(project: Project) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": project.id,
        "company": project.company,
        "capacity": project.capacity,
        "minimum": project.minimum,
    }
    return written if project.scores is None else {**written, "scores": dict(project.scores)}


def _company_json(company: Company) -> dict[str, Any]:
    written: dict[str, Any] = {"id": company.id, "capacity": company.capacity}
    return written if company.ranked is None else {**written, "ranking": _listed_json(company.ranked)}


class _MarketReader:
    """Reads ids first, so that every reference can be judged on the second pass."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.known: dict[str, set[str] | None] = {}

    def parts(self, document: object) -> dict[str, Any]:
        """The arguments of `Market`; to be trusted only if the reader found no fault."""
        nouns = ("trainees", "projects", "companies")
        optional = ("format", "fixed", "school", "school_caps", "draw", "seed")
        top = self.reader.record(document, (), nouns, optional)
        if top is None:
            return {}
        self.reader.format(top, MARKET_FORMAT)
        self.known = {noun: self._ids(top[noun], noun) if noun in top else None for noun in nouns}
        parts: dict[str, Any] = {
            "trainees": _by_id(self._trainees(top.get("trainees", []))),
            "projects": _by_id(self._projects(top.get("projects", []))),
            "companies": _by_id(self._companies(top.get("companies", []))),
            "fixed": self._fixed(top.get("fixed", [])),
            "school": self._school(top.get("school", {})),
            "school_caps": self._school_caps(top.get("school_caps", {})),
            "draw": self._draw(top.get("draw", {})),
            "seed": self.reader.text(top.get("seed", ""), ("seed",), may_be_empty=True),
        }
        self._one_form(parts["projects"], parts["companies"], top.get("projects", []))
        self._room_for_fixed(**{name: parts[name] for name in (*nouns[1:], "fixed", "school", "school_caps")})
        return parts

    def _ids(self, entries: object, noun: str) -> set[str] | None:
        """All ids of a list; ``None`` if it is no list, so that nobody is called unknown for it."""
        known: set[str] = set()
        for position, entry in self.reader.entries(entries, (noun,)):
            found = entry.get("id") if isinstance(entry, Mapping) else None
            if not isinstance(found, str):
                continue  # the second pass says what is wrong with it
            if found in known:
                self.reader.fault((noun, position, "id"), "duplicate_id", id=found)
            known.add(found)
        return known if isinstance(entries, list | tuple) else None

    def _records(
        self, entries: object, noun: str, required: tuple[str, ...], optional: tuple[str, ...]
    ) -> Iterator[tuple[Place, str, Mapping[str, object]]]:
        """Entries that are objects, with their id; what is wrong with the list itself was noted before."""
        for position, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
            place: Place = (noun, position)
            record = self.reader.record(entry, place, required, optional)
            if record is not None:
                own_id = self.reader.text(record["id"], (*place, "id")) if "id" in record else None
                yield place, own_id or "", record

    def _trainees(self, entries: object) -> Iterator[Trainee]:
        for place, own_id, record in self._records(entries, "trainees", ("id", "prefs"), ()):
            wishes = self._listed(record.get("prefs", []), (*place, "prefs"), "project", "duplicate_wish")
            yield Trainee(own_id, wishes)

    def _projects(self, entries: object) -> Iterator[Project]:
        required, optional = ("id", "company", "capacity"), ("minimum", "scores")
        for place, own_id, record in self._records(entries, "projects", required, optional):
            yield Project(
                id=own_id,
                company=self._owner(record, place),
                capacity=self._seats(record.get("capacity", LARGEST_INTEGER), (*place, "capacity")),
                minimum=self.reader.whole(record.get("minimum", 0), (*place, "minimum")) or 0,
                scores=self._scores(record["scores"], (*place, "scores")) if "scores" in record else None,
            )

    def _owner(self, record: Mapping[str, object], place: Place) -> str:
        if "company" not in record:
            return ""
        return self._reference(record["company"], (*place, "company"), "company")

    def _companies(self, entries: object) -> Iterator[Company]:
        for place, own_id, record in self._records(entries, "companies", ("id", "capacity"), ("ranking",)):
            ranked = None
            if "ranking" in record:
                ranked = self._listed(record["ranking"], (*place, "ranking"), "trainee", "duplicate_rank")
            capacity = self._seats(record.get("capacity", LARGEST_INTEGER), (*place, "capacity"))
            yield Company(own_id, capacity, ranked)

    def _listed(self, value: object, place: Place, noun: str, duplicate: str) -> Listed:
        seen: set[str] = set()
        listed: list[str | tuple[str, ...]] = []
        for position, entry in self.reader.entries(value, place):
            tied = isinstance(entry, list | tuple)
            if tied and not entry:
                self.reader.fault((*place, position), "empty")
            inner = self.reader.entries(entry, place) if tied else [(-1, entry)]
            tier = []
            for depth, item in inner:
                where = (*place, position, depth) if tied else (*place, position)
                found = self._reference(item, where, noun)
                if found and found in seen:
                    self.reader.fault(where, duplicate, **{noun: found})
                seen.add(found)
                tier.append(found)
            listed.append(tier[0] if len(tier) == 1 else tuple(sorted(tier)))
        return tuple(listed)

    def _scores(self, value: object, place: Place) -> dict[str, float]:
        scores = {}
        for key, item in self.reader.members(value, place):
            self._known(key, (*place, key), "trainee")
            scores[key] = self.reader.number(item, (*place, key)) or 0
        return dict(sorted(scores.items()))

    def _fixed(self, value: object) -> dict[str, str]:
        fixed: dict[str, str] = {}
        for position, entry in self.reader.entries(value, ("fixed",)):
            place: Place = ("fixed", position)
            pair = [item for _, item in self.reader.entries(entry, place)]
            if len(pair) != 2:
                if isinstance(entry, list | tuple):
                    self.reader.fault(place, "wrong_length", expected=2, found=len(pair))
                continue
            trainee = self._reference(pair[0], (*place, 0), "trainee")
            project = self._reference(pair[1], (*place, 1), "project")
            if trainee and trainee in fixed:
                self.reader.fault(place, "fixed_twice", trainee=trainee, project=fixed[trainee])
            fixed.setdefault(trainee, project)
        return dict(sorted(fixed.items()))

    def _school(self, value: object) -> dict[str, str]:
        school = {}
        for key, item in self.reader.members(value, ("school",)):
            self._known(key, ("school", key), "trainee")
            school[key] = self.reader.text(item, ("school", key)) or ""
        return dict(sorted(school.items()))

    def _school_caps(self, value: object) -> dict[str, dict[str, int]]:
        every = {}
        for key, item in self.reader.members(value, ("school_caps",)):
            place: Place = ("school_caps", key)
            self._known(key, place, "project")
            members = self.reader.members(item, place)
            caps = {school: self._seats(cap, (*place, school)) for school, cap in members}
            every[key] = dict(sorted(caps.items()))
        return {project: caps for project, caps in sorted(every.items()) if caps}

    def _draw(self, value: object) -> dict[str, int]:
        holders: dict[int, str] = {}
        for key, item in self.reader.members(value, ("draw",)):
            self._known(key, ("draw", key), "trainee")
            number = self.reader.whole(item, ("draw", key))
            if number is None:
                continue
            if number in holders:
                self.reader.fault(("draw", key), "duplicate_draw", number=number, holder=holders[number])
            holders[number] = key
        return dict(sorted((holder, number) for number, holder in holders.items()))

    def _seats(self, value: object, place: Place) -> int:
        """A number of seats; no limit if it is unsound, so that no other fault follows from that."""
        seats = self.reader.whole(value, place)
        return LARGEST_INTEGER if seats is None else seats

    def _reference(self, value: object, place: Place, noun: str) -> str:
        """An id of an existing ``noun``; the empty text, which is nobody's id, if it is unsound."""
        found = self.reader.text(value, place)
        if found is None:
            return ""
        self._known(found, place, noun)
        return found

    def _known(self, found: str, place: Place, noun: str) -> None:
        plural = "companies" if noun == "company" else f"{noun}s"
        known = self.known[plural]
        if known is not None and found not in known:
            self.reader.fault(place, f"unknown_{noun}", **{noun: found})

    def _one_form(
        self, projects: Mapping[str, Project], companies: Mapping[str, Company], entries: object
    ) -> None:
        """One company, one scale: a ranking or scores, never both."""
        for position, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
            project = projects.get(str(entry.get("id"))) if isinstance(entry, Mapping) else None
            company = companies.get(project.company) if project else None
            if project and company and project.scores is not None and company.ranked is not None:
                place: Place = ("projects", position, "scores")
                self.reader.fault(place, "both_forms", company=company.id, project=project.id)

    def _room_for_fixed(
        self,
        projects: Mapping[str, Project],
        companies: Mapping[str, Company],
        fixed: Mapping[str, str],
        school: Mapping[str, str],
        school_caps: Mapping[str, Mapping[str, int]],
    ) -> None:
        """Fixed placements fit the places, the company's cap and the school caps."""
        there = {trainee: projects[project] for trainee, project in fixed.items() if project in projects}
        place: Place = ("fixed",)
        for one, count in Counter(project.id for project in there.values()).items():
            room = projects[one].capacity
            if count > room:
                self.reader.fault(place, "fixed_over_project", fixed=count, capacity=room, project=one)
        for one, count in Counter(project.company for project in there.values()).items():
            room = companies[one].capacity if one in companies else count
            if count > room:
                self.reader.fault(place, "fixed_over_company", fixed=count, capacity=room, company=one)
        groups = Counter((project.id, school.get(trainee, "")) for trainee, project in there.items())
        for (one, of), count in groups.items():
            cap = school_caps.get(one, {}).get(of, count)
            if count > cap:
                details = {"project": one, "school": of}
                self.reader.fault(place, "fixed_over_school_cap", fixed=count, cap=cap, **details)


def _by_id(records: Iterator[Record]) -> dict[str, Record]:
    return {record.id: record for record in sorted(records, key=lambda record: record.id)}
