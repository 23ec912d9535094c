"""What browsers are given comes from npm where it is at hand; nothing depends on it."""

from pathlib import Path

import pytest

from runtime import bootstrap


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "CHECKOUT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "VENV", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


def test_an_npm_that_fails_stops_nothing_and_is_asked_once(checkout: Path) -> None:
    npm = checkout / "npm"
    npm.write_text("#!/bin/sh\necho called >> calls\nexit 1\n")
    npm.chmod(0o755)
    for _ in range(2):
        bootstrap.install_for_browsers()
    assert (checkout / "calls").read_text() == "called\n"
    (checkout / "package-lock.json").write_text('{"lockfileVersion": 3}')
    bootstrap.install_for_browsers()
    assert (checkout / "calls").read_text() == "called\n" * 2, "another lock is another attempt"


def test_without_npm_it_is_tried_when_there_is_one(checkout: Path) -> None:
    bootstrap.install_for_browsers()
    assert not (checkout / "package-lock.json.stamp").exists()
