"""From a market to its result."""

from matching.engine.acceptance import defer
from matching.engine.arrays import flatten
from matching.engine.market import Market
from matching.engine.minimums import SEARCH_RUNS, Closures
from matching.engine.result import RULES, Result

__all__ = ["solve"]


def solve(market: Market, rule: str = "draw", *, search_runs: int = SEARCH_RUNS) -> Result:
    """The stable matching of the open projects that is best for every trainee.

    Parameters
    ----------
    market : Market
        n trainees with lists of total length L, projects and companies.
    rule : {"draw"}
        How ties fall: by the company's scores, then by the published draw; a trainee's own ties by the
        projects' draw.
    search_runs : int
        How many runs the search for a better set of closed projects may take.

    Returns
    -------
    Result
        Every trainee is in ``matching``; no open project is between 1 and its minimum less 1.

    Raises
    ------
    ValueError
        If the rule is unknown.

    Notes
    -----
    Fixed placements take their seats first and count towards the minimum; if their project closes, they fall
    and the trainee is matched like everyone else. Deterministic; no clock, no chance, no input order.
    O(L log L) to number the market through, O(L log places) per run; one run if no minimum is missed.

    References
    ----------
    Abraham, Irving & Manlove 2007; Biró, Fleiner, Irving & Manlove 2010 (closing below a minimum).
    """
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}; known: {', '.join(RULES)}")
    arrays = flatten(market)
    closed = Closures(arrays, search_runs).find()
    found = defer(arrays, closed).project_of_trainee(arrays)
    matching = {
        trainee: None if project < 0 else arrays.projects[project]
        for trainee, project in zip(arrays.trainees, found, strict=True)
    }
    return Result.of(market, matching, tuple(arrays.projects[project] for project in closed), rule)
