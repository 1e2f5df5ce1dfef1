"""Who the servers run as: ourselves or, when we are root, ``nobody``, because PostgreSQL refuses uid 0."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.embedded.problem import SetupError

SYSTEM_HOME = Path("/var/lib/ieum")  # for root: what another account must reach outside a closed checkout


@dataclass(frozen=True)
class Account:
    """The account of the servers; ``switched`` when it is not the one we run as."""

    uid: int
    gid: int
    switched: bool

    @property
    def process_arguments(self) -> dict[str, Any]:
        """For ``subprocess``: the switch happens in the child, before the program starts."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switched else {}

    def give(self, path: Path) -> Path:
        """Make the account the owner of a path that we just created."""
        if self.switched:
            os.chown(path, self.uid, self.gid)
        return path

    def can_run(self, program: Path) -> bool:
        """Tried, not guessed: parents' modes, mount options and missing libraries all count."""
        return self._succeeds(str(program), "--version")

    def can_enter(self, folder: Path) -> bool:
        return self._succeeds("test", "-x", f"{folder}/.")

    def _succeeds(self, *command: str) -> bool:
        try:
            done = subprocess.run(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                **self.process_arguments,
            )
        except subprocess.SubprocessError as error:
            raise SetupError(
                f"We are root, and the servers must not be, but switching to uid {self.uid} failed: {error}\n"
                "Run the command as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
            ) from error
        except OSError:  # not there, or not executable for this account
            return False
        return done.returncode == 0


def service_account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:  # a bare container without the entry; the number is the kernel's overflow uid
        return Account(65534, 65534, switched=True)
    return Account(nobody.pw_uid, nobody.pw_gid, switched=True)
