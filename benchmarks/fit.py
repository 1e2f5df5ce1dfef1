"""Fit of everybody to every project, in blocks, against the plain-Python definition (the named peer).

    python benchmarks/fit.py [people] [projects]

Prints the seconds to find everybody's best 10 projects and every project's best 20 people, and how many times faster
per million pairs that is than asking ``terms.fit`` pair by pair. A sample of the scores is compared, pair by pair. The
peak of memory is printed above what the process held before, with the projects read, and fails above 300 MB.
"""

import random
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from projects.fit.blocks import BestPeople, Scorer, best_offers
from projects.fit.terms import DEFAULT_WEIGHTS, Offer, Person, fit

BLOCK, TOP_PROJECTS, TOP_CANDIDATES = 500, 10, 20
SAMPLE_PEOPLE, SAMPLE_OFFERS = 40, 500
#: MB, of a refresh of 100 000 people and 10 000 projects.
MOST_MEMORY = 300
SKILLS = [f"skill-{number}" for number in range(60)]
PARENT = {code: f"family-{number % 12}" for number, code in enumerate(SKILLS)}
FIELDS, REGIONS, MODES = "abcdefgh", "uvwxyz", ("onsite", "remote", "hybrid")


def peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def levels(rng: random.Random, count: int) -> dict[str, int]:
    return {code: rng.randint(1, 5) for code in rng.sample(SKILLS, count)}


def person(rng: random.Random) -> Person:
    return Person(
        levels(rng, 8), frozenset(rng.sample(FIELDS, 2)), rng.randint(0, 1000), rng.choice(REGIONS), rng.choice(MODES), None
    )  # fmt: skip


def offer(rng: random.Random) -> Offer:
    return Offer(
        levels(rng, 3), levels(rng, 3), rng.choice(FIELDS), rng.choice(REGIONS), rng.choice(MODES), None
    )


def main(people: int, projects: int) -> None:
    rng = random.Random(20261122)
    offers = [offer(rng) for _ in range(projects)]
    before = peak_memory()
    began = time.perf_counter()
    scorer, best, spent, kept = (
        Scorer(offers, PARENT, DEFAULT_WEIGHTS),
        BestPeople(projects, TOP_CANDIDATES),
        0.0,
        0,
    )
    spent += time.perf_counter() - began
    for first in range(0, people, BLOCK):
        block = [person(rng) for _ in range(min(BLOCK, people - first))]
        began = time.perf_counter()
        scores = scorer.scores(block)
        kept += sum(map(len, best_offers(scores, TOP_PROJECTS)))
        best.add(scores)
        spent += time.perf_counter() - began

    some, few = block[:SAMPLE_PEOPLE], offers[:SAMPLE_OFFERS]
    began = time.perf_counter()
    plain = [[fit(one, asked, PARENT, DEFAULT_WEIGHTS).score for one in some] for asked in few]
    plain_spent = time.perf_counter() - began
    assert scores[: len(few), : len(some)].tolist() == plain

    kept += len(list(best.pairs()))
    pairs = people * projects
    per_million, plain_per_million = spent / pairs * 1e6, plain_spent / (len(some) * len(few)) * 1e6
    print(f"{people:,} people x {projects:,} projects: {spent:.1f} s, {kept:,} pairs kept")
    print(f"per million pairs: {per_million:.3f} s, plain Python {plain_per_million:.1f} s")
    print(f"ratio: {plain_per_million / per_million:.0f} x")
    above = peak_memory() - before
    print(f"memory above the input: {above:.0f} MB of {MOST_MEMORY} (the process: {peak_memory():.0f} MB)")
    if above > MOST_MEMORY:
        sys.exit("more memory than the refresh may take")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(*(given + [100_000, 2_000][len(given) :]))
