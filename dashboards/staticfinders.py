"""Finds the browser bundle of Plotly in the installed wheel: no copy of it lies in the repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

BUNDLE = "plotly.min.js"


class PlotlyBundleFinder(BaseFinder):
    """Serves ``vendor/plotly/plotly.min.js`` and nothing else of the package."""

    def __init__(self, app_names: list[str] | None = None, *args: Any, **kwargs: Any) -> None:
        # The folder of the package is found without importing it: Plotly takes long to import.
        spec = find_spec("plotly")
        if spec is None or spec.origin is None:
            raise ImproperlyConfigured(
                "The package plotly is not installed; its wheel holds the browser bundle."
            )
        self.storage = FileSystemStorage(location=Path(spec.origin).parent / "package_data")
        self.storage.prefix = "vendor/plotly"  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False) -> Any:
        if path != f"vendor/plotly/{BUNDLE}":
            return []
        found = self.storage.path(BUNDLE)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        yield BUNDLE, self.storage
