"""Figures of a result: cut-offs, demand, what closed projects would have reached, who stands next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from matching.engine.acceptance import Seats, defer, free_seats
from matching.engine.arrays import Arrays, draw_numbers, flatten
from matching.engine.market import Market
from matching.engine.minimums import short_projects
from matching.engine.result import Result

__all__ = ["Cutoff", "Figures", "ProjectFigures", "Reopening", "Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a company sees a pair.

    Attributes
    ----------
    position : int
        1 is the best among those who ranked the project (for a company's cut-off: any of its projects) and
        are acceptable, ``of`` is how many they are.
    score : float or None
        The company's score; ``None`` if it gave a ranking.
    tier : int or None
        The tier of the company's ranking, from 1; ``None`` if it gave scores.
    draw : int
        The draw number, which decides between equal scores or within a tier; the smaller wins.
    """

    position: int
    of: int
    score: float | None
    tier: int | None
    draw: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The line of admission: who stands above it would have been taken.

    Attributes
    ----------
    full : bool
        No seat is left; if one is, everyone acceptable would have been taken.
    last : Standing or None
        The last one admitted; ``None`` if there is none (no seat at all, or only fixed placements).
    """

    full: bool
    last: Standing | None

    def to_json(self) -> dict[str, Any]:
        return {"full": self.full, "last": self.last and self.last.to_json()}


@dataclass(frozen=True, slots=True)
class Reopening:
    """What happens if one closed project alone is opened again.

    Attributes
    ----------
    reached : int
        How many people it would get.
    harmed : tuple of project ids
        Other projects that would then fall below their minimum.
    """

    reached: int
    harmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """One project in numbers.

    Attributes
    ----------
    listings, first_choices : int
        Lists that name the project at all, or in their first tier.
    acceptable : int
        Listings by trainees the company accepts there.
    size, fixed : int
        People placed, and how many of them were fixed beforehand.
    demand : int
        People placed and people who would rather be there.
    closed : bool
    reached : int or None
        For a closed project: how many it would get if it alone were open.
    harmed : tuple of project ids
        For a closed project: which others would then fall below their minimum.
    """

    project: str
    capacity: int
    minimum: int
    listings: int
    first_choices: int
    acceptable: int
    size: int
    fixed: int
    demand: int
    closed: bool
    reached: int | None
    harmed: tuple[str, ...]


class Figures:
    """Everything that can be read off a result; each part is worked out when it is first asked for.

    Parameters
    ----------
    market : Market
    result : Result
        Proved by `check`; nothing here repeats the proof.

    Notes
    -----
    O(L log L) for a market whose lists have length L in total, and one run per closed project once
    `reopenings` or `projects` is asked for.
    """

    def __init__(self, market: Market, result: Result) -> None:
        self.market = market
        self.result = result
        self.arrays: Arrays = flatten(market)
        self.number = {project: number for number, project in enumerate(self.arrays.projects)}
        self.closed = frozenset(self.number[project] for project in result.closed)
        self.seats = self._seated()

    @cached_property
    def cutoffs(self) -> dict[str, Cutoff]:
        """The cut-off of every open project, by project id."""
        seats, arrays = self.seats, self.arrays
        return {
            project: Cutoff(
                not seats.project_left[number], self._last(arrays.cells_of_project[number], number)
            )
            for project, number in self.number.items()
            if number not in self.closed
        }

    @cached_property
    def company_cutoffs(self) -> dict[str, Cutoff]:
        """The cut-off of every company over all its projects, by company id."""
        seats, arrays = self.seats, self.arrays
        return {
            company: Cutoff(not seats.company_left[number], self._last_of_company(number))
            for number, company in enumerate(arrays.companies)
        }

    @cached_property
    def waiting(self) -> dict[str, tuple[str, ...]]:
        """Acceptable trainees who would rather be at a project, best standing first, by project id.

        At a closed project: everyone who would rather have it than what they got. A trainee fixed to an open
        project waits nowhere.
        """
        keys: list[list[int]] = [[] for _ in self.arrays.projects]
        for trainee in range(len(self.arrays.trainees)):
            for wish in self.envied(trainee):
                keys[self.project_of(wish)].append(self.arrays.wish_key[wish])
        return {
            project: tuple(self._trainee(key) for key in sorted(keys[number], reverse=True))
            for project, number in self.number.items()
        }

    @cached_property
    def reserves(self) -> dict[str, tuple[str, ...]]:
        """The reserve list of every open project: who would stand next, by project id."""
        return {one: names for one, names in self.waiting.items() if self.number[one] not in self.closed}

    @cached_property
    def reopenings(self) -> dict[str, Reopening]:
        """What each closed project would reach, by project id."""
        return {self.arrays.projects[project]: self._reopening(project) for project in sorted(self.closed)}

    @cached_property
    def projects(self) -> dict[str, ProjectFigures]:
        """Every project in numbers, by project id."""
        first = self._first_choices()
        sizes = self.seats.sizes(self.arrays)
        fixed = [0] * len(sizes)
        for _, cell in self.seats.fixed:
            fixed[self.arrays.cell_project[cell]] += 1
        return {project: self._figures(project, first, sizes, fixed) for project in self.arrays.projects}

    def envied(self, trainee: int) -> Iterator[int]:
        """The acceptable wishes above what a trainee has; none if the trainee is fixed to an open project."""
        if trainee in self._fixed_trainees:
            return
        has = self._project_of_trainee[trainee]
        for wish in range(self.arrays.wish_start[trainee], self.arrays.wish_start[trainee + 1]):
            if self.project_of(wish) == has:
                return
            yield wish

    def project_of(self, wish: int) -> int:
        return self.arrays.cell_project[self.arrays.wish_cell[wish]]

    def standing(self, key: int, project: int) -> Standing:
        """A key as people read it, counted among the applicants of a project."""
        return self._standing(key, self._applicants[project], self.arrays.company_of[project])

    def company_standing(self, key: int, company: int) -> Standing:
        """A key as people read it, counted among everybody who ranked any project of a company."""
        return self._standing(key, self._company_applicants[company], company)

    def last_in_cell(self, cell: int) -> Standing | None:
        """The last one admitted under a school cap."""
        return self._last((cell,), self.arrays.cell_project[cell])

    def _seated(self) -> Seats:
        """The seats as the result fills them."""
        arrays = self.arrays
        seats = free_seats(arrays, self.closed)
        fixed = {trainee for trainee, _ in seats.fixed}
        for trainee, name in enumerate(arrays.trainees):
            project = self.result.matching.get(name)
            if project is None or trainee in fixed:
                continue
            for wish in range(arrays.wish_start[trainee], arrays.wish_start[trainee + 1]):
                if self.project_of(wish) == self.number[project]:
                    seats.take(arrays, arrays.wish_cell[wish], arrays.wish_key[wish])
                    break
        return seats

    @cached_property
    def _fixed_trainees(self) -> frozenset[int]:
        return frozenset(trainee for trainee, _ in self.seats.fixed)

    @cached_property
    def _project_of_trainee(self) -> list[int]:
        return list(self.seats.project_of_trainee(self.arrays))

    @cached_property
    def _applicants(self) -> list[dict[int, int]]:
        """Per project, its applicants' positions from 1 by key."""
        keys: list[list[int]] = [[] for _ in self.arrays.projects]
        for wish, key in enumerate(self.arrays.wish_key):
            keys[self.project_of(wish)].append(key)
        return [_positions(found) for found in keys]

    @cached_property
    def _company_applicants(self) -> list[dict[int, int]]:
        keys: list[set[int]] = [set() for _ in self.arrays.companies]
        for project, applicants in enumerate(self._applicants):
            keys[self.arrays.company_of[project]] |= applicants.keys()
        return [_positions(found) for found in keys]

    @cached_property
    def _draws(self) -> Mapping[str, int]:
        return draw_numbers(self.market)

    def _standing(self, key: int, positions: Mapping[int, int], company: int) -> Standing:
        arrays = self.arrays
        level = key // len(arrays.trainees)
        scored = bool(arrays.levels[company])
        return Standing(
            position=positions[key],
            of=len(positions),
            score=arrays.levels[company][level] if scored else None,
            tier=None if scored else arrays.tiers[company] - level,
            draw=self._draws[self._trainee(key)],
        )

    def _last(self, cells: tuple[int, ...], project: int) -> Standing | None:
        cell = self.seats.worst(cells)
        return None if cell < 0 else self.standing(self.seats.held[cell][0], project)

    def _last_of_company(self, company: int) -> Standing | None:
        cell = self.seats.worst(self.arrays.cells_of_company[company])
        return None if cell < 0 else self.company_standing(self.seats.held[cell][0], company)

    def _reopening(self, project: int) -> Reopening:
        seats = defer(self.arrays, self.closed - {project})
        short = short_projects(self.arrays, seats).keys() - {project}
        reached = seats.sizes(self.arrays)[project]
        return Reopening(reached, tuple(self.arrays.projects[other] for other in sorted(short)))

    def _first_choices(self) -> dict[str, int]:
        first = dict.fromkeys(self.arrays.projects, 0)
        for trainee in self.market.trainees.values():
            for project in trainee.prefs[0] if trainee.prefs else ():
                first[project] += 1
        return first

    def _figures(
        self, project: str, first: Mapping[str, int], sizes: list[int], fixed: list[int]
    ) -> ProjectFigures:
        number, offered = self.number[project], self.market.projects[project]
        reopening = self.reopenings.get(project)
        return ProjectFigures(
            project=project,
            capacity=offered.capacity,
            minimum=offered.minimum,
            listings=self.arrays.listings[number],
            first_choices=first[project],
            acceptable=len(self._applicants[number]),
            size=sizes[number],
            fixed=fixed[number],
            demand=sizes[number] + len(self.waiting[project]),
            closed=number in self.closed,
            reached=reopening.reached if reopening else None,
            harmed=reopening.harmed if reopening else (),
        )

    def _trainee(self, key: int) -> str:
        return self.arrays.trainees[key % len(self.arrays.trainees)]


def _positions(keys: Iterable[int]) -> dict[int, int]:
    return {key: position for position, key in enumerate(sorted(keys, reverse=True), start=1)}
