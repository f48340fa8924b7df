"""Writes documents into a folder that people may share: atomically, only what changed, never over a person's edits.

A manifest in the folder holds the hash of every file this program wrote; a file whose bytes differ from it was changed
by a person and is kept and reported. Files that are no longer produced are removed if they are still as written.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = ".faultlore-manifest.json"


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
    """File name to the hash of what this program wrote there; empty for a folder it never wrote into.

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
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: is damaged ({error}); restore it, or export into an empty folder") from error
    return {str(name): str(digest) for name, digest in files.items()}


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replaces a file in one step: a reader sees the old bytes or the new ones, and `mode` are its permissions.

    Raises `BadInputError` if the disk is full or the folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".faultlore-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            if os.path.exists(name):
                os.unlink(name)
            raise
    except OSError as error:
        raise BadInputError(f"{path}: cannot be written ({error.strerror}); what was there before is kept") from error


def write_folder(folder: Path, documents: dict[str, str]) -> ExportReport:
    """Makes a folder hold these documents (file name to text); see the module's text for what is left alone."""
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder}: is a file; --out wants a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{folder}: cannot be made ({error.strerror})") from error
    before = read_manifest(folder)
    manifest: dict[str, str] = {}
    report = ExportReport()
    for name in sorted(documents):
        data = documents[name].encode()
        path = folder / name
        present = path.read_bytes() if path.is_file() else None
        if present == data:
            report.unchanged += 1
        elif present is not None and before.get(name) != _digest(present):
            report.kept.append(name)
            if name in before:
                manifest[name] = before[name]
            continue
        else:
            write_atomically(path, data)
            report.written.append(name)
        manifest[name] = _digest(data)
    _remove_former(folder, before, documents, manifest, report)
    if manifest != before:
        text = json.dumps({"about": "written by faultlore export; do not edit", "files": manifest}, indent=1, sort_keys=True) + "\n"
        write_atomically(folder / MANIFEST, text.encode())
    return report


def _remove_former(folder: Path, before: dict[str, str], documents: dict[str, str], manifest: dict[str, str], report: ExportReport) -> None:
    for name in sorted(set(before) - set(documents)):
        path = folder / name
        if os.path.basename(name) != name or not path.is_file():
            continue
        if _digest(path.read_bytes()) == before[name]:
            path.unlink()
            report.removed.append(name)
        else:
            report.kept.append(name)
            manifest[name] = before[name]
