"""Why each trainee got what they got: one reason per ranked project, naming nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from matching.engine.arrays import strict_wishes
from matching.engine.changes import Change, Changes, tells_changes
from matching.engine.figures import Cutoff, Figures, Standing
from matching.engine.market import Market
from matching.engine.result import Result

__all__ = ["FULL", "Explainer", "Reason", "explain"]

#: No seat was left for who stood like this.
FULL = ("project_full", "company_full", "school_cap")


@dataclass(frozen=True, slots=True)
class Reason:
    """What decided about one ranked project.

    Attributes
    ----------
    project : str
    rank : int
        The tier of the trainee's list, from 1.
    code : str
        ``matched``, or ``fixed`` if placed there beforehand.
        ``not_acceptable``: the company did not accept the trainee there.
        ``closed``: the project did not run; see ``reached``, ``minimum`` and ``harmed``.
        ``project_full``, ``company_full``, ``school_cap``: every seat under that cap went to a better standing.
        ``lower_choice``: not asked, because a higher choice was granted.
        ``fixed_elsewhere``: not asked, because the trainee was placed elsewhere beforehand.
    standing : Standing or None
        How the trainee stands there; ``None`` if not acceptable.
    cutoff : Cutoff or None
        The line of the cap that decided, else the project's own; ``None`` at a closed project.
    minimum, reached : int or None
        Only for ``closed``: the minimum, and the people it would get if it alone were open.
    harmed : int or None
        Only for ``closed``: how many other projects would then fall below their minimum.
    change : Change or None
        Only for ``project_full``, ``company_full`` and ``school_cap``, if asked for: the nearest changes that
        would have led there.
    """

    project: str
    rank: int
    code: str
    standing: Standing | None
    cutoff: Cutoff | None
    minimum: int | None = None
    reached: int | None = None
    harmed: int | None = None
    change: Change | None = None

    def to_json(self) -> dict[str, Any]:
        """Code and numbers; what does not apply is left out."""
        written = {
            "project": self.project,
            "rank": self.rank,
            "code": self.code,
            "standing": self.standing and self.standing.to_json(),
            "cutoff": self.cutoff and self.cutoff.to_json(),
            "minimum": self.minimum,
            "reached": self.reached,
            "harmed": self.harmed,
            "change": self.change and self.change.to_json(),
        }
        return {name: value for name, value in written.items() if value is not None}


def explain(market: Market, result: Result, trainee: str, *, changes: bool = True) -> list[Reason]:
    """Why a trainee got what they got.

    Parameters
    ----------
    market : Market
    result : Result
        Proved by `check`.
    trainee : str
    changes : bool
        Whether to look for the nearest changes too, which takes a few runs per project; see `Changes` for where
        there are none.

    Returns
    -------
    list of Reason
        One per project on the trainee's list, best first, ties in the order of the projects' draw. No other
        trainee is named; the last one admitted appears as a standing.

    Raises
    ------
    ValueError
        If the market has no such trainee, or if the result is not stable, so that no reason holds.

    Notes
    -----
    Recomputed from the market: the solver leaves no trace. To explain many, keep one `Explainer`.
    """
    return Explainer(Figures(market, result)).reasons(trainee, changes=changes)


class Explainer:
    """Explains any number of trainees of one result; O(length of the list) each, without changes."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.ordered = strict_wishes(figures.market)
        self.number = {trainee: number for number, trainee in enumerate(figures.arrays.trainees)}

    def reasons(self, trainee: str, *, changes: bool = False) -> list[Reason]:
        """One reason per ranked project; see `explain`."""
        if trainee not in self.number:
            raise ValueError(f"no trainee {trainee!r} in this market")
        return list(self._reasons(trainee, changes and tells_changes(self.figures.result)))

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.figures)

    def _reasons(self, trainee: str, changes: bool) -> Iterator[Reason]:
        figures = self.figures
        got = figures.result.matching.get(trainee)
        fixed = got is not None and figures.market.fixed.get(trainee) == got
        wishes = self._acceptable_wishes(trainee)
        asked = not fixed
        for rank, project in self.ordered(figures.market.trainees[trainee].prefs):
            wish = wishes.get(figures.number[project])
            code, cutoff = self._decision(project, wish, asked=asked, got=got, fixed=fixed)
            asked = asked and project != got
            reason = self._reason(project, rank + 1, code, wish, cutoff)
            if changes and wish is not None and code in FULL:
                reason = replace(reason, change=self.changes.of(self.number[trainee], wish))
            yield reason

    def _acceptable_wishes(self, trainee: str) -> dict[int, int]:
        """The position of each acceptable wish by project."""
        start, number = self.figures.arrays.wish_start, self.number[trainee]
        return {self.figures.project_of(wish): wish for wish in range(start[number], start[number + 1])}

    def _decision(
        self, project: str, wish: int | None, *, asked: bool, got: str | None, fixed: bool
    ) -> tuple[str, Cutoff | None]:
        """The code, and the line that decided."""
        own_line = self.figures.cutoffs.get(project)
        if project == got:
            return ("fixed" if fixed else "matched"), own_line
        if wish is None:
            return "not_acceptable", own_line
        if own_line is None:
            return "closed", None
        if not asked:
            return ("fixed_elsewhere" if fixed else "lower_choice"), own_line
        return self._full_circle(wish)

    def _full_circle(self, wish: int) -> tuple[str, Cutoff]:
        """The widest reason that holds: the project before the company, both before a school cap."""
        figures, arrays = self.figures, self.figures.arrays
        key, cell, project = arrays.wish_key[wish], arrays.wish_cell[wish], figures.project_of(wish)
        company = arrays.company_of[project]
        seats = figures.seats
        circles = (
            ("project_full", seats.project_left[project], arrays.cells_of_project[project]),
            ("company_full", seats.company_left[company], arrays.cells_of_company[company]),
            ("school_cap", seats.cell_left[cell], (cell,)),
        )
        for code, left, cells in circles:
            worst = seats.worst(cells)
            if not left and (worst < 0 or key < seats.held[worst][0]):
                return code, self._line(code, cell, project, company)
        raise ValueError("the result is not stable, so there is no reason to give; check it first")

    def _line(self, code: str, cell: int, project: int, company: int) -> Cutoff:
        figures = self.figures
        if code == "school_cap":
            return Cutoff(True, figures.last_in_cell(cell))
        if code == "company_full":
            return figures.company_cutoffs[figures.arrays.companies[company]]
        return figures.cutoffs[figures.arrays.projects[project]]

    def _reason(self, project: str, rank: int, code: str, wish: int | None, cutoff: Cutoff | None) -> Reason:
        standing = None if wish is None else self._standing(code, wish)
        if code != "closed":
            return Reason(project, rank, code, standing, cutoff)
        reopening = self.figures.reopenings[project]
        minimum = self.figures.market.projects[project].minimum
        harmed = len(reopening.harmed(project))
        return Reason(project, rank, code, standing, None, minimum, reopening.reached, harmed)

    def _standing(self, code: str, wish: int) -> Standing:
        """Counted in the same circle as the line it is compared with."""
        figures, key = self.figures, self.figures.arrays.wish_key[wish]
        project = figures.project_of(wish)
        if code == "company_full":
            return figures.company_standing(key, figures.arrays.company_of[project])
        return figures.standing(key, project)
