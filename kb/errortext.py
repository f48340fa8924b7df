"""Finds the errors that programs print, in a text without Markdown: exact spans, best first within a run of lines.

Used by mining (on each piece of a thread) and by `query` (on a line, a log or a JSON body), so that both see the same.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorSpan:
    """An error's text at `text[start:end]`. `kind` names the rule that found it; `weight` (0 to 1) how surely it is an error."""

    start: int
    end: int
    kind: str
    weight: float
    frames: tuple[str, ...] = ()


def find_errors(text: str) -> list[ErrorSpan]:
    """The errors of a text in order of position, not overlapping."""
    raise NotImplementedError
