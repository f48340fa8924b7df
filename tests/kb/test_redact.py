"""Planted secrets go, ordinary error text stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.redact import redact
from kb.secret_rules import SECRETS
from tests.hostile.secrets import ORDINARY, Planted, planted


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


def test_hostile_length_is_linear() -> None:
    for text in (
        "a." * 50_000,
        "/Users/" * 15_000,
        "password: " * 10_000,
        "sk-a_" * 20_000,
        "a@b.png " * 10_000,
        "-----BEGIN PRIVATE KEY-----" * 2_000,
    ):
        start = time.perf_counter()
        redact(text)
        assert time.perf_counter() - start < 5, text[:12]
