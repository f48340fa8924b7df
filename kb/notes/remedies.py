"""What a step costs and risks, and where it applies: read from its words, to put steps in an order
and warn of some.

The order is that of a careful person: what can be tried at once comes before what is installed or
built, and what deletes something comes last, with a warning. A step without a known word counts as
a change of a setting.
"""

from __future__ import annotations

import re

from kb.risk import deletes

_COSTS = (
    re.compile(
        r"(?i)\b(?:retr(?:y|ies|ied|ying)|restart\w*|reload\w*|wait(?:ed|ing)?|(?:log|sign)(?:g?ed|g?ing)?\s+(?:out|in)"
        r"|try again)\b"
    ),
    re.compile(
        r"(?i)\b(?:set(?:ting|tings)?|env(?:ironment)?|variable|config\w*|option|flag|key|token|switch\w*|enabl\w+|disabl\w+"
        r"|turn\w*\s+o(?:n|ff)|unset|export|choos\w+|select\w*|increas\w+|lower\w*|reduc\w+|add(?:ed|ing)?|chang\w+|path)\b"
    ),
    re.compile(
        r"(?i)\b(?:upgrad\w+|updat\w+|downgrad\w+|install\w*|pin(?:ned|ning)?|roll(?:ed)?\s+back|version|release\w*|nightly)\b|\bv?\d+\.\d+\.\d+"
    ),
    re.compile(
        r"(?i)\b(?:re-?install\w*|rebuil\w+|build|compil\w+|patch\w*|cherry-pick\w*|from "
        r"source|clean install|migrat\w+|rewrit\w+)\b"
    ),
)
DESTRUCTIVE = 4

_PLATFORM = re.compile(
    r"""(?ix)\b(?:windows | win(?:10|11) | wsl2? | mac(?:os)? | osx | apple\ silicon | linux |
    ubuntu | debian | fedora | nixos | docker
    | containers?
    | kubernetes | k8s | podman | devcontainers? | codespaces? | remote[-\ ]ssh | ssh\ remote |
    vs\ ?code | cursor | jetbrains
    | intellij | neovim
    | powershell | zsh | bash | proxy | vpn | cuda | rocm | vulkan | arm64 | aarch64 |
    raspberry)\b"""
)
_PREVENTS = re.compile(
    r"(?i)\b(?:prevent\w*|to avoid|avoids|never\s+\w+|always\s+\w+|make sure|ensure|to be "
    r"safe|in (?:the )?future"
    r"|does(?:n't| not) happen again)\b"
)
_STEPS = r"""(?:un)?set(?:s|ting)? | add(?:s|ed|ing)? | remov(?:es?|ed|ing) | creat(?:e|ed|ing)
    | us(?:e|ed|ing) | r[au]n(?:ning)? | (?:re|un)?install(?:ed|ing)? | updat(?:e|ed|ing)
    | (?:up|down)grad(?:e|ed|ing) | bump(?:ed|ing)? | pin(?:ned|ning)? | switch(?:ed|ing)?
    | chang(?:e|ed|ing) | replac(?:e|ed|ing) | (?:dis|en)abl(?:e|ed|ing) | turn(?:ed|ing)?
    | (?:re)?start(?:ed|ing)? | (?:re)?load(?:ed|ing)? | clear(?:ed|ing)? | export(?:ed|ing)?
    | put(?:ting)? | mov(?:e|ed|ing) | cop(?:y|ied|ying) | renam(?:e|ed|ing) | pass(?:ed|ing)?
    | increas(?:e|ed|ing) | rais(?:e|ed|ing) | lower(?:ed|ing)? | reduc(?:e|ed|ing)
    | select(?:ed|ing)? | choos(?:e|ing) | (?:re)?buil[dt](?:ing)? | revert(?:ed|ing)?
    | (?:log|sign)(?:ged|ging|ed|ing)?\ (?:in|out) | roll(?:ed|ing)?\ back | delet(?:e|ing)
    | wait(?:ed|ing)? | call(?:ed|ing)? | includ(?:e|ed|ing) | import(?:ed|ing)?"""
"""What a step begins with or holds."""
_ACTS = re.compile(
    rf"""(?ix)(?:(?:please|just|simply|then|so|or|i|we|you\ (?:can|could|should|need\ to|have\ to
    |must)|try(?:ing)?(?:\ to)?|(?:the|my)\ (?:fix|solution|workaround)(?:\ (?:is|was)(?:\ to)?|:)
    |if\ you|to\ fix\ (?:it|this|that),?|(?:solv|fix)ed\ (?:it\ )?by)\s+){{0,2}}
    (?:{_STEPS} | ma(?:ke|de|king) | quit | open(?:ed)?\ (?:the|your|`?https?)
    | (?:fixed|released)\ in | v?\d+\.\d+(?:\.\d+)?\ (?:works|fixes|has))\b"""
)
_CLAUSE = re.compile(r"(?<=[.!?;])\s+|(?<=\))\s+(?=[A-Z])|\n+|\s+[-–—]\s+")


def action(text: str, width: int) -> str | None:
    """The first sentence that says what to do, whole and at most `width` characters long; None
    without one.
    """
    for sentence in _CLAUSE.split(text):
        found = sentence.strip(" \t*->:")
        if (
            len(found) <= width
            and len(_WORDS.findall(found)) >= 2
            and _ACTS.match(found)
            and _is_whole(found)
        ):
            return found
    return None


def _is_whole(sentence: str) -> bool:
    """Whether a sentence was not cut out of code or of brackets."""
    return sentence.count("`") % 2 == 0 and all(
        sentence.count(a) == sentence.count(b) for a, b in ("()", "[]", "{}")
    )


_IMPERATIVE = re.compile(
    r"""(?ix)(?:(?:please|just|simply|then|so|try)\ )*(?:to\ )?
    (?:(?:un)?set|add|remove|create|use|run|(?:re|un)?install|update|(?:up|down)grade|pin|switch
    |change|replace|(?:dis|en)able|turn|(?:re)?start|(?:re)?load|clear|export|put|move|copy|rename
    |pass|increase|raise|lower|reduce|select|choose|make|(?:re)?build|log|sign|revert|roll|quit|wait
    |delete|check|open|give|point)\b"""
)


def instruction(text: str, width: int) -> str | None:
    """The first sentence that tells the reader what to do, whole and at most `width` characters
    long; None without one.
    """
    found = action(text, width)
    return found if found and _IMPERATIVE.match(found) and not _ELSEWHERE.search(found) else None


_ELSEWHERE = re.compile(r"(?i)\b(?:below|above|following|this|these)\b")


_TELLS = re.compile(
    r"""(?ix)\b(?:i|we)(?:['’]ve|\ have)?\ (?:(?:just|now|also|already)\ )?
    (?:(?:implemented|fixed|merged|pushed|opened|submitted|created|solved|resolved|addressed)\b
    |(?:made|put|landed|added)\b[^.\n]{0,20}\b(?:fix|patch|workaround)\b)
    | \b(?:this|it|(?:the|this|that)\ (?:issue|problem|bug|error)|which)\b[^.\n]{0,20}
    \b(?:was|is|ha[sd]\ been|got|(?:should|must)\ (?:now\ )?be)\ (?:(?:just|now|also|already)\ )?
    (?:fixed|merged|solved|resolved|addressed)\b
    | \A\W*(?:(?:should|must)\ (?:now\ )?be\ )?(?:fixed|merged|solved|resolved|addressed)\b
    | \b(?:the|a)\ fix\ (?:is|was|has\ been)\ (?:(?:just|now|also|already)\ )?
    (?:available|released|merged|in|on)\b"""
)
_TO_DO = re.compile(
    r"(?i)`|\d\.\d|\b(?:upgrad\w+|updat\w+|install\w*|pull(?! requests?\b)|try|please|your?|need"
    r"|used?|using|add)\b|\b(?:by|with|after)\s+(?:\w+\s+)?\w+ing\b"
)


def only_tells(text: str) -> bool:
    """Whether words tell that something was mended, and nothing that a reader could do: no version,
    no setting, no command.
    """
    now = _TO_COME.sub("", text)
    return bool(_TELLS.search(text)) and not _TO_DO.search(now) and action(text, 400) is None


_TO_COME = re.compile(r"(?i)\b(?:next|upcoming|coming|future) (?:\w+ )?(?:releases?|versions?)\b")


_BRIDGES = re.compile(
    r"(?i)\b(?:until (?:a|the|then|it|that|this)|(?:in the )?mean(?:time|while)|for now)\b"
)


def bridges(text: str) -> bool:
    """Whether words only help until a release is there."""
    return bool(_BRIDGES.search(text))


def says_enough(text: str, *, fix: bool) -> bool:
    """Whether a text that was cut off says enough: a fix what to do, or a setting or command and
    something about it; a cause more than a few words.
    """
    words = len(_WORDS.findall(text))
    enough = words >= ENOUGH_OF_A_STUMP
    if not fix or ("`" in text and words >= 6):
        return enough or fix
    if text.endswith("…"):
        return False
    return action(text, 400) is not None or bool(
        _OUT.search(text) or (enough and _CHANGES.search(text))
    )


ENOUGH_OF_A_STUMP = 14
"""Words that may say enough although more followed."""
_OUT = re.compile(
    r"(?i)\b(?:fix|change)(?:ed)? (?:is|was|are|has been)? ?(?:now )?(?:available|released|in)\b"
    r"[^.\n]{0,30}(?:\b(?:main|master|nightly)\b|\d\.\d)"
)


_CLOSES = re.compile(
    r"(?i)\W*(?:(?:hi|hello|hey)\b[^.!?\n]{0,40}[.!?,]?\s*)?(?:i['’]?m |i am |i['’]ll |i will )?"
    r"(?:clos(?:e|ing)|mark(?:ing)?)\b"
)


def closes(text: str) -> bool:
    """Whether words only close a thread; they say nothing about a fix."""
    return bool(_CLOSES.match(text))


def specific(text: str) -> bool:
    """Whether a step names what to change: a setting, a key, a version, something in code marks."""
    return "`" in text or any(pattern.search(text) for pattern in _COSTS[1:])


def cost(text: str) -> int:
    """What a step asks for: 0 trying again, 1 a setting, 2 another version, 3 building anew, 4
    (`DESTRUCTIVE`) deleting.
    """
    if deletes(text):
        return DESTRUCTIVE
    # the dearest thing asked for is what it costs
    return max((level for level, pattern in enumerate(_COSTS) if pattern.search(text)), default=1)


_WORDS = re.compile(r"[^\W\d_]{2,}")
_DEPENDS = re.compile(
    r"(?i)(?:is|are|was|it(?! (?:seems|looks|appears|turn))|that|these"
    r"|this(?! (?:\d{3}|error|message|exception|warning|happens|occurs|means)\b)"
    r"|those|they|he|she|which|and|but|so|then|also|same|yes|no|ok|thanks?"
    r"|there (?:was|were|is|are) (?:one|some|two)|the (?:first|second|other))\b|👍"
)


def tells(text: str) -> bool:
    """Whether words say something by themselves: three words at least, or a few characters of a
    script without spaces.
    """
    words = _WORDS.findall(text)
    return len(words) >= 3 or any(len(w) >= 4 and w[0] > "\u3000" for w in words)


def stands_alone(text: str) -> bool:
    """Whether a sentence can be read without the one before it: enough words, and no pronoun or
    conjunction at its start.
    """
    words = _WORDS.findall(text)
    return len(words) >= 4 and not _DEPENDS.match(text.strip())


_THANKS = re.compile(
    r"(?i)\W*(?:(?:many|big|ok(?:ay)?|great|awesome|perfect|cool|[uo]h+|oops|ah+),? )*"
    r"(?:thank(?:s| you)|thx|ty\b|merci|danke|sorry\b|hope (?:this|that|it)|let me know"
    r"|any (?:update|news)|(?:the )?same (?:here|issue|problem|error|message)|\+1)"
)
_OUTPUT = re.compile(
    r"""(?mx)^\s*(?:File\ "[^"\n]{1,200}",\ line\ \d+ | Traceback\ \(most | at\ [\w.$<>]{1,80}\ \(
    | (?:Successfully|Found\ existing|Requirement\ already|Collecting|Uninstalling|Downloading)\b
    | \[?\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d | npm\ (?:ERR|error|warn)!
    | (?:[\w.]{1,60}(?:Error|Exception)):\s
    | [d-][rwx-]{9}\s)"""
)


_CHANGES = re.compile(
    rf"""(?ix)\b(?:{_STEPS} | deleted | ma(?:ke|de)\ (?:sure|a) | ensure | retr(?:y|ied|ying)
    | fix(?:e[sd])?\ (?:in|it|by|with) | released | (?:re)?enter(?:ed)? | edit(?:ed|ing)?
    | pull(?:ed|ing)? | writ(?:e|ing) | specif(?:y|ied|ying)
    | allow(?:ed)? | configur(?:e|ed|ing) | convert(?:ed)?
    | wrap(?:ped)? | patch(?:ed)? | top\ up | downloa?d(?:ed|ing)? | merg(?:e|ed) | clos(?:e|ed)
    | open(?:ed)? | try | check | needs?
    | (?:should|must)(?:\ not|n['’]t)?\ (?:have|contain) | avoid | exclud(?:e|ing) | provid(?:e|ing)
    | point(?:ed|ing)? | authenticat(?:e|ed) | grant(?:ed)?
    | (?:fix(?:e[sd])?|address(?:ed|es)|(?:re)?solve[sd]?|handled)\b[^\n]{{0,80}}
      (?:\#\d+ | https?://\w+ | \b[0-9a-f]{{7,40}}\b | v?\d+\.\d+
      | \b(?:main|master|nightly|dev|branch|commit|release|version)\b)
    | has\ (?:the|a)\ fix | \d+\.\d+(?:\.\d+)?\ \w+s )\b"""
)
_PROMISES = re.compile(
    r"""(?ix)\b(?:soon | asap | near\ future | next\ few | in\ (?:a\ few|some)\ days
    | work(?:ing)?\ on\ (?:it|this|a) | on\ (?:the\ |our\ |my\ )?(?:roadmap|list|todo)
    | (?:pr|pull\ request)\ (?:is|out|to\ fix) | marked\ this | look(?:ing)?\ into
    | we\ (?:need|have)\ to\ fix | already\ accepted | i['’]ll
    | (?:not|neither|nor)\b[^.\n]{0,40}\b(?:released?|merged|available)\b[^.\n]{0,10}\byet
    | (?:will|should)\ (?:also\ )?(?:be|get|have)
      \ (?:fixed|released|support|available|broader|addressed)
    | (?:love|welcome|accept|appreciate|happy\ to\ \w+)\ (?:a\ )?(?:PRs?|pull\ requests?)
    | PRs?\ (?:is|are\ )?(?:very\ )?welcome)\b"""
)
_AFTER_A_STEP = re.compile(
    r"""(?ix)\b(?:if\ you | after | once\ you | try | updat\w+ | upgrad\w+ | pull | install\w*
    | latest | newest | new\ version | version\ v?\d | v?\d+\.\d+)\b"""
)
"""What makes "should be fixed" a statement: the step after which it is."""
_NO_STATEMENT = re.compile(
    r"""(?ix)\W*(?:@[\w-]+\W+)*(?:(?:hi|hello)\b.{0,30}?)?
    (?:(?:i\ )?can\ confirm | may\ i | could\ you | can\ you | do\ you | did\ you | have\ you
    | are\ you | what\ (?:is|are|version) | which\b | how\ (?:do|did|can) | user\ said | any\ idea
    | the\ error\ message\ is | the\ following\ (?:code|error) | here(?:'s|\ is)\ (?:the|my)
    | i(?:'m|\ am|\ was)?\ (?:also\ )?(?:gett?|hav|see|fac)ing\b
    | i\ (?:believe|think)\ (?:that\ )?(?:i'm|i\ am|it'?s|is|this\ is)\ (?:having\ )?the\ same
    | i\ (?:have|am)\ (?:the|reporting) | please\ (?:share|provide|post|open) | reopen | closing)"""
)


_ASKS_TO_TRY = re.compile(
    rf"""(?ix)(?:(?:can|could|would|will|may)\ you(?:\ (?:please|also|mind|just|maybe)){{0,2}}
    |have\ you)\ (?:(?:re-?)?(?:try|tried|trying|have\ a\ try|having\ a\ try)
    (?!\ (?:that|this|it|them)\b(?!\ with)) | {_STEPS} | delete)\b"""
)
_NEWEST = re.compile(r"(?i)\b(?:latest|newest|main|master)\b")
_NAMED = re.compile(
    r"`|(?<![\w-])--?[a-z][\w-]+|\d\.\d"
    r"|\b[\w-]+\.(?:py|[jt]sx?|json|ya?ml|toml|env|txt|sh|cfg|ini|lock)\b"
)
"""A setting, a flag, a version or a file."""
_MENDS = re.compile(
    r"(?i)\b(?:fix\w*|solv\w*|resolv\w*|work(?:s|ed|ing)?|help(?:s|ed)|loads?|gone|refer to"
    r"|did (?:it|the trick)|(?:you|we) (?:can|could|should|will|must|need|have to))\b"
)


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
    return bool(named) and (promises_a_change(text) or not _promises(text))


def promises_a_change(text: str) -> bool:
    """Whether words announce a change that they name, not somebody else's."""
    return _promises(text) and bool(_A_CHANGE.search(text)) and not _WELCOMES.search(text)


_MENDING = re.compile(
    r"(?i)\b(?:fix(?:es|ed)?|solutions?|solv(?:es?|ed)|resolv(?:es?|ed)|workarounds?|should be"
    r"|PR|pull request|merged|implemented|reverts|ways? to)\b|/pull/\d"
)
_A_CHANGE = re.compile(r"\bPR\b|(?i:\bpull req(?:uest)?\b|\bmerged\b)|/pull/\d|(?<!\w)#\d")
_WELCOMES = re.compile(
    r"(?i)\b(?:love|welcome|accept|appreciate|happy to \w+) (?:an? )?(?:PRs?|pull requests?)"
    r"|\bPRs? (?:is |are )?(?:very )?welcome"
)


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
    if (_THANKS.match(text) and words < 14) or _LEADS_IN.search(text):
        return False
    if text.rstrip().endswith("?") and words < 25 and "`" not in text and not told:
        return False
    promised = _promises(text) and not advice and (fix or not _BECAUSE.search(text))
    if promised or _REFERS.search(text) or (fix and not advice and _HEDGED_FIX.search(text)):
        return False
    if not fix or _CHANGES.search(text) or _HAN.search(text):
        return True
    return bool(_NAMED.search(text) and _MENDS.search(text) and not _FAILURE.search(text))


_BECAUSE = re.compile(
    r"(?i)\b(?:caused by|because|due to|com(?:es|ing) from|the (?:cause|reason) is)\b"
)


def _promises(text: str) -> bool:
    """Whether words only announce what will be done."""
    found = _PROMISES.search(text)
    if found is None or _DONE.search(text) or action(text, 240):
        return False
    return not (found[0].lower().startswith("should") and _AFTER_A_STEP.search(text))


_REFERS = re.compile(
    r"(?i)\b(?:as|like|what) (?!(?:we|i) )@?[\w-]{2,39}"
    r" (?:says?|said|suggested|mentioned|wrote|described)\b"
    r"|\bcases? like (?:this|that|these)\b|\bapplied (?:it|this|that)\b"
    r"|\b(?:posted|mentioned|described|suggested|linked) above\b"
)
"""Words that leave the point to somebody else's post."""
_HEDGED_FIX = re.compile(
    r"""(?ix)\bi\ (?:think|believe|guess|hope)\ (?:we|it|this|that)
    (?:\ (?:have|has|is)|['’](?:ve|s))(?:\ been)?\ (?:now\ )?fixed\b
    | \bsafe\ to\ close\b | \Aplease\ confirm\b
    | \bwe\ (?:should|could)\ (?:(?:probably|also|just|maybe)\ )?[a-z]{3,}
    | \bworks\ until\b[^\n]{0,80}\bgone\ again\b
    | \bcould\ you\ (?:please\ )?(?:check|try|confirm|test)\b[^.\n]{0,40}\?"""
)
_SOLVED_IN = re.compile(
    r"(?i)\b(?:solved|fixed|resolved|works?)\b[^.\n]{0,40}\b(?:in|with|by|since|after)\b[^\n]{0,30}\d\.\d"
)
_LEADS_IN = re.compile(r"(?<!:)(?<!\d)[:：]\s*\Z")
_DONE = re.compile(
    r"(?i)\b(?:(?:is|was|been) released|fixed in(?! (?:some|a few|few|the next|the coming))"
    r"|until then|for now|meanwhile|workaround|instead)\b"
)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


_ASIDE = re.compile(
    r"(?i)\b(?:the|this|that|an?|error|errors|exception|message|clearly|simply|just|means?|indicates?|says?"
    r"|is|are|was|were|not|and|or|of|in|on|to|for|it|its|your|my|because|due|caused|when|which|there|has|have"
    r"|does|do|did|seems?|appears?|looks?|like|issue|problem|likely|be|been|with|from|by|at)\b"
)


def adds(text: str, title: str) -> bool:
    """Whether a cause says more than the error's own words do."""
    if "`" in text or re.search(r"\d\.\d|https?://", text):
        return True
    known = {w.lower() for w in _WORDS.findall(title)}
    own = {w.lower() for w in _WORDS.findall(_ASIDE.sub(" ", text))}
    return len(own - known) > max(2, len(own) // 3) or bool(_HAN.search(text))


_REPORTS = re.compile(
    r"""(?ix)\W*(?:(?:ok(?:ay)?|yes|yeah?|yep|great)\W+)*
    (?:(?:confirmed|i\ can\ confirm|the|that|this|your|a|it|both|same)\b[^.!?\n]{0,60}?)?
    \b(?:fixed|solved|resolved|worked|works|helped|did)
    \ (?:it|this|that|the\ (?:issue|problem)|great|fine|well|perfectly)?
    [^.!?\n]{0,40}[.!\s🎉👍]*\Z"""
)


def only_reports(text: str) -> bool:
    """Whether words say that something helped, and not what to do."""
    return (
        len(_WORDS.findall(text)) <= 12
        and not re.search(r"`|\d\.\d|#\d|https?://|\bby \w+ing\b", text)
        and bool(_REPORTS.match(text))
        and not _FAILURE.search(text)
        and action(text, 400) is None
    )


_AGREES = re.compile(
    r"""(?ix)\b(?:too | also | as\ well)\b
    | \A\W*(?:(?:yes | yeah? | yep | ok(?:ay)? | great | confirmed | i\ can\ confirm)\W+)*
    (?:that | this | it | your | both | same)(?:\ \w+)?
    \ (?:worked | works | fixed | solved | resolved | helped | did)\b
    (?:\ (?:it | this | that))?(?:\ for\ me)?
    (?:\W+(?:great | fine | well | perfectly | now | thanks? | thank\ you))*\W*\Z"""
)
_NAMES_MORE = re.compile(
    r"(?i)\b(?:with|after|by"
    r"|(?:on|in) (?:the )?(?:main|master|nightly|dev|latest|release|version))\b"
)


def agrees(text: str) -> bool:
    """Whether a report speaks of what another post says ("The new key fixed it for me too") and
    names nothing of its own ("It works after a restart").
    """
    return only_reports(text) and bool(_AGREES.search(text)) and not _NAMES_MORE.search(text)


_SUCCESS = re.compile(
    r"(?i)\b(?:works?|worked|fixed|solved|resolved|helped|green|gone|fine|success\w*|no more"
    r"|ok now)\b"
)


_FAILURE = re.compile(
    r"(?i)\b(?:not|never|nothing|neither|no longer|only until|(?:fails?|failed|back|broken?) again"
    r"|still|br[eo]ak(?:s|ing)?|broke|fail(?:s|ed|ing)?)\b|n[’']t\b"
)


def reports_success(text: str) -> bool:
    """Whether words say that something went well, and none that it did not or did not last."""
    return bool(_SUCCESS.search(text)) and not _FAILURE.search(text)


def platform(text: str) -> str | None:
    """The platform a step names, as it is written there."""
    found = _PLATFORM.search(text)
    return found[0] if found else None


def prevents(text: str) -> bool:
    """Whether the words are about keeping the error away, not about mending it."""
    return bool(_PREVENTS.search(text))
