"""What the program prints is as the published JSON Schemas say, and they name every field of it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from miner.cli import app
from miner.nightly.notice import document, failed_document, trial_document
from tests.support.cli import run
from tests.support.github_server import GitHubServer, make_threads
from tests.support.judge_server import FakeEndpoint, labels, served
from tools import json_schemas

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS, FILES = json_schemas.documents(), json_schemas.as_files()
AUTH = "AuthenticationError: Error code: 401 - {'error': {'message': 'User not found.'}}"


def closed(schema: Any) -> Any:
    """The schema with no place for a field that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and "required" in schema:
        made["additionalProperties"] = False
    return made


def check(name: str, text: str) -> Any:
    found = json.loads(text)
    jsonschema.validate(found, closed(SCHEMAS[name]))
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_one_and_current(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    file = ROOT / "docs" / "reference" / json_schemas.FOLDER / f"{name}.json"
    assert file.read_text(encoding="utf-8") == FILES[file.name], "run 'make docs'"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("query", ["query", AUTH]),
        ("query", ["query", "KeyError: 'flux capacitor'"]),
        ("query", ["query", f"start\n{AUTH}\nError: spawn npx ENOENT"]),
        ("search", ["search", "openrouter", "key"]),
        ("show", ["show", "pennarch/inklet-code#412"]),
        ("history", ["history", "pennarch/inklet-code#412"]),
        ("signature", ["signature", AUTH, "--explain"]),
        ("stats", ["stats"]),
        ("trends", ["trends", "--days", "400"]),
        ("doctor", ["doctor", "--offline"]),
        ("verify", ["verify"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_output_is_as_its_schema_says(
    name: str,
    arguments: list[str],
    demo_db: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    database = [] if name == "signature" else ["--db", str(demo_db)]
    run([*arguments, *database, "--json"])
    check(name, capsys.readouterr().out)


def test_a_report_and_its_notices_are_as_their_schemas_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("FAULTLORE_DB", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with GitHubServer(make_threads("acme/tool", 4, 3)) as server:
        (tmp_path / "faultlore.toml").write_text(
            f'[harvest]\nrepos = ["acme/tool", "acme/gone"]\napi_url = "{server.url}"\n'
        )
        assert run(["nightly", "--workers", "1", "--log-level", "error", "--json"]) == 3
    report = check("nightly", capsys.readouterr().out)
    for made in (document(report), failed_document("x", 2), trial_document()):
        jsonschema.validate(made, SCHEMAS["notice"])
        assert set(made) == set(SCHEMAS["notice"]["properties"])


def test_the_demo_threads_are_as_the_schema_of_the_import_format_says() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS["thread"])
    for file in sorted((ROOT / "data" / "demo").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            validator.validate(json.loads(line))


def test_what_cannot_be_imported_is_no_line_of_the_format() -> None:
    for line in ({}, {"repo": "x", "issue": {}}, {"repo": "a/b", "issue": {"number": 0}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(line, SCHEMAS["thread"])


def commands_with_json() -> set[str]:
    program: Any = typer.main.get_command(app)
    found = set()
    for name in program.commands:
        command = program.get_command(None, name)
        for part, one in getattr(command, "commands", {"": command}).items():
            if any("--json" in option.opts for option in one.params):
                found.add(f"faultlore {name} {part}".strip())
    return found


def test_every_command_that_prints_json_has_a_schema() -> None:
    titles = " ".join(json_schemas.TITLES.values())
    assert len(commands_with_json()) > 15
    for command in commands_with_json():
        assert re.search(rf"`{command} [^`]*--json`", titles), command


@pytest.fixture
def folder(demo_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A knowledge base of its own, a site and a curation file."""
    for name in ("FAULTLORE_DB", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    shutil.copy(demo_db, tmp_path / "kb.db")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page.md").write_text("---\ntitle: No auth credentials found\n---\nText\n")
    (tmp_path / "curation.txt").write_text("# nothing yet\n")
    (tmp_path / "faultlore.toml").write_text('curation = "curation.txt"\n')
    return tmp_path


STEPS = [
    ("explain", "explain pennarch/inklet-code#412", {0}),
    ("explain", "explain pennarch/inklet-code#412 olvermere/snipewort#104", {0}),
    ("signature", "signature --all 'KeyError: x'", {0}),
    ("import", "import broken.jsonl", {2}),
    ("mine", "mine --workers 1", {0}),
    ("backup", "backup copy.db", {0}),
    ("restore", "restore copy.db", {0}),
    ("export", "export --out notes --dry-run", {0}),
    ("export", "export --format candidates --out queue", {0}),
    ("docs-audit", "docs audit site", {0, 1}),
    ("docs-refresh", "docs refresh site --insert --diff", {0, 1}),
    ("review", "review --limit 3", {0}),
    ("curate", "curate", {0}),
    ("suggestions", "curate --suggest --limit 3", {0, 1}),
]


def test_the_outputs_of_a_day_are_as_their_schemas_say(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One knowledge base, one command after the other; each prints one document and no more."""
    line = (ROOT / "data" / "demo" / "graftloom.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (folder / "broken.jsonl").write_text(f"{line}\nno JSON\n")
    found = {}
    for name, command, statuses in STEPS:
        assert run([*shlex.split(command), "--json"]) in statuses, command
        found[name] = check(name, capsys.readouterr().out)
    assert found["import"]["problems"]
    assert found["mine"]["entries"] is not None
    assert found["docs-audit"]["pages"]
    claim = found["review"][0]["claim_id"]
    assert run(["review", claim, "--reject", "--json"]) == 0
    assert check("verdicts", capsys.readouterr().out)["lines"] == [f"claim {claim} reject"]
    (records,) = (folder / "queue").glob("candidates*.json")
    assert check("candidates", records.read_text(encoding="utf-8"))["candidates"]


def test_a_harvest_and_a_dry_run_are_as_their_schemas_say(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with GitHubServer(make_threads("acme/tool", 2, 1)) as server:
        (folder / "faultlore.toml").write_text(
            f'[harvest]\nrepos = ["acme/tool", "acme/gone"]\napi_url = "{server.url}"\n'
        )
        assert run(["nightly", "--dry-run", "--json"]) == 3
        assert check("dry-run", capsys.readouterr().out)["requests"] > 0
        assert run(["harvest", "acme/tool", "--json"]) == 0
    assert check("harvest", capsys.readouterr().out)["repos"][0]["issues"]["new"] == 2


def test_what_a_second_reader_does_is_as_its_schemas_say(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "kb.db").unlink()
    lines = (ROOT / "data" / "demo" / "graftloom.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "two.jsonl").write_text("\n".join(lines[:2]))
    assert run(["import", "two.jsonl"]) == 0
    assert run(["mine", "--workers", "1"]) == 0
    capsys.readouterr()
    (folder / "made").mkdir()
    at = {"created_at": "2026-01-01T00:00:00Z"}
    issue = {"number": 1, "title": "It stops with code 3", "body": "Every night.", **at}
    told = {"id": 9, "body": "The table is never flushed. Set flush to true.", **at}
    (folder / "made" / "made.jsonl").write_text(
        json.dumps({"repo": "made/up", "issue": issue, "comments": [told]})
    )
    (folder / "made" / "claims_made.jsonl").write_text(
        '{"number": 1, "causes": [{"where": 9, "start": 0, "end": 27}], "fixes": []}'
    )
    with served(FakeEndpoint(lambda request: labels({}))) as endpoint:
        (folder / "faultlore.toml").write_text(
            f'[judge]\nmodel = "m"\nbase_url = "{endpoint.url}"\napi_key_env = ""\n'
            "max_requests = 3\n"
        )
        (folder / "answers.jsonl").write_text('{"custom_id": "x"}\n')
        for name, options, statuses in (
            ("judge-dry-run", ["--dry-run"], {0}),
            ("judge-files", ["--export", "batch.jsonl"], {0}),
            ("judge-files", ["--import", "answers.jsonl"], {2}),
            ("judge", [], {0}),
            ("judge-files", ["--distil", "judged"], {0, 1}),
            ("judge-comparison", ["--compare", "made"], {0}),
        ):
            assert run(["judge", *options, "--json"]) in statuses, options
            check(name, capsys.readouterr().out)
