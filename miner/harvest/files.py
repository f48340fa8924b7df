"""Threads from files: one JSON object a line, plain or gzip, read as a stream."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from kb.errors import BadInputError
from miner.harvest.threads import (
    BadThreadError,
    Counts,
    ThreadWriter,
    check_repo,
    comment_row,
    event_row,
    issue_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kb.store import Store

THREADS_A_TRANSACTION = 200
MAX_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that could not be imported."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """What an import brought. `threads` counts lines whose thread or comments were new, changed or
    the same.
    """

    threads: Counts = field(default_factory=Counts)
    comments: Counts = field(default_factory=Counts)
    events: int = 0
    bad_lines: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add_problem(self, problem: Problem) -> None:
        """Counts a bad line; the first `MAX_PROBLEMS` are kept to be printed."""
        self.bad_lines += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


def _open(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """The stream of lines and, for progress in bytes read, the file below it."""
    try:
        raw = path.open("rb")
    except IsADirectoryError:
        raise BadInputError(f"{path}: is a folder; name the files in it") from None
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file") from None
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror})") from error
    magic = raw.read(2)
    raw.seek(0)
    if magic == b"\x1f\x8b":
        return gzip.open(raw), raw  # type: ignore[return-value]
    return raw, raw


def _parse(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except UnicodeDecodeError as error:
        raise BadThreadError(f"is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise BadThreadError(f"is not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError:
        raise BadThreadError("is nested too deeply") from None
    if not isinstance(document, dict):
        raise BadThreadError(
            f"is {type(document).__name__}, expected an object with repo, issue and comments"
        )
    return document


def _list(document: dict[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadThreadError(f"{key} is {type(value).__name__}, expected a list")
    return value


def _put(writer: ThreadWriter, document: dict[str, Any], report: ImportReport) -> None:
    """Writes one line's thread, all of it or nothing: everything is checked before the first row is
    written.
    """
    repo = check_repo(document.get("repo"))
    issue = document.get("issue")
    if issue is None:
        raise BadThreadError("has no issue")
    comments, events = _list(document, "comments"), _list(document, "events")
    row = issue_row(repo, issue)
    number, kind = row["number"], row["kind"]
    for comment in comments:
        comment_row(repo, number, kind, comment)
    for event in events:
        event_row(repo, number, event)
    report.threads.add(writer.put_issue(repo, issue))
    for comment in comments:
        report.comments.add(writer.put_comment(repo, number, comment))
    if events and writer.put_events(repo, number, events) == "changed":
        report.events += len(events)


def _lines(
    path: Path, report: ImportReport, advance: Callable[[int], None]
) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that are not blank; a damaged archive ends with a problem, what came before it
    counts.
    """
    stream, raw = _open(path)
    number, seen = 0, 0
    with raw, stream:
        try:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, line
                advance(raw.tell() - seen)
                seen = raw.tell()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            report.add_problem(
                Problem(str(path), number + 1, f"the archive is damaged ({error}); make it again")
            )


def import_files(
    store: Store, paths: Sequence[Path], advance: Callable[[int], None] = lambda _: None
) -> ImportReport:
    """Imports files into a database, a transaction each `THREADS_A_TRANSACTION` lines.

    `advance` is called with the bytes (of the file as it lies on the disk) read since the last
    call. Lines that cannot be used are in the report's `problems`; the others are imported.
    Raises `BadInputError` if a file cannot be opened, before anything is imported from any.
    """
    report = ImportReport()
    for path in paths:
        for stream in _open(path):
            stream.close()
    for path in paths:
        lines = _lines(path, report, advance)
        more = True
        while more:
            with store.transaction() as connection:
                more = _import_batch(ThreadWriter(connection), str(path), lines, report)
    return report


def _import_batch(
    writer: ThreadWriter, path: str, lines: Iterator[tuple[int, bytes]], report: ImportReport
) -> bool:
    """Imports the next lines in the caller's transaction; false at the end of the file."""
    for _ in range(THREADS_A_TRANSACTION):
        item = next(lines, None)
        if item is None:
            return False
        number, line = item
        try:
            _put(writer, _parse(line), report)
        except BadThreadError as error:
            report.add_problem(Problem(path, number, str(error)))
    return True
