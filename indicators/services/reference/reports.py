"""Loading provincial reports: one YAML file each, with its source, its facts and its targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from indicators.models import Source, Target
from indicators.services.reference.applying import apply_statements, save_sources
from indicators.services.reference.documents import Entry, read_document
from indicators.services.reference.statements import Names, Statement
from provinces.services.synchronising import LoadReport, synchronise
from provinces.services.tables import DataFileError

_SOURCE_KEYS = {
    *("code", "title", "publisher", "publisher_body", "published", "published_note", "retrieved_as"),
    *("province", "note_vi", "note_en"),
}
_FACT_TEXTS = [
    *(
        "indicator",
        "period",
        "place",
        "qualifier",
        "as_stated",
        "numerator_as_stated",
        "status",
        "confidence",
    ),
    *("denominator_as_stated", "missing_reason", "note_vi", "note_en"),
]
_FACT_NUMBERS = ["value", "numerator", "denominator", "rank", "rank_of"]
_FACT_KEYS = {*_FACT_TEXTS, *_FACT_NUMBERS, "category", "province"}
# "achieved" repeats a fact of the same report beside its target, for whoever reads the file.
_TARGET_KEYS = {
    *("indicator", "category", "due", "operator", "value", "as_stated", "stated_outcome", "achieved"),
    *("basis_vi", "basis_en", "place", "note_vi", "note_en"),
}
_TARGET_COLUMNS = [
    *(
        "operator",
        "value",
        "as_stated",
        "stated_outcome",
        "basis_vi",
        "basis_en",
        "place",
        "note_vi",
        "note_en",
    ),
]


@transaction.atomic
def load_report(path: Path, names: Names, report: LoadReport) -> str:
    """Load one report; returns the code of its source. Raises DataFileError where it is no report at all."""
    document = read_document(path)
    if not isinstance(document, Entry) or not isinstance(document.get("source"), Entry):
        raise DataFileError(path.name, "A report needs source, observations, targets.")
    document.expect_only({"source", "observations", "targets", "not_loaded"})
    source = _source(document["source"], names)
    source = save_sources([source], report.tally("sources"))[source.code]
    statements = [(_statement(entry, source), source) for entry in document.entries("observations")]
    apply_statements(statements, names, report, "figures of reports")
    _load_targets(document.entries("targets"), source, names, report)
    return source.code


def _source(entry: Entry, names: Names) -> Source:
    entry.expect_only(_SOURCE_KEYS)
    slug = entry.optional_text("province")
    if slug and slug not in names.provinces:
        raise entry.error(f"There is no province “{slug}”; use a slug of provinces.csv.")
    about_date_vi, _, about_date_en = entry.optional_text("published_note").partition(" / ")
    return Source(
        code=entry.text("code"),
        title=entry.text("title"),
        publisher=entry.text("publisher"),
        publisher_body=entry.optional_text("publisher_body"),
        reference=entry.optional_text("retrieved_as"),
        published=entry.optional_text("published"),
        province=names.provinces[slug] if slug else None,
        note_vi=" ".join(filter(None, [entry.optional_text("note_vi"), about_date_vi])),
        note_en=" ".join(filter(None, [entry.optional_text("note_en"), about_date_en])),
    )


def _statement(entry: Entry, source: Source) -> Statement:
    """Raises DataFileError for what no file of this form may hold; whether the fact is right comes later."""
    entry.expect_only(_FACT_KEYS)
    dimension, category = _category(entry)
    slug = entry.optional_text("province") or (source.province.slug if source.province else "")
    texts = {name: entry.optional_text(name) for name in (*_FACT_TEXTS, *_FACT_NUMBERS)}
    return Statement(
        where=entry.place, province=slug, dimension=dimension, category=category, in_vietnamese=True, **texts
    )


def _category(entry: Entry) -> tuple[str, str]:
    found: Any = entry.get("category")
    if isinstance(found, Entry):
        return found.text("dimension"), found.text("code")
    return "", entry.optional_text("category")


def _load_targets(entries: list[Entry], source: Source, names: Names, report: LoadReport) -> None:
    records, refused = [], 0
    for entry in entries:
        try:
            records.append(_target(entry, source, names))
        except DataFileError as refusal:
            report.refusals.append(refusal)
            refused += 1
    synchronise(
        Target,
        key=["province_id", "indicator_id", "category_id", "due", "source_id"],
        records=records,
        columns=_TARGET_COLUMNS,
        tally=report.tally("targets"),
        among=Target.objects.filter(source=source),
        owned=not refused,
    )


def _target(entry: Entry, source: Source, names: Names) -> Target:
    entry.expect_only(_TARGET_KEYS)
    indicator = names.indicators.get(entry.text("indicator"))
    if indicator is None:
        raise entry.error(
            f"The catalogue has no indicator “{entry.text('indicator')}”; correct it or add it."
        )
    due = entry.day("due")
    if due is None:
        raise entry.error("“due” is missing; write a day such as 2022-06-30.")
    for name, allowed in (
        ("operator", Target.Operator.values),
        ("stated_outcome", ["", *Target.Outcome.values]),
    ):
        if entry.optional_text(name) not in allowed:
            raise entry.error(f"“{name}” must be one of {', '.join(filter(None, allowed))}.")
    return Target(
        province=source.province,
        indicator=indicator,
        due=due,
        value=entry.number("value"),
        source=source,
        basis_vi=entry.text("basis_vi"),
        basis_en=entry.text("basis_en"),
        **{
            name: entry.optional_text(name)
            for name in ("operator", "as_stated", "stated_outcome", "place", "note_vi", "note_en")
        },
    )
