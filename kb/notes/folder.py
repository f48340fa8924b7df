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
import re
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from kb.notes.memo import Stands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kb.notes.memo import Document

MANIFEST = ".faultlore-manifest.json"
_TEMPORARY = ".faultlore-"
_DEAD_AFTER = 60.0
"""Seconds after which a temporary file's writer is dead: it lives for a few milliseconds."""


@dataclass(slots=True)
class ExportReport:
    """What an export did to the folder, by file name."""

    written: list[str] = field(default_factory=list)
    unchanged: int = 0
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> dict[str, str]:
    """File name to the hash of what this program wrote there; empty for a folder it never wrote
    into.

    Raises `BadInputError` if the manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files = manifest["files"]
        if not isinstance(files, dict):
            raise TypeError("files is no object")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInputError(
            f"{path}: is damaged ({error}); restore it, or export into an empty folder"
        ) from error
    return {str(name): str(digest) for name, digest in files.items()}


def read_inputs(folder: Path) -> dict[str, str]:
    """What the documents whose files are as this program wrote them were made of: file name to
    hash.
    """
    manifest = read_manifest(folder)
    if not manifest or _read_pending(folder):
        return {}
    return {
        str(name): str(made_of)
        for name, made_of in _stored_inputs(folder).items()
        if name in manifest and _is_as_written(folder / name, manifest[name])
    }


def _is_as_written(path: Path, written: str) -> bool:
    return path.is_file() and _digest(path.read_bytes()) == written


def _read_pending(folder: Path) -> dict[str, str]:
    """What an export that was killed was about to write: file name to hash."""
    path = folder / MANIFEST
    pending = (
        json.loads(path.read_text(encoding="utf-8")).get("pending", {}) if path.exists() else {}
    )
    return (
        {str(name): str(digest) for name, digest in pending.items()}
        if isinstance(pending, dict)
        else {}
    )


def _check_kind(folder: Path, kind: str | None) -> None:
    """Raises `BadInputError` if the folder holds documents of another kind: what is made anew would
    replace them.
    """
    path = folder / MANIFEST
    found = json.loads(path.read_text(encoding="utf-8")).get("kind") if path.exists() else None
    if kind and found and found != kind:
        raise BadInputError(
            f"{folder}: holds an export of format {found}; give --format {kind} a folder of its own"
        )


def _write_manifest(
    folder: Path,
    files: dict[str, str],
    pending: dict[str, str],
    kind: str | None,
    inputs: Mapping[str, str] | None = None,
) -> None:
    document: dict[str, object] = {
        "about": "written by faultlore export; do not edit",
        "files": files,
    }
    if kind:
        document["kind"] = kind
    if pending:
        document["pending"] = pending
    if inputs:
        document["inputs"] = inputs
    write_atomically(
        folder / MANIFEST, (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()
    )


def _remove_temporaries(folder: Path) -> None:
    """Removes what a killed export left of `write_atomically`."""
    for path in folder.glob(_TEMPORARY + "*"):
        if (
            path.name != MANIFEST
            and path.is_file()
            and time.time() - path.stat().st_mtime > _DEAD_AFTER
        ):
            path.unlink(missing_ok=True)


def _write_all(folder: Path, documents: dict[str, bytes]) -> None:
    """Writes all documents, or none where one cannot be written: each beside its place first, then
    all are moved there.

    Raises `BadInputError` if the disk is full or the folder cannot be written.
    """
    beside: dict[str, str] = {}
    name = ""
    try:
        for name, data in documents.items():
            handle, beside[name] = tempfile.mkstemp(dir=folder, prefix=_TEMPORARY)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(beside[name], 0o644)
        for name in documents:
            os.replace(beside[name], folder / name)
            del beside[name]
    except OSError as error:
        raise BadInputError(
            f"{folder / name}: cannot be written ({error.strerror}); the folder is as before"
        ) from error
    finally:
        for temporary in beside.values():
            with suppress(OSError):
                os.unlink(temporary)


def write_atomically(path: Path, data: bytes, mode: int = 0o644, *, durable: bool = True) -> None:
    """Replaces a file in one step: a reader sees the old bytes or the new ones, and `mode` are its
    permissions.

    `durable`: the new bytes are on the disk before the old ones go; a document that can be made
    again need not wait for that.

    Raises `BadInputError` if the disk is full or the folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_TEMPORARY)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            if os.path.exists(name):
                os.unlink(name)
            raise
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be written ({error.strerror}); what was there before is kept"
        ) from error


_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}(?<!\.)\Z")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)")


def check_names(folder: Path, names: Iterable[str]) -> None:
    """Raises `BadInputError` unless every name is a plain file name on every system, and they
    differ in more than capitals: ids and addresses in a database may be anybody's.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not _SAFE_NAME.match(name) or _RESERVED.match(name):
            raise BadInputError(
                f"{folder}: {name[:80]!r} is no name for a document, nothing is written; "
                "'faultlore verify' says what is wrong with the database"
            )
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise BadInputError(
                f"{folder}: {other!r} and {name!r} are one file on some systems, nothing is "
                "written; 'faultlore verify' says what is wrong with the database"
            )


def _check_places(folder: Path, names: Iterable[str]) -> None:
    """Raises `BadInputError` if something that is no file stands where one is to be written."""
    for name in (MANIFEST, *names):
        path = folder / name
        if os.path.lexists(path) and not path.is_file() and not path.is_symlink():
            raise BadInputError(f"{path}: is no file; remove it, nothing was written")


def write_folder(
    folder: Path,
    documents: Mapping[str, Document],
    kind: str | None = None,
    *,
    write: bool = True,
    inputs: Mapping[str, str] | None = None,
) -> ExportReport:
    """Makes a folder hold these documents (file name to text); see the module's text for what is
    left alone. `write=False` touches nothing and reports what would be done. `inputs`: what the
    documents were made of, for the next export's `read_inputs`.

    Raises `BadInputError` if it cannot be written, its manifest is damaged, or it holds an export
    of another `kind`.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder}: is a file; --out wants a folder")
    check_names(folder, documents)
    if not write:
        return _foreseen(folder, documents)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{folder}: cannot be made ({error.strerror})") from error
    _check_places(folder, documents)
    before = read_manifest(folder)
    pending = _read_pending(folder)
    _check_kind(folder, kind)
    _remove_temporaries(folder)
    report = ExportReport()
    manifest, to_write = _plan(folder, documents, before, pending, report)
    if to_write:
        _write_manifest(
            folder,
            before,
            {**pending, **{name: _digest(data) for name, data in to_write.items()}},
            kind,
        )
    _write_all(folder, to_write)
    report.written += to_write
    manifest |= {name: _digest(data) for name, data in to_write.items()}
    for name in sorted({*before, *pending} - set(documents)):
        if os.path.basename(name) != name:
            continue  # no name that this program gives: somebody edited the manifest
        _remove_former(folder / name, (before.get(name), pending.get(name)), manifest, report)
    inputs = {name: made_of for name, made_of in (inputs or {}).items() if name in manifest}
    if to_write or pending or manifest != before or inputs != _stored_inputs(folder):
        _write_manifest(folder, manifest, {}, kind, inputs)
    return report


def _stored_inputs(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    found = json.loads(path.read_text(encoding="utf-8")).get("inputs") if path.exists() else None
    return found if isinstance(found, dict) else {}


def _foreseen(folder: Path, documents: Mapping[str, Document]) -> ExportReport:
    """What writing these documents would do."""
    report = ExportReport()
    before, pending = read_manifest(folder), _read_pending(folder)
    _, to_write = _plan(folder, documents, before, pending, report)
    report.written = list(to_write)
    for name in sorted({*before, *pending} - set(documents)):
        path = folder / name
        if os.path.basename(name) == name and path.is_file():
            ours = _digest(path.read_bytes()) in (before.get(name), pending.get(name))
            (report.removed if ours else report.kept).append(name)
    return report


def _plan(
    folder: Path,
    documents: Mapping[str, Document],
    before: dict[str, str],
    pending: dict[str, str],
    report: ExportReport,
) -> tuple[dict[str, str], dict[str, bytes]]:
    """The manifest of what stays as it is, and the files that are to be written."""
    manifest: dict[str, str] = {}
    to_write: dict[str, bytes] = {}
    for name in sorted(documents):
        text = documents[name]
        if isinstance(text, Stands):
            report.unchanged += 1
            manifest[name] = before[name]
            continue
        data = text.encode() if isinstance(text, str) else text
        path = folder / name
        present = path.read_bytes() if path.is_file() else None
        if present == data:
            report.unchanged += 1
            manifest[name] = _digest(data)
        # an empty file is what a power cut leaves, not what a person writes
        elif present and _digest(present) not in (before.get(name), pending.get(name)):
            report.kept.append(name)
            if name in before:
                manifest[name] = before[name]
        else:
            to_write[name] = data
    return manifest, to_write


def _remove_former(
    path: Path,
    written: tuple[str | None, str | None],
    manifest: dict[str, str],
    report: ExportReport,
) -> None:
    """Removes a document that is no longer made, unless it is not as written."""
    name = path.name
    if not path.is_file():
        return
    if _digest(path.read_bytes()) in written:
        path.unlink()
        report.removed.append(name)
    else:
        report.kept.append(name)
        if written[0] is not None:
            manifest[name] = written[0]
