"""What others wrote for the browser: found where it is installed, named by no machine."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from dashboards import staticfinders

LOCK = json.loads((settings.BASE_DIR / "package-lock.json").read_text())
PACKAGES = json.loads((settings.BASE_DIR / "package.json").read_text())["dependencies"]


def test_the_lock_pins_every_package_and_names_no_registry() -> None:
    locked = {name.removeprefix("node_modules/"): entry for name, entry in LOCK["packages"].items() if name}
    assert {name: entry["version"] for name, entry in locked.items()} == PACKAGES
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())
    assert "resolved" not in json.dumps(LOCK) and "://" not in json.dumps(LOCK)


def test_both_bundles_are_of_one_version() -> None:
    """The page must work the same with either."""
    full = staticfinders.of_package("plotly", "package_data/plotly.min.js")
    with full.open(encoding="utf-8") as file:
        assert f"plotly.js v{PACKAGES['plotly.js-basic-dist-min']}" in file.read(400)


def test_the_smallest_bundle_is_taken_where_npm_left_it_else_the_wheels(tmp_path: Path) -> None:
    assert staticfinders.vendored(tmp_path)[staticfinders.PLOTLY].parent.name == "package_data"
    smallest = staticfinders.of_npm(tmp_path)
    smallest.parent.mkdir(parents=True)
    smallest.write_text("//")
    assert staticfinders.vendored(tmp_path)[staticfinders.PLOTLY] == smallest


@pytest.mark.parametrize("address", [staticfinders.PLOTLY, staticfinders.HTMX])
def test_what_is_found_is_what_is_collected(address: str) -> None:
    finder = staticfinders.VendoredFinder()
    collected = dict(finder.list([]))
    assert finder.find(address, find_all=True) == [collected[address].path(address)]
    assert finder.find("vendor/other.js") == []
