"""Every phrase Django itself brings to our admin is in our own words, in ``locale/ko``."""

import ast
import datetime as dt
import html
import json
import re
from importlib import import_module

import polib
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.urls import reverse
from django.utils import dates, timezone, translation

from portal.audit.actions import record
from portal.audit.models import Event
from portal.audit.words import VERBS, seen_words
from portal.jobs.models import NightRun
from portal.notices.words import KINDS
from portal.schools.models import School
from portal.trainees.models import Skill
from portal.workflow import Workflow
from tests.factories import CallFactory, CompanyFactory, FieldFactory, SkillFactory

ADMINS = sorted(admin.site._registry.values(), key=lambda one: one.opts.label)
HANGUL = re.compile("[가-힣]")
#: Names of days and months stand in dates; Django's Korean for them is what everybody writes.
with translation.override("en"):
    CALENDAR = {
        str(name)
        for names in (
            dates.WEEKDAYS,
            dates.WEEKDAYS_ABBR,
            dates.MONTHS,
            dates.MONTHS_3,
            dates.MONTHS_AP,
            dates.MONTHS_ALT,
        )
        for name in names.values()
    }


def catalogue(domain):
    return polib.pofile(settings.BASE_DIR / "locale" / "ko" / "LC_MESSAGES" / f"{domain}.po")


@pytest.fixture
def asked(monkeypatch):
    """Every phrase that is looked up while pages are made, except our own Korean ones."""
    found = set()
    trans = translation._trans
    for name, at in (("gettext", 0), ("ngettext", 0), ("pgettext", 1), ("npgettext", 1)):
        look_up = getattr(trans, name)

        def spy(*args, look_up=look_up, at=at):
            found.add(str(args[at]))
            return look_up(*args)

        monkeypatch.setattr(trans, name, spy)
    return found


def address(noun, name, *args):
    return reverse(f"admin:{noun.opts.app_label}_{noun.opts.model_name}_{name}", args=args)


def walk(office, agency, rf):
    """Everything staff can come to: lists full, searched, empty and chosen from, pages, forms and verbs."""
    request = rf.get("/")
    request.user = agency
    for noun in ADMINS:
        row = noun.model._default_manager.first()
        office.get(address(noun, "changelist"))
        office.get(address(noun, "changelist"), {"q": "zzz"})
        office.get(address(noun, "change", row.pk))
        if noun.add_by:
            office.get(address(noun, "add"))
            office.post(address(noun, "add"), {})
        for verb in noun.verbs:
            url = noun.verb_url(verb, row)
            office.get(url)
            office.post(url, {})
        for action in noun.get_actions(request):
            office.post(address(noun, "changelist"), {"action": action, "index": "0"}, follow=True)
            office.post(
                address(noun, "changelist"), {"action": action, "index": "0", "_selected_action": row.pk}
            )
        office.post(
            address(noun, "changelist"), {"action": "", "index": "0", "_selected_action": row.pk}, follow=True
        )
        office.get(address(noun, "change", 0), follow=True)
    school = {"name": "경남교육원", "region": "창원", "contact_email": ""}
    for button in ("_save", "_addanother", "_continue"):
        office.post(reverse("admin:schools_school_add"), {**school, "name": button, button: "1"}, follow=True)
    row = School.objects.last()
    for button in ("_save", "_addanother", "_continue"):
        office.post(
            reverse("admin:schools_school_change", args=[row.pk]), {**school, button: "1"}, follow=True
        )
    office.get(reverse("admin:index"))
    office.get(reverse("admin:forecast"))


def test_every_phrase_of_django_that_shows_up_is_ours(asked, agency, log_in, fill, rf, monkeypatch):
    for noun in ADMINS:
        monkeypatch.setattr(noun, "list_per_page", 1)
    fill(2)

    walk(log_in(agency), agency, rf)

    theirs = {words for words in asked if words.strip() and not HANGUL.search(words)} - CALENDAR
    assert theirs - {entry.msgid for entry in catalogue("django")} == set()


@pytest.mark.parametrize("noun", ADMINS, ids=lambda one: one.opts.label)
def test_every_label_is_korean(noun, agency, fill, rf):
    request = rf.get("/")
    request.user = agency
    fill(1)
    names = [name for name in noun.get_list_display(request) if isinstance(name, str) and name != "__str__"]
    for row in [noun.model._default_manager.first(), *([None] if noun.add_by else [])]:
        names += flatten_fieldsets(noun.get_fieldsets(request, row))

    labels = {name: str(label_for_field(name, noun.model, noun)) for name in names}

    assert {name: label for name, label in labels.items() if not HANGUL.search(label)} == {}


def test_scripts_speak_our_words(office):
    script = office.get(reverse("admin:jsi18n")).text

    assert json.dumps("이 쪽의 %(cnt)s건 가운데 %(sel)s건을 골랐습니다") in script
    assert json.dumps("중에 선택됨")[1:-1] not in script


def test_fixed_lists_are_read_in_the_language_of_the_page(db):
    field, skill = FieldFactory(name="자연어 처리", name_en="Natural language"), SkillFactory(name="통계")
    Skill.objects.filter(pk=skill.pk).update(name_en="Statistics")
    skill.refresh_from_db()

    korean = (str(field), str(skill))
    with translation.override("en"):
        english = (str(field), str(skill))

    assert korean == ("자연어 처리", "통계")
    assert english == ("Natural language", "Statistics")


# --- what the history says ------------------------------------------------------------------------------------


def verbs_written():
    """Every move of every workflow, every verb of staff, every verb an action writes into the history."""
    found = {verb.name for noun in ADMINS for verb in noun.verbs if verb.name != "queue_run"}
    for path in sorted(settings.BASE_DIR.glob("*/**/states.py")):
        if path.parts[len(settings.BASE_DIR.parts)] not in ("portal", "projects", "matching"):
            continue
        module = import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
        found |= {
            move for thing in vars(module).values() if isinstance(thing, Workflow) for move in thing.moves
        }
    for package in ("portal", "projects", "matching"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(getattr(node, "func", None), "id", "")
                if name in ("record", "record_all") and isinstance(node.args[0], ast.Constant):
                    found.add(node.args[0].value)
    return found


def test_every_verb_of_the_history_has_words():
    assert verbs_written() - set(VERBS) == set()


def test_every_kind_of_message_has_words():
    folder = settings.BASE_DIR / "templates" / "notices"
    kinds = {path.stem for path in folder.glob("*.txt") if not path.name.startswith("_")}

    assert set(KINDS) == kinds


def test_history_is_read_and_searched_in_words(office, operator):
    company = CompanyFactory(state="unverified")
    record("suspend_company", company, by=operator, was="verified", reason="허위", until=dt.date(2031, 3, 4))

    response = office.get(reverse("admin:audit_event_changelist"), {"q": "참여를 제한"})

    assert response.context["cl"].result_count == 1
    assert "참여를 제한함" in response.text
    row = response.context["cl"].result_list[0]
    shown = admin.site._registry[Event].change(row)
    assert shown == "확인됨 → 확인 전 · 까지 2031년 3월 4일(화) · 사유 허위"
    assert shown in html.unescape(response.text)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("trainees.trainee", "참여자"),
        ("trainees.trainee.list", "참여자 목록"),
        ("trainees.trainee.contact", "참여자 연락처"),
        ("matching.match.list", "배정표"),
        ("candidates", "후보 목록"),
        ("evidence:17", "채용 증빙"),
        ("obligations.evidence.contract", "채용 증빙"),
        ("gone.noun", "gone.noun"),
    ],
)
def test_what_was_looked_at_is_told_in_words(what, words):
    assert seen_words(what) == words


def test_nights_are_told_in_words(office):
    run = NightRun.objects.create(
        job="matching.run_nightly_matching",
        on=timezone.localdate(),
        finished_at=timezone.now(),
        outcome={"advance": {"closed": 2, "sealed": 0}, "match:3": {"matched": 1}, "fit:3": None},
    )
    NightRun.objects.create(job="matching.run_nightly_matching", on=timezone.localdate(), about="remind:3")

    rows = office.get(reverse("admin:jobs_nightrun_changelist"))
    page = office.get(reverse("admin:jobs_nightrun_change", args=[run.pk]))

    assert "순위 제출 알림(공고 3)" in rows.text
    assert "단계 진행 · 모집을 마감한 공고: 2" in page.text
    assert "매칭(공고 3) · 계산한 매칭: 1" in page.text
    assert "마감한 순위" not in page.text


# --- rows as cards -----------------------------------------------------------------------------------------------


def test_cells_know_the_name_of_their_column(office):
    CompanyFactory(name="한빛정밀", region="")

    page = office.get(reverse("admin:companies_company_changelist")).text

    assert '<th data-label="회사 이름" class="field-name">' in page
    assert 'data-label="대표자" class="field-representative"' in page
    assert 'data-label="지역" data-empty class="field-region"' in page


def test_lists_without_rows_say_so(office):
    nothing = office.get(reverse("admin:projects_call_changelist")).text
    CallFactory()
    not_found = office.get(reverse("admin:projects_call_changelist"), {"q": "zzz"}).text

    assert "아직 없습니다" in nothing
    assert "조건에 맞는 것이 없습니다" in not_found
