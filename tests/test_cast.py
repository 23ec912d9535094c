"""The cast that the other tests rely on can be made, and says what its docstring says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from indicators.models import Observation
from provinces.models import Province
from tests.cast import make_cast, state

pytestmark = pytest.mark.django_db


def test_the_cast_holds_four_provinces_before_the_merger_and_three_after_it():
    cast = make_cast()
    assert Province.objects.of(cast.geography_63).count() == 4
    assert set(Province.objects.of(cast.geography_34)) == {cast.tuyen_quang, cast.cao_bang, cast.dien_bien}


def test_a_stated_value_keeps_its_digits_and_a_second_statement_supersedes_the_first():
    cast = make_cast()
    first = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.30")
    second = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.4")
    first.refresh_from_db()
    assert str(first.value) == "92.30"
    assert first.superseded_at == second.recorded_at
    assert Observation.objects.current().get().value == Decimal("92.4")
