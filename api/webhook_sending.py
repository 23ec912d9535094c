"""One webhook message over the wire: signed as Standard Webhooks has it, by HTTPS, to public addresses only.

The name of the subscriber's host is looked up once, every address that it has must be public (or in one of
WEBHOOKS_NETWORKS), and the connection is made to the very address that was looked at: a name that leads
elsewhere a moment later leads nowhere. Redirects are not followed.
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
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECRET_PREFIX = "whsec_"
_PATIENCE = 10  # seconds for each step
_MOST_PATIENCE = 30  # for all of them: who answers a letter at a time holds nobody up
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TOLD = 300  # characters of an answer that are kept


class BadAddress(Exception):
    """``code``: not_https, not_public, unknown_host."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Result:
    """``status`` is missing where there was no answer; ``error`` says why (a code, perhaps with a colon and
    details), or how the answer begins."""

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
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress("not_https") from None
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise BadAddress("not_https")
    if parts.fragment or port == 0:
        raise BadAddress("not_https")
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress("unknown_host") from None
    addresses = [str(info[4][0]) for info in found]
    if not all(is_public(address) or _is_ours(address) for address in addresses):
        raise BadAddress("not_public")
    return parts, addresses[0]


def _is_ours(address: str) -> bool:
    """In a network of ours that messages may be sent into."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return any(ip in network for network in settings.WEBHOOKS_NETWORKS)


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
        connection = _Pinned(*check_address(address))
    except BadAddress as bad:
        return Result(None, bad.code)
    try:
        with connection.ended_after(_MOST_PATIENCE):
            connection.request("POST", connection.target, body, headers)
            answer = connection.getresponse()
            text = answer.read(_TOLD).decode("utf-8", "replace").replace("\x00", "")
    except (OSError, http.client.HTTPException, ValueError) as failure:
        return Result(None, _why(failure, connection.overdue))
    return Result(answer.status, "" if 200 <= answer.status < 300 else text)


def _why(failure: Exception, overdue: bool) -> str:
    if overdue or isinstance(failure, TimeoutError):
        return "timed_out"
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"bad_certificate: {failure.verify_message}"[:_TOLD]
    code = "no_tls" if isinstance(failure, ssl.SSLError) else "no_connection"
    return f"{code}: {failure}"[:_TOLD]


class _Pinned(http.client.HTTPSConnection):
    """Speaks to one IP address, in the name of the host that was asked for."""

    def __init__(self, parts: SplitResult, ip: str) -> None:
        self.context = ssl.create_default_context()
        if settings.WEBHOOKS_CA_FILE:
            self.context.load_verify_locations(settings.WEBHOOKS_CA_FILE)
        super().__init__(parts.hostname or "", _port(parts), timeout=_PATIENCE, context=self.context)
        self.ip, self.overdue = ip, False
        self.target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"

    def connect(self) -> None:
        plain = socket.create_connection((self.ip, self.port), self.timeout)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()

    @contextmanager
    def ended_after(self, seconds: float) -> Iterator[None]:
        """Closed at the end, or when these are over, whatever is going on then."""
        clock = threading.Timer(seconds, self._give_up)
        clock.start()
        try:
            yield
        finally:
            clock.cancel()
            self.close()

    def _give_up(self) -> None:
        self.overdue = True
        with suppress(OSError, AttributeError):  # not connected, or no longer
            self.sock.shutdown(socket.SHUT_RDWR)


def _port(parts: SplitResult) -> int:
    return parts.port or 443
