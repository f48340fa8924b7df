"""When a failure came up, in the words of its report: the one sentence that tells the case, where
neither the error nor its thread's title does.

A wrong sentence is worse than none. It has to name the failure and what was done, or what was the
case, when it came up; it has to be about this error and no other one of its report; and it has to
be understood without what stands around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb import lazy_re as re
from kb import sql
from kb.links import link
from kb.markdown import Document
from kb.notes.passages import are_commands, rendered
from kb.notes.subjects import PLAIN
from kb.notes.titles import is_whole, wants_more
from kb.redact import redact
from kb.risk import addresses_model, command_risk
from kb.sentences import Sentence, split
from kb.tables import load_lines
from kb.text import letters

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from kb.evidence import Entry, ThreadRef
    from kb.markdown import Span

MOST_READ = 12_000
"""Characters of a report that are read."""
LEAST, MOST = 25, 230
"""Characters of a sentence that is shown."""
SURELY = 2
"""How much more it tells that an error comes up in a case than that it did."""


class Report(NamedTuple):
    """The opening post of a thread. `own`: where the error stands in it, `others`: where other ones
    do; `exception`: the class of the error; `said`: what is told of it already.
    """

    body: str
    own: list[Span]
    others: list[Span]
    exception: str
    said: str


def reported(
    connection: sqlite3.Connection, thread: ThreadRef, entry: Entry, said: str
) -> list[tuple[str, str]]:
    """When the error of an entry came up, as the report of a thread says, and in which case only,
    as the report or a comment does; each with the address of the post. `said`: what is told of it
    already.
    """
    at = thread.repo, thread.number
    body = str(sql.value(connection, "threads.body", *at) or "")[:MOST_READ]
    report = Report(body, [], [], (entry.exception or "").rpartition(".")[2], said)
    for row in sql.ask(connection, "mentions.in_report", *at):
        places = report.own if row["entry_id"] == entry.entry_id else report.others
        places.append((row["start"], row["end"]))
    words = when_reported(report)
    found = [(words, thread.url)] if words else []
    comments = sql.ask(connection, "threads.comments", *at)
    posts = [(c["body"], link(c["url"])) for c in comments if c["author_type"] != "Bot"]
    for text, url in [(body, thread.url), *posts]:
        if told := narrowed(text, f"{said} {words}"):
            return [*found, (told, url)]
    return found


def when_reported(report: Report) -> str:
    """The sentence of a report that tells best when its error came up, else with what it was seen,
    else the command that the report shows before it; empty where none tells more than what is told
    already.
    """
    last = report.own[0][1] if report.own else len(report.body)
    # what follows the error tells in which case only it comes up, if anything
    until = None if _ONLY.search(report.body, last) else last + MOST
    parts = split(Document(report.body[:until]))
    told = [*_told(report, parts)]
    if told:
        return max(told, key=lambda found: found[0])[1]
    return next(_set_up(report, parts), "") or _command(report, parts)


def _told(report: Report, parts: Sequence[Sentence]) -> Iterator[tuple[int, str]]:
    """The sentences that tell when it came up, with how much each does."""
    body, (first, last) = report.body, report.own[0] if report.own else (len(report.body),) * 2
    prose = [part for part in parts if part.kind in ("text", "item")]
    shown = min((p.start for p in parts if p.start <= first < p.end), default=first)
    named = False  # whether a sentence before tells of a failure
    for number, part in enumerate(prose):
        holds, span = part.start <= first < part.end, (part.start, part.end)
        fails = holds or bool(_FAILS.search(body, *span))
        if not (fails or body[part.end - 1] in ":：*_" or _ONLY.search(body, *span)):
            continue
        whole = _words(body, *span)
        text = _words(body, part.start, first) if holds else whole
        before, named = named, named or fails
        only = _ONLY.search(text)
        follows = parts[parts.index(part) + 1 :][:1] if whole.endswith((":", "：")) else []
        leads_on = any(p.start <= first < p.end for p in follows)
        found = only or (_tried(text) if fails or leads_on else None)
        if not found or (part.start > last and not only):
            continue
        between = any(part.end <= start < shown for start, _ in report.others)
        if any(part.start <= start < part.end for start, _ in report.others) or (
            between and (before or _ANNOUNCES.search(whole))
        ):
            continue
        names_it = bool(report.exception) and report.exception in text
        if not report.own and report.others and not names_it:
            continue
        near = report.own and sum(p.end <= first for p in prose[number + 1 :]) < 2
        wraps = near and not between  # what it names wraps this error
        others = [name for name in _CLASS.findall(text) if name not in report.said]
        if (others and not wraps) or (not holds and not names_it and _OTHER.search(text)):
            continue
        if names_it and f"{report.exception}:" in text:
            text, holds = text.partition(report.exception)[0], True
        text = _cut(text) if holds else text.rstrip(" :.!")
        what = found["what"].replace(",", "") if only else found["what"]
        worth = _worth(what, report.said, 1 if _is_narrow(found) else 2)
        if worth and _stands_alone(text, found):
            cut = holds or (leads_on and _WANTS_MORE.search(text))
            yield worth + SURELY * bool(only), f"{text} …" if cut else text


def _set_up(report: Report, parts: Sequence[Sentence]) -> Iterator[str]:
    """The sentences before the error that say with what it was seen."""
    first = report.own[0][0] if report.own else len(report.body)
    for part in parts:
        if part.kind in ("text", "item") and part.end <= first:
            text = _words(report.body, part.start, part.end).rstrip(" :.!")
            found = _SET_UP.match(text)
            tells = found and _worth(found["what"], report.said) > 2 and not wants_more(text)
            if found and tells and _stands_alone(text, found):
                yield text


def _words(body: str, start: int, end: int) -> str:
    """A sentence as it is read, without a greeting."""
    return _GREETING.sub("", rendered(" ".join(body[start:end].split())).lstrip("*_>- "))


def narrowed(text: str, said: str) -> str:
    """The sentence of a post that says when the error comes up only; empty without one."""
    for part in split(Document(text[:MOST_READ])) if _ONLY.search(text) else ():
        shown, *but = _BUT.split(_words(text, part.start, part.end), maxsplit=1)
        shown = shown.rstrip(" :.!")
        found = _ONLY.search(shown) if part.kind in ("text", "item") else None
        tells = found and _is_narrow(found) and _worth(found["what"], said, 1)
        denied = but and _OTHERWISE.search(but[0])
        if found and tells and not denied and _stands_alone(shown, found):
            return f"{shown} …" if but else shown
    return ""


def _is_narrow(found: re.Match[str]) -> bool:
    """Whether it is said to come up in this case only."""
    return " only " in f" {found[0].lower()} "


def _tried(text: str) -> re.Match[str] | None:
    """What was done when it failed, with its words as `what`."""
    return next((found for found in (p.search(text) for p in _TRIED) if found), None)


def _worth(what: str, said: str, least: int = 2) -> int:
    """How much the words of what was done tell that is not `said`: names count more than words.
    `least`: words of which fewer tell nothing.
    """
    what, known = _CLASS.sub(" ", _MAIN_CLAUSE.split(what)[0]), letters(said.lower())
    if _LOOKS.match(what):
        return 0
    words = {word.strip(".'’/-").lower() for word in _WORD.findall(what)} - _IDLE
    new = {w for w in words if len(w) > 2 and not w.isdigit() and letters(w) not in PLAIN}
    new = {w for w in new if letters(w).removesuffix("s") not in known}
    named = [name for name in _NAME.findall(what) if letters(name.lower()) not in known]
    return len(new) + 2 * len(named) if len(new) >= least or named else 0


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence can be read without what is around it, and tells of a failure that is
    there, not of a wish, a doubt or what works.
    """
    if not LEAST <= len(text) <= MOST or _NO_CASE.search(text) or _NO_WORDS.search(text):
        return False
    only = found.re.pattern == _ONLY.pattern
    if only and _DOUBTED.search(text, 0, found.start()):
        return False
    about = found["what"] if only else text
    leans = _LEANS.search(_ANNOUNCED.sub(" ", about))
    return not leans and is_whole(text) and _is_harmless(text)


def _is_harmless(text: str) -> bool:
    """Whether a text of a report may stand in an opening, where no warning stands beside it."""
    return redact(text) == text and not (addresses_model(text) or command_risk(text))


def _cut(text: str) -> str:
    """What stands before an error, without the marks and the word that begin it."""
    text = text.rstrip(" :,;'\"`([{*>-“‘")
    for mark in '`"':
        text = text.rpartition(mark)[0].rstrip(" :") if text.count(mark) % 2 else text
    return _LAST_ARTICLE.sub("", _OPEN_QUOTE.sub("", text))


def _command(report: Report, parts: Sequence[Sentence]) -> str:
    """The last command at a prompt above the error, in the block of code that shows it."""
    if not report.own:
        return ""
    first = report.own[0][0]
    block = next((p for p in parts if p.kind == "code" and p.start <= first < p.end), None)
    found = [*_PROMPT.finditer(report.body, block.start, first)] if block else []
    text = " ".join(found[-1][1].split()) if found else ""
    shown = are_commands(text) and not _NO_WORDS.search(text) and _is_harmless(text)
    return f"`{text}`" if shown and "`" not in text and _worth(text, report.said) else ""


_GREETING = re.compile(
    r"(?i)\A(?:(?:hi|hello|hey)(?: (?:all|everyone|there|guys|folks|team))?[,.! ]{1,3}"
    r"|(?:however|but|so|and|also|hence|unfortunately|anyway|then|fwiw|edit:)[, ]{1,2}){1,3}"
)
_FAILS = re.compile(
    r"(?i)\b(?:\w*errors?|\w*exceptions?|fail(?:s|ed|ures?|ing)?|crash(?:es|ed|ing)?"
    r"|throw(?:s|n|ing)?|raise[sd]?|breaks?|broken?|segfault\w*|segmentation fault|panic(?:s|ked)?"
    r"|hangs?|traceback|aborts?|not work(?:ing|s)?|n['’]t work|issues?|problems?|bugs?"
    r"|complains?)\b"
)
_CLAUSE = r"(?P<what>(?:[^.;:!?\n]|[.:](?=\S)){6,160})"
_TRIED = [
    re.compile(rf"(?i){pattern}")
    for pattern in (
        r"(?<![\w-])(?<!\bonly )(?:when(?:ever)?|while(?= \w{2,15}ing\b)|after|upon|once|during"
        r"|as soon as|(?:every|each) time|if(?= (?:i|you|we|the|an?)\b)|since(?= \S{0,9} ?v?\d))"
        rf"\s{_CLAUSE}",
        rf"(?<![\w-])(?:try|trying|tried|attempt(?:ing|ed)?) (?:to|and)\s{_CLAUSE}",
        r"\b(?:issues?|problems?|trouble) (?!regard|concern|involv|relat)"
        rf"(?=[a-z]{{2,15}}ing\b){_CLAUSE}",
        r"\A(?P<what>(?!(?:\w*thing|string|during|regarding|concerning|according|following"
        r"|depending|getting|facing|having|seeing|receiving|missing|existing)\b)[a-z]{2,15}ing\s"
        r"(?:[^.;:!?\n]|[.:](?=\S)){6,160}?)\s(?:always |still |now |also |then |currently )?"
        r"(?:fail(?:s|ed)?|breaks?|broke|results? in|leads? to|throws?|raises?|causes?"
        r"|crash(?:es|ed)?|gives|yields|returns|produces|does(?:n['’]t| not) work|not working)\b",
    )
]
"""`When I brew tea, it fails`, `I tried to brew tea`, `Brewing tea fails`."""
_SET_UP = re.compile(
    r"(?i)(?:(?:i|we)(?:['’]m| am|['’]re| are|['’]ve been| have been) (?:currently |just )?"
    r"(?:using|running|building|compiling|installing|trying to|attempting to)"
    r"|i (?:use|run|have an?(?= .{0,60}`))"
    r"|(?:i|we) (?:upgraded|updated|tried to|deployed|installed)"
    r"|(?:using|running|building|compiling)(?= (?!.*\b(?:i|we|it)\b)\S{0,30}.{0,50}[\d`/]))"
    r"\s(?P<what>[^?!\n]{6,200})"
)
"""`I am using kettle 2 and pot 3.1`."""
_IT = (
    r"\b(?:(?P<thing>this|it|that)"
    r"|(?:the |this )?(?:error|issue|problem|bug|crash|failure|exception|behaviou?r))"
)
_COMES_UP = (
    r"(?:happen(?:s|ed|ing)?|occur(?:s|red|ring)?|triggered|raised|reproduced|arises?|thrown"
    r"|(?(thing)(?!)|(?:appear(?:s|ed)?|comes? up|shows? up|caused)))"
)
"""What any thing may do, as a button may appear, is said of an error where it is named."""
_ONLY = re.compile(
    rf"(?i){_IT}(?: (?:seems?|appears?|is|was|only|always|will|can|could|be|to|usually|consistently"
    rf"|just|practically)){{0,4}} {_COMES_UP}(?: (?:only|always|consistently|just|specifically"
    r"|every time))? (?:when(?:ever)?|if|after|on|while|during|in|under|for|with|by)\s"
    r"(?P<what>[^.;!?\n]{4,160})"
)
"""`The error only occurs when tea is brewed`."""
_MAIN_CLAUSE = re.compile(
    r"(?i), | (?:i|we|you) (?:get|got|am getting|see|saw|receive|encounter|face)\w*\b"
)
"""Where what was done ends and what came of it begins."""
_ANNOUNCES = re.compile(r"(?i)\b(?:following|below)\b|[:：]\Z")
_CLASS = re.compile(r"\b[A-Za-z_.]{0,80}(?:Error|Exception|Warning)\b(?<!\bError)(?<!\bException)")
_OTHER = re.compile(
    r"(?i)(?:error|message|exception|fails? with|says?|shows?|gives?|get)\b[^:]{0,40}:\s?\S"
    r"|[\"“][^\"“”]{0,200}\b(?:error|fail|not|cannot|invalid)\w*\b[^\"“”]{0,200}[\"”]"
)
"""The words of an error, which are not this one's."""
_LOOKS = re.compile(
    r"(?i)\W*(?:check|look|review|inspect|debug|investigat|search|digg?ing|read|ask|see|think"
    r"|reproduc|figur)"
)
"""Who only looks into it did not bring it about."""
_NO_CASE = re.compile(
    r"(?i)\?|\bwork(?:s|ed|ing)? (?:fine|well|ok|okay|great|perfectly|as|correctly|properly)\b"
    r"|\b(?:does|do|did|is|was|has|have|can|could|would|should)(?:n['’]t| not|nt) (?:happen|occur"
    r"|fail|crash|appear|reproduce|throw|raise|break)"
    r"|\b(?:no|without(?: any)?) (?:errors?|issues?|problems?)\b"
    r"|\b(?:not|n['’]t|never) (?:throw|giv|show|rais|produc|get)\w*"
    r"|\b(?:fixed|solved|resolved|workaround|should|would be|could be|expected|maybe|perhaps"
    r"|suggest|please|successfully|happy|convinced|feature request|searched|inform|screenshots?"
    r"|applicable|unless|except|come up)\b"
    r"|\A(?:observe|see|notice|check|verify|note)\b|\bduring handling of\b|\b(?:find|figure) out\b"
    r"|```|\bi (?:think|believe|guess|suspect|assume|hope|wonder|confirm|have read|checked)\b"
    r"|\bno (?:longer|idea)\b|\bjust (?:like|as)\b|\bnot sure\b|\bdon['’]t know\b"
    r"|\b(?:same|new|another|different|some|several|few|multiple|many|two|these|couple of)"
    r" (?:\w+ )?(?:errors?|issues?|problems?|bugs?)\b"
    r"|\b(?:could not|couldn['’]t|can['’]t|cannot) (?:find|figure|tell|see|say)\b"
)
"""What tells of a wish, a guess, of what works, or of several failures."""
_LEANS = re.compile(
    r"(?i)\b(?:this|these|those|such|same|above|below|following|follows|earlier|mentioned"
    r"|another one|other (?:one|hand)|here|there|step \d|as well|too)\b"
    r"|\A(?:i )?also\b|\A.{0,38}\b(?:it|them|they|that)\b"
)
"""Words that point at what stands elsewhere."""
_ANNOUNCED = re.compile(
    r"(?i)\b(?:this|that|the same|the following|following|same|below|above)(?: \w+){0,2}"
    r" (?:errors?|issue|problem|exception|message|warning|traceback|stack ?trace|output|bug|failure"
    r"|logs?)\b|\bget(?:ting)? (?:this|the following)\b|\b(?:as )?(?:the )?(?:follows|below"
    r"|following)\W*\Z|\b(?:errors?|message|exception|issue)s? (?:is |are )?(?:as )?(?:below|above"
    r"|follows)\b|\b(?:says|so|such|makes|and|but|or) (?:that|it|as)\b|, it\b|\bthere (?:is|was"
    r"|are)\b|\band \w{2,12} it\b|\bit (?=(?:throws?|gives?|fails?|crash\w*|shows?|says?|raises?"
    r"|returns?|does|results?|always|just|looks|seems)\b)|\bthat (?=(?:the|a|an|is|are|was|has|have"
    r"|uses?|contains?|includes?)\b)"
)
"""Such words that announce the error itself, or point at what the sentence names."""
_NO_WORDS = re.compile(
    r"(?i)[<|\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff]|https?:|!\[|(?<!\w)@[\w-]+(?![\w/-])|\]\("
    r"|\w\(\w{1,40}="
    r"|\A\W*(?-i:ERROR|WARN|INFO|DEBUG|FATAL|\d{4}[-/]\d\d)"
)
"""What is no plain English sentence: markup, addresses, other scripts, a line of a log."""
_OPEN_QUOTE = re.compile(r" ['‘“(\[][^'’”)\]]{0,60}\Z")
_LAST_ARTICLE = re.compile(r" (?:an?|the)\Z")
_WANTS_MORE = re.compile(
    r"(?i) (?:gets?|got|see|saw|with|saying|says|is|by|returns?|gives?|throws?)\Z"
)
_BUT = re.compile(r", but\b")
_OTHERWISE = re.compile(
    r"(?i)\b(?:it|this|also|too|even|same|sometimes|once|now|saw|seen|happen\w*|occur\w*|errors?)\b"
)
"""What may take back, behind "but", that it comes up in one case only."""
_DOUBTED = re.compile(
    r"(?i)\b(?:if|whether|not|doubt\w*|think|believe|guess|suppose|assume|probably|likely|maybe"
    r"|unclear|wonder\w*|sa(?:y|ys|id)|told|tells|claims?|heard)\b|n['’]t\b"
)
"""What takes a statement back before it is made, or is another one's."""
_WORD = re.compile(r"[^\W_][\w'’./-]*")
_NAME = re.compile(
    r"`[^`\n]{2,80}`|\b[a-z]+[A-Z]\w*|\b[A-Za-z][^\W_]*_\w+|\b\d+\.\d+|(?<!\w)--\w+"
    r"|\b[A-Z][a-z]+[A-Z]\w*|\b[A-Z]{2,}\b"
)
"""Code, a version, an option, a name of a program."""
_IDLE = frozenset(" ".join(load_lines("idle_words.txt")).split())
_PROMPT = re.compile(
    r"(?m)^[ \t]*(?:\([\w.-]{1,30}\) ?)?(?:[\w.-]{1,40}@[\w.-]{1,40}[^\n$#%]{0,60}"
    r"|PS [A-Z]:\\[^>\n]{0,80}|[A-Z]:\\[^>\n]{0,80}|~[^\s$#%]{0,40} ?)?[$%>❯]"
    r"[ \t]+(\S[^\n]{2,160})$"
)
"""A command at the prompt of a shell."""
