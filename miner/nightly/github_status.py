"""What GitHub says of itself and of the token, for `faultlore doctor`: one request, a free one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb.doctor import GitHubState
from kb.errors import FaultloreError
from miner.harvest.access import find_access
from miner.harvest.client import Client
from miner.harvest.objects import value_at
from miner.harvest.waiting import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.settings import Config


def ask_github(config: Config) -> GitHubState:
    """Asks `/rate_limit` of the API that the configuration names. Failures are in the result."""
    try:
        access = find_access(config)
        source = access.source
        with Client(access.url, access.token, token_source=source, max_wait=1, tries=2) as client:
            try:
                document, headers = client.document("/rate_limit")
            except Refused as error:
                if error.status != 404:
                    raise
                # GitHub Enterprise with rate limits switched off
                return GitHubState()
            skew = client.waits.skew
    except FaultloreError as error:
        return GitHubState(failure=str(error))
    limit, left, reset = (
        number if isinstance(number := value_at(document, "resources", "core", name), int) else None
        for name in ("limit", "remaining", "reset")
    )
    return GitHubState(
        limit=limit,
        remaining=left,
        reset_at=datetime.fromtimestamp(reset, UTC).strftime("%H:%M:%SZ") if reset else None,
        scopes=_scopes(headers),
        expires=headers.get("github-authentication-token-expiration"),
        skew=-skew,
    )


def _scopes(headers: Mapping[str, str]) -> tuple[str, ...] | None:
    text = headers.get("x-oauth-scopes")
    return None if text is None else tuple(filter(None, map(str.strip, text.split(","))))
