from decimal import Decimal

import pytest
import time_machine

from matching.actions import approve_run, publish_run, run_matching
from projects.rankings import actions
from projects.rankings.actions import certify_scores, certify_wishes, score_candidate, seal_rankings
from projects.rankings.models import RankList, Sealing
from tests.factories import ApplicationFactory, CallFactory, CompanyMemberFactory, ProjectFactory, days


class Published:
    """A call from lists to its published result: a wide project, a narrow one, one that closes; six people."""

    def __init__(self, agency, second):
        self.call = CallFactory(state="closed", draw__confirmed=True)
        self.owner = CompanyMemberFactory(role="owner")
        company = self.owner.company
        self.wide = ProjectFactory(call=self.call, company=company, title="넓은 과제", places=3)
        self.narrow = ProjectFactory(call=self.call, company=company, title="좁은 과제", places=1)
        self.short = ProjectFactory(call=self.call, title="닫히는 과제", places=3, minimum=2)
        self.people = [
            ApplicationFactory(call=self.call, trainee__user__name=name)
            for name in ("가하나", "나둘", "다셋", "라넷", "마다섯", "바여섯")
        ]
        self.silent = self.people[5]
        for person, *wishes in (
            (self.people[0], self.wide, self.narrow),
            (self.people[1], self.wide, self.narrow),
            (self.people[2], self.wide, self.narrow),
            (self.people[3], self.wide, self.narrow),
            (self.people[4], self.short, self.wide),
        ):
            self.certify(person, *wishes)
        for number, person in enumerate(self.people[:5]):
            score_candidate(company, self.wide, person, score=Decimal(90 - number), by=self.owner.user)
        certify_scores(company, self.call, revision=None, by=self.owner.user)
        self.sealed_at = self.call.rankings_due_at + days(1)
        with time_machine.travel(self.sealed_at, tick=False):
            seal_rankings(self.call)
            self.run = run_matching(self.call, on=self.sealed_at.date())
        self.agency, self.second = agency, second
        self.sealing = Sealing.objects.get(call=self.call)

    def certify(self, person, *projects):
        by = person.trainee.user
        for project in projects:
            actions.add_wish(person, project, by=by)
        revision = RankList.objects.get(application=person).revision
        return certify_wishes(person, revision=revision, by=by)

    def publish(self):
        with time_machine.travel(self.sealed_at + days(1), tick=False):
            approve_run(self.run, note="뿌리값과 합격선을 대조함", by=self.agency)
            self.run = publish_run(self.run, note="승인 내용을 대조함", by=self.second)
        return self


@pytest.fixture
def computed(agency, second_agency):
    return Published(agency, second_agency)


@pytest.fixture
def published(computed):
    return computed.publish()
