"""Doing things in the admin: one row, many rows, and what may not be done."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import StaffMember
from portal.audit.models import Access, Event
from portal.companies.models import Company
from portal.schools.models import Cohort, Graduate, School
from portal.trainees.models import Field, Skill
from portal.ui.admin import MOST_AT_ONCE
from projects.applications.models import Application
from projects.models import Call, RuleSet
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CohortFactory,
    CompanyFactory,
    EvaluationFactory,
    GraduateFactory,
    PlacementFactory,
    ProjectFactory,
    RuleSetFactory,
    SchoolFactory,
    SkillFactory,
    UserFactory,
    days,
)


def page(row, verb="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}", args=[row.pk])


def rows_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def chosen(verb, rows, **facts):
    return {"action": verb, "index": "0", "_selected_action": [row.pk for row in rows], **facts}


# --- one row ------------------------------------------------------------------------------------------


def test_page_offers_only_what_is_legal_and_permitted(operator, agency, log_in):
    company = CompanyFactory(state="verified")

    offered = {who: log_in(who).get(page(company)).context["verbs"] for who in (operator, agency)}

    assert [str(verb["label"]) for verb in offered[operator]] == []
    assert [str(verb["label"]) for verb in offered[agency]] == ["참여제한"]


def test_verb_asks_before_it_is_done(office):
    company = CompanyFactory(state="unverified")

    response = office.get(page(company, "verify_company"))

    company.refresh_from_db()
    assert (response.status_code, company.state) == (200, "unverified")
    assert company.registration_no_shown in response.text


def test_verb_is_done_once(office, operator):
    company = CompanyFactory(state="unverified")

    first = office.post(page(company, "verify_company"))
    second = office.post(page(company, "verify_company"))

    company.refresh_from_db()
    assert (first.status_code, second.status_code, company.state) == (302, 409, "verified")
    assert "확인됨" in second.text
    event = Event.objects.get(verb="verify_company")
    assert (event.by, event.origin) == (operator, "admin")


def test_verb_out_of_place_answers_with_the_present_state(office):
    company = CompanyFactory(state="verified")

    response = office.get(page(company, "verify_company"))

    assert response.status_code == 409
    assert "현재 상태: 확인됨" in response.text


def test_verb_with_nothing_typed_says_what_to_do_and_keeps_the_rest(agency, log_in):
    company = CompanyFactory(state="verified")
    client = log_in(agency)

    response = client.post(page(company, "suspend_company"), {"until": "2999-01-01", "reason": ""})

    assert response.status_code == 422
    assert "사유를 입력해 주세요." in response.text
    assert 'value="2999-01-01"' in response.text
    assert Company.objects.get().state == "verified"


@pytest.mark.parametrize("until", ["0000-01-01", "99999-01-01", "2026-02-30", "abc", ""])
def test_verb_refuses_what_is_no_date(agency, log_in, until):
    company = CompanyFactory(state="verified")

    response = log_in(agency).post(page(company, "suspend_company"), {"until": until, "reason": "허위"})

    assert response.status_code == 422


def test_refusal_of_the_action_is_said_beside_the_form(agency, log_in):
    company = CompanyFactory(state="verified")
    yesterday = timezone.localdate() - days(1)

    response = log_in(agency).post(
        page(company, "suspend_company"), {"until": yesterday.isoformat(), "reason": "허위"}
    )

    assert response.status_code == 422
    assert "오늘보다 뒤" in response.text


def test_verb_of_another_office_is_forbidden(office):
    company = CompanyFactory(state="verified")

    assert office.get(page(company, "suspend_company")).status_code == 403
    assert (
        office.post(page(company, "suspend_company"), {"until": "2999-01-01", "reason": "x"}).status_code
        == 403
    )
    assert Company.objects.get().state == "verified"


def test_superuser_looks_and_decides_nothing(log_in, db):
    company = CompanyFactory(state="unverified")
    client = log_in(UserFactory(is_staff=True, is_superuser=True))

    assert client.get(page(company)).status_code == 200
    assert client.get(page(company)).context["verbs"] == []
    assert client.post(page(company, "verify_company")).status_code == 403
    assert client.get(reverse("admin:schools_school_add")).status_code == 403


def test_superuser_appoints_the_first_of_the_agency(log_in, db):
    person = UserFactory()
    client = log_in(UserFactory(is_staff=True, is_superuser=True))

    response = client.post(page(person, "appoint_staff"), {"office": "agency", "title": "팀장"})

    assert response.status_code == 302
    assert StaffMember.objects.get(user=person).office == "agency"


def test_staff_without_an_office_is_kept_out(log_in, db):
    assert log_in(UserFactory(is_staff=True)).get(reverse("admin:index")).status_code == 403


def test_django_s_own_sign_in_is_not_a_way_around_the_second_factor(client, operator):
    response = client.post(
        reverse("admin:login"), {"username": operator.email, "password": "correct horse battery"}
    )

    assert response["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "head"])
def test_other_methods_do_nothing(office, method):
    company = CompanyFactory(state="unverified")

    getattr(office, method)(page(company, "verify_company"))

    assert Company.objects.get().state == "unverified"


# --- many rows ----------------------------------------------------------------------------------------


def test_many_rows_are_asked_about_first(office):
    projects = [ProjectFactory(state="submitted"), ProjectFactory(state="selected")]

    response = office.post(rows_of(projects[0].__class__), chosen("return_project", projects))

    assert response.status_code == 200
    assert (response.context["ready"], response.context["unready"]) == (1, 1)
    assert {project.state for project in projects[0].__class__.objects.all()} == {"submitted", "selected"}


def test_each_row_is_done_by_itself_and_the_others_are_named(agency, log_in):
    call = CallFactory()
    good = [ProjectFactory(call=call, state="submitted") for _ in range(3)]
    unverified = ProjectFactory(call=call, state="submitted", company__state="unverified")
    decided = ProjectFactory(call=call, state="rejected")
    client = log_in(agency)

    response = client.post(
        rows_of(decided.__class__),
        chosen("select_project", [*good, unverified, decided], _asked="1", reason=""),
        follow=True,
    )

    states = sorted(decided.__class__.objects.values_list("state", flat=True))
    assert states == ["rejected", "selected", "selected", "selected", "submitted"]
    said = [str(message) for message in response.context["messages"]]
    assert said[0] == "3건을 처리했습니다."
    assert sorted(words.split(":")[0] for words in said[1:]) == ["1건은 할 수 없음", "1건은 할 수 없음"]
    assert any("회사 확인이 끝나야" in words for words in said)


def test_many_rows_with_nothing_typed_are_left_alone(office):
    projects = [ProjectFactory(state="submitted") for _ in range(2)]

    response = office.post(
        rows_of(projects[0].__class__), chosen("return_project", projects, _asked="1", reason="")
    )

    assert response.status_code == 422
    assert {project.state for project in projects[0].__class__.objects.all()} == {"submitted"}


def test_many_rows_of_another_office_are_left_alone(office):
    companies = [CompanyFactory(state="verified") for _ in range(2)]

    office.post(
        rows_of(Company), chosen("suspend_company", companies, _asked="1", until="2999-01-01", reason="x")
    )

    assert set(Company.objects.values_list("state", flat=True)) == {"verified"}


def test_too_many_rows_at_once_are_refused(office, monkeypatch):
    monkeypatch.setattr("portal.ui.admin.MOST_AT_ONCE", 1)
    companies = [CompanyFactory(state="unverified") for _ in range(2)]

    response = office.post(rows_of(Company), chosen("verify_company", companies, _asked="1"), follow=True)

    assert "나누어서" in response.text
    assert MOST_AT_ONCE == 1000
    assert set(Company.objects.values_list("state", flat=True)) == {"unverified"}


def test_completion_of_a_whole_cohort_is_confirmed(office):
    cohort = CohortFactory()
    people = [
        GraduateFactory(cohort=cohort, state="expected", hours=None, confirmed_on=None) for _ in range(5)
    ]

    office.post(
        rows_of(Graduate), chosen("confirm_completion", people, _asked="1", hours="960", on="2026-06-30")
    )

    assert set(Graduate.objects.values_list("state", "hours")) == {("confirmed", 960)}
    assert Event.objects.filter(verb="confirm_completion").count() == 5


def test_accepting_many_leaves_out_who_has_a_fault(office):
    call = CallFactory()
    fine, silent = [
        ApplicationFactory(call=call, state="submitted", consent=consent) for consent in (True, False)
    ]

    listed = office.get(rows_of(Application), {"state__exact": "submitted"})
    office.post(rows_of(Application), chosen("accept_application", [fine, silent], _asked="1"))

    assert listed.text.count("필수 동의 없음") == 2  # the row, and the filter's choice
    assert dict(Application.objects.values_list("pk", "state")) == {
        fine.pk: "eligible",
        silent.pk: "submitted",
    }


# --- rows typed in by staff ---------------------------------------------------------------------------


def test_school_is_added_and_changed_by_actions(office, operator):
    office.post(
        reverse("admin:schools_school_add"), {"name": "경남교육원", "region": "창원", "contact_email": ""}
    )
    school = School.objects.get()
    office.post(page(school), {"name": "경남교육원", "region": "김해", "contact_email": ""})

    school.refresh_from_db()
    assert school.region == "김해"
    assert [(event.verb, event.by, event.data) for event in Event.objects.order_by("pk")] == [
        ("add_school", operator, {}),
        ("change_school", operator, {"changed": ["region"]}),
    ]


def test_skills_and_fields_are_added_and_changed_by_actions(office, operator):
    facts = {"name": "그래프 신경망", "name_en": "Graph networks", "since_version": "2"}
    for code, more in {"networks": {"parent": ""}, "gnn": {"parent": "networks"}}.items():
        office.post(reverse("admin:trainees_skill_add"), {"code": code, **facts, **more})
    office.post(
        page(Skill.objects.get(pk="gnn")), {**facts, "name": "그래프 학습", "code": "x", "parent": "networks"}
    )
    office.post(reverse("admin:trainees_field_add"), {"code": "law", "name": "법률", "name_en": "Law"})
    office.post(page(Field.objects.get(pk="law")), {"name": "법률 AI", "name_en": "Law"})

    assert list(Skill.objects.values_list("code", "name", "parent")) == [
        ("gnn", "그래프 학습", "networks"),
        ("networks", "그래프 신경망", None),
    ]
    assert list(Field.objects.values_list("code", "name")) == [("law", "법률 AI")]
    assert [
        (event.verb, event.object_id, event.by, event.data) for event in Event.objects.order_by("pk")
    ] == [
        ("add_skill", "networks", operator, {}),
        ("add_skill", "gnn", operator, {}),
        ("change_skill", "gnn", operator, {"changed": ["name"]}),
        ("add_field", "law", operator, {}),
        ("change_field", "law", operator, {"changed": ["name"]}),
    ]


def test_a_code_of_the_list_is_there_once(office):
    SkillFactory(code="gnn", name="그래프")

    facts = {"code": "gnn", "name": "다른 것", "name_en": "Other", "parent": "", "since_version": "1"}
    response = office.post(reverse("admin:trainees_skill_add"), facts)

    assert response.status_code == 422
    assert Skill.objects.get().name == "그래프"


def test_a_parent_does_not_go_under_another_skill(office):
    parent, other = SkillFactory(code="parent"), SkillFactory(code="other")
    SkillFactory(code="child", parent=parent)

    facts = {"name": "가", "name_en": "A", "since_version": "1", "parent": other.pk}
    response = office.post(page(parent), facts)

    assert response.status_code == 422
    assert "상위 기술은 한 단계만 둡니다" in response.text
    assert Skill.objects.get(pk="parent").parent is None


def test_cohort_that_ends_before_it_starts_is_refused_with_422(office):
    facts = {
        "school": SchoolFactory().pk,
        "name": "1기",
        "course": "AI",
        "course_hours": "800",
        "starts_on": "2026-06-30",
        "ends_on": "2026-01-01",
    }

    response = office.post(reverse("admin:schools_cohort_add"), facts)

    assert (response.status_code, Cohort.objects.count()) == (422, 0)


def test_graduate_is_registered_once(office):
    cohort = CohortFactory()
    facts = {"cohort": cohort.pk, "external_id": "S1", "name": "이서연", "email": "Seo@Example.com"}

    first = office.post(reverse("admin:schools_graduate_add"), facts)
    second = office.post(
        reverse("admin:schools_graduate_add"), {**facts, "external_id": "S2", "email": "seo@example.com"}
    )

    assert (first.status_code, second.status_code) == (302, 422)
    assert Graduate.objects.get().email == "seo@example.com"


CALL_DATES = {
    "projects_due_at": "2027-03-10 18:00", "applications_due_at": "2027-03-20 18:00", "rankings_open_at": "2027-03-15 09:00",
    "rankings_due_at": "2027-04-01 18:00", "announce_on": "2027-04-10", "starts_on": "2027-05-03", "ends_on": "2027-11-30",
}  # fmt: skip


def call_form(**changes):
    facts = {
        "title": "2027년 1차",
        "year": "2027",
        "summary": "",
        "operator_company": "",
        **CALL_DATES,
        **changes,
    }
    for name in [name for name in facts if name.endswith("_at")]:
        day, _, hour = facts.pop(name).partition(" ")
        facts[f"{name}_0"], facts[f"{name}_1"] = day, hour
    return facts


def test_call_is_written_opened_and_then_only_extended(office, agency, log_in):
    rule_set = RuleSetFactory()
    office.post(reverse("admin:projects_call_add"), call_form(rule_set=rule_set.pk))
    call = Call.objects.get()
    assert office.post(page(call, "open_call")).status_code == 403

    named = office.post(
        page(call.draw, "name_draw_source"), {"source": "로또 6/45 제1263회", "known_on": "2027-04-03"}
    )
    office = log_in(agency)
    opened = office.post(page(call, "open_call"))
    late = office.post(page(call), call_form(rule_set=rule_set.pk, title="다른 이름"))
    earlier = office.post(
        page(call, "extend_deadline"), {"kind": "projects", "at": "2027-03-09T18:00", "reason": "x"}
    )
    later = office.post(
        page(call, "extend_deadline"), {"kind": "projects", "at": "2027-03-11T18:00", "reason": "서버 점검"}
    )

    call.refresh_from_db()
    assert named.status_code == 302
    assert (opened.status_code, late.status_code, earlier.status_code, later.status_code) == (
        302,
        409,
        422,
        302,
    )
    assert (call.state, call.title, timezone.localtime(call.projects_due_at).day) == (
        "open",
        "2027년 1차",
        11,
    )
    assert "서버 점검" in office.get(page(call)).text


def test_lists_open_days_before_they_are_due(operator, log_in):
    """Three by the rule set, to the minute; until a call opens its dates can be typed again, and the same is said."""
    office, rule_set = log_in(operator), RuleSetFactory()
    add = reverse("admin:projects_call_add")

    late = office.post(add, call_form(rule_set=rule_set.pk, rankings_open_at="2027-03-29 18:01"))
    written = office.post(add, call_form(rule_set=rule_set.pk, rankings_open_at="2027-03-29 18:00"))
    call = Call.objects.get()
    moved = office.post(page(call), call_form(rule_set=rule_set.pk, rankings_open_at="2027-03-30 09:00"))

    assert (late.status_code, written.status_code, moved.status_code) == (422, 302, 422)
    for answer in (late, moved):
        assert "희망순위 제출은 마감 3일 전까지 열어야 합니다" in answer.text
    call.refresh_from_db()
    assert timezone.localtime(call.rankings_open_at).day == 29


def test_call_with_dates_out_of_order_does_not_open(agency, log_in):
    office = log_in(agency)
    office.post(
        reverse("admin:projects_call_add"), call_form(rule_set=RuleSetFactory().pk, announce_on="2027-06-01")
    )

    response = office.post(page(Call.objects.get(), "open_call"))

    assert response.status_code == 422
    assert "날짜 순서" in response.text
    assert Call.objects.get().state == "draft"


def test_frozen_rule_set_is_revised_not_changed(office):
    frozen = RuleSetFactory(frozen_at=timezone.now(), rank_max=7)

    changing = office.post(page(frozen), {"name": "x"})
    revising = office.post(page(frozen, "revise_rule_set"))

    revised = RuleSet.objects.get(version=2)
    assert changing.status_code == 409
    assert revising["Location"] == page(revised)
    assert (revised.rank_max, revised.frozen_at) == (7, None)


@pytest.mark.parametrize(
    "weights",
    [
        '{"required": NaN}',
        '{"required": 1e999}',
        '{"required": -1}',
        '{"required": 0}',
        "[1]",
        '"x"',
        "{",
        '{"required": true}',
    ],
)
def test_rule_set_refuses_weights_that_are_none(office, weights):
    rule_set = RuleSetFactory()
    form = office.get(page(rule_set)).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    typed = {
        name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in typed.items()
    }

    response = office.post(page(rule_set), {**typed, "fit_weights": weights})

    assert response.status_code == 422
    assert not Event.objects.filter(verb="change_rule_set").exists()


# --- the later steps ----------------------------------------------------------------------------------


def test_placement_is_completed_after_its_end_only(office):
    today = timezone.localdate()
    running = PlacementFactory(state="running", threshold=80, starts_on=today - days(90), ends_on=today)
    ended = PlacementFactory(
        state="running", threshold=80, starts_on=today - days(90), ends_on=today - days(1)
    )

    assert office.post(page(running, "complete_placement")).status_code == 422
    assert office.post(page(ended, "complete_placement")).status_code == 302


def test_nobody_locks_what_they_rated(operator, office):
    own = EvaluationFactory(
        state="submitted", rater=operator, locked_at=None, locked_by=None, appeal_until=None
    )

    response = office.post(page(own, "lock_evaluation"))

    assert response.status_code == 422
    assert "자신이 관계된" in response.text


def test_history_of_a_row_is_its_events(office):
    company = CompanyFactory(state="unverified")
    office.post(page(company, "verify_company"))

    response = office.get(page(company, "history"), follow=True)

    assert [event.verb for event in response.context["cl"].result_list] == ["verify_company"]


def test_looking_at_people_is_written_down(office, operator):
    application = ApplicationFactory()

    office.get(rows_of(Application))
    office.get(page(application))

    assert sorted(Access.objects.values_list("by", "subject", "what")) == [
        (operator.pk, application.trainee.user.pk, "applications.application"),
        (operator.pk, application.trainee.user.pk, "applications.application.list"),
    ]
