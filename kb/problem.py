"""What a check found to be wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that does not match. `where`: `claim C1`, `mention 7`, `evidence C1/0`, or
    `file:line`; `what`: one line.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
