"""As of any past instant, everything computed answers as it answered then."""

import os
import random
from datetime import datetime

import pytest
from django.utils import timezone
from hypothesis import given

from indicators.models import Aggregate, Contradiction, IndexScore, Indicator, Observation, Standing
from indicators.services import answering
from indicators.services.past_tables import tables_as_of
from indicators.services.recomputing import drain_pending
from tests.cast import make_cast, state
from tests.indicators.histories import DICE, ChangingHistory, History, content, slowly, snapshot, undone

pytestmark = pytest.mark.django_db
HISTORIES = int(os.environ.get("ANSWERING_HISTORIES", "2"))


def answered(instant: datetime) -> set[str]:
    """Everything as of ``instant``, as ``snapshot`` gives what stands."""
    everything = list(Indicator.objects.values_list("pk", flat=True))
    found: set[str] = set()
    for table, frame in answering.computed_as_of(instant, indicators=everything).items():
        names = {field.attname for field in table._meta.concrete_fields} & set(frame.columns)
        found |= content(table, [table(**row) for row in frame.select(sorted(names)).to_dicts()])
    found |= content(IndexScore, answering.scores_as_of(instant, codes=["own"]))
    return found | content(Contradiction, answering.contradictions_as_of(instant, indicators=everything))


@slowly(HISTORIES)
@given(DICE)
def test_every_past_state_comes_back(dice: random.Random) -> None:
    told: list[tuple[datetime, set[str]]] = []
    with undone() as cast:
        History(cast, dice).happen(acts=15, told=lambda: told.append((timezone.now(), snapshot())))
        for instant, then in dice.sample(told, min(len(told), 4)):
            assert answered(instant) == then


@slowly(HISTORIES)
@given(DICE)
def test_every_past_state_comes_back_whatever_was_defined_otherwise_since(dice: random.Random) -> None:
    told: list[tuple[datetime, set[str]]] = []
    with undone() as cast:
        ChangingHistory(cast, dice).happen(acts=20, told=lambda: told.append((timezone.now(), snapshot())))
        for instant, then in dice.sample(told, min(len(told), 4)):
            assert answered(instant) == then
            with tables_as_of(instant, simulated=False):
                assert snapshot() == then
        assert snapshot() == told[-1][1], "nothing of it stays"


def test_a_contradiction_of_a_figure_that_was_corrected_since() -> None:
    cast = make_cast()
    instants = []
    for value in ("120", "20"):
        state(cast, cast.cao_bang, cast.on_time, "2021-H1", value)
        drain_pending(cause="test")
        instants.append(timezone.now())
    assert not Contradiction.objects.exists()
    asked = {"indicators": [cast.on_time.pk]}
    (found,) = answering.contradictions_as_of(instants[0], **asked)
    assert (found.rule, found.observation.value) == ("outside_bounds", 120)
    period = Observation.objects.values_list("period", flat=True)[0]
    assert answering.contradictions_as_of(instants[0], periods=[period], **asked)
    assert not answering.contradictions_as_of(instants[0], periods=[period + 1], **asked)
    assert not answering.contradictions_as_of(instants[1], **asked)


def test_simulated_answers_are_apart() -> None:
    cast = make_cast()
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "20")
    frames = answering.computed_as_of(timezone.now(), indicators=[cast.on_time.pk], simulated=True)
    assert frames[Aggregate].is_empty() and frames[Standing].is_empty()
