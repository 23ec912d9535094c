"""One view of a page in Chromium: when its first figures and its whole table can be read, when its chart is
painted, how many bytes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import psutil
from playwright.sync_api import Browser, BrowserContext, Page

#: 4 times slower, 1.6 Mbit/s down, 150 ms: Lighthouse's slow phone.
SLOW = {"cpu": 4, "latency": 150, "down": 1.6e6 / 8, "up": 0.75e6 / 8}
#: So many lines of the table are its first figures.
FIRST = 10
#: So often is looked, 0.3 s each time, whether the browser has come to rest.
QUIET_WITHIN = 40
PAINTED = "benchmark: painted"
# Told of changes instead of asking with every frame, which would make the page draw frames of its own accord
# before the first that anybody sees. It tells by the console: what is evaluated in a page has a script of
# Playwright put before it, eight milliseconds of the time that is measured.
_WATCH = """(() => {
  const seen = window.benchSeen = {};
  const now = (name) => () => {
    seen[name] = performance.now();
    if (seen.first && seen.rows && seen.bars) console.debug(PAINTED);
  };
  const marks = [
    [ROWS, FIRST, () => requestAnimationFrame(now("first"))],
    [ROWS, COUNT, () => requestAnimationFrame(now("rows"))],
    [".bars .point", COUNT, () => requestAnimationFrame(() => setTimeout(now("bars")))],
  ];
  const watcher = new MutationObserver(() => {
    for (const mark of [...marks]) {
      const [selector, count, reached] = mark;
      if (document.querySelectorAll(selector).length < count) continue;
      marks.splice(marks.indexOf(mark), 1);
      reached();
    }
    if (!marks.length) watcher.disconnect();
  });
  watcher.observe(document, { childList: true, subtree: true });
})()"""
_SEEN = """() => [benchSeen.first, benchSeen.rows, benchSeen.bars,
  performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0]"""


@dataclass(frozen=True)
class View:
    """Seconds since the navigation began; kilobytes over the wire."""

    readable: float  # the first lines of the table
    whole: float  # all of them
    painted: float
    kilobytes: float


def new_context(browser: Browser, rows: str, count: int) -> BrowserContext:
    """``rows``: selector of the table's lines; ``count``: how many lines and bars make it whole."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    words = {"ROWS": repr(rows), "COUNT": str(count), "FIRST": str(FIRST), "PAINTED": repr(PAINTED)}
    watch = _WATCH
    for word, text in words.items():
        watch = watch.replace(word, text)
    context.add_init_script(watch)
    return context


def view(context: BrowserContext, address: str, *, slow: bool = False) -> View:
    page = context.new_page()
    _wait_until_quiet(page)  # before it is slowed: that costs processor all the while
    received = _count_bytes(page, slow)
    with page.expect_console_message(lambda message: message.text == PAINTED, timeout=180_000):
        page.goto(address, wait_until="commit", timeout=180_000)
    first, rows, bars, paint = page.evaluate(_SEEN)
    page.wait_for_timeout(300)  # what comes after the paint counts as bytes too
    page.close()
    return View(max(first, paint) / 1000, max(rows, paint) / 1000, bars / 1000, sum(received) / 1000)


def _wait_until_quiet(page: Page) -> None:
    """A new window's own tool bar is a page that Chromium draws for half a second on a quiet machine and for
    longer on a busy one, on as many cores as it gets: that is no time of the page that is asked for next."""
    for _ in range(QUIET_WITHIN):
        before = _processor_of_all()
        page.wait_for_timeout(300)
        if _processor_of_all() - before <= 0.03:
            return
    raise SystemExit(
        f"Browser and servers did not come to rest in {0.3 * QUIET_WITHIN:.0f} s: try again later."
    )


def _processor_of_all() -> float:
    """Seconds that whatever this process started has used: the browser, the servers."""
    seconds = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:2])
    return seconds


def _count_bytes(page: Page, slow: bool) -> list[float]:
    received: list[float] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    client.on(
        "Network.webSocketFrameReceived",
        lambda event: received.append(len(event["response"]["payloadData"])),
    )
    if slow:
        client.send("Emulation.setCPUThrottlingRate", {"rate": SLOW["cpu"]})
        client.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": SLOW["latency"],
                "downloadThroughput": SLOW["down"],
                "uploadThroughput": SLOW["up"],
            },
        )
    return received
