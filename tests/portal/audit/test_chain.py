"""A row that is touched behind the triggers' back is found."""

import datetime as dt
from itertools import pairwise

import pgtrigger
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from portal.audit import actions
from portal.audit.actions import broken_links, extend_chain, kept_tables, record
from portal.audit.models import Access, ChainLink, Event
from portal.notices.models import Notice
from projects.obligations.actions import remind_due_obligations

HOUR = dt.timedelta(hours=1, seconds=1)


@pytest.fixture
def history(operator):
    """Five events, chained: the first night sees them, the next one takes them in."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        events = [
            record(f"verb {number}", operator, by=operator, reason=f"까닭 {number}") for number in range(5)
        ]
        extend_chain()
        clock.shift(HOUR)
        extend_chain()
        clock.shift(HOUR)
        yield events


def of(model):
    return ChainLink.objects.filter(table=model._meta.db_table)


def test_every_append_only_table_is_chained(history):
    assert {model._meta.label for model in kept_tables()} >= {
        "audit.Event", "audit.Access", "obligations.ObligationEvent", "projects.Deadline", "fit.SealedFit",
    }  # fmt: skip
    assert set(ChainLink.objects.values_list("table", flat=True)) == {
        model._meta.db_table for model in kept_tables()
    }


def test_rows_are_taken_in_by_the_link_after_the_one_that_saw_them(history):
    first, second = of(Event)

    assert (first.rows, first.last_id, first.seen_id) == (0, 0, history[-1].pk)
    assert (second.rows, second.last_id) == (5, history[-1].pk)
    assert broken_links() == []


def test_a_row_that_is_committed_late_is_taken_in_all_the_same(history, operator):
    """Its number was drawn before that of a row the last link saw."""
    late = history[-1].pk + 1
    Event.objects.create(pk=late + 1, verb="schnell", label="x", object_id="1", by=operator)
    extend_chain()
    Event.objects.create(pk=late, verb="spät", label="x", object_id="1", by=operator)
    with time_machine.travel(timezone.now() + HOUR):
        extend_chain()

    assert of(Event).last().rows == 2
    assert broken_links() == []


def test_the_chain_grows_at_most_once_an_hour_and_not_without_news(history, operator):
    before = ChainLink.objects.count()

    assert extend_chain() == 0
    record("verb", operator, by=operator)
    assert [extend_chain(), extend_chain()] == [1, 0]
    assert ChainLink.objects.count() == before + 1


def test_long_tables_are_chained_in_pieces(operator, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 2)
    *_, newest = (record("verb", operator, by=operator) for _ in range(5))
    extend_chain()
    with time_machine.travel(timezone.now() + HOUR):
        extend_chain()

    links = list(of(Event))
    assert sum(link.rows for link in links) == 5
    assert all(later.last_id - earlier.last_id <= 2 for earlier, later in pairwise(links))
    assert links[-1].last_id == newest.pk
    assert broken_links() == []


def touched(how, event):
    with pgtrigger.ignore("audit.Event:append_only"), connection.cursor() as cursor:
        cursor.execute(how.replace("%(pk)s", str(event.pk)))  # pgtrigger puts its own words before it


@pytest.mark.parametrize(
    "how",
    [
        "UPDATE audit_event SET verb = 'other' WHERE id = %(pk)s",
        "UPDATE audit_event SET data = '{}' WHERE id = %(pk)s",
        "UPDATE audit_event SET at = at + interval '1 microsecond' WHERE id = %(pk)s",
        "DELETE FROM audit_event WHERE id = %(pk)s",
        "UPDATE audit_event SET id = -id WHERE id = %(pk)s",
        "INSERT INTO audit_event (id, verb, label, object_id, at, origin, data) "
        "SELECT min(id) - 1, 'new', 'x', '1', now(), 'page', '{}' FROM audit_event",
    ],
)
def test_a_row_that_was_touched_breaks_its_link(history, how):
    touched(how, history[2])

    assert [link.pk for link in broken_links()] == [of(Event).last().pk]


def test_the_zone_of_a_session_does_not_matter(history):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'America/New_York'")

    assert broken_links() == []


def test_the_command_tells_what_holds_and_what_does_not(history, capsys):
    call_command("check_history")
    assert "audit_event  5" in capsys.readouterr().out

    touched("DELETE FROM audit_event WHERE id = %(pk)s", history[0])
    with pytest.raises(CommandError):
        call_command("check_history")
    assert f"audit_event … {history[-1].pk}" in capsys.readouterr().err


def test_the_night_chains_checks_and_tells_the_office_once(history, operator):
    touched("UPDATE audit_event SET verb = 'other' WHERE id = %(pk)s", history[1])

    outcomes = [remind_due_obligations(timezone.localdate()) for _ in range(2)]

    assert [outcome["broken"] for outcome in outcomes] == [1, 1]
    assert Notice.objects.filter(kind="history_broken", recipient=operator).count() == 1
    assert Access._meta.db_table in set(ChainLink.objects.values_list("table", flat=True))
