"""Two presses, two tabs, two people: one effect, and a page that says how it stands now."""

import re

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Event
from portal.companies.models import Company
from portal.schools.models import School
from projects.models import Call, Participation, RuleSet
from tests.factories import (
    CallFactory,
    CompanyFactory,
    PlacementFactory,
    ProjectFactory,
    RuleSetFactory,
    SchoolFactory,
    StaffFactory,
    UserFactory,
    days,
)


def page(row, verb="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}", args=[row.pk])


def seen(response):
    """What the page says it showed."""
    return re.search(r'name="_seen" value="([0-9a-f]{16})"', response.text)[1]


@pytest.fixture
def agency_office(agency, log_in):
    return log_in(agency)


# --- pressed twice --------------------------------------------------------------------------------------


def test_account_is_disabled_and_enabled_once(agency_office):
    person = UserFactory()
    reason = {"reason": "퇴사"}

    answers = [
        agency_office.post(page(person, verb), reason).status_code
        for verb in ("disable_user", "disable_user", "enable_user", "enable_user")
    ]

    assert answers == [302, 409, 302, 409]
    assert list(
        Event.objects.filter(label="accounts.User").order_by("pk").values_list("verb", flat=True)
    ) == [
        "disable_user",
        "enable_user",
    ]


def test_verb_of_a_row_without_a_state_says_why_it_cannot_be(agency_office):
    response = agency_office.get(page(UserFactory(), "enable_user"))

    assert response.status_code == 409
    assert "이미 했거나 지금은 할 수 없는 일입니다" in response.text
    assert "현재 상태" not in response.text


def test_office_is_left_once(agency_office):
    member = StaffFactory()

    answers = [agency_office.post(page(member, "dismiss_staff")).status_code for _ in range(2)]

    assert answers == [302, 409]
    assert Event.objects.filter(verb="dismiss_staff").count() == 1


def test_rule_set_is_revised_once(agency_office):
    frozen = RuleSetFactory(frozen_at=timezone.now())

    first = agency_office.post(page(frozen, "revise_rule_set"))
    second = agency_office.post(page(frozen, "revise_rule_set"))

    assert first["Location"] == page(RuleSet.objects.get(version=2))
    assert second.status_code == 422
    assert "아직 확정하지 않은 새 판(2판)이 있습니다" in second.text
    assert RuleSet.objects.count() == 2


# --- a page that was opened before ------------------------------------------------------------------------


def test_verb_pressed_in_a_stale_tab_changes_nothing(agency_office):
    company = CompanyFactory(state="verified")
    facts = {"until": (timezone.localdate() + days(30)).isoformat(), "reason": "허위"}
    old = seen(agency_office.get(page(company, "suspend_company")))
    Company.objects.filter(pk=company.pk).update(name="새 이름")

    response = agency_office.post(page(company, "suspend_company"), {**facts, "_seen": old})

    company.refresh_from_db()
    assert (response.status_code, company.state) == (409, "verified")
    assert "다른 창이나 다른 사람이 먼저 바꾸었습니다" in response.text
    assert page(company) in response.text
    fresh = seen(agency_office.get(page(company, "suspend_company")))
    assert agency_office.post(page(company, "suspend_company"), {**facts, "_seen": fresh}).status_code == 302


def test_form_typed_in_a_stale_tab_overwrites_nothing(office):
    school = SchoolFactory(region="창원")
    typed = {"name": school.name, "region": school.region, "contact_email": "new@school.example"}
    old = seen(office.get(page(school)))
    School.objects.filter(pk=school.pk).update(region="김해")

    response = office.post(page(school), {**typed, "_seen": old})

    school.refresh_from_db()
    assert (response.status_code, school.region, school.contact_email) == (409, "김해", "")
    assert "다른 창이나 다른 사람이 먼저 바꾸었습니다" in response.text
    assert 'value="김해"' in response.text


def test_form_of_a_row_that_has_moved_on_shows_it_as_it_is(office):
    call = CallFactory(state="open", title="2026년 1차")

    response = office.post(page(call), {"title": "다른 이름"})

    assert (response.status_code, Call.objects.get().title) == (409, "2026년 1차")
    assert "현재 상태: 모집 중" in response.text


def test_form_that_is_wrong_keeps_what_it_was_shown_for(office):
    school = SchoolFactory()
    old = seen(office.get(page(school)))

    response = office.post(page(school), {"name": "", "region": "", "_seen": old})

    assert (response.status_code, seen(response)) == (422, old)


# --- too close for the action to notice -------------------------------------------------------------------


@pytest.fixture
def participation(db):
    project = ProjectFactory()
    return Participation.objects.get_or_create(call=project.call, company=project.company)[0]


def verb_of(model, name):
    return next(verb for verb in admin.site._registry[model].verbs if verb.name == name)


def refuse(constraint):
    """Break ``constraint`` for real, as the quicker of two would have made the other do."""

    def act(*args, **facts):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE quicker (id int CONSTRAINT " + constraint + " CHECK (id > 0))"
            )
            cursor.execute("INSERT INTO quicker VALUES (0)")

    return act


def test_constraint_that_is_known_is_said(agency_office, participation, monkeypatch):
    verb = verb_of(Participation, "set_company_cap")
    monkeypatch.setitem(verb.__dict__, "act", refuse("participation_taken_within_cap"))

    response = agency_office.post(page(participation, "set_company_cap"), {"cap": "1", "reason": "합의"})

    assert response.status_code == 409
    assert "그사이 배치된 사람이 늘어" in response.text


def test_constraint_nobody_knows_is_an_error_that_is_logged(agency_office, participation, monkeypatch):
    verb = verb_of(Participation, "set_company_cap")
    monkeypatch.setitem(verb.__dict__, "act", refuse("something_else"))

    with pytest.raises(IntegrityError):
        agency_office.post(page(participation, "set_company_cap"), {"cap": "1", "reason": "합의"})


def test_every_constraint_with_words_exists(db):
    known = {name for noun in admin.site._registry.values() for name in noun.conflicts}

    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        there = {name for (name,) in cursor.fetchall()}
    assert known - there == set()


def test_cap_is_not_lowered_below_who_is_there(agency_office):
    placement = PlacementFactory(project__call__state="announced")
    participation = Participation.objects.get(call=placement.call, company=placement.company)

    response = agency_office.post(page(participation, "set_company_cap"), {"cap": "0", "reason": "합의"})

    participation.refresh_from_db()
    assert (response.status_code, participation.cap) == (422, None)
    assert "상한을 1명보다 줄일 수 없습니다" in response.text
    assert 'value="0"' in response.text


def test_rule_set_of_a_name_that_is_taken_is_refused_beside_the_form(office):
    rule_set, other = RuleSetFactory(name="2026"), RuleSetFactory(name="2027")
    form = office.get(page(other)).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    typed = {
        name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in typed.items()
    }

    response = office.post(page(other), {**typed, "name": rule_set.name})

    other.refresh_from_db()
    assert (response.status_code, other.name) == (422, "2027")
    assert "같은 이름의 운영 기준이 이미 있습니다" in response.text
    assert 'value="2026"' in response.text


def test_many_rows_of_which_some_were_moved_meanwhile(agency_office):
    done, ready = CompanyFactory(state="verified"), CompanyFactory(state="unverified")

    response = agency_office.post(
        reverse("admin:companies_company_changelist"),
        {"action": "verify_company", "index": "0", "_selected_action": [done.pk, ready.pk], "_asked": "1"},
        follow=True,
    )

    assert set(Company.objects.values_list("state", flat=True)) == {"verified"}
    said = [str(message) for message in response.context["messages"]]
    assert said[0] == "1건을 처리했습니다."
    assert "현재 상태: 확인됨" in said[1]
