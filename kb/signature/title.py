"""Readable titles of entries: `OpenRouter 401: User not found`."""

from __future__ import annotations

from kb import lazy_re as re
from kb.models import Signature
from kb.providers import providers
from kb.signature.place import Where
from kb.tables import load_patterns

_P = load_patterns("naming.toml")

_COMMANDS = frozenset(
    "spawn connect npm env git pip node docker listen read write open getaddrinfo".split()
)
"""First words that are names of programs or system calls."""
_TYPE = re.compile(r"(?:str|int|float|bool|bytes|list|dict|tuple|set) object\b|\w+ codec can't\b")

_NOTHING_LEFT = re.compile(r"\s\(…{1,20}\)\**|(?<=…)…{1,20}|(?<=…)\.(?=\s|\Z)")
"""Brackets and further dots in which only placeholders stood."""
_SENTENCE = re.compile(r"(?<=[^\W_]{2}[.!?] )(?<!aka\. )[a-z](?=[a-z]*\s)")
_PLACEHOLDER = re.compile(r"<(?!undefined|module|lambda|string|stdin)(n|[a-z][a-z_-]{0,30})>")
_MODEL = re.compile(r"\A<model>(?=\s\w)")
_TAIL = re.compile(
    r"\s\[type=[^\n]*\Z|\s\(look up to see its traceback\)\Z|\.?\s\(status code: \d{3}\)\Z"
)
"""What ends a message and helps nobody to find it: a path in brackets, pydantic's data."""
_COUNTED = re.compile(r"\AN (?=validation errors? for)")
_WORD = re.compile(r"(?<!\w)(?!(?<=<)[a-z_]{1,20}>)[A-Za-z][A-Za-z0-9_-]*")
_ADDRESS = re.compile(r"(?:https?:/)?/[\w.-]+/[\w./?=&%-]{0,200}")
WIDTH = 180
SHORTEST = 12
"""Characters that must be left of a message whose end says nothing."""
_HANGING = re.compile(r"(?:[\s:=,(]{1,4}(?:at\s|in\s|url:\s)?…){1,3}\Z")

_LEADING = re.compile(_P["leading"])


def provider_name(provider: str) -> str:
    """How a provider is written: `openrouter` is `OpenRouter`."""
    return next((one.title for one in providers() if one.name == provider), provider)


def title_of(signature: Signature, seen: str = "") -> str:
    """A title of at most `WIDTH` characters and an ellipsis.

    A message that is printed for many failures is followed by its place. `seen` is a real form of
    the error: its words' letter case is restored, which the signature does not keep.
    """
    place = Where.parse(signature.place) if signature.place else Where()
    message = as_seen(signature.text, seen)
    if place.thing and not place.repo:
        message = message.replace("<path>", place.thing)
        if header := re.search(rf"(?i){re.escape(place.thing)}(?=\**: )", seen):
            message = f"{message}: {header[0]}"
    message = _MODEL.sub("The model", message)
    message = _PLACEHOLDER.sub(lambda m: "N" if m[1] == "n" else "…", message)
    message = _NOTHING_LEFT.sub("", message)
    message = _SENTENCE.sub(lambda m: m[0].upper(), message)
    message = _TAIL.sub("", message)
    message = _COUNTED.sub("", message)
    status = str(signature.status) if signature.status else ""
    prefix = f"{signature.provider} {status} " if signature.provider and status else ""
    if prefix and message.lower().startswith(prefix):
        message = message[len(prefix) :]
    if status and message.startswith(status):
        message = message[len(status) :].lstrip(" :-")
    head = " ".join(part for part in (provider_name(signature.provider or ""), status) if part)
    if provider_name(signature.provider or "").lower() == message.partition(" ")[0].lower():
        head = status
    if status and message.endswith(f" code: {status}"):
        head = provider_name(signature.provider or "")
    message = _cut(message)
    first = re.match(r"[a-z]+(?=\s|$)", message)
    if first and first[0] not in _COMMANDS and not _TYPE.match(message):
        message = message[:1].upper() + message[1:]
    if message and (place.frame or place.repo):
        message = f"{message} ({place.in_words()})"
    return f"{head}: {message}" if head and message else head or message or "Unnamed error"


def _cut(message: str) -> str:
    """A message without placeholders at its end, cut where it is too long."""
    shorter = _LEADING.sub("", _HANGING.sub("", message))
    # words that lead to a value hang in the air without it; "is not logged in" is whole
    if len(shorter) >= SHORTEST and (shorter != _LEADING.sub("", message) or message[-1:] in ":,"):
        message = shorter
    long = len(message) > WIDTH
    if long:
        whole = message[:WIDTH].rsplit(" ", 1)[0]
        # a name as long as a line is cut itself
        message = whole if len(whole) > WIDTH // 2 else message[:WIDTH]
    # what was cut off within a bracket is told without it
    bare = message
    while bare.count("(") > bare.count(")"):
        opened = bare.rfind("(")
        if opened <= (WIDTH // 3 if long else SHORTEST):
            break
        bare = bare[:opened].rstrip(" :,;-")
    else:
        if bare != message:
            return bare
    return message + "…" if long else message


def as_seen(text: str, seen: str) -> str:
    """The text with the letter case of the same words in a real form of it."""
    words = _WORD.findall(_ADDRESS.sub("", seen))
    # a word that also stands there in lower case begins a sentence elsewhere
    case = {word: word for word in words if word == word.lower()}
    for word in words:
        case.setdefault(word.lower(), word)
    return _WORD.sub(lambda m: case.get(m[0], m[0]), text)
