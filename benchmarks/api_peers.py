"""What the API is measured against: the limit (nothing but the driver and json_agg), and a ModelSerializer.

gunicorn serves both with the settings of the product: ``benchmarks.api_peers:limit`` and ``:serializers``.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg2

_local = threading.local()
_Start = Callable[[str, list[tuple[str, str]]], Any]


def _sql() -> dict[str, str]:
    sql: dict[str, str] = json.loads((Path(os.environ["BENCH_FOLDER"]) / "limits.json").read_text())
    return sql


_LIMITS = _sql() if "BENCH_FOLDER" in os.environ else {}


def limit(environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
    """The bytes of ``json_agg`` over a kept connection."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        _local.connection.autocommit = True
    with _local.connection.cursor() as cursor:
        cursor.execute(_LIMITS[environ["PATH_INFO"]])
        body = cursor.fetchone()[0].encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _serializers() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = "benchmarks.api_serializers"
    return get_wsgi_application()


def __getattr__(name: str) -> Any:
    if name == "serializers":
        return _serializers()
    raise AttributeError(name)
