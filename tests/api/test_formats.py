"""JSON by rows or by columns, and CSV: the same figures, written by the database."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F, Value
from psycopg2.errors import DivisionByZero

from api import streams
from api.columns import Column, Type
from api.views import Observations
from tests.cast import state


@pytest.fixture
def figures(cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.30", as_stated="92,30%", place="đoạn 2, câu 1")
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", None, missing_reason="not_reported")
    state(cast, cast.dien_bien, cast.received, "2021-H1", "1.0000", place='nói "khoảng"\ndòng hai')
    return cast


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_columns_hold_what_records_hold(api, figures):
    records = api.rows("observations/")
    columns = api.read("observations/?shape=columns")["results"]
    assert [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ] == records


def test_no_rows_are_empty_arrays(api, cast):
    assert api.rows("observations/") == []
    assert set(map(str, api.read("observations/?shape=columns")["results"].values())) == {"[]"}


def test_csv_holds_what_json_holds(api, figures):
    text = api.csv("observations/?format=csv")
    for record, cells in zip(api.rows("observations/"), _table(text), strict=True):
        assert list(cells) == list(record)
        for name, value in record.items():
            assert cells[name] == _as_text(value)


def _as_text(value: object) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("\n", "\r\n")


def test_csv_is_as_rfc_4180_and_excel_have_it(api, figures):
    text = api.csv("observations/?format=csv")
    assert text.startswith("\ufeffprovince,province_code,")
    assert "\r\n" in text and "\n" not in text.replace("\r\n", "")
    assert ",92.30," in text and '"92,30%"' in text and '"nói ""khoảng""\r\ndòng hai"' in text
    response = api.get("observations/", headers={"Accept": "text/csv"})
    assert response["Content-Type"].startswith("text/csv; charset=utf-8")
    assert response["Content-Disposition"] == 'attachment; filename="observations.csv"'


@pytest.mark.parametrize("dangerous", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx"])
def test_a_text_that_a_spreadsheet_would_run_is_marked_as_text(api, cast, dangerous):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3", note_vi=dangerous)
    assert _table(api.csv("observations/?format=csv"))[0]["note_vi"] == f"'{dangerous}"
    assert api.rows("observations/")[0]["note_vi"] == dangerous


@pytest.mark.parametrize("harmless", ["-3,5%", "+1.253", "trên 92%", "a=b"])
def test_a_signed_number_stays_as_it_is(api, cast, harmless):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3", as_stated=harmless)
    assert _table(api.csv("observations/?format=csv"))[0]["as_stated"] == harmless


def test_csv_holds_every_row_unless_a_page_is_asked_for(api, cast):
    for month in range(1, 13):
        state(cast, cast.ha_giang, cast.received, f"2021-{month:02}", str(month))
    assert len(_table(api.csv("observations/?format=csv"))) == 12
    response = api.get("observations/?format=csv&page_size=5")
    assert 'rel="next"' in response["Link"]
    assert len(_table(b"".join(response.streaming_content).decode())) == 5


def test_format_decides_before_accept(api, figures):
    assert api.get("observations/?format=json", headers={"Accept": "text/csv"})["Content-Type"] == (
        "application/json"
    )
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert api.get("observations/", headers=browser)["Content-Type"] == "application/json"


def test_one_row_in_csv(api, cast):
    rows = _table(api.csv("provinces/ha-giang/?format=csv"))
    assert [row["name_vi"] for row in rows] == ["Hà Giang"]


def test_decimals_survive_the_round_trip(api, figures):
    assert [str(row["value"]) for row in api.rows("observations/?province=ha-giang,dien-bien")] == [
        "92.30",
        "1.0000",
    ]
    assert api.rows("observations/?province=ha-giang")[0]["lower"] == Decimal("92.295")


def test_ndjson_holds_every_row_of_json_on_a_line_each(api, figures):
    response = api.get("observations/?format=ndjson")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert [json.loads(line, parse_float=Decimal) for line in lines] == api.rows("observations/")


def test_head_tells_what_get_would_and_reads_nothing(api, figures, django_assert_num_queries):
    with django_assert_num_queries(1):
        told = api.client.head("/api/v1/observations/?format=csv")
    given = api.get("observations/?format=csv")
    assert told.status_code == 200 and b"".join(told.streaming_content) == b""
    assert dict(told.headers) == dict(given.headers)


def _breaking_at(monkeypatch, key):
    broken = Column("broken", Value(1) / (F("id") - key), Type.INTEGER, "Cannot be computed in one row")
    monkeypatch.setattr(Observations, "columns", (*Observations.columns, broken))


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_a_table_that_fails_at_once_is_a_problem(api, figures, monkeypatch, format_):
    last = api.rows("observations/")[-1]["id"]
    _breaking_at(monkeypatch, last)
    assert api.problem(f"observations/?format={format_}", 500)["type"].endswith("server-error/")


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_a_table_that_fails_in_the_middle_breaks_off(api, figures, monkeypatch, format_):
    monkeypatch.setattr(streams, "_CHUNK", 1)  # a row a chunk, so that two are on their way
    last = api.rows("observations/")[-1]["id"]
    _breaking_at(monkeypatch, last)
    with pytest.raises(DivisionByZero), transaction.atomic():
        list(api.get(f"observations/?format={format_}").streaming_content)


def test_who_cannot_see_a_broken_answer_gets_it_only_whole(api, figures, monkeypatch):
    """HTTP/1.0 ends an answer with the connection, however that ends."""
    old = {"SERVER_PROTOCOL": "HTTP/1.0"}
    whole = api.get("observations/?format=csv", **old)
    assert int(whole["Content-Length"]) == len(b"".join(whole.streaming_content)) > 100
    monkeypatch.setattr(streams, "_CHUNK", 1)
    _breaking_at(monkeypatch, api.rows("observations/")[-1]["id"])
    with transaction.atomic():
        assert api.get("observations/?format=csv&simulated=false", **old).status_code == 500
        transaction.set_rollback(True)
