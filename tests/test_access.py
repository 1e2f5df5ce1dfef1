"""Who gets what: one row per page, one column per kind of person.

``own`` things belong to ``trainee`` and to ``owner``/``mentor``; ``other`` and ``rival`` are the same kinds of people with
things of their own. Staff have passed their second factor. A page without a row fails; so does a row without a page.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.world import World, build

PEOPLE = (
    "nobody",
    "newcomer",
    "trainee",
    "other",
    "owner",
    "mentor",
    "rival",
    "school",
    "operator",
    "agency",
)


class Page(NamedTuple):
    """How a page is asked for, and what each of :data:`PEOPLE` is answered."""

    method: str
    arguments: Callable[[World], list[Any]]
    answers: str


def get(answers: str, arguments: Callable[[World], list[Any]] = lambda world: []) -> Page:
    return Page("GET", arguments, answers)


def post(answers: str, arguments: Callable[[World], list[Any]] = lambda world: []) -> Page:
    """Posted empty: what is answered to those who may is whatever an empty form means."""
    return Page("POST", arguments, answers)


# fmt: off
ACCESS: dict[str, Page] = {
    #                                        nobody newcomer trainee other owner mentor rival school operator agency
    "home:home": get("200 200 200 200 200 200 200 200 200 200"),
    "home:start": get("302 200 302 302 302 302 302 200 302 302"),
    "home:trainee-start": post("302 302 302 302 403 403 403 403 403 403"),
    "home:role-choose": post("302 400 400 400 400 400 400 400 400 400"),
    "home:trainee-tasks": get("302 404 200 200 404 404 404 404 404 404"),
    "home:company-home": get("302 404 404 404 200 200 200 404 404 404"),
    "home:help": get("200 200 200 200 200 200 200 200 200 200"),
    "home:privacy": get("200 200 200 200 200 200 200 200 200 200"),
    "home:terms": get("200 200 200 200 200 200 200 200 200 200"),
    "home:accessibility": get("200 200 200 200 200 200 200 200 200 200"),
    "accounts:settings": get("302 200 200 200 200 200 200 200 200 200"),
    "accounts:sessions-end": post("302 302 302 302 302 302 302 302 302 302"),
    "notices:notice-list": get("302 200 200 200 200 200 200 200 200 200"),
    "notices:notice-read-all": post("302 302 302 302 302 302 302 302 302 302"),
    "notices:notice-detail": get("302 404 200 404 404 404 404 404 404 404", lambda world: [world.notice.pk]),
    "notices:notice-read": post("302 404 302 404 404 404 404 404 404 404", lambda world: [world.notice.pk]),
    "projects:project-list": get("200 200 200 200 200 200 200 200 200 200"),
    "projects:project-detail": get("200 200 200 200 200 200 200 200 200 200", lambda world: [world.project.pk]),
    "projects:project-manage-list": get("302 404 404 404 200 200 200 404 404 404"),
    "projects:project-add": get("302 404 404 404 200 403 200 404 404 404"),
    "projects:project-manage": get("302 404 404 404 200 200 404 404 404 404", lambda world: [world.project.pk]),
    "projects:project-edit": get("302 404 404 404 200 403 404 404 404 404", lambda world: [world.draft.pk]),
    "projects:project-submit": get("302 404 404 404 200 403 404 404 404 404", lambda world: [world.draft.pk]),
    "projects:project-withdraw": get("302 404 404 404 200 403 404 404 404 404", lambda world: [world.draft.pk]),
    "trainees:profile-edit": get("302 200 200 200 404 404 404 404 404 404"),
    "trainees:graduate-claim": post("302 302 302 302 404 404 404 404 404 404"),
    "applications:application-check": get("302 302 302 302 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "applications:application-done": get("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "applications:application-withdraw": get("302 404 200 200 404 404 404 404 404 404", lambda world: [world.call.pk]),
    "applications:application-edit": get("302 200 302 302 404 404 404 404 404 404", lambda world: [world.call.pk, 'motive']),
    "rankings:rank-list-edit": get("302 404 200 200 404 404 404 404 404 404"),
    "rankings:rank-list-certify": get("302 404 200 200 404 404 404 404 404 404"),
    "rankings:rank-list-receipt": get("302 404 200 200 404 404 404 404 404 404"),
    "rankings:wish-add": post("302 404 302 302 404 404 404 404 404 404", lambda world: [world.foreign.pk]),
    "rankings:wish-remove": post("302 404 302 302 404 404 404 404 404 404", lambda world: [world.project.pk]),
    "rankings:interest-mark": post("302 404 302 302 404 404 404 404 404 404", lambda world: [world.foreign.pk]),
    "rankings:interest-unmark": post("302 404 302 302 404 404 404 404 404 404", lambda world: [world.project.pk]),
    "rankings:candidate-projects": get("302 404 404 404 302 302 302 404 404 404"),
    "rankings:candidate-list": get("302 404 404 404 200 200 404 404 404 404", lambda world: [world.project.pk]),
    "rankings:candidate-score": post("302 404 404 404 302 403 404 404 404 404", lambda world: [world.project.pk, world.application.pk]),
    "rankings:scores-certify": get("302 404 404 404 200 200 404 404 404 404", lambda world: [world.company.pk, world.call.pk]),
    "rankings:scores-receipt": get("302 404 404 404 200 200 404 404 404 404", lambda world: [world.company.pk, world.call.pk]),
    "matching:match-latest": get("302 200 302 302 404 404 404 404 404 404"),
    "matching:match-detail": get("302 404 200 200 404 404 404 404 404 404", lambda world: [world.announced.pk]),
    "placements:placement-list": get("302 404 404 404 200 200 200 404 404 404"),
    "placements:placement-detail": get("302 404 200 404 200 200 404 404 200 200", lambda world: [world.placement.pk]),
    "placements:placement-accept": post("302 404 302 404 403 403 404 404 403 403", lambda world: [world.placement.pk]),
    "placements:placement-decline": get("302 404 200 404 403 403 404 404 403 403", lambda world: [world.placement.pk]),
    "placements:placement-withdraw": get("302 404 409 404 403 403 404 404 403 403", lambda world: [world.placement.pk]),
    "evaluations:evaluation-edit": get("302 404 403 404 200 200 404 404 403 403", lambda world: [world.completed.pk]),
    "evaluations:evaluation-submit": get("302 404 403 404 302 302 404 404 403 403", lambda world: [world.completed.pk]),
    "obligations:obligation-list": get("302 200 200 200 200 200 200 200 200 200"),
    "obligations:obligation-detail": get("302 404 200 404 200 200 404 404 200 200", lambda world: [world.obligation.pk]),
    "obligations:evidence-submit": get("302 404 403 404 200 403 404 404 403 403", lambda world: [world.obligation.pk]),
    "obligations:evidence-file": get("302 404 404 404 200 200 404 404 200 200", lambda world: [world.obligation.pk, world.evidence.pk]),
    "companies:company-detail": get("302 302 302 302 200 200 200 302 302 302"),
    "companies:company-register": get("302 200 200 200 200 200 200 200 200 200"),
    "companies:company-edit": get("302 404 404 404 200 403 200 404 404 404"),
    "companies:member-add": post("302 404 404 404 422 403 422 404 404 404"),
    "companies:member-change": post("302 404 404 404 302 403 404 404 404 404", lambda world: [world.mentor_member.pk]),
    "companies:member-remove": get("302 404 404 404 200 200 404 404 404 404", lambda world: [world.mentor_member.pk]),
    "companies_public:company-public": get("200 200 200 200 200 200 200 200 200 200", lambda world: [world.company.pk]),
    "set_language": get("302 302 302 302 302 302 302 302 302 302"),
    "healthz": get("200 200 200 200 200 200 200 200 200 200"),
    "readyz": get("200 200 200 200 200 200 200 200 200 200"),
    "accounts:consent-change": get("302 200 200 200 200 200 200 200 200 200", lambda world: ["share_with_company"]),
}
# fmt: on

#: Other people's pages, tested where they are dressed, and the admin, tested below as a whole.
ELSEWHERE = ("account_", "mfa_", "socialaccount_", "admin:", "ui:", "kakao_", "naver_", "google_", "djdt:")


def names(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern) and entry.name:
            found.append(prefix + entry.name)
    return found


def test_every_page_has_a_row_and_every_row_a_page():
    pages = {name for name in names(get_resolver()) if not name.startswith(ELSEWHERE)}

    assert set(ACCESS) == pages


def writes(queries) -> list[str]:
    """Statements that change something; a session is kept alive and reading personal data is written down."""
    allowed = ("django_session", "audit_access")
    verbs = ("INSERT", "UPDATE", "DELETE")
    return [
        q["sql"]
        for q in queries
        if q["sql"].startswith(verbs) and not any(table in q["sql"] for table in allowed)
    ]


def answered(client, world: World, who: str, name: str) -> int:
    """The status one person gets, with everything they did undone."""
    page = ACCESS[name]
    url = reverse(name, args=page.arguments(world))
    user = world.people[who]
    with transaction.atomic():
        client.logout()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session["staff_mfa"] = True
            session.save()
        with CaptureQueriesContext(connection) as queries:
            answer = client.generic(page.method, url)
            if answer.streaming:
                b"".join(answer.streaming_content)  # a file is closed when it was read to its end
        if page.method == "GET":
            assert writes(queries) == []
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("name", ACCESS)
def test_access(client, db, name):
    world = build()

    answers = [answered(client, world, who, name) for who in PEOPLE]

    assert dict(zip(PEOPLE, answers, strict=True)) == dict(
        zip(PEOPLE, map(int, ACCESS[name].answers.split()), strict=True)
    )


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_the_admin_is_for_the_office_only(client, db, model):
    world = build()
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    answers = {}
    for who in PEOPLE:
        client.logout()
        if (user := world.people[who]) is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session["staff_mfa"] = True
            session.save()
        answers[who] = client.get(url).status_code

    office = {who: status for who, status in answers.items() if who in ("operator", "agency")}
    assert office == {"operator": 200, "agency": 200}
    assert {status for who, status in answers.items() if who not in office} <= {302, 403, 404}
