"""Importing files: good lines, bad lines, newer and older data, the same file twice."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.store import Store, load_thread, unpack
from miner.harvest.files import import_files
from tests.threads import comment, issue, thread


def write(path: Path, *lines: object) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def dump(store: Store) -> list[tuple[object, ...]]:
    tables = [
        r[0]
        for r in store.connection.execute(
            "select name from sqlite_master where type = 'table' and sql not like '%virtual%'"
        )
    ]
    return [
        (t, *r)
        for t in sorted(tables)
        if not t.startswith(("entry_search", "_sqlite", "sqlite_"))
        for r in sorted(map(tuple, store.connection.execute(f"select * from {t}")), key=repr)
    ]


@pytest.mark.parametrize("name", ["threads.jsonl", "threads.jsonl.gz"])
def test_threads_comments_and_events_arrive_whole_and_raw(tmp_path: Path, name: str) -> None:
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
    with Store.open(tmp_path / "kb.db") as store:
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


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.jsonl",
        thread(1, comments=[comment(1, "a")]),
        thread(2, events=[{"event": "cross-referenced"}]),
    )
    with Store.open(tmp_path / "kb.db") as store:
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


BAD = [
    ("{not json", "is not JSON"),
    ("[]", "is list, expected an object"),
    ({"issue": issue()}, "repo is 'None'"),
    ({"repo": "no-slash", "issue": issue()}, "repo is 'no-slash'"),
    ({"repo": "a/b"}, "has no issue"),
    ({"repo": "a/b", "issue": {"title": "x"}}, "issue has no number"),
    ({"repo": "a/b", "issue": issue(number=0)}, "number is 0"),
    ({"repo": "a/b", "issue": {**issue(), "number": True}}, "number is bool"),
    ({"repo": "a/b", "issue": {**issue(), "title": None}}, "has no title"),
    ({"repo": "a/b", "issue": {**issue(), "body": 12}}, "body is int, expected str"),
    ({"repo": "a/b", "issue": {**issue(), "user": "ada"}}, "user is str, expected dict"),
    (
        {"repo": "a/b", "issue": {**issue(), "created_at": "yesterday"}},
        "created_at is not an ISO 8601 time",
    ),
    ({"repo": "a/b", "issue": issue(), "comments": {}}, "comments is dict, expected a list"),
    ({"repo": "a/b", "issue": issue(), "comments": [{"body": "x"}]}, "a comment of 1 has no id"),
    (
        {"repo": "a/b", "issue": issue(), "comments": [{**comment(1, ""), "body": 5}]},
        "comment 1: body is int",
    ),
    ({"repo": "a/b", "issue": issue(), "events": ["closed"]}, "an event of 1 is str"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_bad_line_is_named_and_the_others_are_imported(
    tmp_path: Path, line: object, reason: str
) -> None:
    path = write(tmp_path / "t.jsonl", thread(1), line, "", thread(3))
    with Store.open(tmp_path / "kb.db") as store:
        report = import_files(store, [path])
        assert [(p.line, p.path) for p in report.problems] == [(2, str(path))]
        assert reason in report.problems[0].reason
        numbers = [
            r[0] for r in store.connection.execute("select number from thread order by number")
        ]
        assert numbers == [1, 3]


def test_a_bad_comment_leaves_nothing_of_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", thread(1, comments=[comment(1, "good"), {"id": "x"}]))
    with Store.open(tmp_path / "kb.db") as store:
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


def test_fields_that_github_leaves_out_may_be_missing(tmp_path: Path) -> None:
    bare = {
        "repo": "a/b",
        "issue": {"number": 4, "title": "t", "created_at": "2026-01-01T00:00:00Z"},
        "comments": [{"id": 9, "created_at": "2026-01-02T00:00:00Z", "user": None}],
    }
    with Store.open(tmp_path / "kb.db") as store:
        assert import_files(store, [write(tmp_path / "t.jsonl", bare)]).problems == []
        loaded = load_thread(store.connection, "a/b", 4)
        assert loaded is not None
        assert (loaded.body, loaded.author, loaded.author_type) == ("", None, "Ghost")
        assert loaded.url == "https://github.com/a/b/issues/4"
        assert loaded.comments[0].url == "https://github.com/a/b/issues/4#issuecomment-9"


def test_a_surrogate_that_stands_alone_keeps_offsets(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", json.dumps(thread(1, "a\ud800b", "x\udfff\U0001f600y")))
    with Store.open(tmp_path / "kb.db") as store:
        import_files(store, [path])
        loaded = load_thread(store.connection, "acme/tool", 1)
        assert loaded is not None
        assert (loaded.title, loaded.body) == ("a\ufffdb", "x\ufffd\U0001f600y")


def test_a_cut_archive_is_a_problem_and_what_came_before_counts(tmp_path: Path) -> None:
    lines = "".join(
        json.dumps(thread(n, body=str(n) * 3000)) + "\n" for n in range(1, 400)
    ).encode()
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(lines)[:-3000])
    with Store.open(tmp_path / "kb.db") as store:
        report = import_files(store, [path])
        assert len(report.problems) == 1
        assert "damaged" in report.problems[0].reason
        assert (
            store.connection.execute("select count(*) from thread").fetchone()[0]
            == report.threads.new
            > 100
        )


def test_a_missing_file_stops_before_anything_is_imported(tmp_path: Path) -> None:
    good = write(tmp_path / "t.jsonl", thread(1))
    with Store.open(tmp_path / "kb.db") as store:
        with pytest.raises(BadInputError, match="no such file"):
            import_files(store, [good, tmp_path / "none.jsonl"])
        assert store.connection.execute("select count(*) from thread").fetchone()[0] == 0


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
