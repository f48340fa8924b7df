"""Where a failure happened: the last frame of a program's or library's own code in a stack trace.

A frame becomes `file.py:function`, without line numbers and folders, which differ from machine to
machine. Frames of a language's own library are passed over: `pathlib.py` fails for everybody. Where
both the file's and the function's name are ones that every program has (`main.py`, `run`), the
folder stands before them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from kb import lazy_re as re
from kb.tables import load_lines, load_patterns
from kb.text import letters

_P = load_patterns("naming.toml")

MOST_FRAMES = 60
"""Frames of a trace that are looked at."""

_PYTHON = re.compile(_P["python"])
_SCRIPT = re.compile(_P["script"])
_JAVA = re.compile(_P["java"])
_RICH = re.compile(r"^(?P<file>\S{1,300}\.py):\d{1,7} in (?P<name>[^\s(]{1,120})")
_GDB = re.compile(_P["gdb"])
_LLDB = re.compile(_P["lldb"])
_PANICKED = re.compile(r"panicked at (?:.{0,400}', )?(?P<file>[^\s:']{1,300}\.rs):\d{1,7}", re.S)
_NET = re.compile(_P["net"])
_GO = re.compile(r"^(?P<file>/\S{1,300}\.go):\d{1,7}(?:\s|$)")
_RUST = re.compile(r"\bat (?P<file>[^\s:]{1,200}\.(?:rs|go|c|cc|cpp|cs)):\d{1,7}")
_LUA = re.compile(
    r"(?P<file>[^\s:]{1,200}\.lua):\d{1,7}: in (?:function '?(?P<name>[\w.:]{1,80}))?"
)
_LIBRARY = re.compile(r"(?:^|/)(?:site-packages|dist-packages)/(?P<rest>.+)")
_OWN_LANGUAGE = re.compile(_P["own_language"])
_FUNCTION = re.compile(_P["function"])
_BARE_LANGUAGE = re.compile(_P["bare_language"])
_NOT_LIBRARY = {"code", "config", "test", "types", "token", "tokenize"}
_LIBRARY_NAMES = frozenset(sys.stdlib_module_names) - _NOT_LIBRARY


class Where(NamedTuple):
    """Where a text was seen, as far as it is known: the frame (`file:function`, from `frame_of`),
    the repository, the thread's number; and the `thing` that a message is about (a file, a shape).
    """

    frame: str | None = None
    repo: str | None = None
    number: int | None = None
    thing: str | None = None

    def __str__(self) -> str:
        """As it is stored; `parse` reads it."""
        thread = "" if self.number is None else str(self.number)
        return "|".join((self.frame or "", self.repo or "", thread, self.thing or ""))

    @classmethod
    def parse(cls, stored: str) -> Where:
        """The place that `str` made `stored` of."""
        frame, repo, number, thing = (*stored.split("|", 3), "", "", "")[:4]
        known = int(number) if number.isdigit() else None
        return cls(frame=frame or None, repo=repo or None, number=known, thing=thing or None)

    def in_words(self) -> str:
        """As people read it: `prompts/system.yaml`, `repomap.py:get_tags in owner/name`."""
        if self.thing and not self.frame and not self.repo:
            return self.thing
        thread = f"{self.repo}#{self.number}" if self.number is not None else self.repo
        place = " in ".join(part for part in (self.frame, thread) if part)
        return f"{self.thing}, {place}" if self.thing and place else place


class _Frame(NamedTuple):
    folder: str
    file: str
    name: str
    own: bool
    path: str = ""


def frame_of(frames: Sequence[str]) -> str | None:
    """The last frame of own or library code of a stack trace, as `file:function`.

    `frames` are the trace's lines as printed, in their order; Python's innermost call is the last
    one, that of others the first.
    """
    return next(map(_named, _from_within(frames)), None)


def frame_in(repo: str, frames: Sequence[str]) -> str | None:
    """The same of the last frame in a file of the repository itself (`owner/name`), whose folders
    or package are called like it; None where the trace shows only those of others, or file names
    without folders, which may be anybody's.
    """
    owner, _, name = repo.lower().rpartition("/")
    own = letters(owner if name in PLAIN_NAMES else name)
    return next((_named(f) for f in _from_within(frames) if _is_in(f.path.lower(), own)), None)


def raised_in(frames: Sequence[str]) -> str | None:
    """The last frame of a trace with the folders of its package (`lid/seal/press.py:close`), not
    one that everything goes through (`__call__`); None where it is of no installed package.
    """
    within = (f for f in _from_within(frames) if not f.name.startswith("__"))
    frame = next(within, None)
    inside = _LIBRARY.search(frame.path) if frame else None
    if frame is None or inside is None:
        return None
    folder = inside["rest"].rpartition("/")[0]
    parts = [part for part in folder.split("/") if part]
    shown = [*parts[:1], *(["…"] if len(parts) > MOST_FOLDERS else parts[1:]), frame.file]
    return f"{'/'.join(shown)}:{frame.name}"


MOST_FOLDERS = 3
"""Folders of a package's file that are shown."""


def _is_in(path: str, name: str) -> bool:
    """Whether a file is one of the project's: `name` in small letters and digits alone."""
    inside = _LIBRARY.search(path)
    parts = (inside["rest"] if inside else path).split("/")
    # of a file within a package, the package says whose it is
    for part in parts[:1] if inside else parts:
        own = letters(_COPY.sub("", part.removesuffix(".py")))
        if own == name or (len(name) >= SHORTEST and own.endswith(name)):
            return True
    dotted = letters(path.partition(".")[2].partition(".")[0])
    return 2 * len(dotted) > len(name) and dotted in name and "/" not in path


PLAIN_NAMES = frozenset(
    "agent agents api app bot camel chat cli client code core desktop docs filesystem go harbor lib"
    " locale math memory minions plugin proxy rust sdk server standard table test tools ui utils"
    " web".split()
)
"""Names of repositories that say little without their owner's."""
SHORTEST = 4
"""Letters of a project's name that are its own within a longer one: `goldenverba`."""
_COPY = re.compile(r"-(?:main|master|dev|v?\d[\d.]*)$")
"""What an archive or a copy of a repository is called behind its name."""


def _from_within(frames: Sequence[str]) -> Iterator[_Frame]:
    """The frames that are not of a language's own library, innermost first."""
    parsed = [frame for line in frames[-MOST_FRAMES:] if (frame := _parsed(line)) is not None]
    if any('File "' in line or _RICH.search(line) for line in frames[-MOST_FRAMES:]):
        parsed.reverse()
    return (frame for frame in parsed if frame.own)


def _parsed(line: str) -> _Frame | None:
    line = line[:400]
    for pattern in (_PYTHON, _RICH, _GDB, _LLDB, _JAVA, _NET, _SCRIPT, _GO, _RUST, _LUA, _PANICKED):
        match = pattern.search(line)
        if match is not None:
            break
    else:
        return None
    groups = match.groupdict()
    path = (groups["file"] or "").replace("\\", "/").removeprefix("file://")
    name = (groups.get("name") or "").rsplit(".", 1)[-1]
    if not path:
        # a debugger's frame without its source: the function alone, if it has a name
        own = "::" in name or bool(_FUNCTION.fullmatch(name))
        return _Frame("", "", name.lower(), own and not _is_language("", groups.get("name") or ""))
    own = not _is_language(path, groups.get("name") or "")
    inside = _LIBRARY.search(path)
    parts = (inside["rest"] if inside else path).rsplit("/", 2)
    folder = parts[-2].lower() if len(parts) > 1 else ""
    return _Frame(folder, parts[-1].lower(), name.lower(), own, path)


def _is_language(path: str, name: str) -> bool:
    """Whether a frame is of the language's own library."""
    if _LIBRARY.search(path) or "node_modules/" in path:
        return False
    if _OWN_LANGUAGE.search(path) or _OWN_LANGUAGE.search(name):
        return True
    parts = [part for part in path.split("/") if part]
    if not path.endswith(".py") or len(parts) > 2 or not parts:
        return False
    # a bare file name, as some programs print it
    head = parts[0].removesuffix(".py").lower()
    if len(parts) == 1 and _BARE_LANGUAGE.match(f"{parts[0]}:{name}"):
        return True
    return head in _LIBRARY_NAMES or head in ("lib", "cp1252")


@cache
def _common(kind: str) -> frozenset[str]:
    return frozenset(load_lines(f"common_{kind}.txt"))


def _named(frame: _Frame) -> str:
    stem = frame.file.rsplit(".", 1)[0]
    vague = stem in _common("files") and (not frame.name or frame.name in _common("functions"))
    place = f"{frame.folder}/{frame.file}" if vague and frame.folder else frame.file
    if not place:
        return frame.name
    return f"{place}:{frame.name}" if frame.name else place
