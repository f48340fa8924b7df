"""The program's own sentences about quotes: who said it, when, how strongly it stands. Counts and
dates, no judgement of its own.

Sentences name the error or the thread they are about, so that no sentence of one page stands on
another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.models import GOOD_STANCES
from kb.text import counted, shorten

if TYPE_CHECKING:
    from kb.claims import Quote, Statement
    from kb.evidence import EntryEvidence

GRADE_WORDS = {
    "A": "a fix is confirmed, with its source",
    "B": "a cause or fix is supported by somebody besides its author",
    "C": "causes or fixes are only suspected, or nobody has answered to them",
    "D": "no cause or fix was found in these threads",
}
ANSWER_WORDS = {
    "confirms": "agrees",
    "contradicts": "contradicts",
    "closes": "closed the thread with it",
    "merged": "merged a pull request",
    "released": "names a release",
    "still_seen": "still sees it",
}
KIND_WORDS = {"cause": "cause", "fix": "fix", "workaround": "workaround"}


_PULL = re.compile(r"https?://[^/]+/([\w.-]+/[\w.-]+)/pull/(\d+)")
_STOP = re.compile(r"(?<![.!?])[.!?]+(?=[”\"')]*\s)")


def label(text: str, width: int = 90) -> str:
    """An error's name for use within a sentence: its own sentences do not end ours."""
    return shorten(_STOP.sub(",", text), width)


def name_of(known: EntryEvidence, width: int = 70) -> str:
    """How sentences call the error."""
    return f"“{label(known.title, width)}”"


def who(quote: Quote) -> str:
    """Who wrote it, by role; people are not named."""
    if quote.role == "maintainer":
        return f"a maintainer of {quote.repo}"
    if quote.role == "reporter":
        return "the person who reported it"
    return "a bot" if quote.role == "bot" else "a user"


def place_of(quote: Quote) -> str:
    """The name of the thread a quote stands in; of a merged pull request, its own."""
    found = _PULL.search(quote.url) if quote.kind == "merged" else None
    return f"{found[1]}#{found[2]}" if found else f"{quote.repo}#{quote.number}"


def reception(statement: Statement, name: str) -> str | None:
    """How many people it helped and how many not, as counts over evidence; None without any."""
    good, good_repos = statement.counted("confirms")
    bad, _ = statement.counted("contradicts")
    still, _ = statement.counted("still_seen")
    if statement.stance == "refuted" and not bad:
        # who agrees with a report of failure does not say that it helped
        return None
    if statement.kind == "cause":
        parts = [
            _said(good, good_repos, "agree" if good != 1 else "agrees"),
            _said(bad, 0, "disagree" if bad != 1 else "disagrees"),
        ]
        text = " and ".join(part for part in parts if part)
        return f"On this cause of {name}, {text}" if text else None
    parts = []
    if good:
        parts.append(
            f"{_said(good, good_repos, 'report' if good != 1 else 'reports')} that it helped"
        )
    if bad:
        parts.append(f"{_said(bad, 0, 'report' if bad != 1 else 'reports')} that it did not")
    if still:
        parts.append(f"{_said(still, 0, 'see' if still != 1 else 'sees')} the error after it")
    return f"Against {name}, {' and '.join(parts)}" if parts else None


def _said(people: int, repos: int, verb: str) -> str:
    if not people:
        return ""
    where = f" in {counted(repos, 'repository', 'repositories')}" if repos > 1 else ""
    return f"{counted(people, 'person', 'people')}{where} {verb}"


def unknown(known: EntryEvidence) -> list[str]:
    """What the threads do not say, from counts alone."""
    name = name_of(known)
    causes, fixes = known.said("cause"), known.said("fix", "workaround")
    threads = known.entry.threads
    read = "the one thread read" if threads == 1 else f"the {threads:,} threads read"
    lines = []
    if not causes:
        lines.append(f"What causes {name}: {read} {'names' if threads == 1 else 'name'} no cause.")
    elif not any(c.stance in GOOD_STANCES for c in causes):
        lines.append(
            f"Whether the cause is right: nobody besides its author speaks for a cause of {name}."
        )
    if not fixes:
        lines.append(
            f"What helps against {name}: {read} {'has' if threads == 1 else 'have'} no fix "
            f"and no workaround."
        )
    elif not any(f.stance in GOOD_STANCES for f in fixes):
        lines.append(
            f"Whether it helps: nobody reports that a fix named here worked against {name}."
        )
    if threads == 1:
        lines.append(
            f"Whether {name} occurs outside of "
            f"{known.repos[0].repo if known.repos else 'the one repository'}: it was seen "
            f"once."
        )
    return lines
