"""What may be shown of lists that can still change, as pure functions."""

#: The picture of a provisional run changes only when at least so many people have certified a list since the last one.
LISTS_PER_LOOK = 5
ROUNDED_TO = 5


def about(count: int) -> int:
    """``count`` to the nearest five."""
    return ROUNDED_TO * round(count / ROUNDED_TO)


def outlook(*, size: int, demand: int, places: int, minimum: int, closed: bool) -> str:
    """The band of a project, as a value of ``matching.states.Outlook``.

    Parameters
    ----------
    size : int
        People who would be placed now.
    demand : int
        Those, and everybody who would rather be there.
    places, minimum : int
        What the project offers; a minimum of 0 is none.
    closed : bool
        Whether it would not open.

    Returns
    -------
    str
        ``danger``: would not open, or one refusal more and it would not. ``nobody``: nobody would come.
        ``wanted``: at least one in four more would rather be there than there are places (two at least).
        ``filled``: at least nine in ten places are taken. ``room``: the rest.
    """
    if minimum and (closed or size <= minimum):
        return "danger"
    if not size:
        return "nobody"
    if demand >= places + max(2, places // 4):
        return "wanted"
    return "filled" if 10 * size >= 9 * places else "room"
