"""What a harvest is given from outside: its options, the API's address and the token for it,
`--since`, and names of repositories (`owner/name`, an address, `owner/*`, a file of them).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from kb.errors import BadInputError
from kb.links import is_open, parse_address
from kb.settings import Config, Harvest
from kb.text import since_time, utc, utc_of
from miner.harvest.objects import WEB, check_repo

DEFAULT_API_URL = "https://api.github.com"
TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
TRUST_VARIABLE = "FAULTLORE_TRUST_API_URL"
"""Hosts, with commas between, to which a file may send a token or key of the environment."""

_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]+\Z")
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Access:
    """The API's address and the token for it; `source` says where the token is from."""

    url: str = DEFAULT_API_URL
    token: str | None = field(default=None, repr=False)
    source: str | None = None


class Clock(Protocol):
    """The module `time`, or what tests need not wait for."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float, /) -> None:
        """Waits."""


class HarvestOptions(Harvest, frozen=True, kw_only=True):
    """How to harvest: the settings, of which `since` is a time (ISO 8601; of a first walk, a full
    one, or one further back than before), and what only a command is asked for. `full`: walk over
    everything and mark what is no longer there.
    """

    full: bool = False
    access: Access = Access()
    clock: Clock = time

    @property
    def now(self) -> str:
        """The present moment by that clock, as text."""
        return utc_of(self.clock.time())


def find_access(
    config: Config, option: str | None = None, environ: Mapping[str, str] | None = None
) -> Access:
    """The API's address (of the option, the configuration, `GITHUB_API_URL`, else GitHub's own)
    and the token that may go there.

    A folder may hold somebody else's `faultlore.toml`: a host that it names gets the token of the
    environment only if a person named that host too, in `FAULTLORE_TRUST_API_URL` or in
    `GITHUB_API_URL`. No token goes over plain http, but to this machine.

    Raises `BadInputError`, which names the setting with file and line.
    """
    environ = os.environ if environ is None else environ
    by_file = not option and bool(config.harvest.api_url)
    address = environ.get("GITHUB_API_URL") or DEFAULT_API_URL
    name = "GITHUB_API_URL"
    if option:
        address, name = option, "--api-url"
    elif config.harvest.api_url:
        address, name = config.harvest.api_url, config.where("harvest", "api_url")
    address = checked_url(address, name)
    token, source = find_token(address, environ) or (None, None)
    if token is None:
        return Access(address)
    parts = urlsplit(address)
    if is_open(parts):
        why = f"is not encrypted, and {source} could be read on the way"
        raise BadInputError(f"{name} {address!r}: {why}; write https, or unset the token")
    if by_file and source in TOKEN_VARIABLES and not is_trusted(address, environ):
        why = f"{source} is not sent to a host that only a file names"
        remedy = f"set {TRUST_VARIABLE}={parts.netloc} if it may have the token, or unset the token"
        raise BadInputError(f"{name} {address!r}: {why}; {remedy}")
    return Access(address, token, source)


def checked_url(api_url: str, name: str = "--api-url") -> str:
    """The API's address without a last slash. Raises `BadInputError` with the setting's `name`."""
    parts = parse_address(api_url)
    if parts is None:
        expected = f"expected an address such as {DEFAULT_API_URL}"
        raise BadInputError(f"{name} {api_url!r}: {expected}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInputError(
            f"{name}: leave out user, password and query; the token comes from GITHUB_TOKEN"
        )
    return api_url.strip().rstrip("/")


def is_trusted(address: str, environ: Mapping[str, str]) -> bool:
    """Whether a person named this host; one named without a port is trusted at each."""
    named = {urlsplit(DEFAULT_API_URL).netloc}
    texts = f"{environ.get(TRUST_VARIABLE, '')},{environ.get('GITHUB_API_URL', '')}".lower()
    for text in re.split(r"[\s,]+", texts):
        named.add(text.split("://", 1)[-1].split("/", 1)[0])
    parts = urlsplit(address.lower())
    return bool({parts.hostname, parts.netloc} & named - {""})


def find_token(
    api_url: str = DEFAULT_API_URL, environ: Mapping[str, str] | None = None
) -> tuple[str, str] | None:
    """The token and where it is from (`GITHUB_TOKEN`, `GH_TOKEN` or `gh auth token`), if any.

    Raises `BadInputError`, which does not show it, for one with characters that no token has.
    """
    environ = os.environ if environ is None else environ
    found = ((environ.get(name, "").strip(), name) for name in TOKEN_VARIABLES)
    token, source = next((one for one in found if one[0]), ("", "gh auth token"))
    token = token or _from_gh(api_url, environ)
    if not token:
        return None
    if not _TOKEN.match(token):
        odd = "holds characters that no GitHub token has (a line break, a space?)"
        raise BadInputError(f"{source}: {odd}; set it again")
    return token, source


def _from_gh(api_url: str, environ: Mapping[str, str]) -> str:
    """What GitHub's command line tool has for this host, if it is there and logged in."""
    import shutil
    import subprocess

    program = shutil.which("gh", path=environ.get("PATH"))
    if program is None:
        return ""
    host = (urlsplit(api_url).hostname or "").removeprefix("api.")
    command = [program, "auth", "token", "--hostname", host]
    how: Any = {"text": True, "timeout": 15, "env": dict(environ), "stderr": subprocess.PIPE}
    try:
        # a fixed command, the host is an argument of its own
        return str(subprocess.check_output(command, **how)).strip()  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""


def parse_since(text: str, now: datetime | None = None, name: str = "--since") -> str:
    """The time that `--since` (or the setting `name`) means, from 1970 on. Raises `BadInputError`
    also for the future.
    """
    now = now or datetime.now(UTC)
    given = f"{name} {text[:40]!r}"
    try:
        time = since_time(text, now)
    except BadInputError:
        expected = "expected a span such as 90d or a date such as 2026-01-31"
        raise BadInputError(f"{given}: {expected}") from None
    if time > utc(now):
        raise BadInputError(f"{given}: lies in the future")
    return max(time, EPOCH)


def host_and_web(api_url: str) -> tuple[str, str]:
    """The host that an API's address names, and the address where its threads are shown to people.

    GitHub's own API and any server that is like it show them at github.com; GitHub Enterprise at
    the host itself (`https://HOST/api/v3`) or at that of its tenant (`https://api.TENANT.ghe.com`).
    """
    parts = urlsplit(api_url)
    host = (parts.hostname or "").lower()
    if host.startswith("api.") and host.endswith(".ghe.com"):
        return host, f"https://{host.removeprefix('api.')}"
    if parts.path.rstrip("/").endswith("/api/v3"):
        return host, f"{parts.scheme}://{parts.netloc}"
    return host, WEB


# ---------------------------------------------------------------- names of repositories

_ADDRESS = re.compile(r"https?://[^/\s]+/(?P<name>[^/\s]+/[^/\s?#]+?)(?:\.git)?(?:[/?#].*)?\Z")
_PATTERN = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]+/[A-Za-z0-9._*?-]+\Z")


def check_name(text: str) -> str:
    """A name, also out of an address, or a pattern such as `owner/*`. Raises `BadInputError`."""
    text = text.strip()
    if address := _ADDRESS.match(text):
        text = address["name"]
    return text if is_pattern(text) and _PATTERN.match(text) else check_repo(text)


def is_pattern(name: str) -> bool:
    """Whether a name stands for several repositories of its owner."""
    return "*" in name or "?" in name


def read_names(path: Path) -> list[str]:
    """The names in a file, one a line; `#` begins a comment. Raises `BadInputError` with a line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise BadInputError(f"{path}: {reason}; name a text file of repositories") from None
    names = []
    for number, line in enumerate(lines, start=1):
        if text := re.sub(r"(?:\A|\s)#.*", "", line).strip():
            try:
                names.append(check_name(text))
            except BadInputError as error:
                raise BadInputError(f"{path}:{number}: {error}") from None
    if not names:
        raise BadInputError(f"{path}: names no repository; write one a line, as owner/name")
    return names
