"""What is written as binary rows is read back as it was, missing and unbounded numbers too."""

from datetime import UTC, datetime

import numpy as np
import pytest

from indicators.models import Aggregate
from indicators.services import binary_rows
from indicators.services.binary_rows import Words, copy_rows, microseconds

pytestmark = pytest.mark.django_db
INSTANT = datetime(2025, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
NUMBERS = ("coverage", "mean", "median", "sum", "minimum", "maximum", "q1", "q3")


def table(length: int) -> dict:
    numbers = np.linspace(-1.5, 3, length)
    numbers[::3] = np.nan
    return {
        "indicator_id": np.arange(1, length + 1),
        "period_id": np.full(length, 7),
        "category_id": np.where(np.arange(length) % 2, 3.0, np.nan),
        "geography_id": np.full(length, 2),
        "group": Words(np.arange(length) % 3, ["nation", "", "khu-vực:Đông"]),
        "simulated": np.arange(length) % 2 == 0,
        "reporting": np.arange(length),
        "expected": np.full(length, 63),
        "complete": np.ones(length, dtype=np.bool_),
        **dict.fromkeys(NUMBERS, numbers),
        "coverage": np.linspace(0, 1, length),
        "standard_deviation": np.where(np.arange(length) == 1, np.inf, 0.1),
    }


@pytest.mark.parametrize("length", [0, 1, 5])
def test_rows_come_back_as_they_were(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary_rows, "_BLOCK", 2)
    given = table(length)
    assert copy_rows(Aggregate, given, computed_at=microseconds(INSTANT)) == length
    rows = list(Aggregate.objects.order_by("indicator_id"))
    assert len(rows) == length
    for place, row in enumerate(rows):
        assert row.computed_at == INSTANT
        for name, column in given.items():
            if isinstance(column, Words):
                assert getattr(row, name) == column.words[column.place[place]]
            elif column.dtype.kind == "f" and np.isnan(column[place]):
                assert getattr(row, name) is None, name
            else:
                assert getattr(row, name) == column[place], name
