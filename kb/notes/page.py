"""Troubleshooting pages as sites publish them: every section only where evidence carries it, every
claim a quote with its link.

`page_plan` decides from the outline what stands in which section; the template `page.md.j2` says
how.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.notes import remedies, wording
from kb.notes.document import front_matter, wrapped
from kb.notes.escape import escaper
from kb.notes.jsonld import as_script, json_ld
from kb.notes.markdown import View, environment, letters_by_post, tidy
from kb.notes.passages import AND_MORE, are_commands, rendered
from kb.notes.points import named
from kb.notes.releases import names_only_a_version
from kb.notes.targets import Facts
from kb.notes.titles import (
    TITLE_WIDTH,
    fitted,
    names_of,
    project_named,
    told_in,
    unbroken,
)
from kb.notes.wording import place_of
from kb.notes.worth import MANY, is_told
from kb.redact import redact
from kb.signature.title import provider_name
from kb.text import capital, counted, day, shorten

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from kb.evidence import EntryEvidence
    from kb.notes.options import Options
    from kb.notes.outline import Outline
    from kb.notes.points import Point
    from kb.notes.related import Related
    from kb.notes.targets import Target

MOST_CAUSES = 6
MOST_FIXES = 8
MOST_NAMED = 8
DESCRIPTION_WIDTH = 155
MOST_OF_AN_ANNOUNCEMENT = 8
MOST_OF_A_COMMAND = 60
"""Characters of a command that is told before the words that announce it."""
MOST_TOLD = 120
"""Characters of a fix or a cause in a description."""
NAME_WIDTH = 45
"""Characters of an error's name that a description has room for."""
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


@dataclass(slots=True)
class Plan:
    """What a page says."""

    outline: Outline
    title: str
    description: str
    causes: list[tuple[Point, list[Point]]] = field(default_factory=list)
    steps: list[Point] = field(default_factory=list)
    changes: list[Point] = field(default_factory=list)
    tries: list[Point] = field(default_factory=list)
    failed: list[Point] = field(default_factory=list)
    tail: list[Point] = field(default_factory=list)

    @property
    def known(self) -> EntryEvidence:
        """The evidence of the page's entry."""
        return self.outline.known

    @property
    def says_something(self) -> bool:
        """Whether its first fix is its own, or without one anything that stands on it or is linked,
        or its error is in many threads.
        """
        if self.known.entry.threads >= MANY:
            return True
        linked = self.tail or self.outline.unquoted or self.outline.releases
        own = self.tries or not self.outline.tries
        return bool(own and (next(self.points(), None) or linked))

    def points(self) -> Iterator[Point]:
        """Every point that is shown with its words."""
        yield from (*self.tries, *self.steps, *self.changes, *self.failed)
        for cause, fixes in self.causes:
            yield from (cause, *fixes)


def page_plan(
    outline: Outline, elsewhere: Mapping[str, str] | None = None, posts: Container[str] = ()
) -> Plan:
    """Decides what the page of an entry says. `elsewhere`: ids of claims whose words another page
    has, with its entry's id; `posts`: addresses of the posts that other pages quote. What another
    post says in the same words ("Install the latest version:") is shown as its code alone; the
    first fix whole: a page does not begin with a command and no word about it. A release that
    several errors are fixed in is told of each.
    """
    elsewhere, first = elsewhere or {}, outline.tries[:1]
    plan = Plan(outline, title_of(outline), description_of(outline))

    told = _told_causes(outline)

    def own(points: Sequence[Point]) -> list[Point]:
        mine = []
        for point in points:
            other, shown = elsewhere.get(point.quote.claim_id), point.passage
            leads = point in first and (point.is_only_a_release or shown.block)
            if other and point.quote.url not in posts and (leads or shown.block):
                code = replace(shown, text=shown.block, block="", rest="", code=True)
                mine.append(point if leads else replace(point, passage=code))
            elif not other:
                mine.append(point)
        return mine

    plan.tries = own(outline.tries)
    for cause, fixes in outline.causes[:MOST_CAUSES]:
        kept = own([cause]) if cause in told else []
        kept_fixes = own(fixes)
        if kept:
            plan.causes.append((cause, kept_fixes[:2]))
            plan.tail += kept_fixes[2:]
        else:
            _sort(plan, kept_fixes)
    plan.tail += [c for c, _ in outline.causes[MOST_CAUSES:]]
    _sort(plan, own(outline.fixes))
    _put_last(plan)
    plan.tail = named([p for p in plan.tail + own(outline.tail) if _is_told(p)], MOST_NAMED)
    plan.changes = own(outline.changes)
    plan.failed = own(outline.failed)[:5]
    return plan


def _is_told(point: Point) -> bool:
    """Whether a page names a point in brief: others speak for it, and its words can be read."""
    words, fix = point.passage, not point.is_cause
    readable = remedies.readable(words.text, words.code, fix=fix, block=words.block)
    return point.is_good and not point.is_refuted and readable


def _put_last(plan: Plan) -> None:
    """Of fixes beside one that worked for somebody, those that only their author speaks for are
    named in brief, and not at all if they do harm.
    """
    lead = next(iter(plan.tries), None)
    if lead is None or not lead.is_good or _PLACEHOLDERS.search(lead.code):
        return
    better = {p.quote.repo for p in (*plan.tries, *plan.steps) if p.is_good}
    for part in (plan.tries, plan.steps):
        alone = [p for p in part if not p.is_good and p.quote.role not in ("maintainer", "bot")]
        # what is of the lead's own post, or its project's only one, has no rival
        alone = [p for p in alone if p.quote.url != lead.quote.url and p.quote.repo in better]
        part[:] = [p for p in part if p not in alone]
        plan.tail += [p for p in alone if not p.risk]


_PLACEHOLDERS = re.compile(r"(?i)\bfoo\b.{0,40}\bbar\b", re.DOTALL)
"""Code in which another fix has to show what is meant."""


def _sort(plan: Plan, fixes: Sequence[Point]) -> None:
    """Puts fixes that no cause is tied to among the steps, cheap ones first."""
    steps = plan.steps + list(fixes)
    plan.tail += steps[MOST_FIXES:]
    plan.steps = steps[:MOST_FIXES]
    plan.steps.sort(key=lambda p: (not p.is_good, remedies.cost(p.passage.text)))


def _told_causes(outline: Outline) -> list[Point]:
    """The causes that a page shows."""
    fixes = outline.fixed_points()
    return [cause for cause, _ in outline.causes[:MOST_CAUSES] if is_told(cause, fixes)]


def title_of(outline: Outline) -> str:
    """The error, its project and what the page has about it, at most `TITLE_WIDTH` characters: of a
    message that is too long what tells most, before what the page has.
    """
    names, marks = _names(outline), outline.marks or [""]
    entry = outline.known.entry
    endings = [f" – {way}" for way in _ways(outline)]
    whole, runs = _names(outline, short=False), unbroken(names)
    ways = [(m, told, ends) for m in marks for told, ends in ((whole, endings), (runs, [""]))]
    # the message's own words before shorter ones
    for mark, told, ends in (*ways, *((mark, names, [""]) for mark in marks)):
        for title in (name + mark + end for name in told for end in ends):
            if len(title) <= TITLE_WIDTH:
                return title
    if entry.provider and entry.status:
        marks = [""]  # the provider is named
    died = f" ({outline.subjects[0]})" if outline.subjects else ""
    if _DIED.search(outline.message) and 0 < len(died) <= MOST_OF_A_MARK:
        marks = [died]  # it tells more than the project
    cut = [
        (told_in(names, TITLE_WIDTH - len(mark)), mark)
        for mark in marks
        if len(mark) <= MOST_OF_A_MARK or mark == marks[-1]
    ]
    most = max(score for (score, _), _ in cut)
    return next(name + mark for (score, name), mark in cut if score >= most - 1)


MOST_OF_A_MARK = 30
"""Characters of what stands behind a message that is cut."""


_DIED = re.compile(r"(?i)\bprocess (?:has )?(?:terminated|exited|crashed|died)\b")


def _ways(outline: Outline) -> tuple[str, ...]:
    only_linked = outline.names_no_fix and outline.unquoted and outline.status != "changed"
    told = "changed" if wording.only_said(outline) else outline.status
    told = "stated" if wording.only_in_part(outline) and told != "released" else told
    ways = WAYS["linked" if only_linked else told]
    if len(outline.releases) == 1 and outline.status == "released":
        return (f"fixed in {outline.releases[0].version}", *ways)
    return ways


def _names(outline: Outline, *, short: bool = True) -> list[str]:
    entry = outline.known.entry
    provider = "" if entry.status else provider_name(entry.provider or "")
    return names_of(outline.message.rstrip(".: "), provider, short=short)


def description_of(outline: Outline) -> str:
    """The error, where and when it was reported, and what solves it: in the words of a fix or a
    cause where they are short, else how far one is known.
    """
    entry, names = outline.known.entry, _names(outline)
    one = project_named(outline.known.repos[0].repo) if entry.repos == 1 else ""
    where = one or f"{entry.repos} projects"
    about = ", ".join([where, *outline.subjects])
    several = f"{counted(entry.threads, 'thread')} of " if entry.threads > 1 else ""
    last = f"last on {day(outline.known.last_opened)}" if several else day(entry.first_seen)
    seen = dict.fromkeys(
        f" ({several}{place}{when})." for place in (about, where) for when in (f", {last}", "")
    )
    whole = len(names[-1])
    for project, what, words in _tails(outline):
        told = f"{what} in {project}: " if what and project != one else what and f"{what}: "
        tail = f"{'' if words.lower().startswith(f'“{what}'.lower()) else told}{words}"
        for needed in (whole, min(whole, NAME_WIDTH)):
            for rest in (*seen, f" ({where}).", *(() if one else (".",))):
                room = DESCRIPTION_WIDTH - len(rest) - len(tail) - 1
                if room >= needed:
                    return f"{fitted(names, room)}{rest} {tail}"
    rest = f" ({where})."
    return f"{fitted(names, DESCRIPTION_WIDTH - len(rest))}{rest}"


def _tails(outline: Outline) -> Iterator[tuple[str, str, str]]:
    """What a description may say behind the name, the most telling first: of which project, as
    what, in which words.
    """
    led = any(p.is_good for p in outline.tries[:1])
    harmless = [p for p in outline.tries if not p.risk and (p.is_good or not led)]
    points = harmless or _told_causes(outline)[:1]
    named = _NUMBER.search(outline.message)
    lead = outline.status != "released" or outline.known.entry.repos > 1
    helped = "What helped in part" if wording.only_in_part(outline) else "What helped"
    for point in points if lead else ():
        worked = point.is_borne_out or point.counted("confirms") > point.counted("contradicts")
        what = helped if worked else "Suggested"
        project = project_named(point.quote.repo)
        for text in _briefly(point):
            if "`@" not in text and "?" not in text:
                words = _OPENS_CODE.sub(": ", text).replace("`", "").rstrip(";, ")
                whose = f" of {project}" if named and names_only_a_version(text) else ""
                yield project, "Cause" if point.is_cause else what, f"“{words}”{whose}"
    yield "", "", wording.status(outline) or wording.fixed_in(outline)
    yield "", "", f"{capital(_ways(outline)[0])}."


def _briefly(point: Point) -> Iterator[str]:
    """A point in at most `MOST_TOLD` characters, best first: the command that it announces; else
    all that is shown, a sentence that says what to do, the claim's own words and the clause of a
    request, as far as they say it.
    """
    text, fix = point.passage.text, not point.is_cause
    is_code = point.passage.code or bool(_IMPORTED.match(text))
    code = _OR.split(point.code or (text if is_code else ""), maxsplit=1)[0]
    code = _IMPORTED.sub(r"\1; ", code.removesuffix(AND_MORE).strip())
    told = is_code or len(text.split()) < MOST_OF_AN_ANNOUNCEMENT or are_commands(code)
    asked = list(_asked(text)) if fix else []
    if code and fix and told and "\n" not in code and len(code) <= MOST_TOLD:
        if len(code) > MOST_OF_A_COMMAND:
            yield from asked
        yield code
    if point.passage.cut or point.passage.code:
        return
    for inline in _INLINE.finditer(text) if fix else ():
        named = are_commands(inline[1]) or _IMPORT.match(inline[1])
        if named and not _AGAINST.search(_sentence(text, inline)):
            yield inline[1]
    whole = _HELPED.sub("", _joined(text))
    found = [whole]
    if not remedies.has_steps(text):
        solved = _SOLVED_BY.match(text)
        found += [solved[0]] if solved else []
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
    if fix and (says := _SAYS_IT.search(text)) and not _AGAINST.search(_sentence(text, says)):
        yield says[0]


def _asked(text: str) -> Iterator[str]:
    """What a request, an advice or a condition tells to do."""
    for asked in remedies.SAID["asks"].finditer(text):
        words = " ".join(_LINKED.sub("", asked["step"]).split()).rstrip(" .:,")
        bare = _MARKED.sub("", words)
        whole = remedies.is_balanced(bare) and "`" not in bare
        whole = whole and text.count("`", 0, asked.start()) % 2 == 0
        told = _NAMES.search(words) or remedies.tells(words)
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
_OPENS_CODE = re.compile(r":`(?=\w)")
_NUMBER = re.compile(r"\d\.\d")
_NAMES = re.compile(r"`|\d\.\d")
_SOLVED_BY = re.compile(
    r"[^\n.!?]{0,40}\b(?:solved|fixed|resolved) (?:by|with|using) [^\n.!?]{1,60}[.!](?=\s)"
)
"""A first sentence that says by what it was mended."""
_IMPORT = re.compile(r"(?:from \S+ )?import \S")
_SAYS_IT = re.compile(
    r"(?i)[^\n.!?,;]{10,80}\b(?:must|requires?|needs?) [^\n.!?,;]{0,60}\bdivisible by"
    r"[^\n.!?,;]{1,40}"
    r"|\b(?:fixed|released|shipped) in (?:version )?v?\d+(?:\.\d+)+"
)
"""By which number something has to go, and the version that has a fix."""
_IMPORTED = re.compile(r"\A((?:import|from) \S.{0,80})\n(?=\S.{0,80}\Z)")
_INLINE = re.compile(r"`([^`\s]{1,40} [^`\n]{2,120})`")
_LINKED = re.compile(r"\s*\(https?://[^\s()]*\)")
_ADDRESS = re.compile(r"https?://\S+")


def _joined(text: str) -> str:
    """Words on one line; empty where that makes one of two, as of code that has no marks."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wraps = text.strip()[:1].isupper() and "\n\n" not in text
    for line, after in pairwise(lines):
        goes_on = after.startswith("`") or (wraps and _GOES_ON.match(after))
        leads = remedies.tells(_MARKED.sub("", line)) and (goes_on or line.endswith((":", "`")))
        if not leads and not _ENDS.search(line):
            return ""
    return " ".join(" ".join(lines).split())


_GOES_ON = re.compile(r"[a-z]+,? [\w`]")
_MARKED = re.compile(r"`[^`]*`")
_ENDS = re.compile(r"[.!?…。！？][\"'”»)*_]*\Z|https?://\S+\Z")


def quick_fix(outline: Outline) -> str | None:
    """The fix to name first, as one text with its source; none where it is code of several lines
    that its words only announce.
    """
    first = next(iter((*outline.tries, *outline.leads)), None)
    words = _on_one_line(first) if first else ""
    return _cited(first, outline.known, words) if first and words else None


def _on_one_line(point: Point) -> str:
    """A fix with the code that its words announce; the sentence that tells what to do, where its
    lines make no line; empty if that or the code has more lines or no room.
    """
    text = point.passage.text.strip()
    words = shorten(_joined(text), MOST_CITED)
    if "\n" in text and (point.passage.code or not words):
        step = None if point.passage.code else remedies.instruction(text, MOST_CITED)
        return step if step and not step.endswith((":", "：")) else ""
    if point.passage.code or not point.code:
        return words if point.passage.code or not words.endswith((":", "：")) else ""
    # of commands of which each will do, the first
    code = _OR.split(point.code, maxsplit=1)[0].removesuffix(AND_MORE).strip()
    mark = "" if "`" in code else "`"
    text = f"{words} {mark}{code}{mark}"
    return text if code and "\n" not in code and len(text) <= MOST_CITED else ""


_OR = re.compile(r"(?mi)^[ \t]*(?:#|//)[ \t]*or\b[ .:…]*$")
_HELPED = re.compile(r"(?i)\Awhat helped(?: (?:me|us))?\s?:\s*")
MOST_CITED = 240
"""Characters of a fix or a cause in the front matter."""


def _cited(point: Point, known: EntryEvidence, words: str = "") -> str:
    careful = f"Careful ({point.risk}): " if point.risk else ""
    quote = point.quote
    said = f"{wording.who(quote)}, {place_of(quote)}, {day(quote.created_at)}"
    words = words or shorten(point.passage.text, MOST_CITED)
    return f"{careful}“{words}” {quote.url} ({said})"


# ---------------------------------------------------------------- rendering


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Where things are in the export: addresses and titles by entry, this page's former ones."""

    slugs: Mapping[str, str]
    titles: Mapping[str, str]
    former: tuple[str, ...] = ()


def page_of(
    plan: Plan,
    options: Options,
    links: PageLinks,
    category: str | None,
    related: Sequence[Related] = (),
) -> str:
    """The page as text for a target; the same plan gives the same bytes."""
    known, target = plan.known, options.generator
    data = json_ld(plan, options, links.slugs[known.entry_id])
    facts = _facts(plan, links, category, related, data, options.base)
    box = target.box or ("## {}", "")
    text = (
        environment(target)
        .get_template("page.md.j2")
        .render(
            front=front_matter(target.front_of(facts), escaper(target)),
            plan=plan,
            most_named=MOST_NAMED,
            o=plan.outline,
            d=known,
            related=related,
            v=PageView(plan, target, links, markers=options.with_markers),
            target=target,
            box_open=box[0].format,
            box_close=box[1],
            note=options.note_address(known.entry_id),
            twin=f"{options.site_url.rstrip('/')}/{facts.slug}.md" if options.site_url else None,
            script=as_script(data) if target.script else None,
        )
    )
    return wrapped(tidy(text), target)


def _facts(
    plan: Plan,
    links: PageLinks,
    category: str | None,
    related: Sequence[Related],
    data: str,
    base: str | None,
) -> Facts:
    known = plan.known
    entry = known.entry
    tool = known.tools[0][0] if known.tools else None
    tags = [entry.provider, str(entry.status) if entry.status else None, tool]
    more = {
        "technology": technology_of(known),
        "error_signature": plan.outline.signature,
        "common_causes": [_cited(cause, known) for cause in _told_causes(plan.outline)],
        "quick_fix": quick_fix(plan.outline),
        "related_errors": [links.titles.get(r.entry_id, r.title) for r in related],
        "solution": plan.outline.status,
        "entry": known.entry_id,
        "grade": entry.grade,
    }
    return Facts(
        title=plan.title,
        description=plan.description,
        slug=links.slugs[known.entry_id],
        published=entry.first_seen or known.updated,
        updated=known.updated,
        category=category,
        tags=tuple(dict.fromkeys(t for t in tags if t)),
        former=links.former,
        base=base,
        json_ld=data,
        more=more,
    )


def technology_of(known: EntryEvidence) -> str | None:
    """What the error is about, for a site's taxonomy: the provider, else the tool, else the
    repository it was seen in most.
    """
    entry = known.entry
    if entry.provider or entry.tool:
        return str(entry.provider or entry.tool)
    return known.repos[0].repo.split("/")[1] if known.repos else None


def category_of(known: EntryEvidence, options: Options) -> str | None:
    """The site's category of an entry: by provider, tool, repository or technology, else that of
    `*`.
    """
    entry = known.entry
    repos = (place.repo for place in known.repos)
    names = [entry.provider, entry.tool, *repos, technology_of(known)]
    for name in names:
        if name and (found := options.categories.get(str(name).lower())):
            return found
    return options.categories.get("*")


class PageView(View):
    """What the page's template says beside what notes say."""

    def __init__(
        self, plan: Plan, target: Target, links: PageLinks, *, markers: bool = True
    ) -> None:
        super().__init__(plan.outline, target, markers=markers)
        self.links = links
        self._points = list(plan.points())
        self._shown = letters_by_post(self._points)

    def page_link(self, entry_id: str) -> str:
        """A link to another page of the export, or its title where it has none."""
        title = wording.label(self.links.titles.get(entry_id, entry_id))
        slug = self.links.slugs.get(entry_id)
        return self.escaper.inline(title) if slug is None else self.escaper.page(title, slug)
