"""A local endpoint of OpenAI's chat API, whose answers a test decides."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
Answer = "Callable[[list[tuple[int, str]]], str]"

_LINE = re.compile(r"^\[(\d+)\] (?:\(\w+\) )?(.*)$", re.MULTILINE)


def sentences(request: Json) -> list[tuple[int, str]]:
    """The numbered lines of a question."""
    text = request["messages"][-1]["content"]
    return [(int(number), words) for number, words in _LINE.findall(text)]


def kind_of(request: Json) -> str:
    """What kind of question a request is: `claims`, `pair` or `error`."""
    return str(request["response_format"]["json_schema"]["name"])


def labels(found: dict[int, str]) -> str:
    """An answer that gives sentences labels."""
    items = [{"sentence": n, "label": label, "error": None} for n, label in found.items()]
    return json.dumps({"labels": items})


@dataclass
class FakeEndpoint:
    """`answer` makes the content of a reply; `says` answers questions of yes or no instead, by
    their kind (empty: `answer` is asked those too); `faults` are replies given first: (status,
    headers, body).
    """

    answer: Callable[[Json], str]
    says: dict[str, bool] = field(default_factory=lambda: {"pair": False, "error": True})
    faults: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    requests: list[Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""

    def reply(self, request: Json) -> tuple[int, dict[str, str], bytes]:
        self.requests.append(request)
        if self.faults:
            return self.faults.pop(0)
        kind = kind_of(request)
        if kind in self.says:
            name = "same" if kind == "pair" else "error"
            content = json.dumps({name: self.says[kind]})
        else:
            content = self.answer(request)
        message = {"role": "assistant", "content": content}
        document = {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
        }
        return 200, {}, json.dumps(document).encode()


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that waits no longer is no error of the server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(endpoint: FakeEndpoint) -> Iterator[FakeEndpoint]:
    """The endpoint on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            endpoint.keys.append(self.headers.get("authorization", ""))
            status, headers, data = endpoint.reply(json.loads(body))
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *message: object) -> None:
            """Says nothing."""

    with _Http(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
        yield endpoint
        server.shutdown()
