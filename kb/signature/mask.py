"""Puts named placeholders where a message varies: one pass of one combined expression over at most a few hundred characters.

The method is that of Sentry's grouping parameterization: rules are rows of a table, tried in order at each position.
Rows come from `kb/rules/placeholders.toml`. The text is cut to `WIDTH` before, so no pattern can cost more than a bounded time.
"""

from __future__ import annotations

import re
from functools import cache

from kb.signature.tables import Rule, load_rules

WIDTH = 1_000
"""Characters of an unwrapped message that are looked at."""


@cache
def combined() -> tuple[re.Pattern[str], dict[str, Rule]]:
    """All rules as one expression, and the rule of each group."""
    parts, rules = [], {}
    for number, rule in enumerate(load_rules("placeholders.toml")):
        parts.append(f"(?P<r{number}>{rule.pattern.replace('(?P<keep>', f'(?P<k{number}>').replace('(?P<tail>', f'(?P<t{number}>')})")
        rules[f"r{number}"] = rule
    return re.compile("|".join(parts), re.X | re.I), rules


def mask(text: str, notes: list[tuple[str, str, str]] | None = None) -> str:
    """A message with placeholders; `notes` receives `(rule, what it fired on, result)`."""
    pattern, rules = combined()

    def replace(match: re.Match[str]) -> str:
        group = match.lastgroup or ""
        rule = rules[group]
        kept = match.group("k" + group[1:]) if "(?P<keep>" in rule.pattern else ""
        tail = (match.group("t" + group[1:]) or "") if "(?P<tail>" in rule.pattern else ""
        result = kept + rule.placeholder + tail
        if notes is not None and result != match.group():
            notes.append((rule.name, match.group(), result))
        return result

    return pattern.sub(replace, text[:WIDTH])
