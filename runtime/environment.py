"""What a person set, what was generated once, and the environment that every process is given."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import StartError
from runtime.places import VAR

ADMINISTRATOR = "admin"


@dataclass(frozen=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        """A host name that this machine can ask: a server on every address answers on localhost too."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def url(self) -> str:
        return f"http://{Address(self.reachable_host, self.port).bind}/"


def address_from(environ: dict[str, str]) -> Address:
    """HOST and PORT of an environment, 127.0.0.1 and 8000 where it has none."""
    host, port = environ.get("HOST") or "127.0.0.1", environ.get("PORT") or "8000"
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise StartError(f"PORT is {port!r}; it must be a number from 1 to 65535.")
    return Address(host.strip("[]"), int(port))


def kept_secret(name: str, length: int) -> str:
    """A random text kept in var/, readable by its owner only; made at the first call."""
    path = VAR / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_secret(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(length) + "\n")
    return read_secret(path)


def read_secret(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise StartError(f"{path} can be read by others: chmod 600 it, or remove it and a new one is made.")
    text = path.read_text().strip()
    if not text:
        raise StartError(f"{path} is empty: remove it and a new one is made.")
    return text


def administrator_password() -> str:
    return kept_secret("admin-password", length=12)


def environment_for_processes(
    environ: dict[str, str], *, database_url: str, address: Address | None = None
) -> dict[str, str]:
    """What each process of the application gets: what the person set, and what she did not have to set."""
    environment = {**environ, "DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    if not environment.get("SECRET_KEY"):
        environment["SECRET_KEY"] = kept_secret("secret-key", length=48)
    if address is not None:
        environment.update(HOST=address.host, PORT=str(address.port))
        environment.setdefault("ALLOWED_HOSTS", ",".join(allowed_hosts(address)))
    return environment


def allowed_hosts(address: Address) -> list[str]:
    """The names a browser on this machine uses, and the one that was chosen."""
    local = ["localhost", "127.0.0.1", "[::1]"]
    chosen = f"[{address.host}]" if ":" in address.host else address.host
    return local if chosen in (*local, "0.0.0.0", "[::]") else [*local, chosen]
