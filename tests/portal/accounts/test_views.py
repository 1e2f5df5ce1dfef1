import json
import os
import re
import subprocess
import sys

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.db import connection
from django.urls import reverse

from portal.accounts.actions import give_consents, has_consent
from portal.accounts.models import Consent, User
from portal.audit.models import Event
from portal.notices.actions import deliver_pending
from portal.notices.models import Notice
from tests.factories import ConsentTextFactory, StaffFactory, TraineeFactory, UserFactory

from .conftest import PASSWORD

JOIN = {
    "name": "김이음",
    "email": "new@example.com",
    "password1": "sunny-river-42",
    "password2": "sunny-river-42",
}
AGREED = {"consent_terms": "on", "consent_personal_data": "on"}


def verbs():
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


def link_in(notice):
    return re.sub(r"^https?://[^/]+", "", notice.link)


@pytest.fixture
def texts(db):
    return [
        ConsentTextFactory(kind="terms", title="이용약관", version=3),
        ConsentTextFactory(kind="personal_data", title="개인정보 수집·이용"),
    ]


# --- every page of allauth wears our dress ---------------------------------------------------------------

OUTSIDE = [
    "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "account_email_verification_sent", "account_inactive",
    "socialaccount_login_cancelled",
]  # fmt: skip
INSIDE = [
    "account_logout", "account_email", "account_change_password", "mfa_index", "mfa_list_webauthn",
    "mfa_add_webauthn", "mfa_activate_totp", "account_reauthenticate", "socialaccount_connections", "accounts:settings",
]  # fmt: skip
WITH_TOTP = [
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
]


def check_dress(response, language):
    page = response.content.decode().replace("한국어", "")  # a language is named in itself
    assert response.status_code == 200
    assert f'<html lang="{language}"' in page
    assert 'class="i-header"' in page
    assert page.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son[a-z]+=", page)
    main = re.sub(
        r"<script.*?</script>|<[^>]+>", " ", page[page.index("<main") : page.index("</main")], flags=re.S
    )
    assert bool(re.search("[가-힣]", main)) is (language == "ko")


@pytest.fixture(params=["ko", "en"])
def language(request, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = request.param
    return request.param


@pytest.mark.parametrize("name", OUTSIDE)
def test_pages_outside_are_dressed(client, db, language, name):
    check_dress(client.get(reverse(name)), language)


@pytest.mark.parametrize(
    "url", ["/accounts/password/reset/key/1-bad-key/", "/accounts/confirm-email/nonsense/"]
)
def test_links_that_do_not_work_say_so_in_our_dress(client, db, language, url):
    check_dress(client.get(url), language)


@pytest.mark.parametrize("name", INSIDE)
def test_pages_inside_are_dressed(client, verified, sign_in, language, name):
    sign_in(verified(name="Kim", language=language))
    if name != "account_reauthenticate":
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    check_dress(client.get(reverse(name)), language)


@pytest.mark.parametrize("name", WITH_TOTP)
def test_pages_of_the_second_factor_are_dressed(client, verified, with_totp, sign_in, language, name):
    user = verified(name="Kim", language=language)
    code = with_totp(user)
    sign_in(user)
    asked = client.get(reverse("mfa_authenticate"))
    client.post(reverse("mfa_authenticate"), {"code": code()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    check_dress(asked, language)
    check_dress(client.get(reverse(name)), language)


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_pages_of_one_passkey_are_dressed(client, verified, sign_in, language, name):
    user = verified(name="Kim", language=language)
    sign_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key", "credential": {}})

    check_dress(client.get(reverse(name, args=[key.pk])), language)


def test_a_foreign_passkey_is_not_there(client, verified, sign_in):
    key = Authenticator.objects.create(
        user=UserFactory(), type="webauthn", data={"name": "Key", "credential": {}}
    )
    sign_in(verified())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert client.post(reverse("mfa_remove_webauthn", args=[key.pk])).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


UNKNOWN_KEY = "패스키를 확인하지 못했습니다. 다른 방법을 써 주세요."
EMPTY = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}
NO_CREDENTIALS = [
    {"id": 1},
    EMPTY,
    EMPTY | {"response": []},
    EMPTY | {"response": {"clientDataJSON": "e30", "attestationObject": "eQAB", "authenticatorData": "AA"}},
    [],
    [1],
    0,
    False,
    "text",
]


@pytest.fixture(
    params=[*map(json.dumps, NO_CREDENTIALS), "no JSON", "[" * 100_000], ids=lambda text: text[:40]
)
def no_credential(request):
    return {"credential": request.param, "name": "Key"}


def test_no_passkey_lets_nobody_in(client, db, no_credential):
    client.get(reverse("mfa_login_webauthn"), headers={"x-requested-with": "XMLHttpRequest"})

    answer = client.post(reverse("mfa_login_webauthn"), no_credential, follow=True)

    assert answer.redirect_chain == [(reverse("account_login"), 302)]
    assert not answer.wsgi_request.user.is_authenticated


@pytest.mark.parametrize("name", ["mfa_add_webauthn", "mfa_reauthenticate_webauthn"])
def test_no_passkey_is_taken_from_somebody_inside(client, verified, sign_in, name, no_credential):
    sign_in(verified())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(reverse(name))

    answer = client.post(reverse(name), no_credential)

    assert answer.status_code in (302, 422)
    assert not Authenticator.objects.exists()


def test_no_passkey_is_no_second_factor(client, verified, with_totp, sign_in, no_credential):
    user = verified()
    with_totp(user)
    sign_in(user)
    client.get(reverse("mfa_authenticate"))

    answer = client.post(reverse("mfa_authenticate"), no_credential)

    assert answer.status_code < 500
    assert not answer.wsgi_request.user.is_authenticated


def test_what_is_no_passkey_is_said_in_korean(client, db):
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": 1}'}, follow=True)

    assert UNKNOWN_KEY in answer.content.decode()


def test_the_picture_to_scan_is_an_image_of_its_own(client, verified, sign_in):
    sign_in(verified())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    page = client.get(reverse("mfa_activate_totp"))

    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert "img-src 'self' data:" in page["Content-Security-Policy"]


# --- joining ---------------------------------------------------------------------------------------------


def test_joining_asks_for_the_consents_in_force(client, texts):
    page = client.get(reverse("account_signup")).content.decode()

    assert "동의문 읽기 (3판)" in page
    assert 'name="consent_terms"' in page
    assert 'name="consent_personal_data"' in page


def test_joining_without_texts_asks_for_none(client, db):
    assert "consent_" not in client.get(reverse("account_signup")).content.decode()


def test_joining_confirming_and_signing_in(client, texts):
    joined = client.post(
        reverse("account_signup"), {**JOIN, "consent_terms": "on", "consent_personal_data": "on"}
    )
    user = User.objects.get()
    confirm = link_in(Notice.objects.get(kind="account_confirm_email"))
    before = client.post(reverse("account_login"), {"login": user.email, "password": JOIN["password1"]})
    asked = client.get(confirm)
    client.post(confirm)
    client.post(reverse("account_logout"))
    after = client.post(reverse("account_login"), {"login": user.email, "password": JOIN["password1"]})

    assert joined["Location"] == before["Location"] == reverse("account_email_verification_sent")
    assert asked.status_code == 200
    assert after["Location"] == reverse("home:start")
    assert (user.name, user.language) == ("김이음", "ko")
    assert set(Consent.objects.values_list("user", "text")) == {(user.pk, text.pk) for text in texts}


def test_joining_needs_every_required_consent(client, texts):
    response = client.post(reverse("account_signup"), {**JOIN, "consent_terms": "on"})

    assert response.status_code == 422
    assert "개인정보 수집·이용에 동의해야 가입할 수 있습니다." in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "김"}, "이 값이 최소 2 개의 글자인지 확인하세요"),
        ({"email": "not-an-address"}, "올바른 이메일 주소를 입력하세요"),
        ({"password2": "other-river-42"}, "두 비밀번호가 다릅니다"),
        ({"password1": "short", "password2": "short"}, "비밀번호는 너무 짧습니다"),
        ({"password1": "1234567890123", "password2": "1234567890123"}, "숫자"),
        ({"password2": ""}, "비밀번호 확인을 입력해 주세요"),
    ],
)
def test_joining_says_what_to_change(client, texts, change, said):
    response = client.post(reverse("account_signup"), JOIN | AGREED | change)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not User.objects.exists()


def test_joining_with_a_known_address_looks_the_same_and_tells_only_its_owner(client, texts, verified):
    user = verified()

    response = client.post(reverse("account_signup"), JOIN | AGREED | {"email": user.email.upper()})

    assert response["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert [(row.kind, row.email) for row in Notice.objects.all()] == [("account_exists", user.email)]


# --- signing in ------------------------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client, verified, sign_in):
    user = verified()

    wrong = sign_in(user, password="wrong")
    unknown = client.post(reverse("account_login"), {"login": "nobody@example.com", "password": "wrong"})

    said = "이메일이나 비밀번호가 맞지 않습니다"
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert said in wrong.content.decode()
    assert said in unknown.content.decode()


@pytest.mark.parametrize("known", [True, False])
def test_too_many_failures_shut_the_door(client, verified, known):
    email = verified().email if known else "nobody@example.com"
    for _ in range(5):
        client.post(reverse("account_login"), {"login": email, "password": "wrong"})

    response = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})

    assert response.status_code == 429
    assert "잠시 쉬었다가 다시 해 주세요" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_disabled_person_learns_it_only_with_the_right_password(client, verified, sign_in):
    user = verified(is_active=False)

    assert sign_in(user, password="wrong").status_code == 422
    assert sign_in(user)["Location"] == reverse("account_inactive")


def test_a_recovery_code_stands_in_for_the_app_once(client, verified, with_totp, sign_in):
    user = verified()
    with_totp(user)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    answers = []
    for _ in range(2):
        sign_in(user)
        answers.append(client.post(reverse("mfa_authenticate"), {"code": code}).status_code)
        client.post(reverse("account_logout"))

    assert answers == [302, 422]


# --- what is remembered ----------------------------------------------------------------------------------


def test_login_and_logout_leave_a_trail(client, verified, with_totp, sign_in):
    user = verified()
    code = with_totp(user)
    sign_in(user)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    client.post(reverse("account_logout"))

    events = list(Event.objects.order_by("pk"))
    assert [(event.verb, event.by, event.object_id) for event in events] == [
        ("log_in", user, str(user.pk)),
        ("log_out", user, str(user.pk)),
    ]
    assert events[0].data == {"methods": ["password", "totp"]}
    assert (events[0].origin, events[0].ip) == ("page", "127.0.0.1")


def test_a_failed_login_leaves_a_trail_without_what_was_typed(client, verified, sign_in):
    user = verified()
    for email in (user.email, "my-password@example.com", user.email):
        client.post(reverse("account_login"), {"login": email, "password": "wrong-word"})

    first, stranger, again = Event.objects.order_by("pk")
    assert {event.verb for event in (first, stranger, again)} == {"fail_log_in"}
    assert (first.object_id, stranger.object_id) == (str(user.pk), "0")
    assert first.data == again.data != stranger.data
    kept = json.dumps([event.data for event in (first, stranger, again)])
    assert "example.com" not in kept
    assert "wrong-word" not in kept


def test_a_wrong_second_factor_leaves_a_trail(client, verified, with_totp, sign_in):
    user = verified()
    with_totp(user)
    sign_in(user)

    response = client.post(reverse("mfa_authenticate"), {"code": "000000"})

    assert response.status_code == 422
    assert [(event.verb, event.object_id) for event in Event.objects.all()] == [
        ("fail_second_factor", str(user.pk))
    ]


def test_an_expired_staff_session_is_a_logout(log_in, operator):
    client = log_in(operator)
    session = client.session
    session["staff_seen"] = session["staff_since"] = 1.0
    session.save()

    client.get("/projects/")

    assert verbs() == ["log_out"]


# --- a new password --------------------------------------------------------------------------------------


def test_asking_for_a_new_password_looks_the_same_for_everyone(client, verified):
    user = verified()

    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in (user.email, "nobody@example.com")
    ]

    assert {answer["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert set(Notice.objects.values_list("kind", "email")) == {
        ("account_reset_password", user.email),
        ("account_unknown", "nobody@example.com"),
    }


def test_a_new_password_by_link_works_once(client, verified, sign_in):
    user = verified()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = link_in(Notice.objects.get())
    form = client.get(link)["Location"]
    client.post(form, {"password1": "sunny-river-42", "password2": "sunny-river-42"})

    assert sign_in(user, password=PASSWORD).status_code == 422
    assert sign_in(user, password="sunny-river-42")["Location"] == reverse("home:start")
    client.post(reverse("account_logout"))
    assert "쓸 수 없는 주소입니다" in client.get(link).content.decode()


def test_changing_the_password_signs_out_and_tells_the_owner(client, verified, sign_in):
    user = verified()
    sign_in(user)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "sunny-river-42", "password2": "sunny-river-42"},
    )

    assert "_auth_user_id" not in client.session
    assert [(row.kind, row.params) for row in Notice.objects.all()] == [
        ("account_changed", {"change": "password_changed"})
    ]


def test_a_new_address_counts_from_its_confirmation_on(client, verified, sign_in):
    user = verified()
    sign_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    client.post(reverse("account_email"), {"email": "Moved@Example.com", "action_add": ""})
    user.refresh_from_db()
    before = user.email
    client.post(link_in(Notice.objects.get(kind="account_confirm_email")))
    user.refresh_from_db()

    assert before != "moved@example.com"
    assert user.email == EmailAddress.objects.get(user=user).email == "moved@example.com"


# --- messages only their reader may see -------------------------------------------------------------------


@pytest.mark.parametrize("demo", [False, True])
def test_a_secret_message_is_wiped_once_it_left(client, verified, settings, demo):
    settings.DEMO = demo
    client.post(reverse("account_reset_password"), {"email": verified().email})
    link = Notice.objects.get().link

    assert deliver_pending() == 1

    owed = Notice.objects.get()
    assert link in mail.outbox[0].body
    assert (owed.link, owed.params) == ((link, {"change": "password_reset_key"}) if demo else ("", {}))


@pytest.mark.parametrize("sent", [False, True])
def test_staff_cannot_read_a_live_reset_link(client, log_in, verified, agency, sent):
    client.post(reverse("account_reset_password"), {"email": verified().email})
    secret = link_in(Notice.objects.get())
    if sent:
        deliver_pending()
    notice = Notice.objects.get()
    staff = log_in(agency)

    pages = [
        staff.get(reverse("admin:notices_notice_changelist")),
        staff.get(reverse("admin:notices_notice_change", args=[notice.pk])),
        staff.get(reverse("admin:notices_notice_html", args=[notice.pk])),
    ]

    assert [page.status_code for page in pages] == [200, 200, 403]
    assert secret.strip("/").rsplit("/", 1)[-1] not in "".join(page.content.decode() for page in pages)


# --- settings ---------------------------------------------------------------------------------------------


def test_settings_keep_name_and_language(client, verified, sign_in):
    user = verified()
    sign_in(user)

    response = client.post(reverse("accounts:settings"), {"name": "새이름", "language": "en"})

    user.refresh_from_db()
    assert (user.name, user.language) == ("새이름", "en")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    event = Event.objects.get(verb="change_settings")
    assert event.data == {"changed": ["name", "language"]}


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "language": "ko"},
        {"name": "김이음", "language": "xx"},
        {"name": "가" * 41, "language": "ko"},
        {"name": "김\n하\u202e나", "language": "ko"},
    ],
)
def test_settings_refuse_what_cannot_be(client, verified, sign_in, typed):
    user = verified()
    sign_in(user)

    response = client.post(reverse("accounts:settings"), typed)

    user.refresh_from_db()
    assert response.status_code == 422
    assert user.name != typed["name"]


def test_settings_show_what_was_agreed_when_and_in_which_version(log_in, trainee, texts):
    give_consents(trainee.user, texts[:1], by=trainee.user)

    page = log_in(trainee.user).get(reverse("accounts:settings")).content.decode()

    assert "3판에" in page
    assert page.count("읽고 동의하기") == 1


def test_a_company_is_not_asked_what_only_trainees_are(log_in, owner, texts):
    ConsentTextFactory(title="참여기업에 개인정보 제공")

    assert "참여기업에 개인정보 제공" not in log_in(owner).get(reverse("accounts:settings")).content.decode()


@pytest.mark.parametrize("required", [True, False])
def test_withdrawing_says_what_follows_and_asks_first(log_in, trainee, required):
    text = ConsentTextFactory(required=required)
    give_consents(trainee.user, [text], by=trainee.user)
    client = log_in(trainee.user)
    url = reverse("accounts:consent-withdraw", args=[text.kind])

    offered = client.get(reverse("accounts:consent-change", args=[text.kind])).content.decode()
    asked = client.get(url).content.decode()
    agreed_still = has_consent(trainee.user, text.kind)
    done = client.post(url, follow=True).content.decode()

    assert url in offered
    assert "다시 동의할 때까지 매칭에서 빠집니다" in asked
    assert "희망 순위는 지워지지 않습니다" in asked
    assert agreed_still
    assert "동의를 철회했습니다" in done
    assert not has_consent(trainee.user, text.kind)
    assert Consent.objects.get().withdrawn_at is not None


def test_withdrawing_twice_is_one_withdrawal(log_in, trainee):
    text = ConsentTextFactory()
    give_consents(trainee.user, [text], by=trainee.user)
    client, url = log_in(trainee.user), reverse("accounts:consent-withdraw", args=[text.kind])

    answers = [client.post(url).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Event.objects.filter(verb="withdraw_consent").count() == 1


def test_agreeing_again_to_a_newer_version(log_in, trainee):
    old = ConsentTextFactory(required=False)
    give_consents(trainee.user, [old], by=trainee.user)
    new = ConsentTextFactory(required=False, version=2)
    client = log_in(trainee.user)

    shown = client.get(reverse("accounts:settings")).content.decode()
    client.post(reverse("accounts:consent-change", args=[new.kind]), {"agree": ""})

    assert "새 판이 나옴" in shown
    assert has_consent(trainee.user, new.kind)


def test_a_required_consent_is_not_withdrawn_by_itself(log_in, trainee, texts):
    give_consents(trainee.user, texts, by=trainee.user)
    client = log_in(trainee.user)

    shown = client.get(reverse("accounts:consent-change", args=["terms"])).content.decode()
    answer = client.post(reverse("accounts:consent-withdraw", args=["terms"]))

    assert "계정을 닫아야 합니다" in shown
    assert answer["Location"] == reverse("accounts:consent-change", args=["terms"])
    assert has_consent(trainee.user, "terms")


@pytest.mark.parametrize("kind", ["talent_pool", "nonsense"])
def test_a_consent_nobody_asks_for_is_not_there(log_in, trainee, kind):
    assert log_in(trainee.user).get(reverse("accounts:consent-change", args=[kind])).status_code == 404


def test_other_sessions_end_and_this_one_stays(client, verified, sign_in):
    user, other = verified(), verified()
    elsewhere, stranger = type(client)(), type(client)()
    for one, who in ((elsewhere, user), (stranger, other)):
        one.post(reverse("account_login"), {"login": who.email, "password": PASSWORD})
    sign_in(user)

    client.post(reverse("accounts:sessions-end"))

    url = reverse("accounts:settings")
    assert [one.get(url).status_code for one in (client, elsewhere, stranger)] == [200, 302, 200]
    assert Event.objects.get(verb="end_other_sessions").data == {"ended": 1}


def test_sessions_do_not_end_by_looking(log_in, trainee):
    assert log_in(trainee.user).get(reverse("accounts:sessions-end")).status_code == 405


# --- other services ---------------------------------------------------------------------------------------

SHOW_LOGIN = """
import re, sys
import django
django.setup()
from django.db import connection
from django.test import Client
connection.settings_dict["NAME"] = sys.argv[1]
response = Client().get("/accounts/login/")
print(re.findall(r'action="/accounts/(kakao|naver|google)/[^"]*"', response.content.decode()))
print(re.search("form-action ([^;]*)", response["Content-Security-Policy"])[1])
"""


def offered(database, **environment):
    """What a portal started with this environment offers at its login: settings are read once, at its start."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KAKAO_", "NAVER_", "GOOGLE_"))
    }
    found = subprocess.run(
        [sys.executable, "-c", SHOW_LOGIN, database],
        env=clean | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout.splitlines()[-2:]


@pytest.mark.parametrize(
    ("environment", "buttons", "may_go_to"),
    [
        ({"KAKAO_CLIENT_ID": "half"}, "[]", "'self'"),
        (
            {"KAKAO_CLIENT_ID": "key", "KAKAO_SECRET": "secret"},
            "['kakao']",
            "'self' https://kauth.kakao.com",
        ),
        (
            {
                f"{name}_{half}": "x"
                for name in ("KAKAO", "NAVER", "GOOGLE")
                for half in ("CLIENT_ID", "SECRET")
            },
            "['google', 'kakao', 'naver']",
            "'self' https://kauth.kakao.com https://nid.naver.com https://accounts.google.com",
        ),
    ],
)
def test_services_appear_only_with_both_halves_of_their_key(db, environment, buttons, may_go_to):
    assert offered(connection.settings_dict["NAME"], **environment) == [buttons, may_go_to]


def test_no_service_is_offered_without_a_key(client, db):
    assert "계정으로 계속" not in client.get(reverse("account_login")).content.decode()


def test_trainee_and_staff_settings_ask_the_same_number_of_questions(
    log_in, django_assert_max_num_queries, db
):
    for kind in ("terms", "personal_data", "share_with_company", "share_with_school"):
        ConsentTextFactory(kind=kind)
    client = log_in(TraineeFactory().user)

    with django_assert_max_num_queries(12):
        client.get(reverse("accounts:settings"))


def test_staff_reach_their_settings(log_in, db):
    assert log_in(StaffFactory().user).get(reverse("accounts:settings")).status_code == 200
