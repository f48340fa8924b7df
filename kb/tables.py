"""How the tables and lists beside the code (`kb/rules/`, `kb/weights/`, `miner/extract/rules/`) are
read.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import rtoml

from kb import lazy_re as re

HERE = Path(__file__).parent
DEFAULT_DB = "kb.db"
"""The database where neither an option nor a configuration names one."""


def read_text(name: str) -> str:
    """A file of this package, by its path in it."""
    return (HERE / name).read_text(encoding="utf-8")


def load_toml(name: str, folder: Path = HERE / "rules") -> dict[str, Any]:
    """A table of `kb/rules/`, or of another folder, as parsed TOML."""
    return rtoml.load(folder / name)


def load_weights(name: str) -> dict[str, Any]:
    """A table of `kb/weights/`."""
    table: dict[str, Any] = json.loads(read_text(f"weights/{name}"))
    return table


@cache
def load_lines(name: str) -> tuple[str, ...]:
    """The entries of a plain list of `kb/rules/`: one a line, `#` starts a comment."""
    stripped = (line.split("#", 1)[0].strip() for line in read_text(f"rules/{name}").splitlines())
    return tuple(line for line in stripped if line)


def phrases(name: str) -> str:
    """A list as one alternation, longest first; `*` in an entry stands for one to four words."""
    entries = sorted(load_lines(name), key=lambda entry: (-len(entry), entry))
    return "|".join(
        re.escape(entry).replace(r"\*", r"\S{1,40}(?: \S{1,40}){0,3}?") for entry in entries
    )


def put_together(pattern: str, parts: dict[str, str]) -> str:
    """A pattern of a table without its line breaks, and with what it names in braces put in."""
    pattern = pattern.replace("\n", "")
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    return pattern


_NAMED = re.compile(r"\{([a-z]\w*)\}")


@cache
def load_patterns(name: str, folder: Path = HERE / "rules") -> dict[str, str]:
    """The patterns at the top of a table of `kb/rules/`, or of another folder, each with those put
    in that it names.
    """
    table = {key: text for key, text in load_toml(name, folder).items() if isinstance(text, str)}

    def whole(key: str) -> str:
        named = (name for name in _NAMED.findall(table[key]) if name in table)
        return put_together(table[key], {name: whole(name) for name in named})

    return {key: whole(key) for key in table}


def line_of(text: str, key: str, table: str | None) -> int:
    """The line (from 1) of a TOML document that sets a key, for messages; 1 if it is not found."""
    name = re.escape(key)
    dotted = rf"{table}\s*\.\s*{name}" if table else name
    wanted = f"{table}.{key}" if table else key
    inside = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([^\[\]]+)\]", line):
            inside = re.sub(r"[\s\"']", "", header[1])
            if wanted in (inside, inside.split(".")[0]):
                return number
        if inside == table and re.match(rf"\s*[\"']?{name}[\"']?\s*[=.]", line):
            return number
        if inside is None and re.match(rf"\s*{dotted}\s*[=.]", line):
            return number
    return 1
