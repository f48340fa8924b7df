"""One wording for what systems word differently, and names for mere HTTP statuses."""

from __future__ import annotations

import re
from functools import cache

from kb.providers import providers
from kb.signature.fields import code_of, provider_of, status_of
from kb.signature.tables import Rule, load_reasons, table

_STATUS_FIRST = re.compile(r"(?:error )?([1-5]\d\d)[: -]{0,3}\s?(.*)$", re.I)
_CODE_ALONE = re.compile(r"(?i)(?:error|status) code[:= ]{1,3}(\d{3})\b")
"""A status of which a client told no more."""
_ALONE = frozenset({"insufficient credits", "insufficient balance"})
"""Phrases that say more than their status, so that the provider is no part of the name."""


@cache
def _rules() -> tuple[tuple[Rule, re.Pattern[str], re.Pattern[str]], ...]:
    flags = re.X | re.I
    return tuple(
        (rule, re.compile(rule.pattern, flags), re.compile(rule.when, flags))
        for rule in table("canonical.toml").rules
    )


@cache
def _provider_names() -> frozenset[str]:
    return frozenset(one.name for one in providers())


def canonical(text: str, around: str, told: dict[str, str]) -> str:
    """A message's one wording; `around`: its cleaned text, `told`: what its layers told."""
    for rule, pattern, when in _rules():
        match = pattern.fullmatch(text)
        if match and when.search(around[:4000]):
            return rule.becomes.format(**match.groupdict(default=""))
    return _with_status(text, around, told)


def _with_status(text: str, around: str, told: dict[str, str]) -> str:
    head, _, rest = text.partition(" ")
    if head in _provider_names() and _STATUS_FIRST.match(rest):
        return text
    phrase, said = text.lower(), None
    alone = _CODE_ALONE.search(around) if phrase in ("error code", "status code") else None
    if alone:
        return f"{phrase}: {alone[1]}"
    if match := _STATUS_FIRST.match(text):
        said, phrase = match.group(1), match.group(2).lower()
    status = load_reasons().get(phrase)
    if status is None:
        return text
    shown = said or told.get("status") or str(status_of(around) or status)
    if code_of(around) == "overloaded_error":
        shown = "529"
    if status == 529:
        return f"{shown} overloaded"
    provider = None if phrase in _ALONE else provider_of(around)
    return f"{provider} {shown} {phrase}" if provider else f"{shown} {phrase}"
