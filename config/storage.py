"""Where static files are collected to, when they are not served out of the sources."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Every file under a name with its hash and under no other; modules import each other by those names."""

    support_js_module_import_aggregation = True
