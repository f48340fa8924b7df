"""The program's own sentences: what is known, who said it, how it went. Counts, dates and links; no
judgement of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.notes import remedies
from kb.notes.titles import project_named
from kb.text import capital, day, shorten

if TYPE_CHECKING:
    from kb.claims import Quote
    from kb.evidence import EntryEvidence
    from kb.notes.outline import Outline
    from kb.notes.points import Point

STATUS_WORDS = {
    "released": "Fixed in a release.",
    "confirmed": "A fix is confirmed.",
    "supported": "A fix is reported to work.",
    "stated": "The project suggests a fix; nobody has confirmed it yet.",
    "untested": "{suggested}",
    "changed": "It is said to be fixed, without a version.",
    "cause": "A cause is named, but no fix.",
    "open": "Unresolved: {read} no cause and no fix.",
}
UNSURE_WORDS = {
    "cause": "A cause is named; no fix is certain enough to quote.",
    "open": "Unresolved: nothing that {said} is certain enough to quote.",
}
"""The same where the threads say more than is shown."""
EXPLAINED = "The cause is confirmed."
UNDECIDED = "Undecided: an answer is given that is not certain enough to quote."
ANOTHER = " Another answer is not certain enough to quote."
_PULL = re.compile(r"https?://[^/]+/([\w.-]+/[\w.-]+)/pull/(\d+)")
_STOP = re.compile(r"(?<![.!?])[.!?]+(?=[”\"')]*\s)")
SPEAKS = "a likely maintainer"
ROLES = {"maintainer": "a maintainer", "reporter": "the reporter", "bot": "a bot"}


def label(text: str, width: int = 90) -> str:
    """An error's name for use within a sentence: its own sentences do not end ours."""
    return shorten(_STOP.sub(",", text), width)


def _is_official(quotes: Iterable[Quote]) -> bool:
    """Whether a maintainer states one of them, and not only who speaks like one."""
    return any(q.stance == "stated" and q.role == "maintainer" for q in quotes)


def who(quote: Quote) -> str:
    """Who wrote it, by role; people are not named. Who speaks for the project, in these words or
    others, is a maintainer only where GitHub says so.
    """
    speaks = quote.speaks and quote.role in ("user", "reporter")
    return SPEAKS if speaks else ROLES.get(quote.role, "a user")


def place_of(quote: Quote) -> str:
    """The name of the thread a quote stands in; of a merged pull request, its own."""
    found = _PULL.search(quote.url) if quote.kind == "merged" else None
    return f"{found[1]}#{found[2]}" if found else f"{quote.repo}#{quote.number}"


def holds_in(point: Point, known: EntryEvidence) -> str:
    """The projects in which a statement is known to hold, or whose setting it names, of an error
    that others have too; else empty.
    """
    places, product = point.places, point.product
    for_all = point.general and not _SETTING.search(point.passage.text)
    if for_all or len(places) >= known.entry.repos:
        return ""
    if product and not any(place.rpartition("/")[2] == product for place in places):
        return product  # another project's release
    more = [f"{len(places) - MOST_PLACES} more"] if len(places) > MOST_PLACES else []
    return listed([*(project_named(place) for place in places[:MOST_PLACES]), *more])


MOST_PLACES = 3
_SETTING = re.compile(r"`[a-z]\w{1,40}(?:\.[a-z]\w{1,40}){1,4}`")
"""A setting with its section: `pot.lid`."""


def by_project(outline: Outline) -> str:
    """That no fix holds in all of several projects; empty where one does or none is shown."""
    fixes = outline.fixes_named() if outline.tries else []
    if not fixes or not all(holds_in(point, outline.known) for point in fixes):
        return ""
    places = {place for point in fixes for place in point.places}
    if len(places) > 1:
        return "What to try comes from single projects, each of them named."
    return f"What to try comes from {project_named(places.pop())} alone."


def lead(known: EntryEvidence) -> tuple[str, str]:
    """Where, how often and since when it was reported, and what became of it: counts alone."""
    entry, places = known.entry, known.repos
    first, last = day(entry.first_seen), day(known.last_opened)
    still_open = sum(p.open for p in places)
    name = places[0].repo if places else ""
    if entry.threads == 1:
        state = "open" if still_open else "closed"
        for of in (t.duplicate_of for t in known.threads if t.duplicate_of):
            state = f"said to be the same as {of}"
        return f"Reported in {name} on {first}", f"the thread is {state}"
    where = f"of {name}" if len(places) == 1 else f"across {len(places)} projects"
    when = f"on {first}" if first == last else f"between {first} and {last}"
    state = f"{spelled(still_open).lower()} {'is' if still_open == 1 else 'are'} still open"
    if still_open in (0, entry.threads):
        every = "both" if entry.threads == 2 else "all"
        state = f"{every} are {'open' if still_open else 'closed'}"
    return f"Reported in {entry.threads:,} threads {where} {when}", state


def meaning(outline: Outline) -> str:
    """What kind of failure it is, from the fields of its signature; empty where they say nothing
    that the title does not.
    """
    from kb.signature.title import provider_name

    entry = outline.known.entry
    title = outline.title.lower()
    if entry.provider and entry.status and str(entry.status) not in title:
        return f"{provider_name(entry.provider)} answers this with HTTP status {entry.status}."
    own, raised = map(_call, (outline.frame, outline.raised))
    if raised:
        return f"Raised in {raised}{f', called from {own}' if own else ''}."
    if own:
        return f"Raised in {own if outline.raises_itself else f'what {own} calls'}."
    exception = (entry.exception or "").rpartition(".")[2]
    if exception and exception.lower() not in title and _is_raised(exception, outline.known):
        return f"Raised as `{exception}`."
    return ""


def _call(frame: str) -> str:
    """A frame (`loop.py:run`) in words; empty without a function."""
    file, _, function = frame.partition(":")
    return f"`{function}` of `{file}`".removeprefix("`<module>` of ") if function else ""


def _is_raised(exception: str, known: EntryEvidence) -> bool:
    """Whether a form of the message shows the name as that of an exception, and not as a mark that
    a library puts before others' errors.
    """
    raised = re.compile(rf"\b{re.escape(exception)}(?:: |\(|$)", re.MULTILINE)
    return any(raised.search(form.raw) for form in known.variants)


def status(outline: Outline) -> str:
    """How far a solution is known, in one sentence; empty where the releases say it."""
    found = outline.status
    if found == "released" or only_said(outline):
        return ""
    if outline.names_no_fix and (outline.unquoted or found == "changed"):
        parts = ["A cause is named."] if outline.causes else []
        if found != "changed" and outline.unquoted:
            parts.append(_NAMED.get(found) or _linked(outline.unquoted))
        return " ".join(parts)
    fixes = outline.fixes_named()
    if found == "cause" and fixes:
        return EXPLAINED
    if found == "changed" and all(remedies.proposes(p.passage.text) for p in fixes):
        return ANNOUNCED
    if only_in_part(outline):
        return "A fix is reported to help in part."
    if found in _NAMED and not any(p.best_stance == found or p.counted("confirms") for p in fixes):
        borne_out = "confirmed" if found == "confirmed" else "said to work"
        return f"A fix that is only linked here is {borne_out}."
    if found == "supported" and not any(p.counted("confirms") for p in fixes):
        said_to_work = any(p.best_stance == "supported" and not p.approvals for p in fixes)
        if any(p.approvals for p in fixes) and not said_to_work:
            return "Readers approve a fix; nobody else has reported yet that it worked."
        return "A fix is said to work; nobody else has confirmed it yet."
    if found == "open" and any(q.stance != "refuted" for q in outline.withheld):
        return UNDECIDED
    threads = outline.known.entry.threads
    read = "the thread names" if threads == 1 else f"the {threads:,} threads name"
    said = "the thread says" if threads == 1 else f"the {threads:,} threads say"
    words = (UNSURE_WORDS if outline.unsure else STATUS_WORDS).get(found, STATUS_WORDS[found])
    # what one post says is one, and "So you basically ..." sums it up
    number = len({p.quote.url for p in fixes if not _SUMS_UP.match(p.passage.text)}) or 1
    suggested = (
        "One suggestion, not confirmed yet."
        if number == 1
        else f"{spelled(number)} suggestions, none confirmed yet."
    )
    told = words.format(read=read, said=said, suggested=suggested)
    if found == "stated" and not _is_official(q for p in fixes for q in p.statement.alike):
        told = told.replace("The project", capital(SPEAKS))
    named = outline.releases or outline.unquoted
    undecided = found == "untested" and outline.rivals and not named
    return told + ANOTHER if undecided else told


_SUMS_UP = re.compile(r"(?i)\W*(?:so|in short|basically)\b")


def only_in_part(outline: Outline) -> bool:
    """Whether all who report success of a fix say what it did not bring."""
    heard = [q for p in outline.fixes_named() for q in p.answers("confirms")]
    limited = {q.person for q in heard if remedies.in_part(q.text)}
    return bool(limited) and all(q.person in limited for q in heard)


ANNOUNCED = "A change is announced."
PROJECT_NAMES = "The project names a fix."
_NAMED = {stance: STATUS_WORDS[stance] for stance in ("confirmed", "supported")}


def _linked(fix: Quote) -> str:
    """What a fix is that is only linked and that nobody but its author speaks for."""
    if remedies.promises_a_change(fix.text):
        return ANNOUNCED
    return PROJECT_NAMES if _is_official([fix]) else "A fix is suggested."


def unquoted(outline: Outline) -> tuple[str, str]:
    """What is said before and behind the link to a fix that is not quoted."""
    fix = outline.unquoted
    if fix is None:
        return "", ""
    behind = "in words that cannot be quoted by themselves"
    if outline.names_no_fix and _linked(fix) == PROJECT_NAMES:
        return "It stands in", behind
    name = "it" if outline.names_no_fix else _BESIDE.get(fix.stance, "another one")
    return f"{capital(who(fix))} names {name} in", behind


_BESIDE = {"confirmed": "one that worked", "supported": "one that is said to work"}
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def spelled(number: int) -> str:
    """A small number as the first word of a sentence."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def only_said(outline: Outline) -> bool:
    """Whether all that is suggested is a release, of which nobody says how it went."""
    said = {r.quote.url for r in outline.releases}
    fixes = outline.fixes_named()
    return outline.status in ("untested", "stated") and all(p.quote.url in said for p in fixes)


UNHEARD = "; nobody has confirmed it yet"


def unheard(outline: Outline) -> str:
    """What is said behind sure releases of which only the project tells."""
    said = [r.statement for r in outline.sure_releases if r.statement]
    heard = any(s.answers("confirms", "merged") or s.stance == "confirmed" for s in said)
    return "" if heard else f", says the project{UNHEARD}"


def fixed_in(outline: Outline) -> str:
    """The releases that fixed it, or are said to, in words."""
    sure = outline.sure_releases
    named = [f"{project_named(r.repo)} {r.version}" for r in sure or outline.releases][:2]
    told = f"{'Fixed' if sure else 'Said to be fixed'} in {' and '.join(named)}." if named else ""
    again = any(r.seen or r.again for r in outline.releases[:2])
    return f"{told} Reported again later." if again else told


def briefly(point: Point) -> str:
    """How a statement went that is only named; empty where nobody says it."""
    if point.is_refuted:
        return "contradicted"
    for words, quotes in went(point):
        if quotes[0].kind == "confirms":
            return words
    taken = point.counted("accepts")
    return f"{people(taken)} took it" if taken else ""


def went(point: Point) -> Iterator[tuple[str, list[Quote]]]:
    """How a statement went for others, in words with the number of people, and what they wrote:
    where it worked or holds, where it did in part, where it did not. Who limits it somewhere was
    helped in part.
    """
    good = point.answers("confirms")
    agree, partly, differ = (
        ("{} agrees", "{} agrees in part", "{} disagrees")
        if point.statement.kind == "cause"
        else ("worked for {}", "helped {} in part", "did not help {}")
    )
    limits = {(q.person, q.number, q.comment_id) for q in good if remedies.in_part(q.text)}
    limited = {person for person, _, _ in limits}
    whole = [q for q in good if q.person not in limited]
    in_part = [q for q in good if (q.person, q.number, q.comment_id) in limits]
    for form, quotes in ((agree, whole), (partly, in_part), (differ, point.answers("contradicts"))):
        if number := len({q.person for q in quotes}):
            form = form if number == 1 else form.replace("agrees", "agree")
            yield form.format(people(number)), quotes


def people(number: int) -> str:
    """`one person`, `3 people`."""
    return "one person" if number == 1 else f"{number:,} people"


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
