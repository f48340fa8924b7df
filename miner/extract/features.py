"""What the model knows of a sentence: its words, its neighbours, its author and where in the course
of the thread it stands.

A feature is a name that is there or not; the model is a table of weights by name, so that every
decision can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miner.extract.cue_phrases import cues
from miner.extract.words import ngrams, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.sentences import Sentence
    from miner.extract.posts import Post


def _bucket(value: int, steps: tuple[int, ...]) -> int:
    return sum(value > step for step in steps)


def word_features(text: str) -> Iterator[str]:
    """The sentence's own words."""
    tokens = words(text)
    for gram in ngrams(tokens):
        yield f"w={gram}"
    if tokens:
        yield f"first={tokens[0]}"
        yield f"first2={' '.join(tokens[:2])}"
        yield f"last={tokens[-1]}"


def sentence_features(posts: list[Post], post: Post, number: int) -> Iterator[str]:
    """Names of the features of sentence `number` of a post. Where in the thread it stands is left
    to the second table (`course`).
    """
    sentence = post.sentences[number]
    text = post.say(sentence)
    who = post.role
    asker = post.author is not None and post.author == posts[0].author
    yield from word_features(text)
    found = cues(text)
    for sign in found:
        yield f"s={sign}"
        yield f"s={sign}&{who}"
    for i, one in enumerate(found):
        for two in found[i + 1 :]:
            yield f"s={one}&{two}"
    yield f"who={who}"
    yield f"asker={asker}"
    yield f"kind={sentence.kind}"
    yield f"kind={sentence.kind}&{who}"
    yield f"len={_bucket(len(text), (15, 30, 50, 80, 120, 180, 260))}"
    yield from _place(posts, post, number, who)
    yield from _around(post, number)
    yield from _before(posts, post)


def _place(posts: list[Post], post: Post, number: int, who: str) -> Iterator[str]:
    count = len(post.sentences)
    where = "title" if post.index == 0 else "body" if post.index == 1 else "comment"
    yield f"where={where}"
    yield f"n={_bucket(count, (1, 2, 3, 5, 8, 15, 40))}"
    ends = "only" if count == 1 else "first" if number == 0 else "last"
    yield f"at={ends if number in (0, count - 1) else min(number, 5)}"
    yield f"thread={_bucket(len(posts), (2, 4, 7, 12, 20, 40))}"
    yield f"up={_bucket(post.thumbs_up, (0, 2, 5))}"


def _around(post: Post, number: int) -> Iterator[str]:
    for step, name in ((-1, "p"), (1, "n")):
        other = number + step
        if 0 <= other < len(post.sentences):
            beside: Sentence = post.sentences[other]
            yield f"{name}.kind={beside.kind}"
            if beside.kind != "code":
                text = post.say(beside)
                for token in set(words(text, 30)):
                    yield f"{name}={token}"
                for sign in cues(text):
                    yield f"{name}.s={sign}"
        else:
            yield f"{name}.none"


def _before(posts: list[Post], post: Post) -> Iterator[str]:
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
