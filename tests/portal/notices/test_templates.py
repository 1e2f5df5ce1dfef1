"""Every kind of message has its words, in both languages, from the facts its sender gives."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils import translation

from portal.accounts.adapter import KINDS
from portal.notices.models import Notice
from portal.ui.korean import mask_name
from projects.placements.states import PassedOver
from tests.factories import UserFactory

ROOT = Path(settings.BASE_DIR)
MISSING = "⟦missing %s⟧"
HANGUL = re.compile("[가-힣]")
DUE, DAY = "2026-11-25T18:00:00+09:00", "2026-11-25"
PROJECT, COMPANY, CALL = "펌프 소리 듣기", "나래정밀", "2026년 둘째 공고"
OWN_OBLIGATION = {"company": COMPANY, "project": PROJECT, "due_on": DAY}
OFFER = {"project": PROJECT, "company": COMPANY, "answer_due_at": DUE}
MEETING = {"project": PROJECT, "company": COMPANY}
APPLICATION = {"call": CALL, "reference": "A-01-00007"}
#: Said nowhere but inside the message: a reason, a name, a decision.
REASON, NAME = "서명이 없음", "하람솔"
OBLIGATION = {**OWN_OBLIGATION, "name": NAME}

#: (kind, facts): one row per branch of the words
CASES = [
    ("account_confirm_email", {}),
    ("account_reset_password", {}),
    ("account_unknown", {}),
    ("account_exists", {}),
    *(("account_changed", {"change": change}) for change in
      ("password_changed", "email_changed", "totp_activated", "totp_deactivated", "account_connected", "something_new")),
    ("company_verified", {"company": COMPANY}),
    ("company_rejected", {"company": COMPANY, "reason": REASON}),
    ("company_suspended", {"company": COMPANY, "reason": REASON, "ends_on": DAY}),
    ("company_reinstated", {"company": COMPANY}),
    ("project_submitted", {"project": PROJECT}),
    ("project_returned", {"project": PROJECT, "reason": REASON, "due_at": DUE}),
    *(("project_decided", {"project": PROJECT, "state": state, "reason": reason})
      for state in ("selected", "reserve", "rejected", "withdrawn", "not_opened") for reason in ("", REASON)),
    ("project_decided", {"project": PROJECT, "state": "not_opened", "reason": REASON, "excluded": True}),
    *(("history_broken", {"count": count}) for count in (1, 3)),
    *(("lists_tampered", {"count": count, "references": ["R-01-00007"]}) for count in (1, 3)),
    ("results_postponed", {"call": CALL, "announce_on": DAY, "reason": REASON}),
    *(("deadline_extended", {"call": CALL, "kind": kind, "due_at": DUE}) for kind in ("projects", "applications", "rankings")),
    ("auditor_named", {"call": CALL, "until_on": DAY}),
    ("draw_value_due", {"call": CALL, "source": "Lotto 6/45 #1234", "known_on": DAY}),
    ("draw_value_entered", {"call": CALL, "source": "Lotto 6/45 #1234"}),
    *(("application_submitted", {**APPLICATION, "rankings_due_at": due}) for due in ("", DUE)),
    ("application_returned", {**APPLICATION, "comment": REASON, "due_at": DUE}),
    ("application_accepted", APPLICATION),
    *(("application_refused", {**APPLICATION, "reason": reason, "comment": REASON, "final": final})
      for reason in ("not_graduate", "not_completed", "employed", "placed_elsewhere", "no_consent", "unanswered", "other")
      for final in (False, True)),
    ("application_withdrawn", APPLICATION),
    ("rank_list_certified", {"call": CALL, "receipt": "ab12" * 16, "certified_at": DUE}),
    *(("ranking_due", {"call": CALL, "side": side, "due_at": DUE, "days_left": left})
      for side in ("trainee", "company") for left in (7, 1, 0)),
    ("interview_invited", {**MEETING, "due_at": DUE}),
    *(("interview_booked", {**MEETING, "starts_at": DUE, "moved": moved}) for moved in (False, True)),
    *(("interview_taken", {"project": PROJECT, "name": NAME, "starts_at": DUE, "moved": moved}) for moved in (False, True)),
    *(("interview_left", {"project": PROJECT, "name": NAME, "declined": declined}) for declined in (False, True)),
    *(("interview_called_off", {**MEETING, "starts_at": at, "ended": ended}) for at, ended in (("", True), (DUE, True), (DUE, False))),
    ("interview_stranded", {"project": PROJECT, "name": NAME}),
    ("interview_place", {**MEETING, "starts_at": DUE}),
    *(("interview_missed", {**MEETING, "starts_at": DUE, "corrected": corrected}) for corrected in (False, True)),
    ("interview_due", {**MEETING, "starts_at": DUE}),
    *(("interviews_due", {"project": PROJECT, "day_on": DAY, "count": count}) for count in (1, 4)),
    *((kind, {"reference": "S-00012", "due_on": DAY}) for kind in ("report_received", "report_filed", "review_received", "review_asked")),
    ("review_answered", {"reference": "R-00012"}),
    ("report_answered", {"reference": "S-00012"}),
    *(("wish_lost", {"project": PROJECT, "company": COMPANY, "left": left, "open": is_open, "barred": barred, "due_at": DUE})
      for left in (0, 2) for is_open in (False, True) for barred in (False, True)),
    *(("match_run_finished", {"call": CALL, "kind": "final", "state": state, "size": 104, "applicants": 296, "closed": 1})
      for state in ("verified", "failed")),
    ("placement_offered", {**OFFER, "reserve": False, "keeps": "", "called": {"reserve_no": None, "passed": {}}}),
    *(("placement_offered", {**OFFER, "reserve": True, "keeps": keeps, "called": {"reserve_no": 4, "passed": passed}})
      for keeps in ("", PROJECT)
      for passed in ({}, {"here": 1, "seated": 2}, *({code: 3} for code in PassedOver.values))),
    ("placement_moved", {"project": PROJECT, "name": NAME, "filling": True}),
    ("placement_moved", {"project": PROJECT, "name": NAME, "filling": False}),
    ("placement_superseded", {**OFFER, "offered_at": DUE}),
    *(("placement_answer_due", {**OFFER, "hours": hours}) for hours in (24, 3)),
    *(("placement_terminated", {**OFFER, "reason": reason, "waiting": waiting, "keeps": keeps})
      for reason in ("", REASON) for waiting, keeps in ((0, ""), (2, ""), (2, PROJECT))),
    *(("reserve_ended", {"project": PROJECT, "company": COMPANY, "reason": REASON, "waiting": waiting, "seated": seated})
      for waiting, seated in ((0, False), (2, False), (1, True))),
    ("project_terminated", {"project": PROJECT, "reason": REASON, "placed": 2, "waiting": 3}),
    *(("call_cancelled", {"call": CALL, "reason": REASON, "side": side}) for side in ("trainee", "company")),
    *(("placement_accepted", {**OFFER, "starts_on": DAY, "left": left}) for left in ("", PROJECT)),
    *(("placement_expired", {**OFFER, "keeps": keeps}) for keeps in ("", PROJECT)),
    *(("placement_ended", {**OFFER, "outcome": outcome, "reason": reason, "ends_on": DAY})
      for outcome, reason in (("completed", ""), ("not_completed", REASON), ("dropped_out", REASON))),
    ("reserves_closed", {"call": CALL}),
    ("placement_joined", {"project": PROJECT, "name": NAME}),
    *(("placement_left", {"project": PROJECT, "name": NAME, "filling": filling}) for filling in (True, False)),
    *(("result_unmatched", {"call": CALL, "reserve_no": number}) for number in (None, 3)),
    *(("result_company", {"call": CALL, "placed": placed, "closed": closed}) for placed, closed in ((3, []), (0, [PROJECT]))),
    ("evaluation_due", {"project": PROJECT, "name": NAME, "ends_on": DAY}),
    ("evaluation_locked", {"project": PROJECT, "appeal_until": DAY}),
    ("evaluation_returned", {"project": PROJECT, "name": NAME}),
    ("obligation_owed", OBLIGATION),
    ("obligation_owed_trainee", OWN_OBLIGATION),
    *(("obligation_due", {**(OWN_OBLIGATION if side == "trainee" else OBLIGATION), "side": side, "stage": stage, "days": abs(stage)})
      for side in ("company", "trainee", "operator", "agency") for stage in (-30, 0, 1, 14)),
    *(("ledger_astray", {"count": count}) for count in (1, 12)),
    ("evidence_submitted", OBLIGATION),
    *(("evidence_returned", {**OBLIGATION, "late": late}) for late in (False, True)),
    ("obligation_fulfilled", {**OBLIGATION, "side": "company"}),
    ("obligation_fulfilled", {**OWN_OBLIGATION, "side": "trainee", "hired_on": DAY}),
    ("obligation_waived", {**OBLIGATION, "side": "company"}),
    ("obligation_waived", {**OWN_OBLIGATION, "side": "trainee"}),
]  # fmt: skip
#: What may not be read over somebody's shoulder: in no subject and in no first line.
SENSITIVE = (
    REASON,
    NAME,
    "배치되었",
    "배치해 드리지",
    "부적격",
    "참여하실 수 없",
    "미선정",
    "면제하기로",
    "축하",
    "함께하지 못하게",
)


def kinds_in_code() -> set[str]:
    """Every kind named in a call that makes a notice, in any notices.py, and those of the sign-in messages."""
    found = {kind for kind, _ in KINDS.values()} | {"account_changed"}
    for path in [
        *ROOT.glob("portal/**/notices.py"),
        *ROOT.glob("projects/**/notices.py"),
        *ROOT.glob("matching/**/notices.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = [
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                ]
                found |= set(texts[:1]) if node.func.id in MAKERS else set()
    return found


#: The functions of the notices.py files that take a kind as their first text.
MAKERS = {"notice", "_tell", "_to_company", "_to_trainee"}


@pytest.fixture(autouse=True)
def shown_when_missing():
    """A variable that no sender gives shows in the words."""
    engine = engines["django"].engine
    before, engine.string_if_invalid = engine.string_if_invalid, MISSING
    yield
    engine.string_if_invalid = before


def words_of(kind, facts, language):
    recipient = UserFactory.build(name="", language=language)
    notice = Notice(
        kind=kind, params=facts, recipient=recipient, email="a@example.com", language=language, link="/start/"
    )
    return notice.in_words()


def test_every_kind_in_the_code_has_words_and_no_words_are_left_over():
    templates = {path.stem for path in (ROOT / "templates/notices").glob("[a-z]*.txt")}

    assert kinds_in_code() == templates
    assert {kind for kind, _ in CASES} == templates


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("kind", "facts"), CASES)
def test_words_say_everything_and_nothing_sensitive_first(kind, facts, language):
    words = words_of(kind, facts, language)

    said = f"{words.subject}\n{words.text}\n{words.html}"
    assert not re.search(r"⟦|\{\{|\{%|None|%\(", said), said
    assert words.subject
    assert len(words.subject) <= 60
    assert words.blocks
    assert "\n\n\n" not in words.text
    first_line = words.blocks[0].lines[0]
    assert [fact for fact in SENSITIVE if fact in words.subject or fact in first_line] == []


@pytest.mark.parametrize(("kind", "facts"), CASES)
def test_english_words_leave_no_korean_but_what_people_typed(kind, facts):
    words = words_of(kind, facts, "en")

    said = f"{words.subject}\n{words.text}"
    for typed in (PROJECT, COMPANY, CALL, REASON, NAME, mask_name(NAME), "이음"):
        said = said.replace(typed, "")
    assert HANGUL.findall(said) == []


#: The same facts about somebody and something else.
OTHERS = {
    "name": "도담별", "project": "전화 속 거짓말 찾기", "company": "가온소프트", "call": "2027년 첫째 공고",
    "due_at": "2026-12-01T18:00:00+09:00", "count": 99,
}  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("kind", "facts"), [case for case in CASES if set(case[1]) & set(OTHERS)])
def test_two_messages_of_a_kind_are_told_apart_by_their_subject(kind, facts, language):
    others = {name: OTHERS.get(name, fact) for name, fact in facts.items()}

    alike = words_of(kind, facts, language).subject == words_of(kind, others, language).subject

    assert alike is (kind in ("placement_offered", "result_unmatched"))  # one of each, and nothing given away


@pytest.mark.parametrize(("kind", "facts"), [case for case in CASES if "name" in case[1]])
def test_a_person_is_named_in_the_message_and_only_hinted_at_in_its_subject(kind, facts):
    words = words_of(kind, facts, "ko")

    assert mask_name(NAME) in words.subject
    assert NAME in words.text


def test_a_list_inside_the_portal_names_whom_and_what_it_is_about():
    params = {"due_on": DAY, **OBLIGATION}

    assert Notice(params=params).about == f"{NAME} · {PROJECT} · {COMPANY}"
    assert Notice(params={"change": "email_changed"}).about == ""


def test_matched_and_unmatched_people_read_the_same_until_they_open_it():
    matched = words_of("placement_offered", {**OFFER, "reserve": False}, "ko")
    unmatched = words_of("result_unmatched", {"call": CALL, "reserve_no": 3}, "ko")

    assert matched.subject == unmatched.subject
    assert matched.blocks[0] == unmatched.blocks[0]


def test_moments_are_written_for_people_in_seoul():
    utc = words_of(
        "placement_answer_due", {**OFFER, "hours": 24, "answer_due_at": "2026-11-25T09:00:00+00:00"}, "ko"
    )

    assert "11월 25일(수) 18:00" in utc.text


def test_particles_follow_the_word_before():
    told = [
        words_of("evidence_submitted", {**OBLIGATION, "company": name}, "ko").text
        for name in ("나래정밀", "가온소프트")
    ]

    assert ["나래정밀이 " in told[0], "가온소프트가 " in told[1]] == [True, True]


def test_what_people_typed_is_text_in_the_html():
    words = words_of(
        "project_returned",
        {"project": "<b>굵게</b>", "reason": "<script>alert(1)</script>", "due_at": DUE},
        "ko",
    )

    assert "<script>" not in words.html
    assert "&lt;script&gt;" in words.html
    assert "<script>alert(1)</script>" in words.text


def test_a_subject_stays_one_line():
    with translation.override("ko"):
        notice = Notice(
            kind="project_decided",
            params={"project": "a\nBcc: x@example.com", "state": "selected", "reason": ""},
        )

        assert notice.subject == "과제 처리 결과가 나왔습니다: a"


def test_the_link_leads_to_the_portal(settings):
    settings.SITE_URL = "https://ieum.example/"

    words = words_of("company_verified", {"company": COMPANY}, "ko")

    assert words.text.count("https://ieum.example/start/") == 1
    assert 'href="https://ieum.example/start/"' in words.html


def test_a_message_whose_link_was_wiped_has_no_button():
    notice = Notice(kind="account_reset_password", params={}, recipient=None, email="a@example.com", link="")

    words = notice.in_words()

    assert "href=" not in words.html
    assert "비밀번호 정하기" not in words.text
