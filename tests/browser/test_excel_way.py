"""A quarter through Excel: from the login to the published figure; what is refused comes back with why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from indicators.services.recomputing import drain_pending
from reporting.importing import jobs
from reporting.models import ImportBatch, Submission
from reporting.workbooks.layout import FIRST_ROW, Column
from tests.browser.axe import violations
from tests.browser.test_quarterly_form import PASSWORD, log_in
from tests.reporting.cast import Play, make_play
from tests.reporting.importing.files import GOOD, csv

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]


@pytest.fixture
def play() -> Play:
    made = make_play()
    User.objects.update(password=make_password(PASSWORD))
    return made


@pytest.fixture
def new_page(chromium: Browser, live_server: Any) -> Iterator[Any]:
    """Each person has a browser of his own."""
    contexts = []

    def make() -> Page:
        context = chromium.new_context(base_url=live_server.url, locale="vi-VN")
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def fill(path: Path, satisfaction: Any) -> None:
    """As a person does in a spreadsheet: the first open cells from the top, numbers as numbers."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = [n for n in range(FIRST_ROW + 1, sheet.max_row + 1) if sheet.cell(n, Column.ENTRY + 1).value]
    received, online, on_time, satisfied, documents = rows
    for row, column, value, shown in (
        (received, Column.TEXT, 8868, "#,##0"),
        (online, Column.TEXT, "7.011", "@"),
        (on_time, Column.NUMERATOR, 8405, "0"),
        (on_time, Column.DENOMINATOR, "8.524", "@"),
        (satisfied, Column.TEXT, satisfaction, "0.0"),
        (satisfied, Column.NOTE, "Theo Cổng Dịch vụ công", "@"),
        (documents, Column.TEXT, "3,2 triệu", "@"),
    ):
        cell = sheet.cell(row, column + 1)
        assert not cell.protection.locked
        cell.value, cell.number_format = value, shown
    book.save(path)


def upload(page: Page, path: Path) -> None:
    page.locator("#rp-workbook").set_input_files(path)
    page.get_by_role("button", name="Xem thay đổi").click()


def test_a_quarter_through_excel_from_login_to_published_value(
    new_page: Any, play: Play, tmp_path: Path
) -> None:
    page = new_page()
    page.goto(reverse("reporting:home"))
    log_in(page, "leader")
    page.get_by_role("button", name="Bắt đầu").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải phiếu dạng Excel").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    form_address = page.url

    fill(path, "1.253")
    upload(page, path)
    expect(page.locator(".rp-error")).to_contain_text("1253 hoặc 1,253")
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải tệp về kèm lý do").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    reasons = [row[Column.REFUSED].value for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()]
    assert sum("1253 hoặc 1,253" in reason for reason in reasons if reason) == 1

    fill(path, 92)
    page.goto(form_address)
    upload(page, path)
    page.get_by_role("button", name="Ghi vào phiếu").click()
    expect(page.locator(".messagelist")).to_contain_text("Đã ghi 5 ô từ tệp Excel")
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.locator(".rp-subtitle .rp-state")).to_have_text("đã gửi")

    review = new_page()
    review.goto(reverse("reporting:review", args=[Submission.objects.get().pk]))
    log_in(review, "reviewer")
    review.locator('[name^="comment-"]').first.fill("Xem lại")
    review.keyboard.press("Enter")
    review.locator("#rp-reason").press("Enter")
    review.wait_for_timeout(300)
    assert Submission.objects.get().state == "submitted", "Enter decides nothing"
    review.get_by_role("button", name="Chấp nhận và công bố").click()
    expect(review.locator(".messagelist .success")).to_contain_text("5")

    drain_pending(cause="test")
    page.goto("/tinh/cao-bang/")
    expect(page.locator("main")).to_contain_text("98,6")
    answer = page.request.get("/api/v1/observations/?indicator=satisfaction-rate")
    (row,) = answer.json()["results"]
    assert (row["value"], row["as_stated"]) == (92, "92,0"), "the cell's format shows one decimal"


def test_a_large_table_shows_its_progress_and_then_its_preview(
    new_page: Any, play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "INLINE_BYTES", 10)
    monkeypatch.setattr("reporting.views.importing.wake_import_on_commit", lambda batch_id: None)
    path = tmp_path / "so-lieu.csv"
    path.write_bytes(csv(GOOD))
    page = new_page()
    page.goto(reverse("reporting:imports"))
    log_in(page, "reviewer")
    page.locator("#file").set_input_files(path)
    page.locator("#source").select_option("ha-giang-2021")
    page.get_by_role("button", name="Tải lên và xem trước").click()
    expect(page.locator("#rp-progress-said")).to_have_text("Đang chờ xử lý")
    batch = ImportBatch.objects.get()
    jobs.run_watched(batch.pk)  # the worker
    load = page.get_by_role("button", name="Nạp tất cả")
    load.click()
    expect(page.locator("progress")).to_be_visible()
    jobs.run_watched(batch.pk)
    expect(page.locator(".rp-box")).to_contain_text("1 mới, 0 thay đổi, 0 giữ nguyên")
