"""Progress on standard error: bars and a line a repository on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from miner.cli.options import note

if TYPE_CHECKING:
    from miner.harvest.progress import RepoReport


@contextmanager
def progress_bar(
    label: str, total: int, *, unit_is_bytes: bool = False
) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; silent where that is no terminal. Yields a function that
    advances it.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    count = DownloadColumn() if unit_is_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)

        def advance(amount: int) -> None:
            progress.update(task, advance=amount)

        yield advance


class HarvestBars:
    """Implements `miner.harvest.progress.Progress`; use as a context manager."""

    def __init__(self) -> None:
        self._live: Any = None
        self._task: Any = None
        self._mining: Any = None
        self._waiting = False

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            self._live = Progress(*columns, console=Console(stderr=True), transient=True)
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def _show(self, text: str) -> None:
        if self._live is not None and self._task is not None:
            self._live.update(self._task, description=text)

    def _say(self, text: str) -> None:
        if self._live is not None:
            self._live.console.print(text, markup=False, highlight=False)
        else:
            note(text)

    def repo_started(self, repo: str) -> None:
        """Begins a line."""
        if self._live is not None:
            self._task = self._live.add_task(repo, total=None)

    def page(
        self, repo: str, stream: str, items: int, requests: int, remaining: int | None
    ) -> None:
        """Shows how far a repository is."""
        left = "" if remaining is None else f", {remaining:,} left of the limit"
        self._show(f"{repo}: {stream}, {items:,} items, {requests:,} requests{left}")

    def mining(self, stage: str, done: int, total: int) -> None:
        """Shows how far a stage of mining is; nothing off a terminal."""
        if self._live is not None:
            if self._mining is None:
                self._mining = self._live.add_task("")
            self._live.update(self._mining, description=f"mine: {stage}, {done:,} of {total:,}")

    def waiting(self, seconds: float, why: str) -> None:
        """Counts down on a terminal; elsewhere says that it waits, and again each minute."""
        if self._live is not None:
            self._show(f"waiting {seconds:,.0f} s: {why}")
        elif seconds and (not self._waiting or round(seconds) % 60 == 0):
            note(f"waiting {seconds:,.0f} s: {why}")
        self._waiting = bool(seconds)

    def repo_done(self, report: "RepoReport") -> None:
        """Says in a line what a repository brought."""
        if self._live is not None and self._task is not None:
            self._live.remove_task(self._task)
            self._task = None
        if report.failure:
            self._say(f"faultlore: {report.repo}: {report.failure}; what arrived is kept")
        moved = f" (now {report.moved_to})" if report.moved_to else ""
        more = "" if report.complete or report.failure else "; there is more to fetch, run it again"
        self._say(
            f"{report.repo}{moved}: {report.issues.new:,} new and {report.issues.changed:,} changed"
            f" threads, {report.comments.new:,} new and {report.comments.changed:,} changed"
            f" comments, {report.requests:,} requests{more}"
        )

    def warning(self, text: str) -> None:
        """Passes a warning on."""
        self._say(f"faultlore: {text}")
