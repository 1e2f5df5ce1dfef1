"""The proof: checks a result against its market from the definitions, sharing no code with the solver.

Only the data classes of `market` and `result` are shared. Standings, draw numbers, capacities, promotions, the
reopened match and the rank profile are worked out anew here, by other means than in `solve`: standings are
tuples, circles of seats are sets of names, and a match is found by rounds in which companies choose from all
who ask.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from matching.engine.market import Market
from matching.engine.result import MODES, RULES, SIDES, Result

__all__ = ["Report", "Violation", "check", "report"]

Standing = tuple[float, bool, int]
"""Score (or minus the tier), whether promoted, luck; the larger tuple stands better."""

Details = Mapping[str, str | int]

Circle = tuple[str, ...]
"""Seats under one cap: ("company", c), ("project", p) or ("school", p, s)."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a result fails.

    Attributes
    ----------
    code : str
        Of the file: ``wrong_market``, ``unknown_rule``, ``unknown_side``, ``unknown_mode``, ``wrong_size``,
        ``wrong_rank_profile``. Of placements: ``missing_trainee``, ``unknown_trainee``, ``unknown_project``,
        ``not_ranked``, ``not_acceptable``, ``fixed_moved``, ``matched_to_closed``. Of seats: ``over_company``,
        ``over_project``, ``over_school_cap``, ``below_minimum``. Of closures: ``closed_twice``,
        ``closed_without_minimum``, ``could_reopen``. Of stability: ``blocking_pair``, ``not_best_for_trainees``,
        ``not_best_for_companies``, ``not_by_rule``. Of departures: ``withdrawn_twice``, ``withdrawn_placed``,
        ``withdrawn_without_mode``. Compared with the result before: ``other_market``, ``came_back``,
        ``closed_differently``, ``worse_off``, ``moved``.
    place : str
        JSON pointer into the result file.
    details : mapping of str to str or int
        The ids and numbers that prove it.
    """

    code: str
    place: str
    details: Details = field(default_factory=dict)

    def to_json(self) -> dict[str, str | int]:
        return {"code": self.code, "place": self.place, **self.details}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: ``violations`` disprove the result, ``remarks`` only say what filling without moving leaves.

    Attributes
    ----------
    violations : list of Violation
        Empty if the result is proved.
    remarks : list of Violation
        After departures: projects below their minimum and, if nobody moved (mode ``fill``), the pairs of a
        placed trainee and a project that would both rather have each other.
    """

    violations: list[Violation]
    remarks: list[Violation]


def check(market: Market, result: Result, before: Result | None = None) -> list[Violation]:
    """Prove a result, or list what is wrong with it.

    Parameters
    ----------
    market : Market
        n trainees with lists of total length L.
    result : Result
    before : Result, optional
        What stood before vacancies were filled: nobody who stays may be worse off.

    Returns
    -------
    list of Violation
        Empty if and only if: the result names this market, places every trainee at most once and only on a
        ranked, acceptable, open project (or where the trainee is fixed), exceeds no cap, leaves no open
        project between 1 and its minimum less 1, has no blocking pair among the open projects, is the best
        stable matching for every trainee (or for the companies, as it says; by the rule ``fill``: the one the
        rule leads to), closes only projects with a minimum of which none can be reopened alone, and its
        figures are true. After departures (``mode``): whoever left has no project and blocks nothing; closed
        projects stay closed and minimums are remarks; in mode ``chain`` no pair of those who stay blocks, in
        mode ``fill`` none with a trainee who has no project. Ordered by kind, then by id.

    Notes
    -----
    Questions that make sense only for a sound matching are asked only of one: blocking pairs if the placements
    are sound, then the best stable matching, then reopening. O(L) and a draw number for everybody who is placed
    or ties with the last one placed; one match by rounds per closed project, and one for ``fill`` or companies.

    References
    ----------
    Abraham, Irving & Manlove 2007 (blocking pairs); Irving & Leather 1986 (rotations, for the best matching).
    """
    return report(market, result, before).violations


def report(market: Market, result: Result, before: Result | None = None) -> Report:
    """Like `check`, with the remarks that are no violations; see `Report`."""
    view = _View(market, frozenset(result.closed), frozenset(result.withdrawn))
    unsound = [*_figures(view, result), *_placements(view, result), *_closures(market, result)]
    unsound += _departures(market, result)
    if unsound:
        return Report(unsound, [])
    if result.rule == "fill":
        promoted = _match_by_rounds(view.other(), "fill")[1]
        view = view.other(gone=view.gone, promoted=promoted)
    seats = _Seating(view, result.matching)
    overfull, short = list(_overfull(seats)), list(_short(view, result))
    if result.mode is None:
        overfull, short = overfull + short, []
    if overfull:
        return Report(overfull, [])
    blocking = list(_blocking_pairs(seats))
    tolerated = [] if result.mode != "fill" else [one for one in blocking if _has_project(result, one)]
    unstable = [one for one in blocking if one not in tolerated] if tolerated else blocking
    remarks = short + tolerated
    if before is not None:
        unstable += _compared(view, result, before)
    if unstable or result.mode is not None:
        return Report(unstable, remarks)
    return Report(list(_not_best(view, seats, result)) or list(_reopenings(view, seats, result)), remarks)


def _figures(view: "_View", result: Result) -> Iterator[Violation]:
    """What the result says about itself."""
    market = view.market
    if result.market_sha256 != market.sha256:
        yield Violation("wrong_market", "/market_sha256", {"expected": market.sha256})
    if result.rule not in RULES:
        yield Violation("unknown_rule", "/rule", {"rule": result.rule})
    if result.side not in SIDES:
        yield Violation("unknown_side", "/side", {"side": result.side})
    if result.mode is not None and result.mode not in MODES:
        yield Violation("unknown_mode", "/mode", {"mode": result.mode})
    placed = sum(1 for project in result.matching.values() if project is not None)
    if result.size != placed:
        yield Violation("wrong_size", "/size", {"size": result.size, "expected": placed})
    profile: list[int] = []
    for trainee, own in market.trainees.items():
        project = result.matching.get(trainee)
        rank = None if project is None else _rank(own.wishes, project)
        if rank is not None:
            profile += [0] * (rank + 1 - len(profile))
            profile[rank] += 1
    if list(result.rank_profile) != profile:
        yield Violation("wrong_rank_profile", "/rank_profile")


def _rank(wishes: Sequence[str | tuple[str, ...]], project: str) -> int | None:
    """The tier in which a list names a project."""
    if project in wishes:
        return wishes.index(project)
    tied = (at for at, entry in enumerate(wishes) if isinstance(entry, tuple) and project in entry)
    return next(tied, None)


def _placements(view: "_View", result: Result) -> Iterator[Violation]:
    """Everyone is there, and nobody anywhere unasked."""
    for trainee in view.market.trainees:
        if trainee not in result.matching:
            yield Violation("missing_trainee", "/matching", {"trainee": trainee})
    for trainee, project in sorted(result.matching.items()):
        fault = _misplacement(view, trainee, project)
        if fault:
            ids = {"trainee": trainee, "project": project or ""}
            yield Violation(fault, f"/matching/{_escaped(trainee)}", ids)


def _misplacement(view: "_View", trainee: str, project: str | None) -> str | None:
    if trainee not in view.market.trainees:
        return "unknown_trainee"
    if trainee in view.fixed:
        return None if project == view.fixed[trainee] else "fixed_moved"
    if project is None:
        return None
    if project not in view.market.projects:
        return "unknown_project"
    if project in view.closed:
        return "matched_to_closed"
    if trainee in view.gone:
        return "withdrawn_placed"
    if _rank(view.market.trainees[trainee].wishes, project) is None:
        return "not_ranked"
    return None if trainee in view.scores[project] else "not_acceptable"


def _closures(market: Market, result: Result) -> Iterator[Violation]:
    """Only projects with a minimum close."""
    for position, project in enumerate(result.closed):
        place, ids = f"/closed/{position}", {"project": project}
        if project in result.closed[:position]:
            yield Violation("closed_twice", place, ids)
        elif project not in market.projects:
            yield Violation("unknown_project", place, ids)
        elif market.projects[project].minimum == 0:
            yield Violation("closed_without_minimum", place, ids)


def _departures(market: Market, result: Result) -> Iterator[Violation]:
    """Whoever left is known, left once, and is only there if vacancies were filled."""
    for position, trainee in enumerate(result.withdrawn):
        place, ids = f"/withdrawn/{position}", {"trainee": trainee}
        if trainee in result.withdrawn[:position]:
            yield Violation("withdrawn_twice", place, ids)
        elif trainee not in market.trainees:
            yield Violation("unknown_trainee", place, ids)
        elif result.mode is None:
            yield Violation("withdrawn_without_mode", place, ids)


class _View:
    """A market with some projects closed and some trainees gone, as the definitions speak of it.

    Attributes
    ----------
    scores : mapping of project to mapping of trainee to score
        Minus the tier where the company gives a ranking; whoever is missing is unacceptable.
    fixed : mapping of trainee to open project
    cap : mapping of circle to seats
        What closures and fixed placements leave.
    promoted : set of trainees
        Empty unless the rule is ``fill``.
    """

    def __init__(
        self,
        market: Market,
        closed: Set[str],
        gone: Set[str] = frozenset(),
        promoted: Set[str] = frozenset(),
        base: "_View | None" = None,
    ) -> None:
        self.market = market
        self.closed = closed
        self.gone = gone
        self.promoted = promoted
        self.scores: Mapping[str, Mapping[str, float]] = base.scores if base else _scores(market)
        self.fixed: Mapping[str, str] = {
            one: project for one, project in market.fixed.items() if project not in closed and one not in gone
        }
        self.cap = self._caps()
        self._order = cache(lambda project: _drawn(market.seed, project, None))
        if base is None:
            every_wish = chain.from_iterable(one.wishes for one in market.trainees.values())
            self.tied = tuple in set(map(type, every_wish))
            self.luck = cache(self._luck)
            self.acceptable_wishes = cache(self._acceptable_wishes)
        else:  # neither depends on what is closed, who left and who was promoted
            self.tied, self.luck, self.acceptable_wishes = base.tied, base.luck, base.acceptable_wishes

    def other(
        self, closed: Set[str] | None = None, gone: Set[str] = frozenset(), promoted: Set[str] = frozenset()
    ) -> "_View":
        """The same market under other circumstances."""
        return _View(self.market, self.closed if closed is None else closed, gone, promoted, base=self)

    def free(self) -> list[str]:
        """Those without a fixed placement at an open project who are still there."""
        away = self.fixed.keys() | self.gone
        return (
            [one for one in self.market.trainees if one not in away] if away else list(self.market.trainees)
        )

    def wishes(self, trainee: str) -> Sequence[str]:
        """A list with its ties broken by the projects' draw; who would accept the trainee is not asked."""
        wishes = self.market.trainees[trainee].wishes
        if not self.tied:
            return wishes  # type: ignore[return-value]  # nothing but ids
        tiers = [(entry,) if isinstance(entry, str) else entry for entry in wishes]
        return [one for tier in tiers for one in sorted(tier, key=self._order)]

    def _acceptable_wishes(self, trainee: str) -> list[str]:
        return [project for project in self.wishes(trainee) if trainee in self.scores[project]]

    def standing(self, trainee: str, project: str, promoted: bool | None = None) -> Standing:
        """How the company sees an acceptable pair; ``promoted`` where it is not as it ended."""
        if promoted is None:
            promoted = trainee in self.promoted
        return self.scores[project][trainee], promoted, self.luck(trainee)

    def circles(self, trainee: str, project: str) -> list[Circle]:
        """The circles of seats a pair takes part in, the smallest first."""
        circles: list[Circle] = [("project", project), ("company", self.market.projects[project].company)]
        caps = self.market.school_caps.get(project)
        if caps is not None and self.market.school.get(trainee) in caps:
            circles.insert(0, ("school", project, self.market.school[trainee]))
        return circles

    def _luck(self, trainee: str) -> int:
        return -_drawn(self.market.seed, trainee, self.market.draw.get(trainee))

    def _caps(self) -> dict[Circle, int]:
        market = self.market
        cap: dict[Circle, int] = {("company", one.id): one.capacity for one in market.companies.values()}
        for project in market.projects.values():
            cap["project", project.id] = 0 if project.id in self.closed else project.capacity
        for of, caps in market.school_caps.items():
            cap |= {("school", of, school): seats for school, seats in caps.items()}
        for trainee, fixed_to in self.fixed.items():
            for circle in self.circles(trainee, fixed_to):
                cap[circle] -= 1
        return cap


def _scores(market: Market) -> dict[str, Mapping[str, float]]:
    """For each project, everybody acceptable there with the company's score, or minus the tier of its ranking."""
    by_tier: dict[str, Mapping[str, float]] = {}
    for company in market.companies.values():
        entries = company.ranked or ()
        if tuple in set(map(type, entries)):
            by_tier[company.id] = {
                one: -tier for tier, tied in enumerate(company.ranking or ()) for one in tied
            }
        else:
            by_tier[company.id] = dict(zip(entries, range(0, -len(entries), -1), strict=True))  # type: ignore[arg-type]
    return {
        project.id: by_tier[project.company] if project.scores is None else project.scores
        for project in market.projects.values()
    }


@dataclass(eq=False, slots=True)
class _Seats:
    """The seats under one cap, fixed placements left out.

    Attributes
    ----------
    circle : Circle
    left : int
        Seats that closures and fixed placements leave.
    taken : int
    worst : (score, trainee, project) or None
        The worst pair that sits here.
    waiting : (score, trainee, project) or None
        The best pair for which this is the smallest full circle.
    """

    circle: Circle
    left: int
    taken: int = 0
    worst: tuple[float, str, str] | None = None
    waiting: tuple[float, str, str] | None = None

    @property
    def is_full(self) -> bool:
        return self.taken >= self.left


class _Seating:
    """Who sits where, with every circle of seats."""

    def __init__(self, view: _View, matching: Mapping[str, str | None]) -> None:
        self.view = view
        self.project = {one: matching[one] for one in view.free()}
        self.seats = {circle: _Seats(circle, left) for circle, left in view.cap.items()}
        self.around = {
            one.id: [self.seats["project", one.id], self.seats["company", one.company]]
            for one in view.market.projects.values()
        }
        for trainee, project in self.project.items():
            if project is not None:
                pair = (view.scores[project][trainee], trainee, project)
                for seats in self.circles(trainee, project):
                    seats.taken += 1
                    if seats.worst is None or self.stands_better(seats.worst, pair):
                        seats.worst = pair
        #: Who would rather be at each closed project; `blocking` finds them.
        self.asking: dict[str, list[str]] = {project: [] for project in view.closed}
        #: The smallest full circle around a project, school caps apart.
        self.full = {
            project: next((seats for seats in around if seats.is_full), None)
            for project, around in self.around.items()
        }

    def circles(self, trainee: str, project: str) -> list[_Seats]:
        """The circles of seats a pair takes part in, the smallest first."""
        if project not in self.view.market.school_caps:
            return self.around[project]
        return [self.seats[circle] for circle in self.view.circles(trainee, project)]

    def stands_better(self, one: tuple[float, str, str], other: tuple[float, str, str]) -> bool:
        """Whether one pair stands better than another; draws are looked up only where scores tie."""
        if one[0] != other[0]:
            return one[0] > other[0]
        return self.view.standing(*one[1:]) > self.view.standing(*other[1:])

    def blocking(self) -> list[tuple[str, str]]:
        """Pairs that would both rather have each other; notes on the way who waits for which circle."""
        view, found = self.view, list[tuple[str, str]]()
        capped, closed = view.market.school_caps, view.closed
        known = {project: (view.scores[project], self.full[project]) for project in view.market.projects}
        for trainee, has in self.project.items():
            for project in view.wishes(trainee):
                if project == has:
                    break
                scores, full = known[project]
                score = scores.get(trainee)
                if score is None:
                    continue
                if project in closed:
                    self.asking[project].append(trainee)
                    continue
                if project in capped:
                    full = next((seats for seats in self.circles(trainee, project) if seats.is_full), None)
                if full is None:
                    found.append((trainee, project))  # (a) room in the company and in the project
                    continue
                if (full.worst is None or score >= full.worst[0]) and self.blocks(trainee, project, full):
                    found.append((trainee, project))
                first = full.waiting
                if first is None or (
                    score >= first[0] and self.stands_better((score, trainee, project), first)
                ):
                    full.waiting = (score, trainee, project)
        return found

    def blocks(self, trainee: str, project: str, full: _Seats) -> bool:
        """Whether a company whose seats are taken would take a trainee who wants to come."""
        standing = self.view.standing(trainee, project)
        if full.worst is not None and standing > self.view.standing(*full.worst[1:]):
            return True  # (b) and (c) better than the worst pair of the full circle
        current = self.project[trainee]
        if full.circle[0] != "company" or current is None:
            return False
        if self.view.market.projects[current].company != full.circle[1]:
            return False
        return standing >= self.view.standing(
            trainee, current
        )  # (b) already in the full company, and no worse here


def _overfull(seating: _Seating) -> Iterator[Violation]:
    """No cap is exceeded."""
    codes = {"company": "over_company", "project": "over_project", "school": "over_school_cap"}
    over = [seats for seats in seating.seats.values() if seats.taken > seats.left]
    for seats in sorted(over, key=lambda one: one.circle):
        ids: Details = {"circle": "/".join(seats.circle[1:]), "taken": seats.taken, "left": seats.left}
        yield Violation(codes[seats.circle[0]], "/matching", ids)


def _short(view: _View, result: Result) -> Iterator[Violation]:
    """No open project runs below its minimum."""
    for project, size in sorted(_sizes(result.matching.values()).items()):
        minimum = view.market.projects[project].minimum
        if size < minimum:
            ids: Details = {"project": project, "size": size, "minimum": minimum}
            yield Violation("below_minimum", "/matching", ids)


def _has_project(result: Result, pair: Violation) -> bool:
    return result.matching[str(pair.details["trainee"])] is not None


def _blocking_pairs(seating: _Seating) -> Iterator[Violation]:
    for trainee, project in seating.blocking():
        ids = {"trainee": trainee, "project": project}
        yield Violation("blocking_pair", f"/matching/{_escaped(trainee)}", ids)


def _compared(view: _View, result: Result, before: Result) -> Iterator[Violation]:
    """Filling vacancies made nobody who stays worse off, and in mode ``fill`` moved nobody."""
    if before.market_sha256 != result.market_sha256:
        yield Violation("other_market", "/market_sha256", {"before": before.market_sha256})
        return
    if tuple(sorted(before.closed)) != tuple(sorted(result.closed)):
        yield Violation("closed_differently", "/closed")
    for trainee in sorted(set(before.withdrawn) - set(result.withdrawn)):
        yield Violation("came_back", "/withdrawn", {"trainee": trainee})
    for trainee, now in result.matching.items():
        had = before.matching.get(trainee)
        if trainee in view.gone or had is None or had == now:
            continue
        place, ids = f"/matching/{_escaped(trainee)}", {"trainee": trainee, "before": had, "now": now or ""}
        order = list(view.wishes(trainee))
        if now is None or had not in order or order.index(now) > order.index(had):
            yield Violation("worse_off", place, ids)
        elif result.mode == "fill":
            yield Violation("moved", place, ids)


def _not_best(view: _View, seating: _Seating, result: Result) -> Iterator[Violation]:
    """Among the stable matchings it is the one that the rule and the side promise."""
    if (result.rule, result.side) == ("draw", "trainee"):
        yield from _better_for_trainees(seating)
        return
    code = "not_by_rule" if result.side == "trainee" else "not_best_for_companies"
    expected = _expected(view, result.rule, result.side)
    for trainee, project in expected.items():
        if result.matching[trainee] != project:
            ids = {"trainee": trainee, "project": project or ""}
            yield Violation(code, f"/matching/{_escaped(trainee)}", ids)


def _expected(view: _View, rule: str, side: str) -> dict[str, str | None]:
    """The matching of some rule and side, and no other way than by rounds."""
    matching, promoted = _match_by_rounds(view, rule)
    if side == "trainee":
        return matching
    return _match_by_offers(view.other(promoted=promoted) if rule == "fill" else view)


def _better_for_trainees(seating: _Seating) -> Iterator[Violation]:
    """Trainees who could pass their seats round a ring, each gaining, with the result as stable as before.

    If a placed trainee left, the seat would go to the best-standing pair that is kept out by a full circle
    around that seat. Following these successors either ends at somebody without a seat to pass on, or closes
    a ring; a stable matching is the best one for trainees if and only if there is no ring.
    """
    successor = _successors(seating)
    settled: set[str] = set()
    for start in successor:
        path: dict[str, None] = {}
        trainee: str | None = start
        while trainee is not None and trainee not in settled and trainee not in path:
            path[trainee] = None
            trainee = successor.get(trainee)
        if trainee in path:
            ring = list(path)[list(path).index(trainee) :]
            place = f"/matching/{_escaped(ring[0])}"
            yield Violation("not_best_for_trainees", place, {"trainee": ring[0], "trainees": len(ring)})
        settled.update(path)


def _successors(seating: _Seating) -> dict[str, str]:
    """Who would follow each placed trainee; `_Seating.blocking` has noted who waits."""
    successor = {}
    for trainee, project in seating.project.items():
        if project is None:
            continue
        best: tuple[float, str, str] | None = None
        for seats in seating.circles(trainee, project):
            waiting = seats.waiting
            if waiting is not None and (best is None or seating.stands_better(waiting, best)):
                best = waiting
        if best is not None:
            successor[trainee] = best[1]
    return successor


def _reopenings(view: _View, seating: _Seating, result: Result) -> Iterator[Violation]:
    """Closed projects that could open alone without leaving any open project below its minimum."""
    fixed_to = set(view.market.fixed.values())
    for position, project in enumerate(result.closed):
        few = len(seating.asking[project]) < view.market.projects[project].minimum
        if few and (result.rule, result.side) == ("draw", "trainee") and project not in fixed_to:
            # With one project more nobody gets worse, so only who asks for it now can come: too few for its minimum.
            # It stays short if one comes at all; if none would be taken, this very matching is stable with it open.
            if any(_would_come(view, seating, trainee, project) for trainee in seating.asking[project]):
                continue
            sizes: Mapping[str, int] = {}
        else:
            still_closed = frozenset(result.closed) - {project}
            sizes = _sizes(_expected(view.other(still_closed), result.rule, result.side).values())
        if all(size >= view.market.projects[one].minimum for one, size in sizes.items()):
            ids: Details = {"project": project, "size": sizes.get(project, 0)}
            yield Violation("could_reopen", f"/closed/{position}", ids)


def _would_come(view: _View, seating: _Seating, trainee: str, project: str) -> bool:
    """Whether a pair would block if the project were open, with nobody in it."""
    market = view.market
    caps = market.school_caps.get(project, {})
    if not market.projects[project].capacity or caps.get(market.school.get(trainee, ""), 1) == 0:
        return False
    company = seating.seats["company", market.projects[project].company]
    return not company.is_full or seating.blocks(trainee, project, company)


def _match_by_rounds(view: _View, rule: str) -> tuple[dict[str, str | None], frozenset[str]]:
    """Deferred acceptance in rounds: all ask their best remaining project, every company keeps the best it can.

    By the rule ``fill`` every list is gone through twice, the second time promoted. Answers the matching and
    who was promoted.
    """
    rounds = 2 if rule == "fill" else 1
    wishes = {trainee: view.acceptable_wishes(trainee) for trainee in view.free()}
    wish = dict.fromkeys(wishes, 0)
    held: dict[str, list[tuple[Standing, int, str, str]]] = defaultdict(list)
    asking = list(wishes)
    while asking:
        asked = set()
        for trainee in asking:
            own, position = wishes[trainee], wish[trainee]
            if position < rounds * len(own):
                project = own[position % len(own)]
                company = view.market.projects[project].company
                standing = view.standing(trainee, project, promoted=position >= len(own))
                held[company].append((standing, 0, trainee, project))
                asked.add(company)
        asking = []
        for company in asked:
            refused = set(_refused(view, held[company]))
            held[company] = [pair for pair in held[company] if pair[2:] not in refused]
            asking += [trainee for trainee, _ in refused]
        for trainee in asking:
            wish[trainee] += 1
    matching: dict[str, str | None] = dict.fromkeys(wishes)
    matching |= {trainee: project for pairs in held.values() for *_, trainee, project in pairs}
    promoted = frozenset(one for one, position in wish.items() if position >= len(wishes[one]))
    return matching | dict(view.fixed) | dict.fromkeys(view.gone), promoted


def _match_by_offers(view: _View) -> dict[str, str | None]:
    """Companies propose in rounds: each offers to the best pairs that fit; trainees strike out all below the best."""
    free = view.free()
    left = {trainee: view.acceptable_wishes(trainee) for trainee in free}
    while True:
        pairs: dict[str, list[tuple[Standing, int, str, str]]] = defaultdict(list)
        for trainee, wishes in left.items():
            for position, project in enumerate(wishes):
                company = view.market.projects[project].company
                pairs[company].append((view.standing(trainee, project), -position, trainee, project))
        offered: dict[str, set[str]] = defaultdict(set)
        for asked in pairs.values():
            refused = set(_refused(view, asked))
            for *_, trainee, project in asked:
                if (trainee, project) not in refused:
                    offered[trainee].add(project)
        shorter = {
            trainee: wishes[: 1 + min(wishes.index(one) for one in offered[trainee])]
            if offered[trainee]
            else wishes
            for trainee, wishes in left.items()
        }
        if shorter == left:
            break
        left = shorter
    held: dict[str, str | None] = {trainee: min(offered[trainee], default=None) for trainee in free}
    return held | dict(view.fixed) | dict.fromkeys(view.gone)


def _refused(view: _View, asked: list[tuple[Standing, int, str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs one company turns away: it goes down its scale and takes what still fits into every circle.

    Between pairs of one trainee that stand equal, the trainee's order decides (the second entry).
    """
    taken: dict[Circle, int] = defaultdict(int)
    for *_, trainee, project in sorted(asked, reverse=True):
        circles = view.circles(trainee, project)
        if any(taken[circle] >= view.cap[circle] for circle in circles):
            yield trainee, project
            continue
        for circle in circles:
            taken[circle] += 1


def _sizes(projects: Iterable[str | None]) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for project in projects:
        if project is not None:
            sizes[project] += 1
    return dict(sizes)


def _drawn(seed: str, one: str, given: int | None) -> int:
    """A draw number and, below it, the digest that decides if two were equal; the smaller wins."""
    digest = hashlib.sha256(seed.encode("utf-8") + b"\x00" + one.encode("utf-8")).hexdigest()
    return (int(digest[:12], 16) if given is None else given) << 256 | int(digest, 16)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
