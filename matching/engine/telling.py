"""What the commands for one person say in words; everything else here speaks in codes. The words are data: words.json."""

import json
from functools import cache
from pathlib import Path

__all__ = ["LANGUAGES", "say"]

LANGUAGES = ("ko", "en")


def say(code: str, language: str, **facts: object) -> str:
    """One sentence for a code, in one of ``LANGUAGES``."""
    return _words()[code][language].format(**facts)


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
    return words
