"""The further figures of a comparison: nothing by colour alone, limits as exact arithmetic has them."""

from datetime import date
from fractions import Fraction
from math import comb

import pytest

from dashboards.correlation import rank_correlation
from dashboards.figures import house
from dashboards.figures.binomial import TAILS, case_steps, limits
from dashboards.figures.distribution import Dot, Middle, distribution_figure, stacks
from dashboards.figures.funnel import Case, funnel_figure, outside
from dashboards.figures.heat import Cell, HeatRow, heat_figure
from dashboards.figures.mix import Whole, mix_figure
from dashboards.figures.multiples import Panel, multiples_figure
from dashboards.figures.scatter import Pair, scatter_figure
from dashboards.figures.slope import Slope, slope_figure
from dashboards.figures.tiles import Tile, tiles_figure


def slow_limit(cases: int, share: Fraction, tail: Fraction) -> float:
    """Spiegelhalter's definition word by word, in exact fractions."""
    below = Fraction(0)
    for count in range(cases + 1):
        less = below
        below += comb(cases, count) * share**count * (1 - share) ** (cases - count)
        if below >= tail:
            return float((count - (below - tail) / (below - less)) / cases)
    raise AssertionError("the probabilities do not add up")


@pytest.mark.parametrize("cases", [1, 2, 7, 30, 211])
@pytest.mark.parametrize("share", [Fraction(1, 50), Fraction(2, 5), Fraction(97, 100)])
def test_limits_are_those_of_exact_arithmetic(cases: int, share: Fraction) -> None:
    exact = [slow_limit(cases, share, Fraction(str(tail))) for tail in TAILS]
    expected = [min(1.0, max(0.0, limit)) for limit in exact]
    assert limits(cases, float(share)) == pytest.approx(expected, abs=1e-9)


def test_limits_of_millions_of_cases_narrow_towards_the_normal_ones() -> None:
    lowest, low, high, highest = limits(4_000_000, 0.3)
    spread = (0.3 * 0.7 / 4_000_000) ** 0.5
    assert (high - 0.3) / spread == pytest.approx(1.96, abs=0.01)
    assert (0.3 - lowest) / spread == pytest.approx(3.09, abs=0.01)
    assert lowest < low < 0.3 < high < highest


def test_limits_need_cases_and_a_share_that_can_vary() -> None:
    for cases, share in ((0, 0.5), (10, 0.0), (10, 1.0)):
        with pytest.raises(ValueError, match="cases"):
            limits(cases, share)


def test_the_funnel_tells_who_lies_beyond_which_limit_without_colour() -> None:
    cases = [Case("A", 100, 0.5, ""), Case("B", 400, 0.62, "", chosen=True), Case("C", 400, 0.44, "")]
    assert [outside(case, 0.5) for case in cases] == [0, 2, -1]
    figure = funnel_figure(
        cases, 0.5, language="vi", titles=("n", "%"), limit_labels=("95", "99,8"), centre_label="50 %"
    )
    *lines, others, chosen = figure["data"]
    assert len(lines) == 4 and {line["line"]["dash"] for line in lines} == {"dash", "dot"}
    assert others["marker"]["symbol"] == ["circle-open", "circle-open"]
    assert chosen["marker"]["symbol"] == ["diamond"] and chosen["text"] == ["B"]
    assert case_steps([100, 400])[0] < 100 and case_steps([100, 400])[-1] > 400


def test_a_distribution_stacks_what_is_alike_and_leaves_the_middle_out_where_told() -> None:
    assert stacks([1.0, 1.0, 1.01, 5.0]) == [1, 2, 3, 1]
    assert stacks([2.0, 2.0]) == [1, 2]
    dots = [Dot("A", 1.0, ""), Dot("B", 1.0, "", chosen=True), Dot("C", 3.0, "")]
    with_middle = distribution_figure(dots, Middle(1, 2, 3, "M", "half"), language="vi", axis_title="")
    without = distribution_figure(dots, None, language="vi", axis_title="")
    assert len(with_middle["layout"]["shapes"]) == 2 and without["layout"]["shapes"] == []
    assert [a["text"] for a in without["layout"]["annotations"]] == ["B"]
    assert with_middle["data"][0]["marker"]["symbol"] != with_middle["data"][1]["marker"]["symbol"]


def test_names_in_a_distribution_lie_above_every_dot_beneath_them_and_apart_from_each_other() -> None:
    dots = [
        Dot("A", 5.0, "", chosen=True),
        *(Dot("", 5.4, "") for _ in range(7)),
        Dot("", 0, ""),
        Dot("", 10, ""),
    ]
    dots += [Dot("B", 6.0, "", chosen=True), Dot("C", 0.1, "", chosen=True)]
    figure = distribution_figure(dots, None, language="vi", axis_title="")
    heights = {name["text"]: name["ay"] for name in figure["layout"]["annotations"]}
    assert heights["A"] > 7 and heights["B"] >= heights["A"] + 1 and heights["C"] < 3
    assert all(name["ax"] == name["x"] and name["y"] < name["ay"] for name in figure["layout"]["annotations"])
    assert figure["layout"]["yaxis"]["range"][1] > max(heights.values()) + 1


def test_tiles_have_letters_a_legend_of_the_map_and_a_frame_for_the_chosen() -> None:
    tiles = [Tile("HN", 1, 0, 4, "Hà Nội"), Tile("ĐB", 0, 0, 0, "", chosen=True), Tile("X", 0, 1, None, "")]
    figure = tiles_figure(tiles, language="vi", band_labels=list("abcde"), missing_label="–")
    assert [trace["name"] for trace in figure["data"]] == ["a", "e", "–"]
    assert figure["data"][1]["text"] == ["HN"] and figure["data"][1]["base"] == [-0.97]
    assert len(figure["layout"]["shapes"]) == 1


def test_a_heat_map_writes_its_figures_into_the_cells() -> None:
    rows = [
        HeatRow("A", (Cell("1", "", 4), Cell("2", "", 0)), chosen=True),
        HeatRow("B", (Cell("3", "", 4), Cell("", "", None))),
    ]
    figure = heat_figure(["x", "y"], rows, language="vi", band_labels=list("abcde"))
    assert [(trace["name"], trace["text"]) for trace in figure["data"]] == [("a", ["2"]), ("e", ["1", "3"])]
    assert figure["layout"]["yaxis"]["ticktext"] == ["▸ A", "B"]
    assert house.broken("một tên rất dài của chỉ tiêu", 12).count("<br>") == 2


def test_scatter_slope_mix_and_multiples_say_the_chosen_and_the_direction() -> None:
    pairs = [Pair("A", 1, 2, ""), Pair("B", 2, 1, "", chosen=True)]
    scatter = scatter_figure(pairs, (1.5, None), language="vi", titles=("x", "y"))
    assert scatter["data"][1]["text"] == ["B"] and len(scatter["layout"]["shapes"]) == 1
    slope = slope_figure(
        [Slope("A", 1, 2, "", chosen=True), Slope("B", 2, 1, "")],
        language="vi",
        periods=("2022", "2023"),
        axis_title="",
    )
    assert [line["line"]["dash"] for line in slope["data"]] == ["dash", "solid"], "the chosen is drawn last"
    mix = mix_figure(["a", "b"], [Whole("A", (98.0, 2.0), ("", ""))], language="vi", axis_title="")
    assert [part["text"] for part in mix["data"]] == [["98"], [""]]
    days = (date(2022, 7, 1), date(2023, 7, 1))
    panels = [Panel(name, ((days[0], 1.0, ""), (days[1], None, ""))) for name in "ABCDE"]
    ticks = [(days[0], "2022"), (days[1], "2023")]
    multiples = multiples_figure(panels, [(days[0], 1.0)], language="vi", ticks=ticks)
    assert len(multiples["data"]) == 10
    assert multiples["layout"]["xaxis5"]["range"] == multiples["layout"]["xaxis"]["range"]


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least"):
        distribution_figure([], None, language="vi", axis_title="")
    with pytest.raises(ValueError, match="at least"):
        tiles_figure([], language="vi", band_labels=[], missing_label="")
    with pytest.raises(ValueError, match="rows"):
        heat_figure([], [], language="vi", band_labels=[])
    with pytest.raises(ValueError, match="two"):
        scatter_figure([Pair("A", 1, 1, "")], (None, None), language="vi", titles=("", ""))
    with pytest.raises(ValueError, match="at least"):
        slope_figure([], language="vi", periods=("", ""), axis_title="")
    with pytest.raises(ValueError, match="two parts"):
        mix_figure(["a"], [Whole("A", (1.0,), ("",))], language="vi", axis_title="")


def test_rank_correlation_takes_ties_at_their_middle() -> None:
    assert rank_correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    # ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5 of √(4.5 · 5)
    assert rank_correlation([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)
    assert rank_correlation([1, 1], [1, 2]) is None
