"""What comes before the first request: translations, tables, reference data, static files, an administrator.

Steps that cost seconds and change nothing are skipped: what a step was made from is remembered in
var/run/prepared.json. Migrations and reference data are never skipped; they look for themselves, and a
database may have been changed by others.
"""

import hashlib
import json
import os
import shlex
import signal
import subprocess
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from runtime.commands import (
    CREATE_ADMINISTRATOR,
    LOAD_FORMS,
    LOAD_REFERENCE,
    LOAD_SIMULATED,
    MIGRATE,
    with_this_python,
)
from runtime.environment import ADMINISTRATOR, administrator_password
from runtime.errors import StartError
from runtime.places import CHECKOUT, VAR
from runtime.processes import end_with_parent
from runtime.servers import database_identity

PREPARED = VAR / "run" / "prepared.json"
LOG = VAR / "log" / "preparation.log"
STATIC_SOURCES = (
    *("requirements.txt", "config/settings.py", "*/static/**/*", "static/**/*"),
    "node_modules/plotly*/*.js",
)


def read_prepared() -> dict[str, str]:
    try:
        return dict(json.loads(PREPARED.read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def remember(step: str, made_from: str) -> None:
    PREPARED.write_text(json.dumps(read_prepared() | {step: made_from}, indent=1))


def fingerprint(patterns: Iterable[str]) -> str:
    """Changes when a file of these patterns is added, removed or written."""
    digest = hashlib.sha256(str(CHECKOUT).encode())
    found = {path for pattern in patterns for path in CHECKOUT.glob(pattern)}
    for path in sorted(path for path in found if VAR not in path.parents):
        status = path.stat()
        digest.update(f"{path} {status.st_mtime_ns} {status.st_size}\n".encode())
    return digest.hexdigest()


def run_step(words: tuple[str, ...], environment: dict[str, str], *, show: bool = False) -> None:
    """Runs one command of the application to its end; its output goes to the log, or to the person."""
    command = with_this_python(words)
    with LOG.open("a+") as log:
        log.write(f"$ {' '.join(words)}\n")
        log.flush()
        output = None if show else log
        ended = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
    if ended.returncode != 0:
        said = "" if show else "\n" + last_lines(LOG)
        raise StartError(f"`python {' '.join(words)}` failed with exit code {ended.returncode}.{said}")


def last_lines(path: Path, count: int = 20) -> str:
    with path.open(errors="replace") as file:
        return "".join(deque(file, count)).rstrip()


def prepare_database(environment: dict[str, str]) -> None:
    """Tables, reference data and forms of this version of the code; simulated data where SIMULATED asks."""
    run_step(MIGRATE, environment)
    run_step(LOAD_REFERENCE, environment, show=True)
    run_step(LOAD_FORMS, environment, show=True)
    if environment.get("SIMULATED"):
        run_step((*LOAD_SIMULATED, *shlex.split(environment["SIMULATED"])), environment, show=True)


def static_sources_changed() -> str | None:
    """What the static files are to be made from; None when they are made from it already."""
    made_from = fingerprint(STATIC_SOURCES)
    if read_prepared().get("static") == made_from and (VAR / "static").exists():
        return None
    return made_from


def create_administrator(environment: dict[str, str]) -> str | None:
    """The password of the administrator made for this database; None if another checkout made her."""
    database = database_identity(environment["DATABASE_URL"])
    password = administrator_password()
    if read_prepared().get("administrator") == database:
        return password
    account = {
        "DJANGO_SUPERUSER_USERNAME": ADMINISTRATOR,
        "DJANGO_SUPERUSER_PASSWORD": password,
        "DJANGO_SUPERUSER_EMAIL": f"{ADMINISTRATOR}@localhost",
    }
    try:
        run_step(CREATE_ADMINISTRATOR, {**environment, **account})
    except StartError as error:
        if "already taken" not in str(error):
            raise
        return None
    remember("administrator", database)
    return password


def forget_old_logs(limit: int = 5_000_000) -> None:
    """Keeps one earlier file of each log that has grown large."""
    for path in (VAR / "log").glob("*.log"):
        if path.stat().st_size > limit:
            os.replace(path, path.with_suffix(".log.1"))
