"""Harvests of a GitHub on loopback into a database, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.store import Store
from miner.harvest.access import Access, HarvestOptions
from miner.harvest.github import harvest
from miner.harvest.progress import Progress, RepoReport
from tests.support.clocks import FakeClock
from tests.support.github_server import GitHubServer

TOKEN = "ghp_NotARealTokenButOneThatMustNotShow2"
O = "made/up"  # noqa: E741
P = "other/one"


class RecordingProgress(Progress):
    """Progress that remembers."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, str, int, int, int | None]] = []
        self.expected: list[tuple[str, int, int | None]] = []
        self.waits: list[tuple[float, str]] = []
        self.warnings: list[str] = []
        self.done: list[RepoReport] = []
        self.stop_after: int | None = None

    def page(
        self, repo: str, stream: str, items: int, requests: int, left: int | None, of: int | None
    ) -> None:
        self.pages.append((repo, stream, items, requests, left))
        self.expected.append((stream, items, of))
        if self.stop_after is not None and len(self.pages) >= self.stop_after:
            raise KeyboardInterrupt

    def waiting(self, seconds: float, why: str) -> None:
        self.waits.append((seconds, why))

    def repo_done(self, report: RepoReport) -> None:
        self.done.append(report)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class Night:
    """Runs harvests of one server into one store."""

    def __init__(self, server: GitHubServer, store: Store, clock: FakeClock) -> None:
        self.server, self.store, self.clock = server, store, clock
        self.ear = RecordingProgress()

    def run(self, *repos: str, **options):
        self.ear = RecordingProgress()
        self.ear.stop_after = options.pop("stop_after", None)
        self.server.requests.clear()
        return harvest(self.store, repos or (O,), self.options(**options), self.ear)

    def options(self, **given) -> HarvestOptions:
        token, source = given.pop("token", TOKEN), given.pop("token_source", None)
        access = Access(given.pop("api_url", self.server.url), token, source)
        return HarvestOptions(access=access, clock=self.clock, **given)

    def interrupted(self, after: int, repo: str, **options) -> None:
        """A run that ends after so many pages."""
        with pytest.raises(KeyboardInterrupt):
            self.run(repo, stop_after=after, **options)

    def one(self, repo: str = O, **options) -> RepoReport:
        return self.run(repo, **options).repos[0]


RELATIONS = ("thread", "comment", "raw", "event", "orphan_comment", "dirty")


def content(store: Store, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    """All rows that say what GitHub sent."""
    names = [name for name in RELATIONS if name not in without]
    return {
        name: sorted(map(tuple, store.connection.execute(f"select * from {name}")), key=repr)
        for name in names
    }


def value(store: Store, sql: str, *values: object) -> Any:
    """The one value that a query gives."""
    return store.connection.execute(sql, values).fetchone()[0]


def warned(night: Night, words: str) -> bool:
    return any(words in text for text in night.ear.warnings)


def undisturbed(
    server: GitHubServer, tmp_path: Path, clock: FakeClock, *repos: str
) -> dict[str, list[tuple]]:
    """What a harvest without faults brings."""
    with Store.open(tmp_path / "undisturbed.db") as other:
        report = Night(server, other, clock).run(*(repos or (O,)))
        assert report.exit_status == 0
        return content(other)


def as_served(server: GitHubServer, name: str, store: Store) -> None:
    """The store holds what the server has, no more and no less."""
    repo = server.repo(name)
    here = "where repo = ? and gone_at is null"
    threads = f"select number, title, updated_at from thread {here}"
    comments = f"select comment_id, number, body from comment {here}"
    assert {tuple(row) for row in store.connection.execute(threads, (name,))} == {
        (n, i["title"], i["updated_at"]) for n, i in repo.issues.items()
    }
    assert {tuple(row) for row in store.connection.execute(comments, (name,))} == {
        (key, n, c["body"]) for key, (n, c) in repo.comments.items()
    }


def with_mentions(store: Store, *numbers: int) -> None:
    """As mining leaves it: these threads hold errors."""
    with store.transaction() as connection:
        connection.execute(
            "insert or ignore into signature (fingerprint, text, wrappers, objects) values "
            "('v1:x', 'x', '[]', '[]')"
        )
        connection.executemany(
            "insert into mention (repo, number, field, start, end, raw, fingerprint, "
            "is_primary, counted, frames) "
            "values (?, ?, 'title', 0, 5, 'Error', 'v1:x', 1, 1, '[]')",
            [(O, number) for number in numbers],
        )


def timelines(night: Night, **options):
    night.server.requests.clear()
    made = night.options(**options)
    return harvest(night.store, (O,), made, night.ear, what="timelines").repos[0]
