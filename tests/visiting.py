"""How the tests of every page come in: one signed-in visitor per kind of person, everything they did undone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from portal.accounts.states import SECOND_FACTOR_SHOWN
from tests.world import World

PEOPLE = (
    "nobody", "newcomer", "trainee", "other", "owner", "mentor", "rival", "school", "operator", "agency",
)  # fmt: skip
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

#: Written whenever somebody looks: a session is kept alive, reading personal data is written down.
LOOKING = ("django_session", "audit_access")


def open_doors(world: World) -> None:
    """Sign everybody in once, the office with its second factor shown; :func:`sign_in` walks through."""
    world.things["doors"] = {}
    for who, user in world.people.items():
        if user is not None:
            client = Client()
            client.force_login(user, backend=BACKEND)
            session = client.session
            session[SECOND_FACTOR_SHOWN] = True
            session.save()
            world.things["doors"][who] = session.session_key


def sign_in(world: World, who: str, client: Client | None = None) -> Client:
    """``client`` signed in as one of :data:`PEOPLE`."""
    client = client or Client(raise_request_exception=False)
    if who in world.things["doors"]:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.things["doors"][who]
    return client


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def changed_by(queries: CaptureQueriesContext) -> list[str]:
    """Statements that change something, looking aside."""
    verbs = ("INSERT", "UPDATE", "DELETE")
    return [
        query["sql"][:300]
        for query in queries
        if query["sql"].startswith(verbs) and not any(f'"{table}"' in query["sql"] for table in LOOKING)
    ]


def tables() -> dict[str, str]:
    """Every table of ours with a checksum of what stands in it."""
    names = sorted(
        {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        - {*LOOKING, "django_migrations"}
    )
    sums = " UNION ALL ".join(
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"  # noqa: S608 -- names of our own models
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(sums)
        return dict(cursor.fetchall())


class Answer(NamedTuple):
    """What one request was answered, and what it left behind."""

    response: Any
    writes: list[str]  # statements
    changed: set[str]  # tables

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def where(self) -> str:
        return self.response.get("Location", "")

    @property
    def fault(self) -> str:
        """What broke inside, or nothing."""
        kind, error, _trace = getattr(self.response, "exc_info", None) or (None, None, None)
        return f"{kind.__name__}: {str(error)[:200]}" if kind else ""


def send(
    client: Client,
    method: str,
    url: str,
    body: Any = None,
    *,
    before: Mapping[str, str] | None = None,
    **extra: Any,
) -> Answer:
    """One request, read to its end; ``before`` are the :func:`tables`, if the caller knows them already."""
    if before is None:
        before = {} if method == "GET" else tables()
    with CaptureQueriesContext(connection) as queries:
        if isinstance(body, str | bytes):  # as it is, whatever it says it is
            response = client.generic(method, url, body, **extra)
        else:
            response = getattr(client, method.lower())(url, body or {}, **extra)
        if response.streaming:
            b"".join(response.streaming_content)  # a file is closed when it was read to its end
    writes = changed_by(queries)
    after = tables() if writes and before else before
    return Answer(response, writes, {name for name in after if after[name] != before[name]})


def named_pages(resolver: URLResolver | None = None, prefix: str = "") -> dict[str, URLPattern]:
    """Every address of the portal by its full name."""
    found: dict[str, URLPattern] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found |= named_pages(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern) and entry.name:
            found[prefix + entry.name] = entry
    return found


#: Pages of allauth; those of the providers are there only where their keys are set.
ALLAUTH = ("account_", "mfa_", "socialaccount_", "kakao_", "naver_", "google_")
#: These have tables of their own: ``tests/test_allauth.py``, the admin's in ``tests/test_access.py``, the gallery's.
ELSEWHERE = (*ALLAUTH, "admin:", "ui:gallery")


def portal_pages() -> list[str]:
    return sorted(name for name in named_pages() if not name.startswith(ELSEWHERE))
