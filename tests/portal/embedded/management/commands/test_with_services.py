import subprocess
import sys

import pytest

from portal.embedded.state import CHECKOUT
from tests.portal.embedded.conftest import CommandLine

pytestmark = pytest.mark.slow


def _manage(
    command_line: CommandLine, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT, env=command_line.environment | environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_with_services_runs_a_management_command_on_an_unconfigured_machine(command_line: CommandLine):
    code = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['NAME'])"

    done = _manage(
        command_line, "with_services", "--", "python", "manage.py", "shell", "--no-imports", "-c", code
    )

    assert (done.returncode, done.stdout) == (0, "ieum\n")


def test_with_services_gives_the_exit_code_of_the_command(command_line: CommandLine):
    done = _manage(command_line, "with_services", "--", "sh", "-c", "exit 7")

    assert done.returncode == 7


def test_with_services_asks_which_command(command_line: CommandLine):
    done = _manage(command_line, "with_services")

    assert done.returncode == 1
    assert "Which command?" in done.stderr


def test_any_management_command_finds_running_services(command_line: CommandLine):
    _, address = command_line.start_waiting()

    code = "import os; print(os.environ['DATABASE_URL'])"
    shown = _manage(command_line, "shell", "--no-imports", "-c", code)

    assert shown.stdout.strip() == address


def test_configured_machine_must_configure_everything(command_line: CommandLine):
    done = _manage(command_line, "check", DATABASE_URL="postgres://db.example/x")

    assert done.returncode == 1
    assert "Set SECRET_KEY" in done.stderr
