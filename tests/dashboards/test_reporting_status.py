"""The public page of who has reported: no figure that is not published, no person, few queries."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from indicators.core.calendar_rules import Calendar
from reporting.services.deciding import accept
from reporting.services.duties import quarter_of
from tests.reporting.cast import Play, make_play, opened, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return make_play()


def text(address: str = "/bao-cao/") -> str:
    answer = Client().get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_system_says_so() -> None:
    assert "Hiện không có phiếu nào phải nộp." in text()


def test_every_province_with_its_state_and_nothing_else(play: Play) -> None:
    submission = submitted(play)
    opened(play, play.cast.dien_bien)
    address = "/bao-cao/?ky=2025-Q3"
    page = text(address)
    assert "Cao Bằng" in page and "đã gửi, đang thẩm định" in page
    assert page.count("trễ hạn") >= 2
    assert "Bế Văn Lâm" not in page and "8.868" not in page and "bản nháp" not in page
    accept(submission_id=submission.pk, actor=play.reviewer)
    assert "đã công bố" in text(address)


def test_without_a_choice_the_quarter_that_ended_last_is_shown(play: Play) -> None:
    today = timezone.localdate()
    before = quarter_of(today, Calendar.CALENDAR).previous()
    assert before is not None and before.label("vi") in text()
    assert Client().get("/bao-cao/?ky=1999-Q1").status_code == 404


def test_it_takes_few_queries(play: Play, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    submitted(play)
    with django_assert_max_num_queries(8):
        text("/bao-cao/?ky=2025-Q3")
