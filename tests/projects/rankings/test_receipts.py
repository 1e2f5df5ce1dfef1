"""Receipts, the root over them, and what becomes of a row that is changed behind the portal's back."""

import io
import json
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from matching.engine.receipt import Receipt, check_receipt
from portal.audit.models import Event
from portal.notices.models import Notice
from projects.obligations.actions import remind_due_obligations
from projects.rankings import actions
from projects.rankings.actions import certify_scores, certify_wishes, score_candidate, seal_rankings
from projects.rankings.models import RankItem, RankList, Sealing
from projects.rankings.terms import root_of
from tests.factories import ApplicationFactory, CallFactory, CompanyMemberFactory, ProjectFactory, days


class Ranked:
    """Three people and a company have certified lists; one list was replaced, one person left."""

    def __init__(self):
        self.call = CallFactory(state="closed")
        self.owner = CompanyMemberFactory(role="owner")
        self.projects = [ProjectFactory(call=self.call, company=self.owner.company) for _ in range(3)]
        self.people = [ApplicationFactory(call=self.call) for _ in range(3)]
        for person in self.people:
            self.certify(person, *self.projects)
        self.certify(self.people[0], *reversed(self.projects))
        for person in self.people:
            score_candidate(
                self.owner.company, self.projects[0], person, score=Decimal("81.5"), by=self.owner.user
            )
        certify_scores(self.owner.company, self.call, revision=None, by=self.owner.user)
        self.gone = ApplicationFactory(call=self.call)
        self.certify(self.gone, self.projects[0])
        type(self.gone).objects.filter(pk=self.gone.pk).update(state="withdrawn")

    def certify(self, person, *projects):
        by = person.trainee.user
        own = RankList.objects.filter(application=person).working().first()
        if own is None:
            for project in projects:
                own = actions.add_wish(person, project, by=by)
        else:
            own = actions.reorder_wishes(
                person, [project.pk for project in projects], revision=own.revision, by=by
            )
        return certify_wishes(person, revision=own.revision, by=by)

    def seal(self):
        with time_machine.travel(self.call.rankings_due_at + days(1), tick=False):
            seal_rankings(self.call)
        return Sealing.objects.get(call=self.call)

    def list_of(self, person):
        return RankList.objects.get(application=person, state="sealed")


@pytest.fixture
def ranked(db):
    return Ranked()


@pytest.fixture
def sealed(ranked):
    ranked.seal()
    return ranked


def behind_the_triggers(statement, *arguments):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, arguments)
        assert cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = origin")


def swap_wishes(rank_list):
    behind_the_triggers(
        "UPDATE rankings_rankitem SET position = 4 - position WHERE rank_list_id = %s", rank_list.pk
    )


# --- sealing ------------------------------------------------------------------------------------------


def test_sealing_publishes_the_root_over_all_binding_receipts(ranked):
    sealing = ranked.seal()

    binding = list(
        RankList.objects.filter(call=ranked.call, state="sealed").values_list("receipt", flat=True)
    )
    assert (sealing.count, len(binding)) == (4, 4)
    assert sealing.root == root_of(binding)
    event = Event.objects.get(verb="seal_rankings")
    assert (event.data["root"], event.data["count"]) == (sealing.root, 4)


def test_empty_call_has_a_root_too(db):
    call = CallFactory(state="closed")

    with time_machine.travel(call.rankings_due_at + days(1), tick=False):
        seal_rankings(call)

    assert Sealing.objects.get().root == root_of([])


@pytest.mark.parametrize("change", [{"root": "0" * 64}, {"count": 3}])
def test_database_keeps_the_root(sealed, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        Sealing.objects.update(**change)


def test_root_can_be_told_beforehand_by_nobody_who_does_not_hold_the_lists(ranked):
    """Two lists with the same wishes have different receipts."""
    receipts = RankList.objects.filter(application__in=ranked.people, version=1).values_list(
        "receipt", flat=True
    )

    assert len(set(receipts)) == 3


# --- one's own receipt --------------------------------------------------------------------------------


def test_stored_list_leads_to_the_root(sealed):
    for rank_list in RankList.objects.filter(call=sealed.call, state="sealed"):
        check = actions.check_receipt(rank_list)

        assert check.is_proved
        assert (check.count, len(check.path)) == (4, 2)


def test_replaced_list_is_what_it_was_and_not_under_the_root(sealed):
    check = actions.check_receipt(RankList.objects.get(application=sealed.people[0], state="replaced"))

    assert (check.is_same, check.is_sealed, check.is_under) == (True, True, False)


@pytest.mark.parametrize("side", ["trainee", "company"])
def test_file_is_proved_outside(sealed, side, client, log_in):
    if side == "trainee":
        user, url = (
            sealed.people[0].trainee.user,
            reverse("rankings:rank-list-receipt-file", args=[sealed.call.pk]),
        )
    else:
        user = sealed.owner.user
        url = reverse("rankings:scores-receipt-file", args=[sealed.owner.company_id, sealed.call.pk])

    response = log_in(user).get(url)

    assert "attachment" in response["Content-Disposition"]
    receipt = Receipt.from_json(response.content)
    assert check_receipt(receipt, Sealing.objects.get().root) == []
    assert len(receipt.items) == 3


def test_file_before_sealing_has_no_path(ranked, log_in):
    url = reverse("rankings:rank-list-receipt-file", args=[ranked.call.pk])

    document = json.loads(log_in(ranked.people[1].trainee.user).get(url).content)

    assert check_receipt(Receipt.from_json(document)) == ["not_sealed"]
    assert document["items"] == [project.pk for project in ranked.projects]


def test_companys_file_names_nobody_as_the_market_does(sealed, log_in):
    url = reverse("rankings:scores-receipt-file", args=[sealed.owner.company_id, sealed.call.pk])

    text = log_in(sealed.owner.user).get(url).text

    for person in sealed.people:
        assert person.pseudonym.hex not in text
        assert person.trainee.user.name not in text


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (lambda sealed: None, "일치: 제출한 그대로 매칭에 들어갔습니다"),
        (
            lambda sealed: swap_wishes(sealed.list_of(sealed.people[0])),
            "불일치: 저장된 내용이 제출할 때와 다릅니다",
        ),
        (
            lambda sealed: behind_the_triggers(
                "UPDATE rankings_ranklist SET receipt = %s WHERE id = %s",
                "0" * 64,
                sealed.list_of(sealed.people[1]).pk,
            ),
            "불일치: 공개된 뿌리값과 맞지 않습니다",
        ),
    ],
)
def test_page_works_the_receipt_out_again(sealed, log_in, arrange, words):
    arrange(sealed)
    url = reverse("rankings:rank-list-receipt", args=[sealed.call.pk])

    before, checked = (
        log_in(sealed.people[0].trainee.user).get(url, query) for query in ({}, {"check": "1"})
    )

    assert words not in before.text
    assert words in checked.text


# --- the public page ----------------------------------------------------------------------------------


def test_anybody_finds_a_receipt_under_the_root(sealed, client):
    url = reverse("proofs:receipt-check", args=[sealed.call.pk])
    receipt = sealed.list_of(sealed.people[0]).receipt

    found = client.get(url, {"receipt": f" {receipt.upper()} "})
    old = client.get(url, {"receipt": RankList.objects.get(state="replaced").receipt})
    left = client.get(url, {"receipt": RankList.objects.get(application=sealed.gone).receipt})

    assert "들어 있습니다" in found.text
    assert sealed.projects[0].title not in found.text
    assert "들어 있지 않습니다" in old.text
    assert "들어 있지 않습니다" in left.text


def test_before_sealing_the_page_says_when(ranked, client):
    url = reverse("proofs:receipt-check", args=[ranked.call.pk])

    assert "아직 마감되지 않았습니다" in client.get(url, {"receipt": "0" * 64}).text


@pytest.mark.parametrize("text", ["", "zz", "0" * 63, "0" * 65, "\x00", "<script>", "０" * 64, "0" * 100_000])
def test_page_takes_nothing_but_a_receipt(sealed, client, text):
    response = client.get(reverse("proofs:receipt-check", args=[sealed.call.pk]), {"receipt": text})

    assert response.status_code in (400, 422)


def test_page_of_a_call_nobody_may_know_is_not_found(db, client):
    draft = CallFactory(state="draft")

    for name in ("call-proof", "receipt-check"):
        assert client.get(reverse(f"proofs:{name}", args=[draft.pk])).status_code == 404


def test_call_page_shows_each_thing_when_it_is_public(ranked, client):
    url = reverse("proofs:call-proof", args=[ranked.call.pk])
    draw = ranked.call.draw

    before = client.get(url).text
    sealing = ranked.seal()
    after = client.get(url).text

    assert draw.commitment in before
    assert draw.source in before
    assert draw.secret not in before
    assert sealing.root not in before
    assert sealing.root in after
    assert draw.secret not in after


def test_call_page_reveals_the_secret_with_the_confirmed_value(db, client):
    draw = CallFactory(sealed=True).draw

    text = client.get(reverse("proofs:call-proof", args=[draw.call_id])).text

    for public in (draw.commitment, draw.value, draw.secret, draw.read_from):
        assert public in text


# --- tampering ----------------------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_was_touched(sealed):
    assert actions.tampered_lists(sealed.call) == []


TAMPERINGS = {
    "order": lambda sealed: swap_wishes(sealed.list_of(sealed.people[0])),
    "row gone": lambda sealed: behind_the_triggers(
        "DELETE FROM rankings_rankitem WHERE rank_list_id = %s AND position = 3",
        sealed.list_of(sealed.people[0]).pk,
    ),
    "all rows gone": lambda sealed: behind_the_triggers(
        "DELETE FROM rankings_rankitem WHERE rank_list_id = %s", sealed.list_of(sealed.people[0]).pk
    ),
    "moment": lambda sealed: behind_the_triggers(
        "UPDATE rankings_ranklist SET certified_at = certified_at - interval '1 second' WHERE id = %s",
        sealed.list_of(sealed.people[0]).pk,
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_changed_row_is_found_by_its_reference(sealed, name):
    TAMPERINGS[name](sealed)

    found = actions.tampered_lists(sealed.call)

    assert [(one.about, one.code) for one in found] == [(sealed.list_of(sealed.people[0]).reference, "rows")]


def test_changed_score_is_found(sealed):
    behind_the_triggers(
        "UPDATE rankings_rankitem SET score = 99 WHERE application_id = %s AND score IS NOT NULL",
        sealed.people[2].pk,
    )

    found = actions.tampered_lists(sealed.call)

    own = RankList.objects.get(company=sealed.owner.company, state="sealed")
    assert [(one.about, one.code) for one in found] == [(own.reference, "rows")]


def test_receipt_made_to_fit_is_found_by_history_and_root(sealed):
    """Whoever changes the rows and the receipt with them leaves the root and the history behind."""
    rank_list = sealed.list_of(sealed.people[0])
    swap_wishes(rank_list)
    behind_the_triggers(
        "UPDATE rankings_ranklist SET receipt = %s WHERE id = %s",
        actions.terms.receipt_of(**actions.told(rank_list)),
        rank_list.pk,
    )

    found = actions.tampered_lists(sealed.call)

    assert [(one.about, one.code) for one in found] == [
        (rank_list.reference, "receipt"),
        (str(sealed.call.pk), "root"),
    ]


def test_list_taken_away_breaks_the_root(sealed):
    behind_the_triggers(
        "UPDATE rankings_ranklist SET state = 'void' WHERE id = %s", sealed.list_of(sealed.people[0]).pk
    )

    assert [one.code for one in actions.tampered_lists(sealed.call)] == ["root"]


def test_replaced_versions_are_watched_too(sealed):
    swap_wishes(RankList.objects.get(application=sealed.people[0], state="replaced"))

    assert [one.code for one in actions.tampered_lists(sealed.call)] == ["rows"]


def test_command_names_the_list_and_none_of_its_items(sealed):
    out, err = io.StringIO(), io.StringIO()
    call_command("check_receipts", call=sealed.call.pk, stdout=out)
    swap_wishes(sealed.list_of(sealed.people[0]))

    with pytest.raises(CommandError):
        call_command("check_receipts", stdout=io.StringIO(), stderr=err)

    assert "모든 순위표가 제출한 그대로입니다" in out.getvalue()
    assert sealed.list_of(sealed.people[0]).reference in err.getvalue()
    for project in sealed.projects:
        assert project.title not in err.getvalue()


def test_command_knows_no_other_call(db):
    with pytest.raises(CommandError, match="99번 공고가 없습니다"):
        call_command("check_receipts", call=99, stdout=io.StringIO())


def test_night_tells_the_office_once(sealed, operator):
    rank_list = sealed.list_of(sealed.people[0])
    swap_wishes(rank_list)

    for _night in range(2):
        actions.report_tampered_lists()

    told = Notice.objects.get(kind="lists_tampered")
    assert (told.recipient, told.params["references"]) == (operator, [rank_list.reference])


def test_history_check_of_the_night_looks_at_lists(sealed, operator):
    swap_wishes(sealed.list_of(sealed.people[0]))

    with time_machine.travel(sealed.call.rankings_due_at + days(2), tick=False):
        outcome = remind_due_obligations((sealed.call.rankings_due_at + days(2)).date())

    assert outcome["tampered"] == 1


@pytest.mark.parametrize("people", [1, 4])
def test_looking_costs_the_same_for_few_and_many(sealed, people, django_assert_num_queries):
    call = CallFactory(state="closed")
    project = ProjectFactory(call=call)
    for _ in range(people):
        person = ApplicationFactory(call=call)
        own = actions.add_wish(person, project, by=person.trainee.user)
        certify_wishes(person, revision=own.revision, by=person.trainee.user)

    with django_assert_num_queries(5):
        assert actions.tampered_lists(call) == []
    assert RankItem.objects.filter(rank_list__call=call).count() == people
