"""Checks exported documents against the database: every quote, every link, in notes, pages and
candidate records.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.notes.escape import shown
from kb.problem import Problem
from kb.redact import redact
from kb.text import clean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

_MARK = re.compile(
    r"(?:<!--|\{/\*)\s*(?P<kind>claim|evidence)\s+(?P<id>\S+?)(?:\s+(?P<place>\d+))?\s*(?:-->|\*/\})"
)
_LINK = re.compile(r"\[[^\]]{0,200}\]\((?P<url>https?://[^)\s]{1,2000})\)")
_FENCE = re.compile(
    r"^[ \t]*(?:(?:[-*+]|\d{1,3}[.)]) [ \t]*)?(?:`{3,}|~{3,})[^\n`]*$", re.MULTILINE
)
_IGNORED = re.compile(r"[\s`]+")
_SUFFIXES = (".md", ".mdx", ".markdown")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote in an exported document: its text as a reader sees it, the claim or evidence it
    names, and the link that follows.
    """

    line: int
    text: str
    claim_id: str
    place: int | None
    url: str | None


def quotes_in(document: str) -> list[Quoted]:
    """The quotes of an exported Markdown document: block quotes and code blocks followed by a
    comment `claim ID` or `evidence ID N`.

    The link is the first one between the mark and the next quote; a code block of evidence has
    none.
    """
    lines = document.split("\n")
    found = []
    code = _code_lines(lines)
    for number, line in enumerate(lines):
        mark = _MARK.fullmatch(line.strip())
        if mark is None or number in code:
            continue
        text = _rendered(_block_before(lines, number))
        place = int(mark["place"]) if mark["place"] is not None else None
        url = _link_before(lines, number) or _link_after(lines, number + 1)
        found.append(Quoted(number + 1, text, mark["id"], place, url))
    return found


def _code_lines(lines: list[str], *, quoted: bool = True) -> set[int]:
    """The lines of fenced code blocks, fences included: what looks like a mark or a quote there is
    what somebody wrote.

    `quoted`: those within block quotes too.
    """
    inside: set[int] = set()
    fence = ""
    counts = True
    for number, line in enumerate(lines):
        stripped = line.lstrip(" >")
        if fence:
            if counts:
                inside.add(number)
            fence = "" if stripped.rstrip() == fence else fence
        elif stripped.startswith(("```", "~~~")):
            fence = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
            counts = quoted or not line.lstrip().startswith(">")
            if counts:
                inside.add(number)
    return inside


def _link_before(lines: list[str], number: int) -> str | None:
    """The last link of the line that announces a quote (it ends with a colon), above the block that
    ends above a line.
    """
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
    indent = min(
        (len(line) - len(line.lstrip()) for line in lines[first : last + 1] if line.strip()),
        default=0,
    )
    return "\n".join(line[indent:] for line in lines[first : last + 1])


def _link_after(lines: list[str], start: int) -> str | None:
    for line in lines[start : start + 6]:
        if _MARK.search(line) or line.lstrip().startswith(("#", ">", "```", "~~~")):
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
            elif kind in ("Start", "End"):
                # what begins a block begins a line
                parts.append("\n")
            else:
                parts.append("\n" if kind in ("Start", "End") and not _is_inline(value) else "")
        else:
            parts.append("\n")
    return "".join(parts)


def _is_inline(tag: object) -> bool:
    return any(name in str(tag) for name in ("Strong", "Emphasis", "Link", "Strikethrough"))


def _bare(text: str) -> str:
    """Text as two renderings of it are compared: without white space, fences and marks of code."""
    return _IGNORED.sub("", _FENCE.sub("", text))


def verify_export(connection: sqlite3.Connection, folder: Path) -> list[Problem]:
    """Every quote and link of a folder of exported documents that does not match the database.
    Sorted by file and line.

    In Markdown a quote must name a claim or a piece of evidence, show its text (after redaction and
    cleaning) and link to its source; in candidate records a text in “quotation marks” before an
    address must be what is stored under that address.
    """
    problems: list[tuple[str, int, str]] = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _SUFFIXES and p.is_file()):
        name = path.relative_to(folder).as_posix()
        document = path.read_text(encoding="utf-8")
        problems += [
            (name, quoted.line, wrong)
            for quoted in quotes_in(document)
            for wrong in _wrong(connection, quoted)
        ]
        problems += [(name, line, "a quote names no claim") for line in _unmarked(document)]
    for path in sorted(folder.rglob("candidates*.json")):
        problems += [
            (path.relative_to(folder).as_posix(), number, what)
            for number, what in _candidates(connection, path)
        ]
    return [Problem(f"{name}:{line}", what) for name, line, what in sorted(problems)]


def _wrong(connection: sqlite3.Connection, quoted: Quoted) -> Iterator[str]:
    query = "select quote, url from claim where claim_id = ?"
    key: tuple[str | int, ...] = (quoted.claim_id,)
    if quoted.place is not None:
        query = "select quote, url from evidence where claim_id = ? and place = ?"
        key = (quoted.claim_id, quoted.place)
    row = connection.execute(query, key).fetchone()
    label = (
        f"claim {quoted.claim_id}"
        if quoted.place is None
        else f"evidence {quoted.claim_id}/{quoted.place}"
    )
    if row is None:
        yield f"{label} is not in the database"
        return
    stored = clean(redact(row[0]))
    if _bare(quoted.text) != _bare(stored):
        yield (
            f"the quote is not that of {label}: {quoted.text.strip()[:60]!r} against "
            f"{stored[:60]!r}"
        )
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
    code = _code_lines(lines, quoted=False)
    for number, line in enumerate(lines):
        if number in code:
            continue
        ends = line.lstrip().startswith(">") and not (
            number + 1 < len(lines) and lines[number + 1].lstrip().startswith(">")
        )
        if ends and not any(_MARK.search(after) for after in lines[number + 1 : number + 3]):
            yield number + 1


# ---------------------------------------------------------------- candidate records

_CITED = re.compile(r"” (?P<url>https?://[^\s”]{1,2000})")


def _candidates(connection: sqlite3.Connection, path: Path) -> Iterator[tuple[int, str]]:
    """Number of the record (from 1) and what is wrong with it."""
    try:
        records = json.loads(path.read_text(encoding="utf-8"))["candidates"]
    except (ValueError, KeyError, TypeError) as error:
        yield 0, f"is no file of candidate records ({error})"
        return
    for number, record in enumerate((r for r in records if isinstance(r, dict)), start=1):
        for url in record.get("source_urls", ()):
            if connection.execute("select 1 from thread where url = ?", (url,)).fetchone() is None:
                yield number, f"no stored thread has the address {url!r}"
        for text in record.values():
            if isinstance(text, str):
                yield from ((number, wrong) for wrong in _cited(connection, text))


def _cited(connection: sqlite3.Connection, text: str) -> Iterator[str]:
    for match in _CITED.finditer(text):
        url = match["url"].rstrip(".,;")
        rows = connection.execute(
            "select quote from claim where url = ? union select quote from evidence where url = ?",
            (url, url),
        )
        quotes = [shown(row[0]) for row in rows]
        before = text[: match.start()]
        if not any(_ends_with(before, quote) for quote in quotes):
            yield f"what stands before {url} is no stored quote of it: {before[-60:]!r}"


def _ends_with(text: str, quote: str) -> bool:
    """Whether a text ends with an opening quotation mark and this quote, whole or cut with an
    ellipsis.
    """
    at = text.rfind("“" + quote[:12])
    if at < 0:
        return False
    cited = text[at + 1 :]
    return cited == quote or (
        cited.endswith("…") and len(cited) > 12 and quote.startswith(cited[:-1])
    )
