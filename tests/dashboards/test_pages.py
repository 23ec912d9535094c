"""Pages carry their text, figures and tables in the HTML, in both languages, with a handful of queries."""

import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboards.inlined import allowed_by_hash
from dashboards.rows import PILLARS
from indicators.models import IndicatorLink, Pillar, SeriesBreak, Source, Standing
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_indicator, state

pytestmark = pytest.mark.django_db
COMPARISON = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63"


@pytest.fixture
def cast() -> Cast:
    """Two years of one ranked rate, a headline index, a contradiction; computed."""
    cast = make_cast()
    cast.on_time.headline = 1
    cast.on_time.save()
    values = [
        (cast.ha_giang, "2022", "90.1"),
        (cast.cao_bang, "2022", "67.55"),
        (cast.dien_bien, "2022", "71.2"),
        (cast.ha_giang, "2023", "92.3"),
        (cast.cao_bang, "2023", "70"),
        (cast.dien_bien, "2023", "95"),
        (cast.old_tuyen_quang, "2023", "88.25"),
    ]
    for province, period, value in values:
        state(cast, province, cast.on_time, period, value, place="đoạn 3, câu 1")
    state(
        cast, cast.cao_bang, cast.on_time, "2021", "7",
        numerator=Decimal(13483), denominator=Decimal(175439), as_stated="7%",
    )  # fmt: skip
    drain_pending(cause="test")
    return cast


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def figure_in(html: str, name: str) -> dict:
    found = re.search(rf'<script id="{name}-data" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found, f"no figure {name}"
    return json.loads(found[1])


def test_a_comparison_is_readable_before_any_script(client: Client, cast: Cast) -> None:
    html = text_of(client, COMPARISON)
    rows = re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    [leader] = [row for row in rows if "Điện Biên" in row and "cell-bar" in row]
    assert "95\u00a0%" in leader
    assert "Năm 2023: Điện Biên đứng đầu với 95\u00a0%" in html
    assert html.index("Điện Biên đứng đầu") < html.index("Hà Giang</a>")
    assert 'style="' not in html, "the Content-Security-Policy forbids it"


def test_style_and_script_in_a_page_are_those_that_the_policy_names(client: Client, cast: Cast) -> None:
    for address in (COMPARISON, COMPARISON.replace("/so-sanh/", "/nhung/so-sanh/") + "&hinh=ranking"):
        response = client.get(address)
        html, policy = response.content.decode(), f"{response.headers['Content-Security-Policy']};"
        [style] = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
        [script] = re.findall(r"<script data-page[^>]*>(.*?)</script>", html, re.DOTALL)
        assert f"style-src 'self' {allowed_by_hash(style)};" in policy
        assert f"script-src 'self' {allowed_by_hash(script)};" in policy
        assert "/*" not in style and "--paper:" in style and ".ranking td.bar{" in style
        assert "//" not in script and "import(page)" in script


def test_the_figure_says_what_the_table_says(client: Client, cast: Cast) -> None:
    [bars] = figure_in(text_of(client, COMPARISON), "ranking")["data"]
    assert bars["x"] == ["Điện Biên", "Hà Giang", "Tuyên Quang", "Cao Bằng"]
    assert bars["y"] == [95.0, 92.3, 88.25, 70.0]


def test_english_by_one_switch(client: Client, english: Client, cast: Cast) -> None:
    html = text_of(english, COMPARISON)
    assert '<html lang="en"' in html and "Dien Bien leads with 95%" in html


def test_the_browsers_language_is_not_asked(client: Client, cast: Cast) -> None:
    response = client.get("/", headers={"accept-language": "en"})
    assert response.headers["Content-Language"] == "vi"


def test_the_language_switch_works_as_a_form(client: Client, cast: Cast) -> None:
    response = client.post("/ngon-ngu/", {"language": "en", "next": COMPARISON})
    assert (response.status_code, response.url) == (302, COMPARISON)
    assert "Compare" in text_of(client, COMPARISON)


def test_looks_are_kept_in_cookies_and_rendered_by_the_server(client: Client, cast: Cast) -> None:
    for chosen in ({"theme": "dark"}, {"text": "large"}, {"contrast": "high"}):
        assert client.post("/hien-thi/", chosen | {"next": "/tinh/"}).url == "/tinh/"
    assert 'class="theme-dark contrast-high text-large"' in text_of(client, "/tinh/")
    assert client.post("/hien-thi/", {"theme": "pink"}).status_code == 400
    assert client.post("/hien-thi/", {"theme": "auto", "next": "https://elsewhere.example/"}).url == "/"


@pytest.mark.parametrize(
    ("address", "offered"),
    [
        ("/so-sanh/?chi-tieu=nothing", "dossiers-on-time-rate"),
        (f"{COMPARISON.replace('2023', '1999')}", "Năm 2023"),
        (f"{COMPARISON}&tinh=atlantis", "Hà Giang"),
        (f"{COMPARISON}&nhom=region:atlantis", "Cả nước"),
        ("/tinh/dien-bie/", "/tinh/dien-bien/"),
        ("/chi-tieu/nothing/", "/chi-tieu/dossiers-on-time-rate/"),
    ],
)
def test_what_we_do_not_have_is_a_sentence_with_what_we_have(
    client: Client, cast: Cast, address: str, offered: str
) -> None:
    assert offered in text_of(client, address, status=404)


def test_picked_provinces_stand_out_and_have_lines(client: Client, cast: Cast) -> None:
    html = text_of(client, f"{COMPARISON}&tinh=ha-giang")
    assert '<tr class="chosen">' in html
    names = [line["name"] for line in figure_in(html, "trend")["data"]]
    assert names[0] == "Hà Giang (đến 2025)"


def test_only_hand_picked_peers_keep_their_national_rank(client: Client, cast: Cast) -> None:
    html = text_of(client, f"{COMPARISON}&tinh=ha-giang,cao-bang&nhom=chosen")
    [bars] = figure_in(html, "ranking")["data"]
    assert bars["x"] == ["Hà Giang", "Cao Bằng"]
    assert "hạng 2/4" in bars["hovertext"][0]


def test_a_province_shows_its_figures_place_and_contradictions(client: Client, cast: Cast) -> None:
    html = text_of(client, "/tinh/cao-bang/")
    assert "hạng 4/4" in html and "đoạn 3, câu 1" in html
    assert "13.483 / 175.439 = 7,69 %" in html


def test_a_merged_province_says_where_it_went_and_its_successor_whence(client: Client, cast: Cast) -> None:
    ended = text_of(client, "/tinh/ha-giang/")
    assert "kết thúc khi sáp nhập ngày 01/07/2025" in ended and 'href="/tinh/tuyen-quang/"' in ended
    begun = text_of(client, "/tinh/tuyen-quang/")
    assert 'href="/tinh/ha-giang/"' in begun and 'href="/tinh/tuyen-quang-2025/"' in begun


def test_provinces_are_found_without_accents(client: Client, cast: Cast) -> None:
    html = text_of(client, "/tinh/?q=dien+bien")
    assert "Điện Biên" in html and "Cao Bằng" not in html


def test_indicators_and_sources_are_found_without_accents(client: Client, cast: Cast) -> None:
    html = text_of(client, "/chi-tieu/?q=DOSSIERS-on")
    assert "/chi-tieu/dossiers-on-time-rate/" in html and "/chi-tieu/dossiers-received/" not in html
    assert "Không có chỉ tiêu nào" in text_of(client, "/chi-tieu/?q=atlantis")
    assert "Báo cáo của tỉnh Hà Giang" in text_of(client, "/nguon/?q=bao+cao+cua+tinh")
    assert "Báo cáo của tỉnh Hà Giang" not in text_of(client, "/nguon/?q=atlantis")


def test_the_catalogue_is_folded_by_pillar_and_a_search_unfolds_it(client: Client, cast: Cast) -> None:
    groups = re.findall(r"<details( open)?><summary><h2>([^<]+)", text_of(client, "/chi-tieu/"))
    assert groups and not any(opened for opened, _name in groups)
    assert "<details open><summary><h2>" in text_of(client, "/chi-tieu/?q=dossiers")
    assert set(PILLARS) == set(Pillar.values)


def test_a_document_of_few_figures_is_folded_away(client: Client, cast: Cast) -> None:
    Source.objects.create(code="one", title="Một trang tin", publisher="Báo")
    few, html = "mỗi tài liệu nêu chưa đến 10 số liệu", text_of(client, "/nguon/")
    assert html.index(few) < html.index("Một trang tin")
    assert few not in text_of(client, "/nguon/?q=trang+tin")


def test_the_head_of_a_page_says_which_of_two_namesakes_it_is(client: Client, cast: Cast) -> None:
    assert "<title>Tuyên Quang (đến 30/06/2025) ·" in text_of(client, "/tinh/tuyen-quang-2025/")
    assert "<title>Tuyên Quang (từ 01/07/2025) ·" in text_of(client, "/tinh/tuyen-quang/")
    assert "<title>Điện Biên ·" in text_of(client, "/tinh/dien-bien/")


def test_definitions_with_one_numerator_point_at_each_other(
    client: Client, english: Client, cast: Cast
) -> None:
    texts = {"numerator_vi": "số văn bản ký số", "numerator_en": "documents signed"}
    for code, whole in (("signed-of-electronic", "electronic"), ("signed-of-all", "all")):
        made = make_indicator(code, "ratio", "percent", "higher", "%", "%")
        type(made).objects.filter(pk=made.pk).update(**texts, denominator_en=f"{whole} documents")
    html = text_of(english, "/chi-tieu/signed-of-electronic/")
    assert 'Not to be confused with: <a href="/chi-tieu/signed-of-all/">' in html
    assert "the same count, out of all documents" in html
    assert "/chi-tieu/signed-of-electronic/" in text_of(english, "/chi-tieu/signed-of-all/")
    assert "Not to be confused" not in text_of(english, "/chi-tieu/dossiers-on-time-rate/")


def test_a_province_says_why_an_indicator_has_no_change(client: Client, cast: Cast) -> None:
    state(cast, cast.dien_bien, cast.received, "2023", "120")
    drain_pending(cause="test")
    rows = re.findall(r"<tr id=.*?</tr>", text_of(client, "/tinh/dien-bien/"), re.DOTALL)
    told = {code: "mới có một kỳ" in row for row in rows for code in re.findall(r'<tr id="([^"]*)"', row)}
    assert told == {"dossiers-received": True, "dossiers-on-time-rate": False}


def test_the_profile_ranks_as_the_tables_below_it_do(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Điện Biên is among the 63 and the 34; of the 63 more are known."""
    monkeypatch.setattr("dashboards.pages.province._ENOUGH", 2)
    page = client.get("/tinh/dien-bien/")
    [row] = page.context["profile_rows"]
    [line] = [
        line for _name, lines in page.context["pillars"] for line in lines if line.code == cast.on_time.code
    ]
    assert (row["rank"], str(row["among"]), row["period"]) == (line.rank, line.among, line.newest.period)
    assert line.place.geography == "63" and "trong 63 tỉnh" in page.content.decode()


def test_other_kinds_of_periods_are_told_where_one_point_is_no_trend(client: Client, cast: Cast) -> None:
    for period, value in (("2023", "120"), ("2022-Q4", "71"), ("2022-H1", "72")):
        state(cast, cast.cao_bang, cast.received, period, value)
    drain_pending(cause="test")
    address = COMPARISON.replace("dossiers-on-time-rate", "dossiers-received")
    html = text_of(client, f"{address}&tinh=cao-bang&bieu-do=trend")
    assert "(năm 2023); 2 số liệu khác thuộc loại kỳ khác" in html
    assert "chỉ có một kỳ cùng loại" in html and "mới có một kỳ" not in html


def test_one_province_alone_spreads_nowhere(client: Client, cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.received, "2023", "120")
    drain_pending(cause="test")
    html = text_of(
        client, COMPARISON.replace("dossiers-on-time-rate", "dossiers-received") + "&bieu-do=distribution"
    )
    assert "chỉ Cao Bằng có số liệu" in html and "trải từ" not in html


def test_a_definition_that_gave_way_is_marked(client: Client, cast: Cast) -> None:
    newer = make_indicator("dossiers-on-time-rate-2", "rate", "percent", "higher", "%", "%")
    IndicatorLink.objects.create(
        predecessor=cast.on_time,
        successor=newer,
        date="2023-01-01",
        comparable=False,
        reason_vi="Cách đo khác",
        reason_en="Measured otherwise",
    )
    html = text_of(client, "/chi-tieu/dossiers-on-time-rate/")
    assert "Cách đo khác" in html and "không so sánh được" in html
    assert "Định nghĩa mới" in [a["text"] for a in figure_in(html, "trend")["layout"]["annotations"]]


def test_a_break_parts_the_line_its_sentence_and_its_change(client: Client, cast: Cast) -> None:
    SeriesBreak.objects.create(
        indicator=cast.on_time, date="2023-01-01", reason_vi="Trọng số khác", reason_en="Other weights"
    )
    html = text_of(client, f"{COMPARISON}&tinh=dien-bien")
    line = figure_in(html, "trend")["data"][0]
    assert line["y"] == [71.2, None, 95.0]
    assert "Số liệu từ 01/01/2023 không so sánh được với trước đó." in html
    assert "thay đổi +23,8" not in html and "Trọng số khác" in html


def test_sources_lead_to_their_figures(client: Client, cast: Cast) -> None:
    assert "Báo cáo của tỉnh Hà Giang" in text_of(client, "/nguon/")
    assert "đoạn 3, câu 1" in text_of(client, "/nguon/ha-giang-2021/")
    assert client.get("/nguon/ha-giang-2021/?trang=0").status_code == 400


def test_simulated_figures_are_kept_out(client: Client, cast: Cast) -> None:
    Standing.objects.filter(province=cast.cao_bang).update(simulated=True)
    assert "Cao Bằng" not in figure_in(text_of(client, COMPARISON), "ranking")["data"][0]["x"]


def test_before_anything_is_computed_a_page_says_so(client: Client, db: None) -> None:
    assert "Chưa có số liệu" in text_of(client, "/")
    assert "Chưa có số liệu" in text_of(client, "/so-sanh/")


def test_the_map_is_a_figure_of_this_host(client: Client, cast: Cast) -> None:
    response = client.get("/ban-do/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63")
    figure = response.json()
    names = [trace.get("name") for trace in figure["data"]]
    assert "Điện Biên" in names and "chưa có số liệu" not in names[:4]
    assert client.get("/ban-do/?chi-tieu=nothing").json()["parameter"] == "chi-tieu"


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/", 10),
        (COMPARISON, 15),
        ("/tinh/dien-bien/", 18),
        ("/tinh/", 5),
        ("/chi-tieu/", 4),
        ("/chi-tieu/dossiers-on-time-rate/", 11),
        ("/nguon/", 3),
        ("/nguon/ha-giang-2021/", 7),
        ("/phuong-phap/", 2),
    ],
)
def test_a_page_asks_the_database_a_handful_of_times(
    client: Client,
    cast: Cast,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    address: str,
    most: int,
) -> None:
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200
