"""What holds for the whole tree: the shape a newcomer relies on."""

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from portal.celery import app as celery_app
from portal.workflow import Workflow

ROOT = Path(__file__).parent.parent
PACKAGES = ("portal", "projects", "matching")
SOURCES = [
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = [config for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES]


def line_of_apps():
    contract = PYPROJECT["tool"]["importlinter"]["contracts"][0]
    names = [name.strip("() ") for layer in contract["layers"] for name in layer.replace(":", "|").split("|")]
    return set(names)


@pytest.mark.parametrize("config", OURS, ids=lambda config: config.name)
def test_every_app_stands_in_the_line(config):
    aside = {"portal.embedded"}  # stands beside the line: only commands know it

    named = line_of_apps()

    assert config.name in named | aside or any(name.startswith(config.name + ".") for name in named)


def test_engine_needs_no_django():
    code = "import sys, matching.engine; assert not {'django', 'portal', 'projects'} & set(sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)

    assert done.returncode == 0


def targets_of(node):
    """What an assignment writes to, tuples taken apart."""
    for target in getattr(node, "targets", None) or [getattr(node, "target", None)]:
        yield from target.elts if isinstance(target, ast.Tuple) else [target]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_state_is_written_only_by_a_workflow(path):
    if path.name == "workflow.py":
        return
    tree = ast.parse(path.read_text())
    assigned = [target for node in ast.walk(tree) for target in targets_of(node)]
    written = [part.lineno for part in assigned if isinstance(part, ast.Attribute) and part.attr == "state"]
    updates = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update"
    ]
    written += [node.lineno for node in updates for keyword in node.keywords if keyword.arg == "state"]

    allowed = "portal/demo/" in str(path)  # the demo loads histories in bulk
    assert written == [] or allowed


def workflows():
    for config in OURS:
        try:
            states = importlib.import_module(f"{config.name}.states")
        except ModuleNotFoundError:
            continue
        for name, value in vars(states).items():
            if isinstance(value, Workflow):
                yield pytest.param(config, value, id=f"{config.name}.{name}")


#: Moves that are one step inside a larger action, with where; a later step moves what an earlier one keeps.
INSIDE = {
    "send_notice": "portal.notices.actions._deliver",
    "give_up_notice": "portal.notices.actions._failed",
    "certify_rank_list": "projects.rankings.actions.certify_wishes",
    "replace_rank_list": "projects.rankings.actions.certify_wishes",
    "seal_rank_list": "projects.rankings.actions.seal_rankings",
    "void_rank_list": "projects.rankings.actions.seal_rankings",
    "place_application": "projects.placements.actions.offer_placements",
    "hold_application": "matching.actions.publish_run",
    "leave_application_unmatched": "matching.actions.publish_run",
    "start_placement": "projects.placements.actions.start_placements",
    "terminate_placement": "projects.placements.actions.terminate_project",
    "terminate_project": "projects.placements.actions.terminate_project",
    "cancel_call": "projects.placements.actions.cancel_call",
    "cancel_project": "projects.placements.actions.cancel_call",
    "cancel_application": "projects.placements.actions.cancel_call",
    "verify_run": "matching.actions.compute_run",
    "fail_run": "matching.actions.compute_run",
}


@pytest.mark.parametrize(("config", "workflow"), list(workflows()))
def test_every_move_has_an_action_of_its_name(config, workflow):
    missing = []
    for verb in workflow.moves:
        module, _, name = INSIDE.get(verb, f"{config.name}.actions.{verb}").rpartition(".")
        if not callable(getattr(importlib.import_module(module), name, None)):
            missing.append(verb)

    assert missing == []


@pytest.mark.parametrize(("config", "workflow"), list(workflows()))
def test_every_state_can_be_reached(config, workflow):
    states = {state for move in workflow.moves.values() for state in (*move.sources, move.target)}
    targets = {str(move.target) for move in workflow.moves.values()}
    first = {str(state) for state in states} - targets

    assert len(first) <= 1


def test_every_timetable_entry_is_a_task():
    celery_app.loader.import_default_modules()

    assert {entry["task"] for entry in celery_app.conf.beat_schedule.values()} <= set(celery_app.tasks)


@pytest.mark.parametrize(
    "model", [model for config in OURS for model in config.get_models()], ids=lambda model: model._meta.label
)
def test_every_model_has_a_korean_name_and_named_constraints(model):
    assert str(model._meta.verbose_name) != model._meta.model_name
    for constraint in model._meta.constraints:
        assert constraint.name == constraint.name.lower()


def test_nothing_publishes_to_the_broker():
    """A row is the queue: no ``.delay()``, no ``apply_async()`` anywhere; only the clock starts tasks."""
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in ("delay", "apply_async", "send_task")
    ]

    assert calls == []


def test_dates_are_never_taken_from_a_moment_in_utc():
    """``now().date()`` is yesterday until nine in the morning in Seoul."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "now().date()" in path.read_text() or "date.today()" in path.read_text()
    ]

    assert wrong == []


def test_psycopg_3_is_not_installed():
    """Django would silently use it."""
    assert importlib.util.find_spec("psycopg") is None


def test_locks_name_no_host():
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text()


def test_every_dependency_says_why():
    lines = (ROOT / "pyproject.toml").read_text().split("[tool.")[0].splitlines()
    packages = [line for line in lines if line.startswith('  "')]

    assert [line for line in packages if "#" not in line] == []


def test_login_is_required_by_default():
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE
