"""What decides whether a run of sentences is a claim of its thread: how sure its sentences are, how
it compares with the thread's other runs, who says it, where, what the thread says of it later, and
what the encoder reads in it.

The sentence model reads one sentence at a time. A thread has two or three claims as a rule, so a
run is judged a second time beside its rivals, and by its words as a whole. Every feature is a
number with a plain name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from kb.models import Mention, Place
from miner.extract.cue_phrases import has
from miner.extract.model import LABELS, log_odds
from miner.extract.outcomes import AHEAD, Outcomes
from miner.extract.publication import TELLING
from miner.extract.replies import Said, content, tie
from miner.extract.spans import Run
from miner.extract.stance import asked, names_remedy, reports_symptom
from miner.extract.words import words
from miner.posts import ParsedPost

_STRONG = 0.3
_BESIDE = 150
"""Characters before and after a run whose words are read."""
_VERDICTS = ("failed", "worked", "thanks", "output")
_NO_RIVAL = -6.0
"""What the encoder would say of a rival where a run has none."""
_FAR = 10.0
"""Log of the characters to the nearest error of a post that has none."""


def run_words(run: Run) -> dict[str, float]:
    """The words of a run and those beside each other (`w=`), which have the length 1 together, and
    those before (`p=`) and after it (`n=`), of length 1/2 each.
    """
    text, inside = run.said[0].post.text, words(run.text[:1200])
    parts = (
        ("w=", 1.0, {*inside, *(f"{one} {two}" for one, two in pairwise(inside))}),
        ("p=", 0.5, set(words(text[max(0, run.start - _BESIDE) : run.start]))),
        ("n=", 0.5, set(words(text[run.end : run.end + _BESIDE]))),
    )
    return {
        prefix + word: length / math.sqrt(len(found))
        for prefix, length, found in parts
        for word in found
    }


class ThreadRuns:
    """The runs of one kind in a thread, and the chances of all its sentences, for comparing them.

    `said` are the thread's candidates in order; `runs` those of one kind (`cause` or `fix`);
    `mentions` the errors that are found in it; `read` what the encoder tells of each run
    (`encoder.told`).
    """

    def __init__(
        self,
        posts: Sequence[ParsedPost],
        said: Sequence[Said],
        runs: Sequence[Run],
        outcomes: Outcomes,
        closed: str,
        mentions: Sequence[Mention],
        read: Sequence[Sequence[float]],
    ) -> None:
        self.posts, self.said, self.runs = posts, said, runs
        self.outcomes, self.closed = outcomes, closed
        self.tops: dict[int, list[float]] = {}
        self.beside: dict[int, dict[int, tuple[float, ...]]] = {}
        for one in said:
            self.beside.setdefault(one.post.index, {})[one.number] = one.chances
            top = self.tops.setdefault(one.post.index, [0.0] * len(LABELS))
            for i, chance in enumerate(one.chances):
                top[i] = max(top[i], chance)
        ranked = sorted(range(len(runs)), key=lambda i: -runs[i].chance)
        self.rank = {index: place for place, index in enumerate(ranked)}
        self.strong = float(sum(run.chance >= _STRONG for run in runs))
        self.best = [runs[i].chance for i in ranked[:2]]
        self.read = read
        best = sorted(range(len(runs)), key=lambda i: -read[i][0])
        self.read_rank = {index: place for place, index in enumerate(best)}
        self.read_best = [read[i][0] for i in best[:2]]
        self.words = [content(run.text) for run in runs]
        self.title = content(posts[0].text)
        self.body = content(posts[1].text[:1500])
        self.mentions = mentions
        self.errors_at: dict[Place, list[Mention]] = {}
        for error in mentions:
            self.errors_at.setdefault((error.comment_id, error.field), []).append(error)
        self.main = next((one for one in mentions if one.is_primary), None)
        self.main_words = content(self.main.raw if self.main else "")
        self.error_words = content(" ".join(one.raw for one in mentions))

    def features(self, index: int) -> dict[str, float]:
        """The features of run `index`, by name."""
        run = self.runs[index]
        out: dict[str, float] = {}
        self._chances(out, run)
        self._rivals(out, run, index)
        self._place(out, run)
        self._text(out, run, index)
        self._later(out, run, index)
        self._errors(out, run, index)
        return out

    def _chances(self, out: dict[str, float], run: Run) -> None:
        out["run log odds"] = log_odds(run.chance)
        for i, label in enumerate(LABELS):
            rows = [one.chances[i] for one in run.said]
            out[f"highest {label}"] = log_odds(max(rows))
        # each against its opposite: a tree would need many cuts for what a difference says at once
        best = max(run.said, key=lambda one: max(one.chances[1:])).chances
        out["fix over cause"] = log_odds(best[3] + best[4]) - log_odds(best[1] + best[2])
        refuted = max(one.chances[2] + one.chances[4] for one in run.said)
        stands = max(one.chances[1] + one.chances[3] for one in run.said)
        out["refuted over good"] = log_odds(refuted) - log_odds(stands)
        out["sentences"] = float(len(run.said))
        first, last = run.said[0], run.said[-1]
        beside = self.beside[first.post.index]
        for name, number in (("before", first.number - 1), ("after", last.number + 1)):
            chances = beside.get(number)
            for label in ("cause", "fix", "fix-"):
                out[f"{label} {name}"] = log_odds(chances[LABELS.index(label)]) if chances else -7.0

    def _rivals(self, out: dict[str, float], run: Run, index: int) -> None:
        place = self.rank[index]
        rival = self.best[0] if place else (self.best[1] if len(self.best) > 1 else 0.0)
        out["rank"] = float(min(place, 10))
        out["lead over rival"] = log_odds(run.chance) - log_odds(rival)
        out["runs"] = math.log1p(min(len(self.runs), 30))
        out["strong runs"] = self.strong
        own, out["read refuted"], out["read other kind"] = self.read[index]
        place = self.read_rank[index]
        rival = self.read_best[0] if place else (*self.read_best[1:], _NO_RIVAL)[0]
        out["read"], out["read lead"], out["read rank"] = own, own - rival, float(min(place, 6))

    def _place(self, out: dict[str, float], run: Run) -> None:
        post, number = run.said[0].post, run.said[0].number
        left = len(self.posts) - 1 - post.index
        out["posts"] = math.log(len(self.posts))
        out["turn"] = post.index / max(1, len(self.posts) - 1)
        out["posts before"] = math.log1p(min(post.index, 20))
        out["posts after"] = math.log1p(min(left, 20))
        out["title"], out["body"] = float(post.index == 0), float(post.index == 1)
        out["position"] = number / max(1, len(post.sentences) - 1)
        out["sentences in post"] = math.log(len(post.sentences))
        out["sentences in thread"] = math.log(len(self.said))
        out["maintainer"] = float(post.role == "maintainer")
        out["reporter"] = float(post.author is not None and post.author == self.posts[0].author)
        out["closed"] = float(self.closed != "")
        out["pull request"] = float(self.closed == "pull")

    def _text(self, out: dict[str, float], run: Run, index: int) -> None:
        text = run.text
        for name, phrase in TELLING:
            out[f"text {name}"] = float(has(phrase, text))
        out["text asks"] = float(asked(text))
        out["text names a remedy"] = float(names_remedy(run))
        out["text reports the symptom"] = float(reports_symptom(text))
        out["text shows output"] = float(has("output", text))
        out["characters"] = math.log1p(len(text))
        out["is code"] = float(run.said[0].sentence.kind == "code")
        words = self.words[index]
        size = 2 + len(words)
        out["content words"] = math.log1p(len(words))
        out["shared with title"] = len(words & self.title) / size
        out["shared with report"] = len(words & self.body) / size

    def _later(self, out: dict[str, float], run: Run, index: int) -> None:
        post = run.said[0].post
        later = self.posts[max(2, post.index + 1) :]
        others = [p for p in later if p.evidence and p.author != post.author]
        asker = [p for p in others if p.author == self.posts[0].author]
        for name, chosen in (("next", others[:1]), ("asker", asker[:1])):
            heard = {v for p in chosen for v in self.outcomes.verdicts[p.index]}
            for verdict in _VERDICTS:
                out[f"{name} post {verdict}"] = float(verdict in heard)
            tops = [self.tops[p.index] for p in chosen if p.index in self.tops]
            for label in ("fix", "fix-"):
                i = LABELS.index(label)
                out[f"{name} post {label}"] = max((top[i] for top in tops), default=0.0)
        for verdict in ("worked", "failed"):
            told = [p for p in others[:12] if verdict in self.outcomes.verdicts[p.index]]
            ties = [tie(run.said[0], Said(p, 0, ())) for p in told if p.sentences]
            out[f"tied {verdict}"] = min(3.0, max(ties, default=0.0))
        out["says failed"] = float(has("failed", run.text))
        out["says worked"] = float(has("worked", run.text))
        out["own good"] = float(post.index in self.outcomes.good)
        out["own bad"] = float(post.index in self.outcomes.bad)
        words = self.words[index]
        taken, people = 0.0, set()
        for other in self.posts[post.index + 1 : post.index + 1 + AHEAD]:
            if not other.evidence or other.author == post.author:
                continue
            shared = len(words & content(other.text[:2000]))
            if shared >= 2:
                people.add(other.author)
            taken = max(taken, shared / (2 + len(words)))
        out["taken up"], out["taken up by"] = taken, math.log1p(len(people))

    def _errors(self, out: dict[str, float], run: Run, index: int) -> None:
        """What a run shares with the thread's errors, where those of its post stand, and how sure
        it is that the thread reports one.
        """
        found, size = self.words[index], 2 + len(self.words[index])
        out["shared with main error"] = len(found & self.main_words) / size
        out["shared with errors"] = len(found & self.error_words) / size
        out["of main error"] = len(found & self.main_words) / (2 + len(self.main_words))
        own = self.errors_at.get(run.said[0].post.place, [])
        before = [run.start - m.end for m in own if m.end <= run.start]
        after = [m.start - run.end for m in own if m.start >= run.end]
        out["errors in post"] = float(bool(own))
        out["has an error"] = float(len(before) + len(after) < len(own))
        out["after an error by"] = math.log1p(min(before)) if before else _FAR
        out["before an error by"] = math.log1p(min(after)) if after else _FAR
        out["errors"] = math.log1p(len(self.mentions))
        out["counted errors"] = math.log1p(sum(one.counted for one in self.mentions))
        out["main error"] = float(self.main is not None)
        out["main error sure"] = self.main.confidence if self.main else 0.0
