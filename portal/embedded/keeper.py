"""A witness that ends everything when the supervisor itself is killed.

``kill -9`` cannot be caught, but it closes pipes: the keeper is a fork that reads one whose other end
only the supervisor holds. It does what the kernel's parent-death signal cannot: it ends whole process
groups, in order, removes throw-away folders, and works where there is no such signal (macOS).
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

from portal.embedded.state import State, is_alive

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Ward:
    """A process to end: how to ask, how long to wait, and whether it leads a group of its own."""

    pid: int
    signum: int
    grace: float
    group: bool

    def send(self, signum: int) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            (os.killpg if self.group else os.kill)(self.pid, signum)

    def end(self) -> None:
        """Ask, wait for the head of the group, then kill what is left of it."""
        self.send(self.signum)
        deadline = time.monotonic() + self.grace
        while is_alive(self.pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.send(signal.SIGKILL)


class Keeper:
    """The supervisor's side: says whom to watch. Fork it before anything else is started."""

    def __init__(self, state: State) -> None:
        read_end, self._pipe = os.pipe()  # closed on exec, so only the supervisor keeps the writing end
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(self._pipe)
                _detach()
                _keep(read_end, state)
            finally:
                os._exit(0)
        os.close(read_end)

    def watch(self, ward: Ward) -> None:
        self._tell("watch", ward.pid, ward.signum, ward.grace, ward.group)

    def forget(self, pid: int) -> None:
        """The process has ended; its number may soon belong to another."""
        self._tell("forget", pid)

    def dismiss(self) -> None:
        """All is ended in good order."""
        self._tell("dismiss")
        os.close(self._pipe)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _tell(self, *message: str | float) -> None:
        with suppress(BrokenPipeError):  # the keeper was killed; the kernel's signal remains
            os.write(self._pipe, json.dumps(message).encode() + b"\n")


def _detach() -> None:
    """Out of the terminal's reach, and off its streams: ``make demo | tee`` must not wait for us."""
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _keep(read_end: int, state: State) -> None:
    wards: dict[int, Ward] = {}
    with os.fdopen(read_end) as pipe:
        for line in pipe:
            match json.loads(line):
                case ["watch", pid, signum, grace, group]:
                    wards[pid] = Ward(pid, signum, grace, group)
                case ["forget", pid]:
                    wards.pop(pid, None)
                case ["dismiss"]:
                    return
    state.mark_as_ending()
    for ward in reversed(wards.values()):  # the portal first, then the servers it uses
        ward.end()
    state.clear()
