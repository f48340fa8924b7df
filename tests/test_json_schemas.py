"""What the program prints is as the published JSON Schemas say, and they name every field of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from miner.nightly.notice import document, failed_document, trial_document
from tests.support.cli import run
from tests.support.github_server import GitHubServer, make_threads
from tools import json_schemas

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = json_schemas.documents()
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
    file = ROOT / "docs" / "reference" / "schemas" / f"{name}.json"
    assert file.read_text(encoding="utf-8") == json_schemas.as_files()[file.name], "run 'make docs'"


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
    for file in sorted((ROOT / "data" / "demo").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            jsonschema.validate(json.loads(line), SCHEMAS["thread"])


def test_what_cannot_be_imported_is_no_line_of_the_format() -> None:
    for line in ({}, {"repo": "x", "issue": {}}, {"repo": "a/b", "issue": {"number": 0}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(line, SCHEMAS["thread"])
