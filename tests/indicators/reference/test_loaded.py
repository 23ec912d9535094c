"""The reference data as they come with the system: every file loaded once, then looked at."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Count

from indicators.core.periods import parse_period
from indicators.models import Indicator, Observation, Publication, Source, Target
from indicators.services.reference.published import FIGURE_COLUMNS
from indicators.services.reference.steps import DATA, load_everything
from provinces.services.synchronising import LoadReport
from provinces.services.tables import read_table

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """The report of one load, in a transaction around the whole module."""
    report = LoadReport()
    with django_db_blocker.unblock(), transaction.atomic():
        load_everything(report, recompute=False)
        yield report
        transaction.set_rollback(True)


def only(indicator, province, period, category=None):
    rows = Observation.objects.current().filter(
        indicator__code=indicator, province__slug=province, period__code=period
    )
    return rows.get(category__code=category) if category else rows.get(category=None)


def test_everything_is_loaded_and_nothing_refused(loaded):
    assert loaded.refusals == []
    assert {kind: tally.new for kind, tally in loaded.tallies.items() if "figures" in kind} == {
        "figures of reports": 95,
        "published figures": 4178,
    }
    assert Source.objects.count() == 186
    assert Indicator.objects.count() == 130
    assert Observation.objects.filter(simulated=True).count() == 0


def test_loading_again_changes_nothing(loaded, django_assert_max_num_queries):
    before = Publication.objects.count()
    again = LoadReport()
    with django_assert_max_num_queries(170):
        load_everything(again, recompute=False)
    assert again.refusals == []
    assert not [kind for kind, tally in again.tallies.items() if tally.touched or tally.kept]
    assert Publication.objects.count() == before


def test_figures_drawn_by_lot_are_in_the_database_as_they_stand_in_the_file():
    rows = read_table(DATA / "published" / "figures.csv", FIGURE_COLUMNS)
    for row in random.Random(20250701).sample(rows, 150):
        found = Observation.objects.current().get(
            source__code=row.text("source"),
            province__slug=row.text("province"),
            indicator__code=row.text("indicator"),
            period__code=row.text("period"),
            category__code=row.optional_text("category") or None,
        )
        written = {
            "value": found.value,
            "numerator": found.numerator,
            "denominator": found.denominator,
            "rank": found.stated_rank,
            "rank_of": found.stated_rank_of,
        }
        assert {name: "" if value is None else str(value) for name, value in written.items()} == {
            name: row.optional_text(name) for name in written
        }, row.place
        assert found.qualifier == (row.optional_text("qualifier") or "exact")
        assert found.confidence == (row.optional_text("confidence") or "read")
        assert (found.as_stated, found.note_vi) == (row.optional_text("as_stated"), row.optional_text("note"))
        assert found.period.core == parse_period(row.text("period"))
        assert found.value is None or found.lower <= found.value <= found.upper


def test_ha_giang_in_the_first_half_of_2021():
    assert only("dossiers-received", "ha-giang", "2021-H1").value == 74278
    online = only("dossiers-online-received", "ha-giang", "2021-H1")
    assert (online.value, online.place) == (3215, "đoạn 3, câu 5")
    share = only("dossiers-online-rate", "ha-giang", "2021-H1")
    assert (str(share.value), share.numerator, share.denominator) == ("4.86", 3215, 66098)
    other = only("dossiers-received-new", "ha-giang", "2021-H1", "direct-or-postal")
    assert (other.value, other.as_stated) == (62883, "62.883")
    assert only("dossiers-resolved", "ha-giang", "2021-H1").value == 65466
    assert only("dossiers-on-time-rate", "ha-giang", "2021-H1").value == Decimal("92.3")


@pytest.mark.parametrize(
    ("category", "share", "dossiers", "lower", "upper"),
    [
        ("online", 48, 83681, "47.5", "48.5"),
        ("postal", 45, 78275, "44.5", "45.5"),
        ("direct", 7, 13483, "6.5", "7.5"),
    ],
)
def test_channels_of_the_social_insurance_of_cao_bang(category, share, dossiers, lower, upper):
    found = only("social-insurance-dossiers-share", "cao-bang", "2018", category)
    assert (found.value, found.numerator, found.denominator) == (share, dossiers, 175439)
    assert (found.lower, found.upper) == (Decimal(lower), Decimal(upper))
    assert only("social-insurance-dossiers-received", "cao-bang", "2018", category).value == dossiers
    assert only("social-insurance-dossiers-received", "cao-bang", "2018").value == 175439


def test_soc_trang_met_eight_of_nine_targets_and_thai_binh_has_four():
    targets = Target.objects.filter(province__slug="soc-trang")
    assert (targets.count(), targets.filter(stated_outcome="met").count()) == (9, 8)
    assert Target.objects.filter(province__slug="thai-binh", due="2022-06-30").count() == 4


def test_a_score_keeps_the_digits_of_its_scale():
    found = Observation.objects.filter(
        as_stated="0.6", indicator__code="dti-activity-digital-economy"
    ).first()
    assert str(found.value) == "0.6000"
    assert (found.lower, found.upper) == (Decimal("0.59995"), Decimal("0.60005"))
    assert str(Observation.objects.filter(as_stated="1.0000").first().value) == "1.0000"


def test_where_documents_disagree_both_stay_and_the_compiler_is_preferred():
    rows = Observation.objects.filter(
        indicator__code="papi-total", province__slug="ha-noi", period__code="2019"
    ).current()
    assert {str(row.value) for row in rows} == {"41.5330", "41.54"}
    assert str(rows.preferred().get().value) == "41.5330"


def test_a_published_rank_without_its_score_says_so():
    rows = Observation.objects.filter(value=None)
    assert rows.count() == 138
    assert set(rows.values_list("missing_reason", flat=True)) == {"not_reported"}
    assert not rows.filter(stated_rank=None).exists()
    assert set(rows.values_list("as_stated", flat=True)) == {""}


def test_a_figure_in_doubt_says_why_in_both_languages_and_is_not_computed_with():
    doubtful = Observation.objects.filter(confidence="ambiguous")
    assert doubtful.count() == 414
    assert set(doubtful.values_list("indicator__code", flat=True)) == {
        "idx766-total", "idx766-transparency", "idx766-progress", "idx766-satisfaction",
        "idx766-digitisation", "idx766-online-services-and-payment",
    }  # fmt: skip
    assert not doubtful.filter(note_vi="").exists()
    assert not Observation.objects.usable().filter(confidence="ambiguous").exists()
    assert not Observation.objects.exclude(note_vi="").filter(note_en="").exists()


def test_definitions_that_changed_are_two_indicators():
    def years(code):
        found = Observation.objects.filter(indicator__code=code).values_list("period__code", flat=True)
        return min(found), max(found)

    assert years("papi-total-6") == ("2014", "2016")
    assert years("papi-total") == ("2018", "2024")
    assert years("dti-total-2020") == ("2020", "2021")
    assert years("dti-total") == ("2022", "2024")


def test_a_part_of_a_province_is_never_the_whole():
    centre = Observation.objects.filter(category__code="provincial-centre")
    assert centre.count() > 50
    assert set(centre.values_list("category__dimension__code", flat=True)) == {"administrative-level"}


def test_the_index_of_2024_is_there_before_and_after_the_merger():
    rows = Observation.objects.filter(indicator__code="dti-total", period__code="2024").current()
    sizes = rows.values("source__code").annotate(size=Count("id")).values_list("source__code", "size")
    assert dict(sizes) == {"dti-2022-2024-63-provinces": 63, "dti-2024-34-provinces": 34}
