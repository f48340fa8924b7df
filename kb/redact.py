"""Keeps what must not leave out of everything that leaves: keys, tokens, e-mail addresses, user
names in paths, private hosts.

Every export and answer passes quoted text through `redact`; the stored text stays as it is, so that
spans still match it. The patterns are the tables of `kb.secret_rules`, run by RE2 in linear time
over several readings of the text (`kb.readings`): what a browser, a shell or a person would put
together again is found as well.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.readings import joined, unescaped, unmarked
from kb.secret_rules import (
    FILE_ENDS,
    FORMS,
    KEEP_HOSTS,
    KEEP_USERS,
    MARKED,
    PLACES,
    SECRETS,
    Secret,
)
from kb.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["SECRETS", "Secret", "hide_keys", "redact"]

NOT_SECRET = re.compile(
    r"(?i)(?:[$%<{(\[].*|os\.(?:environ|getenv).*|process\.env.*|env\.\w.*"
    r"|import\.meta.*|settings\.\w.*|config\.\w.*|self\.\w.*|secrets\.\w.*"
    r"|(?:your|my|the|some|an?|insert|enter|replace)[_-].*|\*+|x+|\.+|-+|_+"
    r"|#+|null|none|nil|undefined|true|false|string|str|object|number|expected"
    r"|required|missing|invalid|redacted|hidden|placeholder|changeme|example"
    r"|optional|not[_-]?(?:set|needed|required|found|used)|dummy|fake|test|n/a"
    # the name of an exception after that of a provider: `Anthropic: AnthropicException`
    r"|[a-z_.]{1,60}(?:exception|error|warning)"
    r"|(?:dummy|fake|example|sample|mock)[_-].*|.{0,12}(?:\.{3}|\*{3}|x{6}|•{3}|…).{0,6}"
    r"|(?:pass(?:word|wd|phrase)|credentials?|secrets?|tokens?|keys?"
    r"|api[_-]?keys?|auth|value|variable))"
)
"""What stands where a secret would: variables, placeholders, words of an error message."""
_NAME = re.compile(
    r"[A-Z]{1,30}\d{0,2}(?:_[A-Z]{1,30}\d{0,2})+|[A-Za-z]{1,30}(?:[_.][A-Za-z]{1,30})+"
)
"""A name of a program: a variable, an attribute."""
_NO_KEY = re.compile(
    r"(?i)(?:req|request|chatcmpl|cmpl|msg|run|thread|asst|call|toolu|resp"
    r"|gen|trace|session|ses|file|batch|evt|http|https|claude|gpt|gemini|\d{4}-\d\d)[-_./:0-9].*"
    r"|v\d{1,2}[-_./].*"
)
"""What stands beside the name of a vendor and is no key of it: ids, models, versions."""
_PATH = re.compile(r"(?:^|/)[a-z]{3,}/|/[a-z]{4,}(?:$|[-_.])|\.[a-z]{2,4}$")
_OPEN_KEY = re.compile(
    r"(?i)(?:public|pub|primary|foreign|partition|sort|cache|pressed|host"
    r"|verif\w{1,10})[ _-]?keys?\W{0,8}\Z"
)
_PASSES, _DEPTH = 4, 3
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEGMENT = re.compile(r"[-_.~/+]+")
_NESTED = frozenset({"random", "named", "vendor", "strong"})
_QUOTES = tuple("\"'`=\\")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_MOST_ENCODED = 100_000
_NOT_TEXT = bytes(range(32, 127)) + b"\r\n\t"


class Found(NamedTuple):
    """A secret in a text: the span that goes and the name of its kind."""

    start: int
    end: int
    name: str


def _letters(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return b"\xe9" * (error.end - error.start), error.end


codecs.register_error("kb.redact.letters", _letters)


def _latin(text: str) -> bytes:
    """The text in one byte a character, so that offsets hold; others than Latin-1's are letters."""
    return text.encode("latin-1", "kb.redact.letters")


class _Table:
    """Rules as one pattern; the last group that matched names the rule."""

    def __init__(self, rules: tuple[Secret, ...]) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.max_mem = 256 << 20
        options.encoding = re2.Options.Encoding.LATIN1
        parts = []
        self.rules: list[Secret] = []
        for rule in rules:
            groups = re2.compile(rule.pattern.encode("latin-1"), options).groups
            parts.append(f"(?:{rule.pattern})" if groups else f"({rule.pattern})")
            self.rules += [rule] * max(1, groups)
        self.pattern: Any = re2.compile("|".join(parts).encode("latin-1"), options)

    def find(self, text: str, encoded: bytes) -> Iterator[Found]:
        """What the rules find and their checks confirm, in order, without overlaps."""
        search, rules = self.pattern.search, self.rules
        at = depth = within = 0
        while match := search(encoded, at):
            group = match.lastindex
            start, end = match.span(group)
            rule = rules[group - 1]
            if not rule.check or _CHECKS[rule.check](text, start, end):
                yield Found(start, end, rule.name)
                at = end
                continue
            if rule.check not in _NESTED:
                at = end
                continue
            # this rule was wrong about it; another may find a secret within, a few times
            depth = depth + 1 if start < within else 1
            within = max(within, end)
            at = end if depth > _DEPTH else max(start, match.start() + 1)


@cache
def _tables() -> tuple[_Table, _Table]:
    return _Table((*FORMS, *MARKED)), _Table(PLACES)


def redact(text: str) -> str:
    """The cleaned text (`kb.text.clean`) with each secret replaced by its kind in brackets, such as
    `[key]`. Idempotent; linear time.
    """
    return _replace(clean(text), lambda found: f"[{found.name}]", clean)


def hide_keys(text: str) -> str:
    """The text with `<key>` for each key, token, password or other secret; addresses, names and
    hosts stay. Idempotent.
    """
    return _replace(text, lambda found: "<key>" if found.name in _KEYS else None, str)


_KEYS = frozenset({"key", "token", "secret", "password", "private key"})


def _replace(text: str, named: Callable[[Found], str | None], settle: Callable[[str], str]) -> str:
    # what was changed is read again: what is left may be a secret now that it stands alone
    for _ in range(_PASSES):
        pieces: list[str] = []
        last = 0
        for found in find(text):
            if (name := named(found)) is not None:
                pieces += (text[last : found.start], name)
                last = found.end
        if not pieces:
            break
        text = settle("".join([*pieces, text[last:]]))
    return text


def find(text: str) -> list[Found]:
    """The secrets of a text in order, without overlaps."""
    forms, places = _tables()
    encoded = _latin(text)
    found = [*forms.find(text, encoded), *places.find(text, encoded), *_encoded(text)]
    if (plain := unescaped(text)) is not None:
        encoded = _latin(plain.text)
        found += [
            Found(*plain.back(f.start, f.end), f.name)
            for table in (forms, places)
            for f in table.find(plain.text, encoded)
        ]
    if (bare := unmarked(text)) is not None:
        found += [
            Found(*bare.back(f.start, f.end), f.name)
            for f in forms.find(bare.text, _latin(bare.text))
            if bare.crossing(f.start, f.end) is not None
        ]
    found += _over_lines(text, frozenset(f.start for f in found))
    return _merged(found)


def _merged(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=one.end)
    return kept


def _over_lines(text: str, known: frozenset[int]) -> Iterator[Found]:
    """Keys that go on in the next line. Of one that its first line tells already (one of the places
    `known`), what stands in the next must look drawn.
    """
    reading = joined(text)
    if reading is None:
        return
    for one in _tables()[0].find(reading.text, _latin(reading.text)):
        cut = reading.crossing(one.start, one.end)
        if cut is None or one.name == "private key":
            continue
        start, end = reading.back(one.start, one.end)
        if start not in known or _is_random(reading.text, cut, one.end):
            yield Found(start, end, one.name)


def _encoded(text: str) -> Iterator[Found]:
    """Runs of base64 (RFC 4648) that decode to a text with a key in it."""
    for match in _BASE64.finditer(text):
        run = match[0].rstrip("=")[:_MOST_ENCODED].replace("-", "+").replace("_", "/")
        try:
            decoded = base64.b64decode(run[: len(run) - (len(run) % 4 == 1)] + "==")
        except (binascii.Error, ValueError):
            continue
        if decoded.translate(None, _NOT_TEXT):
            continue
        forms, places = _tables()
        plain = decoded.decode("ascii")
        for table in (forms, places):
            if one := next((f for f in table.find(plain, decoded) if f.name in _KEYS), None):
                yield Found(match.start(), match.end(), one.name)
                break


# ---------------------------------------------------------------- checks


def _is_mixed(text: str, start: int, end: int) -> bool:
    """Letters and digits."""
    value = text[start:end]
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _is_random(text: str, start: int, end: int) -> bool:
    """Whether a value looks drawn, not written: letters and digits mixed within one part, or one
    long part of both cases.
    """
    value = text[start:end]
    if NOT_SECRET.fullmatch(value):
        return False
    if _UUID.fullmatch(value):
        return True
    for part in _SEGMENT.split(value):
        digits = sum(c.isdigit() for c in part)
        letters = sum(c.isalpha() for c in part)
        if len(part) >= 8 and digits >= (2 if len(part) < 24 else 1) and letters >= 2:
            return True
        if (
            len(part) >= 16
            and digits + letters >= 16
            and part != part.lower()
            and part != part.upper()
        ):
            return True
    turns, digits = _turns(value)
    return turns >= max(5, (0.3 if digits >= 2 else 0.42) * len(value))


def _turns(value: str) -> tuple[int, int]:
    """How often digits, small letters and capitals follow one another directly in a value, and the
    number of its digits.
    """
    turns = digits = 0
    last = ""
    for c in value:
        kind = "d" if c.isdigit() else "s" if c.islower() else "c" if c.isupper() else ""
        digits += kind == "d"
        turns += bool(kind and last and kind != last)
        last = kind
    return turns, digits


def _is_named(text: str, start: int, end: int) -> bool:
    """A drawn value whose name is not that of a key which anybody may know."""
    return not _OPEN_KEY.search(text[max(0, start - 40) : start]) and _is_random(text, start, end)


def _is_vendors(text: str, start: int, end: int) -> bool:
    """A drawn value that is no id of a request, no model, no call and no path."""
    value = text[start:end]
    if text[end : end + 1] == "(" or _NO_KEY.fullmatch(value) or _PATH.search(value):
        return False
    return _is_random(text, start, end)


def _is_strong(text: str, start: int, end: int) -> bool:
    """Whether what is assigned to a telling name is a value: not a variable, a placeholder or a
    word of a sentence.
    """
    value = text[start:end]
    if NOT_SECRET.fullmatch(value) or NOT_SECRET.fullmatch(value := value.rstrip(".,;")):
        return False
    if _NAME.fullmatch(value) or text[end : end + 1] == "(":
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
    "mixed": _is_mixed,
    "random": _is_random,
    "named": _is_named,
    "vendor": _is_vendors,
    "strong": _is_strong,
    "user": _is_person,
    "host": _is_private_host,
    "mail": _is_mail,
}
