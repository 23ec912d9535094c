"""What benchmarks compare against, installed beside the application and never into it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "var" / "bench-packages"
_WANTED = ROOT / "requirements-bench.txt"


def install_packages() -> None:
    """Anew where the list has changed."""
    installed = PACKAGES / _WANTED.name
    if installed.exists() and installed.read_text() == _WANTED.read_text():
        return
    wanted = ["-r", str(_WANTED), "--no-deps", "--upgrade", "--target", str(PACKAGES)]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *wanted], check=True)
    installed.write_text(_WANTED.read_text())
