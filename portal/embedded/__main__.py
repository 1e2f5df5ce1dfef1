"""``python -m portal.embedded``: the command line behind the Makefile."""

import argparse
import sys

from portal.embedded import supervisor
from portal.embedded.console import print_utf8, say
from portal.embedded.problem import SetupError


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    for mode, meaning in (
        ("demo", "services, schema, demo data, one night, then serve"),
        ("dev", "the same, reloading"),
    ):
        demo = modes.add_parser(mode, help=meaning)
        demo.add_argument("--once", action="store_true", help="do everything but serve, and print a summary")
        demo.add_argument("--fresh", action="store_true", help="drop the embedded data first")
    modes.add_parser(
        "test", help="pytest with throw-away services; further arguments are pytest's", add_help=False
    )
    run = modes.add_parser("run", help="any command with the services of this checkout")
    run.add_argument(
        "--throwaway", action="store_true", help="with services of its own that are deleted afterwards"
    )
    run.add_argument("command", nargs=argparse.REMAINDER, help="after two dashes")
    options, rest = parser.parse_known_args(arguments)
    if rest and options.mode != "test":
        parser.error(f"unknown: {' '.join(rest)}")

    print_utf8()
    try:
        match options.mode:
            case "test":
                return supervisor.test(rest)
            case "run":
                command = options.command[1:] if options.command[:1] == ["--"] else options.command
                if not command:
                    run.error("which command?")
                return supervisor.run(command, throwaway=options.throwaway)
            case mode:
                return supervisor.demo(once=options.once, fresh=options.fresh, reload=mode == "dev")
    except SetupError as problem:
        say(f"\n{problem}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
