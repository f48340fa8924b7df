"""Importing files: good lines, bad lines, newer and older data, the same file twice."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.store import Store, load_thread, unpack
from miner.harvest.files import import_files
from tests.support.cli import Patch
from tests.support.nightly_runs import content
from tests.support.old_database import database_0_1
from tests.support.threads import Json, comment, issue, thread


def write(path: Path, *lines: object) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    return content(store.path)


@pytest.mark.parametrize("name", ["threads.jsonl", "threads.jsonl.gz"])
def test_threads_comments_and_events_arrive_whole_and_raw(
    store: Store, tmp_path: Path, name: str
) -> None:
    event = {
        "id": 5,
        "event": "closed",
        "created_at": "2026-03-01T00:00:00Z",
        "actor": {"login": "eve"},
        "state_reason": "completed",
    }
    item = thread(
        7,
        "Tïtle",
        "line\r\nline",
        [comment(1, "hello"), comment(2, "world")],
        events=[event],
        unknown={"kept": True},
    )
    path = tmp_path / name
    data = (json.dumps(item) + "\n").encode()
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    report = import_files(store, [path])
    assert (report.threads.new, report.comments.new, report.events, report.problems) == (
        1,
        2,
        1,
        [],
    )
    loaded = load_thread(store.connection, "acme/tool", 7)
    assert loaded is not None
    assert (loaded.title, loaded.body) == ("Tïtle", "line\r\nline")
    assert [c.body for c in loaded.comments] == ["hello", "world"]
    assert [(e.event, e.actor, e.state_reason) for e in loaded.events] == [
        ("closed", "eve", "completed")
    ]
    raw = store.connection.execute("select json from raw where kind = 'issue'").fetchone()
    assert unpack(raw["json"]) == item["issue"]


def test_the_same_file_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.jsonl",
        thread(1, comments=[comment(1, "a")]),
        thread(2, events=[{"event": "cross-referenced"}]),
    )
    import_files(store, [path])
    before = dump(store)
    report = import_files(store, [path])
    assert dump(store) == before
    assert (
        report.threads.same,
        report.comments.same,
        report.threads.new,
        report.threads.changed,
    ) == (2, 1, 0, 0)


WHEN = "2026-01-01T00:00:00Z"


def of(**fields: object) -> Json:
    return {"repo": "a/b", "issue": {**issue(), **fields}}


def said(**fields: object) -> Json:
    return {"repo": "a/b", "issue": issue(), "comments": [{**comment(1, ""), **fields}]}


def event(**fields: object) -> Json:
    return {"repo": "a/b", "issue": issue(), "events": [{"event": "closed", **fields}]}


def crossing(**fields: object) -> Json:
    return event(source={"issue": {"number": 3, **fields}})


BAD = [
    ("{not json", "is not JSON"),
    ("[]", "is list, expected an object"),
    ({"issue": issue()}, "repo is 'None'"),
    ({"repo": "no-slash", "issue": issue()}, "repo is 'no-slash'"),
    ({"repo": "../..", "issue": issue()}, "repo is '../..'"),
    ({"repo": "a/.", "issue": issue()}, "repo is 'a/.'"),
    ({"repo": "a/b"}, "has no issue"),
    ({"repo": "a/b", "issue": {"title": "x"}}, "issue: object missing required field"),
    (of(number=0), "number: expected int >= 1"),
    (of(number=True), "number: expected int, got bool"),
    (of(number=2**63), "number: expected int <= "),
    (of(number=2**70), "number: expected int <= "),
    (of(title=None), "title: expected str, got null"),
    (of(body=12), "issue 1: body: expected str | null, got int"),
    (of(user="ada"), "user: expected object | null, got str"),
    (of(user={"login": {}}), "user.login: expected str | null, got object"),
    (of(created_at="yesterday"), "created_at: invalid RFC3339"),
    (of(created_at="2026-02-30T00:00:00Z"), "created_at: invalid RFC3339"),
    (of(closed_at="2026-02-30T00:00:00Z"), "closed_at: invalid RFC3339"),
    (of(closed_at="2026-13-01T00:00:00.5Z"), "closed_at: invalid RFC3339"),
    (of(closed_at="2026-01-01T00:00:00+99:99"), "closed_at: invalid RFC3339"),
    (of(closed_at="2026-01-01T00:00:00"), "closed_at: expected datetime with a timezone"),
    (of(closed_at="0001-01-01T00:00:00+23:59"), "is no time in UTC"),
    (of(pull_request={"merged_at": {}}), "pull_request.merged_at: expected datetime"),
    (of(reactions={"+1": 2**64}), "reactions.+1: expected int <= "),
    (of(reactions={"-1": -3}), "reactions.-1: expected int >= 0"),
    (of(labels=[{"name": 3}]), "labels[0].name: expected str | null, got int"),
    ({"repo": "a/b", "issue": issue(), "comments": {}}, "comments is dict, expected a list"),
    ({"repo": "a/b", "issue": issue(), "comments": [{"body": "x"}]}, "a comment of 1: object"),
    (said(body=5), "comment 1 of 1: body: expected str | null, got int"),
    (said(id=2**63), "id: expected int <= "),
    (said(performed_via_github_app={"name": 5}), "performed_via_github_app.name: expected str"),
    ({"repo": "a/b", "issue": issue(), "events": ["closed"]}, "an event of 1: expected object"),
    ({"repo": "a/b", "issue": issue(), "events": [3]}, "an event of 1: expected object"),
    (event(actor={"login": []}), "actor.login: expected str | null, got array"),
    (crossing(number=2**70), "source.issue.number: expected int <= "),
    (crossing(repository="a/b"), "source.issue.repository: expected object | null, got str"),
    (crossing(repository=7), "source.issue.repository: expected object | null, got int"),
    (crossing(repository={"full_name": {}}), "source.issue.repository.full_name: expected str"),
    ('{"repo": "a/b", "issue": {"number": 1, "id": ' + "9" * 4301 + "}}", "4,300 digits"),
    ("[" * 100_000, "nested too deeply"),
]


def test_a_line_that_is_not_utf_8_is_named_and_the_others_are_imported(tmp_path: Path) -> None:
    good, bad = (json.dumps(of(number=n, title="caf!")).encode() for n in (1, 2))
    path = tmp_path / "threads.jsonl"
    path.write_bytes(bad.replace(b"caf!", b"caf\xe9") + b"\n" + good + b"\n")
    with Store.open(tmp_path / "kb.db") as store:
        report = import_files(store, [path])
    assert report.threads.new == 1
    (problem,) = report.problems
    assert (problem.path, problem.line) == (str(path), 1)
    assert "is not UTF-8 (byte " in str(problem.reason)


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_bad_line_is_named_and_the_others_are_imported(
    store: Store, tmp_path: Path, line: object, reason: str
) -> None:
    path = write(tmp_path / "t.jsonl", thread(1), line, "", thread(3))
    report = import_files(store, [path])
    assert [(p.line, p.path) for p in report.problems] == [(2, str(path))]
    assert reason in report.problems[0].reason
    numbers = [r[0] for r in store.connection.execute("select number from thread order by number")]
    assert numbers == [1, 3]


def test_a_file_that_is_no_text_is_one_problem(store: Store) -> None:
    store.connection.execute("pragma wal_checkpoint")
    found = import_files(store, [store.path]).problems
    assert [p.reason for p in found] == [
        "is binary, no lines of JSON in UTF-8; name a file of threads"
    ]


def test_a_bad_comment_leaves_nothing_of_its_line(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", thread(1, comments=[comment(1, "good"), {"id": "x"}]))
    import_files(store, [path])
    assert store.connection.execute("select count(*) from raw").fetchone()[0] == 0


def test_newer_replaces_older_and_older_changes_nothing(tmp_path: Path) -> None:
    old = thread(1, "old title", "old body", [comment(1, "old")])
    new = thread(
        1,
        "new title",
        "new body",
        [{**comment(1, "new"), "updated_at": "2026-03-01T00:00:00Z"}],
        updated_at="2026-03-01T00:00:00Z",
    )
    old_file, new_file = write(tmp_path / "old.jsonl", old), write(tmp_path / "new.jsonl", new)
    with Store.open(tmp_path / "a.db") as a, Store.open(tmp_path / "b.db") as b:
        import_files(a, [old_file, new_file])
        report = import_files(b, [new_file, old_file])
        assert (report.threads.older, report.comments.older) == (1, 1)
        for store in (a, b):
            loaded = load_thread(store.connection, "acme/tool", 1)
            assert loaded is not None
            assert (loaded.title, loaded.body, loaded.comments[0].body) == (
                "new title",
                "new body",
                "new",
            )
        revisions = a.connection.execute(
            "select comment_id, field, valid_until from revision order by field, comment_id"
        ).fetchall()
        assert [tuple(r) for r in revisions] == [
            (None, "body", "2026-03-01T00:00:00Z"),
            (1, "body", "2026-03-01T00:00:00Z"),
            (None, "title", "2026-03-01T00:00:00Z"),
        ]


def test_fields_that_github_leaves_out_may_be_missing(store: Store, tmp_path: Path) -> None:
    bare = {
        "repo": "a/b",
        "issue": {"number": 4, "title": "t", "created_at": "2026-01-01T00:00:00Z"},
        "comments": [{"id": 9, "created_at": "2026-01-02T00:00:00Z", "user": None}],
    }
    assert import_files(store, [write(tmp_path / "t.jsonl", bare)]).problems == []
    loaded = load_thread(store.connection, "a/b", 4)
    assert loaded is not None
    assert (loaded.body, loaded.author, loaded.author_type) == ("", None, "Ghost")
    assert loaded.url == "https://github.com/a/b/issues/4"
    assert loaded.comments[0].url == "https://github.com/a/b/issues/4#issuecomment-9"


def test_a_surrogate_that_stands_alone_keeps_offsets(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", json.dumps(thread(1, "a\ud800b", "x\udfff\U0001f600y")))
    import_files(store, [path])
    loaded = load_thread(store.connection, "acme/tool", 1)
    assert loaded is not None
    assert (loaded.title, loaded.body) == ("a\ufffdb", "x\ufffd\U0001f600y")


def test_a_cut_archive_is_a_problem_and_what_came_before_counts(
    store: Store, tmp_path: Path
) -> None:
    lines = "".join(
        json.dumps(thread(n, body=str(n) * 3000)) + "\n" for n in range(1, 400)
    ).encode()
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(lines)[:-3000])
    report = import_files(store, [path])
    assert len(report.problems) == 1
    assert "damaged" in report.problems[0].reason
    assert (
        store.connection.execute("select count(*) from thread").fetchone()[0]
        == report.threads.new
        > 100
    )


def test_a_missing_file_stops_before_anything_is_imported(store: Store, tmp_path: Path) -> None:
    good = write(tmp_path / "t.jsonl", thread(1))
    with pytest.raises(BadInputError, match="no such file"):
        import_files(store, [good, tmp_path / "none.jsonl"])
    assert store.connection.execute("select count(*) from thread").fetchone()[0] == 0


# ---------------------------------------------------------------------- hostile and damaged


def stored(store: Store, column: str, table: str = "thread") -> list[object]:
    return [row[0] for row in store.connection.execute(f"select {column} from {table}")]


@given(
    st.dictionaries(
        st.sampled_from([*sorted(issue()), "pull_request", "merged_at", "\ud800"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(st.characters())
            | st.sampled_from(["2026-02-30T00:00:00Z", "\ud800", 2**63, -1, {}, [], [{}]]),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(["login", "name", "+1", "x", "\udfff"]), inner, max_size=2
                )
            ),
            max_leaves=4,
        ),
        max_size=3,
    ),
    st.sampled_from(["issue", "comment", "event", "source"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_line_holds_its_neighbours_are_imported(
    tmp_path_factory: pytest.TempPathFactory, fields: Json, where: str
) -> None:
    lines = {"issue": of(**fields), "comment": said(**fields), "event": event(**fields)}
    line = lines.get(where) or crossing(**fields)
    folder = tmp_path_factory.mktemp("fuzz")
    with Store.open(folder / "kb.db") as store:
        report = import_files(store, [write(folder / "t.jsonl", thread(5), line, thread(6))])
        assert {5, 6} <= set(stored(store, "number"))
        assert report.bad_lines <= 1
        before = dump(store)
        again = import_files(store, [folder / "t.jsonl"])
        assert (again.threads.changed, again.comments.changed) == (0, 0)
        assert dump(store) == before


def test_surrogates_that_stand_alone_are_replaced_in_every_field(
    store: Store, tmp_path: Path
) -> None:
    bad = "a\ud800"
    line = thread(1, bad, bad, [comment(1, bad, login=bad)], labels=[{"name": bad}], state=bad)
    line["events"] = [{"event": bad, "id": bad, "commit_id": bad, "actor": {"login": bad}}]
    assert import_files(store, [write(tmp_path / "t.jsonl", line)]).problems == []
    assert stored(store, "author", "comment") == ["a\ufffd"]
    assert stored(store, "event || id || commit_id || actor", "event") == ["a\ufffd" * 4]
    assert "\ufffd" in str(stored(store, "labels || state")[0])


def test_a_field_whose_name_is_no_text_costs_its_line(store: Store, tmp_path: Path) -> None:
    lines = [thread(1), {**thread(2), "\ud800": 1}, of(**{"\ud800": {"\udfff": 1}}), thread(4)]
    report = import_files(store, [write(tmp_path / "t.jsonl", *lines)])
    assert [problem.line for problem in report.problems] == [3]
    assert "name of a field" in report.problems[0].reason
    assert {1, 2, 4} <= set(stored(store, "number"))


def test_links_are_built_and_not_taken_over(store: Store, tmp_path: Path) -> None:
    line = thread(2, comments=[comment(7, "x", html_url="javascript:alert(1)")])
    line["issue"]["html_url"] = "https://elsewhere.example/acme/tool/issues/2"
    import_files(store, [write(tmp_path / "t.jsonl", line)])
    address = "https://github.com/acme/tool/issues/2"
    assert stored(store, "url") == [address]
    assert stored(store, "url", "comment") == [f"{address}#issuecomment-7"]


def test_comment_ids_of_another_repository_take_nothing_from_it(
    store: Store, tmp_path: Path
) -> None:
    ours = thread(1, comments=[comment(7, "ours")])
    theirs = thread(1, comments=[comment(7, "theirs", day=9)], repo="evil/x")
    import_files(store, [write(tmp_path / "t.jsonl", ours, theirs)])
    for repo, body in (("acme/tool", "ours"), ("evil/x", "theirs")):
        loaded = load_thread(store.connection, repo, 1)
        assert loaded is not None
        assert [one.body for one in loaded.comments] == [body]


def test_two_versions_of_one_time_end_alike_in_any_order(tmp_path: Path) -> None:
    one, two = thread(1, "one"), thread(1, "two", body="longer")
    loved = thread(2, "loved", reactions={"+1": 3})
    lines = [one, two, loved, thread(2, "not yet")]
    dumps = []
    for name, order in (("a", lines), ("b", lines[::-1])):
        with Store.open(tmp_path / f"{name}.db") as store:
            path = write(tmp_path / f"{name}.jsonl", *order)
            import_files(store, [path])
            again = import_files(store, [path])
            assert (again.threads.new, again.threads.changed) == (0, 0)
            dumps.append(stored(store, "title || number"))
            assert "loved2" in dumps[-1]
    assert sorted(map(str, dumps[0])) == sorted(map(str, dumps[1]))


def test_a_thread_of_the_future_is_replaced_by_one_of_today(store: Store, tmp_path: Path) -> None:
    future = thread(1, "future", updated_at="2999-01-01T00:00:00Z")
    path = write(tmp_path / "t.jsonl", future, thread(1, "today"))
    import_files(store, [path])
    assert stored(store, "title") == ["today"]
    before = dump(store)
    import_files(store, [path])
    assert dump(store) == before


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = gzip.compress(b"".join(json.dumps(thread(n)).encode() + b"\n" for n in (1, 2)))
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    read = []
    with Store.open(tmp_path / "kb.db") as store:
        report = import_files(store, [pipe], read.append)
        writer.join()
        assert (report.threads.new, report.problems) == (2, [])
    assert sum(read) > 0


def test_lines_without_end_are_given_up(store: Store, tmp_path: Path, monkeypatch: Patch) -> None:
    from miner.harvest import files

    monkeypatch.setattr(files, "MAX_LINE", 10_000)
    monkeypatch.setattr(files, "MAX_SKIPPED", 2**22)
    long = write(tmp_path / "t.jsonl", thread(1), thread(2, body="x" * 20_000), thread(3))
    report = import_files(store, [long, Path("/dev/zero")])
    assert stored(store, "number") == [1, 3]
    reasons = [(one.line, one.reason) for one in report.problems]
    assert reasons[0][0] == 2
    assert "is longer than" in reasons[0][1]
    assert "goes on without a thread" in reasons[1][1]


def test_an_archive_of_blank_lines_is_given_up(
    store: Store, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("miner.harvest.files.MAX_BLANK", 100)
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n" * 10_000))
    report = import_files(store, [path])
    assert [one.line for one in report.problems] == [101]


def test_nothing_of_an_archive_with_a_flipped_bit_is_imported(store: Store, tmp_path: Path) -> None:
    lines = "".join(json.dumps(thread(n, body="0123")) + "\n" for n in range(1, 4)).encode()
    data = bytearray(gzip.compress(lines, compresslevel=0))
    data[data.index(b"0123")] ^= 1
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(bytes(data))
    report = import_files(store, [path])
    assert "damaged" in report.problems[0].reason
    assert stored(store, "number") == []


def test_an_older_database_is_repaired(tmp_path: Path) -> None:
    """Comments keep their rows under the wider key; times that no calendar has go."""
    path = database_0_1(tmp_path / "old.db")
    old = sqlite3.connect(path)
    old.executescript(
        """
        insert into thread values ('a/b', 1, 'issue', 't', '', 'closed', null, 'x', 'User', 'NONE',
            '2026-02-30T00:00:00Z', '2026-01-01T00:00:00Z', '2026-13-01T00:00:00Z', null,
            'javascript:1', '[]', 0, -2, null, null);
        insert into comment values (7, 'a/b', 1, 'x', 'User', 'NONE', '2026-01-01T00:00:00Z',
            '2026-01-01T00:00:00Z', 'said', 'https://github.com/a/b/issues/1#issuecomment-7',
            null, 0, 0, null);
        """
    )
    old.close()
    with Store.open(path) as store:
        row = store.connection.execute("select * from thread where repo = 'a/b'").fetchone()
        assert row["created_at"] == "2026-03-02T00:00:00Z"
        assert (row["closed_at"], row["thumbs_down"]) == (None, 0)
        assert row["url"] == "https://github.com/a/b/issues/1"
        assert "7said" in stored(store, "comment_id || body", "comments")


versions = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(versions)
def test_any_order_of_versions_ends_with_the_newest(
    tmp_path_factory: pytest.TempPathFactory, order: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    lines = [thread(n, f"title {n} v{v}", updated_at=f"2026-05-0{v}T00:00:00Z") for n, v in order]
    with Store.open(folder / "kb.db") as store:
        import_files(store, [write(folder / "t.jsonl", *lines)])
        for n in {n for n, _ in order}:
            newest = max(v for m, v in order if m == n)
            loaded = load_thread(store.connection, "acme/tool", n)
            assert loaded is not None
            assert loaded.title == f"title {n} v{newest}"
