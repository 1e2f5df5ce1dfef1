"""A whole final night on PostgreSQL, against the floor of moving the same rows out and in.

    python -m portal.embedded run --throwaway -- python benchmarks/nightly.py [--people N] [--json FILE]

Loads the demo programme at the size asked for (100 000 graduates, 3 000 companies, 10 000 projects unless told
otherwise), confirms the draw, and computes the final run exactly as the clock does. The phases are timed where the
action calls them. The floor, in the same run: a raw COPY out of the same rankings and a raw COPY in of the same
results into an empty table of the same shape. Target: everything but the solve within four times the floor, under
1.5 GB in all.
"""

import argparse
import datetime as dt
import io
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEMO", "1")

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

TARGET, MOST_MB = 4.0, 1500.0
PHASES = {  # what the action calls: the name under which it is told
    "read_run": "read",
    "solve": "solve",
    "check": "check",
    "Figures": "figures",
    "figures_of": "figures",
    "_keep": "keep",
    "_write_matches": "write",
    "run_finished": "notices",
}


def load(people: int, companies: int, projects: int) -> Any:
    """The call, sealed, with its draw confirmed."""
    from portal.accounts.models import User
    from projects.actions import confirm_draw_value, enter_draw_value
    from projects.models import Call, Draw

    call_command("migrate", verbosity=0)
    call_command(
        "seed", stage="matching", trainees=people, companies=companies, projects=projects, verbosity=0
    )
    call = Call.objects.filter(state="matching").latest("pk")
    one, other = User.objects.filter(is_staff=True).order_by("pk")[:2]
    if not call.draw.is_confirmed:
        with connection.cursor() as cursor:  # the demo's value becomes known tomorrow; this night is tonight
            cursor.execute("SET session_replication_role = replica")
            Draw.objects.filter(call=call).update(known_on=timezone.localdate() - dt.timedelta(days=1))
            cursor.execute("SET session_replication_role = origin")
        draw = enter_draw_value(Draw.objects.get(call=call), value="7 14 21", read_from="benchmark", by=one)
        confirm_draw_value(draw, value="7 14 21", by=other)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Call.objects.get(pk=call.pk)


def timed(module: Any, names: dict[str, str]) -> dict[str, float]:
    """Time each call the action makes to these names."""
    spent: dict[str, float] = defaultdict(float)

    def wrap(inner: Callable[..., Any], phase: str) -> Callable[..., Any]:
        def outer(*args: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*args, **options)
            finally:
                spent[phase] += time.perf_counter() - began

        return outer

    for name, phase in names.items():
        if hasattr(module, name):
            setattr(module, name, wrap(getattr(module, name), phase))
    return spent


def floor(call: Any, run: Any) -> dict[str, float]:
    """Seconds of the bare COPYs of the same rankings and results."""
    seconds = {}
    sealed = "SELECT id FROM rankings_ranklist WHERE state = 'sealed' AND call_id = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE sealed ON COMMIT DROP AS {sealed}", [call.pk])
        cursor.execute(
            "CREATE TEMP TABLE result ON COMMIT DROP AS SELECT * FROM matching_match WHERE run_id = %s",
            [run.pk],
        )
        cursor.execute("CREATE TEMP TABLE floor (LIKE matching_match) ON COMMIT DROP")
        rankings, results = io.StringIO(), io.StringIO()
        began = time.perf_counter()
        cursor.copy_expert(
            "COPY (SELECT * FROM rankings_rankitem WHERE rank_list_id IN (SELECT id FROM sealed)) TO STDOUT",
            rankings,
        )
        seconds["copy out"] = time.perf_counter() - began
        cursor.copy_expert("COPY result TO STDOUT", results)
        results.seek(0)
        began = time.perf_counter()
        cursor.copy_expert("COPY floor FROM STDIN", results)
        seconds["copy in"] = time.perf_counter() - began
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    options = parser.parse_args()
    django.setup()
    from matching import actions
    from matching.models import Match
    from projects.rankings.models import RankItem

    began = time.perf_counter()
    call = load(options.people, max(options.people * 3 // 100, 20), max(options.people // 10, 30))
    print(f"loaded in {time.perf_counter() - began:.0f} s")
    loaded_mb = peak_mb()
    spent = timed(actions, PHASES)
    run = actions.queue_run(call, on=timezone.localdate())
    began = time.perf_counter()
    run = actions.compute_run(run)
    whole = time.perf_counter() - began
    if run.state != "verified":
        raise SystemExit(f"the run is {run.state}: {run.error}")
    bare = floor(call, run)
    below = sum(bare.values())
    spent["rest"] = whole - sum(spent.values())
    wishes = RankItem.objects.filter(rank_list__call=call, rank_list__state="sealed", position__gt=0).count()
    matches = Match.objects.filter(run=run)
    print(f"{matches.count():,} applicants, {wishes:,} wishes, {len(run.figures['projects']):,} projects")
    for phase, seconds in spent.items():
        print(f"  {phase:<10} {seconds:8.2f} s")
    print(f"  {'whole':<10} {whole:8.2f} s, peak {peak_mb():.0f} MB (loading took {loaded_mb:.0f} MB)")
    print("  floor      " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in bare.items()))
    ratio = (whole - spent["solve"]) / below
    met = "met" if ratio <= TARGET and peak_mb() <= MOST_MB else "MISSED"
    print(f"  without the solve {ratio:.1f} times the floor; at most {TARGET:g} and {MOST_MB:.0f} MB: {met}")
    if options.json:
        numbers = {"phases": spent, "whole": whole, "floor": bare, "ratio": ratio, "peak_mb": peak_mb()}
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


main()
