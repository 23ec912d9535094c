"""The order in which reference data are loaded: what is referred to comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indicators.models import Target
from indicators.services.recomputing import drain_pending
from indicators.services.reference.applying import mark_out_of_date, withdraw_lost_sources
from indicators.services.reference.catalogue import load_catalogue
from indicators.services.reference.indices import load_indices
from indicators.services.reference.published import load_published
from indicators.services.reference.reports import load_report
from indicators.services.reference.statements import Names
from provinces.services.loading import DATA as PROVINCE_DATA
from provinces.services.loading import load_provinces
from provinces.services.synchronising import LoadReport
from provinces.services.tables import DataFileError

DATA = Path(__file__).resolve().parent.parent.parent / "data"


def load_everything(
    report: LoadReport, *, data: Path = DATA, provinces: Path = PROVINCE_DATA, recompute: bool = True
) -> bool:
    """Load every step into ``report``, each file in a transaction of its own, and recompute what was touched
    (unless that is left to the worker). False where provinces or catalogue were refused: nothing can be
    loaded without them.
    """
    try:
        load_provinces(report, provinces)
        regrouped = any(tally.touched for tally in report.tallies.values())
        outdated = load_catalogue(report, data / "catalogue")
    except DataFileError as refusal:
        report.refusals.append(refusal)
        return False
    try:
        outdated |= load_indices(report, data / "indices")
    except DataFileError as refusal:
        report.refusals.append(refusal)
    if regrouped or outdated:
        mark_out_of_date(None if regrouped else outdated)
    aims = _aims()
    known = _load_facts(report, data)
    mark_out_of_date({indicator for indicator, *_ in aims ^ _aims()})
    if not report.refusals:
        withdraw_lost_sources(known, report)
    if recompute:
        drain_pending(
            cause="load_reference",
            progress=lambda done, left: report.progress("recomputed", done, done + left),
        )
    return True


def _aims() -> set[tuple[Any, ...]]:
    """Every target: its indicator, and what standings and contradictions take of it."""
    columns = ("province_id", "category_id", "due", "operator", "value", "stated_outcome")
    return set(Target.objects.order_by().values_list("indicator_id", *columns))


def _load_facts(report: LoadReport, data: Path) -> list[str]:
    """The codes of the sources that the files have."""
    names = Names.read()
    known = []
    for path in sorted((data / "reports").glob("*.yaml")):
        try:
            known.append(load_report(path, names, report))
        except DataFileError as refusal:
            report.refusals.append(refusal)
    try:
        known += load_published(data / "published", names, report)
    except DataFileError as refusal:
        report.refusals.append(refusal)
    return known
