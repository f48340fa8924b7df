"""The releases in which a project is said to have fixed an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.claims import Quote, Statement
    from kb.evidence import EntryEvidence

VERSION = re.compile(r"(?<![\w.])v?\d{1,4}\.\d{1,5}\.\d{1,6}(?!\w|\.\d)")

RELEASE = re.compile(
    r"(?i)\b(?:fixed|released|shipped|available|included|landed|out|solved|resolved|since|merged"
    r"|part of|upgrad\w*|updat\w*)\b.{0,60}?(?<![\w.])(v?\d{1,4}\.\d{1,5}(?:\.\d{1,6}){0,2}"
    r"(?:-[a-z]{1,8}[.\d]{0,6})?)(?![\w])"
)
_NOT_YET = re.compile(
    r"(?i)\b(?:will|would|should|going to|next|soon|planned|hope\w*|might|may|until|before|wait\w*"
    r"|not|never|n't|still|affected|happens|occurs|broke\w*|regress\w*|downgrad\w*)\b|n[’']t\b|\?"
)


_SHOULD_BE = re.compile(r"(?i)\bshould (?:now )?be (?=(?:fixed|resolved|solved)\b)")
"""Before a release that is named: a statement, if a careful one."""


@dataclass(frozen=True, slots=True)
class Release:
    """Words that name the release in which a project fixed it, of a statement or beside it. `sure`:
    a maintainer says so, or somebody for whom it works.
    """

    repo: str
    version: str
    quote: Quote
    statement: Statement
    sure: bool = True


def releases_of(known: EntryEvidence) -> list[Release]:
    """The releases that are said to hold a fix, one a project: of sure words before others the
    latest.
    """
    found: dict[str, Release] = {}
    for statement in known.statements:
        if statement.kind == "cause" or statement.stance == "refuted":
            continue
        for quote in (*statement.answers("released"), *statement.alike):
            match = RELEASE.search(quote.text)
            if match is None or _NOT_YET.search(_SHOULD_BE.sub("", quote.text)):
                continue
            borne_out = quote.stance in ("confirmed", "stated") and quote.role == "maintainer"
            sure = quote.kind == "released" or borne_out
            said = statement if quote.kind == "released" else statement.told_by(quote)
            release = Release(quote.repo, match[1].removeprefix("v"), quote, said, sure)
            former = found.get(quote.repo)
            if former is None or _weight(former) < _weight(release):
                found[quote.repo] = release
    return sorted(found.values(), key=lambda r: r.repo)


def _weight(release: Release) -> tuple[bool, str]:
    return release.sure, release.quote.created_at


def version_words(text: str) -> str:
    """What somebody entered for a version, without marks around it (`"lib>=2.1",`)."""
    words = " ".join(text.strip(" \"'`,;*").split())
    return re.sub(r" [-:=] ", " ", words).removeprefix("v")
