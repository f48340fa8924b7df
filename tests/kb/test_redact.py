"""Planted secrets go, ordinary error text stays."""

from __future__ import annotations

import gzip
import html
import json
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.redact import KEY_FORMATS, SECRETS, _Table, _tables, hide_keys, redact
from tests.hostile.key_formats import ALONE, BESIDE, NAMED, value
from tests.hostile.secrets import KEYS, ORDINARY, Planted, planted
from tests.hostile.surroundings import BEFORE_AND_AFTER, HIDDEN


def test_there_are_enough() -> None:
    assert len(planted()) >= 200
    assert len(ORDINARY) >= 90


@pytest.mark.parametrize("secret", planted(), ids=lambda s: s.kind)
def test_a_planted_secret_goes(secret: Planted) -> None:
    assert secret.secret in secret.text
    assert secret.secret not in redact(secret.text)


def test_secrets_go_from_one_text_together() -> None:
    text = "\n".join(p.text for p in planted())
    made = redact(text)
    assert [p.kind for p in planted() if len(p.secret) > 8 and p.secret in made] == []


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


def test_what_it_was_is_said() -> None:
    assert (
        redact("sent sk-or-v1-" + "ab12" * 16 + " to 10.0.0.7 as bob@corp.example.org")
        == "sent [key] to [host] as [e-mail]"
    )
    assert redact("open '/Users/janedoe/x'") == "open '/Users/[user]/x'"
    assert redact("postgres://u:pa55word@db/x") == "postgres://u:[password]@db/x"


def test_each_rule_says_why() -> None:
    assert all(rule.why and rule.name for rule in SECRETS)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("abk-_:=@./\\ \"'sk1029[]{}\n"), max_size=80),
    st.sampled_from(planted()),
)
def test_twice_is_once(text: str, secret: Planted) -> None:
    made = redact(text + " " + secret.text)
    assert redact(made) == made


@pytest.mark.parametrize(
    "unit",
    [
        "a.",
        "/Users/",
        "password: ",
        "sk-a_",
        "sk-",
        "a@b.png ",
        "Secret=",
        "key=",
        "token ",
        "eyJ.",
        "-----BEGIN PRIVATE KEY-----",
        "10.0.0.1 ",
        "authorization: bearer ",
        "fd12:",
        "openai: ",
        "\\n",
        "%20",
        "&#45;",
        "[0m",
        "a\nb",
        "Zm9vYmFyYmF6",
        "C:\\Users\\",
    ],
)
def test_twice_the_length_takes_twice_the_steps(unit: str) -> None:
    """RE2 is linear in what it is given; this counts how often it is asked, and for how much."""
    assert _searched(unit * 1000) <= 2.3 * _searched(unit * 500) + 100


def _searched(text: str) -> int:
    """Matches that the tables find, and characters that they span."""
    steps = 0
    for table in _tables():
        finditer = table.pattern.finditer

        def counting(encoded: bytes, at: int, finditer: Any = finditer) -> Iterator[Any]:
            nonlocal steps
            for match in finditer(encoded, at):
                steps += 1 + match.end() - match.start()
                yield match

        table.pattern = SimpleNamespace(finditer=counting)
    try:
        redact(text)
    finally:
        _tables.cache_clear()
    return steps


def test_what_resembles_a_key_hides_none() -> None:
    key = KEYS["openrouter"](random.Random(4))
    assert key not in redact("sk-a_" * 50 + key)
    assert key not in redact(f"sk-{'not-a-key-' * 30}{key}")


@pytest.mark.parametrize("table", range(6))
def test_rules_together_find_what_they_find_alone(table: int) -> None:
    """The automaton of all rules of a table says where, the set and the rule itself what."""
    rules = _tables()[table].rules
    alone = [_Table((rule,)) for rule in rules]
    for secret in planted():
        encoded = secret.text.encode("latin-1", "kb.redact.letters")
        together = list(_tables()[table].find(secret.text, encoded))
        each = {found for one in alone for found in one.find(secret.text, encoded)}
        assert set(together) <= each
        assert all(any(t.start < f.end and f.start < t.end for t in together) for f in each)


@pytest.mark.parametrize("surrounding", BEFORE_AND_AFTER)
def test_a_key_goes_wherever_it_stands(surrounding: str) -> None:
    rng = random.Random(surrounding)
    text = BEFORE_AND_AFTER[surrounding]
    keys = {kind: make(rng) for kind, make in KEYS.items()}
    leaked = [kind for kind, key in keys.items() if key in redact(text.replace("{}", key))]
    assert leaked == []


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_key_goes_whatever_hides_it(hidden: str) -> None:
    """Neither what was written stays, nor what a reader would put together of it."""
    rng = random.Random(hidden)
    leaked = []
    for kind, make in KEYS.items():
        key = make(rng)
        written = HIDDEN[hidden](key)
        made = html.unescape(redact(f"The key {written} fails"))
        if written in made or _letters(key) in _letters(made):
            leaked.append(kind)
    # a short key in halves that may be words is no key any more
    allowed = {"litellm", "azure sas", "fireworks"} if "lines" in hidden else set()
    # beside bytes that are no text a form counts, no place
    allowed |= {"azure sas"} if hidden == "base64 with other bytes" else set()
    assert set(leaked) <= allowed


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


@pytest.mark.parametrize("first", ["key", "api_key", "access_token"])
def test_what_follows_a_key_in_a_query_is_found_too(first: str) -> None:
    one, other = KEYS["google"](random.Random(2)), KEYS["perplexity"](random.Random(3))[5:]
    made = redact(f"GET https://api.example.org/v1?{first}={one}&token={other}&stream=true")
    assert one[4:] not in made
    assert other not in made
    assert made.endswith("&stream=true")


def test_other_lines_stay_beside_a_key() -> None:
    key = KEYS["github"](random.Random(1))
    assert redact(f"it is {key}\nThen it fails") == "it is [token]\nThen it fails"
    assert redact(f"it is {key}\\nThen it fails") == "it is [token]\\nThen it fails"


PARTS = st.sampled_from(
    [p.text for p in planted()[::5]]
    + list(BEFORE_AND_AFTER.values())
    + [
        "fd12:",
        "fd12:3456:789a::1",
        "/home/",
        "a@b.",
        "token: ",
        "[key]",
        "sk-",
        "\\u00",
        "%2",
        "&#4",
    ]
    + ["password=", "\x1b", "[0m", "\n", " ", "=", "-", "_", ".", "x", "7", "\ud83d", "\u200b"]
)


@given(st.lists(PARTS | st.text(max_size=8), max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    hidden = hide_keys(text)
    assert hide_keys(hidden) == hidden


@pytest.mark.parametrize("length", [3, 8, 20, 40])
def test_runs_of_private_addresses_go_in_one(length: int) -> None:
    once = redact(" ".join(["fd12:3456:789a::1"] * length) + ":" + "fd00:1:" * length)
    assert redact(once) == once


def test_escapes_lead_back_to_their_place() -> None:
    assert redact("a\\u003dsk-or-v1-" + "ab12" * 16 + "%20b") == "a\\u003d[key]%20b"
    assert redact("C:\\\\Users\\\\janedoe\\\\x") == "C:\\\\Users\\\\[user]\\\\x"
    assert redact("%2Fhome%2Fjanedoe%2Fx") == "%2Fhome%2F[user]%2Fx"


def test_each_format_names_whose_it_is() -> None:
    assert len(KEY_FORMATS) >= 116
    assert all(row.why and row.pattern for row in KEY_FORMATS)
    assert len({row.pattern for row in KEY_FORMATS}) == len(KEY_FORMATS)


def test_a_key_of_every_published_format_goes() -> None:
    rng = random.Random(11)
    leaked = []
    for form in ALONE:
        for turn, text in enumerate(("It failed with {} then", "x\\n{}\\n", '{"v": "{}"}')):
            key = value(rng, form)
            if key in redact(text.replace("{}", key)):
                leaked.append((form, turn))
    assert leaked == []
    assert len(ALONE) >= 200


def test_a_key_beside_its_vendors_name_goes() -> None:
    rng = random.Random(12)
    leaked = []
    for vendor, form in BESIDE:
        for context in NAMED:
            key = value(rng, form)
            text = context.replace("{VENDOR}", vendor.upper()).replace("{vendor}", vendor)
            if key in redact(text.replace("{}", key)):
                leaked.append((vendor, context))
    assert leaked == []


@pytest.mark.shared
def test_a_thousand_ordinary_lines_stay(shared_dir: Path) -> None:
    """What goes of them are people, hosts and real secrets: nothing else is held for a key."""
    lines: list[str] = []
    with gzip.open(shared_dir / "corpus" / "real_apps.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in file:
            lines += (json.loads(row)["issue"].get("body") or "").splitlines()
    ordinary = random.Random(3).sample([line for line in lines if len(line) > 20], 1000)
    keys = [line for line in ordinary if hide_keys(line) != line]
    assert len(keys) <= 2, keys
