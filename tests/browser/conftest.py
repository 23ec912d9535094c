"""A real headless Chromium: the machine's own, found by CHROMIUM or on PATH; none is downloaded."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # as root, Chromium does not start with it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str | None:
    """The program to drive, or None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium(monkeypatch_session: pytest.MonkeyPatch) -> Iterator[Browser]:
    """One browser for all tests; each opens a context of its own. Skips where there is no Chromium."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM to its path")
    # Playwright runs an event loop in this thread, in which Django would refuse the test's own queries.
    monkeypatch_session.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch
