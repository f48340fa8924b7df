"""The facts that an error's text states: codes, exceptions, statuses, numbers, objects that decide.

Two errors that state other facts of one kind are two errors, however alike their words.
"""

from __future__ import annotations

from functools import cache

from kb import lazy_re as re
from kb.matching.words import snake, words
from kb.models import Signature
from kb.prefilter import Gate
from kb.tables import load_lines, load_patterns

_P = load_patterns("facts.toml")

_STATUS = re.compile(r"(?<![\w.:$#-])([45]\d\d)(?![\w%]|\.\d|,\d)")
_EXIT = re.compile(_P["exit"])
_RPC = re.compile(r"(?<!\w)-32\d{3}\b")
_NUMBERED = re.compile(_P["numbered"])
_ERRNO = re.compile(r"\[errno (\d{1,3})\]", re.I)
_CVE = re.compile(r"\b(?:CVE-\d{4}-\d{4,7}|GHSA(?:-[a-z0-9]{4}){3})\b", re.I)
_CAPS = re.compile(r"\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|E[A-Z]{4,}|[A-Z]{1,4}\d{2,6}|[A-Z]{6,})\b")
_SNAKE = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_CAMEL = re.compile(r"\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\b")
_EXCEPTION = re.compile(r"(?:Error|Exception|Fault|Failure|Warning|Timeout|Interrupt)\Z")
_PORT = re.compile(_P["port"])

_NAME = r"[`'\"]?(?P<value>[\w@$][\w@./:$-]{0,100})"
_SCHEMA_WORDS = frozenset(
    "$schema $ref $defs title default const examples additionalproperties anyof allof oneof not"
    " exclusiveminimum exclusivemaximum patternproperties definitions discriminator".split()
)


@cache
def _deciding() -> tuple[Gate, list[str]]:
    """The patterns of `kb/rules/decisive.txt` and the kind of each."""
    lines = (line.replace("{name}", _NAME) for line in load_lines("decisive.txt"))
    kinds, patterns = zip(*(re.split(r"\s{2,}", line, maxsplit=1) for line in lines), strict=True)
    return Gate([one.replace(" ", r"\ ").replace("#", r"\#") for one in patterns]), list(kinds)


def decisive(text: str, objects: tuple[str, ...]) -> set[tuple[str, str]]:
    """The objects by kind that decide what has to be fixed."""
    gate, kinds = _deciding()
    found: set[tuple[str, str]] = set()
    for at in gate.passing(text):
        for match in gate.pattern(at).finditer(text):
            value = match["value"].strip(".,:").lower()
            # a service that knows a part of JSON Schema only refuses all other words of it alike
            of_schema = kinds[at] == "payload" and value in _SCHEMA_WORDS
            found.add((kinds[at], "json schema" if of_schema else value))
    named = (name.partition(":") for name in objects)
    return found | {
        (kind, value) for kind, _, value in named if value and kind in ("assert", "host")
    }


def _numbers(text: str) -> set[str]:
    found = set(_RPC.findall(text))
    found.update(_NUMBERED.findall(text))
    found.update(f"errno {number}" for number in _ERRNO.findall(text))
    found.update(value.upper() for value in _CVE.findall(text))
    return found


def _codes(text: str) -> tuple[set[str], set[str]]:
    """Error codes and exception names that are written in a text, in snake case."""
    table = words()
    codes = {m.lower() for m in _CAPS.findall(text)} | {m.lower() for m in _SNAKE.findall(text)}
    exceptions: set[str] = set()
    for name in _CAMEL.findall(text):
        (exceptions if _EXCEPTION.search(name) else codes).add(snake(name))
    codes = {table.same.get(c, c) for c in codes}
    exceptions = {table.same.get(e, e) for e in exceptions}
    return codes - table.vague, exceptions - table.vague


def facts_of(text: str) -> dict[str, set[str]]:
    """The facts that a piece of text states, by kind of fact."""
    table = words()
    codes, exceptions = _codes(text)
    status = set(_STATUS.findall(text))
    codes |= {table.same[s] for s in status if s in table.same}
    figures = any(character in text for character in "0123456789")
    facts = {"codes": codes, "exceptions": exceptions, "status": status}
    return facts | {
        "exits": set(_EXIT.findall(text)) if figures else set(),
        "numbers": _numbers(text) if figures else set(),
        "ports": set(_PORT.findall(text)) if figures else set(),
    }


def kinds_of(order: list[str], codes: set[str], status: set[str]) -> set[str]:
    """The kinds of failure (quota, rate, overload, ...) that words and codes name."""
    table = words()
    kinds = {table.kinds[w] for w in order if w in table.kinds} | {
        table.codes[c] for c in codes if c in table.codes
    }
    # a status says least of all: 429 is sent for quotas too
    return kinds or {table.codes[s] for s in status if s in table.codes}


def add_fields(facts: dict[str, set[str]], signature: Signature) -> None:
    """Adds what the fields of a signature say to the facts of its text."""
    table = words()
    if signature.code:
        code = snake(signature.code)
        if code.lstrip("-").isdigit():
            if len(code) > 3:
                facts["numbers"].add(code)
        else:
            facts["codes"] |= {table.same.get(code, code)} - table.vague
    if signature.exception:
        name = snake(signature.exception.rsplit(".", 1)[-1])
        facts["exceptions"] |= {table.same.get(name, name)} - table.vague
    if signature.status is not None and signature.status >= 400:
        facts["status"].add(str(signature.status))
        if str(signature.status) in table.same:
            facts["codes"].add(table.same[str(signature.status)])
