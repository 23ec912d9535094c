"""Every public page, in both languages and geographies, three looks and three widths; see walking.py.

No complaint in the console, no request to a foreign host, no report of the Content-Security-Policy, no
barrier that axe finds, no text cut or lying over other text; on real and on simulated figures, on a past
day, with the largest text, and where a page refuses. ``make walk`` visits each page in every setting, and
``make walk WALK=/tinh/`` so the pages below that address; without it the two languages share three settings a
page, which change from page to page so that every pair of language, look and width occurs.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import modify_settings
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from dashboards.questions import CHARTS
from indicators.models import Contradiction
from tests.browser.walking import EVERY_SETTING, LANGUAGES, NARROWEST, WIDTHS, Setting, Stop, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PARTS = 12  # of a language's stops, for as many processes as there are
SIMULATED = "so-lieu=mo-phong"
PUBLISHED = timedelta(3)  # so long ago, so that yesterday had figures


def pages() -> list[str]:
    contradicted = Contradiction.objects.order_by("id").values_list("observation", flat=True)[0]
    compared = {
        "34": "/so-sanh/?chi-tieu=dti-total&ky=2024&dia-gioi=34&tinh=dien-bien",
        "63": "/so-sanh/?chi-tieu=dti-total&ky=2023&dia-gioi=63&tinh=soc-trang,dien-bien",
    }
    rate = "/so-sanh/?chi-tieu=dossiers-on-time-rate"
    yesterday = f"ngay={timezone.localdate() - timedelta(1)}"
    before_all = f"ngay={timezone.localdate() - PUBLISHED - timedelta(1)}"
    return [
        "/",
        "/?dia-gioi=63",
        *(f"{of}&bieu-do={chart}" for of in compared.values() for chart in CHARTS),
        rate,
        f"{rate}&bieu-do=trend",
        "/tinh/",
        "/tinh/?q=dien+bien",
        "/tinh/?q=paris",
        "/tim/?q=dien+bien+ky+so",
        "/tim/?q=paris",
        "/tinh/dien-bien/",
        "/tinh/soc-trang/",
        "/tinh/can-tho/",
        "/tinh/can-tho-2025/",
        "/chi-tieu/",
        "/chi-tieu/?q=ky+so",
        "/chi-tieu/edocs-signed-rate/",
        "/chi-tieu/dti-total/",
        "/chi-so/",
        "/chi-so/dti/?ky=2024&dia-gioi=34&tinh=dien-bien",
        "/chi-so/dti/?ky=2023&dia-gioi=63&tinh=soc-trang",
        "/chi-so/idx766/",
        "/muc-tieu/",
        "/muc-tieu/?xem=chi-tieu",
        "/bao-cao/",
        "/nguon/",
        "/nguon/dien-bien-2020/",
        "/phuong-phap/",
        f"/so-lieu/{contradicted}/",
        "/so-lieu/tinh-toan/?chi-tieu=dti-total&ky=2024&dia-gioi=34",
        "/so-lieu/tinh-toan/?chi-tieu=dti-total&ky=2023&dia-gioi=63",
        "/nhung/?hinh=map",
        "/nhung/so-sanh/?hinh=ranking",
        "/nhung/so-sanh/?bieu-do=map&hinh=tiles",
        f"/?{yesterday}",
        *(f"{compared['63']}&{yesterday}&bieu-do={chart}" for chart in ("ranking", "trend", "map")),
        f"/tinh/dien-bien/?{yesterday}",
        f"/chi-tieu/dti-total/?{yesterday}",
        f"/chi-so/dti/?ky=2024&dia-gioi=34&{yesterday}",
        f"/so-lieu/{contradicted}/?{yesterday}",
        f"/?{before_all}",
        f"/so-sanh/?{before_all}",
        f"/?{SIMULATED}",
        f"/?{SIMULATED}&dia-gioi=63",
        *(f"/so-sanh/?{SIMULATED}&bieu-do={chart}" for chart in CHARTS),
        f"/so-sanh/?{SIMULATED}&dia-gioi=63",
        f"/tinh/dien-bien/?{SIMULATED}",
        f"/muc-tieu/?{SIMULATED}",
        f"/nhung/so-sanh/?{SIMULATED}&hinh=ranking",
    ]


REFUSALS = {
    "/khong-co/": 404,
    "/tinh/paris/": 404,
    "/so-sanh/?chi-tieu=khong-co": 404,
    "/so-sanh/?dia-gioi=12": 400,
    "/?ngay=1900-13-01": 400,
    "/nhung/so-sanh/?hinh=khong-co": 404,
}
LARGEST = ("/", "/so-sanh/", "/tinh/dien-bien/", "/chi-so/dti/?ky=2024&dia-gioi=34", "/bao-cao/")


def settings_of(place: int, language: str) -> list[Setting]:
    """All nine; or, of three that have each look and each width once, every second one. Which width meets
    which look, and which language begins, changes from page to page."""
    if os.environ.get("WALK"):
        return EVERY_SETTING
    three = [EVERY_SETTING[3 * look + (look * (1 + place // 3 % 2) + place) % 3] for look in range(3)]
    return three[(place + LANGUAGES.index(language)) % 2 :: 2]


def stops(language: str) -> list[Stop]:
    every = [(page, 200) for page in pages()] + list(REFUSALS.items())
    made = [Stop(page, status, settings_of(place, language)) for place, (page, status) in enumerate(every)]
    widths = (NARROWEST, *WIDTHS) if os.environ.get("WALK") else (NARROWEST, WIDTHS[1])
    large = [Setting("light", width) for width in widths]
    made += [Stop(page, settings=large, text="largest") for page in LARGEST]
    made += [Stop(page, settings=large[:1]) for page in LARGEST]
    below = os.environ.get("WALK", "").removeprefix("whole")
    return [stop for stop in made if stop.address.startswith(below)]


@pytest.fixture(scope="module")
def origin(chromium: Browser, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a server whose figures no reader changes: loaded once in each process."""
    with django_db_blocker.unblock(), modify_settings(ALLOWED_HOSTS={"append": "localhost"}):
        call_command("load_reference", verbosity=0)
        _age()
        call_command("load_simulated", geography="across", indicators=24, quarters=12, verbosity=0)
        server = LiveServer("localhost")
        yield server.url
        server.stop()
        call_command("flush", verbosity=0, interactive=False)


def _age() -> None:
    """As if all that is published, and was known of provinces and indicators, had been so for some days."""
    instants = {
        "indicators_observation": "recorded_at",
        "indicators_publication": "instant",
        "indicators_referencechange": "instant",
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # facts are never changed otherwise
        for table, column in instants.items():
            cursor.execute(f"UPDATE {table} SET {column} = {column} - %s", [PUBLISHED])


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_read_by_everybody(
    chromium: Browser, origin: str, language: str, part: int
) -> None:
    todo = stops(language)
    assert todo, f"no page begins with {os.environ.get('WALK')}"
    found = walk(chromium, language, todo[part::PARTS], origin)
    assert not found, "\n".join(["", *found])
