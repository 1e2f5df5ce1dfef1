"""The portal's settings as tests run them: cheap password hashes, mail kept in memory, plain static files."""

import os

os.environ.setdefault("TESTING", "1")

#: Each test process clears the cache, so each has a database of Valkey to itself.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
if _REDIS_URL.startswith("unix://"):
    os.environ["REDIS_URL"] = f"{_REDIS_URL.partition('?')[0]}?db={WORKER % 5 + 1}"
else:
    os.environ["REDIS_URL"] = f"{_REDIS_URL.rpartition('/')[0]}/{WORKER % 5 + 1}"

from portal.settings import *  # noqa: E402, F403 -- the environment must be set first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True  # no collected files, and no warning about it
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 -- the browser tests' server threads give theirs back at once
INSTALLED_APPS += ["tests"]  # noqa: F405 -- for its ``flush``
#: A table that was vacuumed while a test's rows were rolled back counts as empty: joined to itself row by row, a few
#: hundred people then take minutes. Sums and sorts of so few rows cost nothing.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c enable_nestloop=off"  # noqa: F405
