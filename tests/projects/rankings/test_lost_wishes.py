"""A project leaves the match while people have it on their lists."""

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.companies.actions import reinstate_company, suspend_company
from portal.notices.models import Notice
from portal.workflow import Refused
from projects.actions import withdraw_project
from projects.applications.models import Application
from projects.models import Call, Project
from projects.rankings.actions import (
    add_wish,
    mark_interest,
    replace_wishes,
    seal_rankings,
    tell_of_lost_wishes,
    uncertified_people,
)
from projects.rankings.models import RankList
from projects.rankings.tasks import tell_of_lost_wishes as clock
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    ProjectFactory,
    StaffFactory,
    certified_wishes,
    days,
)


@pytest.fixture
def scene(db):
    """One person has certified two projects, another has one on a draft, a third has neither of them."""
    call = CallFactory()
    lost, kept = ProjectFactory(call=call, title="사라질 과제"), ProjectFactory(call=call, title="남을 과제")
    certified, drafting, other = [ApplicationFactory(call=call) for _ in range(3)]
    certified_wishes(certified, lost, kept)
    add_wish(drafting, lost, by=drafting.trainee.user)
    certified_wishes(other, kept)
    return SimpleNamespace(
        call=call, lost=lost, kept=kept, certified=certified, drafting=drafting, other=other
    )


def withdraw(scene):
    withdraw_project(scene.lost, reason="사정", by=StaffFactory().user)


def bar(scene, agency):
    company = scene.lost.company
    suspend_company(company, until=timezone.localdate() + days(100), reason="의무 불이행", by=agency)
    return company


def told():
    return {notice.recipient_id: notice.params for notice in Notice.objects.filter(kind="wish_lost")}


def test_whoever_has_it_on_a_list_is_told_once(scene):
    withdraw(scene)

    assert [clock(), tell_of_lost_wishes(), tell_of_lost_wishes()] == [2, 0, 0]
    said = told()
    assert set(said) == {scene.certified.trainee.user_id, scene.drafting.trainee.user_id}
    mine = said[scene.certified.trainee.user_id]
    assert (mine["project"], mine["left"], mine["open"]) == ("사라질 과제", 1, True)
    assert said[scene.drafting.trainee.user_id]["left"] == 0
    link = Notice.objects.filter(kind="wish_lost").values_list("link", flat=True).first()
    assert link == reverse("rankings:rank-list-edit", args=[scene.call.pk])


def test_nobody_is_told_while_nothing_is_withdrawn(scene):
    assert tell_of_lost_wishes() == 0
    assert told() == {}


def test_once_lists_are_sealed_the_message_says_that_the_rest_counts(scene):
    Call.objects.filter(pk=scene.call.pk).update(state="closed")
    with time_machine.travel(scene.call.rankings_due_at + dt.timedelta(seconds=1)):
        seal_rankings(scene.call)
        withdraw(scene)
        tell_of_lost_wishes()

    said = told()  # the draft is void: it counted for nothing
    assert set(said) == {scene.certified.trainee.user_id}
    assert said[scene.certified.trainee.user_id]["open"] is False


def test_a_bar_is_told_in_its_own_words(scene, agency):
    bar(scene, agency)

    assert [tell_of_lost_wishes(), tell_of_lost_wishes()] == [2, 0]
    mine = told()[scene.certified.trainee.user_id]
    assert (mine["project"], mine["barred"], mine["left"]) == ("사라질 과제", True, 1)


@pytest.mark.parametrize(("hour", "leaves"), [(1, 1), (23, 9)])
def test_at_night_it_is_told_at_once_only_if_the_morning_is_too_late(scene, hour, leaves):
    """The list is due at 08:00; told at one o'clock that same night it leaves then, the night before at nine."""
    due = timezone.localtime(scene.call.rankings_due_at).replace(hour=8, minute=0)
    Call.objects.filter(pk=scene.call.pk).update(rankings_due_at=due)
    withdraw(scene)

    with time_machine.travel(due.replace(hour=hour) - (days(2) if hour == 23 else days(0)), tick=False):
        tell_of_lost_wishes()

    notice = Notice.objects.filter(kind="wish_lost").first()
    assert timezone.localtime(notice.leaves_at).hour == leaves


@pytest.mark.parametrize("state", ["withdrawn", "ineligible"])
def test_who_left_is_not_told(scene, state):
    reason = "employed" if state == "ineligible" else ""
    Application.objects.filter(pk=scene.certified.pk).update(state=state, ineligible_reason=reason)
    withdraw(scene)

    tell_of_lost_wishes()

    assert set(told()) == {scene.drafting.trainee.user_id}


def test_a_withdrawn_project_stands_on_the_list_without_a_dead_link(log_in, scene):
    withdraw(scene)

    page = log_in(scene.certified.trainee.user).get(reverse("rankings:rank-list-edit", args=[scene.call.pk]))

    first, second = page.context["items"]
    assert (first["url"], "더는 모집하지 않음" in first["subtitle"]) == ("", True)
    assert (bool(second["url"]), "더는 모집하지 않음" in second["subtitle"]) == (True, False)


# --- a company is barred --------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["add", "replace", "interest"])
def test_nobody_wishes_for_a_barred_company(scene, agency, wish):
    bar(scene, agency)
    person, by = scene.other, scene.other.trainee.user

    if wish == "replace":
        draft = replace_wishes(person, [scene.lost.pk, scene.kept.pk], revision=0, by=by)
        assert list(draft.items.values_list("project", flat=True)) == [scene.kept.pk]
        return
    with pytest.raises(Refused) as refused:
        (add_wish if wish == "add" else mark_interest)(person, scene.lost, by=by)
    assert refused.value.code == "not_offered"


def test_a_barred_company_finds_no_candidates_until_the_bar_is_lifted(log_in, scene, agency):
    owner = CompanyMemberFactory(company=scene.lost.company, role="owner").user
    page = reverse("rankings:candidate-list", args=[scene.lost.pk])
    company = bar(scene, agency)

    barred = log_in(owner).get(page)
    reinstate_company(company, reason="이행함", by=agency)
    free = log_in(owner).get(page)

    assert "참여제한 중에는 지원자를 볼 수 없습니다" in barred.text
    assert scene.certified.trainee.user.name not in barred.text
    assert scene.certified.trainee.user.name in free.text


def test_a_barred_company_certifies_nothing_and_reads_why(log_in, scene, agency):
    owner = CompanyMemberFactory(company=scene.lost.company, role="owner").user
    bar(scene, agency)

    page = log_in(owner).get(reverse("rankings:scores-certify", args=[scene.lost.company_id, scene.call.pk]))
    home = log_in(owner).get("/company/")

    assert page.context["phase"] == "barred"
    assert "참여제한 중입니다" in page.text
    assert "평가를 제출했습니다" not in home.text


def test_a_barred_company_is_not_reminded_to_rank(scene, agency):
    owner = CompanyMemberFactory(company=scene.lost.company, role="owner").user

    before = [user for user, _ in uncertified_people([scene.call])[scene.call.pk]]
    bar(scene, agency)
    after = [user for user, _ in uncertified_people([scene.call])[scene.call.pk]]

    assert (owner in before, owner in after) == (True, False)


def test_what_a_barred_company_offers_is_not_advertised(client, scene, agency):
    bar(scene, agency)

    assert scene.lost not in Project.objects.public()
    assert "사라질 과제" not in client.get("/projects/").text
    detail = client.get(reverse("projects:project-detail", args=[scene.lost.pk]))
    assert "모집이 끝난 프로젝트입니다" in detail.text
    assert f"/companies/{scene.lost.company_id}/" not in detail.text  # no public page while barred
    assert RankList.objects.get(application=scene.certified).items.count() == 2
