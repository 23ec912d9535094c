"""These tests need no database of Django's: what they test starts databases."""

from pathlib import Path

import pytest

from runtime import places


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout, whose var/ the runtime's modules use."""
    for module in ("places", "environment", "lock", "preparation", "supervisor"):
        for name in ("CHECKOUT", "VAR"):
            value = tmp_path if name == "CHECKOUT" else tmp_path / "var"
            monkeypatch.setattr(f"runtime.{module}.{name}", value, raising=False)
    monkeypatch.setattr("runtime.preparation.PREPARED", tmp_path / "var" / "run" / "prepared.json")
    monkeypatch.setattr(places, "STATE_OF_ROOT", tmp_path / "state of root")
    monkeypatch.setattr(places, "copy_of_programs", lambda wheel: wheel)
    places.make_var()
    return tmp_path
