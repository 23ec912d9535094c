"""The API's documentation page works under the site's own Content-Security-Policy, from this host alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.cast import make_cast, state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_reader_asks_for_figures_from_the_documentation(chromium: Browser, live_server: Any) -> None:
    cast = make_cast()
    state(cast, cast.ha_giang, cast.received, "2021-H1", "74278")
    page = chromium.new_page(viewport={"width": 1200, "height": 1200})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    response = page.goto(f"{live_server.url}/api/v1/docs/")
    assert response is not None and "script-src 'self'" in response.headers["content-security-policy"]
    operation = page.locator(".opblock", has_text="/api/v1/observations/").first
    operation.locator(".opblock-summary-control").click()
    operation.locator("button.execute").click()
    operation.locator(".live-responses-table").wait_for()

    assert "74278" in operation.locator(".live-responses-table").inner_text()
    assert not complaints
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
    page.close()
