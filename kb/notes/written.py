"""The name of an error as people write it: the title of an entry in the letters, quotation marks
and numbers of its real forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb import lazy_re as re
from kb.notes.titles import DIGITS, QUOTE_MARK, VERB, place_in, wants_more
from kb.text import capital

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = re.compile(r"(?:[A-Z][\w.+& -]{1,30} )?\d{3}: |[A-Z][\w.+ -]{1,24}: ")
"""Provider and status before a message."""
_NUMBER = re.compile(r"(?<![\w.-])N(?![\w.-])")
_AROUND = re.compile(r"\A[\W…]+|[\W…]+\Z")
"""Signs and open values around a message."""
_TOKEN = re.compile(
    r"…|(?:\d[\d.]{0,14}|N)(?:(?:, ?<?|-)(?:\d[\d.]{0,14}|N)){0,8}(?<!\.)(?!\w)|\w+"
)
"""A word; numbers that a signature may tell as one, the sizes of a shape or a day, are one."""
_N = re.compile(r"N\b")
_NAME_OF_A_VALUE = re.compile(r"(?<=\w{4}) [a-z]+(?:_[a-z]+)+\Z")
"""Says nothing without the value: `end of file worker_id=07`."""
_ARITY = re.compile(r"(?<=[a-z])N(?=\[)")
"""How many types a generic one of .NET takes, within its name: ``Shelf`1[Lid]``."""
_CLASS = re.compile(
    r"\b(?:(?:[A-Za-z_][\w.]{0,80}\.)?([A-Z]\w{0,50}(?:Error|Exception))|([a-z]{2,20}\.error))"
    r"(?:</?\w{1,9}>)?\s*:\s*\Z"
)
_SUBJECT = re.compile(r"(?:error [A-Z]{1,3}\d{3,5}: )?\$?['‘][\w.:<>=!+*/\\-]{1,40}['’]:? ?\Z")
_BUILD = re.compile(r"/((?:pip|uv|npm|conda|cargo)-[a-z-]{1,20})-\w{4,12}/(?:\S{1,200}/)?\Z")
"""The folder in which a package is built, before a name in it."""
_OPEN_END = re.compile(r"(?:[\s:,'\"‘“(\[{=-]+…[\s'\"’”)\]}]*)+\Z| (?:with url|about)\Z")
"""A value left open at the end: `Unknown model: …`."""
_LAST_SENTENCE = re.compile(r"(?<=[\w'\")\]])[.!;] [^.!;]{1,60}\Z")
_CUT_SENTENCE = re.compile(
    r"(?:(?<=[\w'\")\]])[.!;] [^.!;]{1,140}|(?<=\w[)'\"\w])[!?](?=[A-Z][a-z]+ ).{1,180})\Z"
)
"""The same of a text that is cut, which may be longer."""
_ESCAPED = re.compile(r"(?<!\\)\\+(['\"])")
"""A quotation mark within a text of JSON."""
_BROKEN_NAME = re.compile(
    r"(?<!\w)(['\"`][^\s'\"`]{1,200})\r?\n[ \t]{0,40}([^\s'\"`]{1,200}(?=['\"`]))"
)
"""A quoted name that a terminal broke at its last column."""
WIDTH = 180
"""Characters of an error's name."""


def plain_title(title: str, forms: Sequence[str] = ()) -> str:
    """A title without its place and the placeholders of a signature, in the words of the commonest
    real form: its capitals, its quotation marks, the class of the exception before it. A number
    that all forms share stands itself, and a value behind the message; what is left open at the end
    is left out. That of an entry which a run has just made, and not named yet, is made of its form.
    """
    title = title or next(iter(forms), "").partition("\n")[0]
    text, _ = place_in(re.sub(r"…(?:\s*…)+", "…", title).strip())
    is_open = text.endswith("…")
    # the memory in use has no room beside what was wanted
    text = _as_written(_IN_USE.sub("", text), forms)
    text = _without_source(_RETURNS.sub("", text), forms)
    text = _QUOTES.sub("'", text)
    text = _QUALIFIED.sub("", _CLASS_SHOWN.sub(r"\1: ", text))
    text = _INVALID.sub(r"\1: \2: ", text)
    for pattern, put in _OF_TOOLS:
        told = pattern.sub(put, text)
        text, is_open = told, is_open and told == text
    # a linker's words; what JavaScript prints begins with the value
    text = capital(text) if re.match("undefined (?:reference|symbol)", text) else text
    text = _HINT.sub("", _status_once(_BROKEN_ADDRESS.sub(" ", _SAID.sub("", text))))
    for opening, closing in ("()", "[]"):
        if text.count(opening) > text.count(closing):
            head = text[: text.rindex(opening)].rstrip(" :,-")
            text = head if len(head.split()) >= 2 else text
    text = _paired(_OPEN_REPR.sub(r"\1", text).rstrip(" :,"))
    ended = _OPEN_END.sub("", text)
    text = ended if " " in ended else text
    # of a sentence that is left open or cut, nothing stays where another stands before it
    return _whole(_CUT_SENTENCE.sub("", text) if is_open else text)


def _without_source(text: str, forms: Sequence[str]) -> str:
    """A title without the line of somebody's program that stands below its message."""
    for form in forms:
        source = _SOURCE.search(form)
        line = " ".join(source[0].split()) if source else ""
        at = text.rfind(f" {line[:_ENOUGH_OF_A_LINE]}") if line else -1
        if at > 0 and line.startswith(text[at + 1 :]):
            return text[:at].rstrip(" .:")
    return text


_WHOLE_SENTENCES = re.compile(rf".{{40,{WIDTH}}}[\w)'\"\]](?=[.!] [A-Z])")
"""As many of a message's sentences as have room."""
_SOURCE = re.compile(r"(?<=\n)[ \t]{2,40}\S[^\n]{3,200}[{;]\s{0,9}\Z")
_ENOUGH_OF_A_LINE = 6
_FEW = 7
_DOING = re.compile(
    r"(?i)(?:\A|[\s:>*])((?:could not|failed to|unable to|cannot|can't) [a-z]{2,12}"
    r" [\w./ '’-]{3,50}): (?:(?:[\w.]{0,60}Error|error|exception): )?\Z"
)
_QUOTES = re.compile(r"`(?!\d)")
"""Not the sign before the number of a generic type's parameters."""
_HINT = re.compile(
    r"(?<=\w)(?:\s?[.;,(]\s{0,2}|\s{1,4}(?=[A-Z]))(?i:candidate \w{1,20}:|choose from\b"
    r"|check ?out ['\"]?…|import ['\"]…"
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

_IN_USE = re.compile(r"(?<=\S)[.,!]? Tried to allocate\b.*\Z")
_OF_TOOLS = (
    (re.compile(r" \(from ver ?sions?: (?!none).*\Z"), ""),
    (re.compile(r"(?<=[\w)\]'\"]) (?:ERROR|FATAL): [A-Z].*\Z"), ""),
    (re.compile(r"\A(?i:error in file) (\S{1,90}) (?=An error occurred: \S)"), r"\1: "),
    (re.compile(r"(?:\b[A-Z]{3,5} \w{1,20}: )?\b(?:Get|Post|Put|Head) ['\"]?…['\"]?: (?=\S)"), ""),
    (re.compile(r"\b(?:read|write|dial) tcp …(?:->…)?: (?=\S)"), ""),
    (re.compile(r"\A([\w.+-]{1,60}\.o(?:bj)?)\): (?=requires )"), r"\1 "),
    (re.compile(r"\A[\w.+-]{1,60}\.o(?:bj)?\):(?:\S{1,90}:)? ?(?=undefined )"), ""),
    (re.compile(r",? referenced from:.*\Z"), ""),
    (re.compile(r"(?<![.;])[.;]+ then sent \d{4} \(.*\Z"), ""),
    (_IN_USE, ""),
    (re.compile(r"(?i)(?<=file name too long)[:,].*\Z"), ""),
    (re.compile(r" [|│](?: [|│])+ "), " "),
    (re.compile(r"\A[^^]{1,160}\^ (?=[A-Z]\w{0,60}(?:Error|Exception): \w)"), ""),
    (re.compile(r"(?<=\]) \d{1,6} \| .*\Z| cargo:warning=.*\Z"), ""),
    (re.compile(r" \S{1,90}: \w{1,60} is expanded from\b.*\Z"), ""),
    (
        re.compile(
            r"\A(?:C |CC |CXX )?(?:[\w.-]{1,60}\.o |cargo:warning=)\S{1,90}: (?:fatal )?error: "
        ),
        "",
    ),
    (re.compile(r"<(\w{1,60}Error): \d{3}, message=['\"]?([^<>]{1,160}?)['\"]?\Z"), r"\1: \2"),
    (re.compile(r"(?<=any of the expected tags): .*\Z|(?<=\w)\. Error\Z|: \w{1,30}_\Z"), ""),
    (re.compile(r"(?<= error) lib[\w.-]{1,40}\.so\Z"), ""),
)
"""What tools print around what failed: pip the versions that there are, a program its next error,
Go what it asked for and at which address, a linker the member of an archive and who refers to a
symbol, a socket what it sent itself, PyTorch the memory in use, a terminal the edges of a box, a
compiler or an interpreter the line of source and whose build it is, a library its exception's repr.
"""


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
        found = [m.start() for m in QUOTE_MARK.finditer(text) if m[0] == mark]
        if found and found[0] and text[found[0] - 1].isalnum():  # what it closes was cut off
            text = f"{text[: found[0]]}{text[found[0] + 1 :]}"
            found = [at - 1 for at in found[1:]]
        if len(found) % 2:
            text = f"{text[: found[-1]]}{text[found[-1] + 1 :]}".rstrip(" :,")
    # what is one word behind the last mark that opens ends there
    last = _OPEN_WORD.search(text)
    return f"{text}{dict(_PAIRS)[last[1]]}" if last else text


_OPEN_WORD = re.compile(r"([‘“])[^\s‘’“”]{1,60}\Z")


def _whole(text: str) -> str:
    """A title that does not end where its point would begin ("installation of version")."""
    if _ENDED.search(text) or not (wants_more(text) or _BEFORE_A_VALUE.search(text)):
        return text
    whole = _LAST_SENTENCE.sub("", text)
    return whole if whole != text and len(whole.split()) >= 4 else f"{text} …"


_BEFORE_A_VALUE = re.compile(
    r"(?i) (?:version|allocate|received|expected|waited|passed (?!in)\w+|request id)\Z"
)
_ENDED = re.compile(r"(?i)(?: (?:was|were)|\battribute) \S+\Z| (?:it|its|that)\Z")
"""Ends of a title that want nothing more, though a part of one would."""


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
    title = _ARITY.sub("`N", title) if any("`1[" in form for form in forms) else title
    flat = [_ESCAPED.sub(r"\1", " ".join(_BROKEN_NAME.sub(r"\1\2", f).split())) for f in forms]
    for before in ("", head[0]) if head else ("",):
        message = title.removeprefix(before)
        found = [m for form in flat if (m := _found(message, form)) is not None]
        if found:
            text = _filled(found, every=len(found) == len(flat))
            text = f"… {text}" if message.startswith("…") and VERB.match(text) else text
            if all(f.form.startswith("=", f.end) for f in found) and not _behind(found):
                text = _NAME_OF_A_VALUE.sub("", text)
            doing = "" if before or len(found) < len(flat) else _doing(found, text)
            for behind in (_behind(found), ""):
                made = before + _with_marks(found[0], text, message, behind, alone=not before)
                if doing:
                    first = found[0].form[found[0].start]
                    made = first + made[1:] if made[:1] == first.upper() else made
                    made = f"{doing}: {_QUALIFIED.sub('', made)}"
                if len(made) <= WIDTH:
                    return made
            # a sentence that is told with its values
            told = _WHOLE_SENTENCES.match(made) if "…" in message.partition(". ")[0] else None
            if told:
                return told[0]
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


def _doing(found: Sequence[_Found], text: str) -> str:
    """What was tried, before a message of few words, if all forms say the same of it."""
    if len(text.split()) > _FEW:
        return ""
    told = {m[1] if (m := _DOING.search(f.form[: f.start])) else "" for f in found}
    return capital(told.pop()) if len(told) == 1 else ""


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
        if DIGITS.match(value) and value.count(".") < 3:
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
    if len(value) <= MOST_OF_A_VALUE and not ID.search(value):
        return value
    for folder in ("/node_modules/", "/site-packages/"):
        package = value.rpartition(folder)[2]
        if "/" in package and len(package) < len(value) and _shown(package) == package:
            return f"…/{package}"
    sign = "\\" if "\\" in value else "/"
    last = value.rpartition(sign)[2]
    return f"…{sign}{last}" if 2 < len(last) < len(value) and _shown(last) == last else "…"


MOST_OF_A_VALUE = 48
ID = re.compile(
    r"(?i)\?|\d{5}|\d\d:\d\d|0x[0-9a-f]{5}|(?=[0-9a-f]{0,7}\d)[0-9a-f]{8}|\[user\]"
    r"|(?:\A|/)(?:home|users|root)/|(?:\s\S{1,60}){3}"
    r"|(?<![\w.])(?!127\.)[1-9]\d{1,2}(?:\.\d{1,3}){3}(?![\w.])|\d{4}-\d\d-\d\d|\w@\w"
    r"|\A(?:e-mail|user|key|redacted)\Z"
)
"""A value of one machine, day or person."""
_PERSON = re.compile(r"(?i)\b(?:user|username|account|login|owner|role|tenant)[ :='\"`‘“]{1,3}\Z")
"""What stands before somebody's name."""
_BEHIND = re.compile(
    r"(?:(?: (?:of|version|at|in|from|for|to|on)){1,2} | [<>]=? |[ :=]{1,3}|(?<=\w)@\^?|==)"
    r"(?:['\"`‘“][^\s'\"`’”]{2,120}['\"`’”]|['\"]?(?=[^\s.,[]*[\d/=_.-])[\w/~.=\[\]-]{3,120}['\"]?)"
    r"(?=[\s,;)\]}!]|\.(?!\w)|\Z)"
)

_SIGN = re.compile(r" (['\"`][^\w\s'\"`…]{1,3}['\"`](?=[\s.,:;]|\Z)|[^\w\s'\"`…]{1,3}\Z)")
_BEFORE_A_SIGN = re.compile(r"(?i)\b(?:token|expect(?:ing|ed)|near|character|symbol|before)\Z")
"""What one sign may follow that the message is about: `unexpected token '}'`."""


def _behind(found: Sequence[_Found]) -> str:
    """The value behind a message that ends in one, with its marks, if all forms have the same."""
    signs = {m[1] if (m := _SIGN.match(f.form, f.end)) else "" for f in found}
    sign = signs.pop() if len(signs) == 1 else ""
    if sign and _BEFORE_A_SIGN.search(found[0].form[: found[0].end]):
        return f" {sign}"
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
    if text[0] == text[-1] and QUOTE_MARK.findall(text) == [text[0]] * 2:
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
    quotes = [*QUOTE_MARK.finditer(text)]
    marks = [found[0] for found in quotes]
    odd = sum([marks.count(mark) % 2 for mark in set(marks)])
    if quotes:
        odd += text[: quotes[0].start()][-1:].isalnum() + text[quotes[-1].end() :][:1].isalnum()
    return odd + sum([abs(text.count(a) - text.count(b)) for a, b in _PAIRS]), len(text)
