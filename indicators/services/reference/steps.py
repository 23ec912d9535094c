"""The order in which reference data are loaded: what is referred to comes first."""

from __future__ import annotations

from provinces.services.loading import load_provinces
from provinces.services.synchronising import LoadReport
from provinces.services.tables import DataFileError


def load_everything(report: LoadReport) -> None:
    """Load every step into ``report``. A step whose tables cannot be read stops those that build on it."""
    try:
        load_provinces(report)
    except DataFileError as refusal:
        report.refusals.append(refusal)
