"""Composite indices on pages: league, parts, what moved a score, and versions that cannot be computed."""

from decimal import Decimal
from math import isclose

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from dashboards.pages.index_parts import adding_up, part_lines
from dashboards.queries.indices import Component, Version
from indicators.models import CompositeIndex, IndexComponent, Indicator
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_indicator, state

numbers = st.lists(st.floats(-50, 50, allow_nan=False), min_size=1, max_size=12)


@given(numbers, st.integers(0, 4))
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[float], decimals: int) -> None:
    total = sum(parts)
    rounded = adding_up(parts, total, decimals)
    assert isclose(sum(rounded), round(total / 10.0**-decimals) * 10.0**-decimals, abs_tol=1e-9)
    unit = 10.0**-decimals
    assert all(abs(one - other) <= unit * 1.000001 for one, other in zip(parts, rounded, strict=True))


def component(code: str, weight: float, depth: int = 0, has_parts: bool = False) -> Component:
    return Component(code, code, weight, depth, "", has_parts)


def test_what_a_node_gives_at_most_follows_from_the_weights_of_its_siblings() -> None:
    tree = (
        component("a", 18),
        component("b", 22, has_parts=True),
        component("b1", 12, 1),
        component("b2", 10, 1),
    )
    version = Version(1, "x", "1", "x", "", 100.0, 2, "t", False, True, "", None, None, tree)
    assert [line.most for line in part_lines(version, None, "vi")] == ["45,00", "55,00", "30,00", "25,00"]


@pytest.fixture
def cast() -> Cast:
    """An index of two parts: in force until 2023 with weights, from 2024 without."""
    cast = make_cast()
    total = make_indicator("total", "score", "score", "higher", "điểm", "points", decimals=2)
    fields = {"name_vi": "Chỉ số", "name_en": "Index", "scale": 100, "total": total}
    old = CompositeIndex.objects.create(
        **fields, code="idx", version="1", legal_basis="1/QĐ", weights="published", valid_to="2023-12-31"
    )
    new = CompositeIndex.objects.create(
        **fields, code="idx", version="2", legal_basis="2/QĐ", weights="unpublished", valid_from="2024-01-01",
        note_vi="Chưa công bố", note_en="Not published",
    )  # fmt: skip
    for position, (code, weight) in enumerate({"first": 60, "second": 40}.items()):
        part = make_indicator(f"idx-{code}", "score", "score", "higher", "điểm", "points", decimals=2)
        for index, points in ((old, weight), (new, None)):
            IndexComponent.objects.create(
                index=index, code=code, position=position, weight=points, rule="published", indicator=part,
                highest=Decimal(weight), name_vi=f"Phần {code}", name_en=f"Part {code}",
            )  # fmt: skip
        for province, years in ((cast.cao_bang, {"2022": 30, "2023": 33}), (cast.dien_bien, {"2023": 20})):
            for year, value in years.items():
                state(cast, province, part, year, str(value))
    state(cast, cast.ha_giang, part, "2023", "12.5")
    drain_pending(cause="test")
    return cast


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.django_db
def test_a_league_takes_its_leader_apart_and_tells_what_moved_it(client: Client, cast: Cast) -> None:
    html = text_of(client, "/chi-so/idx/")
    assert "Cao Bằng dẫn đầu 2 tỉnh, thành phố với 66,00 điểm" in html
    assert "Phần first" in html and "+3,00" in html and "<strong>+6,00</strong>" in html
    assert "1 tỉnh không tính được điểm" in html, "one component alone gives no score"


@pytest.mark.django_db
def test_a_version_without_weights_says_that_it_cannot_be_computed(client: Client, cast: Cast) -> None:
    html = text_of(client, "/chi-so/")
    assert "Không tính được: trọng số của Phần first, Phần second chưa được công bố." in html
    assert "không tính được" in text_of(client, "/chi-so/idx/")


@pytest.mark.django_db
def test_one_province_can_be_picked_and_nobody_else(client: Client, cast: Cast) -> None:
    html = text_of(client, "/chi-so/idx/?ky=2023&tinh=dien-bien")
    assert "Điện Biên: 40,00" in html and "kỳ trước của tỉnh này không có điểm" in html
    assert "Cao Bằng" in text_of(client, "/chi-so/idx/?tinh=atlantis", status=404)
    assert "Năm 2023" in text_of(client, "/chi-so/idx/?ky=1999", status=404)
    assert "/chi-so/idx/" in text_of(client, "/chi-so/nothing/", status=404)


@pytest.mark.django_db
def test_a_province_shows_its_scores_split_into_components(client: Client, cast: Cast) -> None:
    html = text_of(client, "/tinh/cao-bang/")
    assert "Chỉ số, năm 2023: 66,00" in html and "/chi-so/idx/?ky=2023" in html
    assert "tổng điểm công bố" not in html
    state(cast, cast.cao_bang, Indicator.objects.get(code="total"), "2023", "65.9")
    drain_pending(cause="test")
    html = text_of(client, "/tinh/cao-bang/")
    assert "Chỉ số, năm 2023: 66,00" in html
    assert "Tính lại từ các thành phần; tổng điểm công bố là 65,90." in html


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "most"), [("/chi-so/", 6), ("/chi-so/idx/", 7)])
def test_a_handful_of_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries, address: str, most: int
) -> None:
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200
