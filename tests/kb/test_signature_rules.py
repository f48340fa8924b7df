"""The rule tables: every example is what the rule does, every pattern is safe, the page that lists
them is current.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kb.signature import explain, sign
from kb.signature.generic import SCOPES, scope_of
from kb.signature.tables import Rule, load_reasons
from kb.signature.tables import table as rows_of
from kb.tables import load_lines, load_toml

ROOT = Path(__file__).resolve().parents[2]
TABLES = ["placeholders.toml", "anchors.toml", "wrappers.toml", "canonical.toml"]
COMMON = ["common_files.txt", "common_functions.txt"]
GENERIC = load_toml("generic.toml")["rule"]
ROWS = [(table, rule) for table in TABLES for rule in rows_of(table).rules]


@pytest.mark.parametrize(
    ("table", "rule"), ROWS, ids=lambda value: value.name if isinstance(value, Rule) else None
)
def test_the_example_of_a_rule_is_what_it_does(table: str, rule: Rule) -> None:
    given, expected = rule.example
    signature, steps = explain(given)
    assert signature.text == expected
    if rule.name not in {"kept-code", "status-words"}:
        assert rule.name in {step.rule for step in steps} or table == "canonical.toml", steps


@pytest.mark.parametrize(
    ("table", "rule"), ROWS, ids=lambda value: value.name if isinstance(value, Rule) else None
)
def test_no_pattern_repeats_a_repetition_without_bound(table: str, rule: Rule) -> None:
    """Catastrophic backtracking needs an unbounded repetition inside another; the tables hold
    none."""
    parser = __import__("re._parser", fromlist=["parse"])
    tree = parser.parse(rule.pattern, re.X | re.I)

    def walk(node: object, inside: bool) -> None:
        for code, argument in node:  # type: ignore[attr-defined]
            name = str(code)
            if name in {"MAX_REPEAT", "MIN_REPEAT"}:
                _, high, body = argument
                unbounded = str(high) == "MAXREPEAT"
                assert not (inside and unbounded), f"{table}: {rule.name}"
                walk(body, inside or unbounded)
            elif name == "SUBPATTERN":
                walk(argument[3], inside)
            elif name == "BRANCH":
                for branch in argument[1]:
                    walk(branch, inside)
            elif name in {"ASSERT", "ASSERT_NOT"}:
                walk(argument[1], inside)

    walk(tree, False)


@pytest.mark.parametrize("row", GENERIC, ids=lambda row: str(row["name"]))
def test_the_example_of_a_generic_message_is_found_by_its_row(row: dict[str, Any]) -> None:
    given, expected = row["example"]
    assert sign(given).text == expected
    assert scope_of(expected) == (row["scope"], row["name"])
    assert row["scope"] in SCOPES
    assert row["why"]


def test_names_of_rules_are_their_own() -> None:
    for table in TABLES:
        names = [rule.name for rule in rows_of(table).rules]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "name",
    ["asides.txt", "uninformative.txt", "os_messages.txt", "errno.txt", "telling.txt", *COMMON],
)
def test_lists_hold_no_entry_twice(name: str) -> None:
    entries = load_lines(name)
    assert entries
    assert len(entries) == len(set(entries))


@pytest.mark.parametrize("phrase", sorted(load_reasons()))
def test_a_phrase_that_repeats_a_status_is_named_with_it(phrase: str) -> None:
    text = sign(phrase).text
    assert re.match(r"(?:[a-z]+ )?\d{3} ", text), text


def test_a_wheel_that_could_not_be_built_names_no_failure_however_it_is_said() -> None:
    ended = "ERROR: Could not build wheels for tea, which is required to install projects"
    for raw in (ended, "ERROR: Failed building wheel for tea"):
        assert scope_of(sign(raw).text) == ("thread", "command-failed")
