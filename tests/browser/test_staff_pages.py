"""The pages of those who report, review and administer, as axe-core sees them: no barrier on any of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from api.tokens import make_token
from reporting.importing import batches, jobs
from reporting.models import ImportBatch, ImportJob, Submission
from tests.browser.axe import violations
from tests.cast import state
from tests.reporting.cast import Play, cell, make_play, opened, save, submitted
from tests.reporting.importing.files import GOOD, csv

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]
FITS = "document.documentElement.scrollWidth <= innerWidth"
LOOKS = [("vi", "light"), ("en", "dark"), ("vi", "contrast")]
WIDTHS = {"light": 1280, "dark": 1280, "contrast": 390}


def a_batch(play: Play, *rows: list[Any], headings: list[str] | None = None) -> ImportBatch:
    data = csv(*rows, headings=headings) if headings else csv(*rows)
    batch = batches.upload(name="Quý I.csv", content=data, source="ha-giang-2021", actor=play.reviewer)
    jobs.ask(batch=batch, kind="look", actor=play.reviewer)
    return batch


def addresses(play: Play, *, every: bool) -> dict[str, list[str]]:
    """Who is shown which pages: everything that can stand on them stands there. Lists of the administration
    look alike: ``every`` one of them, or one."""
    cast = play.cast
    state(cast, play.province, play.satisfaction, "2025-Q2", "91.4")
    state(cast, cast.ha_giang, cast.on_time, "2021-Q1", "77.7", as_stated="77,7%")
    sent = submitted(play)
    Submission.objects.filter(pk=sent.pk).update(suspicion=2)
    draft = opened(play, cast.dien_bien)
    save(cell(draft, play.satisfaction), play.neighbour, "1.253")
    save(cell(draft, cast.on_time), play.neighbour, "98,6", note="Theo Sở Nội vụ", qualifier="about")
    looked = a_batch(play, GOOD, ["Hà Lội", *GOOD[1:]], ["cao-bang", *GOOD[1:]])
    asked = a_batch(play, ["ha-giang", "dossiers-on-time-rate", "5"], headings=["Tỉnh", "Chỉ tiêu", "Năm"])
    for batch in (looked, asked):
        jobs.run_at_once(batch.pk)
    waiting = a_batch(play, GOOD)
    ImportJob.objects.filter(batch=waiting).update(state="running", step="writing", permille=400)
    make_token(user=play.neighbour, name="Một cửa", scopes=["submit"], days=30)
    lists = [f"{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]
    lists = lists if every else ["reporting_auditrecord_changelist"]
    others = ["index", "reporting_reportingform_add", "auth_user_add", "password_change"]
    return {
        "": [reverse("admin:login"), "/bao-cao/"],
        "neighbour": [
            reverse("reporting:home"),
            reverse("reporting:form", args=[draft.pk]),
            reverse("api-staff:tokens"),
            reverse("api-staff:webhooks"),
        ],
        "reviewer": [
            reverse("reporting:home"),
            reverse("reporting:review", args=[sent.pk]),
            reverse("reporting:imports"),
            *(reverse("reporting:import", args=[batch.pk]) for batch in (looked, asked, waiting)),
        ],
        "administrator": [
            *(reverse(f"admin:{name}") for name in [*lists, *others]),
            reverse("admin:reporting_reportingform_change", args=[play.form.pk]),
            reverse("admin:reporting_formsection_change", args=[play.form.sections.all()[0].pk]),
        ],
    }


@pytest.fixture
def play() -> Play:
    made = make_play()
    User.objects.filter(username="administrator").update(is_superuser=True)
    return made


@pytest.fixture(params=LOOKS, ids=" ".join)
def desk(request: pytest.FixtureRequest, chromium: Browser, live_server: Any) -> Iterator[BrowserContext]:
    language, look = request.param
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": WIDTHS[look], "height": 900},
        color_scheme="dark" if look == "dark" else "light",
    )
    cookies = {"django_language": language, "contrast": "high" if look == "contrast" else "normal"}
    context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()])
    context.set_default_timeout(15_000)
    yield context
    context.close()


def enter(page: Page, username: str, address: str) -> None:
    """A session without the login's slow password."""
    if username:
        client = Client()
        client.force_login(User.objects.get(username=username))
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])


def test_no_barrier_on_any_page(
    desk: BrowserContext, live_server: Any, play: Play, request: pytest.FixtureRequest
) -> None:
    page = desk.new_page()
    found: list[str] = []
    for username, pages in addresses(play, every="light" in request.node.name).items():
        enter(page, username, live_server.url)
        for address in pages:
            answer = page.goto(address)
            assert answer is not None and answer.ok, address
            found += [f"{address}: {line}" for line in violations(page)]
            if "/bao-cao/" in address and not page.evaluate(FITS):
                found.append(f"{address}: wider than the screen")
    assert not found, "\n".join(["", *found])
