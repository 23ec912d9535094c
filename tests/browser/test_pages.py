"""The pages in a real browser: drawn, quiet, from this host alone, and never wider than the screen."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Route
from pytest_django.live_server_helper import LiveServer

from indicators.services.recomputing import drain_pending
from tests.cast import make_cast, state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OVERVIEW = "/?chi-tieu=dossiers-on-time-rate&dia-gioi=63"
COMPARISON = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63&tinh=ha-giang"
ADDRESSES = {OVERVIEW: 2, COMPARISON: 2, "/tinh/dien-bien/": 0, "/tinh/ha-giang/": 0}
_VIOLATIONS = """window.violations = [];
addEventListener("securitypolicyviolation",
  (event) => violations.push(event.violatedDirective + " " + event.sourceFile));"""


@dataclass
class Watch:
    """What a page did that it should not have done."""

    origin: str
    complaints: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.add_init_script(_VIOLATIONS)
        page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._ask(request.url))
        page.on(
            "response", lambda r: self.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )

    def _ask(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"foreign: {url}")


@pytest.fixture
def figures() -> None:
    cast = make_cast()
    for period, values in {"2022": ("90.1", "67.55", "71.2"), "2023": ("92.3", "70", "95")}.items():
        provinces = (cast.ha_giang, cast.cao_bang, cast.dien_bien)
        for province, value in zip(provinces, values, strict=True):
            state(cast, province, cast.on_time, period, value)
    drain_pending(cause="test")


@pytest.fixture(params=[390, 1280], ids=["phone", "desk"])
def width(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(params=["vi", "en"])
def page(
    request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer, figures: None, width: int
) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    context.add_cookies([{"name": "django_language", "value": request.param, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_pages_draw_and_complain_of_nothing(page: Page, live_server: LiveServer) -> None:
    watch = Watch(live_server.url)
    watch.on(page)
    for address, charts in ADDRESSES.items():
        page.goto(address)
        canvases = page.locator(".canvas[id]")
        assert canvases.count() >= charts
        for place in range(canvases.count()):
            canvases.nth(place).scroll_into_view_if_needed()
            canvases.nth(place).locator("svg.main-svg").first.wait_for(timeout=15_000)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{address} scrolls sideways"
        )
        assert page.evaluate("violations") == []
    assert watch.complaints == []


def test_nothing_is_fetched_before_the_first_paint(page: Page) -> None:
    page.goto(COMPARISON)
    page.locator(".bars .point").first.wait_for(state="attached")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => [one.name.split('/').pop(), one.startTime])"
    )
    assert [name for name, at in fetched if at < paint] == []
    later = {name.split(".")[0] for name, _ in fetched}
    assert later >= {"page", "charts", "comparison"}, "they come afterwards"


def test_a_menu_is_filled_for_who_comes_by_keyboard(page: Page) -> None:
    """Its list is text until then; the next key opens it."""
    page.goto(COMPARISON)
    page.locator("#period-menu").focus()
    page.keyboard.press("Enter")
    page.locator(".menu[open] .menu-list a", has_text="2022").wait_for()
    assert page.locator("noscript.later").count() == 0
    assert page.locator("select[name=tinh] option").count() > 2


@pytest.mark.parametrize("width", [360, 640, 800, 1000, 1280])
def test_an_open_list_stays_in_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(COMPARISON)
    page.locator("#group-menu").focus()
    page.locator("select[name=tinh]").wait_for()  # filled
    for menu in page.locator("details.menu").all():
        menu.locator("summary").click()
        box = "list.getBoundingClientRect()"
        within = f"(list) => {box}.left >= 0 && {box}.right <= innerWidth"
        page.wait_for_function(within, arg=menu.locator(".menu-list").element_handle(), timeout=5_000)
        assert menu.locator(".menu-list").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_menu_opened_before_the_script_came_is_filled_when_it_comes(page: Page) -> None:
    held: list[Route] = []
    page.route("**/js/page.*", lambda route: held.append(route))
    with page.expect_request("**/js/page.*"):
        page.goto(COMPARISON)
    page.locator("#period-menu").click()
    entry = page.locator(".menu[open] .menu-list a", has_text="2022")
    assert entry.count() == 0, "on a slow line nothing of ours runs yet"
    held[0].continue_()
    entry.wait_for()


def test_menus_and_fields_work_where_our_scripts_cannot_be_had(
    chromium: Browser, live_server: LiveServer, figures: None
) -> None:
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.route("**/static/js/*", lambda route: route.abort())
    page.goto(COMPARISON)
    page.locator("noscript.later").first.wait_for(state="detached")
    page.locator("select[name=tinh]").select_option("cao-bang")
    page.locator("#tinh-add").click()
    page.wait_for_url("**tinh=cao-bang")
    page.locator("#period-menu").click()
    page.locator(".menu[open] .menu-list a", has_text="2022").click()
    page.wait_for_url("**ky=2022**")
    context.close()


def test_a_phones_masthead_is_low_shows_where_one_is_and_keeps_every_tool(
    chromium: Browser, live_server: LiveServer, figures: None
) -> None:
    """Without scripts, on a page whose entry stands last in the line of entries."""
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, base_url=live_server.url
    )
    page = context.new_page()
    page.goto("/phuong-phap/")
    masthead = page.locator(".masthead").bounding_box()
    entry = page.locator(".nav-row [aria-current]").bounding_box()
    assert masthead and masthead["height"] < 160
    assert entry and entry["x"] >= 0 and entry["x"] + entry["width"] <= 390
    page.locator(".tools summary").last.click()
    assert page.locator(".tools [name=text]:visible").all_inner_texts() == ["A−", "A", "A+"]
    context.close()


def test_without_scripts_tables_and_controls_remain(
    chromium: Browser, live_server: LiveServer, figures: None
) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.goto(COMPARISON)
    assert page.locator("table.ranking tbody tr").count() == 3
    bars = [page.locator("svg.columns path").nth(place).get_attribute("d") or "" for place in (0, 1)]
    assert "".join(bars).count("M") == 3, "the ranking is a chart before any script"
    page.locator("#period-menu").click()
    page.locator(".menu-list a", has_text="2022").first.click()
    page.wait_for_url("**ky=2022**")
    page.locator("h2", has_text="2022").first.wait_for()
    page.locator("form[action='/ngon-ngu/'] button").click()
    page.locator("html[lang=en]").wait_for()
    page.locator("button:visible", has_text="A+").click()
    page.locator("html.text-large").wait_for()
    context.close()
