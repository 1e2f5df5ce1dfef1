"""The command line as an auditor meets it: a fresh process, files, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import matching
from matching.engine import Market, Result, check, rematch, solve
from tests.matching.engine.test_explain import MARKET

ROOT = Path(matching.__file__).parents[1]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "matching.engine", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def market_file(tmp_path):
    path = tmp_path / "market.json"
    path.write_text(json.dumps(MARKET))
    return path


@pytest.fixture
def result_file(tmp_path, market_file):
    path = tmp_path / "result.json"
    path.write_bytes(run("solve", market_file).stdout)
    return path


def test_solve_writes_a_result(market_file):
    done = run("solve", market_file, "--rule", "draw")

    assert (done.returncode, done.stderr) == (0, b"")
    assert Result.from_json(done.stdout) == solve(Market.from_json(MARKET))


def test_check_proves_a_result(market_file, result_file):
    done = run("check", market_file, result_file)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"[]\n", b"")


def test_check_lists_violations(market_file, result_file):
    result = json.loads(result_file.read_text())
    result["matching"]["ann"] = None
    result_file.write_text(json.dumps(result))

    done = run("check", market_file, result_file)

    expected = check(Market.from_json(MARKET), Result.from_json(result))
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout) == [violation.to_json() for violation in expected]


def test_solve_knows_rules_and_sides(market_file):
    done = run("solve", market_file, "--rule", "fill", "--side", "company")

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == solve(Market.from_json(MARKET), "fill", "company").to_json()


def test_rematch_fills_what_is_left_and_check_compares(market_file, result_file, tmp_path):
    later = tmp_path / "later.json"

    done = run("rematch", market_file, result_file, "--withdraw", "ann", "--mode", "fill")
    later.write_bytes(done.stdout)
    checked = run("check", market_file, later, "--before", result_file)
    turned = run("check", market_file, result_file, "--before", later)

    filled = rematch(Market.from_json(MARKET), Result.from_json(result_file.read_text()), ["ann"], "fill")
    assert (done.returncode, json.loads(done.stdout)) == (0, filled.to_json())
    assert (checked.returncode, checked.stdout) == (0, b"[]\n")
    assert b'remark: {"code":"blocking_pair"' in checked.stderr
    assert (turned.returncode, json.loads(turned.stdout)[0]["code"]) == (1, "came_back")


def test_rematch_goes_on_from_nothing_unproved(market_file, result_file):
    result_file.write_text(result_file.read_text().replace('"p1"', "null"))

    done = run("rematch", market_file, result_file, "--withdraw", "bob")

    assert done.returncode == 1
    assert json.loads(done.stdout)
    assert b"Traceback" not in done.stderr


def test_rematch_refuses_a_stranger(market_file, result_file):
    done = run("rematch", market_file, result_file, "--withdraw", "bob,gil")

    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"no trainee 'gil' in this market\n")


def test_explain_gives_reasons(market_file, result_file):
    done = run("explain", market_file, result_file, "--trainee", "bob")

    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (told["trainee"], told["matched"]) == ("bob", "p2")
    assert [reason["code"] for reason in told["reasons"]] == ["project_full", "matched"]


def test_explain_refuses_a_result_that_is_not_proved(market_file, result_file):
    result_file.write_text(result_file.read_text().replace('"p1"', "null"))

    done = run("explain", market_file, result_file, "--trainee", "bob")

    assert done.returncode == 1
    assert json.loads(done.stdout)
    assert b"Traceback" not in done.stderr


def test_explain_refuses_a_stranger(market_file, result_file):
    done = run("explain", market_file, result_file, "--trainee", "gil")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"no trainee 'gil' in this market\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "/: not_json: not JSON: Expecting value (line 1, column 1)"),
        (b"\xff", "/: not_utf8: not UTF-8 at byte 0"),
        (b"[" * 200_000, "/: too_deep: nested too deeply"),
        (b"[]", "/: wrong_type: expected an object, found an array"),
        (
            b'{"trainees": NaN, "projects": [], "companies": []}',
            "/trainees: wrong_type: expected an array, found a number",
        ),
        (
            b'{"trainees": [], "trainees": [], "projects": [], "companies": []}',
            "/: duplicate_key: the key 'trainees' stands twice in one object",
        ),
        (
            b'{"trainees": [], "projects": [], "companies": [{"id": "c", "capacity": 1e999}]}',
            "/companies/0/capacity: not_finite: this is not a finite number",
        ),
        (
            b'{"trainees": [], "projects": [], "companies": [{"id": "c", "capacity": ' + b"9" * 9999 + b"}]}",
            "/companies/0/capacity: too_large: a number here is at most 9007199254740991",
        ),
        (
            b'{"trainees": [], "projects": [], "companies": [{"id": "\\ud800", "capacity": true}]}',
            "/companies/0/id: lone_surrogate: a lone surrogate is not text\n/companies/0/capacity: wrong_type: expected a number, found true or false",
        ),
        (
            b'{"trainees": [], "projects": [], "companies": [], "\\ud800\\u001b[2J": 1}',
            "/: unknown_key: the key '\\ud800\\x1b[2J' has no meaning here",
        ),
    ],
)
def test_command_says_what_is_wrong_with_a_file(tmp_path, content, said):
    path = tmp_path / "broken.json"
    path.write_bytes(content)

    done = run("solve", path)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == said + "\n"


@pytest.mark.parametrize("name", ["missing.json", ".", "/dev/null", "a\0b"[:1]])
def test_command_refuses_what_is_no_file(tmp_path, name):
    done = run("solve", tmp_path / name)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [[], ["solve"], ["solve", "m.json", "--rule", "chance"], ["check", "m.json"], ["defend", "m.json"]],
)
def test_command_refuses_what_it_does_not_know(arguments):
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"usage: python -m matching.engine")


def test_command_checks_the_form_of_a_result(market_file, tmp_path):
    path = tmp_path / "result.json"
    path.write_text('{"matching": {}}')

    done = run("check", market_file, path)

    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.splitlines()) == 6


def test_command_needs_nothing_but_the_standard_library(market_file):
    """An auditor's plain Python, in the plainest locale, without our virtual environment."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PLAIN, str(ROOT), str(market_file)],
        env={"LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert Result.from_json(done.stdout) == solve(Market.from_json(MARKET))


PLAIN = """
import sys
sys.path.insert(0, sys.argv[1])
from matching.engine.__main__ import main
sys.exit(main(["solve", sys.argv[2]]))
"""
