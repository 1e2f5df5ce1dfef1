"""Whose address a request has: what limits, the trail and the log of who looked all go by."""

import runpy

import pytest

from portal.audit.models import Access, Event
from tests.factories import StaffFactory

PROXY = "172.18.0.9"


def knock(client, email, **headers):
    return client.post(
        "/accounts/login/", {"login": email, "password": "wrong horse battery"}, REMOTE_ADDR=PROXY, **headers
    )


def lock_out(client, forwarded):
    """Ten wrong passwords for ten accounts: the eleventh is refused, whoever it is for."""
    for number in range(10):
        assert (
            knock(client, f"nobody{number}@example.com", HTTP_X_FORWARDED_FOR=forwarded(number)).status_code
            == 422
        )


@pytest.fixture
def behind_proxy(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


@pytest.mark.parametrize(("behind", "proxies"), [("1", 1), ("0", 0)])
def test_settings_trust_the_proxy_only_where_there_is_one(monkeypatch, behind, proxies):
    monkeypatch.setenv("BEHIND_PROXY", behind)

    assert runpy.run_path("portal/settings.py")["ALLAUTH_TRUSTED_PROXY_COUNT"] == proxies


def test_wrong_logins_behind_a_proxy_lock_out_their_own_address_only(db, client, behind_proxy):
    lock_out(client, lambda number: "203.0.113.5")

    assert knock(client, "a@example.com", HTTP_X_FORWARDED_FOR="203.0.113.5").status_code == 429
    assert knock(client, "b@example.com", HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 422


def test_forged_addresses_before_the_proxys_do_not_help(db, client, behind_proxy):
    lock_out(client, lambda number: f"10.0.0.{number}, 203.0.113.5")

    response = knock(client, "a@example.com", HTTP_X_FORWARDED_FOR="10.9.9.9, 203.0.113.5")

    assert response.status_code == 429
    assert set(Event.objects.filter(verb="fail_log_in").values_list("ip", flat=True)) == {"203.0.113.5"}


def test_the_header_is_ignored_without_a_proxy(db, client):
    lock_out(client, lambda number: f"10.0.0.{number}")

    assert knock(client, "a@example.com", HTTP_X_FORWARDED_FOR="10.9.9.9").status_code == 429
    assert set(Event.objects.values_list("ip", flat=True)) == {PROXY}


@pytest.mark.parametrize(
    ("forwarded", "ip"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:51234", "203.0.113.5"),
        ("10.0.0.1, 2001:db8::7", "2001:db8::7"),
    ],
)
def test_history_holds_the_clients_address(client, log_in, operator, behind_proxy, forwarded, ip):
    log_in(operator).post("/accounts/logout/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=forwarded)

    assert Event.objects.get(verb="log_out").ip == ip


def test_a_look_at_somebodys_data_holds_the_clients_address(client, log_in, operator, behind_proxy):
    other = StaffFactory().user

    log_in(operator).get(
        f"/admin/accounts/user/{other.pk}/change/",
        REMOTE_ADDR=PROXY,
        HTTP_X_FORWARDED_FOR="10.0.0.1, 203.0.113.5",
    )

    assert set(Access.objects.filter(subject=other).values_list("ip", flat=True)) == {"203.0.113.5"}


def test_an_address_nobody_can_read_is_no_address(client, log_in, operator, behind_proxy):
    response = log_in(operator).post("/accounts/logout/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="unknown")

    assert response.status_code == 302
    assert Event.objects.get(verb="log_out").ip is None
