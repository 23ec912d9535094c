"""Somebody edits a data file and loads again: corrections, withdrawals, refusals and their words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from indicators.models import Indicator, Observation, PendingRecompute, Publication, Source, Target
from indicators.services.publishing import withdraw
from indicators.services.recomputing import drain_pending
from indicators.services.reference import steps
from indicators.services.reference.steps import load_everything
from provinces.services.synchronising import LoadReport

pytestmark = pytest.mark.django_db

FILES = {
    "catalogue/dimensions.yaml": """
- code: level
  name_vi: Cấp
  name_en: Level
  categories:
    - {code: upper, name_vi: Cấp trên, name_en: Upper}
    - {code: lower, name_vi: Cấp dưới, name_en: Lower, parent: upper}
""",
    "catalogue/digital-government.yaml": """
- &share
  code: on-time-rate
  name_vi: Tỷ lệ đúng hạn
  name_en: On-time rate
  definition_vi: Tỷ lệ
  definition_en: A share
  pillar: digital-government
  kind: ratio
  measure: percent
  unit: '%'
  direction: higher
  lower_bound: 0
  upper_bound: 100
  dimension: level
  compiled_by: province
  denominator_indicator: received
- {<<: *share, code: received, kind: count, measure: count, direction: none, upper_bound: null,
   denominator_indicator: null}
""",
    "catalogue/links.yaml": "[]",
    "catalogue/breaks.yaml": "[]",
    "reports/lang-son.yaml": """
source:
  code: lang-son-2022
  title: Báo cáo
  publisher: Tỉnh Lạng Sơn
  published: null
  published_note: Không ghi ngày. / No date.
  note_vi: Ghi chú.
  note_en: A note.
  province: lang-son
observations:
  - {indicator: on-time-rate, period: 2022-Q1, as_stated: "trên 92,50%", value: 92.50, qualifier: more_than}
  - {indicator: on-time-rate, period: 2022-Q1, category: upper, as_stated: "80%", value: 80, place: "câu 3"}
targets:
  - {indicator: on-time-rate, due: 2022-12-31, operator: at_least, value: 95, as_stated: "95%",
     basis_vi: Kế hoạch, basis_en: Plan}
""",
    "published/sources.csv": """
code,title,publisher,publisher_body,reference,published
press-2023,An article,A paper,press,https://example.org/,2023-05
""",
    "published/figures.csv": """
source,indicator,category,period,province,value,qualifier,numerator,denominator,rank,rank_of,as_stated,confidence,note
press-2023,on-time-rate,,2022,lang-son,81.50,,,,12,63,81.5,derived,Theo bảng
press-2023,on-time-rate,,2022,cao-bang,,,,,1,63,,,
""",
    "published/notes.csv": "note_vi,note_en\nTheo bảng,By the table\n",
}
REPORT, FIGURES = "reports/lang-son.yaml", "published/figures.csv"


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.lstrip(), "utf-8")
    return tmp_path


def edit(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (folder / name).write_text(text.replace(old, new), "utf-8")


def load(folder):
    report = LoadReport()
    load_everything(report, data=folder, recompute=False)
    return report


def stated(province="lang-son", **filters):
    return Observation.objects.current().get(province__slug=province, **filters)


def test_what_a_file_says_is_what_is_stored(folder):
    assert load(folder).refusals == []
    rate = stated(period__code="2022-Q1", category=None)
    assert (str(rate.value), rate.qualifier, rate.as_stated) == ("92.50", "more_than", "trên 92,50%")
    assert (rate.lower, rate.upper) == (Decimal("92.50"), Decimal("92.51"))
    part = stated(period__code="2022-Q1", category__code="upper")
    assert (part.place, part.confidence, part.status) == ("câu 3", "read", "final")
    figure = stated(period__code="2022")
    assert (str(figure.value), figure.stated_rank, figure.note_en) == ("81.50", 12, "By the table")
    assert stated("cao-bang").missing_reason == "not_reported"
    source = Source.objects.get(code="lang-son-2022")
    assert (source.published, source.note_vi, source.note_en) == (
        "", "Ghi chú. Không ghi ngày.", "A note. No date.",
    )  # fmt: skip
    assert str(Target.objects.get().value) == "95"
    indicator = Indicator.objects.get(code="on-time-rate")
    assert indicator.denominator_indicator.code == "received"
    assert indicator.dimensions.get().categories.get(code="lower").parent.code == "upper"


def test_a_corrected_value_supersedes_the_old_one(folder):
    load(folder)
    old = stated(category__code="upper")
    edit(folder, REPORT, '"80%", value: 80,', '"82%", value: 82,')
    report = load(folder)
    assert str(report.tallies["figures of reports"]) == "0 new, 1 changed, 1 same"
    new = stated(category__code="upper")
    assert (new.value, new.supersedes) == (82, old)
    old.refresh_from_db()
    assert (old.value, old.superseded_at) == (80, new.recorded_at)


def test_another_precision_is_another_statement(folder):
    load(folder)
    edit(folder, FIGURES, "81.50", "81.5")
    assert load(folder).tallies["published figures"].changed == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [(REPORT, '  - {indicator: on-time-rate, period: 2022-Q1, category: upper, as_stated: "80%", value: 80, '
      'place: "câu 3"}\n'), (FIGURES, "press-2023,on-time-rate,,2022,cao-bang,,,,,1,63,,,\n")],
)  # fmt: skip
def test_a_fact_that_vanished_is_withdrawn_and_may_return(folder, name, line):
    load(folder)
    edit(folder, name, line, "")
    kind = "figures of reports" if name == REPORT else "published figures"
    assert load(folder).tallies[kind].removed == 1
    withdrawn = Observation.objects.current().get(status="withdrawn")
    assert withdrawn.value is None
    assert (withdrawn.note_vi, withdrawn.note_en) == (
        "Không còn trong tệp dữ liệu gốc", "No longer in the reference files",
    )  # fmt: skip
    again = load(folder)
    assert not again.tallies[kind].touched
    (folder / name).write_text(FILES[name].lstrip(), "utf-8")
    assert load(folder).tallies[kind].changed == 1
    assert not Observation.objects.current().filter(status="withdrawn").exists()


def test_facts_of_a_source_that_is_gone_are_withdrawn(folder):
    load(folder)
    (folder / REPORT).unlink()
    report = load(folder)
    assert report.tallies["facts of sources that are gone"].removed == 2
    assert Source.objects.filter(code="lang-son-2022").exists()


def test_nothing_is_withdrawn_while_something_is_refused(folder):
    load(folder)
    edit(folder, FIGURES, "press-2023,on-time-rate,,2022,cao-bang", "press-2023,on-time-rate,,2022,cao-bằng")
    report = load(folder)
    assert len(report.refusals) == 1
    assert stated("cao-bang").stated_rank == 1
    assert not Observation.objects.filter(status="withdrawn").exists()


def test_what_a_person_decided_is_kept(folder):
    load(folder)
    clerk = User.objects.create_user("clerk")
    withdraw(observations=[stated(category__code="upper")], reason="Nhầm tỉnh", actor=clerk)
    report = load(folder)
    assert report.tallies["figures of reports"].kept == 1
    assert stated(category__code="upper").status == "withdrawn"


def test_a_target_that_vanished_is_removed(folder):
    load(folder)
    text = (folder / REPORT).read_text("utf-8")
    (folder / REPORT).write_text(text[: text.index("targets:")], "utf-8")
    assert load(folder).tallies["targets"].removed == 1
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "sentence"),
    [
        (REPORT, "category: upper", "category: middle", 12, "no category of on-time-rate"),
        (REPORT, "category: upper", "category: {dimension: level, code: middle}", 12, "no category"),
        (REPORT, "period: 2022-Q1, category", "period: 2022-Q5, category", 12, "“2022-Q5” is no period"),
        (REPORT, '"trên 92,50%", value: 92.50', '"trên 92,50%", value: 95.20', 11, "reads as 92.50"),
        (REPORT, ", qualifier: more_than", "", 11, "but the entry says 92.50 (exact)"),
        (REPORT, "qualifier: more_than", "qualifier: over", 11, "write one of exact, more_than"),
        (REPORT, "value: 80,", "value: null,", 12, "There is no value"),
        (REPORT, 'as_stated: "80%", value: 80,', "value: 800,", 12, "outside 0–100"),
        (REPORT, "2022-Q1, category: upper", "2022-Q1, qualifier: exact", 12, "states the same fact"),
        (REPORT, "indicator: on-time-rate, due", "indicator: on-time, due", 14, "no indicator “on-time”"),
        (FIGURES, "2022,lang-son", "2022,lang-son-2025", 2, "no province “lang-son-2025”"),
        (FIGURES, "on-time-rate,,2022,lang-son", "received,,2022,lang-son", 2, "no whole number"),
        (FIGURES, "81.50,", '"81,50",', 2, "write digits with a decimal point"),
        (FIGURES, "12,63", "64,63", 2, "Rank 64 of 63 cannot be"),
        (FIGURES, "derived,", "guessed,", 2, "write one of read, derived, ambiguous"),
        (FIGURES, "Theo bảng", "Theo hình", 2, "add a line for it to notes.csv"),
        (FIGURES, "press-2023,on-time-rate,,2022,lang-son", "press,on-time-rate,,2022,lang-son", 2,
         "is not in sources.csv"),
    ],
)  # fmt: skip
def test_a_slip_is_refused_alone_with_its_line(folder, name, old, new, line, sentence):
    edit(folder, name, old, new)
    report = load(folder)
    assert [refusal.place for refusal in report.refusals] == [f"{name.rpartition('/')[2]}, line {line}"]
    assert sentence in report.refusals[0].sentence
    assert Observation.objects.count() + Target.objects.count() == 4


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "sentence"),
    [
        (REPORT, "targets:", "targets", "lang-son.yaml, line", "This is not YAML"),
        (REPORT, "place: ", "palce: ", "lang-son.yaml, line 12", "“palce” is not known here"),
        (REPORT, "value: 80,", "value: 80, value: 81,", "lang-son.yaml, line 12", "stands there twice"),
        (REPORT, "value: 80,", "value: 070,", "lang-son.yaml, line 12", "“070” is no plain number"),
        (REPORT, "province: lang-son", "province: lang-sơn", "lang-son.yaml, line 2", "“lang-sơn”"),
        (FIGURES, "rank,rank_of", "rank,of", "figures.csv, line 1", "The header must be"),
        (FIGURES, "81.50,", "81,50,", "figures.csv, line 2", "look for a comma"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_whole(folder, name, old, new, place, sentence):
    edit(folder, name, old, new)
    report = load(folder)
    (refusal,) = report.refusals
    assert refusal.place.startswith(place)
    assert sentence in refusal.sentence
    assert Observation.objects.count() == 2
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("digital-government.yaml", "kind: ratio", "kind: share", "write one of ratio, rate, count, score"),
        ("digital-government.yaml", "code: received, ", "code: on-time-rate, ", "names one definition"),
        ("digital-government.yaml", "dimension: level", "dimension: channel", "not in dimensions.yaml"),
        ("digital-government.yaml", "denominator_indicator: received", "denominator_indicator: sent",
         "names “sent”, which is not in the catalogue"),
        ("dimensions.yaml", "parent: upper", "parent: top", "which is no category of level"),
        ("links.yaml", "[]", "- {predecessor: received, successor: on-time-rate}", "A link needs"),
    ],
)  # fmt: skip
def test_a_slip_in_the_catalogue_stops_the_load(folder, name, old, new, sentence):
    edit(folder, f"catalogue/{name}", old, new)
    report = LoadReport()
    assert not load_everything(report, data=folder, recompute=False)
    (refusal,) = report.refusals
    assert sentence in refusal.sentence
    assert not Indicator.objects.exists()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("catalogue/digital-government.yaml", "direction: higher", "direction: lower"),
        ("catalogue/digital-government.yaml", "upper_bound: 100", "upper_bound: 99"),
        (REPORT, "value: 95,", "value: 96,"),
    ],
)
def test_what_figures_are_computed_by_makes_them_out_of_date(folder, name, old, new):
    load(folder)
    drain_pending(cause="test")
    load(folder)
    assert not PendingRecompute.objects.exists()
    edit(folder, name, old, new)
    load(folder)
    assert {p.period.code for p in PendingRecompute.objects.select_related("period")} == {"2022-Q1", "2022"}


def test_the_command_says_what_it_did_and_what_it_refused(folder, monkeypatch, capsys):
    monkeypatch.setattr(steps.load_everything, "__kwdefaults__", {
        **steps.load_everything.__kwdefaults__, "data": folder,
    })  # fmt: skip
    edit(folder, FIGURES, "12,63", "64,63")
    call_command("load_reference", no_recompute=True)
    said = capsys.readouterr()
    assert "published figures    1 new, 0 changed, 0 same" in said.out
    assert "Refused: figures.csv, line 2: Rank 64 of 63 cannot be." in said.err
    assert Publication.objects.filter(cause="reference").count() == 2
    with pytest.raises(CommandError, match="1 refused"):
        call_command("load_reference", strict=True, no_recompute=True)
