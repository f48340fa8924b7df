"""The Markdown of quotes and statements for one entry and one target: what the templates of notes
and pages share.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kb.notes import remedies as steps
from kb.notes import wording as phrases
from kb.notes.escape import escaper, safe_url
from kb.notes.wording import place_of
from kb.text import capital, counted, day

if TYPE_CHECKING:
    from jinja2 import Environment

    from kb.claims import Quote, Statement
    from kb.evidence import EntryEvidence
    from kb.notes.targets import Target

_ADJECTIVES = {
    "confirmed": "Confirmed",
    "supported": "Supported",
    "suspected": "Suspected",
    "unverified": "Unconfirmed",
    "refuted": "Contradicted",
}
_SHOWN = (
    ("contradicts", 2),
    ("confirms", 2),
    ("released", 1),
    ("merged", 1),
    ("still_seen", 1),
    ("closes", 1),
)
"""Which answers stand under a statement: roles and how many of each."""
_AGAINST = (("contradicts", 2), ("closes", 1))
_TO_ERROR = {"cause": "of", "fix": "for", "workaround": "for"}


def _answer_rank(quote: Quote) -> tuple[object, ...]:
    return (
        not steps.tells(quote.text),
        quote.role != "maintainer",
        quote.created_at,
        quote.claim_id,
        quote.place or 0,
    )


def answers_of(statement: Statement) -> list[Quote]:
    """The answers that are shown: some of each role, by time."""
    chosen: list[Quote] = []
    # one quote a post, and none of the post that makes the statement
    seen = {statement.best.url}
    # who agrees with a report of failure does not say that it helped
    shown = _SHOWN if statement.stance != "refuted" else _AGAINST
    for role, most in shown:
        kept = 0
        for quote in sorted(statement.answers(role), key=_answer_rank):
            if kept < most and quote.url not in seen:
                seen.add(quote.url)
                chosen.append(quote)
                kept += 1
    return sorted(chosen, key=lambda q: (q.created_at, q.claim_id, q.place or 0))


class View:
    """Writes one entry's quotes for one target."""

    def __init__(self, known: EntryEvidence, target: Target) -> None:
        self.known = known
        self.escaper = escaper(target)
        self.name = self.escaper.inline(phrases.name_of(known))

    def counts(self) -> str:
        """Where, how often and since when: counts alone."""
        entry, places = self.known.entry, self.known.repos
        repos = ", ".join(self.escaper.inline(p.repo) for p in places[:5])
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        first, last = day(entry.first_seen), day(entry.last_seen)
        when = f"on {first}" if first == last else f"between {first} and {last}"
        is_open = sum(p.open for p in places)
        if entry.threads > 1:
            state = (
                f"{is_open} of them are open"
                if is_open > 1
                else f"{'one' if is_open else 'none'} of them is open"
            )
        else:
            state = "it is open" if is_open else "it is closed"
        people = counted(entry.reporters, "person", "people")
        return (
            f"{people} reported {self.name} in {counted(entry.threads, 'thread')} of "
            f"{repos}{more} {when}; {state}."
        )

    def thread_link(self, quote: Quote) -> str:
        """The thread's name, linked to the very comment."""
        return self.escaper.link(place_of(quote), quote.url)

    def about(self, quote: Quote, preposition: str = "about") -> str:
        """Which error it is about, where the thread has several; nothing else needs it said."""
        return ""

    def who(self, quote: Quote) -> str:
        """Who wrote it, by role."""
        return self.escaper.inline(phrases.who(quote))

    def headline(self, statement: Statement) -> str:
        """How strongly it stands, who said it, when and where, with the link."""
        quote = statement.best
        what = (
            f"{_ADJECTIVES[statement.stance]} "
            f"{phrases.KIND_WORDS[statement.kind]}{self.about(quote, _TO_ERROR[statement.kind])}"
        )
        said = f"{self.who(quote)} wrote on {day(quote.created_at)} in {self.thread_link(quote)}"
        return self.careful(statement, f"{what}: {said}:")

    def careful(self, statement: Statement, head: str) -> str:
        """A headline with a warning before it where the fix does harm."""
        if statement.warning is None:
            return head
        # one sentence with its source, so that no page repeats another's warning
        return f"Careful, {self.escaper.inline(statement.warning)}: {head[0].lower()}{head[1:]}"

    def alike(self, statement: Statement) -> str | None:
        """In how many threads the same is said, with links; None if in one only."""
        if statement.threads < 2:
            return None
        others: dict[str, Quote] = {}
        for quote in statement.alike:
            if place_of(quote) != place_of(statement.best):
                others.setdefault(place_of(quote), quote)
        links = ", ".join(self.thread_link(quote) for quote in list(others.values())[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        repos = (
            f" of {counted(statement.repos, 'repository', 'repositories')}"
            if statement.repos > 1
            else ""
        )
        people = counted(statement.people, "person", "people")
        return (
            f"The same is said in {statement.threads} threads{repos} by {people}; the others are "
            f"{links}{more}."
        )

    def answers(self, statement: Statement) -> list[Quote]:
        """The answers that are shown: some of each role, by time."""
        return answers_of(statement)

    def answers_lead(self, statement: Statement) -> str:
        """How many it helped and how many not, before the answers."""
        told = phrases.reception(statement, self.name)
        return (
            f"{told}:"
            if told
            else (
                f"What was answered in {self.escaper.inline(place_of(statement.best))} about "
                f"{self.name}:"
            )
        )

    def answer_line(self, quote: Quote) -> str:
        """Who answered, what kind of answer it is, when and where."""
        verb = phrases.ANSWER_WORDS.get(quote.kind, "answers")
        return (
            f"{capital(self.who(quote))} {verb}{self.about(quote)} ({day(quote.created_at)}, "
            f"{self.thread_link(quote)}):"
        )


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
        "blockquote": escape.blockquote,
        "fence": escape.fence,
        "yaml": escape.yaml,
        "yaml_or_null": lambda value: "null" if value is None else escape.yaml(str(value)),
        "comment": escape.comment,
        "url": safe_url,
        "day": day,
        "counted": counted,
    }
    fold = target.fold or ("", "")
    env.globals |= {"fold_open": fold[0].format, "fold_close": lambda: fold[1]}
    return env


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
        elif stripped.startswith(("```", "~~~")):
            fence = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
        elif not line.strip():
            if out and out[-1]:
                out.append("")
            continue
        out.append(line)
    return "\n".join(out).strip("\n") + "\n"
