from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, InternalError

from portal.audit.models import Event
from portal.companies.models import Company
from portal.demo.load import History, load, reserve_ids, spare_triggers
from portal.schools.models import School
from projects.rankings.models import RankItem, RankList
from projects.rankings.states import RankListState
from tests.factories import ApplicationFactory, CompanyFactory, ProjectFactory

AWKWARD = [
    "",
    "\\N",
    "tab\there",
    "line\nbreak",
    "back\\slash",
    "return\rhere",
    "'quoted'",
    "한글 ㈜",
    "{}",
    "\\.",
]


def test_any_text_arrives_as_it_was(db):
    load(School, ("name", "region"), ((f"{number}{text}", text) for number, text in enumerate(AWKWARD)))

    found = list(School.objects.order_by("name").values_list("name", "region"))
    assert found == [(f"{number}{text}", text) for number, text in enumerate(AWKWARD)]


def test_missing_columns_get_the_field_s_default(db):
    load(School, ("name",), [("가나",)], region="창원")

    school = School.objects.get()
    assert (school.region, school.contact_email) == ("창원", "")


def test_ids_are_taken_from_the_sequence(db):
    first, second = reserve_ids(School, 2)
    load(School, ("id", "name", "region"), [(first, "가", ""), (second, "나", "")])

    assert School.objects.create(name="다").pk > second > first


def test_constraints_have_their_say(db):
    company = CompanyFactory()

    with pytest.raises(IntegrityError):
        load(
            Company,
            ("name", "registration_no", "employees"),
            [("가", company.registration_no, 1)],
            state="verified",
        )


def test_triggers_have_their_say(db):
    application = ApplicationFactory()
    project = ProjectFactory(call=application.call)
    certified = RankList.objects.create(
        call=application.call, application=application, version=1, state=RankListState.CERTIFIED,
        certified_at=datetime(2026, 1, 1, tzinfo=UTC), receipt="x",
    )  # fmt: skip
    spare_triggers()

    with pytest.raises(InternalError, match="is certified"):
        load(
            RankItem,
            ("rank_list_id", "project_id", "application_id", "position"),
            [(certified.pk, project.pk, application.pk, 1)],
        )


def test_history_is_written_oldest_first_and_says_that_it_was_loaded(db):
    school = School.objects.create(name="가")
    history = History()
    history.write("second", School, school.pk, datetime(2026, 2, 1, tzinfo=UTC), was="a", now="b")
    history.write("first", School, school.pk, datetime(2026, 1, 1, tzinfo=UTC))

    assert history.save() == 2
    assert list(Event.objects.order_by("pk").values_list("verb", "data")) == [
        ("first", {"seeded": True}),
        ("second", {"seeded": True, "was": "a", "now": "b"}),
    ]
