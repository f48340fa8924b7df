"""A GitHub on loopback with two repositories, and harvests of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.store import Store
from tests.support.cli import Patch
from tests.support.clocks import FakeClock
from tests.support.github_server import GitHubServer, make_threads
from tests.support.harvests import Night, O, P


@pytest.fixture
def clock(monkeypatch: Patch) -> FakeClock:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[GitHubServer]:
    with GitHubServer(
        [*make_threads(O, 230, 460), *make_threads(P, 12, 30)], clock=clock.time
    ) as server:
        # Comment ids are GitHub's own and the same in no two repositories.
        for repo, offset in ((O, 0), (P, 500_000)):
            comments = server.repo(repo).comments
            server.repo(repo).comments = {
                key + offset: (n, {**c, "id": key + offset}) for key, (n, c) in comments.items()
            }
        yield server


@pytest.fixture
def night(server: GitHubServer, store: Store, clock: FakeClock) -> Night:
    return Night(server, store, clock)
