"""From a market to its result."""

from matching.engine.acceptance import Seats
from matching.engine.arrays import Arrays, flatten
from matching.engine.market import Market
from matching.engine.matcher import Matcher
from matching.engine.minimums import SEARCH_RUNS, Closures
from matching.engine.result import RULES, SIDES, Result

__all__ = ["solve", "solve_arrays"]


def solve(
    market: Market, rule: str = "draw", side: str = "trainee", *, search_runs: int = SEARCH_RUNS
) -> Result:
    """The stable matching of the open projects that is best for every trainee (or for every company).

    Parameters
    ----------
    market : Market
        n trainees with lists of total length L, projects and companies.
    rule : {"draw", "fill"}
        How ties fall. ``draw``: by the company's scores, then by the published draw. ``fill``: a trainee who
        exhausts the list comes back once and beats everybody of the same score who did not; more seats are
        filled, but an honest list is no longer always the best one. A trainee's own ties fall by the projects'
        draw.
    side : {"trainee", "company"}
        Whom the matching is best for, among those that are stable for the standings that result.
    search_runs : int
        How many runs the search for a better set of closed projects may take.

    Returns
    -------
    Result
        Every trainee is in ``matching``; no open project is between 1 and its minimum less 1.

    Raises
    ------
    ValueError
        If the rule or the side is unknown.

    Notes
    -----
    Fixed placements take their seats first and count towards the minimum; if their project closes, they fall
    and the trainee is matched like everyone else. Deterministic; no clock, no chance, no input order.
    O(L log L) to number the market through, O(L log places) per run; one run if no minimum is missed.

    References
    ----------
    Abraham, Irving & Manlove 2007; Biró, Fleiner, Irving & Manlove 2010 (closing below a minimum);
    Király 2011, Cooper & Manlove 2018 (``fill``).
    """
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}; known: {', '.join(RULES)}")
    if side not in SIDES:
        raise ValueError(f"unknown side {side!r}; known: {', '.join(SIDES)}")
    matcher = Matcher(flatten(market, rule), rule, side)
    closed, arrays, seats = _run(matcher, search_runs)
    names = [*arrays.projects, None]  # the last one answers for -1, which is nobody's project
    matching = dict(
        zip(arrays.trainees, map(names.__getitem__, seats.project_of_trainee(arrays)), strict=True)
    )
    return Result.of(
        market,
        matching,
        tuple(arrays.projects[project] for project in closed),
        rule,
        side=side,
        profile=None if market.fixed else seats.rank_profile(arrays),
    )


def solve_arrays(arrays: Arrays, *, search_runs: int = SEARCH_RUNS) -> tuple[frozenset[int], Seats]:
    """`solve` by the draw and for the trainees, for a market that came as a stream.

    Parameters
    ----------
    arrays : Arrays
        As `read_stream` made them.
    search_runs : int
        See `solve`.

    Returns
    -------
    closed : frozenset of project numbers
    seats : Seats
        ``seats.project_of_trainee(arrays)`` says who goes where.
    """
    closed, _, seats = _run(Matcher(arrays), search_runs)
    return closed, seats


def _run(matcher: Matcher, search_runs: int) -> tuple[frozenset[int], Arrays, Seats]:
    closed = Closures(matcher, search_runs).find()
    return closed, *matcher.run(closed)
