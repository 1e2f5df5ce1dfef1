"""``manage.py first_day``: from an empty database to an office that can work."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from portal.accounts.models import Consent, ConsentText, StaffMember, User
from portal.audit.models import Event
from portal.trainees.models import Field, Skill
from tests.factories import StaffFactory, UserFactory

EMAIL, PASSWORD = "Kim@agency.example", "sunny-river-42"
JOIN = {"name": "김이음", "email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}


def first_day(email=EMAIL, name="김진흥"):
    out = io.StringIO()
    call_command("first_day", email, name, stdout=out)
    return out.getvalue()


def set_password(client, printed):
    link = re.search(r"https?://[^/]+(/\S+)", printed)[1]
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})


def sign_in(client):
    return client.post("/accounts/login/", {"login": EMAIL.lower(), "password": PASSWORD})


def test_first_day_gives_lists_and_an_agency_that_can_sign_in(db, client):
    printed = first_day()

    assert set_password(client, printed).status_code == 302
    assert sign_in(client).status_code == 302
    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.email, user.name, user.office) == (EMAIL.lower(), "김진흥", "agency")
    assert client.get("/admin/").url.startswith("/accounts/2fa/")  # a second factor comes before the work
    assert Field.objects.exists()
    assert Skill.objects.exclude(parent=None).exists()
    assert Event.objects.get(verb="appoint_staff").by is None


def test_the_link_sets_a_password_once(db, client):
    printed = first_day()
    set_password(client, printed)

    again = client.get(re.search(r"https?://[^/]+(/\S+)", printed)[1], follow=True)

    assert 'name="password1"' not in again.text


def test_the_first_member_may_be_given_another_link_until_the_first_is_used(db, client):
    first_day()
    printed = first_day()

    assert StaffMember.objects.count() == User.objects.count() == 1
    assert "더한 분야와 기술: 0개" in printed
    set_password(client, printed)
    with pytest.raises(CommandError, match="이미 진흥원 담당자가 있습니다"):
        first_day()


def test_somebody_who_has_an_account_already_proves_it_anew(db, client):
    user = UserFactory(email=EMAIL.lower(), name="누군가")

    set_password(client, first_day())

    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.emailaddress_set.get().verified


def test_first_day_is_over_when_the_agency_works(db):
    StaffFactory(office="agency")

    with pytest.raises(CommandError, match="이미 진흥원 담당자가 있습니다"):
        first_day()

    assert not User.objects.filter(email=EMAIL.lower()).exists()


def test_an_address_must_be_one(db):
    with pytest.raises(CommandError, match="이메일 주소가 아닙니다"):
        first_day("김진흥")

    assert not Skill.objects.exists()


def test_sign_up_waits_for_the_texts_the_agency_publishes(db, client, log_in):
    first_day()
    closed = client.get("/accounts/signup/")
    refused = client.post("/accounts/signup/", JOIN)
    assert User.objects.count() == 1

    office = log_in(User.objects.get())
    for kind in ("terms", "personal_data"):
        facts = {"kind": kind, "title": kind, "body": "읽을 글", "required": "on"}
        assert (
            office.post(reverse("admin:accounts_consenttext_publish_consent_text"), facts).status_code == 302
        )
    client.logout()
    agreed = {"consent_terms": "on", "consent_personal_data": "on"}
    joined = client.post("/accounts/signup/", {**JOIN, **agreed})

    for answer in (closed, refused):
        assert "아직 가입할 수 없습니다" in answer.text
        assert 'name="password1"' not in answer.text
    assert joined.status_code == 302
    assert Consent.objects.filter(user__email=JOIN["email"]).count() == ConsentText.objects.count() == 2


@pytest.mark.parametrize("kind", ["terms", "personal_data"])
def test_one_text_alone_opens_no_sign_up(db, client, kind):
    ConsentText.objects.create(kind=kind, version=1, title="글", body="글", sha256="0" * 64)

    client.post("/accounts/signup/", {**JOIN, f"consent_{kind}": "on"})

    assert not User.objects.exists()
