"""Progress on standard error: bars on a terminal, a line a repository elsewhere."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

from miner.cli.options import note
from miner.harvest.progress import Progress, RepoReport

STAGES = {
    "detect": "finding errors",
    "group": "grouping errors",
    "claims": "reading causes and fixes",
    "entries": "counting",
}
"""What a stage of mining does, in words."""
WIDE = 60
"""Columns from which on there is room for a bar beside the words."""


def on_terminal() -> bool:
    """Whether standard error is a terminal that can draw over what it drew."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _bars(*, unit_is_bytes: bool = False) -> Any:
    """Progress bars of rich that leave nothing behind: what, bar, how much of how much, the time
    left; none where there is no terminal.
    """
    if not on_terminal():
        return _NoBars()
    from rich import progress as bars
    from rich.console import Console
    from rich.table import Column
    from rich.text import Text

    class Words(bars.ProgressColumn):
        """What is cut first where a line is too long."""

        def render(self, task: bars.Task) -> Text:
            return Text(task.description, no_wrap=True, overflow="ellipsis")

    class Count(bars.ProgressColumn):
        def render(self, task: bars.Task) -> Text:
            total = "?" if task.total is None else f"{task.total:,.0f}"
            return Text(f"{task.completed:,.0f} of {total}", style="progress.download")

    console, whole = Console(stderr=True), Column(no_wrap=True)
    kind = bars.DownloadColumn if unit_is_bytes else Count
    left = bars.TimeRemainingColumn(elapsed_when_finished=True, table_column=whole)
    drawn = [bars.BarColumn(bar_width=24)] if console.width >= WIDE else []
    columns = (Words(), *drawn, kind(table_column=whole), left)
    return bars.Progress(*columns, console=console, transient=True)


class _NoBars(AbstractContextManager[Any]):
    """Takes what bars are told, and shows nothing; rich takes 0.04 s to load."""

    disable = True

    def __exit__(self, *exception: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **named: None


@contextmanager
def bytes_bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar of so many bytes, and a function that advances it."""
    with _bars(unit_is_bytes=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda amount: progress.update(task, advance=amount)


class RunBars(Progress):
    """Progress of a harvest and of mining, as a context manager; `repos`: how many are asked for,
    patterns among them may become more.
    """

    def __init__(self, repos: int = 0) -> None:
        super().__init__()
        self._live: Any = _bars()
        self._all = self._live.add_task("repositories", total=repos, visible=repos > 1)
        self._task: Any = None
        self._stage: Any = (None, None)
        self._repos, self._started, self._waiting = repos, 0, False

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def _say(self, text: str) -> None:
        if self._live.disable:
            note(text)
        else:
            self._live.console.print(text, markup=False, highlight=False)

    def repo_started(self, repo: str) -> None:
        self._started += 1
        self._task = self._live.add_task(repo, total=None)
        self._live.update(self._all, total=max(self._repos, self._started))

    def page(
        self, repo: str, stream: str, items: int, requests: int, left: int | None, of: int | None
    ) -> None:
        shown = f"{repo}: {stream}" + ("" if left is None else f", {left:,} requests left")
        self._live.update(self._task, description=shown, completed=items, total=of)

    def mining(self, stage: str, done: int, total: int) -> None:
        """Shows how far a stage of mining is; nothing off a terminal. `total`: 0 if not known."""
        before, task = self._stage
        if before != stage:
            if task is not None:
                self._live.remove_task(task)
            words = STAGES.get(stage, stage)
            task = self._live.add_task(f"mine: {words}", total=total or None)
            self._stage = stage, task
        self._live.update(task, completed=done)

    def waiting(self, seconds: float, why: str) -> None:
        """Counts down on a terminal; elsewhere says that it waits, and again each minute."""
        if self._task is not None:
            self._live.update(self._task, description=f"waiting {seconds:,.0f} s: {why}")
        if self._live.disable and seconds and (not self._waiting or round(seconds) % 60 == 0):
            note(f"waiting {seconds:,.0f} s: {why}")
        self._waiting = bool(seconds)

    def repo_done(self, report: "RepoReport") -> None:
        """Says in a line what a repository brought."""
        if self._task is not None:
            self._live.remove_task(self._task)
            self._live.update(self._all, advance=1)
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

    def warn(self, text: str) -> None:
        self._say(f"faultlore: {text}")
