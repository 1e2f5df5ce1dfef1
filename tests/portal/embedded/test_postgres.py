import os
import subprocess
import sys

import pytest

from portal.embedded.account import service_account
from tests.portal.embedded.conftest import CommandLine

pytestmark = pytest.mark.slow


def test_interrupted_preparation_is_begun_again(command_line: CommandLine):
    (command_line.home / "postgres.new").mkdir(parents=True)
    (command_line.home / "postgres.new" / "PG_VERSION").write_text("18\n")

    answer = command_line.query("SELECT 1")

    assert answer == "1"
    assert not (command_line.home / "postgres.new").exists()


def test_stale_pid_file_does_not_stop_the_start(command_line: CommandLine):
    command_line.query("CREATE TABLE kept AS SELECT 42 AS answer")
    account = service_account()
    stranger = subprocess.Popen(["sleep", "60"], **account.process_arguments)
    pid_file = command_line.home / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{command_line.home / 'postgres'}\n")
    account.give(pid_file)

    answer = command_line.query("SELECT answer FROM kept")

    assert answer == "42"
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_data_of_another_version_is_refused_with_a_way_out(command_line: CommandLine):
    (command_line.home / "postgres").mkdir(parents=True)
    (command_line.home / "postgres" / "PG_VERSION").write_text("15\n")

    refused = command_line.run("run", "--", "true")

    assert refused.returncode == 1
    assert "was written by PostgreSQL 15" in refused.stdout
    assert "make demo ARGS=--fresh" in refused.stdout


def test_server_that_does_not_start_shows_the_end_of_its_log(command_line: CommandLine):
    command_line.query("SELECT 1")
    (command_line.home / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")

    refused = command_line.run("run", "--", "true")

    assert refused.returncode == 1
    assert 'unrecognized configuration parameter "no_such_setting"' in refused.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root switches accounts")
def test_server_of_root_runs_as_nobody(command_line: CommandLine):
    show = "import os, pathlib; print(pathlib.Path(os.environ['IEUM_DATA'], 'postgres').owner())"

    done = command_line.run("run", "--", sys.executable, "-c", show)

    assert done.stdout == "nobody\n"
