"""Messages that name no failure by themselves, and what is one failure then.

`kb/rules/generic.toml` says by class which messages these are. What a service or a library answers
in full words is in no row: there the message is the identity, wherever it was seen.
"""

from __future__ import annotations

from functools import lru_cache

from kb import lazy_re as re
from kb.signature.place import Where
from kb.signature.tables import table
from kb.tables import load_patterns

_P = load_patterns("naming.toml")

SCOPES = ("message", "file", "repository", "tracker", "place", "thread", "nothing")
"""How wide a message is one failure, widest first (see `kb/rules/generic.toml`)."""

_SYSTEM = re.compile(_P["system"])
_SIZES = re.compile(_P["sizes"])
_QUOTED = re.compile(r"[\"'`‘“]((?:[A-Za-z]:)?[^\"'`’”\n]{2,300})[\"'`’”]")
_BARE = re.compile(r"(?:^|[\s:(])((?:[A-Za-z]:)?[~.]{0,2}[\\/][^\s\"'`:*?<>|()]{2,300})")
_INCLUDED = re.compile(r"(?i)fatal error: ([\w@+.-]{1,80}(?:/[\w@+.-]{1,80}){0,8}):\s*\Z")
"""The header that a compiler did not find, which its message puts first."""
_SLASH = re.compile(r"[\\/]{1,4}")
_VARIES = re.compile(r"[0-9a-f]{8,}|^tmp|^temp$|^users?$|^home$|^root$", re.I)
_NUMBER = re.compile(r"\d+(?:[-_.:]\d+){0,8}")
_FEW = frozenset([*". .. ~ tmp temp var opt usr home app src bin lib etc data".split(), ""])


@lru_cache(maxsize=16_384)
def scope_of(text: str) -> tuple[str, str]:
    """A text's scope (one of `SCOPES`) and the row that says so, empty if none does."""
    for rule, pattern in table("generic.toml").candidates(text):
        if pattern.fullmatch(text):
            return rule.scope, rule.name
    return "message", ""


def is_generic(text: str) -> bool:
    """Whether a signature's text is printed for many failures."""
    return scope_of(text)[0] != "message"


def place_of(text: str, raw: str, seen: Where | None) -> str | None:
    """What tells the failures of a generic message apart, as `Where` stores it; None for a message
    that is the failure by itself, and where nothing is known.
    """
    scope, _ = scope_of(text)
    if scope == "message":
        return None
    thing = _file_in(raw) if scope == "file" else None
    if scope == "repository" and (sizes := _SIZES.search(raw[:2000])):
        # the shapes that do not go together name the failure in a repository
        thing = " and ".join(part for part in sizes.groups() if part)
    if scope == "file" and thing:
        return str(Where(thing=thing))
    seen = seen or Where()
    if scope == "nothing" or (scope in ("file", "thread") and seen.frame is None):
        place = Where(repo=seen.repo, number=seen.number)
    elif scope == "tracker":
        place = Where(repo=seen.repo)
    else:
        place = Where(frame=seen.frame, repo=seen.repo, thing=thing)
    return None if place.frame is None and place.repo is None else str(place)


def same_place(scope: str, one: str | None, other: str | None) -> bool:
    """Whether a generic message of two places is one failure, as far as the places say."""
    if one is None or other is None:
        return False
    if one == other:
        return True
    a, b = Where.parse(one), Where.parse(other)
    if a.thing != b.thing or a.number != b.number:
        return False
    if a.frame and b.frame and _same_frame(a.frame, b.frame):
        return True
    if a.repo is None or a.repo != b.repo or scope not in ("repository", "place"):
        return False
    return scope == "repository" or not (a.frame and b.frame)


def _same_frame(a: str, b: str) -> bool:
    """Whether two frames are the same, or one is the file of the other."""
    return a == b or a.partition(":")[0] == b or b.partition(":")[0] == a


def _file_in(raw: str) -> str | None:
    """The end of the path that a system names, where it is the same on each machine."""
    raw = raw[:4400].replace("**", "")
    said = _SYSTEM.search(raw[:4000])
    if said is None:
        return None
    behind, before = (
        raw[said.end() : said.end() + 400],
        raw[max(0, said.start() - 300) : said.start()],
    )
    included = _INCLUDED.search(before)
    if included is not None:
        return included[1].lower()
    for text in (behind.split("\n", 1)[0], before.rsplit("\n", 1)[-1]):
        for pattern in (_QUOTED, _BARE):
            match = pattern.search(text)
            if match and (name := _name_of(match[1])):
                return name
    return None


_HOMES = frozenset(["home", "users", "documents and settings"])
"""Folders below which each user has one, which is named after him."""
_SHARED = frozenset(["site-packages", "dist-packages", "node_modules", "appdata"])
"""Folders there whose contents are others' and the same everywhere."""


def _name_of(path: str) -> str | None:
    parts = [part for part in _SLASH.split(path.strip().lower()) if part]
    if not parts or parts[-1] in _FEW or _VARIES.search(parts[-1]):
        return None
    name = _NUMBER.sub("<n>", parts[-1])
    folder = parts[-2] if len(parts) > 1 else ""
    shared = any(part in _SHARED or part.startswith(".") for part in parts)
    if not shared and "." not in name and _HOMES.intersection(parts[:-2]):
        folder = ""  # one of somebody's own within another
    users = len(parts) > 2 and parts[-3] in _HOMES
    if not folder or users or folder in _FEW or _VARIES.search(folder) or _NUMBER.search(folder):
        # a lone file name says something where it is no ordinary one
        return name if name.startswith(".") or "-" in name or "_" in name else None
    return f"{folder}/{name}"
