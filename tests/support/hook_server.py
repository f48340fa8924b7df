"""A local webhook whose answers a test decides."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "T0000AAAA-b0000CCCC-notArealWebhookKey"


@dataclass
class Hook:
    """`status` and `headers` of its answers; what it was sent is in `bodies`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def hook() -> Iterator[Hook]:
    """A webhook on a free port of this machine."""
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.paths.append(self.path)
            made.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *message: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/services/{SECRET}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mute() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/{SECRET}"
    finally:
        listening.close()
