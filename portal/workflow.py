"""The one way a state changes: name the move, and the table says whether it is legal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class HasState(Protocol):
    state: Any


class Refused(Exception):
    """An action that was asked for and may not be done now; nothing was changed.

    Parameters
    ----------
    code : enum member with a ``label``
        Why, from the noun's ``states.py``. The label is the sentence, the edge fills in the facts.
    **facts
        Numbers, names, dates and moments the sentence needs.
    """

    def __init__(self, code: Any, **facts: Any) -> None:
        super().__init__(f"{type(code).__name__}.{code}")
        self.code, self.facts = code, facts


class IllegalMove(Exception):
    """The move is not allowed from the object's present state."""

    def __init__(self, obj: HasState, verb: str) -> None:
        self.obj, self.verb, self.state = obj, verb, getattr(obj, "state", "")
        super().__init__(f"cannot {verb} {type(obj).__name__} while it is {self.state}")


class Stale(Exception):
    """Somebody (perhaps the same person in another tab) changed it since it was read."""


@dataclass(frozen=True)
class Move:
    sources: frozenset[str]
    target: str


class Workflow:
    """The legal moves of one ``state`` field: ``{verb: ({from, ...}, to)}``."""

    def __init__(self, moves: Mapping[str, tuple[Iterable[str], str]]) -> None:
        self.moves = {verb: Move(frozenset(sources), target) for verb, (sources, target) in moves.items()}

    def may(self, obj: HasState, verb: str) -> bool:
        """Whether ``verb`` is legal from where ``obj`` stands."""
        return obj.state in self.moves[verb].sources

    def verbs_from(self, state: str) -> list[str]:
        """Every verb that is legal from ``state``, in the table's order."""
        return [verb for verb, move in self.moves.items() if state in move.sources]

    def move(self, obj: HasState, verb: str) -> str:
        """Set ``obj.state`` to where ``verb`` leads and return the state it came from.

        The caller holds the row's lock and saves; see any ``actions.py``.
        """
        if not self.may(obj, verb):
            raise IllegalMove(obj, verb)
        was, obj.state = str(obj.state), self.moves[verb].target
        return was

    def move_all(self, rows: Any, verb: str, **changes: Any) -> list[tuple[Any, str]]:
        """Move every row of a queryset that may, in two statements; return ``(pk, former state)``.

        Rows whose state does not allow the move are left alone: a night that runs twice changes nothing. Rows that
        refer to them can still be written meanwhile, so that nobody who writes one is waited for in a circle.
        """
        move = self.moves[verb]
        ready = list(
            rows.filter(state__in=move.sources)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
            .values_list("pk", "state")
        )
        if ready:
            rows.model._default_manager.filter(pk__in=[pk for pk, _ in ready]).update(
                state=move.target, **changes
            )
        return ready
