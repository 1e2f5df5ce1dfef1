"""How words, money, dates and names are written for people.

Plain functions, so that messages can use them as well as templates. Each follows the active language: the Korean form
is the source, the English form is what an English reader expects (particles vanish, 12,345원 becomes KRW 12,345).
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import get_language

WEEKDAYS = "월화수목금토일"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ENGLISH_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# How the sound before a particle ends.
VOWEL, CONSONANT, RIEUL = "vowel", "consonant", "rieul"
DIGIT_ENDS = dict(
    zip(
        "0123456789",
        (CONSONANT, RIEUL, VOWEL, CONSONANT, VOWEL, VOWEL, CONSONANT, RIEUL, RIEUL, VOWEL),
        strict=True,
    )
)
LETTER_ENDS = {
    "l": RIEUL,
    "r": RIEUL,
    "m": CONSONANT,
    "n": CONSONANT,
}  # every other letter's name ends in a vowel
SIGN_ENDS = {"%": VOWEL, "+": VOWEL, "℃": VOWEL, "㎡": VOWEL, "#": CONSONANT}
SHORT_PARTICLES = {
    "을": "을/를", "를": "을/를", "이": "이/가", "가": "이/가", "은": "은/는", "는": "은/는",
    "과": "과/와", "와": "과/와", "으로": "으로/로", "로": "으로/로", "이나": "이나/나", "이라": "이라/라",
}  # fmt: skip
TRAILING_NOISE = " \t\n.,!?…·~:;'\"’”」』》〉>*_"
TRAILING_BRACKETS = re.compile(r"\s*[(\[（［〔【][^()\[\]（）［］〔〕【】]*[)\]）］〕】]$")


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def sound_ending(word: str) -> str | None:
    """How the last sound of a word ends: ``vowel``, ``consonant``, ``rieul``, or None when nobody can tell.

    Brackets at the end are passed over, as the National Institute of Korean Language advises: 한빛정밀(주) ends in 밀.
    """
    text = unicodedata.normalize("NFC", word).rstrip(TRAILING_NOISE)
    bare = text
    while (shorter := TRAILING_BRACKETS.sub("", bare).rstrip(TRAILING_NOISE)) != bare:
        bare = shorter
    text = (bare or text).rstrip(TRAILING_NOISE + ")]）］〕】")
    if not text:
        return None
    last = text[-1]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return VOWEL if final == 0 else RIEUL if final == 8 else CONSONANT
    if last.isascii() and last.isdigit():
        return _number_ending(text)
    if last.isascii() and last.isalpha():
        return LETTER_ENDS.get(last.lower(), VOWEL)
    return SIGN_ENDS.get(last)


def _number_ending(text: str) -> str:
    digits = re.search(r"[\d,.]*\d$", text)[0].replace(",", "")  # type: ignore[index]
    zeros = len(digits) - len(digits.rstrip("0"))
    if "." not in digits and digits.strip("0") and 12 <= zeros < 16:
        return VOWEL  # 조; the other units (십, 백, 천, 만, 억, 경) all end in a consonant
    return DIGIT_ENDS[digits[-1]]


def josa(word: object, particle: str) -> str:
    """The word followed by the right form of a particle, written ``을/를`` or shortly ``을``; in English the bare word."""
    text = str(word)
    if is_english() or not text:
        return text
    after_consonant, after_vowel = SHORT_PARTICLES.get(particle, particle).split("/")
    ending = sound_ending(text)
    if ending is None:
        return f"{text}{after_consonant}({after_vowel})"
    if ending == VOWEL or (ending == RIEUL and after_vowel.startswith("로")):
        return text + after_vowel
    return text + after_consonant


def won(amount: int | None) -> str:
    if amount is None:
        return ""
    return f"KRW {amount:,}" if is_english() else f"{amount:,}원"


def _local(moment: date) -> date:
    return (
        timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment
    )


def kdate(day: date | None) -> str:
    """``11월 22일(일)``, or ``Nov 22 (Sun)``; another year than this one is named. A moment is read in Asia/Seoul."""
    if day is None:
        return ""
    local = _local(day)
    other_year = local.year != timezone.localdate().year
    if is_english():
        year = f", {local.year}" if other_year else ""
        return f"{MONTHS[local.month - 1]} {local.day}{year} ({ENGLISH_WEEKDAYS[local.weekday()]})"
    year = f"{local.year}년 " if other_year else ""
    return f"{year}{local.month}월 {local.day}일({WEEKDAYS[local.weekday()]})"


def kdatetime(moment: date | None) -> str:
    """``11월 22일(일) 18:00``, or ``Nov 22 (Sun) 18:00``, in Asia/Seoul. A plain date gives the same without the time."""
    if not isinstance(moment, datetime):
        return kdate(moment)
    return f"{kdate(moment)} {_local(moment):%H:%M}"


def kstamp(moment: datetime | None) -> str:
    """``2026년 11월 22일(일) 18:00``: on what people keep and print the year stands always."""
    text = kdatetime(moment)
    year = _local(moment).year if moment else 0
    if not moment or str(year) in text:
        return text
    return text.replace(" (", f", {year} (") if is_english() else f"{year}년 {text}"


def points(score: Decimal | float | None) -> str:
    """``82.4``, never ``82.40``."""
    return "" if score is None else f"{Decimal(str(score)).normalize():f}"


def kperiod(first: date | None, last: date | None) -> str:
    """``12월 21일(월) ~ 2027년 11월 30일(화)``; empty without a beginning."""
    return f"{kdate(first)} ~ {kdate(last)}" if first else ""


JOINER, NO_BREAK = "\u2060", "\u00a0"
#: Where a browser would end a line and a reader stumbles: inside a date, after the hyphen of D-3, before the particle
#: that follows a closing quote or bracket, between a number and what is counted.
DATES = re.compile(
    r"(?:\d{4}년 )?\d{1,2}월 \d{1,2}일(?:\([월화수목금토일]\))?|[A-Z][a-z]{2} \d{1,2}(?:, \d{4})? \([A-Z][a-z]{2}\)"
)
HYPHEN = re.compile(r"(?<=\bD-)(?=\d)")
PARTICLE = re.compile(r"(?<=[’”」』)])(?=[가-힣])")


def unbroken(text: object) -> str:
    """The same words for a page, glued with invisible signs where no line may end."""
    glued = DATES.sub(lambda found: found[0].replace(" ", NO_BREAK).replace("(", JOINER + "("), str(text))
    return PARTICLE.sub(JOINER, HYPHEN.sub(JOINER, glued))


def days_left(day: date, today: date | None = None) -> int:
    local = _local(day)
    return ((local.date() if isinstance(local, datetime) else local) - (today or timezone.localdate())).days


def dday(day: date | None, today: date | None = None) -> str:
    """``D-3``, ``오늘``, ``3일 지남``; in English ``3 days left``, ``Today``, ``3 days past``."""
    if day is None:
        return ""
    left = days_left(day, today)
    if is_english():
        days = f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
        return "Today" if left == 0 else f"{days} left" if left > 0 else f"{days} past"
    return "오늘" if left == 0 else f"D-{left}" if left > 0 else f"{-left}일 지남"


def mask_name(name: str) -> str:
    """김*수, 김*, 남**우; a name in Latin letters keeps the first letter of each word."""
    name = (name or "").strip()
    if re.search(r"[A-Za-z]", name):
        return " ".join(part[0] + "*" * (len(part) - 1) for part in name.split())
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_email(address: str) -> str:
    """se***@example.kr: enough to recognise, not enough to write to."""
    name, at, host = (address or "").partition("@")
    return f"{name[:2]}***{at}{host}" if at else ""


def mask_phone(number: object) -> str:
    """010-****-5678, whatever spelling the number came in."""
    digits = re.sub(r"\D", "", str(number or ""))
    if digits.startswith("82"):
        digits = "0" + digits[2:]
    if len(digits) < 8:
        return "*" * len(digits)
    area = 2 if digits.startswith("02") else 3
    return f"{digits[:area]}-{'*' * (len(digits) - area - 4)}-{digits[-4:]}"
