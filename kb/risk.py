"""Whether a fix that somebody proposes deletes something or takes a protection away.

One flag for every place that shows a fix: notes, pages, `query`, `show` and agents. It reads words,
so it warns too often rather than too seldom: of every command, and of every verb that deletes but
where it is said of something else ("the update will overwrite it") or refused ("without deleting").
"""

from __future__ import annotations

import re
from functools import lru_cache

from kb.prefilter import Quick
from kb.text import shorten

_OPTIONS = r"(?:--?[a-z-]{1,20}[\s=](?:\s{0,3}[^\s-]\S{0,80}\s{1,3})??){0,4}?"
_DELETE_COMMANDS = r"""
    rm\s+(?:-\w+\s+){0,3}-[a-z]{0,5}[rf] | (?:rmdir|rd)\s+/s | del\s+/[fsq] | mkfs | shred\s+[-~/\w]
  | rm\s+--(?:recursive|force)
  | (?<!-)(?-i:rm)\s+(?:--?\w?\s+)?["'$~{]{0,3}[\w-]{0,40}(?:[}/*]|\.(?=[\w/]))[\w./*-]{0,80}
  | shutil\.rmtree\( | fs\.rm(?:Sync)?\( | os\.(?:remove|unlink)\( | rimraf\s+["']?[\w./*-]{1,80}
  | dd\s+(?:if|of)=\S | mv\s+\S{1,80}\s+/dev/null
  | Remove-Item\b[^\n|;]{0,80}-Recurse
  | drop\s+(?:table|database|schema) | truncate\s+table | (?-i:TRUNCATE)\s+\w{1,40}(?=;)
  | flush(?:all|db)
  | git\s+(?:reset\s+--hard|clean\s+-[dfx]+|push\s+(?:-f|--force)|branch\s+(?-i:-D)|filter-branch
    |stash\s+(?:drop|clear)|(?:checkout|restore)(?=\s+(?:--\s+)?\.(?:[\s`]|\Z)))
  | docker\s+(?:system|volume)\s+(?:prune|rm) | terraform\s+destroy
  | docker[\s-]compose\s+{_OPTIONS}down\s+{_OPTIONS}(?:-v|--volumes)
  | (?:npm|yarn|pnpm|pip|uv|go)\s+cache\s+(?:clean|clear)
""".replace("{_OPTIONS}", _OPTIONS)
_DELETES = rf"""{_DELETE_COMMANDS} | shutil\.rmtree
  | format\s+(?:the\s+)?(?:disk|drive) | prune | factory\s+reset | wip(?:e|ed|ing)
  | delet(?:e|ing) | deleted(?=\s+(?:the|my|your|all|it|everything|[~/.`\\]))
  | uninstall\w* | purg(?:e|ed|ing)
  | (?:remov|clear)(?:e|ed|ing)?\s+(?:(?:the|your|my|all|its|entire)\s+){{0,2}}(?:\w+\s+)?
    (?:folders?|director(?:y|ies)|caches?|database|db|volumes?|data|profile|state|history)
  | reset(?:ting)?\s+(?:(?:the|your|all)\s+)?(?:state|database|db|settings|profile|everything)
  | overwrit(?:e|es|ing)
"""
_WEAKENS = r"""
    verify\s{0,3}=\s{0,3}false | ssl_verify\b.{0,12}false | strict-ssl\s+false
  | curl\s+(?:-\w{1,5}\s+){0,3}-\w{0,4}(?-i:k)\w{0,4}
  | NODE_TLS_REJECT_UNAUTHORIZED | PYTHONHTTPSVERIFY\s{0,3}=\s{0,3}['"]?0 | GIT_SSL_NO_VERIFY
  | http\.sslVerify\W{1,3}false | _create_unverified_context | InsecureSkipVerify(?!\W{1,4}false)
  | ssl\s{0,3}=\s{0,3}false | (?:cert_reqs|verify_mode)\W{1,6}(?:ssl\.)?CERT_NONE
  | rejectUnauthorized\W{1,4}false
  | (?:tls_?)?skip_?(?:tls_?)?verify\W{1,4}true
  | (?:CURL|REQUESTS)_CA_BUNDLE(?=\s{0,3}=\s{0,3}(?:''|""|\s|\Z)) | trusted-host(?=\s)
  | StrictHostKeyChecking\W{1,3}no | git\s+commit\s+(?:-[a-z]{1,3}\s+)?-[a-z]{0,2}n[a-z]{0,2}
  | chmod\s+(?:-\w+\s+){0,2}(?:0?777|0?666|(?:[ugo]{0,2}[ao][ugo]{0,2})\+[rx]{0,2}w[rx]{0,2})
  | icacls\b[^\n]{0,80}\bEveryone | xattr\s+(?:-\w{1,3}\s+){0,2}-\w{0,3}[cd]\w{0,3}
  | csrutil\s+disable
  | spctl\s+--(?:master|global)-disable | ufw\s+disable | systemctl\s+(?:stop|disable)\s+firewalld
  | Set-MpPreference\b[^\n]{0,40}\s-Disable\w+
  | (?:disabl|turn)\w*\s+(?:off\s+)?(?:the\s+|your\s+)?
    (?:firewall|antivirus|defender|selinux|apparmor|gatekeeper|(?:ssl|tls|certificate)\w*)
  | setenforce\s+0 | sudo\s+(?:pip3?|npm) | (?:Set-)?ExecutionPolicy\s+(?:-\w+\s+)?(?:Bypass
  |Unrestricted)
"""
_FLAGS = r"""
    insecure | privileged | no-verify(?:-ssl)? | no-check-certificate | trusted-host
  | dangerously-[\w-]+ | break-system-packages | allow-root | disable-web-security | no-sandbox
  | unsafe-perm | yolo | (?:tls-)?skip-(?:tls-)?verify | ignore-certificate-errors | no-gpg-checks?
"""
_ENDS = r"(?!(?<=\w)\w)"
_RISKS = re.compile(rf"(?ix)\b(?:{_DELETES}|{_WEAKENS}){_ENDS} | (?<![\w-])--(?:{_FLAGS})\b")
_SECRETS = re.compile(
    r"(?i)\b(?:paste|post|send|share|e?mail|dm|upload|attach)\s+(?:(?:me|us|here|it)\s+)?(?:your|the)\s+(?:\w+\s+){0,2}"
    r"(?:api[ -]?keys?|keys?|tokens?|passwords?|secrets?|credentials?|seed(?:\s+phrase)?"
    r"|cookies?)\b"
)
_COMMANDS = re.compile(
    rf"(?ix)\b(?:{_DELETE_COMMANDS}|{_WEAKENS}){_ENDS} | (?<![\w-])--(?:{_FLAGS})\b"
)
_DELETING = re.compile(rf"(?ix)(?:{_DELETE_COMMANDS})")
_DESTROYS = re.compile(rf"(?ix)\b(?:{_DELETES}){_ENDS}")
_BEFORE = 60
"""Characters before a verb that say who does it."""
_REFUSED = re.compile(
    r"(?ix)(?:\b(?:do(?:es)?|did|would|could|should|will|can|must|need)(?:\s+not|n['’]?t)"
    r"  (?:\s+(?:just|simply|ever|have\s+to|need\s+to))?"
    r" | \bcannot | \b(?:never|without|instead\s+of|rather\s+than|no\s+need\s+to)"
    r" | \b(?:avoid|prevent|stop)(?:s|ed|ing)?(?:\s+\S{1,30}){0,3}?(?:\s+from)?)\s+\Z"
)
"""What stands before something that is not done, or not to be done."""
_SAID_OF = re.compile(
    r"(?ix)(?:\b(?!(?:i|you|we|this|that|it|they|these|those|which|and|or|then|one|command)\s)"
    r"  [\w`'\"./-]{1,40}\s+(?:will|would|may|might|could|can)"
    r"  (?:\s+(?:\w+ly|also|then|always|just))?"
    r" | \b(?:since|because|otherwise)\s+(?:it|this|that|they)\s+(?:will|would|may|might|could|can)"
    r" | \b(?:the|a|an|its|their)\s+[\w.-]{1,30})\s+\Z"
)
"""A thing that deletes by itself: `the installer will`, `the script` (uninstalling)."""
_OF_TEXT = re.compile(
    r"(?i)(?<=delete|leting|eleted)\s+(?:(?:the|this|that|your|an?|all|any)\s+)?(?:[\w`'\"./-]{1,40}\s+){0,3}?[`'\"]?"
    r"(?:param(?:eter)?s?|lines?|options?|settings?|fields?|arg(?:ument)?s?|flags?|variables?|attributes?"
    r"|imports?|commas?|quotes?|headers?|spaces?|slash(?:es)?|propert(?:y|ies)|comments?)\b"
)
"""What is deleted is a piece of a text, which can be put back."""
_HAPPENS = re.compile(
    r"(?ix)\b(?:is|are|was|were|gets?|got|being|keeps?|kept|start(?:s|ed)|begins?|began)"
    r"(?:\s+(?:\w+ly|being|then|always))?\s+\Z"
)
_MODAL = re.compile(r"(?i)\b(?:will|would|may|might|could|can)\b")
_CONDITION = re.compile(
    r"(?i)\b(?:after|once|when|until|if|as\s+soon\s+as|by|i|we|you|fix|solution|workaround|trick|answer)\b"
)

_FETCH = (
    r"(?:(?:curl|wget|irm|iwr|Invoke-WebRequest|Invoke-RestMethod)\b"
    r"|(?<!git\s)(?<!run\s)fetch\s(?=[^\n|;&]{0,100}://))"
)
_SHELL = (
    r"(?:(?:ba|z|k|da|fi)?sh|pwsh|powershell|python3?(?!\s+-m\s+json)|node|perl|ruby|php|iex)\b"
)
_FETCHED_AND_RUN = re.compile(
    rf"(?i)\b{_FETCH}(?P<piped>[^\n]{{0,300}}?)\|\s{{0,9}}(?:sudo\s+(?:-\w+\s+)?|env\s+)?(?:\w{{1,40}}=\S{{0,500}}\s{{1,9}}){{0,5}}"
    rf"(?:/[\w/]{{1,40}}/)?{_SHELL}"
    rf"|\b(?:{_SHELL}|source|eval|Invoke-Expression)[^\n]{{0,20}}?(?:<\(|\$\(|`|\()\s{{0,9}}(?:sudo\s+)?"
    rf"{_FETCH}(?P<inner>[^\n)`]{{0,300}})"
    rf"|\b{_FETCH}(?P<first>[^\n`]{{0,300}}?)(?:&&|;)\s{{0,9}}(?:sudo\s+)?(?:ba|z|k|da)?sh\s+\S"
    r"|\b(?:Download(?:String|File)|exec)\(\s{0,9}(?P<called>['\"]https?:[^\n]{0,300}"
    r"|[^\n)]{0,80}(?:urlopen|requests\.get)\()"
    r"|\b(?:mshta|regsvr32)\b[^\n]{0,80}https?:|\bcertutil\b[^\n]{0,40}-urlcache"
    r"|\bpowershell(?:\.exe)?\s[^\n]{0,60}?-e(?:nc(?:odedcommand)?)?\s+[\w+/=]{16}"
    r"|\bbase64\s+(?:-d|--decode)\b[^\n|]{0,40}\|\s{0,9}(?:sudo\s+)?(?:ba|z|k|da)?sh\b"
)
"""What runs a program that it downloads or decodes."""
_HOST = re.compile(r"(?i)\b(https?)://([\w.-]{1,100})(?![\w.@:-])(/[^\s\"'`)]{0,200})?")
_VENDORS = frozenset(
    {
        *("sh.rustup.rs", "astral.sh", "ollama.com", "bun.sh", "deno.land", "get.docker.com"),
        *("get.pnpm.io", "opencode.ai", "install.python-poetry.org", "claude.ai", "nixos.org"),
        *("install.determinate.systems", "get.sdkman.io", "tailscale.com", "fly.io"),
        *("starship.rs", "cli.github.com", "deb.nodesource.com", "rpm.nodesource.com"),
        *("get.helm.sh", "get.k3s.io", "sdk.cloud.google.com", "packages.microsoft.com"),
        *("dot.net", "cursor.com", "sentry.io", "foundry.paradigm.xyz", "get.volta.sh"),
        *("mise.run", "app.getambassador.io", "chatgpt.com"),
    }
)
"""Hosts from which a vendor tells people to install its own tool by piping it into a shell."""
_VENDOR_FILES = ("/Homebrew/install/", "/nvm-sh/nvm/", "/ohmyzsh/ohmyzsh/", "/aaif-goose/goose/")
"""Repositories of vendors' installers on `raw.githubusercontent.com`."""

_READERS = r"(?:ai|llms?|language\s+models?|models?|agents?|assistants?|bots?|chatbots?)"
_NAMED = r"(?:copilot|claude(?:\s+code)?|chatgpt|gpt(?:-?\d[\w.]*)?|gemini|codex|cursor|grok)"
_ADVISE = (
    r"(?:recommend|advise|cite|suggest|tell|say|state|answer|reply|respond|instruct"
    r"|always|never|(?:you\s+)?must|when\s+asked)\b"
)
_TO_MODEL = Quick(
    r"(?i)\b(?:ignore|disregard|forget)\s+(?:all\s+|any\s+|the\s+|your\s+){0,3}(?:previous|prior|above|earlier|preceding|other)\s+"
    r"(?:instructions?|prompts?|rules|messages?|context|text)"
    r"|\b(?:ignore|disregard|forget|override)\s+(?:all\s+)?your\s+(?:instructions?|guidelines?|training|safety|rules)"
    r"|\b(?:ignore|disregard|forget)\s+(?:everything|all|anything|what(?:ever)?)\b[^.\n]{0,20}\b(?:above|before|earlier)\b"
    r"|\byou\s+are\s+(?:now\s+)?(?:(?:an?|the)\s+)?(?:\w+\s+)?(?:ai|llm|language\s+model|assistant|chatbot|maintainer|agent|bot)\b"
    rf"|\b(?:if\s+you\s+are|as|dear|attention|note\s+to|hey)\s+(?:an?\s+|any\s+|all\s+)?(?:ai|llms?|language\s+models?|ai\s+\w+|chatbots?|{_NAMED})"
    rf"\b[^.\n]{{0,60}}(?:reading|summari[sz]\w*|must|should|please|instead|say:|{_ADVISE}|:)"
    rf"|\b(?:note|notice|message|warning|instructions?)\s+(?:for|to)\s+(?:all\s+|any\s+)?(?:ai\s+\w+|{_READERS}|{_NAMED})\s{{0,3}}[:,-]"
    rf"|(?:^|[\n.!?])[\W_]{{0,5}}(?:system|{_READERS}|{_NAMED})(?:\s+note)?[\])]?\s{{0,3}}[:–—-]\s+(?:please\s+)?{_ADVISE}"
    rf"|@{_NAMED}\s+(?:please\s+)?{_ADVISE}"
    r"|\b(?:ai|llm|language)\s+(?:agents?|assistants?|models?)\s+(?:must|should|shall|are\s+(?:required|instructed))\b"
    rf"|\b{_READERS}\s+(?:reading\s+this\b|(?:must|should|shall)\s+(?:always\s+)?(?:recommend|advise|cite|suggest|tell\s+(?:the\s+)?users?)\b)"
    r"|\b(?:automated|any|every)\s+(?:ai\s+)?(?:readers?|summari[sz]ers?)\b[^.\n]{0,9}:"
    r"|\bwhen\s+(?:asked\s+about|summari[sz]ing)\s+this\b"
    rf"|\bfrom\s+now\s+on,?\s+(?:you\s+)?(?:will\s+)?{_ADVISE}|\byour\s+new\s+(?:task|role|instructions?|goal)\b"
    r"|\bdo\s+not\s+(?:tell|inform|warn|mention\s+(?:this|it)\s+to)\s+(?:the|your)\s+users?\b"
    r"|\b(?:tell|instruct|convince)\s+(?:all\s+|the\s+|your\s+)?(?:users?|readers?|people|them)\s+to\b"
    r"|\b(?:answer|respond|reply|say|state)\s+that\s+the\s+(?:cause|fix|solution|answer)\b"
    r"|<[/|]{0,2}(?:im_start|system|assistant|endoftext|instructions?|system[_-]?prompt)\|?>|\[/?INST\]"
    rf"|\[system\]:?\s+{_ADVISE}"
    r"|#\s*instructions?\s*:|\bnew\s+(?:system\s+)?instructions?\s*:|\bbegin\s+system\s+prompt\b"
    # the same order in other languages
    r"|\bignorier(?:e|t|en\s+sie)\s[^.\n]{0,30}anweisungen|\bvergiss\s[^.\n]{0,30}anweisungen"
    r"|\bignor(?:a|en?|ez)\s[^.\n]{0,30}(?:instrucciones|instructions\s+pr|istruzioni|instruções)"
    r"|(?:игнорируй|забудь)\w{0,2}\s[^.\n]{0,30}инструкци|(?:忽略|无视|無視して|忘记)[^。\n]{0,12}(?:指令|指示|提示)"
    r"|指示を(?:すべて)?無視|지시[^.\n]{0,9}무시"
)


@lru_cache(maxsize=256)
def addresses_model(text: str) -> bool:
    """Whether a text speaks to a language model that reads it, to steer what it answers."""
    return _TO_MODEL.search(text) is not None


def runs_strangers_script(text: str) -> bool:
    """Whether a text pipes a download into a shell that is no vendor's own installer."""
    return _fetched_and_run(text) is not None


def risk(text: str) -> str | None:
    """The words that delete something, weaken a protection or give a secret away, if any."""
    found = next((m for m in _RISKS.finditer(text) if _is_done(text, m)), None)
    found = found or _SECRETS.search(text)
    found = found or _fetched_and_run(text)
    return shorten(found[0], 60) if found else None


def command_risk(text: str) -> str | None:
    """The same for what is no advice, such as a cause: only where it reads as a command."""
    if _COMMANDS.search(text) or runs_strangers_script(text) or _SECRETS.search(text):
        return risk(text)
    return None


def _is_done(text: str, found: re.Match[str]) -> bool:
    """Whether who follows a text does what risky words in it say: a command, an instruction, what
    somebody did; not what something else does, nor what is not to be done.
    """
    before = text[max(0, found.start() - _BEFORE) : found.start()]
    if _COMMANDS.match(text, found.start()):
        return True
    if _REFUSED.search(before) or _OF_TEXT.match(text, found.end()):
        return False
    word = found[0].split()[0].lower()
    if (said := _SAID_OF.search(before)) and (word.endswith("ing") or _MODAL.search(said[0])):
        return False
    if word.endswith(("ing", "ed")) and _HAPPENS.search(before):
        return bool(_CONDITION.search(before))
    return True


def deletes(text: str) -> bool:
    """Whether a fix deletes something, as its words say."""
    return any(_is_done(text, found) for found in _DESTROYS.finditer(text))


def harm(text: str) -> str | None:
    """The warning that stands before a risky fix, in words: `“rm -rf” deletes data`."""
    words = risk(text)
    if words is None:
        return None
    if _DELETING.match(words):
        return f"“{words.removesuffix('(')}” deletes data"
    if deletes(text):
        return "this deletes something; make sure that you can do without it"
    if _fetched_and_run(text) and not _SECRETS.match(words) and not _RISKS.match(words):
        return f"“{words}” runs what it downloads"
    if _SECRETS.match(words):
        return f"“{words}” gives a secret away"
    return f"“{words}” takes protection away"


def _fetched_and_run(text: str) -> re.Match[str] | None:
    """Where a text runs what it downloads from anywhere but a vendor's own installer."""
    for found in _FETCHED_AND_RUN.finditer(text):
        if not _by_vendor(found[found.lastgroup] if found.lastgroup else ""):
            return found
    return None


def _by_vendor(source: str) -> bool:
    """Whether all that is downloaded is vendors' own."""
    found = [_is_vendors(*match.groups("")) for match in _HOST.finditer(source)]
    return bool(found) and all(found) and source.count("://") == len(found)


def _is_vendors(scheme: str, host: str, path: str) -> bool:
    host = host.lower().removeprefix("www.")
    if scheme.lower() != "https":
        return False
    if host == "raw.githubusercontent.com":
        return path.startswith(_VENDOR_FILES)
    return host in _VENDORS or any(host.endswith(f".{vendor}") for vendor in _VENDORS)
