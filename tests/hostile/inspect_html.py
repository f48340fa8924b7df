"""Reads the HTML that a site generator made of a page and says what in it is more than text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

TAGS = frozenset(
    {
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "details",
        "summary",
        "main",
        "html",
        "head",
        "body",
        "title",
        "span",
        "strong",
        "div",
    }
)
ATTRIBUTES = frozenset({"id", "class", "tabindex", "start", "style"})
MARKER = re.compile(r"\s*(?:claim|evidence) \S+(?: \d+)?\s*|\s*raw HTML omitted\s*")
LINK = re.compile(r"(?:https://github\.com/|#|[\w./-]+(?:\.mdx?|/)?(?:#.*)?$)")


class Inspector(HTMLParser):
    """Collects `problems` and the `text` of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.words: list[str] = []
        self.data: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and attrs == [("type", "application/ld+json")]:
            self.data = ""
            return
        if tag not in TAGS:
            self.problems.append(f"tag {tag} {attrs}")
        for name, value in attrs:
            if name == "href":
                if not LINK.match(value or ""):
                    self.problems.append(f"link {value}")
            elif name == "style":
                if not re.fullmatch(r"text-align: ?\w+;?", value or ""):
                    self.problems.append(f"style {value}")
            elif name not in ATTRIBUTES and not name.startswith("data-"):
                self.problems.append(f"attribute {name} of {tag}")
        self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self.data is not None:
            try:
                json.loads(self.data)
            except ValueError as error:
                self.problems.append(f"structured data: {error}")
            self.data = None
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.data is not None:
            self.data += data
            return
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        if not MARKER.fullmatch(data):
            self.problems.append(f"comment {data[:80]}")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.problems.append(f"declaration {decl[:80]}")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"instruction {data[:80]}")

    def unknown_decl(self, data: str) -> None:
        self.problems.append(f"declaration {data[:80]}")


def inspect(html: str) -> tuple[list[str], str]:
    """What is more than text, and the text."""
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.problems, "".join(inspector.words)
