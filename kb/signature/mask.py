"""Puts named placeholders where a message varies: one pass of one combined expression over at most
a few hundred characters.

The method is that of Sentry's grouping parameterization: rules are rows of a table, tried in order
at each position. Rows come from `kb/rules/placeholders.toml`; RE2 tells first which of them can
match the text at all, and the expression holds only those. The text is cut to `WIDTH` before, so no
pattern can cost more than a bounded time.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kb.prefilter import Gate, combined
from kb.signature.tables import Rule, load_rules

if TYPE_CHECKING:
    import re

WIDTH = 1_000
"""Characters of an unwrapped message that are looked at."""


@cache
def _table() -> tuple[Gate, tuple[str, ...], dict[str, tuple[Rule, str | None, str | None]]]:
    """The gate, each rule's part of the expression, and by group the rule with the groups that it
    keeps before and after.
    """
    rules = load_rules("placeholders.toml")
    parts, groups = [], {}
    for number, rule in enumerate(rules):
        named = rule.pattern.replace("(?P<keep>", f"(?P<k{number}>").replace(
            "(?P<tail>", f"(?P<t{number}>"
        )
        parts.append(f"(?P<r{number}>{named})")
        groups[f"r{number}"] = (
            rule,
            f"k{number}" if "(?P<keep>" in rule.pattern else None,
            f"t{number}" if "(?P<tail>" in rule.pattern else None,
        )
    return Gate([rule.pattern for rule in rules]), tuple(parts), groups


def mask(text: str, notes: list[tuple[str, str, str]] | None = None) -> str:
    """A message with placeholders; `notes` receives `(rule, what it fired on, result)`."""
    gate, parts, groups = _table()
    text = text[:WIDTH]
    passing = gate.passing(text)
    if not passing:
        return text

    def replace(match: re.Match[str]) -> str:
        rule, keep, tail = groups[match.lastgroup or ""]
        result = rule.placeholder
        if keep:
            result = (match.group(keep) or "") + result
        if tail:
            result += match.group(tail) or ""
        if notes is not None and result != match.group():
            notes.append((rule.name, match.group(), result))
        return result

    return combined(tuple(parts[index] for index in passing)).sub(replace, text)
