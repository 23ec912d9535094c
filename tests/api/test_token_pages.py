"""The page for tokens: made and shown once, revoked by the owner alone, seen by administrators."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.models import Token
from api.refusals import count_refusal
from api.tokens import make_token
from tests.reporting.cast import person

PAGE = "/quan-tri/api/khoa/"


@pytest.fixture
def owner(db):
    return User.objects.create_user("owner", is_staff=True)


@pytest.fixture
def client(owner):
    client = Client()
    client.force_login(owner)
    return client


def _make(client, **fields):
    return client.post(PAGE, {"name": "robot", "scopes": ["read", "submit"], "days": "90", **fields})


def test_a_token_is_shown_once(client, owner, api):
    page = _make(client)
    secret = re.search(r'value="(tinhso_[^"]+)"', page.content.decode())[1]
    assert "no-store" in page["Cache-Control"]
    assert secret not in client.get(PAGE).content.decode()
    token = Token.objects.get()
    assert (token.user, token.name, token.scopes) == (owner, "robot", ["read", "submit"])
    assert api.get("provinces/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "đặt tên cho khóa"),
        ({"scopes": []}, "những gì khóa được phép"),
        ({"scopes": ["rule"]}, "những gì khóa được phép"),
        ({"days": "9999"}, "thời hạn của khóa"),
    ],
)
def test_what_is_missing_is_said(client, fields, sentence):
    page = _make(client, **fields)
    assert page.status_code == 400 and sentence in page.content.decode()
    assert not Token.objects.exists()


def test_nobody_hoards_tokens(client, owner):
    for number in range(20):
        make_token(user=owner, name=str(number), scopes=["read"], days=1)
    assert _make(client).status_code == 400
    client.post(f"{PAGE}{Token.objects.first().pk}/thu-hoi/")
    assert _make(client).status_code == 200


def test_the_page_costs_the_same_for_many_tokens(client, owner, django_assert_num_queries):
    for number in range(12):
        make_token(user=owner, name=str(number), scopes=["read"], days=1)
    with django_assert_num_queries(5):  # the session, the user, two for permissions, the tokens
        client.get(PAGE)


def test_only_the_owner_revokes(client, owner):
    token, _secret = make_token(user=owner, name="robot", scopes=["read"], days=1)
    other = Client()
    other.force_login(User.objects.create_user("other", is_staff=True))
    assert other.post(f"{PAGE}{token.pk}/thu-hoi/").status_code == 404
    assert client.get(f"{PAGE}{token.pk}/thu-hoi/").status_code == 405
    assert "không còn dùng được" in client.post(f"{PAGE}{token.pk}/thu-hoi/", follow=True).content.decode()
    token.refresh_from_db()
    assert token.state == "revoked"


def test_the_staff_alone_makes_tokens(db):
    stranger = Client()
    assert stranger.get(PAGE)["Location"].startswith("/quan-tri/login/")
    stranger.force_login(User.objects.create_user("public"))
    assert stranger.post(PAGE).status_code == 302


def test_administrators_see_who_has_tokens_and_what_was_refused(owner):
    token, _secret = make_token(user=owner, name="robot", scopes=["read"], days=1)
    count_refusal("token-unknown")
    count_refusal("token-unknown")
    client = Client()
    client.force_login(person("administrator", "Quản", group="administrators"))
    page = client.get("/quan-tri/api/refusal/").content.decode()
    assert "token-unknown" in page and ">2<" in page
    action = {"action": "revoke", "_selected_action": [token.pk]}
    assert client.post("/quan-tri/api/token/", action).status_code == 302
    token.refresh_from_db()
    assert token.state == "revoked"
