"""Contradictions are found by rule when a unit is recomputed, and go away when the figure is corrected."""

from decimal import Decimal

import pytest

from indicators.models import Category, Contradiction, Dimension
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_indicator, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def share(cast: Cast, value: str, numerator: int, denominator: int, **words: str) -> None:
    counts = {"numerator": Decimal(numerator), "denominator": Decimal(denominator)}
    state(cast, cast.cao_bang, cast.on_time, "2018", value, **counts, **words)
    drain_pending(cause="test")


def test_a_share_that_its_own_counts_contradict(cast: Cast) -> None:
    share(cast, "7", 13_483, 175_439, as_stated="7%")
    found = Contradiction.objects.get()
    assert found.rule == "percentage_against_counts"
    assert found.sentence_vi == "13.483 / 175.439 = 7,69 %, nằm ngoài [6,5; 7,5] của con số đã nêu 7 %"
    assert found.stated_lower == Decimal("6.5") and found.stated_upper == Decimal("7.5")


@pytest.mark.parametrize(
    ("value", "numerator", "denominator", "words"),
    [
        ("48", 83_681, 175_439, {}),
        ("45", 78_275, 175_439, {}),
        (
            "75.7",
            3_200_000,
            4_300_000,
            {
                "as_stated": "75,7%",
                "numerator_as_stated": "trên 3,2 triệu",
                "denominator_as_stated": "hơn 4,3 triệu",
            },
        ),
    ],
)
def test_no_false_alarm(
    cast: Cast, value: str, numerator: int, denominator: int, words: dict[str, str]
) -> None:
    share(cast, value, numerator, denominator, **words)
    assert not Contradiction.objects.exists()


def test_a_correction_ends_the_contradiction_of_the_current_figure(cast: Cast) -> None:
    share(cast, "7", 13_483, 175_439)
    share(cast, "7.69", 13_483, 175_439)
    assert not Contradiction.objects.exists()


def test_parts_against_their_whole(cast: Cast) -> None:
    state(cast, cast.dien_bien, cast.received, "2020-06-01", "1602")
    for category, value in [(cast.online, "1253"), (cast.direct, "350")]:
        state(cast, cast.dien_bien, cast.received, "2020-06-01", value, category=category)
    drain_pending(cause="test")
    found = Contradiction.objects.get()
    assert (found.rule, found.observation.category) == ("parts_against_whole", None)
    assert "1.253 + 350 = 1.603" in found.sentence_vi


def test_parts_that_are_not_all_may_stay_below_their_whole(cast: Cast) -> None:
    Category.objects.create(
        dimension=cast.online.dimension, code="postal", name_vi="Bưu chính", name_en="Postal", position=3
    )
    state(cast, cast.dien_bien, cast.received, "2020-06-01", "1602")
    for category, value in [(cast.online, "1253"), (cast.direct, "254")]:
        state(cast, cast.dien_bien, cast.received, "2020-06-01", value, category=category)
    drain_pending(cause="test")
    assert not Contradiction.objects.exists()


def test_parts_of_one_figure_are_not_held_against_another_of_the_same_document(cast: Cast) -> None:
    other = make_indicator("dossiers-resolved", "count", "count", "none", "hồ sơ", "dossiers")
    other.dimensions.add(cast.online.dimension)
    for category, value in ((None, "100"), (cast.online, "60"), (cast.direct, "40")):
        state(cast, cast.cao_bang, cast.received, "2018", value, category=category)
        state(cast, cast.cao_bang, other, "2018", str(int(value) * 3), category=category)
        state(cast, cast.cao_bang, cast.received, "2019", str(int(value) * 7), category=category)
    drain_pending(cause="test")
    assert not Contradiction.objects.exists()


def test_a_whole_that_two_breakdowns_contradict_is_recorded_once(cast: Cast) -> None:
    level = Dimension.objects.create(code="level", name_vi="Cấp", name_en="Level")
    upper, lower = (
        Category.objects.create(dimension=level, code=code, name_vi=code, name_en=code)
        for code in ("upper", "lower")
    )
    state(cast, cast.cao_bang, cast.received, "2018", "100")
    for category in (cast.online, cast.direct, upper, lower):
        state(cast, cast.cao_bang, cast.received, "2018", "90", category=category)
    drain_pending(cause="test")
    assert Contradiction.objects.get().rule == "parts_against_whole"
