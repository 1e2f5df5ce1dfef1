"""Calls, rule sets and projects: every legal and illegal move, every deadline, what the database refuses."""

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from portal.audit.models import Event
from portal.companies.models import Company
from portal.notices.models import Notice
from portal.ui.refusals import sentence
from portal.workflow import IllegalMove, Refused, Stale
from projects import actions
from projects.models import Call, Deadline, Participation, Project, RuleSet
from projects.placements import actions as placements
from projects.states import CALL, PROJECT, CallRefusal, CallState, ProjectRefusal, ProjectState
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyFactory,
    CompanyMemberFactory,
    FieldFactory,
    ProjectFactory,
    RuleSetFactory,
    SkillFactory,
    days,
)

pytestmark = pytest.mark.django_db
KST = timezone.get_default_timezone()

# --- moves --------------------------------------------------------------------------------------------

LEGAL_CALL = {
    ("draft", "open_call"): "open",
    ("open", "close_call"): "closed",
    ("closed", "start_matching"): "matching",
    ("matching", "announce_call"): "announced",
    ("announced", "start_call"): "running",
    ("running", "finish_call"): "finished",
    ("finished", "archive_call"): "archived",
    ("draft", "cancel_call"): "cancelled",
    ("open", "cancel_call"): "cancelled",
    ("closed", "cancel_call"): "cancelled",
}
LEGAL_PROJECT = {
    ("draft", "submit_project"): "submitted",
    ("submitted", "return_project"): "draft",
    ("submitted", "select_project"): "selected",
    ("reserve", "select_project"): "selected",
    ("submitted", "reserve_project"): "reserve",
    ("submitted", "reject_project"): "rejected",
    ("reserve", "reject_project"): "rejected",
    ("selected", "start_project"): "running",
    ("selected", "close_project"): "not_opened",
    ("selected", "exclude_project"): "not_opened",
    ("running", "finish_project"): "finished",
    ("draft", "withdraw_project"): "withdrawn",
    ("submitted", "withdraw_project"): "withdrawn",
    ("reserve", "withdraw_project"): "withdrawn",
    ("selected", "withdraw_project"): "withdrawn",
}
REASONED = {"return_project", "reject_project", "withdraw_project", "cancel_call"}
#: Moves a later step does for the projects: tests/projects/placements.
LATER = {"terminate_project", "cancel_project", "pass_over_project"}


def _do(obj, verb, by):
    extra = {"reason": "까닭이 있습니다."} if verb in REASONED else {}
    home = placements if verb == "cancel_call" else actions
    return getattr(home, verb)(obj, by=by, **extra)


@pytest.mark.parametrize("verb", CALL.moves)
@pytest.mark.parametrize("state", CallState.values)
def test_call_moves_only_along_its_table(state, verb, operator):
    call = CallFactory(state=state)

    if (state, verb) in LEGAL_CALL:
        moved = _do(call, verb, operator)

        assert moved.state == LEGAL_CALL[state, verb]
        event = Event.objects.about(call).get()
        assert (event.verb, event.by, event.data["was"], event.data["now"]) == (
            verb,
            operator,
            state,
            moved.state,
        )
    else:
        with pytest.raises(IllegalMove):
            _do(call, verb, operator)

        call.refresh_from_db()
        assert (call.state, Event.objects.count()) == (state, 0)


@pytest.mark.parametrize("verb", sorted(set(PROJECT.moves) - LATER))
@pytest.mark.parametrize("state", ProjectState.values)
def test_project_moves_only_along_its_table(state, verb, operator):
    project = ProjectFactory(state=state, call__taking_projects=True, call__taking_applications=True)

    if (state, verb) in LEGAL_PROJECT:
        moved = _do(project, verb, operator)

        assert moved.state == LEGAL_PROJECT[state, verb]
        event = Event.objects.about(project).get()
        assert (event.verb, event.data["was"], event.data["now"]) == (verb, state, moved.state)
    else:
        with pytest.raises(IllegalMove):
            _do(project, verb, operator)

        project.refresh_from_db()
        assert (project.state, Event.objects.count()) == (state, 0)


def test_starting_and_finishing_a_call_takes_its_projects_along():
    call = CallFactory(state="announced")
    selected, reserve = ProjectFactory(call=call), ProjectFactory(call=call, state="reserve")

    actions.start_call(call)
    selected.refresh_from_db()
    assert selected.state == "running"

    actions.finish_call(call)
    selected.refresh_from_db()
    reserve.refresh_from_db()
    assert (selected.state, reserve.state) == ("finished", "reserve")


# --- calls --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("applications_due_at", days(-20)),
        ("rankings_due_at", days(-8)),
        ("announce_on", days(6)),
        ("starts_on", days(14)),
        ("ends_on", days(21)),
        ("rankings_open_at", days(7)),
    ],
)
def test_opening_a_call_with_dates_out_of_order_is_refused(name, value, operator, db):
    now = timezone.now()
    base = {
        "projects_due_at": now - days(14), "applications_due_at": now - days(7), "rankings_open_at": now - days(10),
        "rankings_due_at": now + days(7), "announce_on": timezone.localdate() + days(14),
        "starts_on": timezone.localdate() + days(21), "ends_on": timezone.localdate() + days(120),
    }  # fmt: skip
    moment = timezone.localdate() + value if name.endswith("_on") else now + value
    call = CallFactory(state="draft", **{**base, name: moment})

    with pytest.raises(Refused) as refused:
        actions.open_call(call, by=operator)

    assert refused.value.code == CallRefusal.DATES_OUT_OF_ORDER
    assert "다음에" in sentence(refused.value)


def test_a_call_whose_lists_open_too_late_is_refused(operator):
    due = timezone.now() + days(7)
    rule_set = RuleSetFactory(ranking_days=4)
    call = CallFactory(
        state="draft",
        rule_set=rule_set,
        rankings_due_at=due,
        rankings_open_at=due - days(4) + dt.timedelta(seconds=1),
    )

    with pytest.raises(Refused) as refused:
        actions.open_call(call, by=operator)

    assert refused.value.code == CallRefusal.RANKING_TOO_SHORT
    assert refused.value.facts == {"days": 4, "due": due, "latest": due - days(4)}
    assert "4일 전까지" in sentence(refused.value)


def test_opening_a_call_without_a_date_names_what_is_missing(operator):
    call = CallFactory(state="draft", announce_on=None)

    with pytest.raises(Refused) as refused:
        actions.open_call(call, by=operator)

    assert refused.value.facts["missing"] == ["결과 발표 예정일"]


def test_the_database_refuses_an_open_call_with_dates_out_of_order(db):
    with pytest.raises(IntegrityError, match="call_dates_in_order"), transaction.atomic():
        CallFactory(ends_on=dt.date(2000, 1, 1))


def test_opening_a_call_freezes_its_rule_set_and_writes_the_first_deadlines(operator):
    call = CallFactory(state="draft")

    actions.open_call(call, by=operator)

    call.rule_set.refresh_from_db()
    assert call.rule_set.frozen_at is not None
    assert sorted(Deadline.objects.values_list("kind", flat=True)) == ["applications", "projects", "rankings"]


@pytest.mark.parametrize(
    "change", [lambda rows: rows.update(rank_max=3), lambda rows: rows.delete()], ids=["update", "delete"]
)
def test_a_frozen_rule_set_is_refused_by_the_database(change):
    rule_set = RuleSetFactory(frozen_at=timezone.now())

    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        change(RuleSet.objects.filter(pk=rule_set.pk))

    rule_set.refresh_from_db()
    assert rule_set.rank_max == 10


def test_revising_a_frozen_rule_set_makes_the_next_version(operator):
    rule_set = RuleSetFactory(frozen_at=timezone.now(), hire_within_days=90)

    revised = actions.revise_rule_set(rule_set, by=operator, rank_max=5)

    assert (revised.version, revised.rank_max, revised.hire_within_days, revised.frozen_at) == (
        2,
        5,
        90,
        None,
    )
    rule_set.refresh_from_db()
    assert (rule_set.version, rule_set.rank_max) == (1, 10)


def test_an_extension_keeps_every_deadline_and_tells_everybody(operator):
    call = CallFactory(state="draft")
    actions.open_call(call, by=operator)
    member = CompanyMemberFactory()
    ProjectFactory(call=call, company=member.company)
    application = ApplicationFactory(call=call)
    first, later = call.rankings_due_at, call.rankings_due_at + days(2)

    actions.extend_deadline(call, kind="rankings", at=later, reason="서버 점검", by=operator)

    call.refresh_from_db()
    assert call.rankings_due_at == later
    kept = list(Deadline.objects.filter(kind="rankings").order_by("pk").values_list("at", "reason"))
    assert kept == [(first, ""), (later, "서버 점검")]
    told = set(Notice.objects.filter(kind="deadline_extended").values_list("recipient", flat=True))
    assert told == {member.user_id, application.trainee.user_id}


def test_results_are_postponed_and_lists_can_then_be_given_more_time(operator):
    call = CallFactory(draw__known_on=timezone.localdate() + days(16))
    application = ApplicationFactory(call=call)
    later = call.announce_on + days(2)
    wanted = timezone.make_aware(dt.datetime.combine(call.announce_on + days(1), dt.time(18)))

    with pytest.raises(Refused) as early:
        actions.extend_deadline(call, kind="rankings", at=wanted, reason="점검", by=operator)
    actions.postpone_results(call, on=later, reason="서버 점검", by=operator)
    actions.extend_deadline(call, kind="rankings", at=wanted, reason="점검", by=operator)

    call.refresh_from_db()
    assert early.value.code == CallRefusal.DATES_OUT_OF_ORDER
    assert (call.announce_on, call.rankings_due_at) == (later, wanted)
    told = Notice.objects.get(kind="results_postponed")
    assert (told.recipient, told.params["reason"]) == (application.trainee.user, "서버 점검")


@pytest.mark.parametrize(
    ("state", "shift", "reason", "code"),
    [
        ("open", 0, "점검", CallRefusal.ONLY_LATER),
        ("matching", 1, "  ", CallRefusal.NO_REASON),
        ("matching", 400, "점검", CallRefusal.DATES_OUT_OF_ORDER),
        ("announced", 1, "점검", CallRefusal.TOO_LATE),
        ("cancelled", 1, "점검", CallRefusal.TOO_LATE),
    ],
)
def test_results_are_not_postponed(state, shift, reason, code, operator):
    call = CallFactory(state=state)

    with pytest.raises(Refused) as refused:
        actions.postpone_results(call, on=call.announce_on + days(shift), reason=reason, by=operator)

    assert refused.value.code == code
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "change", [lambda rows: rows.update(reason="고침"), lambda rows: rows.delete()], ids=["update", "delete"]
)
def test_a_deadline_once_written_never_changes(change, operator):
    call = CallFactory(state="draft")
    actions.open_call(call, by=operator)

    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        change(Deadline.objects.all())


@pytest.mark.parametrize(
    ("state", "shift", "reason", "code"),
    [
        ("open", dt.timedelta(0), "점검", CallRefusal.ONLY_LATER),
        ("open", days(-1), "점검", CallRefusal.ONLY_LATER),
        ("open", days(2), "   ", CallRefusal.NO_REASON),
        ("matching", days(2), "점검", CallRefusal.TOO_LATE),
        ("announced", days(2), "점검", CallRefusal.TOO_LATE),
    ],
)
def test_an_extension_that_may_not_be_is_refused(state, shift, reason, code, operator):
    call = CallFactory(state=state)

    with pytest.raises(Refused) as refused:
        actions.extend_deadline(
            call, kind="rankings", at=call.rankings_due_at + shift, reason=reason, by=operator
        )

    assert refused.value.code == code
    assert Deadline.objects.count() == 0


def test_only_calls_past_their_time_to_apply_are_closed(db):
    late = CallFactory()
    CallFactory(taking_applications=True)
    CallFactory(state="closed")

    assert actions.calls_to_close(timezone.now()) == [late]


# --- projects -----------------------------------------------------------------------------------------

DUE = dt.datetime(2026, 3, 10, 18, 0, tzinfo=KST)


@pytest.fixture
def call(db):
    return CallFactory(
        projects_due_at=DUE, applications_due_at=DUE + days(5), rankings_open_at=DUE + days(6),
        rankings_due_at=DUE + days(20), announce_on=dt.date(2026, 4, 10), starts_on=dt.date(2026, 5, 4),
        ends_on=dt.date(2026, 11, 30),
    )  # fmt: skip


def facts(**changes):
    return {
        "title": "이상음 탐지", "summary": "소리로 고장을 찾습니다.", "description": "설비의 소리를 모읍니다.",
        "field": FieldFactory(), "region": "창원", "work_mode": "onsite", "minimum": 1, "places": 2,
        "hire_type": "정규직", "hire_pay_won": 3_000_000, "hire_place": "창원", **changes,
    }  # fmt: skip


def draft(call, member, **changes):
    skill = SkillFactory()
    parts = {"skills": {skill.pk: (3, True)}, "mentors": [member], **changes.pop("parts", {})}
    return actions.draft_project(call, member.company, by=member.user, **parts, **facts(**changes))


@pytest.mark.parametrize(
    ("moment", "state", "code"),
    [
        (DUE - dt.timedelta(seconds=1), "open", None),
        (DUE, "open", None),
        (DUE + dt.timedelta(seconds=1), "open", ProjectRefusal.TOO_LATE),
        (DUE - days(1), "closed", ProjectRefusal.CALL_NOT_OPEN),
        (DUE - days(1), "draft", ProjectRefusal.CALL_NOT_OPEN),
    ],
)
def test_a_project_is_submitted_until_the_last_second(moment, state, code, call):
    member = CompanyMemberFactory()
    with time_machine.travel(DUE - days(2), tick=False):
        project = draft(call, member)
    Call.objects.filter(pk=call.pk).update(state=state)

    with time_machine.travel(moment, tick=False):
        if code is None:
            submitted = actions.submit_project(project, by=member.user)
            assert (submitted.state, submitted.submitted_at) == ("submitted", moment)
            return
        with pytest.raises(Refused) as refused:
            actions.submit_project(project, by=member.user)

    assert refused.value.code == code
    project.refresh_from_db()
    assert (project.state, Notice.objects.count()) == ("draft", 0)


OPENS, AFTER_DUE = DUE + days(6), DUE + days(1)
SECOND = dt.timedelta(seconds=1)


def sent_back(call, member, agency, *, at=AFTER_DUE):
    """A project handed in in time and returned, by default after projects were due."""
    with time_machine.travel(DUE - days(1), tick=False):
        project = actions.submit_project(draft(call, member), by=member.user)
    with time_machine.travel(at, tick=False):
        return actions.return_project(project, reason="멘토의 시간을 적어 주세요.", by=agency)


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize("moment", [DUE - SECOND, DUE + days(2), OPENS])
def test_a_returned_project_is_handed_in_again_until_rankings_open(moment, state, call, agency):
    member = CompanyMemberFactory()
    project = sent_back(call, member, agency, at=DUE - days(1) + SECOND)
    Call.objects.filter(pk=call.pk).update(state=state)

    with time_machine.travel(moment, tick=False):
        actions.edit_project(
            project, skills={"python": (3, True)}, mentors=[member], by=member.user, summary="고쳤습니다."
        )
        submitted = actions.submit_project(project, by=member.user)

    assert (submitted.state, submitted.summary, submitted.submitted_at) == (
        "submitted", "고쳤습니다.", moment,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "state", "code"),
    [
        (OPENS + SECOND, "open", ProjectRefusal.NOT_COMPLETED),
        (OPENS + SECOND, "closed", ProjectRefusal.NOT_COMPLETED),
        (DUE + days(2), "matching", ProjectRefusal.CALL_NOT_OPEN),
    ],
)
def test_a_returned_project_comes_too_late_once_rankings_are_open(moment, state, code, call, agency):
    member = CompanyMemberFactory()
    project = sent_back(call, member, agency)
    Call.objects.filter(pk=call.pk).update(state=state)

    with time_machine.travel(moment, tick=False), pytest.raises(Refused) as refused:
        actions.submit_project(project, by=member.user)

    project.refresh_from_db()
    assert (refused.value.code, project.state) == (code, "draft")
    if code == ProjectRefusal.NOT_COMPLETED:
        assert "3월 16일(월) 18:00" in sentence(refused.value)


def test_where_projects_are_due_after_rankings_open_a_returned_one_has_until_then(call, agency):
    Call.objects.filter(pk=call.pk).update(rankings_open_at=DUE - days(3))
    call.refresh_from_db()
    member = CompanyMemberFactory()
    project = sent_back(call, member, agency, at=DUE - SECOND)

    with time_machine.travel(DUE, tick=False):
        submitted = actions.submit_project(project, by=member.user)

    assert submitted.state == "submitted"


def test_a_project_is_returned_only_while_there_is_time_to_answer(call, agency):
    member = CompanyMemberFactory()
    with time_machine.travel(DUE - days(1), tick=False):
        project = actions.submit_project(draft(call, member), by=member.user)

    with time_machine.travel(OPENS + SECOND, tick=False):
        with pytest.raises(Refused) as refused:
            actions.return_project(project, reason="고쳐 주세요.", by=agency)
        project.refresh_from_db()
        state, decided = project.state, actions.select_project(project, by=agency)

    assert (refused.value.code, state, decided.state) == (
        ProjectRefusal.NO_TIME_TO_COMPLETE, "submitted", "selected",
    )  # fmt: skip
    assert "3월 16일(월) 18:00" in sentence(refused.value)
    assert not Notice.objects.filter(kind="project_returned").exists()


def test_who_is_asked_to_complete_is_told_until_when(call, agency):
    sent_back(call, CompanyMemberFactory(), agency)

    words = Notice.objects.get(kind="project_returned").in_words()

    assert "3월 16일(월) 18:00까지" in words.text


def test_the_refusal_of_a_late_project_shows_the_deadline_in_seoul(call):
    member = CompanyMemberFactory()
    with time_machine.travel(DUE - days(2), tick=False):
        project = draft(call, member)

    with time_machine.travel(DUE + dt.timedelta(seconds=1), tick=False), pytest.raises(Refused) as refused:
        actions.submit_project(project, by=member.user)

    assert "3월 10일(화) 18:00" in sentence(refused.value)


@pytest.mark.parametrize(
    ("company", "parts", "code"),
    [
        ({"state": "unverified"}, {}, ProjectRefusal.COMPANY_NOT_VERIFIED),
        ({"state": "rejected"}, {}, ProjectRefusal.COMPANY_NOT_VERIFIED),
        (
            {"state": "suspended", "suspended_until": dt.date(2027, 1, 1)},
            {},
            ProjectRefusal.COMPANY_SUSPENDED,
        ),
        ({}, {"mentors": []}, ProjectRefusal.NO_MENTOR),
        ({}, {"skills": {}}, ProjectRefusal.NO_SKILL),
        ({}, {"skills": {"python": (3, False)}}, ProjectRefusal.NO_SKILL),
    ],
)
def test_an_incomplete_project_or_company_is_refused(company, parts, code, call):
    SkillFactory()
    member = CompanyMemberFactory(company=CompanyFactory(**company))

    with time_machine.travel(DUE - days(1), tick=False):
        project = draft(call, member, parts=parts)
        with pytest.raises(Refused) as refused:
            actions.submit_project(project, by=member.user)

    assert refused.value.code == code


def test_a_company_barred_between_handing_in_and_selection_is_not_selected(call, agency):
    project = ProjectFactory(call=call, state="submitted")
    Company.objects.filter(pk=project.company_id).update(
        state="suspended", suspended_until=dt.date(2030, 1, 1)
    )

    with pytest.raises(Refused) as refused:
        actions.select_project(project, by=agency)

    assert refused.value.code == ProjectRefusal.COMPANY_SUSPENDED


@pytest.mark.parametrize("step", ["draft", "submit"])
def test_the_operators_own_company_offers_nothing(step, call):
    member = CompanyMemberFactory()

    with time_machine.travel(DUE - days(1), tick=False):
        project = draft(call, member) if step == "submit" else None
        Call.objects.filter(pk=call.pk).update(operator_company=member.company)
        call.refresh_from_db()
        with pytest.raises(Refused) as refused:
            actions.submit_project(project, by=member.user) if project else draft(call, member)

    assert refused.value.code == ProjectRefusal.OPERATOR_COMPANY


def test_a_title_is_used_once_by_a_company_in_a_call(call):
    member = CompanyMemberFactory()

    with time_machine.travel(DUE - days(1), tick=False):
        draft(call, member)
        second = draft(call, member, title="다른 과제")
        for attempt in (
            lambda: draft(call, member),
            lambda: actions.edit_project(second, skills={}, mentors=[], by=member.user, title="이상음 탐지"),
        ):
            with pytest.raises(Refused) as refused:
                attempt()
            assert refused.value.code == ProjectRefusal.TITLE_TAKEN

    assert sorted(Project.objects.values_list("title", flat=True)) == ["다른 과제", "이상음 탐지"]


def test_editing_a_draft_changes_facts_skills_and_mentors(call):
    member = CompanyMemberFactory()
    other = CompanyMemberFactory(company=member.company, role="mentor")
    sql = SkillFactory(code="sql")
    with time_machine.travel(DUE - days(1), tick=False):
        project = draft(call, member)

        project = actions.edit_project(
            project, skills={sql.pk: (4, False)}, mentors=[other], by=member.user, places=3, region="창원"
        )

    assert project.places == 3
    assert list(project.project_skills.values_list("skill", "level", "required")) == [("sql", 4, False)]
    assert [mentor.member for mentor in project.mentors.filter(until=None)] == [other]
    assert Event.objects.about(project).first().data["changed"] == ["places"]


def test_editing_what_was_submitted_is_refused():
    project = ProjectFactory(state="submitted")

    with pytest.raises(Refused) as refused:
        actions.edit_project(project, skills={}, mentors=[], by=project.company.members.get().user, places=9)

    assert refused.value.code == ProjectRefusal.NOT_EDITABLE


def test_editing_what_somebody_saved_meanwhile_is_stale():
    project = ProjectFactory(state="draft")
    by, seen = project.company.members.get().user, project.updated_at
    actions.edit_project(project, skills={}, mentors=[], by=by, seen=seen, places=4)

    with pytest.raises(Stale):
        actions.edit_project(project, skills={}, mentors=[], by=by, seen=seen, places=5)

    project.refresh_from_db()
    assert project.places == 4


@pytest.mark.parametrize("values", [{"minimum": 3, "places": 2}, {"places": 0}, {"taken": 3, "places": 2}])
def test_the_database_refuses_impossible_numbers(values, db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectFactory(**values)


def test_selecting_gives_the_company_its_row_in_the_call_and_tells_it(agency):
    project = ProjectFactory(state="submitted")
    Participation.objects.all().delete()

    actions.select_project(project, reason="실현 가능성이 높음", by=agency)

    assert Participation.objects.filter(call=project.call, company=project.company).exists()
    assert [notice.recipient for notice in Notice.objects.filter(kind="project_decided")] == [
        project.company.members.get().user
    ]


@pytest.mark.parametrize(("cap", "refused"), [(None, False), (2, False), (1, True)])
def test_a_cap_is_never_set_below_the_people_placed(cap, refused, agency):
    participation = Participation.objects.create(call=CallFactory(), company=CompanyFactory(), taken=2)

    if refused:
        with pytest.raises(Refused) as error:
            actions.set_company_cap(participation, cap=cap, reason="예산", by=agency)
        assert error.value.facts == {"taken": 2}
    else:
        assert actions.set_company_cap(participation, cap=cap, reason="예산", by=agency).cap == cap
