"""The Markdown of points, labels and lists for one target: what the templates of notes, pages and
evidence blocks share.

Every word of a stranger that is written here is either a block quote (or block of code) followed by
a line that says who wrote it and links it, or the text of a link in quotation marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from kb import lazy_re as re
from kb.claims import Quote
from kb.evidence import EntryEvidence, ThreadRef
from kb.links import link
from kb.notes import remedies, wording
from kb.notes.escape import Escaper, escaper, safe_url
from kb.notes.outline import MOST_RELEASES, Outline
from kb.notes.passages import rendered
from kb.notes.points import MOST_IN_BRIEF, Point, in_brief, label, last_words
from kb.notes.releases import VERSION, Release, names_only_a_version, reported_after, version_words
from kb.notes.targets import COMMONMARK, Target
from kb.notes.titles import project_named
from kb.notes.wording import listed, people, place_of
from kb.text import capital, clean, counted, day, letters

if TYPE_CHECKING:
    from jinja2 import Environment


LIST = "    "
"""What the content of a list item is indented by: the one width that every generator reads."""
_LINE = re.compile(r"\n(?=.)")
MOST_LINKS = 3
"""Reports of success or failure that are linked beside their count."""
_AGAIN = ("", "a second post of ", "a further post of ")
"""What stands before a thread's name where it was named before, for another of its posts."""


def letters_by_post(points: Iterable[Point]) -> dict[str, str]:
    """What is shown of each post, by its address: a line of letters and digits for each passage."""
    shown: dict[str, str] = {}
    for point in points:
        words = letters(f"{point.passage.text}{point.code}")
        shown[point.quote.url] = f"{shown.get(point.quote.url, '')}{words}\n"
    return shown


class _Plain(Escaper):
    """Writes texts of strangers where nothing acts."""

    def inline(self, text: str, *, brackets: bool = False) -> str:
        """The text on one line."""
        return " ".join(clean(text).split())

    def link(self, text: str, url: str) -> str:
        """The text of the link."""
        return self.inline(text)


class View:
    """Writes one entry's quotes for one target. `markers`: beside each quote stands a comment that
    names its claim; `points`: those that the document shows, if not all of the outline.
    """

    def __init__(
        self,
        outline: Outline,
        target: Target,
        *,
        markers: bool = True,
        points: Sequence[Point] | None = None,
    ) -> None:
        self.outline = outline
        self.known: EntryEvidence = outline.known
        self.target = target
        self.escaper: Escaper = escaper(target)
        self.markers = markers
        self._points = outline.points() if points is None else points
        self._labels = True
        self._shown = letters_by_post(self._points)
        fixes = [p for p in outline.fixed_points() if not p.is_cause]
        self._of_fixes = {q.url for p in fixes for q in (p.quote, *p.answers("confirms"))}

    @classmethod
    def plain(cls, outline: Outline) -> View:
        """The same words without Markdown and links, for a terminal."""
        view = cls(outline, COMMONMARK, markers=False)
        view.escaper, view._shown, view._labels = _Plain(), {}, False
        return view

    # ------------------------------------------------------------ words about the entry

    def lead(self, *, short: bool = False) -> str:
        """What it is, how often it was reported, how far a solution is known. `short`: without what
        it is, where that was said for several errors at once.
        """
        meaning = "" if short else wording.meaning(self.outline)
        reported, state = map(self.escaper.inline, wording.lead(self.known))
        told = f"{self.escaper.inline(meaning)} {reported}{self._reported_as()}; {state}.".lstrip()
        told += "" if short else self._told()
        status, more = wording.status(self.outline), ""
        if sure := self.outline.sure_releases:
            fixed = f"Fixed in {self._releases(sure)}{wording.unheard(self.outline)}."
            status, more = (status, f" {fixed}") if status else (fixed, "")
        if said := [r for r in self.outline.releases if not r.sure]:
            unheard = wording.UNHEARD if wording.only_said(self.outline) else ""
            known = status.startswith("A fix") and not more
            begins = "It is said to be" if known else "Said to be fixed"
            words = f"{begins} in {self._releases(said)}{unheard}."
            if wording.UNHEARD in status:
                words = f"{words[:-1]}; {status[0].lower()}{status[1:]}"
                status = ""
            status, more = (status, f"{more} {words}") if status else (words, more)
        if each := wording.by_project(self.outline):
            more += f" {self.escaper.inline(each)}"
        if (fix := self.outline.unquoted) is not None:
            before, behind = wording.unquoted(self.outline)
            more += f" {before} {self.escaper.link(place_of(fix), fix.url)}, {behind}."
        return f"{told} **{status}**{more}"

    def _reported_as(self) -> str:
        """What a thread with the error is called, if that tells more than the error's name."""
        if (found := self.outline.case(self.outline.title)) is None:
            return ""
        thread, title = found
        before = "" if self.known.entry.threads == 1 else ", one of them"
        how = "as" if thread.main else "under"
        return f"{before} {how} {self.escaper.link(f'“{title}”', thread.url)}"

    def _told(self) -> str:
        """When it came up, as a report says and a comment narrows down."""
        reports = {thread.url for thread in self.known.threads}
        source = "the report" if len(reports) == 1 else "one report"
        told: dict[str, list[str]] = {}
        for words, url in self.outline.reported:
            how = f"From {source}:" if url in reports else "A comment narrows it down:"
            if words[0] == words[-1] == "`":
                how = f"{capital(source)} shows it after"
            told.setdefault(how, []).append(self.escaper.link(f"“{words}”", url))
        return "".join(f" {how} {listed(said)}." for how, said in told.items())

    def _releases(self, releases: Sequence[Release]) -> str:
        """Projects with the version that mends it; each version links the words that name it."""
        return listed([self._release(r) for r in releases[:MOST_RELEASES]])

    def _release(self, release: Release) -> str:
        said = self.escaper.link(release.version, release.quote.url)
        named = f"{self.escaper.inline(release.repo)} {said}"
        if release.fails:
            return f"{named} (its thread names {self.escaper.inline(release.fails)} as failing)"
        if (seen := release.seen) is None:
            return f"{named} ({self._again(release.again)})" if release.again else named
        version = VERSION.search(seen.text)
        words = f"with {version[0].removeprefix('v')}" if version else "later"
        return f"{named} (reported again {self.escaper.link(words, seen.url)})"

    def _again(self, thread: ThreadRef) -> str:
        """That the error was reported again in a later thread."""
        name = self.escaper.link(f"{thread.repo}#{thread.number}", thread.url)
        return f"reported again in {name}, {day(thread.created_at)}"

    # ------------------------------------------------------------ points

    def point(self, point: Point, lead: str = "", *, named: bool = True) -> str:
        """A statement: its words, then one line about who wrote it and how it went. `lead`: as an
        item of a list, which begins so (`1.  `); `named`: it says in which projects it holds, if
        not in all.
        """
        write, passage = self.escaper, point.passage
        where = wording.holds_in(point, self.known) if named else ""
        parts = [f"In {write.inline(where)}:"] if where else []
        parts += [f"**Careful:** {write.inline(point.warning)}."] if point.warning else []
        if passage.code:
            parts.append(write.fence(passage.text, quoted=True, language=passage.language))
        else:
            parts.append(write.blockquote(passage.text))
        if point.code:
            language = passage.language if passage.block else "text"
            parts.append(write.fence(point.code, quoted=True, language=language))
        if passage.rest:
            parts.append(write.blockquote(passage.rest))
        mark = f"\n{write.comment(point.quote.marker)}" if self.markers else ""
        parts.append(f"{self.about(point)}{mark}")
        text = "\n\n".join(parts)
        return lead + _LINE.sub(f"\n{LIST}", text) if lead else text

    def numbered(self, points: Sequence[Point]) -> str:
        """Points as a numbered list; numbers between them where a list holds no quotes. One alone
        is no list.
        """
        if len(points) == 1:
            return self.point(points[0])
        if not self.target.nested_fences:
            lines = (
                f"**{n}.**{' ' if wording.holds_in(p, self.known) else chr(10) * 2}{self.point(p)}"
                for n, p in enumerate(points, 1)
            )
            return "\n\n".join(lines)
        return "\n\n".join(self.point(p, f"{n}.  "[:4]) for n, p in enumerate(points, 1))

    def bullets(self, points: Sequence[Point], *, named: bool = True) -> str:
        """Points as a list; one after the other where a list holds no quotes. `named`: as of a
        point.
        """
        lead = "-   " if len(points) > 1 and self.target.nested_fences else ""
        return "\n\n".join(self.point(p, lead, named=named) for p in points)

    def about(self, point: Point) -> str:
        """Who said it where and when, what it holds for, and how it went."""
        quote = point.quote
        where = self.escaper.link(place_of(quote), quote.url)
        said = capital(wording.who(quote))
        if point.statement.stance == "suspected" and point.is_cause:
            said += ", as a guess,"
        head = f"{said} in {where}, {day(quote.created_at)}"
        if point.seen_with:
            head += f" (seen with {self.escaper.inline(point.seen_with)})"
        sentences = [f"{head}."]
        named = {r.quote.url for r in self.outline.releases}
        if where := wording.holds_in(point, self.known):
            only = f"Known in {self.escaper.inline(where)} only."
            sentences += [] if self._labels else [only]  # it stands before the quote
        elif not point.code and quote.url not in named and names_only_a_version(point.passage.text):
            project = self.escaper.inline(project_named(quote.repo))
            sentences.append(f"The version is that of {project}.")
        later = reported_after(self.known, quote) if point.is_an_update else None
        if later is not None and quote.url not in named:
            sentences.append(f"{capital(self._again(later))}.")
        went = self._outcome(point)
        before = takewhile(lambda p: p.quote.claim_id != quote.claim_id, self._points)
        # what was said of a post is told once
        if any(p.quote.url == quote.url and self._outcome(p) == went for p in before):
            went = []
        return " ".join([*sentences, *went, *self._also(point)])

    def _outcome(self, point: Point) -> list[str]:
        """How it went for others: counts of people, with links to what they wrote."""
        statement = point.statement
        if statement.stance == "refuted":
            linked = self._linked(statement.answers("contradicts"), point.quote.url)
            return [f"Contradicted by {linked}."] if linked else []
        good, told = point.answers("confirms"), []
        for words, quotes in wording.went(point):
            if point.is_cause and {q.url for q in quotes} <= self._of_fixes:
                continue  # it is told of what to do
            links = self._linked(quotes, point.quote.url)
            told.append(capital(words) + (f": {links}." if links else "."))
        if point.approvals and not good:
            told.append(f"{counted(point.approvals, 'reader')} gave it a thumbs up.")
        if not good and (taken := point.counted("accepts")):
            links = self._linked(point.answers("accepts"), point.quote.url)
            took = f"{capital(people(taken))} took this answer"
            told.append(f"{took}{f' ({links})' if links else ''}; nobody says that it worked.")
        for role, what in (("merged", "Merged {}"), ("still_seen", "Seen again later")):
            quotes = statement.answers(role)[-1:]
            if links := self._linked(quotes, ""):
                told.append(f"{what.format(day(quotes[0].created_at))}: {links}.")
        return told

    def _linked(self, quotes: Sequence[Quote], own: str) -> str:
        """The first words of posts as links, each post once; not the post that is quoted itself."""
        by_url: dict[str, Quote] = {}
        # of several sentences of a post the one that says how it went
        for quote in sorted(quotes, key=lambda q: not _OUTCOME.search(q.text)):
            if quote.url != own and quote.text.strip():
                by_url.setdefault(quote.url, quote)
        by_words = {label(quote.text, 48): quote for quote in reversed(by_url.values())}
        return ", ".join(self._said(quote) for quote in [*by_words.values()][::-1][:MOST_LINKS])

    def _said(self, quote: Quote) -> str:
        """The first words of a report as its link, and the version it names further on."""
        own = letters(quote.text)
        if own and own in self._shown.get(quote.url, ""):
            return self.escaper.link("quoted on this page", quote.url)
        text = rendered(_MENTION.sub("", quote.text))
        words = in_brief(text) or label(text, MOST_IN_BRIEF)
        version = VERSION.search(quote.text)
        told = f" with {version[0]}" if version and version[0] not in words else ""
        return self.escaper.link(last_words(words), quote.url) + told

    def _also(self, point: Point) -> list[str]:
        """Other threads that say the same."""
        others: dict[str, Quote] = {}
        for quote in point.statement.alike:
            if place_of(quote) != place_of(point.quote):
                others.setdefault(place_of(quote), quote)
        if not others:
            return []
        links = [self.escaper.link(name, q.url) for name, q in list(others.items())[:3]]
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        return [f"Also said in {', '.join(links)}{more}."]

    def tail(self, points: Sequence[Point], most: int) -> str:
        """The first `most` statements in a few words each, which are links, rather those that say
        what to do; links alone to the others and those whose point a few words would not reach.
        """
        brief: list[str] = []
        elsewhere: list[str] = []
        places = Counter[str]()
        how = [wording.briefly(point) for point in points]
        for number, (point, told) in enumerate(zip(points, how, strict=True)):
            has_room = number < most and not point.passage.code
            words = in_brief(_step(point)) if has_room else ""
            about = [self.escaper.inline(project_named(point.quote.repo))] if words else []
            if told:
                others = (q.url for q in point.answers("confirms") if q.url != point.quote.url)
                url = None if point.is_refuted else next(others, None)
                about.append(self.escaper.link(told, url) if url else told)
            said = f"“{words}”"
            if not words:
                place = place_of(point.quote)
                said = _AGAIN[min(places[place], len(_AGAIN) - 1)] + place
                places[place] += 1
            said = self.escaper.link(said, point.quote.url)
            said += f" ({', '.join(about)})" if about else ""
            (brief if words else elsewhere).append(said)
        parts = [f"In brief: {'; '.join(brief)}."] if brief else []
        # a link to one post of which nothing can be told says nothing
        worth = len(points) > 1 or any(how)
        parts += [f"More in {listed(elsewhere)}."] if elsewhere and worth else []
        return " ".join(parts)

    def said(self, points: Iterable[tuple[Point, str]], width: int) -> Iterator[str]:
        """Statements in a few of their words, which link the post, at most `width` characters, and
        who says so.
        """
        for point, text in points:
            if not point.passage.code:
                words = self.escaper.link(f"“{label(text, width)}”", point.quote.url)
                where = self.escaper.inline(project_named(point.quote.repo))
                said = wording.who(point.quote)
                yield f"{words} ({said}, {where})"

    # ------------------------------------------------------------ tables and lists

    def table(self) -> str:
        """Who sees it: projects with what is known of each, without columns that say nothing."""
        known = self.known
        versions: dict[str, list[str]] = {}
        for found in known.versions:
            versions.setdefault(found.tool or "", []).append(version_words(found.version))
        places = known.repos[:8]
        alone = all(place.threads == 1 for place in places)
        days = [(day(place.first), day(place.last)) for place in places]
        named = [", ".join(versions.get(place.repo, [])[:4]) for place in places]
        columns = {
            "Project": [self.escaper.inline(place.repo) for place in places],
            "Threads": ["" if alone else str(place.threads) for place in places],
            "Open": [str(place.open or "") for place in places],
            "Versions": [self.escaper.inline(words) for words in named],
            "Reported": [first if first == last else f"{first} to {last}" for first, last in days],
        }
        shown = {head: cells for head, cells in columns.items() if any(cells)}
        rows = [tuple(shown), ("---",) * len(shown), *zip(*shown.values(), strict=True)]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def versions(self) -> str:
        """The versions that the threads of one project name, in a sentence; empty where a table
        says it or none is named.
        """
        found = list(dict.fromkeys(version_words(v.version) for v in self.known.versions))
        if len(self.known.repos) > 1 or not found:
            return ""
        more = f" and {counted(len(found) - 6, 'other')}" if len(found) > 6 else ""
        names = [self.escaper.inline(v) for v in found[:6]]
        return f"Reported with {', '.join(names) + more if more else listed(names)}."

    def source(self, thread: ThreadRef) -> str:
        """A thread in the list of sources."""
        name = self.escaper.link(f"{thread.repo}#{thread.number}", thread.url)
        title = self.escaper.inline(thread.title)
        told = f"{day(thread.created_at)}, {thread.state}"
        if thread.duplicate_of:
            host, other = thread.url.partition(f"/{thread.repo}/")[0], thread.duplicate_of
            url = link(f"{host}/{other.replace('#', '/issues/')}")
            told += f", said to be the same as {self.escaper.link(other, url)}"
        return f"{name}: {title} ({told})"

    def form_words(self, most: int) -> str:
        """What the forms that follow are, at most so many; empty for the only one."""
        number = len(self.forms)
        if number > most:
            return f"The {wording.spelled(most).lower()} most common of its {number:,} forms:"
        return f"It appears in {wording.spelled(number).lower()} forms:" if number > 1 else ""

    @cached_property
    def forms(self) -> list[str]:
        """Real forms of the message, the commonest first, each once whatever stands around it;
        those whose beginning or end is lost only where there are no others.
        """
        raw = [form.raw for form in self.known.variants]
        told: dict[str, str] = {}
        for form in [form for form in raw if not _TORN.search(form)] or raw:
            shown = _alone(form)
            words = f" {' '.join(_WORDS.findall(shown.lower()))} "
            if not any(words in other or other in words for other in told):
                told[words] = self.escaper.fence(shown)
        return [*told.values()]


def _step(point: Point) -> str:
    """What to do, of a fix; else all its words, those of the claim where they were cut off."""
    text = point.quote.text if point.passage.cut else point.passage.text
    return (not point.is_cause and remedies.action(text, MOST_OF_A_STEP)) or text


MOST_OF_A_STEP = 400


_WORDS = re.compile(r"\w+")
_OUTCOME = re.compile(r"(?i)\bno longer\b|\bworks\b|\bfixed\b|\bfixes\b|\b(?:re)?solved\b")
_MENTION = re.compile(r"\A\W{0,3}@[\w-]{1,39}[\s,:]+(?:[-–—]\s+)?")
_DEBRIS = re.compile(r"\[([^\[\]\n]{1,200})\]\(javascript:[^()\n]{0,40}(?:\(\d?\);?)?\)")
"""What a page's button leaves of a name that is copied with it."""


def _alone(form: str) -> str:
    """A form of an error without the lines of a log or a prompt below it, and without bold type,
    which no program prints, also in HTML.
    """
    form = _TAG.sub(r"\2", form)
    if "{" in form and "\\n" in form:  # a text of JSON
        form = _ESCAPED.sub(lambda found: "\n" if found[0][-1] == "n" else found[0][-1], form)
    lines = _BOLD.sub(r"\1", _DEBRIS.sub(r"\1", form)).split("\n")
    while len(lines) > 1 and _OTHER_LINE.match(lines[-1]):
        lines.pop()
    return "\n".join(lines)


_TORN = re.compile(r"\A(?:with|of|for|by|from) [a-z]|['\"][^'\"\n]{0,300}https?://[\w.-]{1,80}\Z")
"""Begins within a sentence, or ends within the address in a value."""
_ESCAPED = re.compile(r"\\{1,4}[n'\"]")
_TAG = re.compile(r"<(b|i|em|strong)>([^<>\n]{1,200})</\1>")
_BOLD = re.compile(r"(?<![\w*/])\*\*(?=[^\s*/])([^*\n]{1,200})(?<=\S)\*\*(?![\w*/])")
_OTHER_LINE = re.compile(
    r"""(?x)[^\n]{0,60}?(?:Traceback\ \(most\ recent\ call\ last\):\s*\Z
    | \b\d{4}[-/]\d\d[-/]\d\d\b[^\n]{0,40}\b(?:INFO|DEBUG|WARN(?:ING)?)\b
    | \|\s{0,4}(?:INFO|DEBUG):\s)
    | >>>\  | `{1,3}\s*\Z | \[GIN\]\  | -{3}\ \w{1,20}\ -{3}\s*\Z
    | \w{1,40}:\d{1,6}:\ \w{1,40}Warning:\ """
)


_FENCE = re.compile(r"[ >]*(?:(?:[-*+]|\d{1,3}\.) +)?(`{3,}|~{3,})")


@cache
def environment(target: Target) -> Environment:
    """The templates with their filters for a target; every text of a stranger passes one of the
    escaping filters.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    escape = escaper(target)
    # Markdown, not HTML: escaping is done by the filters below
    env = Environment(  # noqa: S701
        loader=PackageLoader("kb"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "inline": escape.inline,
        "comment": escape.comment,
        "url": safe_url,
        "day": day,
        "counted": counted,
    }
    fold, box = target.fold or ("", ""), target.box or ("## {}", "")
    env.globals |= {"fold_open": fold[0].format, "fold_close": fold[1]}
    env.globals |= {"box_open": box[0].format, "box_close": box[1], "fold": target.fold}
    return env


def written(template: str, view: View, **more: Any) -> str:
    """What a template says with a view of an entry, as Markdown that ends in one line end."""
    found = environment(view.target).get_template(template)
    return tidy(found.render(v=view, o=view.outline, d=view.known, **more))


def tidy(text: str) -> str:
    """The document with single blank lines outside of fences and one line end at its end; hard
    breaks stay.
    """
    out: list[str] = []
    fence = ""
    for line in text.split("\n"):
        stripped = line.lstrip(" >")
        if fence:
            if stripped.rstrip() == fence:
                fence = ""
        elif (mark := _FENCE.match(line)) is not None:
            fence = mark[1]
        elif not line.strip():
            if out and out[-1]:
                out.append("")
            continue
        out.append(line)
    return "\n".join(out).strip("\n") + "\n"
