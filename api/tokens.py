"""Tokens: made by a person for herself, found by their digest, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from api.models import Token

PREFIX = "tinhso_"  # so that a scanner for secrets knows one when it finds it
_SHOWN = len(PREFIX) + 4
_USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_token(*, user: User, name: str, scopes: Collection[str], days: int) -> tuple[Token, str]:
    """A new token and its secret, which nobody can ask for again: only its digest is kept. The secret has 256
    random bits, so that a plain digest cannot be searched."""
    secret = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    token = Token.objects.create(
        user=user,
        name=name,
        scopes=sorted(scopes),
        beginning=secret[:_SHOWN],
        digest=digest(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token: Token) -> None:
    """From now on it opens nothing; revoking twice changes nothing."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def find_token(secret: str) -> Token | None:
    return Token.objects.select_related("user").filter(digest=digest(secret)).first()


def note_use(token: Token) -> None:
    """When it was last used, to the minute: not a write at every request."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USE_NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
