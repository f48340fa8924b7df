"""What the model knows of a sentence: its words and letters, its shape, its neighbours, its author,
where in the thread it stands and how the next posts take it up.

A feature is a name with a number, mostly 1; the model is a table of weights by name, so that every
decision can be read (`docs/explanation/claims.md` says what each prefix means).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, combinations, pairwise
from typing import NamedTuple

from miner.extract.cue_phrases import PHRASES, cues
from miner.extract.outcomes import Outcomes
from miner.extract.words import words
from miner.posts import ParsedPost

LETTERS = 2.0
"""What the letter runs of a sentence weigh together: each one this through the root of their
number; a word counts 1."""
_LETTERS_OF = 240
"""Characters of a sentence whose letter runs are read."""

_DIFF = re.compile(r"(?m)^[+-] ?\S[^\n]{0,300}\n(?:[^\n]{0,300}\n){0,9}?[+-] ?\S|^@@ |^diff --git")
_SETTING = re.compile(
    r"(?m)^[ \t]{0,12}[A-Z][A-Z0-9_]{3,60}[ \t]{0,3}=|^[ \t]{0,24}\"?[\w.-]{1,80}\"?[ \t]{0,3}:\s"
    r"|^\[[\w.-]{1,80}\]$"
)
_REMARK = re.compile(
    r"(?m)(?:#|//)[ \t]{0,3}(?:[Cc]hange|[Aa]dd|[Ff]ix|[Nn]ew|[Rr]emove|[Tt]his|before|after|was)"
)
STEMS = (4, 5)
"""Letters at the start of a word that stand for its other forms."""
_LONG = 4
"""Letters above which an ending is one."""
_BESIDE = 30
"""Words of a sentence beside that are read."""
_CODE = (
    ("output", PHRASES["output"]),
    ("command", PHRASES["shell"]),
    ("diff", _DIFF),
    ("setting", _SETTING),
    ("remark", _REMARK),
)
_SIGNS = (
    ("tick", "`", re.compile(r"`")),
    ("reference", "#/", re.compile(r"(?<![\w&])#\d|/(?:pull|issues|commit)/")),
    ("link", ":", re.compile(r"https?://")),
    ("version", ".", re.compile(r"\d\.\d")),
    ("quoted", '"“', re.compile(r"[\"“][^\"“”\n]{3,200}[\"”]")),
    ("error name", "E", re.compile(r"\b\w+(?:Error|Exception)\b")),
    ("output", "", PHRASES["output"]),
)
"""Signs in a text: a name, characters one of which it must have (empty: none), its pattern."""
_FIRST = frozenset(("i", "im", "ive", "my", "me", "we", "our"))
_SECOND = frozenset(("you", "your", "u"))
_PAST = frozenset(("was", "were", "had", "did"))
_NEGATION = frozenset(
    (
        "not no never cannot without dont doesnt didnt isnt wasnt arent werent cant couldnt wont"
        " wouldnt shouldnt havent hasnt hadnt"
    ).split()
)


def signs(text: str) -> tuple[str, ...]:
    """Which signs a text has: code, references, versions, names of errors; person, tense, and
    negation by its words.
    """
    text = text[:3000]
    found = [
        name
        for name, needles, pattern in _SIGNS
        if (not needles or any(needle in text for needle in needles)) and pattern.search(text)
    ]
    tokens = words(text)
    own = set(tokens)
    persons = (("first person", _FIRST), ("second person", _SECOND))
    found += [name for name, known in persons if own & known]
    if own & _PAST or any(len(token) > _LONG and token.endswith("ed") for token in tokens):
        found.append("past")
    if own & _NEGATION:
        found.append("negation")
    return tuple(found)


def _bucket(value: int, steps: tuple[int, ...]) -> int:
    """How many of these rising steps a number is above."""
    return bisect_left(steps, value)


class SentenceParts(NamedTuple):
    """What the model reads of a sentence, by kind of feature. Scoring adds the weights of words up
    from tables by word (`model.SentenceModel`); `features` is the same by name, for training.

    `about` (of its post) and the names in `groups`, which other sentences have together as well,
    count 1 each; `tokens` are its different words, `pairs` those beside each other, `said` the
    words with who says them and where; `before` and `after` the words of the sentences beside it;
    `letters` the words that are read letter by letter.
    """

    about: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    tokens: tuple[str, ...]
    pairs: tuple[str, ...]
    speaker: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    letters: tuple[str, ...]

    def features(self) -> dict[str, float]:
        """The features by name; a name that comes twice counts twice."""
        out: dict[str, float] = {}
        names = (
            *self.about,
            *chain.from_iterable(self.groups),
            *(name for token in self.tokens for name in token_names(token)),
            *(f"w={pair}" for pair in self.pairs),
            *(f"{self.speaker}{token}" for token in self.tokens),
            *(f"p={token}" for token in self.before),
            *(f"n={token}" for token in self.after),
        )
        for name in names:
            out[name] = out.get(name, 0.0) + 1.0
        runs = [f"c={run}" for word in self.letters for run in letter_runs(word)]
        for run in runs:
            out[run] = out.get(run, 0.0) + LETTERS / len(runs) ** 0.5
        return out


def token_names(token: str) -> tuple[str, ...]:
    """The features of a word: itself and its first four and five letters."""
    stems = (f"st{length}={token[:length]}" for length in STEMS if len(token) > length)
    return (f"w={token}", *stems)


def letter_runs(word: str) -> list[str]:
    """Runs of three to five characters of a word, which starts and ends with a blank."""
    padded = f" {word[:24]} "
    return [
        padded[start : start + length]
        for length in (3, 4, 5)
        for start in range(len(padded) - length + 1)
    ]


def sentence_parts(post: ParsedPost, number: int, about: tuple[str, ...]) -> SentenceParts:
    """What the model reads of sentence `number` of a post; `about` as of `about_post`."""
    text = post.say(post.sentences[number])
    tokens = words(text)
    return SentenceParts(
        about,
        _groups(post, number, text, tokens),
        tuple(dict.fromkeys(tokens)),
        tuple(dict.fromkeys(f"{one} {two}" for one, two in pairwise(tokens))),
        f"r={post.role} {_where(post)} ",
        _beside(post, number - 1),
        _beside(post, number + 1),
        tuple(text[:_LETTERS_OF].lower().split()),
    )


def about_post(
    posts: Sequence[ParsedPost], post: ParsedPost, outcomes: Outcomes, closed: str
) -> tuple[str, ...]:
    """What the model knows of every sentence of a post: who says it, where in the thread, whom it
    answers, and what comes after it. `closed` as of `find.closing`.
    """
    names = (
        f"who={post.role}",
        f"asker={_asks(posts, post)}",
        f"where={_where(post)}",
        f"n={_bucket(len(post.sentences), (1, 2, 3, 5, 8, 15, 40))}",
        f"thread={_bucket(len(posts), (2, 4, 7, 12, 20, 40))}",
        f"up={_bucket(post.thumbs_up, (0, 2, 5))}",
        *_before(posts, post),
        *_course(posts, post, outcomes, closed),
    )
    return tuple(dict.fromkeys(names))


def _where(post: ParsedPost) -> str:
    return "title" if post.index == 0 else "body" if post.index == 1 else "comment"


def _asks(posts: Sequence[ParsedPost], post: ParsedPost) -> bool:
    """Whether who opened the thread wrote a post."""
    return post.author is not None and post.author == posts[0].author


def _beside(post: ParsedPost, number: int) -> tuple[str, ...]:
    """The words of a sentence beside."""
    if not 0 <= number < len(post.sentences) or post.sentences[number].kind == "code":
        return ()
    return _first_words(post.say(post.sentences[number]))


@lru_cache(maxsize=64)
def _first_words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words(text)[:_BESIDE]))


def _groups(
    post: ParsedPost, number: int, text: str, tokens: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    kind, last = post.sentences[number].kind, len(post.sentences) - 1
    place = "only" if last == 0 else "first" if number == 0 else "last"
    at = place if number in (0, last) else str(min(number, 5))
    return (
        (f"first={tokens[0]}", f"first2={' '.join(tokens[:2])}", f"last={tokens[-1]}")
        if tokens
        else (),
        _turns(cues(text), post.role),
        _form(kind, post.role, _where(post), at, _bucket(len(text), _LENGTHS)),
        _shape(text, kind),
        _around(post, number - 1, "p"),
        _around(post, number + 1, "n"),
    )


_LENGTHS = (15, 30, 50, 80, 120, 180, 260)


@lru_cache(maxsize=4096)
def _form(kind: str, who: str, where: str, at: str, length: int) -> tuple[str, ...]:
    return (
        f"kind={kind}",
        f"kind={kind}&{who}",
        f"len={length}",
        f"where={where}&{kind}",
        f"at={at}",
    )


@lru_cache(maxsize=2048)
def _turns(found: tuple[str, ...], who: str) -> tuple[str, ...]:
    """The turns of phrase of a sentence, each alone and with who says it, and two of them."""
    alone = (name for sign in found for name in (f"s={sign}", f"s={sign}&{who}"))
    return (*alone, *(f"s={one}&{two}" for one, two in combinations(found, 2)))


def _shape(text: str, kind: str) -> tuple[str, ...]:
    """What a text is made of; of a block of code, what it is."""
    has = tuple(f"has={name}" for name in signs(text))
    if kind != "code":
        return has
    code = (f"code={name}" for name, pattern in _CODE if pattern.search(text[:3000]))
    return (*has, *code, f"code.lines={_bucket(text.count(chr(10)), (0, 1, 3, 8, 20))}")


def _around(post: ParsedPost, other: int, name: str) -> tuple[str, ...]:
    if not 0 <= other < len(post.sentences):
        return (f"{name}.none",)
    beside = post.sentences[other]
    return _turns_beside(name, beside.kind, () if beside.kind == "code" else cues(post.say(beside)))


@lru_cache(maxsize=4096)
def _turns_beside(name: str, kind: str, found: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{name}.kind={kind}", *(f"{name}.s={sign}" for sign in found))


def _before(posts: Sequence[ParsedPost], post: ParsedPost) -> Iterator[str]:
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


def _course(
    posts: Sequence[ParsedPost], post: ParsedPost, outcomes: Outcomes, closed: str
) -> Iterator[str]:
    """Where in the course of the thread the post stands, and what comes after it."""
    yield f"closed={closed or 'open'}"
    left = len(posts) - 1 - post.index
    yield f"turn={_bucket(post.index, (1, 2, 3, 5, 8, 15))}"
    yield f"left={_bucket(left, (0, 1, 2, 4, 8))}"
    yield f"left={min(left, 2)}&asker={_asks(posts, post)}&comment={post.index > 1}"
    for name in outcomes.after(post):
        yield f"after={name}"
        yield f"after={name}&{post.role}"
