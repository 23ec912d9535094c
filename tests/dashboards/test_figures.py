"""Figures are plain data: JSON without template, without arrays in base64, without colours of one theme."""

import json
from datetime import date

import pytest

from dashboards.figures import drawn
from dashboards.figures.map import Archipelago, Area, map_figure
from dashboards.figures.profile import Dot, profile_figure
from dashboards.figures.ranking import Bar, Line, ranking_figure
from dashboards.figures.trend import Mark, Point, Trend, trend_figure

BARS = [Bar("Huế", 95.0, "Huế: trên 95 %", chosen=True, lower=95.0, upper=96.0), Bar("Cao Bằng", 67.5, "x")]


def ranking(bars: list[Bar] = BARS) -> dict:
    return ranking_figure(bars, [Line(80.0, "Trung vị 80 %")], language="vi", axis_title="%")


def test_a_ranking_has_a_bar_a_province_in_the_order_given() -> None:
    [trace] = ranking()["data"]
    assert (trace["x"], trace["y"]) == (["Huế", "Cao Bằng"], [95.0, 67.5])
    assert len(set(trace["marker"]["color"])) == 2, "the chosen province stands out"


def test_only_bounded_values_have_whiskers() -> None:
    [trace] = ranking()["data"]
    assert trace["error_y"]["array"] == [1.0, 0.0]
    assert trace["error_y"]["arrayminus"] == [0.0, 0.0]
    assert "error_y" not in ranking([Bar("A", 1.0, ""), Bar("B", 2.0, "")])["data"][0]


def test_the_median_is_a_line_with_its_name() -> None:
    layout = ranking()["layout"]
    assert layout["shapes"][0]["y0"] == layout["shapes"][0]["y1"] == 80.0
    assert layout["annotations"][0]["text"] == "Trung vị 80 %"


def test_figures_are_small_plain_json_in_the_writing_of_the_language() -> None:
    figure = ranking()
    text = json.dumps(figure)
    assert "template" not in figure["layout"] and "bdata" not in text and len(text) < 4000
    assert figure["layout"]["separators"] == ",."
    assert ranking_figure(BARS, [], language="en", axis_title="%")["layout"]["separators"] == ".,"


def test_names_are_data_not_markup() -> None:
    figure = ranking_figure([Bar("<b>x</b>", 1.0, "")], [], language="vi", axis_title="")
    assert figure["data"][0]["x"] == ["&lt;b&gt;x&lt;/b&gt;"]


def test_nothing_to_draw_is_an_error_not_an_empty_chart() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ranking([])
    with pytest.raises(ValueError, match="at least one"):
        trend_figure([Trend("x", ())], [], language="vi", axis_title="", ticks=[])
    with pytest.raises(ValueError, match="at least one"):
        profile_figure([], language="vi", axis_title="", halves=("", ""))


def test_a_trend_keeps_gaps_and_marks_and_tells_lines_apart_without_colour() -> None:
    points = (
        Point(date(2022, 7, 1), 1.0, ""),
        Point(date(2024, 1, 1), None, ""),
        Point(date(2024, 7, 1), 2.0, ""),
    )
    figure = trend_figure(
        [Trend("A", points), Trend("B", points), Trend("M", points, role="median")],
        [Mark(date(2024, 1, 1), "Sáp nhập")],
        language="vi",
        axis_title="điểm",
        ticks=[(date(2022, 7, 1), "2022")],
    )
    first, second, median = figure["data"]
    assert first["y"] == [1.0, None, 2.0] and first["connectgaps"] is False
    assert first["marker"]["symbol"] != second["marker"]["symbol"]
    assert median["line"]["dash"] == "dash"
    assert figure["layout"]["shapes"][0]["x0"] == "2024-01-01"
    assert figure["layout"]["annotations"][0]["text"] == "Sáp nhập"


def test_a_map_names_the_archipelagos_and_leaves_provinces_without_figure_empty() -> None:
    ring = ((105.0, 20.0), (106.0, 20.0), (105.5, 21.0), (105.0, 20.0))
    figure = map_figure(
        [Area("A", "A: 1", (ring, ring), 4), Area("B", "B", (ring,), None)],
        [Archipelago("Hoàng Sa (Đà Nẵng)", 112.0, 16.3), Archipelago("Trường Sa (Khánh Hòa)", 114.0, 10.2)],
        language="vi",
        band_labels=["1", "2", "3", "4", "5"],
        missing_label="chưa có số liệu",
        inset_label="Biển Đông",
    )
    assert figure["data"][0]["x"][4] is None, "rings are parted"
    assert figure["data"][0]["fillcolor"] != figure["data"][1]["fillcolor"]
    texts = [text for text in figure["data"][-1]["text"] if text]
    assert texts == ["Hoàng Sa<br>(Đà Nẵng)", "Trường Sa<br>(Khánh Hòa)"]


def test_a_profile_puts_the_first_on_top() -> None:
    figure = profile_figure(
        [Dot("A", 90, ""), Dot("B", 10, "")], language="vi", axis_title="", halves=("", "")
    )
    low, high = figure["layout"]["yaxis"]["range"]
    assert low > high and figure["data"][0]["y"] == ["A", "B"]


def test_cell_bars_scale_from_zero_and_percentages_to_a_hundred() -> None:
    scale = drawn.bar_scale([50.0, 80.0], upper_bound=100.0)
    bar = drawn.cell_bar(80.0, scale, median=50.0, lower=80.0, upper=81.0)
    assert (bar.length, bar.median) == (80.0, 50.0)
    assert 'd="M80.0 4v8m0-4h1.0m0-4v8"' in bar.marks, "the whisker spans what the words leave open"
    assert drawn.cell_bar(3.0, drawn.bar_scale([0.0, 3.0])).length == 100.0


def test_a_ranking_is_drawn_by_the_server_in_two_paths() -> None:
    drawing = drawn.columns([(80.0, False), (40.0, True), (20.0, False)], median=40.0)
    assert drawing.bars.count("M") == 2 and drawing.chosen.count("M") == 1
    assert "v-50.0" in drawing.chosen and drawing.median == 50.0


def test_sparklines_need_two_points_and_break_at_gaps() -> None:
    assert drawn.sparkline([1.0]) is None
    assert drawn.sparkline([None, 1.0, None]) is None
    line = drawn.sparkline([1.0, 2.0, None, 3.0])
    assert line is not None and len(line.lines) == 2
    flat = drawn.sparkline([2.0, 2.0])
    assert flat is not None and flat.lines == ("2.0,12.0 98.0,12.0",)


def test_a_break_between_two_points_leaves_a_gap() -> None:
    points = [(date(2022, 12, 31), 1.0), (date(2023, 12, 31), 2.0), (date(2024, 12, 31), 3.0)]
    assert drawn.with_gaps(points, [date(2024, 1, 1)]) == [1.0, 2.0, None, 3.0]
