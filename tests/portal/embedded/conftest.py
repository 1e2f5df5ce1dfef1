"""Real servers on data of their own; nothing here touches the checkout's, or the tests' own database."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.embedded.state import CHECKOUT, is_alive

# Says where it is, then waits to be ended.
WAIT = "import os, time; print(os.environ['DATABASE_URL'], flush=True); time.sleep(600)"
QUERY = """
import os, sys, psycopg2
url = os.environ["DATABASE_URL"]
with psycopg2.connect(host=url.partition("host=")[2], user="ieum", dbname="ieum") as connection:
    cursor = connection.cursor()
    cursor.execute(sys.argv[1])
    print(cursor.fetchone()[0] if cursor.description else "done")
"""


@pytest.fixture(autouse=True)
def _hang_up_is_heard() -> Iterator[None]:
    """The tests may themselves run under nohup, and what is ignored there is ignored by every child."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@dataclass
class CommandLine:
    """``python -m portal.embedded`` as a person calls it, on a machine where nothing is configured."""

    home: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portal.embedded", *arguments],
            cwd=CHECKOUT, env=self.environment | environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def query(self, sql: str) -> str:
        return self.run("run", "--", sys.executable, "-c", QUERY, sql).stdout.strip()

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded", *arguments],
            cwd=CHECKOUT, env=self.environment | environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.started.append(process)
        return process

    def start_waiting(self, **environment: str) -> tuple[subprocess.Popen[str], str]:
        """A command that waits with its services up; returns it with their ``DATABASE_URL``."""
        process = self.start("run", "--", sys.executable, "-c", WAIT, **environment)
        assert process.stdout
        return process, process.stdout.readline().strip()


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the servers' account can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ieum-pytest-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def command_line(home: Path) -> Iterator[CommandLine]:
    configured = {
        "DJANGO_SETTINGS_MODULE",
        "DATABASE_URL",
        "REDIS_URL",
        "DEMO",
        "DEBUG",
        "TESTING",
        "MEDIA_ROOT",
        "SITE_URL",
        "PORT",
        "MAKELEVEL",
    }
    environment = {name: value for name, value in os.environ.items() if name not in configured}
    line = CommandLine(home, environment | {"IEUM_DATA": str(home)})
    yield line
    for process in line.started:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def descendants(pid: int) -> set[int]:
    """Every process below ``pid``, the keeper and PostgreSQL's backends included."""
    lines = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in lines.splitlines())}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def wait_until_gone(pids: set[int], seconds: float = 6) -> set[int]:
    """Those still alive after ``seconds``."""
    deadline = time.monotonic() + seconds
    while (alive := {pid for pid in pids if is_alive(pid)}) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive
