"""What a spreadsheet shows of a number is what its owner stated: 15 in the format 0.0 is 15,0."""

import io
from typing import Any

import pytest
import xlsxwriter

from reporting.importing.files import read_file
from reporting.importing.number_formats import Shown, shown_by, shown_by_number
from reporting.importing.reading import ReadTable, read_table
from reporting.importing.refusals import FileRefused
from tests.cast import make_cast, make_indicator
from tests.reporting.importing.files import HEADINGS, part, with_parts, workbook
from tests.reporting.importing.test_importing import TODAY


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("0.0", Shown(False, 1)),
        ("#,##0.00", Shown(False, 2)),
        ("#.##", None),
        ("0", Shown(False, 0)),
        ("0.00%", Shown(True, 2)),
        ("0%", Shown(True, 0)),
        ('0.0" %"', Shown(False, 1)),
        ("_-* #,##0.0_-;-* #,##0.0_-", Shown(False, 1)),
        ("[Red]0.00;[Blue]-0.00", Shown(False, 2)),
        ("0.0,,", None),
        ("0,", None),
        ("0.00E+00", None),
        ("# ?/?", None),
        ("dd/mm/yyyy", None),
        ("General", None),
        ("@", None),
    ],
)
def test_what_a_format_says(code: str, shown: Shown | None) -> None:
    assert shown_by(code) == shown


def test_formats_that_have_a_number_only() -> None:
    assert (shown_by_number(10, {}), shown_by_number(0, {})) == (Shown(True, 2), None)
    assert shown_by_number(164, {164: "0.000"}) == Shown(False, 3)


def shown_as(*cells: tuple[float, str], indicator: str = "dossiers-on-time-rate") -> ReadTable:
    """Cao Bằng's figures of as many quarters, each a number with its format."""

    def fill(book: Any, sheet: Any) -> None:
        for number, (value, code) in enumerate(cells, 1):
            sheet.write_row(number, 0, ["cao-bang", indicator, f"20{18 + number}-Q1"])
            sheet.write_number(number, 4, value, book.add_format({"num_format": code}))

    return read_table(read_file(workbook(more=fill)), today=TODAY, constants={"source": "ha-giang-2021"})


@pytest.mark.django_db
def test_decimals_that_the_cell_shows_are_stated() -> None:
    make_cast()
    read = shown_as((15, "0.0"), (72.63, "0.00"), (0.7263, "0.00%"), (0.5, "0.00%"), (15.26, "0.0"))
    assert read.facts["value"].to_list() == ["15.0", "72.63", "72.63", "50.00", "15.26"]
    assert read.facts["as_stated"].to_list() == ["15,0", "72,63", "72,63%", "50,00%", "15,26"]
    assert read.words["value"].to_list()[0] == "15,0"


@pytest.mark.django_db
def test_decimals_of_a_count_say_nothing() -> None:
    make_cast()
    read = shown_as((1253, "#,##0.00"), (15, "0.000"), (7, "0"), indicator="dossiers-received")
    assert read.facts["value"].to_list() == ["1253", "15", "7"]


@pytest.mark.django_db
def test_attributes_may_stand_in_any_order() -> None:
    make_cast()
    make_indicator("other", "rate", "percent", "higher", "%", "%")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["cao-bang", "other", "2021-Q1"])
        sheet.write_number(1, 4, 0.5, book.add_format({"num_format": "0.0%"}))
    name = "xl/worksheets/sheet1.xml"
    plain = part(buffer.getvalue(), name)
    swapped = plain.replace(b'<c r="E2" s="1">', b"<c s='1' r='E2'>")
    assert swapped != plain
    table = read_file(with_parts(buffer.getvalue(), {name: swapped}))
    read = read_table(table, today=TODAY, constants={"source": "ha-giang-2021"})
    assert read.facts["value"].to_list() == ["50.0"]
    nowhere = plain.replace(b'<c r="E2" s="1">', b'<c s="1">')
    with pytest.raises(FileRefused, match="damaged"):
        read_file(with_parts(buffer.getvalue(), {name: nowhere}))


def test_styles_that_make_no_sense_are_refused() -> None:
    data = workbook()
    styles = part(data, "xl/styles.xml").replace(b'numFmtId="0"', b'numFmtId="nought"')
    with pytest.raises(FileRefused, match="damaged"):
        read_file(with_parts(data, {"xl/styles.xml": styles}))
