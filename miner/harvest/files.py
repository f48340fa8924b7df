"""Threads from files: one JSON object a line, plain or gzip, read as a stream of bounded memory."""

from __future__ import annotations

import gzip
import json
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import IO

import msgspec

from kb.errors import BadInputError
from kb.store import Store
from miner.harvest.objects import BadThreadError
from miner.harvest.sources import Document, ImportReport, store_threads

MAX_LINE = 64 * 2**20
"""Bytes of the longest line that is read; a hundred thousand comments fit."""
MAX_SKIPPED = 2**30
"""Bytes without a line break after which the rest of a file is given up."""
MAX_BLANK = 1_000_000
"""Blank lines in a row after which the rest of a file is given up."""

_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def import_files(
    store: Store,
    arguments: Sequence[str | Path],
    advance: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Imports files into a database.

    `advance` is called with the bytes (of the file as it lies on the disk) read since the last
    call. Lines that cannot be used are in the report's `problems`; the others are imported.
    Raises `BadInputError` if a file cannot be opened, before anything is imported from any.
    """
    paths = checked_files(arguments)
    return store_threads(store, (item for path in paths for item in _documents(path, advance)))


bring = import_files


def checked_files(arguments: Sequence[str | Path]) -> list[Path]:
    """The files of these names. Raises `BadInputError` for one that cannot be read; a pipe is not
    opened, its data come once.
    """
    paths = [Path(argument) for argument in arguments]
    for path in paths:
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise BadInputError(f"{path}: is a folder; name the files in it")
            if stat.S_ISREG(mode):
                path.open("rb").close()
            elif not os.access(path, os.R_OK):
                raise PermissionError(13, "Permission denied")
        except FileNotFoundError:
            raise BadInputError(f"{path}: no such file") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BadInputError(f"{path}: cannot be read ({reason})") from error
    return paths


def _documents(path: Path, advance: Callable[[int], None]) -> Iterator[Document]:
    for number, line in lines_of(path, advance):
        try:
            yield Document(str(path), number, decoded(line))
        except BadThreadError as error:
            yield Document(str(path), number, reason=str(error))


def decoded(line: bytes | str) -> object:
    """What stands in a line of `lines_of` as JSON. Raises `BadThreadError` with the reason."""
    if isinstance(line, str):
        raise BadThreadError(line)
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass  # it is strict about lone surrogates, and does not say where a mistake is
    try:
        return json.loads(line)
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start})"
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg} at column {error.colno}"
    except ValueError:
        reason = "holds an integer of more than 4,300 digits"
    except RecursionError:
        reason = "is nested too deeply"
    raise BadThreadError(reason)


def lines_of(path: Path, advance: Callable[[int], None]) -> Iterator[tuple[int, bytes | str]]:
    """Numbered lines that are not blank; in place of one that cannot be read, the reason.

    What an archive holds before the place where it was cut off counts. Of one that is damaged
    otherwise nothing does, as far as that can be found out before it is read: text that is wrong
    may still be JSON.
    """
    with path.open("rb") as raw:
        regular = stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        if packed and regular and (damage := _damage(raw)) is not None:
            yield 1, f"the archive is damaged ({damage}); nothing of it is imported, make it again"
            return
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
        read = blank = 0
        for number in count(1):
            try:
                line = stream.readline(MAX_LINE + 1)
                ends = len(line) <= MAX_LINE or _skip_line(stream)
            except (*_DAMAGED, OSError) as error:
                yield number, f"is cut off or damaged ({error}); make it again"
                return
            if not line:
                return
            blank = 0 if line.strip() else blank + 1
            if not ends or blank > MAX_BLANK:
                yield number, "goes on without a thread; the rest of the file is left out"
                return
            if not read and b"\0" in line and not line.lstrip().startswith(b"{"):
                yield number, "is binary, no lines of JSON in UTF-8; name a file of threads"
                return
            if not blank:
                long = len(line) > MAX_LINE
                yield number, f"is longer than {MAX_LINE // 2**20} MiB" if long else line
            before, read = read, raw.tell() if regular else read + len(line)
            advance(read - before)


def _damage(raw: IO[bytes]) -> str | None:
    """What is wrong with an archive, unless it is only cut off; goes back to its start."""
    try:
        with gzip.open(raw) as stream:
            while stream.read(2**20):
                pass
    except _DAMAGED as error:
        return None if isinstance(error, EOFError) else str(error)
    finally:
        raw.seek(0)
    return None


def _skip_line(stream: IO[bytes]) -> bool:
    """Reads to the end of a line; false if that does not come."""
    for _ in range(MAX_SKIPPED // 2**20):
        part = stream.readline(2**20)
        if not part or part.endswith(b"\n"):
            return True
    return False
