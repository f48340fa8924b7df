"""How it went, post by post: whether a post tells of success or of failure, as its turns of phrase
say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from kb.prefilter import Quick
from miner.extract.cue_phrases import cues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miner.extract.posts import Post

_READ = 6
"""Sentences of a post that tell how something went; what follows is about something else."""
AHEAD = 40
"""Posts ahead that are looked at: in a thread of a thousand posts the time must not grow with their
square."""
_NEXT = 3
"""Later posts of others that are looked at."""


class _Quick:
    """A pattern for RE2, in any case; its word bounds know ASCII only, which is enough."""

    def __init__(self, pattern: str) -> None:
        options = re2.Options()
        options.case_sensitive = False
        self.pattern = re2.compile(pattern, options)

    def found(self, text: str) -> bool:
        """Whether a text has it. Lone surrogates cannot be asked of RE2."""
        known = text if text.isascii() else text.encode("utf-8", "replace").decode()
        return self.pattern.search(known) is not None


_FAILED = _Quick(
    r"\b(?:still (?:see\w*|get\w*|hav\w*|fac\w*|happen\w*|exist\w*|fail\w*|broken|not|the "
    r"same|an? (?:issue|error|problem)|present"
    r"|occur\w*|persist\w*|experienc\w*|encounter\w*|show\w*|does|do|can|reproduc\w*|same|there"
    r"|unable)"
    r"|(?:same|identical) (?:error|issue|problem|result|thing|outcome|behaviou?r)|(?:did|does"
    r"|do)(?: not|n['’]?t) (?:help|work|fix|solve|resolve|change)"
    r"|not (?:work(?:ing)?|fixed|solved|resolved|help\w*)|no (?:luck|success|avail|difference"
    r"|effect|dice|change)|to no avail|in vain"
    r"|persist(?:s|ed)?|without success|but (?:still|the error|the issue|the problem|it "
    r"(?:still|fails|did|does|is not|isn))"
    r"|nope|reopen\w*|already (?:tried|did|using|have|on the latest)|(?:have|has|['’]ve) "
    r"tried|nothing (?:works|worked|helped|changed))\b",
)
_WORKED = _Quick(
    r"\b(?:(?:that|this|it|which|update|upgrade|version|upgrading|updating|reinstall\w*"
    r"|change|yes,? it|everything|all)(?: has| have| did|['’]s)? "
    r"(?:work(?:s|ed)|fixed|solved|resolved|helped|did the trick|did it)|work(?:s|ed|ing) "
    r"(?:now|fine|again|like a charm|great|well|perfectly|for me|correctly)"
    r"|(?:is|are|was|were|now|been|got|issue|problem|bug) (?:now )?(?:fixed|solved|resolved"
    r"|gone|working|good|fine)"
    r"|fixed (?:it|my|the|this)|solved (?:it|my|the|this)|resolved (?:it|my|the|this)|can "
    r"confirm|confirm(?:ed|ing)? (?:that|it|this|fixed|working)"
    r"|(?:is|are|was) (?:now )?green|back to normal|all good|up and running|life ?saver"
    r"|(?:error|problem|issue)s? (?:disappeared|went away)"
    r"|(?:problem|issue) solved|success\w*|no (?:more|longer)|makes sense|you(?:['’]re| are"
    r"|['’]re totally) right|good catch)\b|(?:→|->|=>) works\b|好了|解决了|可以了|直りました",
)
_NO_SUCCESS = Quick(
    r"\b(?:(?:should|may|might|could|would|will|can|must|ought to|going to|supposed to"
    r"|(?<!seems )(?<!seem )(?<!appears )to)"
    r"(?: (?:now|then|also|just|really|actually|again|properly|be|be able to|no longer|not"
    r"|start|get))*"
    r" (?:work\w*|help\w*|fix\w*|solve\w*|resolve\w*|success\w*|gone|build|load|open|compile|pass"
    r"|happen|occur)"
    r"|should (?:no longer|be (?:ok|fine|good))"
    r"|(?:(?:are|am|currently|['’]m|['’]re|still|been|start(?:ed)?) working (?:on|towards|to)"
    r"|is working on (?:it|this|that|the|an?))\b[^.,;\n]{0,60}|work(?:s|ing)? around"
    r"|only works?(?: with)?"
    r"|that works with|(?:ensure|make sure|check|not (?:even )?sure)\b[^.,;\n]{0,60}\bworks?"
    r"|not (?:yet )?(?:resolved|fixed|solved|working)"
    r"|(?:until|unless|once|when|whether|before|hop(?:e|ing|efully)"
    r"|not sure)\b[^.,;\n]{0,60}\b(?:fixed"
    r"|resolved|solved|merged|released)"
    r"|(?:if|whether) (?:it|this|that)(?: now| also)? (?:works?|helps?|help(?:s|ed)|fixe[sd]"
    r"|solve[sd]"
    r"|resolve[sd])"
    r"|(?:not|never|n['’]?t|un)[ -]?success\w*|if\b[^.,;\n]{0,60}\bsuccess\w*"
    r"|please (?:@\S+ )?confirm[^.;\n]{0,60}"
    r"|makes sense|good catch|your confirm\w*|me (?:very |so )?happy|happy to|improved by"
    r"|that success\w*"
    r"|confirm\w*[,:]? (?:that )?(?:(?:i|we)(?:['’]m| am| are)? (?:also )?(?:hav|see|get|fac"
    r"|experienc)\w*|the following (?!works)|(?:this|the|same|a similar)"
    r" (?:issue|bug|problem|error)"
    r" (?:on|in|with|still|exists|here|too|happens|occurs))"
    r"|(?<!it )(?<!now )builds(?! again| fine| now))\b",
    re.IGNORECASE,
)
"""Words of success in a wish, a condition, an invitation or a courtesy."""
_GLAD_FOR_YOU = Quick(r"\b(?:glad|happy) (?:that )?it works for you\b", re.IGNORECASE)
_GLAD = Quick(
    r"\b(?:glad|happy|great|good|nice|pleased|awesome) (?:to (?:hear|know|see|read)\b|(?:that "
    r"|if )?"
    r"(?:it|this|that|everything|you|we)\b)|\bi(?: will|['’]ll)? (?:close|am closing)\b"
    r"|\b(?:close|closing|reopen)\b[^.\n]{0,40}\b(?:if|for now|as (?:the )?(?:issue|it))\b",
    re.IGNORECASE,
)
"""Is glad of another's success, or closes: no witness of it."""
_ANNOUNCED = Quick(
    r"\b(?:(?:is|are|was|were|been|be|has|have|had|i|we|now|just|already|also)\s+|['’](?:ve|s)\s+"
    r"|(?:^|[.!:]\s+|hi,?\s+)(?:@\S+\s+)?)(?:(?:\w+ly|just|now|already|also|supposedly)\s+){0,2}"
    r"(?:fixed|resolved|solved|addressed)\b",
    re.IGNORECASE,
)
"""Somebody has changed the program; whether it helps is not said."""
_FIRST_HAND = Quick(
    r"\b(?:for (?:me|us)|confirm\w*|verified|tested|in my \w+|my (?:own )?(?:issue|problem"
    r"|error|case|setup"
    r"|side|machine|end)|(?:by|after) \w+ing)\b"
    r"|^(?:@\S{1,40} )?(?:many )?(?:thanks|thank you|thx)\b(?!(?: \w+){0,3} for)",
    re.IGNORECASE,
)
_UNEXPLAINED = Quick(
    r"\b(?:strange(?:ly)?|weird(?:ly)?|odd(?:ly)?|magically|mysterious\w*|spontaneous\w*|(?:by"
    r"|on) its own"
    r"|by itself|suddenly|out of nowhere"
    r"|no (?:idea|clue) (?:why|how|what)|(?:don['’]?t|do not) know (?:why|how|what))\b",
    re.IGNORECASE,
)
_WARNS = re.compile(
    r"\b(?<!\bi )(?<!\bwe )(?<!\bthey )"
    r"(?:do(?: not|n['’]?t)|never|nobody|please no|no ?one(?: should)?|stop)\s+(?:please\s+"
    r"|ever\s+)?(?:run|do|use|try|follow|execute|paste|install|click|trust|download)\w*"
    r"\s+(?:that|this|it|the (?:command|script|above|link)|any of|these|those)\b"
    r"(?!,? (?:while|when|before|until|unless|if|as|on|in|inside|with|without|twice|more)\b)"
    r"|\b(?:is"
    r"|looks|this is|that['’]?s) (?:a )?(?:malware|malicious|scam|phishing)\b",
    re.IGNORECASE,
)
_WARNING = (
    *("n't", "n’t", "not", "nt ", "never", "nobody", "no one", "noone", "please no", "stop"),
    *("malware", "malicious", "scam", "phishing"),
)
"""Without any of these nobody warns; searching for them is faster."""
_THANKS = _Quick(
    r"\b(?:thanks?|thank you|thx|ty|cheers|awesome|great|perfect|appreciate\w*)\b|谢谢|感谢",
)
OUTPUT = Quick(
    r"(?im)^Traceback|^[ \t]{1,24}at [\w.$<]|File \"[^\"\n]{1,200}\", line \d|(?:Error"
    r"|Exception)\b ?:"
    r"|\berror(?:\[|:| TS)|npm ERR!|exit(?:ed with)? (?:code|status)|\d\d:\d\d:\d\d"
    r"|^\[?(?:INFO|WARN|DEBUG|ERROR)\b"
    r"|panicked at|Segmentation fault|core dumped|^[ \t]{0,8}\d{1,6} \|"
)
"""What programs print when something goes wrong."""
_OPENING = 3
"""Sentences at the top of a post that tell what it answers."""
_SHORT_POST = 160


def outcome(found: Sequence[str]) -> int:
    """1 for a sentence that reports success, -1 for one that reports failure, 0 else; `found` are
    its turns of phrase.
    """
    if "question" in found or "request" in found or "plan" in found:
        return 0
    good, bad = "success" in found or "zh good" in found, "failure" in found or "zh bad" in found
    return int(good) - int(bad)


def says_failed(text: str) -> bool:
    """Whether a text says that something did not help."""
    return _FAILED.found(text)


def says_worked(text: str) -> bool:
    """Whether a text says that something helped."""
    return _WORKED.found(text)


def tells_success(text: str, *, affected: bool) -> bool:
    """Whether a text says that something helped whoever wrote it: not that it should, nor that the
    program has been changed, unless its author had the error (`affected`) and so speaks of that.
    """
    told = _NO_SUCCESS.sub(" ", text)
    if not affected and not _FIRST_HAND.search(told):
        told = _ANNOUNCED.sub(" ", told)
    return outcome(cues(told)) > 0 or (says_worked(told) and not says_failed(told))


def courtesy(text: str, *, affected: bool) -> bool:
    """Whether a text is glad of somebody else's success, or closes the thread for it; who has the
    error (`affected`) may be glad of his own.
    """
    return (_GLAD_FOR_YOU if affected else _GLAD).search(text) is not None


def unexplained(text: str) -> bool:
    """Whether a text wonders how the trouble came and went: nothing is known to have helped."""
    return _UNEXPLAINED.search(text) is not None


def warns(text: str) -> bool:
    """Whether a text warns of what somebody proposed: "please do not run that"."""
    return any(word in text.lower() for word in _WARNING) and _WARNS.search(text) is not None


def verdicts(post: Post) -> tuple[str, ...]:
    """What the opening of a post tells, by its words: `failed`, `worked`, `thanks` (a short post of
    thanks and no question), and `output` where it shows what a program printed.
    """
    prose = [s for s in post.sentences if s.kind not in ("code", "quote", "table")]
    opening = " ".join(post.say(s) for s in prose[:_OPENING])
    out = []
    if _FAILED.found(opening):
        out.append("failed")
    elif _WORKED.found(opening):
        out.append("worked")
    if _THANKS.found(opening) and len(opening) <= _SHORT_POST and "?" not in opening:
        out.append("thanks")
    if any(s.kind == "code" and OUTPUT.search(post.say(s)[:3000]) for s in post.sentences):
        out.append("output")
    return tuple(out)


class Outcomes:
    """The outcomes of a thread by post: `good` and `bad` hold the numbers of posts that tell of
    success and of failure (a post may do both).
    """

    def __init__(self, posts: Sequence[Post]) -> None:
        self.posts = posts
        self.good: set[int] = set()
        self.bad: set[int] = set()
        for post in posts[2:]:
            if not post.evidence:
                continue
            prose = [s for s in post.sentences if s.kind not in ("code", "quote", "table")]
            signs = {outcome(cues(post.say(s))) for s in prose[:_READ]}
            if 1 in signs:
                self.good.add(post.index)
            if -1 in signs:
                self.bad.add(post.index)
        self.verdicts = {p.index: verdicts(p) for p in posts if p.evidence}
        self.known: dict[int, tuple[str, ...]] = {}

    def after(self, post: Post) -> tuple[str, ...]:
        """Names of what the posts after this one tell: `next good` (the next post of somebody
        else), `soon bad` (one of the next three), `asker good` (the reporter's next), `own bad`
        (the author's own next), `later good` (any), `silence` (nobody else says anything).
        """
        if post.index not in self.known:
            self.known[post.index] = tuple(self._after(post))
        return self.known[post.index]

    def _after(self, post: Post) -> list[str]:
        start = max(2, post.index + 1)
        later = [p for p in self.posts[start : start + AHEAD] if p.evidence]
        others = [p for p in later if p.author != post.author]
        asker = [p for p in others if p.author == self.posts[0].author]
        own = [p for p in later if p.author is not None and p.author == post.author]
        groups = (
            ("next", others[:1]),
            ("soon", others[:_NEXT]),
            ("asker", asker[:1]),
            ("own", own[:1]),
            ("later", others),
        )
        names = [] if others else ["silence"]
        for name, chosen in groups:
            if any(p.index in self.good for p in chosen):
                names.append(f"{name} good")
            if any(p.index in self.bad for p in chosen):
                names.append(f"{name} bad")
        return names
