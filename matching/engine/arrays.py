"""A market as flat sequences of integers: what the solver, the figures and the explanations work on."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import accumulate, chain, compress, pairwise, repeat
from operator import add, mul
from typing import TypeVar

from matching.engine.market import Company, Market, Tiers

__all__ = ["Arrays", "draw_numbers", "flatten", "settled", "strict_wishes", "with_second_round"]


Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Arrays:
    """A market numbered through.

    Trainees, projects and companies are numbered in the order of their ids. A *key* is a pair's standing,
    ``(level * grades + grade) * n + luck``: a larger key stands better, no two trainees share one, and
    ``owner[key % n]`` is the trainee. Levels count a company's different scores (or the tiers of its ranking)
    upwards from 0; luck is 0 for the worst draw number and n - 1 for the best. There is one grade by the rule
    ``draw``; by ``fill`` there are two, and whoever came back promoted has the upper one.

    A *cell* is the smallest circle of seats a wish falls into: the project's cell of the same number or,
    where a cap for the trainee's school stands, a cell of its own inside the project. Cells lie inside
    projects and projects inside companies.

    Attributes
    ----------
    trainees, projects, companies : list of ids
        By number.
    owner : sequence of int, length n
        The trainee by luck. Where no standings tie, the draw is not needed and luck is the trainee's number.
    grades : int
        1 or 2.
    wish_start : sequence of int, length n + 1
        The wishes of trainee t are ``wish_start[t]`` up to ``wish_start[t + 1]``, best first, ties broken;
        only acceptable ones.
    wish_cell, wish_key : sequence of int, one entry per wish
        The cell wished for and the pair's key.
    wish_rank : sequence of int, or None
        The tier of the trainee's list, from 0; ``None`` if that is the position among the trainee's wishes.
    wished : sequence of int
        The projects of all lists, acceptable or not.
    cell_project, cell_cap : list of int
    cells_of_project, cells_of_company : list of tuples of cells
    company_of, project_cap, minimum : list of int, one entry per project
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
    owner: Sequence[int]
    grades: int
    wish_start: Sequence[int]
    wish_cell: Sequence[int]
    wish_key: Sequence[int]
    wish_rank: Sequence[int] | None
    wished: Sequence[int]
    cell_project: list[int]
    cell_cap: list[int]
    cells_of_project: list[tuple[int, ...]]
    cells_of_company: list[tuple[int, ...]]
    company_of: list[int]
    project_cap: list[int]
    minimum: list[int]
    company_cap: list[int]
    levels: list[list[float]]
    tiers: list[int]
    fixed: list[tuple[int, int]]

    def trainee_of(self, key: int) -> int:
        return self.owner[key % len(self.owner)]

    def level_of(self, key: int) -> int:
        return key // (len(self.owner) * self.grades)

    def is_promoted(self, key: int) -> bool:
        return key // len(self.owner) % self.grades == 1

    def rank_of(self, trainee: int, wish: int) -> int:
        """The tier of the trainee's list in which a wish stands, from 0."""
        return wish - self.wish_start[trainee] if self.wish_rank is None else self.wish_rank[wish]

    def wishes_of(self, trainee: int) -> range:
        return range(self.wish_start[trainee], self.wish_start[trainee + 1])

    def listings(self) -> list[int]:
        """How many lists name each project, acceptable or not."""
        counted = Counter(self.wished)
        return [counted[project] for project in range(len(self.projects))]


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


def flatten(market: Market, rule: str = "draw", *, with_draw: bool = False) -> Arrays:
    """Number a market through.

    Parameters
    ----------
    market : Market
    rule : {"draw", "fill"}
        By ``fill`` keys have room for a promotion.
    with_draw : bool
        Draw also where no standings tie and the draw decides nothing.

    Notes
    -----
    O(total length of all lists · log). The answer depends on the market alone, not on its order.
    """
    trainees, projects, companies = list(market.trainees), list(market.projects), list(market.companies)
    trainee_number, project_number, company_number = map(_numbers, (trainees, projects, companies))
    company_of = [company_number[one.company] for one in market.projects.values()]
    cells = _Cells(market, projects)
    levels = _levels(market)
    grades = 2 if rule == "fill" else 1
    steps = _steps(market, company_of, levels)
    draws = with_draw or _has_ties(market, levels)
    owner = _by_luck(market, trainee_number) if draws else range(len(trainees))
    lengths, wished, ranks = _wishes(market, project_number)
    places = cells.places(wished, trainees, lengths)
    start, cell, key, rank = _acceptable(trainees, owner, grades, lengths, wished, places, ranks, steps)
    return Arrays(
        trainees=trainees,
        projects=projects,
        companies=companies,
        owner=owner,
        grades=grades,
        wish_start=start,
        wish_cell=cell,
        wish_key=key,
        wish_rank=rank,
        wished=wished,
        cell_project=cells.project,
        cell_cap=cells.cap,
        cells_of_project=_grouped(cells.project, len(projects)),
        cells_of_company=_grouped([company_of[project] for project in cells.project], len(companies)),
        company_of=company_of,
        project_cap=[one.capacity for one in market.projects.values()],
        minimum=[one.minimum for one in market.projects.values()],
        company_cap=[one.capacity for one in market.companies.values()],
        levels=levels,
        tiers=[len(one.ranked or ()) for one in market.companies.values()],
        fixed=[
            (trainee_number[trainee], cells.of(project_number[project], trainee))
            for trainee, project in market.fixed.items()
        ],
    )


def with_second_round(arrays: Arrays) -> Arrays:
    """Every list twice, the second time promoted: the whole of the rule ``fill``, as plain wishes."""
    people = len(arrays.owner)
    start, cell, key, rank = [0], list[int](), list[int](), list[int]()
    for trainee in range(len(arrays.trainees)):
        own = arrays.wishes_of(trainee)
        cell += [*arrays.wish_cell[own.start : own.stop]] * 2
        keys = arrays.wish_key[own.start : own.stop]
        key += [*keys, *(one + people for one in keys)]
        rank += [arrays.rank_of(trainee, wish) for wish in own] * 2
        start.append(len(cell))
    return replace(arrays, wish_start=start, wish_cell=cell, wish_key=key, wish_rank=rank)


def settled(arrays: Arrays, promoted: Set[int]) -> Arrays:
    """The standings once it is known who was promoted."""
    people = len(arrays.owner)
    key = list(arrays.wish_key)
    for trainee in promoted:
        for wish in arrays.wishes_of(trainee):
            key[wish] += people
    return replace(arrays, wish_key=key)


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

    def places(self, wished: Sequence[int], trainees: list[str], lengths: list[int]) -> Sequence[int]:
        """The cell of every wish."""
        if not self.capped:
            return wished
        asking = chain.from_iterable(map(repeat, trainees, lengths))
        return [self.of(project, trainee) for project, trainee in zip(wished, asking, strict=True)]


def _wishes(market: Market, number: Mapping[str, int]) -> tuple[list[int], Sequence[int], list[int] | None]:
    """Lengths of the lists, the projects of all lists, and their tiers unless these are the positions."""
    if market.wish_numbers is not None:
        return [len(one.wishes) for one in market.trainees.values()], market.wish_numbers, None
    ordered = strict_wishes(market)
    wishes = [list(ordered(one.prefs)) for one in market.trainees.values()]
    together = list(chain.from_iterable(wishes))
    ranks = [tier for tier, _ in together]
    return list(map(len, wishes)), [number[project] for _, project in together], ranks


def _acceptable(
    trainees: list[str],
    owner: Sequence[int],
    grades: int,
    lengths: list[int],
    wished: Sequence[int],
    places: Sequence[int],
    ranks: list[int] | None,
    steps: Sequence[dict[str, int]],
) -> tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int] | None]:
    """Starts, cells, keys and tiers of the acceptable wishes."""
    asking = chain.from_iterable(map(repeat, trainees, lengths))
    step = list(map(_step, map(steps.__getitem__, wished), asking))
    lucks = chain.from_iterable(map(repeat, _inverse(owner), lengths))
    start = list(accumulate(lengths, initial=0))
    if None not in step:
        graded = step if grades == 1 else map(mul, step, repeat(grades))
        return start, places, list(map(add, graded, lucks)), ranks
    keep = [one is not None for one in step]
    if ranks is None:
        ranks = list(chain.from_iterable(map(range, lengths)))
    kept = [sum(keep[begin:end]) for begin, end in pairwise(start)]
    return (
        list(accumulate(kept, initial=0)),
        list(compress(places, keep)),
        [one * grades + own for one, own in zip(step, lucks, strict=True) if one is not None],
        list(compress(ranks, keep)),
    )


_step: Callable[[dict[str, int], str], int] = dict.get  # type: ignore[assignment]  # or None: that is looked for


def _lot(seed: str, one: str) -> tuple[int, bytes]:
    """A drawn number and, should two ever be equal, the digest it was cut from."""
    digest = sha256(f"{seed}\0{one}".encode()).digest()
    return int.from_bytes(digest[:6], "big"), digest


def _by_luck(market: Market, number: Mapping[str, int]) -> list[int]:
    """Trainees' numbers, the worst draw number first."""

    def lot(trainee: str) -> tuple[int, bytes]:
        drawn, digest = _lot(market.seed, trainee)
        return market.draw.get(trainee, drawn), digest

    return [number[trainee] for trainee in sorted(market.trainees, key=lot, reverse=True)]


def _inverse(owner: Sequence[int]) -> Sequence[int]:
    """The luck of each trainee."""
    if isinstance(owner, range):
        return owner
    luck = [0] * len(owner)
    for position, trainee in enumerate(owner):
        luck[trainee] = position
    return luck


def _levels(market: Market) -> list[list[float]]:
    """Each company's different scores, the lowest first: one scale over all its projects."""
    scores: dict[str, set[float]] = {company: set() for company in market.companies}
    for project in market.projects.values():
        if project.scores:
            scores[project.company].update(project.scores.values())
    return [sorted(found) for found in scores.values()]


def _has_ties(market: Market, levels: list[list[float]]) -> bool:
    """Whether any two pairs of a company may stand equal, so that the draw matters."""
    if market.ranked_steps is None and any(map(_is_tied, market.companies.values())):
        return True
    return sum(len(one.scores or ()) for one in market.projects.values()) > sum(map(len, levels))


def _is_tied(company: Company) -> bool:
    return tuple in set(map(type, company.ranked or ()))


def _steps(market: Market, company_of: list[int], levels: list[list[float]]) -> list[dict[str, int]]:
    """For each project, level · n by trainee; whoever is missing is unacceptable."""
    people, known = len(market.trainees), market.ranked_steps or {}
    ranked = [known.get(one.id) or _ranked_steps(one, people) for one in market.companies.values()]
    by_score = [{score: level * people for level, score in enumerate(found)} for found in levels]
    found = []
    for project, company in zip(market.projects.values(), company_of, strict=True):
        if project.scores is None:
            found.append(ranked[company])
        else:
            of_score = map(by_score[company].__getitem__, project.scores.values())
            found.append(dict(zip(project.scores, of_score, strict=True)))
    return found


def _ranked_steps(company: Company, people: int) -> dict[str, int]:
    tiers = reversed(company.ranking or ())
    return {trainee: level * people for level, tied in enumerate(tiers) for trainee in tied}


def _numbers(things: Iterable[Thing]) -> dict[Thing, int]:
    return {thing: number for number, thing in enumerate(things)}


def _grouped(owners: Iterable[int], count: int) -> list[tuple[int, ...]]:
    """The positions each owner holds in ``owners``."""
    held: list[list[int]] = [[] for _ in range(count)]
    for position, owner in enumerate(owners):
        held[owner].append(position)
    return [tuple(positions) for positions in held]
