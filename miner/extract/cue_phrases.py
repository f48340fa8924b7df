"""Turns of phrase that say what a sentence does: names a cause, reports success or failure,
advises, asks, plans, thanks.

A table of data, one row a turn: its name, its pattern, and an example of what it is for. The model
learns what each is worth (and for whom); none of them decides alone. Patterns are alternations of
words, linear in the length of the sentence.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import re2

_NT = r"n['’]?t"

CUES: tuple[tuple[str, str, str], ...] = (
    (
        "reason",
        r"(?:root )?causes?|caused|reasons?|culprits?|to blame|blame|responsible|at fault"
        r"|due to|because|bcause|coz|cuz|bc"
        r"|that['’]?s why|which is why|explains?|stems? from|comes? from|came from|comes? "
        r"down to|boils? down|triggered by"
        r"|what happens is",
        "the culprit is",
    ),
    (
        "turnout",
        (
            rf"turn(?:s|ed) out|in the end it was|it was|it is|it['’]?s|was{_NT}|so it really"
            rf"|apparently|evidently|obviously"
        ),
        "turned out to be",
    ),
    (
        "problem",
        r"(?:problem|issue|bug|trouble|catch|trick|thing) (?:is|was|here|lies|seems|with"
        r"|comes)|bug in|regression|race|deadlock"
        r"|leaks?|overflows?"
        r"|mismatch|conflicts?|incompatible|not compatible|corrupt(?:ed|s)?|hard-?coded"
        r"|deprecated|typo",
        "the problem is that",
    ),
    (
        "since",
        r"since|introduced|broke|broken|breaks|regressed|started with|came with|as of|changed"
        r"|removed|renamed|dropped|replaced"
        r"|refactor\w*"
        r"|no longer|not anymore|any ?more|used to",
        "since 0.56 it is bundled",
    ),
    (
        "mechanism",
        r"drops|swallows|strips|truncates|overwrites|ignores|loses|eats|blocks|rejects|refuses|expects|assumes|throws|returns|sends|reads"
        r"|writes|keeps|holds|waits|looks|takes|gets|goes|ends up|leads to|results in|means"
        r"|makes|needs|wants|uses|tries"
        r"|falls back|counts|caches|resolves"
        r"|inherits|points|hangs|kills|runs out|times out|happens (?:when|because|if)|only "
        r"(?:if|when|supports|works|knows|happens)",
        "strips the header",
    ),
    (
        "lack",
        r"missing|lacks?|without|never (?:gets?|sees?|arrives?|sent|set|called|reaches)|not "
        r"(?:implemented|supported|allowed"
        r"|enabled|available|set|installed|found)"
        rf"|unsupported|does{_NT} (?:know|have|support|send|see|read|handle|set|check|expect"
        rf"|understand|like|exist|match)|no such"
        r"|too (?:old|new|small|big|long|large|low|high|slow|many|short)"
        r"|wrong|invalid|empty|null|expired|out of (?:memory|space|date)|full|exceed(?:s|ed)?"
        r"|limit(?:s|ed)?|defaults?",
        "the header is missing",
    ),
    (
        "ours",
        r"on us|our (?:side|bug|fault|mistake|end)|my (?:fault|mistake|bad|own)|i (?:forgot"
        r"|missed|broke|messed|had)|we (?:forgot"
        r"|missed|broke|copied|messed)|user error",
        "that one is on us",
    ),
    (
        "ruled out",
        r"innocent|unrelated|nothing to do with|rul(?:e|es|ed) (?:it |that |this )?out|scrap"
        r"|take (?:it|that|this|the \w+|back)"
        r"|i was wrong|was wrong|forget it"
        rf"|not (?:it|the (?:cause|reason|problem|issue|case|culprit))|is{_NT} (?:it|the "
        rf"(?:cause|reason|problem|issue))"
        rf"|can(?:not|{_NT}) be|off the hook|red herring|false alarm|no relation|never (?:use"
        rf"|used|had|touched|pressed)|dont have"
        rf"|don{_NT} use",
        "so the stop button is innocent",
    ),
    (
        "success",
        r"works|worked|working|fixed (?:it|that|this|for me)|solved|solves|resolved|did it"
        r"|did the trick|does the trick|helped"
        r"|helps|is gone|are gone|gone|no more|not a single"
        r"|goes through|went through|comes up|starts (?:again|now)|boots|opens|loads|builds"
        r"|compiles|compiled|passes|green"
        r"|back to normal|all good|all fine|happy|like before|is back|are back|quiet"
        r"|can confirm|confirmed|confirm|success\w*|zero|0 errors|no errors?|runs (?:again"
        r"|fine|now)|fine now|ok now|good now|sorted|disappeared|(?:went|goes) away"
        r"|up and running|no longer (?:reproduc\w+|happen\w*|occur\w*)|that was it|bingo"
        r"|life ?saver|improved",
        "no more 401",
    ),
    (
        "failure",
        rf"did{_NT} (?:help|work|fix|change|solve)|does{_NT} (?:help|work|fix|change|solve)"
        rf"|not (?:help\w*|work\w*|fixed|enough"
        r"|solved)|no (?:change|difference|luck|effect|help|joy|dice|success)|nope"
        r"|still|unchanged|identical|same (?:error|thing|result|message|here|problem|issue"
        r"|story|text|box)"
        r"|exact(?:ly)? (?:the )?same|changes nothing|nothing changed|does nothing|makes no"
        r"|in vain|to no avail"
        r"|persists|(?:it|this|is|['’]s|are|errors?|happen\w*|fail\w*|crash\w*|broken?|breaks"
        r"|appear\w*|occur\w*|came|comes?|back|see|seeing|get|getting|got|hit|stuck) again"
        r"|(?:came|comes?) back|re-?appear\w*|not (?:solv|fix|resolv|help)ing"
        rf"|even (?:with|after)|also (?:with|on|after)|with and without|fails"
        rf"|failed|won{_NT}|can{_NT}|useless|worse",
        "no change with 30s",
    ),
    (
        "tried",
        r"tried|trying|already|i did|have tried|went back|downgraded|upgraded|updated"
        r"|reinstalled|rolled back|reverted|rebuilt"
        r"|restarted|rebooted|after (?:the )?\w+ing",
        "tried that already",
    ),
    (
        "i did",
        r"(?:i|we|ive|i['’]ve|have|just) (?:just |now |simply |then |also |had to )?(?:set"
        r"|put|added|removed|switched|changed"
        r"|went|downgraded|upgraded|updated|replaced|moved|deleted|turned|rolled|reinstalled|pinned"
        r"|ended up|took|made|disabled|enabled|renamed|copied|reverted|raised|lowered|bumped"
        r"|unset|installed|swapped|uninstalled"
        r"|cleared|built|rebuilt|edited|patched|commented|flipped|gave|fixed|solved|worked around)",
        "i put my own key in",
    ),
    (
        "advise",
        r"you (?:can|could|need|need to|have to|should|may|might|must|want)|try|workarounds?"
        r"|work around|for now|meanwhile"
        r"|meantime|until (?:then|this|that|it|the)|instead|what (?:i do|works|helped|worked)"
        r"|make sure|simply|alternatively|otherwise|or (?:just|simply)|easiest|quick fix"
        r"|temporary|rather than|better to"
        r"|go back to|stay on|as a",
        "you can go back to",
    ),
    (
        "release",
        r"fixed (?:in|by|via|with|on)|closed (?:via|by)|fix(?:es)? (?:is|in|for|this|that|it"
        r"|both)|the fix|will be (?:in|out"
        r"|part)|ships?|shipped|released?|goes out|is out|out (?:in|with|now)|landed|lands"
        r"|merged|backport\w*|patch(?:ed|es)?"
        r"|nightly|next (?:release|version|patch)"
        r"|pull request|pr|prs|on main|on master|latest (?:main|master|version|release"
        r"|changes|commit|build)|commit|pushed"
        r"|rebas\w+|cherry-pick\w*",
        "fixed in 3.1",
    ),
    (
        "see if",
        r"see if|let me know|please test|can you test|could you test|does (?:it|that|this"
        r"|#\d+)|is it (?:ok|fixed|better|gone)"
        r"|should (?:work|be fixed|compile|be (?:ok|fine|gone)|do it|fix|help)|waiting to be "
        r"tested",
        "does #231 fix it?",
    ),
    (
        "request",
        r"can you (?:post|share|send|show|run|check|give|paste|attach|provide|tell)|could "
        r"(?:you|somebody|someone|one of you)"
        r"|please (?:post|share|send|attach|open|file|provide|run|show|paste|add|use)"
        r"|what (?:does|is|do|are|version)|which (?:version|model|os)|post (?:the|your)|show "
        r"(?:me|us)|any (?:idea|news|update"
        r"|chance)|anyone|anybody|anything else|do you|are you|is there|how (?:do|can|did|is"
        r"|much)|why",
        "can you post the log",
    ),
    (
        "plan",
        r"i['’]?ll|i will|will (?:look|check|try|have|see|test|report)|going to|want to"
        r"|would (?:be|like)|should (?:be possible"
        r"|we)|we (?:could|should|might|may)|feature|wish|hope|hopefully|maybe we|todo"
        r"|planned|later|soon|tomorrow|next week"
        r"|when i (?:have|find|get)",
        "i'll have a look",
    ),
    (
        "thanks",
        r"thanks?|thank you|thx|ty|danke|merci|gracias|obrigad[oa]|spasibo|cheers|sorry|great"
        r"|nice|awesome|cool|welcome|lol|haha"
        r"|closing|close this",
        "thank you!",
    ),
    (
        "symptom",
        r"i get|i got|getting|i see|i have|shows|says|prints|crash(?:es|ed)?|error|exception"
        r"|log says|the log|happens|happened"
        r"|every time|reproduc\w+|repro|me too|same here|\+1|here too|also here",
        "i get the same error",
    ),
    (
        "hedge",
        r"maybe|might|perhaps|probably|possibly|could be|may be|i think|i guess|guess|suspect"
        r"|believe|seems?|likely|presumably"
        r"|looks like|sounds like|smells like|not sure|i['’]?d say|assume|wonder|supposedly|should",
        "my guess is",
    ),
    (
        "elsewhere",
        r"unrelated|off topic|different (?:issue|problem|animal|bug|error)|separate issue"
        r"|new issue|another (?:issue|problem"
        r"|error)|not related|duplicate|follow there|see there",
        "please open a new issue",
    ),
    (
        "de",
        (
            r"funktioniert|geht (?:jetzt|wieder|nicht)|liegt an|weil|danach|damit|hilft|half"
            r"|gelöst|behoben|ursache"
        ),
        "liegt an",
    ),
    (
        "es pt",
        (
            r"funciona|porque|porqu[eé]|causa|solucion\w*|arregl\w*|era (?:el|la|que)|sigue|con "
            r"eso|já|resolv\w+|culpa"
        ),
        "la causa era",
    ),
    ("fr", r"marche|fonctionne|parce que|à cause|corrig[eé]\w*|résolu\w*|depuis", "ça marche"),
    (
        "ru",
        (
            r"помогл[оаи]|работает|потому|из-за|причина|исправ\w+|решил\w*|заработал\w*|дело в"
            r"|не помог\w*|проблема|видимо"
        ),
        "помогло",
    ),
)

_CJK = (
    (
        "zh good",
        r"好了|正常了|解决了?|可以了|搞定|没问题了|恢复|直りました|動きました|治りました|해결",
        "换成之后正常了",
    ),
    ("zh bad", r"还是|也一样|没用|依然|不行|仍然|ダメ|同じ|안 ?됩니다", "也一样"),
    ("zh cause", r"因为|导致|原因|由于|是因|所以|会把|会卡|被|ため|原因は|せい|때문", "原因是"),
    (
        "zh advice",
        r"改成|换成|设置|加上|升级|降级|用.{0,6}就|把|删掉|してください|に変え|設定",
        "改成",
    ),
    ("zh ask", r"吗|请问|怎么|什么|ですか|か？", "请问"),
)

_NAMES = tuple(name for name, _, _ in (*CUES, *_CJK))
_COMMAND = re.compile(
    r"\s*(?:@[\w-]+[,:]?\s+)?(?:(?:please|pls|just|so|then|or|and|now|first|also|otherwise|alternatively|meanwhile|simply)[,:]?\s+){0,2}"
    r"(?:try|set|use|add|put|remove|delete|change|replace|switch|update|upgrade|downgrade|install|reinstall|uninstall|run|rebuild"
    r"|build|restart|reboot|disable|enable"
    r"|turn|uncheck|check|tick|untick|make|move|copy|give|take|pin|export|unset|clear|rename|go|edit|open|point|pass|bump|raise"
    r"|lower|increase|reduce|apply|comment"
    r"|create|keep|stay|select|choose|flip|append|prepend|configure|declare|wrap|call|drop"
    r"|get rid)\b",
    re.IGNORECASE,
)


@cache
def _table() -> re2._Set:
    """All turns as one set: a sentence is read once. RE2's word signs know ASCII only, so the
    bounds of a turn are spelled out.
    """
    options = re2.Options()
    options.max_mem = 64 << 20
    options.case_sensitive = False
    table = re2.Set.SearchSet(options)
    for _, pattern, _ in CUES:
        spelled = pattern.replace(r"\w", r"[\pL\pN_]")
        table.Add(rf"(?:^|[^\pL\pN_])(?:{spelled})(?:[^\pL\pN_]|$)")
    for _, pattern, _ in _CJK:
        table.Add(pattern)
    table.Compile()
    return table


@lru_cache(maxsize=8192)
def cues(text: str) -> tuple[str, ...]:
    """The names of the turns of phrase that a sentence has, in the order of the table."""
    # lone surrogates cannot be asked of RE2
    known = text if text.isascii() else text.encode("utf-8", "replace").decode()
    found = [_NAMES[i] for i in sorted(_table().Match(known) or ())]
    if _COMMAND.match(text):
        found.append("command")
    if text.rstrip(" )*_`\"'").endswith(("?", "？")):
        found.append("question")
    elif text.rstrip().endswith((":", "：")):
        found.append("colon")
    return tuple(found)
