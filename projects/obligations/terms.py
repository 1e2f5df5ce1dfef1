"""The programme's numbers for hiring obligations, as pure functions; values come from the call's rule set."""

from datetime import date, timedelta


def hire_due(project_ends_on: date, within_days: int) -> date:
    """Until when the company hires: ``within_days`` after the project's end (rule set, "Obligation")."""
    return project_ends_on + timedelta(days=within_days)


def audience(stage: int) -> tuple[str, ...]:
    """Who is told at a stage of the hire-due reminders.

    Parameters
    ----------
    stage : int
        Days from the due date, negative before it.

    Returns
    -------
    tuple of str
        Out of ``company``, ``trainee``, ``operator``, ``agency``.

    References
    ----------
    Programme, section 6, "hire due": before the day the company; +1 company and trainee; +7 operator too;
    +14 the agency demands.
    """
    if stage <= 0:
        return ("company",)
    if stage < 7:
        return ("company", "trainee")
    return ("company", "operator") if stage < 14 else ("company", "operator", "agency")
