"""The full Plotly out of the wheel draws what the smaller bundle of npm draws, and is as quiet about it."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from dashboards import staticfinders
from tests.browser.test_comparison import figures  # noqa: F401
from tests.browser.test_pages import Watch
from tests.browser.walking import draw_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COMPARED = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63&tinh=cao-bang&bieu-do="
CHARTS = ("trend", "distribution", "map", "heat", "scatter", "slope", "funnel", "multiples")
_DRAWN = """() => [...document.querySelectorAll(".canvas[id]")].map((canvas) => [canvas.id,
  canvas.querySelectorAll(".trace, .point").length,
  [...canvas.querySelectorAll("svg text")].map((text) => text.textContent).sort()])"""
_OF_THE_FULL_ONE = "() => 'choropleth' in Plotly.PlotSchema.get().traces"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], bool]]:
    """Chooses whose bundle is found, as on a machine with npm or without; says whether it is there."""

    full = staticfinders.of_package("plotly", "package_data/plotly.min.js")
    found = {"wheel": full, "npm": staticfinders.of_npm(settings.BASE_DIR)}

    def serve(name: str) -> bool:
        monkeypatch.setattr(staticfinders, "of_npm", lambda _folder: found[name])
        finders.get_finder.cache_clear()
        return found[name].is_file()

    yield serve
    finders.get_finder.cache_clear()


def drawn_by(chromium: Browser, origin: str, *, full: bool) -> dict[str, list[list[object]]]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=origin)
    page, watch = context.new_page(), Watch(origin)
    watch.on(page)
    found = {}
    for chart in CHARTS:
        page.goto(COMPARED + chart)
        draw_all(page)
        assert page.evaluate(_OF_THE_FULL_ONE) is full
        found[chart] = page.evaluate(_DRAWN)
        assert page.evaluate("violations") == []
    assert watch.complaints == []
    context.close()
    return found


def test_both_bundles_draw_the_same(
    chromium: Browser,
    live_server: LiveServer,
    figures: None,  # noqa: F811
    served: Callable[[str], bool],
) -> None:
    assert served("wheel")
    by_wheel = drawn_by(chromium, live_server.url, full=True)
    assert all(marks for charts in by_wheel.values() for _canvas, marks, _texts in charts)
    if not served("npm"):
        pytest.skip("no npm here: the wheel's bundle alone is drawn")
    assert drawn_by(chromium, live_server.url, full=False) == by_wheel
