import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from portal.home.menu import menu
from tests.factories import CompanyMemberFactory, NoticeFactory, StaffFactory, TraineeFactory, UserFactory


def labels(context, name="menu"):
    return [str(item["label"]) for item in context[name]]


def request_of(user):
    request = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    return request


PEOPLE = {
    "trainee": lambda: TraineeFactory().user,
    "company": lambda: CompanyMemberFactory().user,
    "staff": lambda: StaffFactory().user,
    "newcomer": UserFactory,
}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("trainee", ["할 일", "프로젝트", "희망 순위", "매칭 결과", "내 정보"]),
        ("company", ["현황", "내 프로젝트", "지원자 평가", "참여자", "채용의무", "기업 정보"]),
        ("staff", ["운영 현황", "프로젝트", "사업 안내", "자주 묻는 질문"]),
        ("newcomer", ["시작하기", "프로젝트", "자주 묻는 질문"]),
    ],
)
def test_everybody_gets_the_menu_of_their_kind(db, who, expected):
    context = menu(request_of(PEOPLE[who]()))

    assert labels(context) == expected
    assert labels(context, "user_menu") == ["알림함", "설정"]


def test_visitors_cost_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        context = menu(request_of(AnonymousUser()))
        shown = (labels(context), labels(context, "user_menu"), context["inbox_count"] == 0)

    assert shown == (["사업 안내", "프로젝트", "자주 묻는 질문"], [], True)


def test_a_request_refused_before_it_had_a_user_gets_the_visitors_menu():
    assert labels(menu(RequestFactory().get("/"))) == ["사업 안내", "프로젝트", "자주 묻는 질문"]


@pytest.mark.parametrize("who", PEOPLE)
def test_the_whole_header_costs_three_questions(db, who, django_assert_max_num_queries):
    request = request_of(PEOPLE[who]().__class__.objects.get())

    with django_assert_max_num_queries(3):
        context = menu(request)
        labels(context), labels(context, "user_menu"), int(str(context["inbox_count"]))


def test_a_part_that_shows_no_menu_asks_nothing(db, django_assert_num_queries):
    request = request_of(UserFactory())

    with django_assert_num_queries(0):
        menu(request)


def test_unread_messages_are_counted(db):
    user = UserFactory()
    NoticeFactory.create_batch(2, recipient=user)
    NoticeFactory()

    assert menu(request_of(user))["inbox_count"] == 2


def test_the_page_one_is_on_is_marked(log_in, trainee):
    response = log_in(trainee.user).get("/rankings/mine/", follow=True)

    assert [str(item["label"]) for item in response.context["menu"] if item["current"]] == ["희망 순위"]


def test_people_with_two_roles_switch_by_pressing_a_button(log_in, trainee):
    CompanyMemberFactory(user=trainee.user)
    client = log_in(trainee.user)
    response = client.get("/help/")
    assert labels(response.context)[0] == "할 일"
    assert [item["post"] for item in response.context["user_menu"] if "post" in item] == ["company"]

    switched = client.post("/start/as/", {"role": "company"})

    assert switched.url == "/start/"
    assert client.get("/start/").url == "/company/"
    assert labels(client.get("/help/").context)[0] == "현황"


@pytest.mark.parametrize(("role", "status"), [("company", 403), ("staff", 403), ("", 400), ("king", 400)])
def test_nobody_switches_to_a_role_they_do_not_have(log_in, trainee, role, status):
    assert log_in(trainee.user).post("/start/as/", {"role": role}).status_code == status
