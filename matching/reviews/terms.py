"""When a request is answered in time."""

from datetime import date, timedelta

#: The law on automated decisions leaves thirty days (개인정보보호법 §37-2 and its decree).
ANSWER_DAYS = 30


def answer_due_on(asked_on: date) -> date:
    """The last day on which a request is answered in time."""
    return asked_on + timedelta(days=ANSWER_DAYS)
