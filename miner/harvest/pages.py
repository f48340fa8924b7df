"""Pages of a list through PyGithub, as GitHub sent them.

`RawItem` is an item that never asks for more (an `Issue` would cost a request each). `ItemPage`
looks at an answer before PyGithub builds on it: that takes what a server sends for what GitHub
documents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from github.GithubObject import NonCompletableGithubObject
from github.PaginatedList import PaginatedList
from requests.utils import parse_header_links

from miner.harvest.failures import Passing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github.Requester import Requester

    from miner.harvest.objects import Json
    from miner.harvest.waiting import Waits

_SECRET_PARAMETERS = frozenset({"access_token", "client_secret", "token"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    `items`: its objects as GitHub sent them; `odd`: the types of what stood there and is no object;
    `next_url`: path and query of the next page, below the API's base; `last_page`: the number of
    the list's last page, where GitHub names one; `server_time`: epoch seconds; `not_modified`:
    nothing has changed since the answer whose `etag` was sent along; `moved_to`: the path to which
    the request was redirected.
    """

    items: list[Json]
    server_time: float
    odd: list[str] = field(default_factory=list)
    next_url: str | None = None
    etag: str | None = None
    last_page: int | None = None
    not_modified: bool = False
    moved_to: str | None = None


class RawItem(NonCompletableGithubObject):
    """An object of a list as GitHub sent it; whatever it is asked for, no request is sent."""

    def _initAttributes(self) -> None:  # noqa: N802 - PyGithub's name
        """It has none but `raw_data`."""

    def _useAttributes(self, attributes: Json) -> None:  # noqa: N802 - PyGithub's name
        """Nothing is made of them."""


class ItemPage(PaginatedList[RawItem]):
    """One page of a list through PyGithub."""

    def __init__(self, requester: Requester, prefix: str, url: str, etag: str | None) -> None:
        self._prefix = prefix
        self._etag = etag
        self._answered: Json = {}
        self._odd: list[str] = []
        self._links: dict[str, str] = {}
        parts = urlsplit(url)
        super().__init__(
            RawItem,
            requester,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={"If-None-Match": etag} if etag else None,
        )

    def read(self, waits: Waits) -> Page:
        """Sends the request. Raises `Passing` for what is no list."""
        items = [item.raw_data for item in self._fetchNextPage()]
        etag = self._answered.get("etag")
        last = dict(parse_qsl(urlsplit(self._links.get("last", "")).query)).get("page", "")
        return Page(
            items,
            waits.note(self._answered),
            self._odd,
            next_url=self._links.get("next"),
            etag=etag,
            last_page=int(last) if last.isdecimal() else None,
            # a 304 has no body; an empty list of the same tag says the same
            not_modified=self._etag is not None and not items and etag in (None, self._etag),
        )

    def _getPage(self, data: Any, headers: Json | None) -> list[RawItem]:  # noqa: N802
        """Checks an answer before PyGithub builds on it."""
        self._answered = headers or {}
        if not isinstance(data, list):
            raise Passing(what_it_is(data, self._answered))
        self._odd = [type(item).__name__ for item in data if not isinstance(item, dict)]
        self._links = {
            link["rel"]: relative(link["url"], self._prefix)
            for link in reversed(parse_header_links(str(self._answered.get("link", ""))))
            if link.get("rel") and link.get("url")
        }
        # without its links: PyGithub expects them in one spelling, and would follow them anywhere
        kept = {name: value for name, value in self._answered.items() if name != "link"}
        return super()._getPage([item for item in data if isinstance(item, dict)], kept)


def what_it_is(data: object, headers: Mapping[str, Any]) -> str:
    """What came where a list should, in words."""
    if location := headers.get("location"):
        return f"it redirects to {urlsplit(str(location)).hostname}"
    text = data.get("data") if isinstance(data, dict) else None
    if isinstance(text, str):
        if text.lstrip()[:1] == "<":
            return "it answered with a web page (is --api-url right?)"
        return "it answered with a text that is not JSON"
    return "it answered with an object where a list was expected (is --api-url right?)"


def relative(url: str, prefix: str) -> str:
    """Path and query below the API's base: the token goes to no other host, whatever an answer
    names, and no secret into storage.
    """
    parts = urlsplit(url)
    below = prefix and parts.path.startswith(prefix + "/")
    path = parts.path.removeprefix(prefix) if below else parts.path
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = [(name, value) for name, value in given if name.lower() not in _SECRET_PARAMETERS]
    return ("/" + path.lstrip("/")) + (f"?{urlencode(query)}" if query else "")
