"""Recomputing 378,000 figures in both geographies and all groups: ours beside its floors and beside loops.

    DATABASE_URL=postgresql://…  make bench-recompute        (ROUNDS=3)

A database of its own is made on that server and dropped afterwards. Every measurement is a process of its
own, so that its peak memory is its own; ours and the floors take turns: ratios hold better than times.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.scratch import scratch_database

ROOT = Path(__file__).resolve().parents[1]
PROVINCES, INDICATORS, QUARTERS = 63, 150, 40
FLOORS = ("read", "numpy", "copy_back")
LOOP_SLICES = 20


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "3"))
    with scratch_database("tinhso_bench_recompute"):
        manage("migrate", "-v0")
        manage("load_reference", "--no-recompute")
        size = ["--geography", "63", "--indicators", str(INDICATORS), "--quarters", str(QUARTERS)]
        manage("load_simulated", *size, "--leave-to-worker")
        results: dict[str, list[dict[str, Any]]] = {}
        for _ in range(rounds):
            for case in ("full_empty", *FLOORS, "arithmetic", "full_same", "one_publication", "loops"):
                results.setdefault(case, []).append(in_a_process(case))
    report(results, rounds)


def report(results: dict[str, list[dict[str, Any]]], rounds: int) -> None:
    print(f"\n{PROVINCES} x {INDICATORS} x {QUARTERS}, median of {rounds} (load {os.getloadavg()[0]:.1f})")
    for case, runs in results.items():
        seconds = statistics.median(run["seconds"] for run in runs)
        memory = max(run["memory"] for run in runs)
        print(f"  {case:16} {seconds:9.3f} s {runs[0]['rows']:>10,} rows   peak {memory:4.0f} MiB")

    def ratio(ours: str, *others: str) -> float:
        rows = zip(results[ours], *(results[other] for other in others), strict=True)
        return statistics.median(one["seconds"] / sum(o["seconds"] for o in rest) for one, *rest in rows)

    print(f"  arithmetic = {ratio('arithmetic', 'numpy'):.1f} x plain NumPy for the same statistics")
    for case in ("full_empty", "full_same"):
        print(f"  {case} = {ratio(case, *FLOORS):.1f} x the sum of the three floors")
    print(f"  loops, for all slices = {ratio('loops', 'full_same'):.0f} x full_same")


def manage(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
    )


def in_a_process(case: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.bench_recompute", case],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(case: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from benchmarks import recompute_cases

    prepared: Callable[[], int] = recompute_cases.CASES[case]()
    begun = time.perf_counter()
    rows = prepared()
    seconds = time.perf_counter() - begun
    if case == "loops":
        seconds *= INDICATORS * QUARTERS / LOOP_SLICES
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "memory": memory}))


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
