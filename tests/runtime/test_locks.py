"""The locks: complete, the same for developers as for users, and of no one machine."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def pins(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    found = [Requirement(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def test_every_package_is_pinned_to_one_version() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert all(re.fullmatch(r"==[\w.+!]+", str(pin.specifier)) for pin in pins(name).values()), name


def test_developers_have_what_users_have() -> None:
    developers = pins("requirements-dev.txt")
    assert {name: str(pin) for name, pin in pins("requirements.txt").items()}.items() <= {
        name: str(pin) for name, pin in developers.items()
    }.items()


def test_what_a_pinned_package_needs_is_pinned_too() -> None:
    locked = pins("requirements.txt")
    for name, pin in locked.items():
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        for text in requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in locked, f"{name} needs {needed.name}"


def test_the_locks_name_no_index_and_no_path() -> None:
    for path in ROOT.glob("requirements*"):
        assert not re.search(r"https?://|file:|--\w*index|--find-links|/home/|/tmp/", path.read_text()), path
