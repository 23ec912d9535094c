"""Rows that are written once: always what would be made at that instant, and read where they are written."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction
from django.utils import timezone

from api import base, written
from api.models import WritingState, WrittenRow
from api.restated_columns import OBSERVATION
from api.rows import page_statement
from api.written import write_rows
from indicators.core.contradictions import Rule
from indicators.models import Contradiction, Observation
from indicators.services.publishing import withdraw
from indicators.services.removing_simulated import remove_simulated
from tests.api.conftest import another_connection
from tests.cast import committed, make_cast, make_source, state

EVERY = "observations/?simulated=all"


def _write() -> None:
    assert write_rows(seconds=60) is False


def _made() -> list[str]:
    """Every current row by its columns, one by one, with nothing that is written."""
    keys = Observation.objects.current().values_list("pk", flat=True)
    facts = [Observation.objects.filter(pk=key) for key in keys]
    return [page_statement(fact, OBSERVATION, shape="records", limit=1).row()[0][1:-1] for fact in facts]


def _answered(api) -> list[str]:
    committed()
    lines = api.get(f"{EVERY}&format=ndjson&from=1900").content.decode().splitlines()
    whole = b"".join(api.get(f"{EVERY}&format=ndjson").streaming_content).decode().splitlines()
    codes = Observation.objects.current().order_by().values_list("indicator__code", flat=True).distinct()
    named = f"{EVERY}&format=ndjson&indicator={','.join(codes)}"
    narrowed = api.get(named).content.decode().splitlines() if codes else []
    page = api.get(EVERY).content.decode()
    assert lines == narrowed == whole and page.endswith(f'"results": [{",".join(lines)}]}}')
    return lines


@pytest.fixture
def figures(cast):
    simulated = make_source("simulated", "Mô phỏng", simulated=True)
    words = {"as_stated": '92,30 "%"', "note_vi": "Ghi chú\\ hai\ndòng"}
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.30", **words)
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "80")
    state(cast, cast.cao_bang, cast.received, "2021", "1200", category=cast.online)
    state(cast, cast.dien_bien, cast.received, "2021", None, missing_reason="not_reported")
    state(cast, cast.ha_giang, cast.received, "2022-Q1", "7.0000", source=simulated)
    return cast


def _contradict() -> None:
    Contradiction.objects.create(
        observation=Observation.objects.current()[0],
        rule=Rule.PERCENTAGE_AGAINST_COUNTS,
        sentence_vi="…",
        sentence_en="…",
        detected_at=timezone.now(),
    )


def _correct(cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93.1")


def _renamed(path: str, **names: str):
    def change(cast) -> None:
        fact = Observation.objects.current().filter(category=cast.online)[0]
        for name in path.split("."):
            fact = getattr(fact, name)
        type(fact).objects.filter(pk=fact.pk).update(**names)

    return change


CHANGES = {
    "corrected": _correct,
    "withdrawn": lambda cast: withdraw(observations=Observation.objects.current()[:1], reason="Sai"),
    "one more": lambda cast: state(cast, cast.dien_bien, cast.on_time, "2021-H1", "1"),
    "contradicted": lambda cast: _contradict(),
    "no longer contradicted": lambda cast: (_contradict(), _write(), Contradiction.objects.all().delete()),
    "province": _renamed("province", slug="cao-bang-2026", code="99"),
    "indicator": _renamed("indicator", code="received", unit_en="files"),
    "period": _renamed("period", code="2021-01-01..2021-12-31"),
    "category": _renamed("category", code="by-wire"),
    "dimension": _renamed("category.dimension", code="channel"),
    "source": _renamed("source", code="bao-cao", title="Báo cáo"),
    "simulated removed": lambda cast: remove_simulated(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_is_what_would_be_made_whatever_happens(api, figures, change):
    assert _answered(api) == _made()
    _write()
    assert _answered(api) == _made()
    change(figures)
    assert _answered(api) == _made()
    _write()
    assert _answered(api) == _made()
    current = set(Observation.objects.current().values_list("pk", flat=True))
    assert current <= set(WrittenRow.objects.values_list("pk", flat=True))


def _tamper() -> None:
    WrittenRow.objects.update(text='{"id":0}')


def test_what_is_written_is_read(api, figures):
    _write()
    _tamper()
    assert {json.loads(line)["id"] for line in _answered(api)} == {0}
    assert {row["id"] for row in api.rows(EVERY)} == {0}
    assert 0 not in api.read(f"{EVERY}&shape=columns")["results"]["id"]


def test_the_past_is_made(api, figures):
    _write()
    committed()
    _tamper()
    instant = Observation.objects.latest("recorded_at").recorded_at.isoformat().replace("+", "%2B")
    assert 0 not in {row["id"] for row in api.rows(f"{EVERY}&as_of={instant}")}


def test_other_columns_are_written_anew(api, figures, monkeypatch):
    _write()
    _tamper()
    monkeypatch.setattr(written, "_form", lambda: 7)
    written.row_text.cache_clear()
    assert _answered(api) == _made()
    _write()
    assert set(WrittenRow.objects.values_list("form", flat=True)) == {7}
    assert _answered(api) == _made()
    written.row_text.cache_clear()


def test_a_name_takes_its_own_rows_away(figures):
    _write()
    _renamed("province", slug="other")(figures)
    gone = Observation.objects.current().filter(written=None)
    assert set(gone.values_list("province__slug", flat=True)) == {"other"}
    _write()
    type(figures.cao_bang).objects.filter(pk=figures.cao_bang.pk).update(slug="other")
    assert not Observation.objects.current().filter(written=None).exists(), "nothing was changed"


def test_many_rows_are_written_in_pieces(api, figures, monkeypatch):
    monkeypatch.setattr(written, "_CHUNK", 2)
    _write()
    assert WrittenRow.objects.count() == 5
    assert write_rows(seconds=0) is True, "no time for any"


def test_long_and_short_tables_are_the_same(api, figures, monkeypatch):
    _write()
    address = f"{EVERY}&from=2021&format=ndjson"
    short = api.get(address)
    monkeypatch.setattr(base, "_SHORT", 4)
    long = api.get(f"{address}&to=2099")
    assert (b"".join(long.streaming_content), long["Content-Type"]) == (short.content, short["Content-Type"])
    assert long["Content-Disposition"] == short["Content-Disposition"]
    assert api.get(f"{EVERY}&from=1990&to=1991&format=ndjson").content == b""


def test_queries_do_not_grow_with_the_rows(api, figures, django_assert_num_queries):
    address = f"{EVERY}&from=2021&format=ndjson"
    api.get(address)
    with django_assert_num_queries(2):
        assert len(api.get(address).content.splitlines()) == 5
    _write()
    with django_assert_num_queries(2):
        assert len(api.get(address).content.splitlines()) == 5


@pytest.mark.django_db(transaction=True)
def test_nobody_writes_while_a_name_changes(api):
    """Neither an old name is written behind a new one, nor a new one before it can be read."""
    _write()  # the state is there, whatever other tests flushed
    cast = make_cast()
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    other = another_connection()
    try:
        with other.cursor() as cursor:
            cursor.execute("UPDATE provinces_province SET slug = 'renamed' WHERE slug = 'ha-giang'")
            _write()
            assert not WrittenRow.objects.exists()
            assert api.rows("observations/")[0]["province"] == "ha-giang"
            other.commit()
        _write()
        assert json.loads(WrittenRow.objects.get().text)["province"] == "renamed"
        with transaction.atomic(), other.cursor() as cursor:
            WritingState.objects.select_for_update().get()
            cursor.execute("SET lock_timeout = 100")
            with pytest.raises(Exception, match="lock timeout"):
                cursor.execute("UPDATE provinces_province SET slug = 'again' WHERE slug = 'renamed'")
    finally:
        other.close()
    assert api.rows("observations/")[0]["province"] == "renamed"


def test_a_reader_is_not_kept_waiting_by_the_writing(api, figures):
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE api_writingstate IN EXCLUSIVE MODE")
    assert _answered(api) == _made()
