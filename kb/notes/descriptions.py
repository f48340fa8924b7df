"""What a list of search results shows of a page: its title, its description and the first fix, in
the words of the error and of the posts that are quoted.
"""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.notes import remedies, wording
from kb.notes.passages import AND_MORE, are_commands, rendered
from kb.notes.releases import names_only_a_version
from kb.notes.titles import (
    MOST_OF_A_PROJECT,
    TITLE_WIDTH,
    fitted,
    names_of,
    project_named,
    told_in,
)
from kb.notes.wording import place_of
from kb.notes.worth import is_told
from kb.redact import redact
from kb.signature.title import provider_name
from kb.text import capital, counted, day, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.claims import Quote
    from kb.evidence import EntryEvidence
    from kb.notes.outline import Outline
    from kb.notes.passages import Passage
    from kb.notes.points import Point

DESCRIPTION_WIDTH = 155
MOST_CAUSES = 6
MOST_OF_AN_ANNOUNCEMENT = 8
MOST_OF_A_COMMAND = 60
"""Characters of a command that is told before the words that announce it."""
MOST_TOLD = 120
"""Characters of a fix or a cause in a description."""
NAME_WIDTH, LEAST_OF_A_NAME = 45, 34
"""Characters of an error's name that a description has room for; where several projects have it,
what holds for everybody matters more.
"""
WAYS = {
    "released": ("fixed in a release", "fixed"),
    "confirmed": ("what fixes it", "fix"),
    "supported": ("what fixes it", "fix"),
    "stated": ("what to try", "advice"),
    "untested": ("what to try", "advice"),
    "changed": ("said to be fixed", "fixed?"),
    "linked": ("a fix is named", "fix named"),
    "cause": ("why it happens", "cause"),
    "open": ("open reports",),
}
"""What a title says after the error, by how far a solution is known; shorter where there is no
room.
"""
A_WORD = 0.95
"""How much less a message may tell that makes room for the project, as `told_in` counts."""
MOST_OF_A_MARK = 30
"""Characters of what stands behind a message that is cut."""


def told_causes(outline: Outline) -> list[Point]:
    """The causes that a page shows."""
    fixes = outline.fixed_points()
    return [cause for cause, _ in outline.causes[:MOST_CAUSES] if is_told(cause, fixes)]


def title_of(outline: Outline) -> str:
    """The error, its project and what the page has about it, at most `TITLE_WIDTH` characters: the
    message's own words before what the page has, of one that is too long what tells most.
    """
    names, marks = _names(outline), outline.marks or [""]
    endings = [*(f" – {way}" for way in _ways(outline)), ""]
    pairs = [(name, mark) for name in names for mark in marks]
    if " in " in outline.where:  # of what many programs print the place tells more
        pairs.sort(key=lambda pair: marks.index(pair[1]))
    for title in (name + mark + end for name, mark in pairs for end in endings):
        if len(title) <= TITLE_WIDTH:
            return title
    if outline.known.entry.provider and outline.known.entry.status:
        marks = [marks[-1], ""]  # the provider is named
    short = [mark for mark in marks if len(mark) <= MOST_OF_A_MARK] or marks[-1:]
    cut = [(*told_in(names, TITLE_WIDTH - len(mark)), mark) for mark in short]
    most = max(score for score, _, _ in cut)
    return next(name + mark for score, name, mark in cut if score >= most - A_WORD)


def menu_title(title: str, outline: Outline) -> str:
    """A title without what the page has: in a menu all say the same of their errors."""
    for way in _ways(outline):
        title = title.removesuffix(f" – {way}")
    return title


def _ways(outline: Outline) -> tuple[str, ...]:
    only_linked = outline.names_no_fix and outline.unquoted and outline.status != "changed"
    told = "changed" if wording.only_said(outline) else outline.status
    told = "stated" if wording.only_in_part(outline) and told != "released" else told
    ways = WAYS["linked" if only_linked else told]
    if len(outline.releases) == 1 and outline.status == "released":
        return (f"fixed in {outline.releases[0].version}", *ways)
    return ways


def _names(outline: Outline) -> list[str]:
    entry = outline.known.entry
    provider = "" if entry.status else provider_name(entry.provider or "")
    return names_of(outline.message.rstrip(".: "), provider)


def description_of(outline: Outline) -> str:
    """The error, where and when it was reported, and what solves it: in the words of a fix or a
    cause where they are short, else how far one is known. The error's own words come before where
    and when.
    """
    entry, names = outline.known.entry, _names(outline)
    one = project_named(outline.known.repos[0].repo) if entry.repos == 1 else ""
    where = one or f"{entry.repos} projects"
    several = f"{counted(entry.threads, 'thread')} of " if entry.threads > 1 else ""
    last = f"last on {day(outline.known.last_opened)}" if several else day(entry.first_seen)
    places = [", ".join([where, *words]) for words in (*outline.about, ())]
    seen = [f" ({several}{p}{when})." for p in places for when in (f", {last}", "")]
    seen += [f" ({where}).", *(() if one else (".",))]
    for tail in chain((f" {words}" for words in _tails(outline, one)), ("",)):
        for told in (f"{name}{rest}{tail}" for name in names for rest in dict.fromkeys(seen)):
            if len(told) <= DESCRIPTION_WIDTH:
                return told
        room = DESCRIPTION_WIDTH - len(f"{seen[-1]}{tail}")
        if room >= (NAME_WIDTH if one else LEAST_OF_A_NAME):
            break
    return f"{fitted(names, room)}{seen[-1]}{tail}"


def _tails(outline: Outline, project: str) -> Iterator[str]:
    """What a description may say behind the name, the most telling first. `project`: the only one
    that has the error.
    """
    fixed = wording.fixed_in(outline)
    if len(project) > MOST_OF_A_PROJECT:  # it stands in the brackets before
        fixed = fixed.replace(f" in {project} ", " in ")
    urls = {r.quote.url for r in outline.releases}
    led = any(p.is_good for p in outline.tries[:1])
    good = [p for p in outline.tries if p.is_good or not led]
    points = [p for p in good if not p.risk] or told_causes(outline)[:1] or good
    if (meaning := outline.meaning) and not (points and points[0].general):
        points = [meaning, *points]
    only_released = outline.status == "released" and outline.known.entry.repos == 1
    quoted = [p for p in points if not (p.quote.url in urls and p.is_only_a_release)]
    told = [] if only_released else quoted
    if fixed and points[:1] != quoted[:1] and not any(p.general for p in quoted[:1]):
        yield from (f"{fixed} {said}" for p in told for said in _said(outline, p))
        yield fixed
    for point in told:
        yield from _said(outline, point)
    yield wording.status(outline) or fixed
    yield f"{capital(_ways(outline)[0])}."


def _said(outline: Outline, point: Point) -> Iterator[str]:
    """A point's words, as what they are told, and of which project where several have the error or
    a number in the message might be taken for its version.
    """
    worked = point.is_borne_out or point.counted("confirms") > point.counted("contradicts")
    helped = "What helped in part" if wording.only_in_part(outline) else "What helped"
    said = "Cause" if point.is_cause else helped if worked else "Suggested"
    confirmed = outline.status == "cause" and point.acts
    own = project_named(point.quote.repo)
    where = f" in {place}" if (place := wording.holds_in(point, outline.known)) else ""
    text = point.passage.text
    for words in _briefly(point):
        unsaid = own.lower() not in words.lower() and _UNNAMED.search(words)
        if "`@" in words or "?" in words or unsaid or (point.risk or "") not in words:
            continue
        bare = _BARE_UPDATE.search(words) or names_only_a_version(words)
        number = bare and own.lower() not in words.lower() and _VERSION.search(outline.message)
        more = _VERSION_OF.search(text) if _UPDATES.search(words) else None
        about = [own if number else "", more[1] or more[2] if more else ""]
        behind = f" ({', '.join(filter(None, about))})" if any(about) else ""
        told = f"“{words.replace('`', '').rstrip(';, ')}”{behind.replace('`', '')}"
        steps = "Suggested" if remedies.instruction(words, MOST_TOLD) else "Cause confirmed"
        what = steps if confirmed else said
        careful = f". Careful ({point.risk})" if point.risk else ""
        yield f"{what}{where}{careful}: {told}"


_VERSION = re.compile(r"\d\.\d")
_UNNAMED = re.compile(
    r"(?i)\b(?:the|this|that|your) version\b(?! of)|\b(?:latest|newest) version v?\d"
)
"""A version of something that is named elsewhere."""
_BARE_UPDATE = re.compile(r"(?i)\b(?:up|down)(?:grade|date)\w* to v?\d")
"""A version, and not of what."""
_UPDATES = re.compile(r"(?i)\A(?!.*\d\.\d).*\b(?:upgrad|updat|pull|latest|newest)")
"""Another version is to be taken, and not which."""
_VERSION_OF = re.compile(
    r"(?i)\b(?:versions?|releases?|dev|main|master)\b[^.!?\n()]{0,30}"
    r"(?:\(([^()\n]{0,40}\d\.\d[^()\n]{0,40})\)|\W{1,3}(currently `?v?\d[\d.]*\d`?))"
)


def _briefly(point: Point) -> Iterator[str]:
    """A point in at most `MOST_TOLD` characters, best first: the command that it announces; else
    all that is shown, a sentence that says what to do, the claim's own words and the clause of a
    request, as far as they say it.
    """
    text, fix = point.passage.text, not point.is_cause
    code = _first_command(point.code or (text if point.passage.code else ""))
    told = len(text.split()) < MOST_OF_AN_ANNOUNCEMENT or are_commands(code)
    asked = list(_asked(text)) if fix else []
    if code and fix and (told or point.passage.code) and len(code) <= MOST_TOLD:
        yield from asked if len(code) > MOST_OF_A_COMMAND else ()
        yield code
    for right in (*_MARKED_RIGHT.finditer(point.code), *_RIGHT.finditer(text)) if fix else ():
        yield " ".join(right[0].split())
    if point.passage.cut or point.passage.code:
        return
    for inline in _INLINE.finditer(text) if fix else ():
        if are_commands(inline[1]) and not _AGAINST.search(_sentence(text, inline)):
            yield inline[1]
    found = [_HELPED.sub("", _joined(text))]
    if point.general and not fix:
        found += chain.from_iterable((s, *_EXPLAINED.findall(s)) for s in _SENTENCES.split(text))
    if not remedies.has_steps(text):
        step = remedies.action(text, MOST_TOLD) if fix else None
        found += [step] if step and not _ELSEWHERE.search(step) else []
        found.append(_joined(rendered(redact(point.quote.text))))
    for words in found:
        if (
            len(words) <= MOST_TOLD
            and words in " ".join(text.split())
            and not words.endswith(":")
            and not any(step in words for step in asked)
            and remedies.readable(words, False, fix=fix)
            and remedies.stands_alone(_ADDRESS.sub("", words))
        ):
            yield words
    yield from asked
    yield from _single_sentences(text) if fix else ()


def _single_sentences(text: str) -> Iterator[str]:
    """What a fix requires, and its sentences that tell what to do or which version has it, if none
    tells what did not help.
    """
    if required := remedies.SAID["requires"].search(text):
        yield required[0]
    if remedies.has_steps(text) or _AGAINST.search(_MARKED.sub("", text)):
        return
    for words in _SENTENCES.split(text):
        tells = remedies.instruction(words, MOST_TOLD) or _BRINGS.search(_ADDRESS.sub("", words))
        fits = len(words) <= MOST_TOLD and not words.endswith(":")
        if fits and tells and remedies.readable(words, False):
            yield words


def _asked(text: str) -> Iterator[str]:
    """What a request, an advice or a condition tells to do."""
    for asked in remedies.SAID["asks"].finditer(text):
        words = " ".join(asked["step"].split()).rstrip(" .:,")
        bare = _MARKED.sub("", words)
        whole = remedies.is_balanced(bare) and "`" not in bare
        whole = whole and text.count("`", 0, asked.start()) % 2 == 0
        told = "`" in words or _VERSION.search(words) or remedies.tells(words)
        around = _sentence(text, asked)
        meant = asked[0][:2].lower() != "if" or (
            _HELPS.search(around) and not _AGAINST.search(around)
        )
        if whole and told and meant and not _ELSEWHERE.search(words):
            yield words


def _sentence(text: str, part: re.Match[str]) -> str:
    """The sentence around a part of a text, without code."""
    begin = max((m.end() for m in _STOP.finditer(text, 0, part.start())), default=0)
    end = _STOP.search(text, part.end())
    return _MARKED.sub("", text[begin : end.start() if end else len(text)])


def _first_command(code: str) -> str:
    """Code on one line, of commands of which each will do the first; empty where it has more."""
    first = _OR.split(code, maxsplit=1)[0].removesuffix(AND_MORE).strip()
    return "" if "\n" in first else first


_RIGHT = re.compile(
    r"(?i)\b(?:(?:it )?(?:should|has to|must) be|the (?:actual|correct|right) \w{3,20} is)"
    r":?\s{1,2}`[^`\n]{4,80}`(?:,? (?:and )?not `[^`\n]{3,80}`)?"
)
_MARKED_RIGHT = re.compile(
    r"(?im)^[ \t]{0,40}\S.{0,60}(?:#|//)[^#/\n]{0,20}\bshould be `?[^`\n]{4,60}`?$"
)
"""Code as it should be, beside what it was."""
_BRINGS = re.compile(
    r"(?i)\b(?:fixed|released|resolved|solved)\b[^.!?\n]{0,40}\d\.\d"
    r"|\d\.\d\S* (?:fixes|resolves|works)\b"
)
"""That a version has the fix."""
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_STOP = re.compile(r"[.!?](?=\s)|\n")
_AGAINST = re.compile(
    r"(?i)\b(?:not|never|cannot|instead of|rather than|without|avoid|comment|gives?|gave|throws?"
    r"|raises?|(?:fail|broke|crash|caus|remov|delet|replac)\w*)\b|n['’]t\b"
)
"""What may say that something does not help, or has to go."""
_HELPS = re.compile(r"(?i)\b(?:work|fix|solv|resolv|help|fine|gone|away|disappear|expect)")
_ELSEWHERE = re.compile(
    r"(?i)\b(?:below|above|following|these|this(?! (?:issue|error|problem|bug)))\b"
)
_INLINE = re.compile(r"`([^`\s]{1,40} [^`\n]{2,120})`")
_ADDRESS = re.compile(r"https?://\S+")
_MARKED = re.compile(r"`[^`]*`")
_OR = re.compile(r"(?mi)^[ \t]*(?:#|//)[ \t]*or\b[ .:…]*$")
_EXPLAINED = re.compile(r"\A[^:;\n]{30,}(?=[:;] )")
"""What a cause says before it goes into it."""
_HELPED = re.compile(r"(?i)\Awhat helped(?: (?:me|us))?\s?:\s*")


def _joined(text: str) -> str:
    """Words on one line; empty where that makes one of two, as of code that has no marks."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line, after in pairwise(lines):
        goes_on = after.startswith("`") or ("\n\n" not in text and _GOES_ON.match(after))
        leads = remedies.tells(_MARKED.sub("", line)) and (goes_on or line.endswith((":", "`")))
        if not leads and not _ENDS.search(line):
            return ""
    return " ".join(" ".join(lines).split())


_GOES_ON = re.compile(r"[a-z]+,? [\w`]")
_ENDS = re.compile(r"[.!?…。！？][\"'”»)*_]*\Z|https?://\S+\Z")
MOST_CITED = 240
"""Characters of a fix or a cause in the front matter."""


def quick_fix(outline: Outline) -> str | None:
    """The fix to name first, as one text with its source; none where it is code of several lines
    that its words only announce. A release is told in our words, as on the page: a project says
    other things beside it.
    """
    first = next(iter(outline.tries), None)
    if first is None and (release := next(iter(outline.sure_releases), None)):
        source = f"{release.quote.url} ({_source(release.quote)})"
        return f"Update {release.repo} to {release.version} or later. {source}"
    words = on_one_line(first.passage) if first else ""
    return cited(first, outline.known, words) if first and words else None


def on_one_line(passage: Passage) -> str:
    """A fix with the code that its words announce; the sentence that tells what to do, where its
    lines make no line; empty if that or the code has more lines or no room.
    """
    text = passage.text.strip()
    words = shorten(_joined(text), MOST_CITED)
    if "\n" in text and (passage.code or not words):
        step = None if passage.code else remedies.instruction(text, MOST_CITED)
        return step if step and not step.endswith((":", "：")) else ""
    if passage.code or not passage.block:
        return words if passage.code or not words.endswith((":", "：")) else ""
    code = _first_command(passage.block)
    mark = "" if "`" in code else "`"
    text = f"{words} {mark}{code}{mark}"
    return text if code and len(text) <= MOST_CITED else ""


def cited(point: Point, known: EntryEvidence, words: str = "") -> str:
    """A point's words, or these of them, with their address, who wrote them and when; before them
    the project that they are known to hold in, if others have the error too.
    """
    careful = f"Careful ({point.risk}): " if point.risk else ""
    places = f"In {where}: " if (where := wording.holds_in(point, known)) else ""
    words = words or shorten(point.passage.text, MOST_CITED)
    return f"{places}{careful}“{words}” {point.quote.url} ({_source(point.quote)})"


def _source(quote: Quote) -> str:
    return f"{wording.who(quote)}, {place_of(quote)}, {day(quote.created_at)}"
