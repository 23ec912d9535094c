"""Who writes: says the actor and the address of a request to the database, before the request's first write.

The audit triggers read the settings ``tinhso.actor`` and ``tinhso.address``. They are put in front of each
writing statement, in the same round trip and local to its transaction, so that a kept-open connection never
carries one person's name into another's request (the idea is django-pghistory's). It needs a driver that
sends several statements at once: psycopg2 does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
_SAY = "SELECT set_config('tinhso.actor', {}, true), set_config('tinhso.address', {}, true); "
_BY_PLACE = _SAY.format("%s", "%s")
_BY_NAME = _SAY.format("%(tinhso_actor)s", "%(tinhso_address)s")


class AuditActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        with connection.execute_wrapper(_Naming(request)):
            return self.get_response(request)


class _Naming:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if many or not isinstance(sql, str) or not sql.lstrip().upper().startswith(_WRITES):
            return execute(sql, params, many, context)
        user = getattr(self.request, "user", None)
        actor = str(user.pk) if user is not None and user.is_authenticated else ""
        address = address_of(self.request)
        if isinstance(params, Mapping):
            named = {**params, "tinhso_actor": actor, "tinhso_address": address}
            return execute(_BY_NAME + sql, named, many, context)
        # Without parameters of its own a statement is sent as it stands, per cent signs included.
        text = sql if params is not None else sql.replace("%", "%%")
        return execute(_BY_PLACE + text, (actor, address, *(params or ())), many, context)


def address_of(request: HttpRequest) -> str:
    """The client's address; behind a proxy of ours (``HTTPS``) the one that the proxy saw last."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.HTTPS and forwarded:
        return str(forwarded.rpartition(",")[2].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
