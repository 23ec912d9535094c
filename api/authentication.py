"""Who asks: nobody in particular, or the owner of the token in ``Authorization: Bearer …``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.limits import count_address
from api.models import Token
from api.tokens import find_token, note_use


class BadToken(exceptions.AuthenticationFailed):
    """``reason`` is what is counted; the client is told no more than that the token opens nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class TokenAuthentication(BaseAuthentication):
    """A token that is not good is refused, also where none is needed: whoever sends one means to use it."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        header = get_authorization_header(request).split()
        if not header:
            return None
        try:
            return self._owner(header)
        except BadToken:
            # Guessing is limited like any other asking.
            asked = request._request
            asked.api_limit = verdict = count_address(request.META)  # type: ignore[attr-defined]
            if verdict is not None and not verdict.allowed:
                raise exceptions.Throttled(verdict.reset) from None
            raise

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _owner(self, header: list[bytes]) -> tuple[User, Token]:
        if len(header) != 2 or header[0].lower() != b"bearer":
            raise BadToken("token-malformed")
        token = find_token(header[1].decode("latin-1"))
        if token is None:
            raise BadToken("token-unknown")
        if token.revoked_at is not None:
            raise BadToken("token-revoked")
        if token.expires_at <= timezone.now():
            raise BadToken("token-expired")
        if not token.user.is_active:
            raise BadToken("user-inactive")
        note_use(token)
        return token.user, token


class HasScope(BasePermission):
    """Reading is open to all, and to tokens that may read; a view with another ``scope`` needs a token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "scope", Token.Scope.READ)
        if request.auth is None:
            return bool(scope == Token.Scope.READ)
        return scope in request.auth.scopes
