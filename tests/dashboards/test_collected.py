"""What a browser gets from a running system: files as they are collected, not as they lie in the sources."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

PRODUCT = {"BACKEND": "config.storage.HashedFiles"}
_IMPORTED = re.compile(r'^import\b[^"]*"(\./[^"]+)"', re.MULTILINE)


def test_modules_import_files_that_are_there(settings: Any, tmp_path: Path) -> None:
    """Only names with a hash are collected: a module that asked for another got nothing, and was dead."""
    assert any(_IMPORTED.findall(file.read_text()) for file in (settings.BASE_DIR / "static/js").glob("*.js"))
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": PRODUCT}
    call_command(
        "collectstatic",
        interactive=False,
        verbosity=0,
        ignore_patterns=["redoc", "rest_framework", "admin", "vendor"],
    )
    assert staticfiles_storage.url("js/form.js").startswith("/static/js/form.")
    imported = [
        (file.parent / name).resolve()
        for file in (tmp_path / "js").glob("*.js")
        for name in _IMPORTED.findall(file.read_text())
    ]
    assert len(imported) >= 2 and all(file.is_file() for file in imported)
