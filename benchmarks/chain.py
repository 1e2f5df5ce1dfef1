"""Chaining and checking a million rows of history, against the minute that is allowed (the named limit).

python -m portal.embedded run --throwaway -- python benchmarks/chain.py [rows]
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEMO", "1")

import django
from django.db import connection

LIMIT = 60.0  # seconds for 1 000 000 rows


def main(rows: int) -> None:
    django.setup()
    from django.core.management import call_command

    from portal.audit import actions
    from portal.audit.models import ChainLink

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (verb, label, object_id, at, origin, data) SELECT 'submit_application',"
            " 'applications.Application', number::text, now(), 'page', jsonb_build_object('was', 'draft', 'now', 'submitted')"
            " FROM generate_series(1, %s) AS number",
            [rows],
        )
    actions.SETTLED *= 0
    actions.extend_chain()  # sees the rows
    began = time.perf_counter()
    actions.extend_chain()  # takes them in
    chained = time.perf_counter() - began
    began = time.perf_counter()
    broken = actions.broken_links()
    checked = time.perf_counter() - began
    taken = sum(ChainLink.objects.values_list("rows", flat=True))
    allowed = LIMIT * rows / 1_000_000
    print(f"{taken:,} rows: chained in {chained:.1f} s, checked in {checked:.1f} s, {len(broken)} broken")
    print(f"checking takes {checked / allowed:.3f} of the {allowed:.0f} s allowed")


main(*map(int, sys.argv[1:2] or [1_000_000]))
