from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.audit.actions import request_origin
from portal.audit.models import Origin


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
        token = request_origin.set((door.value, request.META.get("REMOTE_ADDR") or None))
        try:
            return get_response(request)
        finally:
            request_origin.reset(token)

    return middleware
