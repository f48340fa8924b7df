"""What the course of the thread makes of a sentence: its neighbours, what was said before, and what
the answers say of it.

The second table reads the first one's opinion of every sentence (five chances, by label) and puts
it in its place: the sentence beside it, the post before and after, the reporter's and the
maintainers' next post, posts that quote or address it, and later sentences that speak of the same
things. Every feature is a named number that is bounded, so that a thread of three hundred posts is
judged by the same scale as one of ten.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from miner.extract.cue_phrases import cues
from miner.extract.echo import Echo
from miner.extract.replies import addresses, content
from miner.training.dataset import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miner.extract.posts import Post

Chances = tuple[float, ...]
"""Probabilities by label of `LABELS`."""

_CAUSE, _FIX, _FIX_BAD = 1, 3, 4
_ZERO: Chances = (0.0,) * len(LABELS)
_FAR: Chances = (-5.0,) * len(LABELS)
_WIDESPREAD = 12
"""Sentences of a thread that share a word; a word of more than these says nothing of what answers
what.
"""

_CROSSED = ("main", "rep")
_WITH = (
    "own.cause",
    "own.fix",
    "own.cause-",
    "own.fix-",
    "later.fix",
    "later.fix-",
    "nextpost.fix",
    "nextpost.fix-",
    "prevpost.fix",
    "closed",
    "turn",
    "cue hedge",
    "cue question",
)
_VERSION = re.compile(r"\d\.\d")


def logit(chance: float) -> float:
    """Log odds, cut at 0.001 and 0.999."""
    chance = min(max(chance, 1e-3), 1 - 1e-3)
    return math.log(chance / (1 - chance))


def _highest(rows: Iterable[Chances]) -> Chances:
    return tuple(max(column) for column in zip(*rows, strict=True)) or _ZERO


def _second(rows: Iterable[Chances]) -> Chances:
    """The second highest of every column; zero where there is only one row."""
    ranked = (sorted(column, reverse=True) for column in zip(*rows, strict=True))
    return tuple(column[1] if len(column) > 1 else 0.0 for column in ranked)


class Course:
    """The candidates of a thread with their chances, indexed by post and by word.

    `candidates` are pairs of a post and the number of a sentence in it, in order; `chances` one row
    each.
    """

    def __init__(
        self,
        posts: Sequence[Post],
        candidates: Sequence[tuple[Post, int]],
        chances: Sequence[Chances],
        closed: str,
    ) -> None:
        self.posts = posts
        self.candidates = candidates
        self.chances = chances
        self.closed = closed
        self.by_post: dict[int, list[int]] = defaultdict(list)
        for k, (post, _) in enumerate(candidates):
            self.by_post[post.index].append(k)
        self.order = sorted(self.by_post)
        self.rank = {index: place for place, index in enumerate(self.order)}
        self.top = {index: _highest(chances[k] for k in ks) for index, ks in self.by_post.items()}
        self.second = {index: _second(chances[k] for k in ks) for index, ks in self.by_post.items()}
        self.position = {k: place for ks in self.by_post.values() for place, k in enumerate(ks)}
        self.highest = _highest(self.top.values()) if self.top else _ZERO
        self._words()
        self.echo = Echo(posts, candidates, self.words)
        self._places()
        self._answers()
        self.turns: dict[int, dict[str, float]] = {}
        self._sides()

    def _sides(self) -> None:
        """What is highest before and after every post."""
        self.before: list[Chances] = [_ZERO]
        for index in self.order[:-1]:
            self.before.append(_highest((self.before[-1], self.top[index])))
        after: list[Chances] = [_ZERO]
        for index in reversed(self.order[1:]):
            after.append(_highest((after[-1], self.top[index])))
        self.after = after[::-1]

    def _words(self) -> None:
        self.words = [content(post.say(post.sentences[i])) for post, i in self.candidates]
        self.where: dict[str, list[int]] = defaultdict(list)
        for k, found in enumerate(self.words):
            for word in found:
                self.where[word].append(k)
        self.title = content(self.posts[0].text)
        self.body = content(self.posts[1].text[:1500])

    def _places(self) -> None:
        """The place of every candidate by its chance of being a cause, and a fix."""
        count = range(len(self.candidates))
        self.place = {}
        for label in (_CAUSE, _FIX):
            ranked = sorted(count, key=lambda k, label=label: -self.chances[k][label])  # type: ignore[misc]
            self.place[label] = {k: place for place, k in enumerate(ranked)}

    def _answers(self) -> None:
        """Which posts quote or address which earlier ones."""
        self.answered_by: dict[int, list[int]] = defaultdict(list)
        self.answers: dict[int, list[int]] = defaultdict(list)
        for later in self.order:
            post = self.posts[later]
            if ">" not in post.text and "@" not in post.text:
                continue
            for earlier in self.order[: self.rank[later]]:
                if addresses(post, self.posts[earlier]):
                    self.answered_by[earlier].append(later)
                    self.answers[later].append(earlier)

    # ------------------------------------------------------------------ features

    def features(self, k: int) -> dict[str, float]:
        """The named numbers of candidate `k`."""
        post, number = self.candidates[k]
        out: dict[str, float] = {}
        self._own(out, k, post)
        if post.index not in self.turns:
            self.turns[post.index] = {}
            self._turns(self.turns[post.index], post)
            self.turns[post.index].update(self.echo.of_post(post))
        out.update(self.turns[post.index])
        self._ties(out, k, post)
        self._form(out, post, number)
        out.update(self.echo.of_sentence(k))
        crossed = {f"{one}*{two}": out[one] * out[two] for one in _CROSSED for two in _WITH}
        out.update(crossed)
        return out

    def _own(self, out: dict[str, float], k: int, post: Post) -> None:
        inside = self.by_post[post.index]
        position = self.position[k]
        chances = self.chances[k]
        _add(out, "own.", tuple(map(logit, chances)))
        before = self.chances[inside[position - 1]] if position else None
        after = self.chances[inside[position + 1]] if position + 1 < len(inside) else None
        _add(out, "prev.", tuple(map(logit, before)) if before else _FAR)
        _add(out, "next.", tuple(map(logit, after)) if after else _FAR)
        out["noprev"], out["nonext"] = float(before is None), float(after is None)
        top = self.top[post.index]
        _add(out, "postmax.", top)
        second = self.second[post.index]
        _add(
            out,
            "postoth.",
            tuple(t if c < t else s for c, t, s in zip(chances, top, second, strict=True)),
        )
        out["postlen"] = math.log(len(inside))
        out["posrel"] = position / max(1, len(inside) - 1)
        for name, label in (("c", _CAUSE), ("f", _FIX)):
            out[f"toppost.{name}"] = float(chances[label] >= top[label])
            out[f"rank.{name}"] = math.log1p(min(self.place[label][k], 40))
            out[f"rel.{name}"] = chances[label] / max(self.highest[label], 1e-9)

    def _turns(self, out: dict[str, float], post: Post) -> None:
        posts, order, index = self.posts, self.order, post.index
        place = self.rank[index]
        later, earlier = order[place + 1 :], order[:place]
        out["threadlen"] = math.log(min(len(posts), 25))
        out["turn"] = index / max(1, len(posts) - 1)
        out["left"] = math.log1p(min(len(posts) - 1 - index, 10))
        out["q"] = math.log1p(min(index, 10))
        others = [r for r in later if posts[r].author != post.author]
        _add(out, "nextpost.", self.top[others[0]] if others else _ZERO)
        out["nonextpost"] = float(not others)
        for name, chosen in (
            ("nextrep.", [r for r in others if posts[r].author == posts[0].author][:1]),
            ("nextmain.", [r for r in others if posts[r].role == "maintainer"][:1]),
        ):
            near = 1 / (1 + 0.3 * (self.rank[chosen[0]] - place - 1)) if chosen else 0.0
            _add(out, name, tuple(near * c for c in self.top[chosen[0]]) if chosen else _ZERO)
        answers = [r for r in self.answered_by[index] if posts[r].author != post.author]
        _add(out, "ans.", _highest(self.top[r] for r in answers) if answers else _ZERO)
        out["isans"] = float(bool(answers))
        own = next((r for r in later if posts[r].author == post.author), None)
        _add(out, "ownlater.", self.top[own] if own is not None else _ZERO)
        out["ownlater"] = float(own is not None)
        _add(out, "later.", self.after[place])
        _add(out, "earlier.", self.before[place])
        before = next((r for r in reversed(earlier) if posts[r].author != post.author), None)
        _add(out, "prevpost.", self.top[before] if before is not None else _ZERO)
        _add(
            out,
            "to.",
            _highest(self.top[r] for r in self.answers[index]) if self.answers[index] else _ZERO,
        )
        out["prevmain"] = float(place > 0 and posts[order[place - 1]].role == "maintainer")

    def _ties(self, out: dict[str, float], k: int, post: Post) -> None:
        """What the sentences say that share rare words with this one."""
        shared: Counter[int] = Counter()
        for word in self.words[k]:
            places = self.where[word]
            if len(places) <= _WIDESPREAD:
                for x in places:
                    if x != k:
                        shared[x] += 1 / math.log(1.5 + len(places))  # type: ignore[assignment]
        size = 2 + len(self.words[k])
        groups: dict[str, list[tuple[float, int]]] = {"lat": [], "ear": [], "self": []}
        for x, weight in sorted(shared.items()):
            other = self.candidates[x][0]
            mine = other.author == post.author
            if other.index > post.index:
                groups["self" if mine else "lat"].append((weight / size, x))
            elif other.index < post.index and not mine:
                groups["ear"].append((weight / size, x))
        for name, group in groups.items():
            total = [
                sum(min(1.0, w) * self.chances[x][label] for w, x in group)
                for label in range(len(LABELS))
            ]
            _add(out, f"{name}.", tuple(math.log1p(t) for t in total))
            out[name] = max((w for w, _ in group), default=0.0)
        reporter = [
            (w, x) for w, x in groups["lat"] if self.candidates[x][0].author == self.posts[0].author
        ]
        out["latrep"] = math.log1p(sum(min(1.0, w) * self.chances[x][_FIX] for w, x in reporter))
        out["latrep-"] = math.log1p(
            sum(min(1.0, w) * self.chances[x][_FIX_BAD] for w, x in reporter)
        )
        out["ttl"], out["bdy"] = (
            len(self.words[k] & self.title) / size,
            len(self.words[k] & self.body) / size,
        )
        out["cont"] = math.log1p(len(self.words[k]))

    def _form(self, out: dict[str, float], post: Post, number: int) -> None:
        sentence = post.sentences[number]
        text = post.say(sentence)
        found = cues(text)
        out["cue hedge"] = out["cue question"] = 0.0
        for name in found:
            out[f"cue {name}"] = 1.0
        out["main"] = float(post.role == "maintainer")
        out["rep"] = float(post.author is not None and post.author == self.posts[0].author)
        out["contrib"] = float(post.association == "CONTRIBUTOR")
        out["title"], out["body"] = float(post.index == 0), float(post.index == 1)
        out["up"] = math.log1p(max(0, min(post.thumbs_up, 10)))
        for kind in ("item", "code", "heading"):
            out[f"kind {kind}"] = float(sentence.kind == kind)
        out["len"] = math.log(1 + len(text))
        out["len2"] = out["len"] ** 2 / 5
        out["closed"] = float(self.closed != "")
        out["completed"], out["notplanned"] = (
            float(self.closed == "completed"),
            float(self.closed == "not_planned"),
        )
        beside = post.sentences
        out["ncode"] = float(number + 1 < len(beside) and beside[number + 1].kind == "code")
        out["pcode"] = float(number > 0 and beside[number - 1].kind == "code")
        out["tick"], out["ref"], out["link"], out["at"] = (
            float("`" in text),
            float("#" in text),
            float("http" in text),
            float(text.startswith("@")),
        )
        out["ver"] = float(_VERSION.search(text) is not None)


def _add(out: dict[str, float], name: str, row: Chances) -> None:
    for label, value in zip(LABELS, row, strict=True):
        out[name + label] = value
