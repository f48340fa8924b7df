"""What an error is called: the normalised form of its text, its fields and its fingerprint.

`sign` is a function of the text alone as far as `text` and `fingerprint` go; what a form tells
(tool, provider, model, version, system) fills fields and is no part of the name. The stages, each a
module of its own: `clean` (terminal to plain lines), `bodies` and `unwrap` (to the innermost
message), `mask` (placeholders), `sentences` (which of them name the failure), `fields`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.models import Signature
from kb.redact import hide_keys
from kb.signature.canonical import canonical
from kb.signature.clean import plain
from kb.signature.fields import code_of, exception_of, model_of, objects_of, provider_of, status_of
from kb.signature.generic import is_generic, place_of
from kb.signature.mask import WIDTH, mask
from kb.signature.naming import naming, settle
from kb.signature.unwrap import Unwrapped, unwrap, words
from kb.tables import load_lines
from kb.text import storable

if TYPE_CHECKING:
    from kb.signature.place import Where

RULES_VERSION = "v1"
MOST_PASSES = 12
LONGEST_KEPT = 4_096
"""Characters of the longest text whose signature is kept in memory."""

__all__ = ["RULES_VERSION", "Step", "explain", "fingerprint_of", "sign"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a rule did: its name, what it fired on, what came of it."""

    rule: str
    fired_on: str
    result: str


def fingerprint_of(text: str, place: str | None = None) -> str:
    """`v1:` and 16 hex digits of a hash over a signature's text, and its place if it has one."""
    if place is not None:
        text = f"{text}\n{place}"
    data = text.encode("utf-8", "surrogatepass")
    return f"{RULES_VERSION}:{hashlib.blake2b(data, digest_size=8).hexdigest()}"


def sign(
    raw: str,
    *,
    tool: str | None = None,
    provider: str | None = None,
    model: str | None = None,
    version: str | None = None,
    os: str | None = None,
    where: Where | None = None,
) -> Signature:
    """The signature of an error's text, as pasted: one line, several, a body. Empty text gives an
    empty signature text.

    Where it was seen (`where`) is part of the fingerprint of a message that is printed for many
    failures.

    What the text itself tells (provider, model) goes before what the caller passes from a form.
    """
    own = _sign(raw) if len(raw) <= LONGEST_KEPT else _build(raw, None)
    place = place_of(own.text, raw, where)
    return Signature(
        text=own.text,
        fingerprint=own.fingerprint if place is None else fingerprint_of(own.text, place),
        place=place,
        provider=own.provider or (provider if _of_a_service(own) else None),
        tool=tool,
        status=own.status,
        code=own.code,
        exception=own.exception,
        wrappers=own.wrappers,
        objects=own.objects,
        model=own.model or model,
        version=version,
        os=os,
    )


def _of_a_service(own: Signature) -> bool:
    """Whether a service can have said it: what a language or a system prints, it did not."""
    return own.code not in load_lines("errno.txt") and not is_generic(own.text)


@lru_cache(maxsize=4096)
def _sign(raw: str) -> Signature:
    return _build(raw, None)


def explain(raw: str) -> tuple[Signature, list[Step]]:
    """A signature and the steps that led to it."""
    steps: list[Step] = []
    return _build(raw, steps), steps


def _build(raw: str, steps: list[Step] | None) -> Signature:
    raw = storable(raw)
    whole = plain(raw)
    hidden = hide_keys(raw)
    cleaned = whole if hidden == raw else plain(hidden)
    if steps is not None and hidden != raw:
        steps.append(Step("key", raw[:200], hidden[:200]))
    if steps is not None and cleaned != hidden:
        steps.append(Step("plain-lines", hidden[:200], cleaned[:200]))
    inner = unwrap(cleaned)
    text = _name(cleaned, inner, steps)
    settled = _fixed(text)
    if steps is not None and settled != text:
        steps.append(Step("again", text, settled))
    text = _placed(settled, cleaned)
    if steps is not None and text != settled:
        steps.append(Step("placed", settled, text))
    return Signature(
        text=text,
        fingerprint=fingerprint_of(text),
        provider=provider_of(whole),  # the form of a key tells whose it is
        status=status_of(cleaned)
        or (int(inner.told["status"]) if "status" in inner.told else None),
        code=code_of(cleaned),
        exception=exception_of(cleaned),
        wrappers=tuple(inner.wrappers),
        objects=objects_of(inner.message),
        model=model_of(cleaned),
    )


_PLACE = re.compile(
    r"(?:^|[\s/\\\\(])(\w[\w.-]{0,60}\.(?:c|cc|cpp|cxx|cu|cuh|h|hpp|m|mm|metal|rs|go|zig|swift))(?::\d+|\(\d+\))"
)
_BARE = frozenset(
    {
        "fatal error",
        "internal error",
        "unreachable",
        "unreachable code",
        "not implemented",
        "unknown error",
    }
)
"""Messages that say that a program gave up and no more: only the source file tells one from
another.
"""


def _placed(text: str, cleaned: str) -> str:
    """A bare message with the file name of the place in the source that printed it, where it says
    so.
    """
    place = _PLACE.search(cleaned[:WIDTH]) if text in _BARE else None
    return f"{place[1]}: {text}" if place else text


def _name(cleaned: str, inner: Unwrapped, steps: list[Step] | None) -> str:
    notes: list[tuple[str, str, str]] | None = [] if steps is not None else None
    whole = inner.whole and len(inner.message) <= WIDTH
    text = settle(naming(mask(inner.message, notes), whole))
    text = canonical(text, cleaned, inner.told)
    if not words(text):
        text = settle(mask(cleaned)) or text
    if steps is not None and notes is not None:
        steps.extend(Step(*note) for note in (*inner.notes, *notes))
        steps.append(Step("name", inner.message[:200], text))
    return text


def _fixed(text: str) -> str:
    """Passes a name through the rules until it stays: a signature's signature is itself."""
    for _ in range(MOST_PASSES):
        again = _once(text)
        if again == text:
            return text
        text = again
    return text


@lru_cache(maxsize=65_536)
def _once(text: str) -> str:
    cleaned = plain(hide_keys(text))
    inner = unwrap(cleaned)
    return _name(cleaned, inner, None)
