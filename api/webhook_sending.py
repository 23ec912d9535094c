"""One webhook message over the wire: signed as Standard Webhooks has it, to public addresses only.

The name of the subscriber's host is looked up once, every address that it has must be public, and the
connection is made to the very address that was looked at: a name that leads elsewhere a moment later leads
nowhere. Redirects are not followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECRET_PREFIX = "whsec_"
_PATIENCE = 10  # seconds for each step
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TOLD = 300  # characters of an answer that are kept


class BadAddress(Exception):
    """``code``: not_https, not_public, unknown_host."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Result:
    """``status`` is missing where there was no answer; ``error`` says why, or how the answer begins."""

    status: int | None
    error: str = ""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def check_address(address: str) -> tuple[SplitResult, str]:
    """The parts of the address, and the IP address to connect to. Raises BadAddress."""
    local = settings.WEBHOOKS_TO_LOCAL_HTTP
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress("not_https") from None
    if not parts.hostname or parts.username or parts.password or parts.fragment or port == 0:
        raise BadAddress("not_https")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise BadAddress("not_https")
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress("unknown_host") from None
    addresses = [str(info[4][0]) for info in found]
    if not local and not all(map(is_public, addresses)):
        raise BadAddress("not_public")
    return parts, addresses[0]


def is_public(address: str) -> bool:
    """Neither private, loopback, link-local, multicast nor reserved, however it is wrapped in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def send(*, address: str, secret: str, message: str, timestamp: int, body: bytes) -> Result:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Tinh-So-Webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message, timestamp, body),
    }
    try:
        parts, ip = check_address(address)
        connection = _Pinned(parts, ip)
        try:
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            text = answer.read(_TOLD).decode("utf-8", "replace").replace("\x00", "")
        finally:
            connection.close()
    except BadAddress as bad:
        return Result(None, bad.code)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        return Result(None, f"{type(failure).__name__}: {failure}"[:_TOLD])
    return Result(answer.status, "" if 200 <= answer.status < 300 else text)


class _Pinned(http.client.HTTPConnection):
    """Speaks to one IP address, in the name of the host that was asked for."""

    def __init__(self, parts: SplitResult, ip: str) -> None:
        super().__init__(parts.hostname or "", _port(parts), timeout=_PATIENCE)
        self.ip, self.secure = ip, parts.scheme == "https"

    def connect(self) -> None:
        self.sock = socket.create_connection((self.ip, self.port), self.timeout)
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
