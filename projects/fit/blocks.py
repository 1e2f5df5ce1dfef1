"""The same fit for a block of people and every project at once, and the best pairs of each.

:func:`projects.fit.terms.fit` is the definition. Here every score is worked out with the same operations on floats in
the same order, so that the scores are equal, not nearly equal: a property test holds the two together.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from projects.fit.terms import FULL_HOURS, Offer, Person, is_ready, place_share, points

#: Offers scored at a time: with 500 people an intermediate array takes a megabyte and stays in the processor's cache.
OFFERS_AT_ONCE = 256
#: A key is score * _SPAN + (_SPAN - 1 - number): of two equal scores the smaller number is the larger key.
_SPAN = 2**32

Scores = NDArray[np.int32]


class Scorer:
    """Scores of blocks of people at the offers of one call.

    Parameters
    ----------
    offers : sequence of Offer
    parent : mapping of skill code to parent code
    weights : mapping of part name to points, not all zero

    Notes
    -----
    The skills of a pair are a sum of rows of a table that has one row per asked (skill, level) and one column per
    person; its other parts depend on field, place and start, and are worked out once per combination of those.
    """

    def __init__(
        self, offers: Sequence[Offer], parent: Mapping[str, str], weights: Mapping[str, int]
    ) -> None:
        self.whole = sum(weights.values())
        if self.whole <= 0:
            raise ValueError("weights must not all be zero")
        self.offers, self.parent, self.weights = offers, parent, weights
        asked = {
            ask for offer in offers for asks in (offer.required, offer.preferred) for ask in asks.items()
        }
        self.asks = {ask: row for row, ask in enumerate(sorted(asked))}
        self.required = self._rows([offer.required for offer in offers])
        self.preferred = self._rows([offer.preferred for offer in offers])
        self.fields = _Kinds(offers, lambda offer: offer.field)
        self.places = _Kinds(offers, lambda offer: (offer.region, offer.work_mode))
        self.starts = _Kinds(offers, lambda offer: offer.starts_on)

    def scores(self, people: Sequence[Person]) -> Scores:
        """One row per offer, one column per person."""
        table, rest = self._table(people), self._rest(people)
        found = np.empty((len(self.offers), len(people)), dtype=np.int32)
        for first in range(0, len(self.offers), OFFERS_AT_ONCE):
            part = slice(first, first + OFFERS_AT_ONCE)
            found[part] = self._skills("required", table, *self.required, part)
            found[part] += self._skills("preferred", table, *self.preferred, part)
            found[part] += rest(part)
        return found

    def _rows(self, asks: Sequence[Mapping[str, int]]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Per offer its rows of the table in the order they are summed, then the row of zeros; and how many they are."""
        rows = np.full((len(asks), max(map(len, asks), default=0)), len(self.asks), dtype=np.intp)
        for offer, asked in enumerate(asks):
            rows[offer, : len(asked)] = [self.asks[ask] for ask in asked.items()]
        return rows, np.array([[len(asked)] for asked in asks], dtype=np.float64)

    def _table(self, people: Sequence[Person]) -> NDArray[np.float64]:
        """What each person brings of each ask, as in :func:`terms.skill_share`; the last row is zero."""
        codes = {code: row for row, code in enumerate(sorted({code for code, _ in self.asks}))}
        parents = {
            name: row for row, name in enumerate(sorted({self.parent.get(code, "") for code in codes}))
        }
        own = np.zeros((len(codes), len(people)))
        kin = np.zeros((len(parents), len(people)))
        for column, person in enumerate(people):
            for code, level in person.skills.items():
                if code in codes:
                    own[codes[code], column] = level
                family = parents.get(self.parent[code]) if code in self.parent else None
                if family is not None:
                    kin[family, column] = max(kin[family, column], level)
        table = np.zeros((len(self.asks) + 1, len(people)))
        for (code, level), row in self.asks.items():
            table[row] = np.maximum(
                np.minimum(1.0, own[codes[code]] / level),
                0.5 * np.minimum(1.0, kin[parents[self.parent.get(code, "")]] / level),
            )
        return table

    def _skills(
        self,
        name: str,
        table: NDArray[np.float64],
        rows: NDArray[np.intp],
        counts: NDArray[np.float64],
        part: slice,
    ) -> Scores:
        total = np.zeros((len(rows[part]), table.shape[1]))
        for row in rows[part].T:
            total += table[row]
        share = np.divide(total, counts[part], out=np.ones_like(total), where=counts[part] > 0)
        return (1000 * self.weights.get(name, 0) * share / self.whole).astype(np.int32)

    def _rest(self, people: Sequence[Person]) -> Callable[[slice], Scores]:
        """The points that do not depend on skills, for a part of the offers."""
        full = {
            name: points(self.weights.get(name, 0), 1.0, self.whole) for name in ("interest", "availability")
        }
        place = {share: points(self.weights.get("place", 0), share, self.whole) for share in (0.0, 0.5, 1.0)}
        hours = [
            points(self.weights.get("hours", 0), min(1.0, person.hours / FULL_HOURS), self.whole)
            for person in people
        ]
        by_field = self.fields.table(
            people, lambda one, offer: full["interest"] * (offer.field in one.interests)
        )
        by_place = self.places.table(people, lambda one, offer: place[place_share(one, offer)])
        by_start = self.starts.table(people, lambda one, offer: full["availability"] * is_ready(one, offer))
        by_start += np.array(hours, dtype=np.int32)
        return lambda part: (
            by_field[self.fields.of[part]] + by_place[self.places.of[part]] + by_start[self.starts.of[part]]
        )


class _Kinds:
    """Offers that are alike in something: one example of each kind, and the kind of each offer."""

    def __init__(self, offers: Sequence[Offer], like: Callable[[Offer], Hashable]) -> None:
        number: dict[Hashable, int] = {}
        self.of = np.array([number.setdefault(like(offer), len(number)) for offer in offers], dtype=np.intp)
        firsts = {kind: at for at, kind in reversed(list(enumerate(self.of.tolist())))}
        self.examples = [offers[firsts[kind]] for kind in range(len(number))]

    def table(self, people: Sequence[Person], value: Callable[[Person, Offer], int]) -> Scores:
        """One row per kind, one column per person."""
        rows = [[value(one, offer) for one in people] for offer in self.examples]
        return np.array(rows, dtype=np.int32).reshape(len(self.examples), len(people))


def best_offers(scores: Scores, count: int) -> list[list[int]]:
    """For each person the numbers of the best ``count`` offers, best first; of two equal ones the smaller number."""
    offers, people = scores.shape
    keys = scores.T * offers + np.arange(offers - 1, -1, -1, dtype=np.int32)
    if offers > count:
        keys = np.partition(keys, offers - count, axis=1)[:, offers - count :]
    best = offers - 1 - np.sort(keys, axis=1)[:, ::-1] % max(offers, 1)
    return best.tolist() if people and offers else [[] for _ in range(people)]


class BestPeople:
    """The best ``count`` people of each offer among all blocks seen; of two equal ones who came first.

    Memory: ``offers * count`` keys. After the first blocks few offers find anybody better in a block.
    """

    def __init__(self, offers: int, count: int) -> None:
        self.keys = np.full((offers, count), -1, dtype=np.int64)  # ascending; -1: nobody yet
        self.seen = 0

    def add(self, scores: Scores) -> None:
        """The next block: one row per offer, one column per person."""
        people = scores.shape[1]
        if not scores.size:
            return
        better = np.nonzero(scores.max(axis=1) > self.keys[:, 0] // _SPAN)[0]
        news = scores[better].astype(np.int64) * _SPAN + (
            _SPAN - 1 - np.arange(self.seen, self.seen + people)
        )
        both = np.concatenate([self.keys[better], news], axis=1)
        self.keys[better] = np.sort(np.partition(both, people, axis=1)[:, people:], axis=1)
        self.seen += people

    def numbers(self) -> set[int]:
        """Everybody who is among the best anywhere; people are numbered in the order they came."""
        return set((_SPAN - 1 - self.keys[self.keys >= 0] % _SPAN).tolist())

    def pairs(self) -> Iterator[tuple[int, int]]:
        """``(number of the person, number of the offer)``."""
        for offer, keys in enumerate(self.keys.tolist()):
            yield from ((_SPAN - 1 - key % _SPAN, offer) for key in keys if key >= 0)
