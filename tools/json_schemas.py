"""The JSON Schemas of what the program prints and reads, made of the classes that it is made of.

A document's schema names the fields that every document of its version has; further ones may
come, so readers must pass over what they do not know. `VERSION` stands in the addresses: what is
published under one is never taken away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from kb.doctor import Finding
from kb.evidence import Entry, ThreadRef
from kb.history import Event
from kb.notes.folder import ExportReport
from kb.query.explain import Wording
from kb.query.results import AskedError, Backing, KnownClaim
from kb.site.audit import AuditedPage
from kb.site.audit import Finding as PageFinding
from miner.cluster.suggest import Suggestion
from miner.harvest.progress import RepoReport
from miner.judge.run import Estimate, JudgeReport
from miner.nightly.dry_run import RepoForecast
from miner.nightly.run import NightReport
from miner.review import ReviewClaim

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
VERSION = 1
FOLDER = f"schemas/v{VERSION}"
BASE = f"https://faultlore.github.io/faultlore/reference/{FOLDER}"

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
    """The schema of a class of values: all fields are always there."""
    types = get_type_hints(kind)
    schemas, parts = msgspec.json.schema_components(types.values())
    fields = dict(zip(types, _resolved(list(schemas), parts), strict=True))
    whole: Schema = _whole({"type": "object", "properties": fields})
    return whole


def _resolved(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    return {key: _resolved(value, parts) for key, value in schema.items()}


def _whole(schema: Any) -> Any:
    """Without titles, docstrings and defaults; every field required, no count below 0."""
    if isinstance(schema, list):
        return [_whole(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "object" and "properties" in schema:
        fields = {
            name: COUNT if name == "count" else _whole(value)
            for name, value in schema["properties"].items()
        }
        return {"type": "object", "properties": fields, "required": list(fields)}
    left_out = ("title", "description", "default", "maxItems", "prefixItems")
    return {key: _whole(value) for key, value in schema.items() if key not in left_out}


def _with(schema: Schema, **fields: Schema) -> Schema:
    return _object(**schema["properties"], **fields)


def _asked() -> dict[str, Schema]:
    """What the commands print that answer."""
    entry, claim, thread = _of(Entry), _of(KnownClaim), _of(ThreadRef)
    claim["properties"]["backing"] = _list(_of(Backing))
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
        heading=TEXT,
    )
    growth = _with(entry, now=COUNT, before=COUNT)
    return {
        "query": _object(
            query_signature=_or_null(TEXT),
            results=_list(result),
            errors=_list(_of(AskedError)),
            notes=_list(TEXT),
            known=_list(_object(error=COUNT, entry_id=TEXT)),
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
            heading=TEXT,
            related=_list(entry),
        ),
        "history": _object(history=_list(_of(Event))),
        "explain": _explain(),
        "signature": _signature(),
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
    }


def _signature() -> Schema:
    one = _of(AskedError)
    one["properties"]["steps"] = _list(_object(rule=TEXT, fired_on=TEXT, result=TEXT))
    return {"anyOf": [one, _object(signatures=_list(one))]}


def _explain() -> Schema:
    side = _object(
        name=TEXT,
        entry_id=TEXT,
        title=TEXT,
        signature=TEXT,
        fingerprint=TEXT,
        fields={"type": "object", "additionalProperties": TEXT},
    )
    judged = _list(_object(what=TEXT, model=TEXT, day=TEXT))
    one = _object(entry=side, wordings=_list(_of(Wording)), judged=judged)
    two = _object(
        a=side,
        b=side,
        same_entry=FLAG,
        same_error=FLAG,
        probability=NUMBER,
        decision=TEXT,
        rule=_or_null(TEXT),
        reasons=_list(_object(feature=TEXT, what=TEXT, value=NUMBER, adds=NUMBER)),
        agree=_list(TEXT),
        conflict=_list(TEXT),
        path=_list(TEXT),
        judged=judged,
    )
    return {"anyOf": [one, two]}


def _gathered() -> dict[str, Schema]:
    """What the commands print that bring, mine and look after data."""
    tally = _object(new=COUNT, changed=COUNT, same=COUNT, older=COUNT)
    grouped = _object(new=COUNT, changed=COUNT, merged=COUNT, split=COUNT)
    forecast = _object(
        repos=_list(_of(RepoForecast)),
        asked=COUNT,
        remaining=_or_null(COUNT),
        limit=_or_null(COUNT),
        waiting=COUNT,
        judge=_or_null(_of(Estimate)),
        requests=COUNT,
        at_least=FLAG,
        hours=NUMBER,
        disk=COUNT,
    )
    copied = _object(path=TEXT, threads=COUNT, entries=COUNT)
    return {
        "import": _object(
            threads=tally,
            comments=tally,
            events=COUNT,
            bad_lines=COUNT,
            problems=_list(_object(file=TEXT, line=COUNT, reason=TEXT)),
        ),
        "harvest": _object(
            requests=COUNT,
            exit_status=COUNT,
            stopped=_or_null(TEXT),
            paused=FLAG,
            repos=_list(_with(_of(RepoReport), news=COUNT)),
        ),
        "mine": _object(
            threads=COUNT,
            mentions=COUNT,
            claims=COUNT,
            entries=_or_null(grouped),
            failed=_list(TEXT),
            seconds={"type": "object", "additionalProperties": NUMBER},
        ),
        "nightly": _with(_of(NightReport), requests=COUNT),
        "dry-run": forecast,
        "doctor": _list(_of(Finding)),
        "backup": _with(copied, bytes=COUNT, removed=_list(TEXT)),
        "restore": _with(copied, former=_or_null(TEXT)),
    }


def _reviewed() -> dict[str, Schema]:
    """What the commands print that correct: a person's, and a second reader's."""
    figures = _object(precision=NUMBER, recall=NUMBER, f1=NUMBER)
    kinds = {"type": "object", "additionalProperties": figures}
    return {
        "review": _list(_of(ReviewClaim)),
        "verdicts": _object(file=TEXT, lines=_list(TEXT)),
        "curate": _object(file=TEXT, entries=COUNT, claims=COUNT),
        "suggestions": _list(_of(Suggestion)),
        "judge": _of(JudgeReport),
        "judge-dry-run": _of(Estimate),
        "judge-files": _object(file=TEXT, count=COUNT, problems=_list(TEXT)),
        "judge-comparison": _object(
            threads=COUNT,
            figures={"type": "object", "additionalProperties": kinds},
            differ=_list(_object(thread=TEXT, found_by=TEXT, quote=TEXT)),
            stopped=_or_null(TEXT),
        ),
    }


def _published() -> dict[str, Schema]:
    """What the commands print that write and check documents."""
    return {
        "export": _of(ExportReport),
        "candidates": _object(candidates=_list(_candidate())),
        "verify": _object(problems=_list(_object(kind=TEXT, where=TEXT, what=TEXT))),
        "docs-audit": _object(pages=_list(_of(AuditedPage)), findings=_list(_of(PageFinding))),
        "docs-refresh": _object(
            changed=_list(TEXT),
            unchanged=COUNT,
            inserted=_list(TEXT),
            problems=_list(TEXT),
            diffs=_list(TEXT),
        ),
    }


def _candidate() -> Schema:
    """A record in the fields that are written where the configuration names no others."""
    score = {"type": "integer", "minimum": 1, "maximum": 10}
    return _object(
        error_signature=TEXT,
        title=TEXT,
        technology=_or_null(TEXT),
        recommended_category=_or_null(TEXT),
        search_intent={"enum": ["fix", "cause", "report"]},
        why_developers_search_it=TEXT,
        commercial_value_score=score,
        ranking_difficulty_score=score,
        priority_score=score,
        duplicate_risk={"enum": ["high", "medium", "low"]},
        source_urls=_list(TEXT),
        evidence_summary=TEXT,
        suggested_related_errors=_list(TEXT),
        notes=TEXT,
    )


def documents() -> dict[str, Schema]:
    """File name without its end -> schema."""
    made = {
        **_asked(),
        **_gathered(),
        **_published(),
        **_reviewed(),
        "notice": _notice(),
        "thread": _thread(),
    }
    return {
        name: {
            "$schema": DRAFT,
            "$id": f"{BASE}/{name}.json",
            "title": TITLES[name].replace("`", ""),
            **made[name],
        }
        for name in TITLES
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
    "query": "`faultlore query --json`",
    "search": "`faultlore search --json`",
    "show": "`faultlore show --json`",
    "history": "`faultlore history --json`",
    "explain": "`faultlore explain --json`",
    "signature": "`faultlore signature --json`, also with `--explain` and `--all`",
    "stats": "`faultlore stats --json`",
    "trends": "`faultlore trends --json`",
    "import": "`faultlore import --json`",
    "harvest": "`faultlore harvest --json`",
    "mine": "`faultlore mine --json`",
    "nightly": "`faultlore nightly --json` and `--report-to FILE.json`",
    "dry-run": "`faultlore nightly --dry-run --json`",
    "doctor": "`faultlore doctor --json`",
    "backup": "`faultlore backup --json`",
    "restore": "`faultlore restore --json`",
    "export": "`faultlore export --json`",
    "verify": "`faultlore verify --json`",
    "docs-audit": "`faultlore docs audit --json`",
    "docs-refresh": "`faultlore docs refresh --json`",
    "review": "`faultlore review --json`",
    "verdicts": "`faultlore review CLAIM --accept --json`, and the other verdicts",
    "curate": "`faultlore curate --json`",
    "suggestions": "`faultlore curate --suggest --json`",
    "judge": "`faultlore judge --json`",
    "judge-dry-run": "`faultlore judge --dry-run --json`",
    "judge-files": "`faultlore judge --json` with `--export`, `--import` or `--distil`",
    "judge-comparison": "`faultlore judge --compare FOLDER --json`",
    "candidates": "the files of `faultlore export --format candidates`, in the default fields",
    "notice": "what `[notify]` posts to a webhook of the form `json`",
    "thread": "a line of the import format",
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
        f"| {title} | [{name}.json]({FOLDER}/{name}.json) |" for name, title in TITLES.items()
    )
    return PAGE.read_text(encoding="utf-8").format(rows=rows)
