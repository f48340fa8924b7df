"""A GitHub on loopback: issues, comments and timelines as the REST API serves them, with a switch
for each fault.

    with GitHubServer(threads) as server:          # threads in the import format
        server.faults.every[7] = "502"             # every 7th request
        server.faults.next.append("cut")           # the very next one
        server.repo("owner/name").edit_comment(11, "new text")
        ... Client(server.url) ...
        server.requests                            # what was asked, in order

Faults: `502`, `503` (with Retry-After: 1), `drop` (no answer), `cut` (half a body), `cut-json`
(half a body, declared whole), `html`, `secondary` (403 with Retry-After), `secondary-bare` (403
without), `429`, `slow` (0.2 s), `drip` (a byte now and then, for ever), `junk-items` (a list that
holds `JUNK_ITEMS` too).
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count as count_from
from typing import Any, BinaryIO, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.support.github_objects import full_comment, full_event, full_issue, number_for

Json = dict[str, Any]

DEEP = "Pagination is limited for this resource, please use cursor based pagination."
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes."
DOCS = "https://docs.github.com/rest"

JUNK_ITEMS: list[Any] = [7, "items", None, [], {}, {"number": "x", "id": -1}, {"id": 2**70}]
"""What no list of GitHub holds."""


def changed_at(item: Json) -> str:
    return str(item.get("updated_at") or item["created_at"])


@dataclass
class Asked:
    """One request that arrived, and the status it got (0: none, the connection was dropped)."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    status: int = 0
    variables: Json = field(default_factory=dict)


@dataclass
class Faults:
    """What goes wrong and when: `next` for the coming requests in order, `at` by number from 1,
    `every` by period.
    """

    next: list[str | None] = field(default_factory=list)
    at: dict[int, str] = field(default_factory=dict)
    every: dict[int, str] = field(default_factory=dict)

    def of(self, count: int) -> str | None:
        if self.next:
            return self.next.pop(0)
        return self.at.get(count) or next(
            (kind for period, kind in self.every.items() if count % period == 0), None
        )


@dataclass
class Answered:
    status: int
    document: Any
    headers: dict[str, str] = field(default_factory=dict)


def refused(status: int, message: str, **headers: str) -> Answered:
    document = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return Answered(status, document, {k.replace("_", "-"): v for k, v in headers.items()})


def moved_to(location: str) -> Answered:
    return Answered(301, {"message": "Moved", "url": location}, {"Location": location})


class Repo:
    """One repository; changes get the server's time unless told otherwise."""

    def __init__(self, server: GitHubServer, name: str) -> None:
        self.server = server
        self.name = name
        self.id = number_for(name)
        self.status = 200
        self.fork = False
        self.discussions: dict[int, Json] = {}
        self.issues: dict[int, Json] = {}
        self.comments: dict[int, tuple[int, Json]] = {}
        self.events: dict[int, list[Json]] = {}
        self.transferred: dict[str, str] = {}

    @property
    def facts(self) -> Json:
        url, talks = f"{self.server.base}/repos/{self.name}", bool(self.discussions)
        facts = {"id": self.id, "full_name": self.name, "url": url, "fork": self.fork}
        return {**facts, "has_issues": True, "has_discussions": talks}

    def add(self, thread: Json) -> None:
        number = thread["issue"]["number"]
        self.issues[number] = copy.deepcopy(thread["issue"])
        self.events[number] = copy.deepcopy(thread.get("events") or [])
        for comment in thread.get("comments") or []:
            self.comments[comment["id"]] = (number, copy.deepcopy(comment))

    def edit_issue(self, number: int, at: str | None = None, **fields: Any) -> None:
        self.issues[number] |= {"updated_at": at or self.server.now(), **fields}

    def edit_comment(self, comment_id: int, body: str, at: str | None = None) -> None:
        self.comments[comment_id][1].update(body=body, updated_at=at or self.server.now())

    def add_comment(
        self, number: int, comment_id: int, body: str, at: str | None = None, **fields: Any
    ) -> None:
        at = at or self.server.now()
        self.comments[comment_id] = (
            number,
            {"id": comment_id, "body": body, "created_at": at, "updated_at": at, **fields},
        )
        self.issues[number]["updated_at"] = at

    def delete_comment(self, comment_id: int) -> None:
        del self.comments[comment_id]

    def delete_issue(self, number: int) -> None:
        del self.issues[number]
        for comment_id in [key for key, (of, _) in self.comments.items() if of == number]:
            del self.comments[comment_id]

    def full_issue(self, issue: Json) -> Json:
        count = sum(of == issue["number"] for of, _ in self.comments.values())
        return full_issue(self.server.base, self.name, {**issue, "comments": count})

    def full_comment(self, comment: Json) -> Json:
        number = self.comments[comment["id"]][0]
        is_pull = self.issues.get(number, {}).get("pull_request") is not None
        return full_comment(self.server.base, self.name, number, is_pull, comment)

    def full_event(self, number: int, event: Json) -> Json:
        return full_event(self.server.base, self.name, number, event)


class GitHubServer:
    """The server; use it as a context manager. Its switches may be set at any time.

    `clock`: time in epoch seconds; `limit`: requests until the primary limit (None: 5,000 that
    never end), reset `limit_window` seconds after the first; `page_limit`: issue pages beyond it
    are answered 422, and links carry cursors; `depth`: comments beyond it are not listed; `etags`:
    whether unchanged answers are 304; `token`: the only one accepted; `public`: the address that
    objects name, so that two servers send the same bytes; `scopes`: what a classic token may do
    (None: a fine-grained one, which does not say); `before`: called with the server and the number
    of each request before it is answered; `sorts`: false ignores `sort`; `extra_headers`: sent with
    each answer, in place of those of the same name; `users`: owners that are no organisations.
    """

    def __init__(
        self,
        threads: Iterable[Json] = (),
        *,
        clock: Callable[[], float] = time.time,
        prefix: str = "",
    ) -> None:
        self.clock = clock
        self.prefix = prefix
        self.repos: dict[str, Repo] = {}
        self.moved: dict[str, str] = {}
        self.requests: list[Asked] = []
        self.faults = Faults()
        self.limit: int | None = None
        self.limit_window = 3600.0
        self.retry_after = 30
        self.page_limit: int | None = None
        self.depth: int | None = None
        self.etags = True
        self.sorts = True
        self.token: str | None = None
        self.public: str | None = None
        self.scopes: str | None = None
        self.before: Callable[[GitHubServer, int], None] | None = None
        self.extra_headers: dict[str, str] = {}
        self.users: set[str] = set()
        self._left = 0
        self._reset = 0.0
        self._lock = threading.RLock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        for thread in threads:
            self.repo(thread["repo"]).add(thread)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}{self.prefix}"

    @property
    def base(self) -> str:
        return self.public or self.url

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def repo(self, name: str) -> Repo:
        """The repository of this name, made if there is none."""
        return self.repos.setdefault(name, Repo(self, name))

    def rename(self, old: str, new: str) -> None:
        """Requests for the old name are answered 301 from now on."""
        repo = self.repos.pop(old)
        repo.name = new
        self.repos[new] = repo
        self.moved[old] = new
        self.moved.pop(new, None)

    def transfer(self, old: str, number: int, new: str) -> int:
        """Moves an issue to another repository, where it gets the next number; the old one is
        answered 301.
        """
        source, target = self.repo(old), self.repo(new)
        at = max(target.issues, default=0) + 1
        target.issues[at] = source.issues.pop(number) | {"number": at}
        target.events[at] = source.events.pop(number, [])
        source.transferred[str(number)] = f"{self.url}/repositories/{target.id}/issues/{at}"
        return at

    # ------------------------------------------------------------------ answering

    def handle(
        self, target: str, headers: dict[str, str], variables: Json | None = None
    ) -> tuple[Answered, str | None]:
        """The answer to a request and the fault that befalls it."""
        with self._lock:
            parts = urlsplit(target)
            asked = Asked(
                parts.path.removeprefix(self.prefix),
                dict(parse_qsl(parts.query)),
                headers,
                variables=variables or {},
            )
            self.requests.append(asked)
            if self.before:
                self.before(self, len(self.requests))
            fault = self.faults.of(len(self.requests))
            answer = self._faulty(fault) or self._limited() or self._route(asked)
            answer.headers |= self._limit_headers()
            if answer.status == 200 and self.etags:
                etag = f'W/"{hashlib.sha256(json.dumps(answer.document).encode()).hexdigest()}"'
                answer.headers["ETag"] = etag
                if headers.get("if-none-match") == etag:
                    answer.status, answer.document = 304, None
            if fault == "junk-items" and isinstance(answer.document, list):
                answer.document = [*JUNK_ITEMS, *answer.document]
            if answer.status == 200 and self.limit is not None:
                self._left -= 1
            answer.headers |= self.extra_headers
            asked.status = 0 if fault == "drop" else answer.status
            return answer, fault

    def _faulty(self, fault: str | None) -> Answered | None:
        after = str(self.retry_after)
        made = {
            "502": lambda: Answered(502, "<html>Bad gateway</html>"),
            "503": lambda: refused(503, "busy", Retry_After="1"),
            "html": lambda: Answered(200, "<!DOCTYPE html><html><body>A proxy</body></html>"),
            "secondary": lambda: refused(403, SECONDARY, Retry_After=after),
            "secondary-bare": lambda: refused(403, SECONDARY),
            "429": lambda: refused(429, "Too many requests", Retry_After=after),
        }.get(fault or "")
        return made() if made else None

    def _limited(self) -> Answered | None:
        if self.limit is None:
            return None
        if self.clock() >= self._reset:
            self._left, self._reset = self.limit, self.clock() + self.limit_window
        return None if self._left > 0 else refused(403, "API rate limit exceeded for 127.0.0.1.")

    def _limit_headers(self) -> dict[str, str]:
        left, limit, reset = 4999, 5000, self.clock() + 3600
        if self.limit is not None:
            left, limit, reset = max(0, self._left - 1), self.limit, self._reset
        found = {"Limit": limit, "Remaining": left, "Reset": int(reset)}
        return {f"X-RateLimit-{name}": str(value) for name, value in found.items()}

    def _route(self, asked: Asked) -> Answered:
        authorization = asked.headers.get("authorization")
        known = (None, f"token {self.token}", f"Bearer {self.token}")
        if self.token is not None and authorization not in known:
            return refused(401, "Bad credentials")
        parts = asked.path.strip("/").split("/")
        if parts == ["rate_limit"]:
            core = {"limit": self.limit or 5000, "used": 0, "reset": int(self.clock() + 3600)}
            core["remaining"] = 5000 if self.limit is None else self._left
            scopes = {} if self.scopes is None else {"X-OAuth-Scopes": self.scopes}
            return Answered(200, {"resources": {"core": core}, "rate": core}, scopes)
        if parts == ["graphql"]:
            return self._graphql(asked)
        if parts[0] in ("orgs", "users") and parts[2:] == ["repos"]:
            return self._owned(parts[1], asked)
        if parts[0] == "repositories" and len(parts) > 1:
            found = next((repo for repo in self.repos.values() if str(repo.id) == parts[1]), None)
            rest = parts[2:]
        else:
            name, rest = "/".join(parts[1:3]), parts[3:]
            if name in self.moved:
                target = self.repos[self.moved[name]]
                query = f"?{urlencode(asked.query)}" if asked.query else ""
                return moved_to("/".join([self.url, "repositories", str(target.id), *rest]) + query)
            by_name = {key.lower(): repo for key, repo in self.repos.items()}
            found = by_name.get(name.lower())
        if found is None:
            return self.not_found()
        if found.status != 200:
            return refused(found.status, f"status {found.status}")
        return self._resource(found, rest, asked)

    def _graphql(self, asked: Asked) -> Answered:
        """Discussions of a repository or more comments of one, as the harvest's queries ask."""
        if not asked.headers.get("authorization"):
            return refused(401, "This endpoint requires you to be authenticated.")
        wanted = asked.variables
        repo = self.repos.get(f"{wanted['owner']}/{wanted['name']}")
        if repo is None:
            error = {"type": "NOT_FOUND", "message": "Could not resolve to a Repository"}
            return Answered(200, {"data": {"repository": None}, "errors": [error]})
        most = wanted["comments"]
        if "number" in wanted:
            comments = repo.discussions[wanted["number"]]["comments"]
            found = {"discussion": {"comments": _connection(comments, wanted["after"], most)}}
        else:
            newest = sorted(repo.discussions.values(), key=changed_last, reverse=True)
            nodes = [{**d, "comments": _connection(d["comments"], None, most)} for d in newest]
            found = {"discussions": _connection(nodes, wanted["after"], wanted["first"])}
        return Answered(200, {"data": {"repository": found}})

    def _owned(self, owner: str, asked: Asked) -> Answered:
        """The repositories of an owner; one in `users` is no organisation."""
        owned = [r for r in self.repos.values() if r.name.lower().startswith(f"{owner.lower()}/")]
        if not owned or (owner in self.users) != asked.path.startswith("/users/"):
            return self.not_found()
        return self._page(owned[0], [r.facts for r in owned], asked, None, dict)

    def _resource(self, repo: Repo, rest: list[str], asked: Asked) -> Answered:
        if not rest:
            return Answered(200, repo.facts)
        if rest == ["issues"]:
            state = asked.query.get("state", "open")
            issues = repo.issues.values()
            items = [one for one in issues if state in ("all", one.get("state", "open"))]
            deep = self.page_limit is not None
            return self._page(repo, items, asked, "number", repo.full_issue, deep=deep)
        if rest == ["issues", "comments"]:
            items = [comment for _, comment in repo.comments.values()]
            return self._page(repo, items, asked, "id", repo.full_comment, depth=self.depth)
        if rest[0] != "issues" or not rest[1].isdigit():
            return self.not_found()
        number, what = int(rest[1]), rest[2:]
        if not what and number in repo.issues:
            return Answered(200, repo.full_issue(repo.issues[number]))
        if what == ["comments"]:
            items = [one for of, one in repo.comments.values() if of == number]
            return self._page(repo, items, asked, "id", repo.full_comment)
        if moved := repo.transferred.get(rest[1]):
            return moved_to("/".join([moved, *what]))
        if what == ["timeline"] and number in repo.issues:
            items, complete = repo.events.get(number, []), partial(repo.full_event, number)
            return self._page(repo, items, asked, None, complete)
        return self.not_found()

    def not_found(self) -> Answered:
        return refused(404, "Not Found")

    def _page(
        self,
        repo: Repo,
        items: list[Json],
        asked: Asked,
        key: str | None,
        complete: Callable[[Json], Json],
        *,
        deep: bool = False,
        depth: int | None = None,
    ) -> Answered:
        query = asked.query
        size, page = min(100, int(query.get("per_page", 30))), int(query.get("page", 1))
        after = query.get("after")
        if key is not None:
            if since := query.get("since"):
                items = [item for item in items if changed_at(item) >= since]
            if query.get("sort") == "updated" and self.sorts:
                back = query.get("direction", "desc") == "desc"
                items = sorted(items, key=lambda x: (changed_at(x), x[key]), reverse=back)
        if deep and not after and self.page_limit and page > self.page_limit:
            return refused(422, DEEP)
        if depth is not None:
            if (page - 1) * size >= depth > 0:
                return refused(422, DEEP)
            items = items[:depth]
        start = (page - 1) * size
        if after and key:
            behind = json.loads(base64.urlsafe_b64decode(after))
            items, start = [item for item in items if [changed_at(item), item[key]] > behind], 0
        part = items[start : start + size]
        headers = {}
        if start + size < len(items):
            more = {"page": str(page + 1)}
            if deep and key and (after or len(items) > size * (self.page_limit or 0)):
                mark = json.dumps([changed_at(part[-1]), part[-1][key]])
                more["after"] = base64.urlsafe_b64encode(mark.encode()).decode()
            rest = asked.path.strip("/").split("/")[3 if asked.path.startswith("/repos/") else 2 :]
            address = "/".join([self.url, "repositories", str(repo.id), *rest])
            kept = {k: v for k, v in query.items() if k not in ("page", "after")}
            links = {"next": kept | more, "first": kept}
            if not deep:  # lists with cursors do not say how long they are
                links["last"] = kept | {"page": str(-(-len(items) // size))}
            pairs = [f'<{address}?{urlencode(q)}>; rel="{rel}"' for rel, q in links.items()]
            headers["Link"] = ", ".join(pairs)
        return Answered(200, [complete(item) for item in part], headers)


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of the server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def changed_last(discussion: Json) -> tuple[str, int]:
    return discussion["updatedAt"], discussion["number"]


def _connection(nodes: list[Json], after: str | None, size: int) -> Json:
    """A page of a GraphQL connection; its cursor is the number of nodes before it."""
    start = int(after or 0)
    more = start + size < len(nodes)
    info = {"hasNextPage": more, "endCursor": str(start + size)}
    return {"pageInfo": info, "nodes": nodes[start : start + size]}


def _write(file: BinaryIO, body: bytes, fault: str | None) -> None:
    if fault != "drip":
        file.write(body[: len(body) // 2] if fault == "cut" else body)
        file.flush()
        return
    with suppress(OSError):  # the client has gone
        for byte in body:
            file.write(bytes([byte]))
            time.sleep(0.05)


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            self.do_GET(json.loads(self.rfile.read(size))["variables"])

        def do_GET(self, variables: Json | None = None) -> None:
            answer, fault = server.handle(
                self.path, {k.lower(): v for k, v in self.headers.items()}, variables
            )
            if fault == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if fault == "slow":
                time.sleep(0.2)
            is_text = isinstance(answer.document, str)
            text = answer.document if is_text else json.dumps(answer.document)
            body = b"" if answer.status == 304 else text.encode()
            if fault == "cut-json":
                body = body[: len(body) // 2]
            self.send_response_only(answer.status)
            if "Date" not in answer.headers:
                self.send_header("Date", formatdate(server.clock(), usegmt=True))
            self.send_header("Content-Type", "text/html" if is_text else "application/json")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            _write(self.wfile, body, fault)
            if fault == "cut":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def make_threads(
    repo: str, count: int, comments: int, *, start: str = "2025-01-01T00:00:00Z", step: int = 600
) -> list[Json]:
    """Threads with comments spread over them, `step` seconds between any two events; every third
    closed, every fifth a pull request.
    """
    ticks = count_from(datetime.fromisoformat(start).timestamp() + step, step)

    def post(author: str, body: str, **more: Any) -> Json:
        at = datetime.fromtimestamp(next(ticks), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"body": body, "user": {"login": author}, "created_at": at, "updated_at": at, **more}

    threads: list[Json] = []
    for number in range(1, count + 1):
        title = f"Error 50{number % 10} while saving"
        issue = post(f"user{number % 37}", f"It fails in step {number}.", number=number)
        issue |= {"title": title, "author_association": "NONE"}
        if number % 5 == 0:
            issue["pull_request"] = {"merged_at": issue["created_at"] if number % 2 == 0 else None}
        threads.append({"repo": repo, "issue": issue, "comments": [], "events": []})
    for index in range(comments):
        thread = threads[(index * 7919) % count]
        body = f"Comment {index}: the same here, with version 1.{index % 9}."
        thread["comments"].append(post(f"user{index % 53}", body, id=10_000 + index))
        thread["issue"]["updated_at"] = thread["comments"][-1]["created_at"]
    for thread in threads[2::3]:
        issue = thread["issue"]
        at = issue["updated_at"]
        issue |= {"state": "closed", "closed_at": at}
        closing = {"event": "closed", "id": 900_000 + issue["number"], "created_at": at}
        thread["events"].append({**closing, "actor": {"login": "keeper"}})
    return threads
