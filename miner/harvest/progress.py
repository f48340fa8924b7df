"""What a harvest tells while it runs and when it is done; a stage never prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from miner.harvest.threads import Counts


@dataclass(slots=True)
class RepoReport:
    """What a harvest did for one repository.

    `repo`: the name asked for; `home`: the name under which its threads are stored; `moved_to`: its
    name now, if GitHub redirects; `timelines`: threads whose timeline was read; `gone`: threads and
    comments marked as gone; `bad`: objects that could not be stored; `waited`: seconds; `complete`:
    false if there is more to fetch (a failure, `max_issues`); `gone_since`: when GitHub first did
    not have it any more, of a repository that failed for that; `known_gone`: an earlier run said
    so; `paused`: it failed only because the rate limit is used up, and the next run goes on.
    """

    repo: str
    home: str = ""
    moved_to: str | None = None
    issues: Counts = field(default_factory=Counts)
    comments: Counts = field(default_factory=Counts)
    timelines: int = 0
    gone: int = 0
    bad: int = 0
    requests: int = 0
    waits: int = 0
    waited: float = 0.0
    complete: bool = False
    failure: str | None = None
    gone_since: str | None = None
    known_gone: bool = False
    paused: bool = False

    @property
    def news(self) -> int:
        """Threads, comments and timelines that are new or changed, and what was marked as gone."""
        return self.issues.news + self.comments.news + self.timelines + self.gone

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "waited": round(self.waited, 1), "news": self.news}

    def as_row(self) -> dict[str, Any]:
        """As a night keeps and tells it."""
        row = asdict(self)
        del row["home"]
        for kind, counts in (("issues", row.pop("issues")), ("comments", row.pop("comments"))):
            row |= {f"{kind}_new": counts["new"], f"{kind}_changed": counts["changed"]}
        return {**row, "waited": round(self.waited, 1), "complete": int(self.complete)}


@dataclass(slots=True)
class HarvestReport:
    """What a harvest did, or several after each other; `stopped`: why the last were not tried;
    `paused`: for a rate limit.
    """

    repos: list[RepoReport] = field(default_factory=list)
    stopped: str | None = None
    paused: bool = False

    def of(self, name: str) -> RepoReport:
        """The report of a repository, begun where there is none."""
        found = next((repo for repo in self.repos if repo.repo == name), None)
        if found is None:
            self.repos.append(found := RepoReport(name))
        return found

    @property
    def requests(self) -> int:
        return sum(repo.requests for repo in self.repos)

    @property
    def news(self) -> int:
        return sum(repo.news for repo in self.repos)

    @property
    def failures(self) -> list[RepoReport]:
        """The repositories that failed or were not tried."""
        return [repo for repo in self.repos if repo.failure]

    @property
    def exit_status(self) -> int:
        """0, or 3 if GitHub could not be reached or refused for any repository."""
        return 3 if self.failures else 0

    def as_dict(self) -> dict[str, Any]:
        ending = {"exit_status": self.exit_status, "stopped": self.stopped, "paused": self.paused}
        repos = [repo.as_dict() for repo in self.repos]
        return {"requests": self.requests, **ending, "repos": repos}


def failed_as_new(repo: Mapping[str, Any]) -> bool:
    """Whether a repository, as a report has it, failed in a way that a person should see: not one
    that only waits for the rate limit, or is gone as an earlier run said.
    """
    return bool(repo["failure"] and not repo.get("paused") and not repo.get("known_gone"))


class Progress:
    """Where a harvest tells how it gets on; this one tells nobody."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def repo_started(self, repo: str) -> None:
        """A repository's turn."""

    def page(
        self, repo: str, stream: str, items: int, requests: int, left: int | None, of: int | None
    ) -> None:
        """A page is stored: a repository's items and requests so far, what is `left` of the rate
        limit, and of about how many items, where GitHub says so.
        """

    def mining(self, stage: str, done: int, total: int) -> None:
        """A stage of mining has done so much; `total`: 0 if that is not known."""

    def waiting(self, seconds: float, why: str) -> None:
        """A wait: called once a second with the seconds left, and with 0 at its end."""

    def repo_done(self, report: RepoReport) -> None:
        """A repository is done, or has failed."""

    def warning(self, text: str) -> None:
        """Something that a person should know, once; the harvest goes on."""
        if text not in self._told:
            self._told.add(text)
            self.warn(text)

    def warn(self, text: str) -> None:
        """Tells a warning."""
