"""A plain table from its first look to the published figures: previewed, loaded whole or not at all."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import python_calamine as calamine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Observation, PendingRecompute, Period, Publication
from reporting.importing.files import read_file
from reporting.importing.loading import RowsRefused, load, preview
from reporting.importing.reading import ReadTable, read_table
from reporting.importing.refusals import FileRefused
from reporting.importing.refused_rows import harmless, refused_workbook
from reporting.importing.sentences import row_sentences
from tests.cast import Cast, make_cast, state
from tests.reporting.importing.files import GOOD, HEADINGS, csv, workbook

TODAY = date(2026, 11, 1)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def read(*rows: list[Any], **options: Any) -> ReadTable:
    return read_table(read_file(csv(*rows)), today=TODAY, constants={"source": "ha-giang-2021"} | options)


def row(province: str = "ha-giang", indicator: str = "dossiers-on-time-rate", **cells: Any) -> list[Any]:
    named = {"period": "2021-Q1", "value": "92,3"} | cells
    order = [
        "period",
        "category",
        "value",
        "numerator",
        "denominator",
        "qualifier",
        "status",
        "missing_reason",
    ]
    return [province, indicator, *(named.get(name) for name in order), named.get("note")]


def problems(*rows: list[Any]) -> list[tuple[int, str, str]]:
    return sorted(read(*rows).problems.select("row", "field", "code").iter_rows())


# What a row may say ----------------------------------------------------------------------------------------


def test_a_row_becomes_a_fact_with_its_words(cast: Cast) -> None:
    found = read(row(value="gần 92,50%", numerator="1.253", denominator="1 354", note="theo báo cáo"))
    load(found, reason="quý I")
    fact = Observation.objects.get()
    assert (fact.province, fact.indicator, fact.source) == (cast.ha_giang, cast.on_time, cast.report)
    assert (fact.period.code, fact.category) == ("2021-Q1", None)
    assert (str(fact.value), fact.qualifier, fact.as_stated) == ("92.50", "nearly", "gần 92,50%")
    assert (fact.numerator, fact.denominator) == (1253, 1354)
    assert (fact.lower, fact.upper) == (Decimal("92.49"), Decimal("92.50"))
    assert (fact.note_vi, fact.status) == ("theo báo cáo", "final")
    assert fact.publication.cause == Publication.Cause.IMPORT and fact.publication.reason == "quý I"
    assert PendingRecompute.objects.count() == 1


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"value": "ước đạt 24%"}, {"status": "estimated", "qualifier": "exact"}),
        ({"value": "92", "qualifier": "trên"}, {"qualifier": "more_than", "value": Decimal(92)}),
        ({"value": "92", "status": "Sơ bộ"}, {"status": "provisional"}),
        (
            {"value": None, "missing_reason": "Chưa báo cáo"},
            {"value": None, "missing_reason": "not_reported"},
        ),
        ({"value": None, "missing_reason": "withheld"}, {"missing_reason": "withheld"}),
    ],
)
def test_words_of_a_row_are_understood(cast: Cast, cells: dict[str, Any], expected: dict[str, Any]) -> None:
    load(read(row(**cells)))
    fact = Observation.objects.get()
    assert {name: getattr(fact, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text", ["Quý I/2021", "quý 1 năm 2021", "Q1/2021", "2021-Q1", "3 tháng đầu năm 2021"]
)
def test_periods_are_known_by_code_or_name(cast: Cast, text: str) -> None:
    load(read(row(period=text)))
    assert Observation.objects.get().period.code == "2021-Q1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6 tháng đầu năm 2021", "2021-H1"),
        ("9 tháng 2021", "2021-YTD-09"),
        ("Năm 2021", "2021"),
        ("2021", "2021"),
        ("Tháng 7/2021", "2021-07"),
        ("2021-H1-ND09", "2021-H1-ND09"),
        ("2021-01-01..2021-02-03", "2021-01-01..2021-02-03"),
    ],
)
def test_other_periods(cast: Cast, text: str, code: str) -> None:
    load(read(row(period=text)))
    assert Observation.objects.get().period.code == code


@pytest.mark.parametrize(
    "text", ["Hà Giang", "ha giang", "HÀ GIANG", "Tỉnh Hà Giang", "Ha Giang Province", "ha-giang"]
)
def test_provinces_are_known_by_slug_or_name_with_or_without_accents(cast: Cast, text: str) -> None:
    load(read(row(text)))
    assert Observation.objects.get().province == cast.ha_giang


def test_a_name_means_the_province_of_its_time(cast: Cast) -> None:
    load(read(row("Tuyên Quang", period="2021-Q1"), row("Tuyên Quang", period="2025-Q4")))
    assert list(Observation.objects.order_by("period__end").values_list("province", flat=True)) == [
        cast.old_tuyen_quang.pk,
        cast.tuyen_quang.pk,
    ]


def test_a_name_that_two_provinces_bear_in_the_period_is_refused_with_both(cast: Cast) -> None:
    found = read(row("Tuyên Quang", period="2025"))
    assert found.problems["code"].to_list() == ["several_provinces"]
    said = row_sentences(found.problems)[2]
    assert "tuyen-quang-2025" in said and "(tuyen-quang)" in said


@pytest.mark.parametrize("name", ["ha-giang", "Hà Giang"])
def test_a_province_that_had_ended_is_refused(cast: Cast, name: str) -> None:
    assert problems(row(name, period="2025-Q4")) == [(2, "province", "province_not_in_period")]


def test_categories_belong_to_the_indicator(cast: Cast) -> None:
    load(read(*(row(indicator="dossiers-received", category=c, value="5") for c in ("Trực tuyến", "direct"))))
    assert set(Observation.objects.values_list("category__code", flat=True)) == {"online", "direct"}
    assert problems(row(category="online")) == [(2, "category", "unknown_category")]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"province": "Hà Lội"}, ("province", "unknown_province")),
        ({"province": None}, ("province", "empty_cell")),
        ({"indicator": "x"}, ("indicator", "unknown_indicator")),
        ({"period": "2021-Q5"}, ("period", "unknown_period")),
        ({"period": "2031-Q1"}, ("period", "future_period")),
        ({"value": "1.253"}, ("value", "grouping_or_decimal")),
        ({"value": "nhiều"}, ("value", "no_number")),
        ({"value": "80-90"}, ("value", "range")),
        ({"value": "trên 92", "qualifier": "dưới"}, ("value", "conflicting_qualifiers")),
        ({"indicator": "dossiers-received", "value": "1,5"}, ("value", "fraction_in_count")),
        ({"indicator": "dossiers-received", "value": "-5"}, ("value", "negative_count")),
        ({"numerator": "1,5"}, ("numerator", "fraction_in_count")),
        ({"denominator": "0"}, ("denominator", "zero_denominator")),
        ({"value": None}, ("value", "no_value_no_reason")),
        ({"missing_reason": "withheld"}, ("missing_reason", "value_and_reason")),
        ({"status": "withdrawn"}, ("status", "unknown_word")),
        ({"status": "xong"}, ("status", "unknown_word")),
        ({"note": "x" * 10_001}, ("note", "too_long_cell")),
        ({"value": "9" * 201}, ("value", "too_long_cell")),
    ],
)
def test_what_is_wrong_with_a_row_is_said(
    cast: Cast, cells: dict[str, Any], problem: tuple[str, str]
) -> None:
    found = read(row(**{"province": "ha-giang"} | cells))
    assert problem in set(found.problems.select("field", "code").iter_rows())
    assert found.facts.is_empty()
    assert all("%(" not in sentence for sentence in row_sentences(found.problems).values())


def test_all_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    found = read(row("Hà Lội", "x", period="?", value="?"), row())
    assert len(found.problems) == 3  # a value is read once its indicator is known
    assert found.facts["row"].to_list() == [3]


def test_two_rows_about_one_figure_are_both_refused(cast: Cast) -> None:
    found = read(row(value="1"), row("cao-bang"), row("Hà Giang", period="Quý I/2021", value="2"))
    assert row_sentences(found.problems) == {
        2: row_sentences(found.problems)[2],
        4: row_sentences(found.problems)[4],
    }
    assert "4" in row_sentences(found.problems)[2] and "2" in row_sentences(found.problems)[4]


def test_a_date_that_the_spreadsheet_made_is_refused(cast: Cast) -> None:
    import datetime

    def dated(book: Any, sheet: Any) -> None:
        sheet.write_datetime(1, 4, datetime.datetime(2021, 5, 1), book.add_format({"num_format": "dd/mm"}))
        sheet.write_datetime(2, 2, datetime.datetime(2021, 1, 1), book.add_format({"num_format": "mm/yyyy"}))

    table = read_file(workbook(GOOD, ["cao-bang", *GOOD[1:]], more=dated))
    found = read_table(table, today=TODAY, constants={"source": "ha-giang-2021"})
    assert set(found.problems.select("row", "field", "code").iter_rows()) >= {
        (2, "value", "date_cell"),
        (3, "period", "date_cell"),
    }


# Columns ---------------------------------------------------------------------------------------------------


def test_columns_are_recognised_in_english_too_and_others_are_left_aside(cast: Cast) -> None:
    data = csv(["ha-giang", "dossiers-on-time-rate", "2021-Q1", "5", "x"],
               headings=["Province", "INDICATOR", "period", "Value", "Colour"], separator=",")  # fmt: skip
    found = read_table(read_file(data), today=TODAY, constants={"source": "ha-giang-2021"})
    assert found.facts["value"].to_list() == ["5"] and found.ignored == ["Colour"]


def test_columns_that_are_not_recognised_are_asked_for_and_can_be_named(cast: Cast) -> None:
    data = csv(["ha-giang", "dossiers-on-time-rate", "5"], headings=["Tỉnh", "Chỉ tiêu", "Năm 2021 (%)"])
    with pytest.raises(FileRefused) as caught:
        read_table(read_file(data), today=TODAY)
    assert caught.value.code == "columns_missing" and "Năm 2021 (%)" in caught.value.params["headings"]
    found = read_table(
        read_file(data),
        today=TODAY,
        chosen={"value": "năm 2021 (%)"},
        constants={"period": "2021", "source": "ha-giang-2021"},
    )
    assert found.facts["value"].to_list() == ["5"]


def test_a_heading_that_stands_twice_is_asked_about(cast: Cast) -> None:
    headings = [*HEADINGS[:4], "Giá trị", "Số liệu"]
    with pytest.raises(FileRefused) as caught:
        read_table(read_file(csv([*GOOD, "5"], headings=headings)), today=TODAY)
    assert caught.value.code == "two_columns"


# Preview and load ------------------------------------------------------------------------------------------


def test_the_preview_says_of_each_row_what_would_happen_and_writes_nothing(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-Q1", "92.3", as_stated="92,3")
    state(cast, cast.cao_bang, cast.on_time, "2021-Q1", "80", as_stated="80")
    before = Observation.objects.count(), Period.objects.count(), Publication.objects.count()
    rows = [
        row(),
        row("cao-bang", value="81,5"),
        row("dien-bien", period="2021-Q3"),
        row("dien-bien", value="?"),
    ]
    found = preview(read(*rows))
    assert found.rows["outcome"].to_list() == ["same", "changed", "new", "refused"]
    assert found.rows.filter(pl.col("row") == 3).select("old_value", "value").row(0) == ("80", "81,5")
    assert found.counts == {"new": 1, "changed": 1, "same": 1, "refused": 1}
    assert (Observation.objects.count(), Period.objects.count(), Publication.objects.count()) == before


def test_loading_does_what_the_preview_said_and_doing_it_again_nothing(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-Q1", "80", as_stated="80")
    rows = [row(), row("cao-bang", value="81,5"), row("dien-bien", period="2021-Q3")]
    expected = preview(read(*rows)).counts
    result = load(read(*rows))
    assert (result.new, result.changed, result.same) == (
        expected["new"],
        expected["changed"],
        expected["same"],
    )
    assert load(read(*rows)).same == 3


def test_one_refused_row_keeps_all_out(cast: Cast) -> None:
    with pytest.raises(RowsRefused):
        load(read(row(), row("cao-bang", value="?")))
    assert not Observation.objects.exists() and not Period.objects.filter(code="2021-Q1").exists()


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(cast: Cast) -> None:
    counts = []
    for provinces in (["ha-giang"], ["cao-bang", "dien-bien"]):
        with CaptureQueriesContext(connection) as queries:
            preview(read(*(row(p) for p in provinces)))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Refused rows and formulas on the way out -------------------------------------------------------------------


def rows_of(data: bytes) -> list[list[Any]]:
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_refused_rows_come_back_with_their_reasons_and_can_be_loaded_once_corrected(cast: Cast) -> None:
    found = read(row(), row("cao-bang", value="1.253"))
    _, line = rows_of(refused_workbook(found))
    assert line[0] == 3 and "1.253" in line[1] and "1253" in line[1]
    again = read_table(read_file(refused_workbook(found)), today=TODAY)
    assert again.problems["code"].to_list() == ["grouping_or_decimal"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']
)
def test_no_text_becomes_a_formula(cast: Cast, text: str) -> None:
    assert harmless(text) == f"'{text}"
    found = read(row("ha-giang", value="?", note=text.strip()))
    data = refused_workbook(found)
    import zipfile

    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"hyperlink" not in sheet
    assert rows_of(data)[1][-2] in (f"'{text.strip()}", text.strip())


@pytest.mark.parametrize("text", ["-3,5", "+12", "-1.253.000", "Hà Giang", ""])
def test_plain_numbers_and_words_are_left_alone(text: str) -> None:
    assert harmless(text) == text


# The command -----------------------------------------------------------------------------------------------


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_figures", str(path), *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_command_previews_and_loads_only_when_confirmed(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "quy-1.xlsx"
    path.write_bytes(workbook(GOOD))
    assert "1 new" in run(path, "--source", "ha-giang-2021") and not Observation.objects.exists()
    assert "1 new" in run(path, "--source", "ha-giang-2021", "--confirm")
    assert Observation.objects.get().publication.reason == "quy-1.xlsx"


def test_the_command_writes_refused_rows_beside_the_file(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "quy-1.csv"
    path.write_bytes(csv(row(), row("cao-bang", value="?")))
    with pytest.raises(CommandError, match=r"quy-1-refused\.xlsx"):
        run(path, "--source", "ha-giang-2021", "--confirm")
    assert len(rows_of((tmp_path / "quy-1-refused.xlsx").read_bytes())) == 2
    assert not Observation.objects.exists()


@pytest.mark.parametrize("options", [["--map", "value"], ["--set", "colour=red"], ["--map", "value=?"]])
def test_options_that_make_no_sense_are_refused(cast: Cast, tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(csv(row()))
    with pytest.raises(CommandError):
        run(path, *options)
    with pytest.raises(CommandError):
        run(tmp_path / "not there.csv")
