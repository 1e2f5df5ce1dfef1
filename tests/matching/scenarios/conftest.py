import pytest
from django.utils import timezone

from matching.actions import compute_run, queue_run
from matching.scenarios.actions import make_scenario
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    ProjectFactory,
    certified_scores,
    certified_wishes,
)


class Bench:
    """Four people and three projects, and the run that was made of them.

    ``wide`` and ``other`` have one place each, ``short`` needs two people and is wanted by one. The run places the best
    at ``wide`` and the second at ``other``; the third gets nothing, the silent one ranked nothing.
    """

    def __init__(self):
        self.call = CallFactory(sealed=True)
        self.wide = ProjectFactory(call=self.call, places=1, title="넓은 과제")
        self.other = ProjectFactory(call=self.call, places=1, title="다른 과제")
        self.short = ProjectFactory(call=self.call, places=3, minimum=2, title="모자란 과제")
        self.best, self.second, self.third, self.silent = [
            ApplicationFactory(call=self.call) for _ in range(4)
        ]
        certified_wishes(self.best, self.wide, state="sealed")
        certified_wishes(self.second, self.wide, self.other, state="sealed")
        certified_wishes(self.third, self.short, self.wide, state="sealed")
        lines = {(self.wide, self.best): 95, (self.wide, self.second): 80, (self.wide, self.third): 70}
        certified_scores(self.wide.company, lines, state="sealed")
        self.run = compute_run(queue_run(self.call, on=timezone.localdate()))

    def make(self, *changes, by, run=None, name="한 자리 더", rule="draw"):
        return make_scenario(run or self.run, name=name, rule=rule, changes=list(changes), by=by)

    def places(self, project, places, note="", capped=False):
        return {
            "kind": "places",
            "project": project.pk,
            "places": places,
            "capped": capped,
            "note": note,
        }

    def minimum(self, project, minimum):
        return {"kind": "minimum", "project": project.pk, "minimum": minimum, "note": ""}

    def exclude(self, project, note=""):
        return {"kind": "exclude", "project": project.pk, "note": note}

    def cap(self, company, cap):
        return {"kind": "cap", "company": company.pk, "cap": cap, "note": ""}

    def fix(self, application, project, note=""):
        return {
            "kind": "fix",
            "application": application.pk,
            "name": application.pseudonym.hex,
            "project": project.pk,
            "reason": "지역 거주 요건",
            "note": note,
        }


@pytest.fixture
def bench(db):
    return Bench()


def where(scenario):
    """Application -> (project, rank, outcome)."""
    rows = scenario.matches.select_related("application", "project")
    return {row.application: (row.project, row.rank, row.outcome) for row in rows}
