"""All settings, from the environment; a missing or unreadable one stops the start with a sentence."""

from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from kombu import Queue

from config import environment
from dashboards.inlined import allowed_by_hash, picture_address, script_text, whole_style

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.required("SECRET_KEY", "`make run` makes one; elsewhere give 50 random characters.")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS")
HTTPS = environment.flag("HTTPS")  # set when a proxy in front speaks TLS

DATABASE_URL = environment.required("DATABASE_URL", "Example: postgresql://user@127.0.0.1:5432/tinhso")
REDIS_URL = environment.names("REDIS_URL")[0] if environment.names("REDIS_URL") else ""
DATABASES = {
    # Kept open: a connection a request was measured to cost several times the query (docs/decisions).
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "provinces",
    "indicators",
    "reporting",
    "dashboards",
    "api",
]
MIDDLEWARE = [
    "api.middleware.KeptAnswersMiddleware",
    "dashboards.caching.KeptPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dashboards.display.ChosenLanguageMiddleware",
    "api.middleware.ApiMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reporting.middleware.AuditActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboards.display.display",
            ],
        },
    },
]

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# A form of a hundred lines without scripts sends nine fields a line.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# These three stand in every page.
STYLE = whole_style(BASE_DIR / "static" / "css")
FIRST_SCRIPT = script_text(BASE_DIR / "static" / "js" / "start.js")
ICON = picture_address(BASE_DIR / "static" / "img" / "mark.svg")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # nothing asks for the others; compressing them takes as long again
# Source maps are read by developers' tools alone, and the rest is packed already.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "png", "jpg", "gif", "webp", "woff", "woff2", "gz", "br", "ico")
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dashboards.staticfinders.VendoredFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names with a hash, for ever in the browser's cache; compressed once, when collected.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.storage.HashedFiles"
    },
}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Whole pages, compressed, in each web process: nothing to fail, and quicker than a server.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 60 * 60 * 24,
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, allowed_by_hash(FIRST_SCRIPT)],
        "style-src": [SELF, allowed_by_hash(STYLE)],
        "img-src": [SELF, "data:", "blob:"],  # Plotly draws a chart's PNG through a data: or blob: image
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
    }
}

API_REQUESTS_PER_MINUTE = environment.number("API_REQUESTS_PER_MINUTE", 1200)  # of one address; 0: no limit
API_CACHED_MIB = environment.number(
    "API_CACHED_MIB", 64
)  # answers kept in the memory of each process; 0: none
API_TOKEN_REQUESTS_PER_MINUTE = environment.number("API_TOKEN_REQUESTS_PER_MINUTE", 6000)
# An intranet: networks that webhooks may be sent into, too, and who signed its certificates (a PEM file).
WEBHOOKS_NETWORKS = environment.networks("WEBHOOKS_NETWORKS")
WEBHOOKS_CA_FILE = environment.file("WEBHOOKS_CA_FILE")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.authentication.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api.formats.Json"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.formats.FormatNegotiation",
    "DEFAULT_THROTTLE_CLASSES": ["api.limits.Limit"],
    "EXCEPTION_HANDLER": "api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": environment.number("PROXIES", 0),  # how many in front may say whom they ask for
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tỉnh Số",
    "DESCRIPTION": "Digital-transformation indicators of Vietnam's provinces. Reading is open to any origin; "
    "reports are submitted with a token.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "APPEND_COMPONENTS": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],  # words stay where they are used; no invented names for their lists
}

SITE_URL = environment.names("SITE_URL", "http://localhost:8000")[0]  # what links in messages begin with
# Without a mail server, messages are written to the worker's output.
EMAIL_HOST = next(iter(environment.names("EMAIL_HOST")), "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = next(iter(environment.names("EMAIL_FROM")), "tinh-so@localhost")

CELERY_BROKER_URL = environment.celery_broker(DATABASE_URL, REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)  # the PostgreSQL broker has no fan-out
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
# Rebuilds have a queue of their own: a worker without --queues serves both, one for each can be started where
# rebuilds are long (docker-compose.yml).
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES = [Queue("celery"), Queue("rebuild")]
CELERY_TASK_ROUTES = {
    "indicators.tasks.rebuild_*": {"queue": "rebuild"},
    "api.tasks.write_rows_task": {"queue": "rebuild"},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "tell subscribers of changes": {"task": "api.tasks.deliver_webhooks_task", "schedule": 15.0},
    "write rows of the API": {"task": "api.tasks.write_rows_task", "schedule": 15.0},
    # What is pending stands in the database: a message that was lost costs at most this long.
    "drain what is pending": {"task": "indicators.tasks.drain_pending_task", "schedule": 15.0},
    "say that the worker lives": {"task": "indicators.tasks.worker_heartbeat_task", "schedule": 15.0},
    "compare everything with a full rebuild": {
        "task": "indicators.tasks.rebuild_task",
        "kwargs": {"cause": "nightly", "apply": False},
        "schedule": crontab(hour=2, minute=15),
    },
    "go on with a rebuild that was left": {
        "task": "indicators.tasks.resume_rebuild_task",
        "schedule": crontab(minute="*/10"),
    },
    "go on with tables that were left": {
        "task": "reporting.tasks.resume_imports_task",
        "schedule": 30.0,
    },
    "remind those who report": {
        "task": "reporting.tasks.send_reminders_task",
        "schedule": crontab(hour=8, minute=0),
    },
    "tell reviewers what waits": {
        "task": "reporting.tasks.send_review_digest_task",
        "schedule": crontab(hour=8, minute=5, day_of_week="mon-fri"),
    },
    "delete what the API needs no more": {
        "task": "api.tasks.keep_house_task",
        "schedule": crontab(hour=3, minute=30),
    },
    "delete delivered broker messages": {
        "task": "indicators.tasks.delete_delivered_messages_task",
        "schedule": crontab(minute="*/10"),
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
