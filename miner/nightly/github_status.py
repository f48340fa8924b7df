"""What GitHub says of itself and of the token, for `faultlore doctor`: one request, which costs
nothing of the limit.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb.doctor import GitHubState
from kb.errors import FaultloreError
from miner.harvest.access import DEFAULT_API_URL, find_token
from miner.harvest.client import Client, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping


def ask_github(configured: str | None) -> GitHubState:
    """Asks `/rate_limit`. `configured`: the API's address of the configuration. Failures are in the
    result.
    """
    url = configured or os.environ.get("GITHUB_API_URL") or DEFAULT_API_URL
    try:
        found = find_token(url)
        token, source = found if found else (None, None)
        with Client(url, token, token_source=source, max_wait=1, tries=2) as client:
            answer = client.get("/rate_limit")
            skew = client.limits.skew
    except Refused as error:
        # GitHub Enterprise with rate limits switched off
        return GitHubState() if error.status == 404 else GitHubState(failure=str(error))
    except FaultloreError as error:
        return GitHubState(failure=str(error))
    core = _core(answer.document)
    reset = core.get("reset")
    return GitHubState(
        limit=core.get("limit"),
        remaining=core.get("remaining"),
        reset_at=datetime.fromtimestamp(reset, UTC).strftime("%H:%M:%SZ") if reset else None,
        scopes=_scopes(answer.headers),
        expires=answer.headers.get("github-authentication-token-expiration"),
        skew=-skew,
    )


def _core(document: object) -> dict[str, int]:
    resources = document.get("resources") if isinstance(document, dict) else None
    core = resources.get("core") if isinstance(resources, dict) else None
    return {k: v for k, v in core.items() if isinstance(v, int)} if isinstance(core, dict) else {}


def _scopes(headers: Mapping[str, str]) -> tuple[str, ...] | None:
    text = headers.get("x-oauth-scopes")
    return (
        None if text is None else tuple(scope.strip() for scope in text.split(",") if scope.strip())
    )
