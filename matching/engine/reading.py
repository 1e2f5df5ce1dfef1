"""Reading JSON that nobody has vouched for: every fault is collected with its place, none is thrown early."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from matching.engine.canonical import LARGEST_INTEGER

__all__ = ["LARGEST_FILE", "Fault", "InputError", "Place", "Reader", "pointer"]

LARGEST_FILE = 256 * 2**20  # bytes; 100 000 trainees with ten wishes and scores take about 30 MB
LONGEST_NUMBER = 40  # digits; longer integers are too large anyway and slow to convert

Place = tuple[str | int, ...]
Detail = str | int | float

MESSAGES = {
    "both_forms": "company {company!r} gives a ranking and its project {project!r} gives scores",
    "control_character": "a NUL character is not allowed here",
    "duplicate_draw": "draw number {number} is already taken by {holder!r}",
    "duplicate_id": "{id!r} is listed twice",
    "duplicate_key": "the key {key!r} stands twice in one object",
    "duplicate_rank": "trainee {trainee!r} is already ranked further up",
    "duplicate_wish": "project {project!r} is already ranked further up",
    "empty": "this may not be empty",
    "fixed_over_company": "{fixed} fixed placements for the {capacity} places of company {company!r}",
    "fixed_over_project": "{fixed} fixed placements for the {capacity} places of project {project!r}",
    "fixed_over_school_cap": "{fixed} fixed placements of school {school!r} at project {project!r}, cap {cap}",
    "fixed_twice": "trainee {trainee!r} is already fixed to project {project!r}",
    "lone_surrogate": "a lone surrogate is not text",
    "missing": "the key {key!r} is missing",
    "negative": "{number} is negative",
    "not_a_circle": "expected school, project, company or closed",
    "not_a_hash": "expected 64 lower-case hexadecimal digits",
    "not_a_side": "expected left or right",
    "not_a_state": "expected open, closed, refused or absent",
    "not_finite": "this is not a finite number",
    "not_json": "not JSON: {reason} (line {line}, column {column})",
    "not_utf8": "not UTF-8 at byte {byte}",
    "not_whole": "{number} is not a whole number",
    "too_big": "more than {bytes} bytes",
    "too_deep": "nested too deeply",
    "too_large": "a number here is at most {largest}",
    "unknown_company": "company {company!r} is not in this market",
    "unknown_key": "the key {key!r} has no meaning here",
    "unknown_project": "project {project!r} is not in this market",
    "unknown_trainee": "trainee {trainee!r} is not in this market",
    "wrong_format": "expected the format {expected!r}",
    "wrong_length": "expected {expected} entries, found {found}",
    "wrong_type": "expected {expected}, found {found}",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file.

    Attributes
    ----------
    place : str
        JSON pointer (RFC 6901) into the file; empty for the whole file.
    code : str
        A key of ``MESSAGES``.
    details : mapping of str to str, int or float
        The ids and numbers that fill the message.
    """

    place: str
    code: str
    details: Mapping[str, Detail] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The fault in English, for whoever reads a command's output."""
        clipped = {name: _clipped(detail) for name, detail in self.details.items()}
        return MESSAGES[self.code].format_map(clipped)

    def __str__(self) -> str:
        return f"{_printable(self.place) or '/'}: {self.code}: {self.message}"


class InputError(ValueError):
    """An unusable file; ``faults`` lists everything that is wrong with it, in reading order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Reader:
    """Checks a document piece by piece and remembers each fault.

    Every method returns the piece if it is sound and ``None`` (or nothing to iterate over) if it is not,
    so that reading goes on behind a fault and the next one is found too.
    """

    def __init__(self, error: type[InputError]) -> None:
        self.faults: list[Fault] = []
        self.error = error

    def fault(self, place: Place, code: str, **details: Detail) -> None:
        self.faults.append(Fault(pointer(place), code, details))

    def stop(self, code: str, **details: Detail) -> NoReturn:
        """Give up: what is left cannot be read at all."""
        self.fault((), code, **details)
        raise self.error(self.faults)

    def finish(self) -> None:
        """Raise the collected faults, if there are any."""
        if self.faults:
            raise self.error(self.faults)

    def document(self, source: object) -> object:
        """Turn text or bytes into a document; anything else is taken for a document already."""
        if isinstance(source, bytes | str):
            return self._parsed(source)
        return source

    def entries(self, value: object, place: Place) -> Iterator[tuple[int, object]]:
        """Positions and items of an array."""
        if isinstance(value, list | tuple):
            yield from enumerate(value)
        else:
            self._wrong_type(place, "an array", value)

    def members(self, value: object, place: Place) -> Iterator[tuple[str, object]]:
        """Keys and items of an object whose keys are ids."""
        if not isinstance(value, Mapping):
            self._wrong_type(place, "an object", value)
            return
        for key, item in value.items():
            if self.text(key, (*place, str(key))) is not None:
                yield key, item

    def record(
        self, value: object, place: Place, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, object] | None:
        """An object with known keys: the required ones are there, and none that means nothing."""
        if not isinstance(value, Mapping):
            self._wrong_type(place, "an object", value)
            return None
        for key in value:
            if key not in required and key not in optional:
                self.fault(place, "unknown_key", key=str(key))
        absent = [key for key in required if key not in value]
        for key in absent:
            self.fault(place, "missing", key=key)
        return value

    def format(self, record: Mapping[str, object], expected: str) -> None:
        if record.get("format", expected) != expected:
            self.fault(("format",), "wrong_format", expected=expected)

    def text(self, value: object, place: Place, *, may_be_empty: bool = False) -> str | None:
        """A text that UTF-8 can hold; an id, unless it may be empty."""
        if not isinstance(value, str):
            self._wrong_type(place, "a text", value)
        elif not value and not may_be_empty:
            self.fault(place, "empty")
        elif "\0" in value:
            self.fault(place, "control_character")
        elif not _is_unicode(value):
            self.fault(place, "lone_surrogate")
        else:
            return value
        return None

    def whole(self, value: object, place: Place) -> int | None:
        """A whole number from 0; JSON knows one kind of number, so 3.0 is 3."""
        number = self.number(value, place)
        if number is not None and number != int(number):
            self.fault(place, "not_whole", number=number)
            return None
        return None if number is None else int(number)

    def number(self, value: object, place: Place) -> int | float | None:
        """A finite number from 0 that a double holds exactly; -0.0 is 0."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong_type(place, "a number", value)
        elif isinstance(value, float) and not math.isfinite(value):
            self.fault(place, "not_finite")
        elif value > LARGEST_INTEGER:
            self.fault(place, "too_large", largest=LARGEST_INTEGER)
        elif value < 0:
            self.fault(place, "negative", number=max(value, -LARGEST_INTEGER))
        else:
            return value or 0
        return None

    def _wrong_type(self, place: Place, expected: str, value: object) -> None:
        self.fault(place, "wrong_type", expected=expected, found=_kind(value))

    def _parsed(self, source: bytes | str) -> object:
        if len(source) > LARGEST_FILE:
            self.stop("too_big", bytes=LARGEST_FILE)
        repeated: list[tuple[dict[str, object], str]] = []

        def collect(pairs: list[tuple[str, object]]) -> dict[str, object]:
            found = dict(pairs)
            if len(found) < len(pairs):
                times = Counter(key for key, _ in pairs)
                repeated.extend((found, key) for key in found if times[key] > 1)
            return found

        try:
            text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
            document = json.loads(text, object_pairs_hook=collect, parse_int=_integer)
        except UnicodeDecodeError as error:
            self.stop("not_utf8", byte=error.start)
        except json.JSONDecodeError as error:
            self.stop("not_json", reason=error.msg, line=error.lineno, column=error.colno)
        except RecursionError:
            self.stop("too_deep")
        self._place_repeated(document, repeated)
        return document

    def _place_repeated(self, document: object, repeated: list[tuple[dict[str, object], str]]) -> None:
        """Find where the objects with a doubled key stand; the parser does not say."""
        if not repeated:
            return
        places = {id(value): place for place, value in _walk(document) if isinstance(value, dict)}
        for found, key in repeated:
            # An object inside the first of two equal keys is gone with it; the outer one is reported.
            if id(found) in places:
                self.fault(places[id(found)], "duplicate_key", key=key)


def pointer(place: Place) -> str:
    """A place as a JSON pointer: ``("projects", 0, "a/b")`` is ``/projects/0/a~1b``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _walk(document: object) -> Iterator[tuple[Place, object]]:
    waiting: list[tuple[Place, object]] = [((), document)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        if isinstance(value, dict):
            waiting.extend(((*place, key), item) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend(((*place, position), item) for position, item in enumerate(value))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(digits: str) -> int:
    return int(digits[:LONGEST_NUMBER])


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "an array"
    return type(value).__name__


def _clipped(detail: Detail) -> Detail:
    return detail[:80] + "…" if isinstance(detail, str) and len(detail) > 80 else detail


def _printable(place: str) -> str:
    shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in place)
    return shown[:200]
