"""Takes the layers off an error text until the innermost real message is left; each layer leaves a
note.

Two tables, as the small rules of Socorro's signature pipeline: `anchors.toml` holds messages that
are whole in themselves wherever they stand, `wrappers.toml` layers that come off the front one by
one. Bodies (JSON, a Python repr, a JavaScript dump, whole, cut off or nested in a string) are
scanned for `key: value` pairs rather than parsed: what people paste is cut off, wrapped by a
terminal or escaped by halves, and a parser would refuse most of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from kb import lazy_re as re
from kb.signature.fields import code_of
from kb.signature.tables import Rule, Step, load_reasons, table
from kb.tables import load_lines, load_patterns

_P = load_patterns("naming.toml")

MOST_LAYERS = 40
WIDTH = 4_000
"""Characters of a message that layers are looked for in."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[\n.!?]")
_OPENING = " \n\"'`{[(,>:-–—·"
_ADVICE = re.compile(r"(?:please|retry|try again)\b", re.I)
_CODE_FIRST = re.compile(r"[a-z]{2,20}(?:_[a-z]{2,20}){0,3}_error:\s")
_TOLD_AS_CAUSE = re.compile(_P["told_as_cause"])
_LABELS = re.compile(_P["labels"])
_HANGS = re.compile(_P["hangs"])
_NAME_ONLY = re.compile(_P["name_only"])
_VALUE = re.compile(_P["value"])
_HEADERS = re.compile(_P["headers"])
_PATH = re.compile(r"<path>|~?[\\/]\S{1,300}")
"""The value of a field, a command or a query: what stands before is no layer around a message."""
_QUERY = re.compile(_P["query"])
_PREDICATE = re.compile(r"(?:is|are|was|undeclared|redeclared)\b")
"""What is said of the name before it, which is no code then."""
_NOTHING = re.compile(
    "|".join(
        re.escape(entry).replace(r"\ \*", r"\b.*") for entry in load_lines("uninformative.txt")
    )
)
_SYSTEM = re.compile(
    r"(?:\W|\d|the |error:? |errno|winerror|os ){0,12}"
    rf"(?:{'|'.join(map(re.escape, load_lines('os_messages.txt')))})\b",
    re.I,
)
_DULL_CLASSES = frozenset({"error", "exception", "apierror", "httperror", "runtimeerror", "err"})


@dataclass(slots=True)
class Unwrapped:
    """The innermost message, its layers outermost first, what these told (`status`, ...)."""

    message: str
    whole: bool = True
    wrappers: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    notes: list[Step] = field(default_factory=list)

    def layer(self, rule: str, layer: str, rest: str) -> None:
        """Notes a layer that came off."""
        layer = " ".join(layer[:200].split()).strip(_OPENING)
        if layer:
            self.wrappers.append(layer[:120])
        self.notes.append(Step(rule, layer[:120], rest[:120]))


@lru_cache(maxsize=8)
def _candidates(name: str, text: str) -> list[tuple[Rule, re.Pattern[str]]]:
    return table(name).candidates(text)


def words(text: str) -> int:
    """Words of a text, numbers and single letters not counted."""
    return len(_WORD.findall(text[:400]))


def names_no_failure(text: str) -> bool:
    """Whether a message names no failure of its own."""
    return says_nothing(text) or _bare(text) in load_reasons()


def says_nothing(text: str) -> bool:
    """Whether a message is one of those that name nothing at all, not even a status."""
    return _NOTHING.fullmatch(_bare(text)) is not None or not _WORD.search(text[:400])


def _bare(text: str) -> str:
    return text[:200].strip(" \n.!:,\"'").lower()


def unwrap(text: str) -> Unwrapped:
    """The innermost message of a cleaned text."""
    text = _HEADERS.sub("", text)
    out = Unwrapped(text[:WIDTH])
    if _anchor(out, whole_only=True):
        return out
    if has_body(text):
        _body(text, out)
    for _ in range(4):
        before = out.message
        if _anchor(out):
            break
        _peel(out)
        if out.message == before:
            break
    return out


def _first_sentence(text: str) -> str:
    return _SENTENCE.split(text, maxsplit=1)[0]


def _anchor(out: Unwrapped, *, whole_only: bool = False) -> bool:
    """Cuts to a message that is whole; true if nothing more is to be taken off it."""
    text = out.message
    for rule, pattern in _candidates("anchors.toml", text):
        if whole_only and "(?P<core>" in rule.pattern:
            continue
        match = pattern.search(text)
        if match is None:
            continue
        told = match.groupdict()
        core = told.pop("core", None)
        if core is not None and (words(core) < 2 or names_no_failure(_first_sentence(core))):
            continue
        message, start = match.group(), match.start()
        if core is not None:
            message, start = core, match.start("core")
        for name, value in told.items():
            if value:
                out.told.setdefault(name, value)
        if message.strip() != text.strip():
            out.layer(rule.name, text[:start], message)
            out.message = message
        return core is None
    return False


def _peel(out: Unwrapped) -> None:
    """Takes layers off the front of the message while a rule matches and something is left."""
    text, start = out.message, 0
    for _ in range(MOST_LAYERS):
        while start < len(text) and text[start] in _OPENING and text[start] != "[":
            start += 1
        for rule, pattern in _candidates("wrappers.toml", text[start:]):
            match = pattern.match(text, start)
            if match and rule.name == "failed-to" and says_nothing(text[match.end() :]):
                out.layer("nothing-behind", text[match.end() :], match.group())
                out.message = match.group()
                return
            if not match or match.end() <= start:
                continue
            if _may_go(rule, match, text[match.end() : match.end() + 400]):
                value = match.groupdict().get("value")
                if value and rule.sets:
                    out.told.setdefault(rule.sets, value)
                out.layer(rule.name, match.group(), text[match.end() : match.end() + 120])
                start = match.end()
                break
        else:
            break
    out.message = text[start:]


def _may_go(rule: Rule, match: re.Match[str], rest: str) -> bool:
    """A layer goes only if what is left can stand alone."""
    rest = rest.lstrip(_OPENING)
    first = _first_sentence(rest)
    count = words(rest)
    if not count or _PATH.fullmatch(rest):
        return False
    if rule.sets == "status" and _HANGS.match(rest):
        return False
    if rule.name == "failed-to":
        if match.group().count("[") > match.group().count("]") or _VALUE.match(rest):
            return False
        return bool(_CODE_FIRST.match(rest)) or (
            words(first) >= 4 and not names_no_failure(first) and not _SYSTEM.match(first)
        )
    if rule.sets in ("exception", "code"):
        value = match.group("value").lower()
        if rule.sets == "code" and _PREDICATE.match(rest):
            return False
        if value == "keyerror" and " " not in rest:
            return False  # whatever the key is called, it is no message
        if _SYSTEM.match(first) and words(first) < 7:
            return value in _DULL_CLASSES
        if (_ADVICE.match(rest) or _NAME_ONLY.match(rest)) and value not in _DULL_CLASSES:
            return False
        return (
            count >= 3
            or value in _DULL_CLASSES
            or (names_no_failure(first) and rule.sets == "exception")
        )
    return True


# ---------------------------------------------------------------- bodies

MOST_VALUES = 60
"""Pairs of a body that are looked at; keeps hostile nesting linear."""

_KEY = re.compile(_P["key"])
_INNER = re.compile(r"""\{\s{0,200}["']?\w{1,40}["']?\s{0,20}:|\[\s{0,200}\{""")
_SIGNS = ("{", '"message"', "'message'", '"error"', 'error="', "message: '")
_END = {q: re.compile(rf"""{q}\s{{0,200}}(?:[,}}\])]|$)""") for q in "\"'`"}
_BARE_END = re.compile(r"[,}\n]")
_TOKEN = re.compile(r"[\w.:/-]{1,60}$")


@dataclass(slots=True)
class Found:
    """A message inside a body: where it starts, its text, whether its closing quote was there,
    whether another body follows inside it.
    """

    start: int
    text: str
    whole: bool
    opens: bool = False


def has_body(text: str) -> bool:
    """Whether a text holds something like a body."""
    return any(sign in text for sign in _SIGNS)


def messages(text: str) -> list[Found]:
    """The messages of a text's bodies in order, those of bodies within bodies too."""
    found: list[Found] = []
    at = 0
    for _ in range(MOST_VALUES):
        match = _KEY.search(text, at)
        if match is None:
            break
        at = match.end()
        quote = match.group(1)
        if quote == "b" and text[at + 1 : at + 2] in ("'", '"'):
            at, quote = at + 1, text[at + 1]
        if quote in _END:
            end = _END[quote].search(text, at + 1)
            stop = end.start() if end else len(text)
            value = text[at + 1 : stop]
            inner = _INNER.search(value)
            if inner:
                if inner.start() > 0:
                    found.append(Found(at + 1, value[: inner.start()], True, opens=True))
                at = at + 1 + inner.start()
                continue
            found.append(Found(at + 1, value, end is not None))
            at = max(stop, at + 1)
        elif quote.isalpha() and quote not in "ntfN":
            end = _BARE_END.search(text, at)
            stop = end.start() if end else len(text)
            inner = _INNER.search(text, at, stop)
            if inner:
                at = inner.start()
                continue
            found.append(Found(at, text[at:stop], end is not None))
            at = stop
    return [one for one in found if one.text.strip()]


def is_token(text: str) -> bool:
    """Whether a value is a code rather than a sentence."""
    return _TOKEN.match(text.strip()) is not None and text.strip(" .").lower() not in load_reasons()


def outside(text: str) -> tuple[str, str]:
    """What stands before the first body and after the last one."""
    match = _INNER.search(text)
    if match is None:
        return text, ""
    close = max(text.rfind("}"), text.rfind("]"))
    return text[: match.start()], text[close + 1 :] if close > match.start() else ""


def _body(text: str, out: Unwrapped) -> None:
    """Takes the message out of the bodies of a text, or the text around bodies that hold none."""
    found = messages(text)
    said = [one for one in found if not is_token(one.text)]
    for one in found:
        if one not in said and "_" in one.text:
            out.told.setdefault("code", one.text.strip(" \"'"))
    before, after = outside(text)
    if _TOLD_AS_CAUSE.search(before[-WIDTH:]):
        _without_message(text, before, after, out)
        return
    chosen = _choose(found, said, before, after)
    if chosen is not None:
        _take(chosen, said, before, out)
    elif found and words(after) >= 2:
        out.layer("text-after-body", text[: len(text) - len(after)], after)
        out.message = after[:WIDTH]
    else:
        _without_message(text, before, after, out)


_CLASSES = re.compile(r"(?:[\w.]*(?:Error|Exception)\b[\s:>–-]*)+")
"""Names of exception classes in a row, which wrap a message and say nothing themselves."""


def _choose(found: list[Found], said: list[Found], before: str, after: str) -> Found | None:
    """The innermost message that names something; none where the text around the body says more."""
    closed = [one for one in said if not one.opens]
    # which query failed says less than why
    closed = [one for one in closed if not _QUERY.match(one.text)] or closed
    for names_something in (names_no_failure, says_nothing):
        chosen = next((one for one in closed if not names_something(one.text)), None)
        if chosen is not None:
            return chosen
    if words(after) >= 2:
        return None
    around = before.strip(_OPENING)
    if (
        words(before) >= 3
        and not names_no_failure(around)
        and not _CLASSES.fullmatch(around[-WIDTH:])
    ):
        return next((one for one in said if not names_no_failure(one.text)), None)
    return next(iter(said), None) or next(iter(found), None)


def _take(chosen: Found, said: list[Found], before: str, out: Unwrapped) -> None:
    """Makes a body's message the message; what stands before it tells fields and is a layer."""
    head = before if len(before) <= chosen.start else ""
    if words(head) or any(character.isdigit() for character in head):
        probe = Unwrapped(f"{head[-400:]} x y z")
        _peel(probe)
        for name, value in probe.told.items():
            out.told.setdefault(name, value)
        out.layer("body", head, chosen.text)
    for one in said:
        if one is not chosen and one.start < chosen.start and words(one.text):
            out.layer("outer-message", one.text, chosen.text)
    out.message, out.whole = chosen.text[:WIDTH], chosen.whole
    if words(head) >= 2 and _SYSTEM.fullmatch(chosen.text.strip(" .")):
        out.message = f"{head[-200:].strip(_OPENING)}: {chosen.text}"


def _without_message(text: str, before: str, after: str, out: Unwrapped) -> None:
    """The name of a body that holds no message: the sentence around it, or else its code."""
    code = code_of(text)
    if code and (not words(before) or names_no_failure(_LABELS.sub("", before))):
        out.message = code
    elif words(before):
        if len(before) < len(text):
            out.layer("data-after-message", text[len(before) :], before)
        out.message = before[:WIDTH]
