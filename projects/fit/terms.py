"""Fit of a trainee to a project, from facts, with the parts kept for the explanation.

It recommends and it orders the people a company has not reviewed; it never overrides a company's ranking and
never sees a name, sex, age, photo or school.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

#: Points per part, out of their sum; a rule set may set others.
DEFAULT_WEIGHTS: Mapping[str, int] = {
    "required": 45,
    "preferred": 15,
    "interest": 15,
    "hours": 10,
    "place": 10,
    "availability": 5,
}
#: Course hours that count in full.
FULL_HOURS = 800


@dataclass(frozen=True)
class Person:
    """What fit knows of a trainee: skill code -> level 1-5, field codes, facts of place and time."""

    skills: Mapping[str, int]
    interests: frozenset[str]
    hours: int
    region: str
    work_mode: str
    available_from: date | None


@dataclass(frozen=True)
class Offer:
    """What fit knows of a project: skill code -> level 1-5, required and preferred, field, place, start."""

    required: Mapping[str, int]
    preferred: Mapping[str, int]
    field: str
    region: str
    work_mode: str
    starts_on: date | None


@dataclass(frozen=True)
class Fit:
    """A score in per mille (0-1000) and its parts: name -> (points in per mille, most possible)."""

    score: int
    parts: Mapping[str, tuple[int, int]]
    required_met: int
    required_of: int


def skill_share(
    asked: Mapping[str, int], has: Mapping[str, int], parent: Mapping[str, str]
) -> tuple[float, int]:
    """How much of ``asked`` a person brings.

    Parameters
    ----------
    asked, has : mapping of skill code to level 1-5
    parent : mapping of skill code to the code of its parent; skills without one are missing

    Returns
    -------
    share : float
        0-1: for each asked skill min(1, own level / asked level), or half of the best sibling's; their mean. 1 if
        nothing is asked.
    met : int
        Asked skills brought at the asked level.

    Notes
    -----
    O(len(asked) + len(has)).
    """
    if not asked:
        return 1.0, 0
    family: dict[str, int] = {}
    for code, level in has.items():
        if code in parent:
            family[parent[code]] = max(family.get(parent[code], 0), level)
    total, met = 0.0, 0
    for code, level in asked.items():
        own = min(1.0, has.get(code, 0) / level)
        kin = 0.5 * min(1.0, family.get(parent.get(code, ""), 0) / level)
        total += max(own, kin)
        met += own >= 1.0
    return total / len(asked), met


def place_share(person: Person, offer: Offer) -> float:
    """1 when the person can work where and how the project wants, 0.5 when one of the two differs, else 0."""
    same_place = offer.work_mode == "remote" or person.region == offer.region
    same_mode = person.work_mode == offer.work_mode or "hybrid" in (person.work_mode, offer.work_mode)
    return (same_place + same_mode) / 2


def is_ready(person: Person, offer: Offer) -> bool:
    """Whether the person is free by the day the project starts; a day that is not known is no obstacle."""
    return (
        person.available_from is None or offer.starts_on is None or person.available_from <= offer.starts_on
    )


def points(weight: int, share: float, whole: int) -> int:
    """``share`` of a part's ``weight``, in per mille of the ``whole``, rounded down."""
    return int(1000 * weight * share / whole)


def fit(
    person: Person, offer: Offer, parent: Mapping[str, str], weights: Mapping[str, int] = DEFAULT_WEIGHTS
) -> Fit:
    """Fit of one person to one project.

    Parameters
    ----------
    person, offer : facts
    parent : mapping of skill code to parent code
    weights : mapping of part name to points, not all zero

    Returns
    -------
    Fit
        Score and parts in per mille of the weights' sum, rounded down per part.

    Raises
    ------
    ValueError
        If the weights sum to zero.

    Notes
    -----
    Deterministic; no clock, no database. O(skills of both).
    """
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError("weights must not all be zero")
    required, met = skill_share(offer.required, person.skills, parent)
    preferred, _ = skill_share(offer.preferred, person.skills, parent)
    shares = {
        "required": required,
        "preferred": preferred,
        "interest": float(offer.field in person.interests),
        "hours": min(1.0, person.hours / FULL_HOURS),
        "place": place_share(person, offer),
        "availability": float(is_ready(person, offer)),
    }
    parts = {
        name: (points(weights.get(name, 0), share, whole), 1000 * weights.get(name, 0) // whole)
        for name, share in shares.items()
    }
    return Fit(sum(got for got, _most in parts.values()), parts, met, len(offer.required))
