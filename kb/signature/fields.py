"""The fields of a signature: status, code, exception, provider, objects, model."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from kb.prefilter import Gate
from kb.providers import alternation, providers
from kb.signature.tables import load_codes
from kb.tables import load_lines

_STATUS = re.compile(
    r"""\b(?:error\ code|status[_ ]?code|statuscode
    |http(?:/[12](?:\.[01])?)?(?:\ error)?(?:\ status)?
        |status|api\ error|error|returned|failed|rejected|code)
        (?:\ (?:with|code|status|of|is|api|openai|returned|request|error
        |http)){0,4} ["'`]?\s?[:=]?\s?["'`(\[]{0,2} ([1-5]\d\d)\b
        (?!\ ?(?:ms|s|sec|seconds|tokens|bytes|[KMG]i?B|/|\.\d|times|days))
      | [\[(<](?:http\ )?([1-5]\d\d)(?::[a-z_]+|\ [a-z]{2,12}(?:\ [a-z]{2,10}){0,2})?[\])>]
      | (?:^|(?<!port)(?<!from)(?<!line)(?<!than)[\s"'`])([45]\d\d)
        (?!\ (?:to|of|out|ms|s|sec|seconds|tokens|bytes|times|days|lines|files|items|rows)\b)
        (?:\ [a-z'{"\[] |\ (?:bad|unauth|payment
        |forbid|not|too|internal|service|gateway|overload
        |resource|provider|incorrect|invalid|this|no|you|insufficient
        |error|rate|missing|the|model|please|an|prompt|user|request|credit)) """,
    re.X | re.I,
)
_CODE_KEY = re.compile(
    r"""["'`]?\b(code|type|status|errorCode|error_code|__type|Code)["'`]?\s{0,9}[:=]\s{0,9}(?:StatusCode\.)?["'`]?(-?[A-Za-z0-9_.-]{2,60})["'`]?(?=\s{0,9}[,}\]\n)]|\s{0,9}$|["'`])"""
)
_CODE_TEXT = re.compile(
    r"""\b(E[A-Z]{3,14}|EAI_AGAIN|ERR_[A-Z_]{3,40}|-3[12]\d{3}|RESOURCE_EXHAUSTED|INVALID_ARGUMENT|PERMISSION_DENIED|UNAUTHENTICATED|UNAVAILABLE|NOT_FOUND|FAILED_PRECONDITION|DEADLINE_EXCEEDED|INTERNAL
        |[a-z]{2,20}(?:_[a-z]{2,20}){0,4}_(?:error|exceeded|quota|key|found|credits|window|failed)\b|SQLSTATE\[\w+\]
        |0x8[0-9A-Fa-f]{7}|0x[cC]0[0-9A-Fa-f]{6}
        |(?:TS|CS|NU|LNK|C|E|MSB|NETSDK)\d{3,5}|FUNCTION_INVOCATION_\w{3,20}|[A-Z]{3,20}(?:_[A-Z]{2,20}){1,4}_(?:FAILED|ERROR
        |TIMEOUT|EXCEEDED))\b|(?<!\w)(-3[12]\d{3}\b|SQLSTATE\[\w{5}\])""",
    re.X,
)
_CODE_WORDS = re.compile(
    r"\b(?:exit(?:ed)?(?: with)?(?: code| status)?|exit code)[: ]{1,12}(-?\d{1,10}"
    r"|0x[0-9a-fA-F]{1,8})\b"
    r"|\[(?:Errno|WinError) (\d{1,5})\]|\bsignal[: ]{1,2}(\w{1,12})",
    re.I,
)
_DULL = frozenset(
    (
        "error object function text assistant message tool none null undefined string json true "
        "false application apierror invalid_request failure failed aicallerror ai_apicallerror "
        "requests server success"
    ).split()
)
_EXCEPTION = re.compile(
    r"\b((?:[A-Za-z_]\w{0,60}[.])*[A-Z][A-Za-z0-9_]{0,80}(?:Error|Exception|Exhausted|Fault|Interrupt|Timeout|Refused))\b(?!\()"
)
_DULL_EXCEPTION = frozenset({"Error", "Exception", "RuntimeError", "APIError", "ApiError"})
_MODEL = re.compile(
    r"""(?:\bmodel(?:[ _]?(?:id|name))?["'`]?\s?[:=]?\s?["'`]?|endpoints\ found\ for\ )
        ((?:[\w-]{2,30}/)?(?:[a-z]{2,12}\.)?[A-Za-z][\w.-]{1,60}\d[\w.-]{0,60}(?::\w{1,20})?)
      | \b((?:meta/|qwen/|z-ai/|moonshotai/|llama-|qwen-|glm-|kimi-|"""
    + alternation(tuple(prefix for row in providers() for prefix in row.models))
    + r""")[\w.:-]{1,60})""",
    re.X | re.I,
)
_OBJECTS = re.compile(
    r"""(?: no\ module\ named | cannot\ find\ (?:module|package|name|symbol) |
    module\ not\ found:\ error:\ can't\ resolve
          | could\ not\ resolve
          | no\ such\ (?:module|table|column|function|service|container|image|host|option|command):?
          | unknown\ (?:option|command|column|argument|field
          |parameter|model\ architecture|pre-tokenizer\ type|type|name|flag
        |architecture|database|tool|provider|function):?
          | undefined\ (?:symbol|reference\ to|variable|method):? | cannot\ locate\ symbol |
          cannot\ import\ name
        | has\ no\ attribute | unexpected\ keyword\ argument |
        missing\ (?:required\ )?(?:argument|parameter|environment\ variable
        |scopes?):?
          | unsupported\ (?:parameter|value|gpu\ architecture|option):? |
          unrecognized\ (?:argument|option|key|field)s?:?
        | failed\ to\ spawn:? | spawn | recipe\ for\ target
          | no\ rule\ to\ make\ target | command\ not\ found: | executable\ file\ not\ found:?
          | library | shared\ library | package | invalid\ schema\ for\ function |
          use\ of\ undeclared\ identifier )
        \ +["'`<(]{0,2}(?P<name>[\w@$][\w@./:$~+-]{0,100})
      | (?P<missing>[\w./-]{1,60}):\ (?:command\ not\ found|cannot\ open\ shared)
        | ["'`](?P<windows>[\w./\\-]{1,60})["'`]\ is\ not\ recognized """,
    re.X | re.I,
)

_PLAIN_TYPES = frozenset(
    (
        "int float double long short char bool boolean string str bytes list tuple dict object "
        "number array void null none undefined never map set"
    ).split()
)

_GATED = (_STATUS, _CODE_KEY, _CODE_TEXT, _CODE_WORDS, _EXCEPTION, _MODEL, _OBJECTS)


@cache
def _gate() -> Gate:
    verbose = ((one.pattern, bool(one.flags & re.X)) for one in _GATED)
    return Gate([text if is_so else text.replace(" ", r"\ ") for text, is_so in verbose])


@lru_cache(maxsize=64)
def _may(text: str) -> frozenset[re.Pattern[str]]:
    """The patterns of this module that can match a text."""
    return frozenset(_GATED[index] for index in _gate().passing(text[:LOOKED_AT]))


LOOKED_AT = 4_000
"""Characters of a text that fields are looked for in."""


@cache
def _providers() -> tuple[Gate, tuple[tuple[int, str], ...]]:
    clues = [(rank, row.name, pattern) for row in providers() for rank, pattern in row.clues]
    gate = Gate([pattern for _, _, pattern in clues])
    return gate, tuple((rank, name) for rank, name, _ in clues)


def status_of(text: str) -> int | None:
    """The HTTP status that a text tells, the first one; else the one that its code stands for."""
    for match in _STATUS.finditer(text[:LOOKED_AT]) if _STATUS in _may(text) else ():
        value = int(next(group for group in match.groups() if group))
        if 400 <= value < 600:
            return value
    return load_codes().get(code_of(text) or "")


def code_of(text: str) -> str | None:
    """The vendor's, system's or protocol's code: of a body before known forms in the text."""
    best: dict[str, str] = {}
    may = _may(text)
    for match in _CODE_KEY.finditer(text[:LOOKED_AT]) if _CODE_KEY in may else ():
        key, value = match.groups()
        word = value.isdigit() or (value.isalpha() and value.islower())
        if word or value.lower() in _DULL or (key.lower() == "status" and not value.isupper()):
            continue
        best[key.lower()] = value
    for key in ("code", "errorcode", "error_code", "type", "__type", "status"):
        if key in best and best[key] != "invalid_request_error":
            return best[key]
    known = _CODE_TEXT.search(text[:LOOKED_AT]) if _CODE_TEXT in may else None
    if known:
        return known.group(1) or known.group(2)
    if best:
        return next(iter(best.values()))
    said = _CODE_WORDS.search(text[:LOOKED_AT]) if _CODE_WORDS in may else None
    return next(group for group in said.groups() if group) if said else None


def exception_of(text: str) -> str | None:
    """The innermost exception class a text names."""
    best = None
    for match in _EXCEPTION.finditer(text[:LOOKED_AT]) if _EXCEPTION in _may(text) else ():
        name = match.group(1)
        if best is None or name.rsplit(".", 1)[-1] not in _DULL_EXCEPTION:
            best = name
    return best


def provider_of(text: str) -> str | None:
    """Whose service answered, by address, exceptions, keys or name, the surest first."""
    gate, rows = _providers()
    if not text.isascii():
        text = text.encode("ascii", "replace").decode()
    passing = gate.passing(text[:LOOKED_AT])
    return min((rows[index] for index in passing), key=lambda row: row[0])[1] if passing else None


_ASSERTION = re.compile(
    r"(?i)\b[a-z_]{0,30}assert(?:ion)?(?!error)(?:_[a-z_]{1,20})?(?: failure| "
    r"failed)?\s{0,2}[:(`'\"]{1,2}\s{0,2}"
    r"(?P<condition>[^\n]{1,160}?)(?=['`\"]?[,)]{1,2}\s{0,2}(?:failed|function|file|line|at\b"
    r"|$)|['`\"] ?failed|[`'\"]$|,|$)"
)

_UNRESOLVED = re.compile(
    r"(?i)(?:failed to resolve|could not resolve(?: host)?:?"
    r"|getaddrinfo (?:ENOTFOUND|EAI_AGAIN|failed)|no such host:?|name or service not known:?)"
    r"[ '\"(]{1,4}(?P<host>[a-z0-9.-]{3,100})"
)
"""A name that could not be resolved: which host it is decides what to fix."""

_NO_NAMES = frozenset(
    ("a an the is are was were has have not no for from in with to and of").split()
)

_CONVERSION = re.compile(
    r"(?i)\b(?:convert|cast|coerce|assign|assignable|initializ\w{1,4}|conversion)\b(?: "
    r"(?:from|between|type|value|values|of|a|an|the)){0,3}"
    r" ['\"`]?(?P<from>[\w:<>*&\[\]$.-]{1,60})['\"`]? (?:to|with|into|and|from)(?: (?:type|a"
    r"|an|the)){0,2}"
    r" ['\"`]?(?P<to>[\w:<>*&\[\]$.-]{1,60})"
)
"""Which types a conversion is between: each pair is a failure of its own."""

_NEVER = frozenset(["false", "0", "null", "nullptr", "unreachable"])
"""Conditions that say only that a place must not be reached: which place, its function says."""
_FUNCTION = re.compile(r"\b([A-Za-z_]\w{3,80})\(")


def objects_of(text: str) -> tuple[str, ...]:
    """The named things that an error is about: a missing module, command, symbol, attribute."""
    out: list[str] = []
    for match in _OBJECTS.finditer(text[:LOOKED_AT]) if _OBJECTS in _may(text) else ():
        name = match.group("name") or match.group("missing") or match.group("windows")
        name = name.rstrip(".:,'\"")
        common = name.lower() in _NO_NAMES or name.upper() in _errno()
        if name and not name.isdigit() and not common and name not in out:
            out.append(name)
    # which assertion: the same macro guards a thousand different conditions
    asserted = _ASSERTION.search(text[:LOOKED_AT]) if "assert" in text[:LOOKED_AT].lower() else None
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


@cache
def _errno() -> frozenset[str]:
    return frozenset(load_lines("errno.txt"))


def model_of(text: str) -> str | None:
    """The model a text names."""
    match = _MODEL.search(text[:LOOKED_AT]) if _MODEL in _may(text) else None
    return (match.group(1) or match.group(2)).rstrip(".:'\"") if match else None
