"""What the settings read from the environment, and the sentences when it is not there."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def required(name: str, hint: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"The environment variable {name} is not set. {hint}")
    return value


def flag(name: str) -> bool:
    value = os.environ.get(name, "0").strip().lower()
    if value in {"1", "true", "yes"}:
        return True
    if value in {"", "0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number, 0 or more.")
    return int(value)


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(network) for network in names(name)]
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name}: {fault}; write networks as 10.20.0.0/16.") from None


def file(name: str) -> str:
    path = os.environ.get(name, "").strip()
    if path and not os.access(path, os.R_OK):
        raise ImproperlyConfigured(f"{name} is {path!r}, which cannot be read.")
    return path


def celery_broker(database_url: str, redis_url: str) -> str:
    """The broker's address: Redis where there is one, otherwise the same PostgreSQL through SQLAlchemy."""
    if redis_url:
        return redis_url
    scheme, _, rest = database_url.partition("://")
    if scheme not in {"postgres", "postgresql"} or not urlsplit(database_url).path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/database; "
            "this system speaks PostgreSQL only."
        )
    return f"sqla+postgresql+psycopg2://{rest}"
