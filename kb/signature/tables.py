"""The rule tables of signatures (`kb/rules/`), loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kb.providers import alternation, names
from kb.tables import load_toml, put_together


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table. `pattern` is a verbose regular expression; `example` holds an input and
    its signature text.
    """

    name: str
    pattern: str
    why: str
    example: tuple[str, str]
    placeholder: str = ""
    sets: str = ""
    when: str = ""
    becomes: str = ""


@cache
def load_rules(name: str) -> tuple[Rule, ...]:
    """The rows of a rule table, in order; `{providers}` in a pattern stands for all their names.

    Raises `KeyError` or `TypeError` where a row lacks a pattern, a reason or an example.
    """
    provided = {"providers": alternation(names())}
    return tuple(
        Rule(
            **row
            | {"pattern": put_together(row["pattern"], provided), "example": tuple(row["example"])}
        )
        for row in load_toml(name)["rule"]
    )


@cache
def load_reasons() -> dict[str, int]:
    """Phrases that only repeat an HTTP status, each with its status."""
    return {
        phrase: row["status"]
        for row in load_toml("http_reasons.toml")["reason"]
        for phrase in row["phrases"]
    }


@cache
def load_codes() -> dict[str, int]:
    """Vendors' codes that stand for one HTTP status."""
    return dict(load_toml("http_reasons.toml")["codes"])
