"""Is every Korean source string in the English catalogue, and is every compiled file fresh?

``--write`` adds what is missing (empty, to be translated), drops what is gone, and compiles. No gettext programs are
needed: sources are read with Python's and Django's own parsers, catalogues with polib.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

PACKAGES = ("portal", "projects", "matching")
SIMPLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
BOTH = {"npgettext", "npgettext_lazy"}
#: What ``templatize`` leaves of a translate tag: ``gettext(u'…')``, ``ngettext(u'…',u'…',count)``, ``pgettext(u'…',u'…')``,
#: ``npgettext(u'…',u'…',u'…',count)``; of a string among another tag's arguments: ``_("…")``.
CALL = re.compile(
    r"""(?<!\w)(?:(np|n|p)?gettext|_)\(((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,?\s*)+)""", re.DOTALL
)
TEXT = re.compile(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)
HANGUL = re.compile("[가-힣]")
HOLE = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]")


class Message(NamedTuple):
    """One string to translate."""

    text: str
    plural: str = ""
    context: str = ""


def in_python(source: str) -> Iterator[Message]:
    """Every literal handed to a gettext function."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if name in SIMPLE and texts:
            yield Message(texts[0])
        elif name in PLURAL and len(texts) > 1:
            yield Message(texts[0], plural=texts[1])
        elif name in CONTEXT and len(texts) > 1:
            yield Message(texts[1], context=texts[0])
        elif name in BOTH and len(texts) > 2:
            yield Message(texts[1], plural=texts[2], context=texts[0])


def in_template(source: str) -> Iterator[Message]:
    """Every string of a translate or blocktranslate tag, and of ``_("…")`` in tag arguments."""
    for call in CALL.finditer(templatize(source)):
        texts = [ast.literal_eval(text) for text in TEXT.findall(call.group(2))]
        if call.group(1) == "n":
            yield Message(texts[0], plural=texts[1])
        elif call.group(1) == "p":
            yield Message(texts[1], context=texts[0])
        elif call.group(1) == "np":
            yield Message(texts[1], plural=texts[2], context=texts[0])
        else:
            yield Message(texts[0])


def messages(root: Path) -> dict[Message, str]:
    """Every string of the source tree -> the first file it stands in."""
    found: dict[Message, str] = {}
    python = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    templates = sorted(path for path in (root / "templates").rglob("*") if path.suffix in (".html", ".txt"))
    for path, read in [(path, in_python) for path in python] + [(path, in_template) for path in templates]:
        if "migrations" in path.parts or path.name == "check_translations.py":
            continue
        for message in read(path.read_text(encoding="utf-8")):
            if message.text.strip():
                found.setdefault(message, path.relative_to(root).as_posix())
    return found


def problems(catalogue: polib.POFile, wanted: dict[Message, str]) -> list[str]:
    """What a reader of English would trip over."""
    entries = {
        Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or ""): entry
        for entry in catalogue
        if not entry.obsolete
    }
    said = [
        f"missing: {message.text!r} ({place})" for message, place in wanted.items() if message not in entries
    ]
    for message, entry in entries.items():
        words = list(entry.msgstr_plural.values()) if message.plural else [entry.msgstr]
        if message not in wanted:
            said.append(f"no longer used: {message.text!r}")
        elif entry.fuzzy or not all(words):
            said.append(f"not translated: {message.text!r} ({wanted[message]})")
        else:
            said += _broken(message, words)
    return said


def _broken(message: Message, words: list[str]) -> list[str]:
    holes = set(HOLE.findall(message.text))
    said = []
    for word in words:
        if set(HOLE.findall(word)) - holes:
            said.append(f"names a value the source does not have: {message.text!r}")
        elif not message.plural and set(HOLE.findall(word)) != holes:  # "one day left" needs no number
            said.append(f"leaves out a value of the source: {message.text!r}")
        if HANGUL.search(word):
            said.append(f"still Korean: {message.text!r}")
    return said


class Command(BaseCommand):
    help = "Check that the English catalogue is complete and its compiled file fresh."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="add what is missing, drop what is gone, compile"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "locale" / "en" / "LC_MESSAGES"
        path, compiled = folder / "django.po", folder / "django.mo"
        wanted = messages(settings.BASE_DIR)
        if options["write"]:
            write(path, compiled, wanted)
            for other in catalogues():
                polib.pofile(str(other)).save_as_mofile(str(other.with_suffix(".mo")))
        said = problems(polib.pofile(str(path)), wanted)
        said += [
            f"{stale} is not fresh: run manage.py check_translations --write" for stale in not_compiled()
        ]
        for line in said[:40]:
            self.stderr.write(line)
        if said:
            raise CommandError(f"{len(said)} problems in {path.relative_to(settings.BASE_DIR)}")
        self.stdout.write(f"{len(wanted)} strings, all in English")


def catalogues() -> list[Path]:
    """The English one, and Django's own phrases in our Korean words (``locale/ko``, kept complete by a test)."""
    return sorted((settings.BASE_DIR / "locale").rglob("*.po"))


def not_compiled() -> list[str]:
    """Compiled files that say something else than their source."""
    return [
        compiled.relative_to(settings.BASE_DIR).as_posix()
        for path in catalogues()
        for compiled in [path.with_suffix(".mo")]
        if not compiled.exists() or compiled.read_bytes() != polib.pofile(str(path)).to_binary()
    ]


def write(path: Path, compiled: Path, wanted: dict[Message, str]) -> None:
    """Bring the catalogue up to the sources, keeping every translation; sorted, without dates or line numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    known = {
        Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or ""): entry
        for entry in old
        if not entry.obsolete
    }
    new = polib.POFile(wrapwidth=110)
    new.metadata = {
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for message in sorted(wanted):
        entry = known.get(message) or polib.POEntry(msgid=message.text)
        if message.plural and not entry.msgid_plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: "", 1: ""}
        if message.context:
            entry.msgctxt = message.context
        entry.occurrences, entry.flags = (
            [(wanted[message], "")],
            [flag for flag in entry.flags if flag == "fuzzy"],
        )
        new.append(entry)
    new.save(str(path))
    new.save_as_mofile(str(compiled))
