"""Writes documents into a folder that people may share: atomically, only what changed, never over a
person's edits.

A manifest in the folder holds the hash of every file this program wrote; a file whose bytes differ
from it was changed by a person and is kept and reported. Files that are no longer produced are
removed if they are still as written. What is about to be written stands in the manifest (`pending`)
before the first file is touched: an export that is killed halfway leaves no file that the next one
would take for a person's.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from kb import lazy_re as re
from kb.errors import BadInputError
from kb.text import make_folder

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = ".faultlore-manifest.json"
_TEMPORARY = ".faultlore-"
_DEAD_AFTER = 60.0
"""Seconds after which a temporary file's writer is dead: it lives for a few milliseconds."""


@dataclass(slots=True)
class ExportReport:
    """What an export did to the folder, by file name; `withdrawn`: those written that only say that
    their page is.
    """

    written: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    unchanged: int = 0
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Manifest:
    """What stands in a folder's manifest, by file name: the hash of what this program wrote
    (`files`), and of what an export that was killed was about to write (`pending`). `kind`: the
    format of the documents; `chosen`: which entries and statements they are about
    (`Options.chosen`).
    """

    files: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    kind: str | None = None
    chosen: dict[str, Any] = field(default_factory=dict)

    def wrote(self, name: str, data: bytes) -> bool:
        """Whether these bytes of a file are this program's."""
        return digest_of(data) in (self.files.get(name), self.pending.get(name))

    def write(self, folder: Path) -> None:
        """Puts it into the folder."""
        parts = {name: part for name, part in asdict(self).items() if part or name == "files"}
        document = {"about": "written by faultlore export; do not edit", **parts}
        text = json.dumps(document, indent=1, sort_keys=True) + "\n"
        write_atomically(folder / MANIFEST, text.encode())


def digest_of(data: bytes) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """A folder's manifest; an empty one for a folder that this program never wrote into.

    Raises `BadInputError` if it is damaged.
    """
    path = folder / MANIFEST
    _check_file(path)
    if not path.exists():
        return Manifest()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise BadInputError(
            f"{path}: is damaged ({error}); restore it, or empty the folder and export again"
        ) from error


def _remove_temporaries(folder: Path) -> None:
    """Removes what a killed export left of `write_atomically`."""
    for path in folder.glob(_TEMPORARY + "*"):
        ours = path.name != MANIFEST and path.is_file()
        if ours and time.time() - path.stat().st_mtime > _DEAD_AFTER:
            path.unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replaces a file in one step, the new bytes being on the disk before the old ones go: a reader
    sees the one or the other. `mode` are its permissions.

    Raises `BadInputError` if the disk is full or the folder cannot be written.
    """
    there = os.path.lexists(path)
    kept = "what was there before is kept" if there else "see to the folder and its disk"
    _write_all({path: data}, kept, mode, sync=True)


def _write_all(
    files: Mapping[Path, bytes], kept: str, mode: int = 0o644, *, sync: bool = False
) -> None:
    """Writes all files, or none where one cannot be written: each beside its place first, then all
    are moved there. `sync`: once their bytes are on the disk.

    Raises `BadInputError` if the disk is full or a folder cannot be written.
    """
    beside: dict[Path, str] = {}
    path = None
    try:
        for path, data in files.items():
            handle, beside[path] = tempfile.mkstemp(dir=path.parent, prefix=_TEMPORARY)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                if sync:
                    file.flush()
                    os.fsync(file.fileno())
            os.chmod(beside[path], mode)
        for path in files:
            os.replace(beside[path], path)
            del beside[path]
    except OSError as error:
        raise BadInputError(f"{path}: cannot be written ({error.strerror}); {kept}") from error
    finally:
        for temporary in beside.values():
            with suppress(OSError):
                os.unlink(temporary)


_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}(?<!\.)\Z")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)")


def _check_names(folder: Path, names: Iterable[str]) -> None:
    """Raises `BadInputError` unless every name is a plain file name on every system, they differ in
    more than capitals, and what stands there is a file: names in a database may be anybody's.
    """
    seen: dict[str, str] = {}
    wrong = None
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if not _SAFE_NAME.match(name) or _RESERVED.match(name):
            wrong = f"{name[:80]!r} is no name for a document"
        elif other != name:
            wrong = f"{other!r} and {name!r} are one file on some systems"
        if wrong:
            remedy = "'faultlore verify' says what is wrong with the database"
            raise BadInputError(f"{folder}: {wrong}, nothing is written; {remedy}")
        _check_file(folder / name)


def _check_file(path: Path) -> None:
    """Raises `BadInputError` if something that is no file stands where one is to be written."""
    if os.path.lexists(path) and not path.is_file() and not path.is_symlink():
        raise BadInputError(f"{path}: is no file; remove it, nothing was written")


def write_folder(
    folder: Path,
    documents: Mapping[str, str | bytes],
    kind: str | None = None,
    *,
    write: bool = True,
    chosen: Mapping[str, Any] | None = None,
) -> ExportReport:
    """Makes a folder hold these documents (file name to text); see the module's text for what is
    left alone. `write=False` touches nothing and reports what would be done. `chosen`: which
    entries and statements they are about.

    Raises `BadInputError` if it cannot be written, its manifest is damaged, or it holds an export
    of another `kind`.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder}: is a file; --out wants a folder")
    _check_names(folder, documents)
    before = read_manifest(folder)
    if kind and before.kind and before.kind != kind:
        # what is made anew would replace them
        raise BadInputError(
            f"{folder}: holds an export of format {before.kind};"
            f" give --format {kind} a folder of its own"
        )
    made = {n: d.encode() if isinstance(d, str) else d for n, d in sorted(documents.items())}
    report = _compare(folder, made, before)
    if not write:
        return report
    make_folder(folder)
    _remove_temporaries(folder)
    new = {name: digest_of(made[name]) for name in report.written}
    if new:
        Manifest(before.files, before.pending | new, kind, before.chosen).write(folder)
    _write_all({folder / name: made[name] for name in new}, "the folder is as before")
    for name in report.removed:
        (folder / name).unlink()
    files = {name: digest_of(data) for name, data in made.items() if name not in report.kept}
    files |= {name: before.files[name] for name in report.kept if name in before.files}
    now = Manifest(files, {}, kind, dict(chosen or {}))
    if new or now != before:
        now.write(folder)
    return report


_WITHDRAWN, _MOST_FRONT = re.compile(rb"\A---\n(?:[^-\n].*\n)*withdrawn: true\n"), 4000


def _compare(folder: Path, made: Mapping[str, bytes], before: Manifest) -> ExportReport:
    """What is to be done that a folder holds what was made."""
    report = ExportReport()
    for name, data in made.items():
        present = (folder / name).read_bytes() if (folder / name).is_file() else None
        if present == data:
            report.unchanged += 1
        # an empty file is what a power cut leaves, not what a person writes
        elif present and not before.wrote(name, present):
            report.kept.append(name)
        else:
            report.written.append(name)
            if _WITHDRAWN.search(data, 0, _MOST_FRONT):
                report.withdrawn.append(name)
    for name in sorted({*before.files, *before.pending} - made.keys()):
        path = folder / name
        # another name was put into the manifest by somebody: this program gives none such
        if os.path.basename(name) == name and os.path.isfile(path):
            is_ours = before.wrote(name, path.read_bytes())
            (report.removed if is_ours else report.kept).append(name)
    return report
