"""The ways to load a table of figures that are measured against each other. Each starts from an empty table
of facts, ends with its commit, and returns how many rows it loaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from indicators.models import Indicator, Observation, Period, Publication, Source
from provinces.models import Province
from reporting.importing.files import read_file
from reporting.importing.loading import load, preview
from reporting.importing.reading import ReadTable, read_table

SOURCE = "benchmark"
PROVINCES, INDICATORS, QUARTERS = 63, 150, 40


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE indicators_observation, indicators_publication CASCADE")
        cursor.execute("CHECKPOINT")


def read(path: Path) -> ReadTable:
    return read_table(read_file(path.read_bytes()), today=date(2026, 1, 1), constants={"source": SOURCE})


def dry_run(path: Path) -> int:
    """Everything that is looked at, read, checked and compared, and nothing written."""
    return sum(preview(read(path)).counts.values())


def confirmed(path: Path) -> int:
    """The same, loaded, with history, intervals and the outbox."""
    return load(read(path)).new


_STAGE = """
CREATE TEMPORARY TABLE bench (province text, indicator text, period text, category text, value numeric,
    numerator numeric, denominator numeric, qualifier text, status text, missing_reason text, note text)
ON COMMIT DROP
"""
_MERGE = """
INSERT INTO indicators_observation (province_id, indicator_id, period_id, source_id, publication_id, value,
    numerator, denominator, qualifier, status, missing_reason, note_vi, as_stated, numerator_as_stated,
    denominator_as_stated, place, confidence, derived, simulated, from_compiler, note_en, recorded_at)
SELECT p.id, i.id, t.id, %(source)s, %(publication)s, b.value, b.numerator, b.denominator, 'exact', 'final',
    coalesce(b.missing_reason, ''), coalesce(b.note, ''), '', '', '', '', 'read', false, false, false, '',
    now()
FROM bench b
JOIN provinces_province p ON p.slug = b.province
JOIN indicators_indicator i ON i.code = b.indicator
JOIN indicators_period t ON t.code = b.period
WHERE NOT EXISTS (
    SELECT FROM indicators_observation o WHERE o.superseded_at IS NULL AND o.province_id = p.id
        AND o.indicator_id = i.id AND o.period_id = t.id AND o.source_id = %(source)s)
"""


@transaction.atomic
def staged_copy(path: Path) -> int:
    """The limit: COPY of the file itself into a staging table and one set-based merge into the same table.
    Nothing is checked or read as a person wrote it, no intervals; the file must have points, not commas."""
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(_STAGE)
        cursor.copy_expert("COPY bench FROM STDIN (FORMAT csv)", file)
        cursor.execute("ANALYZE bench")
        cursor.execute(_MERGE, {"source": _source().pk, "publication": _publication().pk})
        return int(cursor.rowcount)


@transaction.atomic
def bulk_create(path: Path) -> int:
    """Model instances, 2,000 at a time, names looked up in dictionaries."""
    keys = [
        dict(model.objects.values_list(name, "pk"))
        for model, name in ((Province, "slug"), (Indicator, "code"), (Period, "code"))
    ]
    source, publication, now = _source(), _publication(), timezone.now()
    rows, total = _rows(path), 0
    while batch := list(islice(rows, 2000)):
        total += len(
            Observation.objects.bulk_create(
                Observation(
                    **dict(
                        zip(("province_id", "indicator_id", "period_id"), _looked_up(keys, row), strict=True)
                    ),
                    **{n: row[n] or None for n in ("value", "numerator", "denominator")},
                    note_vi=row["note"],
                    source=source,
                    publication=publication,
                    recorded_at=now,
                )
                for row in batch
            )
        )
    return total


def import_export(path: Path) -> int:
    """django-import-export as its documentation sets it up, bulk inserts on."""
    from import_export import fields, resources, widgets
    from tablib import Dataset

    publication = _publication().pk

    class ObservationResource(resources.ModelResource):
        province = fields.Field("province", "province", widgets.ForeignKeyWidget(Province, "slug"))
        indicator = fields.Field("indicator", "indicator", widgets.ForeignKeyWidget(Indicator, "code"))
        period = fields.Field("period", "period", widgets.ForeignKeyWidget(Period, "code"))
        source = fields.Field("source", "source", widgets.ForeignKeyWidget(Source, "code"))

        class Meta:
            model = Observation
            fields = ("province", "indicator", "period", "source", "value", "numerator", "denominator")
            import_id_fields = ("province", "indicator", "period", "source")
            use_bulk = True
            batch_size = 1000

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.publication_id, instance.recorded_at = publication, timezone.now()

    data = Dataset(headers=["province", "indicator", "period", "source", "value", "numerator", "denominator"])
    for row in _rows(path):
        data.append(
            [row["province"], row["indicator"], row["period"], SOURCE]
            + [row[n] or None for n in ("value", "numerator", "denominator")]
        )
    result = ObservationResource().import_data(data, raise_errors=True, use_transactions=True)
    return int(result.totals["new"])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, FIELDS)


FIELDS = [
    *("province", "indicator", "period", "category", "value", "numerator", "denominator"),
    *("qualifier", "status", "missing_reason", "note"),
]


def _looked_up(keys: list[dict[str, int]], row: dict[str, str]) -> list[int]:
    names = (row["province"], row["indicator"], row["period"])
    return [known[name] for known, name in zip(keys, names, strict=True)]


def _source() -> Source:
    return Source.objects.get(code=SOURCE)


def _publication() -> Publication:
    return Publication.objects.create(instant=timezone.now(), cause=Publication.Cause.IMPORT)


CASES = {f.__name__: f for f in (dry_run, confirmed, staged_copy, bulk_create, import_export)}


def as_text(rows: list[list[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()
