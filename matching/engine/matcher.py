"""One market under one rule, seen from one side: answers any set of closed projects from scratch."""

from collections.abc import Set
from copy import copy
from functools import cached_property

from matching.engine.acceptance import Seats, defer, free_seats, offer
from matching.engine.arrays import Arrays, settled, with_second_round

__all__ = ["Matcher", "bounds_of"]


class Matcher:
    """Matches with some projects closed.

    Parameters
    ----------
    arrays : Arrays
        Flattened for the same rule.
    rule : {"draw", "fill"}
        How ties fall. By ``fill`` whoever has come to the end of the list goes down it once more, promoted: they
        then stand above everybody of the same level who is not. It is deferred acceptance over lists written
        twice, and so its answer too does not depend on who asks first.
    side : {"trainee", "company"}
        Whom the matching is best for, among the stable ones.

    References
    ----------
    Király 2011 and Cooper & Manlove 2018 (the promotion; at least two thirds of the largest stable matching).
    """

    def __init__(self, arrays: Arrays, rule: str = "draw", side: str = "trainee") -> None:
        self.arrays = arrays
        self.rule = rule
        self.side = side

    def among(self, arrays: Arrays) -> "Matcher":
        """The same rule and side with other standings or places."""
        other = copy(self)
        other.__dict__.pop("_twice", None)
        other.arrays = arrays
        return other

    def run(self, closed: Set[int]) -> tuple[Arrays, Seats]:
        """The standings as they turned out and the seats, with some projects closed."""
        arrays, seats = self._asked_twice(closed) if self.rule == "fill" else self._asked(closed)
        if self.side == "company":
            seats = free_seats(arrays, closed)
            for _ in offer(arrays, seats, bounds_of(arrays, seats)):
                pass
        return arrays, seats

    def _asked(self, closed: Set[int]) -> tuple[Arrays, Seats]:
        if self.side == "company":
            return self.arrays, free_seats(self.arrays, closed)
        return self.arrays, defer(self.arrays, closed)

    @cached_property
    def _twice(self) -> Arrays:
        return with_second_round(self.arrays)

    def _asked_twice(self, closed: Set[int]) -> tuple[Arrays, Seats]:
        seats = defer(self._twice, closed)
        fixed = {trainee for trainee, _ in seats.fixed}
        promoted = set()
        for trainee, wish in enumerate(seats.wish):
            own = self.arrays.wishes_of(trainee)
            position = wish - self._twice.wish_start[trainee]
            if trainee not in fixed and (wish < 0 or position >= len(own)):
                promoted.add(trainee)
            if wish >= 0:
                seats.wish[trainee] = own[position % len(own)]
        return settled(self.arrays, promoted), seats


def bounds_of(arrays: Arrays, seats: Seats) -> list[int]:
    """By which wishes each trainee would gain: those above what they have, all of them, none of the fixed."""
    bounds = [wish if wish >= 0 else end for wish, end in zip(seats.wish, arrays.wish_start[1:], strict=True)]
    for trainee, _ in seats.fixed:
        bounds[trainee] = arrays.wish_start[trainee]
    return bounds
