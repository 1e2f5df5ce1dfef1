"""The commands for one person: ``receipt`` checks a handed-in list, ``prove`` a result. See ``__main__``."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matching.engine.receipt import LARGEST_RECEIPT, Receipt, check_receipt
from matching.engine.telling import LANGUAGES, say

__all__ = ["add_commands"]

PROVED, NOT_PROVED = 0, 1


def add_commands(
    commands: Any, epilog: str, answer: Callable[[object], None], tell: Callable[[str], None]
) -> None:
    """Add both to the command line; ``answer`` writes JSON, ``tell`` a line of words."""

    def run(check: Callable[[argparse.Namespace], tuple[dict[str, Any], list[str]]]) -> Callable[..., int]:
        def command(options: argparse.Namespace) -> int:
            found, words = check(options)
            answer(found)
            for line in words:
                tell(line)
            return PROVED if found["proved"] else NOT_PROVED

        return command

    checking = commands.add_parser("receipt", help="check your own receipt", epilog=epilog)
    checking.set_defaults(command=run(_receipt))
    for command in (checking,):
        command.add_argument("file", type=Path, metavar="mine.json")
        command.add_argument("--root", metavar="HEX", help="the root as the call's page shows it")
        command.add_argument("--lang", choices=LANGUAGES, default="ko", help="language of the words")


def _receipt(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    receipt = Receipt.from_json(_content(options.file, LARGEST_RECEIPT))
    faults = check_receipt(receipt, options.root)
    words = [say(code, options.lang) for code in faults or ["receipt_proved"]]
    if not faults and options.root is None:
        words.append(say("compare_root", options.lang, root=receipt.root))
    found = {
        "proved": not faults,
        "faults": faults,
        "call": receipt.call,
        "lines": len(receipt.items),
        "receipt": receipt.receipt,
        "root": receipt.root,
    }
    return found, words


def _content(path: Path, most: int) -> bytes:
    """The file, or one byte more than is read of it; a device without end does no harm."""
    with path.open("rb") as file:
        return file.read(most + 1)
