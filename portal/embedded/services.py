"""Both servers, the keeper and the lock on their data, as one context."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from portal.embedded.console import Interrupts, Report
from portal.embedded.keeper import Keeper
from portal.embedded.postgres import start_postgres
from portal.embedded.process import Child, stop_together
from portal.embedded.state import State
from portal.embedded.valkey import start_valkey


@dataclass
class Services:
    """What runs: ``urls`` are the addresses of the embedded servers only, those that nobody set."""

    state: State
    keeper: Keeper
    interrupts: Interrupts
    report: Report
    urls: dict[str, str] = field(default_factory=dict)
    servers: list[Child] = field(default_factory=list)


@contextmanager
def running_services(
    state: State, what: str, *, fresh: bool = False, interrupts: Interrupts, report: Report
) -> Iterator[Services]:
    """Start what ``DATABASE_URL`` and ``REDIS_URL`` leave open; stop it at the end, however that comes.

    Raises ``InUseError`` if somebody else uses the data, and ``SetupError`` if a server does not come up.
    """
    state.prepare()
    with state.lock(what):
        keeper = Keeper(state)
        services = Services(state, keeper, interrupts, report)
        sockets = state.make_socket_folder()
        try:
            if fresh:
                state.forget()
                report(f"dropped the data in {state.home}")
            for name, variable, start in (
                ("PostgreSQL", "DATABASE_URL", start_postgres),
                ("Valkey", "REDIS_URL", start_valkey),
            ):
                if os.environ.get(variable):
                    report(f"{name}: {variable} is set, nothing is embedded")
                    continue
                began = time.monotonic()
                server, services.urls[variable] = start(state, sockets, keeper, interrupts)
                services.servers.append(server)
                report(f"{name} is up ({time.monotonic() - began:.1f}s)")
            yield services
        finally:
            state.withdraw()
            stop_together(reversed(services.servers))
            state.clear()
            keeper.dismiss()
