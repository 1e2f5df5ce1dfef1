from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from portal.audit.actions import request_origin
from portal.audit.models import Origin


def client_address(request: HttpRequest) -> str | None:
    """Where the request comes from: allauth's answer, so that its limits and our history never disagree."""
    try:
        address: str = get_adapter().get_client_ip(request)
    except PermissionDenied:  # neither the line nor the proxy names an address
        return None
    return address


def remember_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let ``record`` know through which door and from which address the person came."""

    def middleware(request: HttpRequest) -> HttpResponse:
        door = next(
            (
                origin
                for prefix, origin in (("/admin/", Origin.ADMIN), ("/api/", Origin.API))
                if request.path.startswith(prefix)
            ),
            Origin.PAGE,
        )
        token = request_origin.set((door.value, client_address(request)))
        try:
            return get_response(request)
        finally:
            request_origin.reset(token)

    return middleware
