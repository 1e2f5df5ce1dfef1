"""Small markets for properties: every form of list, ties, caps at three levels, fixed people, minimums."""

import random

from hypothesis import strategies as st

from matching.engine import Market, Result

__all__ = ["documents", "large_document", "markets", "result_of", "shuffled"]


@st.composite
def documents(draw, *, trainees=4, projects=4, companies=2, minimums=False, ties=True, fixed=True):
    """Market documents; companies give rankings or scores, caps bind often."""
    people = [f"t{number}" for number in range(draw(st.integers(1, trainees)))]
    offers = [f"p{number}" for number in range(draw(st.integers(1, projects)))]
    owners = [f"c{number}" for number in range(draw(st.integers(1, companies)))]
    scored = {owner: draw(st.booleans()) for owner in owners}
    document = {
        "trainees": [{"id": one, "prefs": draw(_tiers(offers, ties=ties))} for one in people],
        "projects": [],
        "companies": [],
        "school": {one: draw(st.sampled_from(["s1", "s2"])) for one in people if draw(st.booleans())},
        "school_caps": {},
        "seed": draw(st.sampled_from(["", "half of it", "추첨"])),
    }
    for owner in owners:
        company = {"id": owner, "capacity": draw(st.integers(0, 4))}
        if not scored[owner]:
            company["ranking"] = draw(_tiers(people, ties=True))
        document["companies"].append(company)
    for offer in offers:
        owner = draw(st.sampled_from(owners))
        project = {"id": offer, "company": owner, "capacity": draw(st.integers(0, 3))}
        if minimums:
            project["minimum"] = draw(st.integers(0, 3))
        if scored[owner]:
            judged = draw(st.lists(st.sampled_from(people), unique=True, min_size=len(people) // 2))
            project["scores"] = {one: draw(st.sampled_from([0, 1, 2.5, 3])) for one in judged}
        document["projects"].append(project)
        if draw(st.integers(0, 3)) == 0:
            document["school_caps"][offer] = {"s1": draw(st.integers(0, 1))}
    if draw(st.booleans()):
        document["draw"] = dict(zip(people, draw(st.permutations(range(len(people)))), strict=True))
    if fixed and draw(st.integers(0, 2)) == 0:
        document["fixed"] = _fitting(document, draw(st.sampled_from(people)), draw(st.sampled_from(offers)))
    return document


def markets(**options):
    return documents(**options).map(Market.from_json)


def result_of(market, matching, closed=(), rule="draw", **more):
    """A result with true figures around any matching."""
    return Result.of(market, matching, tuple(closed), rule, **more)


def shuffled(document, seed):
    """The same market written in another order."""
    shuffle = random.Random(seed)

    def mixed(things):
        return shuffle.sample(list(things), len(things))

    def mixed_tiers(tiers):
        return [mixed(tier) if isinstance(tier, list) else tier for tier in tiers]

    def mixed_object(value):
        return dict(mixed(value.items()))

    trainees = [{**one, "prefs": mixed_tiers(one["prefs"])} for one in document["trainees"]]
    projects = [
        {**one, "scores": mixed_object(one["scores"])} if "scores" in one else one
        for one in document["projects"]
    ]
    companies = [
        {**one, "ranking": mixed_tiers(one["ranking"])} if "ranking" in one else one
        for one in document["companies"]
    ]
    lists = {"trainees": mixed(trainees), "projects": mixed(projects), "companies": mixed(companies)}
    return mixed_object({**document, **lists, "school": mixed_object(document["school"])})


def large_document(trainees, projects, companies, *, wishes=10, places=(2, 3, 4), minimum=0, cap=6, seed=1):
    """A market of the programme's shape: a few sought-after projects, correlated scores."""
    chance = random.Random(seed)
    offers = [f"p{number}" for number in range(projects)]
    appeal = [chance.random() ** 2 + 0.05 for _ in offers]
    scores = {offer: {} for offer in offers}
    people = []
    for number in range(trainees):
        wished = list(dict.fromkeys(chance.choices(offers, appeal, k=2 * wishes)))[:wishes]
        skill = chance.random()
        for offer in wished:
            scores[offer][f"t{number}"] = round(50 * (skill + chance.random()))
        people.append({"id": f"t{number}", "prefs": wished})
    return {
        "trainees": people,
        "projects": [
            {
                "id": offer,
                "company": f"c{chance.randrange(companies)}",
                "capacity": chance.choice(places),
                "minimum": minimum,
                "scores": scores[offer],
            }
            for offer in offers
        ],
        "companies": [{"id": f"c{number}", "capacity": cap} for number in range(companies)],
        "seed": "announced beforehand",
    }


@st.composite
def _tiers(draw, names, *, ties):
    chosen = draw(st.lists(st.sampled_from(names), unique=True, min_size=min(1, len(names))))
    if not ties or len(chosen) < 2 or draw(st.booleans()):
        return chosen
    start = draw(st.integers(0, len(chosen) - 2))
    return [*chosen[:start], chosen[start : start + 2], *chosen[start + 2 :]]


def _fitting(document, trainee, offer):
    """One fixed placement, if there is a seat for it."""
    project = next(one for one in document["projects"] if one["id"] == offer)
    company = next(one for one in document["companies"] if one["id"] == project["company"])
    cap = document["school_caps"].get(offer, {}).get(document["school"].get(trainee), 1)
    return [[trainee, offer]] if project["capacity"] and company["capacity"] and cap else []
