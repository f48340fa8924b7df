"""Which later sentence answers which claim: by quote, by mention, by what both speak of, by order.

A report ("2.4.7 here, no more 401") says of an earlier claim that it worked or that it did not. It
is matched to the one claim that it most likely answers, or to none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.models import Evidence

if TYPE_CHECKING:
    from kb.sentences import Sentence
    from miner.extract.posts import Post

_WORD = re.compile(r"[^\W_]{2,}(?:[._-][^\W_]+)*|[\u3400-\u9fff]")
_AT = re.compile(r"(?<![\w.])@([A-Za-z0-9][\w-]*)")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "the and for you your that this with have has had was were are not but can will just "
        "from out when what which then than"
        " they there"
        " here also did does doing done get got now one two all any only same still works "
        "work working worked fix fixed fixes"
        " issue problem"
        " error thanks thank it is in on of to so be my me we our us if or as at by an no "
        "yes ok try tried use used using set"
        " after before"
        " again too very",
    )
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a post with what the model makes of it (probabilities by label of
    `miner.training.dataset.LABELS`).
    """

    post: Post
    number: int
    chances: tuple[float, ...]

    @property
    def sentence(self) -> Sentence:
        """Its place in the post."""
        return self.post.sentences[self.number]

    def evidence(self, role: str) -> Evidence:
        """Its quote as evidence."""
        post, sentence = self.post, self.sentence
        return Evidence(
            role,
            post.place[0],
            post.place[1],
            sentence.start,
            sentence.end,
            self.text,
            post.author,
            post.association,
            post.created_at,
            post.url,
        )

    @property
    def text(self) -> str:
        """The sentence."""
        return self.post.say(self.sentence)


@lru_cache(maxsize=4096)
def content(text: str) -> frozenset[str]:
    """The words of a text that carry its subject, lower-case."""
    return frozenset(map(str.lower, _WORD.findall(text[:2000]))) - _COMMON


@lru_cache(maxsize=2048)
def _flat(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=2048)
def _named(text: str) -> frozenset[str]:
    return frozenset(name.lower() for name in _AT.findall(text))


def quotes(post: Post, other: Post) -> bool:
    """Whether a post quotes (with `>`) a line of an earlier one."""
    lines = (_flat(post.say(sentence)) for sentence in post.sentences if sentence.kind == "quote")
    return any(len(line) >= 12 and line in _flat(other.text) for line in lines)


def mentions(post: Post, author: str | None) -> bool:
    """Whether a post addresses somebody with `@`."""
    return author is not None and author.lower() in _named(post.text)


def addresses(post: Post, other: Post) -> bool:
    """Whether a post quotes an earlier one or addresses its author."""
    return ("@" in post.text and mentions(post, other.author)) or (
        ">" in post.text and quotes(post, other)
    )


def tie(earlier: Said, later: Said) -> float:
    """How surely `later` answers `earlier`: 0 not at all; from about 1 on it does."""
    first, then = earlier.post, later.post
    if then.index <= first.index or (first.author is not None and first.author == then.author):
        return 0.0
    distance = then.index - first.index
    weight = 1.0 / distance
    if quotes(then, first):
        weight += 2.0
    if mentions(then, first.author):
        weight += 1.0
    one, two = content(earlier.text), content(later.text)
    if one and two:
        weight += 2.0 * len(one & two) / (2 + min(len(one), len(two)))
    return weight
