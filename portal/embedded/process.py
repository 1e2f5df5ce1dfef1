"""One child process: its group, its log, its end."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from portal.embedded.account import Account
from portal.embedded.console import Interrupts, tail
from portal.embedded.keeper import POLL_SECONDS, Keeper, Ward
from portal.embedded.problem import SetupError

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A running child in a process group of its own, so that the terminal's Ctrl-C reaches only us.

    Parameters
    ----------
    log : path, optional
        Receives both output streams from the beginning; without it the child shares our streams and input.
    stop : signal
        Asks for an orderly end; after ``grace`` seconds the group is killed.
    orphaned : signal, optional
        What the child gets when the supervisor is killed; by default SIGKILL: the portal's own processes
        must survive that anyway, only the servers deserve an orderly end.
    foreground : bool
        Stay in our process group, the one that may read the terminal.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        keeper: Keeper,
        environment: Mapping[str, str],
        folder: Path,
        log: Path | None = None,
        stop: signal.Signals = signal.SIGTERM,
        grace: float = 4.0,
        orphaned: signal.Signals = signal.SIGKILL,
        account: Account | None = None,
        foreground: bool = False,
        descriptors: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._keeper = keeper
        self._stop, self._grace, self._foreground = stop, grace, foreground
        output = log.open("wb") if log else None
        try:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL if log else None,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                process_group=None if foreground else 0,
                preexec_fn=_die_with_parent(orphaned),  # safe: the supervisor has one thread
                pass_fds=descriptors,
                **(account.process_arguments if account else {}),
            )
        finally:
            if output:
                output.close()
        keeper.watch(Ward(self._process.pid, orphaned, grace, group=not foreground))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 plus the signal's number when a signal ended it, as a shell says it."""
        code = self._process.poll()
        return 128 - code if code is not None and code < 0 else code

    def wait(self, seconds: float) -> int | None:
        """The exit code as soon as there is one, None after ``seconds``."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.exit_code

    def signal(self, signum: int) -> None:
        """To the whole group of a command that a person started; servers are asked at their head."""
        with suppress(ProcessLookupError):
            (os.kill if self._foreground else os.killpg)(self.pid, signum)

    def ask_to_stop(self) -> float:
        """Ask the head of the group, which knows how to end its own children; returns the deadline."""
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, self._stop)
        return time.monotonic() + self._grace

    def end_by(self, deadline: float) -> bool:
        """Wait, then kill what is left of the group; False if that was needed for the head itself."""
        orderly = self.wait(max(0.0, deadline - time.monotonic())) is not None
        with suppress(ProcessLookupError, PermissionError):
            (os.kill if self._foreground else os.killpg)(self.pid, signal.SIGKILL)
        self._process.wait()
        self._keeper.forget(self.pid)
        return orderly


def stop_together(children: Iterable[Child]) -> list[Child]:
    """Ask all at once, then wait for each; returns those that had to be killed."""
    asked = [(child, child.ask_to_stop()) for child in children]
    return [child for child, deadline in asked if not child.end_by(deadline)]


def await_ready(
    server: Child, answers: Callable[[], bool], *, seconds: float, interrupts: Interrupts, way_out: str
) -> None:
    """Return when the server answers; when it ends, takes too long or somebody interrupts, end it first."""
    deadline = time.monotonic() + seconds
    try:
        while not answers():
            if server.exit_code is not None or time.monotonic() > deadline:
                log = server.log or Path(os.devnull)
                raise SetupError(f"{server.name} does not start. The end of {log}:\n{tail(log)}\n{way_out}")
            interrupts.pause(POLL_SECONDS)
    except BaseException:
        stop_together([server])
        raise


def _die_with_parent(signum: int) -> Callable[[], None]:
    """Runs in the child after the change of account, which would clear the kernel's note."""
    parent = os.getpid()

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
            if os.getppid() != parent:  # it died in between
                os._exit(1)

    return prepare
