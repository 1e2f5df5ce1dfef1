"""Figures of a result: cut-offs, demand, what closed projects would have reached, who stands next."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matching.engine.acceptance import Seats, free_seats
from matching.engine.arrays import Arrays, draw_numbers, flatten
from matching.engine.market import Market
from matching.engine.matcher import Matcher
from matching.engine.minimums import short_projects
from matching.engine.result import Result

__all__ = ["Cutoff", "Figures", "ProjectFigures", "Reopening", "Standing", "seated"]


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
    promoted : bool
        Came back after the end of the list (only by the rule ``fill``): stands above all of the same score or
        tier who did not, whatever the draw.
    """

    position: int
    of: int
    score: float | None
    tier: int | None
    draw: int
    promoted: bool = False

    def to_json(self) -> dict[str, Any]:
        """As numbers; nothing is said of promotions where there are none."""
        # Written out, since there is one per wish of everybody: ``asdict`` copies deeply.
        written: dict[str, Any] = {
            "position": self.position,
            "of": self.of,
            "score": self.score,
            "tier": self.tier,
            "draw": self.draw,
        }
        return written | {"promoted": True} if self.promoted else written


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
    lacking : mapping of project id to int
        Which projects would then miss how many people of their minimum, itself among them. The smallest change
        that saves it: these minimums lower by these numbers. Empty if nobody at all would come.
    """

    reached: int
    lacking: Mapping[str, int]

    def harmed(self, project: str) -> tuple[str, ...]:
        """The others that would fall below their minimum if ``project`` opened."""
        return tuple(one for one in self.lacking if one != project)


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
    lacking : mapping of project id to int
        For a closed project: by how much which minimums would have to be lower for it to open.
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
    lacking: Mapping[str, int]


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
        self.matcher = Matcher(flatten(market, result.rule, with_draw=True), result.rule, result.side)
        self.number = {project: number for number, project in enumerate(self.matcher.arrays.projects)}
        self.closed = frozenset(self.number[project] for project in result.closed)
        self.arrays: Arrays = self._standings()
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
        """The acceptable wishes above what a trainee has; none of who is fixed to an open project or has left."""
        if trainee in self._staying:
            return iter(())
        granted = self.seats.wish[trainee]
        own = self.arrays.wishes_of(trainee)
        return iter(range(own.start, granted if granted >= 0 else own.stop))

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

    def _standings(self) -> Arrays:
        """By the rule ``fill``, with the promotions of the match."""
        return self.matcher.run(self.closed)[0] if self.result.rule == "fill" else self.matcher.arrays

    def _seated(self) -> Seats:
        """The seats as the result fills them."""
        return seated(self.arrays, self.closed, self.result)

    @cached_property
    def _staying(self) -> frozenset[int]:
        """Who asks for nothing: fixed to an open project, or withdrawn."""
        gone = frozenset(self.result.withdrawn)
        left = (
            {number for number, trainee in enumerate(self.arrays.trainees) if trainee in gone} if gone else ()
        )
        return frozenset(trainee for trainee, _ in self.seats.fixed) | frozenset(left)

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
    def _listings(self) -> list[int]:
        return self.arrays.listings()

    @cached_property
    def _draws(self) -> Mapping[str, int]:
        return draw_numbers(self.market)

    def _standing(self, key: int, positions: Mapping[int, int], company: int) -> Standing:
        arrays = self.arrays
        level = arrays.level_of(key)
        scored = bool(arrays.levels[company])
        return Standing(
            position=positions[key],
            of=len(positions),
            score=arrays.levels[company][level] if scored else None,
            tier=None if scored else arrays.tiers[company] - level,
            draw=self._draws[self._trainee(key)],
            promoted=arrays.is_promoted(key),
        )

    def _last(self, cells: tuple[int, ...], project: int) -> Standing | None:
        cell = self.seats.worst(cells)
        return None if cell < 0 else self.standing(self.seats.held[cell][0], project)

    def _last_of_company(self, company: int) -> Standing | None:
        cell = self.seats.worst(self.arrays.cells_of_company[company])
        return None if cell < 0 else self.company_standing(self.seats.held[cell][0], company)

    def _reopening(self, project: int) -> Reopening:
        arrays, seats = self.matcher.run(self.closed - {project})
        short = short_projects(arrays, seats)
        lacking = {arrays.projects[one]: arrays.minimum[one] - size for one, size in sorted(short.items())}
        return Reopening(seats.sizes(arrays)[project], lacking)

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
            listings=self._listings[number],
            first_choices=first[project],
            acceptable=len(self._applicants[number]),
            size=sizes[number],
            fixed=fixed[number],
            demand=sizes[number] + len(self.waiting[project]),
            closed=number in self.closed,
            reached=reopening.reached if reopening else None,
            harmed=reopening.harmed(project) if reopening else (),
            lacking=reopening.lacking if reopening else {},
        )

    def _trainee(self, key: int) -> str:
        return self.arrays.trainees[self.arrays.trainee_of(key)]


def seated(arrays: Arrays, closed: Set[int], result: Result) -> Seats:
    """The seats as a result fills them; O(total length of the lists)."""
    seats = free_seats(arrays, closed)
    gone = set(result.withdrawn)
    for trainee, cell in [pair for pair in seats.fixed if arrays.trainees[pair[0]] in gone]:
        seats.fixed.remove((trainee, cell))
        seats.count(arrays, cell, 1)
    fixed = {trainee for trainee, _ in seats.fixed}
    number = {project: position for position, project in enumerate(arrays.projects)}
    for trainee, name in enumerate(arrays.trainees):
        project = result.matching.get(name)
        if project is None or trainee in fixed:
            continue
        at = number[project]
        own = arrays.wishes_of(trainee)
        wish = next((one for one in own if arrays.cell_project[arrays.wish_cell[one]] == at), None)
        if wish is not None:
            seats.take(arrays, trainee, wish)
    return seats


def _positions(keys: Iterable[int]) -> dict[int, int]:
    return {key: position for position, key in enumerate(sorted(keys, reverse=True), start=1)}
