"""Targets on their page: every outcome, by province and by indicator, with the arithmetic."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from indicators.models import Target
from tests.cast import Cast, make_cast, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    for province, values in {
        cast.ha_giang: {"2022": "60", "2023": "95"},
        cast.cao_bang: {"2022": "60", "2023": "70"},
        cast.dien_bien: {"2022": "60", "2023": "80"},
    }.items():
        for year, value in values.items():
            state(cast, province, cast.on_time, year, value, place="đoạn 3")
    return cast


def aim(
    cast: Cast, province: object, due: date, value: str | None, operator: str = "at_least", **fields: str
) -> None:
    Target.objects.create(
        province=province, indicator=cast.on_time, due=due, operator=operator, source=cast.report,
        value=None if value is None else Decimal(value), basis_vi="Kế hoạch", basis_en="Plan", **fields,
    )  # fmt: skip


def text_of(client: Client, address: str = "/muc-tieu/", status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_every_outcome_has_its_words_and_its_arithmetic(client: Client, cast: Cast) -> None:
    aim(cast, cast.ha_giang, date(2023, 12, 31), "90")
    aim(cast, cast.cao_bang, date(2023, 12, 31), "90")
    aim(cast, cast.cao_bang, date(2099, 12, 31), "90")
    aim(cast, cast.dien_bien, date(2099, 12, 31), "99", "at_most")
    aim(cast, cast.old_tuyen_quang, date(2023, 12, 31), "90")
    aim(cast, cast.dien_bien, date(2023, 12, 31), None)
    html = text_of(client)
    assert "95\u00a0% so với 90\u00a0%: cao hơn 5\u00a0điểm % (năm 2023)" in html
    assert "70\u00a0% so với 90\u00a0%: thấp hơn 20\u00a0điểm % (năm 2023)" in html
    assert "đúng tiến độ: theo nhịp đến nay" in html and "mục tiêu không nêu con số" in html
    assert (
        "6 mục tiêu của 4 tỉnh: 2 đạt · 1 đúng tiến độ · 1 chưa đạt · 1 chưa có số liệu · 1 chưa đánh giá"
        in html
    )
    assert (
        html.index("Cao Bằng</a></h2>") < html.index("Điện Biên</a></h2>") < html.index("Hà Giang</a></h2>")
    )


def test_too_slow_is_behind_and_an_old_figure_no_answer_for_a_day_gone_by(client: Client, cast: Cast) -> None:
    aim(cast, cast.cao_bang, date(2024, 12, 31), "90")
    aim(cast, cast.dien_bien, date(2098, 12, 31), "99.9", "equal")
    html = text_of(client)
    assert "1 chậm tiến độ" in html and "1 chưa có số liệu" in html


def test_a_target_for_all_is_one_for_each_province_of_its_day(client: Client, cast: Cast) -> None:
    aim(cast, None, date(2023, 12, 31), "75")
    html = text_of(client, "/muc-tieu/?xem=chi-tieu")
    assert "4 mục tiêu của 4 tỉnh: 2 đạt · 1 chưa đạt · 1 chưa có số liệu" in html
    assert "tuyen-quang-2025" in html and 'href="/tinh/tuyen-quang/"' not in html
    assert "Cao Bằng" not in text_of(client, "/muc-tieu/?ket-qua=met")


def test_what_cannot_be_asked_is_told(client: Client, cast: Cast) -> None:
    assert "theo tỉnh" in text_of(client, "/muc-tieu/?xem=x", status=400)
    assert "đúng tiến độ" in text_of(client, "/muc-tieu/?ket-qua=x", status=400)
    assert "Chưa nạp mục tiêu nào" in text_of(client)


def test_a_handful_of_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    aim(cast, None, date(2023, 12, 31), "75")
    with django_assert_max_num_queries(6):
        assert client.get("/muc-tieu/").status_code == 200
