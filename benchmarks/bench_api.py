"""The API under load beside its peers, on the same rows, in one run.

    DATABASE_URL=postgresql://…  REDIS_URL=redis://…  make bench-api
    (INDICATORS=150 QUARTERS=40 SECONDS=5 ROUNDS=3)

A database of its own is made on that server and dropped afterwards. wrk keeps four connections open; every
server has two processes with the settings of the product, Datasette one (it has no more). The limit of
requests is counted, and never reached. Servers take turns: ratios hold better than times.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.packages import PACKAGES, ROOT, install_packages
from benchmarks.scratch import scratch_database

GOALS = {"uncached": (0.6, 0.7, 0.5), "cached": (1.2, 6, 1.2), "304": (1, 10, 1)}
_UNCHANGED = "If-None-Match: {etag}"
_GUNICORN = ("-m", "gunicorn", "--config", "python:runtime.web", "--log-level", "error")


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    process: psutil.Process

    def memory(self) -> float:
        """The most that one of its processes ever held, in MiB."""
        processes = [self.process, *self.process.children(recursive=True)]
        return max(_high_water(process.pid) for process in processes)


@dataclass(frozen=True)
class Measured:
    rate: float
    p50: float  # milliseconds
    p99: float


def main() -> None:
    if not shutil.which("wrk"):
        raise SystemExit("wrk is needed: apt-get install wrk")
    install_packages()
    size = [
        "--indicators",
        os.environ.get("INDICATORS", "150"),
        "--quarters",
        os.environ.get("QUARTERS", "40"),
    ]
    with scratch_database("tinhso_bench_api"), tempfile.TemporaryDirectory() as folder:
        manage("migrate", "-v0")
        manage("load_reference", "--no-recompute")
        manage("load_simulated", "--geography", "63", *size, "--leave-to-worker")
        vacuum()
        os.environ |= {"BENCH_FOLDER": folder, "API_REQUESTS_PER_MINUTE": str(10**9)}
        measure(Path(folder))


def measure(folder: Path) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from api.written import write_rows
    from benchmarks.api_cases import Case, prepare

    write_rows(seconds=600)  # the worker's task would have, by and by
    vacuum()
    cases, counts = prepare(folder)
    rounds, seconds = int(os.environ.get("ROUNDS", "3")), int(os.environ.get("SECONDS", "5"))
    found: dict[tuple[str, str], list[Measured]] = {}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(server) for name, server in _servers(folder).items()}
        plans: list[tuple[str, str, str, Case, str]] = []
        for case in cases:
            plans += [
                ("limit", "limit", f"/plain/{case.name[0]}", case, ""),
                ("limit, every field", "limit", f"/every/{case.name[0]}", case, ""),
                ("uncached", "uncached", case.ours, case, ""),
                ("cached", "cached", case.ours, case, ""),
                ("cached, gzip", "cached", case.ours, case, "Accept-Encoding: gzip"),
                ("304", "cached", case.ours, case, _UNCHANGED),
                ("ModelSerializer", "serializers", case.serializer, case, ""),
                ("Datasette", "datasette", case.datasette, case, ""),
            ]
        for _ in range(rounds):
            for label, server, address, case, header in plans:
                url = f"http://127.0.0.1:{servers[server].port}{address}"
                found.setdefault((label, case.name), []).append(_load(url, seconds, header))
        report(cases, found, counts["figures"], rounds)
        for server in servers.values():
            print(f"  {server.name:18} {server.memory():6.0f} MiB at most in a process")
    from benchmarks import api_whole

    api_whole.measure(folder, counts["figures"])


def _servers(folder: Path) -> dict[str, object]:
    return {
        "limit": served("limit", (*_GUNICORN, "benchmarks.api_peers:limit")),
        "uncached": served("uncached", (*_GUNICORN, "config.wsgi"), API_CACHED_MIB="0"),
        "cached": served("cached", (*_GUNICORN, "config.wsgi")),
        "serializers": served("ModelSerializer", (*_GUNICORN, "benchmarks.api_peers:serializers")),
        "datasette": datasette(folder),
    }


def datasette(folder: Path) -> object:
    words = ("-m", "datasette", "serve", str(folder / "bench.db"), "--setting", "max_returned_rows", "5000")
    words += ("--setting", "max_csv_mb", "0", "--setting", "sql_time_limit_ms", "60000")
    return served("Datasette", words, PYTHONPATH=str(PACKAGES))


@contextmanager
def served(name: str, words: tuple[str, ...], **environment: str) -> Iterator[Server]:
    """A server on a port of its own, ended afterwards with its children."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        **os.environ,
        "DEBUG": "0",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
        **environment,
    }
    ours = words if "gunicorn" in words else (*words, "--port", str(port))
    told = None if "gunicorn" in words else subprocess.DEVNULL  # Datasette tells all it does
    words = (sys.executable, "-W", "ignore", *ours)
    process = subprocess.Popen(words, cwd=ROOT, env=own, stdout=subprocess.DEVNULL, stderr=told)
    try:
        _wait_for(port, process)
        yield Server(name, port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def report(
    cases: list[object], found: dict[tuple[str, str], list[Measured]], figures: int, rounds: int
) -> None:
    names = [case.name for case in cases]  # type: ignore[attr-defined]
    real = ", ".join(f"{case.name}: {case.rows}" for case in cases)  # type: ignore[attr-defined]
    print(f"\n{figures:,} figures ({real}); median of {rounds}, load {os.getloadavg()[0]:.1f}")
    print("  requests/s, p50 and p99 in ms, and times the limit (every field)  " + " | ".join(names))
    for label in dict.fromkeys(label for label, _ in found):
        cells = []
        for place, name in enumerate(names):
            runs = found[label, name]
            rate = statistics.median(run.rate for run in runs)
            p50, p99 = (statistics.median(getattr(run, key) for run in runs) for key in ("p50", "p99"))
            plain, every = (
                statistics.median(
                    run.rate / least.rate for run, least in zip(runs, found[base, name], strict=True)
                )
                for base in ("limit", "limit, every field")
            )
            goal = f" goal {GOALS[label][place]}" if label in GOALS else ""
            cells.append(f"{rate:7.0f} {p50:6.2f} {p99:7.2f} x{plain:5.2f} (x{every:5.2f}){goal}")
        print(f"  {label:18} " + " | ".join(cells))


def _load(url: str, seconds: int, header: str) -> Measured:
    words = ["wrk", "--threads", "1", "--connections", "4", "--timeout", "30s", "--latency"]
    with urllib.request.urlopen(url) as answer:
        answer.read()
        if header:
            words += ["--header", header.format(etag=answer.headers["ETag"])]
    subprocess.run([*words, "--duration", "1s", url], check=True, capture_output=True)
    text = subprocess.run(
        [*words, "--duration", f"{seconds}s", url], check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"{url}\n{text}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert rate is not None
    return Measured(float(rate[1]), _milliseconds(text, "50"), _milliseconds(text, "99"))


def _milliseconds(text: str, percent: str) -> float:
    match = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s)\s", text)
    assert match is not None, text
    return float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[match[2]]


def _high_water(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 1024


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server on port {port} did not start.")


def vacuum() -> None:
    import psycopg2

    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def manage(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
    )


if __name__ == "__main__":
    main()
