"""Cards of figures: as stated, where, how sure, what contradicts, what became of it, what it is made of."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from indicators.services.publishing import publish
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_fact, make_source, state

pytestmark = pytest.mark.django_db
AGGREGATE = "/so-lieu/tinh-toan/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    counts = {"numerator": Decimal(7), "denominator": Decimal(10)}
    for province in (cast.ha_giang, cast.old_tuyen_quang, cast.cao_bang):
        state(cast, province, cast.on_time, "2023", "70", as_stated="70%", place="đoạn 3, câu 1", **counts)
        state(cast, province, cast.received, "2023", "10")
    drain_pending(cause="test")
    return cast


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_a_card_says_what_was_said_where_and_how_sure_it_is(client: Client, cast: Cast) -> None:
    html = text_of(client, "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63")
    figure = cast.cao_bang.observations.get(indicator=cast.on_time)
    assert f'<a class="to-card" href="/so-lieu/{figure.pk}/">' in html
    card = text_of(client, f"/so-lieu/{figure.pk}/")
    for words in ("“70%”", "69,5 – 70,5", "7 / 10", "đoạn 3, câu 1", "Báo cáo của tỉnh Hà Giang", "hạng 1"):
        assert words in card
    assert "Chưa thấy số liệu nào mâu thuẫn với số này. Chưa có nguồn thứ hai." in card


def test_a_card_says_what_is_known_of_its_source(client: Client, cast: Cast) -> None:
    note = "Số liệu không ghi ngày được tính đến ngày của báo cáo."
    type(cast.report).objects.filter(pk=cast.report.pk).update(note_vi=note)
    stated = state(cast, cast.cao_bang, cast.received, "2023", "120")
    assert note in client.get(f"/so-lieu/{stated.pk}/").content.decode()


def test_one_province_has_no_spread(client: Client, cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2020", "71.5")
    drain_pending(cause="test")
    alone = text_of(client, AGGREGATE.replace("ky=2023", "ky=2020"))
    assert "Trung vị" in alone and "Độ lệch chuẩn" not in alone
    assert "Độ lệch chuẩn" in text_of(client, AGGREGATE)


def test_a_corrected_figure_keeps_its_history(client: Client, cast: Cast) -> None:
    old = cast.cao_bang.observations.get(indicator=cast.on_time)
    editor = User.objects.create_user("lan", first_name="Lan", last_name="Trần")
    fact = make_fact(cast, cast.cao_bang, cast.on_time, "2023", "71")
    publish(facts=[fact], cause="correction", reason="gõ nhầm", actor=editor)
    new = cast.cao_bang.observations.get(indicator=cast.on_time, superseded_at=None)
    for key in (old.pk, new.pk):
        card = text_of(client, f"/so-lieu/{key}/")
        assert "gõ nhầm" in card and "Lan Trần" in card and "71\u00a0%" in card and "70\u00a0%" in card
    assert "đã được thay bằng số liệu khác" in text_of(client, f"/so-lieu/{old.pk}/")
    assert "đã được thay bằng số liệu khác" not in text_of(client, f"/so-lieu/{new.pk}/")


def test_contradictions_stand_with_both_intervals_and_other_sources_beside(
    client: Client, cast: Cast
) -> None:
    wrong = state(
        cast, cast.dien_bien, cast.on_time, "2023", "7", as_stated="7%",
        numerator=Decimal(13483), denominator=Decimal(175439),
    )  # fmt: skip
    other = make_source("other", "Báo cáo khác")
    state(cast, cast.dien_bien, cast.on_time, "2023", "8", source=other)
    drain_pending(cause="test")
    card = text_of(client, f"/so-lieu/{wrong.pk}/")
    assert "13.483 / 175.439 = 7,69 %" in card and "6,5 – 7,5" in card
    assert "Suy từ các số khác: 7,6853\u00a0%." in card
    assert "Báo cáo khác" in card and "8\u00a0%" in card
    assert "Có số liệu mâu thuẫn với số này; xem bên dưới. Có nguồn khác nêu cùng số liệu" in card


def test_an_aggregate_names_its_figures_its_coverage_and_its_formula(client: Client, cast: Cast) -> None:
    card = text_of(client, AGGREGATE)
    assert "Tính từ 3 số liệu" in card and "21 ÷ 30 × 100" in card and "3/4 (75\u00a0%)" in card
    assert "đầy đủ từ 80\u00a0%" in card and "/api/v1/aggregates/?indicator=dossiers-on-time-rate" in card


def test_a_restated_figure_names_its_predecessors(client: Client, cast: Cast) -> None:
    address = "/so-lieu/tinh-toan/?chi-tieu={}&ky=2023&dia-gioi=34&tinh=tuyen-quang"
    ratio = text_of(client, address.format("dossiers-on-time-rate"))
    assert (
        "Tổng tử số ÷ tổng mẫu số × 100: 14 ÷ 20" in ratio
        and "Hà Giang" in ratio
        and "Tính từ 2 số liệu" in ratio
    )
    count = text_of(client, address.format("dossiers-received"))
    assert "Tổng số liệu của các tỉnh trước khi sáp nhập" in count


def test_a_derived_quarter_names_what_it_was_taken_from(client: Client, cast: Cast) -> None:
    cast.received.accumulates = True
    cast.received.save()
    for period, value in {"2024-YTD-03": "30", "2024-YTD-06": "70"}.items():
        state(cast, cast.cao_bang, cast.received, period, value)
    drain_pending(cause="test")
    card = text_of(
        client, "/so-lieu/tinh-toan/?chi-tieu=dossiers-received&ky=2024-Q2&dia-gioi=63&tinh=cao-bang"
    )
    assert "Số lũy kế từ đầu năm trừ" in card and ">30" in card and ">70" in card


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/so-lieu/999999/", 404),
        (AGGREGATE.replace("2023", "1999"), 404),
        (AGGREGATE.replace("2023", "x"), 400),
        (AGGREGATE.replace("=63", "=7"), 400),
        (AGGREGATE.replace("dossiers", "x"), 404),
        (AGGREGATE + "&tinh=atlantis", 404),
    ],
)
def test_a_card_of_nothing_is_a_sentence(client: Client, cast: Cast, address: str, status: int) -> None:
    assert "không có" in text_of(client, address, status)


def test_a_handful_of_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    figure = cast.cao_bang.observations.get(indicator=cast.on_time)
    with django_assert_max_num_queries(9):
        client.get(f"/so-lieu/{figure.pk}/")
    with django_assert_max_num_queries(7):
        client.get(AGGREGATE)
