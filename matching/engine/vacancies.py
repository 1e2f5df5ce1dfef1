"""Filling what somebody leaves: vacancy chains, or the seat alone."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from matching.engine.acceptance import Seats, Step, offer
from matching.engine.arrays import Arrays, flatten
from matching.engine.figures import seated
from matching.engine.market import Market
from matching.engine.matcher import Matcher, bounds_of
from matching.engine.result import MODES, Result

__all__ = ["Move", "moves", "next_offers", "rematch"]


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a chain: a seat given to somebody who gains by it.

    Attributes
    ----------
    trainee, project : str
    before : str or None
        The project they leave for it, whose seat is given on.
    """

    trainee: str
    project: str
    before: str | None


def rematch(market: Market, result: Result, withdrawn: Collection[str], mode: str = "chain") -> Result:
    """The result for those who stay when some leave.

    Parameters
    ----------
    market : Market
    result : Result
        What stands now, proved by `check`; closed projects stay closed.
    withdrawn : collection of trainee ids
        Who leaves now, besides those who left before.
    mode : {"chain", "fill"}
        ``chain``: a free seat goes to the best-standing trainee who gains by it, whose own seat then goes on in
        the same way. ``fill``: it goes to the best-standing trainee without a project; nobody moves.

    Returns
    -------
    Result
        Nobody who stays is worse off. After ``chain`` no pair of those who stay blocks, if none did before;
        after ``fill`` pairs of placed trainees may, and `report` counts them.

    Raises
    ------
    ValueError
        If the mode is unknown, or somebody withdraws who is not in the market.

    Notes
    -----
    Which matching it ends with does not depend on the order of the offers. O(L log L) for lists of total
    length L. A project may end below its minimum: that is for people to decide, and `report` says it.

    References
    ----------
    Blum, Roth & Rothblum 1997 (vacancy chains end stable); Cantala 2004.
    """
    arrays, seats, gone = _without(market, result, withdrawn, mode)
    for _ in _offers(arrays, seats, gone, mode):
        pass
    names = [*arrays.projects, None]
    matching = dict(
        zip(arrays.trainees, map(names.__getitem__, seats.project_of_trainee(arrays)), strict=True)
    )
    return Result.of(
        market, matching, result.closed, result.rule, side=result.side, withdrawn=tuple(gone), mode=mode
    )


def moves(market: Market, result: Result, withdrawn: Collection[str], mode: str = "chain") -> list[Move]:
    """The steps by which `rematch` gets there, in order; arguments and errors are its own."""
    arrays, seats, gone = _without(market, result, withdrawn, mode)
    names = [*arrays.projects, None]

    def project_of(wish: int) -> str | None:
        return None if wish < 0 else names[arrays.cell_project[arrays.wish_cell[wish]]]

    return [
        Move(arrays.trainees[step.trainee], project_of(step.wish) or "", project_of(step.before))
        for step in _offers(arrays, seats, gone, mode)
    ]


def next_offers(
    market: Market,
    result: Result,
    *,
    pending: Mapping[str, str],
    refused: Collection[tuple[str, str]] = (),
    mode: str = "chain",
) -> list[Move]:
    """Which free seats to offer to whom now, where every offer is a question that may be answered with no.

    Parameters
    ----------
    market : Market
    result : Result
        Who has accepted what, who has withdrawn, what is closed. Seats that nobody has accepted or is being
        asked about are free.
    pending : mapping of trainee id to project id
        Offers nobody has answered yet. They hold their seat; a better one takes their place.
    refused : collection of (trainee id, project id)
        Pairs asked before and answered with no, or not in time.
    mode : {"chain", "fill"}
        Whether people who have a project are asked too. They keep it until they accept.

    Returns
    -------
    list of Move
        The offers to make, by trainee; ``before`` is the pending offer it replaces. Nobody is asked about two
        projects at once. At each project the best-standing pair that gains and fits is asked first. Nobody is
        asked about a seat that would go to somebody else if all who are asked say yes: it waits for their answer.
        If everybody always says yes, it ends where `rematch` does.

    Raises
    ------
    ValueError
        If the mode is unknown, or an offer is pending for a pair that nobody ranked or accepted.

    Notes
    -----
    The waiting matters only where a company's cap binds: whoever moves inside the company frees a seat that may
    go to somebody better than the next one outside. O(L log L) for lists of total length L.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}; known: {', '.join(MODES)}")
    arrays, closed = _standings(market, result)
    gone = set(result.withdrawn)
    asked = dict(_wishes_for(arrays, pending.items()).values())
    if min(asked.values(), default=0) < 0:
        raise ValueError("an offer is pending for a pair that nobody ranked or accepted")
    no = frozenset(wish for _, wish in _wishes_for(arrays, refused).values())
    now, room = _asked_now(arrays, seated(arrays, closed, result), asked, no, (gone, mode))
    given = _if_all_accept(arrays, seated(arrays, closed, result), asked, no, (gone, mode), room)
    names = [arrays.projects[arrays.cell_project[cell]] for cell in arrays.wish_cell]
    return [
        Move(arrays.trainees[trainee], names[wish], names[asked[trainee]] if trainee in asked else None)
        for trainee, wish in enumerate(now)
        if wish in given and asked.get(trainee) != wish
    ]


def _asked_now(
    arrays: Arrays, seats: Seats, asked: Mapping[int, int], no: frozenset[int], who: tuple[set[str], str]
) -> tuple[list[int], list[int]]:
    """The wish each trainee would be asked about, -1 for none; everybody keeps what they have meanwhile.

    And the seats each company has left now.
    """
    bounds = _bounds(arrays, seats, *who)
    keeping = {}
    for trainee, wish in enumerate(seats.wish):
        if wish >= 0:  # this seat is nobody's to give
            company = arrays.company_of[arrays.cell_project[arrays.wish_cell[wish]]]
            keeping[trainee] = company, arrays.wish_key[wish]
            seats.held[arrays.wish_cell[wish]].remove(arrays.wish_key[wish])
            seats.wish[trainee] = -1
    for trainee, wish in asked.items():
        company = arrays.company_of[arrays.cell_project[arrays.wish_cell[wish]]]
        seats.take(arrays, trainee, wish)
        seats.company_left[company] += keeping.get(trainee, (-1, 0))[0] == company
        bounds[trainee] = min(wish, bounds[trainee])
    room = list(seats.company_left)
    for _ in offer(arrays, seats, bounds, no, keeping):
        pass
    return seats.wish, room


def _if_all_accept(
    arrays: Arrays,
    seats: Seats,
    asked: Mapping[int, int],
    no: frozenset[int],
    who: tuple[set[str], str],
    room: list[int],
) -> set[int]:
    """The wishes that would be granted on the way if every answer were yes, as far as there is ``room`` now.

    The seats a company has left now belong to the first ones who would come from outside.
    """
    bounds = _bounds(arrays, seats, *who)

    def company_of(wish: int) -> int:
        return arrays.company_of[arrays.cell_project[arrays.wish_cell[wish]]]

    sits = {(trainee, company_of(wish)) for trainee, wish in enumerate(seats.wish) if wish >= 0}
    sits |= {(trainee, company_of(wish)) for trainee, wish in asked.items()}
    for trainee, wish in asked.items():
        if seats.wish[trainee] >= 0:
            seats.leave(arrays, trainee)
        bounds[trainee] = min(wish, bounds[trainee])
    for trainee, wish in asked.items():
        seats.take(arrays, trainee, wish)
    granted, passing = set(), dict[int, int]()
    for step in offer(arrays, seats, bounds, no):
        company = company_of(step.wish)
        if step.trainee in passing:  # only went through
            room[passing.pop(step.trainee)] += 1
        if (step.trainee, company) in sits:
            granted.add(step.wish)
        elif room[company] > 0:
            granted.add(step.wish)
            room[company] -= 1
            passing[step.trainee] = company
    return granted


def _wishes_for(arrays: Arrays, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Trainee and wish by number for pairs of ids; -1 for a wish that is not acceptable."""
    number = {name: position for position, name in enumerate(arrays.trainees)} if pairs else {}
    found = {}
    for trainee, project in pairs:
        own = arrays.wishes_of(number[trainee]) if trainee in number else range(0)
        at = (wish for wish in own if arrays.projects[arrays.cell_project[arrays.wish_cell[wish]]] == project)
        found[trainee, project] = (number.get(trainee, -1), next(at, -1))
    return found


def _without(
    market: Market, result: Result, withdrawn: Collection[str], mode: str
) -> tuple[Arrays, Seats, set[str]]:
    """Standings and seats once everybody who leaves has left."""
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}; known: {', '.join(MODES)}")
    strangers = sorted(set(withdrawn) - market.trainees.keys())
    if strangers:
        raise ValueError(f"no trainee {strangers[0]!r} in this market")
    arrays, closed = _standings(market, result)
    gone = {*result.withdrawn, *withdrawn}
    staying = {one: None if one in gone else project for one, project in result.matching.items()}
    left = Result.of(market, staying, result.closed, result.rule, withdrawn=tuple(gone), profile=())
    return arrays, seated(arrays, closed, left), gone


def _standings(market: Market, result: Result) -> tuple[Arrays, frozenset[int]]:
    """The standings of the match, and the closed projects by number."""
    matcher = Matcher(flatten(market, result.rule), result.rule, result.side)
    number = {project: position for position, project in enumerate(matcher.arrays.projects)}
    closed = frozenset(number[project] for project in result.closed)
    return (matcher.run(closed)[0] if result.rule == "fill" else matcher.arrays), closed


def _offers(arrays: Arrays, seats: Seats, gone: set[str], mode: str) -> Iterator[Step]:
    return offer(arrays, seats, _bounds(arrays, seats, gone, mode))


def _bounds(arrays: Arrays, seats: Seats, gone: set[str], mode: str) -> list[int]:
    """By which wishes each trainee would gain; by none whoever left, or stays where they are in mode ``fill``."""
    bounds = bounds_of(arrays, seats)
    for trainee, name in enumerate(arrays.trainees):
        placed = mode == "fill" and seats.wish[trainee] >= 0
        if placed or name in gone:
            bounds[trainee] = arrays.wish_start[trainee]
    return bounds
