import time
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts.states import SCHOOL_ROLE, SECOND_FACTOR_SHOWN

#: What proves that it is really them, besides the password. A recovery code stands in for either.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
#: Open to everyone signed in, whatever they still have to do.
ALWAYS = ("/accounts/logout/", "/language/", "/ui/", "/static/")
#: Where somebody goes who has a second factor and has not shown it in this session, and nowhere else:
#: adding another one needs only the password.
SHOWING = ("/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/")
#: Where somebody may go who has none: to set one up, to confirm who they are and that their address is theirs.
SETTING_UP = ("/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/email/", "/accounts/confirm-email/")


def guard_staff_sessions(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Staff and schools work with a second factor shown in this session, which ends after 30 idle minutes or 12 hours."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = None
        if is_guarded(request) and not request.path.startswith(ALWAYS):
            answer = _answer_expired(request) or _answer_unproven(request)
        return answer or get_response(request)

    return middleware


def is_guarded(request: HttpRequest) -> bool:
    user: Any = request.user
    return user.is_authenticated and bool(
        user.is_staff or user.is_superuser or request.session.get(SCHOOL_ROLE)
    )


def _answer_expired(request: HttpRequest) -> HttpResponse | None:
    now, session = time.time(), request.session
    started, seen = session.setdefault("staff_since", now), session.get("staff_seen", now)
    if now - seen > settings.STAFF_IDLE_SECONDS or now - started > settings.STAFF_SESSION_SECONDS:
        get_adapter(request).logout(request)
        messages.info(request, _("안전을 위해 로그아웃했습니다. 계속하려면 다시 로그인해 주세요."))
        return _send(request, settings.LOGIN_URL)
    if now - seen > 60 or "staff_seen" not in session:
        session["staff_seen"] = now  # once a minute: a session is not rewritten at every click
    return None


def _answer_unproven(request: HttpRequest) -> HttpResponse | None:
    if request.session.get(SECOND_FACTOR_SHOWN):
        return None
    user: Any = request.user
    if any(record.get("method") == "mfa" for record in get_authentication_records(request, user)):
        request.session[SECOND_FACTOR_SHOWN] = True
        return None
    has = set(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).values_list("type", flat=True))
    if has:
        if request.path.startswith(SHOWING):
            return None
        only_key = Authenticator.Type.TOTP not in has
        return _send(request, "mfa_reauthenticate_webauthn" if only_key else "mfa_reauthenticate")
    if request.path.startswith(SETTING_UP):
        return None
    messages.info(
        request, _("맡은 일 때문에 2단계 인증이 필요합니다. 인증 앱이나 패스키를 먼저 등록해 주세요.")
    )
    return _send(request, "mfa_index", come_back=False)


def _send(request: HttpRequest, to: str, *, come_back: bool = True) -> HttpResponse:
    """To another page, and from there back to this one; htmx would put the page into a corner of this one."""
    url = resolve_url(to)
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    if come_back and request.method == "GET":
        url = f"{url}?{urlencode({'next': request.get_full_path()})}"
    return redirect(url)


def count_new_factor(request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Setting a second factor up shows it: the code or the key was just checked. Connected in ``apps.py``."""
    if authenticator.type in SECOND_FACTORS:
        record_authentication(request, user, "mfa", type=authenticator.type, id=authenticator.pk)


def forget_removed_factor(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Without any second factor left this session has shown none; a guarded person sets one up before going on."""
    if not Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists():
        request.session.pop(SECOND_FACTOR_SHOWN, None)
        clear_authentication_records(request)


class answer_invalid_forms:  # noqa: N801 -- a middleware is named like the function it stands for
    """422 for a page of allauth that shows a form with errors: allauth itself says 200."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        if request.method == "POST" and response.status_code == 200 and request.path.startswith("/accounts/"):
            form = (response.context_data or {}).get("form")
            if form is not None and form.is_bound and form.errors:
                response.status_code = 422
        return response
