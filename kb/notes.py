"""Evidence notes: one short Markdown document about an entry, made of quotes, links and counts alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb import escape
from kb.redact import redact

if TYPE_CHECKING:
    import sqlite3

    from jinja2 import Environment

Row = dict[str, Any]

MAX_FORMS = 4
MAX_CLAIMS = 6
MAX_ANSWERS = 4
STANCES = ("confirmed", "supported", "suspected", "unverified", "refuted")
STANCE_TEXT = {
    "confirmed": "Confirmed",
    "supported": "Supported by somebody else",
    "suspected": "Suspected",
    "unverified": "Nobody has answered to this",
    "refuted": "Contradicted",
}
GRADE_TEXT = {
    "A": "Grade A: a fix is confirmed, with its source.",
    "B": "Grade B: a cause or fix is supported by somebody besides its author.",
    "C": "Grade C: causes or fixes are only suspected, or nobody has answered to them.",
    "D": "Grade D: no cause or fix was found in these threads.",
}
EVIDENCE_TEXT = {
    "confirms": "agrees",
    "contradicts": "contradicts",
    "closes": "closed the thread with it",
    "merged": "merged pull request",
    "released": "released",
    "still_seen": "still sees it",
}
ROLE_TEXT = {"maintainer": "a maintainer", "reporter": "the reporter", "user": "another user", "bot": "a bot"}


def _rows(connection: sqlite3.Connection, sql: str, *parameters: object) -> list[Row]:
    return [dict(row) for row in connection.execute(sql, parameters)]


def entry_row(connection: sqlite3.Connection, entry_id: str) -> Row | None:
    """An entry's row, None if there is none (aliases are not followed)."""
    rows = _rows(connection, "select * from entries where entry_id = ?", entry_id)
    return rows[0] if rows else None


def _forms(connection: sqlite3.Connection, entry_id: str) -> list[Row]:
    """The real forms of the error, commonest first, after redaction."""
    rows = _rows(connection, "select raw, repo, number from mentions where entry_id = ? order by repo, number, mention_id", entry_id)
    forms: dict[str, Row] = {}
    for row in rows:
        raw = _short(redact(row["raw"]))
        key = " ".join(raw.split())
        form = forms.setdefault(key, {"raw": raw, "count": 0, "keys": set()})
        form["count"] += 1
        form["keys"].add((row["repo"], row["number"]))
    for form in forms.values():
        form["threads"] = len(form.pop("keys"))
    return sorted(forms.values(), key=lambda f: (-f["threads"], -f["count"], len(f["raw"]), f["raw"]))


def _short(text: str, lines: int = 6, characters: int = 600) -> str:
    """The beginning of a long error text; what is left out is said."""
    kept = "\n".join(text.strip().split("\n")[:lines])[:characters].rstrip()
    return kept if kept == text.strip() else f"{kept}\n[...]"


def _places(connection: sqlite3.Connection, entry_id: str) -> list[Row]:
    return _rows(
        connection,
        "select repo, count(*) as threads, sum(state = 'open') as open, sum(state <> 'open') as closed,"
        " min(created_at) as first, max(created_at) as last"
        " from threads t where exists (select 1 from mentions m where m.entry_id = ? and m.repo = t.repo and m.number = t.number)"
        " group by repo order by threads desc, repo",
        entry_id,
    )


def _sources(connection: sqlite3.Connection, entry_id: str) -> list[Row]:
    rows = _rows(
        connection,
        "select repo, number, title, url, state, created_at from threads t"
        " where exists (select 1 from mentions m where m.entry_id = ? and m.repo = t.repo and m.number = t.number)"
        " order by created_at, repo, number",
        entry_id,
    )
    for row in rows:
        row["url"] = safe_url(row["url"])
        row["title"] = redact(row["title"])
    return rows


def safe_url(url: str) -> str:
    """A link that may stand in a document: `https`, no spaces, no brackets that end a Markdown link."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.netloc:
        return "https://github.com/"
    return url.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")


def _quote(row: Row, kind: str) -> Row:
    place = "comment" if row["comment_id"] is not None else ("title" if row["field"] == "title" else "thread")
    return {
        **row,
        "quote": redact(row["quote"]),
        "url": safe_url(row["url"]),
        "place": place,
        "role": ROLE_TEXT.get(kind, "another user"),
    }


def _evidence(connection: sqlite3.Connection, claim_id: str) -> list[Row]:
    rows = _rows(connection, "select * from evidence where claim_id = ? order by place", claim_id)
    out = []
    for row in rows:
        maintains = row["association"] in ("OWNER", "MEMBER", "COLLABORATOR")
        quote = _quote(row, "maintainer" if maintains else "user")
        quote["place_number"] = row["place"]
        quote["kind"] = row["role"]
        quote["role_text"] = f"{ROLE_TEXT['maintainer'] if maintains else 'somebody'} {EVIDENCE_TEXT.get(row['role'], 'answers')}"
        out.append(quote)
    return out


def _claims(connection: sqlite3.Connection, entry_id: str) -> list[Row]:
    """An entry's claims, one for each that several threads say alike, best first."""
    rows = _rows(connection, "select * from claims where entry_id = ?", entry_id)
    rows.sort(key=lambda r: (STANCES.index(r["stance"]), -r["confidence"], r["created_at"], r["claim_id"]))
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["says"] or row["claim_id"], []).append(row)
    claims = []
    for group in groups.values():
        best = _quote(group[0], group[0]["author_role"])
        best["stance_text"] = STANCE_TEXT[best["stance"]]
        evidence = _evidence(connection, best["claim_id"])
        best["code"] = [e for e in evidence if e["kind"] == "code"]
        best["answers"] = [e for e in evidence if e["kind"] != "code"][:MAX_ANSWERS]
        threads = {(r["repo"], r["number"]) for r in group}
        best["also"] = None
        if len(threads) > 1:
            people = {r["author"] for r in group if r["author"]}
            best["also"] = {"threads": len(threads), "repos": len({r["repo"] for r in group}), "people": len(people)}
        claims.append(best)
    return claims


def _unknown(entry: Row, claims: list[Row]) -> list[str]:
    """What the threads do not say, from counts alone."""
    lines = []
    good = [c for c in claims if c["stance"] != "refuted"]
    causes = [c for c in good if c["kind"] == "cause"]
    fixes = [c for c in good if c["kind"] != "cause"]
    if not causes:
        lines.append("No statement of a cause was found.")
    elif not any(c["stance"] == "confirmed" for c in causes):
        lines.append("No cause is confirmed.")
    if not fixes:
        lines.append("No fix or workaround was found.")
    elif not any(c["stance"] in ("confirmed", "supported") for c in fixes):
        lines.append("Nobody reports that a fix named here worked.")
    if entry["threads"] == 1:
        lines.append("It was seen in one thread only.")
    if not lines:
        lines.append("Whether it occurs outside of the repositories listed above.")
    return lines


def note_data(connection: sqlite3.Connection, entry: Row) -> Row:
    """What the template shows of an entry: counts, quotes with spans in the database, and their links."""
    entry_id = entry["entry_id"]
    forms, claims, sources = _forms(connection, entry_id), _claims(connection, entry_id), _sources(connection, entry_id)
    good = [c for c in claims if c["stance"] != "refuted"]
    dates = [c["created_at"] for c in claims] + [e["created_at"] or "" for c in claims for e in c["answers"]]
    tools = _rows(connection, "select distinct tool from mentions where entry_id = ? and tool is not null order by tool", entry_id)
    versions = _rows(
        connection, "select distinct version from mentions where entry_id = ? and version is not null order by version", entry_id
    )
    return {
        "entry": {**entry, "title": redact(entry["title"]), "signature": redact(entry["signature"])},
        "aliases": [row["old_id"] for row in _rows(connection, "select old_id from aliases where entry_id = ? order by old_id", entry_id)],
        "tools": [row["tool"] for row in tools],
        "versions": [row["version"] for row in versions],
        "updated": max([entry["last_seen"] or "", *dates]),
        "grade_text": GRADE_TEXT[entry["grade"]],
        "forms": forms[:MAX_FORMS],
        "more_forms": max(0, len(forms) - MAX_FORMS),
        "places": _places(connection, entry_id),
        "causes": [c for c in good if c["kind"] == "cause"][:MAX_CLAIMS],
        "fixes": [c for c in good if c["kind"] != "cause"][:MAX_CLAIMS],
        "refuted": [c for c in claims if c["stance"] == "refuted"][:MAX_CLAIMS],
        "unknown": _unknown(entry, claims),
        "sources": sources,
    }


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


@cache
def environment() -> Environment:
    """The templates with their filters; every text of an issue passes one of the escaping filters."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Markdown, not HTML: escaping is done by the filters below
    env = Environment(  # noqa: S701
        loader=PackageLoader("kb"), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    )
    env.filters |= {
        "inline": escape.inline,
        "blockquote": escape.blockquote,
        "fence": escape.fence,
        "yaml": escape.yaml_string,
        "yaml_or_null": lambda value: "null" if value is None else escape.yaml_string(str(value)),
        "day": lambda value: (value or "")[:10],
        "counted": _counted,
        "times": lambda number: _counted(number, "time"),
    }
    return env


def render_note(connection: sqlite3.Connection, entry: Row) -> str:
    """The evidence note of an entry as Markdown; the same database gives the same bytes."""
    text: str = environment().get_template("note.md.j2").render(note_data(connection, entry))
    lines = [line.rstrip() for line in text.split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept).rstrip("\n") + "\n"
