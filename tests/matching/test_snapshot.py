"""Which market the match reads, and what can still change it once lists are sealed."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from matching.snapshot import read_call
from portal.accounts.actions import give_consents, withdraw_consent
from portal.accounts.models import ConsentText
from portal.trainees.models import Skill
from projects.actions import revise_rule_set
from projects.applications.actions import accept_application, refuse_application
from projects.models import Call, Participation, RuleSet
from projects.rankings.actions import seal_rankings
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    FieldFactory,
    ProjectFactory,
    SkillFactory,
    certified_scores,
    certified_wishes,
)


@pytest.fixture
def call(db):
    """Two projects of one company; one person is scored, one unreviewed, one not judged yet."""
    call = CallFactory(state="closed")
    first = ProjectFactory(call=call, title="첫 과제")
    ProjectFactory(call=call, company=first.company, title="둘째 과제")
    for state in ("eligible", "eligible", "submitted"):
        certified_wishes(ApplicationFactory(call=call, state=state), *call.projects.order_by("-title"))
    certified_scores(first.company, {(first, call.applications.earliest("pk")): 80})
    return call


@pytest.fixture
def sealed(call):
    with time_machine.travel(call.rankings_due_at + dt.timedelta(seconds=1), tick=False):
        seal_rankings(call)
    call.refresh_from_db()
    return call


def unreviewed(call):
    return call.applications.filter(state="eligible").latest("pk")


def skills_edited(call):
    unreviewed(call).trainee.skills.update(level=1)


def profile_edited(call):
    trainee = unreviewed(call).trainee
    trainee.region, trainee.work_mode, trainee.available_from = "제주", "remote", dt.date(2040, 1, 1)
    trainee.save()
    trainee.interests.add(FieldFactory())


def hours_corrected(call):
    graduate = unreviewed(call).trainee.graduate
    graduate.hours = 1
    graduate.save()


def skills_rearranged(call):
    family = SkillFactory(code="family")
    Skill.objects.exclude(pk=family.pk).update(parent=family)


def project_reworded(call):
    project = call.projects.earliest("pk")
    project.project_skills.update(level=5)
    project.region, project.field = "제주", FieldFactory(code="vision")
    project.save()


def rules_revised(call):
    RuleSet.objects.filter(pk=call.rule_set_id).update(frozen_at=timezone.now())
    revise_rule_set(call.rule_set, fit_weights={"required": 1, "hours": 99}, by=None)


EDITS = [skills_edited, profile_edited, hours_corrected, skills_rearranged, project_reworded, rules_revised]


@pytest.mark.parametrize("edit", EDITS)
def test_nothing_edited_after_sealing_moves_the_market(sealed, edit):
    before = read_call(sealed).sha256

    edit(sealed)

    assert read_call(Call.objects.get(pk=sealed.pk)).sha256 == before


@pytest.mark.parametrize("edit", [skills_edited, profile_edited, hours_corrected, project_reworded])
def test_while_lists_are_open_the_unreviewed_stand_by_todays_facts(call, edit):
    before = read_call(call).sha256

    edit(call)

    assert read_call(Call.objects.get(pk=call.pk)).sha256 != before


def test_sealing_itself_moves_nothing(call):
    before = read_call(call)

    with time_machine.travel(call.rankings_due_at + dt.timedelta(seconds=1), tick=False):
        seal_rankings(call)
    call.refresh_from_db()

    assert read_call(call).sha256 == before.sha256
    assert len(before.trainees) == 2


def refused(call, operator):
    refuse_application(unreviewed(call), reason="other", by=operator)


def accepted(call, operator):
    accept_application(call.applications.get(state="submitted"), by=operator)


def consent_withdrawn(call, operator):
    user = unreviewed(call).trainee.user
    withdraw_consent(user, "share_with_company", by=user)


def project_withdrawn(call, operator):
    call.projects.filter(title="첫 과제").update(state="withdrawn")


def cap_set(call, operator):
    Participation.objects.filter(call=call).update(cap=1)


@pytest.mark.parametrize("decide", [refused, accepted, consent_withdrawn, project_withdrawn, cap_set])
def test_a_decision_after_sealing_moves_the_market(sealed, operator, decide):
    before = read_call(sealed).sha256

    decide(sealed, operator)

    assert read_call(sealed).sha256 != before


def test_a_consent_given_again_brings_person_and_list_back(sealed, operator):
    before = read_call(sealed)
    user = unreviewed(sealed).trainee.user

    withdraw_consent(user, "share_with_company", by=user)
    without = read_call(sealed)
    give_consents(user, [ConsentText.objects.get()], by=user)

    assert (len(before.trainees), len(without.trainees)) == (2, 1)
    assert read_call(sealed).sha256 == before.sha256


def test_an_accepted_person_comes_with_the_list_they_certified(sealed, operator):
    late = sealed.applications.get(state="submitted")

    accept_application(late, by=operator)

    market = read_call(sealed)
    assert len(market.trainees[late.pseudonym.hex].prefs) == 2
    assert all(late.pseudonym.hex in project.scores for project in market.projects.values())


@pytest.mark.parametrize("people", [1, 3])
def test_reading_costs_the_same_for_few_and_many(sealed, people, django_assert_num_queries):
    for _ in range(people):
        certified_wishes(ApplicationFactory(call=sealed), *sealed.projects.all(), state="sealed")

    with django_assert_num_queries(7):
        read_call(sealed)
