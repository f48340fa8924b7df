"""The name of an error as people write it: the title of an entry in the letters, quotation marks
and numbers of its real forms.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kb import lazy_re as re
from kb.providers import names
from kb.signature.place import PLAIN_NAMES
from kb.signature.title import provider_name
from kb.tables import load_lines
from kb.text import capital, letters, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEAD = re.compile(r"(?:[A-Z][\w.+& -]{1,30} )?\d{3}: |[A-Z][\w.+ -]{1,24}: ")
"""Provider and status before a message."""
_PLACE = re.compile(r" \((?:[^()]{1,60}, )?(?:[^()\s]{1,80} in )?[\w.-]+/[\w.-]+(?:#\d+)?\)\Z")
_NUMBER = re.compile(r"(?<![\w.-])N(?![\w.-])")
_AROUND = re.compile(r"\A[\W…]+|[\W…]+\Z")
"""Signs and open values around a message."""
_TOKEN = re.compile(
    r"…|(?:\d[\d.]{0,14}|N)(?:(?:, ?<?|-)(?:\d[\d.]{0,14}|N)){0,8}(?<!\.)(?!\w)|\w+"
)
"""A word; numbers that a signature may tell as one, the sizes of a shape or a day, are one."""
_N = re.compile(r"N\b")
_CLASS = re.compile(
    r"\b(?:(?:[A-Za-z_][\w.]{0,80}\.)?([A-Z]\w{0,50}(?:Error|Exception))|([a-z]{2,20}\.error))"
    r"(?:</?\w{1,9}>)?\s*:\s*\Z"
)
_SUBJECT = re.compile(r"(?:error [A-Z]{1,3}\d{3,5}: )?['‘][\w.:<>=!+*/-]{1,40}['’]:? ?\Z")
_BUILD = re.compile(r"/((?:pip|uv|npm|conda|cargo)-[a-z-]{1,20})-\w{4,12}/(?:\S{1,200}/)?\Z")
"""The folder in which a package is built, before a name in it."""
_DIGITS = re.compile(r"-?\d[\d., /-]*\Z|N\Z")
_OPEN_END = re.compile(r"(?:[\s:,'\"‘“(\[{=-]+…[\s'\"’”)\]}]*)+\Z| (?:with url|about)\Z")
"""A value left open at the end: `Unknown model: …`."""
_LAST_SENTENCE = re.compile(r"(?<=[\w'\")\]])[.!;] [^.!;]{1,60}\Z")
_QUOTE = re.compile(r"(?<!\w)['\"`]|['\"`](?!\w)")
_ESCAPED = re.compile(r"(?<!\\)\\+(['\"])")
"""A quotation mark within a text of JSON."""
_BROKEN_NAME = re.compile(
    r"(?<!\w)(['\"`][^\s'\"`]{1,200})\r?\n[ \t]{0,40}([^\s'\"`]{1,200}(?=['\"`]))"
)
"""A quoted name that a terminal broke at its last column."""
_VERB = re.compile(
    r"(?i)\b(?:is|are|was|were|does|do|did|has|have|had|can|cannot|could|must|should|may|will|failed"
    r"|supports?|requires?)\b"
)
"""A first word that wants a subject before it."""
WIDTH = 180
"""Characters of an error's name."""
TITLE_WIDTH = 60
"""Characters of a page's title."""


def plain_title(title: str, forms: Sequence[str] = ()) -> str:
    """A title without its place and the placeholders of a signature, in the words of the commonest
    real form: its capitals, its quotation marks, the class of the exception before it. A number
    that all forms share stands itself, and a value behind the message; what is left open at the end
    is left out. That of an entry which a run has just made, and not named yet, is made of its form.
    """
    title = title or next(iter(forms), "").partition("\n")[0]
    text, _ = place_in(re.sub(r"…(?:\s*…)+", "…", title).strip())
    is_open = text.endswith("…")
    text = _RETURNS.sub("", _as_written(text, forms)).replace("`", "'")
    text = _QUALIFIED.sub("", _CLASS_SHOWN.sub(r"\1: ", text))
    text = _INVALID.sub(r"\1: \2: ", text)
    text = _HINT.sub("", _status_once(_BROKEN_ADDRESS.sub(" ", _SAID.sub("", text))))
    for opening, closing in ("()", "[]"):
        if text.count(opening) > text.count(closing):
            head = text[: text.rindex(opening)].rstrip(" :,-")
            text = head if len(head.split()) >= 2 else text
    text = _paired(_OPEN_REPR.sub(r"\1", text).rstrip(" :,"))
    ended = _OPEN_END.sub("", text)
    text = ended if " " in ended else text
    # of a sentence that is left open or cut, nothing stays where another stands before it
    return _whole(_LAST_SENTENCE.sub("", text) if is_open else text)


_HINT = re.compile(
    r"(?<=\w)(?:\s?[.;,(]\s{0,2}|\s{1,4}(?=[A-Z]))(?i:candidate \w{1,20}:|choose from\b"
    r"|for (?:more|further) (?:info|detail)|(?:available|valid|supported) \w+s:).*\Z"
    r"|(?<=\w)[\s.;,(]{1,4}(?i:did you mean|perhaps you meant)\b.*\Z"
)
"""A list of other names, or where to read more."""
_SAID = re.compile(r"(?<=\w), but got (?![a-z\d'\"<\[(])(?:\S{1,60} ){3,30}\S{1,60}\Z")
"""What somebody wrote, which is shown as the value that does not fit; not a type of few words."""
_BROKEN_ADDRESS = re.compile(
    r"(?i)(?: (?:at|from|for|to)(?: url)?)?:? ['\"]?https?:// [^'\"()]{1,200}['\"]?(?= |\(|\Z)"
)
"""An address with spaces in it."""
_RETURNS = re.compile(
    r"\A(?i:void|auto|int|bool) (?=[A-Za-z_][\w:]{0,90}\((?!s\))(?:\)|[^()]{0,90}\): ))"
)
"""What a function of C returns, before its name."""
_OPEN_REPR = re.compile(r"<(?:class|module|function|bound method|coroutine) ['\"]?([\w.]+)[^<>]*\Z")
"""An object shown by Python, whose end was cut off."""
_QUALIFIED = re.compile(
    r"(?<![\w./'\"])(?:[A-Za-z_]\w{0,60}\.|…\.|<locals>\.){1,8}"
    r"(?=(?:[A-Z]\w{0,60}(?:Error|Exception)|(?<=<locals>\.)\w{1,60}): \S)"
)
"""The modules before the class of an exception that a message follows."""
_CLASS_SHOWN = re.compile(r"\A<?class ['\"]?(\w{1,60})['\"]?>: ")
"""A class as Python shows it, before its message."""
_INVALID = re.compile(
    r"\b((?i:v)alidation errors? for [\w.\[\]]{1,60}) ([a-z_][\w.\[\]]{0,60}) (?=[A-Z])"
)
"""What pydantic prints on lines of their own: the model, the field."""


def _status_once(text: str) -> str:
    """A message without the status that it begins with further on."""
    head = _HEAD.match(text)
    status = head[0][-5:-2] if head else ""
    if not status.isdigit():
        return text
    said = rf"(?i:https?(?: error)?|status(?: code)?)[ =:]{status}"
    again = rf"(?<=: ){said}: |[,:]? \(?{said}\)?(?=\Z| [A-Z(])|: {status}(?: \w{{1,5}})?\Z"
    return re.sub(again, "", text)


def _paired(text: str) -> str:
    """The text without a quotation mark whose other half was cut off."""
    for mark in "'\"":
        found = [m.start() for m in _QUOTE.finditer(text) if m[0] == mark]
        if found and found[0] and text[found[0] - 1].isalnum():  # what it closes was cut off
            text = f"{text[: found[0]]}{text[found[0] + 1 :]}"
            found = [at - 1 for at in found[1:]]
        if len(found) % 2:
            text = f"{text[: found[-1]]}{text[found[-1] + 1 :]}".rstrip(" :,")
    return text


def fitted(names: Sequence[str], width: int) -> str:
    """The first of the names, each with less than the one before, that has room; else of the last
    one what tells most: what a program names, in quotation marks, letters or signs of its own, and
    what is wrong with it.
    """
    return told_in(names, width)[1]


def told_in(names: Sequence[str], width: int) -> tuple[float, str]:
    """How much `fitted` tells, and in which words."""
    for name in (*names, capital(_WHOSE.sub("", names[-1]))):
        if len(name) <= width:
            return math.inf, name
    score, told = _telling(names[-1], width)
    return score, told or shorten(names[-1], width)


@lru_cache(maxsize=1024)
def _telling(name: str, width: int) -> tuple[float, str]:
    """How much a name tells without its end, its beginning up to a colon or words in its middle,
    and what is left; empty where nothing is whole.
    """
    atoms = [found[0] for found in _ATOM.finditer(name)][:MOST_ATOMS]
    worth = [_worth(atom) for atom in atoms]
    if name.endswith(atoms[-1]) and _IN_BRACKETS.match(atoms[-1]):
        worth[-1] = 6.0  # what a message ends in tells this failure from others
    ends = [
        at == len(atoms)
        or bool(_ENDS.search(atoms[at - 1]) or _CLAUSE.match(atoms[at]))
        or (atoms[at] == "to" and not _wants_verb(atoms, at))
        or (atoms[at] == "by" and "must" in atoms[:at])
        for at in range(1, len(atoms) + 1)
    ]
    best = (0.0, "")
    has_provider = any(map(_STATUS.fullmatch, atoms[1:3]))
    starts = [
        n
        for n in range(1, len(atoms) - 3)
        if atoms[n - 1][-1] == ":" and atoms[n][0] not in ":,;" and not has_provider
    ]
    for start in (0, *starts[-MOST_STARTS:]):
        for until in range(start + 1, len(atoms) + 1):
            head = " ".join(atoms[start:until])
            if len(head.rstrip(_OPEN_SIGNS)) > width:
                break
            if _hangs(head):
                continue
            head = capital(head) if start and re.match(r"[a-z]+:? ", head) else head
            told = sum(worth[start:until]) - LEFT_OUT * bool(start)
            text = head.rstrip(_OPEN_SIGNS) + ("" if ends[until - 1] else "…")
            alone = until - start == 1 or (has_provider and _STATUS.fullmatch(atoms[until - 1]))
            if not alone and atoms[until : until + 1] != ["of"] and len(text) <= width:
                cost = 0 if ends[until - 1] else CUT_OFF
                lost = _without_verb(head, [], head, atoms[until:])
                best = max(best, (told - cost - lost, text))
            # one ordinary word before a gap says nothing
            if until - start == 1 and worth[start] < _ENOUGH:
                continue
            for first, end in _gaps(atoms, until):
                tail = " ".join(atoms[first:end])
                text = f"{head} … {tail.removeprefix('…/').rstrip(_OPEN_SIGNS)}"
                tells = end - first >= 3 or max(worth[first:end]) >= _ENOUGH or _VERB.match(tail)
                if len(text) <= width and ends[end - 1] and tells and not _hangs(tail):
                    lost = (
                        LEFT_OUT
                        + EACH_WORD * (first - until)
                        + _without_verb(text, atoms[until:first], tail, atoms[end:])
                    )
                    best = max(best, (told + sum(worth[first:end]) - lost, text))
    return best


def _hangs(part: str) -> bool:
    """Whether the end of a part of a message wants more behind it."""
    label = not is_whole(part) or _LAST_LABEL.search(part)
    return bool(label) or _undangled(part) != part.rstrip(_OPEN_SIGNS)


def _without_verb(told: str, gap: Sequence[str], last: str, rest: Sequence[str]) -> float:
    """What it costs that the words left out, in a gap and behind the last ones, have the only verb
    of their clause, or all that says that something fails.
    """
    left_out = [*gap, *(rest if last[-1] not in _OPEN_SIGNS else ())]
    clause = next((n for n, word in enumerate(left_out) if word[-1] in _OPEN_SIGNS), len(left_out))
    tells = gap and _fails([word for word in last.split() if len(word) > len("not")])
    has_verb = tells or _VERB.search(told.rpartition(": ")[2])
    lost = 0.0 if has_verb or not _VERB.search(" ".join(left_out[: clause + 1])) else NO_VERB
    return lost + NO_FAILURE * (not _fails(told.split()) and _fails([*gap, *rest]))


def _fails(words: Sequence[str]) -> bool:
    """Whether one of the words says that or why something fails."""
    told = (word.strip(_OPEN_SIGNS) for word in words)
    return any(_TELLS.fullmatch(word) and word != "unexpected" for word in told)


def _wants_verb(atoms: Sequence[str], at: int) -> bool:
    """Whether a verb with "to" follows, without which the words before it say nothing."""
    return atoms[at : at + 1] == ["to"] and bool(_WANTS_VERB.search(" ".join(atoms[:at])))


def _gaps(atoms: Sequence[str], until: int) -> Iterator[tuple[int, int]]:
    """From where to where words may follow a gap that begins at one. Not left out are a status, the
    subject of a verb, what was not permitted, a whole sentence, and what is shorter than the mark
    for it.
    """
    wants = _wants_verb(atoms, until)
    for start in range(until + 1, len(atoms)):
        last, after = atoms[start - 1], atoms[start]
        if last.endswith(".") or _STATUS.fullmatch(last):
            return
        verb = _VERB.match(after) and after[-1] not in _OPEN_SIGNS
        if verb and any(word[-1] in _OPEN_SIGNS for word in atoms[until - 1 : start]):
            continue
        gap = " ".join(atoms[until:start])
        dangles = _DANGLING.fullmatch(after) and not (verb or _TELLS.fullmatch(after))
        if dangles or (wants and after[0] != "("):
            continue
        if _BEGINS.match(after) and (len(gap) >= SHORTEST_GAP or _SPARED.fullmatch(gap)):
            yield from ((start, end) for end in range(start + 1, len(atoms) + 1))


_WANTS_VERB = re.compile(
    r"(?i)(?:\b(?:(?:permitt|allow|suppos|expect|fail|try|tri|attempt|need|want|hav|requir)\w*|(?:un)?able"
    r"|possible|due|not)|(?:\A|[:;,.!] )\S+(?: \S+)?)\Z"
)
"""Words before a verb with "to"."""
_OPEN_SIGNS = ":;,."
_LAST_LABEL = re.compile(r": (?:[a-z]+|EXCEPTION|ERROR):?\Z|<\w+\Z|\A\d{3}:\Z")
"""A word that only says what follows, a status alone."""
_BEGINS = re.compile(r"[\w'\"‘“(…/]|--\w|[<>=!]=? \d")
"""What may follow a gap, if it wants nothing before it."""


def _worth(atom: str) -> float:
    """How much a word of a message tells."""
    word = atom.strip("()[]{}<>:;,.!")
    if _STATUS.fullmatch(atom):
        return 2.0
    if not letters(word) or _DIGITS.match(word) or _OF_NO_USE.search(word):
        return 0.1
    if _OF_ITS_OWN.search(word):
        return 6.0
    if _NAMED.search(atom):
        return 4.5
    if _TELLS.fullmatch(word):
        return 2.0
    return 0.2 if _DANGLING.fullmatch(word) else 0.8


_ENOUGH = 3.0
"""What a word tells that can stand alone."""
MOST_ATOMS = 40
MOST_STARTS = 4
"""Colons behind which a title may begin: each costs a look at all that may stand in it."""
SHORTEST_GAP = 10
_SPARED = re.compile(r"(?i)(?:an?|the|of|to|from|at|in|by|for|got)(?: the)?")
LEFT_OUT, EACH_WORD, CUT_OFF, NO_VERB, NO_FAILURE = 2.4, 0.15, 1.7, 4.0, 5.0
"""What a gap costs, each word in it, an end cut off within a clause, the only verb, and all words
of what fails, as `_worth` counts.
"""
_ATOM = re.compile(
    r"""['"‘“`][^'"‘’“”`\n]{1,90}['"’”`](?!\w)\S*|\([^()]{1,60}\)\S*|[<>=!]{1,2} [\d.]+\S*|\S+"""
)
"""A word, or what is one: in quotation marks, in brackets, a version with its sign."""
_IN_BRACKETS = re.compile(r"\((?!from )[^\W\d][^\s\d]* [^()\d]+\)\Z")
_OF_NO_USE = re.compile(r"\.\w{1,4}:\d|://|/…/|=\(|\.N(?!\w)")
"""A line of a file, an address, a path that is left open, where in a request."""
_STATUS = re.compile(r"[1-5]\d\d:")
_OF_ITS_OWN = re.compile(r"[a-z\d][A-Z]|\w==\d")
_TELLS = re.compile(
    r"(?i)no|not|n[o']t|\w+n['’]t|cannot|must|requires?|required|invalid|unsupported|unknown|missing"
    r"|failed|fail|fails|un\w{5,20}|exceed\w{0,3}|denied|refused|too|empty|support(?:s|ed)|found|exists?"
    r"|expected|installed|available|allowed|defined|terminated|aborted|error|loaded|compatible|should"
)
"""What is wrong."""
_ENDS = re.compile(r"[:;,.!)]\Z")
_CLAUSE = re.compile(
    r"(?:except|which|because|where|irrespective|unless|while|when|after|from|about|with|in|at|for)\Z"
    r"|\("
)
"""Where a message may end that is too long."""


def names_of(title: str, provider: str = "") -> list[str]:
    """A title, and it without what can be missed where there is little room: the class of the
    exception, the provider, what kind of thing is named, the folders of a path, numbers in
    brackets, and words that a language's own messages can spare.
    """
    found = [title]
    for pattern, put in (
        (_CLASS_BEFORE, ""),
        (re.compile(rf"\A{re.escape(provider)}: "), ""),
        (_KIND_BEFORE, ""),
        (_POSITION, ""),
        (_POOL, r"\1: "),
        (_FROM, ""),
        *_IN_SHORT,
        (_FOLDERS, "…/"),
        (_ARTICLE, ""),
    ):
        text = pattern.sub(put, found[-1])
        if text != found[-1]:
            found.append(capital(text) if _SENTENCE.match(text) else text)
    return found


def is_whole(text: str) -> bool:
    """Whether no quotation mark and no bracket is left open."""
    brackets = text.count("(") == text.count(")") and text.count("[") == text.count("]")
    return brackets and len(_QUOTE.findall(text)) % 2 == 0


_CLASS_BEFORE = re.compile(r"\A[A-Z]\w*(?:Error|Exception): (?=\S+ \S)")
_KIND_BEFORE = re.compile(r"\A(?:(?i:module|type object) (?=['\"])|\[(?:Errno|WinError) \d+\] )")
_POSITION = re.compile(
    r"(?<=line \d column \d) \(char \d{1,9}\)| at position \d{1,9}\Z"
    r"|(?<!tensor [ab]) \(\d{1,9}(?::\d{1,9})?\)"
)
_POOL = re.compile(r"\AHTTPS?ConnectionPool\(host='([\w.-]{1,80})', port=\w{1,5}\): ")
_SOURCE_LINE = re.compile(
    r"(?<![\w/.-])[\w./-]{1,60}\.(?:c|cc|cpp|cu|h|hpp|go|rs|py|[jt]s):\d{1,6}:? (?:[\w:]{1,60}: )?"
    r"(?:(?:EXCEPTION|ERROR): )?(?=\w+ \w)"
)
"""Where a program's own source raised it, before what failed."""
_IN_SHORT = (
    (re.compile(r"\A.{0,90}\bAssertion .{1,90}? && (?=\w+ \w+ )(.{1,90}?)(?: failed)?\Z"), r"\1"),
    (re.compile(r"\[(?:Errno|WinError) \d+\] | \(error code: \d+\)"), ""),
    (re.compile(r"(?i)\b(unsupported )operand type\(s\) for |( between )instances of "), r"\1\2"),
    (re.compile(r"(?i)(?:\A|(?<=: ))this version of (?=\w)|(?<= )version (?=[<>=\d])"), ""),
    (re.compile(r"\bgot an( unexpected) keyword argument(?= ')"), r"got\1"),
    (re.compile(r"\.__init__(?=\(\) )|(?i:(?<=no such file) or directory, open(?= '))"), ""),
    (re.compile(r"(?<=Cannot find )(?:package|module) (?=')"), ""),
    (re.compile(r"(?i)\A(?:the )?size of (?=tensor \w)|(?<=must match )the size of tensor "), ""),
    (re.compile(r"(?<= at )non-singleton (?=dimension \d)"), ""),
    (_SOURCE_LINE, ""),
)
"""Words that the languages' own messages can spare, with what stands in their place."""
_FROM = re.compile(r" \(from [^()]{1,80}\)(?: ERROR: .{0,200})?\Z")
_FOLDERS = re.compile(
    r"(?<![\w./:@…-])(?:[~.]?/?…?/?(?:[\w.@-]{1,60}/){1,9})(?=[\w-]{1,60}\.[a-z])"
)
_ARTICLE = re.compile(r"\A(?:An?|The) (?=[\w'\"])")
_WHOSE = re.compile(r"\A['\"]?[\w.]{1,80}['\"]? (?:object )?has (?=no attribute ['\"])")
_SENTENCE = re.compile(r"[a-z]{2,} ")
_NAMED = re.compile(r"(?<!\w)['\"‘“]\S|\w[._/-]\w|(?<!\w)--\w|\w\(\)|_\w|\w_")


_DANGLING = re.compile(
    r"(?i)(?:an?|the|of|to|from|at|in|by|with|for|on|and|or|as|is|are|was|than|that|has|have|be|its?"
    r"|this|which|where|not|no|may|must|should|can|will|would|be|into|cannot|but|got|given|due|because|does|did|when|if|imported|['\"])"
)
"""A last word that wants more behind it."""


def _undangled(text: str) -> str:
    """A beginning of a sentence without the words and signs at its end that want more behind."""
    while True:
        text = text.rstrip(" =:,;.…(<[{–-")
        rest, _, last = text.rpartition(" ")
        if not rest or not _DANGLING.fullmatch(last):
            return text
        text = rest


def marks_of(
    title: str, where: str, own: str, raised: str = "", about: Sequence[str] = ()
) -> list[str]:
    """What stands in brackets behind a message, the fullest first: the project of a place
    (`loop.py:run in ann/pot#7`), with the file that failed, and what its threads are `about`.
    `own`: the project's last frame, `raised`: that of the package which it called, whose file
    stands beside the project. A project that the message names is left out.
    """
    frame, _, at = where.rpartition(", ")[2].rpartition(" in ")
    repo, mark, thread = at.partition("#")
    project = _short(project_named(repo)) + mark + thread
    known = _PARTS.findall(project.partition("/")[0])
    named = re.compile(rf"(?i)(?<![a-z\d])(?:{'[-_. ]?'.join(known)})(?![a-z\d])")
    file = raised.partition(":")[0] or _file_of(own or frame, own=bool(own))
    mine = _file_of(own, own=True) if own else ""
    heads = []
    if raised:
        heads = [f"{project}, {file}", f"{project}, {file.partition('/')[0]}"]
    elif file:
        heads = [f"{mine} in {project}" if mine else f"{project}, {file}"]
    heads.append("" if named.search(title) else project)
    found = [", ".join(filter(None, (h, *about[:n]))) for n in (2, 1) if about for h in heads]
    return [f" ({words})" if words else "" for words in dict.fromkeys((*found, *heads))]


_PARTS = re.compile(r"[^\W_]+")


def _file_of(frame: str, *, own: bool) -> str:
    """The file of a frame, or the function where the file's name says little. Of a file that may be
    somebody else's, empty where every library has one of that name, and the function too.
    """
    file, _, function = frame.partition(":")
    stem = file.rpartition("/")[2].partition(".")[0].lower()
    if file.count(".") > 1 or (own and file.startswith("__")):
        return function or file  # of a module: `pot.lids.spout`
    if own or (stem not in _COMMON_FILES and not stem.startswith("_")):
        script = file.endswith(".py") and function in ("main", "<module>")
        return "" if script and not own else file
    telling = stem in _COMMON_FILES and _TELLING.fullmatch(frame)
    return function if telling and function not in _COMMON_FUNCTIONS else ""


_COMMON_FILES = frozenset(load_lines("common_files.txt"))
_COMMON_FUNCTIONS = frozenset(load_lines("common_functions.txt"))
_TELLING = re.compile(r"\S+\.py:(?!__|model_validate|raise_for_status)\w{5,60}")
"""A function of such a file that is not every library's; those of other languages lost capitals."""


def _short(project: str) -> str:
    """A project's name; of a long one of several words the first, with room for a message."""
    while len(project) > MOST_OF_A_PROJECT and "-" in project:
        project = project.rpartition("-")[0]
    return shorten(project, TITLE_WIDTH // 2)


MOST_OF_A_PROJECT = 23


def subjects(
    titles: Sequence[str], said: str, project: str, *, asked: bool, main: bool
) -> list[str]:
    """What all titles of threads name that `said`, an error and its project, does not: services, if
    one may have been `asked`, then models, classes and kinds of files, if it is the threads' `main`
    error; of two titles with nothing in common the first of each. At most `MOST_SUBJECTS`.
    """
    known, project = letters(said.lower()), letters(project.lower())
    services = frozenset(_services().values())
    found: list[dict[str, str]] = []
    for title in titles:
        named: dict[str, str] = {}
        for word in _SUBJECTS.finditer(title):
            text = (word["part"] or word[0]).strip("`")
            name, is_service = _subject(text, plain=word["plain"] is not None)
            own = letters(name.lower()) if (asked if is_service else main) else ""
            if own and own not in known and (project not in own or "." in name):
                named[own] = name
        asks = {own: name for own, name in named.items() if name in services}
        others = {own: name for own, name in named.items() if own not in asks}
        found.append({**(asks if len(asks) == 1 else {}), **others})
    shared = [name for own, name in found[0].items() if all(own in n for n in found)]
    apart = [next(iter(named.values()), "") for named in found]
    if not shared and len(apart) == MOST_SUBJECTS and all(apart):
        shared = [" and ".join(apart)]
    return shared[:MOST_SUBJECTS]


@lru_cache(maxsize=4_096)
def _subject(text: str, *, plain: bool) -> tuple[str, bool]:
    """What a word of a title names, and whether that is a service; empty for a word that names
    nothing. `plain`: it stands in no code.
    """
    if service := _services().get(text.lower()):
        return service, True
    if platform := _PLATFORMS.get(text.lower()):
        return platform, False
    if _IS_NO_SUBJECT.fullmatch(text):
        return "", False
    if plain and _FAMILY.fullmatch(text):
        return capital(text), False
    return (text if not plain or _IS_A_NAME.fullmatch(text) else ""), False


_PLATFORMS = {w.lower(): w for w in "CPU WSL WSL2 Windows ARM64 ROCm".split()}
MOST_SUBJECTS = 2
_SUBJECTS = re.compile(
    r"(?a)(?<![\w./@:=<'\"\\-])(?<!non-)(?<!not )(?<!than )"
    r"(?!(?<!\bon )(?<!\bin )(?<!\bfor )(?<!\bunder )windows\b(?! \d))"
    r"(?:`(?!.{1,40}\()[^`\s]{0,40}[./_A-Z-][^`\s]{0,40}`"
    r"|\.?(?i:jpe?g|png|pdf|docx|csv|mp[34]|wav|webm|epub|ipynb|xlsx|pptx)\b"
    r"|[A-Z]{3,5}\ \d{1,3}\.\d{1,3}(?!\.?\w)"
    r"|(?P<part>(?!(?i:the|an?|my|your|our|their|its|this|that|each|every|all|any|some|no|one|other"
    r"|another|same|own|which|when|while|if|and|or|not|with|without|from|for|in|inside|into|of|on|to|as"
    r"|via|using|docker|latest|new|old|valid|custom|official|external|missing|running"
    r"|(?:re)?(?:start|stopp?|load|build|install)(?:s|ed|ing)?)\ )[A-Za-z][\w-]{2,30}"
    r"\ (?:docker\ image|container|plugin))s?\b"
    r"|developer\ mode\b"
    r"|(?P<plain>[A-Za-z](?:[\w+-]|\.(?=\d)){1,40}))(?![\w/@(:=]|\.\w)"
)
"""Code, a kind of file, a compiler or library with its version, a word that may be a name;
`windows` only where it is a system.
"""
_IS_A_NAME = re.compile(
    r"(?a:[A-Za-z]+(?:[a-z][A-Z]|[A-Z]{2,}[a-z]{2})\w*|[A-Z]{1,3}\d{3,4}|[A-Z]+(?:_[A-Z]+)+|[a-z]+(?:_[a-z\d]+)+"
    r"|(?=[\w.]*[A-Za-z]{2})(?=.*-)(?=.*\d)[\w.-]+|[\w-]{2,30}-(?:embed|instruct|coder)(?:-\w+)?)"
)
"""`TeaPot`, `A770`, `kettle-2`, `kettle-embed-large`."""
_FAMILY = re.compile(r"(?i)(?:qwen|llama|claude|grok|kimi|whisper)[\d.]*")
_IS_NO_SUBJECT = re.compile(
    r"(?i)\S*(?-i:Error|Exception|Warning|Failure)s?|(?:GitHub|JavaScript|TypeScript|NoneType|IDs"
    r"|URLs|LLMs|APIs|PRs|PDFs|README|v?\d[\d.]*\w{0,5}|\S*\.(?:py|rs|js|ts|cpp|c|h|go)|\w+-\d{1,3}"
    r"|[A-Z_]+_(?:URL|KEY|TOKEN|HOST|PATH))"
)


@cache
def _services() -> dict[str, str]:
    """Words that tell a service wherever they stand, with its name. Azure sells much else than the
    models that an answer of its names.
    """
    others = ("Azure", "Cartesia", "Deepgram", "ElevenLabs")
    known = {name: provider_name(name) for name in names()}
    return known | {name.lower(): name for name in others}


def project_named(repo: str) -> str:
    """A project's name, with its owner's where it says little by itself."""
    name = repo.rpartition("/")[2]
    return repo if name.lower() in PLAIN_NAMES else name


def place_in(title: str) -> tuple[str, str]:
    """A title without the place behind it, and that place (`loop.py:run in owner/name`)."""
    place = _PLACE.search(title)
    return (title[: place.start()], place[0][2:-1]) if place else (title, "")


def _whole(text: str) -> str:
    """A title that does not end where its point would begin ("installation of version")."""
    if not _HANGS.search(text):
        return text
    whole = _LAST_SENTENCE.sub("", text)
    return whole if whole != text and len(whole.split()) >= 4 else f"{text} …"


_HANGS = re.compile(
    r"(?i)(?<! was)(?<! were)(?<!\battribute) (?:an?|the|of|to|from|at|by|with|for|on|and|or|as|is"
    r"|(?<!\blog )(?<!\bsign )(?<!logged )(?<!signed )(?<!plugged )(?<!passed )(?<!entered )in"
    r"|than|version|because|allocate|got|received|expected|given|waited|not|are|passed (?!in)\w+"
    r"|request id)\Z"
)


def _shared(found: re.Match[str], forms: Sequence[str]) -> str:
    """The number in the place of an `N` if every real form has the same one there."""
    before = found.string[max(0, found.start() - 9) : found.start()].rpartition("N")[2]
    place = re.compile(rf"(?i){re.escape(before)}(-?\d+(?:\.\d+)?(?![\d.]\d))")
    found_in = [set(place.findall(" ".join(form.split()))) for form in forms]
    values = set().union(*found_in)
    return values.pop() if before.strip() and len(values) == 1 and all(found_in) else "N"


def _as_written(title: str, forms: Sequence[str]) -> str:
    """The title in the letters of the first real form that holds its words in their order, with the
    value behind them that a title leaves out.
    """
    head = _HEAD.match(title)
    flat = [_ESCAPED.sub(r"\1", " ".join(_BROKEN_NAME.sub(r"\1\2", f).split())) for f in forms]
    for before in ("", head[0]) if head else ("",):
        message = title.removeprefix(before)
        found = [m for form in flat if (m := _found(message, form)) is not None]
        if found:
            text = _filled(found, every=len(found) == len(flat))
            text = f"… {text}" if message.startswith("…") and _VERB.match(text) else text
            for behind in (_behind(found), ""):
                made = before + _with_marks(found[0], text, message, behind, alone=not before)
                if len(made) <= WIDTH:
                    return made
    return _NUMBER.sub(lambda number: _shared(number, forms), title)


class _Found(NamedTuple):
    """A message in a form: where it stands, and where the values that it leaves open do."""

    form: str
    start: int
    end: int
    values: Sequence[tuple[int, int]]


def _found(message: str, form: str) -> _Found | None:
    """Where the words of a message stand in a form, in their order, whatever signs are between
    them: each run of words at the first place behind the value that is left open before it. Values
    that the message begins or ends with are left out.
    """
    tokens = [*_TOKEN.finditer(form)]
    line = _line([token[0] for token in tokens])
    values: list[tuple[int, int]] = []
    places: list[int] = []
    at = 0
    for run in filter(None, map(_TOKEN.findall, _AROUND.sub("", message).split("…"))):
        at = line.find(_line(run), at + bool(places))
        if at < 0:
            return None
        first = line.count(" ", 0, at)
        if places:
            values.append((tokens[places[-1] + 1].start(), tokens[first - 1].end()))
        places += range(first, first + len(run))
        values += [tokens[first + n].span() for n, word in enumerate(run) if _N.match(word)]
        at += len(_line(run)) - 1
    if len(places) < 2:
        return None
    return _Found(form, tokens[places[0]].start(), tokens[places[-1]].end(), values)


def _line(words: Sequence[str]) -> str:
    """Words to find others in, whatever their letters and numbers."""
    return f" {' '.join('0' if w[0].isdigit() or _N.match(w) else w.lower() for w in words)} "


def _filled(found: Sequence[_Found], *, every: bool) -> str:
    """The first of the matches; a value stands where all have the same one, and it is a number (if
    `every` form matches) or tells what failed.
    """
    first = found[0]
    text = first.form[first.start : first.end]
    for number, (start, end) in reversed([*enumerate(first.values)]):
        value = first.form[start:end]
        shared = all(m.form[slice(*m.values[number])] == value for m in found)
        if _DIGITS.match(value) and value.count(".") < 3:
            put = value if shared and every else "N"
        else:
            put = _shown(value) if shared and not _PERSON.search(first.form[:start]) else "…"
        text = f"{text[: start - first.start]}{put}{text[end - first.start :]}"
    return text


def _shown(value: str) -> str:
    """A value that all forms share, if it is a name, a version or a path and no id, time or address
    in memory, and belongs to nobody's network or day; of a long path its last part, or that
    within a library's folder.
    """
    if "://" in value:
        return "…"
    if len(value) <= MOST_OF_A_VALUE and not _ID.search(value):
        return value
    for folder in ("/node_modules/", "/site-packages/"):
        package = value.rpartition(folder)[2]
        if "/" in package and len(package) < len(value) and _shown(package) == package:
            return f"…/{package}"
    last = value.rpartition("/")[2]
    return f"…/{last}" if 2 < len(last) < len(value) and _shown(last) == last else "…"


MOST_OF_A_VALUE = 48
_ID = re.compile(
    r"(?i)\?|\d{5}|\d\d:\d\d|0x[0-9a-f]{5}|(?=[0-9a-f]{0,7}\d)[0-9a-f]{8}|\[user\]"
    r"|(?:\A|/)(?:home|users|root)/|(?:\s\S{1,60}){3}"
    r"|(?<![\w.])(?!127\.)[1-9]\d{1,2}(?:\.\d{1,3}){3}(?![\w.])|\d{4}-\d\d-\d\d|\w@\w"
    r"|\A(?:e-mail|user|key|redacted)\Z"
)
_PERSON = re.compile(r"(?i)\b(?:user|username|account|login|owner|role|tenant)[ :='\"`‘“]{1,3}\Z")
"""What stands before somebody's name."""
_BEHIND = re.compile(
    r"(?:(?: (?:of|version|at|in|from|for|to|on)){1,2} | [<>]=? |[ :=]{1,3}|(?<=\w)@\^?|==)"
    r"(?:['\"`‘“][^\s'\"`’”]{2,120}['\"`’”]|['\"]?(?=[^\s.,[]*[\d/=_.-])[\w/~.=\[\]-]{3,120}['\"]?)"
    r"(?=[\s,;)\]}]|\.(?!\w)|\Z)"
)


def _behind(found: Sequence[_Found]) -> str:
    """The value behind a message that ends in one, with its marks, if all forms have the same."""
    ends = {m[0] if (m := _BEHIND.match(f.form, f.end)) else "" for f in found}
    said = ends.pop()
    value = said.strip(" :=@'\"`‘“’”").rstrip(".,").rpartition(" ")[2].lstrip("'\"`‘“")
    shown = _shown(value)
    person = _PERSON.search(f"{found[0].form[: found[0].end]}{said[:1]}")
    if ends or person or shown in ("", "…"):
        return ""
    return said.rstrip(".,").replace(value, shown)


def _with_marks(found: _Found, text: str, message: str, value: str, *, alone: bool) -> str:
    """The words with the quotation marks and brackets beside them that pair those within, and the
    class before them. `value`: what follows them; `alone`: nothing names the provider.
    """
    ahead, behind = found.form[: found.start], "" if value else found.form[found.end :]
    text += value
    if folder := _BUILD.search(ahead):
        text = f"{folder[1]}-…/{text}"
    if subject := _SUBJECT.search(ahead):
        text, ahead = subject[0] + text, ahead[: subject.start()]
    opening = ahead[-1:] if ahead[-1:] in _OPENINGS else ""
    closings = [behind[:n] for n in range(4) if not behind[:n].strip(_CLOSINGS)]
    ahead = ahead.removesuffix(opening)
    openings = ("", opening) if opening else ("",)
    around = [f"{left}{text}{right}" for left in openings for right in closings]
    text = min(around, key=_unpaired) if len(around) > 1 else text
    if text[0] == text[-1] and _QUOTE.findall(text) == [text[0]] * 2:
        text = text[1:-1]
    text += "…" if re.search(r"\w…\Z", message) else "." if message.endswith(".") else ""
    named = _CLASS.search(ahead)
    name = named and (named[1] or named[2])
    if name and alone and not text.startswith(name):
        return f"{name}: {text}"
    # an ordinary word begins the title in a capital, a name of a program or variable does not
    ordinary = message[:1].isupper() and re.match(r"[a-z]+(?=[\s,])", text)
    return text[:1].upper() + text[1:] if ordinary else text


_PAIRS = (("‘", "’"), ("“", "”"), ("(", ")"), ("[", "]"), ("<", ">"), ("{", "}"))
_OPENINGS = "'\"`‘“["
_CLOSINGS = "'\"`’”)]>}"


def _unpaired(text: str) -> tuple[int, int]:
    """How many marks have no other half, and the length."""
    quotes = [*_QUOTE.finditer(text)]
    marks = [found[0] for found in quotes]
    odd = sum([marks.count(mark) % 2 for mark in set(marks)])
    if quotes:
        odd += text[: quotes[0].start()][-1:].isalnum() + text[quotes[-1].end() :][:1].isalnum()
    return odd + sum([abs(text.count(a) - text.count(b)) for a, b in _PAIRS]), len(text)
