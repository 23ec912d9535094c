"""One box for provinces and indicators, accents optional."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    state(cast, cast.dien_bien, cast.on_time, "2023", "92", qualifier="more_than", as_stated="trên 92%")
    drain_pending(cause="test")
    return cast


def found(client: Client, text: str) -> str:
    return client.get("/tim/", {"q": text}).content.decode().split("<main", 1)[1]


def test_a_province_and_an_indicator_together_lead_to_the_figure_as_it_was_stated(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        html = found(client, f"dien bien {cast.on_time.name_vi}")
    assert "Điện Biên: trên 92\u00a0%, năm 2023" in html
    assert f'href="/tinh/dien-bien/#{cast.on_time.code}"' in html
    assert f'id="{cast.on_time.code}"' in client.get("/tinh/dien-bien/").content.decode()


def test_words_that_no_indicator_says_are_told_beside_the_province_that_was_found(
    client: Client, cast: Cast
) -> None:
    html = found(client, "dien bien zzz")
    assert 'href="/tinh/dien-bien/"' in html
    assert "Không chỉ tiêu nào có những từ còn lại của “dien bien zzz”" in html
    assert "từ còn lại" not in found(client, f"dien bien {cast.on_time.name_vi}")
    assert "từ còn lại" not in found(client, "dien bien")


def test_what_is_e_signed_is_found_as_signed(client: Client, cast: Cast) -> None:
    type(cast.on_time).objects.filter(pk=cast.on_time.pk).update(name_vi="Documents signed digitally")
    assert f"/chi-tieu/{cast.on_time.code}/" in found(client, "dien bien e-signed documents")


def test_a_part_of_a_name_finds_provinces_and_nothing_finds_nothing(client: Client, cast: Cast) -> None:
    assert 'href="/tinh/dien-bien/"' in found(client, "ĐIỆN")
    assert "/tinh/dien-bien/" not in found(client, "")
    assert "Không có tỉnh hay chỉ tiêu nào có “zzz &lt;b&gt;”" in found(client, "zzz <b>")


def test_one_province_alone_is_told_as_stated_and_has_no_rank(client: Client, cast: Cast) -> None:
    html = client.get(f"/chi-tieu/{cast.on_time.code}/").content.decode()
    computed = html[html.index("Kết quả tính toán") :]
    assert "trên 92\u00a0%" in computed and "92,0" not in computed
    assert 'href="/tinh/dien-bien/"' in computed
    assert '<td class="rank">–</td>' in html


def test_an_address_without_a_page_leads_on(client: Client, db: None) -> None:
    response = client.get("/khong-co/")
    assert response.status_code == 404
    assert 'action="/tim/"' in response.content.decode()
