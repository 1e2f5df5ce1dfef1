"""What a person at the terminal sees, and how they interrupt."""

import io
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

TAIL_LINES = 20
TAIL_BYTES = 64 * 1024


def say(text: str = "") -> None:
    """Print a line at once; a terminal that is gone (SIGHUP, ``| head``) must not stop the stopping."""
    with suppress(OSError, ValueError):
        print(text, flush=True)


class Progress:
    """One line per finished step, with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        say(f"[{time.monotonic() - self._started:6.1f}s] {text}")


def quietly(text: str) -> None:
    """A Progress for those who only want the result."""


Report = Callable[[str], None]


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, indented; says so when there are none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        text = ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (nothing was written)"


class Follower:
    """Shows what is added to a log, each line behind the name of its process."""

    def __init__(self, name: str, log: Path) -> None:
        self._name = name
        self._log = log
        self._shown = 0

    def show_new_lines(self) -> None:
        with self._log.open("rb") as file:
            file.seek(self._shown)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._shown += len(whole) + len(newline)
        for line in whole.splitlines():
            say(f"{self._name:>7} | {line.decode(errors='replace')}")


class Interrupted(BaseException):
    """A signal asked us to stop (no error, like KeyboardInterrupt); raised only where stopping is safe."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


class Interrupts:
    """Remembers SIGINT, SIGTERM and SIGHUP until the main loop asks.

    A handler that raised could do so between starting a child and noting it down. The end of the make that
    started us counts as a hang-up: killed with -9 it cannot pass a signal on.
    """

    def __init__(self) -> None:
        self._received: list[int] = []
        self._make = os.getppid() if "MAKELEVEL" in os.environ else None
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signum == signal.SIGHUP and signal.getsignal(signum) == signal.SIG_IGN:
                continue  # started by nohup
            signal.signal(signum, self._remember)

    def _remember(self, signum: int, frame: FrameType | None) -> None:
        self._received.append(signum)

    def take(self) -> int | None:
        """The oldest signal not yet taken."""
        if self._make not in (None, os.getppid()):
            self._make = None
            self._received.append(signal.SIGHUP)
        return self._received.pop(0) if self._received else None

    def pause(self, seconds: float) -> None:
        """Sleep, then raise ``Interrupted`` if a signal came."""
        time.sleep(seconds)
        if signum := self.take():
            raise Interrupted(signum)


def print_utf8() -> None:
    """Korean in a terminal that claims to know only ASCII is shown as well as it can."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
