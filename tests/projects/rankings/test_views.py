import datetime as dt
import json
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions import give_consents, withdraw_consent
from portal.accounts.models import ConsentText
from portal.audit.models import Access
from projects.applications.actions import withdraw_application
from projects.applications.models import Application
from projects.fit.models import FitRow
from projects.models import Call, Project, ProjectSkill
from projects.rankings.actions import (
    add_wish,
    certify_scores,
    certify_wishes,
    mark_interest,
    order_of,
    review_progress,
    score_candidate,
)
from projects.rankings.models import Interest, RankItem, RankList
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    ProjectFactory,
    SkillFactory,
    StaffFactory,
    TraineeFactory,
    UserFactory,
    certified_scores,
    certified_wishes,
    days,
)

SECOND = dt.timedelta(seconds=1)
EDIT, CERTIFY, RECEIPT = "edit", "certify", "receipt"
HTMX = {"HX-Request": "true"}


def at(page):
    """The address of a page of the list to the first call."""
    return reverse(f"rankings:rank-list-{page}", args=[Call.objects.earliest("pk").pk])


@pytest.fixture
def call(db):
    return CallFactory()


@pytest.fixture
def application(call):
    return ApplicationFactory(call=call)


@pytest.fixture
def projects(call):
    return [ProjectFactory(call=call, title=f"과제 {number}") for number in (1, 2, 3)]


@pytest.fixture
def me(log_in, application):
    """The applicant, signed in."""
    return log_in(application.trainee.user)


@pytest.fixture
def wished(application, projects):
    """All three projects on the draft."""
    for project in projects:
        add_wish(application, project, by=application.trainee.user)
    return RankList.objects.get(application=application)


def text_of(response):
    return response.content.decode()


# --- the editor -----------------------------------------------------------------------------------------


def test_editor_is_empty_until_something_is_wished(me):
    response = me.get(at(EDIT))

    assert response.status_code == 200
    assert "아직 담은 프로젝트가 없습니다" in text_of(response)


@pytest.mark.parametrize(
    ("rule", "told", "untold"),
    [
        ("draw", "솔직한 순위가 유리합니다", "언제나 가장 유리하지는 않습니다"),
        ("fill", "언제나 가장 유리하지는 않습니다", "솔직한 순위가 유리합니다"),
    ],
)
def test_editor_promises_what_the_rule_of_the_call_keeps(log_in, db, rule, told, untold):
    application = ApplicationFactory(call=CallFactory(rule_set__tie_rule=rule))

    page = text_of(log_in(application.trainee.user).get(at(EDIT)))

    assert told in page
    assert untold not in page


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ("0:down", [1, 0, 2]),
        ("2:up", [0, 2, 1]),
        ("1:remove", [0, 2]),
        ("0:up", [0, 1, 2]),
        ("2:down", [0, 1, 2]),
    ],
)
def test_buttons_move_one_project(me, wished, projects, move, expected):
    number, verb = move.split(":")

    response = me.post(at(EDIT), {"version": wished.revision, "move": f"{projects[int(number)].pk}:{verb}"})

    assert (response.status_code, response.url.split("?")[0]) == (302, at(EDIT))
    assert order_of(wished) == [projects[number].pk for number in expected]


def test_dragging_sends_the_whole_order_and_gets_the_part(me, wished, projects):
    order = [projects[2].pk, projects[0].pk, projects[1].pk]

    response = me.post(
        at(EDIT),
        {"version": wished.revision, "order": ",".join(map(str, order)), "moved": order[0]},
        headers=HTMX,
    )

    assert response.status_code == 200
    assert order_of(wished) == order
    assert text_of(response).strip().startswith('<div id="rank"')
    assert f'name="version" value="{wished.revision + 1}"' in text_of(response)
    assert "1순위로 옮겼습니다" in response.headers["HX-Trigger"].encode().decode("unicode_escape")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_stale_version_changes_nothing_and_shows_the_true_list(me, wished, projects, headers):
    response = me.post(
        at(EDIT), {"version": wished.revision - 1, "move": f"{projects[0].pk}:down"}, headers=headers
    )

    assert response.status_code == 409
    assert order_of(wished) == [project.pk for project in projects]
    assert f'name="version" value="{wished.revision}"' in text_of(response)


def seen_by(*projects):
    return ",".join(str(project.pk) for project in projects)


def test_both_orders_are_shown_and_mine_can_be_kept(me, wished, projects):
    old = wished.revision
    me.post(at(EDIT), {"version": old, "move": f"{projects[1].pk}:up"})
    me.post(at(EDIT), {"version": old + 1, "move": f"{projects[0].pk}:remove"})

    conflict = me.post(at(EDIT), {"version": old, "seen": seen_by(*projects), "move": f"{projects[2].pk}:up"})
    wanted = conflict.context["wanted"]
    before = order_of(wished)
    answer = me.post(at(EDIT), {"version": conflict.context["version"], "move": "mine", "wanted": wanted})

    assert conflict.status_code == 409
    assert wanted == seen_by(projects[0], projects[2], projects[1])
    assert [item["pk"] for item in conflict.context["items"]] == before == [projects[1].pk, projects[2].pk]
    assert answer.status_code == 302
    assert order_of(wished) == [projects[0].pk, projects[2].pk, projects[1].pk]


def test_mine_over_a_still_newer_order_is_asked_again(me, wished, projects):
    posted = {"version": wished.revision - 1, "move": "mine", "wanted": seen_by(*reversed(projects))}

    response = me.post(at(EDIT), posted)

    assert response.status_code == 409
    assert response.context["wanted"] == seen_by(*reversed(projects))
    assert order_of(wished) == [project.pk for project in projects]


def test_the_same_change_made_twice_is_no_conflict(me, wished, projects):
    posted = {"version": wished.revision, "seen": seen_by(*projects), "move": f"{projects[0].pk}:down"}
    me.post(at(EDIT), posted)

    response = me.post(at(EDIT), posted)

    assert response.status_code == 409
    assert "mine" not in response.context


def test_strangers_projects_never_enter_a_conflict(me, wished, projects):
    foreign = ProjectFactory(title="남의 카나리아")
    draft, rejected = [
        ProjectFactory(call=projects[0].call, title=f"카나리아 {state}", state=state)
        for state in ("draft", "rejected")
    ]
    listed = seen_by(foreign, draft, rejected, projects[0])

    for posted in ({"move": "mine", "wanted": listed}, {"move": f"{projects[0].pk}:up", "seen": listed}):
        response = me.post(at(EDIT), {"version": wished.revision - 1, **posted})

        assert response.status_code == 409
        assert "카나리아" not in text_of(response)
        assert response.context["wanted"] == seen_by(projects[0])


def test_a_withdrawn_project_of_ones_own_list_stays_in_a_conflict(me, wished, projects):
    Project.objects.filter(pk=projects[1].pk).update(state="withdrawn")
    order = seen_by(projects[1], projects[0])

    response = me.post(at(EDIT), {"version": wished.revision - 1, "move": "mine", "wanted": order})

    assert response.context["wanted"] == order


@pytest.mark.parametrize("state", ["announced", "running", "finished"])
def test_once_the_result_is_out_the_list_leads_to_it(me, call, wished, state):
    certify_wishes(wished.application, revision=wished.revision, by=wished.application.trainee.user)
    type(call).objects.filter(pk=call.pk).update(state=state)

    page = text_of(me.get(at(EDIT)))

    assert reverse("matching:match-detail", args=[call.pk]) in page
    assert "제출한 순위로 매칭합니다" not in page
    assert "결과 발표 예정일" not in page


def test_what_was_taken_off_is_put_back_on_its_place(me, wished, projects):
    removed = me.post(at(EDIT), {"version": wished.revision, "move": f"{projects[1].pk}:remove"})
    offered = me.get(removed.url)

    assert offered.context["removed"] == {"pk": projects[1].pk, "at": 2, "title": projects[1].title}
    move = f"{projects[1].pk}:restore:2"
    assert f'value="{move}"' in text_of(offered)
    me.post(at(EDIT), {"version": offered.context["version"], "move": move})
    assert order_of(wished) == [project.pk for project in projects]
    assert "removed" not in me.get(removed.url).context


@pytest.mark.parametrize(
    "query", ["removed=x&at=1", "removed=99999999999999999999&at=1", "removed=1", "at=9"]
)
def test_an_invented_undo_is_not_offered(me, wished, query):
    assert "removed" not in me.get(f"{at(EDIT)}?{query}").context


def test_the_last_wish_taken_off_can_be_put_back_too(me, application, projects):
    rank_list = add_wish(application, projects[0], by=application.trainee.user)

    response = me.post(
        at(EDIT), {"version": rank_list.revision, "move": f"{projects[0].pk}:remove"}, headers=HTMX
    )

    assert f'value="{projects[0].pk}:restore:1"' in text_of(response)


def test_a_project_removed_in_another_tab_is_stale(me, wished, projects):
    me.post(at(EDIT), {"version": wished.revision, "move": f"{projects[0].pk}:remove"})

    response = me.post(at(EDIT), {"version": wished.revision, "move": f"{projects[0].pk}:down"})

    assert response.status_code == 409
    assert order_of(wished) == [projects[1].pk, projects[2].pk]


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"version": "x", "move": "1:up"},
        {"version": 3},
        {"version": 3, "move": "1:sideways"},
        {"version": 3, "order": "1,,2"},
        {"version": -1, "move": "1:up"},
        {"version": 3, "move": "9" * 30 + ":up"},
        {"version": 3, "move": "1:restore"},
        {"version": 3, "move": "mine"},
        {"version": 3, "move": "mine", "wanted": "1,x"},
    ],
)
def test_what_no_page_sends_is_a_bad_request(me, wished, posted):
    assert me.post(at(EDIT), posted).status_code == 400


def test_editing_one_second_after_the_deadline_is_refused_with_the_deadline(me, wished, call, projects):
    with time_machine.travel(call.rankings_due_at + SECOND, tick=False):
        response = me.post(at(EDIT), {"version": wished.revision, "move": f"{projects[0].pk}:down"})

    assert response.status_code == 409
    assert "희망순위 제출 마감(" in text_of(response)
    assert "제출이 마감되었습니다" in text_of(response)
    assert order_of(wished) == [project.pk for project in projects]


def test_after_the_deadline_the_list_can_only_be_read(me, application, projects, call):
    certified_wishes(application, *projects)

    with time_machine.travel(call.rankings_due_at + SECOND, tick=False):
        response = me.get(at(EDIT))

    assert "제출한 순위로 매칭합니다" in text_of(response)
    assert 'name="move"' not in text_of(response)


def test_before_opening_the_page_says_when(me, call):
    with time_machine.travel(call.rankings_open_at - SECOND, tick=False):
        response = me.get(at(EDIT))

    assert "아직 희망 순위를 정하는 때가 아닙니다" in text_of(response)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("draft", "참여 신청을 제출하지 않은 채 신청 마감이 지났습니다"),
        ("returned", "참여 신청을 먼저 제출해 주세요"),
        ("ineligible", "심사 결과: 재직 중"),
        ("withdrawn", "아직 참여 신청을 하지 않았습니다"),
    ],
)
def test_people_who_may_not_rank_are_told_why(me, application, state, said):
    application.state = state
    application.ineligible_reason = "employed" if state == "ineligible" else ""
    application.save()

    assert said in text_of(me.get(at(EDIT)))


def test_the_panel_says_how_the_list_stands(me, wished, application, projects):
    assert "아직 제출하지 않았습니다" in text_of(me.get(at(EDIT)))

    certify_wishes(application, revision=None, by=application.trainee.user)
    assert "제출한 순위가 유효합니다" in text_of(me.get(at(EDIT)))

    version = RankList.objects.binding().get().revision
    me.post(at(EDIT), {"version": version, "move": f"{projects[0].pk}:down"})
    page = text_of(me.get(at(EDIT)))
    assert "바꾼 순위를 아직 제출하지 않았습니다" in page
    assert order_of(RankList.objects.binding().get()) == [project.pk for project in projects]

    me.post(at(EDIT), {"version": version + 1, "move": f"{projects[0].pk}:up"})
    assert "바꾼 순위를 아직" not in text_of(me.get(at(EDIT)))


@pytest.mark.parametrize(("more", "advised"), [(1, 4), (4, 5)])
def test_short_lists_are_warned_about_with_figures_and_never_blocked(me, call, wished, more, advised):
    ProjectFactory.create_batch(more, call=call, places=2)

    for page in (text_of(me.get(at(EDIT))), text_of(me.get(at(CERTIFY)))):
        assert f"3개만 담았습니다. {advised}개 이상 담기를 권합니다." in page
        assert f"지금 신청자는 1명, 모집 인원은 모두 {6 + 2 * more}명입니다." in page

    assert me.post(at(CERTIFY), {"version": wished.revision}).status_code == 302


def test_who_listed_everything_there_is_is_not_told_to_list_more(me, wished):
    assert "담기를 권합니다" not in text_of(me.get(at(EDIT)))


@pytest.fixture
def fits(application, projects):
    """As the night leaves them: the third project suits best."""
    rows = [
        FitRow(application=application, project=project, score=score)
        for project, score in zip(projects, (300, 500, 924), strict=True)
    ]
    return FitRow.objects.bulk_create(rows)


def test_what_suits_best_is_offered_beside_the_list_until_it_is_on_it(me, application, projects, fits):
    add_wish(application, projects[1], by=application.trainee.user)

    page = me.get(at(EDIT))
    added = me.post(reverse("rankings:wish-add", args=[projects[2].pk]), {"next": at(EDIT)})
    after = me.get(at(EDIT))

    assert [row.project for row in page.context["suggested"]] == [projects[2], projects[0]]
    assert "적합도 92%" in page.text
    assert added.url == at(EDIT)
    assert [row.project for row in after.context["suggested"]] == [projects[0]]
    assert order_of(RankList.objects.get(application=application)) == [projects[1].pk, projects[2].pk]


def test_what_cannot_be_chosen_is_not_offered(me, call, projects, fits):
    Project.objects.filter(pk=projects[2].pk).update(state="withdrawn")

    assert [row.project for row in me.get(at(EDIT)).context["suggested"]] == [projects[1], projects[0]]
    with time_machine.travel(call.rankings_due_at + SECOND):
        assert me.get(at(EDIT)).context["suggested"] == []
    Call.objects.filter(pk=call.pk).update(rankings_open_at=timezone.now() + days(1))
    early = me.get(at(EDIT))
    assert len(early.context["suggested"]) == 2
    assert "/rankings/wishes/" not in early.text


@pytest.mark.parametrize("count", [1, 3])
def test_editor_asks_the_same_number_of_questions(
    me, application, projects, count, django_assert_num_queries
):
    ProjectFactory(call=projects[0].call)  # one more to add: the figures are told
    for project in projects[:count]:
        add_wish(application, project, by=application.trainee.user)
    address = at(EDIT)

    with django_assert_num_queries(13):
        me.get(address)


@pytest.mark.parametrize("name", [EDIT, CERTIFY, RECEIPT])
def test_only_trainees_have_wishes(log_in, owner, call, name):
    assert log_in(owner).get(at(name)).status_code == 404
    assert log_in(owner).get("/rankings/mine/").status_code == 404


def test_the_office_reads_nobodys_wishes(log_in, wished):
    assert log_in(StaffFactory().user).get(at(EDIT)).status_code == 404


def test_nobody_sees_anothers_wishes(log_in, wished, call, projects):
    stranger = ApplicationFactory(call=call)

    response = log_in(stranger.trainee.user).get(at(EDIT))

    assert "아직 담은 프로젝트가 없습니다" in text_of(response)
    assert all(project.title not in text_of(response) for project in projects)


def test_who_may_rank_in_two_calls_has_a_list_in_each(me, application, wished, projects):
    later = CallFactory(title="추가 모집")
    wanted = ProjectFactory(call=later, title="추가 과제")
    second = ApplicationFactory(call=later, trainee=application.trainee)
    add_wish(second, wanted, by=application.trainee.user)
    addresses = {row: reverse("rankings:rank-list-edit", args=[row.call_id]) for row in (application, second)}

    pages = {row: me.get(address) for row, address in addresses.items()}
    removed = me.post(addresses[second], {"version": 1, "move": f"{wanted.pk}:remove"})

    assert [item["title"] for item in pages[second].context["items"]] == ["추가 과제"]
    assert [item["title"] for item in pages[application].context["items"]] == [row.title for row in projects]
    for row, page in pages.items():
        assert {tab["url"]: tab["current"] for tab in page.context["calls"]} == {
            address: other == row for other, address in addresses.items()
        }
    assert removed.url.split("?")[0] == addresses[second]
    assert order_of(RankList.objects.get(application=application)) == [row.pk for row in projects]
    assert me.get("/rankings/mine/").url == addresses[second]


def test_one_list_needs_no_tabs(me, application, wished):
    over = ApplicationFactory(
        call=CallFactory(state="finished"), trainee=application.trainee, state="unmatched"
    )

    assert me.get(at(EDIT)).context["calls"] == []
    assert me.get("/rankings/mine/").url == at(EDIT)
    assert over.pk > application.pk


def test_without_an_application_to_a_call_there_is_nothing_to_rank(log_in, application):
    other = CallFactory()
    client = log_in(application.trainee.user)
    withdraw_application(application, by=application.trainee.user)

    for address in ("/rankings/mine/", at(EDIT), reverse("rankings:rank-list-edit", args=[other.pk])):
        assert "아직 참여 신청을 하지 않았습니다" in text_of(client.get(address))
    hidden = CallFactory(state="draft")
    assert client.get(reverse("rankings:rank-list-edit", args=[hidden.pk])).status_code == 404


# --- 담기 and 관심 -----------------------------------------------------------------------------------------


def test_adding_answers_with_the_button_and_the_count(me, application, projects):
    url = reverse("rankings:wish-add", args=[projects[0].pk])

    response = me.post(url, headers=HTMX)

    assert response.status_code == 200
    assert text_of(response).strip().startswith(f'<span id="wish-{projects[0].pk}"')
    assert 'aria-pressed="true"' in text_of(response)
    assert "담았습니다 (1/10)" in response.headers["HX-Trigger"].encode().decode("unicode_escape")


def test_adding_twice_is_one_wish(me, application, projects):
    url = reverse("rankings:wish-add", args=[projects[0].pk])

    answers = [me.post(url, headers=HTMX).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert RankItem.objects.count() == 1


def test_adding_and_removing_without_htmx_goes_back(me, application, projects):
    pk = projects[0].pk

    added = me.post(reverse("rankings:wish-add", args=[pk]), {"next": "/projects/?q=1"})
    removed = me.post(reverse("rankings:wish-remove", args=[pk]), {"next": "https://evil.example/"})

    assert added.url == "/projects/?q=1"
    assert removed.url == reverse("projects:project-detail", args=[pk])
    assert not RankItem.objects.exists()


def test_the_eleventh_wish_is_refused(me, application, call):
    for _ in range(10):
        add_wish(application, ProjectFactory(call=call), by=application.trainee.user)

    response = me.post(reverse("rankings:wish-add", args=[ProjectFactory(call=call).pk]), headers=HTMX)

    assert response.status_code == 409
    assert RankItem.objects.count() == 10


def test_projects_nobody_may_see_cannot_be_wished(me, call):
    hidden = ProjectFactory(call=call, state="submitted")

    assert me.post(reverse("rankings:wish-add", args=[hidden.pk])).status_code == 404
    assert me.post(reverse("rankings:interest-mark", args=[hidden.pk])).status_code == 404


def test_wishing_without_an_application_is_refused(log_in, projects):
    response = log_in(TraineeFactory().user).post(reverse("rankings:wish-add", args=[projects[0].pk]))

    assert response.status_code == 409
    assert "참여 신청을 먼저 제출해 주세요." in text_of(response)


def test_interest_is_marked_and_taken_back(me, application, projects):
    marked = me.post(reverse("rankings:interest-mark", args=[projects[0].pk]), headers=HTMX)
    assert 'aria-pressed="true"' in text_of(marked)
    assert Interest.objects.get().project == projects[0]

    unmarked = me.post(reverse("rankings:interest-unmark", args=[projects[0].pk]), headers=HTMX)
    assert 'aria-pressed="false"' in text_of(unmarked)
    assert not Interest.objects.exists()


@pytest.mark.parametrize("name", ["wish-add", "wish-remove", "interest-mark", "interest-unmark"])
def test_reading_never_writes(me, application, projects, name):
    assert me.get(reverse(f"rankings:{name}", args=[projects[0].pk])).status_code == 405


# --- certify and receipt --------------------------------------------------------------------------------


def test_certifying_leads_to_the_receipt(me, wished):
    checked = me.get(at(CERTIFY))
    assert [item["pk"] for item in checked.context["items"]] == order_of(wished)

    response = me.post(at(CERTIFY), {"version": wished.revision})

    assert (response.status_code, response.url) == (302, at(RECEIPT))
    wished.refresh_from_db()
    page = text_of(me.get(at(RECEIPT)))
    assert wished.receipt in page
    assert wished.reference in page


def test_certifying_what_another_tab_changed_shows_the_new_list(me, wished, projects):
    me.post(at(EDIT), {"version": wished.revision, "move": f"{projects[0].pk}:remove"})

    response = me.post(at(CERTIFY), {"version": wished.revision})

    assert response.status_code == 409
    assert [item["pk"] for item in response.context["items"]] == [projects[1].pk, projects[2].pk]
    assert not RankList.objects.binding().exists()


def test_certifying_twice_is_one_submission(me, wished):
    answers = [me.post(at(CERTIFY), {"version": wished.revision}).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert RankList.objects.count() == 1


def test_certifying_late_is_refused_with_the_deadline(me, wished, call):
    with time_machine.travel(call.rankings_due_at + SECOND, tick=False):
        response = me.post(at(CERTIFY), {"version": wished.revision})

    assert response.status_code == 409
    assert "희망순위 제출 마감(" in text_of(response)
    assert not RankList.objects.binding().exists()


def test_there_is_nothing_to_certify_on_an_empty_list(me):
    assert me.get(at(CERTIFY)).url == at(EDIT)
    assert me.post(at(CERTIFY), {"version": 0}).url == at(EDIT)


def test_no_receipt_before_something_was_certified(me, wished):
    assert me.get(at(RECEIPT)).status_code == 404


def test_the_receipt_keeps_what_was_certified(me, application, projects):
    certified_wishes(application, projects[1])
    add_wish(application, projects[0], by=application.trainee.user)

    response = me.get(at(RECEIPT))

    assert [item["pk"] for item in response.context["items"]] == [projects[1].pk]


# --- a company's candidates -----------------------------------------------------------------------------


@pytest.fixture
def project(call):
    return ProjectFactory(call=call, places=1)


@pytest.fixture
def member(project):
    return project.company.members.get()


@pytest.fixture
def company(log_in, member):
    """The owner of the project's company, signed in."""
    return log_in(member.user)


def candidates(project):
    return reverse("rankings:candidate-list", args=[project.pk])


def scoring(project, application):
    return reverse("rankings:candidate-score", args=[project.pk, application.pk])


def certifying(project):
    return reverse("rankings:scores-certify", args=[project.company_id, project.call_id])


def give(member, project, application, **judgement):
    return score_candidate(member.company, project, application, by=member.user, **judgement)


def names_of(response):
    return [row["name"] for row in response.context["rows"]]


def test_candidates_show_what_is_needed_and_nothing_else(company, project, application):
    mark_interest(application, project, by=application.trainee.user)
    graduate = application.trainee.graduate

    page = text_of(company.get(candidates(project)))

    for shown in (
        application.trainee.user.name,
        graduate.cohort.course,
        "Python · 프로젝트에 써 봄",
        "필수 기술 1개 중 1개를",
        "관심 표시",
        application.motive,
    ):
        assert shown in page
    for hidden in (
        application.trainee.user.email,
        "010-1234-5678",
        "+821012345678",
        graduate.cohort.school.name,
        application.pseudonym.hex,
    ):
        assert hidden not in page


@pytest.mark.parametrize(
    "address",
    [
        lambda project: candidates(project),
        lambda project: candidates(project) + "?order=name",
        lambda project: candidates(project) + "?order=score&show=unreviewed",
        lambda project: candidates(project) + "?show=interested",
        lambda project: certifying(project),
        lambda project: reverse("projects:project-manage", args=[project.pk]),
        lambda project: reverse("projects:project-detail", args=[project.pk]),
        lambda project: "/company/",
    ],
)
def test_nobody_sees_who_ranked_whom(company, project, call, address):
    fan = ApplicationFactory(call=call)
    ApplicationFactory(call=call)
    before = text_of(company.get(address(project)))

    certified_wishes(fan, project)

    after = text_of(company.get(address(project)))
    assert [line for line in before.splitlines() if "csrf" not in line.lower()] == [
        line for line in after.splitlines() if "csrf" not in line.lower()
    ]


def test_seeing_candidates_is_written_down_once_per_page(company, member, project, call):
    people = [ApplicationFactory(call=call).trainee.user for _ in range(2)]

    company.get(candidates(project))

    assert {(row.by, row.subject, row.what) for row in Access.objects.all()} == {
        (member.user, person, "candidates") for person in people
    }
    assert Access.objects.count() == 2


def test_only_eligible_people_of_the_call_are_candidates(company, project, call, application):
    for state in ("submitted", "withdrawn", "draft"):
        ApplicationFactory(call=call, state=state)
    ApplicationFactory()

    assert names_of(company.get(candidates(project))) == [application.trainee.user.name]


def leave(application, how):
    """The person goes: out of the call, or out of the companies' sight."""
    user = application.trainee.user
    if how == "withdraws":
        withdraw_application(application, by=user)
    else:
        withdraw_consent(user, "share_with_company", by=user)


@pytest.mark.parametrize("how", ["withdraws", "stops sharing"])
def test_nothing_is_left_visible_of_who_leaves(company, member, project, call, how):
    stays, goes = ApplicationFactory(call=call), ApplicationFactory(call=call, trainee__user__name="떠난사람")
    for application in (stays, goes):
        mark_interest(application, project, by=application.trainee.user)
        add_wish(application, project, by=application.trainee.user)
        score_candidate(project.company, project, application, score=Decimal(90), by=member.user)
    leave(goes, how)
    address, row = candidates(project), reverse("rankings:candidate-score", args=[project.pk, goes.pk])
    certify = reverse("rankings:scores-certify", args=[project.company_id, call.pk])

    pages = [
        company.get(url).content.decode()
        for url in (
            address, f"{address}?show=interested", f"{address}?show=reviewed", f"{address}?order=score",
            f"{address}?q=떠난", certify, reverse("projects:project-manage", args=[project.pk]), "/company/",
        )
    ]  # fmt: skip
    listed = company.get(address).context

    assert [page for page in pages if "떠난사람" in page.replace('value="떠난"', "")] == []
    assert (listed["total"], listed["reviewed"], listed["goal"]) == (1, 1, 1)
    assert company.get(certify).context["summary"][0]["scored"] == 1
    assert company.post(row, {"score": "10", "seen": "90"}).status_code == 404
    assert review_progress([project])[project.pk] == {"candidates": 1, "reviewed": 1, "goal": 1}
    assert not Access.objects.filter(subject=goes.trainee.user).exists()


def test_who_shares_again_is_back_with_mark_and_score(company, member, project, call):
    application = ApplicationFactory(call=call, trainee__user__name="돌아온사람")
    user = application.trainee.user
    mark_interest(application, project, by=user)
    score_candidate(project.company, project, application, score=Decimal(90), by=member.user)
    leave(application, "stops sharing")

    give_consents(user, [ConsentText.objects.get()], by=user)
    row = company.get(f"{candidates(project)}?show=interested").context["rows"][0]

    assert (row["name"], row["interested"], row["item"].score) == ("돌아온사람", True, Decimal(90))


@pytest.mark.parametrize("count", [1, 3])
def test_progress_of_many_projects_is_two_queries(call, count, django_assert_num_queries):
    projects = [ProjectFactory(call=call) for _ in range(count)]
    for project in projects:
        certified_scores(project.company, {(project, ApplicationFactory(call=call)): 50})

    with django_assert_num_queries(2):
        found = review_progress(projects)

    assert {pk: row["reviewed"] for pk, row in found.items()} == {project.pk: 1 for project in projects}


def test_best_fit_comes_first_and_filters_narrow(company, member, project, call):
    weak = ApplicationFactory(call=call, trainee=TraineeFactory(skills={"sql": 1}, user__name="약함"))
    strong = ApplicationFactory(call=call, trainee=TraineeFactory(skills={"python": 5}, user__name="강함"))
    refused = ApplicationFactory(call=call, trainee=TraineeFactory(skills={"python": 1}, user__name="거절"))
    mark_interest(weak, project, by=weak.trainee.user)
    give(member, project, refused, refusal="skill")
    give(member, project, weak, score=Decimal(10))
    url = candidates(project)

    assert names_of(company.get(url)) == ["강함", "거절", "약함"]
    assert names_of(company.get(url, {"order": "score"})) == ["약함", "강함", "거절"]
    assert names_of(company.get(url, {"order": "name"})) == ["강함", "거절", "약함"]
    assert names_of(company.get(url, {"show": "reviewed"})) == ["거절", "약함"]
    assert names_of(company.get(url, {"show": "unreviewed"})) == ["강함"]
    assert names_of(company.get(url, {"show": "interested"})) == ["약함"]
    assert names_of(company.get(url, {"q": "강"})) == ["강함"]
    assert names_of(company.get(url, {"show": "nonsense"})) == ["강함", "거절", "약함"]
    assert strong.state == "eligible"


@pytest.mark.parametrize("count", [1, 3])
def test_candidates_ask_the_same_number_of_questions(
    company, project, call, count, django_assert_num_queries
):
    for _ in range(count):
        application = ApplicationFactory(call=call)
        mark_interest(application, project, by=application.trainee.user)

    with django_assert_num_queries(33):
        company.get(candidates(project))


def test_candidates_come_in_pages_of_thirty(company, project, call):
    for _ in range(31):
        ApplicationFactory(call=call)

    sizes = [len(company.get(candidates(project), {"page": page}).context["rows"]) for page in (1, 2)]

    assert sizes == [30, 1]


def test_a_score_is_saved_in_its_row_and_the_progress_follows(company, project, application):
    response = company.post(scoring(project, application), {"score": "87.5"}, headers=HTMX)

    assert response.status_code == 200
    assert (
        text_of(response)
        .strip()
        .startswith(f'<article class="i-card i-card--candidate" id="candidate-{application.pk}"')
    )
    assert 'id="reviewed" hx-swap-oob="true"' in text_of(response)
    assert [(item.score, item.refusal) for item in RankItem.objects.all()] == [(Decimal("87.50"), "")]


def test_saving_goes_on_to_the_next_person(company, project, call):
    first, second = ApplicationFactory(call=call), ApplicationFactory(call=call)
    posted = {"score": "87.5", "following": second.pk}

    response = company.post(scoring(project, first), posted, headers=HTMX)

    assert f'data-focus="id_{second.pk}_score"' in text_of(response)
    assert "저장됨: 87.5점" in text_of(response)
    assert json.loads(response["HX-Trigger"])["toast"]["text"] == f"{first.trainee.user.name}: 87.5점"


def test_the_last_person_of_a_page_keeps_the_focus(company, project, application):
    response = company.post(scoring(project, application), {"score": "50"}, headers=HTMX)

    assert f'data-focus="id_{application.pk}_score"' in text_of(response)


def test_each_row_names_the_next_and_the_last_none(company, project, call):
    ApplicationFactory.create_batch(3, call=call)

    rows = company.get(candidates(project)).context["rows"]

    assert [row["following"] for row in rows] == [*(row["application"].pk for row in rows[1:]), None]


def test_views_count_who_is_left_done_and_keen(company, member, project, call):
    people = [ApplicationFactory(call=call) for _ in range(3)]
    give(member, project, people[0], score=70)
    mark_interest(people[1], project, by=people[1].trainee.user)

    response = company.get(candidates(project), {"show": "unreviewed", "order": "name", "page": 1})

    views = response.context["views"]
    assert [(view["label"], view["count"]) for view in views] == [
        ("모두", 3), ("검토 전", 2), ("검토함", 1), ("관심 표시", 1), ("후보 명단", 0),
    ]  # fmt: skip
    assert [view["current"] for view in views] == [False, True, False, False, False]
    assert views[3]["url"] == f"{candidates(project)}?show=interested&order=name"
    assert len(names_of(response)) == 2


def test_somebody_who_left_is_not_counted_as_reviewed(company, member, project, call):
    stays, leaves = ApplicationFactory(call=call), ApplicationFactory(call=call)
    for application in (stays, leaves):
        give(member, project, application, score=70)
    Application.objects.filter(pk=leaves.pk).update(state="withdrawn")

    response = company.get(candidates(project))

    assert (response.context["reviewed"], response.context["total"]) == (1, 1)


def test_required_skills_say_which_are_met(company, project, application):
    asked = project.project_skills.get()
    asked.level = 5
    asked.save()
    ProjectSkill.objects.create(project=project, skill=SkillFactory(code="sql", name="SQL"), level=2)

    needs = company.get(candidates(project)).context["rows"][0]["needs"]

    assert [(need["name"], need["met"], need["known"]) for need in needs] == [
        ("Python", False, True),
        ("SQL", False, False),
    ]


def test_a_refusal_without_htmx_goes_back_to_the_row(company, project, application):
    response = company.post(scoring(project, application) + "?show=unreviewed&page=2", {"refusal": "skill"})

    assert response.url == f"{candidates(project)}?show=unreviewed&page=2#candidate-{application.pk}"
    assert RankItem.objects.get().refusal == "skill"


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"score": "101"}, "점수는 0부터 100까지 입력해 주세요."),
        ({"score": "-1"}, "점수는 0부터 100까지 입력해 주세요."),
        ({"score": "NaN"}, "점수는 0부터 100까지 입력해 주세요."),
        ({"score": "1e999"}, "점수는 0부터 100까지 입력해 주세요."),
        ({"score": "50.123"}, "점수는 소수점 아래 두 자리까지 입력해 주세요."),
        ({"score": "50", "refusal": "skill"}, "둘 중 하나만 해 주세요."),
        ({"refusal": "looks"}, "올바르게 선택해 주세요"),
    ],
)
def test_impossible_scores_are_refused_in_the_row(company, project, application, headers, posted, said):
    response = company.post(scoring(project, application), posted, headers=headers)

    assert response.status_code == 422
    assert said in text_of(response)
    assert not RankItem.objects.exists()


def test_scoring_late_is_refused_with_the_deadline(company, project, application, call):
    with time_machine.travel(call.rankings_due_at + SECOND, tick=False):
        response = company.post(scoring(project, application), {"score": "50"})
        page = text_of(company.get(candidates(project)))

    assert response.status_code == 409
    assert "마감되어 바꿀 수 없습니다" in page
    assert 'id="save-' not in page
    assert not RankItem.objects.exists()


@pytest.mark.parametrize(
    ("role", "seeing", "scores", "certifies"),
    [("owner", 200, 302, 302), ("manager", 200, 302, 403), ("mentor", 200, 403, 403)],
)
def test_what_each_member_may_do(log_in, project, application, role, seeing, scores, certifies):
    member = CompanyMemberFactory(company=project.company, role=role)
    client = log_in(member.user)
    owner = project.company.members.first()

    assert client.get(candidates(project)).status_code == seeing
    assert client.post(scoring(project, application), {"score": "50"}).status_code == scores
    draft = give(owner, project, application, score=Decimal(60))
    assert client.post(certifying(project), {"version": draft.revision}).status_code == certifies


@pytest.mark.parametrize("who", ["another company", "trainee", "office", "newcomer"])
def test_strangers_find_no_candidates(log_in, project, application, who):
    user = {
        "another company": lambda: ProjectFactory(call=project.call).company.members.get().user,
        "trainee": lambda: application.trainee.user,
        "office": lambda: StaffFactory().user,
        "newcomer": UserFactory,
    }[who]()
    certified_scores(project.company, {(project, application): 50})
    client = log_in(user)

    assert client.get(candidates(project)).status_code == 404
    assert client.post(scoring(project, application), {"score": "50"}).status_code == 404
    assert client.get(certifying(project)).status_code == 404
    assert client.post(certifying(project), {"version": 0}).status_code == 404
    assert (
        client.get(reverse("rankings:scores-receipt", args=[project.company_id, project.call_id])).status_code
        == 404
    )


def test_people_of_another_call_cannot_be_scored(company, project):
    assert company.post(scoring(project, ApplicationFactory()), {"score": "50"}).status_code == 404


@pytest.mark.parametrize("state", ["announced", "running", "finished"])
def test_after_publication_other_applicants_are_out_of_sight(company, project, application, call, state):
    application.state = "eligible"
    call.state = state
    call.save()

    response = company.get(candidates(project))

    assert response.status_code == 200
    assert "결과가 발표되어 지원자를 더 볼 수 없습니다" in text_of(response)
    assert application.trainee.user.name not in text_of(response)
    assert not Access.objects.exists()


def test_a_project_that_is_not_selected_has_no_candidates(company, project, application):
    project.state = "submitted"
    project.save()

    response = company.get(candidates(project))

    assert "선정된 과제만 지원자를 볼 수 있습니다" in text_of(response)
    assert application.trainee.user.name not in text_of(response)


def test_the_menu_leads_to_the_first_project(company, project):
    assert company.get(reverse("rankings:candidate-projects")).url == candidates(project)


def test_without_a_selected_project_the_menu_leads_to_an_explanation(log_in, owner):
    page = text_of(log_in(owner).get(reverse("rankings:candidate-projects")))

    assert "지금은 평가할 지원자가 없습니다" in page


def test_people_without_a_company_have_no_candidates_page(log_in, application):
    assert log_in(application.trainee.user).get(reverse("rankings:candidate-projects")).status_code == 404


def test_certifying_scores_sums_up_and_gives_a_receipt(company, member, project, call):
    people = [ApplicationFactory(call=call) for _ in range(3)]
    give(member, project, people[0], score=Decimal(80))
    draft = give(member, project, people[1], refusal="field")

    summary = company.get(certifying(project)).context["summary"]
    assert [(row["scored"], row["refused"], row["unreviewed"], row["goal"]) for row in summary] == [
        (1, 1, 1, 3)
    ]
    response = company.post(certifying(project), {"version": draft.revision})

    assert response.url == reverse("rankings:scores-receipt", args=[project.company_id, call.pk])
    page = text_of(company.get(response.url))
    draft.refresh_from_db()
    assert draft.receipt in page
    assert all(person.trainee.user.name not in page for person in people)


def test_certifying_scores_a_colleague_changed_is_stale(company, member, project, application):
    draft = give(member, project, application, score=Decimal(80))
    give(member, project, application, score=Decimal(81))

    response = company.post(certifying(project), {"version": draft.revision})

    assert response.status_code == 409
    assert not RankList.objects.binding().exists()


def test_what_was_submitted_is_not_asked_for_again(company, member, project, application):
    certified_scores(project.company, {(project, application): 70})

    page = text_of(company.get(certifying(project)))

    assert "제출한 평가" in page
    assert 'name="version"' not in page


def test_the_unreviewed_read_what_happens_to_them(company, member, project, call):
    people = [ApplicationFactory(call=call) for _ in range(3)]
    give(member, project, people[0], score=70)
    give(member, project, people[1], refusal="skill")

    page = text_of(company.get(certifying(project)))

    assert "점수를 준 1명이 점수가 높은 순서로 앞에" in page
    assert "검토하지 않은 1명은 거절한 것이 아닙니다" in page
    assert "받을 수 없다고 고른 1명은 이 과제에 배치되지 않습니다" in page
    assert "3명까지 검토하기를 권합니다" in page


def test_a_manager_reads_who_submits(log_in, project, member, application):
    give(member, project, application, score=70)
    manager = CompanyMemberFactory(company=project.company, role="manager")

    page = text_of(log_in(manager.user).get(certifying(project)))

    assert f"대표 담당자({member.user.name})에게 알려 주세요" in page


def test_certifying_nothing_is_refused(company, project):
    assert company.post(certifying(project), {"version": 0}).status_code == 422


def test_certifying_scores_late_is_refused(company, member, project, application, call):
    draft = give(member, project, application, score=Decimal(80))

    with time_machine.travel(call.rankings_due_at + SECOND, tick=False):
        response = company.post(certifying(project), {"version": draft.revision})

    assert response.status_code == 409
    assert not RankList.objects.binding().exists()


def test_the_summary_says_when_scores_changed_after_certification(
    company, member, project, application, call
):
    give(member, project, application, score=Decimal(80))
    certify_scores(member.company, call, revision=None, by=member.user)
    assert "제출한 평가가 유효합니다" in text_of(company.get(certifying(project)))

    give(member, project, application, score=Decimal(70))

    assert "제출한 평가가 그대로 유효합니다. 바꾼 평가를 쓰려면" in text_of(company.get(certifying(project)))


@pytest.mark.parametrize("following", ["abc", "9", "-1", "//x", "https://elsewhere.example/"])
def test_a_bad_next_leads_to_the_project(db, log_in, following):
    application = ApplicationFactory()
    project = ProjectFactory(call=application.call)
    client = log_in(application.trainee.user)

    answer = client.post(reverse("rankings:wish-add", args=[project.pk]), {"next": following})

    assert (answer.status_code, answer.url) == (302, reverse("projects:project-detail", args=[project.pk]))
