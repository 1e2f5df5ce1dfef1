"""Whoever drops out in whatever order: every promise about vacancies holds after every step, in the real database."""

import datetime as dt
from random import Random

import pytest
import time_machine
from django.utils import timezone

from projects.actions import start_call
from projects.applications.models import Application
from projects.models import Participation, Project
from projects.placements import actions
from projects.placements.models import Placement, Reserve
from projects.placements.states import LIVE, PlacementState
from projects.rankings.models import RankItem
from tests.factories import RuleSetFactory, StaffFactory
from tests.published import Published

KST = timezone.get_default_timezone()
TUESDAY = dt.datetime(2026, 4, 7, 10, tzinfo=KST)
START = dt.date(2026, 4, 27)
NIGHTS = 26
#: What people do in a day, as likely as they stand here.
DEEDS = ("accept", "accept", "accept", "decline", "withdraw", "leave", "silence", "silence", "end")
GONE = ("declined", "expired", "withdrawn", "dropped_out", "terminated")


class Year:
    """One call from its publication past its start, and what must be true in every moment of it."""

    def __init__(self, chance):
        self.chance = chance
        companies = ["가", "나", "다"]
        projects = {f"p{number}": (companies[number % 3], chance.choice([1, 1, 2])) for number in range(6)}
        people = {
            f"t{number:02}": " ".join(chance.sample(sorted(projects), chance.randint(1, 5)))
            for number in range(14)
        }
        mode = chance.choice(["chain", "chain", "chain", "fill"])
        self.world = Published(
            projects,
            people,
            caps={"가": chance.choice([2, 3])},
            starts_on=START,
            rule_set=RuleSetFactory(vacancy_mode=mode),
        )
        self.agency = StaffFactory(office="agency").user
        items = RankItem.objects.filter(position__isnull=False)
        self.rank = {
            (app, pk): place for app, pk, place in items.values_list("application", "project", "position")
        }
        self.first = dict(Placement.objects.values_list("application", "project"))
        self.offers = 0

    # --- what people do ---------------------------------------------------------------------------------

    def day(self):
        for _deed in range(self.chance.randint(0, 3)):
            getattr(self, self.chance.choice(DEEDS))()
            self.counts_are_true()

    def some(self, **facts):
        rows = list(Placement.objects.filter(**facts).order_by("pk"))
        return self.chance.choice(rows) if rows else None

    def offered(self):
        return self.some(state="offered", offered_at__lte=timezone.now(), answer_due_at__gte=timezone.now())

    def accept(self):
        if (offer := self.offered()) is not None:
            actions.accept_placement(offer, by=offer.trainee.user)

    def decline(self):
        if (offer := self.offered()) is not None:
            actions.decline_placement(offer, reason="job", by=offer.trainee.user)

    def withdraw(self):
        if (place := self.some(state="accepted", starts_on__gt=timezone.localdate())) is not None:
            actions.withdraw_placement(place, reason="job", by=place.trainee.user)
        elif (place := self.some(state="running")) is not None:
            actions.drop_out(place, reason="취업", by=self.agency)

    def leave(self):
        lines = list(Reserve.objects.waiting().order_by("pk"))
        if lines:
            line = self.chance.choice(lines)
            actions.leave_reserves(line.application, project=line.project, by=line.application.trainee.user)

    def silence(self):
        pass

    def end(self):
        live = list(Project.objects.filter(state__in=["selected", "running"]).order_by("pk"))
        if live and self.chance.random() < 0.15:
            actions.terminate_project(self.chance.choice(live), reason="폐업", by=self.agency)

    # --- what the night does ----------------------------------------------------------------------------

    def night(self):
        now = timezone.now()
        for offer in Placement.objects.unanswered(now).order_by("pk"):
            actions.expire_placement(offer)
        self.world.call.refresh_from_db()
        if timezone.localdate() >= START and self.world.call.state == "announced":
            start_call(self.world.call)
        asked = Placement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.world.fill()
        made = list(Placement.objects.filter(pk__gt=asked))
        self.offers += len(made)
        self.smaller_numbers_are_asked_first(made)
        self.every_open_seat_with_a_taker_is_offered()
        assert self.world.fill() == set()
        actions.start_placements(self.world.call, timezone.localdate())
        self.counts_are_true()

    # --- what must be true ------------------------------------------------------------------------------

    def counts_are_true(self):
        """No seat twice, no cap exceeded, one place and one question at most, nobody worse off by others' doing."""
        seated = Placement.objects.filter(seated=True)
        sitting = list(seated.values_list("project", "company", "trainee"))
        for project in Project.objects.all():
            assert project.taken == sum(project.pk == at for at, _, _ in sitting) <= project.places
        for row in Participation.objects.all():
            assert row.taken == len({who for _, company, who in sitting if company == row.company_id})
            assert row.cap is None or row.taken <= row.cap
        waiting = set(Reserve.objects.waiting().values_list("application", flat=True))
        own = {}
        for placement in Placement.objects.order_by("pk"):
            own.setdefault(placement.application_id, []).append(placement)
        for pk, state in Application.objects.values_list("pk", "state"):
            self.person_is_well(pk, state, own.get(pk, []), waits=pk in waiting)

    def person_is_well(self, pk, state, own, *, waits):
        live = [one for one in own if one.state in LIVE]
        asked = [one for one in live if one.is_vacancy_offer]
        places = [one for one in live if not one.is_vacancy_offer]
        held = self.rank[pk, places[0].project_id] if places else None
        assert len(places) <= 1
        assert len(asked) <= 1
        for one in asked:
            assert one.moves_from_id == (places[0].pk if places else None)
            assert held is None or self.rank[pk, one.project_id] < held
        seated = live or "dropped_out" in {one.state for one in own}
        assert state == ("placed" if seated else "reserve" if waits else "unmatched")
        if pk in self.first and places:
            assert held <= self.rank[pk, self.first[pk]]
        elif pk in self.first:  # their own doing, or the project's
            assert {one.state for one in own} & set(GONE)

    def smaller_numbers_are_asked_first(self, made):
        for offer in made:
            line = Reserve.objects.get(application=offer.application, project=offer.project)
            assert offer.reserve_no == line.reserve_no
            smaller = Reserve.objects.waiting().filter(project=offer.project, reserve_no__lt=line.reserve_no)
            for other in smaller:
                assert not self.would_take(other), (other, offer)

    def would_take(self, line):
        """Waits, gains, is asked about nothing better, and fits into the company."""
        live = [one for one in Placement.objects.filter(application=line.application) if one.state in LIVE]
        rank = self.rank[line.application_id, line.project_id]
        if any(self.rank[line.application_id, one.project_id] < rank for one in live):
            return False
        if live and not self.moves_now() and any(not one.is_vacancy_offer for one in live):
            return False
        cap = Participation.objects.get(company=line.project.company_id)
        inside = any(one.company_id == line.project.company_id for one in live)
        return cap.cap is None or cap.taken < cap.cap or inside

    def moves_now(self):
        moment = actions.next_offer_moment(timezone.now(), 10, actions.KOREAN_HOLIDAYS, KST)
        return actions.vacancy_mode(self.world.call, moment) == "chain"

    def every_open_seat_with_a_taker_is_offered(self):
        """Where no company cap binds nobody waits for anybody else's answer."""
        if not actions.is_filling(self.world.call, timezone.localdate()):
            return
        for project in Project.objects.filter(state__in=["selected", "running"]):
            free = project.taken < project.places
            bound = Participation.objects.get(company=project.company_id).cap is not None
            if free and not bound:
                assert [
                    line
                    for line in Reserve.objects.waiting().filter(project=project)
                    if self.would_take(line)
                ] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_whoever_drops_out_nobody_who_stays_is_worse_off(db, seed):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        year = Year(Random(seed))
        for number in range(NIGHTS):
            clock.move_to(TUESDAY + dt.timedelta(days=number, hours=5))
            year.day()
            clock.move_to(TUESDAY + dt.timedelta(days=number, hours=16))
            year.night()

    assert year.offers or not Reserve.objects.exists()
    assert set(Placement.objects.values_list("state", flat=True)) <= set(PlacementState.values)
