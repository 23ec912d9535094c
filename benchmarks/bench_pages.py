"""A ranking and trend of 63 provinces on our page, in Plotly Dash and in Streamlit, in one run.

    DATABASE_URL=postgresql://…  make bench-pages          (ROUNDS=5 SLOW_ROUNDS=1)

A database of its own is made on that server and dropped afterwards. All show the same figures, read for every
view; the peers get them as a file, which is less work than asking a database. Chromium starts each cold view
without anything kept. Ours draws the trend only when it comes into view, so that a chart counts as painted
with the ranking's 63 bars, on all three. Servers take turns: ratios hold better than times.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.page_probe import View, new_context, view
from benchmarks.scratch import scratch_database
from tests.browser.conftest import QUIET, chromium_path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "var" / "bench-pages"
WANTED = ROOT / "requirements-bench-pages.txt"
QUESTION = "/so-sanh/?chi-tieu=dti-total&ky=2024&dia-gioi=63&tinh=dien-bien"
PROVINCES = 63
OURS, DASH, STREAMLIT = "ours", "Dash", "Streamlit"
VIEWS_FOR_PROCESSOR = {OURS: 30, DASH: 10, STREAMLIT: 5}  # the clock of processes ticks every 10 ms


@dataclass(frozen=True)
class Site:
    """``rows``: selector of the table's lines."""

    name: str
    address: str
    rows: str
    process: psutil.Process

    def processor(self) -> float:
        """Seconds that its processes have used."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in processes)


def main() -> None:
    install_peers()
    with (
        scratch_database("tinhso_bench_pages"),
        tempfile.TemporaryDirectory() as folder,
        ExitStack() as stack,
    ):
        for words in (("migrate", "-v0"), ("load_reference", "-v0")):
            subprocess.run(
                [sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
        data = Path(folder) / "figures.json"
        write_figures(data)
        sites = [stack.enter_context(serve(*one)) for one in servers(data)]
        browser = stack.enter_context(chromium())
        print_table(measure(browser, sites))


def install_peers() -> None:
    """Into an environment of their own: they bring other versions of what the application uses."""
    stamp = PEERS / WANTED.name
    if stamp.exists() and stamp.read_text() == WANTED.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
    subprocess.run([PEERS / "bin" / "python", "-m", "pip", "install", "-q", "-r", WANTED], check=True)
    stamp.write_text(WANTED.read_text())


def write_figures(path: Path) -> None:
    """What our page shows, for the peers to show."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from dashboards.queries import comparison

    places = comparison.places("dti-total", "2024", "63", "nation")
    ranking = [(place.rank, place.province.name, place.value) for place in places]
    lines: dict[str, list[tuple[str, float]]] = {}
    for place in comparison.series(["dti-total"], ["dien-bien", places[0].province.slug]):
        if place.geography == "63":
            lines.setdefault(place.province.name, []).append((place.period.end.isoformat(), place.value))
    trend = [{"name": n, "x": [x for x, _ in line], "y": [y for _, y in line]} for n, line in lines.items()]
    assert len(ranking) == PROVINCES and len(trend) == 2
    median = statistics.median(value for *_, value in ranking)
    title = "Chỉ số chuyển đổi số cấp tỉnh (DTI), 2024"
    path.write_text(json.dumps({"title": title, "ranking": ranking, "median": median, "trend": trend}))


def servers(data: Path) -> list[tuple[str, int, str, str, list[str]]]:
    """Name, port, path, selector of the table's lines, command. Each as its documentation starts it."""
    static = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run([sys.executable, "-m", "runtime", "translations"], cwd=ROOT, check=True)
    subprocess.run([*static, "--ignore", "redoc", "--ignore", "rest_framework"], cwd=ROOT, check=True)
    python, here = str(PEERS / "bin" / "python"), ROOT / "benchmarks"
    gunicorn = ["-m", "gunicorn", "--config", "python:runtime.web", "--log-level", "error", "config.wsgi"]
    quiet = ["--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    streamlit = ["-m", "streamlit", "run", str(here / "page_peer_streamlit.py"), "--server.port=8653", *quiet]
    return [
        (OURS, 8651, QUESTION, "table.ranking tbody tr", [sys.executable, *gunicorn]),
        (DASH, 8652, "/", "#table tr", [python, str(here / "page_peer_dash.py"), str(data), "8652"]),
        (STREAMLIT, 8653, "/", "[data-testid=stTable] tbody tr", [python, *streamlit, "--", str(data)]),
    ]


@contextmanager
def serve(name: str, port: int, path: str, rows: str, command: list[str]) -> Iterator[Site]:
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "1", "DEBUG": ""}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield Site(name, address + path, rows, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"{address} does not answer.")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Measured:
    cold: list[View]
    warm: list[View]
    slow: list[View]
    processor: float  # milliseconds a view
    processor_cached: float | None = None


def measure(browser: Browser, sites: list[Site]) -> dict[str, Measured]:
    measured = {site.name: Measured([], [], [], 0.0) for site in sites}
    for site in sites:  # nobody is measured while it still imports
        _cold(browser, site)
    for _ in range(int(os.environ.get("ROUNDS", "5"))):
        for site in sites:
            cold, warm = _cold(browser, site)
            measured[site.name].cold.append(cold)
            measured[site.name].warm.append(warm)
    for _ in range(int(os.environ.get("SLOW_ROUNDS", "1"))):
        for site in sites:
            context = new_context(browser, site.rows, PROVINCES)
            measured[site.name].slow.append(view(context, site.address, slow=True))
            context.close()
    for site in sites:
        own = measured[site.name]
        own.processor = _processor(browser, site, fresh=True)
        own.processor_cached = _processor(browser, site, fresh=False) if site.name == OURS else None
    return measured


def _cold(browser: Browser, site: Site) -> tuple[View, View]:
    """With nothing kept, then once more in the same browser."""
    context = new_context(browser, site.rows, PROVINCES)
    views = view(context, site.address), view(context, site.address)
    context.close()
    return views


def _processor(browser: Browser, site: Site, *, fresh: bool) -> float:
    """Milliseconds of the server's processor a warm view. ``fresh``: ours is asked what it has not kept."""
    context = new_context(browser, site.rows, PROVINCES)
    view(context, site.address)
    before = site.processor()
    views = VIEWS_FOR_PROCESSOR[site.name]
    for number in range(views):
        extra = f"&anew={number}" if fresh and site.name == OURS else ""
        view(context, site.address + extra)
    context.close()
    return 1000 * (site.processor() - before) / views


def print_table(measured: dict[str, Measured]) -> None:
    def middle(views: list[View], of: Callable[[View], float]) -> float:
        return statistics.median(of(one) for one in views)

    lines: list[tuple[str, Callable[[Measured], float], str, float | None, float | None]] = [
        (
            "first figures readable, cold, s",
            lambda m: middle(m.cold, lambda v: v.readable),
            ".2f",
            0.25,
            None,
        ),
        (
            "the same, slow machine and line, s",
            lambda m: middle(m.slow, lambda v: v.readable),
            ".2f",
            0.07,
            None,
        ),
        ("all 63 lines, cold, s", lambda m: middle(m.cold, lambda v: v.whole), ".2f", None, None),
        ("all of them, slow, s", lambda m: middle(m.slow, lambda v: v.whole), ".2f", None, None),
        ("chart painted, cold, s", lambda m: middle(m.cold, lambda v: v.painted), ".2f", 0.35, None),
        (
            "the same, slow machine and line, s",
            lambda m: middle(m.slow, lambda v: v.painted),
            ".2f",
            0.12,
            None,
        ),
        ("chart painted, warm, s", lambda m: middle(m.warm, lambda v: v.painted), ".2f", 0.4, None),
        ("kilobytes, cold", lambda m: middle(m.cold, lambda v: v.kilobytes), ".0f", None, 460),
        ("kilobytes, warm", lambda m: middle(m.warm, lambda v: v.kilobytes), ".0f", None, 25),
        ("server processor a view, ms", lambda m: m.processor, ".1f", None, 20),
    ]
    print("| | ours | Dash | Streamlit | ours / Dash | goal |\n|---|---|---|---|---|---|")
    for label, of, form, ratio, limit in lines:
        values = [of(measured[name]) for name in (OURS, DASH, STREAMLIT)]
        share = values[0] / values[1]
        met = share <= ratio if ratio is not None else values[0] <= (limit or 0)
        goal = f"≤ {ratio} × Dash" if ratio is not None else f"≤ {limit}"
        judged = "" if ratio is None and limit is None else f"{goal}: {'met' if met else 'MISSED'}"
        cells = " | ".join(format(value, form) for value in values)
        print(f"| {label} | {cells} | {share:.3f} | {judged} |")
    kept = measured[OURS].processor_cached or 0.0
    print(f"| the same, page kept, ms | {kept:.1f} | | | | ≤ 3: {'met' if kept <= 3 else 'MISSED'} |")


if __name__ == "__main__":
    main()
