"""Settings: everything a city changes comes from the environment; secrets come from files or variables, never from here."""

import os
from pathlib import Path

import environ
import pgtrigger
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

env = environ.FileAwareEnv()
PACKAGE = Path(__file__).resolve().parent.parent
BASE = PACKAGE.parent
VAR = Path(env.str("SONGHE_VAR", default=str(BASE / "var")))

SECRET_KEY = env.str("SONGHE_SECRET_KEY")
DATA_KEY = env.str("SONGHE_DATA_KEY")  # "k2:<hex>,k1:<hex>[,blind:<hex>]": personal fields (core.crypto)
DEBUG = env.bool("SONGHE_DEBUG", default=False)
ALLOWED_HOSTS = env.list("SONGHE_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("SONGHE_ORIGINS", default=[])
HTTPS = env.bool("SONGHE_HTTPS", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "songhe.doors.desk",  # before allauth: its templates stand in front of allauth's own
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_cotton",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "rules",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "csp",
    "songhe.core",
    "songhe.registry.places",
    "songhe.registry.accounts",
    "songhe.registry.people",
    "songhe.registry.facilities",
    "songhe.care.duties",
    "songhe.care.visits",
    "songhe.insight.indicators",
    "songhe.oversight.drafts",
    "songhe.oversight.programmes",
    "songhe.oversight.bulletins",
    "songhe.oversight.ledger",
    "songhe.oversight.participation",
    "songhe.oversight.awards",
    "songhe.doors.portal",
    "songhe.insight.rounds",
    "songhe.doors.api",
    "songhe.doors.field",
    "songhe.care.agreements",
    "songhe.care.meals",
    "songhe.care.volunteering",
    "songhe.care.services",
    "songhe.care.evidence",
    "songhe.care.settlement",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "songhe.doors.api.frame.ApiMiddleware",  # answers /api/ by itself: tokens only, no cookies, no session
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "songhe.registry.accounts.middleware.ActingMiddleware",
    "songhe.doors.desk.errors.RefusalMiddleware",
]

ROOT_URLCONF = "songhe.config.urls"
WSGI_APPLICATION = "songhe.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "songhe.doors.desk.context.shell",
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
        },
    }
]


def database(url_name):
    """One PostgreSQL alias. `default` is the app's role (neither owner nor superuser); `owner` runs migrations only."""
    return env.db(url_name) | {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


DATABASES = {"default": database("DATABASE_URL")}
if env.str("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = database("DATABASE_OWNER_URL")
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 20000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "songhe.registry.accounts.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "5/5m/key,100/5m/ip"}
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_ADAPTER = "songhe.registry.accounts.adapter.ProvincialLoginAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": env.json("SONGHE_OIDC_APPS", default=[])}}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "松鹤 Songhe"
# Second factor required for posts at this level and above ("" switches it off). Source: GB/T 22239-2019 level 3.
MFA_REQUIRED_FROM = env.str("SONGHE_MFA_FROM", default="township")
SESSION_COOKIE_AGE = env.int("SONGHE_SESSION_SECONDS", default=30 * 60)  # idle time
SESSION_SAVE_EVERY_REQUEST = False  # a page viewed writes nothing: ActingMiddleware renews the idle time once a minute
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_SSL_REDIRECT = False  # the TLS proxy does it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "files"}},
    "staticfiles": {
        "BACKEND": env.str(
            "SONGHE_STATIC_STORAGE", default="django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_APPEND_ONLY = True

# Duty policy that a bureau may set (defaults; the rules themselves are dated YAML in songhe/definitions).
MISSING_LIST_WEEKDAY = env.int("SONGHE_MISSING_LIST_WEEKDAY", default=4)  # ISO weekday of the missing list: Thursday
# A month's states (helper named, file complete) may be frozen this many days after its end; later they would be today's.
STATE_FREEZE_DAYS = env.int("SONGHE_STATE_FREEZE_DAYS", default=10)
SITE_ADDRESS = env.str("SONGHE_SITE", default="")  # "https://…": printed before the addresses in bulletins
API_CALLS_A_MINUTE = env.int("SONGHE_API_PER_MINUTE", default=60_000)  # each token, all serving processes together
# How short messages go out (core.sms): console, outbox (the city's own machine fetches them) or http (signed, to SMS_URL).
SMS_BACKEND = env.str("SONGHE_SMS", default="console")
SMS_URL = env.str("SONGHE_SMS_URL", default="")
SMS_SECRET = env.str("SONGHE_SMS_SECRET", default="")
CAPPED_COUNT = 10_000  # lists never count beyond this ("超过 10,000 条")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "songhe.core.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SONGHE_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["models.W042"]
