"""A plugin of Datasette: the pages of the knowledge base, and what keeps a browser safe.

Datasette's own views (relations, and SQL where it was allowed) stand beside them below `/kb`. Every
text that leaves the database through them is redacted as it is read.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, unquote

import anyio.to_thread
import datasette.handle_exception as default_handler
from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from kb import lazy_re as re
from kb.errors import BadInputError, FaultloreError, NotFoundError
from kb.redact import redact
from kb.web import render
from kb.web.pages import ASKED, Links, Page, Pages, problem

# Datasette prints a traceback of every request for an unknown page where rich is installed
default_handler.rich = None

NAME = "faultlore"
SHOWN = frozenset({"entries", "claims", "mentions", "threads", "comments", "aliases", "entry_log"})
"""The relations that can be looked at as tables."""
_VIEWS = ("view-instance", "view-database", "view-query")
"""What Datasette decides as ever."""
_BODY = 4 * ASKED
"""Bytes of a request's body that are read: a character takes at most four, three of them and a
percent sign each in a form that is sent."""
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Application(Datasette):  # type: ignore[misc]
    """Datasette with the pages of a knowledge base. `hosts`: what a request's Host header may be,
    without port; `allow_sql`: readers may send SQL.

    The hooks below are asked for every Datasette of the process, and are for this one.
    """

    def __init__(
        self, pages: Pages, hosts: frozenset[str], *, allow_sql: bool, **settings: Any
    ) -> None:
        # the hooks ask for it while Datasette's own set-up runs
        self.pages, self.hosts, self.allow_sql = pages, hosts, allow_sql
        module = sys.modules[__name__]
        if not pm.is_registered(module):
            pm.register(module, name=NAME)
        super().__init__(files=[], **settings)

    def app(self) -> Any:
        """Refuses what is not for readers, and adds the headers that keep pages safe."""
        inner = super().app()

        async def guarded(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
            async def send_safe(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    names = {name for name, _ in HEADERS}
                    kept = [h for h in message.get("headers", ()) if h[0].lower() not in names]
                    message = {**message, "headers": [*kept, *HEADERS]}
                await send(message)

            if scope["type"] == "http" and (refused := self._refused(scope)):
                await Response.text(refused[1], status=refused[0]).asgi_send(send_safe)
            else:
                await inner(scope, receive, send_safe)

        return guarded

    def _refused(self, scope: Any) -> tuple[int, str] | None:
        """Status and words for a request by another name than this server's (a page elsewhere that
        lets its own name point here could read everything: DNS rebinding), for one that writes, and
        for tables that are not meant to be read, whatever Datasette's permissions come to mean.
        """
        path = scope["path"]
        if host_of(scope) not in self.hosts:
            return 421, NOT_KNOWN
        if scope["method"] not in _READ and not (scope["method"] == "POST" and path in TAKES_LOGS):
            return 405, "This server is for reading.\n"
        if path.startswith("/~"):  # Datasette's spelling of a database's name (`~6bb` for `kb`)
            return 404, "No such page.\n"
        table = _RELATION.match(path)
        if table and table[1] not in SHOWN and not (self.allow_sql and table[1] == "-"):
            return 404, "No such table.\n"
        return None


# ---------------------------------------------------------------- pages


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Any]]:
    """The pages' addresses, before Datasette's own."""
    if not isinstance(datasette, Application):
        return []
    form = r"(?:\.(?P<form>json|md))?$"
    start = _page(lambda pages, _: pages.start())
    group = _page(lambda pages, asked: pages.group(asked.kind, asked.name, asked.number))
    return [
        (r"^/$", start),
        (r"^/index\.(?P<form>json|md)$", start),
        (rf"^/ask{form}", _ask),
        (rf"^/search{form}", _page(lambda pages, asked: pages.search(asked.words))),
        (rf"^/browse{form}", _page(lambda pages, asked: pages.browse(asked.number))),
        (rf"^/review{form}", _page(lambda pages, asked: pages.review(asked.number))),
        (rf"^/entry/(?P<name>[^/]+?){form}", _page(lambda pages, asked: pages.entry(asked.name))),
        (rf"^/(?P<kind>provider|tool)/(?P<name>[^/]+?){form}", group),
        (rf"^/(?P<kind>repo)/(?P<name>[^/]+/[^/]+?){form}", group),
        (r"^/(?:-/(?!static/|faultlore/).*|_memory.*)$", _unknown),
        (r"^/-/faultlore/(?P<name>[a-z.]+)$", _asset),
    ]


class _Asked:
    """What a request's address asks for."""

    def __init__(self, request: Any) -> None:
        self.kind = request.url_vars.get("kind", "")
        self.name = unquote(request.url_vars.get("name", ""))
        self.words = request.args.get("q") or ""
        number = request.args.get("page") or ""
        # the first page of a list where that is no number
        self.number = int(number) if re.fullmatch(r"[0-9]{1,5}", number) else 1


def _page(make: Callable[[Pages, _Asked], Page]) -> Callable[..., Awaitable[Response]]:
    """What answers requests for a page."""

    async def answer(request: Any, datasette: Application) -> Response:
        return await _shown(request, datasette, lambda pages: make(pages, _Asked(request)))

    return answer


async def _shown(request: Any, datasette: Application, make: Callable[[Pages], Page]) -> Response:
    """A page in the form that the address asks for; what went wrong as a page of its own."""

    def work() -> Response:
        form = request.url_vars.get("form")
        try:
            return _response(make(datasette.pages), form, datasette.pages)
        except FaultloreError as error:
            asked_wrongly = 400 if isinstance(error, BadInputError) else 503
            status = 404 if isinstance(error, NotFoundError) else asked_wrongly
            return _response(problem(error, status), form, datasette.pages)

    # asking takes longer than answering other requests should wait
    response: Response = await anyio.to_thread.run_sync(work)
    return response


def _response(page: Page, form: str | None, pages: Pages) -> Response:
    if form == "json":
        return Response(
            render.as_json(page), status=page.status, content_type="application/json; charset=utf-8"
        )
    if form == "md":
        text = pages.kb.note(page.entry_id) if page.entry_id else render.markdown(page)
        return Response(text, status=page.status, content_type="text/markdown; charset=utf-8")
    return Response.html(render.html(page, pages.links), status=page.status)


async def _ask(request: Any, datasette: Application) -> Response:
    if request.method == "POST":
        try:
            text = await _posted(request)
        except ValueError:
            return Response.text("the form has too many fields: send one, q", status=400)
        if text is None:
            return Response.text(f"the text is too long: at most {ASKED:,} characters", status=413)
    else:
        text = _Asked(request).words
    response = await _shown(request, datasette, lambda pages: pages.answer(text))
    # what was asked stays in no cache on the way
    response.headers["cache-control"] = "no-store"
    return response


async def _posted(request: Any) -> str | None:
    """Field `q` of a posted form, or the whole body where it is plain text; None if it is too
    long. Bytes that are no UTF-8 become U+FFFD.
    """
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _BODY:
            return None
    text = body.decode("utf-8", "replace")
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "".join(parse_qs(text, max_num_fields=20).get("q", ()))
    return text


async def _asset(request: Any) -> Response:
    found = render.asset(request.url_vars["name"])
    if found is None:
        return Response.text("not found", status=404)
    return Response(found[0], content_type=found[1], headers={"cache-control": "max-age=3600"})


async def _unknown(request: Any) -> Response:
    """Datasette's pages about itself: versions, plugins, settings, databases."""
    raise NotFound(f"{request.path}: no such page")


_INLINE = re.compile(r"<(script|style)\b.*?</\1>| style=\"[^\"<>]*\"", re.DOTALL)


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Datasette's own views in the look of the other pages (`base.html`); what of them the content
    security policy refuses is left out. Text of strangers is escaped by then.
    """
    env.filters["shown"] = render.environment().filters["shown"]
    env.globals["links"] = Links()
    env.filters["without_inline"] = lambda html: Markup(_INLINE.sub("", html))  # noqa: S704


@hookimpl
def handle_exception(datasette: Datasette, request: Any, exception: Exception) -> Response | None:
    """What went wrong in the look of the other pages; in words only where they are meant for
    readers.
    """
    if not isinstance(datasette, Application):
        return None
    status = getattr(exception, "status", 500)
    words = str(exception) if status < 500 else "The server cannot answer; its log says why."
    page = problem(FaultloreError(words or "No such page."), status)
    form = "json" if request.path.endswith(".json") else None
    return _response(page, form, datasette.pages)


# ---------------------------------------------------------------- safety


@hookimpl
def skip_csrf(datasette: Datasette, scope: dict[str, Any]) -> bool:
    """Asking changes nothing, so that a form from elsewhere can do no harm."""
    return isinstance(datasette, Application) and scope["path"] == "/ask"


@hookimpl(optionalhook=True)
def permission_allowed(datasette: Datasette, action: str, resource: Any) -> bool | None:
    """SQL only where it was allowed; of the tables only those that are meant to be read."""
    if not isinstance(datasette, Application):
        return None
    if action == "execute-sql":
        return datasette.allow_sql
    if action == "view-table":
        return bool(resource) and resource[1] in SHOWN
    if action in _VIEWS:
        return None
    return False


@hookimpl
def prepare_connection(conn: sqlite3.Connection, datasette: Datasette) -> None:
    """Every text that is read through Datasette's views is redacted."""
    if isinstance(datasette, Application):
        conn.text_factory = lambda data: redact(data.decode("utf-8", "replace"))


_RELATION = re.compile(r"/kb/([^/.]+)")
_HOST = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([^\s:\[\]@/]{1,255}))(?::\d{1,5})?")


def host_of(scope: dict[str, Any]) -> str:
    """The Host header's name without its port, in lower case; empty if there is none."""
    for name, value in scope.get("headers", ()):
        if name.lower() == b"host":
            found = _HOST.fullmatch(value.decode("latin-1").strip().lower())
            return (found[1] or found[2]) if found else ""
    return ""


_READ = ("GET", "HEAD")
TAKES_LOGS = ("/ask", "/ask.json", "/ask.md")
"""What takes a log in the body of a request; all else is for reading."""
NOT_KNOWN = "This server is not known by that name; start it with --allow-host NAME.\n"
