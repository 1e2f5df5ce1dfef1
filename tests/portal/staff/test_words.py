"""Every phrase Django itself brings to our admin is in our own words, in ``locale/ko``."""

import json
import re

import polib
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.urls import reverse
from django.utils import dates, translation

from portal.schools.models import School
from portal.trainees.models import Skill
from tests.factories import FieldFactory, SkillFactory

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
