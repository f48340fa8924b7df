"""The rows of `kb/rules/errors.toml`, whose head says what the columns mean."""

from __future__ import annotations

from typing import NamedTuple

from kb.tables import load_toml, put_together


class Rule(NamedTuple):
    """A recogniser: name, RE2 pattern, weight, and an example that must match."""

    name: str
    pattern: str
    weight: float
    example: str
    family: str = "other"
    prose: bool = False
    trigger: str = ""


class Noise(NamedTuple):
    """What makes a line less of an error than its words say: the factor for its weight."""

    name: str
    pattern: str
    factor: float
    why: str
    trigger: str = ""


_TABLE = load_toml("errors.toml")
for _row in (*_TABLE["rule"], *_TABLE["noise"]):
    for _name in _row.keys() & {"pattern", "trigger"}:
        _row[_name] = put_together(_row[_name], _TABLE["parts"])

RULES = tuple(Rule(**row) for row in _TABLE["rule"])
FAMILIES = {rule.name: rule.family for rule in RULES}
NOISE = tuple(Noise(**row) for row in _TABLE["noise"])
