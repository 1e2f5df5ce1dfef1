"""The English catalogue: complete here and now, and the check that keeps it so."""

import shutil
from io import StringIO

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from portal.ui.management.commands.check_translations import (
    HANGUL,
    Message,
    in_python,
    in_template,
    messages,
    problems,
    write,
)

SOURCE = """{% load i18n %}
<h1>{% translate "희망 순위" %}</h1>
<p>{% blocktranslate count count=places %}자리 {{ count }}개{% plural %}자리 {{ count }}개{% endblocktranslate %}</p>
"""


# --- the catalogue of this repository --------------------------------------------------------------


def test_the_english_catalogue_is_complete_and_compiled():
    said = StringIO()

    call_command("check_translations", stdout=said)

    assert said.getvalue() == f"{len(messages(settings.BASE_DIR))} strings, all in English\n"


def test_every_kind_of_translation_reaches_the_page():
    with translation.override("en"):
        shown = (
            translation.gettext("희망 순위"),
            translation.pgettext("verb", "선정"),
            translation.gettext("선정"),
            translation.ngettext("%(count)d명", "%(count)d명", 1) % {"count": 1},
            translation.ngettext("%(count)d명", "%(count)d명", 3) % {"count": 3},
        )

    assert shown == ("Rank list", "Select", "Selected", "1 person", "3 people")


def test_a_context_changes_nothing_in_korean():
    with translation.override("ko"):
        shown = translation.pgettext("verb", "선정"), translation.pgettext("unit", "과제")

    assert shown == ("선정", "과제")


@pytest.mark.parametrize(
    "name",
    [
        "home:home",
        "home:help",
        "home:privacy",
        "home:terms",
        "home:accessibility",
        "projects:project-list",
        "account_login",
        "account_signup",
        "account_reset_password",
    ],
)
def test_an_english_page_holds_no_korean_but_the_name_of_the_language(client, db, name):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = client.get(reverse(name)).content.decode()

    assert [line for line in page.replace("한국어", "").splitlines() if HANGUL.search(line)] == []


# --- what it finds in the sources ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "희망 순위" %}', [Message("희망 순위")]),
        ("{% translate '희망 순위' as label %}", [Message("희망 순위")]),
        ('{% translate "선정" context "verb" %}', [Message("선정", context="verb")]),
        (
            "{% blocktranslate trimmed %}\n  첫 줄\n  둘째 줄\n{% endblocktranslate %}",
            [Message("첫 줄 둘째 줄")],
        ),
        (
            "{% blocktranslate with day=call.announce_on %}{{ day }}까지 100%{% endblocktranslate %}",
            [Message("%(day)s까지 100%%")],
        ),
        (
            "{% blocktranslate count n=rows %}{{ n }}건{% plural %}{{ n }}건씩{% endblocktranslate %}",
            [Message("%(n)s건", plural="%(n)s건씩")],
        ),
        (
            '{% blocktranslate context "unit" %}과제{% endblocktranslate %}',
            [Message("과제", context="unit")],
        ),
        (
            '{% blocktranslate count n=rows context "unit" %}하나{% plural %}여럿{% endblocktranslate %}',
            [Message("하나", plural="여럿", context="unit")],
        ),
        ('{% note "warn" title=_("이렇게 됩니다") %}', [Message("이렇게 됩니다")]),
        ('{% breadcrumbs _("설정") url _("언어") %}', [Message("설정"), Message("언어")]),
        ('{{ _("없음") }}', [Message("없음")]),
        ('{{ name|default:_("이름 없음") }}', [Message("이름 없음")]),
        ("{% translate '‘담기’를 \"누르면\"' %}", [Message('‘담기’를 "누르면"')]),
        ('{% comment %}{% translate "쓰지 않음" %}{% endcomment %}', []),
        ("<p>gettext('표시하지 않은 글')</p>", []),
        ("{% translate label %}", []),
    ],
)
def test_in_template_finds_the_strings_of_every_tag(source, found):
    assert list(in_template(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("희망 순위")', [Message("희망 순위")]),
        ('gettext("희망 순위")', [Message("희망 순위")]),
        ('gettext_lazy("희망 순위")', [Message("희망 순위")]),
        ('translation.gettext_noop("희망 순위")', [Message("희망 순위")]),
        ('_("긴 문장은 " "둘로 나눈다")', [Message("긴 문장은 둘로 나눈다")]),
        ('ngettext("%(n)d건", "%(n)d건씩", n)', [Message("%(n)d건", plural="%(n)d건씩")]),
        ('ngettext_lazy("하나", "여럿", "n")', [Message("하나", plural="여럿")]),
        ('pgettext("verb", "선정")', [Message("선정", context="verb")]),
        ('pgettext_lazy("verb", "선정")', [Message("선정", context="verb")]),
        ('npgettext("unit", "하나", "여럿", n)', [Message("하나", plural="여럿", context="unit")]),
        ('npgettext_lazy("unit", "하나", "여럿", "n")', [Message("하나", plural="여럿", context="unit")]),
        ("_(label)", []),
        ('print("희망 순위")', []),
    ],
)
def test_in_python_finds_the_strings_of_every_function(source, found):
    assert list(in_python(source)) == found


# --- what it says about a catalogue ----------------------------------------------------------------

WISHES = Message("희망 순위")
DAYS = Message("%(days)s일", plural="%(days)s일")
UNTIL = Message("%(day)s까지")
VERB = Message("선정", context="verb")
WANTED = {
    WISHES: "projects/rankings/views.py",
    DAYS: "templates/a.html",
    VERB: "projects/admin.py",
    UNTIL: "templates/b.html",
}


def catalogue_of(*entries: polib.POEntry) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.extend(entries)
    return catalogue


def good() -> list[polib.POEntry]:
    return [
        polib.POEntry(msgid="희망 순위", msgstr="Rank list"),
        polib.POEntry(
            msgid="%(days)s일",
            msgid_plural="%(days)s일",
            msgstr_plural={0: "%(days)s day", 1: "%(days)s days"},
        ),
        polib.POEntry(msgid="선정", msgctxt="verb", msgstr="Select"),
        polib.POEntry(msgid="%(day)s까지", msgstr="until %(day)s"),
    ]


def test_a_good_catalogue_has_no_problems():
    assert problems(catalogue_of(*good()), WANTED) == []


def _drop(entries):
    del entries[0]


def _empty(entries):
    entries[0].msgstr = ""


def _half_a_plural(entries):
    entries[1].msgstr_plural = {0: "%(days)s day", 1: ""}


def _fuzzy(entries):
    entries[0].flags.append("fuzzy")


def _wrong_hole(entries):
    entries[1].msgstr_plural = {0: "%(day)s day", 1: "%(days)s days"}


def _no_hole(entries):
    entries[3].msgstr = "until then"


def _one_without_number(entries):
    entries[1].msgstr_plural = {0: "one day", 1: "%(days)s days"}


def _korean(entries):
    entries[0].msgstr = "Rank 목록"


def _unused(entries):
    entries.append(polib.POEntry(msgid="지난 글", msgstr="Old text"))


def _obsolete(entries):
    entries[0].obsolete = True


def _other_context(entries):
    entries[2].msgctxt = "state"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_drop, ["missing: '희망 순위' (projects/rankings/views.py)"]),
        (_obsolete, ["missing: '희망 순위' (projects/rankings/views.py)"]),
        (_empty, ["not translated: '희망 순위' (projects/rankings/views.py)"]),
        (_fuzzy, ["not translated: '희망 순위' (projects/rankings/views.py)"]),
        (_half_a_plural, ["not translated: '%(days)s일' (templates/a.html)"]),
        (_wrong_hole, ["names a value the source does not have: '%(days)s일'"]),
        (_no_hole, ["leaves out a value of the source: '%(day)s까지'"]),
        (_one_without_number, []),
        (_korean, ["still Korean: '희망 순위'"]),
        (_unused, ["no longer used: '지난 글'"]),
        (_other_context, ["missing: '선정' (projects/admin.py)", "no longer used: '선정'"]),
    ],
)
def test_a_broken_catalogue_is_caught(spoil, said):
    entries = good()
    spoil(entries)

    assert problems(catalogue_of(*entries), WANTED) == said


# --- the command, on a tree of its own -------------------------------------------------------------


@pytest.fixture
def tree(tmp_path, settings):
    """A source tree with one page, and nothing translated yet."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(SOURCE, encoding="utf-8")
    settings.BASE_DIR = tmp_path
    return tmp_path


def translate(path) -> None:
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "%(count)s place", 1: "%(count)s places"}
        else:
            entry.msgstr = "Rank list"
    catalogue.save(str(path))


def test_write_adds_what_is_missing_and_refuses_until_it_is_translated(tree):
    path = tree / "locale" / "en" / "LC_MESSAGES" / "django.po"

    with pytest.raises(CommandError, match=r"^2 problems in locale/en/LC_MESSAGES/django\.po$"):
        call_command("check_translations", write=True, stderr=StringIO())

    assert [entry.msgid for entry in polib.pofile(str(path))] == ["자리 %(count)s개", "희망 순위"]


def test_a_stale_compiled_file_is_caught_until_it_is_written(tree, capsys):
    path = tree / "locale" / "en" / "LC_MESSAGES" / "django.po"
    write(path, path.with_suffix(".mo"), messages(tree))
    translate(path)

    with pytest.raises(CommandError, match=r"^1 problems"):
        call_command("check_translations")
    stale = capsys.readouterr().err
    call_command("check_translations", write=True)

    assert stale == "locale/en/LC_MESSAGES/django.mo is not fresh: run manage.py check_translations --write\n"
    assert capsys.readouterr().out == "2 strings, all in English\n"


def test_write_keeps_translations_and_drops_what_is_gone(tree):
    path = tree / "locale" / "en" / "LC_MESSAGES" / "django.po"
    write(path, path.with_suffix(".mo"), messages(tree))
    translate(path)
    (tree / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "희망 순위" %}', encoding="utf-8"
    )

    call_command("check_translations", write=True, stdout=StringIO())

    kept = [(entry.msgid, entry.msgstr) for entry in polib.pofile(str(path))]
    assert kept == [("희망 순위", "Rank list")]


def test_writing_twice_changes_nothing(tmp_path):
    path, compiled = tmp_path / "django.po", tmp_path / "django.mo"
    shutil.copy(settings.BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po", path)
    wanted = messages(settings.BASE_DIR)
    write(path, compiled, wanted)
    before = path.read_bytes(), compiled.read_bytes()

    write(path, compiled, wanted)

    assert (path.read_bytes(), compiled.read_bytes()) == before
