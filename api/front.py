"""The front door: whoever asks without a token for what this process has answered before gets the same again,
or 304, for one small query and before Django makes a request of it.

The middleware asks here, too, where nobody stood in front of it (the tests' client).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import Error

from api.freshness import is_named
from api.generations import generations
from api.limits import Verdict, count_address
from api.shelf import Answer, Key, Shelf

BASE = "/api/"
#: In the environment, once a request was counted: what that left, and the key of its answer.
LIMIT, KEY = "api.limit", "api.key"
#: What an answer depends on beside the data and the day, as it was asked, so that nothing need be parsed.
_ASKED = (
    "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT",
)

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]

shelf = Shelf(settings.API_CACHED_MIB * 2**20)


class FrontDoor:
    """In front of the whole application."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = kept_answer(environ) if asks_openly(environ) else None
        if answer is None:
            return self.application(environ, start_response)
        limit: Verdict | None = environ[LIMIT]
        start_response(answer.status, [*answer.headers, *(limit.headers() if limit else ())])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def asks_openly(environ: Environment) -> bool:
    return (
        environ["PATH_INFO"].startswith(BASE)
        and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and "HTTP_AUTHORIZATION" not in environ
    )


def kept_answer(environ: Environment) -> Answer | None:
    """From the shelf, where that is enough. The request is counted, once; and looked for once."""
    if LIMIT in environ:
        return None
    environ[LIMIT] = limit = count_address(environ)
    environ[KEY] = key = _key(environ)
    if not settings.API_CACHED_MIB or (limit is not None and not limit.allowed):
        return None
    kept = shelf.get(key)
    if kept is None:
        return None
    try:
        generations.refresh()
    except Error:
        return None  # told where it happens again
    if not kept.is_current():
        return None
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    if is_named(kept.etag, environ.get("HTTP_IF_NONE_MATCH", "")):
        return kept.answer(accepted, unchanged=True)
    # Dates are compared where the answer is made.
    return None if kept.body is None or asks_by_date(environ) else kept.answer(accepted)


def asks_by_date(environ: Environment) -> bool:
    return "HTTP_IF_MODIFIED_SINCE" in environ and "HTTP_IF_NONE_MATCH" not in environ


def _key(environ: Environment) -> Key:
    """Whatever an answer depends on beside the data; the day in Vietnam among it."""
    day = int(time.time() + 7 * 3600) // 86400
    return (day, *(environ.get(name) for name in _ASKED))
