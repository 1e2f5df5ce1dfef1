"""The whole demo, as a person runs it."""

import re
import signal
import subprocess
import time

import pytest

from tests.portal.embedded.conftest import CommandLine, descendants, wait_until_gone

pytestmark = pytest.mark.slow

READY = "Ctrl-C stops everything"


def _serve(command_line: CommandLine) -> tuple["subprocess.Popen[str]", str]:
    """A serving demo and what it printed so far."""
    process = command_line.start("demo", PORT="18000")
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if READY in line:
            return process, printed
    raise AssertionError(printed)


def test_demo_is_killed_serves_again_and_stops(command_line: CommandLine):
    killed, first = _serve(command_line)
    below = descendants(killed.pid)
    killed.kill()
    killed.wait()
    left = wait_until_gone(below)

    interrupted, second = _serve(command_line)
    below = descendants(interrupted.pid)
    began = time.monotonic()
    interrupted.send_signal(signal.SIGINT)
    code = interrupted.wait(timeout=20)

    assert re.search(r"http://localhost:18\d\d\d/", first)
    assert left == set()
    assert re.search(r"http://localhost:18\d\d\d/", second)
    assert code == 0
    assert time.monotonic() - began < 6
    assert wait_until_gone(below, seconds=1) == set()
