"""Valkey (the Redis protocol): cache and broker, on a private socket only."""

import signal
import socket
from functools import partial
from pathlib import Path

from portal.embedded.binaries import find_valkey
from portal.embedded.console import Interrupts
from portal.embedded.keeper import Keeper
from portal.embedded.process import Child, await_ready
from portal.embedded.state import State


def start_valkey(state: State, sockets: Path, keeper: Keeper, interrupts: Interrupts) -> tuple[Child, str]:
    """Start the server on ``state``'s data; returns it with its ``REDIS_URL``."""
    if not state.valkey.exists():
        state.valkey.mkdir(mode=0o700)
        state.account.give(state.valkey)
    path = sockets / "valkey.sock"
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(state.valkey),
        "save": "",
        "appendonly": "no" if state.throwaway else "yes",
        "maxmemory-policy": "noeviction",  # a broker that forgets is worse than one that refuses
        "loglevel": "warning",
    }
    server = Child(
        "valkey",
        [
            find_valkey(state.account),
            *(word for name, value in settings.items() for word in (f"--{name}", value)),
        ],
        keeper=keeper,
        environment={"PATH": "/usr/bin:/bin"},
        folder=Path("/"),
        log=state.log("valkey"),
        orphaned=signal.SIGTERM,
        account=state.account,
    )
    await_ready(
        server,
        partial(_answers, path),
        seconds=30,
        interrupts=interrupts,
        way_out="Start over with: make demo ARGS=--fresh (this drops the data), or set REDIS_URL to a server of your own.",
    )
    return server, f"unix://{path}?db=0"


def _answers(path: Path) -> bool:
    """It says PONG, not LOADING."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
