"""What a match ends with: who goes where, and what closed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from matching.engine.canonical import canonical_json, sha256_hex
from matching.engine.market import Market
from matching.engine.reading import InputError, Reader

__all__ = ["ENGINE", "MODES", "RESULT_FORMAT", "RULES", "SIDES", "Result", "ResultError", "rank_profile"]

ENGINE = "1.1"
RESULT_FORMAT = "ieum-result-1"
RULES = ("draw", "fill")
SIDES = ("trainee", "company")
MODES = ("chain", "fill")


class ResultError(InputError):
    """A broken result file; ``faults`` names every fault with its place."""


@dataclass(frozen=True, eq=False)
class Result:
    """One answer for one market.

    Attributes
    ----------
    matching : mapping of trainee id to project id or None
        Every trainee of the market, sorted by id.
    closed : tuple of project ids
        Projects that cannot reach their minimum, sorted.
    rule : str
        How ties fell; one of ``RULES``.
    answers : Market or str
        The market this answers, or its SHA-256; see `market_sha256`.
    engine : str
        The version that computed it.
    size : int
        How many trainees have a project.
    rank_profile : tuple of int
        How many got their first choice, their second, …; see `rank_profile`.
    side : str
        Whom it is best for; one of ``SIDES``.
    withdrawn : tuple of trainee ids
        Who has left since, sorted; they have no project.
    mode : str or None
        How vacancies were filled last, one of ``MODES``; ``None`` for a match that was never touched.
    """

    matching: Mapping[str, str | None]
    closed: tuple[str, ...]
    rule: str
    answers: Market | str = field(repr=False)
    engine: str
    size: int
    rank_profile: tuple[int, ...]
    side: str = SIDES[0]
    withdrawn: tuple[str, ...] = ()
    mode: str | None = None

    @property
    def market_sha256(self) -> str:
        """The name of the market; worked out only when somebody asks."""
        return self.answers if isinstance(self.answers, str) else self.answers.sha256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]  # holds a mapping

    @classmethod
    def of(
        cls,
        market: Market,
        matching: Mapping[str, str | None],
        closed: tuple[str, ...],
        rule: str,
        *,
        side: str = SIDES[0],
        withdrawn: tuple[str, ...] = (),
        mode: str | None = None,
        profile: tuple[int, ...] | None = None,
    ) -> Self:
        """Complete a matching with the figures and names that go with it."""
        return cls(
            matching={one: matching[one] for one in sorted(matching)},
            closed=tuple(sorted(closed)),
            rule=rule,
            answers=market,
            engine=ENGINE,
            size=len(matching) - list(matching.values()).count(None),
            rank_profile=rank_profile(market, matching) if profile is None else profile,
            side=side,
            withdrawn=tuple(sorted(withdrawn)),
            mode=mode,
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | str | bytes) -> Self:
        """Read a result file.

        Parameters
        ----------
        data : mapping, str or bytes
            The document of format ``ieum-result-1`` or its JSON text.

        Returns
        -------
        Result
            Sound in form only: whether it answers a market is for `check` to say.

        Raises
        ------
        ResultError
            With every fault of form that was found.
        """
        reader = Reader(ResultError)
        parts = _parts(reader, reader.document(data))
        reader.finish()
        return cls(**parts)

    def to_json(self) -> dict[str, Any]:
        """The document of format ``ieum-result-1``; what is as usual is not written out."""
        unusual = {
            "side": None if self.side == SIDES[0] else self.side,
            "withdrawn": list(self.withdrawn) or None,
            "mode": self.mode,
        }
        return {
            "format": RESULT_FORMAT,
            "matching": dict(self.matching),
            "closed": list(self.closed),
            "market_sha256": self.market_sha256,
            "rule": self.rule,
            "engine": self.engine,
            "size": self.size,
            "rank_profile": list(self.rank_profile),
            **{name: value for name, value in unusual.items() if value is not None},
        }

    def canonical(self) -> bytes:
        """The document as canonical JSON (RFC 8785)."""
        return canonical_json(self.to_json())

    @property
    def sha256(self) -> str:
        """SHA-256 of `canonical`."""
        return sha256_hex(self.to_json())


def rank_profile(market: Market, matching: Mapping[str, str | None]) -> tuple[int, ...]:
    """How many trainees got their first choice, their second, and so on.

    Projects tied in a list share a rank: the number of the tier they stand in. Trainees fixed to a project
    they did not rank count nowhere. There are no zeros at the end. O(total length of the lists).
    """
    ranks = Counter(
        rank
        for trainee in market.trainees.values()
        for rank, tier in enumerate(trainee.prefs)
        if matching.get(trainee.id) in tier
    )
    return tuple(ranks[rank] for rank in range(max(ranks, default=-1) + 1))


def _parts(reader: Reader, document: object) -> dict[str, Any]:
    required = ("matching", "closed", "market_sha256", "rule", "engine", "size", "rank_profile")
    top = reader.record(document, (), required, ("format", "side", "withdrawn", "mode"))
    if top is None:
        return {}
    reader.format(top, RESULT_FORMAT)
    profile = reader.entries(top.get("rank_profile", []), ("rank_profile",))
    texts = {name: reader.text(top.get(name, "-"), (name,)) for name in ("market_sha256", "rule", "engine")}
    return {
        "matching": _matching(reader, top.get("matching", {})),
        "closed": _texts(reader, top, "closed"),
        "rank_profile": tuple(reader.whole(item, ("rank_profile", at)) or 0 for at, item in profile),
        "size": reader.whole(top.get("size", 0), ("size",)),
        "answers": texts.pop("market_sha256"),
        **texts,
        "side": reader.text(top.get("side", SIDES[0]), ("side",)),
        "withdrawn": _texts(reader, top, "withdrawn"),
        "mode": None if top.get("mode") is None else reader.text(top["mode"], ("mode",)),
    }


def _texts(reader: Reader, top: Mapping[str, object], name: str) -> tuple[str, ...]:
    entries = reader.entries(top.get(name, []), (name,))
    return tuple(reader.text(item, (name, at)) or "" for at, item in entries)


def _matching(reader: Reader, value: object) -> dict[str, str | None]:
    matching = {}
    for trainee, project in reader.members(value, ("matching",)):
        place = ("matching", trainee)
        matching[trainee] = None if project is None else reader.text(project, place)
    return dict(sorted(matching.items()))
