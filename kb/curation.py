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
    claim C0123456789abcde workaround    # it is a cause, fix or workaround
    claim C0123456789abcde entry E4K2M7PQ3A   # it is about this error of its thread

Decisions are applied last, over whatever the rules say, and undone by taking the line out again.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from kb import lazy_re as re
from kb import sql
from kb.errors import BadInputError
from kb.history import surviving
from kb.text import read_bytes

ACTIONS = ("merge", "not-same", "split", "title", "ignore")
CLAIM_ACTIONS = ("accept", "reject", "cause", "fix", "workaround", "entry")
_ID = re.compile(r"E[0-9A-Z]{6,16}\Z")
_CLAIM = re.compile(r"C[0-9a-f]{6,40}\Z")
_THREAD = re.compile(r"([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)#(\d{1,12})\Z")
_FINGERPRINT = re.compile(r"v\d+:[0-9a-f]{16}\Z")
_REMARK = re.compile(r"(?:^|\s)#(?:\s.*)?$")
_REST = {"split": "the threads or fingerprints to take out", "title": "a title"}
"""What stands behind the ids of entries."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line: the action, its entries, and the rest (what to `split` off, or a `title`). Of a
    line about a claim (`claim_id`) it is one of `CLAIM_ACTIONS`, and has an entry for `entry`.
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


@dataclass(frozen=True, slots=True)
class Curation:
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
    if action == "claim":
        return _claim_decision(line, words)
    if action not in ACTIONS:
        known = ", ".join((*ACTIONS, "claim"))
        raise ValueError(f"unknown action {action[:40]!r}; expected {known}")
    count = len(words) if action == "merge" else 2 if action == "not-same" else 1
    entries, rest = words[:count], words[count:]
    for entry in entries:
        if not _ID.match(entry):
            raise ValueError(f"{entry[:40]!r} is not an entry id")
    least = 2 if action in ("merge", "not-same") else 1
    if len(entries) < least or len(set(entries)) != len(entries):
        wants = "two or more different ids" if action == "merge" else "its ids, each once"
        raise ValueError(f"{action} wants {wants}")
    for name in rest if action == "split" else ():
        if not _THREAD.match(name) and not _FINGERPRINT.match(name):
            what = "is neither a thread (owner/name#12) nor a fingerprint"
            raise ValueError(f"{name[:60]!r} {what}")
    wants = _REST.get(action, "nothing after its ids")
    if (action in _REST) != bool(rest):
        raise ValueError(f"{action} wants {wants}")
    return Decision(line, action, tuple(entries), tuple(rest))


def _claim_decision(line: int, words: tuple[str, ...]) -> Decision:
    claim_id, action, *entries = (*words, "", "")[: max(2, len(words))]
    if not _CLAIM.match(claim_id):
        raise ValueError(f"{claim_id[:40]!r} is not the id of a claim")
    if action not in CLAIM_ACTIONS:
        raise ValueError(f"unknown decision {action[:40]!r}; expected {', '.join(CLAIM_ACTIONS)}")
    if len(entries) != (action == "entry") or not all(map(_ID.match, entries)):
        wants = "the id of an entry after it" if action == "entry" else "nothing after it"
        raise ValueError(f"claim ... {action} wants {wants}")
    return Decision(line, action, tuple(entries), claim_id=claim_id)


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
    thread = _THREAD.match(name)
    if thread is None:
        return sql.column(connection, "signatures.exists", name)
    return sql.column(connection, "mentions.fingerprints_of_thread", thread[1], int(thread[2]))


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
