"""What a step costs and whether words can stand in a document: read from the words themselves.

The order is that of a careful person: what can be tried at once comes before what is installed or
built, and what deletes something comes last, with a warning. A step without a known word counts as
a change of a setting.
"""

from __future__ import annotations

from kb import lazy_re as re
from kb.prefilter import Quick
from kb.risk import deletes
from kb.tables import load_patterns

_FLAGS = re.IGNORECASE | re.VERBOSE
SAID = {name: Quick(words, _FLAGS) for name, words in load_patterns("said.toml").items()}
"""The patterns of `said.toml` by name."""
_COSTS = [SAID[name] for name in ("again", "a_setting", "a_version", "a_build")]
DESTRUCTIVE = 4


def _says(name: str, text: str) -> bool:
    return SAID[name].search(text) is not None


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
            and SAID["acts"].match(found)
            and is_balanced(found)
        ):
            return found
    return None


def is_balanced(sentence: str) -> bool:
    """Whether a text was not cut out of code or of brackets."""
    return sentence.count("`") % 2 == 0 and all(
        sentence.count(a) == sentence.count(b) for a, b in ("()", "[]", "{}")
    )


def instruction(text: str, width: int) -> str | None:
    """The first sentence that tells the reader what to do, whole and at most `width` characters
    long; None without one, and of numbered steps, of which one is not the fix.
    """
    found = None if has_steps(text) else action(text, width)
    orders = found and SAID["imperative"].match(found) and not _says("elsewhere", found)
    return found if orders else None


def has_steps(text: str) -> bool:
    """Whether numbered steps stand in it."""
    return bool(_SECOND_STEP.search(text))


_SECOND_STEP = re.compile(r"(?m)^[ \t]{0,8}2[.)][ \t]")


def only_tells(text: str, *, official: bool = False) -> bool:
    """Whether words tell that something was mended, and nothing that a reader could do: no version,
    no setting, no command; a link to a change is none. What the project did (`official`: "fixed by
    adding ...") is none either.
    """
    text = _ADDRESS.sub("", text)
    if official and (did := SAID["did"].match(text)):
        return not _says("to_do", text[did.end() :])
    parts = _CLAUSE.split(text)
    if official and any(map(SAID["moved"].match, parts)):
        return not (_says("to_reader", text) or any(map(SAID["imperative"].match, parts)))
    told = SAID["tells"].search(text)
    if told is None or _says("to_do", text):
        return False
    return action(text[: told.start()], 400) is None and action(text[told.end() :], 400) is None


def proposes(text: str) -> bool:
    """Whether words offer a change that is not yet in."""
    return _says("proposes", text)


def is_second(text: str) -> bool:
    """Whether words go on from other advice ("you might also have to"), or say themselves that they
    are no solution.
    """
    return _says("second", text)


def what_helped(text: str) -> str:
    """The words of a report that begins with what did not help, from where it goes on to what was
    done ("I ..." behind "Then"); all of others.
    """
    first, *rest = _CLAUSE.split(text.strip(), maxsplit=1)
    if not (rest and _IN_VAIN.search(first)) or _UNDER_A_CONDITION.search(first):
        return text
    helped = _THEN.sub("", rest[0], count=1)
    return helped if helped != rest[0] and _says("changes", helped) else text


_IN_VAIN = re.compile(
    r"(?i)\b(?:did|does)(?:n['’]t| not) (?:\w+ )?(?:help|work|change|fix|solve)\b"
    r"|\bno (?:luck|change|difference)\b|\b(?:not|n['’]t) (?:help|work)(?:ed)?\b"
)
_THEN = re.compile(r"\A(?:Then|So|And then|After that) (?=I\b)")
_UNDER_A_CONDITION = re.compile(r"(?i)\b(?:if|when|where|in case|unless|so that)\b")


def bridges(text: str) -> bool:
    """Whether words only help until a release is there."""
    return _says("bridges", text)


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
    return action(text, 400) is not None or (enough and _says("changes", text))


ENOUGH_OF_A_STUMP = 14
"""Words that may say enough although more followed."""


def requires(text: str) -> bool:
    """Whether words tell by which number or version something has to go."""
    return _says("requires", text)


def specific(text: str) -> bool:
    """Whether a step names what to change: a setting, a key, a version, something in code marks."""
    return "`" in text or any(pattern.search(text) for pattern in _COSTS[1:])


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
    return len(_WORDS.findall(text)) >= enough and not SAID["depends"].match(text.strip())


_OUTPUT = re.compile(
    r"""(?mx)^\s*(?:File\ "[^"\n]{1,200}",\ line\ \d+ | Traceback\ \(most | at\ [\w.$<>]{1,80}\ \(
    | (?:Successfully|Found\ existing|Requirement\ already|Collecting|Uninstalling|Downloading)\b
    | \[?\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d | npm\ (?:ERR|error|warn)!
    | (?:[\w.]{1,60}(?:Error|Exception)):\s
    | [d-][rwx-]{9}\s)"""
)


_NAMED = re.compile(
    r"`|(?<![\w-])--?[a-z][\w-]+|\d\.\d"
    r"|\b[\w-]+\.(?:py|[jt]sx?|json|ya?ml|toml|env|txt|sh|cfg|ini|lock)\b"
)
"""A setting, a flag, a version or a file."""


def asks_to_try(text: str) -> bool:
    """Whether a question is advice: it asks to try something that it names."""
    names = specific(text) or deletes(text) or _says("newest", text)
    return _says("asks_to_try", text) and bool(names)


def names_a_fix(text: str) -> bool:
    """Whether words that cannot be quoted by themselves name a fix, or a change that is to bring
    one: they are worth a link.
    """
    if SAID["thanks"].match(text) or _OUTPUT.search(text) or _says("hedged_fix", text):
        return False
    asks = SAID["asks_to_try"].search(text)
    if SAID["no_statement"].match(text) and not asks:
        return False
    named = SAID["mending"].search(text) or asks
    return bool(named) and (promises_a_change(text) or not promises(text))


def names_a_change(text: str) -> bool:
    """Whether words say that a change which they name has mended it."""
    return _says("names_change", text) and not promises(text) and not _says("failure", text)


def promises_a_change(text: str) -> bool:
    """Whether words announce a change that they name, not somebody else's."""
    return promises(text) and bool(_A_CHANGE.search(text)) and not _says("welcomes", text)


_A_CHANGE = re.compile(r"\bPR\b|(?i:\bpull req(?:uest)?\b|\bmerged\b)|/pull/\d|(?<!\w)#\d")


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
    told = advice or _says("solved_in", text)
    if SAID["no_statement"].match(text) and not told:
        return False
    words = len(_WORDS.findall(text))
    if SAID["thanks"].match(text) and words < 14:
        return False
    if text.rstrip().endswith("?") and words < 25 and "`" not in text and not told:
        return False
    promised = promises(text) and not advice and (fix or not _says("explains", text))
    if promised or _says("refers", text) or (fix and not advice and _says("hedged_fix", text)):
        return False
    if not fix and _says("shown_beside", text):
        return False
    if fix and words < 14 and SAID["agrees"].match(text):
        return False
    if not fix or _says("changes", text) or SAID["orders"].match(text):
        return True
    if not text.isascii() and _HAN.search(text):
        return True
    return bool(_NAMED.search(text) and _says("mends", text) and not _says("failure", text))


def promises(text: str) -> bool:
    """Whether words only announce what will be done."""
    found = SAID["promises"].search(text)
    if found is None or _says("done", text) or action(text, 240):
        return False
    return not (found[0].lower().startswith("should") and _says("after_a_step", text))


def in_part(report: str) -> bool:
    """Whether a report of success goes on with what it did not bring."""
    left = any(_says("left", sentence) for sentence in _CLAUSE.split(report)[1:])
    return left or SAID["limits"].search(report, 4) is not None


def limited(text: str) -> bool:
    """Whether a sentence begins by limiting the one before, or says what is left."""
    return _says("left", text) or bool(SAID["limits"].match(text.lstrip(" ,.…*_-")))


_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def adds(text: str, title: str) -> bool:
    """Whether a cause says more than the error's own words do, and not only that it was met."""
    if _says("met", text) and not _says("explains", text):
        return False
    if "`" in text or re.search(r"\d\.\d|https?://|\b[a-z]{2,}\d", text):
        return True
    known = {w.lower() for w in _WORDS.findall(title)}
    own = {w.lower() for w in _WORDS.findall(SAID["aside"].sub(" ", text))}
    return len(own - known) > max(2, len(own) // 3) or bool(_HAN.search(text))


def platform(text: str) -> str | None:
    """The platform a step names, as it is written there."""
    found = SAID["platform"].search(text)
    return found[0] if found else None
