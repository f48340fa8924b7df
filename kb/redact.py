"""Keeps what must not leave out of everything that leaves: keys, tokens, e-mail addresses, user
names in paths, private hosts.

Every export and answer passes quoted text through `redact`; the stored text stays as it is, so that
spans still match it. The patterns are the rows of `rules/secrets.toml` (its head says what the
columns mean), `key_formats.txt` and `key_vendors.txt`, run by RE2 in linear time over several
readings of the text (`kb.readings`): what a browser, a shell or a person would put together again
is found as well.
"""

from __future__ import annotations

import base64
import binascii
import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any, Literal, NamedTuple, TypeVar

import re2

from kb import lazy_re as re
from kb.prefilter import generous
from kb.providers import names, providers
from kb.readings import joined, unescaped, unmarked
from kb.tables import load_toml, put_together, read_text
from kb.text import clean

T = TypeVar("T")

# ---------------------------------------------------------------- the rules

Check = Literal["", "mixed", "random", "named", "vendor", "strong", "user", "host", "mail"]


class Secret(NamedTuple):
    """A kind of text that never leaves: group 1, or all of it, becomes `[name]`."""

    name: str
    pattern: str
    why: str
    check: Check = ""


def _rows(name: str) -> list[str]:
    lines = read_text(f"rules/{name}").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _keys() -> list[Secret]:
    """Keys that their form alone identifies: pattern, and whose it is."""
    found = []
    for line in _rows("key_formats.txt"):
        pattern, whose = line.split(None, 1)
        found.append(Secret("key", pattern, whose))
    for one in providers():
        found += [
            Secret("key", f"{re.escape(mark)}[A-Za-z0-9_-]{{16,}}", one.title) for mark in one.keys
        ]
    return found


_TABLE = load_toml("secrets.toml")
_PARTS = {name: put_together(part, {}) for name, part in _TABLE["parts"].items()}
_PARTS["vendors"] = "|".join(
    re.escape(row).replace(r"\-", "[ _-]") for row in sorted({*_rows("key_vendors.txt"), *names()})
)


def _secrets(kind: str) -> tuple[Secret, ...]:
    rows = (row | {"pattern": put_together(row["pattern"], _PARTS)} for row in _TABLE[kind])
    return tuple(Secret(**row) for row in rows)


KEY_FORMATS = tuple(_keys())
FORMS = (*_secrets("block"), *KEY_FORMATS, *_secrets("form"))
"""Told by their form alone. Every export is searched for them in several readings: as it stands,
with its escapes resolved, with its lines joined, with its base64 decoded.
"""
MARKED = _secrets("marked")
"""What only resembles a key by its form."""
PLACES = _secrets("place")
"""Told by what stands before them."""
VENDORS = _secrets("vendor")
"""Told by the name of a vendor."""
PEOPLE = _secrets("person")
SECRETS = (*FORMS, *MARKED, *PLACES, *VENDORS, *PEOPLE)

KEEP_USERS = frozenset(_TABLE["keep_users"].split())
KEEP_HOSTS = frozenset(_TABLE["keep_hosts"].split())
FILE_ENDS = frozenset(_TABLE["file_ends"].split())

# ---------------------------------------------------------------- finding and replacing

NOT_SECRET, _NO_KEY, _OPEN_KEY, _NAME = (
    re.compile(put_together(_TABLE["checks"][name], {}))
    for name in ("not_secret", "no_key", "open_key", "name")
)
_PATH = re.compile(r"(?:^|/)[a-z]{3,}/|/[a-z]{4,}(?:$|[-_.])|\.[a-z]{2,4}$")
_PASSES, _DEPTH = 4, 3
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART = re.compile(r"[^-_.~/+]{8,}")
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


_NEXT = re.compile(r"&[\w.-]{1,40}=\Z")


def _before_next(text: str, start: int, end: int) -> int:
    """Where a value ends that a query goes on behind: `k1` of `k1&token=`."""
    following = text[end - 1] == "=" and _NEXT.search(text, max(start + 1, end - 42), end)
    return following.start() if following else end


_NUMBERS = re.compile(rb"(?<!\\)\{(\d+)(?:,\d*)?\}")


def _few(times: re.Match[bytes]) -> bytes:
    """At least as many times, or four."""
    return b"{%d,}" % min(4, int(times[1]))


def _any(patterns: Iterable[bytes]) -> Any:
    """Patterns as one without groups."""
    joined = b"|".join(b"(?:%b)" % pattern for pattern in patterns)
    return re2.compile(joined, _options(capture=False))


def _options(*, capture: bool) -> Any:
    """How RE2 reads rules: as Latin-1; with groups only where their places are asked."""
    options = generous(ascii_only=True)
    options.max_mem = 256 << 20
    options.never_capture = not capture
    return options


class _Table:
    """Rules as one pattern without groups, which finds where one of them matches; a set names the
    first one that does, and its own pattern the part that goes.

    Groups in a pattern of this size would cost more than all the rest: without them RE2 runs one
    automaton over the text.
    """

    def __init__(self, rules: tuple[Secret, ...]) -> None:
        self.rules = rules
        self._patterns = [rule.pattern.encode("latin-1") for rule in rules]

    @cached_property
    def pattern(self) -> Any:
        """The rules as one pattern; a large automaton, made for a text that may hold a secret."""
        return _any(self._patterns)

    @cached_property
    def _may(self) -> Any:
        """What is found wherever `pattern` is: a small automaton, since it counts to four only."""
        return _any(_NUMBERS.sub(_few, pattern) for pattern in self._patterns)

    @cached_property
    def _each(self) -> tuple[Any, list[Any]]:
        """The rules as a set that says which of them a match is, and one by one."""
        options = _options(capture=True)
        named = re2.Set.FullMatchSet(options)
        for pattern in self._patterns:
            named.Add(pattern)
        named.Compile()
        return named, [re2.compile(pattern, options) for pattern in self._patterns]

    def find(self, text: str, encoded: bytes) -> Iterator[Found]:
        """What the rules find and their checks confirm, in order, without overlaps."""
        if self._may.search(encoded) is None:
            return
        at = depth = within = 0
        matches = self.pattern.finditer(encoded, at)
        while (match := next(matches, None)) is not None:
            first, last = match.span()
            start, end, name, nested = self._judge(text, encoded, first, last)
            if name is not None:
                yield Found(start, end, name)
                at = end
            elif not nested:
                at = end
            else:
                # this rule was wrong about it; another may find a secret within, a few times
                depth = depth + 1 if start < within else 1
                within = max(within, end)
                at = end if depth > _DEPTH else max(start, first + 1)
            if at != last:
                matches = self.pattern.finditer(encoded, at)

    def _judge(
        self, text: str, encoded: bytes, first: int, last: int
    ) -> tuple[int, int, str | None, bool]:
        """What a match is: the span of the secret in it, the name of its kind (None where the check
        says that it is none), and whether another rule may find a secret within.
        """
        named, each = self._each
        # the set reads the match alone, where its ends look like those of the text: it names too
        # many rules rather than too few
        for number in sorted(named.Match(encoded[first:last])):
            match = each[number].match(encoded, first, last + 1)
            if match is None or match.span() != (first, last):
                continue
            rule = self.rules[number]
            start, end = match.span(match.lastindex or 0)
            end = _before_next(text, start, end)
            right = not rule.check or _CHECKS[rule.check](text, start, end)
            return start, end, rule.name if right else None, rule.check in _NESTED
        raise AssertionError("a rule that is one of several matches where they match")


@cache
def _tables() -> tuple[_Table, ...]:
    """All tables: `BY_FORM` what a key looks like, `OF_KEYS` that and where keys stand, then people
    and networks.

    Forms that begin with a mark, and those that a run of any letters begins, stand apart: the
    states of one automaton multiply by those of the other. What only resembles a key stands apart
    too, and cannot hide one.
    """
    runs = tuple(rule for rule in FORMS if rule.pattern.startswith("["))
    marks = tuple(rule for rule in FORMS if not rule.pattern.startswith("["))
    return tuple(map(_Table, (marks, runs, MARKED, PLACES, VENDORS, PEOPLE)))


BY_FORM, OF_KEYS = slice(3), slice(5)


def redact(text: str) -> str:
    """The cleaned text with secrets replaced: `[key]`. Idempotent; linear time."""
    return _redacted(text) if len(text) <= _OFTEN else _redacted.__wrapped__(text)


_OFTEN = 1_000
"""Characters of a text that is remembered: quotes, titles and names stand in many documents."""


@lru_cache(maxsize=16_384)
def _redacted(text: str) -> str:
    return _replace(clean(text), _tables(), "[{}]", clean)


def redact_all(document: T, by: Callable[[str], str] = redact) -> T:
    """A document (dictionaries, lists, dataclasses, named tuples, texts, numbers) with every text
    redacted, or made over `by` another function.
    """
    made: Any = document
    if isinstance(made, str):
        made = by(made)
    elif is_dataclass(made) and not isinstance(made, type):
        found = {f.name: redact_all(getattr(made, f.name), by) for f in fields(made)}
        made = replace(made, **found)
    elif isinstance(made, dict):
        made = {redact_all(key, by): redact_all(value, by) for key, value in made.items()}
    elif isinstance(made, list | tuple):
        make = getattr(made, "_make", type(made))
        made = make(redact_all(one, by) for one in made)
    redacted: T = made
    return redacted


def hide_keys(text: str) -> str:
    """The text with `<key>` for each secret; addresses, names and hosts stay. Idempotent."""
    return _replace(text, _tables()[OF_KEYS], "<key>", str)


def _replace(
    text: str, tables: tuple[_Table, ...], written: str, settle: Callable[[str], str]
) -> str:
    # what was changed is read again: what is left may be a secret now that it stands alone
    for _ in range(_PASSES):
        pieces: list[str] = []
        last = 0
        for found in find(text, tables):
            pieces += (text[last : found.start], written.format(found.name))
            last = found.end
        if not pieces:
            break
        text = settle("".join([*pieces, text[last:]]))
    return text


def find(text: str, tables: tuple[_Table, ...]) -> list[Found]:
    """The secrets of a text in order, without overlaps."""
    found = [*_by(tables, text), *_encoded(text)]
    if (plain := unescaped(text)) is not None:
        found += [Found(*plain.back(f.start, f.end), f.name) for f in _by(tables, plain.text)]
    if (bare := unmarked(text)) is not None:
        found += [
            Found(*bare.back(f.start, f.end), f.name)
            for f in _by(_tables()[BY_FORM], bare.text)
            if bare.crossing(f.start, f.end) is not None
        ]
    found += _over_lines(text, frozenset(f.start for f in found))
    return _merged(found)


def _by(tables: tuple[_Table, ...], text: str) -> Iterator[Found]:
    # one byte a character, so that offsets hold; others than Latin-1's are letters
    encoded = text.encode("latin-1", "kb.redact.letters")
    for table in tables:
        yield from table.find(text, encoded)


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
    for one in _by(_tables()[BY_FORM], reading.text):
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
        # UTF-16, as PowerShell takes its commands; a few bytes that are no text may stand around it
        decoded = decoded.replace(b"\0", b"")
        others = len(decoded.translate(None, _NOT_TEXT))
        if others * 6 > len(decoded):
            continue
        tables = _tables()[BY_FORM] if others else _tables()[OF_KEYS]
        if one := next(_by(tables, decoded.decode("latin-1")), None):
            yield Found(match.start(), match.end(), one.name)


# ---------------------------------------------------------------- checks


def _count(value: str, characters: bytes) -> int:
    encoded = value.encode("ascii", "replace")
    return len(encoded) - len(encoded.translate(None, characters))


_DIGITS = b"0123456789"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RUN_OF_ONE_KIND = re.compile(r"[0-9]+|[a-z]+|[A-Z]+")
_RUN = re.compile(r"[0-9a-zA-Z]+")


def _is_mixed(text: str, start: int, end: int) -> bool:
    """Letters and digits."""
    value = text[start:end]
    return _count(value, _DIGITS) > 0 and _count(value, _LETTERS) > 0


def _is_random(text: str, start: int, end: int) -> bool:
    """Whether a value looks drawn, not written: mixed letters and digits, or cases."""
    value = text[start:end]
    if NOT_SECRET.fullmatch(value):
        return False
    if _UUID.fullmatch(value):
        return True
    for part in _PART.findall(value):
        digits, letters = _count(part, _DIGITS), _count(part, _LETTERS)
        if digits >= (2 if len(part) < 24 else 1) and letters >= 2:
            return True
        both_cases = part != part.lower() and part != part.upper()
        if len(part) >= 16 and digits + letters >= 16 and both_cases:
            return True
    least = 0.3 if _count(value, _DIGITS) >= 2 else 0.42
    # how often digits, small letters and capitals follow one another directly in it
    turns = len(_RUN_OF_ONE_KIND.findall(value)) - len(_RUN.findall(value))
    return turns >= max(5, least * len(value))


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
    """Whether what stands behind a telling name is a value, not a variable or a word."""
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


def _is_mail(text: str, start: int, end: int) -> bool:
    name, _, host = text[start:end].partition("@")
    if text[max(0, start - 2) : start] == "//" and len(name) >= 20:
        return False  # a token in place of the name in a URL
    nobody = name.lower() in ("git", "noreply", "no-reply", "hg", "svn")
    return not nobody and host.rsplit(".", 1)[-1].lower() not in FILE_ENDS


_CHECKS = {
    "mixed": _is_mixed,
    "random": _is_random,
    "named": _is_named,
    "vendor": _is_vendors,
    "strong": _is_strong,
    "user": _is_person,
    "host": lambda text, start, end: text[start:end].lower() not in KEEP_HOSTS,
    "mail": _is_mail,
}
