"""Hours of GH Archive: both forms of events, any order, restarts, and threads held in part only."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.store import Store, load_thread
from miner.harvest.access import Access, HarvestOptions
from miner.harvest.gharchive import posts_of_event, wanted
from miner.harvest.github import harvest
from miner.harvest.sources import ImportReport, import_from
from tests.miner.test_files import dump
from tests.support.cli import Output, Patch, faultlore
from tests.support.github_server import GitHubServer
from tests.support.threads import Json, comment, issue, thread


def event(kind: str, repo: str = "acme/tool", **payload: Any) -> Json:
    at = "2024-05-01T10:00:00Z"
    return {"type": kind, "repo": {"name": repo}, "payload": payload, "created_at": at}


def opened(number: int, title: str, body: str, at: str, **more: Any) -> Json:
    return event("IssuesEvent", issue=issue(number, title, body, updated_at=at, **more))


def answered(number: int, comment_id: int, body: str, at: str, count: int) -> Json:
    post = comment(comment_id, body, updated_at=at)
    return event(
        "IssueCommentEvent", issue=issue(number, updated_at=at, comments=count), comment=post
    )


def hour(path: Path, events: Sequence[Json | str]) -> str:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in events]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return str(path)


def read(store: Store, *names: str, only: Sequence[str] = ()) -> ImportReport:
    return import_from(store, "gharchive", names, only=only)


def partial(store: Store) -> dict[tuple[str, int], str]:
    rows = store.connection.execute("select repo, number, missing from partial_thread")
    return {(row[0], row[1]): row[2] for row in rows}


EVENTS = [
    opened(1, "It fails", "Error: old", "2024-05-01T10:00:00Z"),
    opened(1, "It fails", "Error: new", "2024-05-01T12:00:00Z", comments=2, state="closed"),
    answered(1, 5, "me", "2024-05-01T09:00:00Z", 1),
    answered(2, 6, "edited later", "2024-05-02T00:00:00Z", 1),
    answered(2, 6, "first words", "2024-05-01T00:00:00Z", 1),
    event("PullRequestEvent", pull_request=issue(3, "Fix", merged_at="2024-05-03T00:00:00Z")),
    event("PullRequestEvent", pull_request={"id": 9, "number": 4, "url": "u"}),
    event("IssuesEvent", issue={"id": 8, "number": 5, "title": "Trimmed"}),
]


@given(st.permutations(EVENTS), st.integers(0, len(EVENTS)))
@settings(max_examples=25, deadline=None)
def test_the_newest_version_wins_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, events: list[Json], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("hours")
    with Store.open(folder / "kb.db") as store:
        read(store, hour(folder / "1.gz", events[:cut]), hour(folder / "2.gz", events[cut:]))
        one, two, three = (load_thread(store.connection, "acme/tool", n) for n in (1, 2, 3))
        assert one is not None
        assert (one.body, one.state) == ("Error: new", "closed")
        assert two is not None
        assert [c.body for c in two.comments] == ["edited later"]
        assert three is not None
        assert (three.kind, three.merged_at) == ("pull", "2024-05-03T00:00:00Z")
        assert partial(store) == {
            ("acme/tool", 1): "comments",
            ("acme/tool", 4): "texts",
            ("acme/tool", 5): "texts",
        }


def test_an_hour_is_read_once_and_again_after_a_kill(store: Store, tmp_path: Path) -> None:
    events = [opened(n, f"Fault {n}", "", "2024-05-01T10:00:00Z") for n in range(1, 500)]
    name = hour(tmp_path / "2024-05-01-10.json.gz", events)
    seen = []

    def killed(_: int) -> None:
        seen.append(1)
        if len(seen) > 250:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_from(store, "gharchive", [name], killed)
    assert store.connection.execute("select count(*) from thread").fetchone()[0] == 200
    again = read(store, name)
    assert (again.threads.new, again.threads.same, again.files_known) == (299, 200, 0)
    whole = dump(store)
    assert read(store, name).files_known == 1
    assert dump(store) == whole
    assert read(store, name, only=["other/*"]).files_known == 0


def test_a_pipe_is_read_each_time(store: Store, tmp_path: Path) -> None:
    pipe = tmp_path / "hour"
    os.mkfifo(pipe)
    for number in (1, 2):
        post = opened(number, "It fails", "Error: so", "2024-05-01T10:00:00Z")
        line = json.dumps(post).encode() + b"\n"
        writer = threading.Thread(target=pipe.write_bytes, args=(line,), daemon=True)
        writer.start()
        report = read(store, str(pipe))
        writer.join(10)
        assert (report.threads.new, report.files_known) == (1, 0)
    assert store.connection.execute("select count(*) from archive_file").fetchone()[0] == 0


def test_events_before_2015_name_threads_and_quote_nothing(store: Store, tmp_path: Path) -> None:
    repository = {"owner": "acme", "name": "tool"}
    url = "https://github.com/acme/tool/issues/12#issuecomment-77"
    payload = {"comment_id": 77, "issue_id": 5}
    old = {"type": "IssueCommentEvent", "repository": repository, "url": url, "payload": payload}
    first = {"type": "IssuesEvent", "repo": {"name": "acme/tool"}, "payload": {"number": 13}}
    elsewhere = {"type": "WatchEvent", "repository": repository, "url": url, "payload": {}}
    read(store, hour(tmp_path / "2013-01-01-5.json.gz", [old, first, elsewhere]))
    assert partial(store) == {("acme/tool", 12): "texts", ("acme/tool", 13): "texts"}
    assert store.connection.execute("select count(*) from thread").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("wanted", "found"),
    [((), 3), (["Acme/Tool"], 1), (["acme/*"], 2), (["acme/other", "b/*"], 2), (["c/d"], 0)],
)
def test_only_the_repositories_that_are_wanted(
    store: Store, tmp_path: Path, wanted: list[str], found: int
) -> None:
    events = [event("IssuesEvent", repo, issue=issue(1)) for repo in ("acme/tool", "acme/other")]
    name = hour(tmp_path / "hour.gz", [*events, event("IssuesEvent", "b/b", issue=issue(1))])
    assert read(store, name, only=wanted).threads.new == found


def test_bad_lines_are_named_and_cost_no_other(tmp_path: Path, capsys: Output) -> None:
    broken = json.dumps(opened(1, "t", "", "2024-05-01T10:00:00Z"))[:-9]
    bad = opened(2, "t", "", "2024-05-01T10:00:00Z", user=7)
    unpaired = json.dumps(opened(3, "t", "", "2024-05-01T10:00:00Z")).replace('"t"', '"\\ud800"')
    name = hour(tmp_path / "hour.gz", [broken, bad, "{}", "[1]", unpaired])
    db = str(tmp_path / "kb.db")
    status, _, err = faultlore(capsys, "import", "--source", "gharchive", name, "--db", db)
    assert status == 2
    assert f"{name}:1: is not JSON" in err
    assert f"{name}:2: issue 2: user: expected" in err
    assert "1 new thread," in err


def test_a_source_that_brings_all_takes_no_names(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "kb.db") as store,
        pytest.raises(BadInputError, match="leave out --only"),
    ):
        import_from(store, "files", [], only=["acme/tool"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from("type repo name payload issue number comment url title".split()),
                inner,
                max_size=5,
            )
        ),
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_an_event_holds_it_is_posts_or_a_reason(value: object) -> None:
    if isinstance(value, dict):
        try:
            found = posts_of_event(value)
        except BadInputError:
            return
        assert found is None or "/" in found.key[0]
    assert wanted([])[0].match("acme/tool")


def test_the_rest_of_a_thread_comes_from_github(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    whole = thread(1, "It fails", "Error: all of it", [comment(5, "five"), comment(6, "six")])
    with (
        GitHubServer([whole, thread(2, "Two", "second")]) as server,
        Store.open(tmp_path / "kb.db") as store,
    ):
        read(
            store,
            hour(
                tmp_path / "hour.gz",
                [
                    answered(1, 6, "six", "2026-02-02T00:00:00Z", 2),
                    event("IssuesEvent", issue={"number": 2, "title": "Two"}),
                    event("IssuesEvent", issue={"number": 3, "title": "Gone"}),
                    event("IssuesEvent", issue=issue(4, comments=1)),
                ],
            ),
        )
        assert len(partial(store)) == 4
        report = harvest(
            store, [], HarvestOptions(access=Access(server.url, "t" * 20)), what="rest"
        )
        assert (report.failures, partial(store)) == ([], {})
        one, two, four = (load_thread(store.connection, "acme/tool", n) for n in (1, 2, 4))
        assert one is not None
        assert [c.body for c in one.comments] == ["five", "six"]
        assert two is not None
        assert two.body == "second"
        assert four is not None
        gone = store.connection.execute("select gone_at from thread where number = 4").fetchone()
        assert gone[0] is not None


def test_a_thread_that_was_transferred_is_gone_though_it_has_the_same_number_there(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        GitHubServer([thread(1, "It fails", "Error: all of it", [])]) as server,
        Store.open(tmp_path / "kb.db") as store,
    ):
        titled = event("IssuesEvent", issue={"number": 1, "title": "It fails"})
        read(store, hour(tmp_path / "hour.gz", [titled]))
        assert server.transfer("acme/tool", 1, "acme/other") == 1
        report = harvest(
            store, [], HarvestOptions(access=Access(server.url, "t" * 20)), what="rest"
        )
        assert [one.gone for one in report.repos] == [1]
        assert partial(store) == {}
        rows = store.connection.execute("select repo, number, body from thread").fetchall()
        assert [row["body"] for row in rows] in ([], [""]), "nothing of it is stored here"


ERROR = "ConnectionError: the kettle on port 8099 refused the lid"
FIX = "The lid was never registered. Upgrade to 2.1, that fixed it for me."


def archived(event_id: int, kind: str, at: str, actor: str, **payload: Any) -> Json:
    """An event with all the fields that the archive has since October 2025."""
    return {
        "id": str(event_id),
        "type": kind,
        "actor": {"id": 7, "login": actor, "display_login": actor, "gravatar_id": "", "url": "u"},
        "repo": {"id": 5, "name": "acme/tool", "url": "https://api.github.com/repos/acme/tool"},
        "payload": payload,
        "public": True,
        "created_at": at,
        "org": {"id": 6, "login": "acme", "gravatar_id": "", "url": "u"},
    }


def test_hours_of_both_forms_become_entries_once_github_has_filled_them(
    tmp_path: Path, capsys: Output, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GITHUB_TOKEN", "t" * 20)
    member = comment(71, FIX, "mel", "MEMBER")
    pull = {"id": 9, "number": 8, "url": "u", "head": {"ref": "a"}, "base": {"ref": "main"}}
    place = "https://github.com/acme/tool/issues/3"
    old = {
        "created_at": "2013-01-01T05:00:00-08:00",
        "public": True,
        "actor": "ada",
        "repository": {"id": 5, "name": "tool", "owner": "acme", "url": place[:28]},
    }
    at = "2025-11-03T10:00:00Z"
    named = issue(7, ERROR, f"```\n{ERROR}\n```", comments=1)
    recent = [
        archived(1, "PushEvent", at, "mel", push_id=1, ref="refs/heads/main", head="a", before="b"),
        archived(2, "IssuesEvent", at, "ada", action="opened", issue={**named, "comments": 0}),
        archived(3, "IssueCommentEvent", at, "mel", action="created", issue=named, comment=member),
        archived(4, "PullRequestEvent", at, "mel", action="merged", number=8, pull_request=pull),
    ]
    first = [
        {**old, "type": "IssuesEvent", "url": place,
         "payload": {"action": "opened", "issue": 333, "number": 3}},
        {**old, "type": "IssueCommentEvent", "url": f"{place}#issuecomment-31",
         "payload": {"comment_id": 31, "issue_id": 333}},
    ]  # fmt: skip
    hours = [hour(tmp_path / "2025-11-03-10.json.gz", recent),
             hour(tmp_path / "2013-01-01-5.json.gz", first)]  # fmt: skip
    db = ("--db", str(tmp_path / "kb.db"))
    merged = thread(8, "Register the lid", "Fixes #7", pull_request={"merged_at": at})
    whole = [
        thread(3, ERROR.replace("8099", "8100"), "", [comment(31, "same here")]),
        thread(7, named["title"], named["body"], [member]),
        merged,
    ]
    assert faultlore(capsys, "import", "--source", "gharchive", *hours, *db)[0] == 0
    with Store.open(tmp_path / "kb.db") as store:
        assert partial(store) == {("acme/tool", n): "texts" for n in (3, 8)}
    with GitHubServer(whole) as server:
        bring = ("harvest", "--complete", "--api-url", server.url)
        assert faultlore(capsys, *bring, *db)[0] == 0
    with Store.open(tmp_path / "kb.db") as store:
        assert partial(store) == {}
    assert faultlore(capsys, "mine", *db)[0] == 0
    status, out, _ = faultlore(capsys, "query", ERROR, "--json", *db)
    (found,) = json.loads(out)["results"]
    assert (status, found["threads"]) == (0, 2)
    assert "Upgrade to 2.1" in faultlore(capsys, "show", found["entry_id"], *db)[1]
