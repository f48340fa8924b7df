"""What a step costs and whether words can stand in a document: read from the words themselves.

The order is that of a careful person: what can be tried at once comes before what is installed or
built, and what deletes something comes last, with a warning. A step without a known word counts as
a change of a setting.
"""

from __future__ import annotations

import re

from kb.risk import deletes
from kb.tables import load_patterns

_P = load_patterns("said.toml")
_FLAGS = re.IGNORECASE | re.VERBOSE
_COSTS = [re.compile(_P[x], _FLAGS) for x in ("again", "a_setting", "a_version", "a_build")]
DESTRUCTIVE = 4

_PLATFORM = re.compile(_P["platform"], _FLAGS)
_ACTS = re.compile(_P["acts"], _FLAGS)
_CLAUSE = re.compile(
    r"(?<=[.!?;])\s+|(?<=\))\s+(?=[A-Z])|\n(?!(?<=[^\n]{55}\n)[ \t]*[a-z])|\s+[-–—]\s+"
    r"|,\s+(?=(?:please\s+)?try\s)"
)
"""Where a sentence may end: a long line that goes on with a small letter is wrapped by hand."""


def action(text: str, width: int) -> str | None:
    """The first sentence that says what to do, whole and at most `width` characters long; None
    without one.
    """
    for sentence in _CLAUSE.split(text):
        found = " ".join(sentence.split()).strip(" *->:")
        if (
            len(found) <= width
            and len(_WORDS.findall(found)) >= 2
            and _ACTS.match(found)
            and is_balanced(found)
        ):
            return found
    return None


def is_balanced(sentence: str) -> bool:
    """Whether a text was not cut out of code or of brackets."""
    return sentence.count("`") % 2 == 0 and all(
        sentence.count(a) == sentence.count(b) for a, b in ("()", "[]", "{}")
    )


_IMPERATIVE = re.compile(_P["imperative"], _FLAGS)


def instruction(text: str, width: int) -> str | None:
    """The first sentence that tells the reader what to do, whole and at most `width` characters
    long; None without one, and of numbered steps, of which one is not the fix.
    """
    found = None if has_steps(text) else action(text, width)
    return found if found and _IMPERATIVE.match(found) and not _ELSEWHERE.search(found) else None


def has_steps(text: str) -> bool:
    """Whether numbered steps stand in it."""
    return bool(_SECOND_STEP.search(text))


_SECOND_STEP = re.compile(r"(?m)^[ \t]{0,8}2[.)][ \t]")
_ELSEWHERE = re.compile(_P["elsewhere"], _FLAGS)
_TELLS = re.compile(_P["tells"], _FLAGS)
_TO_DO = re.compile(_P["to_do"], _FLAGS)


def only_tells(text: str) -> bool:
    """Whether words tell that something was mended, and nothing that a reader could do: no version,
    no setting, no command.
    """
    return bool(_TELLS.search(text)) and not _TO_DO.search(text) and action(text, 400) is None


_BRIDGES = re.compile(_P["bridges"], _FLAGS)


def bridges(text: str) -> bool:
    """Whether words only help until a release is there."""
    return bool(_BRIDGES.search(text))


def says_enough(text: str, *, fix: bool) -> bool:
    """Whether a text that was cut off says enough: a fix what to do, or a setting or command and
    something about it; a cause more than a few words.
    """
    if text.rstrip("`").endswith("…"):
        return False
    words = len(_WORDS.findall(text))
    enough = words >= ENOUGH_OF_A_STUMP
    if not fix or ("`" in text and words >= 6):
        return enough or fix
    return action(text, 400) is not None or (enough and bool(_CHANGES.search(text)))


ENOUGH_OF_A_STUMP = 14
"""Words that may say enough although more followed."""


def requires(text: str) -> bool:
    """Whether words tell by which number or version something has to go."""
    return bool(_REQUIRES.search(text))


_REQUIRES = re.compile(_P["requires"], _FLAGS)


def specific(text: str) -> bool:
    """Whether a step names what to change: a setting, a key, a version, something in code marks."""
    return "`" in text or any(pattern.search(text) for pattern in _COSTS[1:])


def names_a_thing(text: str) -> bool:
    """Whether words, apart from addresses, name a command, a flag, a version or a file."""
    return bool(_NAMED.search(_ADDRESS.sub("", text)))


def only_points(text: str) -> bool:
    """Whether words lead to an address and say nothing of what stands there."""
    bare = _ADDRESS.sub("", text)
    return bare != text and not specific(bare) and action(bare, 400) is None


_ADDRESS = re.compile(r"`?https?://\S+")


def cost(text: str) -> int:
    """What a step asks for: 0 trying again, 1 a setting, 2 another version, 3 building anew, 4
    (`DESTRUCTIVE`) deleting.
    """
    if deletes(text):
        return DESTRUCTIVE
    # the dearest thing asked for is what it costs
    return max((level for level, pattern in enumerate(_COSTS) if pattern.search(text)), default=1)


_WORDS = re.compile(r"[^\W\d_]{2,}")
_DEPENDS = re.compile(_P["depends"], _FLAGS)


def tells(text: str) -> bool:
    """Whether words say something by themselves: three words at least, or a few characters of a
    script without spaces.
    """
    words = _WORDS.findall(text)
    return len(words) >= 3 or any(len(w) >= 4 and w[0] > "\u3000" for w in words)


def stands_alone(text: str) -> bool:
    """Whether a sentence can be read without the one before it: enough words, or code beside some,
    and no pronoun or conjunction at its start.
    """
    enough = 2 if "`" in text else 4
    return len(_WORDS.findall(text)) >= enough and not _DEPENDS.match(text.strip())


_THANKS = re.compile(_P["thanks"], _FLAGS)
_OUTPUT = re.compile(
    r"""(?mx)^\s*(?:File\ "[^"\n]{1,200}",\ line\ \d+ | Traceback\ \(most | at\ [\w.$<>]{1,80}\ \(
    | (?:Successfully|Found\ existing|Requirement\ already|Collecting|Uninstalling|Downloading)\b
    | \[?\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d | npm\ (?:ERR|error|warn)!
    | (?:[\w.]{1,60}(?:Error|Exception)):\s
    | [d-][rwx-]{9}\s)"""
)


_CHANGES = re.compile(_P["changes"], _FLAGS)
_PROMISES = re.compile(_P["promises"], _FLAGS)
_AFTER_A_STEP = re.compile(_P["after_a_step"], _FLAGS)
_NO_STATEMENT = re.compile(_P["no_statement"], _FLAGS)
_ASKS_TO_TRY = re.compile(_P["asks_to_try"], _FLAGS)
_NEWEST = re.compile(_P["newest"], _FLAGS)
_NAMED = re.compile(
    r"`|(?<![\w-])--?[a-z][\w-]+|\d\.\d"
    r"|\b[\w-]+\.(?:py|[jt]sx?|json|ya?ml|toml|env|txt|sh|cfg|ini|lock)\b"
)
"""A setting, a flag, a version or a file."""
_MENDS = re.compile(_P["mends"], _FLAGS)


def asks_to_try(text: str) -> bool:
    """Whether a question is advice: it asks to try something that it names."""
    names = specific(text) or deletes(text) or _NEWEST.search(text)
    return bool(_ASKS_TO_TRY.search(text) and names)


def names_a_fix(text: str) -> bool:
    """Whether words that cannot be quoted by themselves name a fix, or a change that is to bring
    one: they are worth a link.
    """
    if _THANKS.match(text) or _OUTPUT.search(text) or _HEDGED_FIX.search(text):
        return False
    asks = _ASKS_TO_TRY.search(text)
    if _NO_STATEMENT.match(text) and not asks:
        return False
    named = _MENDING.search(text) or asks
    return bool(named) and (promises_a_change(text) or not promises(text))


def names_what_to_do(text: str) -> bool:
    """Whether words name something to do or a change that was made: they are worth a link beside
    better ones.
    """
    if promises(text) or _THANKS.match(text) or _NO_STATEMENT.match(text):
        return False
    if any(vague.search(text) for vague in (_HEDGED_FIX, _OUTPUT, _REFERS)):
        return False
    return bool(_CHANGES.search(text) or _MENDING.search(text))


def names_a_change(text: str) -> bool:
    """Whether words say that a change which they name has mended it."""
    return bool(_NAMES_CHANGE.search(text)) and not promises(text) and not _FAILURE.search(text)


def promises_a_change(text: str) -> bool:
    """Whether words announce a change that they name, not somebody else's."""
    return promises(text) and bool(_A_CHANGE.search(text)) and not _WELCOMES.search(text)


_MENDING = re.compile(_P["mending"], _FLAGS)
_NAMES_CHANGE = re.compile(_P["names_change"], _FLAGS)
_A_CHANGE = re.compile(r"\bPR\b|(?i:\bpull req(?:uest)?\b|\bmerged\b)|/pull/\d|(?<!\w)#\d")
_WELCOMES = re.compile(_P["welcomes"], _FLAGS)


def readable(text: str, code: bool, *, fix: bool = False, block: str = "") -> bool:
    """Whether a quote can stand in a document by itself: it says something, is no thanks, question,
    promise or output of a program, and does not end where its point begins. `fix`: something to do
    must stand in it; `block`: the code that it announces.
    """
    if code:
        return bool(re.search(r"\w{2}", text)) and not _OUTPUT.search(text)
    if block:
        return bool(_WORDS.search(text)) and not _OUTPUT.search(block)
    if not tells(text) or _OUTPUT.search(text):
        return False
    advice = fix and asks_to_try(text)
    told = advice or bool(_SOLVED_IN.search(text))
    if _NO_STATEMENT.match(text) and not told:
        return False
    words = len(_WORDS.findall(text))
    if _THANKS.match(text) and words < 14:
        return False
    if text.rstrip().endswith("?") and words < 25 and "`" not in text and not told:
        return False
    promised = promises(text) and not advice and (fix or not _EXPLAINS.search(text))
    if promised or _REFERS.search(text) or (fix and not advice and _HEDGED_FIX.search(text)):
        return False
    if not fix and _SHOWN_BESIDE.search(text):
        return False
    if fix and words < 14 and _AGREES.match(text):
        return False
    if not fix or _CHANGES.search(text) or _ORDERS.match(text) or _HAN.search(text):
        return True
    return bool(_NAMED.search(text) and _MENDS.search(text) and not _FAILURE.search(text))


_AGREES = re.compile(_P["agrees"], _FLAGS)
_ORDERS = re.compile(_P["orders"], _FLAGS)
_BECAUSE = re.compile(_P["because"], _FLAGS)


def promises(text: str) -> bool:
    """Whether words only announce what will be done."""
    found = _PROMISES.search(text)
    if found is None or _DONE.search(text) or action(text, 240):
        return False
    return not (found[0].lower().startswith("should") and _AFTER_A_STEP.search(text))


def in_part(report: str) -> bool:
    """Whether a report of success goes on with what it did not bring."""
    return bool(_LIMITS.search(report, 4))


def limited(text: str) -> bool:
    """Whether a sentence begins by limiting the one before."""
    return bool(_LIMITS.match(text.lstrip(" ,.…*_-")))


_LIMITS = re.compile(_P["limits"], _FLAGS)
_REFERS = re.compile(_P["refers"], _FLAGS)
_SHOWN_BESIDE = re.compile(_P["shown_beside"], _FLAGS)
_HEDGED_FIX = re.compile(_P["hedged_fix"], _FLAGS)
_SOLVED_IN = re.compile(_P["solved_in"], _FLAGS)
_DONE = re.compile(_P["done"], _FLAGS)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


_ASIDE = re.compile(_P["aside"], _FLAGS)


def adds(text: str, title: str) -> bool:
    """Whether a cause says more than the error's own words do, and not only that it was met."""
    if _MET.search(text) and not _EXPLAINS.search(text):
        return False
    if "`" in text or re.search(r"\d\.\d|https?://", text):
        return True
    known = {w.lower() for w in _WORDS.findall(title)}
    own = {w.lower() for w in _WORDS.findall(_ASIDE.sub(" ", text))}
    return len(own - known) > max(2, len(own) // 3) or bool(_HAN.search(text))


_MET = re.compile(_P["met"], _FLAGS)
_EXPLAINS = re.compile(_P["explains"], _FLAGS)
_FAILURE = re.compile(_P["failure"], _FLAGS)


def platform(text: str) -> str | None:
    """The platform a step names, as it is written there."""
    found = _PLATFORM.search(text)
    return found[0] if found else None
