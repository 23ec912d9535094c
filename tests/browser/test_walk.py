"""Every public page with the real figures, in both languages and geographies, three looks and three widths.

No complaint in the console, no request to a foreign host, no report of the Content-Security-Policy, no
barrier that axe finds, no text cut or lying over other text. A run visits each page once, in settings that
change from page to page so that every pair of language, look and width occurs; ``WALK=whole`` visits each
page in all eighteen, and ``WALK=/tinh/`` so the pages below that address.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from dashboards.questions import CHARTS
from indicators.models import Contradiction
from tests.browser.axe import violations
from tests.browser.layout import faults
from tests.browser.test_pages import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = {
    "light": {"theme": "light"},
    "dark": {"theme": "dark"},
    "contrast": {"contrast": "high", "theme": "light"},
}


@dataclass(frozen=True)
class Setting:
    language: str
    look: str
    width: int


SETTINGS = [Setting(*one) for one in product(("vi", "en"), LOOKS, (390, 1280, 1920))]


def settings_of(place: int) -> list[Setting]:
    """Of the page at ``place``: five steps at a time meet every pair within eighteen pages."""
    return SETTINGS if os.environ.get("WALK") else [SETTINGS[place * 5 % len(SETTINGS)]]


def addresses() -> list[str]:
    contradicted = Contradiction.objects.order_by("id").values_list("observation", flat=True)[0]
    compared = "/so-sanh/?chi-tieu=dti-total&ky=2024&dia-gioi=34&tinh=dien-bien"
    both = "chi-tieu=dti-total&ky=2023&dia-gioi=63&tinh=soc-trang,dien-bien"
    return [
        "/",
        "/?dia-gioi=63",
        f"/so-sanh/?{both}",
        "/so-sanh/?chi-tieu=dossiers-on-time-rate",
        *(f"{compared}&bieu-do={chart}" for chart in CHARTS),
        "/tinh/",
        "/tinh/dien-bien/",
        "/tinh/soc-trang/",
        "/tinh/can-tho/",
        "/chi-tieu/",
        "/chi-tieu/edocs-signed-rate/",
        "/chi-tieu/dti-total/",
        "/chi-so/",
        "/chi-so/dti/?ky=2024&dia-gioi=34&tinh=dien-bien",
        "/chi-so/idx766/",
        "/muc-tieu/",
        "/muc-tieu/?xem=chi-tieu",
        "/bao-cao/",
        "/nguon/",
        "/nguon/dien-bien-2020/",
        "/phuong-phap/",
        f"/so-lieu/{contradicted}/",
        "/so-lieu/tinh-toan/?chi-tieu=dti-total&ky=2024&dia-gioi=34",
        "/nhung/so-sanh/?hinh=ranking",
        f"/tinh/dien-bien/?ngay={timezone.localdate() - timedelta(1)}",
    ]


@pytest.fixture
def published(db: None) -> None:
    call_command("load_reference", verbosity=0)


@pytest.fixture
def context(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """One for all settings, so that what the browser keeps is kept."""
    context = chromium.new_context(base_url=live_server.url)
    yield context
    context.close()


def page_in(context: BrowserContext, setting: Setting, origin: str) -> Page:
    cookies = {"django_language": setting.language, "contrast": "normal"} | LOOKS[setting.look]
    context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in cookies.items()])
    page = context.new_page()
    page.set_viewport_size({"width": setting.width, "height": 900})
    return page


def draw_all(page: Page) -> None:
    """Every chart comes into view, as it does for a reader who scrolls down."""
    for canvas in page.locator(".canvas[id]").all():
        canvas.scroll_into_view_if_needed()
        canvas.locator("svg.main-svg").first.wait_for(timeout=15_000)
    page.evaluate("scrollTo(0, 0)")


def complaints_of(page: Page, address: str, origin: str) -> list[str]:
    watch = Watch(origin)
    watch.on(page)
    page.goto(address)
    draw_all(page)
    found = [*watch.complaints, *page.evaluate("violations"), *faults(page)]
    return [*found, *violations(page)]


def test_every_page_can_be_read_by_everybody(
    context: BrowserContext, live_server: LiveServer, published: None
) -> None:
    complaints = {}
    below = os.environ.get("WALK", "").removeprefix("whole")
    for place, address in enumerate(one for one in addresses() if one.startswith(below)):
        for setting in settings_of(place):
            page = page_in(context, setting, live_server.url)
            found = complaints_of(page, address, live_server.url)
            if found:
                complaints[address, setting] = found
            page.close()
    told = "\n".join(f"{at} {setting}: " + "; ".join(found) for (at, setting), found in complaints.items())
    assert not complaints, told
