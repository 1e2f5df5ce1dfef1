"""``manage.py with_services -- COMMAND…``: run a command against the embedded services."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded import supervisor
from portal.embedded.problem import SetupError


class Command(BaseCommand):
    help = (
        "Runs a command with DATABASE_URL and REDIS_URL set: to those of a running demo, else to servers "
        "started for the duration. Where both are already set, the command simply runs."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--throwaway", action="store_true", help="with servers of its own, deleted afterwards"
        )
        parser.add_argument("command", nargs=argparse.REMAINDER, help="after two dashes")

    def handle(self, *, command: list[str], throwaway: bool, **options: Any) -> None:
        words = command[1:] if command[:1] == ["--"] else command
        if not words:
            raise CommandError("Which command? manage.py with_services -- COMMAND…")
        try:
            sys.exit(supervisor.run(words, throwaway=throwaway))
        except SetupError as problem:
            raise CommandError(str(problem)) from problem
