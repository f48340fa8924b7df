"""What every command has in common: words and bytes of arguments, mistakes, help, settings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from miner.cli import COMMANDS, run
from miner.cli.options import show
from tests.support.cli import ROOT, Output, Patch, faultlore, piped, uncoloured
from tests.support.github_server import GitHubServer, make_threads
from tests.support.kb_builder import Filler, Said, filled


def fill(f: Filler) -> None:
    claims = [Said("cause", f"Cause number {n}.", "supported") for n in range(3)]
    f.add("Error: 401 No auth credentials found", claims=[*claims, Said("fix", "Log in again.")])
    f.add("MCP error -32000: Connection closed", threads=[("acme/tool", 2, "2026-01-09")])


@pytest.fixture
def db(tmp_path: Path, monkeypatch: Patch) -> str:
    for name in ("FAULTLORE_DB", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(tmp_path)
    return str(filled(tmp_path / "kb.db", fill))


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    "text", ["Error: 401 No auth credentials found", "MCP error -32000: Connection closed"]
)
def test_an_error_text_needs_no_quotes(db: str, capsys: Output, text: str) -> None:
    quoted = faultlore(capsys, "query", text, "--db", db, "--json")
    assert quoted[0] == 0
    assert faultlore(capsys, "query", *text.split(), "--db", db, "--json") == quoted
    assert faultlore(capsys, "query", "--db", db, "--json", *text.split()) == quoted


def test_the_address_of_a_thread_asks_for_its_error(db: str, capsys: Output) -> None:
    url = "https://github.com/acme/tool/issues/2"
    status, out, _ = faultlore(capsys, "query", url, "--db", db, "--json")
    assert status == 0
    assert json.loads(out)["results"][0]["url"] == url
    assert faultlore(capsys, "query", url + "2", "--db", db)[:2] == (1, "")


def test_a_quoted_text_may_begin_like_an_option(capsys: Output) -> None:
    text = "-bash: frob: command not found"
    assert faultlore(capsys, "signature", text)[:2] == (0, "bash: frob: command not found\n")
    status, _, err = faultlore(capsys, "signature", "--explian", "401 No auth")
    assert status == 2
    assert "--explain" in err


@pytest.mark.parametrize("command", ["query", "search", "signature", "show", "explain", "history"])
def test_bytes_that_are_no_utf8_are_read_as_replacement_characters(db: str, command: str) -> None:
    done = piped(command, b"bad \xff error", FAULTLORE_DB=db)
    assert done.returncode in (0, 1), done.stderr
    assert b"defect" not in done.stderr
    assert "bad \ufffd error".encode() in done.stdout + done.stderr or command == "search"


def test_a_path_may_have_any_bytes(db: str, tmp_path: Path) -> None:
    name = bytes(tmp_path) + b"/\xff.db"
    done = piped("backup", name, "--db", db, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["path"].endswith(".db")
    assert piped("query", "Error: 401 No auth credentials found", "--db", name).returncode == 0


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["quary", "x"], "Did you mean 'query'?"),
        (["query", "unexpected", "argument", "--foo"], "write --: faultlore query -- TEXT"),
        (["zzz"], "known: import, harvest, mine"),
        (["docs", "zzz"], "known: audit, refresh"),
        (["query", "x", "--limt", "3"], "--limit"),
        (["stats", "--zzz"], "known: --db, --json"),
        (
            ["--db", "kb.db", "stats"],
            "--db; options of a command stand behind its name; see 'fault",
        ),
        (["--json", "stats"], "; options of a command stand behind its name; see 'faultlore -"),
        (["query", "x", "--limit", "900"], "'--limit'"),
        (["query", "x", "--limit", "-5"], "'--limit': -5 is not a whole number from 1 to 200; see"),
        (["query", "x", "--limit", "abc"], "'abc' is not a whole number from 1 to 200; see"),
        (["show", "E1", "--limit", "x"], "'x' is not a whole number of at least 1; see"),
        (["export", "--out", "o", "--confidence", "3"], "3.0 is not a number from 0.0 to 1.0; see"),
        (["verify", "folder"], "extra argument(s) (folder); see 'faultlore verify --help'"),
        (["query", "x", "--since", "-5 d"], "'-5 d' is no time"),
        (["query", "x", "--limit"], "requires an argument"),
        (["nightly", "--log-level", "loud"], "'debug', 'info', 'warning', 'error'"),
        (["export", "--out", "o", "--format", "word"], "known: note, page, candidates"),
        (["export", "--out", "o", "--target", "word"], "known: commonmark"),
        (["export", "--out", "o", "--min-threads", "9" * 20], "'--min-threads'"),
        (["show"], "faultlore show --help"),
        (["import", "none.jsonl"], "none.jsonl: no such file"),
        (["import"], "Missing argument"),
        (["nonsense"], "No such command"),
        (["mine", "--db", "/nowhere/kb.db"], "does not exist"),
        (["harvest", "noslash"], "noslash"),
        (["harvest", "a/b", "--api-url", "http://[::1"], "--api-url 'http://[::1': expected"),
        (["harvest", "a/b", "--since", "someday"], "'someday' is no time"),
        (["harvest", "a/b", "--since", "2999-01-01"], "lies in the future"),
        (["harvest"], "or name them in faultlore.toml"),
        (["query", "x", "--since", ""], "'--since': '' is no time"),
        (["export", "--out", "o", "--since", ""], "'--since': '' is no time"),
        (["trends", "--until", ""], "'--until': '' is no time"),
    ],
)
def test_a_mistake_is_one_line_that_names_what_is_known(
    db: str, capsys: Output, arguments: list[str], said: str
) -> None:
    status, out, err = faultlore(capsys, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert err.startswith("faultlore: ")
    assert "x00" not in err
    assert "\0" not in err
    assert err.count("\n") == 1


def test_no_arguments_print_the_help_and_exit_with_2(capsys: Output) -> None:
    status, out, _ = faultlore(capsys)
    assert status == 2
    assert "Usage: faultlore" in uncoloured(out)


def test_ctrl_c_is_one_line_and_130(db: str, capsys: Output, monkeypatch: Patch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kb.KnowledgeBase.stats", stop)
    status, out, err = faultlore(capsys, "stats", "--db", db)
    assert (status, out) == (130, "")
    assert err == "faultlore: stopped; what was done is kept\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-V"], ["stats"], ["show", "E00001"]])
def test_a_reader_that_has_enough_is_no_error(db: str, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "miner", *arguments]
    done = subprocess.run(
        command,
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "FAULTLORE_DB": db},
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("closed", "arguments", "status"),
    [(">&-", "stats", 0), ("2>&-", "query KeyError", 1), ("<&-", "query -", 2)],
)
def test_a_closed_stream_is_no_defect(db: str, closed: str, arguments: str, status: int) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m miner {arguments} {closed}'],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "FAULTLORE_DB": db},
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert b"defect" not in done.stderr
    assert b"Traceback" not in done.stderr


# ---------------------------------------------------------------- help and version


def test_the_help_lists_every_command_in_its_group_and_cuts_no_line(
    capsys: Output, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = faultlore(capsys, "-h")
    assert status == 0
    assert out == faultlore(capsys, "--help")[1]
    out = uncoloured(out)
    assert "..." not in out.replace("[ARGS]...", "")
    assert "…" not in out
    at = -1
    for group in dict.fromkeys(group for group, _ in COMMANDS.values()):
        assert out.index(f"─ {group} ─") > at
        at = out.index(f"─ {group} ─")
        for name in (name for name, (of, _) in COMMANDS.items() if of == group):
            assert out.index(f"│ {name} ", at) > at


@pytest.mark.parametrize("columns", [40, 80])
def test_the_help_of_a_command_cuts_no_option(
    capsys: Output, monkeypatch: Patch, columns: int
) -> None:
    option = re.compile(r"--[a-z]+(?:-[a-z]+)*")
    for command in ("export", "harvest", "review"):
        shown = []
        for width in (200, columns):
            monkeypatch.setenv("COLUMNS", str(width))
            shown.append(uncoloured(faultlore(capsys, command, "--help")[1]))
        assert set(option.findall(shown[1])) == set(option.findall(shown[0])), command
        assert "…" not in shown[1]
    monkeypatch.setenv("COLUMNS", str(columns))
    assert "    faultlore demo" in faultlore(capsys, "--help")[1]


def test_the_version(capsys: Output) -> None:
    assert faultlore(capsys, "-V") == faultlore(capsys, "--version")
    assert piped("-V").stdout.startswith(b"faultlore, version ")


# ---------------------------------------------------------------- settings


def test_harvest_takes_its_settings_from_the_file_and_an_option_goes_before_it(
    db: str, tmp_path: Path, capsys: Output
) -> None:
    with GitHubServer(make_threads("acme/tool", 5, 8)) as server:
        (tmp_path / "faultlore.toml").write_text(
            f'[harvest]\napi_url = "{server.url}"\nrepos = ["acme/tool"]\nmax_issues = 2\n'
        )
        assert run(["harvest", "--db", "a.db", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["repos"][0]["issues"]["new"] == 2
        assert run(["harvest", "acme/tool", "--db", "b.db", "--max-issues", "3", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["repos"][0]["issues"]["new"] == 3


@pytest.mark.parametrize("command", [["harvest", "acme/tool"], ["nightly", "--dry-run"]])
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('since = "someday"', "faultlore.toml:3: harvest.since cannot be: 'someday' is no time"),
        ('api_url = "nowhere"', "faultlore.toml:3: harvest.api_url 'nowhere': expected"),
        ('api_url = "http://[::1"', "faultlore.toml:3: harvest.api_url 'http://[::1': expected"),
        ('api_url = "http://a.example:99999"', "faultlore.toml:3: harvest.api_url 'http://a.ex"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_line(
    db: str, tmp_path: Path, capsys: Output, command: list[str], setting: str, said: str
) -> None:
    text = f'[harvest]\nrepos = ["acme/tool"]\n{setting}\n'
    (tmp_path / "faultlore.toml").write_text(text)
    status, _, err = faultlore(capsys, *command, "--db", db)
    assert status == 2
    assert said in err
    assert "--" not in err


# ---------------------------------------------------------------- show, backup, doctor


def test_show_can_be_narrowed(db: str, capsys: Output) -> None:
    def shown(*options: str) -> str:
        status, out, _ = faultlore(capsys, "show", "acme/tool#1", "--db", db, *options)
        assert status == 0
        return out

    assert shown().count("Cause number") == 3
    assert "Log in again." in shown()
    assert "Log in again." not in shown("--kind", "cause")
    assert "Cause" not in shown("--kind", "fix")
    cut = shown("--limit", "1")
    assert cut.count("Cause number") == 1
    assert "2 more claims" in cut
    assert shown("--limit", "1", "--all").count("Cause number") == 3
    assert [c["kind"] for c in json.loads(shown("--kind", "fix", "--json"))["claims"]] == ["fix"]


def test_a_terminal_gets_a_pager(monkeypatch: Patch) -> None:
    from kb.query.terminal import Part

    paged: list[str] = []
    monkeypatch.setattr("pydoc.pager", paged.append)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show({}, [Part("one line")], as_json=False, paged=True)
    assert len(paged) == 1
    assert "one line" in paged[0]


def test_backup_overwrites_nothing_unasked(db: str, tmp_path: Path, capsys: Output) -> None:
    copy = tmp_path / "copy.db"
    assert run(["backup", str(copy), "--db", db]) == 0
    before = copy.stat().st_mtime_ns
    status, _, err = faultlore(capsys, "backup", str(copy), "--db", db)
    assert status == 2
    assert "exists already" in err
    assert copy.stat().st_mtime_ns == before
    assert run(["backup", str(copy), "--force", "--db", db]) == 0
    assert "faultlore backup" in faultlore(capsys, "restore", "none.db", "--db", db)[2]


def test_doctor_offline_wants_no_token(db: str, capsys: Output) -> None:
    _, out, _ = faultlore(capsys, "doctor", "--offline", "--db", db, "--json")
    assert [f["ok"] for f in json.loads(out) if f["check"] == "token"] == [True]


def test_a_newcomer_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: Patch, capsys: Output
) -> None:
    """No database, no configuration, no entries, no such file: each message says what to do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAULTLORE_DB", raising=False)
    for asks in (("query", "x"), ("serve",)):
        assert faultlore(capsys, *asks)[2] == (
            "faultlore: kb.db: no such database; name one with --db;"
            " 'faultlore harvest' and 'faultlore import' make one\n"
        )
    assert "write faultlore harvest OWNER/REPO" in faultlore(capsys, "harvest")[2]
    (tmp_path / "none.jsonl").write_text("")
    assert faultlore(capsys, "import", "none.jsonl")[0] == 0
    assert "there is no file app.log" in faultlore(capsys, "query", "app.log")[2]
    assert "no file" not in faultlore(capsys, "query", "TypeError: app.log is gone")[2]
    pages = ("export", "--format", "page", "--out", "pages")
    for asks in (("mine",), ("verify",), ("export", "--out", "notes"), pages):
        status, _, err = faultlore(capsys, *asks)
        assert (status, err.count("there are no threads yet; 'faultlore harvest")) == (0, 1)
    assert "have no page" not in err
    assert run(["import", str(ROOT / "data" / "demo" / "graftloom.jsonl")]) == 0
    for asks in (
        ("export", "--out", "n"),
        ("query", "x"),
        ("search", "x"),
        ("trends",),
        ("review",),
    ):
        said = faultlore(capsys, *asks)[2]
        assert (said.count("'faultlore mine' makes them"), said.count("faultlore: ")) == (1, 1)
    found = {f["check"]: f["ok"] for f in json.loads(faultlore(capsys, "doctor", "--json")[1])}
    assert (found["work left"], found["rules"]) == (False, True)
    assert "an empty name: no such entry" in faultlore(capsys, "show", "")[2]
    assert "by grade: none" in faultlore(capsys, "stats")[1]
    assert "ask for --suggest" in faultlore(capsys, "curate")[2]


@pytest.mark.parametrize(
    "command", ["query --file {}", "signature --file {}", "curate --file {}", "query -"]
)
def test_a_file_without_an_end_is_not_read_to_its_end(
    demo_db: Path, tmp_path: Path, capsys: Output, monkeypatch: Patch, command: str
) -> None:
    monkeypatch.setattr("kb.text.MOST_BYTES", 1_000_000)
    endless = tmp_path / "endless"
    endless.write_bytes(b"y\n" * 500_001)
    db = [] if command.startswith("signature") else ["--db", str(demo_db)]
    with endless.open("rb") as stream:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream, isatty=lambda: False))
        status, _, err = faultlore(capsys, *command.format(endless).split(), *db)
    assert status == 2
    assert "is larger than 1 MB" in err
