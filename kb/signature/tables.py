"""The rule tables beside the code (`kb/rules/`), loaded once and compiled."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kb.providers import alternation, names


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


def load_toml(name: str) -> dict[str, Any]:
    """A table of `kb/rules/` as parsed TOML."""
    return tomllib.loads((files("kb") / "rules" / name).read_text(encoding="utf-8"))


@cache
def load_rules(name: str) -> tuple[Rule, ...]:
    """The rows of a rule table, in order; `{providers}` in a pattern stands for all their names.

    Raises `KeyError` where a row lacks a pattern, a reason or an example.
    """
    return tuple(
        Rule(
            name=row["name"],
            pattern=row["pattern"].replace("{providers}", alternation(names())),
            why=row["why"],
            example=(row["example"][0], row["example"][1]),
            placeholder=row.get("placeholder", ""),
            sets=row.get("sets", ""),
            when=row.get("when", ""),
            becomes=row.get("becomes", ""),
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


@cache
def load_lines(name: str) -> tuple[str, ...]:
    """The entries of a plain list: one a line, `#` starts a comment."""
    text = (files("kb") / "rules" / name).read_text(encoding="utf-8")
    stripped = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return tuple(line for line in stripped if line)


def phrases(name: str) -> str:
    """A list as one alternation, longest first; `*` in an entry stands for one to four words."""
    entries = sorted(load_lines(name), key=lambda entry: (-len(entry), entry))
    return "|".join(
        re.escape(entry).replace(r"\*", r"\S{1,40}(?: \S{1,40}){0,3}?") for entry in entries
    )
