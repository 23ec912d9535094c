"""Errors as RFC 9457 problem details: a type, a sentence that says what to do, and nothing of the inside."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.request import Request

from api.refusals import count_refusal

CONTENT_TYPE = "application/problem+json"
_COUNTED = (401, 403, 429)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BadValue:
    """One parameter that cannot be used: ``allowed`` lists what can, or ``allowed_at`` says where that is."""

    parameter: str
    detail: str
    allowed: list[str] | None = None
    allowed_at: str | None = None


class BadParameters(exceptions.APIException):
    """One or more parameters are unknown or say what they cannot."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad-parameter"

    def __init__(self, *bad: BadValue) -> None:
        super().__init__(bad[0].detail)
        self.bad = bad


class NotThere(exceptions.NotFound):
    """What a parameter names does not exist, or not yet."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter, self.sentence = parameter, sentence


class TooMuch(exceptions.APIException):
    """What is asked for is well said, and there is too much of it for what it is asked in."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter, self.sentence = parameter, sentence


# Code of a problem → status and title. The code is the last part of its type, an address that explains it.
PROBLEMS: dict[str, tuple[int, Any]] = {
    "bad-parameter": (400, gettext_lazy("A parameter cannot be used")),
    "bad-request": (400, gettext_lazy("The request cannot be read")),
    "not-authenticated": (401, gettext_lazy("A token is needed")),
    "forbidden": (403, gettext_lazy("This is not allowed")),
    "not-found": (404, gettext_lazy("There is nothing here")),
    "conflict": (409, gettext_lazy("The state of things does not allow this")),
    "submission-refused": (422, gettext_lazy("The report was not taken; nothing was saved")),
    "key-reused": (422, gettext_lazy("The key was used for another report")),
    "too-large": (413, gettext_lazy("The body is too large")),
    "method-not-allowed": (405, gettext_lazy("This method is not allowed here")),
    "not-acceptable": (406, gettext_lazy("None of the accepted formats is offered")),
    "unsupported-media-type": (415, gettext_lazy("The body's format cannot be read")),
    "too-many-requests": (429, gettext_lazy("Too many requests")),
    "server-error": (500, gettext_lazy("Something went wrong on our side")),
}


def problem_response(request: Request | None, code: str, detail: str, **more: Any) -> HttpResponse:
    """An answer of type ``code``; ``more`` are its own members (RFC 9457, section 3.2)."""
    number, body = problem_body(request, code, detail, **more)
    response = HttpResponse(body, content_type=CONTENT_TYPE, status=number)
    response["Cache-Control"] = "no-store"
    return response


def problem_body(request: Request | None, code: str, detail: str, **more: Any) -> tuple[int, str]:
    """(status, JSON)"""
    number, title = PROBLEMS[code]
    address = reverse("api:problem", kwargs={"code": code})
    body = {
        "type": request.build_absolute_uri(address) if request else address,
        "title": str(title),
        "status": number,
        "detail": detail,
        **more,
    }
    return number, json.dumps(body, ensure_ascii=False)


def handle_exception(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST framework's exception handler: every error of a view becomes a problem."""
    request = context.get("request")
    if isinstance(exception, BadParameters):
        return _bad_parameters(request, exception)
    if isinstance(exception, NotThere):
        return problem_response(request, "not-found", exception.sentence, parameter=exception.parameter)
    if isinstance(exception, TooMuch):
        return problem_response(request, "conflict", exception.sentence, parameter=exception.parameter)
    code, detail = _code_and_detail(exception)
    response = problem_response(request, code, detail)
    if isinstance(exception, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if isinstance(exception, exceptions.Throttled) and exception.wait is not None:
        response["Retry-After"] = str(math.ceil(exception.wait))
    if response.status_code == 401:
        response["WWW-Authenticate"] = getattr(exception, "auth_header", "Bearer")
    if response.status_code in _COUNTED:
        count_refusal(getattr(exception, "reason", code))
    if code == "server-error":
        log.error("An API request failed: %s", getattr(request, "path", ""), exc_info=exception)
    return response


def _bad_parameters(request: Request | None, exception: BadParameters) -> HttpResponse:
    errors = [{k: v for k, v in asdict(bad).items() if v is not None} for bad in exception.bad]
    first = dict(errors[0])
    return problem_response(request, "bad-parameter", first.pop("detail"), **first, errors=errors)


def _code_and_detail(exception: Exception) -> tuple[str, str]:
    if isinstance(exception, exceptions.NotFound | Http404):
        return "not-found", _("Check the address; GET /api/v1/ lists the resources.")
    if isinstance(exception, exceptions.MethodNotAllowed):
        return "method-not-allowed", _("Use one of the methods that Allow names.")
    if isinstance(exception, exceptions.NotAcceptable):
        return "not-acceptable", _(
            "Ask for application/json or text/csv, or give ?format=json, csv, xlsx or parquet."
        )
    if isinstance(exception, RequestDataTooBig):
        return "too-large", _("Send less at once.")
    if isinstance(exception, exceptions.UnsupportedMediaType):
        return "unsupported-media-type", _("Send application/json.")
    if isinstance(exception, exceptions.Throttled):
        return "too-many-requests", _("Wait as many seconds as Retry-After says, then ask again.")
    if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return "not-authenticated", _("Send a valid token in the Authorization header.")
    if isinstance(exception, exceptions.PermissionDenied | PermissionDenied):
        return "forbidden", _("Your token does not allow this.")
    if isinstance(exception, exceptions.APIException) and exception.status_code < 500:
        return "bad-request", _("Read the documentation at /api/v1/docs/ and correct the request.")
    return "server-error", _("Try again in a minute. If it happens again, tell whoever runs this site.")
