"""The curation file: what a person decided about entries and claims, in the user's own repository,
read on every run. Only `faultlore review` writes to it: it adds lines at the end.

One decision a line; what stands after `#` at the start of a line or after a blank is a remark:

    merge E4K2M7PQ3A EQ7T2D5XKB          # they are one error (any number of ids)
    not-same E4K2M7PQ3A EQ7T2D5XKB       # they are two, however alike
    split E4K2M7PQ3A acme/tool#12        # what this thread (or fingerprint) reports is an error of
    its own title E4K2M7PQ3A OpenRouter 402: not enough credits
    ignore EQ7T2D5XKB                    # no page, no answer
    claim C0123456789abcde reject        # is no cause or fix, or must not be shown
    claim C0123456789abcde accept        # show it, however sure the program is
    claim C0123456789abcde workaround    # it is right, and a cause, fix or workaround
    claim C0123456789abcde entry E4K2M7PQ3A   # it is about this error of its thread

Decisions are applied last, over whatever the rules say, and undone by taking the line out again.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from kb import lazy_re as re
from kb import sql
from kb.errors import BadInputError
from kb.history import surviving
from kb.text import read_bytes

_E, _THREAD = r"E[0-9A-Z]{6,16}", r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+#\d{1,12}"
_FORMS = {
    "merge": (rf"{_E}(?: {_E})+", "two or more different ids of entries"),
    "not-same": (rf"{_E} {_E}", "two different ids of entries"),
    "split": (
        rf"{_E}(?: (?:{_THREAD}|v\d+:[0-9a-f]{{16}}))+",
        "the id of an entry, then the threads (owner/name#12) or fingerprints to take out",
    ),
    "title": (rf"{_E} .+", "the id of an entry, then a title"),
    "ignore": (_E, "the id of an entry"),
    "claim": (
        rf"C[0-9a-f]{{6,40}} (?:accept|reject|cause|fix|workaround|entry {_E})",
        "the id of a claim, then accept, reject, cause, fix, workaround, or entry and its id",
    ),
}
"""The actions, with what stands behind each: as a pattern and in words."""
_REMARK = re.compile(r"(?:^|\s)#(?:\s.*)?$")


class Decision(NamedTuple):
    """One line: the action, its entries, and the rest (what to `split` off, or a `title`). Of a
    line about a claim (`claim_id`) the action is what stands behind its id.
    """

    line: int
    action: str
    entries: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    claim_id: str | None = None

    @property
    def text(self) -> str:
        """The line without remark and spacing, as remembered in the database."""
        claim = ("claim", self.claim_id) if self.claim_id else ()
        return " ".join((*claim, self.action, *self.entries, *self.rest))

    @property
    def aspect(self) -> tuple[str | None, str]:
        """The claim of a line, and what of it the line decides."""
        return self.claim_id, _ASPECTS.get(self.action, "kind")


class Curation(NamedTuple):
    """The decisions of a file in its order, on entries and claims; `path` None: no file."""

    path: Path | None = None
    decisions: tuple[Decision, ...] = ()
    claims: tuple[Decision, ...] = ()

    def error(self, decision: Decision, problem: str) -> BadInputError:
        """A problem of a line as an error that names file and line."""
        return BadInputError(f"{self.path}:{decision.line}: {problem}")

    def of(self, action: str) -> list[Decision]:
        """The decisions of one kind."""
        return [d for d in self.decisions if d.action == action]


def read_curation(path: Path) -> Curation:
    """The decisions of a curation file.

    Raises `BadInputError`, with file and line, for a file that cannot be read, an unknown action, a
    malformed id, too few ids, or two lines that contradict each other. Whether ids exist is checked
    by `check_curation`.
    """
    try:
        with path.open("rb") as source:
            text = read_bytes(source, str(path)).decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInputError(
            f"{path}: there is no such file; make it, an empty one will do, or correct its name"
            " (--curation, --file, or 'curation' in faultlore.toml)"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise BadInputError(
            f"{path}: cannot be read ({reason}); check the option, or 'curation' in faultlore.toml"
        ) from error
    decisions = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _REMARK.sub("", line).strip()
        try:
            if bare:
                decisions.append(_decision(number, *bare.split()))
        except ValueError as error:
            raise BadInputError(f"{path}:{number}: {error}") from None
    curation = Curation(
        path,
        tuple(decision for decision in decisions if not decision.claim_id),
        tuple(decision for decision in decisions if decision.claim_id),
    )
    _check_contradictions(curation)
    return curation


def _decision(line: int, action: str, *words: str) -> Decision:
    """The decision of a line's words. Raises `ValueError` with what is wrong."""
    if action not in _FORMS:
        raise ValueError(f"unknown action {action[:40]!r}; expected {', '.join(_FORMS)}")
    form, wants = _FORMS[action]
    ids = {"merge": len(words), "not-same": 2}.get(action, 1)
    if not re.fullmatch(form, " ".join(words)) or len(set(words[:ids])) != ids:
        raise ValueError(f"{action} wants {wants}; found {' '.join(words)[:60]!r}")
    if action == "claim":
        return Decision(line, words[1], words[2:], claim_id=words[0])
    return Decision(line, action, words[:ids], words[ids:])


_ASPECTS = {"accept": "shown", "reject": "shown", "entry": "entry"}
"""What of a claim a line decides; else its kind."""


def _check_contradictions(curation: Curation) -> None:
    group: dict[str, str] = {}

    def root(entry: str) -> str:
        while group.get(entry, entry) != entry:
            entry = group[entry]
        return entry

    for decision in curation.of("merge"):
        for other in decision.entries[1:]:
            group[root(other)] = root(decision.entries[0])
    for decision in curation.of("not-same"):
        one, other = decision.entries
        if root(one) == root(other):
            raise curation.error(decision, f"{one} and {other} are merged by another line")
    first: dict[tuple[str | None, str], Decision] = {}
    for decision in curation.of("title"):
        (entry,) = decision.entries
        if (title := first.setdefault((entry, "title"), decision)) is not decision:
            raise curation.error(decision, f"{entry} has a title already, in line {title.line}")
    for decision in curation.claims:
        if (known := first.setdefault(decision.aspect, decision)).text != decision.text:
            against = f"contradicts line {known.line} on {decision.claim_id}"
            raise curation.error(decision, against)


def named_fingerprints(connection: sqlite3.Connection, name: str) -> list[str]:
    """The signatures that a word of `split` names: its own, or those of a thread."""
    repo, is_thread, number = name.partition("#")
    if not is_thread:
        return sql.column(connection, "signatures.exists", name)
    return sql.column(connection, "mentions.fingerprints_of_thread", repo, int(number))


def check_claims(connection: sqlite3.Connection, curation: Curation) -> None:
    """Checks that every claim exists. Raises `BadInputError` with file and line."""
    for claim in curation.claims:
        if sql.first(connection, "claims.exists", claim.claim_id) is None:
            raise unknown_claim(curation, claim)
        check_entries(connection, curation, claim)


def unknown_claim(curation: Curation, line: Decision) -> BadInputError:
    """The error for a line about a claim that is not known."""
    remedy = "'faultlore review' lists them, or take the line out"
    return curation.error(line, f"there is no claim {line.claim_id}; {remedy}")


def check_curation(connection: sqlite3.Connection, curation: Curation) -> None:
    """Checks that every entry and thread exists, and that a split leaves something. Raises
    `BadInputError` with file and line.
    """
    for decision in curation.decisions:
        check_entries(connection, curation, decision)
        if decision.action == "split":
            _check_split(connection, curation, decision)


def check_entries(connection: sqlite3.Connection, curation: Curation, line: Decision) -> None:
    """Raises `BadInputError` for a line about an entry that never was."""
    for entry in line.entries:
        if sql.first(connection, "entries.was_given", entry) is None:
            remedy = "look it up with 'faultlore query' or take the line out"
            raise curation.error(line, f"there is no entry {entry}; {remedy}")


def _check_split(connection: sqlite3.Connection, curation: Curation, decision: Decision) -> None:
    taken: set[str] = set()
    for name in decision.rest:
        if not (named := named_fingerprints(connection, name)):
            unknown = "reports no error that is known here; take it out of the line"
            raise curation.error(decision, f"{name} {unknown}")
        taken.update(named)
    (entry,) = decision.entries
    whole = sql.column(connection, "signatures.of_entry", surviving(connection, entry))
    parted = sql.column(connection, "entries.anchors_split_from", entry)
    if whole and not parted and taken.issuperset(whole):
        alone = "is this message alone, so that nothing is left to split it from"
        raise curation.error(decision, f"{entry} {alone}; take the line out")
