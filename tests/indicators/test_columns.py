"""Facts as columns: of each fact the row that is preferred."""

from __future__ import annotations

import pytest

from indicators.models import Observation
from indicators.services.columns import read_facts, read_usable_facts
from tests.cast import Cast, make_cast, make_source, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_of_several_sources_the_preferred_row_is_read(cast: Cast) -> None:
    """Whatever the order in which they were published; facts of one source are left alone."""
    older = make_source("older", "Cũ hơn", published="2020")
    newer = make_source("newer", "Mới hơn", published="2022-05")
    state(cast, cast.dien_bien, cast.on_time, "2021-H1", "50")
    for source, value in ((older, "81"), (newer, "82")):
        state(cast, cast.cao_bang, cast.on_time, "2021-H1", value, source=source)
    for source, value in ((newer, "92"), (older, "91")):
        state(cast, cast.ha_giang, cast.on_time, "2021-H1", value, source=source)
    state(cast, cast.ha_giang, cast.on_time, "2021-Q1", "7", confidence="ambiguous")
    for facts in (
        read_usable_facts([cast.on_time.pk], simulated=False),
        read_facts(Observation.objects.current().usable()),
    ):
        found = dict(zip(facts.province.tolist(), facts.value.tolist(), strict=True))
        assert found == {cast.dien_bien.pk: 50, cast.cao_bang.pk: 82, cast.ha_giang.pk: 92}
        assert len(facts) == 3
    assert len(read_usable_facts([cast.received.pk], simulated=False)) == 0
    assert len(read_usable_facts([cast.on_time.pk], simulated=True)) == 0
