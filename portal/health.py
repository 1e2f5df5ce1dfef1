"""Is it up, is it ready: for the server in front and for the supervisor, without login, session or template."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nobody else, so that a slow database restarts no web server."""
    return HttpResponse("ok", content_type="text/plain")


def _database() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache() -> bool:
    cache.set("readyz", 1, 10)
    return cache.get("readyz") == 1


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served: the database is reachable and migrated, the cache keeps what it is told."""
    said = {}
    for name, works in (("database", _database), ("cache", _cache)):
        try:
            said[name] = works()
        except Exception:  # whatever is broken is the answer, not an error page
            said[name] = False
    return JsonResponse(said, status=200 if all(said.values()) else 503)
