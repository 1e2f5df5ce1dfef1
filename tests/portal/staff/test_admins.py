"""What holds for every list and page of the admin."""

import pytest
import rules
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

ADMINS = sorted(admin.site._registry.values(), key=lambda one: one.opts.label)
EVERY = pytest.mark.parametrize("noun", ADMINS, ids=lambda one: one.opts.label)

#: What people and scanners put behind a list's address.
HOSTILE = [
    "state=%00",
    "state__exact=%00",
    "id=99999999999999999999999",
    "id__exact=99999999999999999999999",
    "id__in=99999999999999999999999,1",
    "pk__in=1,2,x",
    "id__exact=abc",
    "name__regex=(",
    "title__regex=%5B",
    "password__startswith=a",
    "user__password__startswith=a",
    "created_at__year=99999999999",
    "at__gte=0000-00-00",
    "at__gte=99999-01-01",
    "at__lt=nonsense",
    "call__id__exact=99999999999999999999999",
    "call__id__exact=abc",
    "p=99999999999999999999999",
    "p=-1",
    "p=abc",
    "o=99999999999.-1.x",
    "all=1",
    "e=1",
    "q=%27%22%5C%25_%5B",
    "q=" + "%EA%B0%80" * 500,
    "q=99999999999999999999999",
    "q=A-01-99999999999999",
    "_popup=1",
    "_to_field=password",
    "_facets=True",
    "stage=x",
    "urgency=x",
    "seat=x",
    "label=x",
    "label=%F0%9F%98%80",
    "nonsense=1",
]


def list_url(noun):
    return reverse(f"admin:{noun.opts.app_label}_{noun.opts.model_name}_changelist")


def cost(office, noun):
    with CaptureQueriesContext(connection) as queries:
        response = office.get(list_url(noun))
    assert response.status_code == 200
    return len(queries), response.context["cl"].result_count


def test_lists_cost_the_same_with_one_and_thirty_rows(office, fill):
    fill(1)
    few = {
        noun.opts.label: cost(office, noun) for _ in (1, 2) for noun in ADMINS
    }  # the first round warms caches

    fill(29)
    many = {noun.opts.label: cost(office, noun) for noun in ADMINS}

    assert {label for label, (_queries, rows) in many.items() if rows < 30} == set()
    assert {label: (few[label][0], many[label][0]) for label in many if many[label][0] != few[label][0]} == {}


@EVERY
def test_hostile_queries_are_refused_or_ignored(noun, office, fill):
    fill(1)

    statuses = {query: office.get(f"{list_url(noun)}?{query}").status_code for query in HOSTILE}

    assert {query: status for query, status in statuses.items() if status not in (200, 302, 400, 404)} == {}


@EVERY
def test_page_opens_and_nothing_can_be_deleted(noun, office, fill):
    fill(1)
    row = noun.model._default_manager.first()
    page = reverse(f"admin:{noun.opts.app_label}_{noun.opts.model_name}_change", args=[row.pk])

    response = office.get(page)

    assert response.status_code == 200
    assert b"\xef\xbf\xbd" not in response.content
    assert office.post(page.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    assert noun.model._default_manager.filter(pk=row.pk).exists()


@EVERY
@pytest.mark.parametrize("key", ["99999999999999999999999", "abc", "-1", "1/2/3", "_5F", "%EA%B0%80"])
def test_page_of_no_row_is_not_found(noun, office, key, db):
    label = f"admin:{noun.opts.app_label}_{noun.opts.model_name}"
    page = reverse(f"{label}_change", args=["KEY"]).replace("KEY", key)

    responses = [office.get(page), office.get(page.replace("/change/", "/history/"))]
    responses += [
        office.get(reverse(f"{label}_{verb.name}", args=["KEY"]).replace("KEY", key))
        for verb in noun.verbs
        if not verb.of_list
    ]

    assert {response.status_code for response in responses} <= {302, 404}


@EVERY
@pytest.mark.parametrize("chosen", ["99999999999999999999999", "abc"])
def test_chosen_rows_that_are_none_are_refused(noun, agency, log_in, fill, chosen, rf):
    request = rf.get("/")
    request.user = agency
    verb = next(iter(noun.get_actions(request)), None)
    fill(1)

    response = log_in(agency).post(
        list_url(noun), {"action": verb or "x", "index": "0", "_selected_action": chosen}
    )

    assert response.status_code == (400 if verb else 200)


@EVERY
def test_state_is_never_typed(noun, agency, fill, rf):
    fill(1)
    request = rf.get("/")
    request.user = agency

    rows = [noun.model._default_manager.first(), *([None] if noun.has_add_permission(request) else [])]
    forms = [noun.get_form(request, row, change=row is not None) for row in rows]

    assert all("state" not in form.base_fields for form in forms)


@EVERY
def test_every_verb_is_action_permission_and_address(noun):
    for verb in noun.verbs:
        assert rules.perm_exists(f"{noun.opts.app_label}.{verb.name}"), verb.name
        label = f"admin:{noun.opts.app_label}_{noun.opts.model_name}_{verb.name}"
        assert reverse(label) if verb.of_list else reverse(label, args=[1])
        if noun.workflow is not None and verb.legal is None and not verb.of_list:
            assert verb.name in noun.workflow.moves


@EVERY
@pytest.mark.parametrize("kind", ["trainee", "owner"])
def test_nobody_else_comes_in(noun, kind, request, log_in):
    person = request.getfixturevalue(kind)
    client = log_in(getattr(person, "user", person))

    assert client.get(list_url(noun)).status_code == 403


@EVERY
def test_visitors_are_sent_to_the_portals_own_sign_in(noun, client, db):
    response = client.get(list_url(noun))

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
