"""What each answer says to a person, as parts for `kb.query.terminal`. Every text that comes from a
thread is cleaned here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.history import Event
from kb.query.results import (
    GRADES,
    Answer,
    AskedError,
    Entry,
    EntryPage,
    Growth,
    KnownClaim,
    Result,
    Stats,
    Trends,
)
from kb.query.terminal import BLANK, QUOTE_CHARS, Part, bar, sparkline
from kb.text import block, capital, counted, day, shorten

if TYPE_CHECKING:
    from kb.query.explain import Explained, Side

MANY = 12
"""Items of a list that are printed; `show --json` has them all."""
NAMED = 5
"""Errors of a log that are named beside the ones that were answered."""


# ---------------------------------------------------------------- query and search


def answer_view(answer: Answer) -> list[Part]:
    """A query's answer: what is surely known first, with its best cause and fix, then what is
    related.
    """
    sure = [r for r in answer.results if r.sure]
    related = [r for r in answer.results if not r.sure]
    parts: list[Part] = []
    if not sure:
        asked = answer.errors[0]
        what = (
            "No entry is surely this error"
            if asked.detected
            else "No error was recognised in this text; no entry is surely what it says"
        )
        parts += [Part(f"{what}:", "warn"), Part(shorten(asked.raw), indent=2)]
    for result in sure:
        if parts:
            parts.append(BLANK)
        if len(answer.errors) > 1:
            asked = answer.errors[result.error]
            times = f", {asked.count:,} times" if asked.count > 1 else ""
            which = f"[{result.error + 1} of {len(answer.errors)}{times}]"
            parts.append(Part(shorten(asked.raw, 120), "dim", label=which))
        parts += _sure(result)
    parts += _others(answer, sure) if sure else []
    if related:
        parts += [BLANK, Part("Related:" if sure else "Worth a look:", "label")]
        parts += [part for result in related for part in _short(result)]
    return parts


def _others(answer: Answer, sure: Sequence[Result]) -> list[Part]:
    """The errors of a log that are not answered above: of an entry that is, beyond the limit, or
    not known.
    """
    answered, shown = {r.error for r in sure}, {r.entry.entry_id for r in sure}
    known = {index: entry for index, entry in answer.known if index not in answered}
    unknown = [i for i in range(len(answer.errors)) if i not in answered and i not in known]
    kinds = {
        "of an entry above": [i for i, entry in known.items() if entry in shown],
        "known, --limit shows them": [i for i, entry in known.items() if entry not in shown],
        "not known here": unknown,
    }
    parts: list[Part] = []
    for what, indices in kinds.items():
        if indices:
            named = "; ".join(shorten(answer.errors[i].raw, 80) for i in indices[:NAMED])
            more = f"; and {len(indices) - NAMED:,} others" if len(indices) > NAMED else ""
            label = f"{len(indices):,} more, {what}:"
            parts += [BLANK, Part(f"{named}{more}", label=label)]
    return parts


def results_view(results: Sequence[Result]) -> list[Part]:
    """What a search found."""
    return [part for result in results for part in _short(result, indent=0)]


def _sure(result: Result) -> list[Part]:
    entry = result.entry
    match = "Exact:" if result.match == "exact" else f"Same ({result.score:.0%}):"
    parts = [
        Part(shorten(result.heading), "title"),
        Part(result.why, indent=2, label=match),
        Part(_facts(entry, result.versions), "dim", 2),
    ]
    meaning = [cause for cause in result.causes[:1] if cause.general]
    parts += _claims(meaning, "meaning", 2) if meaning else []
    parts += _claims(result.fixes, "fix", 2)
    causes = result.causes[len(meaning) :]
    parts += _claims(causes, "cause", 2) if causes or not meaning else []
    if entry.url and not (result.fixes or result.causes):
        parts.append(_link(entry.url, 2))
    more = f", {counted(result.more_claims, 'more statement')}" if result.more_claims else ""
    return [*parts, Part(f"faultlore show {entry.entry_id}{more}", "dim", 2, "More:")]


def _short(result: Result, indent: int = 2) -> list[Part]:
    entry = result.entry
    facts = f"{entry.entry_id}, {counted(entry.threads, 'thread')}, grade {entry.grade}"
    parts = [
        Part(shorten(entry.title), "title", indent),
        Part(f"{facts}, score {result.score:.2f}: {result.why}", "dim", indent + 2),
    ]
    return [*parts, _link(entry.url, indent + 2)] if entry.url else parts


def _link(url: str, indent: int) -> Part:
    return Part(shorten(url, 500), "link", indent)


MOST_VERSIONS = 3


def _facts(entry: Entry, versions: Sequence[str] = ()) -> str:
    repos = counted(entry.repos, "repository", "repositories")
    facts = [
        f"{counted(entry.threads, 'thread')} in {repos}",
        f"{counted(entry.reporters, 'reporter')}",
        f"first seen {day(entry.first_seen)}, last {day(entry.last_seen)}",
        f"grade {entry.grade} ({GRADES.get(entry.grade, '?')})",
    ]
    if versions:
        named = ", ".join(shorten(v, 30) for v in versions[:MOST_VERSIONS])
        more = len(versions) - MOST_VERSIONS
        word = "version" if len(versions) == 1 else "versions"
        facts.append(f"{word} {named}" + (f" and {more} more" if more > 0 else ""))
    return "; ".join(facts)


def _claims(
    claims: Sequence[KnownClaim], part: str, indent: int = 0, *, every: bool = False
) -> list[Part]:
    """Claims under the heading of their note, in its words. `every`: with stance and confidence,
    which a legend must explain, and why they are not published.
    """
    heading, nothing = _HEADINGS[part]
    if not claims:
        return [Part(f"{nothing}, or none is certain enough", "dim", indent, heading)]
    parts = [Part("", indent=indent, label=heading)]
    for claim in claims:
        if claim.warning:
            parts.append(Part(f"{claim.warning}.", "warn", indent + 2, "Careful:"))
        words = f"{claim.text}\n{claim.code}" if claim.code else claim.text
        sure = ""
        if every:
            sure = f" {capital(claim.stance)} {claim.kind}, confidence {claim.confidence:.0%}."
            if not claim.published:
                sure += f" Not published: {shorten(claim.reason, 200)}."
        parts += [
            Part(block(words, QUOTE_CHARS), "quote", indent + 2),
            Part(shorten(claim.about, 500) + sure, "dim", indent + 2),
            _link(claim.url, indent + 2),
        ]
    return parts


_HEADINGS = {
    "meaning": ("What it means:", ""),
    "fix": ("What to try:", "nobody named a fix"),
    "cause": ("Why it happens:", "nobody said why"),
    "failed": ("What did not help:", "nobody said what did not"),
    "beside": ("Already said above, in the same or other words:", ""),
    "withheld": ("Kept but not published:", ""),
}


# ---------------------------------------------------------------- show


_LEGEND = (
    "Confidence is how often such a statement is what it is called here: of those with 80%, eight "
    "in ten."
)


def page_view(
    page: EntryPage, *, kind: str | None = None, most: int = MANY, every: bool = False
) -> list[Part]:
    """One entry with its claims and where it was seen.

    `kind`: only claims of this kind; `most`: claims of each kind, and threads, that are shown;
    `every`: those too that say what another one shown says.
    """
    page = page.only(kind)
    entry = page.entry
    parts = [
        Part(shorten(page.heading), "title"),
        Part(f"{entry.entry_id}; {_facts(entry, page.versions)}", "dim", 2),
        Part(shorten(entry.signature, 1000), indent=2, label="Signature:"),
        *_fields(entry, "provider", "tool", "status", "code", "exception"),
    ]
    if page.aliases:
        parts.append(Part(", ".join(page.aliases), indent=2, label="Formerly:"))
    if page.seen_as:
        parts.append(Part("", indent=2, label="People see:"))
        for raw, times in page.seen_as:
            parts += [Part(block(raw, 300), "quote", 4), Part(counted(times, "time"), "dim", 4)]
    left_out = page.claims_left_out
    listed = [c for c in page.claims if every or c.part != "beside"]
    asked = ("fix", "cause") if kind is None else ("cause" if kind == "cause" else "fix",)
    for part in _HEADINGS:
        claims = page.of(part)
        shown = claims[: most if every or part != "beside" else 0]
        left_out += len(claims) - len(shown)
        if shown:
            parts += [BLANK, *_claims(shown, part, every=True)]
        elif part in asked and (kind is None or not listed):
            why = _why_none(page.claims, part, kind)
            parts += [BLANK, Part(why, "dim", label=_HEADINGS[part][0])]
    if listed:
        correct = f"'faultlore review {entry.entry_id}' lists them with the ids to correct them by."
        parts += [BLANK, Part(f"{_LEGEND} {correct}", "dim")]
    if left_out:
        more = f"{left_out:,} more {'claim' if left_out == 1 else 'claims'}; --all shows every one"
        parts += [BLANK, Part(more, "dim")]
    return parts + _threads(page, most)


def _why_none(claims: Sequence[KnownClaim], part: str, kind: str | None) -> str:
    """Why nothing stands under a heading: another statement says it too, or nothing is sure."""
    other, where = ("fix", "above") if part == "cause" else ("cause", "below")
    if any(c.part == "beside" and (c.kind == "cause") == (part == "cause") for c in claims):
        if kind is not None:
            return "said within another statement, which stands here without --kind"
        if any(c.part == other for c in claims):
            return f"said {where}, under “{_HEADINGS[other][0].rstrip(':')}”"
    return "none is shown (--all shows what is kept but not published)"


def _fields(named: Entry | AskedError, *names: str) -> list[Part]:
    """The fields that something has, on one line; none where it has none."""
    found = [(name, getattr(named, name)) for name in names]
    said = ", ".join(f"{n} {shorten(str(value), 80)}" for n, value in found if value is not None)
    return [Part(said, indent=2, label="Fields:")] if said else []


def _threads(page: EntryPage, most: int) -> list[Part]:
    repos = ", ".join(f"{shorten(repo, 80)} ({n})" for repo, n in page.seen_in)
    parts = [BLANK, Part(repos, label="Seen in:")]
    for thread in page.thread_list[:most]:
        where = f"{thread.repo}#{thread.number} {day(thread.created_at)} {thread.state}"
        parts += [Part(f"{where}: {shorten(thread.title, 100)}", indent=2), _link(thread.url, 4)]
    if page.entry.threads > most:
        parts.append(Part(f"and {page.entry.threads - most:,} more", "dim", 2))
    if page.related:
        parts += [BLANK, Part("In the same threads:", "label")]
    for entry in page.related:
        said = f"{entry.entry_id} {shorten(entry.title, 100)} ({counted(entry.threads, 'thread')})"
        parts.append(Part(said, indent=2))
    return parts


def history_view(lines: Sequence[Event]) -> list[Part]:
    """An entry's history, oldest first."""
    parts: list[Part] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before and before.rules != line.rules:
            parts.append(
                Part("the rules by which errors are grouped were others from here on", "dim")
            )
        ids = f"{line.entry_id} {line.other_id}" if line.other_id else line.entry_id
        parts.append(Part(f"{ids}: {shorten(line.why, 300)}", label=f"{line.at} {line.action}"))
    return parts


# ---------------------------------------------------------------- figures


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"


def stats_view(stats: Stats) -> list[Part]:
    """The figures of a knowledge base."""
    repos = counted(len(stats.repos), "repository", "repositories")
    kinds = f"{counted(stats.issues, 'issue')}, {counted(stats.pulls, 'pull request')}"
    threads = f"{stats.threads:,} ({kinds}) in {repos}; {counted(stats.comments, 'comment')}"
    grades = ", ".join(f"{grade} {n:,}" for grade, n in stats.grades) or "none"
    claims = ", ".join(f"{n:,} {kind}" for kind, n in stats.claims)
    claims = f"{claims}, about an entry's error" if claims else "none"
    mentions = ("place where an entry's error stands", "places where an entry's error stands")
    coverage = "no issues yet"
    if stats.issues:
        coverage = (
            f"{_share(stats.covered, stats.issues)} of the issues have an entry,"
            f" {_share(stats.answered, stats.issues)} one with a supported answer (grade A or B)"
        )
    parts: list[Part] = [
        Part(threads, label="Threads:"),
        Part(f"{stats.entries:,}, by grade: {grades}", label="Entries:"),
        Part(counted(stats.mentions, *mentions), label="Mentions:"),
        Part(claims, label="Claims:"),
        Part(coverage, label="Coverage:"),
    ]
    if stats.until:
        entries = counted(stats.new_entries, "new entry", "new entries")
        grown = f"{counted(stats.new_threads, 'new thread')}, {entries}"
        week = f"in the 7 days to {day(stats.until)}, the newest thread: {grown}"
        parts += [Part(week, label="Week:"), *map(_growth, stats.grew)]
    if stats.waiting:
        waiting = f"{counted(stats.waiting, 'thread')} not mined yet: run 'faultlore mine'"
        parts.append(Part(waiting, "warn", label="Waiting:"))
    if most := max((count for _, count in stats.months), default=0):
        span = f"{stats.months[0][0]} to {stats.months[-1][0]}"
        said = f"{span}, at most {counted(most, 'thread')} in a month"
        parts.append(Part(said, label="Months:", drawn=sparkline([n for _, n in stats.months])))
    if stats.repos:
        parts.append(Part("", label="Repositories:"))
        for repo, n in stats.repos[:MANY]:
            said = f"{shorten(repo, 80)} {counted(n, 'thread')}"
            parts.append(Part(said, indent=2, drawn=bar(n, stats.repos[0][1])))
        if (more := len(stats.repos) - MANY) > 0:
            parts.append(Part(f"and {more:,} more", "dim", 2))
    return parts


def _growth(growth: Growth) -> Part:
    entry = growth.entry
    counts = f"{counted(growth.now, 'thread')} ({growth.before} before, {entry.threads:,} in all)"
    drawn = ""
    if len(growth.recent) > 2 and sum(growth.recent) > 1:
        drawn = sparkline(growth.recent)
    said = f"{entry.entry_id} {shorten(entry.title, 100)}: {counts}"
    return Part(said, indent=2, drawn=drawn)


def trends_view(trends: Trends) -> list[Part]:
    """New, rising and fading entries."""
    if trends.until is None:
        return [Part("no threads yet", "dim")]
    days = f"{trends.days} days"
    window = f"{days} from {day(trends.since)} to {day(trends.until)}, beside the {days} before"
    parts = [Part(window, "dim")]
    for name, items in (
        ("New:", trends.new),
        ("Rising:", trends.rising),
        ("Fading:", trends.fading),
    ):
        parts += [BLANK, Part("" if items else "none", label=name), *map(_growth, items)]
    return parts


# ---------------------------------------------------------------- signatures


def signature_view(
    errors: Sequence[AskedError], steps: Sequence[Sequence[tuple[str, str, str]]]
) -> list[Part]:
    """Signatures with their fields and the rules that made them; `steps`: rule, what it fired on,
    result, for each error.
    """
    parts: list[Part] = []
    for error, rules in zip(errors, steps, strict=True):
        if parts:
            parts.append(BLANK)
        parts += [
            Part(shorten(error.signature, 2000), "title"),
            Part(error.fingerprint, "dim", 2, "Fingerprint:"),
            *_fields(error, "provider", "status", "code", "exception"),
        ]
        if not error.detected:
            whole = "no rule recognises an error in this text; the whole of it was normalised"
            parts.append(Part(whole, "warn", 2))
        for rule, fired_on, result in rules:
            said = f"{shorten(fired_on, 160)}  ->  {shorten(result, 160)}"
            parts.append(Part(said, indent=2, label=f"{rule}:"))
    return parts


# ---------------------------------------------------------------- explanations


def explain_view(told: Explained, *, weights: bool = False) -> list[Part]:
    """Why something is an entry, or why two things are or are not one; with `weights` also the
    figures of every feature that the decision was made of.
    """
    if told.b is None:
        return _one_explained(told)
    entries = "one entry" if told.same_entry else "two entries"
    same = "Same error:" if told.same_error else "Not the same error:"
    agree = "; ".join(shorten(a, 100) for a in told.agree)
    conflict = "; ".join(shorten(c, 100) for c in told.conflict)
    parts = [
        *_side(told.a, "A:"),
        *_side(told.b, "B:"),
        Part(f"{entries}; {shorten(told.decision, 600)}", "title", label=same),
        Part(f"{told.probability:.2f}", indent=2, label="Probability:"),
        Part(agree or "none", indent=2, label="Fields that agree:"),
        Part(conflict or "none", indent=2, label="Fields that conflict:"),
    ]
    if weights and told.rule is None:
        # where a rule decided, the weights of the words had no say
        parts += [
            Part(f"{r['value']:g}, adds {r['adds']:+.2f}", indent=4, label=f"{r['feature']}:")
            for r in told.reasons
        ]
    for number, text in enumerate(told.path):
        label = "near to:" if number else "The way between them:"
        parts.append(Part(shorten(text, 300), indent=4, label=label))
    return parts + _judged(told)


def _side(side: Side, label: str) -> list[Part]:
    fields = ", ".join(f"{name} {shorten(value, 80)}" for name, value in side.fields.items())
    said = f"{shorten(side.name, 120)}: {shorten(side.title)}"
    said += f" ({side.entry_id})" if side.entry_id != side.name else ""
    parts = [
        Part(said, label=label),
        Part(shorten(side.signature, 600), indent=2, label="Signature:"),
    ]
    return [*parts, Part(fields, "dim", 2, "Fields:")] if fields else parts


def _one_explained(told: Explained) -> list[Part]:
    alone = len(told.wordings) == 1
    many = f"{len(told.wordings)} messages that are near to each other"
    what = "one message, apart from what varies" if alone else many
    parts = [*_side(told.a, "Entry:"), BLANK, Part(what, label="It is:")]
    for wording in told.wordings:
        counts = f"{counted(wording.mentions, 'mention')} in {counted(wording.threads, 'thread')}"
        seen = f"{counts}, {wording.fingerprint}"
        parts += [Part(shorten(wording.signature, 300), "title", 2), Part(seen, "dim", 4)]
        if wording.near is not None and wording.probability is not None:
            near = f"{shorten(wording.near, 200)} ({wording.probability:.0%} one failure)"
            parts.append(Part(near, indent=4, label="Nearest:"))
        elif not alone:
            gone = "here by a curator's decision, or near to a text that is gone"
            parts.append(Part(gone, "dim", 4))
    return parts + _judged(told)


def _judged(told: Explained) -> list[Part]:
    return [Part("{what}, by {model}, {day}".format(**one), label="Judged:") for one in told.judged]
