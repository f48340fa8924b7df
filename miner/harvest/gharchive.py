"""Threads from GH Archive (https://www.gharchive.org): one hour of GitHub's public events a file.

Events of issues, comments and pull requests carry the whole post as it was then; the newest version
of each wins, whatever the order of the files. What an archive cannot hold is noted in table
`partial_thread`, which `faultlore harvest --complete` works off: comments from before the first
file, events before 2015, which name a thread and quote nothing, and events since October 2025,
from which GitHub trims fields.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from itertools import islice
from pathlib import Path

from kb import sql
from kb.models import ThreadKey
from kb.store import Store
from miner.harvest.access import check_name
from miner.harvest.files import checked_files, decoded, lines_of
from miner.harvest.objects import BadThreadError, Json, check_repo, is_id, value_at
from miner.harvest.sources import THREADS_A_TRANSACTION, ImportReport
from miner.harvest.threads import ThreadWriter, note_partial, note_what_is_missing

_TYPE = re.compile(rb'"type"\s*:\s*"(?:Issues|IssueComment|PullRequest)Event"')
_OLD_URL = re.compile(r"github\.com/(?P<repo>[^/\s]+/[^/\s]+)/(?:issues|pull)/(?P<number>\d{1,18})")
"""Where an event from before 2015 says which thread it is about."""
_PULL_FIELDS = (
    *("number", "title", "body", "user", "state", "created_at", "updated_at", "closed_at"),
    *("author_association", "labels", "html_url", "id"),
)


@dataclass(frozen=True, slots=True)
class Posts:
    """What one event holds of a thread: its issue, a comment, or the number alone."""

    key: ThreadKey
    issue: Json | None = None
    comment: Json | None = None


def wanted(only: Sequence[str]) -> tuple[re.Pattern[str], str]:
    """What matches the repositories that are wanted (`owner/name` and patterns such as `owner/*`;
    none: all), in any case, and a hash of their names.
    """
    names = sorted({check_name(name).lower() for name in only})
    digest = hashlib.blake2b("\n".join(names).encode(), digest_size=8).hexdigest()
    return re.compile("|".join(map(translate, names)), re.IGNORECASE), digest


def posts_of_event(event: Json) -> Posts | None:
    """What an event says of a thread; None if it is about none. Raises `BadThreadError`."""
    payload = event.get("payload")
    if not isinstance(payload, dict):
        return None
    repo = value_at(event, "repo", "name")
    issue, comment = payload.get("issue"), payload.get("comment")
    if event.get("type") == "PullRequestEvent":
        issue = payload.get("pull_request")
        if isinstance(issue, dict):  # as the issues API shows it
            pull = {"merged_at": issue.get("merged_at")}
            issue = {name: value for name, value in issue.items() if name in _PULL_FIELDS}
            issue["pull_request"] = pull
    number = value_at(issue, "number")
    if repo is None or not is_id(number):
        found = _OLD_URL.search(str(event.get("url") or ""))
        if found and repo is None:
            repo = found["repo"]
        elif isinstance(old := event.get("repository"), dict):
            repo = repo or f"{old.get('owner')}/{old.get('name')}"
        number = number or payload.get("number") or (int(found["number"]) if found else None)
    if repo is None or type(number) is not int or not is_id(number) or number == 0:
        return None
    return Posts(
        (check_repo(repo), number),
        issue if isinstance(issue, dict) and "title" in issue else None,
        comment if isinstance(comment, dict) and "body" in comment else None,
    )


# ---------------------------------------------------------------- files


def bring(
    store: Store,
    arguments: Sequence[str],
    advance: Callable[[int], None],
    only: Sequence[str] = (),
) -> ImportReport:
    """Imports hours of the archive; those that were read to their end before, with the same `only`,
    are passed over, but not a pipe, whose name says nothing of what comes through it. `only`: names
    and patterns of repositories; none: all.
    """
    paths, (names, digest) = checked_files(arguments), wanted(only)
    report = ImportReport()
    for path in paths:
        file = (path.name, path.stat().st_size, digest) if path.is_file() else None
        if file is not None and sql.first(store.connection, "harvest.is_archive_read", *file):
            report.files_known += 1
            advance(file[1])
            continue
        found, more = _posts(path, names, advance, report), True
        while more:
            batch = list(islice(found, THREADS_A_TRANSACTION))
            more = len(batch) == THREADS_A_TRANSACTION
            with store.transaction() as connection:
                writer = ThreadWriter(connection, live=False)
                keys = {_put(connection, writer, str(path), one, report) for one in batch}
                note_what_is_missing(connection, keys - {None})
                if not more and file is not None:
                    sql.write(connection, "harvest.put_archive", *file)
    return report


def _posts(
    path: Path, names: re.Pattern[str], advance: Callable[[int], None], report: ImportReport
) -> Iterator[tuple[int, Posts]]:
    """What the wanted events of a file hold, by line; bad lines are reported."""
    for number, line in lines_of(path, advance):
        if isinstance(line, bytes) and not _TYPE.search(line):
            continue
        try:
            event = decoded(line)
            posts = posts_of_event(event) if isinstance(event, dict) else None
        except BadThreadError as error:
            report.add_problem(str(path), number, str(error))
        else:
            if posts is not None and names.match(posts.key[0]):
                yield number, posts


def _put(
    connection: sqlite3.Connection,
    writer: ThreadWriter,
    path: str,
    one: tuple[int, Posts],
    report: ImportReport,
) -> ThreadKey | None:
    """Stores what an event holds. A post without its text never replaces one that has it."""
    line, posts = one
    repo, number = posts.key
    try:
        if posts.issue is not None and "body" in posts.issue:
            report.threads.add(writer.put_issue(repo, posts.issue))
        if posts.comment is not None:
            report.comments.add(writer.put_comment(repo, number, posts.comment))
    except BadThreadError as error:
        report.add_problem(path, line, str(error))
        return None
    if posts.issue is None or "body" not in posts.issue:
        note_partial(connection, posts.key, "texts")
    return posts.key
