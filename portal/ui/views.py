"""What the site says when something cannot be done, and the switch of contrast."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.ui.htmx import toast, wants_part

YEAR = 365 * 24 * 60 * 60


def _answer(
    request: HttpRequest, status: int, text: str, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The error page, or for htmx one sentence in the status line while the page stays as it is."""
    if wants_part(request):
        response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
        response["HX-Reswap"] = "none"
        return toast(response, text, "danger")
    return render(request, f"{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, _("보내신 내용을 읽을 수 없습니다. 새로 고친 뒤 다시 시도해 주세요."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, _("지금 계정으로는 할 수 없는 일입니다."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Named by ``CSRF_FAILURE_VIEW``."""
    if wants_part(request):
        return _answer(
            request, 403, _("화면이 오래되어 저장하지 못했습니다. 새로 고친 뒤 다시 시도해 주세요.")
        )
    return render(request, "403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, _("찾으시는 것이 없습니다. 그사이 지워졌을 수 있습니다."))


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return _answer(request, 405, _("단추를 눌러야 하는 일입니다. 그 화면에서 다시 눌러 주세요."))


def conflict(request: HttpRequest, message: object) -> HttpResponse:
    """Someone, or the clock, was quicker: say what is true now."""
    return _answer(request, 409, str(message), {"message": message})


def too_large(request: HttpRequest) -> HttpResponse:
    return _answer(request, 413, _("보내신 내용이 너무 큽니다. 파일을 줄이거나 나누어 보내 주세요."))


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 429, _("요청이 너무 많습니다. 잠시 뒤 다시 시도해 주세요."))


def unavailable(request: HttpRequest) -> HttpResponse:
    """Something the portal stands on is out of reach for a moment."""
    response = _answer(request, 503, _("지금은 처리하지 못했습니다. 조금 뒤에 다시 시도해 주세요."))
    response["Retry-After"] = "30"
    return response


@login_not_required
@require_POST
def set_mode(request: HttpRequest) -> HttpResponse:
    """Switch 선명하게 on or off, remember it for a year, and stay on the page."""
    following = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        following, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        following = "/"
    response = HttpResponseRedirect(following)
    if request.POST.get("mode") == "hc":
        response.set_cookie("mode", "hc", max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    else:
        response.delete_cookie("mode", samesite="Lax")
    return response
