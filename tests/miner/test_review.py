"""A person's last word on claims: kept as lines, laid over what is found, undone with the line."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kb.curation import read_curation
from kb.errors import BadInputError, NotFoundError
from kb.models import REJECTED
from kb.rows import claim_id
from kb.store import Store, connect_readonly, load_thread
from miner.extract.decisions import decided, set_published
from miner.extract.model import LABELS
from miner.pipeline import mine
from miner.review import decide, labels, named, near_threshold, take_back
from tests.support.cli import Output, Patch, faultlore
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread, user

NOW = "2026-06-30T00:00:00Z"
ERROR = "plume.KeyringError: no usable key store was found"
OTHER = "plume.SocketError: the socket /run/plume is held by another process"
CAUSE = "The cause is that 4.2 reads the key from the system keyring, and there is none running."
FIX = "As a workaround you can set `PLUME_KEYRING=file` before the login."


def document() -> dict[str, object]:
    """A thread with two errors, a cause and a workaround, in the import format."""
    posts = [
        ("m-oakes", "MEMBER", f"{CAUSE}\n\n{FIX}"),
        ("rowan-t", "NONE", "With `PLUME_KEYRING=file` it works now, thanks!"),
        ("rowan-t", "NONE", f"On another machine I get this one:\n\n```\n{OTHER}\n```"),
    ]
    comments = [
        comment(i, body, login, association, day=1 + i)
        for i, (login, association, body) in enumerate(posts, 1)
    ]
    report = f"Since the update every login ends so:\n\n```\n{ERROR}\n```\n"
    closed = {"state": "closed", "state_reason": "completed", "closed_at": "2026-02-05T00:00:00Z"}
    about = {"repo": "otterwick/plume", "user": user("rowan-t"), **closed}
    return thread(7, ERROR, report, comments, **about)


@pytest.fixture
def db(tmp_path: Path, monkeypatch: Patch) -> Path:
    from miner.harvest.files import import_files

    monkeypatch.chdir(tmp_path)
    source = tmp_path / "threads.jsonl"
    source.write_text(json.dumps(document()) + "\n", encoding="utf-8")
    path = tmp_path / "kb.db"
    with Store.open(path) as store:
        import_files(store, [source])
    mined(path)
    return path


def mined(path: Path, *lines: str, confidence: float | None = None) -> list[sqlite3.Row]:
    """The claims after a run with these lines of curation, in the order of the text."""
    file = path.parent / "curation.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(path) as store:
        mine(store, read_curation(file), now=NOW, workers=1, confidence=confidence)
        return store.connection.execute(
            "select * from claims order by comment_id, start, kind"
        ).fetchall()


def fix_of(rows: list[sqlite3.Row]) -> sqlite3.Row:
    return next(r for r in rows if r["comment_id"] == 1 and "PLUME_KEYRING" in r["quote"])


def test_the_threshold_publishes_and_withdraws(db: Path) -> None:
    assert {row["published"] for row in mined(db, confidence=0.0) if not row["withheld"]} == {1}
    assert not any(row["published"] for row in mined(db, confidence=1.0))


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (("fix", 0.75), ("workaround", 0.74), [1, 0]),
        (("fix", 0.75), ("workaround that worked", 0.74), [1, 1]),
        (("fix", 0.75), ("cause that worked", 0.74), [1, 0]),
        (("fix", 0.90), ("workaround", 0.81), [1, 1]),
        (("fix", 0.75), ("cause", 0.74), [1, 0]),
        (("cause", 0.90), ("fix", 0.81), [1, 1]),
    ],
)
def test_a_further_claim_of_its_thread_must_be_surer(
    db: Path, first: tuple[str, float], second: tuple[str, float], shown: list[int]
) -> None:
    with Store.open(db) as store, store.transaction() as connection:
        ids = [row[0] for row in connection.execute("select claim_id from claim limit 2")]
        connection.execute("delete from claim where claim_id not in (?, ?)", ids)
        for one, (words, confidence) in zip(ids, (first, second), strict=True):
            kind, _, worked = words.partition(" ")
            connection.execute(
                "update claim set kind = ?, confidence = ?, stance = ?, withheld = null"
                " where claim_id = ?",
                (kind, confidence, "confirmed" if worked else "unverified", one),
            )
        set_published(connection, 0.7)
        rows = connection.execute("select published from claim order by confidence desc")
        assert [row[0] for row in rows] == shown


def test_a_rejected_claim_is_never_shown_and_comes_back_without_the_line(db: Path) -> None:
    fix = fix_of(mined(db, confidence=0.0))
    assert fix["published"]
    line = f"claim {fix['claim_id']} reject # it is about another error"
    rejected = fix_of(mined(db, line, confidence=0.0))
    assert (rejected["published"], rejected["withheld"]) == (0, REJECTED)
    assert fix_of(mined(db, line, confidence=0.0))["claim_id"] == fix["claim_id"]
    assert fix_of(mined(db, confidence=0.0))["published"]


def test_an_accepted_claim_is_shown_however_sure_the_program_is(db: Path) -> None:
    fix = fix_of(mined(db, confidence=1.0))
    assert not fix["published"]
    line = f"claim {fix['claim_id']} accept"
    assert fix_of(mined(db, line, confidence=1.0))["published"]
    assert fix_of(mined(db, line, confidence=1.0))["published"]
    assert not fix_of(mined(db, confidence=1.0))["published"]


def test_a_claim_of_another_kind_keeps_its_id(db: Path) -> None:
    fix = fix_of(mined(db))
    other = "fix" if fix["kind"] == "workaround" else "workaround"
    changed = fix_of(mined(db, f"claim {fix['claim_id']} {other}"))
    assert (changed["claim_id"], changed["kind"]) == (fix["claim_id"], other)


def test_what_a_person_says_to_be_a_fix_is_shown_unless_he_rejects_it(db: Path) -> None:
    fix = fix_of(mined(db, confidence=1.0))
    assert not fix["published"]
    line = f"claim {fix['claim_id']} workaround"
    assert fix_of(mined(db, line, confidence=1.0))["published"]
    reject = line.replace("workaround", "reject")
    for lines in ((line, reject), (reject, line)):
        assert not fix_of(mined(db, *lines, confidence=0.0))["published"]


def test_a_claim_goes_to_another_error_of_its_thread(db: Path) -> None:
    rows = mined(db)
    with closing(connect_readonly(db)) as connection:
        entries = {row[0] for row in connection.execute("select entry_id from entries")}
    fix = fix_of(rows)
    (other,) = entries - {fix["entry_id"]}
    moved = fix_of(mined(db, f"claim {fix['claim_id']} entry {other}"))
    assert moved["entry_id"] == other


def test_a_decision_holds_when_a_claim_is_found_with_other_bounds_or_no_more(db: Path) -> None:
    from kb.models import Claim

    fix = fix_of(mined(db))
    mined(db, f"claim {fix['claim_id']} accept")
    with Store.open(db) as store:
        thread = load_thread(store.connection, "otterwick/plume", 7)
        assert thread is not None
        text = thread.texts[1, "body"]
        moved = Claim(
            1, "body", fix["kind"], text[fix["start"] : fix["end"] - 1], fix["start"],
            fix["end"] - 1, "m-oakes", "maintainer", "MEMBER", NOW, "", "stated", 0.1,
        )  # fmt: skip
        hidden = replace(moved, published=False)
        (one,) = decided(store.connection, thread, [hidden])
        assert (claim_id(thread, one), one.published) == (fix["claim_id"], True)
        (again,) = decided(store.connection, thread, [])
        assert (again.quote, again.author_role) == (fix["quote"], "maintainer")
        gone = replace(thread, comments=())
        assert decided(store.connection, gone, []) == []


def test_rejected_words_are_not_shown_as_another_kind_but_for_a_verdict_of_their_own(
    db: Path,
) -> None:
    from kb.models import Claim

    fix = fix_of(mined(db))
    mined(db, f"claim {fix['claim_id']} reject")
    with Store.open(db) as store:
        thread = load_thread(store.connection, "otterwick/plume", 7)
        assert thread is not None
        text = thread.texts[1, "body"]

        def cause(start: int, end: int) -> Claim:
            return Claim(
                1, "body", "cause", text[start:end], start, end, "m-oakes", "maintainer",
                "MEMBER", NOW, "", "stated", 0.9,
            )  # fmt: skip

        same, whole = cause(fix["start"], fix["end"] - 1), cause(0, fix["end"])
        again = decided(store.connection, thread, [same, whole])
        assert [one.withheld for one in again] == [REJECTED, None]
        assert not again[0].published
        store.connection.execute(
            "insert into claim_decision select ?1, 'claim ' || ?1 || ' accept', repo, number,"
            " comment_id, field, 'cause', start, end, quote from claim_decision",
            (claim_id(thread, same),),
        )
        (one,) = decided(store.connection, thread, [same])
        assert (one.withheld, one.published) == (None, True)


def test_a_decision_follows_its_words_where_an_edit_moves_them(db: Path) -> None:
    from miner.harvest.files import import_files

    fix = fix_of(mined(db, confidence=0.0))
    line = f"claim {fix['claim_id']} reject"
    mined(db, line, confidence=0.0)
    edited = document()
    edited["comments"][0]["body"] = f"**Edit:** see the notes of 4.3 first.\n\n{CAUSE}\n\n{FIX}"  # type: ignore[index]
    for one in (edited["issue"], edited["comments"][0]):  # type: ignore[index]
        one["updated_at"] = "2026-03-01T00:00:00Z"  # type: ignore[index]
    source = db.parent / "edited.jsonl"
    source.write_text(json.dumps(edited) + "\n", encoding="utf-8")
    with Store.open(db) as store:
        import_files(store, [source])
    after = fix_of(mined(db, line, confidence=0.0))
    assert after["start"] > fix["start"]
    assert (after["claim_id"], after["published"]) == (fix["claim_id"], 0)
    with closing(connect_readonly(db)) as connection:
        (label,) = (json.loads(line) for line in labels(connection))
    assert [one["start"] for one in label["rejected"]] == [after["start"]]


def test_another_error_is_one_of_the_thread_or_the_verdict_is_refused(
    db: Path, capsys: Output
) -> None:
    fix = fix_of(mined(db))
    args = ("review", fix["claim_id"], "--file", "c.txt", "--db", str(db), "--entry")
    status, _, err = faultlore(capsys, *args, "EZZZZZZZZZZZ")
    assert status == 2
    assert "EZZZZZZZZZZZ is no error of otterwick/plume#7, which reports E" in err
    assert fix["entry_id"] in err
    assert not (db.parent / "c.txt").exists()
    assert faultlore(capsys, *args, fix["entry_id"])[0] == 0
    with pytest.raises(BadInputError, match="there is no entry EZZZZZZZZZZZ"):
        mined(db, f"claim {fix['claim_id']} entry EZZZZZZZZZZZ")


def test_a_claim_goes_to_the_error_that_another_one_was_merged_into(db: Path) -> None:
    fix = fix_of(mined(db))
    with closing(connect_readonly(db)) as connection:
        entries = {row[0] for row in connection.execute("select entry_id from entries")}
    (other,) = entries - {fix["entry_id"]}
    with Store.open(db) as store, store.transaction() as connection:
        connection.execute("insert into alias (old_id, entry_id) values ('EOLDOLD', ?)", (other,))
        thread = load_thread(connection, "otterwick/plume", 7)
        assert thread is not None
        line = f"claim {fix['claim_id']} entry EOLDOLD"
        place = [fix[name] for name in ("comment_id", "field", "kind", "start", "end", "quote")]
        connection.execute(
            "insert into claim_decision values (?, ?, 'otterwick/plume', 7, ?, ?, ?, ?, ?, ?)",
            (fix["claim_id"], line, *place),
        )
        (moved,) = decided(connection, thread, [])
        found = connection.execute("select fingerprint from signature where entry_id = ?", (other,))
        assert (moved.about,) in [tuple(row) for row in found]


def test_verdicts_hold_in_a_database_made_anew(db: Path) -> None:
    from miner.harvest.files import import_files

    fix = fix_of(mined(db, confidence=0.0))
    line = f"claim {fix['claim_id']} reject"
    mined(db, line)
    fresh = db.parent / "fresh.db"
    with Store.open(fresh) as store:
        import_files(store, [db.parent / "threads.jsonl"])
    again = fix_of(mined(fresh, line, confidence=0.0))
    assert (again["claim_id"], again["withheld"]) == (fix["claim_id"], REJECTED)
    with pytest.raises(BadInputError, match="there is no claim C0123456789abcde"):
        mined(fresh, "claim C0123456789abcde reject")


def test_what_a_person_accepted_stays_where_mining_finds_it_no_more(
    db: Path, monkeypatch: Patch
) -> None:
    fix = fix_of(mined(db))
    monkeypatch.setattr("miner.pipeline.claims_with_second_reader", lambda *given: [])
    again = fix_of(mined(db, f"claim {fix['claim_id']} accept"))
    assert (again["claim_id"], again["quote"]) == (fix["claim_id"], fix["quote"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("claim C0123 accept", "claim wants the id of a claim, then accept"),
        ("claim C0123456789abcde", "found 'C0123456789abcde'"),
        ("claim C0123456789abcde drop", "found 'C0123456789abcde drop'"),
        ("claim C0123456789abcde entry", "or entry and its id; found"),
        ("claim C0123456789abcde reject it", "found 'C0123456789abcde reject it'"),
        (
            "claim C0123456789abcde accept\nclaim C0123456789abcde reject",
            ":2: contradicts line 1",
        ),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "curation.txt"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"curation\.txt:") as raised:
        read_curation(path)
    assert problem in str(raised.value)


def test_a_claim_that_never_was_is_named_with_file_and_line(db: Path) -> None:
    with pytest.raises(BadInputError, match=r"curation\.txt:1: there is no claim C0123456789abcde"):
        mined(db, "claim C0123456789abcde reject")


def test_the_nearest_to_the_threshold_come_first_and_decided_ones_not_at_all(db: Path) -> None:
    fix = fix_of(mined(db))
    with closing(connect_readonly(db)) as connection:
        near = near_threshold(connection, fix["confidence"], 10)
        assert near[0].claim_id == fix["claim_id"]
        assert near[0].quote == fix["quote"]
        assert named(connection, [fix["entry_id"]])
        with pytest.raises(NotFoundError, match="C9 is no claim"):
            named(connection, ["C9"])
    mined(db, f"claim {fix['claim_id']} reject")
    with closing(connect_readonly(db)) as connection:
        near = near_threshold(connection, fix["confidence"], 10)
        assert fix["claim_id"] not in {one.claim_id for one in near}
        (line,) = labels(connection)
    (span,) = json.loads(line)["rejected"]
    assert (span["where"], span["start"], span["end"]) == (1, fix["start"], fix["end"])


@pytest.mark.usefixtures("learned_table")
def test_what_a_page_waits_for_is_asked_first_where_many_have_the_error(
    tmp_path: Path, monkeypatch: Patch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    words, made = "Set the option `wait` to 3.", list[Filled]()
    for n, (entry, sure) in enumerate([("E1", 0.1), ("E2", 0.1), ("E2", 0.1), ("E3", 0.99)], 1):
        one = thread(n, f"boom {entry}", "", [comment(n, words)])
        claim = Said("fix", n, words, "confirmed" if sure > 0.5 else "suspected", confidence=sure)
        made.append(Filled(one, entry, f"boom {entry}", claims=[claim] if n != 2 else []))
    fill(tmp_path / "kb.db", made)
    status, out, _ = faultlore(capsys, "review", "--pages", "--json")
    assert (status, [one["entry_id"] for one in json.loads(out)]) == (0, ["E2", "E1"])
    status, _, err = faultlore(capsys, "export", "--format", "page", "--dry-run", "--out", "x")
    assert (status, "2 of them wait for your word: faultlore review --pages" in err) == (0, True)


def test_a_contradicting_verdict_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "curation.txt"
    decide(path, ["C0123456789abcde"], "accept", "it is\nright")
    before = path.read_bytes()
    assert before == b"claim C0123456789abcde accept  # it is right\n"
    assert decide(path, ["C0123456789abcde"], "accept") == ["claim C0123456789abcde accept"]
    assert path.read_bytes() == before  # said once
    with pytest.raises(BadInputError, match=r"curation\.txt:1: says 'claim C\w+ accept' already"):
        decide(path, ["C0123456789abcde"], "reject")
    assert path.read_bytes() == before


def test_verdicts_train_on_what_was_judged_and_on_nothing_else(db: Path) -> None:
    """A thread with one accepted fix says nothing of its other sentences, nor of its errors."""
    from miner.training import detect
    from miner.training.claims import UNKNOWN, example, weighed
    from miner.training.dataset import read_labels

    rows = mined(db, confidence=0.0)
    fix = fix_of(rows)
    cause = next(r for r in rows if r["kind"] == "cause")
    mined(db, f"claim {fix['claim_id']} accept", f"claim {cause['claim_id']} reject")
    folder = db.parent / "labels"
    folder.mkdir()
    (folder / "mine.jsonl").write_bytes((db.parent / "threads.jsonl").read_bytes())
    with closing(connect_readonly(db)) as connection:
        lines = "".join(f"{line}\n" for line in labels(connection))
    (folder / "claims_mine.jsonl").write_text(lines, encoding="utf-8")
    (given,) = read_labels([folder])
    made = example(given.threads[0])
    told = {post.say(post.sentences[i]): label for (post, i), label in zip(
        made.candidates, made.labels, strict=True
    )}  # fmt: skip
    known = {text: label for text, label in told.items() if label != UNKNOWN}
    assert known == {CAUSE: LABELS.index("none"), FIX: LABELS.index("fix")}
    assert len(told) > len(known)  # the rest is read with them
    assert not weighed([made])[0].measured
    assert detect.read_examples([folder]) == []


def test_the_command_lists_decides_and_prints_labels(db: Path, capsys: Output) -> None:
    fix = fix_of(mined(db))
    status, out, _ = faultlore(capsys, "review", "--db", str(db))
    assert (status, fix["claim_id"] in out) == (0, True)
    status, out, _ = faultlore(capsys, "review", "--json", "--db", str(db))
    assert fix["claim_id"] in {one["claim_id"] for one in json.loads(out)}
    file = str(db.parent / "curation.txt")
    status, out, _ = faultlore(
        capsys, "review", fix["claim_id"], "--reject", "--because", "another error",
        "--file", file, "--db", str(db),
    )  # fmt: skip
    assert (status, out.strip()) == (0, f"claim {fix['claim_id']} reject  # another error")
    status, _, _ = faultlore(capsys, "mine", "--curation", file, "--db", str(db))
    assert status == 0
    status, out, _ = faultlore(capsys, "review", "--labels", "--db", str(db))
    assert json.loads(out)["rejected"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--reject",), "a verdict wants the ids of claims"),
        (("C0123456789abcde", "--reject", "--accept"), "one of --accept, --reject"),
        (("C0123456789abcde", "--kind", "rumour"), "is not one of 'cause', 'fix', 'workaround'"),
    ],
)
def test_wrong_usage_is_one_line(
    db: Path, capsys: Output, arguments: tuple[str, ...], problem: str
) -> None:
    status, _, errors = faultlore(capsys, "review", *arguments, "--db", str(db))
    assert (status, errors.count("\n")) == (2, 1)
    assert problem in errors


def walked(path: Path, typed: str) -> str:
    """What `faultlore review` prints in a terminal where somebody types these lines."""
    import os
    import pty
    import subprocess

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "miner", "review", "--db", str(path), "--file"]
    with subprocess.Popen(
        [*command, str(path.parent / "curation.txt")],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=path.parent,
        close_fds=True,
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not part:
                break
            shown += part
        process.wait()
    os.close(ours)
    return shown.decode("utf-8", "replace")


def test_a_terminal_is_walked_through_claim_by_claim(db: Path) -> None:
    shown = walked(db, "r\nis about another error\nx\na\n\nq\n")
    lines = (db.parent / "curation.txt").read_text(encoding="utf-8").split("\n")
    rejected, accepted = (next(x for x in lines if f" {w}" in x) for w in ("reject", "accept"))
    assert "1 of " in shown
    # a key that means nothing asks again and passes over no claim
    assert shown.count("[q]uit") == 4
    assert shown.index("2 of ") < shown.index(accepted) < shown.index("3 of ")
    assert "[a]ccept [r]eject" in shown
    assert rejected.endswith("# is about another error")
    assert "#" not in accepted
    assert "2 verdicts kept" in shown
    rows = {row["claim_id"]: row for row in mined(db, rejected, accepted, confidence=1.0)}
    assert not rows[rejected.split()[1]]["published"]
    assert rows[accepted.split()[1]]["published"]


def test_a_claim_is_asked_about_again_where_the_answer_could_not_be_kept(db: Path) -> None:
    shown = walked(db, "e\nE234567\nq\n")
    assert shown.count("1 of ") == 2
    assert "E234567 is no error of otterwick/plume#7" in shown
    assert "0 verdicts kept" in shown


def test_the_last_verdict_of_a_walk_can_be_taken_back(db: Path) -> None:
    curation = db.parent / "curation.txt"
    before = curation.read_bytes()
    shown = walked(db, "a\nwas asleep\ns\nu\nr\n\nq\n")
    (line,) = curation.read_bytes().removeprefix(before).decode().split("\n")[:-1]
    assert line.endswith(" reject")
    assert f"taken back: {line.removesuffix('reject')}accept  # was asleep" in shown
    # the claim is asked about once more, and those after it
    assert [shown.count(f"{n} of ") for n in (1, 2, 3)] == [2, 2, 1]
    assert "1 verdict kept" in shown
    shown = walked(db, "s\ns\nu\nq\n")
    assert "no verdict of this sitting" in shown
    assert shown.count("3 of ") == 2


def test_a_file_that_cannot_be_written_is_named_once(tmp_path: Path) -> None:
    path = tmp_path / "none" / "curation.txt"
    with pytest.raises(BadInputError) as problem:
        decide(path, ["C0123456789abcde"], "accept")
    assert str(problem.value).startswith(f"{path}: cannot be written (No such file or directory); ")


def test_only_what_a_walk_wrote_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "curation.txt"
    path.write_text("# ours, without a last line break")
    size = path.stat().st_size
    (line,) = decide(path, ["C0123456789abcde"], "accept")
    take_back(path, size, line)
    assert path.read_text() == "# ours, without a last line break"
    decide(path, ["C0123456789abcde"], "accept")
    again = path.stat().st_size
    assert decide(path, ["C0123456789abcde"], "accept") == [line]  # which it said already
    take_back(path, again, line)
    assert path.read_text().endswith(f"\n{line}\n")
    decide(path, ["C0123456789abcdf"], "reject")
    changed = path.read_text()
    with pytest.raises(BadInputError, match="was changed since"):
        take_back(path, size, line)
    assert path.read_text() == changed


def test_a_walk_can_end_at_once_and_keeps_nothing(db: Path) -> None:
    before = (db.parent / "curation.txt").read_bytes()
    assert "0 verdicts kept" in walked(db, "q\n")
    assert (db.parent / "curation.txt").read_bytes() == before


def test_a_walk_holds_no_transaction_while_somebody_thinks(
    db: Path, monkeypatch: Patch, capsys: Output
) -> None:
    held: list[bool] = []

    def walk(connection: sqlite3.Connection, *rest: object) -> None:
        held.append(connection.in_transaction)

    monkeypatch.setattr("miner.cli.care._walk", walk)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    curation = str(db.parent / "curation.txt")
    assert faultlore(capsys, "review", "--db", str(db), "--file", curation)[0] == 0
    assert held == [False]


def test_what_stands_around_a_quote_is_cut_between_words_and_never_within_a_key(db: Path) -> None:
    """A half of a key would not be recognised as one."""
    fix = fix_of(mined(db, confidence=0.0))
    key = "ghp_" + "Ab3dEf7hIj" * 3 + "Kl2mNo"
    for words in range(38, 54):
        front = f"My token is {key} and {'so ' * words}"
        with Store.open(db) as store, store.transaction() as connection:
            connection.execute(
                "update comment set body = ? || ? || ? where comment_id = 1",
                (front, fix["quote"], f" {'so ' * words}{key} it is"),
            )
            connection.execute(
                "update claim set start = ?, end = ? where claim_id = ?",
                (len(front), len(front) + len(fix["quote"]), fix["claim_id"]),
            )
        with closing(connect_readonly(db)) as connection:
            (shown,) = named(connection, [fix["claim_id"]])
        around = shown.before + shown.after
        assert not any(key[i : i + 6] in around for i in range(len(key) - 6))
    with closing(connect_readonly(db)) as connection:
        (shown,) = named(connection, [fix["claim_id"]])
    assert len(shown.before) <= 161
    assert len(shown.after) <= 161


def test_what_may_be_the_answer_comes_before_what_is_shown(tmp_path: Path) -> None:
    said = ["Set `wait` to 3.", "Use another lid.", "Heat it longer."]
    posts = [comment(10 + n, text) for n, text in enumerate(said)]
    claims = [
        Said("fix", 10, said[0], "unverified", "user", confidence=0.8),
        Said("fix", 11, said[1], "unverified", "user", confidence=0.5, published=False),
        Said("fix", 12, said[2], "unverified", "user", confidence=0.3, published=False),
    ]
    path = fill(
        tmp_path / "kb.db",
        [Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)],
    )
    with closing(connect_readonly(path)) as connection:
        near = near_threshold(connection, 0.8, 10)
    assert [one.quote for one in near] == [said[1], said[0], said[2]]
