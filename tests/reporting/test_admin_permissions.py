"""Every role against every address of the administration; and what an administrator may not do to others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, reverse

from indicators.services.recomputing import drain_pending
from reporting.models import AuditRecord
from tests.cast import state
from tests.reporting.cast import Play, make_play
from tests.reporting.test_permissions import ROLES, who

pytestmark = pytest.mark.django_db

SEE = {"changelist", "change", "history"}
ALL = SEE | {"add", "delete"}
#: What an administrator is shown of each table; other roles are shown nothing of any. "delete" and "add"
#: are pages that ask first.
ADMINISTRATOR = {
    "reporting.reportingform": ALL,
    "reporting.formsection": ALL - {"add"},
    "reporting.provinceassignment": ALL,
    "reporting.auditrecord": SEE,
    "auth.user": ALL - {"delete"},
    "auth.group": SEE,
    **dict.fromkeys(("provinces.province", "provinces.geography", "provinces.region"), SEE),
    "provinces.boundarychange": SEE,
    **dict.fromkeys(("indicators.indicator", "indicators.dimension", "indicators.source"), SEE),
    **dict.fromkeys(("indicators.observation", "indicators.target", "indicators.publication"), SEE),
    "indicators.recomputerun": SEE,
    "api.token": SEE,
    "api.refusal": SEE,
}
#: Addresses that are no table's: for whoever is staff, for everybody, or leading elsewhere.
OTHERS = {"index", "password_change", "password_change_done", "jsi18n", "login", "logout", "autocomplete"}
OTHERS |= {"view_on_site", "app_list", "auth_user_password_change"}


@pytest.fixture
def play() -> Play:
    made = make_play()
    state(made.cast, made.province, made.satisfaction, "2025-Q2", "91.4")
    drain_pending(cause="test")
    return made


def client_of(play: Play, role: str) -> Client:
    client, user = Client(), who(play, role)
    if user is not None:
        client.force_login(user)
    return client


def names() -> set[str]:
    def walk(patterns: list[Any]) -> set[str]:
        found = set()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                found.add(pattern.name or "")
            else:
                found |= walk(pattern.url_patterns)
        return found

    return walk(admin.site.get_urls()) - {""}


def test_the_tables_name_every_address() -> None:
    models = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert models == {name.replace(".", "_") for name in ADMINISTRATOR}
    assert names() == OTHERS | {f"{model}_{page}" for model in models for page in ALL}


def pages_shown(client: Client) -> dict[str, set[str]]:
    shown: dict[str, set[str]] = {}
    for model in admin.site._registry:
        row = model._default_manager.first()
        pages = shown.setdefault(f"{model._meta.app_label}.{model._meta.model_name}", set())
        for page in ALL:
            ask = [] if page in ("changelist", "add") else [row.pk if row else 0]
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            answer = client.get(reverse(name, args=ask))
            assert answer.status_code in (200, 302, 403), (name, answer.status_code)
            # Of what is not there, whoever may see it is led to the index; a history to everybody.
            led = answer.status_code == 302 and row is None and "/login/" not in answer.headers["Location"]
            if answer.status_code == 200 or (led and page != "history"):
                pages.add(page)
    return shown


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_the_tables_are_shown_to_nobody_else(play: Play, role: str) -> None:
    client = client_of(play, role)
    assert {model: pages for model, pages in pages_shown(client).items() if pages} == {}
    before = AuditRecord.objects.count()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.first()
        for address in (
            reverse(f"{name}_add"),
            *(reverse(f"{name}_{page}", args=[row.pk if row else 0]) for page in ("change", "delete")),
        ):
            assert client.post(address, {"post": "yes"}).status_code in (302, 403), address
    assert AuditRecord.objects.count() == before


def test_an_administrator_is_shown_what_the_table_says(play: Play) -> None:
    shown = pages_shown(client_of(play, "administrator"))
    # Without a row, a history leads to the index.
    empty = {model._meta.label_lower for model in admin.site._registry if not model._default_manager.exists()}
    assert shown == {
        model: pages - {"history"} if model in empty else pages for model, pages in ADMINISTRATOR.items()
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_other_addresses(play: Play, role: str) -> None:
    client = client_of(play, role)
    staff = role != "nobody"
    for name in ("index", "password_change", "password_change_done", "jsi18n"):
        answer = client.get(reverse(f"admin:{name}"))
        assert answer.status_code == (200 if staff else 302), (role, name)
    may = role == "administrator"
    choice = {"app_label": "reporting", "model_name": "provinceassignment", "field_name": "province"}
    found = client.get(reverse("admin:autocomplete"), {**choice, "term": "cao"})
    assert found.status_code == (200 if may else 403 if staff else 302), role
    assert not may or [row["text"] for row in found.json()["results"]] == ["Cao Bằng"]
    password = reverse("admin:auth_user_password_change", args=[play.staff.pk])
    assert client.get(password).status_code == (200 if may else 403 if staff else 302), role
    listing = client.get(reverse("admin:app_list", args=["reporting"]))
    assert listing.status_code == (200 if may else 404 if staff else 302), role
    assert client.get(reverse("admin:view_on_site", args=[0, 0])).status_code == (404 if staff else 302)


def test_an_administrator_puts_somebody_in_charge_and_adds_a_line(play: Play) -> None:
    client = client_of(play, "administrator")
    assignment = {"user": play.reviewer.pk, "province": play.province.pk, "role": "staff"}
    client.post(reverse("admin:reporting_provinceassignment_add"), assignment)
    assert play.reviewer.province_assignments.get().province == play.province
    section = play.form.sections.get(position=2)
    lines = list(section.lines.all())
    data: dict[str, Any] = {"name_vi": "Khác", "name_en": "Other", "form": play.form.pk, "position": 2}
    data |= {"lines-TOTAL_FORMS": len(lines) + 1, "lines-INITIAL_FORMS": len(lines)}
    fields = [{"id": line.pk, "indicator": line.indicator_id, "mode": line.mode} for line in lines]
    fields.append({"indicator": play.cast.direct.dimension.indicators.get().pk, "mode": "quarter"})
    fields[-1]["category"] = play.cast.direct.pk
    for number, values in enumerate(fields):
        values |= {"section": section.pk, "position": number + 1}
        data |= {f"lines-{number}-{name}": value for name, value in values.items()}
    client.post(reverse("admin:reporting_formsection_change", args=[section.pk]), data)
    assert section.lines.count() == len(lines) + 1


def test_an_administrator_neither_makes_a_superuser_nor_touches_one(play: Play) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.vn", "mot-mat-khau-rat-dai")
    client = client_of(play, "administrator")
    page = reverse("admin:auth_user_change", args=[play.staff.pk])
    fields = {"username": "staff", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    fields |= {
        "groups": Group.objects.get(name="reviewers").pk,
        "date_joined_0": "2025-01-01",
        "date_joined_1": "00:00",
    }
    assert client.post(page, fields).status_code == 302
    play.staff.refresh_from_db()
    assert play.staff.groups.get().name == "reviewers" and not play.staff.is_superuser
    assert client.post(reverse("admin:auth_user_change", args=[chief.pk]), fields).status_code == 403
    assert client.get(reverse("admin:auth_user_password_change", args=[chief.pk])).status_code == 403
