"""The proof: checks a result against its market from the definitions, sharing no code with the solver.

Only the data classes of `market` and `result` are shared. Standings, draw numbers, capacities, the reopened
match and the rank profile are worked out anew here, by other means than in `solve`: standings are tuples,
circles of seats are sets of names, and a match is found by rounds in which companies choose from all who ask.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from matching.engine.market import Market
from matching.engine.result import RULES, Result

__all__ = ["Violation", "check"]

Standing = tuple[float, int]
"""Score (or minus the tier), then minus the position in the draw; the larger tuple stands better."""

Details = Mapping[str, str | int]

Wishes = Mapping[str, list[tuple[str, Standing]]]

Circle = tuple[str, ...]
"""Seats under one cap: ("company", c), ("project", p) or ("school", p, s)."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a result fails.

    Attributes
    ----------
    code : str
        ``wrong_market``, ``unknown_rule``, ``missing_trainee``, ``unknown_trainee``, ``unknown_project``,
        ``not_ranked``, ``not_acceptable``, ``fixed_moved``, ``matched_to_closed``, ``over_company``,
        ``over_project``, ``over_school_cap``, ``below_minimum``, ``closed_twice``, ``closed_without_minimum``,
        ``could_reopen``, ``blocking_pair``, ``not_best_for_trainees``, ``wrong_size``, ``wrong_rank_profile``.
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


def check(market: Market, result: Result) -> list[Violation]:
    """Prove a result, or list what is wrong with it.

    Parameters
    ----------
    market : Market
        n trainees with lists of total length L.
    result : Result

    Returns
    -------
    list of Violation
        Empty if and only if: the result names this market, places every trainee at most once and only on a
        ranked, acceptable, open project (or where the trainee is fixed), exceeds no cap, leaves no open
        project between 1 and its minimum less 1, has no blocking pair among the open projects, is the best
        stable matching for every trainee, closes only projects with a minimum of which none can be reopened
        alone, and its figures are true. Ordered by kind, then by id.

    Notes
    -----
    Questions that make sense only for a sound matching are asked only of one: blocking pairs if the placements
    are sound, then the best stable matching, then reopening. O(L log n) and one match by rounds per closed project.

    References
    ----------
    Abraham, Irving & Manlove 2007 (blocking pairs); Irving & Leather 1986 (rotations, for the best matching).
    """
    wishes = _all_wishes(market)
    view = _View(market, wishes, frozenset(result.closed))
    unsound = [*_figures(market, result), *_placements(view, result), *_closures(market, result)]
    if unsound:
        return unsound
    seats = _Seating(view, result.matching)
    unstable = list(_overfull(view, seats, result)) or list(_blocking_pairs(view, seats))
    return unstable or list(_better_for_trainees(view, seats)) or list(_reopenings(market, wishes, result))


def _figures(market: Market, result: Result) -> Iterator[Violation]:
    """What the result says about itself."""
    if result.market_sha256 != market.sha256:
        yield Violation("wrong_market", "/market_sha256", {"expected": market.sha256})
    if result.rule not in RULES:
        yield Violation("unknown_rule", "/rule", {"rule": result.rule})
    placed = sum(1 for project in result.matching.values() if project is not None)
    if result.size != placed:
        yield Violation("wrong_size", "/size", {"size": result.size, "expected": placed})
    profile: list[int] = []
    for trainee in market.trainees.values():
        for rank, tier in enumerate(trainee.prefs):
            if result.matching.get(trainee.id) in tier:
                profile += [0] * (rank + 1 - len(profile))
                profile[rank] += 1
    if list(result.rank_profile) != profile:
        yield Violation("wrong_rank_profile", "/rank_profile")


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
    if not any(project in tier for tier in view.market.trainees[trainee].prefs):
        return "not_ranked"
    return None if project in dict(view.wishes[trainee]) else "not_acceptable"


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


def _all_wishes(market: Market) -> Wishes:
    """Every trainee's acceptable wishes with their standings, ties broken by the projects' draw."""
    luck = {one: -at for at, one in enumerate(_drawn(market.seed, market.trainees, market.draw))}
    project_luck = {one: at for at, one in enumerate(_drawn(market.seed, market.projects, {}))}
    by_tier = {
        company.id: {one: -float(tier) for tier, tied in enumerate(company.ranking or ()) for one in tied}
        for company in market.companies.values()
    }
    seen_by = {
        project.id: by_tier[project.company] if project.scores is None else project.scores
        for project in market.projects.values()
    }
    return {
        trainee.id: [
            (project, (seen_by[project][trainee.id], luck[trainee.id]))
            for tier in trainee.prefs
            for project in sorted(tier, key=lambda one: project_luck[one])
            if trainee.id in seen_by[project]
        ]
        for trainee in market.trainees.values()
    }


class _View:
    """A market with some projects closed, as the definitions speak of it.

    Attributes
    ----------
    wishes : mapping of trainee to list of (project, standing)
        As `_all_wishes` finds them; closed projects are in them, but have no seat.
    fixed : mapping of trainee to open project
    free : list of trainees
        Those without a fixed placement at an open project.
    cap : mapping of circle to seats
        What closures and fixed placements leave.
    """

    def __init__(self, market: Market, wishes: Wishes, closed: Set[str]) -> None:
        self.market = market
        self.wishes = wishes
        self.closed = closed
        self.fixed = {one: project for one, project in market.fixed.items() if project not in closed}
        self.free = [one for one in market.trainees if one not in self.fixed]
        self.cap = self._caps()

    def circles(self, trainee: str, project: str) -> list[Circle]:
        """The circles of seats a pair takes part in, the smallest first."""
        circles: list[Circle] = [("project", project), ("company", self.market.projects[project].company)]
        school = self.market.school.get(trainee)
        if school is not None and school in self.market.school_caps.get(project, {}):
            circles.insert(0, ("school", project, school))
        return circles

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


class _Seating:
    """Who sits where, fixed placements left out, with the worst standing inside every circle."""

    def __init__(self, view: _View, matching: Mapping[str, str | None]) -> None:
        self.project = {one: matching[one] for one in view.free}
        self.taken: dict[Circle, int] = defaultdict(int)
        self.worst: dict[Circle, Standing] = {}
        self.standing: dict[str, Standing] = {}
        for trainee, project in self.project.items():
            if project is not None:
                self.standing[trainee] = standing = dict(view.wishes[trainee])[project]
                for circle in view.circles(trainee, project):
                    self.taken[circle] += 1
                    self.worst[circle] = min(self.worst.get(circle, standing), standing)

    def envied(self, view: _View, trainee: str) -> Iterator[tuple[str, Standing]]:
        """The wishes above what the trainee has."""
        for project, standing in view.wishes[trainee]:
            if project == self.project[trainee]:
                return
            yield project, standing

    def full_circle(self, view: _View, trainee: str, project: str) -> Circle | None:
        """The smallest full circle around a pair."""
        circles = view.circles(trainee, project)
        return next((circle for circle in circles if self.taken[circle] >= view.cap[circle]), None)


def _overfull(view: _View, seats: _Seating, result: Result) -> Iterator[Violation]:
    """No cap is exceeded, and no open project runs below its minimum."""
    codes = {"company": "over_company", "project": "over_project", "school": "over_school_cap"}
    for circle, taken in sorted(seats.taken.items()):
        left = view.cap[circle]
        if taken > left:
            ids: Details = {"circle": "/".join(circle[1:]), "taken": taken, "left": left}
            yield Violation(codes[circle[0]], "/matching", ids)
    for project, size in sorted(_sizes(result.matching.values()).items()):
        minimum = view.market.projects[project].minimum
        if size < minimum:
            yield Violation(
                "below_minimum", "/matching", {"project": project, "size": size, "minimum": minimum}
            )


def _blocking_pairs(view: _View, seats: _Seating) -> Iterator[Violation]:
    """Pairs that would both rather have each other."""
    for trainee in view.free:
        for project, standing in seats.envied(view, trainee):
            if _blocks(view, seats, trainee, project, standing):
                ids = {"trainee": trainee, "project": project}
                yield Violation("blocking_pair", f"/matching/{_escaped(trainee)}", ids)


def _blocks(view: _View, seats: _Seating, trainee: str, project: str, standing: Standing) -> bool:
    """Whether the company would take a trainee who wants to come."""
    full = seats.full_circle(view, trainee, project)
    if full is None:
        return True  # (a) room in the company and in the project
    worst = seats.worst.get(full)
    if worst is not None and standing > worst:
        return True  # (b) and (c) better than the worst pair of the full circle
    current = seats.project[trainee]
    if full[0] != "company" or current is None or view.market.projects[current].company != full[1]:
        return False
    return standing >= seats.standing[trainee]  # (b) already in the full company, and no worse here


def _better_for_trainees(view: _View, seats: _Seating) -> Iterator[Violation]:
    """Trainees who could pass their seats round a ring, each gaining, with the result as stable as before.

    If a placed trainee left, the seat would go to the best-standing pair that is kept out by a full circle
    around that seat. Following these successors either ends at somebody without a seat to pass on, or closes
    a ring; a stable matching is the best one for trainees if and only if there is no ring.
    """
    successor = _successors(view, seats)
    settled: set[str] = set()
    for start in seats.standing:
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


def _successors(view: _View, seats: _Seating) -> dict[str, str]:
    """Who would follow each placed trainee."""
    waiting: dict[Circle, tuple[Standing, str]] = {}
    for trainee in view.free:
        for project, standing in seats.envied(view, trainee):
            full = seats.full_circle(view, trainee, project)
            if full is not None:
                waiting[full] = max(waiting.get(full, (standing, trainee)), (standing, trainee))
    successor = {}
    for trainee in seats.standing:
        circles = view.circles(trainee, seats.project[trainee] or "")
        found = [waiting[circle] for circle in circles if circle in waiting]
        if found:
            successor[trainee] = max(found)[1]
    return successor


def _reopenings(market: Market, wishes: Wishes, result: Result) -> Iterator[Violation]:
    """Closed projects that could open alone without leaving any open project below its minimum."""
    for position, project in enumerate(result.closed):
        still_closed = frozenset(result.closed) - {project}
        sizes = _sizes(_match_by_rounds(_View(market, wishes, still_closed)).values())
        if all(size >= market.projects[one].minimum for one, size in sizes.items()):
            ids: Details = {"project": project, "size": sizes.get(project, 0)}
            yield Violation("could_reopen", f"/closed/{position}", ids)


def _match_by_rounds(view: _View) -> dict[str, str | None]:
    """Deferred acceptance in rounds: all ask their best remaining project, every company keeps the best it can."""
    asking = dict.fromkeys(view.free, 0)
    while True:
        proposals: dict[str, list[tuple[Standing, str, str]]] = defaultdict(list)
        for trainee, wish in asking.items():
            if wish < len(view.wishes[trainee]):
                project, standing = view.wishes[trainee][wish]
                proposals[view.market.projects[project].company].append((standing, trainee, project))
        refused = [trainee for asked in proposals.values() for trainee in _refused(view, asked)]
        if not refused:
            break
        for trainee in refused:
            asking[trainee] += 1
    held = {
        trainee: view.wishes[trainee][wish][0] if wish < len(view.wishes[trainee]) else None
        for trainee, wish in asking.items()
    }
    return held | view.fixed


def _refused(view: _View, asked: list[tuple[Standing, str, str]]) -> Iterator[str]:
    """Whom one company turns away: it goes down its scale and takes who still fits into every circle."""
    taken: dict[Circle, int] = defaultdict(int)
    for _, trainee, project in sorted(asked, reverse=True):
        circles = view.circles(trainee, project)
        if any(taken[circle] >= view.cap[circle] for circle in circles):
            yield trainee
            continue
        for circle in circles:
            taken[circle] += 1


def _sizes(projects: Iterable[str | None]) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for project in projects:
        if project is not None:
            sizes[project] += 1
    return dict(sizes)


def _drawn(seed: str, ids: Iterable[str], given: Mapping[str, int]) -> list[str]:
    """Ids from the smallest draw number to the largest."""
    lots = []
    for one in ids:
        digest = hashlib.sha256(seed.encode("utf-8") + b"\x00" + one.encode("utf-8")).hexdigest()
        lots.append((given.get(one, int(digest[:12], 16)), digest, one))
    return [one for *_, one in sorted(lots)]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
