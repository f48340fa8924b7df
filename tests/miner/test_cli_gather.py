"""Commands that bring threads in and mine them: what they print where, and how they leave."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kb.store import Store
from miner.cli import run
from tests.support.cli import Output, Patch
from tests.support.github_server import GitHubServer, make_threads
from tests.support.threads import thread


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("FAULTLORE_DB", "FAULTLORE_DEBUG", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")


def lines(path: Path, *items: object) -> Path:
    path.write_text(
        "".join((i if isinstance(i, str) else json.dumps(i)) + "\n" for i in items),
        encoding="utf-8",
    )
    return path


def test_import_and_mine_say_counts_on_standard_error(tmp_path: Path, capsys: Output) -> None:
    path = lines(
        tmp_path / "t.jsonl", thread(1, "fails", "```\nError: spawn npx ENOENT\n```\n"), thread(2)
    )
    assert run(["import", str(path)]) == 0
    assert run(["mine"]) == 0
    out = capsys.readouterr()
    assert out.out == ""
    assert "2 new threads" in out.err
    assert "2 threads read" in out.err
    assert (tmp_path / "kb.db").exists()


def test_a_bad_line_is_named_with_file_and_line_and_the_exit_status_is_2(
    tmp_path: Path, capsys: Output
) -> None:
    path = lines(tmp_path / "t.jsonl", thread(1), "{broken", thread(2))
    assert run(["import", str(path), "--json"]) == 2
    out = capsys.readouterr()
    assert f"faultlore: {path}:2: is not JSON" in out.err
    assert json.loads(out.out)["threads"]["new"] == 2
    assert json.loads(out.out)["problems"][0]["line"] == 2


def test_a_second_writer_leaves_with_4(tmp_path: Path, capsys: Output) -> None:
    with Store.open(tmp_path / "kb.db"):
        done = subprocess.run(
            [sys.executable, "-m", "miner", "mine", "--db", str(tmp_path / "kb.db")],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    assert done.returncode == 4
    assert "another faultlore (process" in done.stderr
    assert done.stderr.count("\n") == 1


def test_harvest_without_a_token_says_so_once_and_with_a_wrong_one_names_the_variable(
    capsys: Output, monkeypatch: Patch
) -> None:
    with GitHubServer(make_threads("acme/tool", 2, 2)) as server:
        assert run(["harvest", "acme/tool", "--api-url", server.url]) == 0
        assert capsys.readouterr().err.count("60 requests an hour") == 1
        server.token = "right"
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong000000000000")
        assert run(["harvest", "acme/tool", "--api-url", server.url]) == 3
    err = capsys.readouterr().err
    assert "GITHUB_TOKEN" in err
    assert "ghp_wrong" not in err


def test_a_defect_is_one_line_that_says_how_to_see_more(monkeypatch: Patch, capsys: Output) -> None:
    monkeypatch.setattr("miner.harvest.files.bring", lambda *a, **k: 1 / 0)
    assert run(["import", __file__]) == 2
    err = capsys.readouterr().err
    assert "FAULTLORE_DEBUG" in err
    assert err.count("\n") == 1


def test_init_takes_repositories(tmp_path: Path, capsys: Output) -> None:
    from kb.config import read_config

    assert run(["init", "acme/tool", "acme/*", "https://github.com/acme/other"]) == 0
    found = read_config(tmp_path / "faultlore.toml").harvest
    assert found.repos == ("acme/tool", "acme/*", "acme/other")
    assert found.since == "180d"
    assert run(["init"]) == 2
    assert "--force" in capsys.readouterr().err
    assert run(["init", "--force", "no-slash"]) == 2
    assert "owner/name" in capsys.readouterr().err
    assert read_config(tmp_path / "faultlore.toml").harvest == found


def test_harvest_takes_a_file_of_names(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "names.txt").write_text("acme/tool\n", encoding="utf-8")
    with GitHubServer(make_threads("acme/tool", 2, 2)) as server:
        url = ["--api-url", server.url]
        assert run(["harvest", "--from", "names.txt", *url]) == 0
        assert run(["harvest", *url]) == 2
    assert "OWNER/REPO" in capsys.readouterr().err
