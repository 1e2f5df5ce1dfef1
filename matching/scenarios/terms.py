"""What a scenario is measured by, as pure functions."""

from collections.abc import Container
from datetime import date, timedelta

from projects.terms import is_working_day

#: A group with fewer people than this is not shown by number.
SMALLEST_GROUP = 5


def outcome(project: int | None, rank: int | None, was_project: int | None, was_rank: int | None) -> str:
    """What became of one person, as a value of ``matching.scenarios.states.Outcome``.

    Parameters
    ----------
    project, rank : int or None
        Where the scenario places them and which of their choices that is; no rank for who was fixed to a project they
        did not choose.
    was_project, was_rank : int or None
        The same in the run.

    Returns
    -------
    str
        ``elsewhere`` if the projects differ and the choices cannot be compared.
    """
    if project == was_project:
        return "same"
    if was_project is None:
        return "placed"
    if project is None:
        return "lost"
    if rank is None or was_rank is None or rank == was_rank:
        return "elsewhere"
    return "better" if rank < was_rank else "worse"


def training_days(starts_on: date, ends_on: date, holidays: Container[date]) -> int:
    """Working days from the first day to the last, both counted. O(days)."""
    days = ((starts_on + timedelta(days=number)) for number in range((ends_on - starts_on).days + 1))
    return sum(is_working_day(day, holidays) for day in days)


def training_cost(people: int, days: int, daily_won: int) -> int:
    """What training expenses come to if everybody attends every day: an upper estimate, in won."""
    return people * days * daily_won


def shown(count: int) -> int | None:
    """A number of people of a group; None if somebody could be found out by it."""
    return None if 0 < count < SMALLEST_GROUP else count
