"""The definitions of the match, word for word and without any cleverness: all assignments, all pairs, all sets.

Shares nothing with the engine but its data classes.
"""

from hashlib import sha256
from itertools import combinations, product

__all__ = ["Brute"]


class Brute:
    """One market with some projects closed, small enough to try everything."""

    def __init__(self, market, closed=()):
        self.market = market
        self.closed = frozenset(closed)
        self.fixed = {one: project for one, project in market.fixed.items() if project not in self.closed}
        self.lists = {one: self._list(one) for one in market.trainees}

    # A pair, seen by each side.

    def standing(self, trainee, project):
        """(score, luck), larger is better; None if unacceptable."""
        offer = self.market.projects[project]
        ranking = self.market.companies[offer.company].ranking
        if ranking is not None:
            tiers = [tier for tier, tied in enumerate(ranking) if trainee in tied]
            return (-tiers[0], -self.number(trainee)) if tiers else None
        score = (offer.scores or {}).get(trainee)
        return None if score is None else (score, -self.number(trainee))

    def number(self, one):
        derived = sha256(self.market.seed.encode() + b"\0" + one.encode()).digest()[:6]
        return self.market.draw.get(one, int.from_bytes(derived, "big"))

    def prefers(self, trainee, project, other):
        """Whether a trainee would rather have ``project`` than ``other`` (None: nothing at all)."""
        wishes = self.lists[trainee]
        return other is None or other not in wishes or wishes.index(project) < wishes.index(other)

    def _list(self, trainee):
        """Acceptable wishes, best first, ties by the projects' draw."""
        return [
            project
            for tier in self.market.trainees[trainee].prefs
            for project in sorted(tier, key=lambda one: int.from_bytes(self._digest(one)[:6], "big"))
            if self.standing(trainee, project) is not None
        ]

    def _digest(self, one):
        return sha256(self.market.seed.encode() + b"\0" + one.encode()).digest()

    # Assignments.

    def assignments(self):
        """Every way to place people on open projects they ranked, within every cap."""
        people = list(self.market.trainees)
        choices = [
            [self.fixed[one]]
            if one in self.fixed
            else [None, *(project for project in self.lists[one] if project not in self.closed)]
            for one in people
        ]
        for chosen in product(*choices):
            matching = dict(zip(people, chosen, strict=True))
            if self.fits(matching):
                yield matching

    def fits(self, matching):
        companies = all(
            len(self.at_company(matching, one)) <= company.capacity
            for one, company in self.market.companies.items()
        )
        projects = all(
            len(self.at(matching, one)) <= project.capacity for one, project in self.market.projects.items()
        )
        groups = all(
            len(self.group(matching, project, school)) <= cap
            for project, caps in self.market.school_caps.items()
            for school, cap in caps.items()
        )
        return companies and projects and groups

    def at(self, matching, project):
        return [one for one, where in matching.items() if where == project]

    def at_company(self, matching, company):
        return [
            one
            for one, where in matching.items()
            if where is not None and self.market.projects[where].company == company
        ]

    def group(self, matching, project, school):
        return [one for one in self.at(matching, project) if self.market.school.get(one) == school]

    # Stability.

    def blocks(self, matching, trainee, project):
        """The blocking pair of matching.md, cases (a), (b), (c) and the school's cap."""
        if project in self.closed or trainee in self.fixed or matching[trainee] == project:
            return False
        if not self.prefers(trainee, project, matching[trainee]):
            return False
        own = self.standing(trainee, project)

        def beats_worst(people):
            free = [one for one in people if one not in self.fixed]
            return any(own > self.standing(one, matching[one]) for one in free)

        school = self.market.school.get(trainee)
        cap = self.market.school_caps.get(project, {}).get(school)
        if school is not None and cap is not None and len(self.group(matching, project, school)) >= cap:
            return beats_worst(self.group(matching, project, school))
        offer = self.market.projects[project]
        company = self.at_company(matching, offer.company)
        project_full = len(self.at(matching, project)) >= offer.capacity
        company_full = len(company) >= self.market.companies[offer.company].capacity
        if project_full:
            return beats_worst(self.at(matching, project))
        if company_full:
            stays = trainee in company and own >= self.standing(trainee, matching[trainee])
            return stays or beats_worst(company)
        return True

    def stable(self, matching):
        return not any(
            self.blocks(matching, trainee, project)
            for trainee, wishes in self.lists.items()
            for project in wishes
        )

    def stable_matchings(self):
        return [matching for matching in self.assignments() if self.stable(matching)]

    def best(self):
        """The stable matching that every trainee likes at least as much as any other."""
        every = self.stable_matchings()
        return next(one for one in every if all(self.all_like(one, other) for other in every))

    def all_like(self, matching, other):
        return not any(
            other[one] is not None
            and other[one] != matching[one]
            and self.prefers(one, other[one], matching[one])
            for one in matching
        )

    # Minimums.

    def reaches_minimums(self, matching):
        sizes = {one: len(self.at(matching, one)) for one in self.market.projects}
        return all(not size or size >= self.market.projects[one].minimum for one, size in sizes.items())

    @classmethod
    def best_closures(cls, market):
        """The worth (people, fewer closures, rank profile) of the best sound set of closed projects."""
        closable = [one for one, project in market.projects.items() if project.minimum]
        sets = [frozenset(some) for size in range(len(closable) + 1) for some in combinations(closable, size)]
        matchings = {closed: cls(market, closed).best() for closed in sets}
        sound = {closed for closed in sets if cls(market).reaches_minimums(matchings[closed])}
        if frozenset() in sound:
            sound = {frozenset()}
        final = [closed for closed in sound if not any(closed - {one} in sound for one in closed)]
        return max(cls.worth(market, matchings[closed], closed) for closed in final)

    @staticmethod
    def worth(market, matching, closed):
        ranks = [
            tier
            for one, trainee in market.trainees.items()
            for tier, tied in enumerate(trainee.prefs)
            if matching[one] in tied
        ]
        profile = tuple(ranks.count(rank) for rank in range(max(ranks, default=-1) + 1))
        return sum(project is not None for project in matching.values()), -len(closed), profile
