"""What holds for everybody with an error that several projects have: what people of two projects
say, what its message means, and what is to be done at the service that answers it. All else is
known only of the project in whose threads it stands.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.notes import remedies
from kb.notes.releases import VERSION
from kb.providers import providers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.claims import Statement
    from kb.evidence import EntryEvidence


def part_for_all(said: Statement, text: str, known: EntryEvidence) -> str:
    """The words of a statement that hold in every project with the error: all of them, or of a
    cause the sentence that explains the message, if it speaks of no project; empty without any.
    """
    free = not _speaks_of_a_project(text, known)
    if free and (said.repos > 1 or _names_the_service(text, known, acts=said.kind != "cause")):
        return text
    runs = runs_of_sentences(text) if said.kind == "cause" else ()
    told = (r for r in runs if _explains(r, known) and not _speaks_of_a_project(r, known))
    # what stands around it may be the case of one thread
    return min(told, key=lambda run: (not remedies.stands_alone(run), len(run)), default="")


def runs_of_sentences(text: str) -> Iterator[str]:
    """All of a text, then its sentences that follow one another, the longest first; one that begins
    with "Then I" also without its first word.
    """
    ends = [0, *(m.end() for m in _STOP.finditer(text)), len(text)]
    parts = sorted(
        combinations(ends[:MOST_SENTENCES], 2), key=lambda part: (part[0] - part[1], part)
    )
    runs = (text[start:end].strip() for start, end in parts)
    yield from filter(None, (text, *runs))


MOST_SENTENCES = 12


def _speaks_of_a_project(text: str, known: EntryEvidence) -> bool:
    """Whether words are about one project: they name one, its people, a change, a version or where
    in its windows something is set.
    """
    service = str(known.entry.provider)
    names = (name for r in known.repos for name in name_words(r.repo.rpartition("/")[2]))
    own = {name for name in names if name not in service and service not in name}
    whole = {r.repo.rpartition("/")[2].lower() for r in known.repos} - {service}
    words = set(_WORDS.findall(text.lower()))
    named = words & whole or any(word.startswith(name) for word in words for name in own)
    return bool(named) or bool(_OF_A_PROJECT.search(text) or VERSION.search(text))


def _names_the_service(text: str, known: EntryEvidence, *, acts: bool) -> bool:
    """Whether words lead to the service; those of a fix (`acts`) may also tell what the service
    does, or what to do with an account there.
    """
    service = next((p for p in providers() if p.name == known.entry.provider), None)
    if service is None:
        return False
    hosts = [host for host in service.hosts if host in text]
    patterns = [rf"(?<![\w-]){re.escape(host)}\b(?!\.\w)" for host in hosts]
    if any(re.search(p if acts else rf"(?<!\bapi\.){p}{_A_PAGE}", text) for p in patterns):
        return True
    does = rf"(?i)(?<![\w/.-]){re.escape(service.title)} {_DOES}"
    return acts and bool(_OF_AN_ACCOUNT.search(text) or re.search(does, text))


def _explains(text: str, known: EntryEvidence) -> bool:
    """Whether words say what the message means, and do not doubt it: they quote it, or name its
    number.
    """
    title = known.title.lower()
    return not _DOUBTS.search(text) and any(
        found["number"] in title if found["number"] else _is_quoted(found["quoted"] or "", title)
        for found in _MEANS.finditer(text)
    )


def _is_quoted(words: str, title: str) -> bool:
    """Whether the words in quotation marks are the message's; none are where "this error" is."""
    own = _WORDS.findall(words.lower())
    return not words or (len(own) > 1 and all(word in title for word in own))


_STOP = re.compile(
    r"(?<=[.!?])\s+(?=[\"“‘'(]?[A-Z\d])|\n+"
    r"|(?<=[.!?]\s)(?:Then|So|And then|After that) (?=I\b)"
)


def name_words(project: str) -> set[str]:
    """The words of a project's name that tell it from others."""
    return set(_NAMES.findall(project.lower())) - _PLAIN


_NAMES = re.compile(r"[a-z0-9]{4,}")
_WORDS = re.compile(r"\w+")
_PLAIN = frozenset(
    "code server servers client tools tool python node docker desktop agents".split()
)
A_CHANGE = (
    r"(?<![\w/])#\d{1,7}\b|\bPR\b|/pull/\d|\bcommit\b|\bmain branch\b"
    r"|\b(?:latest|newest|new|next|recent)\s+(?:versions?|releases?|nightly|build)\b"
)
"""The pattern of what one project has: its changes and its releases."""
_OF_A_PROJECT = re.compile(
    rf"(?i)\bwe\b|\bours?\b|{A_CHANGE}"
    r"|\bsettings? (?:→|->|>) |\w\(\w*\)"
)
_DOES = (
    r"(?:(?:only|always|never) )?(?:listens|requires|needs|expects|accepts|rejects|refuses|reserves"
    r"|limits|returns|does(?:n['’]t| not)|can(?:['’]t|not)?|has (?:no|to))\b"
)
_A_PAGE = r"(?!/(?:api/)?v\d)"
"""A cause that tells where a program sends its requests is about the program."""
_OF_AN_ACCOUNT = re.compile(
    r"(?i)\b(?:new|another|valid|fresh|(?:re)?generat\w*|rotat\w*) (?:\w+ ){0,2}"
    r"(?:api[ -]?)?keys?\b"
    r"|\btop(?:ping|ped)? up\b|\bbilling (?:account|page|settings|section)\b"
    r"|\b(?:add|buy|bought|purchas|deposit)\w* (?:\w+ ){0,2}(?:credits?|funds|balance|money)\b"
    r"|\b(?:other|another|different) (?:\w+ )?models?\b"
)
_DOUBTS = re.compile(
    r"(?i)\?|\b(?:knows?|wonder\w*|guess|maybe|perhaps|probably|might|think|suspect|whether|unclear"
    r"|sure)\b"
)
_MEANS = re.compile(
    r"(?i)(?:[\"“`'‘](?P<quoted>[^\"”`'’\n]{6,160})[\"”`'’]|(?<![\w.])(?P<number>-?\d{3,6})(?![\w.])"
    r"|\b(?:this|the) (?:error|message|response)\b)[^.!?\n]{0,60}?\b(?:means|comes? from|says"
    r"|(?:is|are) (?:what|about|returned|raised|sent|thrown|given|telling you)|isn['’]t about"
    r"|(?:happens|occurs|appears) (?:when|if|because))\b"
)
