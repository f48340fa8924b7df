"""Titles that people can read, from the fields of a signature."""

from __future__ import annotations

import pytest

from kb.models import Signature
from kb.signature import sign
from kb.signature.title import WIDTH, title_of


def test_provider_status_and_message() -> None:
    raw = '401 {"error":{"message":"User not found.","code":401}} https://openrouter.ai/api/v1'
    assert title_of(sign(raw)) == "OpenRouter 401: User not found"


def test_the_status_is_said_once() -> None:
    assert title_of(sign("HTTP 429: Too Many Requests")) == "429: Too many requests"
    assert (
        title_of(sign("HTTP 429: Too Many Requests"), "HTTP 429: Too Many Requests")
        == "429: Too Many Requests"
    )


def test_a_class_and_a_code_keep_their_letters() -> None:
    assert title_of(sign("Error: spawn npx ENOENT")) == "spawn npx ENOENT"


def test_the_letters_are_those_of_a_real_form() -> None:
    raw = "MCP error -32000: Connection closed"
    assert title_of(sign(raw), raw) == "MCP error -32000: Connection closed"
    raw = "cudaMalloc failed: out of memory"
    assert title_of(sign(raw), raw) == raw


def test_a_long_message_is_cut_at_a_word() -> None:
    title = title_of(Signature(text="word " * 60 + "end", fingerprint="v1:0"))
    assert title.endswith("word…")
    assert len(title) <= WIDTH + 1


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("1 validation error for Kettle\nlid\n  Input should be a valid string [type=string_type]",
         "Validation error for Kettle lid. Input should be a valid string"),
        ("ImportError: cannot import name 'Lid' from 'kettles' (/srv/kettles/__init__.py)",
         "Cannot import name Lid from kettles"),
        ("AttributeError: 'str' object has no attribute 'pour_all_cups'",
         "str object has no attribute pour_all_cups"),
        ("#9 3.037 ModuleNotFoundError: No module named 'kettles'", "No module named kettles"),
        ("**KettleError: the lid is fastened to the pot**", "The lid is fastened to the pot"),
        ("openai not installed. Please install it with pip", "Openai not installed"),
    ],
)  # fmt: skip
def test_titles_are_what_a_person_would_type(raw: str, title: str) -> None:
    assert title_of(sign(raw), raw).startswith(title)
    assert "…" not in title_of(sign(raw), raw)
    assert not title_of(sign(raw), raw).startswith("N ")


def test_a_long_title_leaves_no_bracket_open() -> None:
    raw = f"The kettle could not be poured into the cup {'x' * 30} (caused by {'a lid ' * 20})"
    assert title_of(sign(raw), raw).endswith("x")


def test_nothing_at_all_has_a_title_too() -> None:
    assert title_of(sign("")) == "Unnamed error"
