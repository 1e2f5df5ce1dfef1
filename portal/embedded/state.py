"""Where the servers' data is kept, who uses it now, and under which addresses."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.embedded import account as accounts
from portal.embedded.account import Account, service_account
from portal.embedded.problem import SetupError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ENDING_SECONDS = 20  # how long the keeper of a killed supervisor may need
STARTING_SECONDS = 60  # how long servers may need that another command is just starting
# Socket paths may have 107 bytes (103 on macOS), so sockets never live below the checkout.
SHORT_FOLDER = Path("/tmp")  # noqa: S108 -- only for folders that mkdtemp makes private


class InUseError(Exception):
    """Somebody else runs services on this data."""

    def __init__(self, pid: int, what: str) -> None:
        super().__init__(f"{what} (process {pid})")
        self.pid = pid
        self.what = what


@dataclass(frozen=True)
class State:
    """A folder with everything that the servers and the portal keep.

    ``home`` is owned by us; PostgreSQL's and Valkey's folders in it by the account of the servers.
    """

    home: Path
    account: Account
    throwaway: bool = False

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def media(self) -> Path:
        return self.home / "media"

    @property
    def schedule(self) -> Path:
        """Where Celery's beat notes what ran when."""
        return self.home / "beat"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def _lock(self) -> Path:
        return self.home / "lock"

    @property
    def _addresses(self) -> Path:
        return self.home / "running.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def prepare(self) -> None:
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self.media.mkdir(exist_ok=True)
        except OSError as error:
            raise _not_ours(self.home) from error
        if not os.access(self.home, os.W_OK):
            raise _not_ours(self.home)

    def forget(self) -> None:
        """Delete the data of both servers and the uploads; the lock and its holder stay."""
        for folder in (self.postgres, self.valkey, self.media, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        self.schedule.unlink(missing_ok=True)
        self.prepare()

    def clear(self) -> None:
        """Remove what has no use after the servers: the sockets, and everything if nobody will miss it."""
        self._remove_socket_folder()
        if self.throwaway:
            shutil.rmtree(self.home, ignore_errors=True)

    # --- sockets --------------------------------------------------------------------------------

    @property
    def _sockets(self) -> Path:
        return self.home / "sockets"

    def make_socket_folder(self) -> Path:
        """A private folder with a short name, found again through a link."""
        self._remove_socket_folder()  # left by a run whose keeper was killed too
        folder = self.account.give(Path(tempfile.mkdtemp(prefix="ieum-", dir=SHORT_FOLDER)))
        self._sockets.symlink_to(folder)
        return folder

    def _remove_socket_folder(self) -> None:
        with suppress(OSError):
            shutil.rmtree(self._sockets.readlink(), ignore_errors=True)
        self._sockets.unlink(missing_ok=True)

    # --- one user at a time ---------------------------------------------------------------------

    def lock(self, what: str) -> IO[str]:
        """Hold the data until the returned file is closed here and in every fork.

        Waits while the keeper of a killed supervisor still tidies up. Raises ``InUseError`` while somebody is alive.
        """
        try:
            file = self._lock.open("a+")
        except OSError as error:
            raise _not_ours(self.home) from error
        deadline = time.monotonic() + ENDING_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pid, holder = self._holder()
                if (holder and is_alive(pid)) or time.monotonic() > deadline:
                    file.close()
                    raise InUseError(pid, holder or "the end of a killed command") from None
                time.sleep(0.05)
            else:
                self._sign(what)
                return file

    def mark_as_ending(self) -> None:
        """The supervisor is dead, its keeper tidies up: who comes next may wait."""
        self._sign("")
        self.withdraw()

    def _sign(self, what: str) -> None:
        self._lock.write_text(json.dumps([os.getpid(), what]))

    def _holder(self) -> tuple[int, str]:
        with suppress(OSError, ValueError):
            pid, what = json.loads(self._lock.read_text())
            return int(pid), str(what)
        return 0, ""

    # --- the addresses of running services ------------------------------------------------------

    def publish(self, environment: dict[str, str]) -> None:
        """Let other commands of this checkout use the services; replaced in one step, never half-written."""
        fresh = self._addresses.with_suffix(".new")
        fresh.touch(mode=0o600)  # a configured address may carry a password
        fresh.write_text(json.dumps({"pid": os.getpid(), "environment": environment}))
        fresh.replace(self._addresses)

    def withdraw(self) -> None:
        self._addresses.unlink(missing_ok=True)

    def published(self) -> dict[str, str] | None:
        """The environment of running services; None if there are none."""
        with suppress(OSError, ValueError):
            found = json.loads(self._addresses.read_text())
            if is_alive(found["pid"]):
                return dict(found["environment"])
        return None

    def await_published(self, holder: InUseError) -> dict[str, str]:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline:
            if environment := self.published():
                return environment
            time.sleep(0.1)
        raise SetupError(f"{holder} holds the data but its servers do not come up.\nStop it and try again.")


def checkout_state() -> State:
    """The data of this checkout: ``IEUM_DATA``, else ``.data``, else (root, closed checkout) a system folder."""
    account = service_account()
    if chosen := os.environ.get("IEUM_DATA"):
        return State(Path(chosen).resolve(), account)
    if account.can_enter(CHECKOUT):
        return State(CHECKOUT / ".data", account)
    checkout = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
    return State(accounts.SYSTEM_HOME / checkout, account)


def throwaway_state() -> State:
    home = Path(tempfile.mkdtemp(prefix="ieum-test-", dir=SHORT_FOLDER))
    home.chmod(0o711)  # the servers' account passes through to its own folders
    return State(home, service_account(), throwaway=True)


def borrow_environment() -> None:
    """For a management command on a machine where nobody configured anything.

    It becomes a demo command, and finds the services that ``make demo`` or ``with_services`` runs.
    """
    if "DATABASE_URL" in os.environ:
        return
    os.environ.setdefault("DEMO", "1")
    for name, value in (checkout_state().published() or {}).items():
        os.environ.setdefault(name, value)


def is_alive(pid: int) -> bool:
    """A process that has ended but waits to be collected (slow init of a container) is not alive."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, so it exists
        return True
    with suppress(OSError):  # there is no /proc on macOS, whose init collects at once
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def _not_ours(home: Path) -> SetupError:
    return SetupError(
        f"{home} belongs to another account (perhaps a run as root).\n"
        "Run as that account, delete the folder, or name another one in IEUM_DATA."
    )
