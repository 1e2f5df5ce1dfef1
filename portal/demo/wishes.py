"""Who wants whom in this year's call: marks of interest, trainees' orders, companies' scores."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from django.db import connection

from portal.demo.crowd import Person
from portal.demo.load import History, copy_rows, load, reserve_ids
from portal.demo.offers import Firm, Wanted
from projects.applications.states import ApplicationState
from projects.models import Call
from projects.rankings.models import Interest, RankItem, RankList
from projects.rankings.states import RankListState, RefusalCode
from projects.rankings.terms import alias_of, receipt_of

#: How long lists are, from one wish to ten; most are of the advised length.
LENGTHS = [1, 2, 3, 3, 4, 4, 5, 5, 5, 5, 6, 6, 7, 7, 8, 10]
#: A person looks at about this many projects before choosing; a company reviews this many people per place.
LOOKED_AT, REVIEWED = 24, 6

#: Why companies refuse: mostly for skills.
REFUSALS = [RefusalCode.SKILL, RefusalCode.SKILL, *RefusalCode]

Item = tuple[int, int, int | None, str | None, str]  # project, application, position, score, refusal


def rank(
    rng: Random,
    call: Call,
    people: Sequence[Person],
    wanted: Sequence[Wanted],
    *,
    first_at: datetime,
    last_at: datetime,
    history: History,
) -> None:
    """Load marks, drafts and certified lists of both sides, with receipts that can be checked."""
    able = [one for one in people if one.state in (ApplicationState.ELIGIBLE, ApplicationState.SUBMITTED)]
    chosen = _choices(rng, able, wanted)
    load(Interest, ("application_id", "project_id", "at"), _marks(rng, able, chosen, wanted, first_at))
    lists = Lists(call, history)
    for number, (person, order) in enumerate(zip(able, chosen, strict=True)):
        if order:
            at = first_at + (last_at - first_at) * rng.betavariate(3, 1.5)
            wishes = [wanted[index].pk for index in order[: rng.choice(LENGTHS)]]
            _add_wishes(rng, lists, person, wishes, at, number)
    eligible = [one if one.state == ApplicationState.ELIGIBLE else None for one in able]
    for number, (firm, scored) in enumerate(_scores(rng, eligible, wanted)):
        at = first_at + (last_at - first_at) * rng.uniform(0.6, 0.99)
        _add_scores(rng, lists, firm, scored, None if number % 14 == 9 else at)
    lists.save()


# --- trainees -----------------------------------------------------------------------------------------


def _choices(rng: Random, people: Sequence[Person], wanted: Sequence[Wanted]) -> list[list[int]]:
    """For each person the indices of the projects they like, best first; some have not begun."""
    pulls = list(accumulate(one.pull for one in wanted))
    chosen = []
    for person in people:
        looked = dict.fromkeys(rng.choices(range(len(wanted)), cum_weights=pulls, k=LOOKED_AT))
        liking = {index: _liking(rng, person, wanted[index]) for index in looked}
        chosen.append(sorted(liking, key=lambda index: -liking[index])[:10] if rng.random() > 0.03 else [])
    for index, one in enumerate(wanted):
        if not one.pull and len(people) >= 20:  # two people do want the project that needs three
            for order in rng.sample([order for order in chosen if order], k=2):
                order.insert(0, index)
    return chosen


def _liking(rng: Random, person: Person, one: Wanted) -> float:
    """Pull, own field, own region, what one knows already, and taste."""
    known = sum(code in person.skills for code in one.offer.required)
    return (
        0.3 * one.pull
        + 1.6 * (one.offer.field in person.interests)
        + 0.5 * (one.region == person.region)
        + 0.4 * known
        + rng.gauss(0, 0.9)
    )


def _marks(
    rng: Random, people: Sequence[Person], chosen: Sequence[list[int]], wanted: Sequence[Wanted], at: datetime
) -> Iterator[tuple[Any, ...]]:
    """People mark most of what they will rank; each project remembers who did."""
    for number, (person, order) in enumerate(zip(people, chosen, strict=True)):
        for index in order:
            if rng.random() < 0.75:
                wanted[index].seen.append(number)
                yield person.application, wanted[index].pk, at + timedelta(minutes=rng.randrange(60 * 24 * 4))


def _add_wishes(
    rng: Random, lists: "Lists", person: Person, wishes: list[int], at: datetime, number: int
) -> None:
    """A certified list; for some only a draft, an earlier version beside it, or a draft that was begun later."""
    items: list[Item] = [
        (project, person.application, place, None, "") for place, project in enumerate(wishes, start=1)
    ]
    own: dict[str, Any] = {"application": person.application, "owner": person.pseudonym, "by": person.user}
    if number % 17 == 11:
        lists.add(items, wishes, at=None, nonce="", version=1, state=RankListState.DRAFT, **own)
        return
    swapped = wishes[1:2] + wishes[:1] + wishes[2:]
    other: list[Item] = [
        (project, person.application, place, None, "") for place, project in enumerate(swapped, start=1)
    ]
    first, nonce = number % 23 != 7, f"{rng.getrandbits(128):032x}"
    if not first:
        before = f"{rng.getrandbits(128):032x}"
        lists.add(
            other,
            swapped,
            at=at - timedelta(hours=5),
            nonce=before,
            version=1,
            state=RankListState.REPLACED,
            **own,
        )
    lists.add(
        items, wishes, at=at, nonce=nonce, version=1 if first else 2, state=RankListState.CERTIFIED, **own
    )
    if first and number % 29 == 5:
        lists.add(other, swapped, at=None, nonce="", version=2, state=RankListState.DRAFT, **own)


# --- companies ----------------------------------------------------------------------------------------


def _scores(
    rng: Random, people: Sequence[Person | None], wanted: Sequence[Wanted]
) -> Iterator[tuple[Firm, list[tuple[Person, int, str | None, str]]]]:
    """Per company its reviewed candidates: ``(person, project, score or None, refusal)``; one company has not begun."""
    by_firm: dict[int, list[Wanted]] = defaultdict(list)
    for one in wanted:
        by_firm[one.firm.pk].append(one)
    for number, projects in enumerate(by_firm.values()):
        scored = []
        for one in projects:
            seen = [person for index in one.seen if (person := people[index]) is not None]
            rng.shuffle(seen)
            for person in seen[: REVIEWED * one.places]:
                refused = rng.random() < 0.04
                refusal = rng.choice(REFUSALS).value if refused else ""
                scored.append((person, one.pk, None if refused else _score(rng, person, one), refusal))
        if scored and number % 28 != 20:
            yield projects[0].firm, scored


def _score(rng: Random, person: Person, one: Wanted) -> str:
    """Fine points, as the database will give them back: ability, the required skills, the impression."""
    met = sum(person.skills.get(code, 0) >= level for code, level in one.offer.required.items())
    points = 56 + 8 * person.ability + 6 * met + rng.gauss(0, 6)
    return f"{max(5.0, min(99.5, points)):.1f}0"


def _add_scores(
    rng: Random,
    lists: "Lists",
    firm: Firm,
    scored: list[tuple[Person, int, str | None, str]],
    at: datetime | None,
) -> None:
    nonce = f"{rng.getrandbits(128):032x}" if at else ""
    told = sorted(
        [alias_of(person.pseudonym, nonce), project, score or refusal]
        for person, project, score, refusal in scored
    )
    lists.add(
        [(project, person.application, None, score, refusal) for person, project, score, refusal in scored],
        told,
        company=firm.pk,
        owner=f"company:{firm.pk}",
        by=firm.owner,
        at=at,
        nonce=nonce,
        version=1,
        state=RankListState.CERTIFIED if at else RankListState.DRAFT,
    )


# --- writing ------------------------------------------------------------------------------------------


class Lists:
    """Lists and their lines, collected and written in the order the database's triggers ask for."""

    def __init__(self, call: Call, history: History) -> None:
        self._call, self._history = call, history
        self._lists: list[tuple[Any, ...]] = []
        self._items: list[list[Item]] = []

    def add(
        self,
        items: list[Item],
        told: Sequence[object],
        *,
        owner: str,
        by: int,
        at: datetime | None,
        nonce: str,
        version: int,
        state: str,
        application: int | None = None,
        company: int | None = None,
    ) -> None:
        """One version; ``told`` is what its receipt proves."""
        certified_at = at.astimezone(UTC) if at else None
        receipt = (
            receipt_of(self._call.pk, owner, told, certified_at.isoformat(), nonce) if certified_at else ""
        )
        self._lists.append(
            (application, company, version, len(items), state, certified_at, nonce, receipt, by)
        )
        self._items.append(items)

    def save(self) -> None:
        """Lists without a state of their own first, then their lines, then what freezes both."""
        ids = list(reserve_ids(RankList, len(self._lists)))
        rows = list(zip(ids, self._lists, strict=True))
        load(
            RankList,
            ("id", "application_id", "company_id", "version", "revision"),
            ((pk, *row[:4]) for pk, row in rows),
            call_id=self._call.pk,
            state=RankListState.VOID,
        )
        load(
            RankItem,
            ("rank_list_id", "project_id", "application_id", "position", "score", "refusal"),
            ((pk, *item) for pk, items in zip(ids, self._items, strict=True) for item in items),
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE seeded_list (id bigint PRIMARY KEY, state text, certified_at timestamptz,"
                " nonce text, receipt text)"
            )
            copy_rows(
                "seeded_list",
                ("id", "state", "certified_at", "nonce", "receipt"),
                ((pk, *row[4:8]) for pk, row in rows),
            )
            cursor.execute(
                "UPDATE rankings_ranklist SET state = seeded.state, certified_at = seeded.certified_at,"
                " nonce = seeded.nonce, receipt = seeded.receipt,"
                " updated_at = coalesce(seeded.certified_at, rankings_ranklist.updated_at)"
                " FROM seeded_list AS seeded WHERE seeded.id = rankings_ranklist.id"
            )
            cursor.execute("DROP TABLE seeded_list")
        for pk, (_, _, _, items, state, at, _, receipt, by) in rows:
            if at:
                self._history.write(
                    "certify_rank_list", RankList, pk, at, by=by, was=RankListState.DRAFT,
                    now=RankListState.CERTIFIED, receipt=receipt, items=items,
                )  # fmt: skip
            if state == RankListState.REPLACED:
                self._history.write(
                    "replace_rank_list", RankList, pk, at + timedelta(hours=5), by=by,
                    was=RankListState.CERTIFIED, now=state,
                )  # fmt: skip
