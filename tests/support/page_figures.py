"""Counts over a folder of pages: what two pages say alike, how many quotes and sources a page has,
what carries a link.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pyromark

from kb.verify import quotes_in

_END = re.compile(r"(?<=[.!?])[”\"')]*\s+")
_BLOCKS = ("Paragraph", "Item", "TableCell", "TableHead", "TableRow", "BlockQuote")


@dataclass(frozen=True)
class Figures:
    pages: int
    two_sources: int
    quotes: int
    sentences: int
    repeated: int
    statements: int
    linked: int

    def __str__(self) -> str:
        per = self.quotes / self.pages if self.pages else 0.0
        return (
            f"{self.pages} pages, {self.two_sources} with at least two sources, {per:.1f} "
            f"quotes a page; "
            f"{self.repeated} of {self.sentences} quoted sentences stand on more than one page; "
            f"{self.linked} of {self.statements} statements about cause or fix carry a link"
        )


def body_of(document: str) -> str:
    return document.split("\n---\n", 1)[1] if document.startswith("---\n") else document


def sentences_of(document: str) -> set[str]:
    """The sentences that a page quotes, as a reader sees them; headings, code and tables are none.
    The program's own sentences state no cause and no fix and may stand on many pages.
    """
    out: set[str] = set()
    text: list[str] = []
    skip = quoted = 0
    for event in pyromark.events(body_of(document), options=pyromark.Options.ENABLE_TABLES):
        if isinstance(event, dict):
            kind, value = next(iter(event.items()))
            name = value if isinstance(value, str) else next(iter(value), "")
            if kind == "Start" and name in ("Heading", "CodeBlock", "Table", "HtmlBlock"):
                skip += 1
            elif kind == "End" and name in ("Heading", "CodeBlock", "Table", "HtmlBlock"):
                skip -= 1
            elif name == "BlockQuote":
                out |= _split("".join(text))
                text = []
                quoted += 1 if kind == "Start" else -1
            elif kind in ("Text", "Code") and quoted and not skip:
                text.append(value)
            elif kind == "End" and name in _BLOCKS:
                out |= _split("".join(text))
                text = []
        elif event in ("SoftBreak", "HardBreak"):
            text.append(" ")
    return out | _split("".join(text))


def _split(text: str) -> set[str]:
    found = (" ".join(s.split()).lower() for s in _END.split(text))
    return {s for s in found if len(re.findall(r"\w+", s)) >= 3}


def figures(folder: Path) -> Figures:
    pages = sorted(p for p in folder.iterdir() if p.suffix in (".md", ".mdx"))
    where: dict[str, int] = defaultdict(int)
    quotes = two = statements = linked = 0
    for path in pages:
        document = path.read_text(encoding="utf-8")
        for sentence in sentences_of(document):
            where[sentence] += 1
        found = quotes_in(document)
        quotes += len(found)
        statements += len(found)
        linked += sum(bool(q.url) for q in found)
        front = document.split("\n---\n", 1)[0]
        stated = re.findall(
            r"(?m)^(?:  - \"(?:Confirmed|Supported|Suspected|Unverified)|quick_fix: \").*$", front
        )
        statements += len(stated)
        linked += sum("https://" in line for line in stated)
        sources = set(re.findall(r"\]\((https://[^)#\s]+)", body_of(document)))
        two += len(sources) >= 2
    return Figures(
        len(pages), two, quotes, len(where), sum(n > 1 for n in where.values()), statements, linked
    )


def repeated(folder: Path) -> dict[str, list[str]]:
    where: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("*.md*")):
        for sentence in sentences_of(path.read_text(encoding="utf-8")):
            where[sentence].append(path.name)
    return {s: names for s, names in where.items() if len(names) > 1}
