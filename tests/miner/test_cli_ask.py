"""The commands that ask, run as people and scripts run them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from kb import KnowledgeBase
from kb.query.terminal import Part, plain
from kb.query.terminal_views import answer_view
from kb.store import Store
from miner.cli import COMMANDS, app, run
from tests.support.cli import ROOT, Output, Patch, faultlore, piped, uncoloured
from tests.support.kb_builder import Filler, Said, filled

AUTH = "Error: 401 No auth credentials found"
ASKING = ("query", "search", "show", "history", "explain", "signature", "stats", "trends", "mcp")


def fill(f: Filler) -> None:
    entry = f.add(
        AUTH,
        title="OpenRouter 401",
        grade="B",
        claims=[Said("cause", "The gateway drops the header on its way.", "supported")],
        words="works in curl",
    )
    f.add("Error: spawn uvx ENOENT", threads=[("acme/tool", 2, "2026-01-09")])
    f.log("minted", entry, why="first mention")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(filled(tmp_path_factory.mktemp("ask") / "kb.db", fill))


# ---------------------------------------------------------------- query


def test_query_prints_the_contracts_document(db: str, capsys: Output) -> None:
    status, out, err = faultlore(capsys, "query", AUTH, "--db", db, "--json")
    assert status == 0
    assert err == ""
    document = json.loads(out)
    assert document["query_signature"] == "no auth credentials found"
    first = document["results"][0]
    wanted = {"entry_id": "E00001", "title": "OpenRouter 401", "match": "exact", "score": 1.0}
    wanted |= {"threads": 1, "repos": 1, "url": "https://github.com/acme/tool/issues/1"}
    assert wanted.items() <= first.items()
    assert first["signature"] == "no auth credentials found"
    assert first["cause"]["quote"] == "The gateway drops the header on its way."


def test_an_unknown_error_exits_1_and_says_how_to_bring_more(db: str, capsys: Output) -> None:
    status, out, err = faultlore(capsys, "query", "FluxError: no flux left", "--db", db)
    assert status == 1
    assert "faultlore harvest" in err
    assert err.count("\n") == 1
    assert "No entry is surely this error" in out
    status, out, _ = faultlore(capsys, "query", "FluxError: no flux left", "--db", db, "--json")
    assert status == 1
    assert all(r["match"] == "related" for r in json.loads(out)["results"])


def test_a_log_comes_from_standard_input_or_a_file(db: str, capsys: Output, tmp_path: Path) -> None:
    log = f"2026-01-02T00:00:00Z INFO start\n{AUTH}\n"
    for arguments in (("query", "-"), ("query",), ("query", "--file", "-")):
        done = piped(*arguments, "--db", db, data=log.encode())
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(b"OpenRouter 401 (tool)\n")
        assert b"\x1b" not in done.stdout
    path = tmp_path / "app.log"
    path.write_bytes(log.encode("utf-16"))
    assert faultlore(capsys, "query", "--file", str(path), "--db", db)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "data", "message"),
    [
        (["query", "-"], b"", "the text is empty"),
        (
            ["query", "-"],
            b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 10,
            "standard input: is binary",
        ),
        (["query", "   "], b"", "the text is empty"),
        (["query", "--file", "/no/such/file"], b"", "/no/such/file: No such file"),
        (["query", "x", "--file", "y"], b"", "not both"),
        (["query", "x", "--repo", "a b"], b"", "owner/name"),
        (["query", "x", "--since", "soon"], b"", "is no time"),
        (["query", "x", "--grade", "Z"], b"", "grades are"),
        (["signature", "-"], b" \n", "the text is empty"),
    ],
)
def test_bad_input_exits_2_with_one_line(
    db: str, arguments: list[str], data: bytes, message: str
) -> None:
    done = piped(*arguments, data=data, FAULTLORE_DB=db)
    assert done.returncode == 2
    assert done.stdout == b""
    assert message in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_a_missing_and_an_empty_database(tmp_path: Path, capsys: Output) -> None:
    status, _, err = faultlore(capsys, "query", AUTH, "--db", str(tmp_path / "none.db"))
    assert status == 2
    assert "no such database" in err
    Store.open(tmp_path / "empty.db").close()
    status, out, _ = faultlore(capsys, "query", AUTH, "--db", str(tmp_path / "empty.db"), "--json")
    assert (status, json.loads(out)["results"]) == (1, [])
    for command in ("stats", "trends"):
        assert faultlore(capsys, command, "--db", str(tmp_path / "empty.db"))[0] == 0
    assert faultlore(capsys, "search", "word", "--db", str(tmp_path / "empty.db"))[0] == 1


def test_filters_and_limit_reach_the_query(db: str, capsys: Output) -> None:
    assert faultlore(capsys, "query", AUTH, "--db", db, "--grade", "A")[0] == 1
    options = "--repo acme/tool --since 2026-01-01 --grade AB".split()
    assert faultlore(capsys, "query", AUTH, "--db", db, *options)[0] == 0
    out = faultlore(capsys, "query", AUTH, "--db", db, "--limit", "1", "--json")[1]
    assert len(json.loads(out)["results"]) == 1


# ---------------------------------------------------------------- the others


def document(capsys: Output, *arguments: str) -> dict[str, Any]:
    status, out, err = faultlore(capsys, *arguments, "--json")
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_every_asking_command_has_text_and_json(db: str, capsys: Output) -> None:
    found = document(capsys, "search", "works", "curl", "--db", db)["results"]
    assert found[0]["entry_id"] == "E00001"
    claims = document(capsys, "show", "acme/tool#1", "--db", db)["claims"]
    assert claims[0]["quote"] == "The gateway drops the header on its way."
    assert document(capsys, "history", "E00001", "--db", db)["history"][0]["action"] == "minted"
    assert document(capsys, "explain", "E00001", "--db", db)["entry"]["entry_id"] == "E00001"
    assert document(capsys, "explain", "E00001", "acme/tool#2", "--db", db)["same_entry"] is False
    head = faultlore(capsys, "explain", "E00001", "--db", db)[1].splitlines()[0]
    assert head.count("E00001") == 1
    assert document(capsys, "stats", "--db", db)["entries"] == 2
    assert document(capsys, "trends", "--db", db)["new"][0]["entry_id"] in ("E00001", "E00002")
    for arguments in (
        ("search", "works"),
        ("show", "E00001"),
        ("history", "E00001"),
        ("explain", "E00001"),
        ("explain", "E00001", "E00002"),
        ("stats",),
        ("trends", "--days", "7", "--until", "2026-01-09"),
    ):
        status, out, err = faultlore(capsys, *arguments, "--db", db)
        assert (status, err) == (0, ""), arguments
        assert out.strip()


def test_a_history_says_signatures_and_changes_of_rules_in_words(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # an event a line

    def made(f: Filler) -> None:
        entry = f.add(AUTH)
        known = f.db.execute("select fingerprint from signature").fetchone()[0]
        f.log("minted", entry, why=f"first mention has signature {known}")
        f.log("revived", entry, why="it is reported again", at="2026-01-07T00:00:00Z")
        why = f"the signatures no longer go together ({known[:-4]}0000)"
        f.log("split", entry, "E0OLD", why=why, at="2026-01-08T00:00:00Z")
        f.db.execute("update entry_log set rules = 'v2' where action <> 'minted'")

    path = filled(tmp_path / "kb.db", made)
    _, out, _ = faultlore(capsys, "history", "E00001", "--db", str(path))
    minted, changed, revived, split = out.splitlines()
    assert minted.endswith("first mention has signature “no auth credentials found”")
    assert changed == "the rules by which errors are grouped were others from here on"
    assert revived.endswith("E00001: it is reported again")
    assert split.endswith("no longer go together (of earlier rules)")


@pytest.mark.parametrize("command", ["show", "history", "explain"])
def test_an_unknown_entry_exits_1(db: str, capsys: Output, command: str) -> None:
    status, out, err = faultlore(capsys, command, "E404", "--db", db)
    assert (status, out) == (1, "")
    assert "no such entry" in err


def test_signature_needs_no_database(capsys: Output, monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert faultlore(capsys, "signature", AUTH)[:2] == (0, "no auth credentials found\n")
    found = document(capsys, "signature", AUTH, "--explain")
    assert found["fingerprint"].startswith("v1:")
    assert found["status"] == 401
    assert found["steps"]
    assert set(found["steps"][0]) == {"rule", "fired_on", "result"}
    text = faultlore(capsys, "signature", AUTH, "--explain")[1]
    assert all(step["rule"] in text for step in found["steps"])
    log = f"{AUTH}\nok\nError: spawn uvx ENOENT\n"
    assert len(document(capsys, "signature", log, "--all")["signatures"]) == 2
    assert faultlore(capsys, "signature", log)[1].count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- help, completion, imports


def help_of(command: str) -> str:
    group: Any = typer.main.get_command(app)
    text: str = group.get_command(None, command).help
    return text


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_help_shows_an_example_that_names_the_command(command: str, capsys: Output) -> None:
    text = help_of(command)
    status, shown, _ = faultlore(capsys, command, "--help")
    assert status == 0
    assert f"Usage: faultlore {command}" in uncoloured(shown)
    example = rf"(some-command.*\| )?faultlore {command}"
    assert re.search(rf"Examples?[^\n]*:\n\n    {example}", text), text
    assert re.search(rf"\n     {example}", uncoloured(shown)), shown


def examples() -> list[str]:
    lines = [line.strip() for command in ASKING for line in help_of(command).split("\n")]
    return [line for line in lines if line.startswith("faultlore ")]


def test_the_examples_of_the_help_work_on_the_demo_data(
    tmp_path: Path, monkeypatch: Patch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAULTLORE_DB", "demo-out/demo.db")
    (tmp_path / "demo-out").mkdir()
    demo = sorted(str(path) for path in (ROOT / "data" / "demo").glob("*.jsonl"))
    assert run(["import", *demo]) == 0
    assert run(["mine"]) == 0
    (tmp_path / "app.log").write_text(
        "INFO start\nAuthenticationError: 401 No auth credentials found\n"
    )
    assert len(examples()) >= 9
    for line in examples():
        arguments = shlex.split(line)[1:]
        if arguments[0] == "mcp":
            # a client that leaves at once
            arguments[arguments.index("--db") + 1] = str(tmp_path / "demo-out" / "demo.db")
            assert piped(*arguments, data=b"").returncode == 0
            continue
        status, out, err = faultlore(capsys, *arguments)
        assert status == 0, f"{line}\n{out[-500:]}\n{err[-800:]}"


def complete(words: str, position: int, db: str) -> list[str]:
    done = piped(
        _FAULTLORE_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(position),
        FAULTLORE_DB=db,
    )
    assert done.stderr == b""
    return done.stdout.decode().split()


def test_shells_complete_commands_entry_ids_and_values(db: str, tmp_path: Path) -> None:
    assert set(complete("faultlore s", 1, db)) == {n for n in COMMANDS if n.startswith("s")}
    assert complete("faultlore show E0000", 2, db) == ["E00001", "E00002"]
    assert complete("faultlore explain E00001 E00002", 3, db) == ["E00002"]
    assert complete("faultlore query --repo to", 3, db) == ["tool"]
    assert complete("faultlore query --repo acme", 3, db) == ["acme/tool"]
    assert complete("faultlore show E", 2, str(tmp_path / "none.db")) == []
    assert complete("faultlore export --target hu", 3, db) == ["hugo"]
    assert complete("faultlore export --provider o", 3, db) == complete(
        "faultlore query --provider o", 3, db
    )


HEAVY = (
    "sklearn numpy scipy onnxruntime github jinja2 sqlite_utils rich mcp pandas datasette pyromark"
    " asyncio requests pydantic miner.pipeline miner.cli.gather miner.cli.publish"
).split()


@pytest.mark.parametrize(
    "command", [["query", AUTH], ["search", "curl"], ["show", "E00001"], ["signature", AUTH]]
)
def test_asking_loads_nothing_heavy(db: str, command: list[str]) -> None:
    code = (
        "import sys; from miner.cli import run; status = run(sys.argv[1:]);"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr); sys.exit(status)"
    )
    arguments = command if command[0] == "signature" else [*command, "--db", db]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


def test_a_file_can_be_asked_by_its_name_alone(
    db: str, tmp_path: Path, capsys: Output, monkeypatch: Patch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").write_text(
        f"start\n{AUTH}\nKeyError: 'flux'\nError: spawn frob ENOENT\n"
    )
    status, out, err = faultlore(capsys, "query", "app.log", "--db", db)
    assert status == 0
    assert "read from the file app.log" in err
    assert "2 more, not known here: " in out
    assert "spawn frob ENOENT" in out
    assert "read from" not in faultlore(capsys, "query", "nothere.log", "--db", db)[2]


def test_an_entry_that_the_filters_leave_out_is_named(db: str, capsys: Output) -> None:
    status, _, err = faultlore(capsys, "query", AUTH, "--db", db, "--grade", "A")
    assert status == 1
    assert "faultlore: outside of the filters, E00001 surely is this error" in err
    assert "outside" not in faultlore(capsys, "query", AUTH, "--db", db, "--grade", "B")[2]
    unknown = faultlore(capsys, "query", "FluxError: x", "--db", db, "--grade", "A")
    assert "outside" not in unknown[2]


def test_an_error_of_a_log_that_is_known_is_never_called_unknown(db: str, capsys: Output) -> None:
    """Where the limit leaves its entry out, and where it stands above already."""
    log = f"{AUTH}\nError: spawn uvx ENOENT\nKeyError: 'flux'\n"
    known = document(capsys, "query", log, "--db", db, "--limit", "1")["known"]
    assert known == [{"error": 0, "entry_id": "E00001"}, {"error": 1, "entry_id": "E00002"}]
    cut = faultlore(capsys, "query", log, "--db", db, "--limit", "1")[1]
    assert "1 more, known, --limit shows them: Error: spawn uvx ENOENT" in cut
    assert "1 more, not known here: KeyError: 'flux'" in cut
    with KnowledgeBase(db) as kb:
        answer = kb.query(log)
    alike = plain(answer_view(answer._replace(known=(*answer.known, (2, "E00001")))))
    assert "1 more, of an entry above: KeyError: 'flux'" in alike
    assert "not known here" not in alike


def test_a_mistyped_filter_is_told_from_an_error_that_is_not_there(db: str, capsys: Output) -> None:
    status, _, err = faultlore(capsys, "query", AUTH, "--db", db, "--repo", "acme/tol")
    assert status == 1
    assert "did you mean" in err
    status, _, err = faultlore(capsys, "search", "credentials", "--db", db, "--tool", "frob")
    assert status == 1
    assert "no entry is of tool 'frob'; none is known" in err


def test_text_without_blanks_is_wrapped_by_its_columns() -> None:
    said = "茶壶的盖子掉下来的时候会报错：Error: 盖子不见了 请先把盖子放好然后再倒茶"
    lines = plain([Part(said, "quote", 2)], 30).splitlines()
    assert lines == [
        "  | 茶壶的盖子掉下来的时候会报",
        "  | 错：Error: 盖子不见了 请先",
        "  | 把盖子放好然后再倒茶",
    ]
