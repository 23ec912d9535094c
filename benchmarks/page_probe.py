"""One view of a page in Chromium: when its first figures and its whole table can be read, when its chart is
painted, how many bytes."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

#: 4 times slower, 1.6 Mbit/s down, 150 ms: Lighthouse's slow phone.
SLOW = {"cpu": 4, "latency": 150, "down": 1.6e6 / 8, "up": 0.75e6 / 8}
#: So many lines of the table are its first figures.
FIRST = 10
_WATCH = """(() => {
  const seen = window.benchSeen = {};
  const look = () => {
    const rows = document.querySelectorAll(ROWS).length;
    if (rows >= FIRST) seen.first ??= performance.now();
    if (rows >= COUNT) seen.rows ??= performance.now();
    if (!seen.bars && document.querySelectorAll(".bars .point").length >= COUNT)
      requestAnimationFrame(() => setTimeout(() => { seen.bars ??= performance.now(); }));
    if (!seen.rows || !seen.bars) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""
# Not wait_for_function: that evaluates a text in the page, which our Content-Security-Policy forbids.
_SEEN = """() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error("nothing drawn: " + JSON.stringify(benchSeen))), 180000);
  const paint = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  const look = () =>
    benchSeen.rows && benchSeen.bars
      ? done([benchSeen.first, benchSeen.rows, benchSeen.bars, paint()])
      : setTimeout(look, 50);
  look();
})"""


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
    watch = _WATCH.replace("ROWS", repr(rows)).replace("COUNT", str(count)).replace("FIRST", str(FIRST))
    context.add_init_script(watch)
    return context


def view(context: BrowserContext, address: str, *, slow: bool = False) -> View:
    page = context.new_page()
    received = _count_bytes(page, slow)
    page.wait_for_timeout(500)  # the page before is taken down and this one's process has started
    page.goto(address, wait_until="commit", timeout=180_000)
    first, rows, bars, paint = page.evaluate(_SEEN)
    page.wait_for_timeout(300)  # what comes after the paint counts as bytes too
    page.close()
    return View(max(first, paint) / 1000, max(rows, paint) / 1000, bars / 1000, sum(received) / 1000)


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
