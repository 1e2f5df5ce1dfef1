"""Two tabs, two colleagues, a click and the deadline at the same moment: one effect, and nothing lost."""

import datetime as dt
import threading
import time
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction

from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import Refused
from projects.models import Call, Participation
from projects.rankings import actions
from projects.rankings.models import Interest, RankItem, RankList
from projects.rankings.states import RankRefusal
from tests.factories import ApplicationFactory, CallFactory, CompanyMemberFactory, ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Running(threading.Thread):
    """A call in a connection of its own; ``result`` is what it returned or raised."""

    def __init__(self, call):
        super().__init__()
        self.call, self.result = call, None
        self.start()

    def run(self):
        try:
            self.result = self.call()
        except Exception as error:
            self.result = error
        finally:
            connection.close()


def race(*calls):
    """All at once; what each returned or raised."""
    start = threading.Barrier(len(calls))
    running = [Running(lambda call=call: (start.wait(), call())[1]) for call in calls]
    for one in running:
        one.join()
    return [one.result for one in running]


def until_waiting(count):
    """Until ``count`` sessions of this database stand behind a lock."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # inside a transaction the view stands still
            cursor.execute(question)
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.fixture
def call():
    return CallFactory()


@pytest.fixture
def project(call):
    return ProjectFactory(call=call)


@pytest.fixture
def application(call):
    return ApplicationFactory(call=call)


def certify(application, revision=None):
    return actions.certify_wishes(application, revision=revision, by=application.trainee.user)


def lists_of(application):
    return list(
        RankList.objects.filter(application=application).order_by("version").values_list("state", flat=True)
    )


def changed_list(application, *projects):
    """A certified list with the first project, and a draft that adds the others."""
    by = application.trainee.user
    actions.add_wish(application, projects[0], by=by)
    certify(application)
    for project in projects[1:]:
        actions.add_wish(application, project, by=by)


# --- the deadline ---------------------------------------------------------------------------------------


def test_a_certification_in_flight_is_waited_for_and_sealed(call, project, application):
    changed_list(application, project, ProjectFactory(call=call))
    Call.objects.update(state="closed")

    with time_machine.travel(call.rankings_due_at, tick=False) as clock:
        with transaction.atomic():
            RankList.objects.select_for_update().get(state="draft")
            certifying = Running(lambda: certify(application))
            until_waiting(1)
            clock.shift(dt.timedelta(seconds=1))
            sealing = Running(lambda: actions.seal_rankings(call))
            until_waiting(2)
        certifying.join()
        sealing.join()

    assert sealing.result == {"sealed": 1, "void": 0, "refused": 0}
    assert lists_of(application) == ["replaced", "sealed"]
    assert RankList.objects.get(state="sealed").receipt == certifying.result.receipt


def test_a_certification_that_sealing_overtakes_is_told_it_is_too_late(
    call, project, application, monkeypatch
):
    changed_list(application, project, ProjectFactory(call=call))
    Call.objects.update(state="closed")
    passed, go_on, check = threading.Event(), threading.Event(), actions.check_time

    def slow(call):
        check(call)
        passed.set()
        go_on.wait(10)

    monkeypatch.setattr(actions, "check_time", slow)
    with time_machine.travel(call.rankings_due_at, tick=False) as clock:
        certifying = Running(lambda: certify(application))
        passed.wait(10)
        clock.shift(dt.timedelta(seconds=1))
        counts = actions.seal_rankings(call)
        go_on.set()
        certifying.join()

    assert counts == {"sealed": 1, "void": 1, "refused": 0}
    assert lists_of(application) == ["sealed", "void"]
    assert isinstance(certifying.result, Refused)
    assert certifying.result.code == RankRefusal.TOO_LATE


def test_a_company_that_sealing_overtakes_is_told_it_is_too_late(call, project, application):
    company, by = project.company, project.company.members.get().user
    for score in (80, 90):
        actions.score_candidate(company, project, application, score=Decimal(score), by=by)
        if score == 80:
            actions.certify_scores(company, call, revision=None, by=by)
    Call.objects.update(state="closed")

    with time_machine.travel(call.rankings_due_at, tick=False) as clock:
        with transaction.atomic():
            Participation.objects.select_for_update().get(company=company)
            certifying = Running(lambda: actions.certify_scores(company, call, revision=None, by=by))
            until_waiting(1)
            clock.shift(dt.timedelta(seconds=1))
            sealing = Running(lambda: actions.seal_rankings(call))
            sealing.join()
        certifying.join()

    assert sealing.result == {"sealed": 1, "void": 1, "refused": 0}
    assert [item.score for item in RankList.objects.binding().get().items.all()] == [Decimal(80)]
    assert isinstance(certifying.result, Refused)
    assert certifying.result.code == RankRefusal.TOO_LATE


def test_a_score_in_flight_and_sealing_do_not_wait_in_a_circle(call, project, application, monkeypatch):
    """The scorer holds the list and writes of a person whom sealing refuses and holds while it waits for the list."""
    company, by = project.company, project.company.members.get().user
    actions.score_candidate(company, project, ApplicationFactory(call=call), score=Decimal(80), by=by)
    type(application.trainee).objects.filter(pk=application.trainee_id).update(employment="employed")
    Call.objects.update(state="closed")
    holds, go_on, draft = threading.Event(), threading.Event(), actions._draft

    def slow(*args, **owner):
        found = draft(*args, **owner)
        holds.set()
        go_on.wait(10)
        return found

    monkeypatch.setattr(actions, "_draft", slow)
    with time_machine.travel(call.rankings_due_at, tick=False) as clock:
        scoring = Running(
            lambda: actions.score_candidate(company, project, application, score=Decimal(90), by=by)
        )
        holds.wait(10)
        clock.shift(dt.timedelta(seconds=1))
        sealing = Running(lambda: actions.seal_rankings(call))
        until_waiting(1)
        go_on.set()
        scoring.join()
        sealing.join()

    assert sealing.result == {"sealed": 0, "void": 1, "refused": 1}
    assert scoring.result.items.count() == 2


def test_a_score_that_waits_past_the_deadline_is_too_late(call, project, application):
    company, by = project.company, project.company.members.get().user

    with time_machine.travel(call.rankings_due_at, tick=False) as clock:
        with transaction.atomic():
            Participation.objects.select_for_update().get(company=company)
            scoring = Running(
                lambda: actions.score_candidate(company, project, application, score=Decimal(90), by=by)
            )
            until_waiting(1)
            clock.shift(dt.timedelta(seconds=1))
        scoring.join()

    assert isinstance(scoring.result, Refused)
    assert scoring.result.code == RankRefusal.TOO_LATE
    assert not RankList.objects.exists()


@pytest.mark.parametrize("round_", range(3))
def test_certifying_and_sealing_at_the_same_moment_agree(call, project, application, round_):
    changed_list(application, project, ProjectFactory(call=call))
    Call.objects.update(state="closed")

    with time_machine.travel(call.rankings_due_at - dt.timedelta(milliseconds=30), tick=True):

        def seal():
            while True:
                try:
                    return actions.seal_rankings(call)
                except Refused:
                    time.sleep(0.001)

        def certify_late():
            time.sleep(0.02 + 0.005 * round_)
            return certify(application)

        certified, counts = race(certify_late, seal)

    bound = RankList.objects.binding().get()
    if isinstance(certified, Refused):
        assert (certified.code, bound.version) == (RankRefusal.TOO_LATE, 1)
    else:
        assert (certified.receipt, bound.version) == (bound.receipt, 2)
    assert (bound.state, counts["sealed"]) == ("sealed", 1)


# --- two at once ----------------------------------------------------------------------------------------


def test_two_tabs_certifying_the_same_revision_get_one_receipt(project, application):
    draft = actions.add_wish(application, project, by=application.trainee.user)

    receipts = race(*[lambda: certify(application, draft.revision).receipt] * 4)

    assert len(set(receipts)) == 1
    assert lists_of(application) == ["certified"]
    assert Event.objects.filter(verb="certify_rank_list").count() == 1
    assert Notice.objects.filter(kind="rank_list_certified").count() == 1


@pytest.mark.parametrize("certified", [False, True])
def test_two_colleagues_scoring_at_once_keep_both_lines(call, project, application, certified):
    company, owner = project.company, project.company.members.get().user
    people = [owner, *[CompanyMemberFactory(company=company, role="manager").user for _ in range(3)]]
    candidates = [ApplicationFactory(call=call) for _ in people]
    before = {application.pk} if certified else set()
    if certified:
        actions.score_candidate(company, project, application, score=Decimal(50), by=owner)
        actions.certify_scores(company, call, revision=None, by=owner)

    results = race(
        *[
            lambda who=who, whom=whom: actions.score_candidate(
                company, project, whom, score=Decimal(70), by=who
            )
            for who, whom in zip(people, candidates, strict=True)
        ]
    )

    draft = RankList.objects.get(state="draft")
    assert {result.pk for result in results} == {draft.pk}
    lines = RankItem.objects.filter(rank_list=draft).values_list("application", flat=True)
    assert set(lines) == before | {candidate.pk for candidate in candidates}


def test_two_tabs_adding_projects_keep_both(call, project, application):
    projects, by = [project, *[ProjectFactory(call=call) for _ in range(3)]], application.trainee.user

    race(*[lambda one=one: actions.add_wish(application, one, by=by) for one in projects])

    draft = RankList.objects.get(application=application)
    assert sorted(actions.order_of(draft)) == sorted(one.pk for one in projects)
    assert list(draft.items.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4]


def test_a_double_click_marks_interest_once(project, application):
    by = application.trainee.user

    results = race(*[lambda: actions.mark_interest(application, project, by=by)] * 4)

    assert results == [None] * 4
    assert Interest.objects.count() == 1
    assert Event.objects.filter(verb="mark_interest").count() == 1
