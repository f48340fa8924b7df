"""The program's own sentences: what is known, who said it, how it went. Counts, dates and links; no
judgement of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.text import counted, day, shorten

if TYPE_CHECKING:
    from kb.claims import Quote
    from kb.evidence import EntryEvidence
    from kb.notes.outline import Outline

STATUS_WORDS = {
    "released": "Fixed in a release.",
    "confirmed": "A fix is confirmed.",
    "supported": "A fix is reported to work.",
    "stated": "A maintainer names a fix, so far unconfirmed.",
    "untested": "{suggested}",
    "cause": "A cause is named, but no fix.",
    "open": "Unresolved: no cause and no fix was found in {read}.",
}
UNSURE_WORDS = {
    "cause": "A cause is named; no fix is certain yet.",
    "open": "Unresolved: nothing in {read} is certain enough to be quoted.",
}
"""The same where the threads say more than is shown."""
KIND_WORDS = {"cause": "cause", "fix": "fix", "workaround": "workaround"}

_PULL = re.compile(r"https?://[^/]+/([\w.-]+/[\w.-]+)/pull/(\d+)")
_STOP = re.compile(r"(?<![.!?])[.!?]+(?=[”\"')]*\s)")
_ROLES = {"maintainer": "a maintainer", "reporter": "the reporter", "bot": "a bot"}


def label(text: str, width: int = 90) -> str:
    """An error's name for use within a sentence: its own sentences do not end ours."""
    return shorten(_STOP.sub(",", text), width)


def who(quote: Quote) -> str:
    """Who wrote it, by role; people are not named."""
    return _ROLES.get(quote.role, "a user")


def place_of(quote: Quote) -> str:
    """The name of the thread a quote stands in; of a merged pull request, its own."""
    found = _PULL.search(quote.url) if quote.kind == "merged" else None
    return f"{found[1]}#{found[2]}" if found else f"{quote.repo}#{quote.number}"


def lead(known: EntryEvidence) -> str:
    """Where, how often and since when it was reported: counts alone."""
    entry, places = known.entry, known.repos
    first, last = day(entry.first_seen), day(entry.last_seen)
    still_open = sum(p.open for p in places)
    name = places[0].repo if places else ""
    if entry.threads == 1:
        state = "open" if still_open else "closed"
        return f"Reported once, in {name} on {first}; the thread is {state}."
    where = f"of {name}" if len(places) == 1 else f"of {len(places)} projects"
    when = f"on {first}" if first == last else f"between {first} and {last}"
    if not still_open:
        state = "both are closed" if entry.threads == 2 else "all are closed"
    elif still_open == entry.threads:
        state = "both are open" if entry.threads == 2 else "all are open"
    else:
        state = f"{still_open} {'is' if still_open == 1 else 'are'} still open"
    return f"Reported in {entry.threads:,} threads {where} {when}; {state}."


def meaning(outline: Outline) -> str:
    """What kind of failure it is, from the fields of its signature; empty where they say nothing
    that the title does not.
    """
    from kb.signature.title import provider_name

    entry = outline.known.entry
    title = outline.title.lower()
    if entry.provider and entry.status and str(entry.status) not in title:
        return f"{provider_name(entry.provider)} answers this with HTTP status {entry.status}."
    if entry.exception and entry.exception.lower() not in title and entry.exception.isidentifier():
        return f"Raised as `{entry.exception}`."
    return ""


def status(outline: Outline) -> str:
    """How far a solution is known, in one sentence; empty where the releases say it."""
    if outline.releases:
        return ""
    threads = outline.known.entry.threads
    read = "the thread" if threads == 1 else f"the {threads:,} threads"
    found = outline.status
    words = (UNSURE_WORDS if outline.unsure else STATUS_WORDS).get(found, STATUS_WORDS[found])
    return words.format(read=read, suggested=_suggested(len(outline.fixed_points())))


def _suggested(number: int) -> str:
    return (
        f"{spelled(number)} {'suggestion' if number == 1 else 'suggestions'}, unconfirmed so far."
    )


_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def forms(outline: Outline, shown: int) -> str:
    """What the forms of a message that follow are, `shown` of all."""
    number = len(outline.known.variants)
    if number <= shown:
        return (
            "It is printed as:" if number == 1 else f"It is printed in {counted(number, 'form')}:"
        )
    return f"The commonest of its {number:,} forms:"


def spelled(number: int) -> str:
    """A small number as the first word of a sentence."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def fixed_in(outline: Outline) -> str:
    """The releases that fixed it, in words."""
    named = [f"{r.repo.split('/')[-1]} {r.version}" for r in outline.releases[:2]]
    return f"Fixed in {' and '.join(named)}." if named else ""


def people(number: int) -> str:
    """`1 person`, `3 people`."""
    return counted(number, "person", "people")
