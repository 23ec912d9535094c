from decimal import Decimal

import pytest

from dashboards.pages.verdicts import reached
from dashboards.rows import Stated


@pytest.mark.parametrize(
    ("value", "qualifier", "lower", "upper", "operator", "target", "met"),
    [
        ("70.94", "exact", "70.935", "70.945", "at_least", "60", True),
        ("80", "exact", "79.5", "80.5", "at_least", "80", True),
        ("50", "less_than", "49", "50", "at_least", "50", None),
        ("40", "less_than", "39", "40", "at_least", "50", False),
        ("50", "more_than", "50", "51", "more_than", "50", True),
        ("50", "about", "49", "51", "at_least", "50", None),
        ("5", "exact", "5", "5", "at_most", "4", False),
        ("1", "exact", "1", "1", "equal", "1", True),
    ],
)
def test_a_target_is_met_missed_or_open_by_what_the_words_allow(
    value: str, qualifier: str, lower: str, upper: str, operator: str, target: str, met: bool | None
) -> None:
    stated = Stated(Decimal(value), qualifier, lower=Decimal(lower), upper=Decimal(upper))
    assert reached(stated, operator, Decimal(target)) is met


def test_without_a_value_nothing_is_told() -> None:
    assert reached(Stated(None), "at_least", Decimal(1)) is None
