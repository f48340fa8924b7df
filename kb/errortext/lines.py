"""A log's line: its message without escapes, boxes, spinners, times and levels."""

from __future__ import annotations

from kb import lazy_re as re
from kb.tables import load_patterns

_P = load_patterns("spans.toml")

_PIECE = re.compile(_P["piece"])
_TAIL = re.compile(r"(?:[\s\u2500-\u259f|]|\x1b\[[0-9;?]{0,16}[A-Za-z])+\Z")
_DECORATION = re.compile(r"[\s\u2500-\u259f|]")
_MAX_PIECES = 24
_TAIL_WINDOW = 120

PREFIX = re.compile(_P["prefix"])
FRAME = re.compile(_P["frame"])
BEFORE_FRAMES = re.compile(_P["before_frames"])
CAUSED_BY = re.compile(r"\s{0,99}Caused by: \S")
"""Java's line between the trace of an exception and that of its cause."""

RECORD = re.compile(_P["record"])


def content(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of a line's message; empty (`start == end`) for mere decoration."""
    at = start
    for _ in range(_MAX_PIECES):
        match = _PIECE.match(text, at, end)
        if match is None or match.end() == at:
            break
        at = match.end()
    floor = max(at, end - _TAIL_WINDOW)
    may_end = _DECORATION.match(text, end - 1) or "\x1b" in text[floor:end]
    tail = _TAIL.search(text, floor, end) if floor < end and may_end else None
    if tail is not None:
        end = tail.start()
    return (at, end) if at < end else (at, at)


def is_frame(text: str, start: int, end: int) -> bool:
    """Whether the line at `text[start:end]` belongs to a stack trace."""
    prefix = PREFIX.match(text, start, end)
    at = start if prefix is None else prefix.end()
    return FRAME.match(text, at, min(end, at + 400)) is not None


def begins_record(text: str, start: int, end: int) -> bool:
    """Whether the line starts a log record, a prompt, a list item or a fence of its own."""
    prefix = PREFIX.match(text, start, end)
    at = start if prefix is None else prefix.end()
    if prefix is not None and (prefix[0][0].isupper() or not text[at:end].strip()):
        return True
    return RECORD.match(text, at, min(end, at + 60)) is not None
