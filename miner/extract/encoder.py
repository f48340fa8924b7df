"""What a small transformer makes of a run where it stands.

The other models count words and cues; this one reads: the run with the words around it, who says
it, under which title, and how the next one answers. MiniLM (Wang et al. 2020; six layers of 384)
as it was trained to compare sentences (all-MiniLM-L6-v2, Apache-2.0), changed: its upper layers
fine-tuned on labelled threads, its weights rounded to bytes, its vocabulary cut
(`miner.training.encoder` writes both files). It runs in ONNX Runtime on one thread and takes one
run at a time: the rounding of a batch follows its largest number, so that a run's scores would hang
on its neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from kb import lazy_re as re
from kb.errors import FaultloreError
from miner.extract.spans import Run
from miner.posts import ParsedPost

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SCORES = ("cause", "fix", "cause refuted", "fix refuted")
"""What a run gets: log odds that it is a cause that stands, a fix that stands, ..."""


def told(kind: str, scores: Sequence[float]) -> tuple[float, float, float]:
    """What the scores tell of a run of a kind: that it is one that stands, a refuted one, and one
    of the other kind that stands.
    """
    cause, fix, no_cause, no_fix = scores
    return (cause, no_cause, fix) if kind == "cause" else (fix, no_fix, cause)


WEIGHTS, VOCABULARY = "encoder.onnx", "encoder.txt"
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
SPECIAL = ("[PAD]", _UNKNOWN, _START, _END)
"""Pieces that are no text; the vocabulary has them first."""
_MOST = 100
"""Letters of a word above which it is read as unknown, as BERT does."""
_WORD = re.compile(r"[㐀-鿿豈-﫿]|[^\W_]+|[^\w\s]|_")
_WIDE = 220
"""Characters before a run of which the last words are read."""
_MUCH = 20_000
"""Characters of a text in which what is read of it is looked for."""
_SHORT = 80
"""Characters before a run up to which the end of the post before is read too."""


class Reading(NamedTuple):
    """What is read of a run, up to `PIECES` of each part."""

    speaker: str
    title: str
    before: str
    run: str
    after: str
    answer: str


PIECES = (4, 14, 22, 48, 14, 16)
"""Pieces of words that are read at most of each part of a `Reading`."""


def reading_of(run: Run, posts: Sequence[ParsedPost], closed: str) -> Reading:
    """A run with what stands around it in its thread; `closed` as `find.closing` has it."""
    post = run.said[0].post
    before = _one_line(post.text[max(0, run.start - _WIDE) : run.start])
    if len(before) < _SHORT and post.index > 1:
        before = _one_line(f"{posts[post.index - 1].text[-160:]} / {before}")
    where = ("title", "report")[post.index] if post.index < 2 else "comment"
    return Reading(
        speaker=f"{_speaker(post, posts)} {where}{' closed' if closed else ''}",
        title=_one_line(posts[0].text[:_MUCH])[:120] if post.index else "",
        before=before,
        run=_one_line(run.text[:_MUCH])[:500],
        after=_one_line(post.text[run.end : run.end + 120]),
        answer=_answer(post, posts),
    )


def _answer(post: ParsedPost, posts: Sequence[ParsedPost]) -> str:
    """What the next one says who answers, after who it is."""
    for later in posts[max(2, post.index + 1) :]:
        if later.evidence and later.author != post.author:
            text = later.text[:_MUCH].split("\n")
            lines = [line for line in text if line.strip() and not line.startswith(">")]
            return _one_line(f"{_speaker(later, posts)} : {' '.join(lines)[:120]}")
    return ""


def _speaker(post: ParsedPost, posts: Sequence[ParsedPost]) -> str:
    if post.role == "maintainer":
        return "maintainer"
    is_reporter = post.author is not None and post.author == posts[0].author
    return "reporter" if is_reporter else "user"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def words_of(text: str) -> list[str]:
    """A text's words and signs, small and without accents, about as BERT's own reader splits them:
    Chinese that follows other letters without a space stays with them.
    """
    plain = unicodedata.normalize("NFD", text.lower())
    return _WORD.findall("".join(c for c in plain if unicodedata.category(c) not in _DROPPED))


_DROPPED = frozenset(("Mn", "Cc", "Cf"))


def pieces_of(word: str, known: Mapping[str, int]) -> Iterator[str]:
    """A word as the longest known pieces from left to right, all but the first after `##`
    (WordPiece: Wu et al. 2016); `[UNK]` where that cannot be done.
    """
    found, start = [], 0
    while start < len(word) <= _MOST:
        mark = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if mark + word[start:end] in known), None)
        if end is None:
            break
        found.append(mark + word[start:end])
        start = end
    yield from found if start == len(word) else (_UNKNOWN,)


class Vocabulary:
    """The pieces that the network knows; a piece's number is its place in `pieces`."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.numbers = {piece: number for number, piece in enumerate(pieces)}
        self._of = lru_cache(maxsize=1 << 14)(self._of_word)

    def _of_word(self, word: str) -> list[int]:
        return [self.numbers[piece] for piece in pieces_of(word, self.numbers)]

    def encoded(self, reading: Reading) -> tuple[list[int], list[int]]:
        """The numbers of its pieces, and 1 for those of the run itself, 0 for the others."""
        end = self.numbers[_END]
        numbers, segments = [self.numbers[_START]], [0]
        for name, text, most in zip(Reading._fields, reading, PIECES, strict=True):
            found = [number for word in words_of(text) for number in self._of(word)]
            found = found[-most:] if name == "before" else found[:most]
            numbers += [*found, end]
            segments += [*[int(name == "run")] * len(found), 0]
        return numbers, segments


class Encoder:
    """The network with its vocabulary."""

    def __init__(self, session: InferenceSession, vocabulary: Vocabulary) -> None:
        self._session, self._vocabulary = session, vocabulary
        # the same words may be a run of either kind, and a thread is read again when it changed
        self._known = lru_cache(maxsize=1 << 12)(self._scores)

    def scores(self, reading: Reading) -> tuple[float, ...]:
        """Log odds by `SCORES`."""
        return self._known(reading)

    def _scores(self, reading: Reading) -> tuple[float, ...]:
        import numpy as np

        encoded = self._vocabulary.encoded(reading)
        pieces, segments = (np.array([row], np.int64) for row in encoded)
        (row,) = self._session.run(None, {"pieces": pieces, "segments": segments})[0].tolist()
        return tuple(round(score, 3) for score in row)


@lru_cache(maxsize=1)
def load() -> Encoder:
    """The packaged network. Raises `FaultloreError` where it cannot be used: no thread can be read
    without it, and none is to blame.
    """
    try:
        from onnxruntime import InferenceSession, SessionOptions

        folder = resources.files("miner.extract")
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers share the cores
        network = folder.joinpath(WEIGHTS).read_bytes()
        session = InferenceSession(network, options, providers=["CPUExecutionProvider"])
        pieces = folder.joinpath(VOCABULARY).read_text("utf-8").splitlines()
        encoder = Encoder(session, Vocabulary(pieces))
        encoder.scores(Reading(*[""] * len(PIECES)))
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise FaultloreError(
            f"the network that reads claims ({WEIGHTS}, {VOCABULARY}) cannot be used ({why});"
            " install faultlore again"
        ) from error
    return encoder
