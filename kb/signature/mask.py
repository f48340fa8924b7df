"""Puts named placeholders where a message varies: one pass over at most a few hundred characters.

The method is that of Sentry's grouping parameterization: rules are rows of a table, tried in order
at each position. Rows come from `kb/rules/placeholders.toml`; RE2 tells first which of them can
match the text at all, and only those are searched for. The text is cut to `WIDTH` before, so no
pattern can cost more than a bounded time.
"""

from __future__ import annotations

from kb.signature.tables import Step, table

WIDTH = 1_000
"""Characters of an unwrapped message that are looked at."""


def mask(text: str, notes: list[Step] | None = None) -> str:
    """A message with placeholders; `notes` receives what each rule did."""
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
