"""What a piece of a thread looks like: output, code, chat, a form's section, a title."""

from __future__ import annotations

import re

CODE_LANGUAGES = frozenset(
    (
        "python py javascript js typescript ts tsx jsx java kotlin go rust rs c cpp c++ csharp cs"
        " ruby php swift toml yaml yml diff patch sql html css xml dockerfile makefile cmake nix"
        " lua ini hcl proto graphql svelte vue scala zig"
    ).split()
)
"""Languages of fences that hold code or settings, not output."""

_WORD = re.compile(r"[A-Za-z0-9_]{2,}|[\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]")
_STOP = frozenset(
    (
        "the a an to of in on is it and or for with at by as be not no error failed bug when from"
        " after this that"
    ).split()
)
_HEADINGS = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "expected",
            r"^(?!.*actual).*(?:expect|desired|\btest(?:ing)? plan|acceptance criteria"
            r"|how (?:was|has|have|did) .{1,30}\btest(?:ed)?\b|checklist)",
        ),
        (
            "change",
            r"^\W*(?:fixed|fixes|added|changed|removed|deprecated|breaking changes|bug fixes"
            r"|what'?s (?:new|changed)|change ?log|release notes)\W*$",
        ),
        (
            "log",
            r"log|output|error|trace|console|stack|crash|exception|日志|報錯|报错|лог|registro|fehler",
        ),
        (
            "happened",
            r"happen|actual|issue|problem|bug|descri|outcome|behaviou?r|summary|what is"
            r"|observed|问题|描述|проблем",
        ),
        ("steps", r"step|repro|how to|to reproduce|minimal|步骤|command"),
        (
            "expected",
            r"expect|should|solution|proposal|feature|motivation|alternative|期望|idea|use case",
        ),
        (
            "setup",
            r"version|environment|system|operating|os\b|config|settings|hardware|model|provider"
            r"|info",
        ),
    )
)
_LEAD = re.compile(
    r"(?i)(?:error|fail|crash|says?|get|got|gives?|show|see|message|log|output|trace|ends? "
    r"with|this|报错|提示|错误)[^\n]{0,40}[:：]?\s*\Z"
)
_CHATTY = re.compile(
    r"\b(?:I|i|I'm|im|I've|my|me|we|our|same|thanks?|thx|please|pls|anyone|think|guess|maybe|tried|try|got|but|"
    r"because|also|still|why|any ?body|hi|hello|lol|imo|you can|should|would|here|"
    r"@\w+|seems?|looks? like|this (?:is|issue|happens)|after (?:the )?(?:update|upgrad\w+)"
    r"|since)\b"
)
_MARKED = re.compile(r"\s*[^\w\s\"'`(*_#>@!\[-]")

_ANNOUNCES = re.compile(r":(?:\s|\Z)")
_WORDS = re.compile(r"(?:[A-Za-z']+,? ){1,12}\Z")
_LITTLE = re.compile(
    r"\b(?:the|is|are|it|a|an|of|when|that|to|in|and|on|was|be|for|with|you|they|there|if|as|so|like|every)\b"
)
_MANY = 3
_SENTENCE = re.compile(r"\s*[a-z]+ \w+")
_LISTING = re.compile(
    r"^\s*[\w.+-]+ v?\d+\.\d+(?:\.\d+)*(?:\s*[\[(].*)?$|"
    r"^\s*(?:\$|%|>|#|PS [A-Z]:|sudo |-{1,2}[a-zA-Z]|\./\S+|\d\d:\d\d ?<)"
    r"|^\s*(?:npm|npx|pnpm|yarn|pip|uv|docker|kubectl|helm|git|cd|curl|wget|python3?|node|deno|bun|export|set|make|"
    r"cmake|ninja|gcc|g\+\+|clang|cargo|go|apt|apt-get|brew"
    r"|echo|cat|ls|mkdir|ollama|vllm) (?!err|ERR)\S"
    r"|^\s*Vulnerability [\w ]{1,40}: "
    r"|^\s*[\w .-]{1,30}[:=]\s*v?\d+(?:\.\d+)+|^\s*(?i:version|os|node|python|name|model|gpu"
    r"|cpu)\b\s?[:=]|"
    r"^\s*[\w.-]+=\S*$|^\s*[{}\[\]]\s*$|^\s*[\"'][\w.-]+[\"']\s*:"
)
_CODE_LINE = re.compile(
    r"[;{\\]\s*$|^\s*[fFrR]?\"[^\"]*[ ,]?\"\s*[,)]?\s*$|"
    r"^\s*(?:import|from|const|let|var|def|class|return|if|else|for|while|function|async|await|#include|"
    r"#define|//|/\*|\*/|static|void|int|uint\d+_t|std::|echo|then|fi|FROM|RUN|PARAMETER)\b|=>|->"
    r"|^\s*[\w.]+\([^)]*\)\s*$|^\s*[\w.\[\]]+ ?[+*/-]?= ?\S+\s*$|^\s*\(\S+ "
)

_TAGS = re.compile(
    r"(?i)\s*(?:\[[^\]]{1,30}\]|<title>|【[^】]{1,30}】"
    r"|(?:[\w/ ]{0,12}(?:bug|issue|crash|error report|problem)) ?:)\s*"
)

_ANNOUNCED = re.compile(
    r"(?i)\b(?:following|this|these|an|the|get|got|getting|gives?|gave|says?|said|shows?|with)\b"
    r"[^\n.]{0,40}\b(?:errors?|messages?|exceptions?|warnings?)(?: (?:messages?|text))?"
    r"(?: (?:is|was|below|appears?|pops? up))?[^\w\n]{0,4}\Z"
)
_SETTING = re.compile(r"\s*[\w .-]{1,30}\s?[:=]\s*[^\s:]{1,80}(?: \([^)]{1,40}\))?\s*\Z")
_NOTE = re.compile(r"(?:.{0,80}[: ])?[Nn]ote: |.{1,80}: Could not collect\s*\Z")
_REPORTING = re.compile(
    r"(?i)\W{0,4}errors? (?:reporting|handling|logging|log|level|mode|rate|count)\s?[:=]"
    r"\s?\S{1,80}\s*\Z"
)
_FAILING = re.compile(r"(?i)err|fail|exception|fatal|panic|denied|invalid|abort|crash|refused")
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "「": "」"}
_SHORTEST = 20
_DOING = re.compile(
    r"\s(?:when|after|before|if|whenever)\s(?:I|we|you|\w+ing|upgrad\w+|updat\w+)\b"
    r"|\swhile\s(?:I|we|you|(?:build|deploy|install|open|play|runn|start|test|train|try|updat|upgrad"
    r"|us|work)ing)\b"
    r"|\s[\[(]\s?[vV]?\d[\w.]{0,20}\s?[\])]\s*\Z"
)
_BEFORE_CLASS = re.compile(r"[\w.+-]{1,30}: ?(?=(?:\w+\.){0,5}\w+(?:Error|Exception): )")
_COMMIT = re.compile(
    r"(?i)\W{0,40}(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)"
    r"(?:\([^)]{1,60}\))?!?: "
)
"""A title in the form of a commit, https://www.conventionalcommits.org."""
_CHANGE = re.compile(
    rf"(?i){_COMMIT.pattern.removeprefix('(?i)')}"
    r"|(?:\W{0,8}[\w./, -]{1,30}: )?\W{0,8}(?:add(?:s|ed)?|avoid(?:s|ed)?|allow(?:s|ed)?"
    r"|bump(?:s|ed)?|catch(?:es)?|change[sd]?|clarif(?:y|ies|ied)|correct(?:s|ed)?"
    r"|detect(?:s|ed)?|disable[sd]?"
    r"|do not|don't|drop(?:s|ped)?|enable[sd]?|ensure[sd]?|fix(?:es|ed|ing)?|handle[sd]?|hide[sd]?"
    r"|implement(?:s|ed)?|improve[sd]?|introduce[sd]?|make[sd]?|move[sd]?|prevent(?:s|ed)?"
    r"|refactor(?:s|ed)?|remove[sd]?|rename[sd]?|replace[sd]?|resolve[sd]?|restore[sd]?"
    r"|return(?:s|ed)?|show(?:s|n|ed)?|simplif(?:y|ies|ied)|skip(?:s|ped)?|support(?:s|ed)?"
    r"|suppress(?:es|ed)?|test(?:s|ed)?|translate[sd]?|update[sd]?|use[sd]?|wrap(?:s|ped)?)\b"
)


def words(text: str) -> set[str]:
    """The words of a text that tell it apart, in lower case."""
    return {word.lower() for word in _WORD.findall(text[:1000])} - _STOP


def heading_class(heading: str) -> str:
    """What a form's section is about: a name of `_HEADINGS`, `other`, or `none`."""
    if not heading:
        return "none"
    for name, pattern in _HEADINGS:
        if pattern.search(heading[:80]):
            return name
    return "other"


def is_output(text: str) -> bool:
    """Whether text looks like output, not like code, settings, commands or versions."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    if not lines or not _WORD.search(text):
        return False
    odd = sum(1 for line in lines if _LISTING.search(line[:300]) or _CODE_LINE.search(line[:300]))
    return odd * 2 < len(lines)


def title_start(title: str) -> int:
    """Where a title begins behind its tags (`[Bug]:`, `Bug:`)."""
    at = 0
    for _ in range(4):
        match = _TAGS.match(title, at)
        if match is None or match.end() >= len(title) or match.end() == at:
            break
        at = match.end()
        while at < len(title) and title[at] in ": ":
            at += 1
    return at


def in_title(title: str, start: int, end: int) -> tuple[int, int]:
    """An error in a title, without quotes and what its author was doing ("when ...")."""
    for first in (start + 1, start):
        quote = title[first - 1 : first] if first else ""
        closing = title.find(_QUOTES[quote], first + _SHORTEST, end) if quote in _QUOTES else -1
        if closing > 0:
            return first, closing
    prefix = _BEFORE_CLASS.match(title, start, end)
    start = start if prefix is None else prefix.end()
    doing = _DOING.search(title, start + _SHORTEST, end)
    return start, end if doing is None else doing.start()


def announces(line: str) -> bool:
    """Whether a line says that an error's text follows."""
    return _ANNOUNCED.search(line[-160:].rstrip(" *_`>\n")) is not None


def is_setting(line: str) -> bool:
    """Whether a line is a name and one word, number or path, or a note, and tells no failure."""
    if _NOTE.match(line) or _REPORTING.match(line):
        return True
    return _SETTING.match(line) is not None and _FAILING.search(line) is None


def is_change(title: str, at: int, *, pull: bool) -> bool:
    """Whether a title says what was changed, as those of pull requests do."""
    pattern = _CHANGE if pull else _COMMIT
    return pattern.match(title, at) is not None


def is_chat(line: str) -> bool:
    """Whether a line has words that people write and programs do not."""
    return _CHATTY.search(line) is not None


def is_foreign(line: str) -> bool:
    """Whether much of a line is not in Latin letters, as few programs print."""
    return sum(1 for char in line if ord(char) > 0x2FF and char.isalpha()) > 0.3 * max(1, len(line))


def is_sentence(line: str) -> bool:
    """Whether a line is prose: small letters or many little words, announcing nothing."""
    if _ANNOUNCES.search(line):
        return False
    return _SENTENCE.match(line) is not None or len(_LITTLE.findall(line)) >= _MANY


def is_spoken(text: str) -> bool:
    """Whether a text is words that people put before what a program said."""
    return _WORDS.match(text) is not None or len(_LITTLE.findall(text)) >= _MANY


def is_marked(line: str) -> bool:
    """Whether a line begins with a sign that programs print before a message."""
    return _MARKED.match(line) is not None


def is_listing(line: str) -> bool:
    """Whether a line is a command, a version, a setting or a bracket."""
    return _LISTING.search(line[:300]) is not None


def leads_to_error(text: str) -> bool:
    """Whether a text ends as one that announces what a program said."""
    return _LEAD.search(text) is not None
