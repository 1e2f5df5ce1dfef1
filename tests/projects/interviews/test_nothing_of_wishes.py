"""Two worlds that differ in nothing but what trainees rank: a company's pages are the same, byte for byte."""

import re

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Access
from projects.interviews.models import ShortlistEntry
from projects.rankings.models import RankList
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    InterviewFactory,
    InterviewFormFactory,
    InterviewSlotFactory,
    ProjectFactory,
    certified_scores,
    certified_wishes,
    days,
)

#: What differs from one answer to the next: tokens against forgery, and nonces.
PASSING = re.compile(
    rb'(name="csrfmiddlewaretoken" value="|"X-CSRFToken": ?"|nonce=")[^"]+|X-CSRFToken&quot;: ?&quot;[^&]+'
)


@pytest.fixture
def world(db):
    call = CallFactory()
    own, foreign = ProjectFactory(call=call, places=2), ProjectFactory(call=call)
    people = [ApplicationFactory(call=call, trainee__user__name=f"나지원{n}") for n in range(4)]
    for person in people[:3]:
        ShortlistEntry.objects.create(project=own, application=person, by=own.company.members.get().user)
    held = InterviewFactory(
        project=own,
        application=people[0],
        booked=True,
        state="held",
        slot__starts_at=timezone.now() - days(1),
    )
    InterviewFormFactory(interview=held)
    InterviewFactory(project=own, application=people[1], booked=True)
    InterviewFactory(project=own, application=people[2])
    InterviewSlotFactory(project=own, starts_at=timezone.now() + days(3))
    certified_scores(own.company, {(own, people[0]): 80})
    return own, foreign, people


def pages_of(own, people):
    interviews = list(own.interviews.order_by("pk"))
    candidates = reverse("rankings:candidate-list", args=[own.pk])
    return [
        reverse("home:company-home"), reverse("notices:notice-list"), reverse("projects:project-manage-list"),
        reverse("projects:project-manage", args=[own.pk]), reverse("projects:project-detail", args=[own.pk]),
        candidates, *(f"{candidates}?show={show}&order={order}" for show in ("unreviewed", "interested", "shortlisted") for order in ("", "score", "name")),
        reverse("rankings:scores-certify", args=[own.company_id, own.call_id]),
        reverse("rankings:scores-receipt", args=[own.company_id, own.call_id]),
        reverse("interviews:interview-board", args=[own.pk]), reverse("interviews:slot-add", args=[own.pk]),
        *(reverse("interviews:interview-manage", args=[one.pk]) for one in interviews),
        reverse("interviews:interview-calendar", args=[interviews[1].pk]), reverse("interviews:form-edit", args=[interviews[0].pk]),
    ]  # fmt: skip


def read(client, addresses):
    found = {}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        found[address] = PASSING.sub(b"", response.content)
        parts = client.get(address, headers={"HX-Request": "true"})
        found[f"{address} part"] = PASSING.sub(b"", parts.content)
    return found


#: What the same people might have ranked: nothing, the company first, last, not at all, drafts.
RANKED = {
    "everybody first": lambda own, foreign, people: [certified_wishes(one, own, foreign) for one in people],
    "everybody last": lambda own, foreign, people: [certified_wishes(one, foreign, own) for one in people],
    "nobody": lambda own, foreign, people: [certified_wishes(one, foreign) for one in people],
    "one": lambda own, foreign, people: [certified_wishes(people[3], own)],
    "drafts": lambda own, foreign, people: [
        RankList.objects.create(call=own.call, application=one, version=1).items.create(
            project=own, application=one, position=1
        )
        for one in people
    ],
}


def test_the_worlds_do_differ(world, log_in):
    """To the people themselves: their own list is another in each."""
    own, foreign, people = world
    client = log_in(people[3].trainee.user)
    mine, seen = reverse("rankings:rank-list-edit", args=[own.call_id]), set()
    with time_machine.travel(timezone.now(), tick=False):
        for rank in RANKED.values():
            with transaction.atomic():
                rank(own, foreign, people)
                seen.add(PASSING.sub(b"", client.get(mine).content))
                transaction.set_rollback(True)

    assert len(seen) >= 4


@pytest.mark.parametrize("role", ["owner", "manager", "mentor"])
def test_no_page_of_a_company_tells_who_ranked_it(world, log_in, role):
    own, foreign, people = world
    client = log_in(CompanyMemberFactory(company=own.company, role=role).user)
    with time_machine.travel(timezone.now(), tick=False):
        addresses = [address for address in pages_of(own, people) if client.get(address).status_code == 200]
        plain = read(client, addresses)
        for name, rank in RANKED.items():
            with transaction.atomic():
                rank(own, foreign, people)
                told = read(client, addresses)
                transaction.set_rollback(True)
            assert {address for address in plain if told[address] != plain[address]} == set(), name

    assert len(addresses) >= 15
    assert Access.objects.exists()  # the pages did show people


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("shortlist", {"listed": "off"}),
        ("score", {"score": "55"}),
        ("invite", {}),
        ("form", {"technique": "1", "revision": "1"}),
    ],
)
def test_no_answer_to_what_a_company_does_tells_who_ranked_it(world, log_in, verb, body):
    own, foreign, people = world
    client = log_in(CompanyMemberFactory(company=own.company).user)
    address = {
        "shortlist": reverse("rankings:candidate-shortlist", args=[own.pk, people[0].pk]),
        "score": reverse("rankings:candidate-score", args=[own.pk, people[1].pk]),
        "invite": reverse("interviews:interview-invite", args=[own.pk, people[3].pk]),
        "form": reverse("interviews:form-edit", args=[own.interviews.earliest("pk").pk]),
    }[verb]
    answers = []
    with time_machine.travel(timezone.now(), tick=False):
        for rank in (lambda *_: None, *RANKED.values()):
            with transaction.atomic():
                rank(own, foreign, people)
                answer = client.post(address, body, headers={"HX-Request": "true"})
                answers.append(
                    (answer.status_code, PASSING.sub(b"", answer.content), answer.get("HX-Trigger"))
                )
                transaction.set_rollback(True)

    assert answers == answers[:1] * len(answers)
