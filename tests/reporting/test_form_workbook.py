"""The form as a workbook: what goes out comes back; nothing is written before it was shown and confirmed."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import python_calamine as calamine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reporting.core.reading import CellText
from reporting.models import Entry, Submission
from reporting.services.checking import check_submission, entries_of
from reporting.views.rows import rows_of
from reporting.workbooks.layout import FIRST_ROW, Column
from reporting.workbooks.writing import form_workbook
from tests.reporting.cast import Play, cell, make_play, opened, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return make_play()


@pytest.fixture
def submission(play: Play) -> Submission:
    return opened(play)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def filled(submission: Submission, **texts: CellText) -> bytes:
    """The workbook as somebody would have filled it in, by the indicators' codes with underscores."""
    entries = entries_of(submission)
    typed = {
        entry.pk: (texts[entry.line.indicator.code.replace("-", "_")], "")
        for entry in entries
        if entry.line.indicator.code.replace("-", "_") in texts and entry.line.category is None
    }
    return form_workbook(submission, rows_of(check_submission(submission, entries), quiet=True, typed=typed))


def typed_in(submission: Submission, act: Callable[[Any, dict[str, int]], None]) -> bytes:
    """The form's workbook after ``act`` in a spreadsheet program; it is given the sheet and the row of each
    indicator's code."""
    entries = entries_of(submission)
    data = form_workbook(submission, rows_of(check_submission(submission, entries), quiet=True))
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    codes = {entry.pk: entry.line.indicator.code for entry in entries if entry.line.category is None}
    numbers = range(FIRST_ROW + 1, sheet.max_row + 1)
    act(sheet, {codes[entry]: n for n in numbers if (entry := sheet.cell(n, 1).value) in codes})
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def put(sheet: Any, row: int, value: object, number_format: str = "@", column: Column = Column.TEXT) -> None:
    found = sheet.cell(row, column + 1)
    found.value, found.number_format = value, number_format


def upload(client: Client, submission: Submission, data: bytes, **extra: object):
    file = SimpleUploadedFile("phieu.xlsx", data)
    address = reverse("reporting:workbook-upload", args=[submission.pk])
    return client.post(address, {"workbook": file}, **extra)


def confirm(client: Client, submission: Submission, preview):
    address = reverse("reporting:workbook-confirm", args=[submission.pk])
    return client.post(address, {"shown": preview.context["shown"]}, follow=True)


def test_the_workbook_is_protected_open_where_it_is_filled_and_keeps_texts(play: Play, submission) -> None:
    save(cell(submission, play.satisfaction), play.staff, "1.253", note='=HYPERLINK("http://x")')
    answer = as_(play.staff).get(reverse("reporting:workbook", args=[submission.pk]))
    data = answer.content
    assert 'filename="quarterly-cao-bang-2025-Q3.xlsx"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        book = parts.read("xl/workbook.xml").decode()
    assert "<sheetProtection" in sheet and "<dataValidation " in sheet and "<f>" not in sheet
    assert 'state="veryHidden"' in book
    lines = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    texts = [line[Column.TEXT] for line in lines[FIRST_ROW:]]
    assert "1.253" in texts


def test_what_is_filled_in_is_shown_first_and_written_when_confirmed(play: Play, submission) -> None:
    client = as_(play.staff)
    data = filled(
        submission,
        satisfaction_rate=CellText("trên 92%", note="theo Cổng Dịch vụ công"),
        dossiers_on_time_rate=CellText(numerator="8.405", denominator="8.524"),
        dossiers_received=CellText(missing_reason="not_yet_due"),
    )
    preview = upload(client, submission, data)
    assert (preview.context["changes"], preview.context["same"]) == (3, 2)
    assert not Entry.objects.exclude(version=0).exists()
    answer = confirm(client, submission, preview)
    assert "Đã ghi 3 ô từ tệp Excel." in answer.content.decode()
    assert cell(submission, play.satisfaction).note == "theo Cổng Dịch vụ công"
    assert str(cell(submission, play.cast.on_time).value) == "98.60"
    assert cell(submission, play.cast.received).missing_reason == "not_yet_due"
    again = upload(client, submission, filled(submission))
    assert (again.context["changes"], again.context["same"]) == (0, 5)


def test_one_cell_that_cannot_be_read_keeps_all_of_them_out(play: Play, submission) -> None:
    data = filled(submission, satisfaction_rate=CellText("1.253"), edocs_exchanged=CellText("1.000"))
    preview = upload(as_(play.staff), submission, data)
    assert preview.status_code == 422
    page = preview.content.decode()
    assert "có thể là 1253 hoặc 1,253" in page and "Ghi vào phiếu" not in page


def test_nothing_is_taken_over_when_somebody_changed_a_cell_meanwhile(play: Play, submission) -> None:
    client = as_(play.second_staff)
    data = filled(submission, satisfaction_rate=CellText("90"), edocs_exchanged=CellText("1.000"))
    preview = upload(client, submission, data)
    save(cell(submission, play.satisfaction), play.staff, "92,5")
    answer = confirm(client, submission, preview)
    assert "Nông Thị Mai vừa sửa" in answer.content.decode()
    assert cell(submission, play.documents).as_typed == ""
    assert cell(submission, play.satisfaction).as_typed == "92,5"


def test_a_preview_is_good_for_its_person_and_form_only(play: Play, submission) -> None:
    preview = upload(as_(play.staff), submission, filled(submission, satisfaction_rate=CellText("90")))
    answer = confirm(as_(play.second_staff), submission, preview)
    assert "quá cũ" in answer.content.decode()
    assert cell(submission, play.satisfaction).as_typed == ""


def test_the_workbook_of_another_province_is_refused(play: Play, submission) -> None:
    theirs = filled(opened(play, play.cast.dien_bien))
    answer = upload(as_(play.staff), submission, theirs, follow=True)
    assert re.search("Tệp này thuộc phiếu khác: dien-bien, 2025-Q3", answer.content.decode())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", b"a,b\n1,2\n"])
def test_what_is_no_form_is_refused_in_words(play: Play, submission, data: bytes) -> None:
    answer = upload(as_(play.staff), submission, data, follow=True)
    assert answer.status_code == 200 and 'class="error"' in answer.content.decode()


def test_a_bomb_is_refused_from_its_directory(play: Play, submission) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", "<x/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    answer = upload(as_(play.staff), submission, buffer.getvalue(), follow=True)
    assert 'class="error"' in answer.content.decode()


def test_numbers_are_taken_as_their_cells_show_them(play: Play, submission) -> None:
    def fill(sheet: Any, rows: dict[str, int]) -> None:
        put(sheet, rows["satisfaction-rate"], 15, "0.0")
        put(sheet, rows["dossiers-on-time-rate"], 0.7263, "0.00%")
        put(sheet, rows["edocs-exchanged"], 1253, "#,##0.00")

    client = as_(play.staff)
    confirm(client, submission, upload(client, submission, typed_in(submission, fill)))
    assert cell(submission, play.satisfaction).as_typed == "15,0"
    assert str(cell(submission, play.satisfaction).value) == "15.0"
    assert str(cell(submission, play.cast.on_time).value) == "72.63"
    assert cell(submission, play.documents).value == 1253


def test_dates_and_merged_cells_are_refused(play: Play, submission) -> None:
    def dated(sheet: Any, rows: dict[str, int]) -> None:
        put(sheet, rows["satisfaction-rate"], datetime.datetime(2025, 5, 1), "dd/mm")

    preview = upload(as_(play.staff), submission, typed_in(submission, dated))
    assert preview.status_code == 422 and "Ô chứa ngày tháng" in preview.content.decode()

    def merged(sheet: Any, rows: dict[str, int]) -> None:
        sheet.merge_cells("F6:F7")

    answer = upload(as_(play.staff), submission, typed_in(submission, merged), follow=True)
    assert "F6:F7" in answer.content.decode()


def test_a_refused_workbook_comes_back_with_the_reasons_and_can_be_mended(play: Play, submission) -> None:
    client = as_(play.staff)
    data = filled(submission, satisfaction_rate=CellText("1.253"), edocs_exchanged=CellText("1.000"))
    preview = upload(client, submission, data)
    address = reverse("reporting:workbook-refused", args=[submission.pk])
    answer = client.post(address, {"typed": preview.context["typed"]})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    reasons = {row[Column.TEXT].value: row[Column.REFUSED].value for row in sheet.iter_rows(FIRST_ROW + 1)}
    assert "1253 hoặc 1,253" in reasons["1.253"] and reasons["1.000"] is None
    row = next(n for n in range(1, 20) if sheet.cell(n, Column.TEXT + 1).value == "1.253")
    put(sheet, row, "91,5")
    buffer = io.BytesIO()
    book.save(buffer)
    confirm(client, submission, upload(client, submission, buffer.getvalue()))
    assert cell(submission, play.satisfaction).as_typed == "91,5"
    assert cell(submission, play.documents).as_typed == "1.000"
    assert client.post(address, {"typed": "nonsense"}).status_code == 302


def test_what_was_not_touched_in_the_workbook_takes_nothing_back(play: Play, submission) -> None:
    """The workbook was made while the form was empty; since then a colleague typed."""

    def fill(sheet: Any, rows: dict[str, int]) -> None:
        put(sheet, rows["satisfaction-rate"], "93")
        put(sheet, rows["dossiers-received"], "7")

    data = typed_in(submission, fill)
    save(cell(submission, play.documents), play.second_staff, "1.000")
    save(cell(submission, play.satisfaction), play.second_staff, "92")
    client = as_(play.staff)
    preview = upload(client, submission, data)
    assert (preview.context["changes"], preview.context["same"]) == (2, 3)
    assert [line["meanwhile"] for line in preview.context["lines"]] == [False, True]
    confirm(client, submission, preview)
    assert cell(submission, play.documents).as_typed == "1.000"
