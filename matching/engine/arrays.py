"""A market as flat arrays of integers: what the solver, the figures and the explanations work on."""

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from matching.engine.market import Market, Tiers

__all__ = ["Arrays", "draw_numbers", "flatten", "strict_wishes"]


Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Arrays:
    """A market numbered through.

    Trainees are numbered by luck: the worst draw number is 0, the best n - 1. A *key* is a pair's standing,
    ``level * n + trainee``: a larger key stands better, no two trainees share one, and ``key % n`` is the
    trainee. Levels count a company's different scores (or the tiers of its ranking) upwards from 0.

    A *cell* is the smallest circle of seats a wish falls into: the project's cell of the same number or,
    where a cap for the trainee's school stands, a cell of its own inside the project. Cells lie inside
    projects and projects inside companies.

    Attributes
    ----------
    trainees, projects, companies : list of ids
        By number; projects and companies sorted by id.
    wish_start : array of int, length n + 1
        The wishes of trainee t are ``wish_start[t]`` up to ``wish_start[t + 1]``, best first, ties broken;
        only acceptable ones.
    wish_cell, wish_key, wish_rank : array of int, one entry per wish
        The cell wished for, the pair's key, the tier of the trainee's list counted from 0.
    cell_project, cell_cap : list of int
    cells_of_project, cells_of_company : list of tuples of cells
    company_of, project_cap, minimum, listings : list of int, one entry per project
        ``listings`` counts the lists that name the project, acceptable or not.
    company_cap : list of int
    levels : list of lists of scores, one per company
        The scores by level; empty for a company that gives a ranking.
    tiers : list of int, one entry per company
        The number of tiers of a ranking, 0 for a company that gives scores.
    fixed : list of (trainee, cell)
    """

    trainees: list[str]
    projects: list[str]
    companies: list[str]
    wish_start: "array[int]"
    wish_cell: "array[int]"
    wish_key: "array[int]"
    wish_rank: "array[int]"
    cell_project: list[int]
    cell_cap: list[int]
    cells_of_project: list[tuple[int, ...]]
    cells_of_company: list[tuple[int, ...]]
    company_of: list[int]
    project_cap: list[int]
    minimum: list[int]
    listings: list[int]
    company_cap: list[int]
    levels: list[list[float]]
    tiers: list[int]
    fixed: list[tuple[int, int]]


def draw_numbers(market: Market) -> dict[str, int]:
    """Every trainee's draw number; the smaller wins.

    Returns
    -------
    dict of trainee id to int
        The number given outright, else the first 6 bytes, big-endian, of SHA-256(seed, NUL, id) in UTF-8.
    """
    return {one: market.draw.get(one, _lot(market.seed, one)[0]) for one in market.trainees}


def strict_wishes(market: Market) -> Callable[[Tiers], Iterator[tuple[int, str]]]:
    """A function that breaks the ties of a trainee's list by the projects' draw.

    Returns
    -------
    callable
        Takes tiers and yields (tier counted from 0, project id), best first.
    """
    drawn = sorted(market.projects, key=lambda project: _lot(market.seed, project))
    luck = {project: position for position, project in enumerate(drawn)}

    def ordered(tiers: Tiers) -> Iterator[tuple[int, str]]:
        for rank, tier in enumerate(tiers):
            for project in tier if len(tier) == 1 else sorted(tier, key=luck.__getitem__):
                yield rank, project

    return ordered


def flatten(market: Market) -> Arrays:
    """Number a market through.

    Notes
    -----
    O(total length of all lists · log). The answer depends on the market alone, not on its order.
    """
    trainees = _by_luck(market)
    projects, companies = list(market.projects), list(market.companies)
    trainee_number, project_number, company_number = map(_numbers, (trainees, projects, companies))
    company_of = [company_number[one.company] for one in market.projects.values()]
    cells = _Cells(market, projects)
    levels = _levels(market)
    level_of = _acceptance(market, company_of, levels)
    start, cell, key, rank = array("q", [0]), array("l"), array("q"), array("l")
    ordered = strict_wishes(market)
    for number, trainee in enumerate(trainees):
        for tier, project in ordered(market.trainees[trainee].prefs):
            wished = project_number[project]
            level = level_of[wished](trainee)
            if level is not None:
                cell.append(cells.of(wished, trainee))
                key.append(level * len(trainees) + number)
                rank.append(tier)
        start.append(len(cell))
    listings = Counter(wish for one in market.trainees.values() for tier in one.prefs for wish in tier)
    return Arrays(
        trainees=trainees,
        projects=projects,
        companies=companies,
        wish_start=start,
        wish_cell=cell,
        wish_key=key,
        wish_rank=rank,
        cell_project=cells.project,
        cell_cap=cells.cap,
        cells_of_project=_grouped(cells.project, len(projects)),
        cells_of_company=_grouped([company_of[project] for project in cells.project], len(companies)),
        company_of=company_of,
        project_cap=[one.capacity for one in market.projects.values()],
        minimum=[one.minimum for one in market.projects.values()],
        listings=[listings[project] for project in projects],
        company_cap=[one.capacity for one in market.companies.values()],
        levels=levels,
        tiers=[len(one.ranking or ()) for one in market.companies.values()],
        fixed=[
            (trainee_number[trainee], cells.of(project_number[project], trainee))
            for trainee, project in market.fixed.items()
        ],
    )


class _Cells:
    """Numbers the cells: first one per project, then one per school cap."""

    def __init__(self, market: Market, projects: list[str]) -> None:
        self.school = market.school
        self.project = list(range(len(projects)))
        self.cap = [one.capacity for one in market.projects.values()]
        self.capped: dict[tuple[int, str], int] = {}
        for number, project in enumerate(projects):
            for school, cap in market.school_caps.get(project, {}).items():
                self.capped[number, school] = len(self.cap)
                self.project.append(number)
                self.cap.append(cap)

    def of(self, project: int, trainee: str) -> int:
        if not self.capped:
            return project
        return self.capped.get((project, self.school.get(trainee, "")), project)


def _lot(seed: str, one: str) -> tuple[int, bytes]:
    """A drawn number and, should two ever be equal, the digest it was cut from."""
    digest = sha256(f"{seed}\0{one}".encode()).digest()
    return int.from_bytes(digest[:6], "big"), digest


def _by_luck(market: Market) -> list[str]:
    """Trainees, the worst draw number first."""

    def lot(trainee: str) -> tuple[int, bytes]:
        number, digest = _lot(market.seed, trainee)
        return market.draw.get(trainee, number), digest

    return sorted(market.trainees, key=lot, reverse=True)


def _levels(market: Market) -> list[list[float]]:
    """Each company's different scores, the lowest first: one scale over all its projects."""
    scores: dict[str, set[float]] = {company: set() for company in market.companies}
    for project in market.projects.values():
        scores[project.company].update((project.scores or {}).values())
    return [sorted(found) for found in scores.values()]


def _acceptance(
    market: Market, company_of: list[int], levels: list[list[float]]
) -> list[Callable[[str], int | None]]:
    """For each project a function from trainee to level, or to ``None`` for the unacceptable."""
    level_of_score = [_numbers(found) for found in levels]
    level_in_ranking = [_tier_levels(one.ranking or ()) for one in market.companies.values()]
    found: list[Callable[[str], int | None]] = []
    for project, company in zip(market.projects.values(), company_of, strict=True):
        if project.scores is None:
            found.append(level_in_ranking[company].get)
        else:
            level = level_of_score[company]
            found.append({trainee: level[score] for trainee, score in project.scores.items()}.get)
    return found


def _tier_levels(ranking: Tiers) -> Mapping[str, int]:
    return {trainee: level for level, tier in enumerate(reversed(ranking)) for trainee in tier}


def _numbers(things: Iterable[Thing]) -> dict[Thing, int]:
    return {thing: number for number, thing in enumerate(things)}


def _grouped(owners: Iterable[int], count: int) -> list[tuple[int, ...]]:
    """The positions each owner holds in ``owners``."""
    held: list[list[int]] = [[] for _ in range(count)]
    for position, owner in enumerate(owners):
        held[owner].append(position)
    return [tuple(positions) for positions in held]
