"""Keeps what must not leave out of everything that leaves: keys, tokens, e-mail addresses, user
names in paths, private hosts.

Every export and answer passes quoted text through `redact`; the stored text stays as it is, so that
spans still match it. The patterns are the table of `kb.secret_rules`, run by RE2 in one pass.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from kb.secret_rules import FILE_ENDS, KEEP_HOSTS, KEEP_USERS, SECRETS, Secret

__all__ = ["SECRETS", "Secret", "hide_keys", "redact"]

NOT_SECRET = re.compile(
    r"(?i)(?:[$%<{(\[].*|os\.(?:environ|getenv).*|process\.env.*|env\.\w.*|import\.meta.*|settings\.\w.*|config\.\w.*|self\.\w.*|secrets\.\w.*"
    r"|(?:your|my|the|some|an?|insert|enter|replace)[_-].*|\*+|x+|\.+|-+|_+|#+|null|none|nil|undefined|true|false|string|str|object|number|expected"
    r"|required|missing|invalid|redacted|hidden|placeholder|changeme|example|optional|not[_-]?(?:set|needed|required|found|used)|dummy|fake|test|n/a)"
)
"""What stands where a secret would: variables, placeholders, words of an error message."""
_PASSES, _DEPTH = 3, 3
_LONGEST = 600
"""Values longer than this that no rule takes for a secret are not searched again: keeps hostile
text linear.
"""
_SEGMENT = re.compile(r"[-_.~/]+")
_QUOTES = tuple("\"'`=\\")


@cache
def _compiled() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 256 << 20
    groups: list[int] = []
    for place, secret in enumerate(SECRETS):
        groups += [place] * re2.compile(secret.pattern, options).groups
    # one group a rule at least, so that the last group that matched names the rule
    parts = []
    places: list[int] = []
    for place, secret in enumerate(SECRETS):
        count = groups.count(place)
        parts.append(f"(?:{secret.pattern})" if count else f"({secret.pattern})")
        places += [place] * max(1, count)
    return re2.compile("|".join(parts), options), places


def redact(text: str) -> str:
    """The text with each secret replaced by its kind in brackets, such as `[key]`. Idempotent;
    linear time.
    """
    # a match may have swallowed what the next secret needs before it, so what was changed is read
    # again
    for _ in range(_PASSES):
        cleaned = _pass(text, _DEPTH)
        if cleaned == text:
            break
        text = cleaned
    return text


def hide_keys(text: str) -> str:
    """The text with `<key>` for each key, token, password or other secret; addresses, names and
    hosts stay. Idempotent.
    """
    for _ in range(_PASSES):
        cleaned = _pass(text, _DEPTH, _KEYS)
        if cleaned == text:
            break
        text = cleaned
    return text


_KEYS = frozenset({"key", "token", "secret", "password", "private key"})


def _pass(text: str, depth: int, only: frozenset[str] | None = None) -> str:
    pattern, places = _compiled()
    pieces: list[str] = []
    last = 0
    for match in pattern.finditer(text):
        group = match.lastindex
        secret = SECRETS[places[group - 1]]
        start, end = match.span(group)
        if only is not None and secret.name not in only:
            continue
        if not secret.check or _CHECKS[secret.check](text, start, end):
            if only is not None and secret.name == "key":
                start = match.start()  # with the mark that its vendor begins it with
            pieces += [text[last:start], "<key>" if only else f"[{secret.name}]"]
            last = end
        elif depth and secret.check in ("random", "strong") and match.end() - start <= _LONGEST:
            # this rule was wrong about it; another may find a secret within
            pieces += [text[last:start], _pass(text[start : match.end()], depth - 1, only)]
            last = match.end()
    return "".join([*pieces, text[last:]]) if pieces else text


def _is_random(text: str, start: int, end: int) -> bool:
    """Whether a value looks drawn, not written: letters and digits mixed within one part, or one
    long part of both cases.
    """
    value = text[start:end]
    if NOT_SECRET.fullmatch(value):
        return False
    for part in _SEGMENT.split(value):
        digits = sum(c.isdigit() for c in part)
        letters = sum(c.isalpha() for c in part)
        if len(part) >= 8 and digits >= 2 and letters >= 2:
            return True
        if (
            len(part) >= 16
            and digits + letters >= 16
            and part != part.lower()
            and part != part.upper()
        ):
            return True
    return False


def _is_strong(text: str, start: int, end: int) -> bool:
    """Whether what is assigned to a telling name is a value: not a variable, a placeholder or a
    word of a sentence.
    """
    value = text[start:end].rstrip(".,;")
    if NOT_SECRET.fullmatch(value):
        return False
    before = text[max(0, start - 2) : start]
    quoted = before[-1:] in _QUOTES or (before[-1:] == ":" and before[:1].isalnum())
    return any(c.isdigit() for c in value) or (quoted and len(value) >= 8)


def _is_person(text: str, start: int, end: int) -> bool:
    return text[start:end].lower().strip(".") not in KEEP_USERS and bool(text[start:end].strip("."))


def _is_private_host(text: str, start: int, end: int) -> bool:
    return text[start:end].lower() not in KEEP_HOSTS


def _is_mail(text: str, start: int, end: int) -> bool:
    name, _, host = text[start:end].partition("@")
    return (
        name.lower() not in ("git", "noreply", "no-reply", "hg", "svn")
        and host.rsplit(".", 1)[-1].lower() not in FILE_ENDS
    )


_CHECKS = {
    "random": _is_random,
    "strong": _is_strong,
    "user": _is_person,
    "host": _is_private_host,
    "mail": _is_mail,
}
