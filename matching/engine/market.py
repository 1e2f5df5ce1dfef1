"""What a match starts from: trainees with wishes, projects with places, companies with rankings."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, TypeVar

from matching.engine.canonical import LARGEST_INTEGER, canonical_json, sha256_hex
from matching.engine.reading import InputError, Place, Reader

__all__ = ["MARKET_FORMAT", "Company", "Market", "MarketError", "Project", "Tiers", "Trainee"]

MARKET_FORMAT = "ieum-market-1"

Tiers = tuple[tuple[str, ...], ...]
"""Ids best first; ids in one inner tuple are tied and stand in the order of their text."""


class MarketError(InputError):
    """A broken market; ``faults`` names every fault with its place."""


@dataclass(frozen=True, slots=True)
class Trainee:
    id: str
    prefs: Tiers


@dataclass(frozen=True, slots=True)
class Project:
    """``scores`` is ``None`` if the company gives one ranking for all its projects."""

    id: str
    company: str
    capacity: int
    minimum: int
    scores: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Company:
    """``ranking`` is ``None`` if the company's projects give scores."""

    id: str
    capacity: int
    ranking: Tiers | None


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
    """

    trainees: Mapping[str, Trainee]
    projects: Mapping[str, Project]
    companies: Mapping[str, Company]
    fixed: Mapping[str, str] = field(default_factory=dict)
    school: Mapping[str, str] = field(default_factory=dict)
    school_caps: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    draw: Mapping[str, int] = field(default_factory=dict)
    seed: str = ""

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
        A company giving neither ranking nor scores accepts nobody. O(size of the document · log).
        """
        reader = Reader(MarketError)
        parts = _MarketReader(reader).parts(reader.document(data))
        reader.finish()
        return cls(**parts)

    def to_json(self) -> dict[str, Any]:
        """The normalised document: sorted by id, defaults written out, no tie of one."""
        return {
            "format": MARKET_FORMAT,
            "trainees": [{"id": one.id, "prefs": _tiers_json(one.prefs)} for one in self.trainees.values()],
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


def _tiers_json(tiers: Tiers) -> list[str | list[str]]:
    return [tier[0] if len(tier) == 1 else list(tier) for tier in tiers]


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
    return written if company.ranking is None else {**written, "ranking": _tiers_json(company.ranking)}


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
            prefs = self._tiers(record.get("prefs", []), (*place, "prefs"), "project", "duplicate_wish")
            yield Trainee(own_id, prefs)

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
            ranking = None
            if "ranking" in record:
                ranking = self._tiers(record["ranking"], (*place, "ranking"), "trainee", "duplicate_rank")
            capacity = self._seats(record.get("capacity", LARGEST_INTEGER), (*place, "capacity"))
            yield Company(own_id, capacity, ranking)

    def _tiers(self, value: object, place: Place, noun: str, duplicate: str) -> Tiers:
        seen: set[str] = set()
        tiers = []
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
            tiers.append(tuple(sorted(tier)))
        return tuple(tiers)

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
            if project and company and project.scores is not None and company.ranking is not None:
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
