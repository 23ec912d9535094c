"""What `make bench-api` asks for: the same rows of every server, as its own address or as SQL."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

COLUMNS = ("province", "province_code", "indicator", "period", "value", "unit", "numerator", "denominator",
           "status", "simulated", "source")  # fmt: skip
#: Eleven fields, for the limit and for SQLite; ours has 32.
_PLAIN = """
SELECT p.slug AS province, p.code AS province_code, i.code AS indicator, t.code AS period, o.value,
    i.unit_en AS unit, o.numerator, o.denominator, o.status, o.simulated, s.code AS source
FROM indicators_observation o
JOIN provinces_province p ON p.id = o.province_id
JOIN indicators_indicator i ON i.id = o.indicator_id
JOIN indicators_period t ON t.id = o.period_id
JOIN indicators_source s ON s.id = o.source_id
WHERE o.superseded_at IS NULL AND o.simulated
"""


@dataclass(frozen=True)
class Case:
    """``filters`` by the names that the API, Datasette and the serializers share."""

    name: str
    rows: int
    filters: dict[str, str]
    format: str  # of ours: a JSON page holds a thousand rows at most

    @property
    def ours(self) -> str:
        more = {"page_size": "1000"} if self.format == "json" else {}
        query = {**self.filters, "simulated": "true", "format": self.format, **more}
        return f"/api/v1/observations/?{urlencode(query)}"

    @property
    def datasette(self) -> str:
        return f"/bench/observations.json?{urlencode({**self.filters, '_shape': 'array', '_size': 'max'})}"

    @property
    def serializer(self) -> str:
        return f"/observations/?{urlencode(self.filters)}"


def prepare(folder: Path) -> tuple[list[Case], dict[str, int]]:
    """The three cases, the SQL of the limits (``limits.json``) and the same table in SQLite (``bench.db``);
    and what there is of rows."""
    from django.db import connection

    from indicators.models import Indicator, Observation

    simulated = Observation.objects.current().filter(simulated=True)
    # The fullest: a made-up world has provinces that did not report.
    one = Indicator.objects.filter(pk__in=simulated.values("indicator")).order_by("code")[0].code
    last = simulated.order_by("-period__end").values_list("period__code", flat=True)[0]
    first = simulated.order_by("province__sort_key").values_list("province__slug", flat=True)[0]
    chosen = [
        ("63 rows", {"indicator": one, "period": last}, "json"),
        ("2,520 rows", {"indicator": one}, "ndjson"),
        ("150 rows", {"province": first, "period": last}, "json"),
    ]
    paths = {"indicator": "indicator__code", "period": "period__code", "province": "province__slug"}
    cases, limits = [], {}
    for name, filters, form in chosen:
        rows = simulated.filter(**{paths[key]: value for key, value in filters.items()})
        cases.append(Case(name, rows.count(), filters, form))
        limits[f"/plain/{name[0]}"] = _aggregated(_plain_sql(rows))
        limits[f"/every/{name[0]}"] = _aggregated(_every_sql(rows))
    whole = simulated.order_by()
    with connection.cursor() as cursor:
        (folder / "limits.json").write_text(json.dumps(limits))
        _into_sqlite(cursor, folder / "bench.db")
    copies = {"plain": _plain_sql(whole), "every": _every_sql(whole)}
    (folder / "copies.json").write_text(json.dumps(copies))
    return cases, {"figures": whole.count()}


def _plain_sql(rows: Any) -> str:
    """The rows by the keys that the filters name, so that no join is needed to find them."""
    conditions = []
    for name in ("indicator", "period", "province"):
        keys = set(rows.order_by().values_list(f"{name}_id", flat=True).distinct()[:2])
        if len(keys) == 1:
            conditions.append(f" AND o.{name}_id = {keys.pop()}")
    return _PLAIN + "".join(conditions)


def _every_sql(rows: Any) -> str:
    """Every field of the API's answer, as the query of the API selects them."""
    from django.db import connection

    from api.restated_columns import OBSERVATION

    sql, parameters = rows.values_list(*(column.source for column in OBSERVATION)).query.sql_with_params()
    names = ", ".join(f'"{column.name}"' for column in OBSERVATION)
    with connection.cursor() as cursor:
        selected = cursor.mogrify(sql, parameters).decode()
    return f"SELECT * FROM ({selected}) AS q({names})"


def _aggregated(sql: str) -> str:
    return f"SELECT coalesce(json_agg(r), '[]')::text FROM ({sql}) r"


def _into_sqlite(cursor: Any, path: Path) -> None:
    """The table as one who publishes it with Datasette would have it: names in place, indexed."""
    with sqlite3.connect(path) as file:
        file.execute(f"CREATE TABLE observations (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
        cursor.execute(_PLAIN)
        marks = ", ".join("?" for _ in COLUMNS)
        insert = f"INSERT INTO observations ({', '.join(COLUMNS)}) VALUES ({marks})"
        while rows := cursor.fetchmany(20_000):
            file.executemany(insert, [[_plain(value) for value in row] for row in rows])
        file.execute("CREATE INDEX slice ON observations (indicator, period)")
        file.execute("CREATE INDEX place ON observations (province, period)")
    file.close()


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | str) else float(value)
