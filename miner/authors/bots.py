"""Posts that no person stands behind: bots, stale notices, automatic triage, generated answers and
summaries.

The account says it (type, app, login) or the wording does. Wording alone decides only where a
person would hardly write it: a notice that says it is automatic, a footer that asks for a thumb,
the set phrases of stale actions.
"""

from __future__ import annotations

import re2

from kb.markdown import Document, document
from miner.authors.pattern_lists import in_any_line, load_names, load_wording

_LOGINS = load_names("logins")
MAX_CHARACTERS = 20_000
"""Rules about wording read this much of a post: adverts and notices show early, logs are long."""
_SPLIT = re2.compile(r"[-_.\[\]]+")
_CAMEL_BOT = re2.compile(r"[a-z0-9](?:Bot|BOT)$")


def bot_login(login: str | None) -> bool:
    """Whether a login names a machine: `x[bot]`, `x-bot`, `bot_x`, `XBot`, or a known one."""
    if not login:
        return False
    lower = login.lower()
    if lower.endswith("[bot]") or lower in _LOGINS["known"]:
        return True
    parts = [part for part in _SPLIT.split(lower) if part]
    if not parts:
        return False
    named = parts[-1] in _LOGINS["last parts"] or parts[0] in _LOGINS["first parts"]
    return named or bool(_CAMEL_BOT.search(login))


_RULES = load_wording("bots")
_SELF = _RULES["itself"]
_FEEDBACK = _RULES["asks for a thumb"]
_GENERATED = _RULES["generated"]
_STALE = _RULES["stale"]
_CHORE = _RULES["chore"]
_FIXED = re2.compile(
    r"(?i)\b(?:fix(?:ed|es)?|caus(?:e|ed) by|solved|resolved (?:in|by|with)|merged|released"
    r"|in v?\d+\.\d+)\b"
)
_PASTED = _RULES["pasted"]


def machine_wording(text: str | Document, *, person: bool = True) -> str | None:
    """Why a post's wording shows that no person stands behind it, or None.

    `person`: the account is a person's as far as GitHub says; a stale phrase then counts only in a
    post that says nothing of a cause or a fix, since people close threads too. Answers `bot`,
    `summary`, `stale` or `triage`.
    """
    words = document(text).own_prose[:MAX_CHARACTERS]
    if _SELF.search(words) or _FEEDBACK.search(words):
        return "bot"
    lines = [line for line in words.splitlines() if line.strip()]
    if in_any_line(_GENERATED, lines[:40]):
        return "summary"
    if _STALE.search(words) or in_any_line(_STALE, lines[:12]):
        if not person or (len(words.strip()) <= 500 and not _FIXED.search(words)):
            return "stale"
        return None
    if in_any_line(_CHORE, lines[:6]):
        return "triage" if not person or len(lines) <= 6 else None
    if _PASTED.search(words) or in_any_line(_PASTED, lines[:3]):
        return "summary"
    return None
