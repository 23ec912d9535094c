"""A comparison in a real browser: choosing swaps the content, not the page; without scripts it is links."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from indicators.services.recomputing import drain_pending
from tests.browser.test_pages import Watch
from tests.cast import make_cast, make_indicator, make_province, state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BASE = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63&tinh=cao-bang"


@pytest.fixture
def figures() -> None:
    """Six provinces with counts in two years, and a second rate beside it."""
    cast = make_cast()
    early = make_indicator("dossiers-early-rate", "rate", "percent", "higher", "%", "%")
    more = [make_province("lang-son", "20", "Lạng Sơn", ""), make_province("lai-chau", "12", "Lai Châu", "")]
    for place, province in enumerate(
        [cast.ha_giang, cast.old_tuyen_quang, cast.cao_bang, cast.dien_bien, *more]
    ):
        for period in ("2022", "2023"):
            part = Decimal(500 + 60 * place + (place - 2) * (period == "2023"))
            counts = {"numerator": part, "denominator": Decimal(1000)}
            state(cast, province, cast.on_time, period, str(part / 10), **counts)
        state(cast, province, early, "2023", str(10 + place * place))
    drain_pending(cause="test")


@pytest.fixture
def watch(live_server: LiveServer) -> Watch:
    return Watch(live_server.url)


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, figures: None, watch: Watch) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    watch.on(page)
    yield page
    assert page.evaluate("violations") == []
    assert watch.complaints == []
    context.close()


def opened(page: Page) -> None:
    """Once htmx has come, which is the last of all."""
    page.goto(BASE)
    page.locator("script[data-ready]").wait_for(state="attached")


def drawn(page: Page, name: str) -> None:
    canvas = page.locator(f"#{name}-canvas")
    canvas.scroll_into_view_if_needed()
    canvas.locator("svg.main-svg").first.wait_for(timeout=15_000)


def test_choosing_swaps_the_content_and_keeps_the_page(page: Page) -> None:
    opened(page)
    drawn(page, "ranking")
    page.evaluate("window.same = true")
    for chart in ("distribution", "heat", "scatter", "slope", "funnel", "multiples"):
        page.locator(f"#chart-{chart}").click()
        expect(page.locator(f"#chart-{chart}")).to_have_attribute("aria-current", "true")
        drawn(page, chart)
        assert f"bieu-do={chart}" in page.url
        expect(page.locator(f"#chart-{chart}")).to_be_focused()
        sentence = page.locator("figure .sentence").first.text_content() or ""
        expect(page.locator("#status")).to_have_text(sentence)
    page.locator("#chart-map").click()
    for name in ("map", "tiles"):
        drawn(page, name)
    page.go_back()
    drawn(page, "multiples")
    assert "bieu-do=multiples" in page.url
    assert page.evaluate("window.same"), "the page itself never went"


def test_menus_forms_and_picks_swap_too_with_the_focus_where_it_was(page: Page) -> None:
    opened(page)
    page.evaluate("window.same = true")
    page.locator("#period-menu").click()
    page.locator(".menu-list a", has_text="2022").first.click()
    page.wait_for_url("**ky=2022**")
    expect(page.locator("#period-menu")).to_be_focused()
    # The long fields are filled by now, and still say what is shown.
    expect(page.locator("#tinh option[value=dien-bien]")).to_have_count(1)
    expect(page.locator("#tinh")).to_have_value("")
    expect(page.locator("#chi-tieu")).to_have_value("dossiers-on-time-rate")
    page.locator("#tinh").select_option("dien-bien")
    page.locator("#tinh-add").click()
    page.locator("#picked-dien-bien").wait_for()
    expect(page.locator("#tinh-add")).to_be_focused()
    ha_giang = page.locator("#ranking-table tr", has_text="Hà Giang").locator("td.bar")
    ha_giang.click()
    page.locator("#picked-ha-giang").wait_for()
    ha_giang.click()
    expect(page.locator("#picked-ha-giang")).to_have_count(0)
    expect(page.locator("#tinh option[value=ha-giang]")).to_have_count(1)
    ha_giang.click()
    page.locator("#picked-ha-giang").wait_for()
    assert page.evaluate("window.same")
    # What changes looks comes back to what is compared by now.
    page.locator("button:visible", has_text="A+").click()
    page.wait_for_load_state()
    expect(page.locator("#picked-ha-giang")).to_have_count(1)
    assert "ky=2022" in page.url


def test_what_cannot_be_swapped_is_gone_to(page: Page, watch: Watch) -> None:
    opened(page)
    page.route(
        "**bieu-do=heat",
        lambda route: route.abort() if "hx-request" in route.request.headers else route.continue_(),
    )
    page.locator("#chart-heat").click()
    page.wait_for_url("**bieu-do=heat")
    drawn(page, "heat")
    watch.complaints.clear()  # the browser tells of what was broken off


def test_without_scripts_every_control_is_a_link_or_a_form(
    chromium: Browser, live_server: LiveServer, figures: None
) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.goto(BASE)
    page.locator("#chart-heat").click()
    page.locator("details.data summary").click()
    expect(page.locator("table.values tbody tr")).to_have_count(6)
    page.locator("#cung").select_option("dossiers-early-rate")
    page.locator("#cung-add").click()
    expect(page.locator("#other-dossiers-early-rate")).to_have_count(1)
    assert "bieu-do=heat" in page.url
    page.locator("#chart-slope").click()
    expect(page.locator("#since-1[aria-current]")).to_have_count(1)
    context.close()
