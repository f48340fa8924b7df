"""Records for a site's import queue: which errors deserve a page, with scores that are counts
turned into 1 to 10 by stated rules.

docs/reference/candidates.md states the rules; they are the functions below and nothing else.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from kb import lazy_re as re
from kb.errors import BadInputError
from kb.evidence import EntryEvidence
from kb.models import STANCES
from kb.notes.descriptions import description_of, quick_fix, title_of
from kb.notes.escape import safe_url
from kb.notes.options import Options, entries_for
from kb.notes.outline import Outline, outlines
from kb.notes.page import category_of, technology_of
from kb.notes.related import Related, RelatedFinder
from kb.text import clean, counted, day, shorten

folder = "candidates"
needs_addresses = False

MOST_BYTES = 5_000_000
"""Largest file; import queues refuse more."""
PAID = frozenset({401, 402, 403, 429, 529})
"""Statuses of keys, credit and limits: people meet them with a paid service."""
SOURCES = 25


def _ten(value: float) -> int:
    return max(1, min(10, round(value)))


def reach(known: EntryEvidence) -> float:
    """How many people meet it, up to 10: 2, 1 for each doubling of the threads, 1 for each further
    repository (at most 2).
    """
    threads, repos = known.entry.threads, known.entry.repos
    return min(10.0, 2.0 + math.log2(max(1, threads)) + min(2, repos - 1))


def commercial_value(known: EntryEvidence) -> int:
    """Half of the reach, 2 for an error of a provider's API, 2 for a status of keys, credit or
    limits, 1 for more than one tool.
    """
    entry = known.entry
    return _ten(
        1
        + reach(known) / 2
        + (2 if entry.provider else 0)
        + (2 if entry.status in PAID else 0)
        + (1 if len(known.tools) > 1 else 0)
    )


def ranking_difficulty(known: EntryEvidence) -> int:
    """How much is there already: 2, 2 for a confirmed fix (search engines show it), half the
    doublings of threads, 2 for few words.
    """
    answered = any(s.stance == "confirmed" for s in known.said("fix", "workaround"))
    generic = len(known.entry.signature.split()) <= 3
    return _ten(
        2
        + (2 if answered else 0)
        + math.log2(max(1, known.entry.threads)) / 2
        + (2 if generic else 0)
    )


def priority(known: EntryEvidence) -> int:
    """Reach, up to 3 for evidence (A 3, B 2, C 1), less a third of the difficulty."""
    evidence = {"A": 3, "B": 2, "C": 1}.get(known.entry.grade, 0)
    return _ten(reach(known) * 0.7 + evidence - ranking_difficulty(known) / 3 + 1)


def duplicate_risk(related: Sequence[Related], known: EntryEvidence) -> str:
    """`high` if another entry of the export has the same title, `medium` if three or more are near,
    else `low`.
    """
    if any(r.title.lower() == known.title.lower() for r in related):
        return "high"
    return "medium" if len(related) >= 3 else "low"


def candidate(
    outline: Outline,
    related: Sequence[Related],
    category: str | None,
    schema: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One record, in the fields of `schema` (docs/reference/candidates.md) or the default ones."""
    known = outline.known
    entry, threads, repos = known.entry, known.entry.threads, known.entry.repos
    fixes, causes = known.said("fix", "workaround"), known.said("cause")
    best = quick_fix(outline)
    why = (
        f"{counted(entry.reporters, 'person', 'people')} reported it in "
        f"{counted(threads, 'thread')} of {', '.join(p.repo for p in known.repos[:5])}"
        f" between {day(entry.first_seen)} and {day(entry.last_seen)}; "
        f"{sum(p.open for p in known.repos)} open"
    )
    stances = [
        f"{sum(s.stance == stance for s in causes + fixes)} {stance}" for stance in STANCES[:-1]
    ]
    refuted = sum(s.stance == "refuted" for s in known.statements)
    summary = (
        f"Grade {entry.grade}. {counted(len(causes), 'cause')}, "
        f"{counted(len(fixes), 'fix or workaround', 'fixes and workarounds')}"
        f" ({', '.join(stances)}), {refuted} contradicted,"
        f" in {counted(threads, 'thread')} of {counted(repos, 'repository', 'repositories')}."
        f"{f' Best: {best}' if best else ''}"
    )
    seen = f" Seen as: {shorten(known.variants[0].raw, 200)}" if known.variants else ""
    facts: dict[str, Any] = {
        "error_signature": outline.signature,
        "title": title_of(outline),
        "technology": technology_of(known),
        "recommended_category": category,
        "search_intent": "fix" if fixes else "cause" if causes else "report",
        "why_developers_search_it": why,
        "commercial_value_score": commercial_value(known),
        "ranking_difficulty_score": ranking_difficulty(known),
        "priority_score": priority(known),
        "duplicate_risk": duplicate_risk(related, known),
        "source_urls": [safe_url(s.url) for s in known.threads[:SOURCES]],
        "evidence_summary": summary,
        "suggested_related_errors": [_line(r.title) for r in related],
        "notes": f"Entry {known.entry_id}.{seen}",
    }
    default = list(facts)
    facts |= {name: getattr(entry, name) for name in ("provider", "tool", "status", "code")}
    facts |= {"entry": known.entry_id, "grade": entry.grade, "solution": outline.status}
    facts |= {"description": description_of(outline), "quick_fix": best or ""}
    facts |= {"threads": threads, "repositories": repos, "reporters": entry.reporters}
    facts |= {"first_seen": day(entry.first_seen), "last_seen": day(entry.last_seen)}
    facts = {name: _line(v) if isinstance(v, str) else v for name, v in facts.items()}
    return _by_schema(schema or {name: f"{{{name}}}" for name in default}, facts)


_PLACE = re.compile(r"\{(\w+)\}")


def _line(text: str) -> str:
    """A text of a stranger on one line: JSON needs no escaping, but no reader shall see what is
    invisible.
    """
    return " ".join(clean(text).split())


def _by_schema(schema: Mapping[str, str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the fields of a schema: each a text in which `{name}` stands for a fact.

    Raises `BadInputError` for a name that is none.
    """
    for name in (name for text in schema.values() for name in _PLACE.findall(text)):
        if name not in facts:
            known = ", ".join(sorted(facts))
            raise BadInputError(f"export.candidates names {{{name}}}; known: {known}")
    texts = {name: "" if fact is None else str(fact) for name, fact in facts.items()}
    alone = {field: _PLACE.fullmatch(text) for field, text in schema.items()}
    return {
        field: facts[whole[1]]
        if (whole := alone[field])
        else _PLACE.sub(lambda m: texts[m[1]], text)
        for field, text in schema.items()
    }


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to JSON text; the first file is `candidates.json`, further ones are numbered.
    Highest priority first.
    """
    entries = entries_for(connection, options)
    finder = RelatedFinder(connection, entries)
    records = []
    for outline in outlines(connection, entries, options):
        known = outline.known
        if not options.unanswered and outline.status == "open":
            continue
        category = category_of(known, options)
        related = finder.related(known.entry_id)
        record = candidate(outline, related, category, options.candidates or None)
        records.append((-priority(known), -known.entry.threads, known.entry_id, record))
    records.sort(key=lambda item: item[:3])
    return _split([record for *_, record in records])


def _split(records: list[dict[str, Any]]) -> dict[str, str]:
    """The records in files of at most `MOST_BYTES`."""
    files: list[list[str]] = [[]]
    size = 0
    for record in records:
        text = json.dumps(record, ensure_ascii=False, indent=1)
        size += len(text.encode()) + 2
        if size > MOST_BYTES - 100 and files[-1]:
            files.append([])
            size = len(text.encode()) + 2
        files[-1].append(text)
    names = ["candidates.json", *(f"candidates-{n}.json" for n in range(2, len(files) + 1))]
    texts = (",\n".join(part) for part in files)
    return {
        name: f'{{"candidates": [\n{text}\n]}}\n' for name, text in zip(names, texts, strict=True)
    }
