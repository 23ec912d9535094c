"""The set-based merge does what a slow and obvious one does fact by fact, and what ``publish`` promises."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.core.stated import UnreadableNumber
from indicators.models import Observation, PendingRecompute, Publication
from indicators.services.bulk_publishing import publish_columns
from indicators.services.publishing import Fact, publish
from indicators.services.stating import stated_value
from tests.cast import Cast, make_cast, make_fact, make_source

CONTENT = [
    *("place", "value", "qualifier", "as_stated", "numerator", "numerator_as_stated", "denominator"),
    *("denominator_as_stated", "status", "missing_reason", "stated_rank", "stated_rank_of", "confidence"),
    *("derived", "note_vi", "note_en"),
]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


# The slow and obvious implementation -----------------------------------------------------------------------


def digits(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def content(thing: Any) -> tuple[Any, ...]:
    return tuple(digits(getattr(thing, name)) for name in CONTENT)


def bounds(fact: Fact) -> tuple[Decimal | None, Decimal | None]:
    """The plausible interval within the definition's bounds, which never leave out the stated value."""
    if fact.value is None:
        return None, None
    stated = stated_value(fact.value, fact.as_stated, fact.qualifier, fact.indicator.measure)
    lower, upper = stated.plausible.lower, stated.plausible.upper
    if fact.indicator.lower_bound is not None:
        lower = min(max(lower, fact.indicator.lower_bound), fact.value)
    if fact.indicator.upper_bound is not None:
        upper = max(min(upper, fact.indicator.upper_bound), fact.value)
    return lower, upper


class Ledger:
    """What was published so far, row by row."""

    def __init__(self) -> None:
        self.current: dict[Any, Fact] = {}
        self.history: list[tuple[Any, ...]] = []

    def publish(self, facts: list[Fact]) -> tuple[int, int, int]:
        new = changed = same = 0
        for fact in facts:
            old = self.current.get(fact.key)
            if old is not None and content(old) == content(fact):
                same += 1
                continue
            new, changed = (new + 1, changed) if old is None else (new, changed + 1)
            self.current[fact.key] = fact
            from_compiler = fact.indicator.compiled_by == fact.source.publisher_body != ""
            lines = (*fact.key, *content(fact), *bounds(fact), fact.source.simulated, from_compiler)
            self.history.append((*lines, content(old) if old else None))
        return new, changed, same


def recorded() -> list[tuple[Any, ...]]:
    return [
        (
            *(row.province_id, row.indicator_id, row.period_id, row.category_id, row.source_id),
            *content(row),
            *(row.lower, row.upper, row.simulated, row.from_compiler),
            content(row.supersedes) if row.supersedes else None,
        )
        for row in Observation.objects.select_related("supersedes")
    ]


# Random acts of publishing ---------------------------------------------------------------------------------

NUMBERS = {
    "percent": ["72.63", "72.630", "92", "0", "100", "101.5", "0.004"],
    "count": ["0", "8868", "500000", "3200000", "12.00"],
    "score": ["0.9000", "-3", "80.1"],
}
WORDS = ["", "92%", "hơn 92%", "gần 500.000", "3,2 triệu", "không đọc được", "80,10", 'a"b\n\\.\n;,\r']
_TEXT = st.sampled_from(
    ["", "mục I.2, trang 4", '"quoted", with a comma', "two\nlines", "\\N", "NULL", "\\."]
)


def facts_of(cast: Cast) -> st.SearchStrategy[list[Fact]]:
    """At most one fact a key, few keys, and contents that often repeat."""

    @st.composite
    def fact(draw: Any) -> Fact:
        indicator = draw(st.sampled_from([cast.on_time, cast.received, cast.index]))
        value = draw(st.none() | st.sampled_from(NUMBERS[indicator.measure]))
        fields: dict[str, Any] = {} if value else {"missing_reason": "not_reported"}
        if value:
            fields["qualifier"] = draw(st.sampled_from(["exact", "exact", "more_than", "nearly", "about"]))
            fields["as_stated"] = draw(st.sampled_from(WORDS))
            fields["status"] = draw(st.sampled_from(["final", "estimated"]))
        made = make_fact(
            cast,
            draw(st.sampled_from([cast.cao_bang, cast.dien_bien])),
            indicator,
            draw(st.sampled_from(["2021-Q1", "2021-Q2"])),
            value,
            category=draw(st.sampled_from([None, cast.online])),
            source=draw(st.sampled_from([cast.report, cast.ministry, cast.simulation])),
            **fields,
        )
        counts = st.none() | st.sampled_from([Decimal("3"), Decimal("3.0"), Decimal("12345678901234567890")])
        return replace(
            made,
            numerator=draw(counts),
            denominator=draw(counts),
            place=draw(_TEXT),
            note_vi=draw(_TEXT),
            stated_rank=draw(st.none() | st.integers(1, 3)),
            derived=draw(st.booleans()),
        )

    return st.lists(fact(), max_size=12, unique_by=lambda made: made.key)


@pytest.fixture
def wider_cast(cast: Cast) -> Cast:
    from tests.cast import make_indicator

    object.__setattr__(cast, "index", make_indicator("dti", "score", "score", "higher", "điểm", "points"))
    object.__setattr__(
        cast, "ministry", make_source("ministry", "Bộ", publisher_body="mst", published="2023-01")
    )
    object.__setattr__(cast, "simulation", make_source("simulated", "Mô phỏng", simulated=True))
    type(cast.on_time).objects.filter(pk=cast.on_time.pk).update(compiled_by="mst")
    cast.on_time.refresh_from_db()
    return cast


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_agrees_with_the_slow_implementation(wider_cast: Cast, data: st.DataObject) -> None:
    acts = data.draw(st.lists(facts_of(wider_cast), min_size=1, max_size=4))
    with transaction.atomic():
        ledger = Ledger()
        for facts in acts:
            result = publish(facts=facts, cause="import")
            assert (result.new, result.changed, result.same) == ledger.publish(facts)
            assert len(result.observations) == result.new + result.changed
            _outbox_holds(result.publication)
        assert sorted(recorded(), key=repr) == sorted(ledger.history, key=repr)
        assert Observation.objects.current().count() == len(ledger.current)
        transaction.set_rollback(True)


def _outbox_holds(publication: Publication | None) -> None:
    rows = Observation.objects.filter(publication=publication) if publication else Observation.objects.none()
    touched = set(rows.values_list("indicator", "period", "simulated"))
    pending = PendingRecompute.objects.filter(publication=publication) if publication else []
    found = [(p.indicator_id, p.period_id, p.simulated) for p in pending]
    assert sorted(found) == sorted(touched)
    assert all(row.recorded_at == row.publication.instant for row in rows)


# Named cases -----------------------------------------------------------------------------------------------


def frame(cast: Cast, *values: str | None, **columns: Any) -> pl.DataFrame:
    """Facts of Cao Bằng and Điện Biên about one quarter, in turn."""
    fact = make_fact(cast, cast.cao_bang, cast.on_time, "2021-Q1", None)
    provinces = [cast.cao_bang.pk, cast.dien_bien.pk, cast.ha_giang.pk]
    return pl.DataFrame(
        {
            "province": provinces[: len(values)],
            "indicator": fact.indicator.pk,
            "period": fact.period.pk,
            "source": cast.report.pk,
            "value": list(values),
            **columns,
        },
        schema_overrides={"value": pl.String},
    )


def test_counts_are_those_of_the_act(cast: Cast) -> None:
    first = publish_columns(facts=[frame(cast, "92.3", "80")], cause="import", reason="quý I")
    assert (first.new, first.changed, first.same) == (2, 0, 0)
    second = publish_columns(facts=[frame(cast, "92.30", "80", "70")], cause="import")
    assert (second.new, second.changed, second.same) == (1, 1, 1)
    assert first.publication and second.publication and first.publication.reason == "quý I"
    old, new = Observation.objects.filter(province=cast.cao_bang).order_by("id")
    assert new.supersedes == old and old.superseded_at == new.recorded_at == second.publication.instant
    assert (str(old.value), str(new.value)) == ("92.3", "92.30")


def test_nothing_new_leaves_no_publication(cast: Cast) -> None:
    publish_columns(facts=[frame(cast, "92.3")], cause="import")
    again = publish_columns(facts=[frame(cast, "92.3")], cause="import")
    assert again.publication is None and again.same == 1
    assert publish_columns(facts=[], cause="import").same == 0
    assert Publication.objects.count() == 1


def test_many_frames_are_one_act(cast: Cast) -> None:
    told: list[int] = []
    frames = (frame(cast, "92.3").with_columns(source=source) for source in (cast.report.pk, _other().pk))
    result = publish_columns(facts=frames, cause="import", progress=told.append)
    assert result.new == 2 and told == [1, 2] and Publication.objects.count() == 1


def _other() -> Any:
    return make_source("other", "Báo cáo khác")


def test_one_key_twice_is_refused_wherever_it_stands(cast: Cast) -> None:
    for frames in ([frame(cast, "1"), frame(cast, "2")], [pl.concat([frame(cast, "1")] * 2)]):
        with pytest.raises(ValueError, match="Two facts"), transaction.atomic():
            publish_columns(facts=frames, cause="import")
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    ("column", "value"), [("province", None), ("indicator", None), ("period", None), ("source", None)]
)
def test_a_missing_key_is_refused(cast: Cast, column: str, value: None) -> None:
    facts = frame(cast, "1").with_columns(pl.lit(value).alias(column))
    with pytest.raises(ValueError, match="needs its province"), transaction.atomic():
        publish_columns(facts=[facts], cause="import")


def test_an_unknown_column_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="no colour"), transaction.atomic():
        publish_columns(facts=[frame(cast, "1", colour="red")], cause="import")


@pytest.mark.parametrize("value", ["NaN", "1e3", "12,5", "1" * 19])
def test_an_impossible_value_is_refused(cast: Cast, value: str) -> None:
    with pytest.raises(UnreadableNumber), transaction.atomic():
        publish_columns(facts=[frame(cast, value)], cause="import")
    assert not Observation.objects.exists()


def test_one_act_that_fails_leaves_the_next_one_a_clean_table(cast: Cast) -> None:
    with transaction.atomic():
        with pytest.raises(ValueError, match="Two facts"), transaction.atomic():
            publish_columns(facts=[frame(cast, "1"), frame(cast, "2")], cause="import")
        assert publish_columns(facts=[frame(cast, "3")], cause="import").new == 1


def test_the_number_of_statements_does_not_depend_on_the_number_of_facts(cast: Cast) -> None:
    publish_columns(facts=[frame(cast, "1", "2")], cause="import")
    counts = []
    for values in (("3",), ("4", "5", "6")):
        with CaptureQueriesContext(connection) as queries:
            publish_columns(facts=[frame(cast, *values)], cause="import")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
