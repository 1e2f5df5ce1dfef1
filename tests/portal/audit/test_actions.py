"""History is added to and never changed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError

from portal.accounts.models import User
from portal.audit.actions import record, record_access, record_all
from portal.audit.middleware import remember_request
from portal.audit.models import Access, Event
from portal.companies.models import Company
from portal.companies.states import CompanyState
from projects.evaluations.models import Evaluation
from projects.fit.models import SealedFit
from projects.models import Deadline, RuleSet
from projects.obligations.models import Evidence, HiringObligation, ObligationEvent
from projects.placements.models import Placement
from projects.rankings.models import RankItem, RankList
from tests.factories import CompanyFactory, UserFactory


def test_event_holds_plain_facts_and_rows_as_their_key(operator):
    company, other = CompanyFactory(state="verified"), CompanyFactory()

    record(
        "verify_company", company, by=operator, was="unverified", other=other, on=dt.date(2026, 1, 2),
        state=CompanyState.VERIFIED, score=Decimal("91.50"), rows=[other, {"day": dt.date(2026, 1, 3)}],
    )  # fmt: skip

    event = Event.objects.get()
    assert (event.label, event.object_id, event.by, event.origin) == (
        "companies.Company",
        str(company.pk),
        operator,
        "clock",
    )
    assert event.data == {
        "was": "unverified", "now": "verified", "other": other.pk, "on": "2026-01-02", "state": "verified", "score": "91.50",
        "rows": [other.pk, {"day": "2026-01-03"}],
    }  # fmt: skip
    assert list(Event.objects.about(company)) == [event]
    assert not Event.objects.about(other).exists()


def test_many_moves_are_written_in_one_statement(operator, django_assert_num_queries):
    with django_assert_num_queries(1):
        record_all(
            "verify_company", Company, [(1, "unverified"), (2, "rejected")], to="verified", by=operator
        )

    assert [event.data["was"] for event in Event.objects.order_by("pk")] == ["unverified", "rejected"]


@pytest.mark.parametrize("model", [Event, Access])
@pytest.mark.parametrize("change", [lambda rows: rows.update(ip="10.0.0.1"), lambda rows: rows.delete()])
def test_database_refuses_to_change_or_delete_history(model, change, operator):
    record("edit_company", CompanyFactory(), by=operator)
    record_access("trainees.trainee", by=operator, subjects=[UserFactory()])

    with pytest.raises(InternalError), transaction.atomic():
        change(model.objects.all())

    assert model.objects.count() == 1


@pytest.mark.parametrize(
    "model",
    [
        Event,
        Access,
        RuleSet,
        Deadline,
        RankList,
        RankItem,
        SealedFit,
        Placement,
        Evaluation,
        HiringObligation,
        ObligationEvent,
        Evidence,
    ],
)
def test_database_refuses_to_empty_what_is_kept(model, db):
    with pytest.raises(InternalError, match="Cannot truncate"), transaction.atomic():
        connection.cursor().execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')


def test_emptying_people_does_not_empty_their_history(operator):
    record("edit_company", CompanyFactory(), by=operator)
    connection.check_constraints()  # what is still to be checked stands in the way of a TRUNCATE by itself

    with pytest.raises(InternalError, match="Cannot truncate"), transaction.atomic():
        connection.cursor().execute(f'TRUNCATE "{User._meta.db_table}" CASCADE')

    assert Event.objects.count() == 1


def test_seeing_ones_own_data_is_no_access(operator):
    other = UserFactory()

    record_access("trainees.trainee", by=operator, subjects=[operator, other])

    assert [access.subject for access in Access.objects.all()] == [other]


@pytest.mark.parametrize(
    ("path", "origin"), [("/admin/", "admin"), ("/api/x/", "api"), ("/projects/", "page")]
)
def test_request_says_through_which_door(rf, operator, path, origin):
    company = CompanyFactory()

    remember_request(lambda request: record("edit_company", company, by=operator))(
        rf.get(path, REMOTE_ADDR="10.1.2.3")
    )
    record("edit_company", company, by=operator)

    assert list(Event.objects.order_by("pk").values_list("origin", "ip")) == [
        (origin, "10.1.2.3"),
        ("clock", None),
    ]
