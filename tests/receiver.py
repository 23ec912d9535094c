"""A receiver of webhooks: HTTPS on this machine, with a certificate that a CA of the test has signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

SILENT = 0  # in a plan: no answer before `release`


@dataclass
class Receiver:
    """Answers with the statuses of ``plan``, then with 204; keeps what it was told (headers, body)."""

    plan: list[int] = field(default_factory=list)
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)  # also by GET, as a redirect would have it
    release: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def ids(self) -> list[list[int]]:
        """Of the changes in each message."""
        return [[row["id"] for row in json.loads(body)["data"]] for _headers, body in self.told]

    def is_signed(self, number: int, secret: str) -> bool:
        """As Standard Webhooks has it, worked out anew."""
        headers, body = self.told[number]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return headers["webhook-signature"] == f"v1,{expected}"


@contextmanager
def receiving(folder: Path) -> Iterator[tuple[Receiver, Path]]:
    """The receiver, and the file of the CA that must be trusted to speak to it."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.asked_for.append(self.path)
            receiver.told.append((dict(self.headers), body))
            status = receiver.plan.pop(0) if receiver.plan else 204
            if status == SILENT:
                receiver.release.wait(60)
                return
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            receiver.asked_for.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None  # whoever breaks off is told by his own side
    # The handshake in the thread of the connection: whoever breaks it off stops nobody else.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.address = f"https://127.0.0.1:{server.server_port}/hook?from=tinh-so"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver, folder / "ca.pem"
    finally:
        receiver.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
