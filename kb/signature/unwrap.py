"""Takes the layers off an error text until the innermost real message is left; each layer leaves a note.

The rules are rows of `kb/rules/wrappers.toml`, tried in order at the front of what is left, as the small rules of
Socorro's signature pipeline are: one rule, one layer, one note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from kb.signature import bodies
from kb.signature.tables import Rule, load_lines, load_rules

MOST_LAYERS = 40


@dataclass(slots=True)
class Unwrapped:
    """The innermost message, the layers outermost first, and what the layers told."""

    message: str
    wrappers: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    whole: bool = True
    notes: list[tuple[str, str, str]] = field(default_factory=list)


@cache
def _rules() -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    return tuple((rule, re.compile(rule.pattern, re.X | re.I)) for rule in load_rules("wrappers.toml"))


@cache
def _generic() -> frozenset[str]:
    return frozenset(load_lines("generic.txt"))


_WORD = re.compile(r"[^\W\d_]{2,}")


def words(text: str) -> int:
    """Words of a text, placeholders and numbers not counted."""
    return len(_WORD.findall(text[:400]))


def is_generic(text: str) -> bool:
    """Whether a message names no failure of its own."""
    return text.strip().rstrip(".!:,").lower() in _generic() or not _WORD.search(text)


def _note(out: Unwrapped, rule: str, layer: str, rest: str) -> None:
    layer = layer.strip(" \n:-–—·{[\"'")
    if layer:
        out.wrappers.append(layer[:120])
    out.notes.append((rule, layer[:120], rest[:120]))


def peel(out: Unwrapped) -> None:
    """Takes layers off the front of `out.message` while a rule matches and something is left."""
    text = out.message
    start = 0
    for _ in range(MOST_LAYERS):
        start += len(text[start : start + 200]) - len(text[start : start + 200].lstrip(" \n\"'`{[(,>"))
        for rule, pattern in _rules():
            match = pattern.match(text, start)
            if match is None or not _may_go(rule, text[match.start() : match.end()], text[match.end() : match.end() + 400]):
                continue
            value = match.groupdict().get("value")
            if value and rule.sets:
                if rule.sets == "status":
                    out.told.setdefault("status", value)
                else:
                    out.told[rule.sets] = value
            _note(out, rule.name, match.group(), text[match.end() : match.end() + 120])
            start = match.end()
            break
        else:
            break
    out.message = text[start:]


def _may_go(rule: Rule, layer: str, rest: str) -> bool:
    """A layer goes only if what is left can stand alone."""
    rest = rest.lstrip(" \n:-\"'{[")
    if not rest:
        return False
    if rule.name == "failed-to":
        first = re.split(r"[\n.]", rest, maxsplit=1)[0]
        return words(first) >= 5 and not is_generic(first)
    if rule.sets in ("exception", "code"):
        return words(rest) >= 3 and not is_generic(rest)
    return words(rest) >= 1 and not is_generic(rest)


def unwrap(text: str) -> Unwrapped:
    """The innermost message of a cleaned text."""
    out = Unwrapped(text)
    if bodies.has_body(text):
        _body(text, out)
    peel(out)
    return out


def _body(text: str, out: Unwrapped) -> None:
    found = bodies.messages(text)
    chosen = None
    for one in found:
        if bodies.is_token(one.text):
            if "_" in one.text and chosen is None:
                out.told.setdefault("code", one.text.strip())
            elif chosen is None and one.text.strip().isalpha() and len(found) == 1:
                chosen = one
            continue
        if is_generic(one.text):
            _note(out, "generic-message", one.text, "")
            continue
        chosen = one
        if not _is_outer(one, found):
            break
    before, after = bodies.outside(text)
    if chosen is not None:
        head = before if len(before) < chosen.start else ""
        if head.strip():
            probe = Unwrapped(head + " x x x x x x")
            peel(probe)
            out.told.update(probe.told)
            _note(out, "body", head, chosen.text)
        out.message, out.whole = chosen.text, chosen.whole
    elif found and words(after) >= 2:
        _note(out, "text-after-body", text[: len(text) - len(after)], after)
        out.message = after
    elif found and all(bodies.is_token(one.text) or is_generic(one.text) for one in found):
        best = found[-1] if not bodies.is_token(found[-1].text) else found[0]
        out.message = before if words(before) >= 3 and not is_generic(before) else best.text
    elif words(before) >= 1:
        out.message = before
        if out.message != text:
            _note(out, "data-after-message", text[len(before) : len(before) + 120], before)


def _is_outer(one: bodies.Found, found: list[bodies.Found]) -> bool:
    """Whether a message is only the opening of a string that goes on with another body."""
    return one.text.rstrip().endswith((":", "-")) and one is not found[-1]
