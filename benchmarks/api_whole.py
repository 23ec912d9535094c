"""The whole table as CSV and NDJSON: how long, when the first byte, and how much memory."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg2

_OURS = "/api/v1/observations/?simulated=true&format="


class _Nowhere:
    def __init__(self) -> None:
        self.bytes = 0

    def write(self, chunk: bytes) -> int:
        self.bytes += len(chunk)
        return len(chunk)


def measure(folder: Path, figures: int) -> None:
    from benchmarks.bench_api import _GUNICORN, datasette, served

    rounds = int(os.environ.get("ROUNDS", "3"))
    print(f"\nThe whole table, {figures:,} rows: seconds, first byte, MB, MiB of memory; median of {rounds}")
    floors = {}
    for name, sql in json.loads((folder / "copies.json").read_text()).items():
        floors[name] = statistics.median(_copy(sql)[0] for _ in range(rounds))
        print(f"  {f'bare COPY, {name} fields':28} {floors[name]:7.2f} s")

    def ours() -> AbstractContextManager[Any]:
        return served("ours", (*_GUNICORN, "config.wsgi"), WEB_CONCURRENCY="1", API_CACHED_MIB="0")

    _row("CSV", ours, f"{_OURS}csv", floors, rounds)
    _row("NDJSON", ours, f"{_OURS}ndjson", floors, rounds)
    _row("Datasette CSV", lambda: datasette(folder), "/bench/observations.csv?_stream=on", floors, 1)  # type: ignore[arg-type,return-value]
    serializers = (*_GUNICORN, "benchmarks.api_peers:serializers")
    _row("ModelSerializer JSON", lambda: served("serializers", serializers), "/observations/", floors, 1)


def _row(
    name: str,
    server: Callable[[], AbstractContextManager[Any]],
    address: str,
    floors: dict[str, float],
    rounds: int,
) -> None:
    """Each in a server that has done nothing else, so that its memory is its own."""
    with server() as running:
        _awaken(running.port)
        runs = [_read(running.port, address) for _ in range(rounds)]
        memory = running.memory()
    seconds, first, size = (statistics.median(run[place] for run in runs) for place in range(3))
    ratios = ", ".join(f"x {seconds / floor:.2f} {fields}" for fields, floor in floors.items())
    print(
        f"  {name:28} {seconds:7.2f} s  {first:6.3f} s  {size / 1e6:6.1f} MB  {memory:5.0f} MiB  ({ratios})"
    )


def _awaken(port: int) -> None:
    """The port is open before the application is loaded: the first answer, whatever it is, does not count."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/api/v1/")
    connection.getresponse().read()
    connection.close()


def _read(port: int, address: str) -> tuple[float, float, int]:
    """(seconds, seconds to the first byte of the body, bytes)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    begun = time.perf_counter()
    connection.request("GET", address)
    response = connection.getresponse()
    assert response.status == 200, response.read(500)
    size = len(response.read(1))
    first = time.perf_counter() - begun
    while chunk := response.read(1 << 20):
        size += len(chunk)
    connection.close()
    return time.perf_counter() - begun, first, size


def _copy(sql: str) -> tuple[float, int]:
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    begun, sink = time.perf_counter(), _Nowhere()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, HEADER true)", sink)
    connection.close()
    return time.perf_counter() - begun, sink.bytes
