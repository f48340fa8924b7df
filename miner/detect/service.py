"""Whose service answered, where an error tells only whose client asked.

The clients of OpenAI and Anthropic ask every service that imitates theirs, and programs log such
answers in their names. Which service it was, the settings in the post say: an address, the class of
a client for Azure, a model of Gemini's. A provider that they contradict is not told. Of an answer
with a status that names none, the words around it and the title may name one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kb.models import Signature
from kb.providers import alternation, providers
from kb.signature.fields import clue_of, provider_of
from kb.signature.generic import is_generic

_ADDRESS = re.compile(
    r"(?i)(?:(?<![a-z])|_)(?:base_?url|api_?base|api_?url|api_?host|endpoint|server_?url)\w{0,20}"
    r"[\"'`]?(?:\s?:\s?str)?\s{0,3}[=:]\s{0,3}[\"'`]?(?P<address>https?://[^\s\"'`<>,)]{3,200})"
    r"|\b(?:POST|HTTP Request: POST) (?P<asked>https?://[^\s\"'`<>,)]{3,200}/v\d[^\s\"'`<>,)]{0,80})"
)
"""An address as a setting, or as one that was asked."""
_AZURE = re.compile(
    r"\b(?:Async)?Azure(?:Chat)?OpenAI\b|\bAZURE_\w{2,30}|\bazure_(?:endpoint|deployment|openai)"
)
_AZURE_IN_TITLE = re.compile(r"(?i)\bazure\b")
_GEMINI = re.compile(r"\bgemini/gemini-|\bGEMINI_API_KEY\b")
"""LiteLLM puts Vertex AI's name before the answers of Gemini's own service too."""
_COMMENTED = re.compile(r"(?m)^[ \t]{0,80}(?:#|//).{0,400}$")
_IMITATED = frozenset(row.name for row in providers() if row.imitated)
_NAMES = {
    said.lower(): row.name
    for row in providers()
    if not (row.everyday or row.imitated)
    for said in (row.name, row.title)
}
del _NAMES["azure"]  # which sells much else
_NAMED = re.compile(rf"(?i)(?<![\w/.-])(?:{alternation(tuple(_NAMES))})(?![\w/-])")
_SURE = (0, 3)
"""Ranks of clues that the service itself gives: its address, a sentence that only it says."""


@lru_cache(maxsize=16)
def _settings(post: str) -> tuple[frozenset[str | None], bool, bool]:
    """The providers whose addresses the settings in a post have, and whether it has some of Azure,
    of Gemini; a post may hold many errors.
    """
    text = _COMMENTED.sub("", post)
    found = (match["address"] or match["asked"] for match in _ADDRESS.finditer(text))
    return frozenset(map(provider_of, found)), bool(_AZURE.search(text)), bool(_GEMINI.search(text))


def answered(
    signature: Signature, said: str, title: str, posts: Iterable[str], around: str = ""
) -> str | None:
    """The provider of an error (`said`: its text), by the settings of the first of `posts` that
    shows some, unless the text itself is sure; by the words of the title and `around` it.
    """
    own = signature.provider
    if own is None and signature.status and not is_generic(signature.text):
        beside = f"{title}\n{around}".replace(said, "")
        named = {_NAMES[found.lower()] for found in _NAMED.findall(beside)}
        return named.pop() if len(named) == 1 else None
    clue = clue_of(said)
    if own not in _IMITATED or clue is None or clue[1] != own or clue[0] in _SURE:
        return own
    for shown, azure, gemini in map(_settings, posts):
        found = set(shown)
        if own == "openai" and (azure or _AZURE_IN_TITLE.search(title)):
            found.add("azure")
        if own == "vertex" and gemini:
            found.add("gemini")
        if found:
            return own if own in found else found.pop() if len(found) == 1 else None
    return own
