import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Market, Result, check, moves, next_offers, rematch, report, solve
from matching.engine.market import Trainee
from tests.matching.engine.brute import Brute
from tests.matching.engine.markets import large_document, markets

RULES = st.sampled_from(["draw", "fill"])


@settings(max_examples=200)
@given(markets(trainees=5, minimums=True), RULES, st.data())
def test_rematch_by_chains_is_stable_for_those_who_stay_and_harms_nobody(market, rule, data):
    before = solve(market, rule)
    gone = data.draw(st.lists(st.sampled_from(list(market.trainees)), unique=True))

    after = rematch(market, before, gone)

    assert check(market, after, before) == []
    assert [after.matching[one] for one in gone] == [None] * len(gone)
    assert (after.withdrawn, after.mode, after.closed) == (tuple(sorted(gone)), "chain", before.closed)
    if rule == "draw":
        brute = Brute(_without(market, gone), before.closed)
        assert brute.stable(after.matching)
        assert brute.all_like(after.matching, {**before.matching, **dict.fromkeys(gone)})


@settings(max_examples=200)
@given(markets(trainees=5, minimums=True), RULES, st.data())
def test_rematch_by_filling_moves_nobody(market, rule, data):
    before = solve(market, rule)
    gone = data.draw(st.lists(st.sampled_from(list(market.trainees)), unique=True))

    after = rematch(market, before, gone, "fill")

    assert check(market, after, before) == []
    for trainee, project in before.matching.items():
        if project is not None and trainee not in gone:
            assert after.matching[trainee] == project


@settings(max_examples=100)
@given(markets(trainees=5), st.data())
def test_one_departure_after_the_other_ends_where_all_at_once_do(market, data):
    before = solve(market)
    gone = data.draw(st.lists(st.sampled_from(list(market.trainees)), unique=True, max_size=3))

    stepwise = before
    for one in gone:
        stepwise = rematch(market, stepwise, [one])

    if gone:
        assert stepwise == rematch(market, before, gone)


@settings(max_examples=100)
@given(markets(trainees=5), st.data())
def test_moves_lead_from_one_result_to_the_other(market, data):
    before = solve(market)
    gone = data.draw(st.lists(st.sampled_from(list(market.trainees)), unique=True))

    places = {**before.matching, **dict.fromkeys(gone)}
    for move in moves(market, before, gone):
        assert places[move.trainee] == move.before
        places[move.trainee] = move.project

    assert places == rematch(market, before, gone).matching


@settings(max_examples=200)
@given(markets(trainees=6), st.sampled_from(["chain", "fill"]), st.randoms(use_true_random=False), st.data())
def test_offers_that_are_all_accepted_end_where_rematch_does(market, mode, chance, data):
    before = solve(market)
    gone = data.draw(st.lists(st.sampled_from(list(market.trainees)), unique=True))
    state = _State(market, before, mode)

    for one in gone:
        state.withdraw(one)
    while state.pending:
        state.accept(chance.choice(sorted(state.pending)))

    assert state.matching == rematch(market, before, gone, mode).matching


@pytest.mark.parametrize("block", range(10))
def test_a_hundred_sequences_of_departures_keep_every_promise(block):
    """A thousand in all: people withdraw, decline, let offers lapse and accept, in any order.

    Once somebody has said no, a seat that was rightly offered before may be envied; without a no nobody envies.
    """
    for seed in range(100 * block, 100 * block + 100):
        chance = random.Random(seed)
        mode = chance.choice(["chain", "fill"])
        minimum = chance.choice([0, 2])
        document = large_document(24, 8, 4, wishes=5, places=(1, 2, 3), minimum=minimum, cap=4, seed=seed)
        market = Market.from_json(document)
        before = solve(market, chance.choice(["draw", "fill"]))
        state = _State(market, before, mode)

        for _ in range(12):
            staying = sorted(set(market.trainees) - state.gone)
            if state.pending and chance.random() < 0.7:
                answer = chance.choice(
                    [state.accept, state.accept, state.refuse] if seed % 2 else [state.accept]
                )
                answer(chance.choice(sorted(state.pending)))
            else:
                state.withdraw(chance.choice(staying))
            state.keeps_its_promises()
        while state.pending:
            state.accept(min(state.pending))
            state.keeps_its_promises()

        assert state.offers() == []
        found = {one.code for one in check(market, state.result())}
        assert found <= ({"blocking_pair"} if state.refused else set())


def test_rematch_refuses_strangers_and_unknown_modes():
    market = Market.from_json(large_document(5, 2, 1))
    result = solve(market)

    with pytest.raises(ValueError, match="no trainee 'x' in this market"):
        rematch(market, result, ["x"])
    with pytest.raises(ValueError, match="unknown mode 'hope'"):
        rematch(market, result, ["t1"], "hope")
    with pytest.raises(ValueError, match="unknown mode 'hope'"):
        next_offers(market, result, pending={}, mode="hope")
    with pytest.raises(ValueError, match="an offer is pending for a pair"):
        next_offers(market, result, pending={"t1": "p9"})


def test_report_tells_what_filling_without_moving_leaves():
    """x has b and would rather be at a, which takes y, who had nothing: nobody moves, and it is said."""
    market = Market.from_json(
        {
            "trainees": [
                {"id": "v", "prefs": ["a"]},
                {"id": "x", "prefs": ["a", "b"]},
                {"id": "y", "prefs": ["a"]},
            ],
            "projects": [
                {"id": "a", "company": "c", "capacity": 1},
                {"id": "b", "company": "d", "capacity": 1, "minimum": 1},
            ],
            "companies": [
                {"id": "c", "capacity": 1, "ranking": ["v", "x", "y"]},
                {"id": "d", "capacity": 1, "ranking": ["x"]},
            ],
        }
    )
    before = solve(market)

    filled = rematch(market, before, ["v"], "fill")
    chained = rematch(market, before, ["v"], "chain")

    assert filled.matching == {"v": None, "x": "b", "y": "a"}
    assert chained.matching == {"v": None, "x": "a", "y": None}
    assert [one.to_json() for one in report(market, filled, before).remarks] == [
        {"code": "blocking_pair", "place": "/matching/x", "trainee": "x", "project": "a"}
    ]
    assert report(market, filled, before).violations == []
    assert report(market, chained, before).remarks == []


class _State:
    """One call after publication: who has accepted what, who is being asked, who said no, who has left."""

    def __init__(self, market, result, mode):
        self.market, self.first, self.mode = market, result, mode
        self.matching = dict(result.matching)
        self.pending, self.refused, self.gone = {}, set(), set()

    def result(self):
        return Result.of(
            self.market,
            self.matching,
            self.first.closed,
            self.first.rule,
            withdrawn=tuple(self.gone),
            mode=self.mode,
        )

    def offers(self):
        return next_offers(
            self.market, self.result(), pending=self.pending, refused=self.refused, mode=self.mode
        )

    def withdraw(self, trainee):
        self.pending.pop(trainee, None)
        self.matching[trainee] = None
        self.gone.add(trainee)
        self.ask()

    def accept(self, trainee):
        self.matching[trainee] = self.pending.pop(trainee)
        self.ask()

    def refuse(self, trainee):
        self.refused.add((trainee, self.pending.pop(trainee)))
        self.ask()

    def ask(self):
        for offer in self.offers():
            assert offer.before == self.pending.get(offer.trainee)
            self.pending[offer.trainee] = offer.project

    def keeps_its_promises(self):
        """No seat is given twice, nobody is worse off than at first, the smaller number is asked first."""
        brute = Brute(self.market, self.first.closed)
        for seated in (self.matching, {**self.matching, **self.pending}):
            assert brute.fits(seated)
        everybody = [*self.matching.values(), *self.pending.values()]
        for project in set(everybody) - {None}:
            assert everybody.count(project) <= self.market.projects[project].capacity
        for trainee, project in self.first.matching.items():
            if trainee not in self.gone and project is not None:
                now = self.matching[trainee]
                assert now == project or brute.prefers(trainee, now, project)
        if self.mode == "fill":
            assert not [one for one in self.pending if self.matching[one] is not None]
        for trainee, project in self.pending.items() if self.first.rule == "draw" else ():
            for other in self._still_waiting(brute, project):
                assert brute.standing(other, project) < brute.standing(trainee, project)

    def _still_waiting(self, brute, project):
        """Who fits, would gain by a project and is not being asked about something better.

        Whoever said no to something may come to want a project whose seat was offered meanwhile.
        """
        company = self.market.projects[project].company
        inside = {
            one
            for places in (self.matching, self.pending)
            for one, where in places.items()
            if where is not None and self.market.projects[where].company == company
        }
        has_room = len(inside) < self.market.companies[company].capacity
        for one in set(self.market.trainees) - {who for who, _ in self.refused} - self.gone:
            has = self.pending.get(one, self.matching[one])
            wanted = project in brute.lists[one] and has != project and brute.prefers(one, project, has)
            allowed = self.mode == "chain" or self.matching[one] is None
            if wanted and allowed and (has_room or one in inside):
                yield one


def _without(market, gone):
    trainees = {one: Trainee(one, () if one in gone else own.wishes) for one, own in market.trainees.items()}
    fixed = {one: project for one, project in market.fixed.items() if one not in gone}
    return Market(
        trainees,
        market.projects,
        market.companies,
        fixed,
        market.school,
        market.school_caps,
        market.draw,
        market.seed,
    )
