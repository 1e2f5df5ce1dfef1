import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from portal.audit.models import Event
from portal.trainees.models import Skill, Trainee
from tests.factories import (
    CompanyFactory,
    CompanyMemberFactory,
    FieldFactory,
    GraduateFactory,
    SchoolMemberFactory,
    SkillFactory,
    TraineeFactory,
    UserFactory,
)

URL = "/my/profile/"
FILLED = {
    "phone": "010-2345-6789",
    "region": "창원시",
    "available_from": "2027-01-04",
    "weekly_hours": "40",
    "work_mode": "onsite",
    "employment": "unemployed",
    "intro": "소리 자료를 다루었습니다.",
    "portfolio": "example.com/me",
}


@pytest.fixture
def skills(db):
    parent = Skill.objects.create(code="ml", name="기계학습")
    return [
        parent,
        Skill.objects.create(code="torch", name="PyTorch", parent=parent),
        Skill.objects.create(code="sql", name="SQL"),
    ]


def test_looking_writes_nothing(log_in, skills):
    response = log_in(UserFactory()).get(URL)

    assert response.status_code == 200
    assert not Trainee.objects.exists()


def test_what_is_still_needed_to_apply_is_named_with_its_place(log_in, skills):
    client = log_in(UserFactory())

    before = client.get(URL).context["missing"]
    client.post(URL, FILLED | {"skill_sql": "3"})

    assert [row["target"] for row in before] == ["id_phone", "id_region", "id_available_from", "part-skills"]
    assert client.get(URL).context["missing"] == []


def test_the_first_save_makes_the_person_a_trainee_with_everything_they_said(log_in, skills):
    FieldFactory()
    user = UserFactory()

    response = log_in(user).post(
        URL, {**FILLED, "interests": ["nlp"], "skill_torch": "4", "skill_sql": "2", "skill_ml": ""}
    )

    trainee = Trainee.objects.get(user=user)
    assert (response.status_code, response.url) == (302, URL)
    assert dict(trainee.skills.values_list("skill_id", "level")) == {"torch": 4, "sql": 2}
    assert (str(trainee.phone), trainee.region, trainee.portfolio) == (
        "+821023456789",
        "창원",
        "https://example.com/me",
    )
    assert [field.pk for field in trainee.interests.all()] == ["nlp"]
    assert trainee.is_complete
    assert list(Event.objects.about(trainee).values_list("verb", flat=True)) == [
        "update_profile",
        "become_trainee",
    ]


def test_saving_again_replaces_the_skills(log_in, skills):
    trainee = TraineeFactory(skills={"python": 3})

    log_in(trainee.user).post(URL, {**FILLED, "skill_sql": "5"})

    assert dict(trainee.skills.values_list("skill_id", "level")) == {"sql": 5}


def test_what_has_a_level_stands_first_and_the_rest_under_its_parent(log_in, skills):
    SkillFactory(code="kafka")
    Skill.objects.create(code="xgboost", name="XGBoost", parent_id="ml")
    trainee = TraineeFactory(skills={"torch": 3})

    form = log_in(trainee.user).get(URL).context["form"]

    groups = [(group.title, [field.label for field in group.fields]) for group in form.skill_groups()]
    assert groups == [
        ("고른 기술", ["PyTorch"]),
        ("기계학습", ["XGBoost"]),
        ("그 밖의 기술", ["Kafka", "SQL"]),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phone": ""}, "휴대전화를 입력해 주세요"),
        ({"phone": "12345"}, "전화번호"),
        ({"region": ""}, "사는 지역을 입력해 주세요"),
        ({"region": "가" * 41}, "40"),
        ({"available_from": "0000-01-01"}, "날짜"),
        ({"available_from": "1899-01-01"}, "2000년과 2100년"),
        ({"weekly_hours": "0"}, "1시간부터 40시간"),
        ({"weekly_hours": "41"}, "1시간부터 40시간"),
        ({"weekly_hours": "1e999"}, "정수"),
        ({"work_mode": "moon"}, "moon"),
        ({"skill_sql": "9"}, "9"),
        ({"skill_sql": ""}, "기술을 한 가지 이상"),
        ({"intro": "가" * 1001}, "1000"),
        ({"portfolio": "javascript:alert(1)"}, "URL"),
        ({"interests": ["none"]}, "none"),
    ],
)
def test_bad_input_is_asked_for_again_and_nothing_is_written(log_in, skills, change, said):
    user = UserFactory()

    response = log_in(user).post(URL, {**FILLED, "skill_sql": "3", **change})

    assert response.status_code == 422
    assert said in response.text
    assert "<title>오류:" in response.text
    assert "소리 자료를" in response.text or "intro" in change
    assert not Trainee.objects.exists()


@pytest.mark.parametrize(
    ("town", "kept"),
    [
        ("창원시", "창원"),
        ("부산광역시", "부산"),
        ("고성군", "고성"),
        ("시흥", "시흥"),
        ("대구", "대구"),
        ("서울특별시", "서울"),
        ("무시", "무시"),
    ],
)
def test_a_town_is_kept_without_its_ending(log_in, skills, town, kept):
    user = UserFactory()

    log_in(user).post(URL, {**FILLED, "region": town, "skill_sql": "3"})

    assert Trainee.objects.get().region == kept


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/my/application/1/motive/", "/my/application/1/motive/"),
        ("https://evil.example/", URL),
        ("//evil.example", URL),
        ("javascript:alert(1)", URL),
    ],
)
def test_after_saving_one_goes_back_only_to_a_page_of_ours(log_in, skills, target, goes):
    response = log_in(UserFactory()).post(f"{URL}?next={target}", {**FILLED, "skill_sql": "3"})

    assert response.url == goes


def test_places_of_companies_and_schools_are_suggested(log_in, skills):
    CompanyFactory(region="김해")
    CompanyFactory(region="비밀", state="unverified")

    page = log_in(TraineeFactory().user).get(URL)

    assert page.context["form"].regions() == ["김해", "창원"]


def test_a_graduate_link_is_shown(log_in, db):
    trainee = TraineeFactory()

    page = log_in(trainee.user).get(URL)

    assert trainee.graduate.cohort.school.name in page.text
    assert "수료 확인" in page.text


def test_claiming_links_the_row_of_a_proved_address(log_in, db):
    trainee = TraineeFactory(graduate=None)
    EmailAddress.objects.create(user=trainee.user, email="school@example.com", verified=True)
    graduate = GraduateFactory(email="school@example.com")

    response = log_in(trainee.user).post(reverse("trainees:graduate-claim"), follow=True)

    trainee.refresh_from_db()
    assert trainee.graduate == graduate
    assert "수료 정보를 연결했습니다" in response.text


def test_who_was_registered_wrongly_is_told_and_links_the_right_row(log_in, db):
    trainee = TraineeFactory(graduate__state="withdrawn")
    EmailAddress.objects.create(user=trainee.user, email=trainee.user.email, verified=True)
    client = log_in(trainee.user)

    before, home = client.get(URL), client.get("/my/")
    right = GraduateFactory(email=trainee.user.email)
    client.post(reverse("trainees:graduate-claim"))

    trainee.refresh_from_db()
    assert "교육기관이 등록을 취소했습니다" in before.text
    assert home.context["graduate_missing"]
    assert trainee.graduate == right


def test_claiming_with_an_unproved_address_links_nothing(log_in, db):
    trainee = TraineeFactory(graduate=None)
    EmailAddress.objects.create(user=trainee.user, email="other@example.com", verified=False)
    GraduateFactory(email="other@example.com")

    response = log_in(trainee.user).post(reverse("trainees:graduate-claim"), follow=True)

    trainee.refresh_from_db()
    assert trainee.graduate is None
    assert "등록된 수료생이 없습니다" in response.text


def test_nobody_else_has_a_profile_page(log_in, operator):
    for user in (operator, CompanyMemberFactory().user, SchoolMemberFactory().user):
        client = log_in(user)
        assert client.get(URL).status_code == 404
        assert client.post(URL, FILLED).status_code == 404
        assert client.post(reverse("trainees:graduate-claim")).status_code == 404


def test_the_page_costs_the_same_for_many_skills(log_in, db, django_assert_max_num_queries):
    trainee = TraineeFactory()
    client = log_in(trainee.user)
    for number in range(30):
        Skill.objects.create(code=f"s{number}", name=f"기술 {number}")

    with django_assert_max_num_queries(22):
        client.get(URL)
