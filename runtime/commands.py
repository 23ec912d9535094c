"""The processes of the application, in one place. docker-compose.yml runs the same; a test compares them.

Each is what follows `python -m`, or `python` for manage.py; HOST, PORT, DATABASE_URL and so on come from
the environment.
"""

import sys

WEB = ("-m", "gunicorn", "--config", "python:runtime.web", "config.wsgi:application")
# Gossip and mingling are for several workers; there is one, and PostgreSQL as a broker cannot broadcast.
_WORKER_OPTIONS = ("--loglevel", "INFO", "--concurrency", "2", "--without-gossip", "--without-mingle")
WORKER = ("-m", "celery", "--app", "config", "worker", *_WORKER_OPTIONS)
_BEAT_OPTIONS = ("--loglevel", "INFO", "--schedule", "var/run/beat-schedule", "--pidfile=")
BEAT = ("-m", "celery", "--app", "config", "beat", *_BEAT_OPTIONS)

PREPARE = ("-m", "runtime", "prepare")  # the three that follow, once the database answers
MIGRATE = ("manage.py", "migrate", "--noinput", "--verbosity", "1")
LOAD_REFERENCE = ("manage.py", "load_reference")
LOAD_FORMS = ("manage.py", "load_forms")
LOAD_SIMULATED = ("manage.py", "load_simulated", "--replace")  # and what SIMULATED says: `make demo`
# Documentation is shown by Swagger UI alone and no browsable API is served: half of the bytes need no
# packing.
COLLECT_STATIC = (
    *("manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"),
    *("--ignore", "redoc", "--ignore", "rest_framework"),
)
CREATE_ADMINISTRATOR = ("manage.py", "createsuperuser", "--noinput")


def with_this_python(words: tuple[str, ...]) -> tuple[str, ...]:
    return (sys.executable, *words)
