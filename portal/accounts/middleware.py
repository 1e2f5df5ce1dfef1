import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

#: Where a member of staff without a second factor may go: to set one up, to confirm who they are, and out.
SETTING_UP = ("/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/logout/", "/language/", "/static/")


def guard_staff_sessions(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Staff work with a second factor, and their sessions end after 30 idle minutes or 12 hours."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.is_staff):
            return get_response(request)
        now, session = time.time(), request.session
        started, seen = session.setdefault("staff_since", now), session.get("staff_seen", now)
        if now - seen > settings.STAFF_IDLE_SECONDS or now - started > settings.STAFF_SESSION_SECONDS:
            logout(request)
            messages.info(request, _("오래 쓰지 않아 안전을 위해 로그아웃했습니다. 다시 로그인해 주세요."))
            return redirect(f"{settings.LOGIN_URL}")
        if now - seen > 60 or "staff_seen" not in session:
            session["staff_seen"] = now
        if not request.path.startswith(SETTING_UP) and not session.get("staff_mfa"):
            if not is_mfa_enabled(request.user):
                messages.info(
                    request,
                    _("운영 담당자는 2단계 인증을 설정해야 합니다. 인증 앱이나 패스키를 등록해 주세요."),
                )
                return redirect("mfa_index")
            session["staff_mfa"] = True
        return get_response(request)

    return middleware
