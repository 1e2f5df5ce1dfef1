import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from portal.embedded.console import Progress
from portal.embedded.problem import SetupError
from portal.embedded.state import CHECKOUT
from portal.embedded.supervisor import listen_from
from tests.portal.embedded.conftest import CommandLine, descendants, wait_until_gone

pytestmark = pytest.mark.slow

PING = "import os, redis; print(redis.Redis.from_url(os.environ['REDIS_URL']).ping())"


# --- any command ---


def test_run_gives_the_command_both_servers_and_its_own_exit_code(command_line: CommandLine):
    answered = command_line.query(
        "SELECT current_database() || ' ' || datcollate FROM pg_database WHERE datname = 'ieum'"
    )
    pinged = command_line.run("run", "--", "python", "-c", PING + "; raise SystemExit(7)")

    assert answered == "ieum C.UTF-8"
    assert pinged.stdout == "True\n"
    assert pinged.returncode == 7


def test_run_reads_from_a_pipe(command_line: CommandLine):
    done = subprocess.run(
        [sys.executable, "-m", "portal.embedded", "run", "--", "cat"],
        cwd=CHECKOUT, env=command_line.environment, input="가나다", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "가나다")


def test_run_says_which_program_is_missing(command_line: CommandLine):
    done = command_line.run("run", "--", "no-such-program")

    assert done.returncode == 1
    assert "no-such-program: No such file or directory" in done.stdout


def test_throwaway_services_leave_no_file(command_line: CommandLine):
    show = "import os, pathlib; print(os.environ['MEDIA_ROOT']); print(pathlib.Path(os.environ['MEDIA_ROOT']).is_dir())"

    media, existed = command_line.run("run", "--throwaway", "--", "python", "-c", show).stdout.split()

    assert existed == "True"
    assert not os.path.exists(os.path.dirname(media))
    assert not command_line.home.exists()


def test_second_command_joins_the_services_of_the_first(command_line: CommandLine):
    _, address = command_line.start_waiting()

    joined = command_line.run("run", "--", "python", "-c", "import os; print(os.environ['DATABASE_URL'])")

    assert joined.stdout.strip() == address


def test_services_that_are_configured_are_used_and_nothing_is_embedded(command_line: CommandLine):
    show = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"

    done = command_line.run(
        "run",
        "--",
        "python",
        "-c",
        show,
        DATABASE_URL="postgres://db.example/x",
        REDIS_URL="redis://r.example",
    )

    assert done.stdout == "postgres://db.example/x redis://r.example\n"
    assert not command_line.home.exists()


def test_only_the_server_that_is_not_configured_is_embedded(command_line: CommandLine):
    show = f"import os; print(os.environ['DATABASE_URL']); {PING}"

    done = command_line.run("run", "--", "python", "-c", show, DATABASE_URL="postgres://db.example/x")

    assert done.stdout == "postgres://db.example/x\nTrue\n"
    assert not (command_line.home / "postgres").exists()


# --- the end, in every way ---


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_the_command_and_the_servers(command_line: CommandLine, signum: signal.Signals):
    process, _ = command_line.start_waiting()
    below = descendants(process.pid)

    process.send_signal(signum)
    process.wait(timeout=10)

    assert process.returncode == 128 + signum
    assert wait_until_gone(below, seconds=1) == set()
    assert sorted(path.name for path in command_line.home.iterdir()) == [
        "lock",
        "logs",
        "media",
        "postgres",
        "valkey",
    ]


@pytest.mark.parametrize(
    "keeper_too",
    [
        False,
        pytest.param(
            True, marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children")
        ),
    ],
)
def test_kill_9_leaves_no_process_and_keeps_the_data(command_line: CommandLine, keeper_too: bool):
    command_line.query("CREATE TABLE kept AS SELECT 42 AS answer")
    process, _ = command_line.start_waiting()
    below = descendants(process.pid)
    command = subprocess.run(
        ["ps", "-o", "args=", "-p", str(process.pid)], capture_output=True, text=True, check=True
    ).stdout
    keeper = {pid for pid in below if _arguments(pid) == command}

    process.kill()
    for pid in keeper if keeper_too else ():
        os.kill(pid, signal.SIGKILL)
    process.wait()

    assert len(keeper) == 1
    assert len(below) > 8  # keeper, command, Valkey, PostgreSQL and its workers
    assert wait_until_gone(below) == set()
    assert command_line.query("SELECT answer FROM kept") == "42"


def test_command_ends_when_make_is_killed(command_line: CommandLine):
    shell = f"{sys.executable} -m portal.embedded run -- sleep 600 & echo $!; wait"
    make = subprocess.Popen(
        ["sh", "-c", shell],
        cwd=CHECKOUT,
        env=command_line.environment | {"MAKELEVEL": "1"},
        text=True,
        stdout=subprocess.PIPE,
    )
    assert make.stdout
    supervisor = int(make.stdout.readline())
    while not (command_line.home / "running.json").exists():
        time.sleep(0.05)
    below = descendants(supervisor) | {supervisor}

    make.kill()
    make.wait()

    assert wait_until_gone(below) == set()
    make.stdout.close()


def _arguments(pid: int) -> str:
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


# --- the demo ---


def test_second_demo_is_refused_with_a_way_out(command_line: CommandLine):
    process, _ = command_line.start_waiting()

    refused = command_line.run("demo", "--once")

    assert refused.returncode == 1
    assert re.search(rf"\(process {process.pid}\) already uses the data of this checkout", refused.stdout)
    assert f"kill {process.pid}" in refused.stdout


def test_fresh_refuses_to_empty_a_configured_database(command_line: CommandLine):
    refused = command_line.run("demo", "--once", "--fresh", DATABASE_URL="postgres://db.example/x")

    assert refused.returncode == 1
    assert "Empty that one yourself" in refused.stdout


@pytest.mark.parametrize("port", ["http", "-1", "65536"])
def test_bad_port_is_refused(command_line: CommandLine, port: str):
    refused = command_line.run("demo", PORT=port)

    assert refused.returncode == 1
    assert f"PORT={port} is not a port" in refused.stdout


def test_taken_port_moves_on(capsys: pytest.CaptureFixture[str]):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with listen_from(port, Progress()) as listener:
            chosen = listener.getsockname()[1]

    assert chosen > port
    assert f"port {port} is taken, using {chosen}" in capsys.readouterr().out


def test_no_free_port_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 65535))
        taken.listen()

        with pytest.raises(SetupError, match="No free port from 65535 on"):
            listen_from(65535, Progress())
