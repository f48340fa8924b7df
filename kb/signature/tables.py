"""The rule tables of signatures (`kb/rules/`), loaded once; of a text those rows that may match;
and what puts named placeholders where a message varies.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from kb.prefilter import Gate
from kb.providers import alternation, names
from kb.tables import load_lines, load_toml, put_together


class Rule(NamedTuple):
    """One row of a table. `pattern` is a verbose regular expression; `example` holds an input and
    its signature text. What each table has besides stands at its head.
    """

    name: str
    pattern: str
    why: str
    example: tuple[str, str]
    placeholder: str = ""
    sets: str = ""
    when: str = ""
    becomes: str = ""
    scope: str = ""


class Step(NamedTuple):
    """One thing that a rule did: its name, what it fired on, what came of it."""

    rule: str
    fired_on: str
    result: str


class Table:
    """The rows of a rule table in order; `{providers}` in a pattern stands for all their names.

    `at_start`: they match at the start of a text only. Raises `KeyError` or `TypeError` where a row
    lacks a pattern, a reason or an example.
    """

    def __init__(self, name: str, *, at_start: bool = False) -> None:
        provided = {"providers": alternation(names())}
        rules = []
        for row in load_toml(name)["rule"]:
            pattern = put_together(row["pattern"], provided)
            rules.append(Rule(**row | {"pattern": pattern, "example": tuple(row["example"])}))
        self.rules = tuple(rules)
        self._gate = Gate([rule.pattern for rule in self.rules], at_start=at_start)

    def candidates(self, text: str) -> list[tuple[Rule, re.Pattern[str]]]:
        """The rows that may match a text, with their patterns."""
        return [(self.rules[at], self._gate.pattern(at)) for at in self._gate.passing(text)]


@cache
def table(name: str) -> Table:
    """A table by the name of its file."""
    return Table(name, at_start=name in ("wrappers.toml", "generic.toml"))


@cache
def load_reasons() -> dict[str, int]:
    """Phrases that only repeat an HTTP status, each with its status."""
    rows = load_toml("http_reasons.toml")["reason"]
    return {phrase: row["status"] for row in rows for phrase in row["phrases"]}


@cache
def errno_names() -> frozenset[str]:
    """The names of errors that operating systems have (`ENOENT`)."""
    return frozenset(load_lines("errno.txt"))


@cache
def load_codes() -> dict[str, int]:
    """Vendors' codes that stand for one HTTP status."""
    return dict(load_toml("http_reasons.toml")["codes"])


WIDTH = 1_000
"""Characters of an unwrapped message that are looked at."""


def mask(text: str, notes: list[Step] | None = None) -> str:
    """A message with placeholders, in one pass; `notes` receives what each rule did.

    The method is that of Sentry's grouping parameterization: rules are rows of a table, tried in
    order at each position. The text is cut to `WIDTH` before, so that no pattern can cost more than
    a bounded time.
    """
    text = text[:WIDTH]
    following = [
        (match, rule, pattern)
        for rule, pattern in table("placeholders.toml").candidates(text)
        if (match := pattern.search(text))
    ]
    pieces: list[str] = []
    at = 0
    while following:
        # of those that match first the one whose rule stands first
        match, rule, _ = min(following, key=lambda one: one[0].start())
        kept = match.groupdict(default="")
        result = f"{kept.get('keep', '')}{rule.placeholder}{kept.get('tail', '')}"
        if notes is not None and result != match.group():
            notes.append(Step(rule.name, match.group(), result))
        pieces += (text[at : match.start()], result)
        at = match.end()
        following = [
            (again, rule, pattern)
            for match, rule, pattern in following
            if (again := match if match.start() >= at else pattern.search(text, at))
        ]
    return "".join([*pieces, text[at:]])
