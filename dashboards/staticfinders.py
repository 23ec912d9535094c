"""Finds what others wrote for the browser where it is installed: no copy of it lies in the repository.

Plotly's smallest bundle comes from npm where that was at hand when the system was installed (package.json);
otherwise the wheel of PyPI brings the full one. Both draw the same; htmx comes with a wheel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

PLOTLY = "vendor/plotly/plotly.min.js"
HTMX = "vendor/htmx/htmx.min.js"


def of_npm(folder: Path) -> Path:
    return folder / "node_modules" / "plotly.js-basic-dist-min" / "plotly-basic.min.js"


def of_package(package: str, path: str) -> Path:
    """A file of an installed package, without importing it: Plotly takes long to import."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(f"The package {package} is not installed; its wheel holds {path}.")
    return Path(spec.origin).parent / path


def vendored(folder: Path) -> dict[str, Path]:
    """Address below STATIC_URL → the file."""
    smallest = of_npm(folder)
    return {
        PLOTLY: smallest if smallest.is_file() else of_package("plotly", "package_data/plotly.min.js"),
        HTMX: of_package("django_htmx", "static/django_htmx/htmx-2.min.js"),
    }


class VendoredFinder(BaseFinder):
    """Serves the files of ``vendored`` and nothing else of their packages."""

    def __init__(self, app_names: list[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self.files = vendored(settings.BASE_DIR)

    def find(self, path: str, find_all: bool = False) -> Any:
        found = self.files.get(path)
        if found is None:
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for address, file in self.files.items():
            yield address, _OneFile(file)


class _OneFile(FileSystemStorage):
    """Whatever is asked of it, it is this file: what is collected has another name where it lies."""

    def __init__(self, file: Path) -> None:
        super().__init__(location=file.parent)
        self.file = file

    def path(self, name: str) -> str:
        return str(self.file)
