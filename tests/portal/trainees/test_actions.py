import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.trainees.actions import add_lists, become_trainee, change_skill, claim_graduate, update_profile
from portal.trainees.models import Field, Skill, Trainee
from portal.trainees.states import TraineeRefusal
from portal.trainees.words import FIELDS, listed_fields, listed_skills
from portal.workflow import Refused
from tests.factories import GraduateFactory, SkillFactory, TraineeFactory, UserFactory


def proved(user, email=None):
    return EmailAddress.objects.create(user=user, email=email or user.email, verified=True)


def test_becoming_a_trainee_twice_gives_the_same_row(db):
    user = UserFactory()

    assert become_trainee(by=user) == become_trainee(by=user)
    assert Event.objects.filter(verb="become_trainee").count() == 1


def test_becoming_a_trainee_links_the_graduate_with_the_same_address(db):
    user = UserFactory()
    proved(user)
    graduate = GraduateFactory(email=user.email)

    assert become_trainee(by=user).user == user
    assert Trainee.objects.get().graduate == graduate


def test_the_school_may_have_written_the_address_in_capitals(db):
    user = UserFactory()
    proved(user)
    GraduateFactory(email=user.email.upper())

    become_trainee(by=user)

    assert Trainee.objects.get().graduate is not None


def test_the_newest_cohort_wins(db):
    user = UserFactory()
    proved(user)
    GraduateFactory(email=user.email, cohort__ends_on="2025-06-30", cohort__starts_on="2025-01-01")
    newest = GraduateFactory(email=user.email)

    become_trainee(by=user)

    assert Trainee.objects.get().graduate == newest


@pytest.mark.parametrize("state", ["withdrawn", "taken", "other"])
def test_nothing_to_claim_is_refused_only_when_asked_for(db, state):
    user = UserFactory()
    proved(user)
    if state == "withdrawn":
        GraduateFactory(email=user.email, state="withdrawn")
    if state == "taken":
        GraduateFactory(email=user.email, user=UserFactory())
    trainee = become_trainee(by=user)

    with pytest.raises(Refused) as why:
        claim_graduate(trainee, by=user, required=True)

    assert why.value.code == TraineeRefusal.NO_GRADUATE
    assert claim_graduate(trainee, by=user).graduate is None


def test_a_withdrawn_link_gives_way_to_the_right_row(db):
    trainee = TraineeFactory(graduate__state="withdrawn")
    wrong = trainee.graduate
    proved(trainee.user)
    right = GraduateFactory(cohort=wrong.cohort, email=trainee.user.email)

    claim_graduate(trainee, by=trainee.user, required=True)

    trainee.refresh_from_db()
    right.refresh_from_db()
    assert (trainee.graduate, right.user) == (right, trainee.user)
    assert Event.objects.get(verb="claim_graduate").data == {"graduate": right.pk, "replaces": wrong.pk}
    assert claim_graduate(trainee, by=trainee.user, required=True).graduate == right


def test_a_withdrawn_link_stays_until_there_is_another_row(db):
    trainee = TraineeFactory(graduate__state="withdrawn")
    proved(trainee.user)

    with pytest.raises(Refused) as why:
        claim_graduate(trainee, by=trainee.user, required=True)

    trainee.refresh_from_db()
    assert (why.value.code, trainee.graduate.state) == (TraineeRefusal.NO_GRADUATE, "withdrawn")


def test_a_profile_is_replaced_as_a_whole(db):
    trainee = TraineeFactory(skills={"python": 3, "sql": 2})
    SkillFactory(code="torch")

    update_profile(trainee, skills={"sql": 5, "torch": 1}, interests=[], by=trainee.user, region="김해")

    trainee.refresh_from_db()
    assert dict(trainee.skills.values_list("skill_id", "level")) == {"sql": 5, "torch": 1}
    assert trainee.region == "김해"


def test_history_of_a_profile_holds_no_personal_value(db):
    trainee = TraineeFactory()

    update_profile(
        trainee, skills={"python": 1}, interests=[], by=trainee.user, phone="+821099998888", region="김해"
    )

    assert Event.objects.get(verb="update_profile").data == {
        "fields": ["phone", "region", "skills"],
        "skills": 1,
    }


@pytest.mark.parametrize("hours", [0, 41])
def test_the_database_refuses_illegal_hours(db, hours):
    with pytest.raises(IntegrityError, match="trainee_weekly_hours_legal"), transaction.atomic():
        TraineeFactory(weekly_hours=hours)


@pytest.mark.parametrize("level", [0, 6])
def test_the_database_refuses_a_level_out_of_range(trainee, level):
    SkillFactory(code="sql")
    with pytest.raises(IntegrityError, match="trainee_skill_level_in_range"), transaction.atomic():
        trainee.skills.create(skill_id="sql", level=level)


@pytest.mark.parametrize(
    ("skill", "parent"), [("top", "top"), ("top", "child"), ("other", "child"), ("top", "other")]
)
def test_the_list_of_skills_has_two_levels(db, operator, skill, parent):
    top, _ = SkillFactory(code="top"), SkillFactory(code="other")
    SkillFactory(code="child", parent=top)

    with pytest.raises(Refused) as refused:
        change_skill(Skill.objects.get(pk=skill), parent=Skill.objects.get(pk=parent), by=operator)

    assert refused.value.code == TraineeRefusal.NESTED


def test_the_fixed_lists_are_added_once_and_leave_what_the_office_wrote(db):
    Field.objects.create(code="nlp", name="언어", name_en="Words")

    added = [add_lists(listed_fields(), listed_skills(), by=None) for _ in range(2)]

    assert added == [Field.objects.count() + Skill.objects.count() - 1, 0]
    assert Field.objects.get(pk="nlp").name == "언어"
    assert set(Field.objects.values_list("pk", flat=True)) == set(FIELDS)
    assert Skill.objects.get(pk="python").parent_id == "programming"
    assert Event.objects.filter(verb__in=["add_field", "add_skill"]).count() == added[0]
