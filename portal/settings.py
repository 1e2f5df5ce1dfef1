"""One file, read from the environment; sections in a fixed order.

Every setting that differs between machines is an environment variable named here; nothing else does.
"""

import ssl
from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONE, SELF

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- what machine is this -------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)  # nothing leaves the machine; every message can be read inside
TESTING = env.bool("TESTING", default=False)
SECRET_KEY = env.str(
    "SECRET_KEY", default="insecure-demo-key-not-for-production" if DEBUG or DEMO or TESTING else ""
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")  # in messages, where there is no request
HTTPS = env.bool("HTTPS", default=False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)  # exactly one, see .env.example

# --- apps, in the line of imports -----------------------------------------------------------------
INSTALLED_APPS = [
    "portal.staff.apps.StaffAdminConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rules.apps.AutodiscoverRulesConfig",
    "pgtrigger",
    "phonenumber_field",
    "django_htmx",
    "template_partials",
    "csp",
    "django_structlog",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "portal.embedded",
    "portal.ui",
    "portal.audit",
    "portal.files",
    "portal.notices",
    "portal.jobs",
    "portal.accounts",
    "portal.schools",
    "portal.companies",
    "portal.trainees",
    "projects",
    "projects.applications",
    "projects.fit",
    "projects.interviews",
    "projects.rankings",
    "projects.placements",
    "projects.evaluations",
    "projects.obligations",
    "matching",
    "matching.scenarios",
    "matching.proofs",
    "matching.reviews",
    "portal.home",
    "portal.staff.apps.StaffConfig",
    "portal.demo",
]

# --- a request, from outside to inside ------------------------------------------------------------
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.ui.middleware.refuse_large_bodies",
    "portal.ui.middleware.refuse_bad_input",
    "portal.ui.middleware.answer_head_like_get",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.ui.middleware.choose_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.log.LogRequests",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.audit.middleware.remember_request",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.guard_staff_sessions",
    "portal.accounts.middleware.answer_invalid_forms",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.ui.middleware.explain_refused_methods",
    "portal.ui.middleware.answer_illegal_moves",
    "portal.ui.middleware.answer_outages",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
ASGI_APPLICATION = "portal.asgi.application"

# --- pages ----------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.home.menu.menu",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "portal.ui.templatetags.components",
                "portal.ui.templatetags.korean",
            ],
        },
    }
]
FORMS_URLFIELD_ASSUME_HTTPS = True  # "example.kr" means https, as it will in Django 6
FORM_RENDERER = "portal.ui.forms.FormRenderer"
STATIC_URL = "/static/"
STATIC_ROOT = None if DEBUG or DEMO else BASE_DIR / ".static"  # collected only where they are served for real
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or DEMO
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- data -----------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///ieum")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DB", default="test_ieum")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="ieum"),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# --- uploads: private, never under a public URL -----------------------------------------------------
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / ".data" / "media"))
MEDIA_URL = ""
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=10 * 1024 * 1024)
FILES_MAX_BYTES = (
    10 * UPLOAD_MAX_BYTES + 1024 * 1024
)  # the largest form: two kinds of evidence, five files of each
BODY_MAX_BYTES = 1024 * 1024  # every other form, and all that comes from somebody not signed in
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# --- language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# --- people -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {"user_attributes": ["email", "name"]}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:start"
LOGOUT_REDIRECT_URL = "home:home"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.LoginForm",
    "signup": "portal.accounts.forms.SignupForm",
    "add_email": "portal.accounts.forms.AddEmailForm",
    "change_password": "portal.accounts.forms.ChangePasswordForm",
    "set_password": "portal.accounts.forms.SetPasswordForm",
    "reset_password": "portal.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "portal.accounts.forms.PasswordAgainForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
#: Beside allauth's own: adding a colleague says whether an address has an account, and whose it is.
ACCOUNT_RATE_LIMITS = {"add_company_member": "10/h/user"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = True  # one address per person
ACCOUNT_EMAIL_NOTIFICATIONS = True  # tell people when their password or second factor changed
MFA_TOTP_TOLERANCE = 1  # a code typed as the next one begins: one step of 30 s, as RFC 6238 (5.2) allows
MFA_ADAPTER = "portal.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.CodeForm",
    "reauthenticate": "portal.accounts.forms.CodeAgainForm",
    "activate_totp": "portal.accounts.forms.ActivateTOTPForm",
    "login_webauthn": "portal.accounts.forms.LoginPasskeyForm",
    "authenticate_webauthn": "portal.accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "portal.accounts.forms.PasskeyAgainForm",
    "add_webauthn": "portal.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "portal.accounts.forms.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_TOTP_ISSUER = "이음"
# A provider appears only when both halves of its key are set; an unconfigured one would answer 500.
_SOCIAL = {
    name: {
        "client_id": env.str(f"{name.upper()}_CLIENT_ID", default=""),
        "secret": env.str(f"{name.upper()}_SECRET", default=""),
    }
    for name in ("kakao", "naver", "google")
}
SOCIALACCOUNT_PROVIDERS = {name: {"APPS": [app]} for name, app in _SOCIAL.items() if all(app.values())}
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_AUTO_SIGNUP = False  # nobody joins without reading what they agree to
SOCIALACCOUNT_FORMS = {"signup": "portal.accounts.forms.SocialSignupForm"}
#: Where a browser goes when a form of ours leads to a provider; the CSP must know.
_SOCIAL_SITES = {
    "kakao": "https://kauth.kakao.com",
    "naver": "https://nid.naver.com",
    "google": "https://accounts.google.com",
}
STAFF_IDLE_SECONDS = 30 * 60
STAFF_SESSION_SECONDS = 12 * 60 * 60

# --- browsers ---------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
#: The client is the last address of X-Forwarded-For, the one our proxy added; what stands before it anybody can
#: write. Limits, the trail and the log of who looked ask the same function (portal/audit/middleware.py).
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "portal.ui.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the TOTP picture and select arrows are data URLs
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *(_SOCIAL_SITES[name] for name in SOCIALACCOUNT_PROVIDERS)],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in ("camera", "geolocation", "microphone", "payment", "usb", "accelerometer", "gyroscope")
}

# --- messages ---------------------------------------------------------------------------------------
EMAIL_BACKEND = "portal.demo.mail.KeepBackend" if DEMO else "django.core.mail.backends.smtp.EmailBackend"
if env.str("EMAIL_URL", default="") and not DEMO:
    vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="이음 <no-reply@ieum.example>")

# --- the clock and the workers ----------------------------------------------------------------------
_SOCKET, _QUERY, _DB = REDIS_URL.removeprefix("unix://").partition("?db=")
CELERY_BROKER_URL = (
    f"redis+socket://{_SOCKET}?virtual_host={_DB or 0}" if REDIS_URL.startswith("unix://") else REDIS_URL
)
# Without this kombu takes whatever certificate it is shown; the cache's own client does check.
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED} if REDIS_URL.startswith("rediss://") else False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_500_000  # KiB
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 25 * 60
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * 60 * 60, "socket_timeout": 5}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
NIGHTLY_MATCHING_AT = env.str("NIGHTLY_MATCHING_AT", default="02:00")
OBLIGATION_REMINDERS_AT = env.str("OBLIGATION_REMINDERS_AT", default="03:00")
NIGHT_TICK_SECONDS = env.int("NIGHT_TICK_SECONDS", default=3600)  # runs the dates not done yet

# --- what is written down about it: one JSON line per request and failure, no personal data ------------


def _without_person(logger: object, method: str, event: dict[str, object]) -> dict[str, object]:
    """The trail (portal.audit) knows who did what from where; the server's log need not."""
    return {name: value for name, value in event.items() if name != "user_agent"}


DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
_LOG_STEPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_person,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # the traceback, never the values of local names
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": _LOG_STEPS,
        }
    },
    "filters": {"paths": {"()": "portal.log.LeaveOutPaths"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["paths"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING" if DEMO else "INFO")},
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_LOG_STEPS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

if not SECRET_KEY:
    from django.core.exceptions import ImproperlyConfigured

    raise ImproperlyConfigured("Set SECRET_KEY (a long random text), or DEBUG=1 / DEMO=1 to try the portal.")
