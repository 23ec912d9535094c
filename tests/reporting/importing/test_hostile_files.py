"""Files that are meant to harm, or that another program spoilt: a clear refusal at once, in little memory."""

from __future__ import annotations

import datetime
import io
import resource
import time
import zipfile
from collections.abc import Iterable
from typing import Any

import pytest
import xlsxwriter
from django.utils import translation

from reporting.importing.archive import Archive
from reporting.importing.files import read_file
from reporting.importing.refusals import FileRefused
from reporting.importing.sentences import file_sentence
from tests.reporting.importing.files import (
    GOOD,
    HEADINGS,
    csv,
    lying_about_size,
    part,
    repacked,
    with_parts,
    workbook,
)

SHEET = "xl/worksheets/sheet1.xml"
SECOND = 1.0


def refusal(data: bytes, sheet: str = "") -> FileRefused:
    """How ``data`` is refused: within a second, in 100 MiB more at most, with a sentence in two languages."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(FileRefused) as caught:
        read_file(data, sheet)
    assert time.process_time() - begun < SECOND
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    for language in ("vi", "en"):
        with translation.override(language):
            assert "%(" not in file_sentence(caught.value) and file_sentence(caught.value)
    return caught.value


def zip_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A sheet of three megabytes that unpacks to three gigabytes' worth of rows, 256 MB of it here."""
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row>' * 40_000
    return with_parts(workbook(GOOD), {SHEET: rows * 180})


def test_a_zip_bomb_is_told_from_the_directory_in_milliseconds(bomb: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(FileRefused) as caught:
        Archive(bomb)
    assert time.process_time() - begun < 0.02
    assert caught.value.code == "unpacks_too_large"


def test_a_bomb_whose_directory_lies_is_followed_no_further_than_it_says(bomb: bytes) -> None:
    content = b" " * (64 * 1024 * 1024)
    lying = lying_about_size(workbook(GOOD), SHEET, content, 900_000)
    assert zipfile.ZipFile(io.BytesIO(lying)).getinfo(SHEET).file_size == 900_000
    assert refusal(lying).code == "damaged"


def test_a_bomb_of_many_small_parts_is_refused() -> None:
    parts = {f"xl/media/{number}.xml": b"" for number in range(1200)}
    assert refusal(with_parts(workbook(GOOD), parts)).code == "too_many_parts"


def test_one_cell_at_the_far_corner_would_cost_gigabytes_and_is_refused() -> None:
    far = workbook(GOOD, more=lambda book, sheet: sheet.write(1_048_575, 16_383, "x"))
    assert refusal(far).code == "sheet_too_large"
    assert refusal(far).params == {"rows": "1048576", "columns": "16384"}


def sheet_with(rows: Iterable[bytes]) -> bytes:
    sheet = part(workbook(GOOD), SHEET).replace(b"</sheetData>", b"".join(rows) + b"</sheetData>")
    return with_parts(workbook(GOOD), {SHEET: sheet})


@pytest.mark.parametrize("row", [b'<row r="%d" spans="1:5"/>', b'<row r="%d"><c r="A1" s="1"/></row>'])
def test_a_million_empty_rows_are_refused(row: bytes) -> None:
    found = refusal(sheet_with(row % number for number in range(3, 1_048_577)))
    assert found.code in ("many_empty_rows", "unpacks_too_large")


def test_some_empty_rows_are_passed_over() -> None:
    rows = [b'<row r="%d" spans="1:5"><c r="A%d" s="1"/></row>' % (n, n) for n in range(3, 60_000)]
    assert read_file(sheet_with(rows)).cells["row"].to_list() == [2]


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
def test_entities_and_document_types_are_refused_in_every_part(name: str, declaration: bytes) -> None:
    content = part(workbook(GOOD), name).replace(b"?>", b"?>" + declaration, 1)
    assert refusal(with_parts(workbook(GOOD), {name: content})).code == "declares_entities"


def test_a_part_in_utf_16_hides_no_declaration() -> None:
    content = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>'.encode("utf-16")
    assert refusal(with_parts(workbook(GOOD), {SHEET: content})).code == "damaged"


def test_links_to_other_workbooks_are_refused() -> None:
    linked = repacked(workbook(GOOD), xl__externalLinks__externalLink1_xml=b"<externalLink/>")
    assert refusal(linked).code == "external_links"


def test_two_sheets_of_one_name_are_refused() -> None:
    def second(book: Any, sheet: Any) -> None:
        book.add_worksheet("Khác").write(0, 0, "x")

    data = workbook(GOOD, more=second)
    book = part(data, "xl/workbook.xml").replace("Khác".encode(), "số LIỆU".encode())
    found = refusal(with_parts(data, {"xl/workbook.xml": book}))
    assert found.code == "two_sheets_of_one_name"


def test_two_sheets_with_a_table_are_asked_about_and_one_can_be_named() -> None:
    def second(book: Any, sheet: Any) -> None:
        other = book.add_worksheet("Quý II")
        other.write_row(0, 0, HEADINGS)
        other.write_row(1, 0, ["cao-bang"])

    data = workbook(GOOD, more=second)
    assert refusal(data).params == {"sheets": "Số liệu, Quý II"}
    assert read_file(data, "Quý II").cells["0"].to_list() == ["cao-bang"]
    assert refusal(data, "Quý III").code == "no_such_sheet"


def test_hidden_sheets_are_no_tables() -> None:
    def hidden(book: Any, sheet: Any) -> None:
        other = book.add_worksheet("Ẩn")
        other.write_row(0, 0, HEADINGS)
        other.hide()

    assert read_file(workbook(GOOD, more=hidden)).sheet == "Số liệu"


def test_merged_cells_in_the_table_are_refused_and_above_it_are_not() -> None:
    merged = workbook(GOOD, GOOD, more=lambda book, sheet: sheet.merge_range("A2:A3", "ha-giang"))
    assert refusal(merged).params == {"cells": "A2:A3"}
    titled = workbook(GOOD, top=2, more=lambda book, sheet: sheet.merge_range("A1:E1", "Báo cáo quý I"))
    assert read_file(titled).cells["row"].to_list() == [4]


def test_old_and_encrypted_workbooks_are_told_apart() -> None:
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
    assert refusal(compound).code == "old_format"
    assert refusal(compound + "EncryptedPackage".encode("utf-16-le")).code == "encrypted"


@pytest.mark.parametrize("kept", [3, 100, 0.5, 0.9, 0.999])
def test_a_truncated_workbook_is_refused(kept: float) -> None:
    data = workbook(GOOD)
    length = int(kept if kept > 1 else len(data) * kept)
    assert refusal(data[:length]).code in ("damaged", "columns_missing", "encoding")


def test_damaged_parts_are_refused() -> None:
    data = bytearray(workbook(*[GOOD] * 50))
    start = data.find(b"xl/worksheets/sheet1.xml") + 40
    data[start : start + 40] = b"\xff" * 40
    assert refusal(bytes(data)).code == "damaged"
    assert refusal(with_parts(workbook(GOOD), {SHEET: b"<worksheet><sheetData><row"})).code in (
        "damaged",
        "empty",
    )


def test_another_zip_is_no_workbook() -> None:
    assert refusal(zip_of(**{"word/document.xml": b"<w/>"})).code == "not_a_workbook"


@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"\xef\xbb\xbf", workbook(headings=[])])
def test_nothing_is_no_table(data: bytes) -> None:
    assert refusal(data).code == "empty"


# Text files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_unicode_files_are_read_rightly(encoding: str, separator: str) -> None:
    text = csv(["Hà Giang", *GOOD[1:4], "92"], separator=separator).decode()
    data = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    table = read_file(data)
    assert table.headings == HEADINGS
    assert table.cells.row(0)[:6] == (2, "Hà Giang", "dossiers-on-time-rate", "2021-Q1", None, "92")


@pytest.mark.parametrize("encoding", ["cp1258", "cp1252", "shift-jis"])
def test_other_encodings_are_refused_and_never_guessed(encoding: str) -> None:
    assert refusal("Tỉnh;Giá trị\nĐà Nẵng;1".encode(encoding, "ignore") + b"\xd0\xa0\xff").code == "encoding"


def test_utf_16_without_a_mark_and_binary_files_are_refused() -> None:
    assert refusal(csv(GOOD).decode().encode("utf-16-le")).code == "encoding"
    assert refusal(bytes(range(256)) * 10).code == "encoding"


def test_an_unclosed_quotation_mark_is_refused() -> None:
    assert refusal(csv([*GOOD[:4], '"92'], GOOD)).code == "unclosed_quote"


def test_a_line_that_is_too_long_is_named() -> None:
    found = refusal(csv(GOOD, [*GOOD, *[None] * 6, "x", "y"]))
    assert (found.code, found.params) == ("longer_line", {"row": "3"})


def test_the_first_hint_of_excel_and_titles_are_passed_over() -> None:
    table = read_file(b"sep=;\n" + "Báo cáo quý I\n".encode() + csv(GOOD))
    assert table.headings == HEADINGS and table.cells["row"].to_list() == [4]


def test_too_many_rows_are_refused() -> None:
    assert refusal(csv() + b"\nx" * 1_100_000).code == "too_many_rows"


# Cells that a spreadsheet changed ---------------------------------------------------------------------------


def test_dates_errors_and_truth_values_are_named() -> None:
    def odd(book: Any, sheet: Any) -> None:
        sheet.write_datetime(1, 4, datetime.datetime(2021, 5, 1), book.add_format({"num_format": "dd/mm"}))
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")
        sheet.write_boolean(3, 4, True)

    table = read_file(workbook(GOOD, GOOD, GOOD, more=odd))
    assert table.odd == {(2, 4): "date", (3, 4): "error", (4, 4): "boolean"}


def test_numbers_are_written_as_a_vietnamese_text_writes_them() -> None:
    def percent(book: Any, sheet: Any) -> None:
        sheet.write_number(5, 4, 0.72633, book.add_format({"num_format": "0.0%"}))
        sheet.write_number(6, 4, 0.5, book.add_format({"num_format": '0.0" %"'}))
        sheet.write_formula(7, 4, "=A1*2", None, 145.26)

    numbers = [1253, 72.633, 0.1 + 0.2, -3.5]
    table = read_file(workbook(*[[*GOOD[:4], n] for n in numbers], *[GOOD] * 3, more=percent))
    assert table.cells["4"].to_list() == ["1253", "72,633", "0,3", "-3,5", "72,633%", "0,5", "145,26"]


def test_the_heading_row_may_stand_lower_and_further_right() -> None:
    def moved(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "Biểu 1")

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 1, "Biểu 1")
        for place, (heading, cell) in enumerate(zip(HEADINGS, GOOD, strict=False), 1):
            sheet.write(4, place, heading)
            sheet.write(7, place, cell)
    table = read_file(buffer.getvalue())
    assert table.cells.row(0)[:2] == (8, "ha-giang")
