"""Every page of every kind of person, as the browser shows it: wide, narrow and in high contrast."""

from urllib.parse import urljoin

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.browser.conftest import NARROW, WIDE
from tests.test_access import BY_POST, PAGES
from tests.visiting import PEOPLE
from tests.world import build

pytestmark = pytest.mark.browser

#: The narrowest telephone still in use.
NARROWEST = {"width": 320, "height": 640}
#: Answers that are no pages: machines' and files.
NO_PAGES = {
    "healthz",
    "readyz",
    "interviews:interview-calendar",
    "obligations:evidence-file",
    "proofs:audit-market",
    "proofs:audit-result",
    "proofs:personal-proof-file",
    "rankings:rank-list-receipt-file",
    "rankings:scores-receipt-file",
}
#: ``other`` and ``rival`` see what ``trainee`` and ``owner`` see, and these what all see.
KINDS = [who for who in PEOPLE if who not in ("other", "rival")]
LOOK_AT_ALL = ("nobody", "trainee")
ENTRANCE = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
ACCOUNT = [
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
]
VERBS = [
    ("companies_company_suspend_company", "company"),
    ("projects_call_extend_deadline", "call"),
    ("projects_project_withdraw_project", "project"),
    ("applications_application_refuse_application", "application"),
    ("obligations_hiringobligation_waive_obligation", "obligation"),
]


def pages_of(who, world) -> dict[str, str]:
    """Name and address of what this person may open: the table of access knows."""
    place = PEOPLE.index(who)
    pages = {}
    for name, page in PAGES.items():
        if page.answers == BY_POST:
            continue
        answers = page.answers.split()
        for_all = set(answers) == {"200"} and who not in LOOK_AT_ALL
        if answers[place] == "200" and name not in NO_PAGES and not for_all:
            pages[name] = reverse(name, args=page.arguments(world))
    more = {"nobody": ENTRANCE, "newcomer": ACCOUNT}.get(who, [])
    return pages | {name: reverse(name) for name in more}


def lists_of_the_office(world) -> dict[str, str]:
    """The dashboard, what will be sent, and each noun's list."""
    lists = {
        f"admin:{noun._meta.app_label}_{noun._meta.model_name}_changelist" for noun in admin.site._registry
    }
    return {name: reverse(name) for name in ("admin:index", "admin:forecast", *sorted(lists))}


def rows_of_the_office(world) -> dict[str, str]:
    """Each noun's newest row, and what is asked before a verb is done."""
    pages = {
        f"admin:{verb}": reverse(f"admin:{verb}", args=[getattr(world, thing).pk]) for verb, thing in VERBS
    }
    for noun in admin.site._registry:
        name = f"admin:{noun._meta.app_label}_{noun._meta.model_name}_change"
        if (row := noun._default_manager.order_by("-pk").first()) is not None:
            pages[name] = reverse(name, args=[row.pk])
    return pages


def look(page, axe, *rules) -> list[str]:
    """What is wrong with the page that is open now, at the width it has now."""
    wrong = [f"axe: {broken}" for broken in axe(page, *rules)]
    language, headings, overflow = page.evaluate(
        "[document.documentElement.lang, document.querySelectorAll('h1').length,"
        " document.documentElement.scrollWidth - innerWidth]"
    )
    if language != "ko":
        wrong.append(f"lang is {language!r}")
    if headings != 1:
        wrong.append(f"{headings} h1")
    if overflow > 0:
        wrong.append(f"{overflow} px too wide")
    return wrong


def walk(pages, page, axe) -> dict[str, list[str]]:
    """Every page at each width and in high contrast; the findings by page and manner."""
    found = {}
    for name, url in pages.items():
        page.set_viewport_size(WIDE)
        status = page.goto(url).status
        found[f"{name} wide"] = look(page, axe) if status == 200 else [f"answered {status}"]
        page.set_viewport_size(NARROW)
        found[f"{name} narrow"] = look(page, axe)
        page.set_viewport_size(NARROWEST)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[f"{name} narrowest"] = [f"{overflow} px too wide"] if overflow > 0 else []
    page.context.add_cookies([{"name": "mode", "value": "hc", "url": urljoin(page.url, "/")}])
    page.set_viewport_size(NARROW)
    for name, url in pages.items():
        page.goto(url)
        contrast = page.locator("html[data-mode=hc], body.i-hc").count()
        wrong = look(page, axe, "color-contrast", "link-in-text-block", "target-size")
        found[f"{name} in high contrast"] = [*wrong, *([] if contrast else ["not in it"])]
    return {where: wrong for where, wrong in found.items() if wrong}


@pytest.mark.parametrize("who", KINDS)
def test_pages_can_be_used_by_everyone(visit, axe, who):
    world = build()
    page = visit(world.people[who])

    found = walk(pages_of(who, world), page, axe)

    assert found == {}


@pytest.mark.parametrize("pages_of_the_office", [lists_of_the_office, rows_of_the_office])
def test_pages_of_the_office_can_be_used_by_everyone(visit, axe, pages_of_the_office):
    world = build()
    page = visit(world.people["agency"])

    found = walk(pages_of_the_office(world), page, axe)

    assert found == {}


def test_a_page_that_is_not_there_can_be_used_by_everyone(visit, axe, faults):
    faults.allowed.add(404)
    page = visit()

    status = page.goto("/nowhere/").status

    assert status == 404
    assert look(page, axe) == []
