"""Imports go one way: config → dashboards | api → reporting → indicators → provinces; the core is pure."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "provinces": set(),
    "indicators": {"provinces"},
    "reporting": {"provinces", "indicators"},
    "dashboards": {"provinces", "indicators", "reporting"},
    "api": {"provinces", "indicators", "reporting"},
    "runtime": set(),
}
PACKAGES = {*ALLOWED, "config"}


def imported(path: Path) -> set[str]:
    """Absolute names of the modules that ``path`` imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports are not used here"
            names.add(node.module or "")
    return names


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(p for p in ALLOWED if (ROOT / p).is_dir()))
def test_imports_go_one_way(package: str) -> None:
    files = modules(package)
    assert files, f"{package} is empty"
    for path in files:
        reached = {name.split(".")[0] for name in imported(path)} & PACKAGES - {package}
        wrong = reached - ALLOWED[package]
        # Django loads the Celery application through the project package; nothing else may know it.
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


FOREIGN = {"django", "rest_framework", "celery"}


@pytest.mark.parametrize(
    ("folder", "foreign"),
    [("indicators/core", FOREIGN), ("dashboards/figures", FOREIGN), ("runtime", {"django"})],
)
def test_pure_code_knows_no_framework(folder: str, foreign: set[str]) -> None:
    for path in modules(folder):
        known = {name for name in imported(path) if name.split(".")[0] in foreign}
        assert not known, f"{path.relative_to(ROOT)} imports {', '.join(sorted(known))}"


def test_services_do_not_import_tasks() -> None:
    for path in modules("indicators/services", "provinces"):
        assert "indicators.tasks" not in imported(path), path


def test_nothing_of_one_machine_is_in_the_repository() -> None:
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    ).stdout.split("\0")
    for name in filter(None, listed):
        assert not name.endswith((".min.js", ".min.css", ".mo")), f"{name} is built; it does not belong here"
