import os
import signal
from pathlib import Path

import pytest

from portal.embedded.console import Follower, Interrupted, Interrupts, say, tail


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", "    (nothing was written)"),
        (b"one\ntwo\nthree\n", "    two\n    three"),
        ("가\n나".encode(), "    가\n    나"),
        (b"\xff\n", "    \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_tail_shows_the_last_lines(tmp_path: Path, content: bytes, shown: str):
    log = tmp_path / "log"
    log.write_bytes(content)

    assert tail(log, lines=2) == shown


def test_tail_of_a_missing_log_says_so(tmp_path: Path):
    assert tail(tmp_path / "missing") == "    (nothing was written)"


def test_follower_shows_whole_lines_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    log = tmp_path / "web.log"
    log.write_text("first\nsec")
    follower = Follower("web", log)

    follower.show_new_lines()
    with log.open("a") as file:
        file.write("ond\n")
    follower.show_new_lines()

    assert capsys.readouterr().out == "    web | first\n    web | second\n"


def test_say_survives_a_terminal_that_is_gone(monkeypatch: pytest.MonkeyPatch):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w", closefd=False) as gone:
        monkeypatch.setattr("sys.stdout", gone)

        say("nobody reads this")
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), write_end)  # so that closing can flush
    os.close(write_end)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_waits_for_a_good_moment(signum: signal.Signals):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        interrupts = Interrupts()

        os.kill(os.getpid(), signum)

        with pytest.raises(Interrupted) as caught:
            interrupts.pause(0)
        assert caught.value.signum == signum
        interrupts.pause(0)  # asked once, raised once
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
