"""The instrument itself: it finds a barrier where there is one and none where there is none."""

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import violations

pytestmark = pytest.mark.browser
_PAGE = "<!doctype html><html lang=en><title>t</title><main><h1>Heading</h1>{}</main></html>"


def test_barriers_are_found_and_nothing_else(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(_PAGE.format('<img src="data:,"><p>Words</p>'))
    [line] = violations(page)
    assert line.startswith("image-alt at img")
    page.set_content(_PAGE.format("<p>Words</p>"))
    assert violations(page) == []
    page.close()
