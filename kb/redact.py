"""Keeps what must not leave out of everything that leaves: keys, tokens, e-mail addresses, user names in paths, private hosts.

Every export and answer passes quoted text through `redact`; the stored text stays as it is, so that spans still match it.
The patterns are a table of data, run by RE2 (linear time on any text).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of text that never leaves. The part in group 1 (the whole match where there is none) becomes `[name]`."""

    name: str
    pattern: str
    why: str


SECRETS: tuple[Secret, ...] = (
    Secret(
        "private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
        "PEM blocks, also cut ones (RFC 7468)",
    ),
    Secret("key", r"\bsk-(?:or-v1-|ant-|proj-|svcacct-|admin-|lf-)?[A-Za-z0-9_-]{12,}", "OpenRouter, Anthropic, OpenAI, LangFuse"),
    Secret(
        "key",
        r"\b(?:gsk|xai|pplx|r8|hf|nvapi|fw|tgp_v1|csk|sgp|lsv2_pt|lsv2_sk|glpat|npm|dop_v1|pypi|shpat|sq0atp|rk_live|sk_live|sk_test|pk_live|tvly|fc|ctx7sk|e2b|voyage|jina|re)[-_][A-Za-z0-9_-]{16,}",
        "vendors that begin a key with their mark",
    ),
    Secret("token", r"\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{20,}", "GitHub"),
    Secret("key", r"\bAIza[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{16,}", "Google"),
    Secret("key", r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}\b", "AWS access key ids"),
    Secret("token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}", "Slack"),
    Secret("token", r"https://hooks\.slack\.com/services/([A-Za-z0-9/_-]{16,})", "Slack webhooks"),
    Secret("token", r"https://(?:discord|discordapp)\.com/api/webhooks/([A-Za-z0-9/_-]{16,})", "Discord webhooks"),
    Secret("token", r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}\b", "Discord bots"),
    Secret("token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,}", "Telegram bots"),
    Secret("token", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", "JSON Web Tokens (RFC 7519)"),
    Secret("token", r"(?i)\b(?:bearer|basic|token)\s+([A-Za-z0-9+/_.~-]{16,}={0,2})", "Authorization headers (RFC 6750)"),
    Secret(
        "secret",
        r"(?i)(?:api[_-]?key|secret|passwd|password|access[_-]?token|auth[_-]?token|refresh[_-]?token|client[_-]?secret|private[_-]?key|x-api-key|authorization)"
        r"[\"'\\]{0,3}\s*[:=]\s*[\"'\\]{0,3}([A-Za-z0-9+/_.~!@#$%^&*-]{8,}={0,2})",
        "assignments to a name that says what it is",
    ),
    Secret("password", r"\b[a-z][a-z0-9+.-]*://[^\s:/@]{1,64}:([^\s:/@]{3,128})@", "credentials in URLs (RFC 3986)"),
    Secret(
        "e-mail",
        r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b",
        "addresses of people (RFC 5322, the common part)",
    ),
    Secret(
        "user",
        r"(?i)(?:/home/|/Users/|[a-z]:[\\/]{1,4}Users[\\/]{1,4}|[\\/]{1,2}Documents and Settings[\\/]{1,2})"
        r"([^\s\\/\"'<>|:*?`,;()\[\]]{1,64})",
        "user names in paths",
    ),
    Secret(
        "host",
        r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.\d{1,3}(?:\.\d{1,3})?\b",
        "private addresses (RFC 1918, RFC 6598)",
    ),
    Secret(
        "host",
        r"(?i)\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.(?:local|lan|internal|intranet|corp|home\.arpa|ts\.net)\b",
        "private host names (RFC 6762, RFC 8375)",
    ),
    Secret("number", r"\borg-[A-Za-z0-9]{16,}\b|\bproj_[A-Za-z0-9]{16,}\b|\buser-[A-Za-z0-9]{20,}\b", "account ids of providers"),
)

KEEP_USERS = frozenset(
    {"user", "username", "you", "me", "name", "runner", "root", "public", "default", "shared", "<user>", "...", "xxx", "node", "app"}
)
"""What stands in paths for any user: says nothing about a person."""


@cache
def _compiled() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    combined = "|".join(f"(?:{secret.pattern})" for secret in SECRETS)
    return re2.compile(combined, options), _group_names()


def _group_names() -> list[tuple[str, int]]:
    """For each capturing group of the combined pattern, in order: the secret's name and its place in `SECRETS`."""
    import re2

    groups: list[tuple[str, int]] = []
    for place, secret in enumerate(SECRETS):
        groups.extend([(secret.name, place)] * re2.compile(secret.pattern).groups)
    return groups


def redact(text: str) -> str:
    """The text with each secret replaced by its kind in brackets, such as `[key]`. Idempotent; linear time."""
    pattern, groups = _compiled()
    pieces: list[str] = []
    last = 0
    for match in pattern.finditer(text):
        group = match.lastindex or 0
        start, end = match.span(group)
        name = groups[group - 1][0] if group else _name_of(match.group())
        if name == "user" and text[start:end].lower() in KEEP_USERS:
            continue
        pieces += [text[last:start], f"[{name}]"]
        last = end
    return "".join([*pieces, text[last:]]) if last else text


@cache
def _single_patterns() -> list[tuple[str, Any]]:
    import re2

    return [(secret.name, re2.compile(secret.pattern)) for secret in SECRETS]


def _name_of(found: str) -> str:
    return next((name for name, pattern in _single_patterns() if pattern.fullmatch(found)), "secret")
