"""As of any past instant, aggregates and standings answer as they answered then."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from indicators.models import Aggregate, Indicator, Standing
from indicators.services import answering
from indicators.services.recomputing import drain_pending
from tests.cast import make_cast
from tests.indicators.test_rebuilding import History

pytestmark = pytest.mark.django_db


def live(table: type[Aggregate] | type[Standing], columns: list[str]) -> set[tuple[Any, ...]]:
    return set(table._default_manager.values_list(*columns))


@pytest.mark.parametrize("seed", range(3))
def test_every_past_state_comes_back(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    told: list[tuple[datetime, dict[Any, set[tuple[Any, ...]]]]] = []
    columns = {
        table: [f.column for f in table._meta.concrete_fields if f.column not in ("id", "computed_at")]
        for table in (Aggregate, Standing)
    }

    def drain_and_remember(**words: str) -> int:
        done = drain_pending(cause="test")
        told.append((timezone.now(), {table: live(table, names) for table, names in columns.items()}))
        return done

    monkeypatch.setattr("tests.indicators.test_rebuilding.drain_pending", drain_and_remember)
    History(cast, seed).happen(acts=30)
    assert len(told) > 5
    everything = list(Indicator.objects.values_list("pk", flat=True))
    for instant, then in told:
        frames = answering.computed_as_of(instant, indicators=everything)
        for table, names in columns.items():
            now = set(frames[table].select(names).rows()) if frames[table].height else set()
            assert now == then[table]
