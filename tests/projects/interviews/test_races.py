"""Two people, two tabs, two calls at the same moment: one effect, and a sentence for the other."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import IllegalMove, Refused, Stale
from projects.interviews import actions
from projects.interviews.models import Interview, InterviewSlot, Report
from projects.interviews.states import InterviewRefusal
from projects.models import RuleSet
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    InterviewFactory,
    InterviewSlotFactory,
    ProjectFactory,
    ReportFactory,
    StaffFactory,
    days,
)
from tests.projects.rankings.test_races import race

pytestmark = pytest.mark.django_db(transaction=True)


def codes(results):
    return sorted(str(one.code) if isinstance(one, Refused) else type(one).__name__ for one in results)


def test_two_people_want_the_last_slot():
    project = ProjectFactory(call=CallFactory())
    slot = InterviewSlotFactory(project=project)
    invited = [InterviewFactory(project=project) for _ in range(4)]

    results = race(
        *(lambda one=one: actions.book_interview(one, slot, by=one.trainee.user) for one in invited)
    )

    assert codes(results) == ["Interview", *[InterviewRefusal.SLOT_TAKEN] * 3]
    assert Interview.objects.filter(state="booked").count() == 1


def test_one_person_books_the_same_slot_in_two_tabs():
    interview = InterviewFactory()
    slot = InterviewSlotFactory(project=interview.project)

    race(*[lambda: actions.book_interview(interview, slot, by=interview.trainee.user)] * 3)

    assert Event.objects.filter(verb="book_interview").count() == 1
    assert Notice.objects.filter(kind="interview_booked").count() == 1


def test_one_person_books_two_calls_for_the_same_hour():
    """Each call has an application of its own: the database alone sees both."""
    first = InterviewFactory()
    elsewhere = ApplicationFactory(call=CallFactory(), trainee=first.trainee)
    second = InterviewFactory(project=ProjectFactory(call=elsewhere.call), application=elsewhere)
    at = timezone.now() + days(2)
    slots = [InterviewSlotFactory(project=one.project, starts_at=at) for one in (first, second)]

    results = race(
        lambda: actions.book_interview(first, slots[0], by=first.trainee.user),
        lambda: actions.book_interview(second, slots[1], by=first.trainee.user),
    )

    assert codes(results) == ["Interview", InterviewRefusal.OVERLAPS]


def test_the_cap_holds_however_fast_somebody_clicks():
    application = ApplicationFactory()
    RuleSet.objects.update(interviews_per_trainee=2)
    invited = [
        InterviewFactory(project=ProjectFactory(call=application.call), application=application)
        for _ in range(4)
    ]
    slots = [
        InterviewSlotFactory(
            project=one.project, starts_at=timezone.now() + days(2) + dt.timedelta(hours=number)
        )
        for number, one in enumerate(invited)
    ]

    race(
        *(
            lambda one=one, slot=slot: actions.book_interview(one, slot, by=application.trainee.user)
            for one, slot in zip(invited, slots, strict=True)
        )
    )

    assert Interview.objects.filter(state="booked").count() == 2


def test_two_colleagues_invite_one_person():
    project = ProjectFactory(call=CallFactory())
    person = ApplicationFactory(call=project.call)
    owner = project.company.members.get().user
    InterviewSlotFactory(project=project)
    actions.shortlist_candidate(project, person, by=owner)

    results = race(*[lambda: actions.invite_candidate(project, person, by=owner)] * 3)

    assert codes(results) == ["Interview"] * 3
    assert Notice.objects.filter(kind="interview_invited").count() == 1


def test_two_colleagues_open_no_more_than_there_may_be():
    project = ProjectFactory(call=CallFactory(), places=1)
    owner = project.company.members.get().user
    at = timezone.now() + days(2)

    race(
        *(
            lambda hour=hour: actions.open_slots(
                project, starts_at=at + dt.timedelta(hours=hour), minutes=15, count=3, video_url="https://a.example", place="",
                by=owner,
            )
            for hour in (0, 2)
        )
    )  # fmt: skip

    assert InterviewSlot.objects.count() == 3


def test_a_slot_is_cancelled_while_it_is_booked():
    """Whoever is first: nobody is left with a booking of a slot that is not there."""
    interview = InterviewFactory(project__call=CallFactory())
    slot = InterviewSlotFactory(project=interview.project)
    owner = interview.company.members.get().user

    results = race(
        lambda: actions.book_interview(interview, slot, by=interview.trainee.user),
        lambda: actions.cancel_slot(slot, by=owner),
    )

    slot.refresh_from_db()
    interview.refresh_from_db()
    assert (slot.state, interview.state) in {("cancelled", "invited"), ("open", "booked")}
    assert [
        one for one in results if isinstance(one, Exception) and not isinstance(one, Refused | Stale)
    ] == []


def test_two_of_the_office_answer_one_report():

    report, people = ReportFactory(), [StaffFactory().user for _ in range(2)]

    results = race(
        lambda: actions.uphold_report(report, reply="사실", by=people[0]),
        lambda: actions.dismiss_report(report, reply="아님", by=people[1]),
    )

    assert sorted(type(one).__name__ for one in results) == ["IllegalMove", "Report"]
    assert Notice.objects.filter(kind="report_answered").count() == 1
    assert isinstance(next(one for one in results if isinstance(one, Exception)), IllegalMove)


def test_the_same_press_reaches_two_workers():
    application = ApplicationFactory()
    project, token = ProjectFactory(call=application.call), uuid.uuid4()

    race(
        *[
            lambda: actions.file_report(
                application.trainee, project, kind="ranking", happened_on=timezone.localdate(), text="순위를 물었습니다.",
                upload=None, token=token, by=application.trainee.user,
            )
        ]
        * 3
    )  # fmt: skip

    assert Report.objects.count() == 1
