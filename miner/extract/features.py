"""What the model knows of a sentence: its words and letters, its shape, its neighbours, its author,
where in the thread it stands and how the next posts take it up.

A feature is a name with a number, mostly 1; the model is a table of weights by name, so that every
decision can be read (`docs/explanation/claims.md` says what each prefix means).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection
from functools import lru_cache
from itertools import chain, combinations
from typing import TYPE_CHECKING

from miner.extract.cue_phrases import cues
from miner.extract.outcomes import OUTPUT, Outcomes
from miner.extract.words import ngrams, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miner.extract.posts import Post

LETTERS = 2.0
"""Length (L2 norm) of the vector of letter runs of a sentence; a word counts 1."""
_LETTERS_OF = 240
"""Characters of a sentence whose letter runs are read."""

_COMMAND = re.compile(
    r"(?m)^[ \t]{0,12}(?:[$>#%] ?)?(?:sudo )?(?:pip3?|uv|uvx|poetry|conda|mamba|npm|npx|yarn"
    r"|pnpm|bun"
    r"|docker(?:-compose)?|podman|git"
    r"|brew|apt(?:-get)?|dnf|yum|pacman|choco|winget|scoop|curl|wget|export|set|setx|cd|cargo"
    r"|rustup|go (?:get|install|mod)"
    r"|make|cmake|python3? -m|ollama|rm|mv|cp|chmod|chown|mkdir|systemctl|gem|bundle|composer"
    r"|kubectl|helm)\b"
)
_DIFF = re.compile(r"(?m)^[+-] ?\S[^\n]{0,300}\n(?:[^\n]{0,300}\n){0,9}?[+-] ?\S|^@@ |^diff --git")
_SETTING = re.compile(
    r"(?m)^[ \t]{0,12}[A-Z][A-Z0-9_]{3,60}[ \t]{0,3}=|^[ \t]{0,24}\"?[\w.-]{1,80}\"?[ \t]{0,3}:\s"
    r"|^\[[\w.-]{1,80}\]$"
)
_REMARK = re.compile(
    r"(?m)(?:#|//)[ \t]{0,3}(?:[Cc]hange|[Aa]dd|[Ff]ix|[Nn]ew|[Rr]emove|[Tt]his|before|after|was)"
)
_NEAR = 40
"""Sentences below a heading that it still speaks of."""
_CODE = (
    ("output", OUTPUT),
    ("command", _COMMAND),
    ("diff", _DIFF),
    ("setting", _SETTING),
    ("remark", _REMARK),
)
_SIGNS = (
    ("tick", re.compile(r"`")),
    ("reference", re.compile(r"(?<![\w&])#\d|/(?:pull|issues|commit)/")),
    ("link", re.compile(r"https?://")),
    ("version", re.compile(r"\d\.\d")),
    ("quoted", re.compile(r"[\"“][^\"“”\n]{3,200}[\"”]")),
    ("error name", re.compile(r"\b\w+(?:Error|Exception)\b")),
    ("first person", re.compile(r"(?i)\b(?:i|i['’]m|i['’]ve|my|me|we|our)\b")),
    ("second person", re.compile(r"(?i)\b(?:you|your|u)\b")),
    ("past", re.compile(r"(?i)\b(?:was|were|had|did|\w{3,}ed)\b")),
    ("negation", re.compile(r"(?i)\b(?:not|no|never|cannot|without|\w+n['’]?t)\b")),
    ("output", OUTPUT),
)


def shape_signs(text: str) -> dict[str, float]:
    """Which signs a text has (code, references, versions, names of errors, ...), as `has ...`."""
    return {f"has {name}": float(bool(pattern.search(text[:3000]))) for name, pattern in _SIGNS}


def _bucket(value: int, steps: tuple[int, ...]) -> int:
    """How many of these rising steps a number is above."""
    return bisect_left(steps, value)


def sentence_features(
    posts: Sequence[Post], post: Post, number: int, outcomes: Outcomes, closed: str
) -> dict[str, float]:
    """The features of sentence `number` of a post, by name. `closed` as of `find.closing`."""
    out: dict[str, float] = {}
    for prefix, names in feature_groups(posts, post, number, outcomes, closed):
        weight = letter_weight(names) if prefix == LETTER_RUN else 1.0
        for name in names:
            out[prefix + name] = weight
    return out


LETTER_RUN = "c="
PREFIXES = ("w=", "p=", "n=", "h=", LETTER_RUN)
"""Of the groups whose names are words or letters of a text; all others have no prefix."""
Group = tuple[str, Collection[str]]
"""Features whose names begin alike: what they begin with, and the rests of their names."""


def feature_groups(
    posts: Sequence[Post], post: Post, number: int, outcomes: Outcomes, closed: str
) -> list[Group]:
    """The features of a sentence as groups with a prefix, so that a model can look the rests of
    their names up in a table of their own. No name comes twice.
    """
    sentence = post.sentences[number]
    text = post.say(sentence)
    tokens = words(text)
    names = _signs_of(text, post.role)
    names += _own(posts, post, number, text, tokens)
    before, after = _beside(post, number - 1, "p", names), _beside(post, number + 1, "n", names)
    names += _before(posts, post)
    names += _course(posts, post, outcomes, closed)
    size = str(_bucket(len(post.sentences), (1, 2, 3, 5, 8, 15, 40)))
    return [
        ("w=", dict.fromkeys(ngrams(tokens))),
        ("", dict.fromkeys(names)),
        ("p=", before),
        # the length of the post goes by the same letter as the words of the sentence after
        ("n=", dict.fromkeys((*after, size))),
        ("h=", _heading(post, number)),
        (LETTER_RUN, letter_runs(text)),
    ]


def letter_weight(runs: Collection[str]) -> float:
    """What each of a sentence's letter runs counts."""
    return LETTERS / len(runs) ** 0.5 if runs else 0.0


def letter_runs(text: str) -> Collection[str]:
    """Runs of three to five characters within words, which start and end with a blank."""
    return dict.fromkeys(
        chain.from_iterable(map(_runs_of_word, text[:_LETTERS_OF].lower().split()))
    )


@lru_cache(maxsize=16384)
def _runs_of_word(word: str) -> tuple[str, ...]:
    padded = f" {word[:24]} "
    return tuple(
        padded[start : start + length]
        for length in (3, 4, 5)
        for start in range(len(padded) - length + 1)
    )


def _signs_of(text: str, who: str) -> list[str]:
    """The turns of phrase of a text, each alone, in its author's mouth, and with every other."""
    found = cues(text)
    names = [f"s={sign}" for sign in found]
    names += [f"s={sign}&{who}" for sign in found]
    names += [f"s={one}&{two}" for one, two in combinations(found, 2)]
    return names


def _own(
    posts: Sequence[Post], post: Post, number: int, text: str, tokens: Sequence[str]
) -> list[str]:
    kind, who = post.sentences[number].kind, post.role
    asker = post.author is not None and post.author == posts[0].author
    names = [
        f"who={who}",
        f"asker={asker}",
        f"kind={kind}",
        f"kind={kind}&{who}",
        f"len={_bucket(len(text), (15, 30, 50, 80, 120, 180, 260))}",
    ]
    if tokens:
        names += [f"first={tokens[0]}", f"first2={' '.join(tokens[:2])}", f"last={tokens[-1]}"]
    names += _shape(text, kind)
    names += _place(posts, post, number)
    return names


def _shape(text: str, kind: str) -> Iterator[str]:
    """What a text is made of; of a block of code, what it is."""
    for name, pattern in _SIGNS:
        if pattern.search(text):
            yield f"has={name}"
    if kind != "code":
        return
    for name, pattern in _CODE:
        if pattern.search(text[:3000]):
            yield f"code={name}"
    yield f"code.lines={_bucket(text.count(chr(10)), (0, 1, 3, 8, 20))}"


def _place(posts: Sequence[Post], post: Post, number: int) -> Iterator[str]:
    count = len(post.sentences)
    where = "title" if post.index == 0 else "body" if post.index == 1 else "comment"
    yield f"where={where}"
    yield f"where={where}&{post.sentences[number].kind}"
    place = "only" if count == 1 else "first" if number == 0 else "last"
    yield f"at={place if number in (0, count - 1) else min(number, 5)}"
    yield f"thread={_bucket(len(posts), (2, 4, 7, 12, 20, 40))}"
    yield f"up={_bucket(post.thumbs_up, (0, 2, 5))}"


def _beside(post: Post, number: int, name: str, names: list[str]) -> Collection[str]:
    """The words of the sentence before or after; what else there is of it is added to `names`."""
    if not 0 <= number < len(post.sentences):
        names.append(f"{name}.none")
        return ()
    beside = post.sentences[number]
    names.append(f"{name}.kind={beside.kind}")
    if beside.kind == "code":
        return ()
    text = post.say(beside)
    names += [f"{name}.s={sign}" for sign in cues(text)]
    return dict.fromkeys(words(text)[:30])


def _heading(post: Post, number: int) -> Collection[str]:
    """The words of the heading that the sentence stands under, if it is near."""
    for other in range(number - 1, max(-1, number - 1 - _NEAR), -1):
        one = post.sentences[other]
        if one.kind == "heading":
            return dict.fromkeys(words(post.say(one), 8))
    return ()


def _before(posts: Sequence[Post], post: Post) -> Iterator[str]:
    """Whom and what the post answers: an answer to a question and a report on an advice are worded
    alike otherwise.
    """
    if post.index < 2:
        return
    before = posts[post.index - 1]
    yield f"b.who={before.role}&{post.role}"
    yield f"b.self={before.author == post.author}"
    # From the end: listing all sentences for each one of the next post takes the product of both.
    last = next((s for s in reversed(before.sentences) if s.kind not in ("code", "quote")), None)
    if last is not None:
        for sign in cues(before.say(last)):
            yield f"b.s={sign}"


def _course(posts: Sequence[Post], post: Post, outcomes: Outcomes, closed: str) -> Iterator[str]:
    """Where in the course of the thread the post stands, and what comes after it."""
    yield f"closed={closed or 'open'}"
    left = len(posts) - 1 - post.index
    yield f"turn={_bucket(post.index, (1, 2, 3, 5, 8, 15))}"
    yield f"left={_bucket(left, (0, 1, 2, 4, 8))}"
    asker = post.author is not None and post.author == posts[0].author
    yield f"left={min(left, 2)}&asker={asker}&comment={post.index > 1}"
    for name in outcomes.after(post):
        yield f"after={name}"
        yield f"after={name}&{post.role}"
