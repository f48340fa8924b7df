"""Which later sentence answers which claim: by quote, by mention, by what both speak of, by order.

A report ("2.4.7 here, no more 401") says of an earlier claim that it worked or that it did not. It
is matched to the one claim that it most likely answers, or to none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from kb.models import Evidence
from kb.notes.remedies import limited
from kb.sentences import Sentence
from kb.tables import load_toml
from miner.extract.cue_phrases import PHRASES, RULES, has
from miner.posts import ParsedPost

_WORD = re.compile(r"[^\W_]{2,}(?:[._-][^\W_]+)*|[\u3400-\u9fff]")
AT = re.compile(r"(?<![\w.])@([A-Za-z0-9][\w-]*)")
_TABLE = load_toml("same.toml", RULES)
_COMMON = frozenset(_TABLE["common"].split())


class Said(NamedTuple):
    """A sentence of a post with what the model makes of it (probabilities by label of
    `miner.training.dataset.LABELS`).
    """

    post: ParsedPost
    number: int
    chances: tuple[float, ...]

    @property
    def sentence(self) -> Sentence:
        """Its place in the post."""
        return self.post.sentences[self.number]

    def evidence(self, role: str, *, whole: bool = False) -> Evidence:
        """Its quote as evidence, `whole` with the next sentence if that limits it or says where."""
        start, end = self.sentence.start, self.sentence.end
        return self.post.quoted(role, start, start + len(self.whole) if whole else end)

    @property
    def whole(self) -> str:
        """The sentence with the next one if that limits it ("However, ...") or says under which
        circumstances its author saw that ("I'm running it in ...").
        """
        start, end = self.sentence.start, self.sentence.end
        after = [
            s for s in self.post.sentences[self.number + 1 : self.number + 2] if s.kind == "text"
        ]
        told = [(s.end, self.post.say(s)) for s in after]
        limits = [end for end, text in told if limited(text) or has("circumstance", text)]
        return self.post.text[start : limits[0] if limits else end]

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
    return frozenset(name.lower() for name in AT.findall(text))


def quotes(post: ParsedPost, other: ParsedPost) -> bool:
    """Whether a post quotes (with `>`) a line that an earlier one does not quote itself."""
    lines = (_flat(post.say(sentence)) for sentence in post.sentences if sentence.kind == "quote")
    own = _flat(_QUOTED.sub("", other.text))
    return any(len(line) >= 12 and line in own for line in lines)


_QUOTED = re.compile(r"(?m)^ {0,3}>.*$")


def mentions(post: ParsedPost, author: str | None) -> bool:
    """Whether a post addresses somebody with `@`."""
    return author is not None and author.lower() in _named(post.text)


def addresses(post: ParsedPost, other: ParsedPost) -> bool:
    """Whether a post quotes an earlier one or addresses its author."""
    return ("@" in post.text and mentions(post, other.author)) or (
        ">" in post.text and quotes(post, other)
    )


_SAME = {name: re.compile(pattern) for name, pattern in _TABLE["same"].items()}
"""Words of remedies that mean the same."""
_STEM = 5
"""Letters that a word shares with its other forms."""
_VERSION = re.compile(r"(?<![\w.])\d+(?:\.\d+)+")
_FULL_WIDTH = re.compile("[，。！？；]")
ADDRESS = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"(?:#|/(?:pull|issues)/)(\d{1,7})\b|/commit/([0-9a-f]{7})")
_CHANGE = re.compile(r"/(?:pull|commit)/\w+")
"""A link to a change of the program."""
_VERSION_WORKS = re.compile(
    r"(?:^|[\s`])((?:[\w-]{2,30} ){0,2}v?\d+\.\d[\w.-]*) (?:works|is fine)\b"
    r"|\b[Ww]orks with (v?\d+\.\d[\w.-]*)"
)
_GENERIC = frozenset(_TABLE["generic"].split())


def _stem(word: str) -> str:
    flat = word.replace("-", "").replace("_", "").strip("._")
    same = (name for name, pattern in _SAME.items() if pattern.match(flat))
    return next(same, flat if any(c.isdigit() for c in flat) else flat[:_STEM])


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """What the words of a text come from, so that "moved" and "move", "reboot" and "restart" meet;
    of `--a=b` and `a.b` also the parts.
    """
    whole = content(text)
    parts = set(_VERSION.findall(text[:2000]))
    parts |= {part for word in whole for part in re.split(r"[._-]", word) if len(part) > 2}
    return frozenset(_stem(w) for w in (whole | parts) - _GENERIC)


def named_in(text: str) -> frozenset[str]:
    """What a text names: the stems of its words, `#7` for a thread or a pull request, and the
    beginning of a commit's hash so.
    """
    return stems(ADDRESS.sub(" ", text)) | _numbers(text)


def _numbers(text: str) -> set[str]:
    return {f"#{number or commit}" for number, commit in _NUMBER.findall(text)}


def own_remedy(text: str) -> frozenset[str]:
    """The stems of the remedy that a report names itself ("A reboot helped."); empty if it points
    back to what somebody else said ("that helped") or names none.
    """
    found: set[str] = set()
    spaced = _FULL_WIDTH.sub(", ", text[:600])
    for pattern in (PHRASES["helped"], PHRASES["by_doing"], PHRASES["doing_works"], _VERSION_WORKS):
        for match in pattern.finditer(spaced):
            named = next(group for group in match.groups() if group)
            if ended := PHRASES["result"].search(named):
                named = named[: ended.start()]
            if not has("points_back", named):
                found |= named_in(named)
    return frozenset(found)


def linked(text: str) -> frozenset[str]:
    """The pull requests and commits that a text links to, named as `named_in` does."""
    return frozenset(name for link in _CHANGE.findall(text) for name in _numbers(link))


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
