"""What a harvest is told from outside: where the token comes from, and what `--since` means."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kb.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_API_URL = "https://api.github.com"
TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")

_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]+\Z")
_AGO = re.compile(r"(\d{1,6})([hdwmy])\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


def find_token(
    api_url: str = DEFAULT_API_URL, environ: Mapping[str, str] | None = None
) -> tuple[str, str] | None:
    """The token and where it is from (`GITHUB_TOKEN`, `GH_TOKEN` or `gh auth token`), None if there
    is none.

    Raises `BadInputError` for a token with characters that no token has; the message does not show
    it.
    """
    environ = os.environ if environ is None else environ
    for name in TOKEN_VARIABLES:
        if token := environ.get(name, "").strip():
            return _checked(token, name), name
    token = _from_gh(api_url, environ)
    return (_checked(token, "gh auth token"), "gh auth token") if token else None


def _checked(token: str, source: str) -> str:
    if not _TOKEN.match(token):
        raise BadInputError(
            f"{source}: holds characters that no GitHub token has (a line break, a space?); "
            f"set it again"
        )
    return token


def _from_gh(api_url: str, environ: Mapping[str, str]) -> str:
    """What GitHub's command line tool has for this host; nothing if it is not installed or not
    logged in.
    """
    import shutil
    import subprocess

    program = shutil.which("gh", path=environ.get("PATH"))
    if program is None:
        return ""
    host = (urlsplit(api_url).hostname or "").removeprefix("api.")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, the host is an argument of its own
            [program, "auth", "token", "--hostname", host],
            capture_output=True,
            text=True,
            timeout=15,
            check=False,
            env=dict(environ),
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def parse_since(text: str, now: datetime | None = None, name: str = "--since") -> str:
    """The time that `--since` (or the setting `name`) means, ISO 8601 with `Z`: `90d` (also h, w,
    m of 30 days, y of 365),
    a date or a time.

    A time without an offset is UTC. Raises `BadInputError`.
    """
    text = text.strip()
    now = now or datetime.now(UTC)
    wrong = BadInputError(
        f"{name} {text[:40]!r}: expected a span such as 90d or a date such as 2026-01-31"
    )
    try:
        if ago := _AGO.match(text):
            moment = now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])
        else:
            moment = datetime.fromisoformat(text)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None
    if moment > now:
        raise BadInputError(f"{name} {text[:40]!r}: lies in the future")
    return max(moment, _EPOCH).strftime("%Y-%m-%dT%H:%M:%SZ")
