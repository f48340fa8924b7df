"""Titles that people can read, from the fields of a signature."""

from __future__ import annotations

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


def test_nothing_at_all_has_a_title_too() -> None:
    assert title_of(sign("")) == "Unnamed error"
