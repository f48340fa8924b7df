"""The version of each stage: a hash of the rules, weights and code that it reads.

Nobody has to raise a number: what a placeholder rule, a weight or a constant changes is made again
at the next run, by that stage and those after it, and nothing else is. Of code only what it does
counts: comments, what docstrings say and layout change no version.
"""

from __future__ import annotations

import hashlib
import marshal
from functools import cache
from pathlib import Path
from types import CodeType

from kb.rows import STAGES

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the packages `kb` and `miner`."""

TEXT = (
    *(f"kb/{name}.py" for name in "linear markdown models prefilter providers readings".split()),
    *(f"kb/{name}.py" for name in ("lazy_re", "redact", "sentences", "tables", "text")),
    *("miner/authors", "miner/posts.py"),
    *(f"kb/rules/{name}.toml" for name in ("providers", "secrets", "sentences")),
    *("kb/rules/key_formats.txt", "kb/rules/key_vendors.txt"),
    *(f"kb/sql/{name}" for name in ("__init__.py", "judge.sql", "threads.sql")),
)
"""What both stages read threads with."""

SOURCES: dict[str, tuple[str, ...]] = {
    "detect": (
        *TEXT,
        *("kb/errortext", "kb/rules", "kb/signature"),
        *("miner/detect", "miner/extract/references.py", "miner/judge/questions.py"),
    ),
    "group": (
        *("kb/matching", "kb/prefilter.py", "kb/signature", "kb/tables.py", "kb/rules"),
        *(f"kb/sql/{name}" for name in ("__init__.py", "entries.sql", "groups.sql")),
        *(f"kb/sql/{name}.sql" for name in ("judge", "mentions", "search", "signatures")),
        *("kb/lazy_re.py", "kb/weights", "miner/cluster", "miner/judge/questions.py"),
    ),
    "claims": (
        *TEXT,
        *("kb/notes/passages.py", "kb/notes/remedies.py", "kb/risk.py", "kb/rows.py"),
        *("kb/rules/risks.toml", "kb/rules/said.toml", "kb/sql/claims.sql", "miner/extract"),
        *("miner/judge/questions.py", "miner/judge/reading.py", "miner/training/dataset.py"),
    ),
}
"""The files and folders that each stage reads, in the order of the stages; a test holds it."""

DECIDES = (".py", ".json", ".toml", ".txt", ".sql", ".onnx")
"""Endings of the files that count; documents beside them do not."""


def stage_versions() -> dict[str, str]:
    """The version of each stage that reads threads, as kept in table `rules`."""
    return {stage: stage_version(stage) for stage in STAGES}


@cache
def stage_version(stage: str) -> str:
    """The version of one stage of `SOURCES`."""
    return version_of(ROOT, SOURCES[stage])


def version_of(root: Path, sources: tuple[str, ...]) -> str:
    """16 hex digits over the files of some sources under `root`, in the order of their names."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted({path for source in sources for path in _files(root / source)}):
        name = path.relative_to(root).as_posix()
        digest.update(f"{name}\0{_content(path)}\0".encode())
    return digest.hexdigest()


def _files(source: Path) -> list[Path]:
    found = [source] if source.is_file() else source.rglob("*")
    return [path for path in found if path.suffix in DECIDES]


@cache
def _content(path: Path) -> str:
    """A hash of what a file says: of code without comments, words of docstrings and layout."""
    data = path.read_bytes()
    if path.suffix == ".py":
        data = _code(data)
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _code(source: bytes) -> bytes:
    """What code does: as Python compiles it without docstrings, in half the time that looking
    through its tree takes.
    """
    return marshal.dumps(_anywhere(compile(source, "", "exec", optimize=2)), 2)


def _anywhere(code: CodeType) -> CodeType:
    """Code that does not know on which line it stands."""
    parts = [_anywhere(one) if isinstance(one, CodeType) else one for one in code.co_consts]
    return code.replace(co_firstlineno=0, co_linetable=b"", co_consts=tuple(parts))
