"""Made-up figures are plausible: within bounds, true to their counts but for the slips, the same by seed."""

from decimal import Decimal

import numpy as np
import pytest

from indicators.core import simulated_reports as reports
from indicators.core.contradictions import percentage_against_counts
from indicators.core.ranking import Direction
from indicators.core.restatement import Content
from indicators.core.simulation import Ground, Series, Subject, cumulated, draw, gathered, maturities
from indicators.core.stated import Measure, from_value
from indicators.core.wording import Qualifier

PROVINCES, QUARTERS = 63, 40
POPULATION = np.exp(np.random.default_rng(0).uniform(np.log(3e5), np.log(9e6), PROVINCES))
MERGED = np.kron(np.eye(PROVINCES // 3, dtype=np.int64), np.ones(3, dtype=np.int64))
GROUND = Ground(POPULATION, np.arange(PROVINCES) % 6, np.eye(PROVINCES, dtype=np.int64))


def subject(number=7, content=Content.RATIO, direction=Direction.HIGHER, flow=True, cumulative=False):
    return Subject(number, content, direction, flow, cumulative)


def drawn(of, seed=1, **options):
    return draw(of, GROUND, quarters=QUARTERS, seed=seed, **options)


SUBJECTS = [
    subject(number, content, direction, flow)
    for number, (content, direction, flow) in enumerate(
        (c, d, f) for c in Content for d in Direction for f in (True, False)
    )
]


@pytest.mark.parametrize("of", SUBJECTS, ids=lambda s: f"{s.content}-{s.direction}-{s.flow}")
def test_the_same_seed_draws_the_same_and_another_does_not(of):
    once, again, other = (reports.report(drawn(of, seed), of, seed)[0] for seed in (1, 1, 2))
    for name in reports.Reported.__dataclass_fields__:
        assert np.array_equal(getattr(once, name), getattr(again, name))
    assert not np.array_equal(once.value[:500], other.value[:500])


def test_an_indicator_does_not_hang_on_which_others_are_drawn():
    series = drawn(subject(12)).numerator
    drawn(subject(11))
    assert np.array_equal(series, drawn(subject(12)).numerator)


@pytest.mark.parametrize("of", SUBJECTS, ids=lambda s: f"{s.content}-{s.direction}-{s.flow}")
def test_counts_are_positive_and_parts_never_exceed_their_whole(of):
    series = drawn(of)
    assert series.numerator.min() >= 0
    if of.content is Content.COUNT:
        assert series.denominator is None
    else:
        assert series.denominator.min() > 0
        assert (series.numerator <= series.denominator).all()


def test_merged_provinces_are_the_sums_of_theirs():
    series = drawn(subject())
    merged = gathered(series, MERGED)
    assert merged.numerator[5, 2] == series.numerator[5, 6:9].sum()
    assert merged.denominator.sum() == series.denominator.sum()


def test_figures_from_the_start_of_the_year_grow_within_it_and_begin_anew():
    series = drawn(subject(content=Content.COUNT))
    running = cumulated(series).numerator
    assert (np.diff(running, axis=0)[np.arange(QUARTERS - 1) % 4 != 3] > 0).all()
    assert np.array_equal(running[3], series.numerator[:4].sum(axis=0))
    assert np.array_equal(running[4], series.numerator[4])


def test_a_given_denominator_is_kept():
    whole = drawn(subject(3, Content.COUNT)).numerator
    assert np.array_equal(drawn(subject(4), denominator=whole).denominator, whole)


def test_counts_follow_the_population_and_ranks_agree_between_indicators():
    counts = drawn(subject(content=Content.COUNT)).numerator[-1]
    assert np.corrcoef(np.log(counts), np.log(POPULATION))[0, 1] > 0.7
    ahead = maturities(GROUND, 1)
    assert np.corrcoef(ahead, np.log(POPULATION))[0, 1] > 0.3
    shares = [(s := drawn(subject(n))).numerator[-1] / s.denominator[-1] for n in range(1, 13)]
    assert np.mean([np.corrcoef(share, ahead)[0, 1] for share in shares]) > 0.4


def test_series_go_where_the_direction_is_better_and_flows_have_seasons():
    for direction, sign in ((Direction.HIGHER, 1), (Direction.LOWER, -1)):
        series = drawn(subject(direction=direction))
        share = (series.numerator / series.denominator).mean(axis=1)
        assert sign * (share[-4:].mean() - share[:4].mean()) > 0.05
    logarithms = [np.log(drawn(subject(n, Content.COUNT)).numerator).mean(axis=1) for n in range(1, 9)]
    swings = [np.std([np.diff(one)[quarter::4].mean() for quarter in range(4)]) for one in logarithms]
    assert np.mean(swings) > 0.02


# How it is reported ----------------------------------------------------------------------------------------


def reported(of, seed=1):
    return reports.report(drawn(of, seed), of, seed)


def contradicts(one, row):
    value = Decimal(int(one.value[row])).scaleb(-int(one.decimals[row]))
    stated = from_value(value, Qualifier(reports.WORDS[one.qualifier[row]][0]), Measure.PERCENT)
    counts = [
        from_value(Decimal(int(count[row])), Qualifier.EXACT, Measure.COUNT)
        for count in (one.numerator, one.denominator)
    ]
    return percentage_against_counts(stated, *counts) is not None


@pytest.mark.parametrize("number", range(1, 6))
def test_percentages_agree_with_their_counts_but_for_the_slips(number):
    for one in reported(subject(number, flow=number % 2 == 0)):
        told = np.flatnonzero(one.missing == 0)
        assert one.value[told].min() >= 0
        assert (one.value[told] <= 100 * 10 ** one.decimals[told]).all()
        found = {row for row in told.tolist() if contradicts(one, row)}
        assert found == set(np.flatnonzero(one.slip).tolist())


def test_a_few_slips_there_are():
    slips = sum(int(reported(subject(number))[0].slip.sum()) for number in range(1, 31))
    assert 0.3 < slips / (30 * PROVINCES * QUARTERS / reports.FIGURES_PER_SLIP) < 3


def test_counts_in_words_hold_the_true_count():
    of = subject(content=Content.COUNT)
    series, (first, _) = drawn(of), reported(of)
    words = np.flatnonzero(first.qualifier)
    assert len(words) > 10
    for row in words:
        value, qualifier = Decimal(int(first.value[row])), Qualifier(reports.WORDS[first.qualifier[row]][0])
        truth = Decimal(int(series.numerator[first.quarter[row], first.province[row]]))
        assert from_value(value, qualifier, Measure.COUNT).plausible.contains(truth)


def test_gaps_corrections_and_words_are_rare_but_there():
    shares = {"silent": [], "missing": [], "revised": [], "words": []}
    for number in range(1, 21):
        first, revised = reported(subject(number))
        figures = PROVINCES * QUARTERS
        shares["silent"].append(1 - len(first.value) / figures)
        shares["missing"].append((first.missing > 0).sum() / figures)
        shares["revised"].append(len(revised.value) / figures)
        shares["words"].append((first.qualifier > 0).sum() / figures)
    means = {name: float(np.mean(found)) for name, found in shares.items()}
    assert 0.005 < means["silent"] < 0.06
    assert 0.01 < means["missing"] < 0.05
    assert 0.02 < means["revised"] < 0.04
    assert 0.005 < means["words"] < 0.02


def test_a_correction_is_of_a_provisional_figure_and_changes_it():
    first, revised = reported(subject())
    place = {(q, p): row for row, (q, p) in enumerate(zip(first.quarter, first.province, strict=True))}
    for row, key in enumerate(zip(revised.quarter, revised.province, strict=True)):
        before = place[key]
        assert reports.STATUSES[first.status[before]] == "provisional"
        assert reports.STATUSES[revised.status[row]] == "revised"
        assert first.numerator[before] < revised.numerator[row]


def test_the_first_quarters_can_be_left_out():
    assert len(Series(np.ones((6, 2), dtype=np.int64)).since(2).numerator) == 4
