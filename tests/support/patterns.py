"""Finds the regular expressions of the program and texts that make a bad one slow."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import re._constants as codes
import re._parser as parser
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from kb import lazy_re

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kb", "miner")
_SAMPLES = {
    codes.CATEGORY_DIGIT: "0",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " \n",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a_0",
    codes.CATEGORY_NOT_WORD: " -",
}
_AT_ONE_PLACE = frozenset(("match", "fullmatch"))
_made = lazy_re.LazyPattern.__init__
_MAKERS = ("kb.lazy_re", "kb.prefilter")
_CALLS = frozenset(("match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split"))


class Pattern(NamedTuple):
    """A regular expression of the program: where it is made and how it is used.

    `searched`: it is looked for anywhere in a text, not only tried at one place.
    """

    name: str
    text: str
    flags: int
    searched: bool


def patterns() -> list[Pattern]:
    """Every pattern of Python's `re` that the program compiles, by name; asked of a new process,
    since modules that are loaded already do not compile theirs again.
    """
    command = [sys.executable, "-m", "tests.support.patterns"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [Pattern(*row) for row in json.loads(done.stdout)]


def collect() -> list[Pattern]:
    """The patterns of every module.

    Modules are imported with `re` watched, which also sees patterns put together at import; what
    stands in a call within a function is read from the source.
    """
    found: dict[tuple[str, str], int] = {}
    original = re._compile  # type: ignore[attr-defined]

    def watched(pattern: Any, flags: int) -> Any:
        frame = sys._getframe(1)
        while frame is not None and _passes_on(frame):
            frame = frame.f_back  # type: ignore[assignment]
        module = frame.f_globals.get("__name__", "") if frame is not None else ""
        if module.split(".")[0] in PACKAGES and isinstance(pattern, str):
            found.setdefault((module, pattern), int(flags))
        return original(pattern, flags)

    re._compile = watched  # type: ignore[attr-defined]
    try:
        lazy_re.LazyPattern.__init__ = _compiled  # type: ignore[method-assign]
        for module in _modules():
            importlib.import_module(module)
    finally:
        re._compile = original  # type: ignore[attr-defined]
    inline = {(module, text): method for module, text, method in _inline()}
    out = [
        Pattern(name=(use := _use(module, text))[0], text=text, flags=flags, searched=use[1])
        for (module, text), flags in found.items()
        if (module, text) not in inline and not _is_for_others(module, text)
    ]
    out += [
        Pattern(f"{module}:{text[:40]}", text, 0, method not in _AT_ONE_PLACE)
        for (module, text), method in inline.items()
    ]
    return sorted(out)


def _compiled(later: lazy_re.LazyPattern, pattern: str | bytes, flags: int) -> None:
    """Makes a pattern and compiles it at once, not when it is asked."""
    _made(later, pattern, flags)
    assert later.own


def _passes_on(frame: FrameType) -> bool:
    """Whether a pattern that is made here is that of the caller."""
    module = frame.f_globals.get("__name__")
    within = module in _MAKERS and frame.f_code.co_name != "<module>"
    return within or module in ("re", "functools", __name__)


def _text(value: Any) -> Any:
    """The text of a pattern, of one behind a `Quick` too; None of all else."""
    return getattr(getattr(value, "own", value), "pattern", None)


def _in_table(module: str, text: str) -> list[str]:
    """The names of a pattern in the tables of a module (`SAID["acts"]`)."""
    tables = ((name, x) for name, x in vars(sys.modules[module]).items() if isinstance(x, dict))
    return [
        f'{name}["{key}"]'
        for name, table in tables
        for key, value in table.items()
        if _text(value) == text
    ]


def _is_for_others(module: str, text: str) -> bool:
    """Whether a module has a pattern in a table only, and does not use it: who does names it."""
    names = _in_table(module, text)
    source = Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")
    return bool(names) and not any(name.split("[")[1][:-1] in source for name in names)


def _use(module: str, text: str) -> tuple[str, bool]:
    """Name, and whether it is searched: of a pattern without a name that is not known."""
    loaded = sys.modules[module]
    names = [name for name, value in vars(loaded).items() if _text(value) == text]
    names += _in_table(module, text)
    if not names:
        return f"{module}:{text[:40]}", True
    source = Path(str(loaded.__file__)).read_text(encoding="utf-8")
    calls = {
        call
        for name in names
        for call in re.findall(rf"(?<!\w){re.escape(name)}(?!\w| = )(?:\.(\w+))?", source)
    }
    return f"{module}:{names[0]}", not calls or not calls <= _AT_ONE_PLACE


def _modules() -> Iterator[str]:
    for package in PACKAGES:
        yield package
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if not info.name.endswith("__main__") and not info.name.startswith("miner.training"):
                yield info.name


def _inline() -> Iterator[tuple[str, str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.func.attr in _CALLS
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and isinstance(node.args[0].value, str)
                ):
                    yield name, node.args[0].value, node.func.attr


def characters(pattern: str, flags: int) -> list[str]:
    """Characters that a pattern speaks of, one for each of its classes, in order."""
    out: dict[str, None] = {}
    for char in _characters(parser.parse(pattern, flags)):
        out.setdefault(char)
    return list(out)


def _characters(tree: Any) -> Iterator[str]:
    for op, value in tree:
        if op in (codes.LITERAL, codes.NOT_LITERAL):
            yield chr(value)
        elif op is codes.ANY:
            yield "a"
        elif op is codes.IN:
            yield from _of_class(value)
        elif op is codes.BRANCH:
            for branch in value[1]:
                yield from _characters(branch)
        elif op is codes.SUBPATTERN:
            yield from _characters(value[3])
        elif op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            yield from _characters(value[2])
        elif op in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _characters(value[1])
        elif op is codes.ATOMIC_GROUP:
            yield from _characters(value)


def _of_class(items: Any) -> Iterator[str]:
    if items and items[0][0] is codes.NEGATE:
        yield "a"
        yield " "
        return
    for op, value in items:
        if op is codes.LITERAL:
            yield chr(value)
        elif op is codes.RANGE:
            yield chr(value[0])
        elif op is codes.CATEGORY:
            yield from _SAMPLES.get(value, "a")


if __name__ == "__main__":
    print(json.dumps(collect()))
