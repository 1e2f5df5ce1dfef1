"""The seed of a draw: committed before anybody ranks, completed by what nobody could know, fixed by two people."""

import datetime as dt
import hashlib

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from matching.actions import compute_run, queue_run, run_matching
from matching.models import MatchRun
from matching.snapshot import read_call
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused
from projects.actions import (
    add_call,
    confirm_draw_value,
    enter_draw_value,
    extend_deadline,
    name_draw_source,
    open_call,
    reject_draw_value,
    start_matching,
)
from projects.models import Draw, DrawSource
from projects.states import DRAW, DrawRefusal
from projects.terms import commitment_of, normal_value, provisional_seed, seed_of
from tests.factories import CallFactory, MatchRunFactory, RuleSetFactory, days

VALUE = "3 11 15 29 35 44"
SOURCE = "로또 6/45 제1234회 당첨번호"


def day(count: int) -> dt.date:
    return timezone.localdate() + days(count)


def new_call(operator, **facts):
    """A call of the office, a draft with all its dates."""
    now = timezone.now()
    return add_call(
        by=operator, title="올해 공고", year=2026, rule_set=RuleSetFactory(), projects_due_at=now + days(5),
        applications_due_at=now + days(8), rankings_open_at=now + days(3), rankings_due_at=now + days(10),
        announce_on=day(20), starts_on=day(30), ends_on=day(150), **facts,
    )  # fmt: skip


def waiting_draw(state="matching", *, known=0):
    """Of a call whose lists are sealed; its value can be read since ``known`` days."""
    call = CallFactory(
        state=state,
        rankings_due_at=timezone.now() - days(1 + known),
        draw__confirmed=False,
        draw__known_on=day(-known),
    )
    return call.draw


def refused(action, *arguments, **facts):
    with pytest.raises(Refused) as refusal:
        action(*arguments, **facts)
    return refusal.value.code


# --- terms --------------------------------------------------------------------------------------------


def test_commitment_is_the_sha256_of_the_secret():
    secret = "ab" * 32

    assert commitment_of(secret) == hashlib.sha256(secret.encode("utf-8")).hexdigest()


def test_seed_is_both_halves_with_a_colon():
    assert seed_of("ab", " 3  11\t15 ") == "ab:3 11 15"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [(" 3 11 ", "3 11"), ("3\u00a0\u3000 11", "3 11"), ("가", "\u1100\u1161"), ("", ""), (" \n ", "")],
)
def test_normal_value_is_the_same_for_everybody(typed, normal):
    assert normal_value(typed) == normal_value(normal)


@given(st.text(max_size=60))
def test_normal_value_is_normal(text):
    assert normal_value(normal_value(text)) == normal_value(text)


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_provisional_seed_says_nothing_a_final_one_does(secret, value):
    assert provisional_seed(secret) != seed_of(secret, value)
    assert provisional_seed(secret) == f"provisional:{commitment_of(secret)}"


# --- before the call opens ----------------------------------------------------------------------------


def test_call_has_its_secret_from_the_start(operator):
    call = new_call(operator)

    assert (call.draw.state, len(call.draw.secret)) == ("unnamed", 64)
    event = Event.objects.get(verb="add_call")
    assert event.data["commitment"] == call.draw.commitment
    assert call.draw.secret not in str(event.data)


def test_call_without_a_source_does_not_open(operator, agency):
    call = new_call(operator)

    code = refused(open_call, call, by=agency)

    call.refresh_from_db()
    assert (code, call.state) == (DrawRefusal.NO_SOURCE, "draft")


def test_opening_writes_down_the_commitment(operator, agency):
    call = new_call(operator)
    name_draw_source(call.draw, source=SOURCE, known_on=day(12), by=operator)

    open_call(call, by=agency)

    told = Event.objects.get(verb="open_call").data
    assert (told["commitment"], told["source"]) == (call.draw.commitment, SOURCE)
    assert told["known_on"] == day(12).isoformat()


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (0, DrawRefusal.KNOWN_ALREADY),
        (10, DrawRefusal.KNOWN_TOO_EARLY),
        (11, None),
        (20, None),
        (21, DrawRefusal.KNOWN_TOO_LATE),
    ],
)
def test_value_is_known_after_lists_are_due_and_before_the_results(operator, known, code):
    draw = new_call(operator).draw

    found = None
    try:
        name_draw_source(draw, source=SOURCE, known_on=day(known), by=operator)
    except Refused as refusal:
        found = refusal.code

    assert found == code


def test_dates_that_moved_before_opening_are_looked_at_again(operator, agency):
    call = new_call(operator)
    name_draw_source(call.draw, source=SOURCE, known_on=day(12), by=operator)
    type(call).objects.filter(pk=call.pk).update(rankings_due_at=timezone.now() + days(13))

    assert refused(open_call, call, by=agency) == DrawRefusal.KNOWN_TOO_EARLY


def test_deadline_is_not_extended_past_the_value(operator, agency):
    call = new_call(operator)
    name_draw_source(call.draw, source=SOURCE, known_on=day(12), by=operator)
    call = open_call(call, by=agency)

    code = refused(
        extend_deadline, call, kind="rankings", at=timezone.now() + days(12), reason="장애", by=operator
    )
    name_draw_source(call.draw, source="다음 회차", known_on=day(19), reason="마감 연장", by=operator)
    extend_deadline(call, kind="rankings", at=timezone.now() + days(12), reason="장애", by=operator)

    assert code == DrawRefusal.KNOWN_TOO_EARLY


def test_another_source_after_opening_needs_a_reason_and_stays_on_record(operator, agency):
    call = new_call(operator)
    name_draw_source(call.draw, source=SOURCE, known_on=day(12), by=operator)
    open_call(call, by=agency)

    code = refused(name_draw_source, call.draw, source="다른 추첨", known_on=day(13), reason=" ", by=operator)
    name_draw_source(call.draw, source="다른 추첨", known_on=day(13), reason="회차가 없어짐", by=operator)

    assert code == DrawRefusal.NO_REASON
    rows = DrawSource.objects.values_list("source", "reason")
    assert list(rows) == [("다른 추첨", "회차가 없어짐"), (SOURCE, "")]


def test_source_of_a_published_call_stays(operator):
    draw = waiting_draw("announced")

    code = refused(name_draw_source, draw, source="다른 추첨", known_on=day(1), reason="사유", by=operator)

    assert code == DrawRefusal.OVER


# --- the value ----------------------------------------------------------------------------------------


def test_two_people_fix_the_value(operator, agency):
    draw = waiting_draw()

    entered = enter_draw_value(draw, value=" 3 11  15 29 35 44", read_from="누리집", by=operator)
    confirmed = confirm_draw_value(entered, value=VALUE, by=agency)

    assert (confirmed.state, confirmed.value) == ("confirmed", VALUE)
    assert (confirmed.entered_by, confirmed.confirmed_by) == (operator, agency)
    assert confirmed.seed == f"{'0' * 64}:{VALUE}"
    assert Event.objects.get(verb="confirm_draw_value").data["seed"] == confirmed.seed


def test_one_person_does_not_fix_the_value(operator):
    draw = enter_draw_value(waiting_draw(), value=VALUE, read_from="누리집", by=operator)

    assert refused(confirm_draw_value, draw, value=VALUE, by=operator) == DrawRefusal.SAME_PERSON
    with pytest.raises(IntegrityError, match="draw_two_people"), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(
            state="confirmed", confirmed_by=operator, confirmed_at=timezone.now()
        )


def test_two_values_that_differ_fix_nothing(operator, agency):
    draw = enter_draw_value(waiting_draw(), value="3 11 15 29 35 45", read_from="누리집", by=operator)

    code = refused(confirm_draw_value, draw, value=VALUE, by=agency)
    again = reject_draw_value(draw, reason="오타", by=agency)

    assert code == DrawRefusal.DIFFERS
    assert (again.state, again.value, again.entered_by) == ("named", "", None)
    assert Event.objects.get(verb="reject_draw_value").data["value"] == "3 11 15 29 35 45"


@pytest.mark.parametrize("state", ["open", "closed", "announced", "cancelled"])
def test_value_waits_for_sealed_lists(operator, state):
    draw = waiting_draw(state)

    assert refused(enter_draw_value, draw, value=VALUE, read_from="", by=operator) == DrawRefusal.NOT_SEALED


def test_value_waits_for_its_day(operator):
    with time_machine.travel("2026-11-23T15:00:00+09:00", tick=False):
        draw = waiting_draw(known=-1)

        code = refused(enter_draw_value, draw, value=VALUE, read_from="", by=operator)

    with time_machine.travel("2026-11-24T00:00:00+09:00", tick=False):
        entered = enter_draw_value(draw, value=VALUE, read_from="", by=operator)
    assert (code, entered.state) == (DrawRefusal.NOT_KNOWN_YET, "entered")


def test_empty_value_is_no_value(operator):
    assert (
        refused(enter_draw_value, waiting_draw(), value=" \u3000", read_from="", by=operator)
        == DrawRefusal.EMPTY
    )


@pytest.mark.parametrize("verb", DRAW.moves)
def test_nothing_moves_a_confirmed_draw(operator, agency, verb):
    draw = CallFactory(sealed=True).draw
    acts = {
        "name_draw_source": lambda: name_draw_source(
            draw, source="다른", known_on=day(1), reason="사유", by=operator
        ),
        "enter_draw_value": lambda: enter_draw_value(draw, value="1", read_from="", by=operator),
        "reject_draw_value": lambda: reject_draw_value(draw, reason="사유", by=operator),
        "confirm_draw_value": lambda: confirm_draw_value(draw, value=VALUE, by=agency),
    }

    with pytest.raises(IllegalMove):
        acts[verb]()


@pytest.mark.parametrize(
    "change",
    [{"value": "1"}, {"secret": "1" * 64}, {"source": "다른"}, {"state": "entered"}, {"read_from": "다른"}],
    ids=lambda change: next(iter(change)),
)
def test_database_keeps_a_confirmed_draw(db, change):
    draw = CallFactory(sealed=True).draw

    with pytest.raises(DatabaseError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(**change)


def test_database_keeps_the_secret_of_any_draw(db):
    draw = CallFactory().draw

    with pytest.raises(DatabaseError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(secret="1" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        draw.delete()


# --- what is drawn with it ----------------------------------------------------------------------------


def test_market_of_open_lists_is_drawn_with_the_commitment_alone(db):
    call = CallFactory()

    assert read_call(call).seed == f"provisional:{call.draw.commitment}"


def test_market_of_a_confirmed_draw_is_drawn_with_both_halves(db):
    call = CallFactory(sealed=True)

    assert read_call(call).seed == f"{'0' * 64}:{VALUE}"


def test_no_final_run_without_the_value(operator):
    call = waiting_draw().call

    with pytest.raises(Refused) as refusal:
        queue_run(call, on=timezone.localdate(), by=operator)
    assert run_matching(call, on=timezone.localdate()) is None

    assert refusal.value.code == "no_draw_value"
    assert not MatchRun.objects.exists()


def test_run_asked_for_before_sealing_does_not_become_final_without_the_value(db):
    run = MatchRunFactory(call=waiting_draw().call, kind="provisional")

    computed = compute_run(run)

    assert (computed.state, computed.error, computed.market) == ("failed", "no_draw_value", None)


def test_office_is_told_at_sealing_and_at_entering(operator, agency):
    draw = waiting_draw("closed")

    start_matching(draw.call)
    enter_draw_value(draw, value=VALUE, read_from="누리집", by=operator)

    told = Notice.objects.values_list("kind", "recipient")
    assert set(told) == {
        ("draw_value_due", operator.pk),
        ("draw_value_due", agency.pk),
        ("draw_value_entered", agency.pk),
    }


# --- the office's page --------------------------------------------------------------------------------


def test_page_hides_the_value_until_it_is_confirmed_and_the_secret_too(operator, agency, log_in):
    draw = enter_draw_value(waiting_draw(), value="7 7 7 7", read_from="누리집", by=operator)
    url = f"/admin/projects/draw/{draw.pk}/"

    before = log_in(agency).get(f"{url}change/").text
    differs = log_in(agency).post(f"{url}confirm_draw_value/", {"value": "7 7 7 8"})
    done = log_in(agency).post(f"{url}confirm_draw_value/", {"value": "7  7 7 7"})
    after = log_in(agency).get(f"{url}change/").text

    assert "7 7 7 7" not in before
    assert draw.secret not in before
    assert draw.commitment in before
    assert (differs.status_code, done.status_code) == (422, 302)
    assert f"{draw.secret}:7 7 7 7" in after


def test_dashboard_asks_for_the_value_and_for_its_confirmation(operator, log_in):
    draw = waiting_draw()

    def asked():
        lines = log_in(operator).get("/admin/").context["decisions"]
        counted = {
            line["label"]: log_in(operator).get(line["url"]).context["cl"].result_count for line in lines
        }
        assert counted == {line["label"]: line["count"] for line in lines}
        return list(counted)

    before = asked()
    enter_draw_value(draw, value=VALUE, read_from="누리집", by=operator)
    after = asked()

    assert (before, after) == (["입력할 추첨 값"], ["확인할 추첨 값"])


@pytest.mark.parametrize("value", ["", "가\u202e나", "3\n4", "x" * 201])
def test_value_is_one_line_of_what_can_be_seen(operator, log_in, value):
    draw = waiting_draw()

    response = log_in(operator).post(
        f"/admin/projects/draw/{draw.pk}/enter_draw_value/", {"value": value, "read_from": "누리집"}
    )

    draw.refresh_from_db()
    assert (response.status_code, draw.state) == (422, "named")


def test_two_who_confirm_at_once_do_it_once(operator, agency, second_agency, log_in):
    draw = enter_draw_value(waiting_draw(), value=VALUE, read_from="누리집", by=operator)
    url = f"/admin/projects/draw/{draw.pk}/confirm_draw_value/"

    first = log_in(agency).post(url, {"value": VALUE})
    second = log_in(second_agency).post(url, {"value": VALUE})

    assert (first.status_code, second.status_code) == (302, 409)
