"""A provider is one row: titles, layers of messages, fields, links, keys and features follow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb.providers import Provider, names, providers
from kb.signature import sign
from kb.signature.title import title_of

ROOT = Path(__file__).resolve().parents[2]

TOY = """
from kb import providers

row = {
    "name": "heliotrope", "title": "HelioTrope AI", "hosts": ["heliotrope.example"],
    "models": ["helio-"], "keys": ["htk-"],
    "clues": [[0, r"api\\.heliotrope\\.example"], [2, "heliotrope"]],
}
real = providers.read_rows()
providers.read_rows = lambda: [*real, row]

from kb.matching.words import words
from kb.models import Comment
from kb.redact import redact
from kb.signature import sign
from kb.signature.title import title_of
from miner.authors.spam import web_links

given = sign("Error: 401 from https://api.heliotrope.example: the lamp is unknown")
assert given.provider == "heliotrope", given
assert title_of(given).startswith("HelioTrope AI 401"), title_of(given)
layered = sign("heliotrope 503: the lamp went out")
assert (layered.status, layered.text) == (503, "the lamp went out"), layered
assert sign("model helio-nova-2 is not there, 404 from heliotrope").model == "helio-nova-2"
assert "htk-" not in redact("sent htk-a8F3k2L9q0Z7x5C1v4B6 along")
assert "heliotrope" in words().pale
(link,) = web_links("see https://heliotrope.example/status", "acme/tool")
assert not link.is_product, link
"""


def test_a_toy_provider_is_known_everywhere_by_its_row() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOY], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_each_provider_has_one_row_and_says_how_it_is_known() -> None:
    assert len({row.name for row in providers()}) == len(providers())
    assert all(row.title and row.clues for row in providers())
    assert all(0 <= rank <= 4 for row in providers() for rank, _ in row.clues)


def test_a_column_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError):
        Provider(name="x", title="X", clues=(), hostz=())  # type: ignore[call-arg]


def test_names_that_are_words_tell_nothing_alone() -> None:
    assert {"openrouter", "groq"} <= set(names())
    assert "together" not in names()
    assert sign("Error: put the parts together and try again").provider is None


def test_an_address_goes_before_a_sentence_and_a_sentence_before_a_hint() -> None:
    text = "https://openrouter.ai/api said: incorrect API key provided, claude"
    assert sign(text).provider == "openrouter"
    assert sign("incorrect API key provided, claude").provider == "openai"
    assert title_of(sign("openrouter: 402 requires more credits")).startswith("OpenRouter 402")


def test_a_name_in_somebodys_data_tells_no_provider_and_a_model_that_was_asked_does() -> None:
    node = "Error executing graph query: merge (n {name: 'ChatGPT plans'}) is not closed"
    assert sign(node).provider is None
    assert sign("ChatGPT translation error: the lamp is out").provider == "openai"
    asked = "ModelHTTPError: status_code: 400, model_name: gemini-2.0-flash, body: the lamp is out"
    assert sign(asked).provider == "gemini"
    assert sign("the page about gemini-2.0 was not found").provider is None
