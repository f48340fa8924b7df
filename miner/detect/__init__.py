"""Threads to mentions: where errors stand in a thread, and which one it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from string import punctuation, whitespace

from kb.markdown import answers
from kb.models import Mention, Place, Thread
from kb.prefilter import Quick
from kb.signature import sign
from kb.signature.generic import is_generic, scope_of
from kb.signature.place import Where, frame_of
from kb.tables import load_patterns, load_toml
from kb.text import letters
from miner.detect.candidates import Candidate, candidates
from miner.detect.features import describe_thread
from miner.detect.scoring import (
    DOUBT,
    DOUBTFUL,
    MAIN_ERROR,
    MOST_DOUBT,
    OTHER_ERROR,
    Tables,
    judge,
    packaged,
    rank,
    report_score,
)
from miner.detect.service import answered
from miner.detect.shapes import words
from miner.posts import ParsedThread, parsed

_P = load_patterns("shapes.toml", Path(__file__).parent / "rules")


MAX_MENTIONS = 200
"""A thread has at most this many mentions; the surest stay."""

_EMITTED = 0.45
_SAME = 0.7
_SURE = 0.7
_LIKE = 0.5
_AROUND = 300
"""Characters before and after an error in which its service may be named."""
_LEAST_WORDS = 2
_WITHIN = 0.85


def detect(
    given: Thread | ParsedThread,
    verdict: Callable[[str], bool | None] | None = None,
    tables: Tables | None = None,
) -> list[Mention]:
    """The mentions of a thread, by place and position; at most one of them is primary.

    `verdict` says of a text whether a second reader holds it for an error (None: it was not asked);
    it decides where else only the confidence would. `tables`: weights other than the packaged ones.
    """
    tables = tables or packaged()
    whole = parsed(given)
    thread = whole.thread
    found = candidates(whole)
    rank(found, tables.rank)
    report = report_score(thread)
    describe_thread(report, found)
    judge(found, tables.confidence)
    # how much surer an error must be where the thread reads as a wish, a question or a change
    doubt = min(MOST_DOUBT, DOUBT * max(0.0, -report))
    narrated = _narrated(thread.texts, found)
    primary = choose(thread, found, narrated, doubt)
    if primary is not None and not _reported(primary, doubt):
        primary = None
    kept = [c for c in found if c is primary or (c.known and c.weight >= _EMITTED)]
    kept = _apart(kept, primary)
    main = set() if primary is None else words(primary.raw)
    fields = form_fields(whole)
    texts = thread.texts
    order = {place: at for at, place in enumerate(texts)}
    kept.sort(key=lambda c: (order[c.place], c.start))
    places = _places(thread, kept)
    mentions = []
    for c, where in zip(kept, places, strict=True):
        whole_one = c is primary or not (is_fragment(c, main) or id(c) in narrated)
        whole_one = whole_one and not is_half(c, texts[c.place])
        doubted = whole_one and counts(c, primary, doubt, confidence=1.0)
        heard = verdict(c.raw) if verdict and doubted else None
        sure = c.confidence if heard is None else float(heard)
        counted = doubted and counts(c, primary, doubt, confidence=sure)
        signed = sign(c.said, **fields, where=where)
        posts = (texts[c.place], thread.body)
        around = posts[0][max(0, c.start - _AROUND) : c.end + _AROUND]
        provider = answered(signed, c.said, thread.title, posts, around)
        signed = signed._replace(provider=provider)
        at = (*c.place, c.start, c.end, c.raw)
        main_one = c is primary
        mentions.append(Mention(*at, signed, main_one, counted, c.frames, c.confidence, doubted))
    return mentions


def _places(thread: Thread, kept: list[Candidate]) -> list[Where]:
    """Where each candidate happened: its own frame, that of the same error shown with its trace
    elsewhere in the thread.
    """
    frames = [frame_of(c.frames) for c in kept]
    texts = [sign(c.said).text for c in kept]
    pairs = reversed(list(zip(texts, frames, strict=True)))
    known = {text: frame for text, frame in pairs if frame}
    return [
        Where(frame=frame or known.get(text), repo=thread.repo, number=thread.number)
        for text, frame in zip(texts, frames, strict=True)
    ]


def choose(
    thread: Thread, found: list[Candidate], narrated: set[int] | None = None, doubt: float = 0.0
) -> Candidate | None:
    """The main error: the best candidate of title and body; what both say, the body's. `narrated`
    as of `_narrated`, if it is known; `doubt` as of `counts`.
    """
    texts = thread.texts
    narrated = _narrated(texts, found) if narrated is None else narrated
    usable = [c for c in found if (c.known or c.place[0] is None) and not _spoken(c)]
    usable = [c for c in usable if id(c) not in narrated]
    if not usable:
        return None
    if any(c.features.get("title_sure") and _names_failure(c) for c in usable):
        # what an answer shows is another error, unless it says what the title says
        said = words(thread.title)
        usable = [c for c in usable if c.place[0] is None or _says(words(c.raw), said, c.weight)]
    # half a message leads only where there is nothing else
    usable = [c for c in usable if not is_half(c, texts[c.place])] or usable
    # what somebody wants to be shown is none that was
    usable = [c for c in usable if not c.features.get("under_expected")] or usable
    usable.sort(key=_by_score)
    if _TEARDOWN.search(usable[0].raw, 0, 400):
        # a client that is closed in vain, because of the exception that is shown beside it
        raised = [c for c in usable if _RAISES.match(c.raw) and c.confidence >= MAIN_ERROR]
        usable = [c for c in raised if not _TEARDOWN.search(c.raw)] or usable
    best = next(filter(_names_failure, usable), None)
    named = best is not None
    if best is None:
        usable = [c for c in usable if not names_nothing(c)] or usable
        usable = [c for c in usable if not _passed_over(c)] or usable
        best = usable[0]
    if best.place == (None, "title"):
        said = words(best.raw)
        shown = [c for c in usable if c.place == (None, "body")]
        whole = (c for c in shown if "text_bare" not in c.features)
        same = [c for c in whole if _says(words(c.raw), said, c.weight)]
        if named:
            # a text is normalised only here: most candidates are never asked
            same = list(filter(_names_failure, same))
        if not same and not best.features.get("title_sure"):
            # words of a person that name an error; the body shows what the program printed
            same = [c for c in shown if c.weight >= _SURE and c.features.get("block_root")]
            same = list(filter(_names_failure, same)) if named else same
        best = min(same, key=_by_score, default=best)
    return _told_beside(best, usable, doubt)


def _told_beside(closing: Candidate, usable: list[Candidate], doubt: float) -> Candidate:
    """What names a failure by itself in the post whose best candidate only says that a process or a
    command ended: the nearest one before it, else the first behind. That line where none is there.
    """
    if scope_of(sign(closing.said).text)[1] not in _ENDINGS:
        return closing
    near = [c for c in usable if c.place == closing.place and c.weight >= _SURE]
    near = [c for c in near if scope_of(sign(c.said).text)[0] == "message" and _names_failure(c)]
    near = [c for c in near if counts(c, c, doubt, confidence=c.confidence)]
    before = [c for c in near if c.end <= closing.start]
    told = max(before, key=lambda c: c.start, default=None)
    return told or min(near, key=lambda c: c.start, default=closing)


_ENDINGS = ("process-died", "command-failed")


_TEARDOWN = re.compile(
    r"(?i)attempted to exit cancel scope|unhandled errors in a taskgroup|event loop is closed"
    r"|task was destroyed but|unclosed (?:client session|connector)|ignored generatorexit"
)
_RAISES = re.compile(r"(?:[\s|+]{0,20}|Error: )(?:[a-z_]\w*\.)+[A-Z]\w*(?:Error|Exception): \S")
"""An exception with its modules, in a group perhaps."""


# ---------------------------------------------------------------- what a source cut off

CUT_AT = range(295, 302)
"""Lengths of a comment that may have been cut: GitHub's search and exports made from it give the
first 300 characters, some without white space at the end or with a mark behind them.
"""

_OPEN_END = re.compile(r"[\w,:;(\[{<=/\\+&|-]\s*\Z")
"""An end in the middle of a word or of a line."""
_CUT_MARK = re.compile(r"(?:…|[\[(<](?:\.\.\. ?)?truncated[\])>])\s*\Z")
"""The mark of a source that says itself that it cut a text."""
_LAST_WORD = re.compile(r"(?:\A|\s)\S{1,4000}\s*\Z")


def is_half(candidate: Candidate, text: str) -> bool:
    """Whether a candidate runs into the end of a comment (`text`) that was cut there, and its
    message with it.

    A message is whole where it reads the same without its last word (what was cut is an address, a
    trace, the rest of a body behind it) and names a failure by itself.
    """
    if candidate.place[0] is None:
        return False
    mark = _CUT_MARK.search(text, max(0, len(text) - 40))
    end = len(text) if mark is None else mark.start()
    if candidate.end < len(text[:end].rstrip()):
        return False
    open_end = _OPEN_END.search(text[-40:]) is not None or candidate.raw.count('"') % 2 == 1
    if not mark and not (len(text) in CUT_AT and open_end):
        return False
    said = _CUT_MARK.sub("", candidate.said)
    shown = sign(said).text
    begun = _LAST_WORD.sub("", said.rstrip(punctuation + whitespace))
    return is_generic(shown) or sign(begun).text != shown


# ---------------------------------------------------------------- what is no main error

_LEVEL = r"(?:^|[\s\[|(])(?:{})(?=[\s:\]|)-]|$)"
_INFO = Quick(
    _LEVEL.format("INFO|DEBUG|TRACE") + r"|\[(?:info|debug)\]|level\"?[=:]\s?\"?(?:info|debug)\b"
)
_ERROR = Quick(_LEVEL.format("ERROR|CRITICAL|FATAL|SEVERE") + r"|level\"?[=:]\s?\"?error\b")
_REQUEST = Quick(
    r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S{1,300} HTTP/\d[\d.]{0,3}\"? [1-5]\d\d\b"
)
_FAILS = re.compile(r"(?i)err|fail|exception|fatal")
_TRACEBACK = "Traceback (most recent call last)"
_LEVEL_WITHIN = 80
"""Characters of a log's line in which its level stands."""


def _narrated(texts: dict[Place, str], found: list[Candidate]) -> set[int]:
    """The lines (by `id`) in which a log tells what a program does: a request and its status, and,
    where the thread shows what went wrong (a traceback, a line of level ERROR), those of level INFO
    or DEBUG.
    """
    requests, told = set[int](), set[int]()
    failed = _TRACEBACK in texts[None, "body"]
    for c in found:
        if c.place == (None, "title"):
            continue
        text = texts[c.place]
        near = max(0, c.start - _LEVEL_WITHIN)
        start = max(text.rfind("\n", near, c.start) + 1, near)
        line = text[start : start + _LEVEL_WITHIN].partition("\n")[0]
        if _ERROR.search(line):
            failed = True
        elif _plainly(_REQUEST.search(c.raw[:600])):
            requests.add(id(c))
        elif _plainly(_INFO.search(line)):
            told.add(id(c))
        else:
            failed = failed or bool(c.frames)
    return requests | told if failed else requests


def _plainly(match: re.Match[str] | None) -> bool:
    """Whether something was found, and no word of a failure before it."""
    return match is not None and not _FAILS.search(match.string, 0, match.start())


def _by_score(candidate: Candidate) -> tuple[float, int]:
    return -candidate.score, candidate.start


def _names_failure(candidate: Candidate) -> bool:
    return not _passed_over(candidate) and not names_nothing(candidate)


def _says(shown: set[str], title: set[str], weight: float) -> bool:
    """Whether what a body shows is what a title repeats: most of either's words, or of what surely
    is an error a good part of the shorter one's.
    """
    shared = len(shown & title)
    if shared >= _SAME * max(1, len(shown), len(title) - 4):
        return True
    return weight >= _SURE and shared >= max(2.0, _LIKE * min(len(shown), len(title)))


_PRINTED = re.compile(_P["printed"])


def _spoken(candidate: Candidate) -> bool:
    """Whether somebody speaks of an error in an answer, rather than showing one."""
    in_answer = candidate.place[0] is not None and "chatty" in candidate.features
    return in_answer and not _PRINTED.match(candidate.raw)


def _passed_over(candidate: Candidate) -> bool:
    """Whether a text is only an example of an error, or the program itself went on after it."""
    return _supposed(candidate) or "skipped" in candidate.noise


def _supposed(candidate: Candidate) -> bool:
    """Whether a text is an error that somebody expects, wishes for or warns of in words."""
    features = candidate.features
    return not features.get("in_fence") and not {"as_example", "as_task"}.isdisjoint(features)


def _within_words(candidate: Candidate) -> bool:
    """Whether a text is words of a post, and not plainly what a program printed."""
    if "chatty" not in candidate.features:
        return False  # not in a paragraph, a heading or a table
    raw = candidate.raw.lstrip("\"'`")
    return ": " not in raw or not _PRINTED.match(raw)


def is_fragment(candidate: Candidate, main: set[str]) -> bool:
    """Whether a further error is the thread's main one (`main`: its words) again, in part, or with
    words around it: what a sentence quotes, a sibling line of the log. It is no failure of its own.
    """
    mine = words(candidate.raw)
    shared = len(mine & main)
    fewer = min(len(mine), len(main))
    return fewer >= _LEAST_WORDS and shared >= _WITHIN * fewer


def _reported(primary: Candidate, doubt: float) -> bool:
    """Whether the thread's main error is shown as such: what a rule knows unless it is most
    doubtful; other words only where they count, and never in a wish.
    """
    if primary.known:
        return primary.confidence >= DOUBTFUL
    return doubt == 0 and primary.confidence >= MAIN_ERROR


def counts(
    candidate: Candidate, primary: Candidate | None, doubt: float, *, confidence: float
) -> bool:
    """Whether a mention belongs to an entry: the main error, and of each other piece the error that
    one would ask about (the rest is a log's noise); each only where `confidence` is high enough.
    """
    if candidate.features.get("source_in_code") or names_nothing(candidate):
        return False  # what would print an error, not one that was printed, or no failure's name
    if scope_of(sign(candidate.said).text)[1] == "not-said":
        return False
    if _supposed(candidate) or candidate.features.get("under_change"):
        return False
    features = candidate.features
    told = candidate.place[0] is None and {"in_inline", "before_told"} <= features.keys()
    if doubt >= DOUBT and (told or _within_words(candidate)):
        return False  # a wish tells in words what it is about, and which message it wants changed
    if candidate is primary:
        return confidence >= MAIN_ERROR + doubt
    if candidate.place == (None, "title"):
        return False  # it says again what the body shows
    if _spoken(candidate) or _passed_over(candidate):
        return False
    if "words_of_person" in features and primary and "words_of_person" not in primary.features:
        return False  # a person says in words what the main error, as printed, is about
    if features.get("under_expected") or features.get("by_bot"):
        return False
    return features.get("block_root", 1.0) > 0 and confidence >= OTHER_ERROR + doubt


_PLACEHOLDER = re.compile(r"<[a-z_-]{1,20}>")
_NAMED = re.compile(r"[^\W_]{2}")
_SITUATION = re.compile(r"(?i)(?:an? )?errors? (?:when|while|during) [a-z]+ing\b[^:]*")
"""What somebody was doing when an error came, which is not said."""
_OPTION = re.compile(
    r"[\w.-]{1,40}\s?[:=]\s?(?:[\w./%-]{1,40},?|[^\n]{1,200},\s{0,4}(?://[^\n]{0,200})?)"
)
"""A setting in a file of settings, a member in source."""
_STATUS_ONLY = re.compile(_P["status_only"])
_CUT = re.compile(r"(?!eof|nan|oom|sql)[a-z]{1,3}|(?i:nonetype)")
"""A word's beginning, of a text that was cut off there, and the name of nothing."""


def names_nothing(candidate: Candidate) -> bool:
    """Whether a text is a banner that says that there is an error and not which, the name of a
    class within or behind words of a person, or an address.
    """
    features = candidate.features
    if features.get("bare_in_words"):
        return not (features.get("line_alone") or features.get("paragraph_alone"))
    text = sign(candidate.said).text
    if not _NAMED.search(_PLACEHOLDER.sub("", text)) or _CUT.fullmatch(text):
        return True
    if features.get("code_language") and _OPTION.fullmatch(candidate.raw):
        return True
    told = _SITUATION.fullmatch(text)
    if not features.get("in_fence") and (told or _STATUS_ONLY.fullmatch(candidate.raw)):
        return True
    return "banner" in candidate.noise and scope_of(text)[0] == "nothing"


def _apart(kept: list[Candidate], primary: Candidate | None) -> list[Candidate]:
    """Without candidates that overlap a surer one."""
    taken: dict[object, list[tuple[int, int]]] = {}
    result: list[Candidate] = []
    for candidate in sorted(kept, key=lambda c: (c is not primary, -c.weight, c.start)):
        spans = taken.setdefault(candidate.place, [])
        if len(result) >= MAX_MENTIONS:
            break
        if not any(start < candidate.end and candidate.start < end for start, end in spans):
            spans.append((candidate.start, candidate.end))
            result.append(candidate)
    return result


_FIELDS: dict[str, list[str]] = load_toml("shapes.toml", Path(__file__).parent / "rules")["field"]
"""Headings of forms that ask for a field, the first that is answered counts."""


def form_fields(given: Thread | ParsedThread) -> dict[str, str | None]:
    """What an issue form's answers and the repository's name give."""
    whole = parsed(given)
    told = answers(whole.body.text, whole.body.document.blocks)
    lines = _told_in_lines(whole)
    fields: dict[str, str | None] = {"tool": whole.thread.repo}
    for name, headings in _FIELDS.items():
        known = {**lines, **told} if name in ("version", "os") else told
        found = (known[h] for h in headings if h in known)
        fields[name] = next((answer.splitlines()[0][:120] for answer in found), None)
    fields["version"] = fields["version"] or _own_version(whole, told, lines)
    return fields


_TOP = 4000
"""Characters of a report in which lines are read that name version or system."""
_LINE = re.compile(_P["line"])


def _told_in_lines(whole: ParsedThread) -> dict[str, str]:
    """What lines of a report's own words say, by their labels in lower case, the first of each."""
    told: dict[str, str] = {}
    text = whole.body.text
    for block in whole.body.document.blocks:
        if block.kind == "paragraph" and not block.quoted and block.start < _TOP:
            for line in _LINE.finditer(text[block.start : min(block.end, _TOP)]):
                told.setdefault(line["label"].lower(), line["value"].strip())
    return told


_KINDS_OF_PROGRAM = frozenset(
    "code cli app desktop server client plugin extension sdk py python js".split()
)
_NOT_ITS_OWN = frozenset(["python", "node", "os", "java", "docker", "cuda", "kernel", "browser"])


_VERSION = rf"v?({_P['version']})"
_SOME_FAIL = Quick(rf"(?i){_P['fails_since']}|{_P['version_fails']}")
_VERSION_WORKS = re.compile(rf"(?i){_P['version_works'].format(_VERSION)}")


def _own_version(whole: ParsedThread, told: dict[str, str], lines: dict[str, str]) -> str | None:
    """The version of the repository's own program: the answer under `NAME version`, of several
    lines the one that begins with its name, else what a line says of it (`Kettle version: 1.2`),
    else what the report says to fail, or, where it says of no version that it works, one behind
    the program's name.
    """
    repo = whole.thread.repo.rpartition("/")[2].lower()
    words = [w for w in re.findall(r"[a-z0-9]+", repo) if w not in _KINDS_OF_PROGRAM]
    name, text = "[-_. ]?".join(words) or "(?!)", whole.body.text[:_TOP]
    it, version = rf"(?:(?<![\w/.-])(?:{name})[ =@:]+)", _VERSION
    for heading, answer in [*told.items(), *lines.items()]:
        program, _, last = heading.rpartition(" ")
        if last != "version" or not program or _NOT_ITS_OWN & set(program.split()):
            continue
        if "\n" in answer and (own := re.search(rf"(?im)^\W*{it}{version}", answer)):
            return own[1]
        if heading in told or letters(program) == "".join(words):
            return answer.splitlines()[0][:120]
    fails = rf"(?i){_P['fails_since']}{it}?{version}|{_P['no_other']}{version}{_P['version_fails']}"
    # patterns with a name in them are compiled for each: only where the text has what they need
    found = re.search(fails, text) if _SOME_FAIL.search(text) else None
    named = not text.isascii() or all(word in text.lower() for word in words)
    if found is None and named and not _VERSION_WORKS.search(text):
        found = re.search(rf"(?i){it}{version}", text)
    return next(filter(None, found.groups()), None) if found else None
