import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.interviews import terms
from projects.terms import SEOUL

NOON = dt.datetime(2027, 1, 4, 12, 0, tzinfo=SEOUL)
ONE = terms.Appointment(
    uid="interview-7@ieum.example", sequence=2, starts_at=NOON, ends_at=NOON + dt.timedelta(minutes=30),
    stamped_at=dt.datetime(2027, 1, 1, 3, 0, tzinfo=dt.UTC), summary="면접: 소리; 듣기, 펌프 (나래\\정밀)",
    description="첫 줄\n둘째 줄", location="창원, 3층", url="https://ieum.example/interviews/7/", organizer="no-reply@ieum.example",
)  # fmt: skip


def unfolded(text):
    """Content lines as RFC 5545 3.1 joins them."""
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def values(text):
    return dict(line.split(":", 1) for line in unfolded(text))


def unescaped(value):
    out, rest = "", iter(value)
    for char in rest:
        out += {"n": "\n"}.get(following := next(rest), following) if char == "\\" else char
    return out


def test_an_interview_is_an_event_in_seoul():
    found = values(terms.calendar(ONE))

    assert unfolded(terms.calendar(ONE))[0] == "BEGIN:VCALENDAR"
    assert unfolded(terms.calendar(ONE))[-1] == "END:VCALENDAR"
    assert found["METHOD"] == "PUBLISH"
    assert found["UID"] == "interview-7@ieum.example"
    assert found["SEQUENCE"] == "2"
    assert found["DTSTART;TZID=Asia/Seoul"] == "20270104T120000"
    assert found["DTEND;TZID=Asia/Seoul"] == "20270104T123000"
    assert found["DTSTAMP"] == "20270101T030000Z"
    assert found["STATUS"] == "CONFIRMED"
    assert found["SUMMARY"] == "면접: 소리\\; 듣기\\, 펌프 (나래\\\\정밀)"
    assert found["DESCRIPTION"] == "첫 줄\\n둘째 줄"
    assert found["TZID"] == "Asia/Seoul"


def test_a_cancelled_interview_takes_the_same_event_out():
    found = values(terms.calendar(replace(ONE, sequence=3, cancelled=True, location="")))

    assert (found["METHOD"], found["STATUS"], found["UID"], found["SEQUENCE"]) == (
        "CANCEL", "CANCELLED", "interview-7@ieum.example", "3",
    )  # fmt: skip
    assert "LOCATION" not in found


@given(st.text(max_size=400))
def test_no_text_breaks_the_file(text):
    """Whatever is typed, lines are short, whole characters, and what comes back is what was meant."""
    written = terms.calendar(replace(ONE, summary=text, description=text, location=text + "x"))

    lines = written.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode("utf-8", "surrogatepass")) <= 75 for line in lines)
    assert "\n" not in written.replace("\r\n", "")
    meant = text.replace("\r\n", "\n").replace("\r", "\n")
    assert unescaped(values(written)["SUMMARY"]) == "".join(c for c in meant if c >= " " or c in "\n\t")


@pytest.mark.parametrize(
    ("left", "firm"),
    [
        (dt.timedelta(hours=24), False),
        (dt.timedelta(hours=24, seconds=-1), True),
        (dt.timedelta(days=3), False),
        (dt.timedelta(0), True),
    ],
)
def test_an_interview_is_firm_less_than_a_day_before(left, firm):
    assert terms.is_firm(NOON, NOON - left) is firm


def test_the_reminder_leaves_at_nine_the_day_before():
    assert terms.remind_at(NOON) == dt.datetime(2027, 1, 3, 9, 0, tzinfo=SEOUL)


def test_a_report_is_answered_within_thirty_days():
    assert terms.answer_due_on(dt.date(2027, 1, 4)) == dt.date(2027, 2, 3)
