"""Every chart of a comparison: drawn with its sentence and table, or a reason in its place."""

import json
import re
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboards import caching
from dashboards.questions import CHARTS
from indicators.models import SeriesBreak
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_indicator, make_province, state

pytestmark = pytest.mark.django_db
BASE = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63&tinh=cao-bang"


@pytest.fixture
def cast() -> Cast:
    """Six provinces of the 63 with counts over two years, a second rate, and a count by channel."""
    cast = make_cast()
    early = make_indicator("dossiers-early-rate", "rate", "percent", "higher", "%", "%")
    more = [
        make_province("lang-son", "20", "Lạng Sơn", "Lang Son"),
        make_province("lai-chau", "12", "Lai Châu", ""),
    ]
    provinces = [cast.ha_giang, cast.old_tuyen_quang, cast.cao_bang, cast.dien_bien, *more]
    for place, province in enumerate(provinces):
        for period, step in (("2022", 0), ("2023", 4)):
            part = Decimal(500 + 60 * place + step * (3 - place))
            counts = {"numerator": part, "denominator": Decimal(1000)}
            state(cast, province, cast.on_time, period, str(part / 10), **counts)
        state(cast, province, early, "2023", str(10 + place * place))
    for channel, value in ((cast.online, "30"), (cast.direct, "70")):
        state(cast, cast.cao_bang, cast.received, "2023", value, category=channel)
    state(cast, cast.cao_bang, cast.received, "2023", "100")
    drain_pending(cause="test")
    return cast


def page_of(client: Client, chart: str, more: str = "", status: int = 200) -> str:
    response = client.get(f"{BASE}&bieu-do={chart}{more}")
    assert response.status_code == status
    return response.content.decode()


def figure_in(html: str, name: str) -> dict:
    found = re.search(rf'<script id="{name}-data" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found, f"no figure {name}"
    return json.loads(found[1])


DRAWN = {
    "distribution": "Nửa ở giữa nằm từ",
    "heat": "nhóm tốt nhất",
    "scatter": "tương quan hạng Spearman 1,00",
    "slope": "Từ năm 2022 đến năm 2023 có 3 tỉnh tăng, 2 tỉnh giảm",
    "funnel": "Gộp chung 65,20\u00a0%",
    "multiples": "Trong 6 tỉnh có 3 tỉnh tăng",
}


def test_a_chart_comes_with_its_sentence_and_its_table(client: Client, cast: Cast) -> None:
    for chart, sentence in DRAWN.items():
        html = page_of(client, chart)
        assert figure_in(html, chart)["data"]
        assert sentence in html and "Cao Bằng" in html, chart
        table = re.search(r'<table class="values"[^>]*>.*?</table>', html, re.DOTALL)
        assert table and table[0].count("<tr") == 7, chart
        assert "style=" not in html, "the Content-Security-Policy forbids it"


def test_in_english_too(client: Client, cast: Cast) -> None:
    client.cookies["django_language"] = "en"
    for chart in CHARTS:
        assert re.search(r"<h2[^>]*>.*[a-z]", page_of(client, chart))
    assert "3 provinces rose and 2 fell" in page_of(client, "slope")


def test_the_map_stands_beside_its_tiles(client: Client, cast: Cast) -> None:
    html = page_of(client, "map")
    tiles = figure_in(html, "tiles")["data"]
    assert "/ban-do/?chi-tieu=dossiers-on-time-rate" in html
    assert sum(len(band["x"]) for band in tiles) == 63, "those without a figure are there, empty"
    assert tiles[-1]["name"] == "chưa có số liệu"


def test_what_a_count_is_made_of(client: Client, cast: Cast) -> None:
    address = "/so-sanh/?chi-tieu=dossiers-received&ky=2023&dia-gioi=63&bieu-do=mix&tinh=cao-bang"
    html = client.get(address).content.decode()
    assert [part["x"] for part in figure_in(html, "mix")["data"]] == [[30.0], [70.0]]
    assert "Trực tuyến 30,0\u00a0%; Trực tiếp 70,0\u00a0%" in html


REFUSED = [
    (f"{BASE}&bieu-do=mix", "tỷ lệ của những tổng khác nhau"),
    (BASE.replace("2023", "2022") + "&bieu-do=slope", "không có kỳ trước nào"),
    ("/so-sanh/?chi-tieu=dossiers-early-rate&bieu-do=funnel", "không tỉnh nào nêu tử số và mẫu số"),
    ("/so-sanh/?chi-tieu=dossiers-received&bieu-do=funnel", "không phải là tỷ lệ"),
    ("/so-sanh/?chi-tieu=dossiers-received&bieu-do=distribution", "chỉ 1 tỉnh có số liệu"),
    ("/so-sanh/?chi-tieu=dossiers-received&bieu-do=map", "chỉ 1 tỉnh có số liệu"),
    ("/so-sanh/?chi-tieu=dossiers-early-rate&bieu-do=multiples", "chỉ có một kỳ"),
]


def test_a_chart_that_cannot_be_honest_says_why_in_its_place(client: Client, cast: Cast) -> None:
    for address, reason in REFUSED:
        html = client.get(address).content.decode()
        said = re.search(r'<p class="empty">(.*?)</p>', html)
        assert said and reason in said[1] and 'type="application/json"' not in html, address


def test_no_slope_crosses_a_break(client: Client, cast: Cast) -> None:
    SeriesBreak.objects.create(
        indicator=cast.on_time, date="2023-01-01", reason_vi="Trọng số khác", reason_en="Other weights"
    )
    html = page_of(client, "slope")
    assert "Không vẽ: số liệu từ 01/01/2023" in html and "slope-data" not in html
    multiples = page_of(client, "multiples")
    line = [trace for trace in figure_in(multiples, "multiples")["data"] if trace["mode"] != "lines"]
    assert all(None in trace["y"] for trace in line)
    assert "Không tỉnh nào có số liệu trước đó so sánh được với kỳ này." in multiples


def test_a_bound_stays_a_bound_over_time(client: Client, cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2022", "92", qualifier="more_than")
    state(cast, cast.ha_giang, cast.on_time, "2023", "94.5")
    drain_pending(cause="test")
    html = client.get(f"{BASE}&tinh=ha-giang".replace("&tinh=cao-bang", "")).content.decode()
    assert "Hà Giang: từ trên 92\u00a0% (năm 2022) đến 94,5\u00a0% (năm 2023)" in html
    assert "không cho biết chính xác mức thay đổi" in html
    for chart in ("slope", "multiples"):
        assert re.search(r"<td[^>]*>trên 92\s%</td>", page_of(client, chart)), chart
    assert re.search(r"trên 92\s%</td>\s*<td[^>]*>94,5\s%</td>\s*<td[^>]*>–</td>", page_of(client, "slope"))
    assert "có 2 tỉnh tăng, 2 tỉnh giảm" in page_of(client, "slope")
    assert "1 tỉnh nêu số liệu theo cận" in page_of(client, "slope")
    assert "Trong 5 tỉnh có 2 tỉnh tăng" in page_of(client, "multiples")


def test_every_control_is_part_of_the_address(client: Client, cast: Cast) -> None:
    html = page_of(client, "heat", "&cung=dossiers-early-rate&ky-dau=2022&nhom=nation")
    links = re.findall(r'href="(\?[^"]*)"', html)
    assert links and all("bieu-do=" in link or 'id="chart-ranking"' in html for link in links)
    for chart in CHARTS:
        assert f'id="chart-{chart}"' in html
    assert all(
        client.get(f"/so-sanh/{link.replace('&amp;', '&')}").status_code == 200 for link in set(links[:12])
    )


def test_what_cannot_be_asked_is_told(client: Client, cast: Cast) -> None:
    for more, status in (("&bieu-do=pie", 400), ("&cung=nothing", 404), ("&ky-dau=1999", 404)):
        assert client.get(BASE + more).status_code == status
    assert ">Bản đồ và ô</a>" in client.get(f"{BASE}&bieu-do=pie").content.decode()


def test_a_province_of_the_other_set_becomes_its_kin(client: Client, cast: Cast) -> None:
    html = client.get(
        "/so-sanh/?chi-tieu=dossiers-on-time-rate&dia-gioi=63&tinh=tuyen-quang"
    ).content.decode()
    assert 'id="picked-ha-giang"' in html and 'id="picked-tuyen-quang-2025"' in html


def test_a_chart_asks_the_database_a_handful_of_times(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for chart in CHARTS:
        caching.forget()
        with django_assert_max_num_queries(15):
            page_of(client, chart)


@pytest.mark.parametrize("chart", [*DRAWN, "ranking", "map", "overview"])
def test_every_drawn_chart_leaves_as_a_table_by_the_api_and_into_other_pages(
    client: Client, cast: Cast, chart: str
) -> None:
    address = BASE.replace("/so-sanh/", "/") if chart == "overview" else f"{BASE}&bieu-do={chart}"
    figures = re.findall(r"<figure .*?</figure>", client.get(address).content.decode(), re.DOTALL)
    drawn = [figure for figure in figures if "-canvas" in figure]
    assert drawn
    for figure in drawn:
        ways = {words: link for link, words in re.findall(r'<a href="([^"]+)">(CSV|XLSX|API)</a>', figure)}
        assert set(ways) == {"CSV", "XLSX", "API"}
        for link in ways.values():
            assert client.get(link.replace("&amp;", "&")).status_code == 200, link
        embedded = re.search(r'iframe src="http://testserver([^"]+)"', unescape(figure))
        assert embedded and client.get(unescape(embedded[1])).status_code == 200
