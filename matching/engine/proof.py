"""Making personal proofs: what one person needs to see that their result is the best their list could get.

A stable matching is described by its lines of admission. Everybody gets the same ones: a root over all of them is
published, and each proof carries the paths of those it stands on. The line of a circle with fewer than ``FEWEST``
places would show one person's standing, so it is hidden: a proof says only whether it was reached.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from matching.engine.canonical import canonical_json
from matching.engine.market import Market
from matching.engine.result import Result

__all__ = ["FEWEST", "PROOF_FORMAT", "Lines", "Prover"]

PROOF_FORMAT = "ieum-proof-1"
#: A circle with fewer places keeps its line to itself.
FEWEST = 3

Standing: TypeAlias = tuple[float, int]
"""Level and minus the draw number: the larger stands first."""
Line: TypeAlias = dict[str, Any]
Step: TypeAlias = tuple[Literal["left", "right"], str]


class Lines:
    """The lines of admission as everybody may see them, and the root over them.

    Parameters
    ----------
    lines : iterable of Line
        In any order.

    Notes
    -----
    The tree is that of the receipts (RFC 6962) over the canonical JSON of the lines. Its layers are kept, so a path
    costs O(log n); making it O(n).
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        leaves = sorted(
            (sha256(b"\0" + canonical_json(line)).digest(), line["circle"], line["id"]) for line in lines
        )
        self._place = {(circle, name): at for at, (_, circle, name) in enumerate(leaves)}
        self._layers = [[leaf for leaf, _, _ in leaves]]
        while len(self._layers[-1]) > 1:
            self._layers.append(_above(self._layers[-1]))

    @property
    def root(self) -> str:
        return (self._layers[-1][0] if self._layers[-1] else sha256().digest()).hex()

    def path(self, line: Line) -> list[Step]:
        """The neighbours of a line up to the root, the lowest first."""
        at, steps = self._place[line["circle"], line["id"]], list[Step]()
        for layer in self._layers[:-1]:
            beside = at ^ 1
            if beside < len(layer):
                steps.append(("left" if beside < at else "right", layer[beside].hex()))
            at //= 2
        return steps


def _above(layer: Sequence[bytes]) -> list[bytes]:
    """The next layer; one without a neighbour goes up as it is, which splits at powers of two."""
    pairs = [sha256(b"\1" + layer[at] + layer[at + 1]).digest() for at in range(0, len(layer) - 1, 2)]
    return [*pairs, layer[-1]] if len(layer) % 2 else pairs


@dataclass(frozen=True, slots=True)
class _Circle:
    """Seats that are counted together, and the worst of who holds one by standing."""

    kind: str
    name: str
    company: str
    capacity: int
    taken: int
    last: Standing | None

    @property
    def full(self) -> bool:
        return self.taken >= self.capacity

    @property
    def is_hidden(self) -> bool:
        return self.capacity < FEWEST

    def to_json(self) -> Line:
        """A hidden circle says how few places it has, and nothing of who got them."""
        shown = self.last if self.full and not self.is_hidden else None
        return {
            "circle": self.kind,
            "id": self.name,
            "company": self.company,
            "capacity": self.capacity,
            "full": None if self.is_hidden else self.full,
            "last": None if shown is None else {"score": shown[0], "draw": -shown[1]},
        }


class Prover:
    """Makes the proofs of one result.

    Parameters
    ----------
    market : Market
    result : Result
        By the rule ``draw`` and proved by `check`; nothing here repeats the proof.
    reached : mapping of project id to int, optional
        Of closed projects: how many people each would get if it alone were open.

    Raises
    ------
    ValueError
        If the result is by another rule: its lines depend on who was promoted.

    Notes
    -----
    O(length of all lists) to make, O(length of the list · log of the lines) for each proof. Reads the market and the
    result only, and none of the solver's numbering.
    """

    def __init__(self, market: Market, result: Result, reached: Mapping[str, int] | None = None) -> None:
        if result.rule != "draw":
            raise ValueError("only results by the rule draw have one line for everybody")
        self.market, self.result, self.reached = market, result, reached or {}
        self.closed = frozenset(result.closed)
        self.fixed = {one: project for one, project in market.fixed.items() if project not in self.closed}
        self._projects = {
            one: self._circle_of_project(one) for one in market.projects if one not in self.closed
        }
        self._companies = {one: self._circle_of_company(one) for one in market.companies}

    @cached_property
    def lines(self) -> list[Line]:
        """Every circle as everybody may see it, closed projects too; sorted."""
        circles = [*self._projects.values(), *self._companies.values(), *self._schools.values()]
        lines = [circle.to_json() for circle in circles] + [
            self._closed_line(one) for one in self.result.closed
        ]
        return sorted(lines, key=lambda line: (line["circle"], line["id"]))

    @cached_property
    def tree(self) -> Lines:
        return Lines(self.lines)

    def proof(self, trainee: str, **facts: Any) -> dict[str, Any]:
        """The document of format ``ieum-proof-1`` without what only the portal knows, which ``facts`` adds.

        Parameters
        ----------
        trainee : str
        **facts
            ``call``, ``commitment``, ``secret``, ``value`` of the draw, and the ``receipt`` of who handed in a list.
        """
        matched = self.result.matching[trainee]
        return {
            "format": PROOF_FORMAT,
            "trainee": trainee,
            "engine": self.result.engine,
            "rule": self.result.rule,
            "market_sha256": self.market.sha256,
            "result_sha256": self.result.sha256,
            "lines_root": self.tree.root,
            "seed": self.market.seed,
            "draw": self._draw(trainee),
            "matched": matched,
            "fixed": trainee in self.fixed,
            "wishes": [self.wish(trainee, project) for project in self.order(trainee)],
            **facts,
        }

    def order(self, trainee: str) -> list[str]:
        """The projects of a list, best first; those tied fall by their own draw."""
        return [
            project
            for tier in self.market.trainees[trainee].prefs
            for project in sorted(tier, key=lambda one: _drawn(self.market.seed, one))
        ]

    def wish(self, trainee: str, project: str) -> dict[str, Any]:
        """How a person stands at one project of the market, and the line that decided there."""
        if project in self.closed:
            return {
                "project": project,
                "state": "closed",
                "minimum": self.market.projects[project].minimum,
                "reached": self.reached.get(project, 0),
                "lines": [self._shown(self._closed_line(project))],
            }
        standing = self._standing(trainee, project)
        if standing is None:
            return {"project": project, "state": "refused"}
        found: dict[str, Any] = {"project": project, "state": "open", "score": standing[0], "lines": []}
        for circle in self._around(trainee, project):
            found["lines"].append(self._shown(circle.to_json()))
            if circle.is_hidden:
                found["admitted"] = self._reaches(standing, trainee, project)
            if circle.is_hidden or circle.full:
                break
        return found

    def _shown(self, line: Line) -> dict[str, Any]:
        return {"line": line, "path": self.tree.path(line)}

    def _closed_line(self, project: str) -> Line:
        offered = self.market.projects[project]
        return {
            "circle": "closed",
            "id": project,
            "company": offered.company,
            "capacity": offered.capacity,
            "full": None,
            "last": None,
        }

    def _reaches(self, standing: Standing, trainee: str, project: str) -> bool:
        full = next((circle for circle in self._around(trainee, project) if circle.full), None)
        if full is None or self.result.matching[trainee] == project:
            return True
        return full.last is not None and standing > full.last

    def _around(self, trainee: str, project: str) -> Iterable[_Circle]:
        """The circles a pair sits in, the smallest first."""
        school = self.market.school.get(trainee)
        if (project, school) in self._schools:
            yield self._schools[project, str(school)]
        yield self._projects[project]
        yield self._companies[self.market.projects[project].company]

    def _draw(self, trainee: str) -> int:
        given = self.market.draw.get(trainee)
        return _drawn(self.market.seed, trainee) if given is None else given

    def _standing(self, trainee: str, project: str) -> Standing | None:
        """``None`` if the company does not accept the person there."""
        offered = self.market.projects[project]
        level = (
            self._levels[offered.company].get(trainee)
            if offered.scores is None
            else offered.scores.get(trainee)
        )
        return None if level is None else (level, -self._draw(trainee))

    @cached_property
    def _levels(self) -> dict[str, dict[str, int]]:
        """Of companies that rank: trainee to level, the best tier the largest."""
        return {
            name: {
                one: len(company.ranking or ()) - at
                for at, tier in enumerate(company.ranking or ())
                for one in tier
            }
            for name, company in self.market.companies.items()
        }

    @cached_property
    def _placed(self) -> dict[str, list[str]]:
        placed: dict[str, list[str]] = {project: [] for project in self.market.projects}
        for trainee, project in self.result.matching.items():
            if project is not None:
                placed[project].append(trainee)
        return placed

    def _circle(
        self, kind: str, name: str, company: str, capacity: int, held: list[tuple[str, str]]
    ) -> _Circle:
        standings = [self._standing(*pair) for pair in held if pair[0] not in self.fixed]
        known = [standing for standing in standings if standing is not None]
        return _Circle(kind, name, company, capacity, len(held), min(known, default=None))

    def _circle_of_project(self, project: str) -> _Circle:
        offered = self.market.projects[project]
        held = [(trainee, project) for trainee in self._placed[project]]
        return self._circle("project", project, offered.company, offered.capacity, held)

    def _circle_of_company(self, company: str) -> _Circle:
        held = [(trainee, project) for project in self._own[company] for trainee in self._placed[project]]
        return self._circle("company", company, company, self.market.companies[company].capacity, held)

    @cached_property
    def _own(self) -> dict[str, list[str]]:
        own: dict[str, list[str]] = {company: [] for company in self.market.companies}
        for project in self.market.projects.values():
            own[project.company].append(project.id)
        return own

    @cached_property
    def _schools(self) -> dict[tuple[str, str], _Circle]:
        return {
            (project, school): self._circle(
                "school",
                f"{project}/{school}",
                self.market.projects[project].company,
                cap,
                [(one, project) for one in self._placed[project] if self.market.school.get(one) == school],
            )
            for project, caps in self.market.school_caps.items()
            if project not in self.closed
            for school, cap in caps.items()
        }


def _drawn(seed: str, name: str) -> int:
    return int.from_bytes(sha256(f"{seed}\0{name}".encode()).digest()[:6], "big")
