import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from portal.accounts.actions import withdraw_consent
from portal.audit.models import Event
from portal.notices.models import Notice
from portal.workflow import Refused, Stale
from projects.applications.actions import accept_application, withdraw_application
from projects.fit.actions import fits_of_page
from projects.fit.models import SealedFit
from projects.models import Call
from projects.rankings.actions import (
    add_wish,
    certify_scores,
    certify_wishes,
    mark_interest,
    order_of,
    remind_uncertified,
    remove_wish,
    reorder_wishes,
    replace_wishes,
    score_candidate,
    seal_rankings,
    unmark_interest,
)
from projects.rankings.models import Interest, RankItem, RankList
from projects.rankings.states import RankRefusal
from projects.rankings.terms import alias_of, receipt_of
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    CompanyMemberFactory,
    ProjectFactory,
    certified_scores,
    certified_wishes,
)

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def call(db):
    return CallFactory()


@pytest.fixture
def application(call):
    return ApplicationFactory(call=call)


@pytest.fixture
def projects(call):
    return [ProjectFactory(call=call) for _ in range(3)]


@pytest.fixture
def member(projects):
    return projects[0].company.members.get()


def wish(application, *projects):
    for project in projects:
        add_wish(application, project, by=application.trainee.user)
    return RankList.objects.get(application=application, state="draft")


# --- wishes -------------------------------------------------------------------------------------------


def test_wishes_keep_the_order_in_which_they_were_added(application, projects):
    draft = wish(application, *projects)

    assert order_of(draft) == [project.pk for project in projects]
    assert draft.revision == 3


def test_adding_a_project_twice_is_refused(application, projects):
    wish(application, projects[0])

    with pytest.raises(Refused) as refusal:
        wish(application, projects[0])

    assert refusal.value.code == RankRefusal.ALREADY_LISTED


def test_no_more_wishes_than_the_rule_set_allows(application, projects):
    rules = application.call.rule_set
    rules.rank_max = 2
    rules.save()

    with pytest.raises(Refused) as refusal:
        wish(application, *projects)

    assert (refusal.value.code, refusal.value.facts) == (RankRefusal.TOO_MANY, {"limit": 2})
    assert RankItem.objects.count() == 2


@pytest.mark.parametrize("state", ["draft", "returned", "ineligible", "withdrawn"])
def test_only_people_who_applied_may_rank(application, projects, state):
    application.state = state
    application.ineligible_reason = "employed" if state == "ineligible" else ""
    application.save()

    with pytest.raises(Refused) as refusal:
        wish(application, projects[0])

    assert refusal.value.code == RankRefusal.NOT_APPLIED


def test_projects_of_another_call_or_not_selected_cannot_be_wished(application, call):
    for project in (ProjectFactory(), ProjectFactory(call=call, state="submitted")):
        with pytest.raises(Refused) as refusal:
            wish(application, project)
        assert refusal.value.code == RankRefusal.NOT_OFFERED


def test_reordering_with_an_old_revision_is_stale(application, projects):
    draft = wish(application, *projects)
    order = order_of(draft)
    by = application.trainee.user
    reorder_wishes(application, order[::-1], revision=draft.revision, by=by)

    with pytest.raises(Stale):
        reorder_wishes(application, order, revision=draft.revision, by=by)

    assert order_of(draft) == order[::-1]


def test_reordering_names_exactly_the_listed_projects(application, projects):
    draft = wish(application, *projects[:2])

    with pytest.raises(Stale):
        reorder_wishes(
            application, [projects[0].pk, projects[2].pk], revision=None, by=application.trainee.user
        )

    assert order_of(draft) == [project.pk for project in projects[:2]]


def test_a_wish_is_added_on_the_place_it_was_taken_off(application, projects):
    wish(application, projects[0], projects[1])

    draft = add_wish(application, projects[2], position=2, by=application.trainee.user)

    assert order_of(draft) == [projects[0].pk, projects[2].pk, projects[1].pk]


def test_an_order_written_over_another_leaves_out_what_cannot_be_wished(application, projects):
    draft = wish(application, projects[0], projects[1])
    order = [ProjectFactory().pk, projects[2].pk, projects[0].pk, projects[2].pk]

    replace_wishes(application, order, revision=draft.revision, by=application.trainee.user)

    assert order_of(draft) == [projects[2].pk, projects[0].pk]


def test_an_order_written_over_an_unseen_one_is_stale(application, projects):
    draft = wish(application, *projects)

    with pytest.raises(Stale):
        replace_wishes(
            application, order_of(draft)[::-1], revision=draft.revision - 1, by=application.trainee.user
        )


def test_an_order_written_over_another_keeps_to_the_limit(application, call):
    many = [ProjectFactory(call=call).pk for _ in range(call.rule_set.rank_max + 1)]

    with pytest.raises(Refused) as refusal:
        replace_wishes(application, many, revision=0, by=application.trainee.user)

    assert refusal.value.code == RankRefusal.TOO_MANY
    assert not RankItem.objects.exists()


def test_removing_what_is_not_listed_changes_nothing(application, projects):
    draft = wish(application, projects[0])

    remove_wish(application, projects[1], by=application.trainee.user)

    draft.refresh_from_db()
    assert (order_of(draft), draft.revision) == ([projects[0].pk], 1)


# --- certify and replace ------------------------------------------------------------------------------


def test_certifying_gives_a_receipt_that_can_be_computed_again(application, projects):
    draft = wish(application, projects[1], projects[0])

    rank_list = certify_wishes(application, revision=draft.revision, by=application.trainee.user)

    assert rank_list.state == "certified"
    assert rank_list.receipt == receipt_of(
        application.call_id,
        application.pseudonym.hex,
        [projects[1].pk, projects[0].pk],
        rank_list.certified_at.isoformat(),
        rank_list.nonce,
    )
    assert [(row.kind, row.recipient) for row in Notice.objects.all()] == [
        ("rank_list_certified", application.trainee.user)
    ]


def test_certifying_twice_gives_the_same_receipt_and_one_message(application, projects):
    wish(application, projects[0])
    by = application.trainee.user

    first = certify_wishes(application, revision=None, by=by)
    second = certify_wishes(application, revision=None, by=by)

    assert first == second
    assert Notice.objects.count() == 1
    assert Event.objects.filter(verb="certify_rank_list").count() == 1


def test_certifying_an_old_revision_is_stale(application, projects):
    draft = wish(application, projects[0])
    wish(application, projects[1])

    with pytest.raises(Stale):
        certify_wishes(application, revision=draft.revision, by=application.trainee.user)

    assert not RankList.objects.binding().exists()


def test_nothing_listed_is_not_certified(application, projects):
    draft = wish(application, projects[0])
    remove_wish(application, projects[0], by=application.trainee.user)

    for revision in (None, draft.revision + 1):
        with pytest.raises(Refused) as refusal:
            certify_wishes(application, revision=revision, by=application.trainee.user)
        assert refusal.value.code == RankRefusal.EMPTY


def test_the_last_certified_version_binds_until_another_is_certified(application, projects):
    by = application.trainee.user
    wish(application, projects[0])
    first = certify_wishes(application, revision=None, by=by)

    wish(application, projects[1])
    assert order_of(RankList.objects.binding().get()) == [projects[0].pk]
    second = certify_wishes(application, revision=None, by=by)

    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "certified")
    assert order_of(first) == [projects[0].pk]
    assert order_of(second) == [projects[0].pk, projects[1].pk]
    assert (first.version, second.version) == (1, 2)


@pytest.mark.parametrize("late", [0, 1])
def test_one_second_late_is_late(application, projects, late):
    wish(application, projects[0])
    due_at = application.call.rankings_due_at

    with time_machine.travel(due_at + late * SECOND, tick=False):
        if late:
            with pytest.raises(Refused) as refusal:
                certify_wishes(application, revision=None, by=application.trainee.user)
            assert (refusal.value.code, refusal.value.facts) == (RankRefusal.TOO_LATE, {"deadline": due_at})
        else:
            certify_wishes(application, revision=None, by=application.trainee.user)

    assert RankList.objects.binding().exists() is not bool(late)


def test_one_second_before_opening_is_too_early(application, projects):
    opens = application.call.rankings_open_at

    with time_machine.travel(opens - SECOND, tick=False), pytest.raises(Refused) as refusal:
        wish(application, projects[0])

    assert (refusal.value.code, refusal.value.facts) == (RankRefusal.NOT_YET, {"opens": opens})


# --- what the database refuses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "harm",
    [
        lambda item: RankItem.objects.filter(pk=item.pk).update(position=2),
        lambda item: item.delete(),
        lambda item: RankItem.objects.create(
            rank_list=item.rank_list, application=item.application, project=ProjectFactory(), position=2
        ),
        lambda item: RankList.objects.filter(pk=item.rank_list_id).update(receipt="0" * 64),
        lambda item: RankList.objects.filter(pk=item.rank_list_id).delete(),
    ],
    ids=["change", "delete", "add", "receipt", "list"],
)
def test_certified_lists_are_kept_as_they_were(application, projects, harm):
    rank_list = certified_wishes(application, projects[0])

    with pytest.raises(DatabaseError), transaction.atomic():
        harm(rank_list.items.get())

    assert order_of(rank_list) == [projects[0].pk]
    assert RankList.objects.get().receipt == rank_list.receipt


def test_one_draft_and_one_binding_version_per_owner(application, projects):
    certified_wishes(application, projects[0])
    RankList.objects.create(call=application.call, application=application, version=2)

    for state in ("draft", "sealed"):
        with pytest.raises(DatabaseError), transaction.atomic():
            RankList.objects.create(
                call=application.call,
                application=application,
                version=3,
                state=state,
                certified_at=timezone.now(),
                receipt="a" * 64,
            )


@pytest.mark.parametrize(
    "line", [{"position": 1, "score": 5}, {}, {"score": 5, "refusal": "skill"}, {"score": Decimal("100.01")}]
)
def test_a_line_says_one_thing(application, projects, line):
    rank_list = RankList.objects.create(call=application.call, application=application, version=1)

    with pytest.raises(DatabaseError), transaction.atomic():
        RankItem.objects.create(rank_list=rank_list, application=application, project=projects[0], **line)


# --- interest -----------------------------------------------------------------------------------------


def test_interest_is_marked_once_and_taken_back(application, projects):
    by = application.trainee.user

    mark_interest(application, projects[0], by=by)
    mark_interest(application, projects[0], by=by)
    assert Interest.objects.count() == 1
    unmark_interest(application, projects[0], by=by)
    unmark_interest(application, projects[0], by=by)

    assert Interest.objects.count() == 0
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "mark_interest",
        "unmark_interest",
    ]


# --- scores -------------------------------------------------------------------------------------------


def give(member, project, application, **judgement):
    return score_candidate(member.company, project, application, by=member.user, **judgement)


def test_scores_and_refusals_replace_each_other_and_can_be_taken_back(member, projects, application):
    give(member, projects[0], application, score=Decimal("81.25"))
    draft = give(member, projects[0], application, refusal="skill")
    assert [(item.score, item.refusal) for item in draft.items.all()] == [(None, "skill")]

    draft = give(member, projects[0], application, score=Decimal("81.25"))
    assert [(item.score, item.refusal) for item in draft.items.all()] == [(Decimal("81.25"), "")]

    draft = give(member, projects[0], application)
    assert not draft.items.exists()


@pytest.mark.parametrize(
    ("judgement", "code"),
    [
        ({"score": Decimal("100.01")}, RankRefusal.SCORE_RANGE),
        ({"score": Decimal("-0.01")}, RankRefusal.SCORE_RANGE),
        ({"score": Decimal(50), "refusal": "skill"}, RankRefusal.SCORE_OR_REFUSAL),
    ],
)
def test_impossible_judgements_are_refused(member, projects, application, judgement, code):
    with pytest.raises(Refused) as refusal:
        give(member, projects[0], application, **judgement)

    assert refusal.value.code == code
    assert not RankItem.objects.exists()


def test_only_own_projects_and_eligible_people_are_scored(member, projects, call):
    submitted, other_call = ApplicationFactory(call=call, state="submitted"), ApplicationFactory()
    eligible = ApplicationFactory(call=call)

    silent = ApplicationFactory(call=call)
    withdraw_consent(silent.trainee.user, "share_with_company", by=silent.trainee.user)

    for project, application, code in [
        (projects[1], eligible, RankRefusal.NOT_OFFERED),
        (projects[0], submitted, RankRefusal.NOT_CANDIDATE),
        (projects[0], other_call, RankRefusal.NOT_CANDIDATE),
        (projects[0], silent, RankRefusal.NOT_CANDIDATE),
    ]:
        with pytest.raises(Refused) as refusal:
            give(member, project, application, score=Decimal(1))
        assert refusal.value.code == code


def test_a_companys_certified_scores_bind_until_replaced(member, projects, application, call):
    give(member, projects[0], application, score=Decimal(90))
    first = certify_scores(member.company, call, revision=None, by=member.user)
    give(member, projects[0], application, score=Decimal(70))
    assert [item.score for item in RankList.objects.binding().get().items.all()] == [Decimal(90)]

    second = certify_scores(member.company, call, revision=None, by=member.user)

    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "certified")
    assert [item.score for item in second.items.all()] == [Decimal(70)]
    assert second.receipt == receipt_of(
        call.pk,
        f"company:{member.company_id}",
        [[alias_of(application.pseudonym.hex, second.nonce), projects[0].pk, "70.00"]],
        second.certified_at.isoformat(),
        second.nonce,
    )


def test_a_score_given_meanwhile_makes_certifying_stale(member, projects, application, call):
    draft = give(member, projects[0], application, score=Decimal(90))
    give(member, projects[0], application, score=Decimal(91))

    with pytest.raises(Stale):
        certify_scores(member.company, call, revision=draft.revision, by=member.user)


# --- the clock ----------------------------------------------------------------------------------------


def sealed(call):
    """Seal one second after the deadline, as the night does."""
    Call.objects.filter(pk=call.pk).update(state="closed")
    with time_machine.travel(call.rankings_due_at + SECOND, tick=False):
        counts = seal_rankings(call)
    call.refresh_from_db()
    return counts


def states_of(*rows):
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def test_sealing_closes_what_is_certified_and_voids_the_rest(call, projects):
    certified, drafting, left = [ApplicationFactory(call=call) for _ in range(3)]
    kept, draft = certified_wishes(certified, projects[0]), wish(drafting, projects[0])
    gone = certified_wishes(left, projects[0])
    withdraw_application(left, by=left.trainee.user)
    scores = certified_scores(projects[0].company, {(projects[0], certified): 80})

    counts = sealed(call)

    assert counts == {"sealed": 2, "void": 2, "refused": 0}
    assert states_of(kept, draft, gone, scores) == ["sealed", "void", "void", "sealed"]
    assert call.state == "matching"


def test_sealing_keeps_the_list_of_who_is_not_judged_yet(call, projects):
    submitted = ApplicationFactory(call=call, state="submitted")
    kept = certified_wishes(submitted, projects[0])

    counts = sealed(call)

    assert counts == {"sealed": 1, "void": 0, "refused": 0}
    assert states_of(kept, submitted) == ["sealed", "submitted"]


def test_who_is_refused_at_sealing_keeps_a_sealed_list_for_a_corrected_decision(call, projects, operator):
    returned, employed = ApplicationFactory(call=call, state="returned"), ApplicationFactory(call=call)
    lists = [certified_wishes(returned, projects[0]), certified_wishes(employed, projects[1])]
    trainee = employed.trainee
    trainee.employment = "employed"
    trainee.save()

    counts = sealed(call)
    trainee.employment = "unemployed"
    trainee.save()
    accept_application(employed, by=operator)

    assert counts == {"sealed": 2, "void": 0, "refused": 2}
    assert states_of(*lists, returned, employed) == ["sealed", "sealed", "ineligible", "eligible"]
    assert {row.params["reason"] for row in Notice.objects.filter(kind="application_refused")} == {
        "unanswered",
        "employed",
    }


def test_sealing_keeps_the_fit_of_every_wished_pair(call, projects):
    application, drafting = ApplicationFactory(call=call), ApplicationFactory(call=call)
    certified_wishes(application, projects[1], projects[0])
    wish(drafting, projects[2])

    sealed(call)

    fits = fits_of_page([application], projects[1])
    assert set(SealedFit.objects.values_list("application", "project")) == {
        (application.pk, projects[0].pk),
        (application.pk, projects[1].pk),
    }
    assert SealedFit.objects.get(project=projects[1]).score == fits[application.pk].score


@pytest.mark.parametrize("change", [{"score": 1}, None])
def test_a_sealed_fit_stays_as_it_was(call, projects, change):
    certified_wishes(ApplicationFactory(call=call), projects[0], state="sealed")
    rows = SealedFit.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**change) if change else rows.delete()

    assert SealedFit.objects.count() == 1


def test_lists_are_not_sealed_before_the_deadline_is_over(call):
    Call.objects.filter(pk=call.pk).update(state="closed")

    with time_machine.travel(call.rankings_due_at, tick=False), pytest.raises(Refused):
        seal_rankings(call)

    assert Call.objects.get().state == "closed"


def test_reminders_go_once_per_stage_to_those_who_certified_nothing(call, projects):
    due_on = timezone.localtime(call.rankings_due_at).date()
    waiting, done = ApplicationFactory(call=call), ApplicationFactory(call=call)
    certified_wishes(done, projects[0])
    certified_scores(projects[1].company, {(projects[1], done): 80})
    people = {
        waiting.trainee.user,
        projects[0].company.members.get().user,
        projects[2].company.members.get().user,
    }

    sent = {}
    for left in (8, 7, 6, 3, 3, 1):
        today = due_on - dt.timedelta(days=left)
        with time_machine.travel(call.rankings_due_at - dt.timedelta(days=left), tick=False):
            remind_uncertified(call, today)
        sent[left] = Notice.objects.count()

    assert sent == {8: 0, 7: 3, 6: 3, 3: 6, 1: 9}
    assert {row.recipient for row in Notice.objects.select_related("recipient")} == people


def test_missed_nights_are_made_up_for_with_one_reminder(call):
    ApplicationFactory(call=call)
    today = timezone.localtime(call.rankings_due_at).date() - dt.timedelta(days=2)

    with time_machine.travel(call.rankings_due_at - dt.timedelta(days=2), tick=False):
        remind_uncertified(call, today)
        remind_uncertified(call, today)

    assert Notice.objects.count() == 1


def test_a_second_member_scoring_shares_the_draft(member, projects, application, call):
    colleague = CompanyMemberFactory(company=member.company, role="manager")
    other = ApplicationFactory(call=call)

    first = give(member, projects[0], application, score=Decimal(50))
    second = give(colleague, projects[0], other, score=Decimal(60))

    assert first == second
    assert RankList.objects.get(company=member.company).items.count() == 2


@pytest.mark.parametrize("change", [mark_interest, unmark_interest])
def test_interest_is_not_changed_one_second_after_the_deadline(db, change):
    application = ApplicationFactory()
    project = ProjectFactory(call=application.call)
    late = application.call.rankings_due_at + dt.timedelta(seconds=1)

    with time_machine.travel(late, tick=False), pytest.raises(Refused) as refused:
        change(application, project, by=application.trainee.user)

    assert refused.value.code == RankRefusal.TOO_LATE
