"""What holds for the whole tree: the shape a newcomer relies on."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin

from portal.celery import app as celery_app
from portal.workflow import Workflow
from tests.visiting import named_pages

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
    "call_off_interview": "projects.interviews.actions.cancel_slot",
    "place_application": "projects.placements.actions.offer_placements",
    "hold_application": "matching.actions.publish_run",
    "leave_application_unmatched": "matching.actions.publish_run",
    "start_placement": "projects.placements.actions.start_placements",
    "terminate_placement": "projects.placements.actions.terminate_project",
    "move_placement": "projects.placements.actions.accept_placement",
    "supersede_placement": "projects.placements.actions.offer_vacancies",
    "terminate_project": "projects.placements.actions.terminate_project",
    "pass_over_project": "projects.actions.pass_over_projects",
    "cancel_call": "projects.placements.actions.cancel_call",
    "cancel_project": "projects.placements.actions.cancel_call",
    "cancel_application": "projects.placements.actions.cancel_call",
    "verify_run": "matching.actions.compute_run",
    "fail_run": "matching.actions.compute_run",
    "fail_scenario": "matching.scenarios.actions.compute_scenario",
}


@pytest.mark.parametrize(("config", "workflow"), list(workflows()))
def test_every_move_has_an_action_of_its_name(config, workflow):
    """The action is there and names the verb, itself or in what it calls in its own file."""
    missing = []
    for verb in workflow.moves:
        module, _, name = INSIDE.get(verb, f"{config.name}.actions.{verb}").rpartition(".")
        if verb not in Actions(path_of(module)).words_in(name):
            missing.append(verb)

    assert missing == []


def test_every_move_inside_another_action_is_a_move():
    verbs = {verb for parameters in workflows() for verb in parameters.values[1].moves}

    assert set(INSIDE) <= verbs


@pytest.mark.parametrize(("config", "workflow"), list(workflows()))
def test_every_state_can_be_reached(config, workflow):
    states = {state for move in workflow.moves.values() for state in (*move.sources, move.target)}
    targets = {str(move.target) for move in workflow.moves.values()}
    first = {str(state) for state in states} - targets

    assert len(first) <= 1


# --- who writes -----------------------------------------------------------------------------------------

WRITES = {"save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
#: Whoever writes besides actions, and why.
WRITERS = {
    "portal/workflow.py": "moves rows for an action",
    "portal/accounts/models.py": "the manager's create_user, which Django asks for",
    "portal/accounts/forms.py": "allauth's own form saves the account",
    "portal/accounts/adapter.py": "draws a picture",
    "portal/ui/management/commands/check_translations.py": "writes a catalogue",
}
#: Actions that leave no line of history, and why.
UNRECORDED = {
    "portal.audit": "is the history",
    "portal.notices": "a message's row is its own history",
    "portal.jobs": "a night's row is its own history",
    "projects.fit": "computed from facts, again every night",
    "matching.find_changes": "writes to the cache only, of what a run keeps anyway",
    "portal.accounts.end_sessions": "part of actions that say why",
    "projects.placements.number_reserves": "part of publishing a run",
    "projects.rankings.add_wish": "a draft is nobody's business but its owner's",
    "projects.rankings.remove_wish": "a draft is nobody's business but its owner's",
    "projects.rankings.reorder_wishes": "a draft is nobody's business but its owner's",
    "projects.rankings.replace_wishes": "a draft is nobody's business but its owner's",
}
RECORDS = {"record", "record_all", "record_access"}
RAW = {"execute", "executemany", "raw", "copy_expert"}
#: Statements of our own, and why the ORM does not say them.
RAW_SQL = {
    "matching/actions.py": "a hundred thousand lines with their reasons, straight into the table",
    "portal/audit/actions.py": "a digest of a million rows is worked out where they are",
    "projects/fit/actions.py": "a hundred thousand rows at once, and only those that changed",
}


def path_of(module):
    return ROOT / (module.replace(".", "/") + ".py")


def dotted(path):
    return ".".join(path.relative_to(ROOT).parent.parts)


def calls_in(node):
    return [part for part in ast.walk(node) if isinstance(part, ast.Call)]


def name_of(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def is_write(call):
    """A call that changes a table. ``update`` is a dictionary's too: a queryset's comes from a manager or a filter."""
    if not isinstance(call.func, ast.Attribute):
        return False
    of = ast.unparse(call.func.value)
    update = call.func.attr in ("update", "_update") and re.search(
        r"objects|_manager|filter\(|exclude\(|rows\b", of
    )
    return call.func.attr in WRITES or bool(update)


class Actions:
    """One ``actions.py``: which function calls which, and what they say and do, followed within the file."""

    def __init__(self, path):
        tree = ast.parse(path.read_text())
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def reached_from(self, name):
        """``name`` and every function of this file it calls, directly or not."""
        found, todo = set(), [name]
        while todo:
            if (one := todo.pop()) in self.functions and one not in found:
                found.add(one)
                todo += [part.id for part in ast.walk(self.functions[one]) if isinstance(part, ast.Name)]
        return found

    def calls_from(self, name):
        return [call for one in self.reached_from(name) for call in calls_in(self.functions[one])]

    def words_in(self, name):
        return {
            part.value
            for one in self.reached_from(name)
            for part in ast.walk(self.functions[one])
            if isinstance(part, ast.Constant)
        }


def in_demo(path):
    """The demo loads years of history in bulk; it is no part of the running portal."""
    return path.is_relative_to(ROOT / "portal/demo")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_actions_write(path):
    if path.name == "actions.py" or in_demo(path):
        return
    writes = [call.lineno for call in calls_in(ast.parse(path.read_text())) if is_write(call)]

    assert writes == [] or str(path.relative_to(ROOT)) in WRITERS


def test_writers_besides_actions_still_write():
    """The list of exceptions names no file that has none."""
    idle = [
        name for name in WRITERS if not any(map(is_write, calls_in(ast.parse((ROOT / name).read_text()))))
    ]

    assert idle == []


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "actions.py"], ids=dotted)
def test_what_writes_leaves_a_trail(path):
    actions = Actions(path)
    silent = {
        f"{dotted(path)}.{name}"
        for name in actions.functions
        if not name.startswith("_")
        and any(map(is_write, actions.calls_from(name)))
        and not RECORDS & set(map(name_of, actions.calls_from(name)))
    }

    assert {name for name in silent if name not in UNRECORDED and dotted(path) not in UNRECORDED} == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "actions.py"], ids=dotted)
def test_who_moves_a_state_records_it(path):
    """In the same function or what it calls, so that no move is made beside the trail."""
    actions = Actions(path)
    silent = [
        name
        for name, function in actions.functions.items()
        if {"move", "move_all"} & {getattr(call.func, "attr", "") for call in calls_in(function)}
        and not RECORDS & set(map(name_of, actions.calls_from(name)))
    ]

    assert silent == [] or dotted(path) == "portal.notices"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_hold_no_locks_and_write_no_history(path):
    """What a view does, it does by one action, which holds the lock, the transaction and the trail."""
    if path.name not in ("views.py", "forms.py", "menu.py", "dashboard.py", "forecast.py", "admin.py"):
        return
    if path in (ROOT / "portal/ui/admin.py", ROOT / "portal/accounts/forms.py"):
        return  # many rows, a transaction each; a wrong second factor is known to its form alone
    used = {name_of(call) for call in calls_in(ast.parse(path.read_text()))}

    assert used & {"record", "record_all", "select_for_update", "atomic", "move", "move_all"} == set()


def test_sql_is_not_written_by_hand():
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not in_demo(path) and not path.is_relative_to(ROOT / "portal/embedded")
        for call in calls_in(ast.parse(path.read_text()))
        if isinstance(call.func, ast.Attribute) and call.func.attr in RAW
    }

    assert found == set(RAW_SQL)


# --- words at the edge ----------------------------------------------------------------------------------

WORDLESS = ("actions.py", "terms.py", "snapshot.py", "rules.py", "tasks.py")
HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.name in WORDLESS or "engine" in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_inner_files_hold_no_sentence(path):
    """They raise codes and return facts; the edge says them in the reader's language."""
    tree = ast.parse(path.read_text())
    texts = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node not in texts and HANGUL.search(str(node.value))
    ]
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert [text for text in said if not text.startswith("[^")] == []  # a set of letters is no sentence
    assert "django.utils.translation" not in imported


# --- who sees what --------------------------------------------------------------------------------------

#: Nouns the office alone looks at, or that are looked at through what they belong to.
THROUGH_OTHERS = {
    "audit.Event": "about a row that was fetched", "audit.Access": "the office", "files.StoredFile": "its page",
    "jobs.NightRun": "the office", "accounts.User": "oneself", "accounts.StaffMember": "the office",
    "accounts.ConsentText": "everybody", "accounts.Consent": "oneself", "schools.SchoolMember": "the school",
    "schools.Cohort": "the school", "companies.CompanyMember": "the company", "trainees.Skill": "everybody",
    "trainees.Field": "everybody", "projects.RuleSet": "the call", "projects.Deadline": "the call",
    "projects.Participation": "the company",
}  # fmt: skip
SCOPED = re.compile(
    r"visible_to\(|managed_by\(|candidates_for\(|verified\(|=request\.user|_own\w*\(|event__obligation="
)


def test_every_noun_says_who_sees_it():
    nouns = {model._meta.label: model for model in admin.site._registry}
    saying = {label for label, model in nouns.items() if hasattr(model._default_manager, "visible_to")}

    assert set(nouns) - saying == set(THROUGH_OTHERS)


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "views.py"], ids=dotted)
def test_rows_of_an_address_are_fetched_through_who_sees_them(path):
    """``get_object_or_404`` begins with a queryset that asks who is looking, so a stranger's row is a 404."""
    open_to_all = []
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        named = {
            target.id: ast.unparse(node.value)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in calls_in(function):
            if name_of(call) == "get_object_or_404":
                said = ast.unparse(call) + named.get(ast.unparse(call.args[0]), "")
                said += "".join(
                    named.get(root.id, "") for root in ast.walk(call.args[0]) if isinstance(root, ast.Name)
                )
                if not SCOPED.search(said):
                    open_to_all.append(f"{function.name}: {ast.unparse(call)}")

    assert open_to_all == []


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "views.py"], ids=dotted)
def test_every_view_says_which_methods_it_takes(path):
    """A view is a function with a decorator that answers 405 to everything else."""
    views = importlib.import_module(f"{dotted(path)}.views")
    urls = [pattern.callback for pattern in named_pages().values()]
    own = {view.__name__ for view in urls if getattr(view, "__module__", "") == views.__name__}
    functions = {
        node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)
    }

    deciding = {
        name
        for name in own
        if any(ast.unparse(line).startswith("require_") for line in functions[name].decorator_list)
    }
    assert own == deciding


# --- the rest -------------------------------------------------------------------------------------------


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
