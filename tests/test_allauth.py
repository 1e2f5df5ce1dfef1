"""Who gets what of allauth's pages: one row per address, one column per kind of person.

``proven`` is the trainee who has just typed their password again. What the pages do is tested where they are dressed
(``tests/portal/accounts``); here no address stays without a row, and nothing anybody sends breaks one.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import reverse

from portal.accounts.models import User
from tests.portal.accounts.conftest import PASSWORD
from tests.visiting import ALLAUTH, named_pages, send, sign_in, undone
from tests.world import World

PEOPLE = ("nobody", "trainee", "proven", "school", "operator")


class Door(NamedTuple):
    """How a page is asked for, and what each of :data:`PEOPLE` is answered."""

    answers: str
    arguments: Callable[[World], list[Any]]


def door(answers: str, arguments: Callable[[World], list[Any]] = lambda world: []) -> Door:
    return Door(answers, arguments)


def passkey(world: World) -> list[Any]:
    return [
        Authenticator.objects.create(
            user=world.people["trainee"],
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "Key", "credential": {}},
        ).pk
    ]


# fmt: off
DOORS: dict[str, Door] = {
    #                             nobody trainee proven school operator
    "account_login": door("200 302 302 302 302"),
    "account_logout": door("302 200 200 200 200"),
    "account_inactive": door("200 200 200 200 200"),
    "account_signup": door("200 302 302 302 302"),
    "account_reauthenticate": door("302 200 200 200 200"),
    "account_email": door("302 200 200 200 200"),
    "account_email_verification_sent": door("200 200 200 200 200"),
    "account_change_password": door("302 200 200 200 200"),
    "account_set_password": door("302 302 302 302 302"),
    "account_reset_password": door("200 200 200 200 200"),
    "account_confirm_login_code": door("302 302 302 302 302"),
    "account_confirm_email": door("200 200 200 200 200", lambda world: ["nonsense"]),
    "account_reset_password_from_key_done": door("200 200 200 200 200"),
    "account_reset_password_from_key": door("200 200 200 200 200", lambda world: ["1", "bad-key"]),
    "account_reset_password_done": door("200 200 200 200 200"),
    "mfa_index": door("302 200 200 200 200"),
    "mfa_authenticate": door("302 302 302 302 302"),
    "mfa_reauthenticate": door("302 302 302 302 302"),
    "mfa_activate_totp": door("302 302 200 302 302"),
    "mfa_deactivate_totp": door("302 404 404 404 404"),
    "mfa_view_recovery_codes": door("302 404 404 404 404"),
    "mfa_generate_recovery_codes": door("302 302 200 302 302"),
    "mfa_download_recovery_codes": door("302 404 404 404 404"),
    "mfa_list_webauthn": door("302 200 200 200 200"),
    "mfa_add_webauthn": door("302 302 200 302 302"),
    "mfa_reauthenticate_webauthn": door("302 302 302 302 302"),
    "mfa_remove_webauthn": door("302 302 200 302 302", passkey),
    "mfa_edit_webauthn": door("302 302 200 302 302", passkey),
    "mfa_login_webauthn": door("302 302 302 302 302"),
    "socialaccount_login_cancelled": door("200 200 200 200 200"),
    "socialaccount_login_error": door("302 401 401 401 401"),
    "socialaccount_signup": door("302 302 302 302 302"),
    "socialaccount_connections": door("302 200 200 200 200"),
}
# fmt: on

#: What no field takes: another type, another script's text, markup, text that runs backwards or over lines.
NONSENSE = ("\u202e'\"<b>\n", '{"id": 1}', "-1", "9" * 400)
FIELDS = (
    "login", "email", "password", "oldpassword", "password1", "password2", "name", "code", "credential", "account",
    "next", "action", "action_add", "action_send", "action_remove", "passwordless", "consent_terms",
)  # fmt: skip


def come(world: World, who: str) -> Any:
    if who != "proven":
        return sign_in(world, who)
    client = sign_in(world, "trainee")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.fixture
def proven_world(world):
    """The world, with everybody's address confirmed as theirs."""
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in User.objects.all()
    )
    return world


def test_every_door_has_a_row_and_every_row_a_door():
    assert set(DOORS) == {name for name in named_pages() if name.startswith(ALLAUTH)}


@pytest.mark.parametrize("name", DOORS)
def test_looking(proven_world, name):
    answers, wrote = {}, {}
    for who in PEOPLE:
        with undone():
            url = reverse(name, args=DOORS[name].arguments(proven_world))
            answer = send(come(proven_world, who), "GET", url)
        answers[who] = answer.status
        if answer.writes:
            wrote[who] = answer.writes

    assert answers == dict(zip(PEOPLE, map(int, DOORS[name].answers.split()), strict=True))
    assert wrote == {}


@pytest.mark.parametrize("name", DOORS)
def test_typing_nothing_and_nonsense(proven_world, name):
    bodies = [{}, *(dict.fromkeys(FIELDS, text) for text in NONSENSE)]

    faults = []
    for who in ("nobody", "proven", "operator"):
        for body in bodies:
            with undone():
                url = reverse(name, args=DOORS[name].arguments(proven_world))
                client = come(proven_world, who)
                answer = client.post(url, body)
            faults += [(who, body, answer.exc_info)] if answer.status_code >= 500 else []

    assert faults == []
