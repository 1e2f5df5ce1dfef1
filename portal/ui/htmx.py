"""One template, whole or in part."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks for a piece; a boosted link or a restored history entry needs the whole page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str,
    status: int = 200,
) -> HttpResponse:
    """The page, or only its named part for htmx; part name = element id = ``hx-target``."""
    name = f"{template}#{partial}" if wants_part(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect_page(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to another page: an ordinary redirect, or ``HX-Redirect`` for htmx."""
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(resolve_url(to, *args, **kwargs))
    return redirect(to, *args, **kwargs)


def toast(response: HttpResponse, text: object, tone: str = "good") -> HttpResponse:
    """Say one thing in the page's status line, whether or not htmx swaps; tone ``good`` or ``danger``."""
    return trigger_client_event(response, "toast", {"text": str(text), "tone": tone})
