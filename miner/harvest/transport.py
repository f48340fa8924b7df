"""The connection to GitHub's API: PyGithub's requester without its surprises, and plain words for
what goes wrong on the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests
    from github.Requester import Requester, RequestsResponse

TIMEOUT = 60
"""Seconds without a byte until a connection counts as dropped."""


def never_connected(error: Exception) -> bool:
    """Whether no connection was made at all (no such host, refused), as opposed to one that was
    dropped.
    """
    from requests.exceptions import ConnectTimeout, ProxyError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    return isinstance(error, ConnectTimeout | ProxyError) or isinstance(cause, NewConnectionError)


def reason(error: Exception) -> str:
    """One short line for a failure of the connection, without addresses of objects."""
    from requests.exceptions import ChunkedEncodingError, ContentDecodingError, SSLError, Timeout

    if isinstance(error, Timeout):
        return "no answer in time"
    if isinstance(error, ChunkedEncodingError | ContentDecodingError):
        return "the answer was cut off"
    if isinstance(error, SSLError):
        return "its certificate was not accepted"
    return "no connection" if never_connected(error) else "the connection was dropped"


def open_requester(base: str, token: str | None) -> tuple[Requester, Any]:
    """PyGithub's requester over one connection that is kept open, and that connection.

    PyGithub drops the query when it follows a 301, which turns a list of everything into one of
    open issues only; it does not follow 308, so the connection says 308 for 301.
    """
    from github import Auth, Consts
    from github.Requester import (
        HTTPRequestsConnectionClass,
        HTTPSRequestsConnectionClass,
        Requester,
    )

    parts = urlsplit(base)
    plain: Any = (
        HTTPRequestsConnectionClass if parts.scheme == "http" else HTTPSRequestsConnectionClass
    )

    class Connection(plain):  # type: ignore[misc]
        def getresponse(self) -> RequestsResponse:
            response: RequestsResponse = super().getresponse()
            raw: requests.Response = response.response
            raw.encoding = (
                "utf-8"  # JSON is UTF-8; without this, one that names no charset is guessed at
            )
            if response.status == 301:
                response.status = 308
            return response

        def close(self) -> None:
            """PyGithub closes an injected connection after every request; `shut` is the real
            end.
            """

        def shut(self) -> None:
            self.session.close()

    class OwnRequester(Requester):
        pass

    connection = Connection(
        parts.hostname, parts.port, timeout=TIMEOUT, retry=None, pool_size=None, verify=True
    )
    OwnRequester.injectConnectionClasses(lambda *_, **__: connection, lambda *_, **__: connection)  # type: ignore[arg-type]
    requester = OwnRequester(
        auth=Auth.Token(token) if token else None,
        base_url=base,
        timeout=TIMEOUT,
        user_agent="faultlore",
        per_page=Consts.DEFAULT_PER_PAGE,
        verify=True,
        retry=None,
        pool_size=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        api_version="2022-11-28",
    )
    return requester, connection
