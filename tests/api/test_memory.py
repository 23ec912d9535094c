"""Downloads take no more memory for more rows: four times as many, in a process that does nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection

from indicators.models import Indicator, Publication
from runtime.places import CHECKOUT
from tests.cast import make_cast, make_source
from tests.services.conftest import url_of_test_database

pytestmark = pytest.mark.django_db(transaction=True)
_DAYS, _MOST_GROWTH = 4_000, 20  # days with figures in each of five provinces and each of four sources; MiB

_READER = """
import sys, django
django.setup()
from django.test import Client

def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024

def read(address):
    response = Client().get(address)
    assert response.status_code == 200, response.content
    return sum(map(len, response.streaming_content))

table = f"/api/v1/observations/?format={sys.argv[1]}"
few, all = table + "&source=report-0", table + sys.argv[2]
small, before = read(few), peak()
large = read(all)
print(small, large, peak() - before)
"""
_FIGURES = """
WITH days AS (
    INSERT INTO indicators_period (code, kind, calendar, start, "end")
    SELECT day::date::text, 'day', 'calendar', day, day FROM (
        SELECT date '1990-01-01' + number AS day FROM generate_series(1, %s) AS number
    ) AS numbered RETURNING id
)
INSERT INTO indicators_observation (
    province_id, indicator_id, period_id, source_id, publication_id, value, qualifier, as_stated, status,
    recorded_at, confidence, place, numerator_as_stated, denominator_as_stated, missing_reason, derived,
    simulated, from_compiler, note_vi, note_en
)
SELECT province.id, %s, days.id, source.id, %s, random() * 100, 'exact', md5(random()::text), 'final',
    now(), 'read', md5(random()::text), '', '', '', false, false, false, md5(random()::text), ''
FROM days, provinces_province AS province, indicators_source AS source
"""


@pytest.fixture
def figures(transactional_db: None) -> None:
    make_cast()
    for number in range(3):
        make_source(f"report-{number}", "Báo cáo")
    publication = Publication.objects.create(instant="2026-01-01T00:00Z", cause="import")
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [_DAYS, Indicator.objects.earliest("pk").pk, publication.pk])
        cursor.execute("ANALYZE indicators_observation, indicators_period, indicators_source")


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak of memory")
def test_memory_does_not_grow_with_the_rows(figures: None) -> None:
    environment = os.environ | {
        "DATABASE_URL": url_of_test_database(), "DJANGO_SETTINGS_MODULE": "config.settings",
        "API_CACHED_MIB": "0", "ALLOWED_HOSTS": "testserver",
    }  # fmt: skip
    grown = {}
    for form in ("csv", "ndjson", "sdmx-csv", "parquet", "xlsx"):
        most = "&source=report-0,report-1" if form == "xlsx" else ""  # as many as a workbook holds
        words = [sys.executable, "-W", "ignore", "-c", _READER, form, most]
        done = subprocess.run(
            words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        small, large, grown[form] = map(float, done.stdout.split())
        assert large > (1.8 if form == "xlsx" else 3.5) * small
    assert max(grown.values()) < _MOST_GROWTH, grown
