"""Who gets what: one row per page, one column per kind of person, for looking (here) and for doing (``tests/deeds.py``).

``own`` things belong to ``trainee`` and to ``owner``/``mentor``; ``other`` and ``rival`` are the same kinds of people with
things of their own. Staff have passed their second factor. A page without a row fails; so does a row without a page.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.deeds import DEEDS, Deed
from tests.visiting import PEOPLE, Answer, named_pages, portal_pages, send, sign_in, tables, undone
from tests.world import World

BY_POST = "-"


class Page(NamedTuple):
    """How a page is asked for, and what each of :data:`PEOPLE` is answered; :data:`BY_POST`: it cannot be looked at."""

    answers: str
    arguments: Callable[[World], list[Any]]


def page(answers: str, arguments: Callable[[World], list[Any]] = lambda world: []) -> Page:
    return Page(answers, arguments)


# fmt: off
PAGES: dict[str, Page] = {
    #                                        nobody newcomer trainee other owner mentor rival school operator agency
    "home:home": page("200 200 200 200 200 200 200 200 200 200"),
    "home:start": page("302 200 302 302 302 302 302 200 302 302"),
    "home:trainee-start": page(BY_POST),
    "home:role-choose": page(BY_POST),
    "home:trainee-tasks": page("302 404 200 200 404 404 404 404 404 404"),
    "home:company-home": page("302 404 404 404 200 200 200 404 404 404"),
    "home:help": page("200 200 200 200 200 200 200 200 200 200"),
    "home:privacy": page("200 200 200 200 200 200 200 200 200 200"),
    "home:terms": page("200 200 200 200 200 200 200 200 200 200"),
    "home:accessibility": page("200 200 200 200 200 200 200 200 200 200"),
    "accounts:settings": page("302 200 200 200 200 200 200 200 200 200"),
    "accounts:sessions-end": page(BY_POST),
    "notices:notice-list": page("302 200 200 200 200 200 200 200 200 200"),
    "notices:notice-read-all": page(BY_POST),
    "notices:notice-detail": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.notice.pk]),
    "notices:notice-read": page(BY_POST, lambda world: [world.notice.pk]),
    "projects:project-list": page("200 200 200 200 200 200 200 200 200 200"),
    "projects:project-detail": page("200 200 200 200 200 200 200 200 200 200", lambda world: [world.project.pk]),
    "projects:project-manage-list": page("302 404 404 404 200 200 200 404 404 404"),
    "projects:project-add": page("302 404 404 404 200 403 200 404 404 404"),
    "projects:project-manage": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.project.pk]),
    "projects:project-edit": page("302 404 404 404 200 403 404 404 404 404", lambda world: [world.draft.pk]),
    "projects:project-submit": page("302 404 404 404 200 403 404 404 404 404", lambda world: [world.draft.pk]),
    "projects:project-withdraw": page("302 404 404 404 200 403 404 404 404 404", lambda world: [world.draft.pk]),
    "trainees:profile-edit": page("302 200 200 200 404 404 404 404 404 404"),
    "trainees:graduate-claim": page(BY_POST),
    "applications:application-check": page("302 302 302 302 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "applications:application-done": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "applications:application-withdraw": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "applications:application-edit": page("302 200 302 302 404 404 404 404 404 404", lambda world: [world.call.pk, 'motive']),
    "rankings:rank-list-latest": page("302 404 302 302 404 404 404 404 404 404"),
    "rankings:rank-list-edit": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "rankings:rank-list-certify": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "rankings:rank-list-receipt": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "rankings:rank-list-receipt-file": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "rankings:wish-add": page(BY_POST, lambda world: [world.foreign.pk]),
    "rankings:wish-remove": page(BY_POST, lambda world: [world.project.pk]),
    "rankings:interest-mark": page(BY_POST, lambda world: [world.foreign.pk]),
    "rankings:interest-unmark": page(BY_POST, lambda world: [world.project.pk]),
    "rankings:candidate-projects": page("302 404 404 404 302 302 302 404 404 404"),
    "rankings:candidate-list": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.project.pk]),
    "rankings:candidate-score": page(BY_POST, lambda world: [world.project.pk, world.application.pk]),
    "rankings:scores-certify": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.company.pk, world.call.pk]),
    "rankings:scores-receipt": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.company.pk, world.call.pk]),
    "rankings:scores-receipt-file": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.company.pk, world.call.pk]),
    "proofs:call-proof": page("200 200 200 200 200 200 200 200 200 200", lambda world: [world.announced.pk]),
    "proofs:personal-proof-file": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "proofs:audit-list": page("302 200 404 404 404 404 404 404 404 404"),
    "proofs:audit-detail": page("302 200 404 404 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "proofs:audit-market": page("302 200 404 404 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "proofs:audit-result": page("302 200 404 404 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "proofs:receipt-check": page("200 200 200 200 200 200 200 200 200 200", lambda world: [world.announced.pk]),
    "matching:match-latest": page("302 200 302 302 404 404 404 404 404 404"),
    "matching:match-detail": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "placements:placement-list": page("302 404 404 404 200 200 200 404 404 404"),
    "placements:placement-detail": page("302 404 200 404 200 200 404 404 200 200", lambda world: [world.placement.pk]),
    "placements:placement-accept": page(BY_POST, lambda world: [world.placement.pk]),
    "placements:placement-move": page("302 404 302 404 403 403 404 404 403 403", lambda world: [world.placement.pk]),
    "placements:placement-decline": page("302 404 200 404 403 403 404 404 403 403", lambda world: [world.placement.pk]),
    "placements:reserve-list": page("302 404 200 200 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "placements:reserve-leave-all": page("302 404 302 200 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "placements:reserve-leave": page("302 404 302 200 404 404 404 404 404 404", lambda world: [world.announced.pk, world.offered.pk]),
    "placements:placement-withdraw": page("302 404 200 404 403 403 404 404 403 403", lambda world: [world.accepted.pk]),
    "evaluations:evaluation-edit": page("302 404 403 404 200 200 404 404 403 403", lambda world: [world.completed.pk]),
    "evaluations:evaluation-submit": page("302 404 403 404 302 302 404 404 403 403", lambda world: [world.completed.pk]),
    "obligations:obligation-list": page("302 200 200 200 200 200 200 200 200 200"),
    "obligations:obligation-detail": page("302 404 200 404 200 200 404 404 200 200", lambda world: [world.obligation.pk]),
    "obligations:evidence-submit": page("302 404 403 404 200 403 404 404 403 403", lambda world: [world.obligation.pk]),
    "obligations:evidence-file": page("302 404 404 404 200 200 404 404 200 200", lambda world: [world.obligation.pk, world.evidence.pk]),
    "rankings:candidate-shortlist": page(BY_POST, lambda world: [world.project.pk, world.application.pk]),
    "interviews:interview-list": page("302 404 200 200 404 404 404 404 404 404"),
    "interviews:interview-detail": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.interview.pk]),
    "interviews:interview-book": page(BY_POST, lambda world: [world.invited.pk]),
    "interviews:interview-release": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.interview.pk]),
    "interviews:interview-decline": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.interview.pk]),
    "interviews:interview-calendar": page("302 404 200 404 200 200 404 404 404 404", lambda world: [world.interview.pk]),
    "interviews:interview-board": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.project.pk]),
    "interviews:slot-add": page("302 404 404 404 200 403 404 404 404 404", lambda world: [world.project.pk]),
    "interviews:slot-edit": page("302 404 404 404 200 403 404 404 404 404", lambda world: [world.slot.pk]),
    "interviews:slot-cancel": page(BY_POST, lambda world: [world.slot.pk]),
    "interviews:interview-invite": page(BY_POST, lambda world: [world.project.pk, world.application.pk]),
    "interviews:interview-manage": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.interview.pk]),
    "interviews:interview-withdraw": page(BY_POST, lambda world: [world.interview.pk]),
    "interviews:interview-hold": page(BY_POST, lambda world: [world.begun_interview.pk]),
    "interviews:interview-miss": page(BY_POST, lambda world: [world.begun_interview.pk]),
    "interviews:interview-correct": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.missed.pk]),
    "interviews:form-edit": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.begun_interview.pk]),
    "interviews:report-list": page("302 404 200 200 404 404 404 404 404 404"),
    "interviews:report-add": page("302 404 200 200 404 404 404 404 404 404"),
    "reviews:review-add": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "reviews:review-detail": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.asked.pk]),
    "reviews:review-withdraw": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.asked.pk]),
    "interviews:report-detail": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.report.pk]),
    "interviews:report-withdraw": page("302 404 200 404 404 404 404 404 404 404", lambda world: [world.report.pk]),
    "companies:company-detail": page("302 302 302 302 200 200 200 302 302 302"),
    "companies:company-register": page("302 200 200 200 200 200 200 200 200 200"),
    "companies:company-edit": page("302 404 404 404 200 403 200 404 404 404"),
    "companies:member-add": page(BY_POST),
    "companies:member-change": page(BY_POST, lambda world: [world.mentor_member.pk]),
    "companies:member-remove": page("302 404 404 404 200 200 404 404 404 404", lambda world: [world.mentor_member.pk]),
    "companies_public:company-public": page("200 200 200 200 200 200 200 200 200 200", lambda world: [world.company.pk]),
    "set_language": page(BY_POST),
    "ui:mode-set": page(BY_POST),
    "healthz": page("200 200 200 200 200 200 200 200 200 200"),
    "readyz": page("200 200 200 200 200 200 200 200 200 200"),
    "accounts:consent-withdraw": page("302 404 200 200 404 404 404 404 404 404", lambda world: ["share_with_company"]),
    "accounts:consent-change": page("302 404 200 200 404 404 404 404 404 404", lambda world: ["share_with_company"]),
}
# fmt: on


LOOKED_AT = [name for name, row in PAGES.items() if row.answers != BY_POST]
EVERY_DEED = pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.page)
#: Doing these needs no account.
FOR_VISITORS = ("set_language", "ui:mode-set")


def expected(answers: str) -> dict[str, int]:
    return dict(zip(PEOPLE, map(int, answers.split()), strict=True))


def somebody_who_may(name: str) -> str:
    """Who sees the page, or does what its form does."""
    if PAGES[name].answers == BY_POST:
        return next(deed.by for deed in DEEDS if deed.page == name)
    answers = expected(PAGES[name].answers).items()
    return next(who for who, status in answers if status == 200 or (who != "nobody" and status == 302))


# --- the portal -----------------------------------------------------------------------------------------


def test_every_page_has_a_row_and_every_row_a_page():
    assert set(PAGES) == set(portal_pages())


def test_every_form_has_a_deed(world):
    """What does not answer 405 to POST takes one, and stands in the table of deeds."""
    taking = set()
    for name, row in PAGES.items():
        with undone():
            client = sign_in(world, somebody_who_may(name))
            if client.post(reverse(name, args=row.arguments(world))).status_code != 405:
                taking.add(name)

    assert taking == {deed.page for deed in DEEDS}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_looking(world, name):
    url = reverse(name, args=PAGES[name].arguments(world))

    answers, wrote = {}, {}
    for who in PEOPLE:
        with undone():
            answer = send(sign_in(world, who), "GET", url)
        answers[who] = answer.status
        if answer.writes:
            wrote[who] = answer.writes

    assert answers == expected(PAGES[name].answers)
    assert wrote == {}


@EVERY_DEED
def test_doing(world, deed: Deed):
    """The same request by everybody: who may not, changes nothing, in no table."""
    deed.arrange(world)
    url, before = deed.url(world), tables()

    answers = {}
    for who in PEOPLE:
        with undone():
            answers[who] = send(sign_in(world, who), "POST", url, deed.body(world), before=before)

    assert {who: answer.status for who, answer in answers.items()} == expected(deed.answers)
    assert {who for who, answer in answers.items() if answer.status != 302 and answer.changed} == set()
    if deed.page not in FOR_VISITORS:
        assert answers["nobody"].where.startswith("/accounts/login/")
        assert answers["nobody"].changed == set()


@EVERY_DEED
def test_forged_forms_are_refused(world, deed: Deed):
    """Another site can make a browser post, but does not know the token."""
    deed.arrange(world)
    client = sign_in(world, deed.by, Client(enforce_csrf_checks=True))

    answer = send(client, "POST", deed.url(world), deed.body(world))

    assert (answer.status, answer.changed) == (403, set())
    assert "새로 고" in answer.response.text


@pytest.mark.parametrize("name", PAGES)
def test_other_methods_are_refused(world, name):
    """405 says what can be asked instead; HEAD is GET without its body."""
    url, looked_at = reverse(name, args=PAGES[name].arguments(world)), name in LOOKED_AT
    client = sign_in(world, somebody_who_may(name))
    posted = {deed.page for deed in DEEDS}
    asked = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    asked += [method for method, takes in (("GET", looked_at), ("POST", name in posted)) if not takes]

    statuses = {}
    for method in asked:
        with undone():
            statuses[method] = client.generic(method, url).status_code

    assert statuses == dict.fromkeys(asked, 405)
    if not looked_at:
        assert "단추" in client.get(url).text
    if looked_at:
        with undone():
            head = client.head(url)
            assert head.status_code == client.get(url).status_code
            assert head.streaming or head.content == b""


# --- the admin ------------------------------------------------------------------------------------------

#: What only the agency may do; everything else both offices do.
AGENCY_ALONE = {
    "disable_user", "enable_user", "appoint_staff", "dismiss_staff", "publish_consent_text",
    "suspend_company", "reinstate_company",
    "open_call", "finish_call", "archive_call", "cancel_call",
    "select_project", "reserve_project", "reject_project", "terminate_project",
    "approve_run", "publish_run", "promote_scenario", "waive_obligation", "name_auditor", "revoke_auditor",
}  # fmt: skip
OFFICE = ("operator", "agency")
#: To the admin everybody of no office is the same, except that a school too has shown a second factor.
AT_THE_DOOR = ("nobody", "owner", "school", *OFFICE)
ADMINS = sorted(admin.site._registry.values(), key=lambda one: one.opts.label)
EVERY_NOUN = pytest.mark.parametrize("noun", ADMINS, ids=lambda noun: noun.opts.label)
#: Every page of one row or of none that is neither a list, a form nor a verb.
ODD_PAGES: dict[str, Callable[[World], list[Any]]] = {
    "admin:index": lambda world: [],
    "admin:forecast": lambda world: [],
    "admin:app_list": lambda world: ["projects"],
    "admin:autocomplete": lambda world: [],
    "admin:jsi18n": lambda world: [],
    "admin:view_on_site": lambda world: [1, world.project.pk],
    "admin:password_change": lambda world: [],
    "admin:password_change_done": lambda world: [],
    "admin:notices_notice_html": lambda world: [world.notice.pk],
    "admin:obligations_hiringobligation_evidence": lambda world: [world.obligation.pk, world.evidence.pk],
    "admin:interviews_report_file": lambda world: [world.report.pk],
    "admin:matching_matchrun_matches": lambda world: [world.run.pk],
    "admin:matching_matchrun_progress": lambda world: [world.run.pk],
    "admin:matching_matchrun_certificate": lambda world: [world.run.pk],
    "admin:scenarios_scenario_make": lambda world: [],
    "admin:scenarios_scenario_compare": lambda world: [],
    "admin:scenarios_scenario_edit": lambda world: [world.scenario.pk],
    "admin:scenarios_scenario_people": lambda world: [world.scenario.pk],
    "admin:scenarios_scenario_progress": lambda world: [world.scenario.pk],
}
#: Anybody may ask for the way in and out.
DOORS = {"admin:login", "admin:logout"}
#: For the office, where that is not 200: what we do not use, and what is asked elsewhere.
OTHERWISE = {
    "admin:autocomplete": 403, "admin:view_on_site": 404, "admin:password_change": 302,
}  # fmt: skip


def answers_to(world: World, method: str, url: str) -> dict[str, Answer]:
    before, answers = {} if method == "GET" else tables(), {}
    for who in AT_THE_DOOR:
        with undone():
            answers[who] = send(sign_in(world, who), method, url, before=before)
    return answers


def kept_out(answers: dict[str, Answer]) -> bool:
    """A visitor is sent to sign in, everybody else of no office is refused, and nothing was changed."""
    visitor = answers["nobody"]
    others = [answer for who, answer in answers.items() if who not in (*OFFICE, "nobody")]
    outside = [visitor, *others]
    return (
        visitor.status == 302
        and visitor.where.startswith(("/accounts/login/?next=/admin/", "/admin/login/?next=/admin/"))
        and {answer.status for answer in others} == {403}
        and not any(answer.writes for answer in outside)
    )


def address(noun: Any, name: str, *arguments: Any) -> str:
    return reverse(f"admin:{noun.opts.app_label}_{noun.opts.model_name}_{name}", args=arguments)


def test_every_page_of_the_admin_is_tested():
    own = {
        f"admin:{noun.opts.app_label}_{noun.opts.model_name}_{name}"
        for noun in ADMINS
        for name in ("changelist", "add", "change", "history", "delete", *(verb.name for verb in noun.verbs))
    }

    assert {name for name in named_pages() if name.startswith("admin:")} == own | set(ODD_PAGES) | DOORS


@pytest.mark.parametrize("name", ODD_PAGES)
def test_odd_pages_of_the_admin(world, name):
    answers = answers_to(world, "GET", reverse(name, args=ODD_PAGES[name](world)))

    assert kept_out(answers)
    assert {answers[who].status for who in OFFICE} == {OTHERWISE.get(name, 200)}
    assert not any(answer.writes for answer in answers.values())


@EVERY_NOUN
def test_lists_and_rows_of_the_admin(world, noun):
    row = noun.model._default_manager.first()
    looking = {
        address(noun, "changelist"): 200,
        address(noun, "change", row.pk): 200,
        address(noun, "history", row.pk): 302,
        address(noun, "add"): 200 if noun.add_by else 403,
        address(noun, "delete", row.pk): 403,
    }

    for url, status in looking.items():
        answers = answers_to(world, "GET", url)

        assert kept_out(answers), url
        assert {answers[who].status for who in OFFICE} == {status}, url
        assert not any(answer.writes for answer in answers.values()), url


@EVERY_NOUN
def test_typing_over_rows_of_the_admin(world, noun):
    """Nobody deletes; only what an action adds or changes is typed in, and an empty form is refused; a row that has
    moved on is shown as it is."""
    row = noun.model._default_manager.first()
    changing = 403 if noun.change_by is None else 422 if noun.may_change(row) else 409
    doing = {
        address(noun, "add"): 422 if noun.add_by else 403,
        address(noun, "change", row.pk): changing,
        address(noun, "delete", row.pk): 403,
    }

    for url, status in doing.items():
        answers = answers_to(world, "POST", url)

        assert kept_out(answers), url
        assert {answers[who].status for who in OFFICE} == {status}, url
        assert not any(answer.changed for answer in answers.values()), url


@pytest.mark.parametrize(
    ("noun", "verb"),
    [pytest.param(noun, verb, id=verb.name) for noun in ADMINS for verb in noun.verbs],
)
def test_verbs_of_the_admin(world, noun, verb):
    """Asked and done with nothing typed: the pages say yes, no (409) or what is missing (422); others are kept out."""
    row = None if verb.of_list else noun.model._default_manager.first()
    url = noun.verb_url(verb, row)

    asked, done = answers_to(world, "GET", url), answers_to(world, "POST", url)

    assert kept_out(asked)
    assert kept_out(done)
    for who in OFFICE:
        may = who == "agency" or verb.name not in AGENCY_ALONE
        assert asked[who].status in ({200, 409} if may else {403})
        assert done[who].status in ({302, 409, 422} if may else {403})
        assert asked[who].writes == []
        assert bool(done[who].changed) == (done[who].status == 302)
