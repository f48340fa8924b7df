"""The JSON Schemas of what the program prints and reads, made of the classes that it is made of.

A document's schema names the fields that every version 1 has; further ones may come, so readers
must pass over what they do not know.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from kb.doctor import Finding
from kb.evidence import Entry, ThreadRef
from kb.history import Event
from kb.query.results import AskedError, KnownClaim
from miner.nightly.run import NightReport

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://faultlore.github.io/faultlore/reference/schemas"

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _counts() -> Schema:
    return {"type": "object", "additionalProperties": COUNT}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _of(kind: type) -> Schema:
    """The schema of a dataclass: all fields are always there."""
    (schema,), parts = msgspec.json.schema_components([kind])
    return _whole(_resolved(schema, parts))


def _resolved(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    return {key: _resolved(value, parts) for key, value in schema.items()}


def _whole(schema: Any) -> Any:
    """Without titles, docstrings and defaults; every field required."""
    if isinstance(schema, list):
        return [_whole(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "object" and "properties" in schema:
        fields = {name: _whole(value) for name, value in schema["properties"].items()}
        return {"type": "object", "properties": fields, "required": list(fields)}
    left_out = ("title", "description", "default", "maxItems", "prefixItems")
    return {key: _whole(value) for key, value in schema.items() if key not in left_out}


def _with(schema: Schema, **fields: Schema) -> Schema:
    return _object(**schema["properties"], **fields)


def documents() -> dict[str, Schema]:
    """File name without its end -> schema."""
    entry, claim, thread = _of(Entry), _of(KnownClaim), _of(ThreadRef)
    result = _with(
        entry,
        match={"enum": ["exact", "same", "related"]},
        score={"type": "number", "minimum": 0, "maximum": 1},
        why=TEXT,
        error=COUNT,
        versions=_list(TEXT),
        cause=_or_null(claim),
        fix=_or_null(claim),
        causes=_list(claim),
        fixes=_list(claim),
        more_claims=COUNT,
    )
    growth = _with(entry, now=COUNT, before=COUNT)
    step = _object(rule=TEXT, fired_on=TEXT, result=TEXT)
    signature = _of(AskedError)
    signature["properties"]["steps"] = _list(step)
    made = {
        "query": _object(
            query_signature=_or_null(TEXT),
            results=_list(result),
            errors=_list(_of(AskedError)),
            notes=_list(TEXT),
        ),
        "search": _object(results=_list(result)),
        "show": _with(
            entry,
            aliases=_list(TEXT),
            asked_as=_or_null(TEXT),
            versions=_list(TEXT),
            tools=_list(_object(tool=TEXT, threads=COUNT)),
            seen_as=_list(_object(text=TEXT, mentions=COUNT)),
            seen_in=_list(_object(repo=TEXT, threads=COUNT)),
            thread_list=_list(thread),
            claims=_list(claim),
            claims_left_out=COUNT,
            related=_list(entry),
        ),
        "history": _object(history=_list(_of(Event))),
        "signature": signature,
        "stats": _object(
            threads=COUNT,
            issues=COUNT,
            pulls=COUNT,
            comments=COUNT,
            repos=_counts(),
            entries=COUNT,
            mentions=COUNT,
            claims=_counts(),
            grades=_counts(),
            coverage=_object(
                issues_with_entry=COUNT,
                issues_with_supported_answer=COUNT,
                share_with_entry=NUMBER,
                share_with_supported_answer=NUMBER,
            ),
            week=_object(
                until=_or_null(TEXT), new_threads=COUNT, new_entries=COUNT, grew=_list(growth)
            ),
            waiting_to_be_mined=COUNT,
        ),
        "trends": _object(
            since=_or_null(TEXT),
            until=_or_null(TEXT),
            days=COUNT,
            new=_list(growth),
            rising=_list(growth),
            fading=_list(growth),
        ),
        "doctor": _list(_of(Finding)),
        "verify": _object(problems=_list(_object(kind=TEXT, where=TEXT, what=TEXT))),
        "nightly": _with(_of(NightReport), requests=COUNT),
        "notice": _notice(),
        "thread": _thread(),
    }
    return {
        name: {"$schema": DRAFT, "$id": f"{BASE}/{name}.json", "title": TITLES[name], **schema}
        for name, schema in made.items()
    }


def _notice() -> Schema:
    item = _object(entry_id=_or_null(TEXT), title=TEXT, url=_or_null(TEXT))
    group = _object(count=COUNT, listed=_list(item))
    return _object(
        version={"const": 1},
        text=TEXT,
        run=_or_null(COUNT),
        started_at=_or_null(TEXT),
        ended_at=_or_null(TEXT),
        outcome={"enum": ["done", "partial", "failed", "test"]},
        exit_status=COUNT,
        failures=_list(_object(repo=TEXT, failure=TEXT)),
        new=group,
        rising=group,
        rose=group,
        contradicted=group,
    )


def _thread() -> Schema:
    """A line of the import format. What GitHub adds is not named here and may be there."""
    user = _or_null({"type": "object", "properties": {"login": TEXT}})
    body = _or_null(TEXT)
    issue = {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "minimum": 1},
            "title": TEXT,
            "body": body,
            "created_at": TEXT,
            "user": user,
        },
        "required": ["number", "title", "created_at"],
    }
    comment = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "body": body, "created_at": TEXT, "user": user},
        "required": ["id", "created_at"],
    }
    return {
        "type": "object",
        "properties": {
            "repo": {"type": "string", "pattern": "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$"},
            "issue": issue,
            "comments": _or_null(_list(comment)),
            "events": _or_null(_list({"type": "object"})),
        },
        "required": ["repo", "issue"],
    }


TITLES = {
    "query": "faultlore query --json",
    "search": "faultlore search --json",
    "show": "faultlore show --json",
    "history": "faultlore history --json",
    "signature": "faultlore signature --json",
    "stats": "faultlore stats --json",
    "trends": "faultlore trends --json",
    "doctor": "faultlore doctor --json",
    "verify": "faultlore verify --json",
    "nightly": "faultlore nightly --json, and --report-to FILE.json",
    "notice": "What [notify] posts to a webhook of the form json",
    "thread": "A line of the import format",
}


def as_files() -> dict[str, str]:
    """File name -> text."""
    return {
        f"{name}.json": json.dumps(schema, indent=1) + "\n" for name, schema in documents().items()
    }


PAGE = Path(__file__).with_name("json.md")


def page() -> str:
    """The page that lists them."""
    rows = "\n".join(
        f"| {title} | [{name}.json](schemas/{name}.json) |" for name, title in TITLES.items()
    )
    return PAGE.read_text(encoding="utf-8").format(rows=rows)
