"""The command line, for auditors and for us: ``python -m matching.engine solve|check|rematch|explain``."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from matching.engine.canonical import canonical_json
from matching.engine.certificate import check, report
from matching.engine.explain import explain
from matching.engine.market import Market
from matching.engine.personal import add_commands
from matching.engine.reading import LARGEST_FILE, InputError
from matching.engine.result import MODES, RULES, SIDES, Result
from matching.engine.solve import solve
from matching.engine.vacancies import rematch

PROVED, VIOLATED, UNREADABLE = 0, 1, 2

EPILOG = "Exit codes: 0 done or proved, 1 the result fails its check, 2 unreadable input."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer goes to standard output as canonical JSON, faults to standard error."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except InputError as error:
        for fault in error.faults:
            _complain(str(fault))
    except BrokenPipeError:
        # Whoever read our output has left; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as error:
        _complain(str(error))
    except MemoryError:
        _complain("not enough memory for this file")
    return UNREADABLE


def _solve(options: argparse.Namespace) -> int:
    _answer(solve(_market(options), options.rule, options.side).to_json())
    return PROVED


def _check(options: argparse.Namespace) -> int:
    before = None if options.before is None else Result.from_json(_content(options.before))
    found = report(_market(options), _result(options), before)
    for remark in found.remarks:
        _complain(f"remark: {canonical_json(remark.to_json()).decode()}")
    _answer([violation.to_json() for violation in found.violations])
    return VIOLATED if found.violations else PROVED


def _rematch(options: argparse.Namespace) -> int:
    market, result = _market(options), _result(options)
    violations = check(market, result)
    if violations:
        _answer([violation.to_json() for violation in violations])
        _complain("the result fails its check; there is nothing to go on from")
        return VIOLATED
    withdrawn = [one for one in options.withdraw.split(",") if one]
    _answer(rematch(market, result, withdrawn, options.mode).to_json())
    return PROVED


def _explain(options: argparse.Namespace) -> int:
    market, result = _market(options), _result(options)
    violations = check(market, result)
    if violations:
        _answer([violation.to_json() for violation in violations])
        _complain("the result fails its check; there is nothing to explain")
        return VIOLATED
    reasons = explain(market, result, options.trainee)
    matched = result.matching[options.trainee]
    answer = {"trainee": options.trainee, "matched": matched, "reasons": [one.to_json() for one in reasons]}
    _answer(answer)
    return PROVED


def _market(options: argparse.Namespace) -> Market:
    return Market.from_json(_content(options.market))


def _result(options: argparse.Namespace) -> Result:
    return Result.from_json(_content(options.result))


def _content(path: Path) -> bytes:
    """The file, or one byte more than the reader accepts of it; a device without end does no harm."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _answer(answer: object) -> None:
    sys.stdout.buffer.write(canonical_json(answer) + b"\n")
    sys.stdout.buffer.flush()


def _complain(line: str) -> None:
    sys.stderr.write(line + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m matching.engine", description=__doc__, epilog=EPILOG)
    commands = parser.add_subparsers(required=True, metavar="command")
    solving = commands.add_parser("solve", help="write the result of a market", epilog=EPILOG)
    solving.add_argument("--rule", choices=RULES, default="draw", help="how ties fall")
    solving.add_argument("--side", choices=SIDES, default="trainee", help="whom it is best for")
    checking = commands.add_parser("check", help="prove a result, or list its violations", epilog=EPILOG)
    checking.add_argument(
        "--before", type=Path, metavar="FILE", help="the result before vacancies were filled"
    )
    leaving = commands.add_parser("rematch", help="fill the seats of those who leave", epilog=EPILOG)
    leaving.add_argument("--withdraw", required=True, metavar="ID,ID", help="who leaves")
    leaving.add_argument("--mode", choices=MODES, default="chain", help="whether others may move up")
    explaining = commands.add_parser("explain", help="why a trainee got what they got", epilog=EPILOG)
    explaining.add_argument("--trainee", required=True, metavar="ID")
    runs = {solving: _solve, checking: _check, leaving: _rematch, explaining: _explain}
    for command, run in runs.items():
        command.add_argument("market", type=Path, metavar="market.json")
        command.set_defaults(command=run)
    for command in (checking, leaving, explaining):
        command.add_argument("result", type=Path, metavar="result.json")
    add_commands(commands, EPILOG, _answer, _complain)
    return parser


if __name__ == "__main__":
    sys.exit(main())
