"""Who may do and see what: the whole table, so that a permission nobody thought about cannot slip in."""

import pytest
import rules
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from rules.permissions import permissions

from portal.audit.models import Access, Event
from portal.companies.states import MemberRole
from portal.trainees.models import Trainee
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    GraduateFactory,
    NoticeFactory,
    ProjectFactory,
    RuleSetFactory,
    StaffFactory,
    TraineeFactory,
    UserFactory,
)

ADMINS = sorted(admin.site._registry.values(), key=lambda one: one.opts.label)

#: The operator prepares: both offices.
BOTH = {
    "accounts": "open_contact view_consent view_consenttext view_staffmember view_user",
    "applications": "accept_application refuse_application return_application view_application",
    "audit": "view_access view_event",
    "companies": "reject_company verify_company view_company view_companymember",
    "evaluations": "lock_evaluation return_evaluation view_evaluation",
    "files": "view_storedfile",
    "fit": "view_fitrow",
    "interviews": "dismiss_report uphold_report view_interview view_report",
    "jobs": "view_nightrun",
    "matching": "discard_run queue_run view_matchrun",
    "notices": "cancel_notice retry_notice view_notice",
    "obligations": "return_evidence see_evidence verify_evidence view_hiringobligation view_obligationevent",
    "placements": "complete_placement drop_out fail_placement view_placement view_reserve",
    "projects": "add_call add_ruleset change_call change_ruleset confirm_draw_value enter_draw_value extend_deadline "
    "name_draw_source postpone_results reject_draw_value return_project revise_rule_set set_company_cap view_call view_draw view_deadline view_participation view_project view_projectmentor view_ruleset "
    "withdraw_project",
    "proofs": "view_auditor",
    "rankings": "",
    "reviews": "answer_review view_reviewrequest",
    "scenarios": "change_scenario delete_scenario make_scenario view_scenario",
    "schools": "add_cohort add_graduate add_school add_school_member change_cohort change_graduate change_school "
    "confirm_completion open_contact refuse_completion remove_school_member view_cohort view_graduate view_school "
    "view_schoolmember withdraw_graduate",
    "trainees": "add_field add_skill change_field change_skill open_contact view_field view_poolmember view_skill view_trainee view_traineeskill",
}
#: The agency approves, alone.
AGENCY = {
    "accounts": "appoint_staff disable_user dismiss_staff enable_user publish_consent_text",
    "companies": "reinstate_company suspend_company",
    "matching": "approve_run publish_run",
    "obligations": "waive_obligation",
    "proofs": "name_auditor revoke_auditor",
    "scenarios": "promote_scenario",
    "projects": "archive_call cancel_call finish_call open_call reject_project reserve_project select_project "
    "terminate_project",
}


def named(table):
    return {f"{app}.{name}" for app, names in table.items() for name in names.split()}


def test_every_permission_of_the_office_is_in_the_table(operator, agency):
    asked = {name: (rules.has_perm(name, operator), rules.has_perm(name, agency)) for name in permissions}

    both, alone = named(BOTH) | set(BOTH), named(AGENCY)
    assert {name for name, answers in asked.items() if answers == (True, True)} == both
    assert {name for name, answers in asked.items() if answers == (False, True)} == alone
    assert {name for name, answers in asked.items() if answers == (True, False)} == set()


@pytest.mark.parametrize("kind", ["newcomer", "trainee", "member", "superuser", "left"])
def test_nobody_else_has_a_permission_of_the_office(kind, db):
    """Nobody by being somebody: asked about no row, or a superuser, nothing is allowed."""
    person = {
        "newcomer": lambda: UserFactory(),
        "trainee": lambda: TraineeFactory().user,
        "member": lambda: CompanyMemberFactory().user,
        "superuser": lambda: UserFactory(is_superuser=True, is_staff=True),
        "left": lambda: StaffFactory(ended_on=timezone.localdate()).user,
    }[kind]()

    allowed = {name for name in named(BOTH) | set(BOTH) | named(AGENCY) if rules.has_perm(name, person)}

    assert allowed == set()


#: What a member of a company may do with its own project's people, by role.
ROLES = {
    "projects.see_candidates": {"owner", "manager", "mentor"},
    "interviews.shortlist_candidate": {"owner", "manager"},
    "interviews.open_slots": {"owner", "manager"},
    "interviews.invite_candidate": {"owner", "manager"},
    "interviews.miss_interview": {"owner", "manager", "mentor"},
    "interviews.change_form": {"owner", "manager", "mentor"},
    "rankings.score_candidates": {"owner", "manager"},
    "rankings.certify_company_list": {"owner"},
    "projects.change_project": {"owner", "manager"},
}


@pytest.mark.parametrize("role", MemberRole.values)
@pytest.mark.parametrize("permission", ROLES)
def test_roles_of_a_company(db, role, permission):
    member = CompanyMemberFactory(role=role)
    own, foreign = ProjectFactory(company=member.company), ProjectFactory()

    assert rules.has_perm(permission, member.user, own) == (role in ROLES[permission])
    assert not rules.has_perm(permission, member.user, foreign)


def test_candidates_are_not_shown_to_who_keeps_the_books(client, log_in, db):
    member = CompanyMemberFactory(role="accountant")
    project = ProjectFactory(company=member.company)
    ApplicationFactory(call=project.call, trainee__user__name="나지원")

    response = log_in(member.user).get(reverse("rankings:candidate-list", args=[project.pk]))

    assert response.status_code == 403
    assert "나지원" not in response.text


# --- what may be typed over --------------------------------------------------------------------------------

#: Everything staff may type, by noun: when adding, and when changing. All else moves by verbs.
TYPED = {
    "projects.Call": ({"title", "year", "summary", "rule_set", "operator_company", "projects_due_at",
        "applications_due_at", "rankings_open_at", "rankings_due_at", "announce_on", "starts_on", "ends_on"},) * 2,
    "schools.School": ({"name", "region", "contact_email"},) * 2,
    "schools.Cohort": ({"school", "name", "course", "course_hours", "starts_on", "ends_on"},) * 2,
    "schools.Graduate": ({"cohort", "external_id", "name", "email"}, set()),
    "trainees.Skill": ({"code", "name", "name_en", "parent", "since_version"}, {"name", "name_en", "parent", "since_version"}),
    "trainees.Field": ({"code", "name", "name_en"}, {"name", "name_en"}),
}  # fmt: skip
#: A rule set is all numbers, typed until it is final; these two are never.
NEVER_OF_A_RULE_SET = {"version", "frozen_at"}


@pytest.mark.parametrize("noun", ADMINS, ids=lambda one: one.opts.label)
def test_only_facts_are_typed_and_never_what_a_verb_owns(noun, agency, fill, rf):
    fill(1)
    CallFactory(state="draft")
    request = rf.get("/")
    request.user = agency

    adding = set(noun.get_form(request).base_fields) if noun.has_add_permission(request) else set()
    changing = set()
    for row in noun.model._default_manager.all():
        if noun.has_change_permission(request, row):
            changing |= set(noun.get_form(request, row, change=True).base_fields)

    if noun.opts.label == "projects.RuleSet":
        assert adding == changing
        assert adding & NEVER_OF_A_RULE_SET == set()
    else:
        assert (adding, changing) == TYPED.get(noun.opts.label, (set(), set()))


@pytest.mark.parametrize(
    "row",
    [
        lambda: CallFactory(state="open"),
        lambda: RuleSetFactory(frozen_at=timezone.now()),
        lambda: GraduateFactory(),
    ],
    ids=["open call", "final rule set", "graduate"],
)
def test_decided_rows_are_read(office, row, db):
    row = row()
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])

    response = office.get(page)

    assert response.status_code == 200
    assert 'name="_save"' not in response.text


# --- contact data -----------------------------------------------------------------------------------------


@pytest.fixture
def person(db):
    trainee = TraineeFactory(user__email="seoyeon.lee@example.kr", phone="010-1234-5678")
    GraduateFactory(user=trainee.user, email="seoyeon.lee@example.kr")
    NoticeFactory(recipient=trainee.user, email=trainee.user.email)
    return trainee


@pytest.mark.parametrize("noun", ADMINS, ids=lambda one: one.opts.label)
def test_contact_data_is_masked_everywhere(noun, office, person):
    """The canary stands in no list and on no page; a message holds the address only where it is sent to."""
    label = f"admin:{noun.opts.app_label}_{noun.opts.model_name}"
    pages = [office.get(reverse(f"{label}_changelist"))]
    pages += [
        office.get(reverse(f"{label}_change", args=[row.pk])) for row in noun.model._default_manager.all()[:5]
    ]

    for response in pages:
        assert response.status_code == 200
        for canary in ("seoyeon.lee", "1234-5678", "01012345678", "+821012345678"):
            assert canary not in response.text, response.request["PATH_INFO"]


def test_contact_data_is_opened_with_a_reason(office, operator, person):
    url = reverse("admin:trainees_trainee_open_contact", args=[person.pk])
    silent = office.post(url, {"reason": ""})
    opened = office.post(url, {"reason": "서류 보완을 전화로 안내"}, follow=True)

    assert (silent.status_code, opened.redirect_chain) == (422, [(url, 302)])
    assert "seoyeon.lee" not in silent.text
    assert "010-1234-5678" in opened.text
    assert "seoyeon.lee@example.kr" in opened.text
    assert "seoyeon.lee" not in office.get(url).text  # loading it again asks again
    access = Access.objects.get(what="trainees.trainee.contact")
    assert (access.by, access.subject, access.reason) == (operator, person.user, "서류 보완을 전화로 안내")
    assert Event.objects.get(verb="open_contact").data == {"reason": "서류 보완을 전화로 안내"}


def test_contact_of_somebody_without_an_account_leaves_a_trail_too(office):
    graduate = GraduateFactory(email="new@example.kr")

    response = office.post(
        reverse("admin:schools_graduate_open_contact", args=[graduate.pk]),
        {"reason": "가입 안내"},
        follow=True,
    )

    assert "new@example.kr" in response.text
    assert Event.objects.get(verb="open_contact").object_id == str(graduate.pk)


def test_reading_somebody_s_message_is_written_down(office, operator, person):
    notice = person.user.notices.get()

    office.get(reverse("admin:notices_notice_change", args=[notice.pk]))

    access = Access.objects.get(what="notices.notice")
    assert (access.by, access.subject) == (operator, person.user)


def test_whose_data_was_looked_at_is_masked_in_the_list_of_who_looked(office, person):
    Trainee.objects.filter(pk=person.pk).update(intro="")
    person.user.name = "이서연"
    person.user.save()
    office.get(reverse("admin:trainees_trainee_change", args=[person.pk]))

    response = office.get(reverse("admin:audit_access_changelist"), {"q": "이서연"})

    assert response.context["cl"].result_count == 1
    assert "이*연" in response.text
    assert response.text.count("이서연") == 1  # what was typed into the search box
