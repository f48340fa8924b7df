"""What an error is called where there is little room: its name fitted into a width, and what stands
in brackets behind it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.signature.place import PLAIN_NAMES
from kb.tables import load_lines
from kb.text import capital, letters, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLACE = re.compile(r" \((?:[^()]{1,60}, )?(?:[^()\s]{1,80} in )?[\w.-]+/[\w.-]+(?:#\d+)?\)\Z")
DIGITS = re.compile(r"-?\d[\d., /-]*\Z|N\Z")
"""A number, or what a signature tells as one."""
QUOTE_MARK = re.compile(r"(?<!\w)['\"`]|['\"`](?!\w)")
"""A quotation mark, and no apostrophe within a word."""
VERB = re.compile(
    r"(?i)\b(?:is|are|was|were|does|do|did|has|have|had|can|cannot|could|must|should|may|will|failed"
    r"|supports?|requires?)\b"
)
"""A first word that wants a subject before it."""
TITLE_WIDTH = 60
"""Characters of a page's title."""


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
                tells = end - first >= 3 or max(worth[first:end]) >= _ENOUGH or VERB.match(tail)
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
    end = part.rstrip(_OPEN_SIGNS)
    label = not is_whole(part) or _LAST_LABEL.search(part) or _OPEN_END.search(end)
    return bool(label) or wants_more(end)


def _without_verb(told: str, gap: Sequence[str], last: str, rest: Sequence[str]) -> float:
    """What it costs that the words left out, in a gap and behind the last ones, have the only verb
    of their clause, or all that says that something fails.
    """
    left_out = [*gap, *(rest if last[-1] not in _OPEN_SIGNS else ())]
    clause = next((n for n, word in enumerate(left_out) if word[-1] in _OPEN_SIGNS), len(left_out))
    tells = gap and _fails([word for word in last.split() if len(word) > len("not")])
    has_verb = tells or VERB.search(told.rpartition(": ")[2])
    lost = 0.0 if has_verb or not VERB.search(" ".join(left_out[: clause + 1])) else NO_VERB
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
        verb = VERB.match(after) and after[-1] not in _OPEN_SIGNS
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
    if not letters(word) or DIGITS.match(word) or _OF_NO_USE.search(word):
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
    return brackets and len(QUOTE_MARK.findall(text)) % 2 == 0


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
    (re.compile(r"(?i)\Areceived \d{4} \([a-z ]{1,60}\) (?=\w+ \w)"), ""),
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


_MORE = (
    "an?|the|of|to|from|at|by|with|for|on|and|or|as|is|are|was|than|that|has|have|be|its?|this|which"
    "|where|not|no|may|must|should|can|will|would|be|into|cannot|but|got|given|due|because|does|did"
    "|when|if|imported|['\"]"
)
_DANGLING = re.compile(rf"(?i)(?:{_MORE}|in)")
"""A word that wants more behind it."""
_LAST_WORD = re.compile(
    rf"(?i)(?<=\S) (?:{_MORE}|(?<!\blog )(?<!\bsign )(?<!logged )(?<!signed )(?<!plugged )"
    r"(?<!passed )(?<!entered )in)\Z"
)
_OPEN_END = re.compile(r"[ =…(<\[{–-]\Z")


def wants_more(text: str) -> bool:
    """Whether a message, or a part of one, breaks off behind a word that is the last of none."""
    return _LAST_WORD.search(text) is not None


def marks_of(
    title: str, where: str, own: str, raised: str = "", about: Sequence[Sequence[str]] = ()
) -> list[str]:
    """What stands in brackets behind a message, the fullest first: the project of a place
    (`loop.py:run in ann/pot#7`), with the file that failed, and what its threads are `about`, in
    several ways. `own`: the project's last frame, `raised`: that of the package which it called,
    whose file stands beside the project. A project that the message names is left out.
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
    found = [", ".join(filter(None, (head, *words))) for words in about for head in heads]
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


def project_named(repo: str) -> str:
    """A project's name, with its owner's where it says little by itself."""
    name = repo.rpartition("/")[2]
    return repo if name.lower() in PLAIN_NAMES else name


def place_in(title: str) -> tuple[str, str]:
    """A title without the place behind it, and that place (`loop.py:run in owner/name`)."""
    place = _PLACE.search(title)
    return (title[: place.start()], place[0][2:-1]) if place else (title, "")
