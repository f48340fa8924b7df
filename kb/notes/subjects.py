"""What the titles of threads are about and an error does not name: services, models, classes,
kinds of files.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.notes.titles import is_whole, wants_more
from kb.notes.written import ID
from kb.providers import names
from kb.signature.title import provider_name
from kb.tables import load_lines
from kb.text import capital, letters

if TYPE_CHECKING:
    from collections.abc import Sequence


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
            if is_spared(title, word.start(), word.end()):
                continue
            text = (word["part"] or word[0]).strip("`")
            if tool := (word["name"] or "").lower():
                if tool in known:
                    continue
                name = next(name for name in _TOOLS if name.lower() == tool)
                text = f"{name} {word['version']}"
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


def is_spared(title: str, start: int, end: int) -> bool:
    """Whether a title says of what it names from `start` to `end` that all is well with it."""
    before, behind = title[max(0, start - 40) : start], title[end : end + 20]
    return bool(_WELL_WITH.search(before) or _IS_WELL.match(behind))


_WELL_WITH = re.compile(
    r"(?i)(?:(?<!not )(?<!n['’]t )(?<!never )(?<!longer )(?<!\w)(?:works|worked|fine|ok(?:ay)?)"
    r"|\b(?:except|unless|unlike|(?:but|and) not|(?:up|down)grad\w{1,3} from))"
    r"(?: (?:for|on|in|with|using|under|when|if|the|version)){0,4}\W{1,3}\Z"
)
_IS_WELL = re.compile(r"(?i)[`'\"]? (?:works|worked|(?:is|was) (?:fine|ok(?:ay)?))\b")


def case_told(title: str, said: str) -> tuple[int, str]:
    """How many words of a thread's title tell what `said`, an error and its project, does not, and
    that title without the labels before it; 0 for one too long to be quoted, for a question
    that names nothing but itself.
    """
    start = 0
    while label := _LABEL.match(title, start):
        start = label.end()
    title = " ".join(title[start:].split()).rstrip(" .:!")
    if title[:1] + title[-1:] == "[]":
        title = title[1:-1]
    if len(title) > MOST_OF_A_CASE or _ASKS.match(title):
        return 0, title
    known = letters(said.lower())
    words = {letters(word.lower()) for word in _WORDS.findall(_NO_WORDS.sub("", title))}
    told = [word for word in words - PLAIN if word not in known and not word.isdigit()]
    return len(told), title


def when_told(title: str) -> str:
    """What was done when it failed, or what was the case then, as a thread's title tells it: `when
    adding a lid`, `during a brew`. Empty where it does not, tells of its author or of somebody's
    machine, or may tell when it did not fail.
    """
    for pattern in _WHEN:
        for found in pattern.finditer(title):
            before = _CLAUSE_END.split(title[: found.start()])[-1]
            how, what = (found["how"] or "when").lower(), found["what"].replace("`", "").strip()
            first = what.partition(" ")[0].lower()
            if first.endswith("ing"):
                what = first + what[len(first) :]
            elif how == "while" or (how == "when" and not _IS_SO.match(what)):
                continue
            told = f"{how} {what}"
            whole = is_whole(told) and not wants_more(told) and len(told) <= MOST_OF_A_CLAUSE
            if not whole or _PERSON.search(told) or any(map(ID.search, told.split())):
                continue
            taken_out = _TAKEN_OUT.match(title, found.end("what"))
            if not taken_out and not _DID_NOT_FAIL.search(f"{before} {told}"):
                return told
    return ""


MOST_OF_A_CLAUSE = 50
_DOING = (
    r"(?P<what>(?!(?:\w*thing|string|during|regarding|concerning|involving|relating|missing|existing"
    r"|getting|facing|having|seeing|receiving|handling|reporting|logging|warning|following)\b)"
    r"[a-z]{2,15}ing (?:[^,;:()\[\]!?]|\(\)){2,60}?)"
)
_STOPS = (
    r"(?=\W{0,2}\Z|[.,;:] | ?(?!\(\))[(\[]| (?:due to|because|an? error)\b"
    r"| \w*(?:Error|Exception)\b)"
)
_WHEN = [
    re.compile(rf"(?i){pattern}")
    for pattern in (
        r"(?<![\w-])(?<!even )(?<!only )(?<!not )(?P<how>when|while|during)"
        rf" (?P<what>(?:[^,;:()\[\]!?]|\(\)){{4,60}}?){_STOPS}",
        r"\A(?:errors?|issues?|problems?|failures?|crash(?:es)?)(?: on| in| with)?(?P<how>)"
        rf" {_DOING}{_STOPS}",
        rf"\A(?P<how>){_DOING} (?:always |still )?(?:fail(?:s|ed)?|breaks?|broke|results? in"
        r"|leads? to|throws?|raises?|causes?|crash(?:es|ed)?|gives|does(?:n't| not) work"
        r"|not working)\b",
    )
]
"""`Error when brewing tea`, `Error brewing tea`, `Brewing tea fails`."""
_IS_SO = re.compile(
    r"(?i)(?!(?:add|at|build|call|change|create|execute|for|get|import|in|install|load|make|on|open"
    r"|pass|run|select|send|set|start|switch|to|try|upload|use|with)\b)"
    r"\S+ (?:\S+ ){0,4}?(?:is|are|was|were|has|\w{2,}(?:[^\Ws]s|ed))\b"
)
"""A subject with its verb."""
_PERSON = re.compile(
    r"(?i)\b(?:i|i['’]m|we|us|my|our|me|you|your|someone|they|them|their|this|it)\b"
)
_TAKEN_OUT = re.compile(r" ?\[[a-z -]{2,24}\]")
"""What stands for a secret: the clause would end before its point."""
_CLAUSE_END = re.compile(r"[.,;:!?()]\s|\s(?:-{1,2}|[–—]|and|but|yet)\s")
_DID_NOT_FAIL = re.compile(
    r"(?i)(?<!not )(?<!n['’]t )(?<!never )(?<!longer )(?<!stops )(?<!stopped )"
    r"\b(?:work(?:s|ed|ing)(?! (?:with|on|in)\b)|fine|okay|ok|succeed(?:s|ed)?|success\w*|passes"
    r"|fix(?:ed|es)|(?:re)?solve[sd]|gone|goes away|went away|disappear(?:s|ed)|vanish(?:es|ed)"
    r"|except|unless|avoid(?:s|ed)?|prevent(?:s|ed)?|should|than|instead of|until|before)\b"
    r"|\b(?:(?:no|not|never|\w+n['’]t) (?:longer )?(?:\w+ )?|(?:without|missing) (?:any |an? )?)"
    r"(?:errors?|exceptions?|warnings?|fail(?:s|ed|ures?)?|crash(?:es|ed)?|throws?|thrown"
    r"|raise[sd]?|breaks?|broken|happens?|occurs?|reproducible|issues?|problems?)\b"
)
"""What says beside `when` that it works then, or did not fail."""
MOST_OF_A_CASE = 130
_LABEL = re.compile(
    r"(?i)\s*(?:\[[^\[\]]{0,40}\]|【[^【】]{0,40}】|<title>"
    r"|(?:bug|issue|question|help)(?: report)?\s?[:：|](?=\s))[\s:：|-]*"
)
"""What kind of thread a title says that it has: `[Bug]`."""
_ASKS = re.compile(r"(?i)(?:what|how|why)\b.*\?|.*\b(?:pl[sz]|please)\b")
_NO_WORDS = re.compile(r"\b\S+\.py line \d+|\b[\w.]+(?:Error|Exception)s?\b")
"""What a trace tells: a line, a class."""
_WORDS = re.compile(r"[^\W_][\w'’.-]*")
PLAIN = frozenset(" ".join(load_lines("plain_words.txt")).split())
"""Words of every report, which tell none from another."""


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
_TOOLS = "Clang CUDA Debian GCC Go Java Node oneAPI PHP Python Ruby Rust Ubuntu".split()
_TOOL = rf"(?i:(?P<name>{'|'.join(_TOOLS)})[ -]?v?(?P<version>\d{{1,4}}(?:\.\d{{1,2}}){{1,2}}\+?))"
"""A language, compiler or system, with its version."""
_SUBJECTS = re.compile(
    r"(?a)(?<![\w./@:=<'\"\\-])(?<!non-)(?<!not )(?<!than )"
    r"(?!(?<!\bon )(?<!\bin )(?<!\bfor )(?<!\bunder )windows\b(?! \d))"
    r"(?:`(?!.{1,40}\()[^`\s]{0,40}[./_A-Z-][^`\s]{0,40}`"
    r"|\.?(?i:jpe?g|png|pdf|docx|csv|mp[34]|wav|webm|epub|ipynb|xlsx|pptx)\b"
    r"|[A-Z]{3,5}\ \d{1,3}\.\d{1,3}(?!\.?\w)"
    rf"|(?<!\bvs ){_TOOL}"
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
