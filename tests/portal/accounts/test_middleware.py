from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions import disable_user
from tests.factories import SchoolMemberFactory, StaffFactory, TraineeFactory, UserFactory

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORK = "/projects/"


def school_member():
    return SchoolMemberFactory().user


def superuser():
    return UserFactory(is_superuser=True, is_staff=True)


def staff():
    return StaffFactory().user


GUARDED = [staff, superuser, school_member]


def signed_in_without_second_factor(client, user):
    client.force_login(user, backend=BACKEND)
    session = client.session
    session["school_role"] = user.school_memberships.exists()
    session.save()


@pytest.mark.parametrize("make", GUARDED)
def test_a_guarded_person_without_a_second_factor_sets_one_up_first(client, db, make):
    signed_in_without_second_factor(client, make())

    response = client.get(WORK)

    assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/")


@pytest.mark.parametrize(
    "path", ["/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/email/", "/accounts/logout/"]
)
def test_somebody_who_sets_a_second_factor_up_reaches_what_that_needs(client, db, path):
    signed_in_without_second_factor(client, staff())

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("make", GUARDED)
def test_a_session_that_did_not_show_the_second_factor_is_asked_for_it(client, db, with_totp, make):
    user = make()
    with_totp(user)
    signed_in_without_second_factor(client, user)

    response = client.get(WORK)

    assert response["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fprojects%2F"


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/reauthenticate/",
    ],
)
def test_a_password_alone_cannot_add_or_remove_a_second_factor(client, db, with_totp, path):
    user = staff()
    with_totp(user)
    signed_in_without_second_factor(client, user)

    assert client.get(path)["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_showing_the_code_opens_the_session(client, db, with_totp):
    user = staff()
    code = with_totp(user)
    signed_in_without_second_factor(client, user)

    shown = client.post("/accounts/2fa/reauthenticate/?next=/projects/", {"code": code()})

    assert shown["Location"] == WORK
    assert client.get(WORK).status_code == 200


def test_someone_with_a_key_only_is_asked_for_the_key(client, db):
    user = staff()
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"credential": {}})
    signed_in_without_second_factor(client, user)

    assert client.get(WORK)["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")


@pytest.mark.parametrize("make", GUARDED)
def test_login_with_password_and_code_gets_in(client, verified, with_totp, sign_in, make):
    user = verified(make())
    code = with_totp(user)

    asked = sign_in(user)
    passed = client.post("/accounts/2fa/authenticate/", {"code": code()})

    assert (asked["Location"], passed["Location"]) == ("/accounts/2fa/authenticate/", "/start/")
    assert client.get(WORK).status_code == 200


def test_login_asks_for_a_second_factor_of_someone_at_a_school_even_before_they_have_one(
    client, verified, sign_in
):
    user = verified(school_member())

    sign_in(user)

    assert client.get(WORK)["Location"] == "/accounts/2fa/"


def test_a_trainee_needs_no_second_factor(client, db):
    client.force_login(TraineeFactory().user, backend=BACKEND)

    assert client.get(WORK).status_code == 200


@pytest.mark.django_db(transaction=True)  # allauth says so on commit, within the request
def test_setting_up_an_app_is_showing_it(client, verified, sign_in):
    user = verified(staff())
    sign_in(user)
    client.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))

    client.post("/accounts/2fa/totp/activate/", {"code": code})

    assert client.get(WORK).status_code == 200


def test_removing_the_last_second_factor_closes_the_session_until_there_is_another(
    client, verified, with_totp, sign_in
):
    user = verified(staff())
    code = with_totp(user)
    sign_in(user)
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    client.post("/accounts/reauthenticate/", {"password": "correct horse battery"})

    client.post("/accounts/2fa/totp/deactivate/")

    assert client.get(WORK)["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 302)])
def test_a_staff_session_ends_after_half_an_hour_without_a_click(log_in, db, minutes, status):
    client = log_in(staff())
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        client.get(WORK)

    with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
        assert client.get(WORK).status_code == status


def test_a_staff_session_ends_after_twelve_hours_of_clicks(log_in, db):
    client = log_in(staff())
    start = timezone.now()
    for quarters in range(12 * 4 + 1):
        with time_machine.travel(start + timedelta(minutes=15 * quarters), tick=False):
            assert client.get(WORK).status_code == 200

    with time_machine.travel(start + timedelta(hours=12, minutes=1), tick=False):
        response = client.get(WORK)

    assert response["Location"] == "/accounts/login/?next=%2Fprojects%2F"
    assert "_auth_user_id" not in client.session


def test_the_session_of_a_trainee_does_not_end_by_the_half_hour(client, db):
    client.force_login(TraineeFactory().user, backend=BACKEND)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        client.get("/my/profile/")

    with time_machine.travel(start + timedelta(hours=2), tick=False):
        assert client.get("/my/profile/").status_code == 200


def test_htmx_is_sent_away_with_a_header(client, db):
    signed_in_without_second_factor(client, staff())

    response = client.get(WORK, headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (200, "/accounts/2fa/")


def test_a_disabled_person_is_out_at_the_next_click(log_in, agency, trainee):
    client = log_in(trainee.user)
    session_key = client.session.session_key

    disable_user(trainee.user, reason="장난 계정", by=agency)

    response = client.get(reverse("trainees:profile-edit"))
    assert response["Location"].startswith("/accounts/login/")
    assert not client.session.exists(session_key)


def test_a_disabled_person_is_out_even_where_a_session_survived(log_in, trainee):
    client = log_in(trainee.user)
    type(trainee.user).objects.filter(pk=trainee.user.pk).update(is_active=False)

    assert client.get("/my/profile/")["Location"].startswith("/accounts/login/")
