from dataclasses import replace

from hypothesis import given, settings

from matching.engine import Market, solve
from matching.engine.figures import Figures, Reopening
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import markets
from tests.matching.engine.test_explain import MARKET


@settings(max_examples=200)
@given(markets(trainees=5, minimums=True))
def test_waiting_lists_hold_everyone_who_would_rather_be_there(market):
    result = solve(market)
    brute = Brute(market, result.closed)

    figures = Figures(market, result)

    for project in market.projects:
        rather = [
            trainee
            for trainee, wishes in brute.lists.items()
            if trainee not in brute.fixed
            and project in wishes
            and project != result.matching[trainee]
            and brute.prefers(trainee, project, result.matching[trainee])
        ]
        in_order = sorted(rather, key=lambda one: brute.standing(one, project), reverse=True)
        assert list(figures.waiting[project]) == in_order
    assert set(figures.reserves) == set(market.projects) - set(result.closed)


@settings(max_examples=200)
@given(markets(trainees=5, minimums=True))
def test_project_figures_agree_with_the_result(market):
    result = solve(market)
    brute = Brute(market, result.closed)

    figures = Figures(market, result).projects

    assert sum(one.size for one in figures.values()) == result.size
    for project, told in figures.items():
        lists = [trainee.prefs for trainee in market.trainees.values()]
        assert told.size == len(brute.at(result.matching, project))
        assert told.fixed == list(brute.fixed.values()).count(project)
        assert told.listings == sum(any(project in tier for tier in prefs) for prefs in lists)
        assert told.first_choices == sum(bool(prefs) and project in prefs[0] for prefs in lists)
        assert told.acceptable == sum(project in wishes for wishes in brute.lists.values())
        assert told.closed == (project in result.closed)


@settings(max_examples=200)
@given(markets(trainees=5))
def test_cutoffs_describe_the_whole_result_without_school_caps(market):
    """Whoever is not fixed gets the best project of the list whose lines they stand above, and nothing else."""
    if market.school_caps:
        market = Market.from_json({**market.to_json(), "school_caps": {}})
    result = solve(market)
    brute = Brute(market)
    figures = Figures(market, result)
    worst = _worst_standings(brute, result.matching)

    for trainee, wishes in brute.lists.items():
        if trainee in brute.fixed:
            continue
        reached = [
            project
            for project in wishes
            if _above(brute, trainee, project, figures.cutoffs[project].full, worst.get(("p", project)))
            and _above(
                brute,
                trainee,
                project,
                figures.company_cutoffs[market.projects[project].company].full,
                worst.get(("c", market.projects[project].company)),
            )
        ]
        assert result.matching[trainee] == (reached[0] if reached else None)


def test_figures_tell_what_a_closed_project_would_reach():
    market = Market.from_json(MARKET)
    figures = Figures(market, solve(market))

    assert figures.reopenings == {"p3": Reopening(reached=2, lacking={"p3": 1})}
    assert figures.waiting["p3"] == ("dan", "cho")
    assert figures.reserves["p1"] == ("bob",)
    assert (figures.projects["p3"].demand, figures.projects["p3"].size) == (2, 0)


def test_figures_tell_whom_a_reopened_project_would_harm():
    """Two people can fill either project, but each would rather be at another one."""
    market = Market.from_json(
        {
            "trainees": [{"id": "x", "prefs": ["a", "b"]}, {"id": "y", "prefs": ["b", "a"]}],
            "projects": [
                {"id": one, "company": "c", "capacity": 2, "minimum": 2, "scores": {"x": 1, "y": 1}}
                for one in "ab"
            ],
            "companies": [{"id": "c", "capacity": 4}],
        }
    )

    figures = Figures(market, solve(market))

    assert figures.result.closed == ("a",)
    assert figures.reopenings == {"a": Reopening(reached=1, lacking={"a": 1, "b": 1})}
    assert figures.projects["a"].harmed == ("b",)


@settings(max_examples=100)
@given(markets(trainees=5, minimums=True))
def test_figures_name_the_smallest_change_that_saves_a_closed_project(market):
    figures = Figures(market, solve(market))

    for project, reopening in figures.reopenings.items():
        lower = _with_minimums(market, reopening.lacking)
        open_too = frozenset(figures.result.closed) - {project}
        matching = Brute(lower, open_too).best()
        assert Brute(lower).reaches_minimums(matching)
        assert (project in matching.values()) == (reopening.reached > 0)
        for one in reopening.lacking:
            less = {**reopening.lacking, one: reopening.lacking[one] - 1}
            assert not Brute(_with_minimums(market, less)).reaches_minimums(matching)


def _with_minimums(market, lowered):
    projects = {
        one: project._replace(minimum=project.minimum - lowered.get(one, 0))
        for one, project in market.projects.items()
    }
    return replace(market, projects=projects)


def _worst_standings(brute, matching):
    worst = {}
    for trainee, project in matching.items():
        if project is not None and trainee not in brute.fixed:
            for circle in (("p", project), ("c", brute.market.projects[project].company)):
                own = brute.standing(trainee, project)
                worst[circle] = min(worst.get(circle, own), own)
    return worst


def _above(brute, trainee, project, full, line):
    return not full or (line is not None and brute.standing(trainee, project) >= line)
