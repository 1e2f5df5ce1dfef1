"""What every request passes: clean input, a language, and Korean answers to refusals."""

import logging
import re
import unicodedata
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django_htmx.middleware import HtmxDetails
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 -- theirs, not the system's

from portal.ui.refusals import sentence
from portal.ui.views import conflict, method_not_allowed, too_large, unavailable
from portal.workflow import IllegalMove, Refused, Stale

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponse]


#: Python reads no whole number of more than 4300 digits: ``int()`` and JSON would answer with a 500.
_ENDLESS_NUMBER = re.compile(r"\d{4300}")


def _unusable(text: str) -> bool:
    """NUL and lone surrogates, which no column can hold, and numbers that never end: the driver or ``int()`` would
    answer with a 500."""
    return (
        "\x00" in text
        or any("\ud800" <= char <= "\udfff" for char in text)
        or bool(_ENDLESS_NUMBER.search(text))
    )


def _clean(query: QueryDict) -> QueryDict | None:
    """The same values in NFC (한 written as ㅎㅏㄴ is the same name), a line break as one character (browsers count
    one and send two, so 2000 characters would not fit in 2000); None if one cannot be used."""
    cleaned = QueryDict(mutable=True, encoding=query.encoding)
    for key, values in query.lists():
        if _unusable(key) or any(_unusable(value) for value in values):
            return None
        cleaned.setlist(key, [unicodedata.normalize("NFC", value.replace("\r\n", "\n")) for value in values])
    cleaned._mutable = False
    return cleaned


def refuse_large_bodies(get_response: Answer) -> Answer:
    """413 by what the request says of its length, before anything reads (and keeps) the body."""

    def middleware(request: HttpRequest) -> HttpResponse:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > settings.BODY_MAX_BYTES:
            files = request.content_type == "multipart/form-data"
            if not files or size > settings.FILES_MAX_BYTES or not _signed_in(request):
                request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]  # its middleware comes later
                return too_large(request)
        return get_response(request)

    return middleware


def _signed_in(request: HttpRequest) -> bool:
    """Asked of the session itself: this stands before the middleware that knows, and is asked of large bodies only."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return SESSION_KEY in store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))


def refuse_bad_input(get_response: Answer) -> Answer:
    """Answer 400 to text no field could hold, before any view, filter or paginator sees it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _unusable(request.path):
            return render(request, "400.html", status=400)
        for name in ("GET", "POST"):
            if name == "POST" and request.method != "POST":
                continue
            cleaned = _clean(getattr(request, name))
            if cleaned is None:
                return render(request, "400.html", status=400)
            if cleaned != getattr(request, name):
                setattr(request, name, cleaned)
        return get_response(request)

    return middleware


def answer_head_like_get(get_response: Answer) -> Answer:
    """HEAD asks whether a page is there: every page that can be looked at says so. The server leaves the body out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        try:
            return get_response(request)
        finally:
            request.method = "HEAD"

    return middleware


def explain_refused_methods(get_response: Answer) -> Answer:
    """405 with a page: who signs in again after pressing a button comes back to an address that only takes presses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method != "GET":
            return response
        page = method_not_allowed(request)
        page["Allow"] = response["Allow"]
        return page

    return middleware


def choose_language(get_response: Answer) -> Answer:
    """Korean, unless the person chose otherwise with the language switch.

    The browser's own preference is not asked: a Korean citizen's phone may well be set to English.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response

    return middleware


class answer_illegal_moves:  # noqa: N801 -- a middleware is named like the function it stands for
    """409 with the present state when a page asked for a move that is no longer legal; nothing was changed."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, IllegalMove | Refused | Stale):
            return None
        return conflict(request, sentence(exception))


class answer_outages:  # noqa: N801
    """503 when the cache, which counts attempts to sign in, cannot be reached: it is back soon, and nothing was lost."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ConnectionError | TimeoutError):
            return None
        log.error("cache out of reach: %s", exception)
        return unavailable(request)
