"""Whose rights the embedded PostgreSQL runs with, and which folders that account can reach.

PostgreSQL refuses to run as root. A root user therefore lends it an account that exists already; no
account is made and no permission of an existing folder is changed for it. Folders that it cannot reach
are left alone and others are used (see `places.py`).
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from runtime.errors import StartError

UNPRIVILEGED = ("postgres", "_postgres", "nobody")


class Become(TypedDict):
    """Arguments of `subprocess.Popen`."""

    user: int | None
    group: int | None
    extra_groups: list[str | int] | None


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    def to_become(self) -> Become:
        """What `subprocess` needs to become this account; nothing when we are it already."""
        if self.uid == os.geteuid():
            return Become(user=None, group=None, extra_groups=None)
        return Become(user=self.uid, group=self.gid, extra_groups=[])


def account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # a container started with a bare number
        return Account(name=str(uid), uid=uid, gid=os.getegid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account(data: Path) -> Account:
    """The account for a server on this data folder: who owns it, else an unprivileged one, else ourselves."""
    if os.geteuid() != 0:
        return account_of(os.geteuid())
    if data.exists() and data.stat().st_uid != 0:
        return account_of(data.stat().st_uid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise StartError(
        "PostgreSQL does not run as root and this machine has neither a user postgres nor nobody."
    )


def may_pass(mode: int, owner: int, group: int, account: Account) -> bool:
    """Whether the mode bits let this account search a folder, or run a file."""
    if account.uid == 0:
        return True
    if account.uid == owner:
        return bool(mode & stat.S_IXUSR)
    if account.gid == group:
        return bool(mode & stat.S_IXGRP)
    return bool(mode & stat.S_IXOTH)


def can_reach(path: Path, account: Account) -> bool:
    """Whether every folder on the way to an existing path, and the path itself, lets this account pass."""
    resolved = path.resolve()
    for part in (resolved, *resolved.parents):
        status = part.stat()
        if not may_pass(status.st_mode, status.st_uid, status.st_gid, account):
            return False
    return True
