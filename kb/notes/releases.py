"""The releases in which a project is said to have fixed an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kb import lazy_re as re
from kb.notes import remedies
from kb.tables import load_patterns
from kb.text import letters

if TYPE_CHECKING:
    from kb.claims import Quote, Statement
    from kb.evidence import EntryEvidence, ThreadRef

VERSION = re.compile(r"(?<![\w.])v?\d{1,4}\.\d{1,5}\.\d{1,6}(?!\w|\.\d)")

_P = load_patterns("said.toml")
_FLAGS = re.IGNORECASE | re.VERBOSE
RELEASE = re.compile(_P["release"], _FLAGS)
_NOT_YET = re.compile(_P["not_yet"], _FLAGS)
MEANWHILE = re.compile(_P["meanwhile"], _FLAGS)
"""Words whose author is at work on what comes after it."""


_SHOULD_BE = re.compile(
    r"(?i)\b(?:should (?:now )?be|(?:supposed|meant) to (?:be|have been))"
    r" (?=(?:fixed|resolved|solved)\b)"
)
"""Before a release that is named: a statement, if a careful one."""
_ONLY_A_RELEASE = re.compile(r"(?i)(?:released|shipped)\s+(?:(?:an?|the|our|new|version)\s+)*v?\d")
"""A release is told of, not what it holds."""


class Release(NamedTuple):
    """Words that name the release in which a project fixed it, of a statement (None: of a fix that
    is not shown) or beside it. `sure`: a maintainer says so, or somebody for whom it works, and
    nobody reports the error again with that release or a later one, which is `seen`, or in a later
    thread of the project, `again`; `fails`: that release or a later one, which its thread names as
    the one that fails.
    """

    repo: str
    version: str
    quote: Quote
    statement: Statement | None
    sure: bool = True
    seen: Quote | None = None
    again: ThreadRef | None = None
    fails: str = ""


def releases_of(
    known: EntryEvidence,
    named: Sequence[Quote] = (),
    failing: Mapping[tuple[str, int], str] | None = None,
) -> list[Release]:
    """The releases that are said to hold a fix, one a project: of sure words before others the
    latest. `named`: fixes in words that cannot be quoted, which may name one; `failing`: the
    versions that threads saw the error with.
    """
    found: dict[str, Release] = {}
    for quote, statement in _said(known, named):
        match = RELEASE.search(quote.text)
        told = _SHOULD_BE.sub("", quote.text)
        if match is None or _NOT_YET.search(told) or MEANWHILE.search(told):
            continue
        if not _of_project(match, quote) or (
            _ONLY_A_RELEASE.match(match[0]) and "fix" not in quote.text.lower()
        ):
            continue
        careful = quote.stance == "stated" and _SHOULD_BE.search(quote.text)
        official = quote.stance in ("confirmed", "stated") and quote.role == "maintainer"
        borne_out = official and not careful
        borne_out = borne_out or (statement is not None and _is_confirmed(statement, quote))
        again = statement.answers("still_seen") if statement else []
        later = reported_after(known, quote)
        again = [q for q in again if q.repo == quote.repo]
        seen = again[-1] if again and again[-1].created_at >= quote.created_at else None
        sure = statement is not None and (quote.kind == "released" or borne_out)
        version = match[1].removeprefix("v")
        fails = as_late((failing or {}).get((quote.repo, quote.number), ""), version)
        sure = sure and seen is None and later is None and not fails
        release = Release(quote.repo, version, quote, statement, sure, seen, later, fails)
        former = found.get(quote.repo)
        if former is None or _weight(former) < _weight(release):
            found[quote.repo] = release
    return sorted(found.values(), key=lambda r: r.repo)


def as_late(seen: str, version: str) -> str:
    """The version in the words of who saw an error, if it is not before another one."""
    found = VERSION.search(seen)
    own = found[0].removeprefix("v") if found else ""
    mine, other = ([int(n) for n in re.findall(r"\d+", v)[:3]] for v in (own, version))
    return own if mine >= other else ""


def _is_confirmed(said: Statement, quote: Quote) -> bool:
    """Whether somebody else says that the words worked for him, and not only in part."""
    heard = [q for q in said.answers("confirms") if q.person != quote.person]
    return quote.stance == "confirmed" and any(not remedies.in_part(q.text) for q in heard)


def reported_after(known: EntryEvidence, quote: Quote) -> ThreadRef | None:
    """The first thread of its project in which the error was reported after something was said."""
    threads = (t for t in known.threads if t.repo == quote.repo)
    return next((t for t in threads if t.created_at > quote.created_at), None)


def names_only_a_version(text: str) -> bool:
    """Whether words name a version and not of what ("update to the newest version")."""
    found = _A_VERSION.search(text)
    if found is None or "`" in text or "://" in text:
        return False
    updated = _UPDATED.search(text[: found.start()])
    words = _WORD.findall(updated[1].lower()) if updated else []
    return all(word in _BEFORE_A_VERSION for word in words)


_A_VERSION = re.compile(
    r"(?i)\b(?:(?:latest|newest|new)\s+(?:(?:stable|v?\d[\d.]*)\s+)?(?:version|release)"
    r"|(?<!python )(?<!node )version\s+v?\d[\d.]*\d)\b(?!\s+(?:of|from|on)\b)"
)
_UPDATED = re.compile(
    r"(?i)\b(?:upgrad|updat|downgrad|install|us)(?:e|ed|es|ing)?\s([^.!?\n]{0,80})\Z"
)


def _said(known: EntryEvidence, named: Sequence[Quote]) -> Iterator[tuple[Quote, Statement | None]]:
    """All words that may name a release, with the statement that they are of."""
    for statement in known.statements:
        if statement.kind != "cause" and statement.stance != "refuted":
            yield from ((quote, statement) for quote in statement.answers("released"))
            yield from ((quote, statement.told_by(quote)) for quote in statement.alike)
    yield from ((quote, None) for quote in named)


def _of_project(match: re.Match[str], quote: Quote) -> bool:
    """Whether a version is one of the project: not that of another program ("updated Node to
    20.1"). What a maintainer releases may have a name of its own.
    """
    words = _WORD.findall(match[0][: match.start(1) - match.start()].lower())
    updates = words[0].startswith(("upgrad", "updat"))
    if quote.role == "maintainer" and not updates:
        return True
    others = words[1:] if updates else words[-1:]
    own = letters(quote.repo.lower())
    named = [word for word in others if word not in _BEFORE_A_VERSION]
    if updates and quote.role == "reporter" and not named:
        return False
    return all(letters(word) in own for word in named)


_WORD = re.compile(r"[^\W\d_][\w-]*")
_BEFORE_A_VERSION = frozenset(
    "fixed released shipped available included landed out solved resolved since merged part"
    " upgrading updating in to as with from of at on by via is it the this my your our an and or"
    " for after now be v ver version release tag build latest newest new next stable beta alpha"
    " nightly patch hotfix main master app application cli client server desktop extension plugin"
    " package sdk core library".split()
)
"""Words before a version that name no other program."""


def _weight(release: Release) -> tuple[bool, str]:
    return release.sure, release.quote.created_at


def version_words(text: str) -> str:
    """What somebody entered for a version, without marks (`"lib>=2.1",`) and a label around it
    (`Lib version: 2.1`).
    """
    words = " ".join(text.strip(" \"'`,;*").split())
    words = re.sub(r"(?i)^(?:[\w. -]{0,30}\bversion ?[:=]|[\w.-]{1,30}==) ?(?=v?\d)", "", words)
    return re.sub(r" [-:=] ", " ", words).removeprefix("v")
