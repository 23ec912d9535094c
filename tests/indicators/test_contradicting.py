"""Contradictions are found by rule when a unit is recomputed, and go away when the figure is corrected."""

import random
from decimal import Decimal

import pytest

from indicators.core import contradictions as rules
from indicators.core.stated import Measure, Qualifier, from_value, parse_stated
from indicators.models import Category, CompositeIndex, Contradiction, Dimension, IndexComponent
from indicators.services.publishing import publish
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_fact, make_indicator, state

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


def test_the_sieve_of_parts_loses_nothing(cast: Cast) -> None:
    """Random wholes and parts, some in words: as many contradictions as the exact rule finds alone."""
    dice, expected = random.Random(7), set()
    facts = []
    for year in range(1900, 2020):
        parts = [dice.randrange(1, 60) * dice.choice([1, 10]) for _ in range(2)]
        whole = sum(parts) + dice.choice([0, 0, 0, -1, 1, 10, -20])
        told = {}
        for category, count in ((None, max(1, whole)), (cast.online, parts[0]), (cast.direct, parts[1])):
            text = dice.choice(["{}", "{}", "hơn {}", "gần {}", "khoảng {}"]).format(count)
            told[category] = read = parse_stated(text, Measure.COUNT)
            words = {"category": category, "as_stated": text, "qualifier": read.qualifier.value}
            facts.append(make_fact(cast, cast.cao_bang, cast.received, str(year), str(count), **words))
        if rules.parts_against_whole(told.pop(None), list(told.values())):
            expected.add(str(year))
    publish(facts=facts, cause="reference")
    drain_pending(cause="test")
    found = Contradiction.objects.filter(rule="parts_against_whole")
    assert set(found.values_list("observation__period__code", flat=True)) == expected
    assert 20 < len(expected) < 100


def test_the_sieve_of_totals_loses_nothing(cast: Cast) -> None:
    """The same of an index, one of whose components has parts and a figure of its own."""
    names = ["total", "one", "group", "first", "second"]
    own = {name: make_indicator(name, "score", "score", "higher", "-", "-") for name in names}
    index = CompositeIndex.objects.create(
        code="own", version="1", scale=Decimal(100), total=own["total"], weights="published",
        rounding=Decimal("0.06"), name_vi="-", name_en="-", legal_basis="-",
    )  # fmt: skip
    named = {"index": index, "rule": "published", "highest": 50, "name_vi": "-", "name_en": "-"}
    IndexComponent.objects.create(code="one", weight=1, indicator=own["one"], **named)
    group = IndexComponent.objects.create(code="group", weight=1, indicator=own["group"], **named)
    for name in ("first", "second"):
        IndexComponent.objects.create(code=name, weight=1, parent=group, indicator=own[name], **named)
    dice, facts, expected = random.Random(8), [], set()
    for year in range(1900, 2020):
        told = {name: round(dice.uniform(1, 9), dice.choice([0, 1, 2])) for name in names[1:]}
        parts = ["one", *(["first", "second"] if dice.random() < 0.5 else ["group"])]
        total = round(sum(told[name] for name in parts) + dice.choice([0, 0, 0.06, 0.1, -0.05, -1]), 2)
        figures = {name: str(told[name]) for name in parts} | {"total": str(total)}
        facts += [make_fact(cast, cast.cao_bang, own[name], str(year), v) for name, v in figures.items()]
        stated = {name: from_value(Decimal(v), Qualifier.EXACT, Measure.SCORE) for name, v in figures.items()}
        whole = stated.pop("total")
        if rules.parts_against_whole(whole, list(stated.values()), tolerance=Decimal("0.06")):
            expected.add(str(year))
    publish(facts=facts, cause="reference")
    drain_pending(cause="test")
    found = Contradiction.objects.filter(rule="parts_against_whole")
    assert set(found.values_list("observation__period__code", flat=True)) == expected
    assert 5 < len(expected) < 100
