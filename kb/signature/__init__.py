"""What an error is called: the normalised form of its text, its fields and its fingerprint.

`sign` is a function of the text alone as far as `text` and `fingerprint` go; what a form tells
(tool, provider, model, version, system) fills fields and is no part of the name. The stages, each a
module of its own: `clean` (terminal to plain lines), `unwrap` (to the innermost
message), `mask` (placeholders), `naming` (which sentences name the failure), `fields`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from kb import lazy_re as re
from kb.models import Signature
from kb.providers import providers
from kb.redact import hide_keys
from kb.signature.clean import plain
from kb.signature.fields import code_of, exception_of, model_of, objects_of, provider_of, status_of
from kb.signature.generic import is_generic, place_of, scope_of
from kb.signature.naming import canonical, naming, settle
from kb.signature.place import Where
from kb.signature.tables import WIDTH, Step, errno_names, mask
from kb.signature.unwrap import Unwrapped, unwrap, words
from kb.tables import load_patterns
from kb.text import storable

_P = load_patterns("naming.toml")

RULES_VERSION = "v1"
MOST_PASSES = 12
LONGEST_KEPT = 4_096
"""Characters of the longest text whose signature is kept in memory."""

__all__ = ["RULES_VERSION", "Step", "explain", "fingerprint_of", "sign"]


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
    own = (_kept if len(raw) <= LONGEST_KEPT else _build)(raw)
    place = place_of(own.text, raw, where)
    if place is None and not (tool or provider or model or version or os):
        return own
    # what a language or a system prints, no service said
    of_a_service = own.code not in errno_names() and not is_generic(own.text)
    return own._replace(
        fingerprint=own.fingerprint if place is None else fingerprint_of(own.text, place),
        place=place,
        provider=own.provider or (_known(provider) if of_a_service else None),
        tool=tool,
        model=own.model or model,
        version=version,
        os=os,
    )


@lru_cache(maxsize=1024)
def _known(answer: str | None) -> str | None:
    """The provider that a form's answer names, which may name a model or a plan instead."""
    said = (answer or "").lower()
    for row in providers():
        if any(
            re.search(rf"\b{re.escape(name)}\b", said) for name in (row.name, row.title.lower())
        ):
            return row.name
    return None


def explain(raw: str) -> tuple[Signature, list[Step]]:
    """A signature and the steps that led to it."""
    steps: list[Step] = []
    return _build(raw, steps), steps


def _build(raw: str, steps: list[Step] | None = None) -> Signature:
    raw = storable(raw)
    whole = plain(raw)
    hidden = hide_keys(raw)
    cleaned = whole if hidden == raw else plain(hidden)
    inner = unwrap(cleaned)
    masked: list[Step] | None = None if steps is None else []
    named = _name(cleaned, inner, masked)
    settled = _fixed(named)
    place = _PLACE.search(cleaned[:WIDTH]) if settled in _BARE else None
    text = f"{place[1]}: {settled}" if place else settled
    if steps is not None and masked is not None:
        before = [
            Step("key", raw[:200], hidden[:200]),
            Step("plain-lines", hidden[:200], cleaned[:200]),
        ]
        after = [Step("again", named, settled), Step("placed", settled, text)]
        changed = [hidden != raw, cleaned != hidden]
        steps += [step for step, fired in zip(before, changed, strict=True) if fired]
        steps += [*inner.notes, *masked, Step("name", inner.message[:200], named)]
        steps += [step for step in after if step.fired_on != step.result]
    status = status_of(cleaned) or int(inner.told.get("status", 0)) or None
    # a language or a system prints it, whatever library is named in it
    scope, row = scope_of(text)
    at_home = scope in ("file", "place", "thread") and row != "bare-exception"
    local = status is None and (_LOCAL.search(text) or at_home)
    return Signature(
        text=text,
        fingerprint=fingerprint_of(text),
        # the form of a key tells whose it is
        provider=None if local else provider_of(whole),
        status=status,
        code=code_of(cleaned),
        exception=exception_of(cleaned),
        wrappers=tuple(inner.wrappers),
        objects=objects_of(inner.message),
        model=model_of(cleaned),
    )


_kept = lru_cache(maxsize=4096)(_build)
_LOCAL = re.compile(_P["local"])
_PLACE = re.compile(_P["place"])
_BARE = frozenset(
    ("fatal error|internal error|unreachable|unreachable code|not implemented|unknown error").split(
        "|"
    )
)
"""Messages that say no more than that a program gave up: the source file tells more."""


def _name(cleaned: str, inner: Unwrapped, notes: list[Step] | None = None) -> str:
    whole = inner.whole and len(inner.message) <= WIDTH
    text = settle(naming(mask(inner.message, notes), whole))
    text = canonical(text, cleaned, inner.told)
    return text if words(text) else settle(mask(cleaned)) or text


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
    return _name(cleaned, unwrap(cleaned))
