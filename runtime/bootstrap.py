"""Makes .venv and installs a lock into it, when that has not been done yet: `python3 bootstrap.py LOCK`.

Run by whatever Python 3 the machine has, so: standard library only, and no syntax newer than what must be
able to say that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import Optional

OLDEST, NEWEST = (3, 11), (3, 14)
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"
CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(CHECKOUT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")


def answers_as_supported(program: str) -> bool:
    """Whether this program is a Python that we can use; a shim on PATH may be there and still not run."""
    question = f"import sys; sys.exit(not ({OLDEST!r} <= sys.version_info[:2] <= {NEWEST!r}))"
    try:
        return subprocess.call([program, "-c", question], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def supported_python() -> Optional[str]:
    """Another Python of this machine that can be used, or None."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    found = [path for path in map(shutil.which, names) if path]
    return next((path for path in found if answers_as_supported(path)), None)


def continue_with_supported_python() -> None:
    """Go on in this interpreter, or start over in a supported one; exits with a sentence if there is none."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    other = supported_python()
    if other is None:
        sys.exit(
            f"Tinh So needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; this is Python {THIS}, and no other was "
            "found. Install one, or name it: make PYTHON=/path/to/python3 ..."
        )
    os.execv(other, [other, os.path.abspath(__file__), *sys.argv[1:]])


def stamp_of(lock: str) -> str:
    """What the environment was made from: the lock's content, the interpreter, and where it lies."""
    with open(os.path.join(CHECKOUT, lock), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return f"{digest} python{THIS} {os.path.realpath(VENV)}\n"


def content_of(path: str) -> str:
    """Empty where there is no such file."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def is_installed(lock: str, stamp: str) -> bool:
    return content_of(os.path.join(VENV, lock + ".stamp")) == stamp and answers_as_supported(VENV_PYTHON)


def create() -> None:
    if answers_as_supported(VENV_PYTHON):
        return
    print("Making the virtual environment .venv ...", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
        sys.exit(
            "Python could not make a virtual environment. On Debian and Ubuntu its part for that is a "
            "package of its own: apt-get install python3-venv"
        )


def install(lock: str) -> None:
    print(f"Installing {lock} ...", flush=True)
    command = [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", lock]
    if subprocess.call(command, cwd=CHECKOUT) != 0:
        sys.exit(f"Installing {lock} failed; the lines above say why.")


def install_for_browsers() -> None:
    """Plotly's smallest bundle, where npm is at hand. Without npm or a network only kilobytes are lost: the
    wheel brings the full bundle. Tried once for each package-lock.json, so that nobody waits twice."""
    npm, stamp_file = shutil.which("npm"), os.path.join(VENV, "package-lock.json.stamp")
    with open(os.path.join(CHECKOUT, "package-lock.json"), "rb") as file:
        stamp = hashlib.sha256(file.read()).hexdigest()
    if npm is None or content_of(stamp_file) == stamp:
        return
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--fetch-retries=1"]
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.call([npm, "ci", *quiet], cwd=CHECKOUT, stdin=subprocess.DEVNULL, timeout=90)
    with open(stamp_file, "w") as file:
        file.write(stamp)


def main(lock: str) -> None:
    continue_with_supported_python()
    stamp = stamp_of(lock)
    if not is_installed(lock, stamp):
        create()
        install(lock)
        with open(os.path.join(VENV, lock + ".stamp"), "w") as file:
            file.write(stamp)
    install_for_browsers()


if __name__ == "__main__":
    main(sys.argv[1])
