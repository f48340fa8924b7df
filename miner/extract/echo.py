"""How a thread takes up what a sentence says: whether the next posts tell of success, whether its
words come back later.

In a long thread the words of a sentence say little; what becomes of it says more. An advice whose
flag nobody had named before and that three people name afterwards was followed; a report of success
right after it says how it went, even if that report ("works now") states no claim of its own and so
has no chance of being one.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from miner.extract.cue_phrases import cues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miner.extract.posts import Post

_READ = 6
"""Sentences of a post that tell how something went; what follows is about something else."""
_WIDESPREAD = 40
"""Posts that use a word; one of more than these ties nothing, and would make the time grow with the
square of the thread.
"""
_NAMES = re.compile(
    r"`[^`\n]+`|(?<!\w)--?[A-Za-z][\w-]+|\b\w[^\W_]*_\w+\b|\b[A-Z]\w*=\S+|(?<![\w&])#\d+\b"
)
_MEASURE = re.compile(
    r"\b(?:t/s|tok(?:ens?)?/s(?:ec)?|tokens per second|it/s|fps|[KMG]i?B(?:/s)?|ms|seconds"
    r"|perplexity|ppl|faster|slower|speed|bandwidth"
    r"|bench\w*|throughput|latency|performance|flops|tflops|pp\d+|tg\d+)\b|%",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def outcome(found: Sequence[str]) -> int:
    """1 for a sentence that reports success, -1 for one that reports failure, 0 else; `found` are
    its turns of phrase.
    """
    if "question" in found or "request" in found or "plan" in found:
        return 0
    good, bad = "success" in found or "zh good" in found, "failure" in found or "zh bad" in found
    return int(good) - int(bad)


class Echo:
    """The course of a thread as outcomes by post, and where each word was first said and by whom
    again.
    """

    def __init__(
        self,
        posts: Sequence[Post],
        candidates: Sequence[tuple[Post, int]],
        words: Sequence[frozenset[str]],
    ) -> None:
        self.posts = posts
        self.candidates = candidates
        self.words = words
        self.last = max((post.index for post, _ in candidates), default=0)
        self.sign: list[int] = []
        self.good: dict[int, bool] = {}
        self.bad: dict[int, bool] = {}
        read: dict[int, int] = defaultdict(int)
        for post, number in candidates:
            sign = outcome(cues(post.say(post.sentences[number])))
            self.sign.append(sign)
            read[post.index] += 1
            if read[post.index] <= _READ and post.index > 1:
                self.good[post.index] = self.good.get(post.index, False) or sign > 0
                self.bad[post.index] = self.bad.get(post.index, False) or sign < 0
        self.order = sorted({post.index for post, _ in candidates})
        self.worked = [i for i in self.order if self.good.get(i) and not self.bad.get(i)]
        self._uses()

    def _uses(self) -> None:
        self.first: dict[str, int] = {}
        self.uses: dict[str, list[int]] = defaultdict(list)
        for k, ((post, _), found) in enumerate(zip(self.candidates, self.words, strict=True)):
            for word in found:
                self.first.setdefault(word, post.index)
                if not self.uses[word] or self.candidates[self.uses[word][-1]][0] is not post:
                    self.uses[word].append(k)

    def of_post(self, post: Post) -> dict[str, float]:
        """Named numbers that hold for every sentence of a post: how the next posts of others say it
        went, and how near that is.
        """
        reporter = self.posts[0].author
        later = [i for i in self.order if i > post.index and self.posts[i].author != post.author]
        earlier = [i for i in self.order if i < post.index]
        out = {}
        for name, chosen in (
            ("next", later[:1]),
            ("next3", later[:3]),
            ("rep", [i for i in later if self.posts[i].author == reporter][:1]),
            ("all", later),
        ):
            out[f"good.{name}"] = float(any(self.good.get(i) for i in chosen))
            out[f"bad.{name}"] = float(any(self.bad.get(i) for i in chosen))
        worked = self.worked
        after = next(
            (i for i in worked if i > post.index and self.posts[i].author != post.author), None
        )
        before = next((i for i in reversed(worked) if i < post.index), None)
        out["worked.after"] = 0.0 if after is None else 1 / (after - post.index)
        out["worked.before"] = 0.0 if before is None else 1 / (post.index - before)
        out["worked.left"] = math.log1p(sum(i > post.index for i in worked))
        out["worked.own"] = float(self.good.get(post.index, False))
        out["failed.own"] = float(self.bad.get(post.index, False))
        out["last3"] = float(self.last - post.index < 3)
        out["same"] = float(bool(earlier) and self.posts[earlier[-1]].author == post.author)
        return out

    def of_sentence(self, k: int) -> dict[str, float]:
        """Named numbers of candidate `k`: what of it is new, who says it again, what is said of it
        there, and its make-up.
        """
        post, number = self.candidates[k]
        text = post.say(post.sentences[number])
        reporter = self.posts[0].author
        new = [w for w in self.words[k] if self.first[w] == post.index]
        out = {"new": len(new) / (1 + len(self.words[k]))}
        people: set[str | None] = set()
        again = by_reporter = late = good = bad = 0.0
        for word in self.words[k]:
            uses = self.uses[word]
            if len(uses) > _WIDESPREAD:
                continue
            weight = 1 / math.log(1.5 + len(uses))
            for x in uses:
                other = self.candidates[x][0]
                if other.index <= post.index or other.author == post.author:
                    continue
                if self.first[word] == post.index:
                    again += weight
                    people.add(other.author)
                    by_reporter += weight * (other.author == reporter)
                late += weight * (self.last - other.index < 4)
                good += weight * (self.sign[x] > 0)
                bad += weight * (self.sign[x] < 0)
        out["again"], out["again.rep"], out["late"] = (
            math.log1p(again),
            math.log1p(by_reporter),
            math.log1p(late),
        )
        out["again.who"], out["said.good"], out["said.bad"] = (
            math.log1p(len(people)),
            math.log1p(good),
            math.log1p(bad),
        )
        out["names"] = math.log1p(len(_NAMES.findall(text)))
        out["numbers"] = math.log1p(len(_NUMBER.findall(text)))
        out["measure"] = float(_MEASURE.search(text) is not None)
        return out
