import datetime as dt

import pytest

from projects.obligations.terms import audience, hire_due
from projects.terms import latest_stage

STAGES = (-90, -30, -14, -7, -1, 1, 7, 14)
DUE = dt.date(2027, 5, 29)


def test_hire_is_due_a_number_of_days_after_the_projects_end():
    assert hire_due(dt.date(2026, 11, 30), 180) == dt.date(2027, 5, 29)


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (-90, ("company",)),
        (-30, ("company",)),
        (-14, ("company",)),
        (-7, ("company",)),
        (-1, ("company",)),
        (0, ("company",)),
        (1, ("company", "trainee")),
        (6, ("company", "trainee")),
        (7, ("company", "operator")),
        (13, ("company", "operator")),
        (14, ("company", "operator", "agency")),
        (40, ("company", "operator", "agency")),
    ],
)
def test_each_stage_has_its_audience(stage, told):
    assert audience(stage) == told


@pytest.mark.parametrize(
    ("passed", "stage"),
    [
        (-91, None), (-90, -90), (-89, -90), (-31, -90), (-30, -30), (-29, -30), (-15, -30), (-14, -14), (-8, -14),
        (-7, -7), (-2, -7), (-1, -1), (0, -1), (1, 1), (6, 1), (7, 7), (13, 7), (14, 14), (15, 14), (400, 14),
    ],
)  # fmt: skip
def test_the_latest_stage_reached_is_the_one(passed, stage):
    assert latest_stage(DUE, DUE + dt.timedelta(days=passed), STAGES) == stage
