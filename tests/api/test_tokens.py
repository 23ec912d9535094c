"""Tokens: what they open, what they do not, and that nobody can read them out of the database."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from api.models import Refusal, Token
from api.tokens import PREFIX, make_token, revoke_token
from reporting.models import AuditRecord

ADDRESS = "provinces/"


@pytest.fixture
def owner(cast):
    return User.objects.create_user("owner", is_staff=True)


@pytest.fixture
def token(owner):
    return make_token(user=owner, name="robot", scopes=["read"], days=30)


def _with(secret, scheme="Bearer"):
    return {"headers": {"Authorization": f"{scheme} {secret}"}}


def _refusals():
    return dict(Refusal.objects.values_list("reason", "count"))


def test_a_token_reads(api, token):
    answer = api.get(ADDRESS, **_with(token[1]))
    assert answer.status_code == 200 and answer["Cache-Control"].startswith("private")
    assert "Authorization" in answer["Vary"] and answer.content == api.get(ADDRESS).content
    again = api.get(ADDRESS, headers={"Authorization": f"bearer {token[1]}", "If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    token[0].refresh_from_db()
    assert token[0].last_used_at is not None


def test_only_a_digest_is_kept(token):
    made, secret = token
    assert secret.startswith(PREFIX) and len(secret) == len(PREFIX) + 43
    assert made.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(list(Token.objects.values())) and secret.startswith(made.beginning)


def test_its_use_is_noted_once_a_minute(api, token, django_assert_num_queries):
    api.get(ADDRESS, **_with(token[1]))
    with django_assert_num_queries(4):  # the token, the newest change, a count and the rows
        api.get(ADDRESS, **_with(token[1]))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda token: revoke_token(token=token), "token-revoked"),
        (
            lambda token: Token.objects.update(
                created_at=timezone.now() - timedelta(2), expires_at=timezone.now() - timedelta(1)
            ),
            "token-expired",
        ),
        (lambda token: User.objects.update(is_active=False), "user-inactive"),
        (lambda token: token.delete(), "token-unknown"),
    ],
)
def test_a_token_that_is_not_good_opens_nothing_from_that_moment(api, token, spoil, reason):
    assert api.get(ADDRESS, **_with(token[1])).status_code == 200
    spoil(token[0])
    problem = api.problem(ADDRESS, 401, **_with(token[1]))
    assert problem["type"].endswith("/not-authenticated/")
    assert api.get(ADDRESS, **_with(token[1]))["WWW-Authenticate"].startswith("Bearer")
    assert _refusals() == {reason: 2}


@pytest.mark.parametrize("header", ["Basic dXNlcjpwdw==", "Bearer", "Bearer a b", "Bearer ä"])
def test_whatever_else_is_sent_is_refused(api, cast, header):
    assert api.get(ADDRESS, headers={"Authorization": header}).status_code == 401


def test_reading_needs_the_scope(api, owner):
    _token, secret = make_token(user=owner, name="sender", scopes=["submit"], days=30)
    assert api.problem(ADDRESS, 403, **_with(secret))["type"].endswith("/forbidden/")
    assert _refusals() == {"forbidden": 1}


def test_a_token_has_a_limit_of_its_own(api, token, settings):
    settings.API_REQUESTS_PER_MINUTE, settings.API_TOKEN_REQUESTS_PER_MINUTE = 1, 3
    answers = [api.get(ADDRESS, REMOTE_ADDR="192.0.2.20", **_with(token[1])) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit"].startswith('"token";r=2') and _refusals() == {"too-many-requests": 1}
    assert api.get(ADDRESS, REMOTE_ADDR="192.0.2.20").status_code == 200


def test_guessing_is_limited(api, cast, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    guesses = [api.get(ADDRESS, REMOTE_ADDR="192.0.2.21", **_with("tinhso_guess")) for _ in range(3)]
    assert [guess.status_code for guess in guesses] == [401, 401, 429]


def test_the_trail_tells_of_making_and_revoking_and_of_no_secret(token):
    revoke_token(token=token[0])
    records = list(AuditRecord.objects.filter(table="api_token").order_by("id"))
    assert [record.action for record in records] == ["insert", "update"]
    assert records[0].label == "robot" and records[0].new["digest"] == "***"
    assert set(records[1].new) == {"revoked_at"}


def test_using_it_leaves_no_trail(api, token):
    api.get(ADDRESS, **_with(token[1]))
    assert AuditRecord.objects.filter(table="api_token").count() == 1


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"expires_at": timezone.now() - timedelta(9999)}])
def test_the_database_refuses_a_token_that_makes_no_sense(token, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.update(**wrong)
