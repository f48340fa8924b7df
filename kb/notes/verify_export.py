"""Checks exported documents against the database: every quote, every link, in notes, pages and
candidate records.
"""

from __future__ import annotations

import json
import os
import sqlite3
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from kb import lazy_re as re
from kb import sql
from kb.errors import BadInputError, Problem
from kb.markdown import Document
from kb.notes.descriptions import on_one_line
from kb.notes.folder import MANIFEST, read_manifest
from kb.notes.general import runs_of_sentences
from kb.notes.passages import Passage, passages_of, rendered
from kb.redact import redact
from kb.site.pages import SitePage, site_pages
from kb.text import clean, letters

_MARK = re.compile(r"(?:<!--|\{/\*) claim (\S{1,60}) (?:-->|\*/\})\Z")
_SOURCE = re.compile(
    r"\s*(?:A (?:likely )?maintainer|The reporter|A user|A bot|Somebody who speaks for the project)"
    r"(?:, as a guess,)? in\s*\Z"
)
_FENCE = re.compile(r"(?m)^[ \t]*(?:(?:[-*+]|\d{1,3}[.)]) [ \t]*)?(?:`{3,}|~{3,})[^\n`]*$")
_IGNORED = re.compile(r"[\s`*_]+")
_TEXTS = ("Text", "Code", "Html", "InlineHtml")
_KINDS = {"BlockQuote": "quote", "CodeBlock": "code", "HtmlBlock": "html"}
_KINDS |= dict.fromkeys(("Paragraph", "Item", "Heading"), "text")


@dataclass(slots=True)
class _Block:
    """A block of a document, its text as a reader sees it. `links`: line, address, and the start
    and end of the words in the text.
    """

    kind: str
    line: int
    text: str = ""
    links: list[tuple[int, str, int, int]] = field(default_factory=list)

    @property
    def is_source(self) -> bool:
        """Whether it says who wrote what is quoted above it, and links the post."""
        return bool(self.links) and _SOURCE.match(self.text[: self.links[0][2]]) is not None


def _blocks(page: SitePage) -> list[_Block]:
    """The blocks of a page below its front matter; those within a quote are part of it."""
    body = "".join(page.lines[page.body_line :])
    ends = [found.end() for found in re.finditer("\n", body)]
    first = page.body_line + 1
    found = [_Block("text", first)]
    quotes, link = 0, (0, "", 0)
    for what, name, value, start, _ in Document(body).events:
        if what in _TEXTS:
            found[-1].text += value
            continue
        line = first + bisect(ends, start)
        if what == "Start" and name in _KINDS and not quotes:
            found.append(_Block(_KINDS[name], line))
        if name == "BlockQuote":
            quotes += 1 if what == "Start" else -1
        block = found[-1]
        # what begins a block begins a line
        block.text += "\n" if name != "Link" else ""
        if name == "Link" and what == "Start":
            link = (line, value["dest_url"], len(block.text))
        elif name == "Link":
            block.links.append((*link, len(block.text)))
    return found


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote in an exported document: its text as a reader sees it, the claim that a comment
    names, the link beside it, and the blocks of code (or quotes that go on behind one) between the
    two.
    """

    line: int
    text: str
    claim_id: str | None
    url: str
    codes: tuple[str, ...] = ()


def quotes_in(document: str) -> list[Quoted]:
    """The quotes of an exported Markdown document: block quotes and blocks of code with the line
    beneath that says who wrote it and links the post; a comment `claim ID` may follow.
    """
    return _quotes(_blocks(SitePage(Path(), "", document)))[0]


def _quotes(blocks: list[_Block]) -> tuple[list[Quoted], list[int]]:
    """The quotes; and the lines of block quotes beneath which nothing says who wrote them, and of
    comments that name a claim elsewhere.
    """
    found: list[Quoted] = []
    alone: list[int] = []
    above: list[_Block] = []
    for number, block in enumerate([*blocks, _Block("text", 0)]):
        if block.kind in ("quote", "code"):
            above.append(block)
            continue
        if block.is_source:
            beneath = blocks[number + 1].text if number + 1 < len(blocks) else ""
            mark = _MARK.search(block.text.strip()) or _MARK.match(beneath.strip())
            text, *codes = [one.text for one in above] or [""]
            claim_id, url = mark[1] if mark else None, block.links[0][1]
            found.append(Quoted(block.line, text, claim_id, url, tuple(codes)))
        else:
            alone += [one.line for one in above if one.kind == "quote"]
        above = []
        names_a_claim = block.kind == "html" and _MARK.match(block.text.strip())
        if names_a_claim and not blocks[number - 1].is_source:
            alone.append(block.line)
    return found, alone


def verify_export(connection: sqlite3.Connection, folder: Path) -> list[Problem]:
    """Every quote and link of a folder of exported documents that does not match the database.
    Sorted by file and line.

    In Markdown a quote must name a claim or be one of the post that it links, and show its text
    (after redaction and cleaning); in candidate records a text in “quotation marks” before an
    address must be what is stored under that address. What a manifest names has to be there.
    """
    problems = [*_missing(folder)]
    said = _Said(connection)
    for page in site_pages(folder):
        blocks = _blocks(page)
        quotes, alone = _quotes(blocks)
        wrong = [(1, page.problem)] if page.problem else []
        wrong += [(quoted.line, what) for quoted in quotes for what in _wrong(said, quoted)]
        wrong += [(line, "a quote names no source") for line in alone]
        wrong += _wrong_labels(said, blocks)
        problems += [(page.name, line, what) for line, what in wrong]
    for path in folder.rglob("candidates*.json"):
        name = path.relative_to(folder).as_posix()
        problems += [(name, number, what) for number, what in _candidates(said, path)]
    return [Problem(f"{name}:{line}", what) for name, line, what in sorted(problems)]


def outdated(folder: Path, problems: Iterable[Problem]) -> list[str]:
    """The documents with problems that are as an export wrote them: what they are made of has
    changed since.
    """
    names = sorted({problem.where.rpartition(":")[0] for problem in problems})
    return [name for name in names if _is_as_written(folder / name)]


def _is_as_written(path: Path) -> bool:
    try:
        return read_manifest(path.parent).wrote(path.name, path.read_bytes())
    # it is missing, has a name that no file has, or its manifest cannot be read
    except (OSError, ValueError, BadInputError):
        return False


def _missing(folder: Path) -> Iterator[tuple[str, int, str]]:
    """The documents that the manifests under a folder name and that are not there; and the
    manifests that cannot be read.
    """
    for path in folder.rglob(MANIFEST):
        place = path.relative_to(folder)
        try:
            named = read_manifest(path.parent).files
        except BadInputError as error:
            yield place.as_posix(), 1, str(error).removeprefix(f"{path}: ")
            continue
        for name in named:
            # a name that has no such form, or none at all, was put into the manifest by somebody
            if name and Path(name).name == name and not os.path.isfile(path.with_name(name)):
                remedy = "'faultlore export' into its folder writes it again"
                yield place.with_name(name).as_posix(), 0, f"was exported and is missing; {remedy}"


class _Said:
    """What is stored by address, read once: neither table has an index by it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.urls: dict[str, str] = {}
        """Claim to the address of its post."""
        self.claims: dict[str, list[str]] = defaultdict(list)
        """Address of a post to its claims."""
        self._evidence: dict[str, set[str]] = defaultdict(set)
        self._threads: dict[str, tuple[str, int]] = {}
        for row in sql.ask(connection, "claims.urls"):
            self.urls[row["claim_id"]] = url = unquote(row["url"])
            self.claims[url].append(row["claim_id"])
        for row in sql.ask(connection, "claims.urls_of_evidence"):
            self._evidence[unquote(row["url"])].add(row["quote"])
        for row in sql.ask(connection, "threads.titles"):
            self._evidence[url := unquote(row["url"])].add(row["title"])
            self._threads[url] = row["repo"], row["number"]

    def at(self, url: str) -> Iterator[str]:
        """The quotes of claims and evidence, what is shown of the claims, a thread's title, the
        post itself.
        """
        for claim_id in self.claims.get(unquote(url), ()):
            yield from self.texts(claim_id)
            yield from (clean(on_one_line(passage)) for passage in self._passages(claim_id))
        yield from (clean(redact(quote)) for quote in sorted(self._evidence.get(unquote(url), ())))
        yield from (clean(redact(rendered(body))) for body in self._bodies(unquote(url)))

    def _bodies(self, url: str) -> list[str]:
        """The text of a thread's report or of a comment."""
        thread = self._threads.get(url.partition("#")[0])
        if thread is None:
            return []
        if "#" not in url:
            return [sql.value(self.db, "threads.body", *thread) or ""]
        posts = sql.ask(self.db, "threads.comments", *thread)
        return [post["body"] for post in posts if unquote(post["url"]) == url]

    def texts(self, claim_id: str) -> list[str]:
        """What may be shown of a claim: its quote, and sentences of the passages around it."""
        quote = clean(redact(sql.first(self.db, "claims.one", claim_id)["quote"]))
        texts = (passage.text for passage in self._passages(claim_id))
        return [quote, *(clean(run) for text in texts for run in runs_of_sentences(text))]

    def _passages(self, claim_id: str) -> list[Passage]:
        """A claim's passage, or a longer one of its post that holds it."""
        found = passages_of(self.db, self.claims[self.urls[claim_id]])
        own, _ = found.pop(claim_id)
        quote, others = letters(own.text), (passage for passage, _ in found.values())
        return [own, *(p for p in others if quote in letters(f"{p.text}{p.block}"))]

    def codes(self, claim_id: str) -> set[str]:
        """The blocks of code that may stand beside a claim, `_bare`."""
        blocks = [text for p in self._passages(claim_id) for text in (p.block, p.rest)]
        quotes = (redact(row[0]) for row in sql.ask(self.db, "claims.codes", claim_id))
        return {_bare(clean(text)) for text in (*blocks, *quotes)}


def _bare(text: str) -> str:
    """Text as two renderings of it are compared: without white space, fences and marks of code."""
    return _IGNORED.sub("", _FENCE.sub("", text))


def _wrong(said: _Said, quoted: Quoted) -> Iterator[str]:
    """What is wrong with a quote: it must be of the claim that it names, else of one of the post
    that it links.
    """
    name, url = quoted.claim_id, unquote(quoted.url)
    if name is not None and name not in said.urls:
        yield f"claim {name} is not in the database"
        return
    if name is not None and said.urls[name] != url:
        both = f"{url[:100]!r} against {said.urls[name][:100]!r}"
        yield f"the link is not that of claim {name}: {both}"
    ids = said.claims.get(url, ()) if name is None else [name]
    codes = {i: said.codes(i) for i in ids}
    # words that only announce a block of code are left out
    fitting = [i for i in ids if _bare(quoted.text) in {*map(_bare, said.texts(i)), *codes[i]}]
    if not fitting:
        whose = f"a claim of {url}" if name is None else f"that of claim {name}"
        yield f"the quote is not {whose}: {quoted.text.strip()[:60]!r}"
    # two claims may show the same words, and the code belong to one of them
    wrong = [[code for code in quoted.codes if _bare(code) not in codes[i]] for i in fitting]
    for code in min(wrong, key=len, default=[]):
        yield f"the code is not that of claim {fitting[0]}: {code.strip()[:60]!r}"


def _wrong_labels(said: _Said, blocks: list[_Block]) -> Iterator[tuple[int, str]]:
    """The texts of links in quotation marks that are no words of the post that they link."""
    for block in blocks:
        for line, url, start, end in block.links:
            words = block.text[start:end].strip()
            if words.startswith("“") and words.endswith("”"):
                shown = letters(words[1:-1].removesuffix("…"))
                if not any(shown in letters(text) for text in said.at(url)):
                    yield line, f"the words of the link are not those of {url[:100]}"


# ---------------------------------------------------------------- candidate records

_CITED = re.compile(r"” (?P<url>https?://[^\s”]{1,2000})")


def _candidates(said: _Said, path: Path) -> Iterator[tuple[int, str]]:
    """Number of the record (from 1) and what is wrong with it."""
    try:
        records = json.loads(path.read_text(encoding="utf-8"))["candidates"]
    except (ValueError, KeyError, TypeError) as error:
        yield 0, f"is no file of candidate records ({error})"
        return
    records = [record for record in records if isinstance(record, dict)]
    named = json.dumps([url for record in records for url in record.get("source_urls", ())])
    stored = set(sql.column(said.db, "threads.at_urls", named))
    for number, record in enumerate(records, start=1):
        for url in record.get("source_urls", ()):
            if url not in stored:
                yield number, f"no stored thread has the address {url!r}"
        for text in record.values():
            if isinstance(text, str):
                yield from ((number, wrong) for wrong in _cited(said, text))


def _cited(said: _Said, text: str) -> Iterator[str]:
    for match in _CITED.finditer(text):
        url = match["url"].rstrip(".,;")
        before = text[: match.start()]
        if not any(_ends_with(before, " ".join(quote.split())) for quote in said.at(url)):
            yield f"what stands before {url} is no stored quote of it: {before[-60:]!r}"


def _ends_with(text: str, quote: str) -> bool:
    """Whether a text ends with an opening quotation mark and this quote, whole or cut with an
    ellipsis.
    """
    _, opened, rest = text.rpartition("“" + quote[:12])
    cited = quote[:12] + rest
    cut = cited.endswith("…") and len(cited) > 12 and quote.startswith(cited[:-1])
    return bool(opened) and (cited == quote or cut)
