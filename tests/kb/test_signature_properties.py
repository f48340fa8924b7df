"""What holds for any text: the same name again, no matter the line ends, blanks or full stops; in
bounded time.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kb.prefilter import FEW, Gate, Quick
from kb.signature import explain, fingerprint_of, sign
from kb.signature.tables import table as rows_of
from tests.support.growth import assert_linear

PIECES = [
    "Error: ",
    "API Error: 529 ",
    "429 ",
    "HTTP 404: ",
    "[HTTP 401] ",
    "Error code: 400 - ",
    '{"error":{"message":"',
    '"}}',
    "{'error': {'message': '",
    "'}}",
    '\\"',
    "\\n",
    "\n",
    "\r\n",
    "    at foo (file:///x/y.js:1:2)\n",
    "\x1b[31m",
    "│ ",
    "⎿  ",
    "2025-01-02T10:11:12Z ",
    "[error] ",
    "ValueError: ",
    "litellm.APIError: ",
    "OpenrouterException - ",
    "spawn npx ENOENT",
    "connect ECONNREFUSED 127.0.0.1:11434",
    "MCP error -32000: ",
    "prompt is too long: 7 tokens > 5 maximum",
    ". Please try again",
    " (attempt 3/10)",
    "Retrying in 26 seconds…",
    "“quoted”",
    "`code`",
    "req_01ab",
    "https://example.com/a/b",
    "/home/jo/x.py:12",
    "C:\\Users\\jo",
    "gpt-4o-mini",
    "<n>",
    "<id>",
    "exit code 137",
    "Too Many Requests",
    "overloaded",
    "İ",
    "\u2028",
    "\x00",
    "...",
    ": ",
    " - ",
    "(",
    ")",
    "[",
    "]",
    "widget quota is used up for this seat",
    "Ошибка: ",
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map("".join),
    st.text(max_size=120),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=10).map("".join),
)
slow_ok = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow_ok
@given(texts)
def test_the_signature_of_a_signature_is_itself(raw: str) -> None:
    once = sign(raw)
    again = sign(once.text)
    assert again.text == once.text
    assert again.fingerprint == once.fingerprint == fingerprint_of(once.text)


@slow_ok
@given(
    texts, st.text(alphabet=" \t\n\r", max_size=4), st.text(alphabet=" \t\n\r.,;:!?…", max_size=4)
)
def test_blanks_around_and_punctuation_behind_decide_nothing(
    raw: str, before: str, behind: str
) -> None:
    assert sign(before + raw + behind).text == sign(raw).text


@slow_ok
@given(texts.filter(lambda text: "\r" not in text))
def test_line_ends_decide_nothing(raw: str) -> None:
    assert sign(raw.replace("\n", "\r\n")).text == sign(raw).text
    assert sign(raw.replace("\n", "\r")).text == sign(raw).text


@settings(max_examples=150, deadline=None)
@given(texts)
def test_explaining_gives_the_same_signature(raw: str) -> None:
    signature, _ = explain(raw)
    assert signature == sign(raw)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_gate_never_stops_a_rule_that_matches(raw: str) -> None:
    for table in ("placeholders.toml", "anchors.toml", "wrappers.toml"):
        rules = rows_of(table).rules
        gate = Gate([rule.pattern for rule in rules])
        passing = set(gate.passing(raw))
        if not raw.isascii():
            assert passing == set(range(len(rules)))
        # the first texts are asked of another automaton than those that follow
        assert passing == set([gate.passing(raw) for _ in range(FEW + 1)][-1])
        for index, rule in enumerate(rules):
            if re.search(rule.pattern, raw, re.X | re.I):
                assert index in passing, rule.name


QUICK = [
    Quick(r"(?i)\b(?:try|see) (?:if|whether)\b(?! not)|(?m:^at\s+[x]{1,40}$)"),
    Quick(r"(?: a | b) \s [^\s]+", re.VERBOSE),
]


@given(st.text(alphabet="try see if\n\x1c\x0baxbé\u212a", max_size=40))
@example("a\x1cx")
def test_a_quick_pattern_finds_what_the_pattern_itself_finds(text: str) -> None:
    for quick in QUICK:
        pattern = quick.own
        spans = [found.span() for found in pattern.finditer(text)]
        assert [found.span() for found in quick.finditer(text)] == spans
        assert bool(quick.search(text)) == bool(spans)
        assert quick.sub("-", text) == pattern.sub("-", text)


def test_patterns_with_other_characters_are_asked_of_texts_without_them() -> None:
    """A filter, which later texts are asked of, takes no letters but those of ASCII."""
    gate = Gate(["don['’]t", "a—b", r"\#[à-é“]x|yes"])
    for _ in range(FEW + 1):
        assert [tuple(gate.passing(text)) for text in ("don't", "a-b", "#yes")] == [(0,), (), (2,)]
    assert Quick("# ['’]|—").search("#1 # 'a") is not None


MEGABYTE = 1_000_000
HOSTILE = [
    '{"error":"',
    "\"'",
    "a:",
    "\x1b[31m",
    "x",
    " ",
    "\n",
    "\\",
    '\\"',
    "error: ",
    "/a",
    "1",
    "a.",
    "{'message': '",
    "[",
    "failed to x: ",
    "   at foo (",
    "FooError: ",
    "connect E",
    "spawn ",
    "*",
    "401 ",
    "Traceback (most recent call last):\n",
    "é",
    "gpt-",
    "<n>",
    "mcp error -32000: ",
    "//////",
    '{"message":"{\\"message\\":\\"',
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_of_anything_takes_linear_work(unit: str) -> None:
    text = (unit * (MEGABYTE // len(unit) + 1))[:MEGABYTE]
    once = sign(text)
    assert_linear(sign, unit, 4_000)
    assert sign(once.text).text == once.text


@pytest.mark.parametrize(
    "rule",
    [
        rule
        for table in ("placeholders.toml", "anchors.toml", "wrappers.toml", "canonical.toml")
        for rule in rows_of(table).rules
    ],
    ids=lambda rule: rule.name,
)
@pytest.mark.timeout(60)
def test_no_pattern_is_slow_on_repetitions(rule: object) -> None:
    pattern = re.compile(rule.pattern, re.X | re.I)  # type: ignore[attr-defined]
    for unit in (
        *HOSTILE,
        "a_",
        "A.",
        "0x",
        "a-",
        "a/",
        "\\\\/",
        "http ",
        "status code ",
        "sk-",
        "a@",
        "request ",
        "for a in ",
        "[a",
        "x x: ",
    ):
        pattern.search((unit * 1000)[:1000])
