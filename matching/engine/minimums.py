"""Which projects close: those whose minimum cannot be reached, and no more of them than need be."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from matching.engine.acceptance import Seats
from matching.engine.arrays import Arrays
from matching.engine.matcher import Matcher

__all__ = ["SEARCH_RUNS", "Closures", "Outcome", "short_projects"]

SEARCH_RUNS = 200  # counted in runs, not in seconds, so that every machine searches equally far

Closed = frozenset[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one set of closed projects leads to.

    Attributes
    ----------
    short : mapping of project to its number of people
        Open projects with somebody, yet fewer than their minimum.
    worth : tuple
        Compared between outcomes, the larger is better: people, fewer closures, rank profile, smaller ids.
    """

    short: dict[int, int]
    worth: tuple[int, int, tuple[int, ...], tuple[int, ...]]


class _RunsSpentError(Exception):
    """The search has used up its runs."""


class Closures:
    """Finds the projects to close; remembers every run, for the search comes back to the same sets.

    Parameters
    ----------
    matcher : Matcher
        Answers one set of closed projects from scratch.
    search_runs : int
        How many further runs the search may make once a first answer stands.
    """

    def __init__(self, matcher: Matcher, search_runs: int = SEARCH_RUNS) -> None:
        self.matcher = matcher
        self.arrays = arrays = matcher.arrays
        self.search_runs = search_runs
        self.closable = frozenset(project for project, minimum in enumerate(arrays.minimum) if minimum)
        self.listings = arrays.listings() if self.closable else []
        self.runs_left: int | None = None  # no limit until the search begins
        self.outcomes: dict[Closed, Outcome] = {}

    def find(self) -> Closed:
        """The set to close.

        Returns
        -------
        frozenset of project numbers
            Empty if nothing falls short. Every open project is empty or reaches its minimum, and no project
            of the set can be reopened alone.

        Notes
        -----
        One run from scratch per closure (going on with the old run would leave blocking pairs under company
        caps), at most one per closed project and round of reopening, and ``search_runs`` for the search.
        """
        if not self.closable or not self.outcome(frozenset()).short:
            return frozenset()
        closed = self.reopen(self.close(frozenset()))
        return self.search(closed)

    def outcome(self, closed: Closed) -> Outcome:
        if closed not in self.outcomes:
            if self.runs_left == 0:
                raise _RunsSpentError
            if self.runs_left is not None:
                self.runs_left -= 1
            self.outcomes[closed] = self._run(closed)
        return self.outcomes[closed]

    def close(self, closed: Closed, spared: int | None = None) -> Closed:
        """Close the project that misses the largest share, then the least listed, then by id, until none is short.

        The ``spared`` project goes only when no other is short.
        """
        while short := self.outcome(closed).short:
            candidates = [project for project in short if project != spared] or list(short)
            closed |= {min(candidates, key=lambda project: self._weakness(project, short[project]))}
        return closed

    def reopen(self, closed: Closed) -> Closed:
        """Reopen one by one, most listed first, until no project of the set can open alone."""
        while (project := next(self._reopenable(closed), None)) is not None:
            closed -= {project}
        return closed

    def search(self, best: Closed) -> Closed:
        """Look for a better set: through all of them if the runs suffice, else through the neighbours."""
        self.runs_left = self.search_runs
        try:
            if 2 ** len(self.closable) <= self.search_runs:
                return self._best_of_all()
            while (better := self._better_neighbour(best)) is not None:
                best = better
        except _RunsSpentError:
            pass
        return best

    def _run(self, closed: Closed) -> Outcome:
        arrays, seats = self.matcher.run(closed)
        people = sum(map(len, seats.held)) + len(seats.fixed)
        ids = tuple(-project for project in sorted(closed))
        worth = (people, -len(closed), seats.rank_profile(arrays), ids)
        return Outcome(short_projects(arrays, seats), worth)

    def _weakness(self, project: int, size: int) -> tuple[float, int, int]:
        share = (size - self.arrays.minimum[project]) / self.arrays.minimum[project]
        return share, self.listings[project], project

    def _most_listed(self, projects: Closed) -> list[int]:
        return sorted(projects, key=lambda project: (-self.listings[project], project))

    def _reopenable(self, closed: Closed) -> Iterator[int]:
        return (
            project for project in self._most_listed(closed) if not self.outcome(closed - {project}).short
        )

    def _best_of_all(self) -> Closed:
        """Every set there is; those that can be reopened are passed over."""
        sizes = range(len(self.closable) + 1)
        subsets = (frozenset(some) for size in sizes for some in combinations(self.closable, size))
        sound = [closed for closed in subsets if not self.outcome(closed).short]
        final = [closed for closed in sound if next(self._reopenable(closed), None) is None]
        return max(final, key=lambda closed: self.outcome(closed).worth)

    def _better_neighbour(self, best: Closed) -> Closed | None:
        """The first neighbour worth more, with whatever can reopen there."""
        worth = self.outcome(best).worth
        promising = (near for near in self._neighbours(best) if self.outcome(near).worth > worth)
        reopened = (self.reopen(near) for near in promising)
        return next((near for near in reopened if self.outcome(near).worth > worth), None)

    def _neighbours(self, best: Closed) -> Iterator[Closed]:
        """Force one closed project open; close one more and reopen others for it; swap one for another."""
        closed = self._most_listed(best)
        still_open = self._most_listed(self.closable - best)[::-1]
        yield from (self.close(best - {one}, spared=one) for one in closed)
        yield from (self.reopen(self.close(best | {other})) for other in still_open)
        yield from (self.close(best - {one} | {other}, spared=one) for one in closed for other in still_open)


def short_projects(arrays: Arrays, seats: Seats) -> dict[int, int]:
    """Projects with somebody, yet fewer than their minimum, with the number they have."""
    sizes = seats.sizes(arrays)
    return {project: size for project, size in enumerate(sizes) if 0 < size < arrays.minimum[project]}
