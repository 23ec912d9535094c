"""Recomputing all figures in both geographies and all groups: ours beside its floors, loops and DuckDB.

    DATABASE_URL=postgresql://…  make bench-recompute     (SIZE=63x150x40 LARGE=3321x150x40 ROUNDS=3)

SIZE is provinces (63) × indicators × quarters; LARGE the frame that goes through the pure core alone, 0 for
none. A database of its own is made on that server and dropped afterwards. Every measurement is a process of
its own, so that its peak memory is its own; ours and the floors take turns: ratios hold better than times.
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
from typing import Any

from benchmarks.packages import ROOT, install_packages
from benchmarks.scratch import scratch_database

INDICATORS, QUARTERS = (int(n) for n in os.environ.get("SIZE", "63x150x40").split("x")[1:])
LARGE = os.environ.get("LARGE", "3321x150x40")
FLOORS = ("read", "numpy", "copy_back")
#: The same, but that rows are written to tables with the constraints and indexes that ours have.
INDEXED = ("read", "numpy", "copy_back_indexed")
#: What runs in a worker: its memory counts.
OURS = ("full_empty", "full_same", "one_publication")
CASES = ("full_empty", *FLOORS, "copy_back_indexed", "arithmetic", "full_same", "one_publication")
#: Units (indicator × period) that the loops do; all of them would take hours.
LOOP_UNITS = 4
Result = dict[str, Any]
_UNITS = ("seconds", "processor")


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "3"))
    install_packages()
    results: dict[str, list[Result]] = {}
    with scratch_database("tinhso_bench_recompute"):
        manage("migrate", "-v0")
        manage("load_reference", "--no-recompute")
        size = ["--geography", "63", "--indicators", str(INDICATORS), "--quarters", str(QUARTERS)]
        manage("load_simulated", *size, "--leave-to-worker")
        for _ in range(rounds):
            for case in CASES:
                results.setdefault(case, []).append(in_a_process(case))
        results["loops"] = [in_a_process("loops")]
    for case in ("large_ours", "large_duckdb") if LARGE != "0" else ():
        results[case] = [in_a_process(case)]
    print(f"\n63 x {INDICATORS} x {QUARTERS}, median of {rounds} (load {os.getloadavg()[0]:.1f})")
    report(results)
    compare(results)


def report(results: dict[str, list[Result]]) -> None:
    for case, runs in results.items():
        seconds, processor = (statistics.median(run[unit] for run in runs) for unit in _UNITS)
        memory = max(run["memory"] for run in runs)
        print(
            f"  {case:16} {seconds:9.3f} s  processor {processor:9.3f} s {runs[0]['rows']:>11,} rows   "
            f"peak {memory:5.0f} MiB"
        )


def compare(results: dict[str, list[Result]]) -> None:
    def ratio(what: str, goal: str, ours: str, *others: str) -> None:
        found = []
        for unit in _UNITS:
            rows = zip(results[ours], *(results[other] for other in others), strict=True)
            one = statistics.median(run[unit] / sum(other[unit] for other in rest) for run, *rest in rows)
            found.append(f"{one:6.1f}")
        print(f"  {what:62} {found[0]} by seconds, {found[1]} by processor; goal {goal}")

    print("ratios")
    ratio("arithmetic to the same statistics on plain NumPy cubes", "at most 3", "arithmetic", "numpy")
    for case in ("full_empty", "full_same"):
        ratio(f"{case} to the sum of its floors", "at most 3", case, *FLOORS)
    ratio("full_empty to floors that keep the same indexes", "(none)", "full_empty", *INDEXED)
    publication = [
        1000 * statistics.median(run[unit] for run in results["one_publication"]) for unit in _UNITS
    ]
    memory = max(run["memory"] for case in OURS for run in results[case])
    print("  one publication {:.0f} ms, {:.0f} ms of processor; goal under 30".format(*publication))
    print(f"  largest process {memory:.0f} MiB; goal under 400")
    last = {"loops": results["loops"], "full_same": results["full_same"][-1:]}
    results = last | {case: runs for case, runs in results.items() if case.startswith("large")}
    ratio("loops, all units from four, to full_same", "at least 100", "loops", "full_same")
    if "large_ours" in results:
        ratio(f"{LARGE} by chunks to DuckDB", "at most 3", "large_ours", "large_duckdb")
        print(f"  {LARGE} peak {results['large_ours'][0]['memory']:.0f} MiB; goal under 2048")


def manage(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
    )


def in_a_process(case: str) -> Result:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.bench_recompute", case],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result: Result = json.loads(done.stdout.splitlines()[-1])
    print(f"{case}: {result}", flush=True)
    return result


def measure(case: str) -> Result:
    """One case: how many rows, how long, how much memory at the most."""
    from benchmarks.bench_import import peak_memory, processor_time, set_up

    if case.startswith("large"):
        from benchmarks import large_frame

        return large_frame.CASES[case]() | {"memory": peak_memory()}
    set_up()
    from benchmarks import recompute_cases

    if case == "one_publication":
        return recompute_cases.publications(processor_time) | {"memory": peak_memory()}
    prepared: Callable[[], int] = recompute_cases.CASES[case]()
    spent = recompute_cases.all_processor_time
    begun, used = time.perf_counter(), spent()
    rows = prepared()
    result = {"seconds": time.perf_counter() - begun, "processor": spent() - used}
    if case == "loops":
        share = LOOP_UNITS / recompute_cases.all_units()
        result = {unit: taken / share for unit, taken in result.items()}
    of_commands = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return result | {"rows": rows, "memory": max(peak_memory(), of_commands)}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]))) if len(sys.argv) > 1 else main()
