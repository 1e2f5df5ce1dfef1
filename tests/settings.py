"""The portal's settings as tests run them: cheap password hashes, mail kept in memory, plain static files."""

import os

os.environ.setdefault("TESTING", "1")

from portal.settings import *  # noqa: E402, F403 -- the environment must be set first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True  # no collected files, and no warning about it
