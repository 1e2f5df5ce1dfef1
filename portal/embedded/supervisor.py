"""The demo, the tests, any command: what runs around the services."""

import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from portal.embedded.console import Follower, Interrupted, Interrupts, Progress, quietly, say, tail
from portal.embedded.problem import SetupError
from portal.embedded.process import Child, stop_together
from portal.embedded.services import Services, running_services
from portal.embedded.state import CHECKOUT, InUseError, State, checkout_state, throwaway_state

DEFAULT_PORT = 8000
PORTS_TRIED = 50
WEB_READY_SECONDS = 60
LOOK_SECONDS = 0.2  # between two looks at the processes and their logs
KILL_AFTER_SECONDS = 10  # an interrupted command that does not end
START_OVER = "If the data comes from other code, start over with: make demo ARGS=--fresh"


# --- any command ----------------------------------------------------------------------------------------


def run(command: Sequence[str], *, throwaway: bool = False, testing: bool = False) -> int:
    """Run a command with the services of this checkout, or with throw-away ones; returns its exit code.

    Services that another command of this checkout runs are joined, not started twice.
    """
    defaults = {"TESTING": "1"} if testing else {"DEMO": "1"}
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        _become(command, _environment(defaults if testing else {}))
    interrupts = Interrupts()
    state = throwaway_state() if throwaway else checkout_state()
    try:
        with running_services(state, " ".join(command), interrupts=interrupts, report=quietly) as services:
            environment = _environment(defaults | {"MEDIA_ROOT": str(state.media)}, services.urls)
            state.publish(services.urls)
            return _run_for_a_person(command, environment, services)
    except Interrupted as interrupted:  # while the servers were starting
        return 128 + interrupted.signum
    except InUseError as holder:
        _become(command, _environment(defaults, state.await_published(holder)))


def test(arguments: Sequence[str]) -> int:
    """pytest on both cores, with services that nobody will miss."""
    pytest = [sys.executable, "-m", "pytest", "-n", "auto", "--maxprocesses", "4", *arguments]
    return run(pytest, throwaway=True, testing=True)


def _environment(defaults: Mapping[str, str], addresses: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a child finds: our environment before our defaults, the addresses of the services before both."""
    programs = Path(sys.executable).parent  # so that "pytest" and "celery" are those of this environment
    return {
        **defaults,
        **os.environ,
        **(addresses or {}),
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _become(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Nothing to start and nothing to stop, so nothing stays between the caller and the command."""
    try:
        os.execvpe(command[0], list(command), dict(environment))  # noqa: S606 -- the point is to run it
    except OSError as error:
        raise _cannot_run(command[0], error) from error


def _run_for_a_person(command: Sequence[str], environment: Mapping[str, str], services: Services) -> int:
    """The command keeps our terminal, input and signals, as if it had been called directly."""
    at_terminal = sys.stdin.isatty()
    try:
        child = Child(
            command[0],
            command,
            keeper=services.keeper,
            environment=environment,
            folder=Path.cwd(),
            foreground=at_terminal,
        )
    except OSError as error:
        raise _cannot_run(command[0], error) from error
    kill_at = float("inf")
    while (code := child.wait(LOOK_SECONDS)) is None and time.monotonic() < kill_at:
        if signum := services.interrupts.take():
            if not (at_terminal and signum == signal.SIGINT):  # the terminal told both of us
                child.signal(signum)
            if signum != signal.SIGINT:
                kill_at = time.monotonic() + KILL_AFTER_SECONDS
    child.end_by(0)
    return code if code is not None else 128 + signal.SIGKILL


def _cannot_run(program: str, error: OSError) -> SetupError:
    return SetupError(
        f"{program}: {error.strerror}.\nName a program of the PATH or a file, after the two dashes."
    )


# --- the demo -------------------------------------------------------------------------------------------


def demo(*, once: bool = False, fresh: bool = False, reload: bool = False) -> int:
    """Install nothing, assume nothing: services, schema, data, one night, then the portal until interrupted.

    Parameters
    ----------
    once : bool
        Do everything but serve, and print a summary.
    fresh : bool
        Drop the embedded data first.
    reload : bool
        Serve with Django's own server, which restarts when the code changes (``make dev``).
    """
    if fresh and os.environ.get("DATABASE_URL"):
        raise SetupError(
            "--fresh drops only embedded data, and DATABASE_URL names another database.\nEmpty that one yourself."
        )
    port = _wanted_port()
    interrupts, progress = Interrupts(), Progress()
    state = checkout_state()
    say(f"이음 · data in {state.home}")
    try:
        with running_services(
            state, "make demo", fresh=fresh, interrupts=interrupts, report=progress
        ) as services:
            if once:
                return Demo(services, progress, _demo_environment(services, port, reload)).run_once()
            with closing(listen_from(port, progress)) as listener:
                environment = _demo_environment(services, listener.getsockname()[1], reload)
                return Demo(services, progress, environment).serve(listener, reload=reload)
    except InUseError as holder:
        address = (state.published() or {}).get("SITE_URL", "")
        raise SetupError(
            f"{holder} already uses the data of this checkout{f' and serves {address}' if address else ''}.\n"
            f"Use that one, or stop it first (Ctrl-C there, or: kill {holder.pid}). "
            "IEUM_DATA=/some/folder lets a second one run beside it."
        ) from holder
    except Interrupted as interrupted:  # before it served
        say("Interrupted; everything is stopped.")
        return 128 + interrupted.signum


@dataclass
class Demo:
    """The demo on running services."""

    services: Services
    progress: Progress
    environment: dict[str, str]

    @property
    def _state(self) -> State:
        return self.services.state

    def run_once(self) -> int:
        self._prepare()
        say(self._manage("demo_summary"))
        return 0

    def serve(self, listener: socket.socket, *, reload: bool) -> int:
        """Returns 0 when interrupted, 1 when a process of the portal ended by itself."""
        self._prepare()
        processes: list[Child] = []
        try:
            for name, command in self._commands(listener, reload=reload).items():
                processes.append(
                    self._start(name, command, descriptors=[] if reload else [listener.fileno()])
                )
            if reload:
                listener.close()  # Django's server binds the port itself
            self._await_web(processes[0])
            self.progress("the portal answers")
            self._greet()
            self._watch(processes)
        except Interrupted:
            say("Stopping …")
            return 0
        finally:
            for child in stop_together(reversed(processes)):
                say(f"{child.name} did not stop by itself and was killed; its work is repeated next time.")
        return 1

    # --- before serving ---

    def _prepare(self) -> None:
        self._state.publish(self._published())
        for command, what in (
            (["migrate", "--noinput"], "the schema is up to date"),
            (["seed"], "demo data"),
            (["nightly"], "one night"),
        ):
            output = self._manage(*command)
            last = output.strip().splitlines()[-1:] if command[0] != "migrate" else []
            self.progress(": ".join([what, *last]))

    def _manage(self, *arguments: str) -> str:
        """Run a management command to its end; returns what it printed."""
        name = arguments[0]
        child = self._start(name, [sys.executable, "manage.py", *arguments])
        try:
            while (code := child.wait(LOOK_SECONDS)) is None:
                self.services.interrupts.pause(0)
        finally:
            child.end_by(0)
        log = self._state.log(name)
        if code:
            raise SetupError(
                f"manage.py {' '.join(arguments)} ended with {code}. The end of {log}:\n{tail(log)}\n{START_OVER}"
            )
        return log.read_text(errors="replace").rstrip()

    def _start(self, name: str, command: Sequence[str], descriptors: Sequence[int] = ()) -> Child:
        return Child(
            name,
            command,
            keeper=self.services.keeper,
            environment=self.environment,
            folder=CHECKOUT,
            log=self._state.log(name),
            grace=3.0,
            descriptors=descriptors,
        )

    # --- serving ---

    def _commands(self, listener: socket.socket, *, reload: bool) -> dict[str, list[str]]:
        """Web first. The same commands as in docker-compose.yml, but for the size of a laptop."""
        port = listener.getsockname()[1]
        celery = [
            sys.executable,
            "-W",
            "ignore:You're running the worker",
            "-m",
            "celery",
            "--quiet",
            "-A",
            "portal",
        ]
        return {
            "web": [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}"]
            if reload
            else [
                *(sys.executable, "-m", "gunicorn", "portal.wsgi", "--config", "python:portal.gunicorn"),
                *(
                    "--bind",
                    f"fd://{listener.fileno()}",
                    "--workers",
                    "1",
                    "--graceful-timeout",
                    "2",
                    "--log-level",
                    "warning",
                ),
            ],
            "worker": [
                *celery,
                "worker",
                "--concurrency",
                "2",
                "--loglevel",
                "warning",
                "--without-gossip",
                "--without-mingle",
            ],
            "beat": [
                *celery,
                "beat",
                "--loglevel",
                "warning",
                "--pidfile=",
                "--schedule",
                str(self._state.schedule),
            ],
        }

    def _await_web(self, web: Child) -> None:
        port = int(self.environment["SITE_URL"].rpartition(":")[2])
        deadline = time.monotonic() + WEB_READY_SECONDS
        while not _is_healthy(port):
            if web.exit_code is not None or time.monotonic() > deadline:
                log = self._state.log("web")
                raise SetupError(
                    f"The web server does not answer. The end of {log}:\n{tail(log)}\n{START_OVER}"
                )
            self.services.interrupts.pause(0.1)

    def _published(self) -> dict[str, str]:
        """What another command of this checkout needs to stand beside the demo."""
        return {
            name: self.environment[name]
            for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "DEMO", "SITE_URL")
        }

    def _greet(self) -> None:
        logins = self._manage("demo_logins")
        say(f"\n  {self.environment['SITE_URL']}/\n\n{logins}\n")
        say("Ctrl-C stops everything and keeps the data. Warnings of the web server and the workers follow.")

    def _watch(self, processes: Sequence[Child]) -> None:
        """Show what they write until one of them, or a server, ends by itself."""
        followers = [Follower(child.name, child.log) for child in processes if child.log]
        while True:
            for follower in followers:
                follower.show_new_lines()
            for child in (*processes, *self.services.servers):
                if child.exit_code is not None:
                    log = child.log or Path(os.devnull)
                    say(
                        f"{child.name} ended with {child.exit_code}, so everything stops. The end of {log}:\n{tail(log)}"
                    )
                    return
            self.services.interrupts.pause(LOOK_SECONDS)


def _demo_environment(services: Services, port: int, reload: bool) -> dict[str, str]:
    state = services.state
    defaults = {"DEMO": "1", "MEDIA_ROOT": str(state.media), **({"DEBUG": "1"} if reload else {})}
    # "localhost", not a number: browsers allow passkeys only for names.
    return _environment(defaults, {**services.urls, "SITE_URL": f"http://localhost:{port}"})


def _wanted_port() -> int:
    text = os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not (text.isdigit() and int(text) < 65536):
        raise SetupError(f"PORT={text} is not a port.\nUse a number from 1024 to 65535.")
    return int(text)


def listen_from(port: int, report: Progress) -> socket.socket:
    """Listen on the first free port from ``port`` on.

    The web server gets this very socket, so nobody can take the port in between, and who comes early
    waits instead of being refused.
    """
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
            listener.listen(128)
        except PermissionError as error:
            listener.close()
            raise SetupError(
                f"Port {candidate} needs rights that we do not have.\nUse PORT=8000 or higher."
            ) from error
        except OSError:
            listener.close()
            continue
        if candidate != port:
            report(f"port {port} is taken, using {candidate}")
        return listener
    raise SetupError(f"No free port from {port} on.\nName another with PORT=.")


def _is_healthy(port: int) -> bool:
    """Asked directly: a proxy from the environment has no business here."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(connection):
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
