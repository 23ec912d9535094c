"""One unit is done in two transactions: first its figures, then what is read off them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Aggregate, Contradiction, IndexScore, PendingRecompute, Standing
from indicators.services import recomputing
from indicators.services.rebuilding import rebuild
from indicators.services.recomputing import _recompute_next, drain_pending
from tests.cast import Cast, make_cast, make_indicator, state
from tests.indicators.test_composing import QUANG_NAM, make_world, publish_points

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def step() -> tuple[int, int] | None:
    return _recompute_next()


def test_figures_stand_before_what_is_read_off_them(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "180")
    assert step() == (1, 6)  # aggregate and standing: in the nation, its region, among provinces
    assert Standing.objects.filter(value=180).exists() and not Contradiction.objects.exists()
    assert PendingRecompute.objects.get().figures_stand
    assert step() == (0, 0)
    assert Contradiction.objects.get().rule == "outside_bounds"
    assert not PendingRecompute.objects.exists() and step() is None


def test_figures_come_first_whatever_was_published_before(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "80")
    step()
    state(cast, cast.cao_bang, cast.received, "2021-H1", "80")
    step()
    assert Aggregate.objects.filter(indicator=cast.received).exists()
    assert PendingRecompute.objects.filter(figures_stand=True).count() == 2
    assert step() == (0, 0) and step() is None


def test_what_is_read_off_is_made_up_for_after_a_failure(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "180")

    def fail(**_: object) -> None:
        raise ArithmeticError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(recomputing, "follow_up", fail)
        with pytest.raises(ArithmeticError):
            drain_pending(cause="test")
    assert Aggregate.objects.exists() and PendingRecompute.objects.exists()
    assert drain_pending(cause="test") == 0
    assert Contradiction.objects.exists() and not PendingRecompute.objects.exists()


def test_the_check_passes_over_scores_that_wait() -> None:
    cast = make_world()
    publish_points(cast, cast.cao_bang, "2024-08-19", QUANG_NAM)
    step()
    assert rebuild(cause="test", apply=False).differences == 0 and not IndexScore.objects.exists()
    step()
    assert rebuild(cause="test", apply=False).differences == 0 and IndexScore.objects.exists()


def test_one_publication_costs_the_same_however_large_the_tables_are(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements, facts read and rows written by the step that readers wait for."""
    read: list[int] = []
    reading = recomputing.read_usable_facts

    def counting(*given: object, **named: object) -> object:
        facts = reading(*given, **named)  # type: ignore[arg-type]
        read.append(len(facts))
        return facts

    def cost(value: str) -> tuple[int, list[int], tuple[int, int] | None]:
        state(cast, cast.cao_bang, cast.on_time, "2021-H1", value)
        read.clear()
        with CaptureQueriesContext(connection) as asked:
            done = step()
        drained = list(read)
        drain_pending(cause="test")
        return len(asked), drained, done

    monkeypatch.setattr(recomputing, "read_usable_facts", counting)
    for province in (cast.cao_bang, cast.dien_bien, cast.ha_giang):
        state(cast, province, cast.on_time, "2020-H1", "70")
    drain_pending(cause="test")
    cost("80")  # a new period, a first row: warms what is kept
    small = cost("81")
    for number in range(4):
        other = make_indicator(f"other-{number}", "ratio", "percent", "higher", "%", "%")
        for province in (cast.cao_bang, cast.dien_bien, cast.ha_giang):
            for period in ("2020-H1", "2021-H1"):
                state(cast, province, other, period, "70")
    drain_pending(cause="test")
    large = cost("82")
    assert large == small
    assert small[0] <= 16 and small[1] == [4]
