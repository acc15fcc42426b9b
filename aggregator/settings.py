"""Settings of the project: embedded by default, PostgreSQL and Redis when their URLs are set.

Reads the environment once, here. Secrets that are not given are made once under ``var/`` with
mode 0600, the field encryption keys apart from Django's own secret.
"""

import os
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from kombu import Queue

from aggregator.secrets import read_or_make_field_keys, read_or_make_secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("TIANHUI_VAR", BASE_DIR / "var"))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("DJANGO_DEBUG", "0") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or read_or_make_secret(VAR_DIR / "secret_key")
# First key encrypts, the others still decrypt: put a new key first to rotate.
FIELD_ENCRYPTION_KEYS = [
    key for key in os.environ.get("FIELD_ENCRYPTION_KEYS", "").split(",") if key
] or read_or_make_field_keys(VAR_DIR / "field_keys")
FIELD_HASH_KEY = os.environ.get("FIELD_HASH_KEY") or read_or_make_secret(VAR_DIR / "field_hash_key")

ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [
    origin for origin in os.environ.get("DJANGO_CSRF_TRUSTED_ORIGINS", "").split(",") if origin
]
# The address printed in QR codes and messages.
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "aggregator.apps.TianhuiAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "js_lib_leaflet",
    "aggregator.apps.AggregatorConfig",
    "farms.apps.FarmsConfig",
    "credits.apps.CreditsConfig",
    "payouts.apps.PayoutsConfig",
]

MIDDLEWARE = [
    "aggregator.security_headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "aggregator.actors.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "aggregator.busy_records.BusyRecordsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "aggregator.urls"
WSGI_APPLICATION = "aggregator.wsgi.application"

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
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tianhui.sqlite3'}"),
        conn_max_age=60,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN: two writers queue instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "aggregator.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "admin:login"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR_DIR / "media"
# Uploads hold names and numbers: never larger than the importers accept, never kept world-readable.
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # No browsable pages: their forms offer the rows of every cooperative as choices.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 100,
    "EXCEPTION_HANDLER": "aggregator.api.handle_exception",
    "COERCE_DECIMAL_TO_STRING": True,
}

# The database's state is the queue: a message lost by the broker costs one sweep, never a row.
REDIS_URL = os.environ.get("REDIS_URL", "")
CELERY_BROKER_URL = REDIS_URL or f"sqla+sqlite:///{VAR_DIR / 'broker.sqlite3'}"
CELERY_TASK_IGNORE_RESULT = True
# Laying out pages takes minutes: it waits in a queue of its own, so that a person's press of a
# button never waits behind it. A worker told nothing else reads both.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("printing")]
CELERY_TASK_ROUTES = {
    "payouts.tasks.render_*": {"queue": "printing"},
    "aggregator.tasks.write_list_file": {"queue": "printing"},
    "aggregator.tasks.send_messages": {"queue": "printing"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "sweep-payouts": {"task": "payouts.tasks.sweep_pending", "schedule": 60.0},
    "check-waiting-land": {"task": "credits.tasks.check_waiting_land", "schedule": 60.0},
    "draft-due-settlements": {
        "task": "payouts.tasks.draft_due_settlements",
        "schedule": crontab(hour=6, minute=0),
    },
    "forget-ended-sessions": {
        "task": "aggregator.tasks.forget_ended_sessions",
        "schedule": crontab(hour=3, minute=15),
    },
    "send-messages": {"task": "aggregator.tasks.send_messages", "schedule": 60.0},
    "find-duplicates": {
        "task": "aggregator.tasks.find_duplicates",
        "schedule": crontab(hour=3, minute=45),
    },
    "sweep-list-files": {"task": "aggregator.tasks.sweep_list_files", "schedule": 60.0},
    "sweep-uploads": {"task": "farms.tasks.sweep_uploads", "schedule": 60.0},
    "forget-uploads": {
        "task": "farms.tasks.forget_uploads",
        "schedule": crontab(hour=4, minute=0),
    },
    "examine-evidence": {"task": "farms.tasks.examine_evidence", "schedule": 60.0},
    "count-villages": {"task": "farms.tasks.count_villages", "schedule": 60.0},
    "refresh-grain-flags": {
        "task": "farms.tasks.refresh_grain_flags",
        "schedule": crontab(hour=3, minute=30),
    },
    "sweep-quantification": {
        "task": "credits.tasks.sweep_quantification",
        "schedule": 60.0,
    },
    "discard-drafts": {
        "task": "credits.tasks.discard_drafts",
        "schedule": crontab(hour=4, minute=15),
    },
    "release-buffers": {
        "task": "credits.tasks.release_buffers",
        "schedule": crontab(hour=1, minute=30),
    },
    "check-credits": {
        "task": "credits.tasks.check_credits",
        "schedule": crontab(hour=2, minute=15),
    },
    "check-ledger": {"task": "payouts.tasks.check_ledger", "schedule": crontab(hour=2, minute=30)},
}

# Without a mail server, letters to staff are printed where the program runs.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "0") == "1"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "tianhui@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}

# --- What a cooperative's house rules may change ------------------------------------------------
# Share of the smaller of two fields that may overlap before the import refuses it.
FIELD_OVERLAP_TOLERANCE = os.environ.get("FIELD_OVERLAP_TOLERANCE", "0.01")
# 50,000 fields as GeoJSON have about 40 MB.
IMPORT_MAX_BYTES = 64 * 1024 * 1024
# Photos come as one zip beside the list.
EVIDENCE_MAX_BYTES = 100 * 1024 * 1024
# A zip member (an XLSX is a zip) may unpack to this much in all, and to this many times its size.
IMPORT_MAX_UNPACKED_BYTES = 400 * 1024 * 1024
IMPORT_MAX_ZIP_RATIO = 200
# Pictures of the ground under the plots, e.g. https://{s}.example.org/{z}/{x}/{y}.png; empty: none.
MAP_TILE_URL = os.environ.get("MAP_TILE_URL", "")
MAP_TILE_ATTRIBUTION = os.environ.get("MAP_TILE_ATTRIBUTION", "")
MAP_TILE_SUBDOMAINS = os.environ.get("MAP_TILE_SUBDOMAINS", "")
SMS_GATEWAY = os.environ.get("SMS_GATEWAY", "outbox")
# Proxies of our own before the web server: the caller's address is so many from the right of
# X-Forwarded-For. With 0 that header is a stranger's word and is not read.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
