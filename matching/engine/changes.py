"""What would have had to be different: the nearest changes that give a trainee a better project."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from matching.engine.arrays import Arrays
from matching.engine.figures import Figures
from matching.engine.result import Result

__all__ = ["Change", "Changes", "tells_changes"]


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


def tells_changes(result: Result) -> bool:
    """Whether the nearest changes can be told for a result."""
    return (result.rule, result.side, result.mode) == ("draw", "trainee", None)


class Changes:
    """Answers for any number of trainees of one result, by matching anew with one thing changed.

    Parameters
    ----------
    figures : Figures
        Of a result by the draw, best for trainees, that nobody has left yet; closed projects stay closed in every
        trial.

    Raises
    ------
    ValueError
        If it is another kind of result.

    Notes
    -----
    The line of admission is only a guess at what would have been needed. Whoever is pushed out may push back in
    elsewhere, so it need not be enough; and the last one admitted may have come there only because the trainee
    took another seat, so it need not be necessary. Every answer is tried: first the line, which is nearly always
    right, and the step below it, then by halving between a no and a yes, since whether a trainee gets there only
    ever turns from no to yes as the standing or the places grow. (That is what the best matching for trainees
    alone promises: neither the best one for companies nor the rule ``fill`` does, so there nothing is told.) A
    handful of runs per project, each O(total length of the lists).

    References
    ----------
    Balinski & Sönmez 1999 (the trainees' best stable matching respects improvements, and no other rule does).
    """

    def __init__(self, figures: Figures) -> None:
        if not tells_changes(figures.result):
            raise ValueError(
                "changes can be told of an untouched result by the draw, best for trainees, only"
            )
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
            keys[wish] = (2 * level + above) * people + luck
            return self._gets(replace(arrays, wish_key=keys), trainee, wish)

        line = self._line(wish)
        over = (at for at, (level, above) in enumerate(choices) if (level, people if above else luck) > line)
        guess = next(over, len(choices) - 1)
        found = _first(is_enough, len(choices), guess)
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

        found = _first(lambda place: is_enough(place + 1), most, 0)
        return None if found is None else found + 1

    def _gets(self, arrays: Arrays, trainee: int, wish: int) -> bool:
        """Whether the trainee gets this wish or a better one."""
        _, seats = self.figures.matcher.among(arrays).run(self.figures.closed)
        return 0 <= seats.wish[trainee] <= wish

    @cached_property
    def _spaced(self) -> Arrays:
        """The same standings with room for one more level above every level."""
        arrays, people = self.figures.arrays, len(self.figures.arrays.owner)
        return replace(arrays, wish_key=[key + key // people * people for key in arrays.wish_key])


def _first(is_enough: Callable[[int], bool], end: int, guess: int) -> int | None:
    """The first number below ``end`` that is enough, if growing numbers turn from no to yes once; near ``guess``."""
    low, high = -1, end  # no so far, yes from here on
    step = 1
    while high - low > 1:
        if is_enough(guess):
            high = guess
        else:
            low = guess
        if low < 0:
            guess = max(high - step, 0)
        elif high == end:
            guess = min(low + step, end - 1)
        else:
            guess = (low + high) // 2
        step *= 2
    return None if high == end else high
