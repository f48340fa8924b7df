"""The fields of a signature: status, code, exception, provider, objects, model."""

from __future__ import annotations

from functools import cache

from kb import lazy_re as re
from kb.prefilter import Gate, Quick
from kb.providers import providers
from kb.signature.tables import errno_names, load_codes
from kb.tables import load_patterns

_P = load_patterns("naming.toml")

_STATUS = Quick(_P["status"])
_CODE_KEY = Quick(_P["code_key"])
_CODE_TEXT = Quick(_P["code_text"])
_CODE_WORDS = Quick(_P["code_words"])
_DULL = frozenset(
    (
        "error object function text assistant message tool none null undefined string json true "
        "false application apierror invalid_request failure failed aicallerror ai_apicallerror "
        "requests server success"
    ).split()
)
_EXCEPTION = Quick(_P["exception"])
_DULL_EXCEPTION = frozenset({"Error", "Exception", "RuntimeError", "APIError", "ApiError"})
_MODEL = Quick(_P["model"])
_OBJECTS = Quick(_P["objects"])

_PLAIN_TYPES = frozenset(
    (
        "int float double long short char bool boolean string str bytes list tuple dict object "
        "number array void null none undefined never map set"
    ).split()
)

LOOKED_AT = 4_000
"""Characters of a text that fields are looked for in."""


@cache
def _providers() -> tuple[Gate, tuple[tuple[int, str], ...]]:
    clues = [(rank, row.name, pattern) for row in providers() for rank, pattern in row.clues]
    gate = Gate([pattern for _, _, pattern in clues])
    return gate, tuple((rank, name) for rank, name, _ in clues)


def status_of(text: str) -> int | None:
    """The HTTP status that a text tells, the first one; else the one that its code stands for."""
    for match in _STATUS.finditer(text[:LOOKED_AT]):
        value = int(next(group for group in match.groups() if group))
        if 400 <= value < 600:
            return value
    return load_codes().get(code_of(text) or "")


def code_of(text: str) -> str | None:
    """The vendor's, system's or protocol's code: of a body before known forms in the text."""
    best: dict[str, str] = {}
    for match in _CODE_KEY.finditer(text[:LOOKED_AT]):
        key, value = match.groups()
        word = value.isdigit() or (value.isalpha() and value.islower())
        if word or value.lower() in _DULL or (key.lower() == "status" and not value.isupper()):
            continue
        best[key.lower()] = value
    for key in ("code", "errorcode", "error_code", "type", "__type", "status"):
        if key in best and best[key] != "invalid_request_error":
            return best[key]
    known = _CODE_TEXT.search(text[:LOOKED_AT])
    if known:
        return known.group(1) or known.group(2)
    if best:
        return next(iter(best.values()))
    said = _CODE_WORDS.search(text[:LOOKED_AT])
    return next(group for group in said.groups() if group) if said else None


def exception_of(text: str) -> str | None:
    """The innermost exception class a text names."""
    best = None
    for match in _EXCEPTION.finditer(text[:LOOKED_AT]):
        name = match.group(1)
        if best is None or name.rsplit(".", 1)[-1] not in _DULL_EXCEPTION:
            best = name
    return best


def provider_of(text: str) -> str | None:
    """Whose service answered, by address, exceptions, keys or name, the surest first."""
    surest = clue_of(text)
    return surest[1] if surest else None


def clue_of(text: str) -> tuple[int, str] | None:
    """The surest clue to a service that a text gives: its rank and the provider."""
    gate, rows = _providers()
    if not text.isascii():
        text = text.encode("ascii", "replace").decode()
    passing = gate.passing(text[:LOOKED_AT])
    return min((rows[index] for index in passing), key=lambda row: row[0], default=None)


_ASSERTION = Quick(_P["assertion"])
_UNRESOLVED = Quick(_P["unresolved"])

_NO_NAMES = frozenset(
    ("a an the is are was were has have not no for from in with to and of").split()
)

_CONVERSION = Quick(_P["conversion"])

_NEVER = frozenset(["false", "0", "null", "nullptr", "unreachable"])
"""Conditions that say only that a place must not be reached: which place, its function says."""
_FUNCTION = re.compile(r"\b([A-Za-z_]\w{3,80})\(")


def objects_of(text: str) -> tuple[str, ...]:
    """The named things that an error is about: a missing module, command, symbol, attribute."""
    out: list[str] = []
    for match in _OBJECTS.finditer(text[:LOOKED_AT]):
        name = match.group("name") or match.group("missing") or match.group("windows")
        name = name.rstrip(".:,'\"")
        common = name.lower() in _NO_NAMES or name.upper() in errno_names()
        if name and not name.isdigit() and not common and name not in out:
            out.append(name)
    # which assertion: the same macro guards a thousand different conditions
    asserted = _ASSERTION.search(text[:LOOKED_AT])
    if asserted and (condition := re.sub(r"[\s`'\"()]+", "", asserted["condition"].lower())):
        named = "assert:" + re.sub(r"\d+", "<n>", condition)[:80]
        if condition in _NEVER and (inside := _FUNCTION.search(text, 0, asserted.start())):
            named += f"@{inside[1]}"
        out.insert(0, named)
    unresolved = _UNRESOLVED.search(text[:LOOKED_AT])
    if unresolved and "." in unresolved["host"].strip("."):
        out.insert(0, f"host:{unresolved['host'].strip('.').lower()}")
    converted = _CONVERSION.search(text[:LOOKED_AT])
    if converted and _is_type(converted["from"]) and _is_type(converted["to"].rstrip(".:,")):
        out.insert(0, f"{converted['from']}>{converted['to'].rstrip('.:,')}")
    return tuple(out[:4])


def _is_type(name: str) -> bool:
    """Whether a word of a message about a conversion is the name of a type rather than prose."""
    return not name.isalpha() or not name.islower() or name in _PLAIN_TYPES


def model_of(text: str) -> str | None:
    """The model a text names."""
    match = _MODEL.search(text[:LOOKED_AT])
    return (match.group(1) or match.group(2)).rstrip(".:'\"") if match else None
