import datetime as dt
import uuid

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.actions import withdraw_consent
from portal.audit.models import Event
from portal.files.models import StoredFile
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused, Stale
from projects.applications.models import Application
from projects.interviews import actions
from projects.interviews.models import Interview, InterviewForm, InterviewSlot, Report, ShortlistEntry
from projects.interviews.states import Criterion, InterviewRefusal, ReportRefusal
from projects.interviews.tasks import tend_interviews
from projects.models import Call, Project, RuleSet
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    InterviewFactory,
    InterviewFormFactory,
    ProjectFactory,
    ReportFactory,
    StaffFactory,
    days,
)
from tests.world import PDF

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
WHERE = {"video_url": "https://meet.example.com/1", "place": ""}


@pytest.fixture
def call(db):
    return CallFactory()


@pytest.fixture
def project(call):
    return ProjectFactory(call=call, places=1)


@pytest.fixture
def owner(project):
    return project.company.members.get().user


@pytest.fixture
def person(call):
    return ApplicationFactory(call=call)


def open_slot(project, owner, *, at=None, count=1, minutes=30):
    at = at or timezone.now() + days(2)
    return actions.open_slots(project, starts_at=at, minutes=minutes, count=count, **WHERE, by=owner)


def refusal(action, *args, **kwargs):
    with pytest.raises(Refused) as refused, transaction.atomic():
        action(*args, **kwargs)
    return refused.value.code


# --- the shortlist ------------------------------------------------------------------------------------


def test_a_candidate_is_put_on_the_shortlist_once_and_taken_off(project, person, owner):
    actions.shortlist_candidate(project, person, by=owner)
    actions.shortlist_candidate(project, person, by=owner)

    assert ShortlistEntry.objects.get().by == owner
    assert Event.objects.filter(verb="shortlist_candidate").count() == 1
    actions.unlist_candidate(project, person, by=owner)
    actions.unlist_candidate(project, person, by=owner)
    assert not ShortlistEntry.objects.exists()
    assert Event.objects.filter(verb="unlist_candidate").count() == 1


def test_the_person_is_not_told_of_a_shortlist(project, person, owner):
    actions.shortlist_candidate(project, person, by=owner)

    assert not Notice.objects.exists()


def test_only_candidates_are_shortlisted(project, owner):
    stranger = ApplicationFactory(call=CallFactory())
    hidden = ApplicationFactory(call=project.call, consent=False)

    for application in (stranger, hidden):
        assert (
            refusal(actions.shortlist_candidate, project, application, by=owner)
            == InterviewRefusal.NOT_CANDIDATE
        )


def test_one_second_after_the_deadline_nobody_is_shortlisted(project, person, owner):
    due = project.call.rankings_due_at
    with time_machine.travel(due, tick=False):
        actions.shortlist_candidate(project, person, by=owner)
    with time_machine.travel(due + SECOND, tick=False):
        assert refusal(actions.unlist_candidate, project, person, by=owner) == InterviewRefusal.TOO_LATE


def test_who_is_invited_stays_on_the_shortlist(project, person, owner):
    actions.shortlist_candidate(project, person, by=owner)
    open_slot(project, owner)
    actions.invite_candidate(project, person, by=owner)

    assert refusal(actions.unlist_candidate, project, person, by=owner) == InterviewRefusal.STILL_INVITED


# --- slots --------------------------------------------------------------------------------------------


def test_slots_follow_one_another(project, owner):
    at = timezone.now() + days(2)

    slots = open_slot(project, owner, at=at, count=3, minutes=20)

    assert [(slot.starts_at - at, slot.ends_at - slot.starts_at) for slot in slots] == [
        (dt.timedelta(minutes=20 * n), dt.timedelta(minutes=20)) for n in range(3)
    ]


def test_at_most_five_times_as_many_slots_as_places(project, owner):
    open_slot(project, owner, count=5)

    assert refusal(open_slot, project, owner, at=timezone.now() + days(3)) == InterviewRefusal.TOO_MANY_SLOTS
    RuleSet.objects.filter(pk=project.call.rule_set_id).update(interview_most_multiple=6)
    open_slot(project, owner, at=timezone.now() + days(3))
    assert InterviewSlot.objects.count() == 6


def test_a_slot_nobody_used_makes_room_for_another(project, owner):
    at = timezone.now() + days(1)
    open_slot(project, owner, at=at, count=5)

    with time_machine.travel(at + days(1)):
        open_slot(project, owner, at=at + days(2), count=5)

    assert InterviewSlot.objects.count() == 10


def test_slots_lie_ahead_and_end_before_lists_are_due(project, owner):
    due = project.call.rankings_due_at
    half = dt.timedelta(minutes=30)

    assert refusal(open_slot, project, owner, at=timezone.now() - SECOND) == InterviewRefusal.SLOT_PAST
    assert refusal(open_slot, project, owner, at=due - half + SECOND) == InterviewRefusal.SLOT_AFTER_DEADLINE
    [last] = open_slot(project, owner, at=due - half)
    assert last.ends_at == due


def test_slots_of_a_project_do_not_overlap_and_all_or_none_are_opened(project, owner):
    at = timezone.now() + days(2)
    open_slot(project, owner, at=at + HOUR)

    assert refusal(open_slot, project, owner, at=at, count=3) == InterviewRefusal.SLOT_OVERLAPS
    assert InterviewSlot.objects.count() == 1
    open_slot(project, owner, at=at, count=2)  # ends as the next begins
    open_slot(ProjectFactory(call=project.call, company=project.company), owner, at=at)
    assert InterviewSlot.objects.count() == 4


def test_the_time_of_a_slot_never_changes(project, owner):
    [slot] = open_slot(project, owner)

    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        InterviewSlot.objects.filter(pk=slot.pk).update(starts_at=slot.starts_at - HOUR)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "withdrawn"}, InterviewRefusal.NOT_OFFERED),
        ({"state": "draft"}, InterviewRefusal.NOT_OFFERED),
    ],
)
def test_a_project_out_of_the_match_opens_nothing(project, owner, change, code):
    Project.objects.filter(pk=project.pk).update(**change)

    assert refusal(open_slot, project, owner) == code


# --- invitations --------------------------------------------------------------------------------------


@pytest.fixture
def slots(project, owner):
    return open_slot(project, owner, count=2)


@pytest.fixture
def invited(project, person, owner, slots):
    actions.shortlist_candidate(project, person, by=owner)
    return actions.invite_candidate(project, person, by=owner)


def test_an_invitation_is_told_and_says_that_rankings_are_not_asked(invited, person):
    notice = Notice.objects.get(kind="interview_invited")

    assert notice.recipient == person.trainee.user
    assert "희망 순위를 묻거나" in notice.in_words().text
    assert invited.state == "invited"


def test_inviting_twice_is_inviting_once(invited, project, person, owner):
    assert actions.invite_candidate(project, person, by=owner) == invited
    assert Notice.objects.filter(kind="interview_invited").count() == 1


def test_only_who_is_shortlisted_is_invited_and_only_where_there_is_time(project, person, owner):
    assert refusal(actions.invite_candidate, project, person, by=owner) == InterviewRefusal.NOT_SHORTLISTED
    actions.shortlist_candidate(project, person, by=owner)
    assert refusal(actions.invite_candidate, project, person, by=owner) == InterviewRefusal.NO_SLOT


def test_at_most_five_times_as_many_are_invited_as_places(project, owner, slots):
    for _ in range(5):
        InterviewFactory(project=project)
    one = ApplicationFactory(call=project.call)
    actions.shortlist_candidate(project, one, by=owner)

    assert refusal(actions.invite_candidate, project, one, by=owner) == InterviewRefusal.TOO_MANY_INVITED
    declined = Interview.objects.first()
    actions.decline_interview(declined, word="", by=declined.trainee.user)
    assert actions.invite_candidate(project, one, by=owner).state == "invited"


def test_who_declined_is_not_invited_again_and_who_was_withdrawn_is(invited, project, person, owner):
    actions.withdraw_interview(invited, by=owner)
    again = actions.invite_candidate(project, person, by=owner)
    assert (again.pk, again.state) == (invited.pk, "invited")

    actions.decline_interview(again, word="다른 일정", by=person.trainee.user)

    assert refusal(actions.invite_candidate, project, person, by=owner) == InterviewRefusal.DECLINED_BEFORE


# --- booking ------------------------------------------------------------------------------------------


def test_booking_takes_the_slot_and_tells_both(invited, slots, person, owner):
    booked = actions.book_interview(invited, slots[0], by=person.trainee.user)
    booked.refresh_from_db()

    assert (booked.state, booked.slot, booked.starts_at) == ("booked", slots[0], slots[0].starts_at)
    assert booked.sequence == 1
    told = Notice.objects.filter(kind__in=["interview_booked", "interview_taken"]).values_list(
        "kind", "recipient"
    )
    assert set(told) == {("interview_booked", person.trainee.user_id), ("interview_taken", owner.pk)}


def test_choosing_the_same_again_changes_nothing(invited, slots, person):
    actions.book_interview(invited, slots[0], by=person.trainee.user)
    before = Notice.objects.count(), Event.objects.count()

    again = actions.book_interview(invited, slots[0], by=person.trainee.user)

    assert (again.sequence, (Notice.objects.count(), Event.objects.count())) == (1, before)


def test_a_taken_slot_is_refused(invited, slots, person, project):
    InterviewFactory(project=project, booked=True, slot=slots[0])

    assert (
        refusal(actions.book_interview, invited, slots[0], by=person.trainee.user)
        == InterviewRefusal.SLOT_TAKEN
    )


def test_the_database_refuses_a_slot_taken_twice(project, slots):
    InterviewFactory(project=project, booked=True, slot=slots[0])

    with pytest.raises(IntegrityError, match="interview_slot_taken_once"), transaction.atomic():
        InterviewFactory(project=project, booked=True, slot=slots[0])


def test_the_database_refuses_a_person_in_two_places(person, project, slots):
    InterviewFactory(project=project, application=person, booked=True, slot=slots[0])
    at = slots[0].starts_at + dt.timedelta(minutes=29)

    with pytest.raises(IntegrityError, match="interview_one_at_a_time"), transaction.atomic():
        InterviewFactory(
            project=ProjectFactory(call=project.call), application=person, booked=True, slot__starts_at=at
        )


def test_the_database_refuses_a_slot_of_another_project(project, slots):
    with pytest.raises(Exception, match="is none of project"), transaction.atomic():
        InterviewFactory(project=ProjectFactory(call=project.call), booked=True, slot=slots[0])


def test_two_interviews_at_once_are_refused_in_words(invited, slots, person):
    """Also of two calls: it is the same person."""
    elsewhere = ApplicationFactory(call=CallFactory(), trainee=person.trainee)
    InterviewFactory(
        project=ProjectFactory(call=elsewhere.call),
        application=elsewhere,
        booked=True,
        slot__starts_at=slots[0].starts_at,
    )

    assert (
        refusal(actions.book_interview, invited, slots[0], by=person.trainee.user)
        == InterviewRefusal.OVERLAPS
    )
    assert actions.book_interview(invited, slots[1], by=person.trainee.user).state == "booked"


def test_a_person_has_five_interviews_in_a_call(invited, slots, person, call):
    for number in range(5):
        InterviewFactory(
            project=ProjectFactory(call=call), application=person, booked=True,
            slot__starts_at=timezone.now() + days(3) + number * HOUR,
        )  # fmt: skip

    assert refusal(actions.book_interview, invited, slots[0], by=person.trainee.user) == InterviewRefusal.CAP
    other = Interview.objects.filter(application=person, state="booked").first()
    actions.release_interview(other, by=person.trainee.user)
    assert actions.book_interview(invited, slots[0], by=person.trainee.user).state == "booked"


def test_a_day_before_it_is_moved_cancelled_or_declined_and_a_second_later_not(invited, slots, person):
    user = person.trainee.user
    booked = actions.book_interview(invited, slots[0], by=user)
    last = slots[0].starts_at - dt.timedelta(hours=24)

    with time_machine.travel(last + SECOND, tick=False):
        assert refusal(actions.book_interview, booked, slots[1], by=user) == InterviewRefusal.TOO_CLOSE
        assert refusal(actions.release_interview, booked, by=user) == InterviewRefusal.TOO_CLOSE
        assert refusal(actions.decline_interview, booked, word="", by=user) == InterviewRefusal.TOO_CLOSE
    with time_machine.travel(last, tick=False):
        moved = actions.book_interview(booked, slots[1], by=user)
        assert (moved.slot, moved.sequence) == (slots[1], 2)
        assert actions.release_interview(moved, by=user).state == "invited"


def test_moving_frees_the_old_slot_and_says_so(invited, slots, person):
    booked = actions.book_interview(invited, slots[0], by=person.trainee.user)

    actions.book_interview(booked, slots[1], by=person.trainee.user)

    assert list(InterviewSlot.objects.free(timezone.now())) == [slots[0]]
    assert Notice.objects.filter(kind="interview_taken").latest("pk").params["moved"] is True


def test_a_slot_that_has_begun_cannot_be_chosen(invited, slots, person):
    with time_machine.travel(slots[0].starts_at, tick=False):
        assert (
            refusal(actions.book_interview, invited, slots[0], by=person.trainee.user)
            == InterviewRefusal.SLOT_GONE
        )


def test_who_left_or_hides_cannot_book(invited, slots, person):
    user = person.trainee.user
    withdraw_consent(user, "share_with_company", by=user)

    assert refusal(actions.book_interview, invited, slots[0], by=user) == InterviewRefusal.NOT_CANDIDATE


def test_a_word_is_read_inside_and_never_mailed(invited, person):
    actions.decline_interview(invited, word="비밀스러운 까닭", by=person.trainee.user)

    notice = Notice.objects.get(kind="interview_left")
    assert "비밀스러운" not in str(notice.params)
    assert Interview.objects.get().word == "비밀스러운 까닭"


def test_a_cancelled_slot_frees_the_person_to_choose_another(invited, slots, person, owner):
    actions.book_interview(invited, slots[0], by=person.trainee.user)

    actions.cancel_slot(slots[0], by=owner)

    invited.refresh_from_db()
    assert (invited.state, invited.sequence) == ("invited", 2)
    notice = Notice.objects.get(kind="interview_called_off")
    assert (notice.recipient, notice.params["ended"]) == (person.trainee.user, False)
    assert (
        refusal(actions.book_interview, invited, slots[0], by=person.trainee.user)
        == InterviewRefusal.SLOT_GONE
    )
    assert actions.book_interview(invited, slots[1], by=person.trainee.user).state == "booked"


def test_a_new_place_is_told_to_who_booked(invited, slots, person, owner):
    actions.book_interview(invited, slots[0], by=person.trainee.user)
    where = {"video_url": "", "place": "창원 3층"}

    actions.change_slot(slots[0], **where, by=owner)
    actions.change_slot(slots[0], **where, by=owner)
    actions.change_slot(slots[1], **where, by=owner)

    assert Notice.objects.filter(kind="interview_place").count() == 1
    invited.refresh_from_db()
    assert invited.sequence == 2


def test_a_withdrawn_invitation_is_told_with_the_time_it_had(invited, slots, person, owner):
    actions.book_interview(invited, slots[0], by=person.trainee.user)

    actions.withdraw_interview(invited, by=owner)

    notice = Notice.objects.get(kind="interview_called_off")
    assert (notice.params["ended"], notice.params["starts_at"]) == (True, slots[0].starts_at.isoformat())


def test_what_has_begun_is_neither_withdrawn_nor_cancelled(invited, slots, person, owner):
    booked = actions.book_interview(invited, slots[0], by=person.trainee.user)

    with time_machine.travel(slots[0].starts_at, tick=False):
        assert refusal(actions.withdraw_interview, booked, by=owner) == InterviewRefusal.BEGUN
        assert refusal(actions.cancel_slot, slots[0], by=owner) == InterviewRefusal.SLOT_BEGUN


# --- held, missed, noted ------------------------------------------------------------------------------


@pytest.fixture
def begun(project):
    return InterviewFactory(project=project, booked=True, slot__starts_at=timezone.now() - HOUR)


def test_nothing_is_recorded_before_it_begins(project, owner):
    booked = InterviewFactory(project=project, booked=True)

    for action in (actions.hold_interview, actions.miss_interview):
        assert refusal(action, booked, by=owner) == InterviewRefusal.NOT_BEGUN
    with time_machine.travel(booked.starts_at, tick=False):
        assert actions.hold_interview(booked, by=owner).state == "held"


def test_a_no_show_is_told_and_put_right_with_a_reason(begun, owner):
    missed = actions.miss_interview(begun, by=owner)

    assert refusal(actions.correct_interview, missed, reason=" ", by=owner) == InterviewRefusal.NO_REASON
    corrected = actions.correct_interview(missed, reason="다른 방에 있었음", by=owner)

    assert (corrected.state, corrected.correction) == ("held", "다른 방에 있었음")
    told = Notice.objects.filter(kind="interview_missed").order_by("pk")
    assert [(one.recipient, one.params["corrected"]) for one in told] == [
        (begun.trainee.user, False), (begun.trainee.user, True),
    ]  # fmt: skip
    assert Event.objects.get(verb="correct_interview").data["reason"] == "다른 방에 있었음"


@pytest.mark.parametrize("state", ["invited", "declined", "withdrawn", "lapsed", "missed"])
def test_only_what_was_booked_is_held(project, owner, state):
    interview = InterviewFactory(project=project, booked=state == "missed", state=state)

    with pytest.raises(IllegalMove):
        actions.hold_interview(interview, by=owner)


POINTS = dict(zip(Criterion.values, (5, 4, 3, 2, 1), strict=True))


def test_a_form_is_drafted_finished_and_changed(begun, owner):
    half = {**POINTS, "time": None}
    draft = actions.draft_form(begun, points=half, notes="", revision=0, by=owner)
    assert (draft.state, draft.time, draft.revision) == ("draft", None, 1)
    assert Interview.objects.get(pk=begun.pk).state == "held"

    final = actions.finish_form(begun, points=POINTS, notes="침착함", revision=1, by=owner)
    again = actions.draft_form(begun, points=POINTS, notes="다시", revision=2, by=owner)

    assert (final.state, again.state, InterviewForm.objects.count()) == ("final", "draft", 1)


def test_a_form_is_finished_when_it_is_whole(begun, owner):
    half = {**POINTS, "time": None}

    code = refusal(actions.finish_form, begun, points=half, notes="", revision=0, by=owner)

    assert code == InterviewRefusal.UNFINISHED
    with pytest.raises(IntegrityError, match="interview_form_final_is_whole"), transaction.atomic():
        InterviewFormFactory(time=None)
    with pytest.raises(IntegrityError, match="interview_form_time_in_range"), transaction.atomic():
        InterviewFormFactory(time=6)


def test_two_windows_of_a_form_do_not_overwrite_each_other(begun, owner):
    actions.draft_form(begun, points=POINTS, notes="첫째", revision=0, by=owner)

    with pytest.raises(Stale):
        actions.draft_form(begun, points=POINTS, notes="둘째", revision=0, by=owner)

    assert InterviewForm.objects.get().notes == "첫째"


def test_a_form_can_be_changed_until_lists_are_due(begun, owner):
    due = begun.project.call.rankings_due_at
    with time_machine.travel(due, tick=False):
        actions.finish_form(begun, points=POINTS, notes="", revision=0, by=owner)
    with time_machine.travel(due + SECOND, tick=False):
        code = refusal(actions.finish_form, begun, points=POINTS, notes="늦음", revision=1, by=owner)

    assert code == InterviewRefusal.TOO_LATE


def test_what_was_noted_stands_in_no_history(begun, owner):
    actions.finish_form(begun, points=POINTS, notes="비밀스러운 메모", revision=0, by=owner)

    assert "비밀스러운" not in str(list(Event.objects.values_list("data", flat=True)))


# --- the clock ----------------------------------------------------------------------------------------

MONDAY = dt.datetime(2027, 1, 4, 14, 0, tzinfo=timezone.get_default_timezone())


def reminded():
    return list(
        Notice.objects.filter(kind__in=["interview_due", "interviews_due"])
        .order_by("pk")
        .values_list("kind", "recipient")
    )


@pytest.fixture
def coming(db):
    """Booked for Monday afternoon a week before."""
    with time_machine.travel(MONDAY - days(7), tick=False):
        project = ProjectFactory()
        return InterviewFactory(project=project, booked=True, slot__starts_at=MONDAY)


def test_both_sides_are_reminded_the_day_before_once(coming):
    company = coming.company.members.get().user
    nine = MONDAY.replace(hour=9) - days(1)

    with time_machine.travel(nine - SECOND, tick=False):
        tend_interviews()
    assert reminded() == []
    for late in (dt.timedelta(0), dt.timedelta(minutes=5), dt.timedelta(hours=12)):
        with time_machine.travel(nine + late, tick=False):
            tend_interviews()

    assert reminded() == [("interview_due", coming.trainee.user_id), ("interviews_due", company.pk)]


def test_a_clock_that_stood_still_catches_up_before_and_not_after(coming):
    with time_machine.travel(MONDAY, tick=False):
        tend_interviews()
    assert reminded() == []
    with time_machine.travel(MONDAY - SECOND, tick=False):
        tend_interviews()
    assert len(reminded()) == 2


def test_whoever_booked_the_day_before_was_told_then(coming):
    Interview.objects.update(booked_at=MONDAY - dt.timedelta(hours=20))

    with time_machine.travel(MONDAY - dt.timedelta(hours=2), tick=False):
        tend_interviews()

    assert reminded() == []


def test_a_company_is_reminded_once_a_day_and_project(coming):
    with time_machine.travel(MONDAY - days(7), tick=False):
        InterviewFactory(project=coming.project, booked=True, slot__starts_at=MONDAY + HOUR)
    with time_machine.travel(MONDAY - days(1), tick=False):
        tend_interviews()

    assert Notice.objects.get(kind="interviews_due").params["count"] == 2


def test_invitations_lapse_when_lists_are_due_and_what_was_booked_stays(project, invited, begun):
    due = project.call.rankings_due_at
    with time_machine.travel(due, tick=False):
        tend_interviews()
    assert Interview.objects.get(pk=invited.pk).state == "invited"

    with time_machine.travel(due + SECOND, tick=False):
        tend_interviews()
        tend_interviews()

    assert Interview.objects.get(pk=invited.pk).state == "lapsed"
    assert Interview.objects.get(pk=begun.pk).state == "booked"
    assert Event.objects.filter(verb="lapse_interview").count() == 1
    assert not Notice.objects.filter(kind="interview_called_off").exists()


@pytest.mark.parametrize("out", ["person", "consent", "project", "call"])
def test_an_interview_ends_with_what_it_stands_on(project, invited, slots, person, owner, out):
    actions.book_interview(invited, slots[0], by=person.trainee.user)
    {
        "person": lambda: Application.objects.filter(pk=person.pk).update(
            state="ineligible", ineligible_reason="employed"
        ),
        "consent": lambda: withdraw_consent(
            person.trainee.user, "share_with_company", by=person.trainee.user
        ),
        "project": lambda: Project.objects.filter(pk=project.pk).update(state="withdrawn"),
        "call": lambda: Call.objects.filter(pk=project.call_id).update(state="cancelled"),
    }[out]()

    tend_interviews()

    assert Interview.objects.get(pk=invited.pk).state == "lapsed"
    assert Notice.objects.get(kind="interview_called_off").params["ended"] is True
    assert Notice.objects.get(kind="interview_stranded").recipient == owner


# --- reports ------------------------------------------------------------------------------------------


def file(trainee, project, **changes):
    facts = {
        "kind": "ranking", "happened_on": timezone.localdate(), "text": "몇 순위인지 물었습니다.", "upload": None,
        "token": uuid.uuid4(), **changes,
    }  # fmt: skip
    return actions.file_report(trainee, project, **facts, by=trainee.user)


def test_a_report_goes_to_the_office_and_to_nobody_of_the_company(project, person, owner, operator, agency):
    report = file(person.trainee, project)

    told = {(one.kind, one.recipient) for one in Notice.objects.all()}
    assert told == {
        ("report_received", person.trainee.user), ("report_filed", operator), ("report_filed", agency),
    }  # fmt: skip
    assert report.due_on == timezone.localdate() + days(30)
    assert report.reference == f"S-{report.pk:05d}"
    assert project.company.name not in str(list(Notice.objects.values_list("params", flat=True)))


def test_the_same_press_twice_is_one_report(project, person):
    token = uuid.uuid4()

    first, second = (file(person.trainee, project, token=token) for _ in range(2))

    assert first == second
    assert Notice.objects.filter(kind="report_received").count() == 1


def test_a_report_about_tomorrow_is_refused(project, person):
    code = refusal(file, person.trainee, project, happened_on=timezone.localdate() + days(1))

    assert code == ReportRefusal.IN_FUTURE


def test_a_file_of_a_report_is_kept_once(project, person):
    token = uuid.uuid4()
    for _ in range(2):
        upload = SimpleUploadedFile("대화.pdf", PDF, "application/pdf")
        file(person.trainee, project, upload=upload, token=token)

    assert StoredFile.objects.get() == Report.objects.get().file


@pytest.mark.parametrize(
    ("action", "state"), [(actions.uphold_report, "upheld"), (actions.dismiss_report, "dismissed")]
)
def test_the_office_answers_and_only_the_reporter_is_told(operator, action, state):
    report = ReportFactory()

    assert refusal(action, report, reply="  ", by=operator) == ReportRefusal.NO_REPLY
    answered = action(report, reply="살펴보았습니다.", by=operator)

    assert (answered.state, answered.decided_by) == (state, operator)
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient) == ("report_answered", report.trainee.user)
    assert "살펴보았습니다" not in str(notice.params)
    with pytest.raises(IllegalMove):
        action(report, reply="다시", by=operator)


def test_nobody_of_the_company_decides_or_sees_a_report_about_it(project):
    inside = StaffFactory().user
    CompanyMemberFactory(company=project.company, user=inside, role="mentor")
    report = ReportFactory(project=project)

    assert refusal(actions.uphold_report, report, reply="아님", by=inside) == ReportRefusal.OWN_COMPANY
    assert not Report.objects.visible_to(inside).exists()
    assert Report.objects.visible_to(StaffFactory().user).get() == report


def test_who_is_told_of_a_new_report_does_not_work_for_the_company(project, person):
    inside = StaffFactory().user
    CompanyMemberFactory(company=project.company, user=inside, role="mentor")

    file(person.trainee, project)

    assert not Notice.objects.filter(recipient=inside).exists()


def test_a_report_is_withdrawn_by_the_reporter_and_stays(operator):
    report = ReportFactory()

    withdrawn = actions.withdraw_report(report, by=report.trainee.user)

    assert (withdrawn.state, withdrawn.decided_by) == ("withdrawn", None)
    with pytest.raises(IllegalMove):
        actions.uphold_report(report, reply="사실", by=operator)


def test_what_was_said_stays_as_it_was_said(db):
    report = ReportFactory()

    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(text="다른 말")
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        report.delete()


def test_a_report_is_overdue_the_day_after(db):
    report = ReportFactory(due_on=timezone.localdate())
    today = timezone.localdate()

    assert not Report.objects.overdue(today).exists()
    assert Report.objects.overdue(today + days(1)).get() == report
