"""A quarter under the fingers: by keyboard from the login to the published figure; whatever goes wrong on the
way, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from indicators.models import Aggregate, Observation
from indicators.services.recomputing import drain_pending
from reporting.models import Entry, Submission
from tests.reporting.cast import Play, cell, make_play, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
]

expect.set_options(timeout=15_000)  # on a machine that runs other things as well
PASSWORD = "mat-khau-thu-nghiem"
SAVED = "Đã lưu mọi thay đổi"


@pytest.fixture
def play() -> Play:
    made = make_play()
    User.objects.update(password=make_password(PASSWORD))
    return made


@pytest.fixture
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    """One person's browser; a script error or an inline script that the policy stops fails the test."""
    context = chromium.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "console",
        lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield context
    context.close()
    assert wrong == []


def log_in(page: Page, username: str) -> None:
    """With the keyboard; the first field has the focus."""
    page.locator("#id_username").focus()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login/" not in address)


def box(page: Page, submission: Submission, indicator: object, field: str = "text"):
    entry = cell(submission, indicator)
    return page.locator(f'[name="c{entry.pk}-{field}"]')


def form_page(desk: BrowserContext, live_server: object, submission: Submission, username: str) -> Page:
    page = desk.new_page()
    page.goto(f"{live_server}{reverse('reporting:form', args=[submission.pk])}")
    log_in(page, username)
    expect(page.locator("#rp-form[data-ready]")).to_be_visible()
    return page


def test_a_quarter_by_keyboard_from_login_to_published_value(
    chromium: Browser, desk: BrowserContext, live_server: object, play: Play
) -> None:
    page = desk.new_page()
    page.goto(f"{live_server}{reverse('reporting:home')}")
    log_in(page, "leader")
    begin = page.get_by_role("button", name="Bắt đầu").first
    begin.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rp-form[data-ready]")).to_be_visible()
    submission = Submission.objects.get()
    page.locator('tr.rp-row input[data-field="text"]').first.focus()
    for text in ("8.868", "7.011"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")  # from the empty figure to the denominator, then to the numerator
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("8.405")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("8.524")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("trên 92%")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("3,2 triệu")
    expect(page.locator("#rp-status")).to_have_text(SAVED)
    row = page.locator(f"#c{cell(submission, play.cast.on_time).pk}")
    expect(row.locator(".rp-understood")).to_have_text("98,60 %")
    page.get_by_role("button", name="Gửi phiếu").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rp-subtitle .rp-state")).to_have_text("đã gửi")

    other = chromium.new_context(locale="vi-VN")
    review = other.new_page()
    review.goto(f"{live_server}{reverse('reporting:review', args=[submission.pk])}")
    log_in(review, "reviewer")
    review.get_by_role("button", name="Chấp nhận và công bố").focus()
    review.keyboard.press("Enter")
    expect(review.locator(".messagelist .success")).to_contain_text("5")
    other.close()

    published = Observation.objects.current().get(indicator=play.cast.on_time)
    assert (str(published.value), published.numerator, published.denominator) == ("98.60", 8405, 8524)
    drain_pending(cause="test")
    assert Aggregate.objects.get(
        indicator=play.cast.on_time, group="nation", geography=play.cast.geography_34
    ).sum == pytest.approx(98.6)
    page.goto(f"{live_server}/tinh/cao-bang/")
    expect(page.locator("main")).to_contain_text("98,6")
    answer = page.request.get(f"{live_server}/api/v1/observations/?indicator=satisfaction-rate")
    (row,) = answer.json()["results"]
    assert (row["value"], row["qualifier"], row["as_stated"]) == (92, "more_than", "trên 92%")


def test_without_a_connection_and_with_a_closed_tab_nothing_is_lost(
    desk: BrowserContext, live_server: object, play: Play
) -> None:
    submission = opened(play)
    page = form_page(desk, live_server, submission, "staff")
    desk.set_offline(True)
    box(page, submission, play.satisfaction).fill("92,5")
    expect(page.locator("#rp-status")).to_contain_text("Mất kết nối")
    page.close()
    assert cell(submission, play.satisfaction).as_typed == ""
    desk.set_offline(False)
    again = desk.new_page()
    again.goto(f"{live_server}{reverse('reporting:form', args=[submission.pk])}")
    expect(box(again, submission, play.satisfaction)).to_have_value("92,5")
    expect(again.locator("#rp-status")).to_have_text(SAVED)
    assert cell(submission, play.satisfaction).as_typed == "92,5"


def test_the_connection_comes_back_and_what_was_typed_goes_out(
    desk: BrowserContext, live_server: object, play: Play
) -> None:
    submission = opened(play)
    page = form_page(desk, live_server, submission, "staff")
    desk.set_offline(True)
    box(page, submission, play.satisfaction).fill("92,5")
    expect(page.locator("#rp-status")).to_contain_text("Mất kết nối")
    desk.set_offline(False)
    expect(page.locator("#rp-status")).to_have_text(SAVED)
    assert cell(submission, play.satisfaction).as_typed == "92,5"


def test_an_expired_session_leads_to_the_login_and_back_with_everything_typed(
    desk: BrowserContext, live_server: object, play: Play
) -> None:
    submission = opened(play)
    page = form_page(desk, live_server, submission, "staff")
    desk.clear_cookies(name="sessionid")
    box(page, submission, play.satisfaction).fill("91,2")
    link = page.get_by_role("link", name="Đăng nhập và tiếp tục")
    link.click()
    log_in(page, "staff")
    expect(box(page, submission, play.satisfaction)).to_have_value("91,2")
    expect(page.locator("#rp-status")).to_have_text(SAVED)
    assert cell(submission, play.satisfaction).as_typed == "91,2"


def test_two_people_in_one_form_and_the_second_is_told(
    chromium: Browser, desk: BrowserContext, live_server: object, play: Play
) -> None:
    submission = opened(play)
    first = form_page(desk, live_server, submission, "staff")
    other = chromium.new_context(locale="vi-VN")
    second = form_page(other, live_server, submission, "staff2")
    box(first, submission, play.satisfaction).fill("92,5")
    expect(first.locator("#rp-status")).to_have_text(SAVED)
    box(second, submission, play.satisfaction).fill("80")
    box(second, submission, play.documents).fill("1.000")
    said = second.locator(f"#c{cell(submission, play.satisfaction).pk}-more .rp-clash")
    expect(said).to_contain_text("Nông Thị Mai đã sửa ô này")
    expect(said).to_contain_text("92,5")
    expect(second.locator("#rp-status")).to_contain_text("đã được người khác sửa trước")
    assert cell(submission, play.satisfaction).as_typed == "92,5"
    said.get_by_role("button", name="Giữ của tôi").click()
    expect(second.locator("#rp-status")).to_have_text(SAVED)
    assert cell(submission, play.satisfaction).as_typed == "80"
    assert cell(submission, play.documents).as_typed == "1.000"
    other.close()


def test_a_block_from_a_sheet_is_pasted_over_rows_and_columns(
    desk: BrowserContext, live_server: object, play: Play
) -> None:
    submission = opened(play)
    page = form_page(desk, live_server, submission, "staff")
    page.locator('tr.rp-row input[data-field="text"]').first.focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        "8.868\r\n7.011\r\n98,6\r\ntrên 92%\r\n3,2 triệu\r\n",
    )
    expect(page.locator("#rp-status")).to_have_text(SAVED)
    typed = Entry.objects.order_by("line__section__position", "line__position")
    assert list(typed.values_list("as_typed", flat=True)) == [
        "8.868",
        "7.011",
        "98,6",
        "trên 92%",
        "3,2 triệu",
    ]


def test_the_form_fits_a_telephone(desk: BrowserContext, live_server: object, play: Play) -> None:
    submission = opened(play)
    page = form_page(desk, live_server, submission, "staff")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("tr.rp-row").first).to_have_css("display", re.compile("grid"))
