"""Walking the pages: one page of the browser goes from address to address and is looked at in every setting.

An address is loaded twice in each language, in the usual contrast and in the high one. Theme and width
change under the loaded page, as they do for a reader who turns a tablet or whose device goes dark at dusk.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from playwright.sync_api import Browser, Page

from tests.browser.axe import violations
from tests.browser.layout import faults
from tests.browser.test_pages import Watch

LANGUAGES = ("vi", "en")
LOOKS = ("light", "dark", "contrast")
WIDTHS = (390, 1280, 1920)
NARROWEST = 360
_FITTED = """() => [...document.querySelectorAll(".canvas[id]")].every((canvas) => {
  const drawn = canvas.querySelector("svg.main-svg");
  return drawn && Math.abs(drawn.clientWidth - canvas.clientWidth) < 2;
})"""
_REDRAWN = 350  # ms after which a page draws its charts anew at another width
_PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
_OPENED = """() => {
  for (const part of document.querySelectorAll("main details:not(.menu)")) part.open = true;
}"""


@dataclass(frozen=True)
class Setting:
    look: str
    width: int


EVERY_SETTING = [Setting(*one) for one in product(LOOKS, WIDTHS)]


@dataclass(frozen=True)
class Stop:
    """An address, and what it is answered with where that is no page but a refusal."""

    address: str
    status: int = 200
    settings: Sequence[Setting] = tuple(EVERY_SETTING)
    text: str = "normal"


def cookies(origin: str, **kept: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value, "url": origin} for name, value in kept.items()]


def draw_all(page: Page) -> None:
    """Every chart comes into view, as it does for a reader who scrolls down."""
    for canvas in page.locator(".canvas[id]").all():
        canvas.scroll_into_view_if_needed()
        canvas.locator("svg.main-svg").first.wait_for(timeout=20_000)
    page.evaluate("scrollTo(0, 0)")


def put_on(page: Page, setting: Setting) -> None:
    page.emulate_media(color_scheme="dark" if setting.look == "dark" else "light")
    turned = page.viewport_size != {"width": setting.width, "height": 900}
    page.set_viewport_size({"width": setting.width, "height": 900})
    page.wait_for_function(_FITTED, timeout=20_000)
    if turned and page.locator(".canvas[id]").count():
        page.wait_for_timeout(_REDRAWN)
    page.evaluate(_PAINTED)


def look_at(page: Page, stop: Stop, watch: Watch) -> Iterator[tuple[str, list[str]]]:
    """The settings of a stop, each with what is wrong in it."""
    for contrast in ("normal", "high"):
        asked = [one for one in stop.settings if (one.look == "contrast") == (contrast == "high")]
        if not asked:
            continue
        page.context.add_cookies(cookies(watch.origin, contrast=contrast, text=stop.text))  # type: ignore[arg-type]
        page.set_viewport_size({"width": asked[0].width, "height": 900})
        page.emulate_media(color_scheme="dark" if asked[0].look == "dark" else "light")
        answer = page.goto(stop.address)
        status = answer.status if answer else 0
        found = [] if status == stop.status else [f"answered with {status}"]
        page.evaluate(_OPENED)
        draw_all(page)
        for one in asked:
            put_on(page, one)
            yield f"{one.look} {one.width}", [*found, *faults(page), *violations(page)]
            found = []
        heard = [line for line in watch.complaints if not _is_the_refusal(line, stop)]
        yield f"{contrast} contrast", [*heard, *page.evaluate("violations")]
        watch.complaints.clear()


def _is_the_refusal(line: str, stop: Stop) -> bool:
    """The browser complains of a refusal that was asked for, and so does the watch."""
    return stop.status != 200 and (
        f"status of {stop.status}" in line or line.startswith(f"{stop.status} http")
    )


def walk(browser: Browser, language: str, stops: Iterable[Stop], origin: str) -> list[str]:
    """A line for everything that is wrong on the way."""
    lines = []
    context = browser.new_context(base_url=origin)
    context.add_cookies(cookies(origin, django_language=language, theme="auto"))  # type: ignore[arg-type]
    page, watch = context.new_page(), Watch(origin)
    watch.on(page)
    for stop in stops:
        for setting, found in look_at(page, stop, watch):
            lines += [f"{language} {setting} {stop.text} {stop.address}: {line}" for line in found]
    context.close()
    return lines
