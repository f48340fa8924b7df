"""Checks exported documents against the database: every quote, every link, in notes, pages and
candidate records.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb import sql
from kb.errors import Problem
from kb.notes.escape import shown
from kb.notes.passages import passages_of, rest_of
from kb.redact import redact
from kb.text import clean, letters

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from kb.notes.passages import Passage

_MARK = re.compile(
    r"(?:<!--|\{/\*)\s*(?P<kind>claim|evidence)\s+(?P<id>\S+?)(?:\s+(?P<place>\d+))?\s*(?:-->|\*/\})"
)
_LINK = re.compile(r"\[[^\]]{0,200}\]\((?P<url>https?://[^)\s]{1,2000})\)")
_FENCE = re.compile(
    r"^[ \t]*(?:(?:[-*+]|\d{1,3}[.)]) [ \t]*)?(?:`{3,}|~{3,})[^\n`]*$", re.MULTILINE
)
_SOURCE = re.compile(r"\s*(?:A maintainer|The reporter|A user|A bot)(?:, as a guess,)? in \[")
_LABEL = re.compile(r"\[“(?P<text>[^\n]{1,400}?)”\]\((?P<url>https?://[^)\s]{1,2000})\)")
_ITEM = re.compile(r"\A(?:-   |\d{1,2}\. {1,2})(?=\S)")
_IGNORED = re.compile(r"[\s`*_]+")
_SUFFIXES = (".md", ".mdx", ".markdown")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote in an exported document: its text as a reader sees it, the claim or evidence it
    names (None: it has no mark), and the link beside it.
    """

    line: int
    text: str
    claim_id: str | None
    place: int | None
    url: str | None
    codes: tuple[str, ...] = ()


def quotes_in(document: str) -> list[Quoted]:
    """The quotes of an exported Markdown document: block quotes and code blocks with the line
    beneath that says who wrote it and links the post, and a comment `claim ID` or `evidence ID N`
    that may follow.

    `codes`: blocks of code between a quote and that line.
    """
    lines = document.split("\n")
    code = _code_lines(lines)
    found = []
    for number, line in enumerate(lines):
        if number in code:
            continue
        if mark := _MARK.fullmatch(line.strip()):
            found.append(_marked(lines, number, mark))
        # a mark in the next line names the claim
        elif _SOURCE.match(line) and not _MARK.fullmatch(_line(lines, number + 1).strip()):
            found.append(_sourced(lines, number))
    return found


def _line(lines: list[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def _marked(lines: list[str], number: int, mark: re.Match[str]) -> Quoted:
    """The quote that a mark in this line names."""
    place = int(mark["place"]) if mark["place"] is not None else None
    if number and _SOURCE.match(lines[number - 1]):
        sourced = _sourced(lines, number - 1)
        return replace(sourced, line=number + 1, claim_id=mark["id"], place=place)
    text = _rendered(_block(lines, number)[1])
    url = _link_before(lines, number) or _link_after(lines, number + 1)
    return Quoted(number + 1, text, mark["id"], place, url)


def _sourced(lines: list[str], number: int) -> Quoted:
    """The quote above the line that says who wrote it and links the post, with the blocks of code
    between the two.
    """
    parts: list[str] = []
    first, block = _block(lines, number)
    while block:
        parts.insert(0, _rendered(block))
        if block.lstrip().startswith(">") or len(parts) > 2:
            break
        first, block = _block(lines, first)
    link = _LINK.search(lines[number])
    url = html.unescape(link["url"]) if link else None
    return Quoted(number + 1, parts[0] if parts else "", None, None, url, tuple(parts[1:]))


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


def _block(lines: list[str], number: int) -> tuple[int, str]:
    """First line and Markdown of the block quote or code block that ends right above a line; no
    text where another kind of block does.
    """
    plain = [_ITEM.sub(lambda m: " " * len(m[0]), line, count=1) for line in lines[:number]]
    last = number - 1
    while last >= 0 and not plain[last].strip():
        last -= 1
    if last < 0:
        return 0, ""
    first = last
    fence = plain[last].strip()
    if plain[last].lstrip().startswith(">"):
        while first > 0 and plain[first - 1].lstrip().startswith(">") and not _begins(lines, first):
            first -= 1
    elif fence and (set(fence) <= {"`"} or set(fence) <= {"~"}):
        first -= 1
        while first > 0 and not plain[first].lstrip().startswith(fence):
            first -= 1
    elif plain[last].startswith("        "):
        while first > 0 and (
            plain[first - 1].startswith("        ") or not plain[first - 1].strip()
        ):
            if _begins(lines, first):
                break
            first -= 1
    else:
        return number, ""
    block = plain[first : last + 1]
    indent = min((len(x) - len(x.lstrip()) for x in block if x.strip()), default=0)
    return first, "\n".join(line[indent:] for line in block)


def _begins(lines: list[str], number: int) -> bool:
    """Whether a list item begins in this line."""
    return _ITEM.match(lines[number]) is not None


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
        # a name, or a name with a value; what begins a block begins a line
        kind, value = next(iter(event.items())) if isinstance(event, dict) else ("Start", None)
        if kind in ("Text", "Code", "Html", "InlineHtml") and isinstance(value, str):
            parts.append(value)
        elif kind in ("Start", "End"):
            parts.append("\n")
    return "".join(parts)


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
    said = _Said(connection)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _SUFFIXES and p.is_file()):
        name = path.relative_to(folder).as_posix()
        document = path.read_text(encoding="utf-8")
        problems += [
            (name, quoted.line, wrong)
            for quoted in quotes_in(document)
            for wrong in _wrong(said, quoted)
        ]
        problems += [(name, line, "a quote names no claim") for line in _unmarked(document)]
        problems += [(name, line, wrong) for line, wrong in _wrong_labels(said, document)]
    for path in sorted(folder.rglob("candidates*.json")):
        problems += [
            (path.relative_to(folder).as_posix(), number, what)
            for number, what in _candidates(connection, path)
        ]
    return [Problem(f"{name}:{line}", what) for name, line, what in sorted(problems)]


def _wrong(said: _Said, quoted: Quoted) -> Iterator[str]:
    if quoted.claim_id is None:
        yield from _unmarked_wrong(said, quoted)
        return
    label = (
        f"claim {quoted.claim_id}"
        if quoted.place is None
        else f"evidence {quoted.claim_id}/{quoted.place}"
    )
    row, texts = _stored(said, quoted.claim_id, quoted.place)
    if row is None:
        yield f"{label} is not in the database"
        return
    if _bare(quoted.text) not in {_bare(text) for text in texts}:
        yield (
            f"the quote is not that of {label}: {quoted.text.strip()[:60]!r}"
            f" against {texts[-1][:60]!r}"
        )
    yield from _wrong_codes(said, quoted.codes, quoted.claim_id)
    if quoted.url is not None and _address(quoted.url) != _address(row["url"]):
        yield f"the link is not that of {label}: {quoted.url[:100]!r} against {row['url'][:100]!r}"
    if quoted.url is None and quoted.place is None:
        yield f"the quote of {label} has no link"


def _stored(said: _Said, claim_id: str, place: int | None) -> tuple[sqlite3.Row | None, list[str]]:
    """A claim's or evidence's row, and the texts that may be shown of it."""
    if place is not None:
        row = sql.first(said.db, "claims.one_evidence", claim_id, place)
        return row, [clean(redact(row["quote"]))] if row else []
    row = sql.first(said.db, "claims.one", claim_id)
    if row is None:
        return None, []
    quote = clean(redact(row["quote"]))
    found = _passages(said, claim_id, row["url"])
    return row, [quote, *(clean(passage.text) for passage in found)]


def _passages(said: _Said, claim_id: str, url: str) -> list[Passage]:
    """What may be shown of a claim: its passage, a longer one of its post that holds it, or what is
    left of it beside another one.
    """
    ids = said.claims_at(url)
    found = {i: passage for i, (passage, _) in passages_of(said.db, [claim_id, *ids]).items()}
    quote = letters(found[claim_id].text)
    own = found.pop(claim_id)
    others = [p for p in found.values() if quote in letters(f"{p.text}{p.block}")]
    rests = (rest_of(own.text, p.text) for p in found.values())
    return [own, *others, *(replace(own, text=rest) for rest in rests if rest)]


def _wrong_codes(said: _Said, codes: tuple[str, ...], claim_id: str) -> Iterator[str]:
    """Blocks of code beside a quote that are no evidence of its claim."""
    if not codes:
        return
    rows = sql.ask(said.db, "claims.codes", claim_id)
    row = sql.first(said.db, "claims.url", claim_id)
    blocks = [passage.block for passage in _passages(said, claim_id, row["url"])]
    stored = {_bare(clean(text)) for text in (*blocks, *(redact(r[0]) for r in rows))}
    for code in codes:
        if _bare(code) not in stored:
            yield f"the code is not that of claim {claim_id}: {code.strip()[:60]!r}"


def _unmarked_wrong(said: _Said, quoted: Quoted) -> Iterator[str]:
    """A quote without a mark must be one of the claims of the post that is linked."""
    ids = said.claims_at(quoted.url)
    texts = {i: {_bare(t) for t in _stored(said, i, None)[1]} for i in ids}
    fitting = [i for i, found in texts.items() if _bare(quoted.text) in found]
    if not fitting:
        yield f"what is quoted is no claim of {quoted.url}: {quoted.text.strip()[:60]!r}"
        return
    # two claims may show the same words, and the code belong to one of them
    wrong = [list(_wrong_codes(said, quoted.codes, i)) for i in fitting]
    yield from min(wrong, key=len)


class _Said:
    """What is stored by address, read once: neither table has an index by it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._claims: dict[str, list[str]] = {}
        self._evidence: dict[str, set[str]] = {}
        for row in sql.ask(connection, "claims.urls"):
            self._claims.setdefault(row["url"], []).append(row["claim_id"])
        for row in sql.ask(connection, "claims.urls_of_evidence"):
            self._evidence.setdefault(row["url"], set()).add(row["quote"])

    def claims_at(self, url: str | None) -> list[str]:
        """The ids of the claims of a post."""
        return self._claims.get(_address(url or ""), [])

    def at(self, url: str) -> Iterator[str]:
        """The quotes of claims and evidence, and what is shown of the claims."""
        for claim_id in self.claims_at(url):
            yield from _stored(self, claim_id, None)[1]
        yield from (clean(redact(quote)) for quote in sorted(self._evidence.get(url, ())))


def _wrong_labels(said: _Said, document: str) -> Iterator[tuple[int, str]]:
    """The texts of links in quotation marks that are no words of the post that they link."""
    lines = document.split("\n")
    code = _code_lines(lines)
    for number, line in enumerate(lines):
        if number in code:
            continue
        for match in _LABEL.finditer(line):
            url = _address(html.unescape(match["url"]))
            words = letters(_rendered(match["text"]).strip().removesuffix("…"))
            if not any(words in letters(text) for text in said.at(url)):
                yield number + 1, f"the words of the link are not those of {url[:100]}"


def _address(url: str) -> str:
    for code, character in (("%20", " "), ("%28", "("), ("%29", ")"), ("%3C", "<"), ("%3E", ">")):
        url = url.replace(code, character)
    return url


def _unmarked(document: str) -> Iterator[int]:
    """Lines at which a block quote ends that neither a mark nor a source follows."""
    lines = document.split("\n")
    code = _code_lines(lines, quoted=False)
    for number, line in enumerate(lines):
        if number in code or not _ITEM.sub("", line.lstrip()).startswith(">"):
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if following.lstrip().startswith(">"):
            continue
        after = lines[number + 1 : number + 3]
        if not any(_MARK.search(x) or _SOURCE.match(x) for x in after) and not _code_follows(
            lines, number + 1
        ):
            yield number + 1


def _code_follows(lines: list[str], at: int) -> bool:
    """Whether blocks of code stand here, and a source after them."""
    for _ in range(3):
        while at < len(lines) and not lines[at].strip():
            at += 1
        if at >= len(lines):
            return False
        if _SOURCE.match(lines[at]):
            return True
        fence = lines[at].strip()
        if fence.startswith(("```", "~~~")):
            sign = fence[: len(fence) - len(fence.lstrip(fence[0]))]
            at += 1
            while at < len(lines) and lines[at].strip() != sign:
                at += 1
        elif not lines[at].startswith("        "):
            return False
        at += 1
    return False


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
            if sql.first(connection, "threads.at_url", url) is None:
                yield number, f"no stored thread has the address {url!r}"
        for text in record.values():
            if isinstance(text, str):
                yield from ((number, wrong) for wrong in _cited(connection, text))


def _cited(connection: sqlite3.Connection, text: str) -> Iterator[str]:
    for match in _CITED.finditer(text):
        url = match["url"].rstrip(".,;")
        rows = sql.ask(connection, "claims.quotes_at_url", url, url)
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
