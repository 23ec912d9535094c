"""What stands otherwise than it was computed: wrong, missing and too many, to the column."""

from __future__ import annotations

import pytest

from indicators.core.engine import Wanted
from indicators.models import Aggregate, Standing
from indicators.services import framing
from indicators.services.columns import read_usable_facts
from indicators.services.computing import computed_tables
from indicators.services.differing import compared_columns, differences
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    for province, value in ((cast.ha_giang, "92.3"), (cast.cao_bang, "70"), (cast.dien_bien, "70")):
        state(cast, province, cast.on_time, "2021-H1", value)
    state(cast, cast.ha_giang, cast.on_time, "2024", "80")  # cannot be restated: its value is missing
    drain_pending(cause="test")
    return cast


def compared(cast: Cast, model: type) -> tuple[int, list[int]]:
    keys = [cast.on_time.pk]
    facts = read_usable_facts(keys, simulated=False)
    tables = computed_tables(facts, framing.frame(), Wanted(), False)
    added, gone = differences(model, tables[model], indicators=keys, simulated=False)
    assert all(indicator == cast.on_time.pk for _, indicator in gone)
    return len(added["period_id"]), [key for key, _ in gone]


@pytest.mark.parametrize("model", [Aggregate, Standing])
def test_nothing_differs_as_it_was_written(cast: Cast, model: type) -> None:
    assert compared(cast, model) == (0, [])


@pytest.mark.parametrize("model", [Aggregate, Standing])
def test_every_column_is_compared(cast: Cast, model: type) -> None:
    row = model.objects.filter(group="nation").order_by("-period__end", "id").last()
    unique = {"indicator_id", "period_id", "category_id", "geography_id", "simulated"}
    for name in set(compared_columns(model)) - unique:
        right = getattr(row, name)
        wrong = not right if isinstance(right, bool) else "x" if isinstance(right, str) else 7
        model.objects.filter(pk=row.pk).update(**{name: wrong})
        assert compared(cast, model) == (1, [row.pk]), name
        if row._meta.get_field(name).null and right is not None and name != "value":
            model.objects.filter(pk=row.pk).update(**{name: None})
            assert compared(cast, model) == (1, [row.pk]), name
        model.objects.filter(pk=row.pk).update(**{name: right})
    assert compared(cast, model) == (0, [])


def test_rows_that_are_missing_or_too_many(cast: Cast) -> None:
    first, second = Standing.objects.filter(group="nation").order_by("id")[:2]
    first.delete()
    Standing.objects.filter(pk=second.pk).update(period=first.period_id + 10_000)
    assert compared(cast, Standing) == (2, [second.pk])
    Standing.objects.all().delete()
    added, gone = compared(cast, Standing)
    assert added and not gone
