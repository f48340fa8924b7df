"""Whether a fix that somebody proposes deletes something or takes a protection away.

One flag for every place that shows a fix: notes, pages, `query`, `show` and agents. It reads words,
so it warns too often rather than too seldom: of every command, and of every verb that deletes but
where it is said of something else ("the update will overwrite it") or refused ("without deleting").
The words are those of `rules/risks.toml`.
"""

from __future__ import annotations

from functools import lru_cache

from kb import lazy_re as re
from kb.prefilter import Quick
from kb.tables import load_patterns
from kb.text import shorten

_P = load_patterns("risks.toml")
_ENDS = r"(?!(?<=\w)\w)"
_COMMAND, _DELETES, _WEAKENS = _P["delete_commands"], _P["deletes"], _P["weakens"]
_FLAG = rf"(?<![\w-])--(?:{_P['flags']})\b"
_RISKS = Quick(rf"\b(?:{_DELETES}|{_WEAKENS}){_ENDS} | {_FLAG}", re.I | re.X)
_COMMANDS = Quick(rf"\b(?:{_COMMAND}|{_WEAKENS}){_ENDS} | {_FLAG}", re.I | re.X)
_DELETING = Quick(rf"(?:{_COMMAND})", re.I | re.X)
_DESTROYS = Quick(rf"\b(?:{_DELETES}){_ENDS}", re.I | re.X)
_SECRETS = re.compile(rf"(?i){_P['secrets']}")
_BEFORE = 60
"""Characters before a verb that say who does it."""
_REFUSED = re.compile(rf"(?ix){_P['refused']}")
_SAID_OF = re.compile(rf"(?ix){_P['said_of']}")
_OF_TEXT = re.compile(rf"(?i){_P['of_text']}")
_HAPPENS = re.compile(rf"(?ix){_P['happens']}")
_MODAL = re.compile(r"(?i)\b(?:will|would|may|might|could|can)\b")
_CONDITION = re.compile(rf"(?i){_P['condition']}")
_FETCHED_AND_RUN = Quick(rf"(?i){_P['fetched_and_run']}")
_HOST = re.compile(r"(?i)\b(https?)://([\w.-]{1,100})(?![\w.@:-])(/[^\s\"'`)]{0,200})?")
_VENDORS = frozenset(_P["vendors"].split())
_VENDOR_FILES = tuple(_P["vendor_files"].split())
_TO_MODEL = Quick(rf"(?i){_P['to_model']}")


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
    if _is_put_back(text, found):
        return False
    if _COMMANDS.own.match(text, found.start()):
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


def _is_put_back(text: str, found: re.Match[str]) -> bool:
    """Whether a package that is taken off is installed anew further on."""
    off = _TAKEN_OFF.match(text, found.start())
    return off is not None and any(off[1] in m[0] for m in _INSTALLED.finditer(text, off.end()))


_TAKEN_OFF = re.compile(r"(?i)uninstall(?: -{1,2}\w+)* ([\w.-]+)")
_INSTALLED = re.compile(r"(?i)(?<!un)install [^\n]{1,200}")


def harm(text: str) -> str | None:
    """The warning that stands before a risky fix, in words: `“rm -rf” deletes data`."""
    words = risk(text)
    if words is None:
        return None
    if _DELETING.own.match(words):
        return f"“{words.removesuffix('(')}” deletes data"
    if deletes(text):
        return "this deletes something; make sure that you can do without it"
    if _fetched_and_run(text) and not _SECRETS.match(words) and not _RISKS.own.match(words):
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
