"""One effect: a double click, the same button in two tabs, a form that was read before somebody else saved."""

import re

import pytest
from django.urls import reverse

from portal.audit.models import Event
from portal.notices.models import Notice
from projects.models import Project
from projects.rankings.actions import add_wish, order_of, reorder_wishes, score_candidate
from projects.rankings.models import RankItem, RankList
from tests.deeds import DEEDS, Deed, edited_project, project_body
from tests.visiting import send, sign_in
from tests.world import World


def told() -> tuple[int, int]:
    return Event.objects.count(), Notice.objects.count()


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.page)
def test_the_second_click_changes_nothing(world, deed: Deed):
    deed.arrange(world)
    url, client = deed.url(world), sign_in(world, deed.by)
    bodies = [deed.body(world), deed.body(world)]

    first = send(client, "POST", url, bodies[0])
    once = told()
    second = send(client, "POST", url, bodies[1])

    assert (first.status, second.status) == (302, deed.again), second.fault
    assert told() == once
    assert second.changed == set()


# --- what was read is not what is there -----------------------------------------------------------------


def deed_of(name: str) -> Deed:
    return next(deed for deed in DEEDS if deed.page == name)


def wishes(world: World) -> RankList:
    return RankList.objects.filter(application=world.application).working()[0]


@pytest.fixture
def two_wishes(world):
    """The trainee's list as two tabs show it; one of them then changes it."""
    add_wish(world.application, world.foreign, by=world.people["trainee"])
    read = wishes(world).revision
    reorder_wishes(
        world.application, [world.foreign.pk, world.project.pk], revision=read, by=world.people["trainee"]
    )
    return read


@pytest.mark.parametrize("part", [True, False], ids=["htmx", "page"])
@pytest.mark.parametrize("change", ["move", "order", "remove"])
def test_a_list_changed_in_another_tab_is_shown_as_it_is(world, two_wishes, part, change):
    body = {
        "move": {"move": f"{world.project.pk}:down"},
        "remove": {"move": f"{world.project.pk}:remove"},
        "order": {"order": f"{world.project.pk},{world.foreign.pk}", "moved": world.project.pk},
    }[change]
    headers = {"HTTP_HX_REQUEST": "true"} if part else {}

    answer = send(
        sign_in(world, "trainee"), "POST", reverse("rankings:rank-list-edit", args=[world.call.pk]), {"version": two_wishes, **body}, **headers
    )  # fmt: skip

    assert (answer.status, answer.changed) == (409, set())
    page = answer.response.text
    assert page.index(world.foreign.title) < page.index(world.project.title)
    assert f'name="version" value="{wishes(world).revision}"' in page
    assert ("<html" in page) is not part


def test_a_list_changed_in_another_tab_is_not_certified(world, two_wishes):
    answer = send(
        sign_in(world, "trainee"),
        "POST",
        reverse("rankings:rank-list-certify", args=[world.call.pk]),
        {"version": two_wishes},
    )

    assert (answer.status, answer.changed) == (409, set())
    page = answer.response.text
    assert page.index(world.foreign.title) < page.index(world.project.title)
    assert order_of(wishes(world)) == [world.foreign.pk, world.project.pk]


def test_scores_a_colleague_changed_are_not_certified(world):
    deed = deed_of("rankings:scores-certify")
    deed.arrange(world)
    url, read = deed.url(world), deed.body(world)
    score_candidate(world.company, world.project, world.application, score=1, by=world.people["mentor"])

    answer = send(sign_in(world, "owner"), "POST", url, read)

    assert (answer.status, answer.changed) == (409, set())
    assert f'value="{read["version"] + 1}"' in answer.response.text


def test_a_project_a_colleague_saved_is_not_overwritten(world):
    url, read = reverse("projects:project-edit", args=[world.draft.pk]), edited_project(world)
    client = sign_in(world, "owner")
    send(client, "POST", url, project_body(world, title="동료가 고침", seen=read["seen"]))

    answer = send(client, "POST", url, read)

    world.draft.refresh_from_db()
    assert (answer.status, answer.changed, world.draft.title) == (409, set(), "동료가 고침")
    assert "고친 과제" in answer.response.text  # what was typed is not lost
    assert "다른 창이나 다른 사람이 먼저" in answer.response.text


def test_two_projects_of_one_name_are_one(world):
    deed = deed_of("projects:project-add")
    client, url = sign_in(world, "owner"), deed.url(world)

    for _click in range(3):
        answer = send(client, "POST", url, deed.body(world))

    assert (answer.status, Project.objects.filter(title="새 과제").count()) == (422, 1)
    assert "같은 이름" in answer.response.text


def test_a_judgement_of_one_candidate_is_one_line(world):
    deed = deed_of("rankings:candidate-score")
    client, url = sign_in(world, "owner"), deed.url(world)

    for score in ("55", "55", "60"):
        send(client, "POST", url, {"score": score})

    line = RankItem.objects.get(
        rank_list=RankList.objects.filter(company=world.company, call=world.call).working()[0],
        application=world.application, project=world.project,
    )  # fmt: skip
    assert line.score == 60


@pytest.mark.parametrize("part", [True, False], ids=["htmx", "page"])
def test_a_judgement_a_colleague_changed_is_shown_as_it_is(world, part):
    """Both read the 90 of the certified list; the colleague was quicker."""
    deed = deed_of("rankings:candidate-score")
    url, headers = deed.url(world), {"HTTP_HX_REQUEST": "true"} if part else {}
    score_candidate(world.company, world.project, world.application, score=42, by=world.people["mentor"])

    answer = send(sign_in(world, "owner"), "POST", url, {"score": "55", "seen": "90"}, **headers)

    assert (answer.status, answer.changed) == (409, set())
    assert 'name="seen" value="42"' in answer.response.text
    assert re.search(r'name="score" value="42"', answer.response.text)
    again = send(sign_in(world, "owner"), "POST", url, {"score": "55", "seen": "42"}, **headers)
    assert again.status == (200 if part else 302)
