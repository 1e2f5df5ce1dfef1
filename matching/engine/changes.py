"""What would have had to be different: the nearest changes that give a trainee a better project."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from matching.engine.arrays import Arrays
from matching.engine.figures import Figures

__all__ = ["Change", "Changes"]


@dataclass(frozen=True, slots=True)
class Change:
    """Each of these alone, everything else as it was, would have led to the project or to a better one.

    Attributes
    ----------
    score : float or None
        The least score at the project, with the same draw number; ``None`` if the company gave a ranking or if
        no score would have done.
    tier : int or None
        The lowest tier of the company's ranking, from 1; ``None`` if it gave scores or if none would have done.
    above : bool
        Whether the score (the tier) itself is not enough, because its last one admitted has a better draw.
    places : int or None
        How many places more, at the project and where needed under the company's and the school's cap.
    """

    score: float | None
    tier: int | None
    above: bool
    places: int | None

    def to_json(self) -> dict[str, Any]:
        """What there is."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)}


class Changes:
    """Answers for any number of trainees of one result, by matching anew with one thing changed.

    Parameters
    ----------
    figures : Figures
        Of a result nobody has left yet; closed projects stay closed in every trial.

    Notes
    -----
    The line of admission says what is necessary, not what is enough: whoever is pushed out may push back in
    elsewhere, and the chain may end where it began. So every answer is tried, first the line itself, which is
    nearly always enough, then by halving: whether a trainee gets there only ever turns from no to yes as the
    standing or the places grow. A handful of runs per project, each O(total length of the lists).
    """

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def of(self, trainee: int, wish: int) -> Change:
        """For one wish above what the trainee has, at an open project; both by number."""
        arrays = self.figures.arrays
        project = self.figures.project_of(wish)
        company = arrays.company_of[project]
        raised = self._raised(trainee, wish)
        level, above = raised if raised is not None else (-1, False)
        scored = bool(arrays.levels[company])
        return Change(
            score=arrays.levels[company][level] if raised and scored else None,
            tier=arrays.tiers[company] - level if raised and not scored else None,
            above=above,
            places=self._more_places(trainee, wish),
        )

    def _raised(self, trainee: int, wish: int) -> tuple[int, bool] | None:
        """The lowest level that is enough, and whether it takes more than the trainee's own draw number there."""
        arrays, people = self._spaced, len(self._spaced.owner)
        company = arrays.company_of[self.figures.project_of(wish)]
        luck = arrays.wish_key[wish] % people
        top = len(arrays.levels[company]) or arrays.tiers[company]
        own = self.figures.arrays.level_of(self.figures.arrays.wish_key[wish])
        # (level, own draw), (level, just above), (next level, own draw), …
        choices = [(level, above) for level in range(own, top) for above in (False, True)][1:]

        def is_enough(choice: int) -> bool:
            level, above = choices[choice]
            keys = list(arrays.wish_key)
            keys[wish] = (2 * level + above) * arrays.grades * people + luck
            return self._gets(replace(arrays, wish_key=keys), trainee, wish)

        # Whoever may come back promoted needs no better draw than the last one admitted.
        lucky = people if arrays.grades > 1 else luck
        line = self._line(wish)
        over = (at for at, (level, above) in enumerate(choices) if (level, people if above else lucky) > line)
        first = next(over, len(choices))
        found = _first(is_enough, first, len(choices))
        return None if found is None else choices[found]

    def _line(self, wish: int) -> tuple[int, int]:
        """Level and luck of the worst pair in the smallest full circle around a wish; below all if there is none."""
        figures, arrays, seats = self.figures, self.figures.arrays, self.figures.seats
        cell = arrays.wish_cell[wish]
        project = arrays.cell_project[cell]
        company = arrays.company_of[project]
        circles = (
            (seats.cell_left[cell], (cell,)),
            (seats.project_left[project], arrays.cells_of_project[project]),
            (seats.company_left[company], arrays.cells_of_company[company]),
        )
        worst = next((seats.worst(cells) for left, cells in circles if not left), -1)
        if worst < 0:
            return -1, -1
        key = figures.seats.held[worst][0]
        return arrays.level_of(key), key % len(arrays.owner)

    def _more_places(self, trainee: int, wish: int) -> int | None:
        arrays = self.figures.arrays
        cell = arrays.wish_cell[wish]
        project = arrays.cell_project[cell]
        company = arrays.company_of[project]
        waiting = (
            self.figures.waiting
        )  # seats under the company's cap may go to those who wait elsewhere in it
        most = sum(
            len(waiting[arrays.projects[arrays.cell_project[one]]])
            for one in arrays.cells_of_company[company]
        )

        def is_enough(more: int) -> bool:
            places, cells, caps = list(arrays.project_cap), list(arrays.cell_cap), list(arrays.company_cap)
            for one in {cell, project}:  # a project's own cell has the project's number
                cells[one] += more
            places[project] += more
            caps[company] += more
            wider = replace(arrays, project_cap=places, cell_cap=cells, company_cap=caps)
            return self._gets(wider, trainee, wish)

        return _first(is_enough, 1, most + 1)

    def _gets(self, arrays: Arrays, trainee: int, wish: int) -> bool:
        """Whether the trainee gets this wish or a better one."""
        _, seats = self.figures.matcher.among(arrays).run(self.figures.closed)
        return 0 <= seats.wish[trainee] <= wish

    @cached_property
    def _spaced(self) -> Arrays:
        """The same standings with room for one more level above every level."""
        arrays, people = self.figures.matcher.arrays, len(self.figures.matcher.arrays.owner)
        level = people * arrays.grades
        return replace(arrays, wish_key=[key + key // level * level for key in arrays.wish_key])


def _first(is_enough: Callable[[int], bool], low: int, end: int) -> int | None:
    """The first number from ``low`` to ``end`` - 1 that is enough, if growing numbers turn from no to yes once."""
    for guess in _gallop(low, end):
        if is_enough(guess):
            break
        low = guess + 1
    else:
        return None
    while low < guess:
        middle = (low + guess) // 2
        if is_enough(middle):
            guess = middle
        else:
            low = middle + 1
    return guess


def _gallop(low: int, end: int) -> Iterator[int]:
    """``low``, then in doubling steps up to the last number before ``end``."""
    step, at = 1, low
    while at < end - 1:
        yield at
        at, step = at + step, 2 * step
    if low < end:
        yield end - 1
