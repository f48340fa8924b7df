"""Checks that nothing is said without a source: every span against the stored text, every exported quote against the database."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.escape import shown

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

MAINTAINER_ROLES = {"maintainer": ("OWNER", "MEMBER", "COLLABORATOR")}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that does not match. `where`: `claim C1`, `mention 7`, `evidence C1/0`, or `file:line`; `what`: one line."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


# ---------------------------------------------------------------- the database

_TEXTS = {
    "title": "select title, url, author, association, null from thread where repo = ? and number = ?",
    "body": "select body, url, author, association, null from thread where repo = ? and number = ?",
}
_COMMENT = "select body, url, author, association, gone_at from comment where comment_id = ? and repo = ? and number = ?"


def verify_database(connection: sqlite3.Connection) -> list[Problem]:
    """Every claim, evidence and mention that does not match the stored text, and every relation that does not hold. Sorted."""
    found = [*_mentions(connection), *_claims(connection), *_evidence(connection), *_relations(connection)]
    return sorted(set(found))


def _dicts(connection: sqlite3.Connection, query: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _source(connection: sqlite3.Connection, row: dict[str, Any]) -> tuple[Any, ...] | None:
    """Text, address, author, association and time of removal of the place that a row quotes."""
    if row["comment_id"] is None:
        query = _TEXTS.get(row["field"])
        found = connection.execute(query, (row["repo"], row["number"])).fetchone() if query else None
    else:
        found = connection.execute(_COMMENT, (row["comment_id"], row["repo"], row["number"])).fetchone() if row["field"] == "body" else None
    return tuple(found) if found is not None else None


def _span(row: dict[str, Any], text: str, quote: str) -> str | None:
    """What is wrong with a span, or None."""
    start, end = row["start"], row["end"]
    if not 0 <= start < end <= len(text):
        return f"its span {start}-{end} is not within the stored text of {len(text)} characters"
    if text[start:end] != quote:
        return f"its quote is not the stored text from {start} to {end}: {quote[:60]!r} against {text[start:end][:60]!r}"
    return None


def _mentions(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in _dicts(connection, "select * from mention"):
        where = f"mention {row['mention_id']} ({row['repo']}#{row['number']})"
        source = _source(connection, row)
        if source is None:
            yield Problem(where, "the text it quotes is not stored")
        elif wrong := _span(row, source[0], row["raw"]):
            yield Problem(where, wrong)
        elif source[4] is not None:
            yield Problem(where, "the comment it quotes was deleted on GitHub")


def _claims(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in _dicts(connection, "select * from claim"):
        where = f"claim {row['claim_id']} ({row['repo']}#{row['number']})"
        source = _source(connection, row)
        if source is None:
            yield Problem(where, "the text it quotes is not stored")
            continue
        if wrong := _span(row, source[0], row["quote"]):
            yield Problem(where, wrong)
        if source[4] is not None:
            yield Problem(where, "the comment it quotes was deleted on GitHub")
        yield from _same(where, row, source)
        if row["author_role"] == "bot":
            yield Problem(where, "a bot is no source")
        if (row["author_role"] == "maintainer") != (row["association"] in MAINTAINER_ROLES["maintainer"]):
            yield Problem(where, f"its author is held for {row['author_role']!r} and has association {row['association']!r}")


def _same(where: str, row: dict[str, Any], source: tuple[Any, ...]) -> Iterator[Problem]:
    for name, stored in zip(("url", "author", "association"), source[1:4], strict=True):
        if row[name] != stored:
            yield Problem(where, f"its {name} is {row[name]!r}, the stored one is {stored!r}")


def _evidence(connection: sqlite3.Connection) -> Iterator[Problem]:
    query = (
        "select e.*, coalesce(e.repo, c.repo) as at_repo, coalesce(e.number, c.number) as at_number "
        "from evidence e left join claim c using (claim_id)"
    )
    for row in _dicts(connection, query):
        where = f"evidence {row['claim_id']}/{row['place']} ({row['role']})"
        row["repo"], row["number"] = row["at_repo"], row["at_number"]
        source = _source(connection, row)
        if source is None:
            yield Problem(where, "the text it quotes is not stored")
            continue
        if wrong := _span(row, source[0], row["quote"]):
            yield Problem(where, wrong)
        if source[4] is not None:
            yield Problem(where, "the comment it quotes was deleted on GitHub")
        if row["role"] == "merged":
            yield from _merge(connection, where, row)
        else:
            yield from _same(where, row, source)


def _merge(connection: sqlite3.Connection, where: str, row: dict[str, Any]) -> Iterator[Problem]:
    """A merged pull request: its address, and the time of the merge as stored with it or with an event that names it."""
    found = re.fullmatch(r"https://[^/\s]+/([^/\s]+/[^/\s]+)/pull/(\d+)", row["url"])
    if found is None:
        yield Problem(where, f"its address is no pull request's: {row['url'][:100]!r}")
        return
    key = (found.group(1), int(found.group(2)))
    times = {r[0] for r in connection.execute("select merged_at from thread where repo = ? and number = ?", key)}
    times |= {r[0] for r in connection.execute("select source_merged_at from event where source_repo = ? and source_number = ?", key)}
    if row["created_at"] is None or row["created_at"] not in times:
        yield Problem(where, f"no stored pull request {key[0]}#{key[1]} was merged at {row['created_at']}")


_RELATIONS = (
    "select 'thread ' || repo || '#' || number, 'has ' || count(*) || ' main errors'"
    " from mention where is_primary group by repo, number having count(*) > 1",
    "select 'claim ' || claim_id, 'speaks of an error that its thread does not mention' from claim c where about is not null"
    " and not exists (select 1 from mention m where m.repo = c.repo and m.number = c.number and m.fingerprint = c.about)",
    "select 'claim ' || claim_id, 'says the same as a claim that is not stored: ' || says from claim c where says is not null"
    " and not exists (select 1 from claim o where o.claim_id = c.says)",
    "select 'signature ' || fingerprint, 'belongs to an entry that is not stored: ' || entry_id from signature"
    " where entry_id is not null and entry_id not in (select entry_id from entry)",
    "select 'alias ' || old_id, 'leads to an entry that is not stored: ' || entry_id from alias"
    " where entry_id not in (select entry_id from entry)",
    "select 'alias ' || old_id, 'is an entry of its own' from alias where old_id in (select entry_id from entry)",
)


def _relations(connection: sqlite3.Connection) -> Iterator[Problem]:
    for query in _RELATIONS:
        for where, what in connection.execute(query):
            yield Problem(where, what)
    for row in connection.execute("pragma foreign_key_check"):
        yield Problem(f"table {row[0]}", f"row {row[1]} points to a row of {row[2]} that is not there")


# ---------------------------------------------------------------- an exported folder

_MARK = re.compile(r"(?:<!--|\{/\*)\s*(?P<kind>claim|evidence)\s+(?P<id>\S+?)(?:\s+(?P<place>\d+))?\s*(?:-->|\*/\})")
_LINK = re.compile(r"\[[^\]]{0,200}\]\((?P<url>https?://[^)\s]{1,2000})\)")
_IGNORED = re.compile(r"[\s`\u200b]+")
_SUFFIXES = (".md", ".mdx", ".markdown")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote in an exported document: its text as a reader sees it, the claim or evidence it names, and the link that follows."""

    line: int
    text: str
    claim_id: str
    place: int | None
    url: str | None


def quotes_in(document: str) -> list[Quoted]:
    """The quotes of an exported Markdown document: block quotes and code blocks followed by a comment `claim ID` or `evidence ID N`.

    The link is the first one between the mark and the next quote; a code block of evidence has none.
    """
    lines = document.split("\n")
    found = []
    for number, line in enumerate(lines):
        mark = _MARK.search(line)
        if mark is None:
            continue
        text = _rendered(_block_before(lines, number))
        place = int(mark["place"]) if mark["place"] is not None else None
        url = _link_before(lines, number) or _link_after(lines, number + 1)
        found.append(Quoted(number + 1, text, mark["id"], place, url))
    return found


def _link_before(lines: list[str], number: int) -> str | None:
    """The last link of the line that announces a quote (it ends with a colon), above the block that ends above a line."""
    at = number - 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    while at >= 0 and lines[at].strip():
        at -= 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    if at < 0 or not lines[at].rstrip().endswith(":"):
        return None
    links = list(_LINK.finditer(lines[at]))
    return html.unescape(links[-1]["url"]) if links else None


def _block_before(lines: list[str], number: int) -> str:
    """The Markdown of the block quote or code block that ends right above a line."""
    last = number - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0:
        return ""
    first = last
    if lines[last].lstrip().startswith(">"):
        while first > 0 and lines[first - 1].lstrip().startswith(">"):
            first -= 1
    else:
        fence = lines[last].strip()
        if (fence and set(fence) <= {"`"}) or set(fence) <= {"~"}:
            first -= 1
            while first > 0 and not lines[first].lstrip().startswith(fence):
                first -= 1
    indent = min((len(line) - len(line.lstrip()) for line in lines[first : last + 1] if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines[first : last + 1])


def _link_after(lines: list[str], start: int) -> str | None:
    for line in lines[start : start + 6]:
        if _MARK.search(line) or line.lstrip().startswith(("#", ">", "```")):
            return None
        # a line that ends with a colon announces the next quote
        if (link := _LINK.search(line)) and not line.rstrip().endswith(":"):
            return html.unescape(link["url"])
    return None


def _rendered(markdown: str) -> str:
    """The text of Markdown as a reader sees it."""
    import pyromark

    parts: list[str] = []
    for event in pyromark.events(markdown):
        if isinstance(event, dict):
            kind, value = next(iter(event.items()))
            if kind in ("Text", "Code", "Html", "InlineHtml") and isinstance(value, str):
                parts.append(value)
        else:
            parts.append(" ")
    return "".join(parts)


def _bare(text: str) -> str:
    """Text as two renderings of it are compared: without white space and code marks."""
    return _IGNORED.sub("", text).replace("~~~", "")


def verify_export(connection: sqlite3.Connection, folder: Path) -> list[Problem]:
    """Every quote and link of a folder of exported Markdown that does not match the database. Sorted by file and line.

    A quote must name a claim or a piece of evidence, show its text (after redaction and cleaning) and link to its source.
    """
    problems: list[tuple[str, int, str]] = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _SUFFIXES and p.is_file()):
        name = path.relative_to(folder).as_posix()
        document = path.read_text(encoding="utf-8")
        problems += [(name, quoted.line, wrong) for quoted in quotes_in(document) for wrong in _wrong(connection, quoted)]
        problems += [(name, line, "a quote names no claim") for line in _unmarked(document)]
    return [Problem(f"{name}:{line}", what) for name, line, what in sorted(problems)]


def _wrong(connection: sqlite3.Connection, quoted: Quoted) -> Iterator[str]:
    if quoted.place is None:
        query, key = "select quote, url from claim where claim_id = ?", (quoted.claim_id,)
    else:
        query, key = "select quote, url from evidence where claim_id = ? and place = ?", (quoted.claim_id, quoted.place)  # type: ignore[assignment]
    row = connection.execute(query, key).fetchone()
    label = f"claim {quoted.claim_id}" if quoted.place is None else f"evidence {quoted.claim_id}/{quoted.place}"
    if row is None:
        yield f"{label} is not in the database"
        return
    if _bare(quoted.text) != _bare(shown(row[0])):
        yield f"the quote is not that of {label}: {quoted.text.strip()[:60]!r} against {shown(row[0])[:60]!r}"
    if quoted.url is not None and _address(quoted.url) != _address(row[1]):
        yield f"the link is not that of {label}: {quoted.url[:100]!r} against {row[1][:100]!r}"
    if quoted.url is None and quoted.place is None:
        yield f"the quote of {label} has no link"


def _address(url: str) -> str:
    for code, character in (("%20", " "), ("%28", "("), ("%29", ")"), ("%3C", "<"), ("%3E", ">")):
        url = url.replace(code, character)
    return url


def _unmarked(document: str) -> Iterator[int]:
    """Lines at which a block quote ends that no mark follows."""
    lines = document.split("\n")
    for number, line in enumerate(lines):
        ends = line.lstrip().startswith(">") and not (number + 1 < len(lines) and lines[number + 1].lstrip().startswith(">"))
        if ends and not any(_MARK.search(after) for after in lines[number + 1 : number + 3]):
            yield number + 1
