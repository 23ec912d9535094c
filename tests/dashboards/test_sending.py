"""What leaves a page: workbooks with numbers and native charts, CSV that runs nothing, charts for others."""

import io
import zipfile

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from dashboards.sending.numbers import number_of
from dashboards.sending.reading import Table, tables_of
from dashboards.sending.writing import comma_separated, workbook
from indicators.models import Observation
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_source, state

COMPARISON = "/so-sanh/?chi-tieu=dossiers-on-time-rate&ky=2023&dia-gioi=63"
FORMULA = '=HYPERLINK("http://x","y")'


@pytest.mark.parametrize(
    ("text", "language", "value", "pattern"),
    [
        ("72,63\u00a0%", "vi", 72.63, '#,##0.00"\u00a0%"'),
        ("175.439\u00a0hồ sơ", "vi", 175439.0, '#,##0"\u00a0hồ sơ"'),
        ("trên 92\u00a0%", "vi", 92.0, '"trên "#,##0"\u00a0%"'),
        ("ước gần 500.000", "vi", 500000.0, '"ước gần "#,##0'),
        ("−1,99", "vi", -1.99, "+#,##0.00;−#,##0.00;±#,##0.00"),
        ("estimated nearly 1,500.5", "en", 1500.5, '"estimated nearly "#,##0.0'),
    ],
)
def test_numbers_are_read_back_as_they_were_printed(
    text: str, language: str, value: float, pattern: str
) -> None:
    number = number_of(text, language)
    assert number and (number.value, number.pattern) == (value, pattern)


@pytest.mark.parametrize(
    "text",
    ["4–7", "30/06/2021", "Năm 2023", "1.253 / 1.602", "–", "", "34/34", "2023", "1.2.3", "1,2,3", "12:30"],
)
def test_what_is_no_single_number_stays_text(text: str) -> None:
    assert number_of(text, "vi") is None


def test_tables_are_read_with_the_chart_that_they_belong_to() -> None:
    html = """<h1>Trang</h1><section><figure aria-labelledby="ranking-title"><h2>Xếp hạng</h2>
      <figcaption><p class="sentence">Huế đứng đầu.</p><p class="source-line">Nguồn: A.</p></figcaption>
      </figure>
      <table data-chart="bars"><thead><tr><th>Tỉnh</th><th>Thanh</th><th>Giá trị</th></tr></thead>
      <tbody><tr><th><a>Huế</a><details>hơn</details></th><td><svg><title>x</title></svg></td>
      <td>95&nbsp;%<br>2023</td></tr>
      </tbody></table></section><section><h2>Khác</h2><table><tr><td>1</td></tr></table></section>"""
    page = tables_of(html)
    first, second = page.tables
    assert (page.title, first.names, first.title, first.chart) == ("Trang", ("ranking",), "Xếp hạng", "bars")
    assert (first.sentence, first.source) == ("Huế đứng đầu.", "Nguồn: A.")
    assert (first.heads, first.rows) == (["Tỉnh", "Giá trị"], [["Huế", "95\u00a0% 2023"]])
    assert (second.names, second.title, second.rows) == ((), "Khác", [["1"]])


def test_no_text_becomes_a_formula() -> None:
    table = Table(("x",), FORMULA, "bars", ["Tên", "+Giá trị"], [[FORMULA, "1,5"], ["@SUM(A1)", "2"]])
    book = zipfile.ZipFile(io.BytesIO(workbook("T", ["s"], [table], "vi")))
    for name in book.namelist():
        if name.startswith("xl/worksheets/sheet"):
            assert "<f>" not in book.read(name).decode()
    lines = comma_separated(table, [], "vi").splitlines()
    assert (
        lines[0] == "\ufeffTên,'+Giá trị"
        and lines[1].startswith("\"'=HYPERLINK")
        and lines[2] == "'@SUM(A1),2"
    )


@pytest.fixture
def cast(db: None) -> Cast:
    cast = make_cast()
    for year, values in {"2022": ("90.1", "67.5"), "2023": ("92.3", "70")}.items():
        for province, value in zip((cast.ha_giang, cast.cao_bang), values, strict=True):
            state(cast, province, cast.on_time, year, value)
    drain_pending(cause="test")
    return cast


def sheets_of(client: Client, address: str) -> tuple[dict[str, list[list[object]]], zipfile.ZipFile]:
    response = client.get(address)
    assert response.status_code == 200 and ".xlsx" in response.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    found = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    return found, zipfile.ZipFile(io.BytesIO(response.content))


def test_a_page_leaves_as_a_workbook_with_numbers_and_native_charts(client: Client, cast: Cast) -> None:
    sheets, archive = sheets_of(client, f"{COMPARISON}&dang=xlsx")
    ranking = next(rows for name, rows in sheets.items() if name.startswith("1 "))
    assert [row[:3] for row in ranking[5:7]] == [[1.0, "Hà Giang", 92.3], [2.0, "Cao Bằng", 70.0]]
    assert "Nguồn: Báo cáo của tỉnh Hà Giang." in str(ranking[2][0]) and "Tính đến ngày" in str(ranking[2][0])
    assert "Hà Giang đứng đầu" in str(ranking[1][0])
    assert len([name for name in archive.namelist() if name.startswith("xl/charts/chart")]) == 2


def test_one_chart_leaves_as_a_workbook_or_csv(client: Client, cast: Cast) -> None:
    sheets, _archive = sheets_of(client, f"{COMPARISON}&dang=xlsx&hinh=trend")
    assert len(sheets) == 2
    response = client.get(f"{COMPARISON}&dang=csv&hinh=ranking")
    lines = response.content.decode().splitlines()
    assert lines[1].startswith("1,Hà Giang,92.3") and any("Tính đến ngày" in line for line in lines)
    assert client.get(f"{COMPARISON}&dang=csv&hinh=none").status_code == 404
    assert client.get(f"{COMPARISON}&dang=pdf").status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/", "/tinh/cao-bang/", "/muc-tieu/", "/chi-tieu/", "/nguon/", "/chi-so/", "/bao-cao/"],
)
def test_every_page_leaves_as_a_workbook(client: Client, cast: Cast, address: str) -> None:
    asked = "/?chi-tieu=dossiers-on-time-rate&" if address == "/" else f"{address}?"
    sheets, _archive = sheets_of(client, f"{asked}dang=xlsx")
    assert sheets


def test_simulated_figures_leave_marked(client: Client, cast: Cast) -> None:
    source = make_source("made-up", "Nguồn mô phỏng", simulated=True)
    for province in (cast.ha_giang, cast.cao_bang):
        state(cast, province, cast.on_time, "2023", "11", source=source)
    assert Observation.objects.filter(simulated=True).count() == 2
    drain_pending(cause="test")
    sheets, _archive = sheets_of(client, f"{COMPARISON}&so-lieu=mo-phong&dang=xlsx")
    assert all("mô phỏng" in str(rows) for rows in sheets.values())
    assert "mô phỏng" in client.get(f"{COMPARISON}&so-lieu=mo-phong&dang=csv&hinh=ranking").content.decode()


def test_a_chart_may_stand_in_a_frame_elsewhere_and_no_page_else(client: Client, cast: Cast) -> None:
    page = client.get(COMPARISON)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "/nhung/so-sanh/?chi-tieu" in page.content.decode()
    for _ in range(2):  # made, then kept
        framed = client.get(COMPARISON.replace("/so-sanh/", "/nhung/so-sanh/") + "&hinh=ranking")
        assert framed.status_code == 200 and "X-Frame-Options" not in framed.headers
        assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    html = framed.content.decode()
    assert 'id="ranking-data"' in html and "<nav" not in html and 'href="/so-sanh/?chi-tieu' in html
    assert client.get("/nhung/so-sanh/?hinh=none").status_code == 404
    assert client.get("/nhung/quan-tri/?hinh=ranking").status_code == 404
    assert client.get("/nhung/nhung/so-sanh/?hinh=ranking").status_code == 404
