"""How it went, post by post: whether a post tells of success or of failure, as its turns of phrase
say.
"""

from __future__ import annotations

from collections.abc import Sequence

from miner.extract.cue_phrases import cues, has, without
from miner.posts import ParsedPost

_READ = 6
"""Sentences of a post that tell how something went; what follows is about something else."""
AHEAD = 40
"""Posts ahead that are looked at: in a thread of a thousand posts the time must not grow with their
square."""
_NEXT = 3
"""Later posts of others that are looked at."""


_OPENING = 3
"""Sentences at the top of a post that tell what it answers."""
_SHORT_POST = 160


def outcome(found: Sequence[str]) -> int:
    """1 for a sentence that reports success, -1 for one that reports failure, 0 else; `found` are
    its turns of phrase.
    """
    if "question" in found or "request" in found or "plan" in found:
        return 0
    good, bad = "success" in found or "zh good" in found, "failure" in found or "zh bad" in found
    return int(good) - int(bad)


def tells_success(text: str, *, affected: bool) -> bool:
    """Whether a text says that something helped whoever wrote it: not that it should, nor that the
    program has been changed, unless its author had the error (`affected`) and so speaks of that.
    """
    told, sure = without("no_success", text), without("not_so", text)
    if has("no_witness", text):
        return False
    if not affected and not has("first_hand", told):
        told, sure = without("announced", told), without("announced", sure)
    how = outcome(cues(told))
    good = how > 0 or (not has("failed", told) and (has("worked", told) or has("works_now", sure)))
    return not has("same_error", told) and (good or (how == 0 and has("it_fixes", told)))


def verdicts(post: ParsedPost) -> tuple[str, ...]:
    """What the opening of a post tells, by its words: `failed`, `worked`, `thanks` (a short post of
    thanks and no question), and `output` where it shows what a program printed.
    """
    prose = [s for s in post.sentences if s.kind not in ("code", "quote", "table")]
    opening = " ".join(post.say(s) for s in prose[:_OPENING])
    out = []
    if has("failed", opening):
        out.append("failed")
    elif has("worked", opening):
        out.append("worked")
    if has("thanks", opening) and len(opening) <= _SHORT_POST and "?" not in opening:
        out.append("thanks")
    if any(s.kind == "code" and has("output", post.say(s)[:3000]) for s in post.sentences):
        out.append("output")
    return tuple(out)


class Outcomes:
    """The outcomes of a thread by post: `good` and `bad` hold the numbers of posts that tell of
    success and of failure (a post may do both); `verdicts` by the number of a comment.
    """

    def __init__(self, posts: Sequence[ParsedPost]) -> None:
        self.posts = posts
        self.good: set[int] = set()
        self.bad: set[int] = set()
        self.verdicts: dict[int, tuple[str, ...]] = {}
        for post in posts[2:]:
            if not post.evidence:
                continue
            prose = [s for s in post.sentences if s.kind not in ("code", "quote", "table")]
            signs = {outcome(cues(post.say(s))) for s in prose[:_READ]}
            if 1 in signs:
                self.good.add(post.index)
            if -1 in signs:
                self.bad.add(post.index)
            self.verdicts[post.index] = verdicts(post)
        self.known: dict[int, tuple[str, ...]] = {}

    def after(self, post: ParsedPost) -> tuple[str, ...]:
        """Names of what the posts after this one tell: `next good` (the next post of somebody
        else), `soon bad` (one of the next three), `asker good` (the reporter's next), `own bad`
        (the author's own next), `later good` (any), `silence` (nobody else says anything).
        """
        if post.index not in self.known:
            self.known[post.index] = tuple(self._after(post))
        return self.known[post.index]

    def _after(self, post: ParsedPost) -> list[str]:
        start = max(2, post.index + 1)
        later = [p for p in self.posts[start : start + AHEAD] if p.evidence]
        others = [p for p in later if p.author != post.author]
        asker = [p for p in others if p.author == self.posts[0].author]
        own = [p for p in later if p.author is not None and p.author == post.author]
        groups = (
            ("next", others[:1]),
            ("soon", others[:_NEXT]),
            ("asker", asker[:1]),
            ("own", own[:1]),
            ("later", others),
        )
        names = [] if others else ["silence"]
        for name, chosen in groups:
            if any(p.index in self.good for p in chosen):
                names.append(f"{name} good")
            if any(p.index in self.bad for p in chosen):
                names.append(f"{name} bad")
        return names
