"""What the server's log may say of a request: method and page, never what opens an account or names a person."""

import logging
import re
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware

NO_PAGE = "(no page)"
_SHORT_NUMBER = re.compile(r"\d{1,10}", re.ASCII)
_ADDRESS = re.compile(r"(https?://[^/?#\s]+)[/?#]\S*")


def said_path(request: HttpRequest) -> str:
    """The path with the names of its arguments in place of what stands there; row numbers stay.

    A reset link's key, a slug, a search are left out; of an address that is no page nothing is known, so nothing is
    said: it may be a secret link broken in two.
    """
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return NO_PAGE
    path, values = request.path, {**dict(enumerate(match.args)), **match.captured_kwargs}  # type: ignore[attr-defined]
    for name, value in sorted(values.items(), key=lambda pair: -len(str(pair[1]))):  # one may hold another
        if value and not _SHORT_NUMBER.fullmatch(str(value)):
            path = path.replace(str(value), f"<{name}>")
    return path


class LogRequests(RequestMiddleware):
    """django_structlog's line per request, without query and secrets."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {said_path(request)}"


class LeaveOutPaths(logging.Filter):
    """The same for Django's own lines ("Not Found: /…"), and only the site of an address a refusal names."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(self._told(value, request) for value in record.args)
        return True

    @staticmethod
    def _told(value: Any, request: HttpRequest) -> Any:
        if not isinstance(value, str):
            return value
        if value in (_escaped(request.path), _escaped(request.get_full_path())):
            return said_path(request)
        return _ADDRESS.sub(r"\1", value)


def _escaped(text: str) -> str:
    """As Django writes it into its lines."""
    return text.encode("unicode_escape").decode("ascii")
