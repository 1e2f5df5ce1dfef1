"""PostgreSQL: prepared once, on a private socket only, ready when it answers."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]  # the driver has no types

from portal.embedded.binaries import find_postgres, postgres_major
from portal.embedded.console import Interrupts
from portal.embedded.keeper import Keeper, Ward
from portal.embedded.problem import SetupError
from portal.embedded.process import Child, await_ready
from portal.embedded.state import State

ROLE = DATABASE = "ieum"
MAX_CONNECTIONS = 200
# The same collation as in production (docker-compose.yml): code point order, but it knows Hangul's letters.
LOCALE = [
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    f"--locale={'C.UTF-8' if sys.platform == 'linux' else 'C'}",
]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C", "TZ": "UTC"}
# For data that nobody will miss.
FORGETFUL = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def start_postgres(state: State, sockets: Path, keeper: Keeper, interrupts: Interrupts) -> tuple[Child, str]:
    """Start the server on ``state``'s data, creating it if there is none; returns it with its ``DATABASE_URL``."""
    program = find_postgres(state.account)
    if not state.postgres.exists():
        _initialise(program.with_name("initdb"), state)
    _check_version(program, state.postgres)
    _end_leftover(state.postgres)
    settings = [
        "listen_addresses=",
        f"unix_socket_directories={sockets}",
        f"max_connections={MAX_CONNECTIONS}",
        *(FORGETFUL if state.throwaway else []),
    ]
    server = Child(
        "postgres",
        [program, "-D", state.postgres, *(word for setting in settings for word in ("-c", setting))],
        keeper=keeper,
        environment=ENVIRONMENT,
        folder=Path("/"),
        log=state.log("postgres"),
        stop=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        orphaned=signal.SIGINT,
        account=state.account,
    )
    await_ready(
        server,
        partial(_answers, sockets),
        seconds=60,  # recovery after a kill may take a while
        interrupts=interrupts,
        way_out="Start over with: make demo ARGS=--fresh (this drops the data), "
        "or set DATABASE_URL to a server of your own.",
    )
    return server, f"postgres://{ROLE}@/{DATABASE}?host={sockets}"


def _initialise(initdb: Path, state: State) -> None:
    """Prepared beside its place and moved there when complete: an interrupted start leaves no half."""
    building = state.postgres.with_suffix(".new")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    state.account.give(building)
    done = subprocess.run(
        [initdb, "-D", building, "-U", ROLE, "-E", "UTF8", "-A", "trust", "--no-sync", "--no-instructions", *LOCALE],
        env=ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        **state.account.process_arguments,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(
            f"initdb could not prepare {building}:\n{done.stdout[-500:]}{done.stderr[-1500:]}\n"
            "Make room or rights there, name another folder in IEUM_DATA, or set DATABASE_URL to a server of your own."
        )
    building.rename(state.postgres)


def _check_version(program: Path, data: Path) -> None:
    try:
        kept = int((data / "PG_VERSION").read_text())
    except (OSError, ValueError) as error:
        raise SetupError(
            f"{data} is not readable as a PostgreSQL data folder.\nStart over with: make demo ARGS=--fresh"
        ) from error
    if kept != (ours := postgres_major(program)):
        raise SetupError(
            f"{data} was written by PostgreSQL {kept}, but {program} is {ours}.\n"
            "Start over with: make demo ARGS=--fresh"
        )


def _end_leftover(data: Path) -> None:
    """A postmaster that survived its supervisor and its keeper; we hold the lock, so it serves nobody.

    PostgreSQL itself recognises a stale ``postmaster.pid``, except when the number now belongs to another
    process of the same account: then the file is deleted here.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    command = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    if str(data) not in command:
        (data / "postmaster.pid").unlink(missing_ok=True)
        return
    Ward(pid, signal.SIGINT, grace=10, group=False).end()


def _answers(sockets: Path) -> bool:
    """It lets us in, and our database is there."""
    try:
        connection = psycopg2.connect(host=str(sockets), user=ROLE, dbname="postgres")
    except psycopg2.OperationalError:  # not listening yet, or still recovering
        return False
    with closing(connection):
        connection.autocommit = True  # CREATE DATABASE refuses a transaction
        cursor = connection.cursor()
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.rowcount == 0:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    return True
