"""Loading tables of figures: what ours costs beside a bare staged COPY, bulk_create, django-import-export.

    DATABASE_URL=postgresql://…  make bench-import        (ROUNDS=3)

A database of its own is made on that server and dropped afterwards. Every measurement is a process of its
own, so that its peak memory is its own; ours and the limit take turns: ratios hold better than times.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.packages import PACKAGES, install_packages
from benchmarks.scratch import scratch_database

ROOT = Path(__file__).resolve().parents[1]
DATABASE = "tinhso_bench_import"
HEADINGS = [
    *("Tỉnh", "Chỉ tiêu", "Kỳ báo cáo", "Phân tổ", "Giá trị", "Tử số", "Mẫu số"),
    *("Từ hạn định", "Trạng thái", "Lý do thiếu", "Ghi chú"),
]
Row = list[Any]


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "3"))
    install_packages()
    with scratch_database(DATABASE), tempfile.TemporaryDirectory() as folder:
        make_catalogue()
        files = make_files(Path(folder))
        for name, plan in (
            ("20,000 rows", [("dry_run", files["20k.xlsx"]), ("confirmed", files["20k.xlsx"]),
                             ("staged_copy", files["20k.csv"]), ("bulk_create", files["20k.csv"])]),
            ("2,000 rows", [("import_export", files["2k.csv"])]),
            ("378,000 rows", [("dry_run", files["378k vn.csv"]), ("confirmed", files["378k vn.csv"]),
                              ("staged_copy", files["378k.csv"])]),
        ):  # fmt: skip
            report(name, plan, 1 if name == "2,000 rows" else rounds)


def report(name: str, plan: list[tuple[str, Path]], rounds: int) -> None:
    results: dict[str, list[dict[str, Any]]] = {case: [] for case, _ in plan}
    for _ in range(rounds):
        for case, path in plan:
            results[case].append(in_a_process(case, path))
    print(f"\n{name}, median of {rounds} rounds (load of the machine {os.getloadavg()[0]:.1f})")
    for case, runs in results.items():
        seconds, processor = (
            statistics.median(run[unit] for run in runs) for unit in ("seconds", "processor")
        )
        rate, memory = runs[0]["rows"] / seconds, max(run["memory"] for run in runs)
        print(
            f"  {case:14} {seconds:8.2f} s {rate:10,.0f} rows/s   processor {processor:7.2f} s   "
            f"peak {memory:4.0f} MiB"
        )
    if "staged_copy" not in results:
        return
    for case in ("dry_run", "confirmed"):
        for unit in ("seconds", "processor"):
            pairs = zip(results[case], results["staged_copy"], strict=True)
            ratios = [limit[unit] / ours[unit] for ours, limit in pairs]
            each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            print(f"  {case} by {unit}: {statistics.median(ratios):.2f} x the staged COPY (rounds: {each})")


def in_a_process(case: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.bench_import", case, str(path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(case: str, path: Path) -> None:
    """In a process of its own: one case, its time and its peak memory, as JSON."""
    set_up()
    from benchmarks import import_cases

    import_cases.empty()
    begun, used = time.perf_counter(), processor_time()
    rows = import_cases.CASES[case](path)
    result = {"seconds": time.perf_counter() - begun, "processor": processor_time() - used}
    print(json.dumps(result | {"rows": rows, "memory": peak_memory()}))


def processor_time() -> float:
    """Seconds of this process and of its server process, where that runs on this machine: on a busy one they
    say more than the clock."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not status.exists():
        return time.process_time()
    fields = status.read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory() -> float:
    """MiB. On Linux from /proc: ru_maxrss there begins with what the parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def set_up() -> None:
    import django

    sys.path.append(str(PACKAGES))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ.setdefault("SECRET_KEY", "for-measuring-only-and-nowhere-else-0123456789-abcdefghijkl")
    django.setup()


def make_catalogue() -> None:
    """Tables, the reference provinces, and as many indicators and quarters as are loaded."""
    set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks.import_cases import INDICATORS, QUARTERS, SOURCE
    from indicators.core.periods import parse_period
    from indicators.models import Indicator, Period, Source
    from provinces.services.loading import load_provinces
    from provinces.services.synchronising import LoadReport

    load_provinces(LoadReport(progress=lambda *told: None))
    Source.objects.create(code=SOURCE, title="Bảng số liệu", publisher="Bộ")
    for number in range(INDICATORS):
        Indicator.objects.create(
            code=f"indicator-{number}",
            name_vi=f"Chỉ tiêu {number}",
            name_en=f"Indicator {number}",
            pillar="digital-society",
            kind="count" if number % 3 == 1 else "ratio",
            measure="count" if number % 3 == 1 else "percent",
            direction="higher",
        )
    for number in range(QUARTERS):
        period = parse_period(f"{2012 + number // 4}-Q{number % 4 + 1}")
        Period.objects.create(
            code=period.code, start=period.start, end=period.end, kind=period.kind, calendar=period.calendar
        )


def make_files(folder: Path) -> dict[str, Path]:
    """As Vietnamese offices write them (names with accents, decimal commas, semicolons), and for those that
    read nothing as plain as can be."""
    import xlsxwriter

    from benchmarks.import_cases import as_text
    from provinces.models import Province

    names = dict(Province.objects.values_list("slug", "name_vi"))
    plain = figures()
    files = {name: folder / name for name in ("20k.xlsx", "20k.csv", "2k.csv", "378k.csv", "378k vn.csv")}
    for name, length in (("2k.csv", 2000), ("20k.csv", 20_000), ("378k.csv", len(plain))):
        files[name].write_bytes(as_text(plain[:length]))
    written = (";".join(str(cell).replace(".", ",") for cell in [names[row[0]], *row[1:]]) for row in plain)
    files["378k vn.csv"].write_text("\n".join([";".join(HEADINGS), *written]), encoding="utf-8-sig")
    with xlsxwriter.Workbook(files["20k.xlsx"]) as book:
        sheet = book.add_worksheet("Số liệu")
        sheet.write_row(0, 0, HEADINGS)
        for number, row in enumerate(plain[:20_000], 1):
            for place, cell in enumerate([names[row[0]], *row[1:]]):
                if cell != "":
                    sheet.write(number, place, cell)
    return files


def figures() -> list[Row]:
    from benchmarks.import_cases import INDICATORS, QUARTERS
    from provinces.models import Geography, Province

    chance = random.Random(1)
    provinces = Province.objects.of(Geography.objects.get(code="63")).values_list("slug", flat=True)
    rows: list[Row] = []
    for indicator in range(INDICATORS):
        for quarter in range(QUARTERS):
            for province in provinces:
                whole = chance.randrange(100, 100_000)
                part = chance.randrange(whole)
                counts = (
                    [whole, "", ""] if indicator % 3 == 1 else [round(100 * part / whole, 2), part, whole]
                )
                note = "theo báo cáo của Sở" if len(rows) % 50 == 0 else ""
                period = f"{2012 + quarter // 4}-Q{quarter % 4 + 1}"
                rows.append([province, f"indicator-{indicator}", period, "", *counts, "", "", "", note])
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
