"""The commands for one person: ``receipt`` checks a handed-in list, ``prove`` a result. See ``__main__``."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matching.engine.prove import Proof, check_proof
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
    proving = commands.add_parser("prove", help="check your own result", epilog=epilog)
    proving.set_defaults(command=run(_prove))
    proving.add_argument("--lines", metavar="HEX", help="the root of the lines of admission, as published")
    proving.add_argument("--commitment", metavar="HEX", help="the commitment of the draw, as published")
    for command in (checking, proving):
        command.add_argument("file", type=Path, metavar="mine.json")
        command.add_argument("--root", metavar="HEX", help="the root of the receipts, as published")
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


def _prove(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    proof = Proof.from_json(_content(options.file, LARGEST_RECEIPT))
    faults = check_proof(proof, root=options.root, lines=options.lines, commitment=options.commitment)
    published = {"lines": proof.lines_root, "commitment": proof.commitment}
    if proof.receipt is not None and proof.receipt.root is not None:
        published = {"root": proof.receipt.root, **published}
    words = [say(code, options.lang, project=proof.matched) for code in faults or [_outcome(proof)]]
    if not faults:
        given = vars(options)
        words += [
            say("compare", options.lang, name=say(f"name_{name}", options.lang), value=value)
            for name, value in published.items()
            if given[name] is None
        ]
    found = {
        "proved": not faults,
        "faults": faults,
        "trainee": proof.trainee,
        "matched": proof.matched,
        "wishes": [wish.project for wish in proof.wishes],
        "draw": proof.draw,
        "market_sha256": proof.market_sha256,
        "result_sha256": proof.result_sha256,
        **published,
    }
    return found, words


def _outcome(proof: Proof) -> str:
    """Which sentence a proved result is told in."""
    if proof.fixed:
        return "proved_fixed"
    if not proof.wishes:
        return "proved_nothing_wished"
    return "proved_matched" if proof.matched else "proved_unmatched"


def _content(path: Path, most: int) -> bytes:
    """The file, or one byte more than is read of it; a device without end does no harm."""
    with path.open("rb") as file:
        return file.read(most + 1)
